//! Message heads: one owned buffer and spans into it, in the order and case they arrived.

use super::class::target_len;
use super::fault::{Limits, WireFault};
use super::fields::{Fields, is_framing};
use super::lines::{Lines, Opening};
use super::number::write_decimal;
use super::parts;
pub use super::response_head::ResponseHead;
use crate::codes::Code;

/// A half-open byte range of the head's buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One header line; the value is without surrounding blanks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name, case kept.
    pub name: Span,
    /// Value, bytes kept.
    pub value: Span,
}

/// HTTP/1.0 or HTTP/1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0.
    Http10,
    /// HTTP/1.1.
    Http11,
}

/// How long the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// No body.
    Empty,
    /// This many bytes.
    Length(u64),
    /// In chunks.
    Chunked,
    /// Until the connection closes (responses only).
    UntilClose,
}

impl Framing {
    /// Whether bytes of a body can follow.
    #[must_use]
    pub fn has_body(self) -> bool {
        !matches!(self, Framing::Empty | Framing::Length(0))
    }

    /// Appends the field that says this framing; nothing for `Empty` and `UntilClose`.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        match self {
            Framing::Length(length) => {
                out.extend_from_slice(b"Content-Length: ");
                write_decimal(length, out);
                out.extend_from_slice(b"\r\n");
            }
            Framing::Chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
            Framing::Empty | Framing::UntilClose => {}
        }
    }
}

/// The memory of a message that is done, to be lent to the next one.
#[derive(Debug, Default)]
pub struct Buffers(pub(crate) Fields);

/// Memory for a head that one connection may keep, bytes.
const KEPT_BYTES: usize = 4 << 10;

impl Buffers {
    /// The memory, unless a large head made it large.
    pub(crate) fn slim(self) -> Fields {
        match self.0.bytes.capacity() > KEPT_BYTES {
            true => Fields::default(),
            false => self.0,
        }
    }
}

/// A request head that passed every rule of the codec. Facts (`version`, `framing`, `keep_alive`,
/// `expects_continue`) are those of the head as it was read; changing fields changes no fact.
#[derive(Clone, Debug)]
pub struct RequestHead {
    fields: Fields,
    method: Span,
    target: Span,
    version: Version,
    framing: Framing,
    keep_alive: bool,
    expects_continue: bool,
}

