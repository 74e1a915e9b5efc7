//! `application/x-www-form-urlencoded` bodies (WHATWG URL section 5.1), read as the query is.

use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::parse::request::{Pair, PairSpan};
use crate::parse::rules::{CodeSet, Faults};
use crate::parse::target::{PairSink, read_pairs};
use crate::wire::head::Span;

/// A form body: pairs in order, decoded.
#[derive(Clone, Debug, Default)]
pub struct Form {
    text: String,
    pairs: Vec<PairSpan>,
}

impl Form {
    /// Pairs in order; spans are bytes of the body.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = Pair<'_>> + Clone {
        let at = |span: Span| {
            let (start, end) = (
                crate::parse::request::to_usize(span.start),
                crate::parse::request::to_usize(span.end),
            );
            self.text.get(start..end).unwrap_or("")
        };
        self.pairs.iter().map(move |pair| Pair {
            name: at(pair.name),
            value: at(pair.value),
            has_value: pair.has_value,
            span: (pair.raw.start, pair.raw.end),
        })
    }
}

/// Reads a whole form body; always gives a best-effort form.
///
/// Faults: `parse.bad-form` (octets that no form holds), `parse.bad-percent`, `parse.bad-utf8`,
/// `parse.encoded-nul`, `parse.query-limit`, `internal.budget`. Cost: O(bytes) from `budget`.
pub fn read_form(
    body: &[u8],
    relaxed: &CodeSet,
    bounds: &Bounds,
    budget: &mut Budget,
) -> (Form, Vec<Reason>) {
    let mut faults = Faults::new(relaxed, bounds.errors_max);
    if budget.take(body.len()).is_err() {
        faults.add(Code::InternalBudget, Place::of(Location::Body));
        return (Form::default(), faults.list);
    }
    let mut form = Form::default();
    let is_verbatim = match std::str::from_utf8(body) {
        Ok(text) => {
            form.text.push_str(text);
            true
        }
        Err(_) => false,
    };
    // Raw blanks, line ends and non-ASCII letters are read alike by all; control characters not.
    let odd = |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\t' | b'\r' | b'\n') || *byte == 0x7f;
    if let Some(at) = body.iter().position(odd) {
        let reason = Reason::new(Code::ParseBadForm, Place::of(Location::Body));
        faults.push(reason.span(at, at.saturating_add(1)));
    }
    form.pairs = read_pairs(
        body,
        bounds,
        &mut PairSink {
            text: &mut form.text,
            verbatim_at: is_verbatim.then_some(0),
            offset: 0,
            location: Location::Body,
            faults: &mut faults,
        },
    );
    // Who decodes text before triplets reads raw octets that only complete a triplet otherwise.
    if !is_verbatim
        && faults
            .list
            .iter()
            .all(|reason| reason.code != Code::ParseBadUtf8)
    {
        faults.add(Code::ParseBadUtf8, Place::of(Location::Body));
    }
    (form, faults.list)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8]) -> (Vec<(String, String)>, Vec<Code>) {
        let bounds = Bounds::default();
        let (form, faults) = read_form(body, &CodeSet::new(), &bounds, &mut Budget::new(&bounds));
        let pairs = form
            .pairs()
            .map(|pair| (pair.name.to_owned(), pair.value.to_owned()));
        (
            pairs.collect(),
            faults.iter().map(|reason| reason.code).collect(),
        )
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn honest_forms_are_read() {
        let (pairs, codes) = read(b"a=1+2&b=%C3%A9&c&&d==");
        assert_eq!(
            pairs,
            [
                pair("a", "1 2"),
                pair("b", "\u{e9}"),
                pair("c", ""),
                pair("d", "=")
            ]
        );
        assert_eq!(codes, []);
        assert_eq!(read(b"").0, []);
    }

    #[test]
    fn forms_with_two_readings_are_refused() {
        for (body, code) in [
            (&b"a=%"[..], Code::ParseBadPercent),
            (b"a=%c0%af", Code::ParseBadUtf8),
            (b"a=\xff", Code::ParseBadUtf8),
            (b"a=%C3\xaa", Code::ParseBadUtf8),
            (b"a=%00", Code::ParseEncodedNul),
            (b"a=\x01", Code::ParseBadForm),
        ] {
            assert_eq!(read(body).1, [code], "{body:?}");
        }
    }
}
