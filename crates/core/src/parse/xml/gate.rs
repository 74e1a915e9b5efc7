//! The gate before the reader: bounds, and what is refused whatever it holds. It cuts the text at
//! the same places as the reader: a comment ends at the first `-->`, a CDATA section at `]]>`, an
//! instruction at `?>`, a tag at a `>` outside quotes. Where the reader would cut elsewhere, the
//! text is not well-formed and the reader refuses it.

use memchr::memmem;

use super::fault::{XmlFault, XmlRules};
use super::references::first_bad;
use super::tag;
use crate::budget::Bounds;
use crate::codes::Code;
use crate::parse::json::push_token;

pub(super) struct Gate<'x> {
    text: &'x str,
    at: usize,
    rules: XmlRules,
    bounds: &'x Bounds,
    /// Names of open elements, and the namespaces that each declares.
    open: Vec<(&'x str, u32)>,
    in_scope: u32,
    nodes: u32,
}

impl<'x> Gate<'x> {
    /// start: behind the XML declaration.
    pub(super) fn new(text: &'x str, start: usize, rules: XmlRules, bounds: &'x Bounds) -> Self {
        Gate {
            text,
            at: start,
            rules,
            bounds,
            open: Vec::new(),
            in_scope: 0,
            nodes: 0,
        }
    }

    /// Looks at the whole text once.
    ///
    /// # Errors
    /// See `read_xml`.
    pub(super) fn pass(mut self) -> Result<(), XmlFault> {
        self.look()
            .map_err(|fault| fault.within(pointer(self.open.iter().map(|(name, _)| *name))))
    }

    fn look(&mut self) -> Result<(), XmlFault> {
        self.line_ends()?;
        while self.at < self.text.len() {
            let rest = self.rest();
            let length = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            if length > 0 {
                self.characters(rest.get(..length).unwrap_or(""))?;
                self.at = self.at.saturating_add(length);
            } else {
                self.markup()?;
            }
        }
        match self.open.last() {
            Some(_) => Err(self.bad(0, "the end tag of each element")),
            None => Ok(()),
        }
    }

    /// The reader leaves a lone carriage return before a reference as it is.
    fn line_ends(&self) -> Result<(), XmlFault> {
        let bytes = self.text.as_bytes();
        let lone = memchr::memchr_iter(b'\r', bytes)
            .find(|at| bytes.get(at.saturating_add(1)) != Some(&b'\n'));
        match lone {
            Some(at) => Err(XmlFault::bad(
                (at, at.saturating_add(1)),
                "line ends of LF or CR LF",
            )),
            None => Ok(()),
        }
    }

