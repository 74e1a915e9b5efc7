//! The tree that the reader made, as the rest of the core sees it.

use std::borrow::Cow;

use roxmltree::{Document, Error, Node, ParsingOptions};

use super::fault::{XmlFault, XmlRules};
use super::gate::pointer;
use crate::budget::Bounds;
use crate::codes::Code;

/// XInclude, and the namespace of its draft, which libxml2 obeys too.
const INCLUDES: [&str; 2] = [
    "http://www.w3.org/2001/XInclude",
    "http://www.w3.org/2003/XInclude",
];

/// One well-formed document.
#[derive(Debug)]
pub struct Xml<'x> {
    document: Document<'x>,
    base: usize,
}

/// One element of it.
#[derive(Clone, Copy, Debug)]
pub struct Element<'t, 'x> {
    node: Node<'t, 'x>,
    base: usize,
}

/// One attribute, namespace declarations aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute<'t> {
    /// Without its prefix.
    pub name: &'t str,
    /// `None` without a prefix.
    pub namespace: Option<&'t str>,
    /// Normalised by XML 1.0 section 3.3.3.
    pub value: &'t str,
    /// Bytes of the body.
    pub span: (usize, usize),
}

/// Reads a text that the gate let pass. base: bytes of the body before it.
pub(super) fn read<'x>(
    text: &'x str,
    base: usize,
    rules: XmlRules,
    bounds: &Bounds,
) -> Result<Xml<'x>, XmlFault> {
    let options = ParsingOptions {
        allow_dtd: rules.doctype_passes(),
        // One more for the document itself.
        nodes_limit: bounds.xml_nodes_max.saturating_add(1),
        entity_resolver: None,
    };
    let document =
        Document::parse_with_options(text, options).map_err(|error| told(text, &error))?;
    for node in document.descendants() {
        check(node, rules)?;
    }
    Ok(Xml { document, base })
}

fn check(node: Node<'_, '_>, rules: XmlRules) -> Result<(), XmlFault> {
    let (code, expected) = if is_include(node) && !rules.includes_pass() {
        (Code::ParseXmlInclude, "no XInclude")
    } else if is_prototype(node) && !rules.prototypes_pass() {
        (Code::ParsePrototypeKey, "a name that is not a prototype")
    } else if splits_text(node) && !rules.comments_pass() {
        (Code::ParseXmlComment, "no comment beside a text")
    } else {
        return Ok(());
    };
    let range = node.range();
    let mut around: Vec<&str> = node
        .ancestors()
        .filter(Node::is_element)
        .map(|element| element.tag_name().name())
        .collect();
    around.reverse();
    Err(XmlFault::new(code, (range.start, range.end), expected).within(pointer(around.into_iter())))
}

fn is_include(node: Node<'_, '_>) -> bool {
    let namespace = node.tag_name().namespace();
    namespace.is_some_and(|namespace| INCLUDES.contains(&namespace))
}

/// Readers that make JavaScript objects of elements take these names for the objects' own.
fn is_prototype(node: Node<'_, '_>) -> bool {
    let parent = node.parent().map_or("", |parent| parent.tag_name().name());
    let name = node.tag_name().name();
    name == "__proto__"
        || (name == "prototype" && parent == "constructor")
        || node
            .attributes()
            .any(|attribute| attribute.name() == "__proto__")
}

/// Some readers end a text at a comment (CVE-2017-11427 and its kin), others go on behind it.
fn splits_text(node: Node<'_, '_>) -> bool {
    let beside = |other: Option<Node<'_, '_>>| {
        other.is_some_and(|other| other.is_text() && !is_blank(other.text().unwrap_or("")))
    };
    (node.is_comment() || node.is_pi())
        && (beside(node.prev_sibling()) || beside(node.next_sibling()))
}

fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn told(text: &str, error: &Error) -> XmlFault {
    let (code, expected) = match error {
        Error::NodesLimitReached
        | Error::AttributesLimitReached
        | Error::NamespacesLimitReached => (Code::ParseXmlLimit, "a smaller document"),
        Error::DtdDetected => (Code::ParseXmlDoctype, "no DOCTYPE"),
        Error::DuplicatedAttribute(..) | Error::DuplicatedNamespace(..) => {
            (Code::ParseBadXml, "each attribute once")
        }
        Error::UnknownNamespace(..) => (Code::ParseBadXml, "prefixes that are declared"),
        Error::NonXmlChar(..) => (Code::ParseBadXml, "characters of XML"),
        Error::InvalidName(_) => (Code::ParseBadXml, "names of XML"),
        Error::NoRootNode => (Code::ParseBadXml, "one element around all others"),
        Error::UnknownToken(_) => (Code::ParseBadXml, "one element, and no text outside it"),
        _ => (Code::ParseBadXml, "well-formed XML"),
    };
    let at = place(text, error.pos().row, error.pos().col);
    XmlFault::new(code, (at, at.saturating_add(1).min(text.len())), expected)
}

/// The byte at a row and column, which count from 1 in lines and letters.
fn place(text: &str, row: u32, column: u32) -> usize {
    let count = |number: u32| usize::try_from(number.saturating_sub(1)).unwrap_or(0);
    let before: usize = text
        .split_inclusive('\n')
        .take(count(row))
        .map(str::len)
        .sum();
    let line = text.get(before..).unwrap_or("");
    let letters = line.char_indices().nth(count(column));
    before.saturating_add(letters.map_or(line.len(), |(at, _)| at))
}

impl<'x> Xml<'x> {
    /// The one element around all others.
    #[must_use]
    pub fn root(&self) -> Element<'_, 'x> {
        Element {
            node: self.document.root_element(),
            base: self.base,
        }
    }
}

