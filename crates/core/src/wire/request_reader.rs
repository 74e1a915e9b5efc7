//! The server side: bytes of a client to events.

use std::ops::Range;

use super::body::Body;
use super::chunks::{Piece, after};
use super::fault::{Limits, WireFault};
use super::fields::Fields;
use super::head::{Buffers, Framing, RequestHead};
use super::lines::{Lines, Opening};
use super::trailers::Trailers;
use crate::codes::Code;

/// Where a reader stands; deadlines hang on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No byte of the message yet.
    Idle,
    /// Inside the head.
    Head,
    /// The head is given, the end is not.
    Body,
    /// The message is over; `start_next` or `expect` begins another.
    Done,
    /// A fault was given; nothing is read any more.
    Failed,
}

/// What the bytes say.
#[derive(Debug)]
pub enum RequestEvent {
    /// Feed more bytes (in `Done`: begin the next message).
    More,
    /// The head.
    Head(RequestHead),
    /// This range of the input is body, decoded.
    Data(Range<usize>),
    /// The request is over.
    End(Trailers),
    /// Refused; every later call gives the same.
    Fault(WireFault),
}

/// Reads the requests of one connection, one at a time. It holds no body and at most one head.
#[derive(Debug)]
pub struct RequestReader {
    limits: Limits,
    lines: Lines,
    body: Body,
    phase: Phase,
    seen: u64,
    fault: Option<WireFault>,
}

impl RequestReader {
    /// A reader before its first request.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        RequestReader {
            limits,
            lines: Lines::new(Opening::Request, Fields::default()),
            body: Body::new(Framing::Empty),
            phase: Phase::Idle,
            seen: 0,
            fault: None,
        }
    }

    /// Reads on: (bytes of `input` that are used up, event). Call again with the rest until
    /// `More`. Cost: O(bytes used); a head is copied once, a body never.
    pub fn read(&mut self, input: &[u8]) -> (usize, RequestEvent) {
        if let Some(fault) = self.fault {
            return (0, RequestEvent::Fault(fault));
        }
        let read = match self.phase {
            Phase::Idle | Phase::Head => self.read_head(input),
            Phase::Body => self.read_body(input),
            Phase::Done | Phase::Failed => Ok((0, RequestEvent::More)),
        };
        match read {
            Ok((used, event)) => {
                self.seen = after(self.seen, used);
                (used, event)
            }
            Err(fault) => (0, RequestEvent::Fault(self.fail(fault))),
        }
    }

    fn read_head(&mut self, input: &[u8]) -> Result<(usize, RequestEvent), WireFault> {
        if input.is_empty() {
            return Ok((0, RequestEvent::More));
        }
        self.phase = Phase::Head;
        let (used, is_done) = self.lines.read(input, &self.limits)?;
        if !is_done {
            return Ok((used, RequestEvent::More));
        }
        let head = RequestHead::from_lines(self.lines.take())?;
        self.body = Body::new(head.framing());
        self.phase = Phase::Body;
        Ok((used, RequestEvent::Head(head)))
    }

    fn read_body(&mut self, input: &[u8]) -> Result<(usize, RequestEvent), WireFault> {
        let (used, piece) = self.body.read(input, self.seen, &self.limits)?;
        let event = match piece {
            Piece::More => RequestEvent::More,
            Piece::Data(range) => RequestEvent::Data(range),
            Piece::End(trailers) => {
                self.phase = Phase::Done;
                RequestEvent::End(trailers)
            }
        };
        Ok((used, event))
    }

    fn fail(&mut self, fault: WireFault) -> WireFault {
        self.phase = Phase::Failed;
        self.fault = Some(fault);
        fault
    }

    /// The client sends no more.
    ///
    /// # Errors
    /// `wire.truncated` inside a message; the earlier fault after one.
    pub fn close(&mut self) -> Result<(), WireFault> {
        match (self.fault, self.phase) {
            (Some(fault), _) => Err(fault),
            (None, Phase::Head | Phase::Body) => Err(self.fail(WireFault {
                code: Code::WireTruncated,
                at: self.seen,
            })),
            _ => Ok(()),
        }
    }

    /// Begins the next request. False, and nothing done, while one is under way or after a fault.
    pub fn start_next(&mut self) -> bool {
        let is_done = self.phase == Phase::Done;
        if is_done {
            self.phase = Phase::Idle;
            self.seen = 0;
        }
        is_done
    }

    /// Lends memory to the next head; ignored while a head is under way. Large memory is let go,
    /// so that an idle connection holds little.
    pub fn recycle(&mut self, buffers: Buffers) {
        if self.lines.is_empty() {
            self.lines = Lines::new(Opening::Request, buffers.slim());
        }
    }

    /// Takes the lent memory out again, for an idle connection that shall hold nothing.
    pub fn take_buffers(&mut self) -> Buffers {
        match self.lines.is_empty() {
            true => Buffers(self.lines.take().fields),
            false => Buffers::default(),
        }
    }

    /// Where the reader stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Bytes of the message read so far, framing included.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }
}