impl RequestHead {
    /// Builds a head out of parts that did not come as bytes (ASGI, replay), by the same checks and
    /// the default `Limits`. `framing` stands; length fields among `fields` must not contradict it.
    ///
    /// # Errors
    /// The `WireFault` that the same head as bytes would give.
    pub fn from_parts<'f>(
        method: &[u8],
        target: &[u8],
        fields: impl IntoIterator<Item = (&'f [u8], &'f [u8])>,
        framing: Framing,
    ) -> Result<Self, WireFault> {
        Self::from_parts_within(&Limits::default(), method, target, fields, framing)
    }

    /// `from_parts` with limits of your own.
    ///
    /// # Errors
    /// As `from_parts`.
    pub fn from_parts_within<'f>(
        limits: &Limits,
        method: &[u8],
        target: &[u8],
        fields: impl IntoIterator<Item = (&'f [u8], &'f [u8])>,
        framing: Framing,
    ) -> Result<Self, WireFault> {
        let mut bytes = Vec::with_capacity(512);
        for part in [method, b" ", target, b" HTTP/1.1\r\n"] {
            bytes.extend_from_slice(part);
        }
        let lines = parts::read(Opening::Request, bytes, fields, limits)?;
        let mut head = RequestHead::from_lines(lines)?;
        head.framing = parts::settle(head.framing, framing)?;
        Ok(head)
    }

    /// What the codec read, after the rules that need the whole head.
    pub(crate) fn from_lines(lines: Lines) -> Result<Self, WireFault> {
        let Lines {
            fields,
            start,
            facts,
            ..
        } = lines;
        let is_http11 = start.version == Version::Http11;
        if is_http11 && !facts.has_host {
            return Err(WireFault::new(Code::WireMissingHost, fields.bytes.len()));
        }
        let framing = facts.framing().unwrap_or(Framing::Empty);
        Ok(RequestHead {
            fields,
            method: start.method,
            target: start.target,
            version: start.version,
            framing,
            keep_alive: facts.keep_alive(start.version),
            expects_continue: facts.expects_continue && is_http11 && framing.has_body(),
        })
    }

    /// The method, case kept.
    #[must_use]
    pub fn method(&self) -> &[u8] {
        self.fields.at(self.method)
    }

    /// The request target, as sent.
    #[must_use]
    pub fn target(&self) -> &[u8] {
        self.fields.at(self.target)
    }

    /// The version the client speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// How long the body is. A request without length fields is `Empty` (RFC 9112 section 6.3).
    #[must_use]
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Whether the client keeps the connection open after the answer (RFC 9112 section 9.3).
    #[must_use]
    pub fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    /// Whether the client waits for `100 Continue` before it sends its body. Never for HTTP/1.0
    /// or without a body (RFC 9110 section 10.1.1).
    #[must_use]
    pub fn expects_continue(&self) -> bool {
        self.expects_continue
    }

    /// Every field line, in order: (name, value), names in their case.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.fields.iter()
    }

    /// Values of one field by its lower-case name. Cost: O(fields).
    pub fn values<'f>(
        &'f self,
        name: &'f str,
    ) -> impl DoubleEndedIterator<Item = &'f [u8]> + Clone {
        self.fields.values(name)
    }

    /// The first value of one field. Cost: O(fields).
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.fields.value(name)
    }

    /// Keeps only the lines for which `keep(name, value)` holds.
    pub fn retain(&mut self, keep: impl FnMut(&[u8], &[u8]) -> bool) {
        self.fields.retain(keep);
    }

    /// Adds one line at the end. False, and nothing added, when name or value could not be sent as
    /// one line: no value can smuggle a second one.
    pub fn push(&mut self, name: &[u8], value: &[u8]) -> bool {
        self.fields.push(name, value)
    }

    /// Adds one line of a name of ours; `write` appends its value. False, and nothing added, when it
    /// could not be sent as one line.
    pub(crate) fn push_with(
        &mut self,
        name: &'static [u8],
        write: impl FnOnce(&mut Vec<u8>),
    ) -> bool {
        self.fields.push_with(name, write)
    }

    /// Replaces the target. False, and nothing changed, when a byte cannot stand in a request line.
    pub fn set_target(&mut self, target: &[u8]) -> bool {
        if target.is_empty() || target_len(target) != target.len() {
            return false;
        }
        match self.fields.append(target, b"\r\n") {
            Some(span) => {
                self.target = span;
                true
            }
            None => false,
        }
    }

    /// Appends the head as bytes, in HTTP/1.1 whatever the client spoke. The length fields come
    /// from `framing` alone; those among the fields are not written. `Empty` writes none.
    pub fn write(&self, out: &mut Vec<u8>, framing: Framing) {
        out.extend_from_slice(self.method());
        out.push(b' ');
        out.extend_from_slice(self.target());
        out.extend_from_slice(b" HTTP/1.1\r\n");
        self.fields.write(out, |name| !is_framing(name));
        framing.write(out);
        out.extend_from_slice(b"\r\n");
    }

    /// Bytes that the head holds in memory.
    #[must_use]
    pub fn size(&self) -> usize {
        self.fields.bytes.len()
    }

    /// Gives the memory back for the next message.
    #[must_use]
    pub fn into_buffers(self) -> Buffers {
        Buffers(self.fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields<'f>(list: &[(&'f str, &'f str)]) -> Vec<(&'f [u8], &'f [u8])> {
        list.iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
            .collect()
    }

    fn printed(head: &RequestHead) -> String {
        let mut out = Vec::new();
        head.write(&mut out, head.framing());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_changed_head_is_written_with_its_length_from_the_framing() {
        let list = [("Host", "a"), ("X-Gone", "1"), ("Content-Length", "5")];
        let framing = Framing::Length(5);
        let mut head = RequestHead::from_parts(b"POST", b"/x?y=1", fields(&list), framing).unwrap();
        head.retain(|name, _| name != b"X-Gone");
        assert!(head.push(b"Via", b"1.1 bartizan"));
        assert!(head.set_target(b"/z"));
        assert_eq!(
            printed(&head),
            "POST /z HTTP/1.1\r\nHost: a\r\nVia: 1.1 bartizan\r\nContent-Length: 5\r\n\r\n"
        );
        assert_eq!(head.value("host"), Some(&b"a"[..]));
        assert_eq!(head.value("x-gone"), None);
    }

    #[test]
    fn no_part_can_smuggle_a_line() {
        let read = |method: &str, target: &str, list: &[(&str, &str)]| {
            let (method, target) = (method.as_bytes(), target.as_bytes());
            RequestHead::from_parts(method, target, fields(list), Framing::Empty)
                .err()
                .map(|fault| fault.code)
        };
        assert_eq!(read("GET", "/", &[("Host", "a")]), None);
        let host = [("Host", "a"), ("X", "1\r\nY: 2")];
        assert_eq!(read("GET", "/", &host), Some(Code::WireBadField));
        assert_eq!(
            read("GET", "/", &[("Host", "a"), ("X\r\nY", "2")]),
            Some(Code::WireBadField)
        );
        assert_eq!(
            read("GET", "/ HTTP/1.1\r\nX: /", &[]),
            Some(Code::WireBadRequestLine)
        );
        assert_eq!(
            read("GET", "/a b", &[("Host", "a")]),
            Some(Code::WireBadRequestLine)
        );
        assert_eq!(
            read("GET\r\n", "/", &[("Host", "a")]),
            Some(Code::WireBadRequestLine)
        );
        assert_eq!(
            read("GET", "/", &[("Host:", "a")]),
            Some(Code::WireBadField)
        );
        assert_eq!(read("GET", "/", &[]), Some(Code::WireMissingHost));
    }

    #[test]
    fn a_target_that_cannot_be_sent_is_not_set() {
        let list = fields(&[("Host", "a")]);
        let mut head = RequestHead::from_parts(b"GET", b"/a", list, Framing::Empty).unwrap();
        for target in ["", "/ b", "/\r\n", "/\x7f", "/\u{e9}"] {
            assert!(!head.set_target(target.as_bytes()));
        }
        assert_eq!(head.target(), b"/a");
    }

    #[test]
    fn given_framing_must_not_contradict_the_fields() {
        let build = |list: &[(&str, &str)], framing| {
            RequestHead::from_parts(b"POST", b"/", fields(list), framing)
                .map(|head| head.framing())
                .map_err(|fault| fault.code)
        };
        let five = [("Host", "a"), ("Content-Length", "5")];
        let chunks = [("Host", "a"), ("Transfer-Encoding", "chunked")];
        assert_eq!(build(&five, Framing::Length(5)), Ok(Framing::Length(5)));
        assert_eq!(build(&five, Framing::Length(6)), Err(Code::WireBadLength));
        assert_eq!(
            build(&five, Framing::Chunked),
            Err(Code::WireLengthAndChunked)
        );
        assert_eq!(build(&chunks, Framing::Length(6)), Ok(Framing::Length(6)));
        assert_eq!(
            build(&[("Host", "a")], Framing::Chunked),
            Ok(Framing::Chunked)
        );
    }
}