impl<'t, 'x> Element<'t, 'x> {
    /// Its name without prefix.
    #[must_use]
    pub fn name(&self) -> &'t str {
        self.node.tag_name().name()
    }

    /// Its namespace; `None` outside any.
    #[must_use]
    pub fn namespace(&self) -> Option<&'t str> {
        let namespace = self.node.tag_name().namespace();
        namespace.filter(|name| !name.is_empty())
    }

    /// Its attributes, in order.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'t>> + use<'t, 'x> {
        let base = self.base;
        self.node.attributes().map(move |attribute| {
            let range = attribute.range();
            Attribute {
                name: attribute.name(),
                namespace: attribute.namespace(),
                value: attribute.value(),
                span: (
                    range.start.saturating_add(base),
                    range.end.saturating_add(base),
                ),
            }
        })
    }

    /// The elements right inside it, in order.
    pub fn elements(&self) -> impl Iterator<Item = Element<'t, 'x>> + use<'t, 'x> {
        let base = self.base;
        let inner = self.node.children().filter(Node::is_element);
        inner.map(move |node| Element { node, base })
    }

    /// All text right inside it, CDATA sections among it, references resolved.
    #[must_use]
    pub fn text(&self) -> Cow<'t, str> {
        let mut texts = self
            .node
            .children()
            .filter_map(|node| match node.is_text() {
                true => node.text(),
                false => None,
            });
        let first = texts.next().unwrap_or("");
        let Some(second) = texts.next() else {
            return Cow::Borrowed(first);
        };
        let mut all = [first, second].concat();
        texts.for_each(|more| all.push_str(more));
        Cow::Owned(all)
    }

    /// Whether text stands right inside it that is more than blanks.
    #[must_use]
    pub fn has_text(&self) -> bool {
        !is_blank(&self.text())
    }

    /// Whether text that is more than blanks stands behind an element right inside it.
    #[must_use]
    pub fn is_text_split(&self) -> bool {
        let mut inner = self.node.children().skip_while(|node| !node.is_element());
        inner.any(|node| node.is_text() && !is_blank(node.text().unwrap_or("")))
    }

    /// Bytes of the body, from its start tag to its end tag.
    #[must_use]
    pub fn span(&self) -> (usize, usize) {
        let range = self.node.range();
        (
            range.start.saturating_add(self.base),
            range.end.saturating_add(self.base),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn xml(text: &str) -> Result<Xml<'_>, XmlFault> {
        read(text, 0, XmlRules::STRICT, &Bounds::default())
    }

    #[test]
    fn names_come_with_their_namespaces() {
        let tree = xml("<a xmlns='u' xmlns:p='v' p:b='1' c='2'><p:d/><e xmlns=''/></a>").unwrap();
        let root = tree.root();
        assert_eq!((root.name(), root.namespace()), ("a", Some("u")));
        let attributes: Vec<_> = root
            .attributes()
            .map(|a| (a.name, a.namespace, a.value))
            .collect();
        assert_eq!(attributes, [("b", Some("v"), "1"), ("c", None, "2")]);
        let inner: Vec<_> = root.elements().map(|e| (e.name(), e.namespace())).collect();
        assert_eq!(inner, [("d", Some("v")), ("e", None)]);
    }

    #[test]
    fn text_is_joined_across_sections() {
        let tree = xml("<a>x&lt;<![CDATA[<b>]]>y</a>").unwrap();
        assert_eq!(
            (&*tree.root().text(), tree.root().has_text()),
            ("x<<b>y", true)
        );
        for (text, is_split) in [
            ("<a>1<b/>2</a>", true),
            ("<a><b/>2</a>", true),
            ("<a>1<b/>\n</a>", false),
            ("<a>1<![CDATA[2]]></a>", false),
        ] {
            assert_eq!(
                xml(text).unwrap().root().is_text_split(),
                is_split,
                "{text}"
            );
        }
        let spread = xml("<a> <b/>\n</a>").unwrap();
        assert!(!spread.root().has_text());
    }

    #[test]
    fn includes_and_comments_in_texts_are_refused_with_their_place() {
        let include =
            "<a xmlns:x='http://www.w3.org/2001/XInclude'><b><x:include href='f'/></b></a>";
        let fault = xml(include).unwrap_err();
        assert_eq!(
            (fault.code, &*fault.pointer),
            (Code::ParseXmlInclude, "/a/b/include")
        );
        let fault = xml("<a><b>user<!-- x -->.evil</b></a>").unwrap_err();
        assert_eq!(
            (fault.code, &*fault.pointer, fault.span),
            (Code::ParseXmlComment, "/a/b", (10, 20))
        );
        assert!(xml("<a><!-- x --><b>user</b></a>").is_ok());
        assert!(xml("<a><include href='f'/></a>").is_ok());
    }

    #[test]
    fn names_that_change_prototypes_are_refused() {
        let code = |text| xml(text).map(drop).map_err(|fault| fault.code);
        for text in [
            "<a><__proto__><admin>1</admin></__proto__></a>",
            "<a __proto__='1'/>",
            "<a><constructor><prototype/></constructor></a>",
        ] {
            assert_eq!(code(text), Err(Code::ParsePrototypeKey), "{text}");
        }
        assert_eq!(code("<a><constructor/><prototype/></a>"), Ok(()));
    }

    #[test]
    fn a_fault_of_the_reader_has_its_byte() {
        let text = "<a>\n\u{e9}<p:b/></a>";
        let fault = xml(text).unwrap_err();
        assert_eq!(text.get(fault.span.0..fault.span.1), Some("p"));
        assert_eq!(fault.expected, "prefixes that are declared");
    }
}
