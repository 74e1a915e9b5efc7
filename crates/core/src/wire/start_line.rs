//! Request line and status line (RFC 9112 sections 3 and 4): single spaces, nothing else.

use super::class::{bad_value_byte, target_len, token_len};
use super::fault::WireFault;
use super::head::{Span, Version};
use super::lines::span;
use crate::codes::Code;

/// The parts of a start line; a request line fills the first two spans, a status line the rest.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct StartLine {
    pub(crate) version: Version,
    pub(crate) method: Span,
    pub(crate) target: Span,
    pub(crate) status: u16,
    pub(crate) reason: Span,
}

/// `method SP target SP version`, the line without its end. A target is visible ASCII, so
/// that no byte in it ends a line or a word for anyone; what it may hold and means is for `parse`.
pub(crate) fn read_request_line(line: &[u8]) -> Result<StartLine, WireFault> {
    let method_len = token_len(line);
    let (method, rest) = cut(line, method_len).ok_or(WireFault::new(
        match line.get(method_len) {
            Some(_) => Code::WireBadMethod,
            None => Code::WireBadRequestLine,
        },
        method_len,
    ))?;
    let target_at = method_len.saturating_add(1);
    let target_len = target_len(rest);
    let version_at = target_at.saturating_add(target_len).saturating_add(1);
    let bad_target = WireFault::new(
        Code::WireBadRequestLine,
        target_at.saturating_add(target_len),
    );
    let (target, version) = cut(rest, target_len).ok_or(bad_target)?;
    if target.is_empty() {
        return Err(bad_target);
    }
    let version =
        read_version(version).ok_or_else(|| WireFault::new(version_fault(version), version_at))?;
    if matches!(method, b"CONNECT" | b"TRACE") {
        return Err(WireFault::new(Code::WireMethodRefused, 0));
    }
    Ok(StartLine {
        version,
        method: span(0, method.len()),
        target: span(target_at, target.len()),
        ..StartLine::default()
    })
}

/// `version SP status [SP reason]`. The space after the status is left out by some honest servers
/// when there is no reason; it has one reading only.
pub(crate) fn read_status_line(line: &[u8]) -> Result<StartLine, WireFault> {
    let bad = |at: usize| WireFault::new(Code::WireBadStatusLine, at);
    let (version, rest) = cut(line, 8).ok_or(bad(0))?;
    let version = read_version(version).ok_or_else(|| match version_fault(version) {
        Code::WireBadVersion => WireFault::new(Code::WireBadVersion, 0),
        _ => bad(0),
    })?;
    let (status, reason) = match rest {
        [a, b, c] => ([*a, *b, *c], None),
        [a, b, c, b' ', reason @ ..] => ([*a, *b, *c], Some(reason)),
        _ => return Err(bad(9)),
    };
    let status = read_status(status).ok_or(bad(9))?;
    let reason = reason.unwrap_or_default();
    if let Some(at) = bad_value_byte(reason) {
        return Err(bad(at.saturating_add(13)));
    }
    Ok(StartLine {
        version,
        status,
        reason: span(13, reason.len()),
        ..StartLine::default()
    })
}

/// What stands before and after the space at `at`.
fn cut(bytes: &[u8], at: usize) -> Option<(&[u8], &[u8])> {
    match bytes.split_at_checked(at)? {
        (before, [b' ', after @ ..]) => Some((before, after)),
        _ => None,
    }
}

fn read_version(version: &[u8]) -> Option<Version> {
    match version {
        b"HTTP/1.1" => Some(Version::Http11),
        b"HTTP/1.0" => Some(Version::Http10),
        _ => None,
    }
}

/// Another version, or no version at all.
fn version_fault(version: &[u8]) -> Code {
    match version {
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Code::WireBadVersion
        }
        _ => Code::WireBadRequestLine,
    }
}

fn read_status(digits: [u8; 3]) -> Option<u16> {
    let is_status = digits.iter().all(u8::is_ascii_digit) && digits.first() != Some(&b'0');
    is_status.then(|| {
        digits.iter().fold(0_u16, |status, digit| {
            let digit = u16::from(digit.saturating_sub(b'0'));
            status.saturating_mul(10).saturating_add(digit)
        })
    })
}
