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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use bartizan_core::wire::Limits;

    /// The body behind this head, and what came of it.
    pub(crate) fn begun(head: &str, body: &str) -> (Upload, Inbox) {
        let mut reader = Box::new(RequestReader::new(Limits::default()));
        let mut inbox = Inbox::holding(format!("{head}{body}").as_bytes());
        let (consumed, event) = reader.read(inbox.bytes());
        inbox.consume(consumed);
        let RequestEvent::Head(head) = event else {
            panic!("the head is whole")
        };
        (Upload::new(reader, &head, &Timeouts::default()), inbox)
    }

    fn told(upload: &mut Upload, inbox: &mut Inbox) -> Option<String> {
        upload.next(inbox, |piece| match piece {
            Piece::Data(data) => String::from_utf8(data.to_vec()).unwrap(),
            Piece::End(_) => "end".to_owned(),
            Piece::Fault(fault) => fault.code.name().to_owned(),
        })
    }

    const CHUNKED: &str = "PUT /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n";
    const FIVE: &str = "PUT /a HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n";

    #[test]
    fn a_body_comes_in_pieces_and_then_its_end() {
        let (mut upload, mut inbox) = begun(CHUNKED, "3\r\nabc\r\n0\r\n\r\n");
        assert_eq!(told(&mut upload, &mut inbox).as_deref(), Some("abc"));
        assert!(upload.has_begun() && !upload.is_done());
        assert_eq!(told(&mut upload, &mut inbox).as_deref(), Some("end"));
        assert!(upload.is_done() && inbox.is_empty());
    }

    #[test]
    fn missing_bytes_are_waited_for_and_wrong_ones_told() {
        let (mut upload, mut inbox) = begun(FIVE, "ab");
        assert_eq!(told(&mut upload, &mut inbox).as_deref(), Some("ab"));
        assert_eq!(told(&mut upload, &mut inbox), None);
        let (mut upload, mut inbox) = begun(CHUNKED, "x\r\n");
        assert!(told(&mut upload, &mut inbox).unwrap().starts_with("wire."));
    }

    #[test]
    fn what_is_skipped_leaves_the_next_request_alone() {
        let (mut upload, mut inbox) = begun(FIVE, "abcdeGET");
        upload.skip(&mut inbox);
        assert!(upload.is_done());
        assert_eq!(inbox.bytes(), b"GET");
        let (mut upload, mut inbox) = begun(FIVE, "ab");
        upload.skip(&mut inbox);
        assert!(!upload.is_done());
    }

    #[test]
    fn an_invitation_is_given_once_and_remembered() {
        let (mut upload, _) = begun(FIVE, "");
        let mut out = Vec::new();
        assert!(!upload.was_invited());
        upload.invite(&mut out);
        assert!(upload.was_invited());
        assert_eq!(out, b"HTTP/1.1 100 Continue\r\n\r\n");
    }
}
