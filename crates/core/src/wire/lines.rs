//! The one reader of heads and trailers. Lines are judged where they lie in the input; the bytes
//! are copied once. A line is judged only when it is whole, and sizes come first, so every split
//! of the same bytes gives the same result.

use memchr::memchr;

use super::class::{bad_value_byte, token_len, trim_blanks};
use super::facts::Facts;
use super::fault::{Limits, WireFault};
use super::fields::Fields;
use super::head::{Field, Span, Version};
use super::start_line::{StartLine, read_request_line, read_status_line};
use crate::codes::Code;

/// What stands before the field lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// A request line.
    Request,
    /// A status line.
    Response,
    /// Nothing: these are trailers.
    Trailers,
}

/// A head on its way in.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) fields: Fields,
    pub(crate) start: StartLine,
    pub(crate) facts: Facts,
    opening: Opening,
    line_start: usize,
}

/// A field line without anything odd.
struct CleanLine<'b> {
    name: &'b [u8],
    value: &'b [u8],
    /// One past its line end.
    end: usize,
}

impl Lines {
    /// Nothing read yet; `fields` lends its memory.
    pub(crate) fn new(opening: Opening, mut fields: Fields) -> Self {
        fields.bytes.clear();
        fields.lines.clear();
        Lines {
            fields,
            start: StartLine::default(),
            facts: Facts::default(),
            opening,
            line_start: 0,
        }
    }

