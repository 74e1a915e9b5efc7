//! One start tag: what the reader takes too easily. Names and values themselves are the reader's.

use super::fault::XmlFault;
use super::references::first_bad;
use crate::codes::Code;

/// A start tag, read up to its end.
pub(super) struct Tag<'x> {
    /// As written, prefix included.
    pub(super) name: &'x str,
    /// Where it ends.
    pub(super) end: usize,
    /// Whether it has no content.
    pub(super) is_empty: bool,
    /// Its attributes, namespaces among them.
    pub(super) attributes: u32,
    /// Namespaces that it declares.
    pub(super) namespaces: u32,
}

/// Reads the start tag at `start` of `text`.
///
/// # Errors
/// `parse.xml-limit` for more than `attributes_max` attributes; `parse.bad-xml` for a malformed or
/// repeated one, a name with a loose colon, a prefix bound to nothing, a bad reference.
/// Cost: O(bytes + attributes x attributes).
pub(super) fn read(text: &str, start: usize, attributes_max: u32) -> Result<Tag<'_>, XmlFault> {
    let mut cursor = Cursor {
        text,
        at: start.saturating_add(1),
    };
    let name = cursor.name();
    let named = (start, cursor.at.max(start.saturating_add(1)));
    if !is_qname(name) {
        return Err(XmlFault::bad(named, "a name behind `<`"));
    }
    let mut seen: Vec<&str> = Vec::new();
    let mut namespaces: u32 = 0;
    loop {
        let is_parted = cursor.skip_blanks();
        if let Some((end, is_empty)) = cursor.end() {
            return Ok(Tag {
                name,
                end,
                is_empty,
                attributes: u32::try_from(seen.len()).unwrap_or(u32::MAX),
                namespaces,
            });
        }
        let from = cursor.at;
        let pair = if is_parted { cursor.attribute() } else { None };
        let span = (from, cursor.at.max(from.saturating_add(1)));
        let Some((attribute, value)) = pair else {
            return Err(XmlFault::bad(
                span,
                "an attribute with a quoted value, or `>`",
            ));
        };
        if seen.len() >= usize::try_from(attributes_max).unwrap_or(usize::MAX) {
            let expected = "fewer attributes on one element";
            return Err(XmlFault::new(Code::ParseXmlLimit, span, expected));
        }
        check(attribute, value, &seen).map_err(|expected| XmlFault::bad(span, expected))?;
        let is_namespace = attribute == "xmlns" || attribute.starts_with("xmlns:");
        namespaces = namespaces.saturating_add(u32::from(is_namespace));
        seen.push(attribute);
    }
}

fn check(name: &str, value: &str, seen: &[&str]) -> Result<(), &'static str> {
    if !is_qname(name) {
        return Err("a name of an attribute");
    }
    if seen.contains(&name) {
        return Err("each attribute once");
    }
    match name.split_once(':') {
        Some(("xmlns", _)) if value.is_empty() => return Err("a namespace behind a prefix"),
        Some((_, "xmlns")) => return Err("`xmlns` without a prefix before it"),
        _ => {}
    }
    if first_bad(value).is_some() {
        return Err("one of the five entities, or a character of XML");
    }
    Ok(())
}

/// Whether at most one colon stands in it, and neither first nor last.
fn is_qname(name: &str) -> bool {
    let mut parts = name.split(':');
    let first = parts.next().is_some_and(|part| !part.is_empty());
    first && parts.next().is_none_or(|part| !part.is_empty()) && parts.next().is_none()
}

struct Cursor<'x> {
    text: &'x str,
    at: usize,
}

impl<'x> Cursor<'x> {
    fn rest(&self) -> &'x str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn take(&mut self, length: usize) -> &'x str {
        let taken = self.rest().get(..length).unwrap_or("");
        self.at = self.at.saturating_add(taken.len());
        taken
    }

    fn name(&mut self) -> &'x str {
        let rest = self.rest();
        let ends = |byte| {
            matches!(
                byte,
                b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'/' | b'>' | b'<'
            )
        };
        self.take(rest.bytes().position(ends).unwrap_or(rest.len()))
    }

    fn skip_blanks(&mut self) -> bool {
        let rest = self.rest();
        let blank = |byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        let count = rest.bytes().position(blank).unwrap_or(rest.len());
        !self.take(count).is_empty()
    }

    /// Where the tag ends, if it ends here, and whether it is closed at once.
    fn end(&self) -> Option<(usize, bool)> {
        let rest = self.rest();
        if rest.starts_with('>') {
            Some((self.at.saturating_add(1), false))
        } else if rest.starts_with("/>") {
            Some((self.at.saturating_add(2), true))
        } else {
            None
        }
    }

    fn attribute(&mut self) -> Option<(&'x str, &'x str)> {
        let name = self.name();
        self.skip_blanks();
        if self.take(1) != "=" {
            return None;
        }
        self.skip_blanks();
        let quote = self.take(1).bytes().next()?;
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let length = memchr::memchr(quote, self.rest().as_bytes())?;
        let value = self.take(length);
        self.take(1);
        Some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> Result<(&str, usize, bool, u32), Code> {
        read(text, 0, 2)
            .map(|tag| (tag.name, tag.end, tag.is_empty, tag.namespaces))
            .map_err(|fault| fault.code)
    }

    #[test]
    fn a_tag_ends_behind_its_quoted_values() {
        assert_eq!(tag("<a>x"), Ok(("a", 3, false, 0)));
        assert_eq!(tag("<p:a />"), Ok(("p:a", 7, true, 0)));
        assert_eq!(tag("<a b='>' c=\"/>\">"), Ok(("a", 16, false, 0)));
        assert_eq!(tag("<a\n b = '1'/>"), Ok(("a", 13, true, 0)));
        assert_eq!(tag("<a xmlns='u' xmlns:p='v'>"), Ok(("a", 25, false, 2)));
        assert_eq!(tag("<a xmlns=''>"), Ok(("a", 12, false, 1)));
    }

    #[test]
    fn what_the_reader_takes_too_easily_is_refused() {
        for text in [
            "<:a>",
            "<a:>",
            "<a:b:c>",
            "< a>",
            "<>",
            "<a :b='1'>",
            "<a b='1' b='2'>",
            "<a xmlns='u' xmlns='v'>",
            "<a xmlns:p=''>",
            "<a p:xmlns='u'>",
            "<a b='&#xD800;'>",
            "<a b='&lol;'>",
            "<a b=1>",
            "<a b>",
            "<a b='1'c='2'>",
            "<a b='1",
            "<a",
            "<a/ >",
        ] {
            assert_eq!(tag(text), Err(Code::ParseBadXml), "{text}");
        }
    }

    #[test]
    fn attributes_are_counted_namespaces_among_them() {
        assert_eq!(tag("<a b='' c='' d=''>"), Err(Code::ParseXmlLimit));
        assert_eq!(tag("<a xmlns='u' c='' d=''>"), Err(Code::ParseXmlLimit));
    }
}