    fn rest(&self) -> &'x str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn characters(&mut self, text: &str) -> Result<(), XmlFault> {
        self.count(1)?;
        match first_bad(text) {
            Some(at) => {
                let at = self.at.saturating_add(at);
                let expected = "one of the five entities, or a character of XML";
                Err(XmlFault::bad((at, at.saturating_add(1)), expected))
            }
            None => Ok(()),
        }
    }

    fn markup(&mut self) -> Result<(), XmlFault> {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            self.skip(4, b"-->")
        } else if rest.starts_with("<![CDATA[") {
            self.skip(9, b"]]>")
        } else if rest.starts_with("<!DOCTYPE") {
            self.doctype()
        } else if rest.starts_with("<!") {
            Err(self.bad(2, "a comment or a CDATA section behind `<!`"))
        } else if rest.starts_with("<?") {
            self.instruction()
        } else if rest.starts_with("</") {
            self.close()
        } else {
            self.element()
        }
    }

    /// Goes behind the first `end` that stands `head` bytes on.
    fn skip(&mut self, head: usize, end: &[u8]) -> Result<(), XmlFault> {
        self.count(1)?;
        let from = self.at.saturating_add(head);
        let inner = self.text.as_bytes().get(from..).unwrap_or(&[]);
        let Some(length) = memmem::find(inner, end) else {
            return Err(self.bad(head, "the end of a comment, section or instruction"));
        };
        self.at = from.saturating_add(length).saturating_add(end.len());
        Ok(())
    }

    fn doctype(&mut self) -> Result<(), XmlFault> {
        let refused = |this: &Self, expected| {
            let span = (this.at, this.at.saturating_add(9));
            Err(XmlFault::new(Code::ParseXmlDoctype, span, expected))
        };
        if !self.rules.doctype_passes() {
            return refused(self, "no DOCTYPE");
        }
        let mut quote = None;
        let end = self.rest().bytes().position(|byte| match (quote, byte) {
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                false
            }
            (Some(open), _) => {
                quote = quote.filter(|_| open != byte);
                false
            }
            (None, _) => matches!(byte, b'[' | b'>'),
        });
        let end = end.map(|length| self.at.saturating_add(length));
        match end.filter(|end| self.text.as_bytes().get(*end) == Some(&b'>')) {
            Some(end) => {
                self.at = end.saturating_add(1);
                self.count(1)
            }
            None => refused(self, "a DOCTYPE without declarations of its own"),
        }
    }

    fn instruction(&mut self) -> Result<(), XmlFault> {
        let named = self.rest().get(2..).unwrap_or("");
        let ends = |byte: u8| byte.is_ascii_whitespace() || byte == b'?';
        let length = named.bytes().position(ends).unwrap_or(named.len());
        let target = named.get(..length).unwrap_or("");
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if target.eq_ignore_ascii_case("xml") || !target.bytes().all(is_name) {
            return Err(self.bad(2, "a plain name behind `<?`, and the declaration first"));
        }
        if !self.rules.instructions_pass() {
            let span = (self.at, self.at.saturating_add(length).saturating_add(2));
            let expected = "no processing instruction";
            return Err(XmlFault::new(Code::ParseXmlInstruction, span, expected));
        }
        self.skip(2, b"?>")
    }

    fn close(&mut self) -> Result<(), XmlFault> {
        let inner = self.rest().get(2..).unwrap_or("");
        let name = inner.split('>').next().unwrap_or("");
        let written = name.trim_end_matches([' ', '\t', '\r', '\n']);
        match self.open.last() {
            Some((open, namespaces)) if *open == written && name.len() < inner.len() => {
                self.in_scope = self.in_scope.saturating_sub(*namespaces);
                self.open.pop();
                self.at = self.at.saturating_add(name.len()).saturating_add(3);
                Ok(())
            }
            _ => Err(self.bad(2, "the end tag of the element that is open")),
        }
    }

    fn element(&mut self) -> Result<(), XmlFault> {
        self.count(1)?;
        let tag = tag::read(self.text, self.at, self.bounds.xml_attributes_max)?;
        self.in_scope = self.in_scope.saturating_add(tag.namespaces);
        // The reader compares the attributes of one element, and copies the namespaces in its scope
        // where it declares one.
        let copied = if tag.namespaces > 0 { self.in_scope } else { 0 };
        self.count(tag.attributes.saturating_add(copied))?;
        self.open.push((tag.name, tag.namespaces));
        let depth = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        if depth > self.bounds.xml_depth_max {
            return Err(self.limit("fewer elements inside each other"));
        }
        // Each element is asked for all namespaces in its scope.
        if self.in_scope > self.bounds.xml_attributes_max {
            return Err(self.limit("fewer namespaces in one scope"));
        }
        self.at = tag.end;
        if tag.is_empty {
            self.in_scope = self.in_scope.saturating_sub(tag.namespaces);
            self.open.pop();
        }
        Ok(())
    }

    fn count(&mut self, more: u32) -> Result<(), XmlFault> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes > self.bounds.xml_nodes_max {
            return Err(self.limit("fewer elements, attributes, texts and comments"));
        }
        Ok(())
    }

    fn limit(&self, expected: &'static str) -> XmlFault {
        let span = (self.at, self.at.saturating_add(1));
        XmlFault::new(Code::ParseXmlLimit, span, expected)
    }

    fn bad(&self, length: usize, expected: &'static str) -> XmlFault {
        let end = self.at.saturating_add(length).min(self.text.len());
        XmlFault::bad((self.at, end), expected)
    }
}

