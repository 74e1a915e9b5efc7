//! Chunked bodies on their way in (RFC 9112 section 7.1): hex digits, CRLF, data, CRLF; no blank,
//! no bare line feed, no overflow.

use std::ops::Range;

use super::extension::Extension;
use super::fault::{Limits, WireFault};
use super::fields::Fields;
use super::lines::{Lines, Opening};
use super::trailers::Trailers;
use crate::codes::Code;

/// Digits of a chunk size: 16 fill 64 bits.
const SIZE_MAX_DIGITS: u8 = 16;

/// What a step through a body gave.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Feed more.
    More,
    /// This range of the input is body.
    Data(Range<usize>),
    /// The body is over.
    End(Trailers),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Size,
    Extension,
    SizeLineFeed,
    Data,
    DataReturn,
    DataLineFeed,
    Trailers,
}

/// One chunked body.
#[derive(Debug)]
pub(crate) struct Chunks {
    state: State,
    size: u64,
    digits: u8,
    total: u64,
    extension: Extension,
    trailers: Lines,
    trailers_at: u64,
}

impl Chunks {
    pub(crate) fn new() -> Self {
        Chunks {
            state: State::Size,
            size: 0,
            digits: 0,
            total: 0,
            extension: Extension::default(),
            trailers: Lines::new(Opening::Trailers, Fields::default()),
            trailers_at: 0,
        }
    }

    /// Reads on; `seen` bytes of the message came before `input`.
    ///
    /// # Errors
    /// The first fault.
    pub(crate) fn read(
        &mut self,
        input: &[u8],
        seen: u64,
        limits: &Limits,
    ) -> Result<(usize, Piece), WireFault> {
        let mut used = 0_usize;
        while let Some(byte) = input.get(used) {
            match self.state {
                State::Data => return Ok(self.take_data(used, input.len())),
                State::Trailers => return self.read_trailers(input, used, limits),
                _ => self.step(*byte).map_err(|code| WireFault {
                    code,
                    at: after(seen, used),
                })?,
            }
            used = used.saturating_add(1);
            if self.state == State::Trailers && self.trailers.is_empty() {
                self.trailers_at = after(seen, used);
            }
        }
        Ok((used, Piece::More))
    }

    fn take_data(&mut self, start: usize, len: usize) -> (usize, Piece) {
        let there = len.saturating_sub(start);
        let take = usize::try_from(self.size).map_or(there, |size| size.min(there));
        let end = start.saturating_add(take);
        self.size = self
            .size
            .saturating_sub(u64::try_from(take).unwrap_or(u64::MAX));
        if self.size == 0 {
            self.state = State::DataReturn;
        }
        (end, Piece::Data(start..end))
    }

    fn read_trailers(
        &mut self,
        input: &[u8],
        start: usize,
        limits: &Limits,
    ) -> Result<(usize, Piece), WireFault> {
        let rest = input.get(start..).unwrap_or_default();
        let (used, is_done) = self
            .trailers
            .read(rest, limits)
            .map_err(|fault| WireFault {
                at: self.trailers_at.saturating_add(fault.at),
                ..fault
            })?;
        let piece = match is_done {
            true => Piece::End(Trailers::of(self.trailers.take().fields)),
            false => Piece::More,
        };
        Ok((start.saturating_add(used), piece))
    }

    /// One byte outside of data and trailers.
    fn step(&mut self, byte: u8) -> Result<(), Code> {
        match (self.state, byte) {
            (State::Size, b'\r') if self.digits > 0 => self.state = State::SizeLineFeed,
            (State::Size, b';') if self.digits > 0 => {
                self.extension.begin()?;
                self.state = State::Extension;
            }
            (State::Size, _) if byte.is_ascii_hexdigit() => self.add_digit(byte)?,
            (State::Extension, _) => {
                if self.extension.read(byte)? {
                    self.state = State::SizeLineFeed;
                }
            }
            (State::SizeLineFeed, b'\n') => self.begin_chunk()?,
            (State::DataReturn, b'\r') => self.state = State::DataLineFeed,
            (State::DataLineFeed, b'\n') => {
                self.digits = 0;
                self.state = State::Size;
            }
            (State::Size | State::DataReturn, b'\n') => return Err(Code::WireBareLineFeed),
            _ => return Err(Code::WireBadChunk),
        }
        Ok(())
    }

    fn add_digit(&mut self, byte: u8) -> Result<(), Code> {
        if self.digits >= SIZE_MAX_DIGITS {
            return Err(Code::WireBadChunk);
        }
        let digit = char::from(byte).to_digit(16).unwrap_or(0);
        self.size = (self.size << 4) | u64::from(digit);
        self.digits = self.digits.saturating_add(1);
        Ok(())
    }

    /// The size line is whole. `size` is 0 again after each chunk, so digits start from nothing.
    fn begin_chunk(&mut self) -> Result<(), Code> {
        self.total = self
            .total
            .checked_add(self.size)
            .ok_or(Code::WireBadChunk)?;
        self.state = match self.size {
            0 => State::Trailers,
            _ => State::Data,
        };
        Ok(())
    }
}

pub(crate) fn after(seen: u64, used: usize) -> u64 {
    seen.saturating_add(u64::try_from(used).unwrap_or(u64::MAX))
}
