//! One pass over the header fields: names, singletons, `Connection`, and the few values that the
//! view holds.

use memchr::memchr;

use crate::budget::Bounds;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::parse::cookies::read_cookies;
use crate::parse::media::read_media;
use crate::parse::request::{Coding, Request};
use crate::parse::rules::Faults;

/// `tchar`s, at least one: RFC 9110 section 5.6.2.
#[must_use]
pub fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Fields that RFC 9110, RFC 6454, RFC 9449 and the Fetch standard define as one value: a second
/// one is read differently by different parsers. Lists (`Accept`, `If-Match`, `Via`, ...) and
/// `Cookie` (joined when forwarded) are not here.
pub(crate) const SINGLETONS: [&str; 23] = [
    "access-control-request-headers",
    "access-control-request-method",
    "authorization",
    "content-disposition",
    "content-length",
    "content-location",
    "content-range",
    "content-type",
    "date",
    "dpop",
    "expect",
    "from",
    "host",
    "if-modified-since",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "proxy-authorization",
    "range",
    "referer",
    "traceparent",
    "user-agent",
];

/// Fields by which frameworks let a client change method or target behind the back of a gateway.
pub(crate) const OVERRIDES: [&str; 5] = [
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-rewrite-url",
];

/// What `Connection` may name: RFC 9110 section 7.6.1 and the connection's own fields.
const CONNECTION_OPTIONS: [&str; 9] = [
    "close",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// End-to-end fields that an API decides by; naming one in `Connection` would take it away.
const END_TO_END: [&str; 21] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "content-encoding",
    "cookie",
    "forwarded",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "priority",
    "proxy",
    "tracestate",
    "via",
    "x-api-key",
    "x-csrf-token",
    "x-forwarded",
    "x-real-ip",
    "x-request-id",
    "x-requested-with",
    "api-key",
];

/// What the pass found besides the view.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen<'h> {
    /// The first `Host`.
    pub(crate) host: Option<&'h [u8]>,
    /// Bytes of all names and values.
    pub(crate) bytes: usize,
}

pub(crate) fn is_one_of(name: &[u8], list: &[&str]) -> Option<usize> {
    list.iter()
        .position(|known| known.len() == name.len() && name.eq_ignore_ascii_case(known.as_bytes()))
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

/// Reads every field once.
pub(crate) fn read_fields<'h>(
    fields: impl Iterator<Item = (&'h [u8], &'h [u8])>,
    request: &mut Request,
    bounds: &Bounds,
    faults: &mut Faults<'_>,
) -> Seen<'h> {
    let mut seen = Seen::default();
    let mut singles = 0_u32;
    let mut cookie_bytes = 0_usize;
    for (name, value) in fields {
        seen.bytes = seen
            .bytes
            .saturating_add(name.len())
            .saturating_add(value.len());
        if memchr(b'_', name).is_some() {
            faults.add(
                Code::ParseUnderscoreField,
                Place::named(Location::Header, lower(name)),
            );
        }
        let is_first = check_single(name, &mut singles, faults);
        match name.len() {
            4 if is_first && is(name, "host") => seen.host = Some(value),
            6 if is(name, "cookie") => {
                read_cookies(value, &mut cookie_bytes, request, bounds, faults);
            }
            10 if is(name, "connection") => check_connection(value, faults),
            12 if is_first && is(name, "content-type") => keep_media(value, request, faults),
            16 if is(name, "content-encoding") => keep_coding(value, request, faults),
            13..=22 if is_one_of(name, &OVERRIDES).is_some() => {
                let place = Place::named(Location::Header, lower(name));
                let reason = Reason::new(Code::ParseMethodOverride, place);
                faults.push(
                    reason
                        .value(&String::from_utf8_lossy(value))
                        .span(0, value.len()),
                );
            }
            _ => {}
        }
    }
    seen
}

fn is(name: &[u8], known: &str) -> bool {
    name.eq_ignore_ascii_case(known.as_bytes())
}

