//! The request target (RFC 9112 section 3.2): form, path, query. The query is split off before
//! anything is decoded.

use memchr::memchr;

use crate::budget::Bounds;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::normalize::normalize;
use crate::parse::percent::{decode_into, is_query, push_triplet};
use crate::parse::request::{PairSpan, Request, SegmentSpan, to_u32, to_usize};
use crate::parse::rules::Faults;
use crate::wire::head::Span;

/// The authority of an absolute-form target: its scheme and what stands before the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority<'t> {
    /// Whether the scheme is `https`.
    pub is_https: bool,
    /// Host and port as sent.
    pub text: &'t [u8],
}

/// Fills path, segments, query and pairs; gives the authority of an absolute-form target.
pub(crate) fn read_target<'t>(
    target: &'t [u8],
    request: &mut Request,
    bounds: &Bounds,
    faults: &mut Faults<'_>,
) -> Option<Authority<'t>> {
    let whole = cut_fragment(target, faults);
    let (authority, origin) = split_authority(whole);
    let offset = whole.len().saturating_sub(origin.len());
    let (path, query) = split_query(origin);
    read_path(path, offset, authority.is_some(), request, faults);
    if let Some(query) = query {
        let offset = offset.saturating_add(path.len()).saturating_add(1);
        read_query(query, offset, request, bounds, faults);
    }
    read_segments(request, faults);
    request.target_is_canonical = request.target().as_bytes() == target;
    authority
}

fn cut_fragment<'t>(target: &'t [u8], faults: &mut Faults<'_>) -> &'t [u8] {
    let Some(at) = memchr(b'#', target) else {
        return target;
    };
    faults
        .push(Reason::new(Code::ParseFragment, Place::of(Location::Target)).span(at, target.len()));
    target.get(..at).unwrap_or(target)
}

/// `http://authority/path` (RFC 9112 section 3.2.2). `//x` is a path, never an authority.
fn split_authority(target: &[u8]) -> (Option<Authority<'_>>, &[u8]) {
    if target.first() == Some(&b'/') {
        return (None, target);
    }
    for (scheme, is_https) in [("http://", false), ("https://", true)] {
        let Some((head, rest)) = target.split_at_checked(scheme.len()) else {
            continue;
        };
        if head.eq_ignore_ascii_case(scheme.as_bytes()) {
            let end = rest
                .iter()
                .position(|byte| matches!(byte, b'/' | b'?'))
                .unwrap_or(rest.len());
            if let Some((text, path)) = rest.split_at_checked(end) {
                return (Some(Authority { is_https, text }), path);
            }
        }
    }
    (None, target)
}

fn split_query(origin: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr(b'?', origin) {
        Some(at) => (
            origin.get(..at).unwrap_or(origin),
            Some(origin.get(at.saturating_add(1)..).unwrap_or(&[])),
        ),
        None => (origin, None),
    }
}

fn read_path(
    path: &[u8],
    offset: usize,
    is_absolute_form: bool,
    request: &mut Request,
    faults: &mut Faults<'_>,
) {
    let raw: &[u8] = if path.is_empty() && is_absolute_form {
        b"/"
    } else {
        path
    };
    normalize(raw, &mut request.text, &mut |difference| {
        let part = raw.get(difference.start..difference.end).unwrap_or(&[]);
        faults.push(
            Reason::new(difference.code, Place::of(Location::Target))
                .value(&String::from_utf8_lossy(part))
                .span(
                    difference.start.saturating_add(offset),
                    difference.end.saturating_add(offset),
                ),
        );
    });
    request.path = Span {
        start: 0,
        end: to_u32(request.text.len()),
    };
}

/// Cuts the canonical path at `/`; decodes only segments that hold `%`.
fn read_segments(request: &mut Request, faults: &mut Faults<'_>) {
    let mut start = 1_usize;
    let end = to_usize(request.path.end);
    while start <= end {
        let rest = request.text.as_bytes().get(start..end).unwrap_or(&[]);
        let stop = start.saturating_add(memchr(b'/', rest).unwrap_or(rest.len()));
        let canonical = Span {
            start: to_u32(start),
            end: to_u32(stop),
        };
        let decoded = decode_segment(canonical, request, faults);
        request.segments.push(SegmentSpan { canonical, decoded });
        start = stop.saturating_add(1);
    }
}

fn decode_segment(canonical: Span, request: &mut Request, faults: &mut Faults<'_>) -> Span {
    if memchr(b'%', request.at(canonical).as_bytes()).is_none() {
        return canonical;
    }
    let mut decoded = String::new();
    let met = decode_into(&mut decoded, request.at(canonical).as_bytes(), false);
    if met.bad_utf8 {
        faults.push(
            Reason::new(Code::ParseBadUtf8, Place::of(Location::Target))
                .value(request.at(canonical)),
        );
    }
    request.store(&decoded)
}

