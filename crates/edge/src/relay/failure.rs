//! What goes wrong under way.

use bartizan_core::event::Outcome;
use bartizan_core::exchange::{Reply, UpstreamFailure};
use bartizan_core::wire::ResponseEvent;

use super::{Download, Relay};

impl Relay<'_> {
    /// The API closed: the end of a body that lasts until then, else a failure.
    pub(super) fn end_of_upstream(&mut self) {
        self.is_reusable = false;
        match self.response.close() {
            ResponseEvent::End(trailers) => self.take_end(trailers),
            _ => self.fail(UpstreamFailure::Truncated),
        }
    }

    pub(super) fn fail(&mut self, kind: UpstreamFailure) {
        self.lease = None;
        self.is_reusable = false;
        self.open.outcome = match kind {
            UpstreamFailure::Timeout => Outcome::TimedOut,
            _ => Outcome::UpstreamFailed,
        };
        match self
            .open
            .run_untimed(|exchange| exchange.upstream_failed(kind))
        {
            Ok(Reply::Replace(answer)) | Err(answer) => self.replace(&answer),
            Ok(_) => self.break_off(self.open.outcome),
        }
    }

    /// The client gets a message that is visibly incomplete: no last chunk, too few bytes, or,
    /// where only the close would end it, a reset.
    pub(super) fn break_off(&mut self, outcome: Outcome) {
        self.open.outcome = outcome;
        if self.is_until_close {
            self.reset_on_close();
        }
        self.lease = None;
        self.download = Download::Broken;
    }

    pub(super) fn reset_on_close(&self) {
        let socket = socket2::SockRef::from(&self.connection.stream);
        let _ = socket.set_linger(Some(std::time::Duration::ZERO));
    }
}
