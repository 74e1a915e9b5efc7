//! The one canonical path: what every later stage and the API itself see. Also what differed.

use crate::codes::Code;
use crate::parse::percent::{is_plain_path, is_unreserved, push_triplet, triplet};

/// Something in a path that two parsers could read differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The `parse.*` code.
    pub code: Code,
    /// Byte span in the raw path.
    pub start: usize,
    /// One past the end.
    pub end: usize,
}

/// Appends the canonical form of `raw` (path only, without query) to `out`.
///
/// Unreserved octets are decoded, hex digits put in upper case, octets that no path may hold are
/// encoded, dot segments resolved (RFC 3986 section 5.2.4); everything else stays encoded. The
/// result starts with `/`. `report` gets every difference in order.
/// Idempotent. Cost: O(bytes); a path that is already canonical is copied once.
/// Source: RFC 3986 sections 6.2.2.1 to 6.2.2.3.
pub fn normalize(raw: &[u8], out: &mut String, report: &mut impl FnMut(Difference)) {
    if let Some(text) = canonical_already(raw) {
        out.push_str(text);
        return;
    }
    let base = out.len();
    let (body, mut at) = match raw.split_first() {
        Some((b'/', tail)) => (tail, 1_usize),
        _ => {
            report(Difference {
                code: Code::ParseBadTarget,
                start: 0,
                end: raw.len(),
            });
            (raw, 0)
        }
    };
    let mut pieces = body.split(|byte| *byte == b'/').peekable();
    while let Some(piece) = pieces.next() {
        let last = pieces.peek().is_none();
        let end = at.saturating_add(piece.len());
        if piece.is_empty() && !last {
            report(Difference {
                code: Code::ParseDoubleSlash,
                start: at.saturating_sub(1),
                end: end.saturating_add(1),
            });
        }
        push_segment(piece, at, base, last, out, report);
        at = end.saturating_add(1);
    }
    if out.len() == base {
        out.push('/');
    }
}

/// The path as text, when nothing in it needs work: the fast way of nearly all traffic.
fn canonical_already(raw: &[u8]) -> Option<&str> {
    if raw.first() != Some(&b'/') {
        return None;
    }
    let mut previous = 0_u8;
    for byte in raw {
        let odd = if *byte == b'/' || *byte == b'.' {
            previous == b'/'
        } else {
            !is_plain_path(*byte)
        };
        if odd {
            return None;
        }
        previous = *byte;
    }
    std::str::from_utf8(raw).ok()
}

fn push_segment(
    piece: &[u8],
    at: usize,
    base: usize,
    last: bool,
    out: &mut String,
    report: &mut impl FnMut(Difference),
) {
    let start = out.len();
    out.push('/');
    push_octets(piece, at, out, report);
    let text = out.get(start.saturating_add(1)..).unwrap_or("");
    let stem = text.split(';').next().unwrap_or("");
    if !matches!(stem, "." | "..") {
        return;
    }
    let whole = stem.len() == text.len();
    let up = stem == "..";
    report(Difference {
        code: Code::ParseDotSegment,
        start: at,
        end: at.saturating_add(piece.len()),
    });
    if !whole {
        return;
    }
    out.truncate(start);
    if up {
        let parent = out
            .get(base..)
            .and_then(|path| path.rfind('/'))
            .unwrap_or(0);
        out.truncate(base.saturating_add(parent));
    }
    if last {
        out.push('/');
    }
}

