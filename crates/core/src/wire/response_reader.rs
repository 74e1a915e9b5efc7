//! The client side: bytes of the upstream to events. As strict as the server side: an upstream
//! that can be desynchronised is a way to other clients' answers.

use std::ops::Range;

use super::body::Body;
use super::chunks::{Piece, after};
use super::fault::{Limits, WireFault};
use super::fields::Fields;
use super::head::{Buffers, Framing, ResponseHead};
use super::lines::{Lines, Opening};
use super::request_reader::Phase;
use super::trailers::Trailers;
use crate::codes::Code;

/// What the bytes say.
#[derive(Debug)]
pub enum ResponseEvent {
    /// Feed more bytes.
    More,
    /// An interim (1xx) head; the final one is still to come.
    Interim(ResponseHead),
    /// The final head.
    Head(ResponseHead),
    /// This range of the input is body, decoded.
    Data(Range<usize>),
    /// The response is over.
    End(Trailers),
    /// Refused; every later call gives the same.
    Fault(WireFault),
}

/// Reads the responses of one connection, one for each `expect`.
#[derive(Debug)]
pub struct ResponseReader {
    limits: Limits,
    lines: Lines,
    body: Body,
    phase: Phase,
    is_head: bool,
    keep_alive: bool,
    interims: u32,
    seen: u64,
    head_at: u64,
    fault: Option<WireFault>,
}

impl ResponseReader {
    /// A reader that expects nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        ResponseReader {
            limits,
            lines: Lines::new(Opening::Response, Fields::default()),
            body: Body::new(Framing::Empty),
            phase: Phase::Done,
            is_head: false,
            keep_alive: true,
            interims: 0,
            seen: 0,
            head_at: 0,
            fault: None,
        }
    }

    /// A request with `method` was sent: its response comes next. False, and nothing done, while
    /// one is under way, after a fault, or when the connection does not go on.
    pub fn expect(&mut self, method: &[u8]) -> bool {
        let is_free = self.phase == Phase::Done && self.keep_alive;
        if is_free {
            self.phase = Phase::Idle;
            self.is_head = method == b"HEAD";
            self.interims = 0;
            self.seen = 0;
            self.head_at = 0;
        }
        is_free
    }

    /// Reads on: (bytes of `input` that are used up, event). Call again with the rest until
    /// `More`. Bytes that nobody expects stay unused.
    pub fn read(&mut self, input: &[u8]) -> (usize, ResponseEvent) {
        if let Some(fault) = self.fault {
            return (0, ResponseEvent::Fault(fault));
        }
        let read = match self.phase {
            Phase::Idle | Phase::Head => self.read_head(input),
            Phase::Body => self.read_body(input),
            Phase::Done | Phase::Failed => Ok((0, ResponseEvent::More)),
        };
        match read {
            Ok((used, event)) => {
                self.seen = after(self.seen, used);
                (used, event)
            }
            Err(fault) => (0, ResponseEvent::Fault(self.fail(fault))),
        }
    }

    fn read_head(&mut self, input: &[u8]) -> Result<(usize, ResponseEvent), WireFault> {
        if input.is_empty() {
            return Ok((0, ResponseEvent::More));
        }
        self.phase = Phase::Head;
        let head_at = self.head_at;
        let later = |fault: WireFault| WireFault {
            at: head_at.saturating_add(fault.at),
            ..fault
        };
        let (used, is_done) = self.lines.read(input, &self.limits).map_err(later)?;
        if !is_done {
            return Ok((used, ResponseEvent::More));
        }
        let head = ResponseHead::from_lines(self.lines.take(), self.is_head).map_err(later)?;
        match head.status() {
            ..200 => self.take_interim(head, used),
            _ => {
                self.body = Body::new(head.framing());
                self.keep_alive = head.keep_alive();
                self.phase = Phase::Body;
                Ok((used, ResponseEvent::Head(head)))
            }
        }
    }

    /// We never ask for a protocol switch, so 101 is not an answer to us.
    fn take_interim(
        &mut self,
        head: ResponseHead,
        used: usize,
    ) -> Result<(usize, ResponseEvent), WireFault> {
        let at = self.head_at;
        self.interims = self.interims.saturating_add(1);
        self.head_at = after(self.seen, used);
        if head.status() == 101 {
            return Err(WireFault {
                code: Code::WireUpgradeRefused,
                at,
            });
        }
        match self.interims > self.limits.interim_max {
            true => Err(WireFault {
                code: Code::WireTooManyInterim,
                at,
            }),
            false => Ok((used, ResponseEvent::Interim(head))),
        }
    }

    fn read_body(&mut self, input: &[u8]) -> Result<(usize, ResponseEvent), WireFault> {
        let (used, piece) = self.body.read(input, self.seen, &self.limits)?;
        let event = match piece {
            Piece::More => ResponseEvent::More,
            Piece::Data(range) => ResponseEvent::Data(range),
            Piece::End(trailers) => {
                self.phase = Phase::Done;
                ResponseEvent::End(trailers)
            }
        };
        Ok((used, event))
    }

    fn fail(&mut self, fault: WireFault) -> WireFault {
        self.phase = Phase::Failed;
        self.fault = Some(fault);
        fault
    }

    /// The upstream sends no more: the end of a body without length, else a fault. Ask `phase`
    /// first to tell a connection that closed while idle (`Idle`: no byte of an answer came).
    pub fn close(&mut self) -> ResponseEvent {
        match (self.fault, self.phase, &self.body) {
            (Some(fault), ..) => ResponseEvent::Fault(fault),
            (None, Phase::Body, Body::UntilClose) => {
                self.phase = Phase::Done;
                ResponseEvent::End(Trailers::default())
            }
            (None, Phase::Body, Body::Left(0)) => {
                self.phase = Phase::Done;
                self.keep_alive = false;
                ResponseEvent::End(Trailers::default())
            }
            (None, Phase::Done, _) => ResponseEvent::More,
            _ => ResponseEvent::Fault(self.fail(WireFault {
                code: Code::WireTruncated,
                at: self.seen,
            })),
        }
    }

    /// Whether the connection can carry another request, with `left` received bytes unused. Bytes
    /// after the response belong to no request, so the connection is not used again.
    #[must_use]
    pub fn is_reusable(&self, left: usize) -> bool {
        self.phase == Phase::Done && self.keep_alive && left == 0
    }

    /// Lends memory to the next head; ignored while a head is under way.
    pub fn recycle(&mut self, buffers: Buffers) {
        if self.lines.is_empty() {
            self.lines = Lines::new(Opening::Response, buffers.slim());
        }
    }

    /// Where the reader stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Bytes of the response read so far, interim heads and framing included.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }
}
