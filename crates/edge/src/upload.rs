//! The body of a request on its way in.

use bartizan_core::wire::{Framing, RequestEvent, RequestHead, RequestReader, Trailers, WireFault};

use crate::buffer::Inbox;
use crate::options::Timeouts;
use crate::pace::Pace;

/// One piece of a body.
pub(crate) enum Piece<'a> {
    /// Decoded bytes.
    Data(&'a [u8]),
    /// The body is whole.
    End(Trailers),
    /// The body is malformed.
    Fault(WireFault),
}

/// The reader of one request body, and how fast it comes in.
pub(crate) struct Upload {
    reader: Box<RequestReader>,
    framing: Framing,
    received: u64,
    pace: Pace,
    is_done: bool,
    is_invited: bool,
}

impl Upload {
    /// The body that follows `head`.
    pub(crate) fn new(reader: Box<RequestReader>, head: &RequestHead, timeouts: &Timeouts) -> Self {
        let framing = head.framing();
        Upload {
            reader,
            framing,
            received: 0,
            pace: Pace::new(timeouts),
            is_done: false,
            is_invited: false,
        }
    }

    /// How the client framed it.
    pub(crate) fn framing(&self) -> Framing {
        self.framing
    }

    /// Whether its last byte was read.
    pub(crate) fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whether any byte of it was read.
    pub(crate) fn has_begun(&self) -> bool {
        self.received > 0
    }

    /// Whether `100 Continue` was sent.
    pub(crate) fn was_invited(&self) -> bool {
        self.is_invited
    }

    /// Appends `100 Continue`. The API never sees the expectation: we answer for it, after the
    /// stages that need no body.
    pub(crate) fn invite(&mut self, out: &mut Vec<u8>) {
        self.is_invited = true;
        out.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
    }

    /// When it is too slow, now that it is waited for.
    pub(crate) fn due_ms(&mut self, now_ms: u64) -> u64 {
        self.pace.due_ms(self.received, now_ms)
    }

    /// It is not waited for: the API is slower.
    pub(crate) fn pause(&mut self, now_ms: u64) {
        self.pace.pause(now_ms);
    }

    /// Reads the next piece that is here. `None`: bytes are missing.
    pub(crate) fn next<T>(
        &mut self,
        inbox: &mut Inbox,
        take: impl FnOnce(Piece<'_>) -> T,
    ) -> Option<T> {
        let (consumed, event) = self.reader.read(inbox.bytes());
        let taken = match event {
            RequestEvent::Data(range) => {
                let data = inbox.bytes().get(range).unwrap_or_default();
                let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
                self.received = self.received.saturating_add(length);
                Some(take(Piece::Data(data)))
            }
            RequestEvent::End(trailers) => {
                self.is_done = true;
                Some(take(Piece::End(trailers)))
            }
            RequestEvent::Fault(fault) => Some(take(Piece::Fault(fault))),
            RequestEvent::Head(_) | RequestEvent::More => None,
        };
        inbox.consume(consumed);
        taken
    }

    /// Reads off what is here; stops where bytes are missing or wrong.
    pub(crate) fn skip(&mut self, inbox: &mut Inbox) {
        while !self.is_done {
            let more = self.next(inbox, |piece| matches!(piece, Piece::Data(_)));
            if more != Some(true) {
                return;
            }
        }
    }
}
