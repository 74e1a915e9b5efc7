//! A tape by hand, so that parameters, forms and parts feed the same validator as JSON does.

use super::number;
use super::tape::{Entry, Kind, Tape, narrow, widen};

/// Builds a tape in document order. Misuse never fails: an open container is closed by `finish`,
/// an unmatched end is ignored, and nothing at all becomes `null`.
#[derive(Debug, Default)]
pub struct TapeBuilder {
    text: String,
    entries: Vec<Entry>,
    open: Vec<u32>,
    span: (u32, u32),
}

impl TapeBuilder {
    /// An empty builder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The span that the nodes from here on are given: bytes of the field they come from.
    pub fn at(&mut self, start: usize, end: usize) {
        self.span = (narrow(start), narrow(end));
    }

    /// `null`.
    pub fn null(&mut self) {
        self.scalar(Kind::Null, "");
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.scalar(if value { Kind::True } else { Kind::False }, "");
    }

    /// A number where `literal` is one by RFC 8259 section 6 and finite in f64; otherwise a string
    /// of the same text, so that the schema says what is wrong. True when it was a number.
    pub fn number(&mut self, literal: &str) -> bool {
        let fits = number::is_literal(literal) && number::is_finite(literal);
        self.scalar(if fits { Kind::Number } else { Kind::String }, literal);
        fits
    }

    /// A string.
    pub fn string(&mut self, value: &str) {
        self.scalar(Kind::String, value);
    }

    /// Opens a list.
    pub fn begin_array(&mut self) {
        self.begin(Kind::Array);
    }

    /// Closes the list.
    pub fn end_array(&mut self) {
        self.end(Kind::Array);
    }

    /// Opens an object.
    pub fn begin_object(&mut self) {
        self.begin(Kind::Object);
    }

    /// Names the next member. The caller refuses repeated names.
    pub fn key(&mut self, name: &str) {
        let (head, size) = self.keep(name);
        self.push(Kind::Key, head, size);
    }

    /// Closes the object.
    pub fn end_object(&mut self) {
        self.end(Kind::Object);
    }

    /// The tape.
    #[must_use]
    pub fn finish(mut self) -> Tape {
        while let Some(kind) = self
            .open
            .last()
            .and_then(|at| self.entries.get(widen(*at)))
            .map(|entry| entry.kind)
        {
            self.end(kind);
        }
        if self.entries.is_empty() {
            self.null();
        }
        Tape {
            text: self.text,
            entries: self.entries,
            source_len: 0,
        }
    }

    fn scalar(&mut self, kind: Kind, text: &str) {
        self.count_child();
        let (head, size) = self.keep(text);
        self.push(kind, head, size);
    }

    fn keep(&mut self, text: &str) -> (u32, u32) {
        let head = narrow(self.text.len());
        self.text.push_str(text);
        (head, narrow(text.len()))
    }

    fn begin(&mut self, kind: Kind) {
        self.count_child();
        self.open.push(narrow(self.entries.len()));
        self.push(kind, 0, 0);
    }

    fn end(&mut self, kind: Kind) {
        let behind = narrow(self.entries.len());
        let open = self
            .open
            .last()
            .and_then(|at| self.entries.get_mut(widen(*at)));
        if let Some(entry) = open.filter(|entry| entry.kind == kind) {
            entry.head = behind;
            self.open.pop();
        }
    }

    fn count_child(&mut self) {
        if let Some(parent) = self
            .open
            .last()
            .and_then(|at| self.entries.get_mut(widen(*at)))
        {
            parent.size = parent.size.saturating_add(1);
        }
    }

    fn push(&mut self, kind: Kind, head: u32, size: u32) {
        let (start, end) = self.span;
        self.entries.push(Entry {
            start,
            end,
            head,
            size,
            kind,
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_built_tape_reads_back_as_the_value_it_was_told() {
        let mut builder = TapeBuilder::new();
        builder.begin_object();
        builder.key("ids");
        builder.begin_array();
        assert!(builder.number("1"));
        assert!(!builder.number("01"));
        builder.end_array();
        builder.key("on");
        builder.boolean(true);
        builder.key("none");
        builder.null();
        builder.end_object();
        let tape = builder.finish();
        assert_eq!(
            tape.value(tape.root()),
            json!({"ids": [1, "01"], "on": true, "none": null})
        );
        let node = tape.resolve("/ids/1").unwrap();
        assert_eq!(tape.text(node), "01");
        assert_eq!(tape.pointer(node), "/ids/1");
    }

    #[test]
    fn an_unfinished_tape_is_closed_and_nothing_is_null() {
        let mut builder = TapeBuilder::new();
        builder.begin_array();
        builder.begin_object();
        let tape = builder.finish();
        assert_eq!(tape.value(tape.root()), json!([{}]));
        let nothing = TapeBuilder::new().finish();
        assert_eq!(nothing.value(nothing.root()), json!(null));
    }
}
