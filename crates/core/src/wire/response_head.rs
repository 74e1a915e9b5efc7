//! The head of a response: read from the upstream, or made by us.

use super::fault::{Limits, WireFault};
use super::fields::{Fields, is_framing};
use super::head::{Buffers, Framing, Span, Version};
use super::lines::{Lines, Opening};
use super::number::write_decimal;
use super::parts;
use crate::budget::Bounds;
use crate::codes::Code;

/// A response head that passed every rule of the codec. Facts are those of the head as it was
/// read; changing fields changes no fact.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    fields: Fields,
    status: u16,
    reason: Span,
    version: Version,
    framing: Framing,
    keep_alive: bool,
    /// It answers HEAD, or is 1xx, 204 or 304.
    is_bodiless: bool,
    /// `Content-Length` of a response that has no body by its nature: what GET would have got.
    promised: Option<u64>,
}

impl ResponseHead {
    /// Builds a head out of parts (our own answers, ASGI, replay) by the same checks. The reason
    /// phrase is the usual one. `framing` stands; length fields must not contradict it.
    ///
    /// # Errors
    /// The `WireFault` that the same head as bytes would give.
    pub fn from_parts<'f>(
        status: u16,
        fields: impl IntoIterator<Item = (&'f [u8], &'f [u8])>,
        framing: Framing,
    ) -> Result<Self, WireFault> {
        let mut bytes = Vec::with_capacity(512);
        bytes.extend_from_slice(b"HTTP/1.1 ");
        write_decimal(u64::from(status), &mut bytes);
        for part in [b" ", usual_reason(status).as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
        let limits = Limits::of_responses(&Bounds::default());
        let lines = parts::read(Opening::Response, bytes, fields, &limits)?;
        let is_head = framing == Framing::Empty && status >= 200;
        let mut head = ResponseHead::from_lines(lines, is_head)?;
        head.is_bodiless = status < 200 || matches!(status, 204 | 304);
        let read = match head.framing {
            Framing::UntilClose => framing,
            read => read,
        };
        head.framing = parts::settle(read, framing)?;
        Ok(head)
    }

    /// What the codec read. `is_head`: it answers HEAD.
    ///
    /// # Errors
    /// A body named where none can be: 1xx and 204 (RFC 9112 section 6.3; `Content-Length: 0` with
    /// 204 has one reading and is let through).
    pub(crate) fn from_lines(lines: Lines, is_head: bool) -> Result<Self, WireFault> {
        let Lines {
            fields,
            start,
            facts,
            ..
        } = lines;
        let named = facts.framing();
        let never = start.status < 200 || start.status == 204;
        let is_clash = match named {
            None => false,
            Some(Framing::Length(0)) => start.status < 200,
            Some(_) => never,
        };
        if is_clash {
            return Err(WireFault::new(Code::WireBadLength, fields.bytes.len()));
        }
        let is_bodiless = never || is_head || start.status == 304;
        Ok(ResponseHead {
            fields,
            status: start.status,
            reason: start.reason,
            version: start.version,
            framing: match (is_bodiless, named) {
                (true, _) => Framing::Empty,
                (false, Some(framing)) => framing,
                (false, None) => Framing::UntilClose,
            },
            keep_alive: facts.keep_alive(start.version),
            is_bodiless,
            promised: facts.length.filter(|_| is_bodiless && !never),
        })
    }

    /// The status, 100 to 999.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase, may be empty.
    #[must_use]
    pub fn reason(&self) -> &[u8] {
        self.fields.at(self.reason)
    }

    /// Replaces the status; the reason becomes the usual one. False, and nothing changed, outside
    /// 200 to 599.
    pub fn set_status(&mut self, status: u16) -> bool {
        let reason = usual_reason(status).as_bytes();
        match (200..600)
            .contains(&status)
            .then(|| self.fields.append(reason, b"\r\n"))
        {
            Some(Some(span)) => {
                self.status = status;
                self.reason = span;
                true
            }
            _ => false,
        }
    }

    /// The version the sender speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// How long the body is, with the method of the request taken into account.
    #[must_use]
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// Whether the sender keeps the connection open afterwards. Never after `UntilClose`.
    #[must_use]
    pub fn keep_alive(&self) -> bool {
        self.keep_alive && self.framing != Framing::UntilClose
    }

    /// Every field line, in order: (name, value), names in their case.
    pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.fields.iter()
    }

    /// Values of one field by its lower-case name. Cost: O(fields).
    pub fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f [u8]> + Clone {
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
    /// one line.
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

    /// Adds lines that were checked before.
    pub(crate) fn extend(&mut self, lines: &Fields) {
        self.fields.extend(lines);
    }

    /// Appends the head as bytes, in HTTP/1.1. The length fields come from `framing` alone; those
    /// among the fields are not written. `Empty` is for answers that have no body by their nature:
    /// answers to HEAD and 304 keep the length they promised, 1xx and 204 name none, and any other
    /// status says `Content-Length: 0`. An answer to HEAD that we make ourselves takes `Length` and
    /// sends no body.
    pub fn write(&self, out: &mut Vec<u8>, framing: Framing) {
        out.extend_from_slice(b"HTTP/1.1 ");
        write_decimal(u64::from(self.status), out);
        out.push(b' ');
        out.extend_from_slice(self.reason());
        out.extend_from_slice(b"\r\n");
        self.fields.write(out, |name| !is_framing(name));
        self.settle(framing).write(out);
        out.extend_from_slice(b"\r\n");
    }

    fn settle(&self, framing: Framing) -> Framing {
        let names_none = self.status < 200 || self.status == 204;
        match (framing, self.promised) {
            _ if names_none => Framing::Empty,
            (Framing::Empty, Some(promised)) => Framing::Length(promised),
            (Framing::Empty, None) if !self.is_bodiless => Framing::Length(0),
            _ => framing,
        }
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

/// Reason phrases of RFC 9110 section 15 that an API or we may send; else empty.
#[must_use]
pub fn usual_reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

impl Framing {
    /// The framing that keeps the connection open where the receiver speaks `version`: HTTP/1.0
    /// knows no chunks.
    #[must_use]
    pub fn towards(self, version: Version) -> Framing {
        match (self, version) {
            (Framing::Chunked, Version::Http10) => Framing::UntilClose,
            (Framing::UntilClose, Version::Http11) => Framing::Chunked,
            _ => self,
        }
    }
}