fn read_query(
    query: &[u8],
    offset: usize,
    request: &mut Request,
    bounds: &Bounds,
    faults: &mut Faults<'_>,
) {
    request.text.push('?');
    let start = to_u32(request.text.len());
    let is_verbatim = match std::str::from_utf8(query) {
        Ok(text) if query.iter().all(|byte| is_query(*byte)) => {
            request.text.push_str(text);
            true
        }
        _ => {
            push_query(query, offset, request, faults);
            false
        }
    };
    request.query = Some(Span {
        start,
        end: to_u32(request.text.len()),
    });
    let pairs = read_pairs(
        query,
        bounds,
        &mut PairSink {
            text: &mut request.text,
            verbatim_at: is_verbatim.then_some(start),
            offset,
            location: Location::Query,
            faults,
        },
    );
    request.pairs = pairs;
}

/// Copies a query that holds octets no query may hold, encoding them.
fn push_query(query: &[u8], offset: usize, request: &mut Request, faults: &mut Faults<'_>) {
    let mut reported = false;
    for (index, byte) in query.iter().enumerate() {
        if is_query(*byte) {
            request.text.push(char::from(*byte));
            continue;
        }
        push_triplet(&mut request.text, *byte);
        if !reported {
            reported = true;
            let at = index.saturating_add(offset);
            let reason = Reason::new(Code::ParseBadQuery, Place::of(Location::Target));
            faults.push(reason.span(at, at.saturating_add(1)));
        }
    }
}

/// Where decoded pairs go, and whose faults they are.
pub(crate) struct PairSink<'s, 'r> {
    /// The arena.
    pub(crate) text: &'s mut String,
    /// Where the same bytes already stand in the arena.
    pub(crate) verbatim_at: Option<u32>,
    /// Added to spans.
    pub(crate) offset: usize,
    /// Query or body.
    pub(crate) location: Location,
    /// Receives faults.
    pub(crate) faults: &'s mut Faults<'r>,
}

/// Splits at `&` and the first `=`, then decodes (WHATWG URL section 5.1, with faults where that
/// parser repairs). Empty pieces are skipped. Cost: O(bytes).
pub(crate) fn read_pairs(
    raw: &[u8],
    bounds: &Bounds,
    sink: &mut PairSink<'_, '_>,
) -> Vec<PairSpan> {
    let mut pairs = Vec::with_capacity(if raw.is_empty() { 0 } else { 4 });
    let mut at = 0_usize;
    for piece in raw.split(|byte| *byte == b'&') {
        let start = at;
        at = at.saturating_add(piece.len()).saturating_add(1);
        if piece.is_empty() {
            continue;
        }
        if pairs.len() >= to_usize(bounds.pairs_max) {
            let place = Place::of(pair_location(sink.location));
            let reason = Reason::new(Code::ParseQueryLimit, place);
            sink.faults
                .push(reason.expected(format!("at most {} pairs", bounds.pairs_max)));
            break;
        }
        pairs.push(read_pair(piece, start, sink));
    }
    pairs
}

fn pair_location(location: Location) -> Location {
    if location == Location::Query {
        Location::Target
    } else {
        location
    }
}

fn read_pair(piece: &[u8], start: usize, sink: &mut PairSink<'_, '_>) -> PairSpan {
    let equals = memchr(b'=', piece);
    let name = piece.get(..equals.unwrap_or(piece.len())).unwrap_or(piece);
    let value_at = equals.map(|at| at.saturating_add(1));
    let value = value_at.and_then(|at| piece.get(at..)).unwrap_or(&[]);
    let name_span = read_part(name, start, name, sink);
    let value_start = start.saturating_add(value_at.unwrap_or(piece.len()));
    let value_span = read_part(value, value_start, name, sink);
    let begin = sink.offset.saturating_add(start);
    let raw = Span {
        start: to_u32(begin),
        end: to_u32(begin.saturating_add(piece.len())),
    };
    PairSpan {
        name: name_span,
        value: value_span,
        has_value: equals.is_some(),
        raw,
    }
}

fn read_part(part: &[u8], start: usize, name: &[u8], sink: &mut PairSink<'_, '_>) -> Span {
    let is_plain = !part.iter().any(|byte| matches!(byte, b'%' | b'+'));
    if let (Some(base), true) = (sink.verbatim_at, is_plain) {
        let begin = base.saturating_add(to_u32(start));
        return Span {
            start: begin,
            end: begin.saturating_add(to_u32(part.len())),
        };
    }
    let begin = sink.text.len();
    let met = decode_into(sink.text, part, true);
    let mut report = |code: Code| {
        let name = String::from_utf8_lossy(name).into_owned();
        let at = sink.offset.saturating_add(start);
        let reason = Reason::new(code, Place::named(sink.location, name));
        let reason = reason.value(sink.text.get(begin..).unwrap_or(""));
        sink.faults
            .push(reason.span(at, at.saturating_add(part.len())));
    };
    if met.bad_percent {
        report(Code::ParseBadPercent);
    }
    if met.bad_utf8 {
        report(Code::ParseBadUtf8);
    }
    if met.nul {
        report(Code::ParseEncodedNul);
    }
    Span {
        start: to_u32(begin),
        end: to_u32(sink.text.len()),
    }
}