    /// Whether no byte has come yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.bytes.is_empty()
    }

    /// Takes the memory out and starts again.
    pub(crate) fn take(&mut self) -> Lines {
        let opening = self.opening;
        std::mem::replace(self, Lines::new(opening, Fields::default()))
    }

    /// Reads on: (bytes used, whether the empty line came).
    ///
    /// # Errors
    /// The first fault, `at` counted from the first byte given to this value.
    pub(crate) fn read(
        &mut self,
        input: &[u8],
        limits: &Limits,
    ) -> Result<(usize, bool), WireFault> {
        if !self.is_empty() {
            return self.read_on(input, limits);
        }
        let end = self.judge(input, 0, limits)?;
        let used = end.unwrap_or(input.len());
        self.fields
            .bytes
            .extend_from_slice(input.get(..used).unwrap_or(input));
        Ok((used, end.is_some()))
    }

    /// The head came in pieces: copy line by line, so that no byte of the body is taken.
    fn read_on(&mut self, input: &[u8], limits: &Limits) -> Result<(usize, bool), WireFault> {
        let mut used = 0_usize;
        loop {
            let rest = input.get(used..).unwrap_or_default();
            if rest.is_empty() {
                return Ok((used, false));
            }
            let take = memchr(b'\n', rest).map_or(rest.len(), |at| at.saturating_add(1));
            let mut bytes = std::mem::take(&mut self.fields.bytes);
            let from = bytes.len();
            bytes.extend_from_slice(rest.get(..take).unwrap_or(rest));
            let judged = self.judge(&bytes, from, limits);
            self.fields.bytes = bytes;
            used = used.saturating_add(take);
            if judged?.is_some() {
                return Ok((used, true));
            }
        }
    }

    /// Judges every whole line of `bytes`, of which `from` were searched before. Gives the end of
    /// the head once the empty line is there.
    fn judge(
        &mut self,
        bytes: &[u8],
        from: usize,
        limits: &Limits,
    ) -> Result<Option<usize>, WireFault> {
        if from == 0 {
            self.check_first(bytes)?;
        }
        let mut from = from;
        loop {
            if from == self.line_start
                && let Some(line) = self.clean_line(bytes)
            {
                self.keep_clean(&line, limits)?;
                from = line.end;
                continue;
            }
            let Some(found) = memchr(b'\n', bytes.get(from..).unwrap_or_default()) else {
                break;
            };
            let end = from.saturating_add(found).saturating_add(1);
            self.check_size(end, limits)?;
            let at = std::mem::replace(&mut self.line_start, end);
            let line = match bytes.get(at..end) {
                Some([line @ .., b'\r', b'\n']) => line,
                _ => {
                    return Err(WireFault::new(
                        Code::WireBareLineFeed,
                        end.saturating_sub(1),
                    ));
                }
            };
            if line.is_empty() {
                return Ok(Some(end));
            }
            self.judge_line(line, at, limits)?;
            from = end;
        }
        self.check_size(bytes.len(), limits)?;
        Ok(None)
    }

    /// A first byte that can start no message is refused at once: other protocols (TLS) may never
    /// send a line end. An empty line before the request line is refused too: it is not needed,
    /// and how many of them a reader skips differs.
    fn check_first(&self, bytes: &[u8]) -> Result<(), WireFault> {
        let code = match (self.opening, bytes.first()) {
            (Opening::Request, Some(b'\r' | b'\n' | b' ')) => Code::WireBadRequestLine,
            (Opening::Request, Some(first)) if !super::class::is_token_byte(*first) => {
                Code::WireBadMethod
            }
            (Opening::Response, Some(first)) if *first != b'H' => Code::WireBadStatusLine,
            _ => return Ok(()),
        };
        Err(WireFault::new(code, 0))
    }

    /// `seen` bytes of the head are there, and the line under way does not end before them.
    fn check_size(&self, seen: usize, limits: &Limits) -> Result<(), WireFault> {
        let is_first = self.line_start == 0 && self.opening != Opening::Trailers;
        let line_max = limits.line_max.saturating_add(2);
        if is_first && seen > line_max.min(limits.head_max) {
            let code = match self.opening {
                Opening::Request => Code::WireTargetTooLong,
                _ => Code::WireHeadTooLarge,
            };
            return Err(WireFault::new(code, limits.line_max.min(limits.head_max)));
        }
        match seen > limits.head_max {
            true => Err(WireFault::new(Code::WireHeadTooLarge, limits.head_max)),
            false => Ok(()),
        }
    }

    fn judge_line(&mut self, line: &[u8], at: usize, limits: &Limits) -> Result<(), WireFault> {
        match (self.opening, at) {
            (Opening::Request, 0) => self.start = read_request_line(line)?,
            (Opening::Response, 0) => self.start = read_status_line(line)?,
            _ => return self.judge_field(line, at, limits),
        }
        Ok(())
    }

    /// The field line under way, if it is whole and written as nearly all are: `Name: value`, one
    /// space, nothing to trim. One look at each byte; any other line is judged piece by piece, with
    /// the same result.
    fn clean_line<'b>(&self, bytes: &'b [u8]) -> Option<CleanLine<'b>> {
        if self.line_start == 0 && self.opening != Opening::Trailers {
            return None;
        }
        let line = bytes.get(self.line_start..)?;
        let (name, rest) = line.split_at_checked(token_len(line))?;
        let value = rest.strip_prefix(b": ")?;
        let (value, rest) = value.split_at_checked(bad_value_byte(value)?)?;
        let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
        let is_clean = !name.is_empty()
            && rest.starts_with(b"\r\n")
            && !is_blank(value.first())
            && !is_blank(value.last());
        let length = name.len().saturating_add(value.len()).saturating_add(4);
        is_clean.then_some(CleanLine {
            name,
            value,
            end: self.line_start.saturating_add(length),
        })
    }

    fn keep_clean(&mut self, line: &CleanLine<'_>, limits: &Limits) -> Result<(), WireFault> {
        self.check_size(line.end, limits)?;
        let at = std::mem::replace(&mut self.line_start, line.end);
        let value_at = at.saturating_add(line.name.len()).saturating_add(2);
        self.check_room(line.value.len(), value_at, at, limits)?;
        self.keep(line.name, line.value, at, value_at)
    }

    fn judge_field(&mut self, line: &[u8], at: usize, limits: &Limits) -> Result<(), WireFault> {
        let (name, raw) = split_field(line, at)?;
        let value = trim_blanks(raw);
        let value_at = value_offset(raw, at.saturating_add(name.len()).saturating_add(1));
        self.check_room(value.len(), value_at, at, limits)?;
        if let Some(bad) = bad_value_byte(value) {
            return Err(WireFault::new(
                Code::WireBadField,
                value_at.saturating_add(bad),
            ));
        }
        self.keep(name, value, at, value_at)
    }

    /// Whether one more field may come, with a value of this length.
    fn check_room(
        &self,
        value_len: usize,
        value_at: usize,
        at: usize,
        limits: &Limits,
    ) -> Result<(), WireFault> {
        if self.fields.lines.len() >= limits.fields_max {
            return Err(WireFault::new(Code::WireTooManyFields, at));
        }
        match value_len > limits.field_max {
            true => Err(WireFault::new(Code::WireFieldTooLarge, value_at)),
            false => Ok(()),
        }
    }

    fn keep(
        &mut self,
        name: &[u8],
        value: &[u8],
        at: usize,
        value_at: usize,
    ) -> Result<(), WireFault> {
        self.fields.lines.push(Field {
            name: span(at, name.len()),
            value: span(value_at, value.len()),
        });
        let version = self.start.version;
        self.facts.note((name, value), self.opening, version, at)
    }
}

/// Name and what follows the colon (RFC 9112 section 5.1: no blank between them).
fn split_field(line: &[u8], at: usize) -> Result<(&[u8], &[u8]), WireFault> {
    let len = token_len(line);
    match line.split_at_checked(len) {
        Some((name, [b':', raw @ ..])) if len > 0 => Ok((name, raw)),
        _ if matches!(line.first(), Some(b' ' | b'\t')) => {
            Err(WireFault::new(Code::WireObsoleteFold, at))
        }
        _ => Err(WireFault::new(Code::WireBadField, at.saturating_add(len))),
    }
}

/// Where the value begins in `raw`, which begins at `at`.
pub(crate) fn value_offset(raw: &[u8], at: usize) -> usize {
    let blanks = raw
        .iter()
        .take_while(|byte| matches!(**byte, b' ' | b'\t'))
        .count();
    at.saturating_add(blanks)
}

/// `len` bytes from `start`. Heads are bounded far below 4 GiB.
pub(crate) fn span(start: usize, len: usize) -> Span {
    let to_u32 = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Span {
        start: to_u32(start),
        end: to_u32(start.saturating_add(len)),
    }
}

impl Default for Version {
    /// What we speak.
    fn default() -> Self {
        Version::Http11
    }
}
