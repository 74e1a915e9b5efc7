//! Which deadline passes next, and what it means.

use std::rc::Rc;
use std::task::{Context, Poll};

use bartizan_core::codes::Code;
use bartizan_core::event::Outcome;
use bartizan_core::exchange::UpstreamFailure;

use super::{Download, Relay};

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
    fn due(&self) -> (u64, Late) {
        let times = &self.options.timeouts;
        let after = |start: u64, ms: u64| start.saturating_add(ms);
        if !self.connection.out.is_empty() {
            return (after(self.client_active_ms, times.gap_ms), Late::Client);
        }
        let is_begun = matches!(self.download, Download::Streaming(_));
        let whole = if is_begun {
            u64::MAX
        } else {
            self.exchange_due
        };
        if self.is_uploading() && self.up_out.is_empty() {
            let due = self.upload.due_ms(times);
            return if due < whole {
                (due, Late::Upload)
            } else {
                (whole, Late::Upstream)
            };
        }
        let is_sent = self.up_out.is_empty() && !self.has_response_byte;
        let wait_ms = if is_sent {
            times.first_byte_ms
        } else {
            times.gap_ms
        };
        (after(self.up_active_ms, wait_ms).min(whole), Late::Upstream)
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
            Late::Client => {
                self.connection.out.clear();
                self.break_off(Outcome::TimedOut);
            }
            Late::Upload => {
                self.open.outcome = Outcome::TimedOut;
                self.fault_upload(Code::WireBodyTimeout);
            }
            Late::Upstream => self.fail(UpstreamFailure::Timeout),
        }
        Poll::Ready(())
    }
}
