//! Text to tape nodes by shape. What does not become its type stays text, so that the validator
//! reports it.

use std::collections::BTreeMap;

use super::shape::{Shape, Types};
use crate::decision::VALUE_MAX_BYTES;
use crate::parse::json::{Kind, NodeId, Tape, TapeBuilder};

/// Writes one scalar. True where the text became an allowed type.
pub(in crate::inspect) fn scalar(text: &str, shape: &Shape, out: &mut TapeBuilder) -> bool {
    typed(text, shape.types, out)
}

/// `scalar` of a value of these types.
pub(crate) fn typed(text: &str, types: Types, out: &mut TapeBuilder) -> bool {
    let takes_text = types.has(Types::STRING);
    if types == Types::ANY {
        out.string(text);
        return true;
    }
    if types.has(Types::NULL) && !takes_text && matches!(text, "" | "null") {
        out.null();
        return true;
    }
    if types.has(Types::BOOLEAN) && matches!(text, "true" | "false") {
        out.boolean(text == "true");
        return true;
    }
    // What is right is checked by the validator; only the literal must be a JSON number. Where an
    // integer or a text fits, `1.5` is a text.
    let is_number = types.has(Types::NUMBER) && (!takes_text || types.has_number(text));
    if is_number && starts_number(text) {
        return out.number(text) || takes_text;
    }
    out.string(text);
    takes_text
}

fn starts_number(text: &str) -> bool {
    text.bytes()
        .next()
        .is_some_and(|byte| byte == b'-' || byte.is_ascii_digit())
}

/// Writes a list. One empty text where items are not text is the empty list.
pub(super) fn array<'t>(
    texts: impl Iterator<Item = &'t str> + Clone,
    shape: &Shape,
    out: &mut TapeBuilder,
) {
    let any = Shape::any();
    let items = shape.items.as_deref().unwrap_or(&any);
    let is_empty = !items.types.has(Types::STRING) && texts.clone().all(str::is_empty);
    out.begin_array();
    if !is_empty {
        for text in texts {
            scalar(text, items, out);
        }
    }
    out.end_array();
}

/// Members as they are gathered from spread or bracketed names.
#[derive(Clone, Debug)]
pub(super) enum Tree<'t> {
    /// Values of one name, in order.
    Leaf(Vec<&'t str>),
    /// Named members.
    Node(BTreeMap<String, Tree<'t>>),
}

impl<'t> Tree<'t> {
    /// An object without members.
    pub(super) fn object() -> Self {
        Tree::Node(BTreeMap::new())
    }

    /// Adds a value behind `path`; `false` when the path is a value and an object at once.
    pub(super) fn add(&mut self, path: &[String], value: &'t str) -> bool {
        match (self, path.split_first()) {
            (Tree::Leaf(values), None) => {
                values.push(value);
                true
            }
            (Tree::Node(members), Some((name, rest))) => {
                let fresh = || {
                    if rest.is_empty() {
                        Tree::Leaf(Vec::new())
                    } else {
                        Tree::object()
                    }
                };
                members
                    .entry(name.clone())
                    .or_insert_with(fresh)
                    .add(rest, value)
            }
            _ => false,
        }
    }

    /// Whether nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Tree::Node(members) if members.is_empty())
    }

    /// Writes it. `repeated` takes pointer and values of every scalar that came more than once.
    pub(super) fn write(
        &self,
        shape: &Shape,
        pointer: &str,
        out: &mut TapeBuilder,
        repeated: &mut Vec<Repeated>,
    ) {
        match self {
            Tree::Leaf(values) => leaf(values, shape, pointer, out, repeated),
            Tree::Node(members) => {
                let any = Shape::any();
                out.begin_object();
                for (name, tree) in members {
                    out.key(name);
                    let below = below(pointer, name);
                    tree.write(shape.member(name).unwrap_or(&any), &below, out, repeated);
                }
                out.end_object();
            }
        }
    }
}

/// The pointer of one member.
pub(in crate::inspect) fn below(pointer: &str, name: &str) -> String {
    let mut below = pointer.to_owned();
    below.push('/');
    crate::parse::json::push_token(&mut below, name);
    below
}

/// Several values under one name: a list where the schema allows one, else a repeat.
pub(super) fn leaf(
    values: &[&str],
    shape: &Shape,
    pointer: &str,
    out: &mut TapeBuilder,
    repeated: &mut Vec<Repeated>,
) {
    let is_list = shape.is_list() || values.len() > 1 && shape.types.has(Types::ARRAY);
    if is_list {
        array(values.iter().copied(), shape, out);
        return;
    }
    if values.len() > 1 {
        repeated.push((pointer.to_owned(), together(values.iter().copied())));
    }
    scalar(values.first().copied().unwrap_or(""), shape, out);
}

/// Pointer, and the values as one text.
pub(super) type Repeated = (String, String);

/// Values of one name as a record shows them; it is cut there.
pub(super) fn together<'t>(values: impl Iterator<Item = &'t str>) -> String {
    let mut text = String::new();
    for value in values {
        if text.len() > VALUE_MAX_BYTES {
            break;
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(value);
    }
    text
}

/// Copies a parsed tape into a builder.
pub(in crate::inspect) fn copy(tape: &Tape, node: NodeId, out: &mut TapeBuilder) {
    match tape.kind(node) {
        Kind::Null => out.null(),
        Kind::False => out.boolean(false),
        Kind::True => out.boolean(true),
        Kind::Number => {
            out.number(tape.text(node));
        }
        Kind::String | Kind::Key => out.string(tape.text(node)),
        Kind::Array => {
            out.begin_array();
            tape.elements(node).for_each(|child| copy(tape, child, out));
            out.end_array();
        }
        Kind::Object => {
            out.begin_object();
            for (key, child) in tape.members(node) {
                out.key(tape.text(key));
                copy(tape, child, out);
            }
            out.end_object();
        }
    }
}