/// Names of elements as a JSON Pointer.
pub(super) fn pointer<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut pointer = String::new();
    for name in names {
        pointer.push('/');
        push_token(&mut pointer, name);
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(text: &str, rules: XmlRules) -> Result<(), (Code, String, usize)> {
        let bounds = Bounds {
            xml_depth_max: 3,
            xml_nodes_max: 20,
            xml_attributes_max: 4,
            ..Bounds::default()
        };
        Gate::new(text, 0, rules, &bounds)
            .pass()
            .map_err(|fault| (fault.code, fault.pointer, fault.span.0))
    }

    fn refused(text: &str) -> (Code, String, usize) {
        pass(text, XmlRules::STRICT).unwrap_err()
    }

    #[test]
    fn a_fault_names_the_elements_around_it() {
        let told = |code, pointer: &str, at| (code, pointer.to_owned(), at);
        assert_eq!(
            refused("<a><b>&x;</b></a>"),
            told(Code::ParseBadXml, "/a/b", 6)
        );
        assert_eq!(
            refused("<a><b></a></b>"),
            told(Code::ParseBadXml, "/a/b", 6)
        );
        assert_eq!(refused("<a>"), told(Code::ParseBadXml, "/a", 3));
        assert_eq!(
            refused("<a><?b c?></a>"),
            told(Code::ParseXmlInstruction, "/a", 3)
        );
    }

    #[test]
    fn bounds_are_held_up_to_their_last_element() {
        assert_eq!(pass("<a><b><c/></b></a>", XmlRules::STRICT), Ok(()));
        assert_eq!(refused("<a><b><c><d/></c></b></a>").0, Code::ParseXmlLimit);
        assert_eq!(
            pass(&format!("<a>{}</a>", "<b/>".repeat(19)), XmlRules::STRICT),
            Ok(())
        );
        assert_eq!(
            refused(&format!("<a>{}</a>", "<b/>".repeat(20))).0,
            Code::ParseXmlLimit
        );
        let attributes = |count| format!("<a>{}</a>", "<b c='' d=''/>".repeat(count));
        assert_eq!(pass(&attributes(6), XmlRules::STRICT), Ok(()));
        assert_eq!(refused(&attributes(7)).0, Code::ParseXmlLimit);
        let scope = "<a xmlns='1' xmlns:b='2'><b xmlns:c='3' xmlns:d='4'/><b xmlns:c='5'/></a>";
        assert_eq!(pass(scope, XmlRules::STRICT), Ok(()));
        let wide = "<a xmlns='1' xmlns:b='2'><b xmlns:c='3' xmlns:d='4'><c xmlns:e='5'/></b></a>";
        assert_eq!(refused(wide).0, Code::ParseXmlLimit);
    }

    #[test]
    fn markup_inside_comments_and_sections_is_text() {
        for text in [
            "<a><!-- </a> &x; <b> --></a>",
            "<a><![CDATA[</a>&x;<!DOCTYPE a>]]></a>",
            "<a b='</a><!-- '/>",
        ] {
            assert_eq!(pass(text, XmlRules::STRICT), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_doctype_is_refused_wherever_it_hides() {
        for text in [
            "<!DOCTYPE a><a/>",
            "<!-- x --><!DOCTYPE a [<!ENTITY l 'x'>]><a>&l;</a>",
            "\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
            "<a><!DOCTYPE a></a>",
        ] {
            assert_eq!(refused(text).0, Code::ParseXmlDoctype, "{text}");
        }
        let rules = XmlRules::STRICT.relax(Code::ParseXmlDoctype);
        assert_eq!(pass("<!DOCTYPE a PUBLIC '[>' \"b>\"><a/>", rules), Ok(()));
        let declares = pass("<!DOCTYPE a [<!ENTITY l 'x'>]><a/>", rules).unwrap_err();
        assert_eq!(declares.0, Code::ParseXmlDoctype);
    }

    #[test]
    fn a_lone_carriage_return_is_refused_and_windows_lines_pass() {
        assert_eq!(pass("<a>\r\n</a>\r\n", XmlRules::STRICT), Ok(()));
        assert_eq!(refused("<a>\r&lt;</a>").2, 3);
    }
}