/// Index into `SINGLETONS`. Only names of the same length are compared: this runs for every field.
fn single(name: &[u8]) -> Option<usize> {
    let candidates: &[usize] = match name.len() {
        4 => &[8, 9, 11, 12],
        5 => &[19],
        6 => &[10, 17],
        7 => &[20],
        8 => &[14],
        10 => &[22],
        11 => &[21],
        12 => &[7, 16],
        13 => &[2, 6],
        14 => &[4],
        16 => &[5],
        17 => &[13],
        19 => &[3, 15, 18],
        29 => &[1],
        30 => &[0],
        _ => return None,
    };
    let mut candidates = candidates.iter().copied();
    candidates.find(|index| SINGLETONS.get(*index).is_some_and(|known| is(name, known)))
}

/// Whether this is not a second copy of a singleton.
fn check_single(name: &[u8], singles: &mut u32, faults: &mut Faults<'_>) -> bool {
    let Some(index) = single(name) else {
        return true;
    };
    let bit = 1_u32
        .checked_shl(u32::try_from(index).unwrap_or(31))
        .unwrap_or(0);
    let is_first = *singles & bit == 0;
    *singles |= bit;
    if !is_first {
        faults.add(
            Code::ParseDuplicateSingleton,
            Place::named(Location::Header, lower(name)),
        );
    }
    is_first
}

fn check_connection(value: &[u8], faults: &mut Faults<'_>) {
    let mut at = 0_usize;
    for piece in value.split(|byte| *byte == b',') {
        let start = at;
        at = at.saturating_add(piece.len()).saturating_add(1);
        let name = piece.trim_ascii();
        if name.is_empty() || is_one_of(name, &CONNECTION_OPTIONS).is_some() || !must_reach(name) {
            continue;
        }
        let reason = Reason::new(
            Code::ParseConnectionNames,
            Place::named(Location::Header, "connection"),
        );
        faults.push(
            reason
                .value(&lower(name))
                .span(start, start.saturating_add(piece.len())),
        );
    }
}

/// Whether a field of this name is end-to-end, or set by us or by a proxy before us.
pub(crate) fn must_reach(name: &[u8]) -> bool {
    let starts = |prefix: &str| {
        name.get(..prefix.len())
            .is_some_and(|head| is(head, prefix))
    };
    is_one_of(name, &SINGLETONS).is_some()
        || is_one_of(name, &END_TO_END).is_some()
        || ["x-forwarded-", "x-bartizan-", "x-user", "content-", "sec-"]
            .iter()
            .any(|p| starts(p))
        || !is_token(name)
}

fn keep_media(value: &[u8], request: &mut Request, faults: &mut Faults<'_>) {
    request.media = match read_media(value) {
        Ok(media) => Some(media),
        Err((media, code)) => {
            let reason = Reason::new(code, Place::named(Location::Header, "content-type"));
            faults.push(
                reason
                    .value(&String::from_utf8_lossy(value))
                    .span(0, value.len()),
            );
            media
        }
    };
}

/// At most one coding over all `Content-Encoding` fields; `identity` does not count.
fn keep_coding(value: &[u8], request: &mut Request, faults: &mut Faults<'_>) {
    for piece in value.split(|byte| *byte == b',') {
        let name = piece.trim_ascii();
        if name.is_empty() || is(name, "identity") {
            continue;
        }
        match Coding::named(name) {
            Some(coding) if request.coding.is_none() => request.coding = Some(coding),
            _ => {
                let place = Place::named(Location::Header, "content-encoding");
                let reason = Reason::new(Code::ParseUnsupportedCoding, place);
                faults.push(
                    reason
                        .value(&String::from_utf8_lossy(name))
                        .expected("at most one of `br`, `deflate`, `gzip`, `zstd`"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_singleton_is_found_by_its_length() {
        for (index, name) in SINGLETONS.iter().enumerate() {
            assert_eq!(
                single(name.to_ascii_uppercase().as_bytes()),
                Some(index),
                "{name}"
            );
        }
        for name in ["accept", "if-match", "if-none-match", "cookie", "via", ""] {
            assert_eq!(single(name.as_bytes()), None, "{name}");
        }
    }
}
