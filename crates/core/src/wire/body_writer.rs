//! Bodies of both sides on their way out: framing around data, and never another total than
//! announced.

use super::head::Framing;
use super::number::write_hex;
use super::trailers::Trailers;

/// More or fewer bytes than the framing announced. Sending on would desynchronise the connection:
/// close it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongLength;

/// Writes one body. Nothing is written by a call that fails.
#[derive(Debug)]
pub struct BodyWriter {
    framing: Framing,
    left: u64,
    is_done: bool,
}

impl BodyWriter {
    /// A body framed as its head announced.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        let left = match framing {
            Framing::Length(length) => length,
            Framing::Empty => 0,
            Framing::Chunked | Framing::UntilClose => u64::MAX,
        };
        BodyWriter {
            framing,
            left,
            is_done: false,
        }
    }

    /// Appends `data` with its framing. An empty chunk would end the body, so empty data writes
    /// nothing.
    ///
    /// # Errors
    /// `WrongLength` beyond the announced length, and after the end.
    pub fn write(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), WrongLength> {
        let len = u64::try_from(data.len()).map_err(|_| WrongLength)?;
        if len == 0 {
            return Ok(());
        }
        if self.is_done {
            return Err(WrongLength);
        }
        match self.framing {
            Framing::Chunked => {
                write_hex(len, out);
                out.extend_from_slice(b"\r\n");
                out.extend_from_slice(data);
                out.extend_from_slice(b"\r\n");
            }
            Framing::UntilClose => out.extend_from_slice(data),
            Framing::Length(_) | Framing::Empty => {
                self.left = self.left.checked_sub(len).ok_or(WrongLength)?;
                out.extend_from_slice(data);
            }
        }
        Ok(())
    }

    /// Ends the body. Trailers are written in chunks only; elsewhere they have no place and are
    /// dropped (RFC 9110 section 6.5.1).
    ///
    /// # Errors
    /// `WrongLength` before the announced length, and after the end.
    pub fn end(&mut self, trailers: &Trailers, out: &mut Vec<u8>) -> Result<(), WrongLength> {
        let is_short = matches!(self.framing, Framing::Length(_)) && self.left > 0;
        if self.is_done || is_short {
            return Err(WrongLength);
        }
        self.is_done = true;
        if self.framing == Framing::Chunked {
            out.extend_from_slice(b"0\r\n");
            trailers.write(out);
            out.extend_from_slice(b"\r\n");
        }
        Ok(())
    }

    /// Whether the end is written.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(framing: Framing, parts: &[&[u8]]) -> Result<Vec<u8>, WrongLength> {
        let mut writer = BodyWriter::new(framing);
        let mut out = Vec::new();
        for part in parts {
            writer.write(part, &mut out)?;
        }
        writer.end(&Trailers::default(), &mut out)?;
        Ok(out)
    }

    #[test]
    fn each_framing_is_written_and_wrong_totals_are_refused() {
        let parts: [&[u8]; 3] = [b"ab", b"", b"cde"];
        assert_eq!(written(Framing::Length(5), &parts), Ok(b"abcde".to_vec()));
        assert_eq!(written(Framing::UntilClose, &parts), Ok(b"abcde".to_vec()));
        let chunks = b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n".to_vec();
        assert_eq!(written(Framing::Chunked, &parts), Ok(chunks));
        assert_eq!(written(Framing::Empty, &[]), Ok(vec![]));
        assert_eq!(written(Framing::Length(4), &parts), Err(WrongLength));
        assert_eq!(written(Framing::Length(6), &parts), Err(WrongLength));
        assert_eq!(written(Framing::Empty, &parts), Err(WrongLength));
    }

    #[test]
    fn nothing_is_written_after_the_end() {
        let mut writer = BodyWriter::new(Framing::Chunked);
        let mut out = Vec::new();
        writer.end(&Trailers::default(), &mut out).unwrap();
        assert!(writer.is_done());
        assert_eq!(writer.write(b"x", &mut out), Err(WrongLength));
        assert_eq!(writer.end(&Trailers::default(), &mut out), Err(WrongLength));
        assert_eq!(out, b"0\r\n\r\n");
    }
}
