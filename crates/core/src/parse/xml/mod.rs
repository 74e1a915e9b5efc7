//! Strict XML 1.0 with namespaces, for bodies. `roxmltree` reads; a gate before it holds the bounds
//! and refuses what readers take in two ways or the reader takes too easily: any DOCTYPE,
//! processing instructions, XInclude, entities beyond the five, comments inside a text.

mod declaration;
mod fault;
mod gate;
mod references;
mod tag;
#[cfg(test)]
mod tests;
mod tree;

pub use fault::{XmlFault, XmlRules};
pub use tree::{Attribute, Element, Xml};

use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use gate::Gate;

/// The tree of one XML body.
///
/// # Errors
/// The first fault: `parse.unsupported-charset` (bytes or declaration of another encoding),
/// `parse.xml-limit`, `parse.xml-doctype`, `parse.xml-instruction`, `parse.xml-include`,
/// `parse.xml-comment`, `parse.prototype-key`, `internal.budget`, or `parse.bad-xml` for all else that is not well-formed.
/// A byte order mark of UTF-8 passes. Cost: O(bytes + nodes x namespaces in scope), bytes taken
/// twice from `budget`. Source: XML 1.0 (fifth edition), Namespaces in XML 1.0 (third edition).
pub fn read_xml<'x>(
    body: &'x [u8],
    rules: XmlRules,
    bounds: &Bounds,
    budget: &mut Budget,
) -> Result<Xml<'x>, XmlFault> {
    if budget.take(body.len().saturating_mul(2)).is_err() {
        return Err(XmlFault::new(Code::InternalBudget, (0, body.len()), ""));
    }
    let (text, base) = utf8(body)?;
    let read = declaration::check(text)
        .and_then(|start| Gate::new(text, start, rules, bounds).pass())
        .and_then(|()| tree::read(text, base, rules, bounds));
    read.map_err(|fault| fault.behind(base))
}

/// The text behind a byte order mark, and where it starts.
fn utf8(body: &[u8]) -> Result<(&str, usize), XmlFault> {
    if matches!(
        body,
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, ..] | [_, 0, ..]
    ) {
        return Err(XmlFault::new(
            Code::ParseUnsupportedCharset,
            (0, 2),
            "UTF-8",
        ));
    }
    let (body, base) = match body.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, 3),
        None => (body, 0),
    };
    let text = std::str::from_utf8(body).map_err(|error| {
        let at = error.valid_up_to();
        XmlFault::bad((at, at.saturating_add(1)), "UTF-8").behind(base)
    })?;
    if text.starts_with('\u{feff}') {
        return Err(XmlFault::bad((0, 3), "at most one byte order mark").behind(base));
    }
    Ok((text, base))
}
