//! What the field lines of one head say about the connection and the body (RFC 9112 sections 6
//! and 9). Every clash is a fault at the line that makes it.

use super::class::trim_blanks;
use super::fault::WireFault;
use super::head::{Framing, Version};
use super::lines::Opening;
use super::number::read_decimal;
use crate::codes::Code;

/// Facts gathered line by line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) length: Option<u64>,
    pub(crate) is_chunked: bool,
    pub(crate) has_host: bool,
    pub(crate) expects_continue: bool,
    says_close: bool,
    says_keep_alive: bool,
}

impl Facts {
    /// Notes one field line that starts at byte `at`.
    pub(crate) fn note(
        &mut self,
        (name, value): (&[u8], &[u8]),
        opening: Opening,
        version: Version,
        at: usize,
    ) -> Result<(), WireFault> {
        match (opening, name.len()) {
            (Opening::Trailers, _) => check_trailer(name),
            (_, 10) if name.eq_ignore_ascii_case(b"connection") => {
                self.note_connection(value);
                Ok(())
            }
            (_, 14) if name.eq_ignore_ascii_case(b"content-length") => self.note_length(value),
            (_, 17) if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                self.note_transfer_encoding(value, version)
            }
            (Opening::Request, 4 | 6 | 7) => self.note_request_only(name, value),
            _ => Ok(()),
        }
        .map_err(|code| WireFault::new(code, at))
    }

    fn note_request_only(&mut self, name: &[u8], value: &[u8]) -> Result<(), Code> {
        if name.eq_ignore_ascii_case(b"host") {
            return match std::mem::replace(&mut self.has_host, true) {
                true => Err(Code::WireDuplicateHost),
                false => Ok(()),
            };
        }
        if name.eq_ignore_ascii_case(b"expect") {
            let is_known = value.eq_ignore_ascii_case(b"100-continue");
            let is_repeated = std::mem::replace(&mut self.expects_continue, true);
            return match is_known && !is_repeated {
                true => Ok(()),
                false => Err(Code::WireBadExpectation),
            };
        }
        match name.eq_ignore_ascii_case(b"upgrade") {
            true => Err(Code::WireUpgradeRefused),
            false => Ok(()),
        }
    }

    /// One plain number, once: equal repeats and lists are two readings waiting to happen.
    fn note_length(&mut self, value: &[u8]) -> Result<(), Code> {
        if self.is_chunked {
            return Err(Code::WireLengthAndChunked);
        }
        let length = read_decimal(value).ok_or(Code::WireBadLength)?;
        match self.length.replace(length) {
            Some(_) => Err(Code::WireDuplicateLength),
            None => Ok(()),
        }
    }

    /// Exactly `chunked`, once, and only in HTTP/1.1 (RFC 9112 section 6.1).
    fn note_transfer_encoding(&mut self, value: &[u8], version: Version) -> Result<(), Code> {
        if version == Version::Http10 {
            return Err(Code::WireTransferEncodingIn10);
        }
        if self.length.is_some() {
            return Err(Code::WireLengthAndChunked);
        }
        let is_repeated = std::mem::replace(&mut self.is_chunked, true);
        match value.eq_ignore_ascii_case(b"chunked") && !is_repeated {
            true => Ok(()),
            false => Err(Code::WireBadTransferEncoding),
        }
    }

    fn note_connection(&mut self, value: &[u8]) {
        for option in value.split(|byte| *byte == b',').map(trim_blanks) {
            self.says_close |= option.eq_ignore_ascii_case(b"close");
            self.says_keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    /// Whether the connection outlives the message (RFC 9112 section 9.3); `close` always wins.
    pub(crate) fn keep_alive(&self, version: Version) -> bool {
        match version {
            Version::Http11 => !self.says_close,
            Version::Http10 => self.says_keep_alive && !self.says_close,
        }
    }

    /// The framing that the lines name, if any.
    pub(crate) fn framing(&self) -> Option<Framing> {
        match (self.is_chunked, self.length) {
            (true, _) => Some(Framing::Chunked),
            (false, Some(length)) => Some(Framing::Length(length)),
            (false, None) => None,
        }
    }
}

/// Fields that frame, route, authenticate, modify or describe content cannot come after the
/// content (RFC 9110 section 6.5.1): whoever merges them would read another message.
fn check_trailer(name: &[u8]) -> Result<(), Code> {
    const REFUSED: [&str; 34] = [
        "authorization",
        "cache-control",
        "connection",
        "content-disposition",
        "content-encoding",
        "content-length",
        "content-location",
        "content-range",
        "content-type",
        "cookie",
        "date",
        "expect",
        "expires",
        "forwarded",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "keep-alive",
        "location",
        "max-forwards",
        "pragma",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "www-authenticate",
    ];
    let is_refused = REFUSED
        .iter()
        .any(|refused| name.eq_ignore_ascii_case(refused.as_bytes()));
    match is_refused {
        true => Err(Code::WireBadTrailer),
        false => Ok(()),
    }
}
