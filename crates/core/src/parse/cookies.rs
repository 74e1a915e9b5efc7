//! `Cookie` (RFC 6265 section 5.4, 4.2), with bounds of its own.

use crate::budget::Bounds;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::parse::request::{PairSpan, Request, to_u32, to_usize};
use crate::parse::rules::Faults;
use crate::wire::head::Span;

/// Adds the cookies of one `Cookie` field. `total` counts bytes over all of them.
///
/// A fault: control characters, bytes that are not UTF-8, a piece without a name, an opening
/// double quote without its closing one (cookie sandwich). Cost: O(bytes).
pub(crate) fn read_cookies(
    value: &[u8],
    total: &mut usize,
    request: &mut Request,
    bounds: &Bounds,
    faults: &mut Faults<'_>,
) {
    let place = || Place::named(Location::Header, "cookie");
    *total = total.saturating_add(value.len());
    let Ok(text) = std::str::from_utf8(value) else {
        faults.add(Code::ParseBadCookie, place());
        return;
    };
    let mut at = 0_usize;
    for piece in text.split(';') {
        let start = at;
        at = at.saturating_add(piece.len()).saturating_add(1);
        let trimmed = piece.trim_matches([' ', '\t']);
        if trimmed.is_empty() {
            continue;
        }
        if is_over(request.cookies.len(), *total, bounds) {
            faults.push(
                Reason::new(Code::ParseCookieLimit, place()).expected(format!(
                    "at most {} cookies and {} bytes",
                    bounds.cookies_max, bounds.cookies_max_bytes
                )),
            );
            return;
        }
        if !push_cookie(trimmed, request) {
            let reason = Reason::new(Code::ParseBadCookie, place());
            faults.push(reason.span(start, start.saturating_add(piece.len())));
        }
    }
}

fn is_over(count: usize, total: usize, bounds: &Bounds) -> bool {
    count >= to_usize(bounds.cookies_max) || total > to_usize(bounds.cookies_max_bytes)
}

/// Whether the piece is well formed; it is kept either way.
fn push_cookie(piece: &str, request: &mut Request) -> bool {
    let (name, value) = piece.split_once('=').unwrap_or(("", piece));
    let opened = value.strip_prefix('"');
    let unquoted = opened.and_then(|rest| rest.strip_suffix('"'));
    let begin = to_u32(request.text.len());
    request.text.push_str(name);
    let middle = to_u32(request.text.len());
    request.text.push_str(unquoted.unwrap_or(value));
    let end = to_u32(request.text.len());
    request.cookies.push(PairSpan {
        name: Span {
            start: begin,
            end: middle,
        },
        value: Span { start: middle, end },
        has_value: true,
        raw: Span::default(),
    });
    let is_clean = !piece.bytes().any(|byte| byte < 0x20 || byte == 0x7f);
    let is_named = !name.is_empty() && !name.ends_with([' ', '\t']);
    is_clean && is_named && opened.is_some() == unquoted.is_some()
}
