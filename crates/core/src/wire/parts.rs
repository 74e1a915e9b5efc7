//! Heads out of parts that did not come as bytes. They are printed and read by the one reader, so
//! no second set of checks exists.

use super::class::token_len;
use super::fault::{Limits, WireFault};
use super::fields::Fields;
use super::head::Framing;
use super::lines::{Lines, Opening};
use crate::codes::Code;

/// Reads `bytes` (a start line with its end) followed by `fields`.
///
/// # Errors
/// The first fault, also when a part holds a line end and so would become two lines.
pub(crate) fn read<'f>(
    opening: Opening,
    mut bytes: Vec<u8>,
    fields: impl IntoIterator<Item = (&'f [u8], &'f [u8])>,
    limits: &Limits,
) -> Result<Lines, WireFault> {
    let mut starts = Vec::with_capacity(16);
    check_single_line(&bytes, 0)?;
    for (name, value) in fields {
        let start = bytes.len();
        if token_len(name) != name.len() {
            return Err(WireFault::new(Code::WireBadField, start));
        }
        starts.push(start);
        for part in [name, b": ", value, b"\r\n"] {
            bytes.extend_from_slice(part);
        }
        check_single_line(bytes.get(start..).unwrap_or_default(), start)?;
    }
    bytes.extend_from_slice(b"\r\n");
    let mut lines = Lines::new(opening, Fields::default());
    match lines.read(&bytes, limits)? {
        (used, true) if used == bytes.len() => Ok(lines),
        (used, _) => Err(WireFault::new(Code::WireBadField, used)),
    }
}

/// One CR and one LF, and those at the end: else a part holds a line end.
fn check_single_line(line: &[u8], start: usize) -> Result<(), WireFault> {
    let is_end = |byte: &u8| matches!(*byte, b'\r' | b'\n');
    let first = line.iter().position(is_end).unwrap_or(line.len());
    match first.saturating_add(2) == line.len() {
        true => Ok(()),
        false => Err(WireFault::new(
            match start {
                0 => Code::WireBadRequestLine,
                _ => Code::WireBadField,
            },
            start.saturating_add(first),
        )),
    }
}

/// `given` stands when the length fields that were `read` do not contradict it. Chunked is a matter
/// of one connection, so whoever holds the whole body may give its length.
///
/// # Errors
/// `wire.bad-length` for another length, `wire.length-and-chunked` for chunks beside a length.
pub(crate) fn settle(read: Framing, given: Framing) -> Result<Framing, WireFault> {
    let given_length = match given {
        Framing::Length(length) => Some(length),
        Framing::Empty => Some(0),
        Framing::Chunked | Framing::UntilClose => None,
    };
    match (read, given_length) {
        (Framing::Length(length), Some(given)) if length != given => {
            Err(WireFault::new(Code::WireBadLength, 0))
        }
        (Framing::Length(_), None) => Err(WireFault::new(Code::WireLengthAndChunked, 0)),
        _ => Ok(given),
    }
}
