//! Which deadline passes next, and what it means.

use std::os::fd::AsFd;
use std::rc::Rc;
use std::task::{Context, Poll};

use bartizan_core::codes::Code;
use bartizan_core::event::Outcome;
use bartizan_core::exchange::UpstreamFailure;

use super::{Download, Relay};
use crate::os;

/// Which deadline passes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Late {
    /// The client does not take what we send.
    Client,
    /// The client sends its body too slowly.
    Upload,
    /// The API does not take, or does not answer.
    Upstream,
}

impl Relay<'_> {
    fn due(&mut self) -> (u64, Late) {
        let now_ms = self.connection.watch.now_ms();
        if !self.connection.out.is_empty() {
            self.upload.pause(now_ms);
            return (self.download_due(now_ms), Late::Client);
        }
        if self.is_uploading() && self.up_out.is_empty() {
            return (self.upload.due_ms(now_ms), Late::Upload);
        }
        self.upload.pause(now_ms);
        let silent = self.up_active_ms.saturating_add(self.patience_ms());
        (silent.min(self.whole_due()), Late::Upstream)
    }

    /// How long the API may be silent.
    fn patience_ms(&self) -> u64 {
        let times = &self.options.timeouts;
        match (self.has_response_byte, self.up_out.is_empty()) {
            (false, true) => times.first_byte_ms,
            _ if self.is_event_stream => times.stream_idle_ms,
            _ => times.gap_ms,
        }
    }

    /// When the whole Exchange is over. What streams in either direction has its rate instead.
    fn whole_due(&self) -> u64 {
        let is_streaming = matches!(self.download, Download::Streaming(_));
        match is_streaming || self.is_event_stream || self.up_body.is_some() {
            true => u64::MAX,
            false => self.exchange_due,
        }
    }

    /// When the client takes too slowly. What counts is what it has confirmed: bytes that only
    /// lie in the send buffer of the kernel are not taken yet.
    fn download_due(&mut self, now_ms: u64) -> u64 {
        let due = self.download_pace.due_ms(0, now_ms);
        if due > now_ms {
            return due;
        }
        let queued = os::unread_bytes(self.connection.stream.as_fd()).unwrap_or(0);
        let queued = u64::try_from(queued).unwrap_or(u64::MAX);
        let taken = self.written.saturating_sub(queued);
        self.download_pace.due_ms(taken, now_ms)
    }

    /// Ready when a deadline passed and was dealt with.
    pub(super) fn poll_deadline(&mut self, context: &Context<'_>) -> Poll<()> {
        let (due, late) = self.due();
        let watch = Rc::clone(&self.connection.watch);
        watch.set(due.saturating_add(crate::deadline::TICK_MS));
        if watch.poll(context).is_pending() {
            return Poll::Pending;
        }
        match late {
            Late::Client => self.cut_client(),
            Late::Upload => {
                self.open.outcome = Outcome::TimedOut;
                self.fault_upload(Code::WireBodyTimeout);
            }
            Late::Upstream => self.fail(UpstreamFailure::Timeout),
        }
        Poll::Ready(())
    }

    /// A client that does not read would not read the end either: what waits for it in the kernel
    /// goes with the connection.
    fn cut_client(&mut self) {
        self.connection.out.clear();
        self.break_off(Outcome::TimedOut);
        self.reset_on_close();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bartizan_core::budget::Bounds;
    use bartizan_core::wire::Limits;

    use super::*;
    use crate::answer_out::Asked;
    use crate::testing::{connection, open, worker};
    use crate::upload::tests::begun;

    const DUE: u64 = 1_000_000;

    /// What is waited for in a Relay that `set` was done to.
    async fn late(set: impl FnOnce(&mut Relay<'_>)) -> (u64, Late) {
        let worker = worker();
        let (mut connection, _client) = connection(&worker).await;
        let head = "PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n";
        let options = Arc::clone(&worker.generation().options);
        let (upload, asked) = (begun(head, "").0, Asked::default());
        let limits = Limits::of_responses(&Bounds::default());
        let open = open(&worker);
        let mut relay = Relay::new(&mut connection, open, upload, asked, options, limits, DUE);
        relay.up_active_ms = 0;
        set(&mut relay);
        relay.due()
    }

    #[tokio::test]
    async fn an_api_that_has_the_request_has_less_time_than_one_that_answers() {
        assert_eq!(late(|_| {}).await, (15_000, Late::Upstream));
        let begun = late(|relay| relay.has_response_byte = true).await;
        assert_eq!(begun, (30_000, Late::Upstream));
    }

    #[tokio::test]
    async fn an_event_stream_may_be_silent_and_nothing_is_longer_than_the_exchange() {
        let stream = |relay: &mut Relay<'_>| {
            (relay.has_response_byte, relay.is_event_stream) = (true, true);
        };
        assert_eq!(late(stream).await, (300_000, Late::Upstream));
        let whole = late(|relay| relay.exchange_due = 10).await;
        assert_eq!(whole, (10, Late::Upstream));
    }

    #[tokio::test]
    async fn whoever_holds_up_the_bytes_is_waited_for() {
        let full = |relay: &mut Relay<'_>| relay.connection.out.bytes().push(b'x');
        assert_eq!(late(full).await.1, Late::Client);
        let uploading = |relay: &mut Relay<'_>| {
            let framing = relay.upload.framing();
            relay.up_body = Some(bartizan_core::wire::BodyWriter::new(framing));
            relay.exchange_due = 10;
        };
        assert_eq!(
            late(uploading).await.1,
            Late::Upload,
            "the exchange does not end it"
        );
    }
}
