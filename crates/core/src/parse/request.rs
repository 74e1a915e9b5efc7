//! `Request`: one arena of text and spans into it. Nothing is stored twice unless decoding changed it.

use crate::decision::Reason;
use crate::parse::media::MediaType;
use crate::wire::head::Span;

/// A content coding that the core can take off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// `br` (RFC 7932).
    Brotli,
    /// `deflate`: zlib (RFC 1950), or raw (RFC 1951) as some clients send.
    Deflate,
    /// `gzip` and `x-gzip` (RFC 1952).
    Gzip,
    /// `zstd` (RFC 8878).
    Zstd,
}

impl Coding {
    /// By its name in `Content-Encoding`, any case.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        match name.len() {
            2 if is("br") => Some(Coding::Brotli),
            4 if is("gzip") => Some(Coding::Gzip),
            4 if is("zstd") => Some(Coding::Zstd),
            6 if is("x-gzip") => Some(Coding::Gzip),
            7 if is("deflate") => Some(Coding::Deflate),
            _ => None,
        }
    }
}

/// One path segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'r> {
    /// As in the canonical path.
    pub canonical: &'r str,
    /// Percent-decoded; may hold `/` where `parse.encoded-slash` is relaxed.
    pub decoded: &'r str,
}

/// One pair of the query or of a form body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair<'r> {
    /// Decoded name.
    pub name: &'r str,
    /// Decoded value; empty without `=`.
    pub value: &'r str,
    /// Whether there was a `=`.
    pub has_value: bool,
    /// Byte span of the whole pair in the target (query) or body (form), as sent.
    pub span: (u32, u32),
}

/// One cookie; surrounding double quotes are taken off, nothing else is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie<'r> {
    /// Its name.
    pub name: &'r str,
    /// Its value.
    pub value: &'r str,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SegmentSpan {
    pub(crate) canonical: Span,
    pub(crate) decoded: Span,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PairSpan {
    pub(crate) name: Span,
    pub(crate) value: Span,
    pub(crate) has_value: bool,
    pub(crate) raw: Span,
}

/// The one canonical view of a request head.
#[derive(Clone, Debug)]
pub struct Request {
    /// Canonical target first (path, `?`, query), then method, host, and what needed decoding.
    pub(crate) text: String,
    pub(crate) path: Span,
    pub(crate) query: Option<Span>,
    pub(crate) method: Span,
    pub(crate) segments: Vec<SegmentSpan>,
    pub(crate) pairs: Vec<PairSpan>,
    pub(crate) cookies: Vec<PairSpan>,
    pub(crate) host: Span,
    pub(crate) port: Option<u16>,
    pub(crate) media: Option<MediaType>,
    pub(crate) coding: Option<Coding>,
    pub(crate) target_is_canonical: bool,
    /// Everything that stands against this head, in order; each a `parse.*` code.
    pub faults: Vec<Reason>,
}

impl Request {
    pub(crate) fn empty(target_len: usize) -> Self {
        Request {
            text: String::with_capacity(target_len.saturating_mul(2).saturating_add(64)),
            path: Span::default(),
            query: None,
            method: Span::default(),
            segments: Vec::with_capacity(8),
            pairs: Vec::new(),
            cookies: Vec::new(),
            host: Span::default(),
            port: None,
            media: None,
            coding: None,
            target_is_canonical: true,
            faults: Vec::new(),
        }
    }

    pub(crate) fn at(&self, span: Span) -> &str {
        let (start, end) = (to_usize(span.start), to_usize(span.end));
        self.text.get(start..end).unwrap_or("")
    }

    /// The method as sent (a token; the codec has checked it).
    #[must_use]
    pub fn method(&self) -> &str {
        self.at(self.method)
    }

    /// The canonical path: starts with `/`, unreserved octets decoded, hex digits upper case,
    /// every other encoded octet still encoded, dot segments resolved.
    #[must_use]
    pub fn path(&self) -> &str {
        self.at(self.path)
    }

    /// The query as sent, without `?`; `None` when there is no `?`.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.query.map(|span| self.at(span))
    }

    /// Canonical path and query in origin-form: what is forwarded.
    #[must_use]
    pub fn target(&self) -> &str {
        let end = self.query.map_or(self.path.end, |query| query.end);
        self.at(Span {
            start: self.path.start,
            end,
        })
    }

    /// Whether `target()` equals the target as sent.
    #[must_use]
    pub fn target_is_canonical(&self) -> bool {
        self.target_is_canonical
    }

    /// Path segments in order. `/` has one empty segment; a trailing slash makes a last empty one.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = Segment<'_>> + Clone {
        self.segments.iter().map(|segment| Segment {
            canonical: self.at(segment.canonical),
            decoded: self.at(segment.decoded),
        })
    }

    /// The segment with this index.
    #[must_use]
    pub fn segment(&self, index: usize) -> Option<Segment<'_>> {
        self.segments.get(index).map(|segment| Segment {
            canonical: self.at(segment.canonical),
            decoded: self.at(segment.decoded),
        })
    }

    /// Query pairs in order, decoded as forms are (`+` is a space). Empty pieces are skipped.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = Pair<'_>> + Clone {
        self.pairs.iter().map(|pair| Pair {
            name: self.at(pair.name),
            value: self.at(pair.value),
            has_value: pair.has_value,
            span: (pair.raw.start, pair.raw.end),
        })
    }

    /// Every value of one query parameter.
    pub fn query_values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.pairs()
            .filter(move |pair| pair.name == name)
            .map(|pair| pair.value)
    }

    /// Cookies of all `Cookie` fields, in order.
    pub fn cookies(&self) -> impl ExactSizeIterator<Item = Cookie<'_>> + Clone {
        self.cookies.iter().map(|cookie| Cookie {
            name: self.at(cookie.name),
            value: self.at(cookie.value),
        })
    }

    /// Every value of one cookie.
    pub fn cookie_values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.cookies()
            .filter(move |cookie| cookie.name == name)
            .map(|cookie| cookie.value)
    }

    /// Host of `Host`: lower case, without port and without a final dot; IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.at(self.host)
    }

    /// Port of `Host`, where written.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// `Content-Type`; `None` when absent or malformed.
    #[must_use]
    pub fn media(&self) -> Option<&MediaType> {
        self.media.as_ref()
    }

    /// `Content-Encoding`; `None` when absent, `identity` or not supported (a fault).
    #[must_use]
    pub fn coding(&self) -> Option<Coding> {
        self.coding
    }

    /// Appends text to the arena.
    pub(crate) fn store(&mut self, text: &str) -> Span {
        let start = to_u32(self.text.len());
        self.text.push_str(text);
        Span {
            start,
            end: to_u32(self.text.len()),
        }
    }
}

/// Positions inside one message fit 32 bits: heads and bodies are bounded far below.
pub(crate) fn to_u32(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

pub(crate) fn to_usize(position: u32) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
