//! The tape: one flat list of nodes in document order, over one owned text.

use serde_json::Value;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// `null`.
    Null,
    /// `false`.
    False,
    /// `true`.
    True,
    /// A number, kept as its literal.
    Number,
    /// A string, decoded.
    String,
    /// A list.
    Array,
    /// An object; its children are pairs of `Key` and value.
    Object,
    /// The name of a member, decoded. Never a value.
    Key,
}

/// One node: 20 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Byte span in the source, quotes and brackets included.
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Containers: index behind the subtree. Scalars: where the decoded text starts.
    pub(crate) head: u32,
    /// Containers: children (members count once). Scalars: bytes of the decoded text.
    pub(crate) size: u32,
    pub(crate) kind: Kind,
}

/// A node of a tape. Valid only for the tape that gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

/// One JSON text: nodes with byte spans into the source, and decoded strings. Owns a copy of the
/// source, with strings that held escapes decoded behind it.
#[derive(Clone, Debug)]
pub struct Tape {
    pub(crate) text: String,
    pub(crate) entries: Vec<Entry>,
    pub(crate) source_len: usize,
}

pub(crate) fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

pub(crate) fn widen(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

const NOTHING: Entry = Entry {
    start: 0,
    end: 0,
    head: u32::MAX,
    size: 0,
    kind: Kind::Null,
};

impl Tape {
    /// The whole text.
    #[must_use]
    pub fn root(&self) -> NodeId {
        NodeId(0)
    }

    /// Nodes, keys counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no node at all; never so for a parsed or finished tape.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn entry(&self, node: NodeId) -> &Entry {
        self.entries.get(widen(node.0)).unwrap_or(&NOTHING)
    }

    /// What a node is.
    #[must_use]
    pub fn kind(&self, node: NodeId) -> Kind {
        self.entry(node).kind
    }

    /// Byte span in the source, quotes and brackets included. Built tapes: as the builder was told.
    #[must_use]
    pub fn span(&self, node: NodeId) -> (u32, u32) {
        let entry = self.entry(node);
        (entry.start, entry.end)
    }

    /// Decoded text of a string or key, literal of a number; empty for everything else.
    #[must_use]
    pub fn text(&self, node: NodeId) -> &str {
        let entry = self.entry(node);
        match entry.kind {
            Kind::String | Kind::Key | Kind::Number => self.slice(entry.head, entry.size),
            _ => "",
        }
    }

    fn slice(&self, start: u32, len: u32) -> &str {
        let start = widen(start);
        self.text
            .get(start..start.saturating_add(widen(len)))
            .unwrap_or("")
    }

    /// The node as it stands in the source; empty for built tapes.
    #[must_use]
    pub fn raw(&self, node: NodeId) -> &str {
        let (start, end) = self.span(node);
        if widen(end) > self.source_len {
            return "";
        }
        self.text.get(widen(start)..widen(end)).unwrap_or("")
    }

    /// The whole source, white space around the value included; empty for built tapes.
    #[must_use]
    pub fn raw_source(&self) -> &str {
        self.text.get(..self.source_len).unwrap_or("")
    }

    /// Children of a list, members of an object; 0 for scalars.
    #[must_use]
    pub fn count(&self, node: NodeId) -> usize {
        let entry = self.entry(node);
        match entry.kind {
            Kind::Array | Kind::Object => widen(entry.size),
            _ => 0,
        }
    }

    /// The index behind the subtree of `node`.
    pub(crate) fn after(&self, node: NodeId) -> NodeId {
        let entry = self.entry(node);
        match entry.kind {
            Kind::Array | Kind::Object => NodeId(entry.head),
            _ => NodeId(node.0.saturating_add(1)),
        }
    }

    /// Elements of a list, in order; nothing for everything else.
    #[must_use]
    pub fn elements(&self, node: NodeId) -> Elements<'_> {
        let left = if self.kind(node) == Kind::Array {
            self.entry(node).size
        } else {
            0
        };
        Elements {
            tape: self,
            at: NodeId(node.0.saturating_add(1)),
            left,
        }
    }

    /// Members of an object as (key node, value node), in order; nothing for everything else.
    #[must_use]
    pub fn members(&self, node: NodeId) -> Members<'_> {
        let left = if self.kind(node) == Kind::Object {
            self.entry(node).size
        } else {
            0
        };
        Members {
            tape: self,
            at: NodeId(node.0.saturating_add(1)),
            left,
        }
    }

    /// The value of the member `key`. Cost: O(members).
    #[must_use]
    pub fn get(&self, node: NodeId, key: &str) -> Option<NodeId> {
        let size = narrow(key.len());
        self.members(node)
            .find(|(name, _)| self.entry(*name).size == size && self.text(*name) == key)
            .map(|(_, value)| value)
    }

    /// JSON Pointer (RFC 6901) of a node; of a key: that of its value. Cost: O(nodes before it on
    /// the levels above).
    #[must_use]
    pub fn pointer(&self, node: NodeId) -> String {
        let mut pointer = String::new();
        let mut at = self.root();
        while at != node {
            let step = match self.kind(at) {
                Kind::Array => self.element_holding(at, node, &mut pointer),
                Kind::Object => self.member_holding(at, node, &mut pointer),
                _ => None,
            };
            match step {
                Some(child) => at = child,
                None => break,
            }
        }
        pointer
    }

    fn element_holding(&self, at: NodeId, node: NodeId, pointer: &mut String) -> Option<NodeId> {
        let (index, child) = self
            .elements(at)
            .enumerate()
            .find(|(_, child)| self.after(*child) > node)?;
        pointer.push('/');
        pointer.push_str(&index.to_string());
        Some(child)
    }

    fn member_holding(&self, at: NodeId, node: NodeId, pointer: &mut String) -> Option<NodeId> {
        let (key, child) = self
            .members(at)
            .find(|(_, child)| self.after(*child) > node)?;
        pointer.push('/');
        push_token(pointer, self.text(key));
        if key == node { None } else { Some(child) }
    }

    /// The node that a JSON Pointer (RFC 6901) names.
    #[must_use]
    pub fn resolve(&self, pointer: &str) -> Option<NodeId> {
        let mut at = self.root();
        let mut tokens = pointer.split('/');
        if tokens.next() != Some("") {
            return None;
        }
        for token in tokens {
            at = match self.kind(at) {
                Kind::Object => self.get(at, &read_token(token))?,
                Kind::Array => self.elements(at).nth(read_index(token)?)?,
                _ => return None,
            };
        }
        Some(at)
    }

    /// A copy as `serde_json` value. For cold paths and tests.
    #[must_use]
    pub fn value(&self, node: NodeId) -> Value {
        match self.kind(node) {
            Kind::Null => Value::Null,
            Kind::False => Value::Bool(false),
            Kind::True => Value::Bool(true),
            Kind::Number => {
                super::number::to_number(self.text(node)).map_or(Value::Null, Value::Number)
            }
            Kind::String | Kind::Key => Value::String(self.text(node).to_owned()),
            Kind::Array => self.elements(node).map(|child| self.value(child)).collect(),
            Kind::Object => self
                .members(node)
                .map(|(key, child)| (self.text(key).to_owned(), self.value(child)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
}

/// Appends one reference token, escaped (RFC 6901 section 3).
pub fn push_token(pointer: &mut String, token: &str) {
    for letter in token.chars() {
        match letter {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// A token of a JSON Pointer without its escapes.
pub(crate) fn read_token(token: &str) -> std::borrow::Cow<'_, str> {
    if token.contains('~') {
        token.replace("~1", "/").replace("~0", "~").into()
    } else {
        token.into()
    }
}

fn read_index(token: &str) -> Option<usize> {
    let plain = token == "0" || !token.starts_with('0');
    (plain && token.bytes().all(|byte| byte.is_ascii_digit())).then(|| token.parse().ok())?
}

/// Elements of a list.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    tape: &'a Tape,
    at: NodeId,
    left: u32,
}

impl Iterator for Elements<'_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        self.left = self.left.checked_sub(1)?;
        let node = self.at;
        self.at = self.tape.after(node);
        Some(node)
    }
}

/// Members of an object: key and value.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    tape: &'a Tape,
    at: NodeId,
    left: u32,
}

impl Iterator for Members<'_> {
    type Item = (NodeId, NodeId);

    fn next(&mut self) -> Option<(NodeId, NodeId)> {
        self.left = self.left.checked_sub(1)?;
        let key = self.at;
        let value = NodeId(key.0.saturating_add(1));
        self.at = self.tape.after(value);
        Some((key, value))
    }
}