fn push_octets(piece: &[u8], at: usize, out: &mut String, report: &mut impl FnMut(Difference)) {
    let mut index = 0_usize;
    while let Some(byte) = piece.get(index).copied() {
        let here = at.saturating_add(index);
        let mut difference = |code: Code, len: usize| {
            report(Difference {
                code,
                start: here,
                end: here.saturating_add(len),
            });
        };
        let mut step = 1_usize;
        match byte {
            b'%' => match triplet(piece.get(index..).unwrap_or(&[])) {
                Some(octet) => {
                    step = 3;
                    if let Some(code) = encoded_code(octet) {
                        difference(code, 3);
                    }
                    if is_unreserved(octet) {
                        out.push(char::from(octet));
                    } else {
                        push_triplet(out, octet);
                    }
                }
                None => {
                    difference(Code::ParseBadPercent, 1);
                    push_triplet(out, b'%');
                }
            },
            b';' => {
                difference(Code::ParseSemicolon, 1);
                out.push(';');
            }
            plain if is_plain_path(plain) => out.push(char::from(plain)),
            other => {
                difference(raw_code(other), 1);
                push_triplet(out, other);
            }
        }
        index = index.saturating_add(step);
    }
}

fn encoded_code(octet: u8) -> Option<Code> {
    match octet {
        b'/' => Some(Code::ParseEncodedSlash),
        b'\\' => Some(Code::ParseEncodedBackslash),
        b'.' => Some(Code::ParseEncodedDot),
        b'%' => Some(Code::ParseEncodedPercent),
        0..=0x1f | 0x7f => Some(Code::ParseEncodedNul),
        _ => None,
    }
}

fn raw_code(octet: u8) -> Code {
    match octet {
        b'\\' => Code::ParseEncodedBackslash,
        0..=0x1f | 0x7f => Code::ParseEncodedNul,
        _ => Code::ParseBadTarget,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(raw: &[u8]) -> (String, Vec<Code>) {
        let mut out = String::new();
        let mut codes = Vec::new();
        normalize(raw, &mut out, &mut |difference| codes.push(difference.code));
        (out, codes)
    }

    #[test]
    fn a_plain_path_is_copied_as_it_is() {
        for path in ["/", "/a", "/a/b/", "/a.b/c..d", "/~x/@me:y", "/a%C3%A9"] {
            assert_eq!(
                canonical(path.as_bytes()),
                (path.to_owned(), vec![]),
                "{path}"
            );
        }
    }

    #[test]
    fn unreserved_octets_are_decoded_and_hex_is_upper_case() {
        assert_eq!(
            canonical(b"/%7Ejoe/%61%c3%a9%3a"),
            ("/~joe/a%C3%A9%3A".to_owned(), vec![])
        );
    }

    #[test]
    fn dot_segments_are_resolved_and_reported() {
        for (raw, path) in [
            ("/a/../b", "/b"),
            ("/a/./b", "/a/b"),
            ("/..", "/"),
            ("/a/..", "/"),
            ("/a/.", "/a/"),
            ("/../../etc/passwd", "/etc/passwd"),
            ("/a/b/../", "/a/"),
        ] {
            let (out, codes) = canonical(raw.as_bytes());
            assert_eq!(out, path, "{raw}");
            assert!(codes.contains(&Code::ParseDotSegment), "{raw}");
        }
        assert_eq!(canonical(b"/a/%2e%2E/b").0, "/b");
        assert!(canonical(b"/a/..;x/b").1.contains(&Code::ParseDotSegment));
    }

    #[test]
    fn normalize_is_idempotent_on_random_paths() {
        let alphabet: [&[u8]; 22] = [
            b"/", b".", b"..", b"%2e", b"%2F", b"%", b"%25", b"%5c", b"\\", b";", b"a", b"Z",
            b"%41", b"%c0%af", b"\xff", b" ", b"%00", b"//", b"~", b"%zz", b"?", b"=",
        ];
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            let mut raw = b"/".to_vec();
            for _ in 0..(state % 9) {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                raw.extend_from_slice(
                    alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()],
                );
            }
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(99);
            let (once, _) = canonical(&raw);
            let (twice, _) = canonical(once.as_bytes());
            assert_eq!(once, twice, "{:?}", String::from_utf8_lossy(&raw));
            assert!(once.starts_with('/') && once.is_ascii());
        }
    }
}
