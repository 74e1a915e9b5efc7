//! One pass over the bytes, without recursion.

use super::fault::{JsonFault, JsonRules};
use super::keys::repeated;
use super::number;
use super::strings;
use super::tape::{Entry, Kind, NodeId, Tape, narrow, widen};
use crate::budget::{Bounds, Budget};
use crate::codes::Code;

/// One open container.
struct Frame {
    node: u32,
    kind: Kind,
    /// Where its keys begin in `Parser::keys`.
    keys: usize,
    /// It is the value of a member named `constructor`.
    constructor: bool,
}

struct Parser<'a> {
    text: String,
    source_len: usize,
    at: usize,
    entries: Vec<Entry>,
    frames: Vec<Frame>,
    keys: Vec<u32>,
    scratch: Vec<(u64, u32)>,
    rules: JsonRules,
    bounds: &'a Bounds,
}

/// What breaks, before its pointer is known.
struct Broken {
    code: Code,
    start: usize,
    end: usize,
    expected: &'static str,
}

type Parsed<T> = Result<T, Broken>;

fn bad<T>(start: usize, expected: &'static str) -> Parsed<T> {
    Err(Broken {
        code: Code::ParseBadJson,
        start,
        end: start.saturating_add(1),
        expected,
    })
}

fn beyond<T>(start: usize, end: usize, expected: &'static str) -> Parsed<T> {
    Err(Broken {
        code: Code::ParseJsonLimit,
        start,
        end,
        expected,
    })
}

/// Parses one JSON text strictly. The tape owns a copy of `source`.
///
/// Takes one step of `budget` for each byte. Cost: O(bytes), O(k log k) for an object of k keys.
///
/// # Errors
/// The first break in document order (a repeated key counts where its object ends), with byte span
/// and JSON Pointer. Source: RFC 8259; RFC 7493 section 2 for keys, numbers and surrogates.
pub fn parse_json(
    source: &[u8],
    rules: &JsonRules,
    bounds: &Bounds,
    budget: &mut Budget,
) -> Result<Tape, JsonFault> {
    if budget.take(source.len()).is_err() {
        return Err(bare(Code::InternalBudget, 0, source.len(), "less work"));
    }
    if source.len() >= widen(u32::MAX) / 2 {
        return Err(bare(
            Code::ParseJsonLimit,
            0,
            source.len(),
            "less than 2 GiB",
        ));
    }
    let text = match std::str::from_utf8(source) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            return Err(bare(
                Code::ParseBadJson,
                at,
                at.saturating_add(1),
                "valid UTF-8",
            ));
        }
    };
    let mut parser = Parser::new(text, *rules, bounds);
    match parser.document() {
        Ok(()) => Ok(parser.into_tape()),
        Err(broken) => Err(parser.fault(&broken)),
    }
}

fn bare(code: Code, start: usize, end: usize, expected: &'static str) -> JsonFault {
    JsonFault {
        code,
        span: (narrow(start), narrow(end)),
        pointer: String::new(),
        expected,
    }
}

impl<'a> Parser<'a> {
    fn new(source: &str, rules: JsonRules, bounds: &'a Bounds) -> Self {
        Parser {
            text: source.to_owned(),
            source_len: source.len(),
            at: 0,
            entries: Vec::with_capacity((source.len() / 12).saturating_add(8)),
            frames: Vec::with_capacity(8),
            keys: Vec::with_capacity(32),
            scratch: Vec::with_capacity(32),
            rules,
            bounds,
        }
    }

    fn into_tape(self) -> Tape {
        Tape {
            text: self.text,
            entries: self.entries,
            source_len: self.source_len,
        }
    }

    /// The source alone: decoded strings stand behind it.
    fn bytes(&self) -> &[u8] {
        self.text.as_bytes().get(..self.source_len).unwrap_or(&[])
    }

    fn rest(&self, at: usize) -> &[u8] {
        self.bytes().get(at..).unwrap_or(&[])
    }

    /// The next byte that is not white space, not consumed.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match self.text.as_bytes().get(self.at) {
                _ if self.at >= self.source_len => return None,
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.step(),
                other => return other.copied(),
            }
        }
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn document(&mut self) -> Parsed<()> {
        if self.text.starts_with('\u{feff}') {
            return bad(0, "no byte order mark");
        }
        self.value(false)?;
        while let Some(frame) = self.frames.last() {
            if frame.kind == Kind::Object {
                self.member()?
            } else {
                self.element()?
            }
        }
        match self.peek() {
            None => Ok(()),
            Some(_) => bad(self.at, "nothing behind the value"),
        }
    }

    fn first(&self, frame_node: u32) -> bool {
        widen(frame_node).saturating_add(1) == self.entries.len()
    }

    /// One element of the open list, or its end.
    fn element(&mut self) -> Parsed<()> {
        let Some(node) = self.frames.last().map(|frame| frame.node) else {
            return Ok(());
        };
        let first = self.first(node);
        match self.peek() {
            Some(b']') => return self.close(),
            Some(b',') if !first => self.step(),
            _ if first => {}
            _ => return bad(self.at, "`,` or `]`"),
        }
        self.count_child(node);
        self.value(false)
    }

    /// One member of the open object, or its end.
    fn member(&mut self) -> Parsed<()> {
        let Some(frame) = self.frames.last() else {
            return Ok(());
        };
        let (node, keys, in_constructor) = (frame.node, frame.keys, frame.constructor);
        let first = self.first(node);
        match self.peek() {
            Some(b'}') => return self.close(),
            Some(b',') if !first => {
                self.step();
                self.peek();
            }
            _ if first => {}
            _ => return bad(self.at, "`,` or `}`"),
        }
        if self.keys.len().saturating_sub(keys) >= widen(self.bounds.json_keys_max) {
            return beyond(
                self.at,
                self.at.saturating_add(1),
                "fewer keys in one object",
            );
        }
        let constructor = self.key(in_constructor)?;
        if self.peek() != Some(b':') {
            return bad(self.at, "`:` behind the key");
        }
        self.step();
        self.count_child(node);
        self.value(constructor)
    }

    /// Reads a key; tells whether it is `constructor`.
    fn key(&mut self, in_constructor: bool) -> Parsed<bool> {
        if self.text.as_bytes().get(self.at) != Some(&b'"') || self.at >= self.source_len {
            return bad(self.at, "a quoted key");
        }
        let start = self.at;
        self.keys.push(narrow(self.entries.len()));
        self.string(Kind::Key)?;
        let Some(entry) = self.entries.last() else {
            return Ok(false);
        };
        let head = widen(entry.head);
        let name = self
            .text
            .get(head..head.saturating_add(widen(entry.size)))
            .unwrap_or("");
        let prototype = match name.len() {
            9 => name == "__proto__" || (in_constructor && name == "prototype"),
            _ => false,
        };
        if prototype && !self.rules.prototype_keys_pass() {
            let (code, expected) = (Code::ParsePrototypeKey, "a key that is not a prototype");
            return Err(Broken {
                code,
                start,
                end: self.at,
                expected,
            });
        }
        if memchr::memchr(0, name.as_bytes()).is_some() {
            return bad(start, "no NUL in a key");
        }
        Ok(name == "constructor")
    }

    /// Reads a value; a broken one leaves `null` in its place, so that its pointer can be told.
    fn value(&mut self, constructor: bool) -> Parsed<()> {
        let parsed = self.strict_value(constructor);
        if parsed.is_err() {
            self.push(self.at, 0, 0, Kind::Null);
        }
        parsed
    }

    fn strict_value(&mut self, constructor: bool) -> Parsed<()> {
        if self.entries.len() >= widen(self.bounds.json_nodes_max) {
            return beyond(self.at, self.at.saturating_add(1), "fewer nodes");
        }
        match self.peek() {
            Some(b'"') => self.string(Kind::String),
            Some(b'{') => self.open(Kind::Object, constructor),
            Some(b'[') => self.open(Kind::Array, false),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Kind::True),
            Some(b'f') => self.word(b"false", Kind::False),
            Some(b'n') => self.word(b"null", Kind::Null),
            _ => bad(self.at, "a JSON value"),
        }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Parsed<()> {
        if !self.rest(self.at).starts_with(word) {
            return bad(self.at, "a JSON value");
        }
        let end = self.at.saturating_add(word.len());
        self.push(end, 0, 0, kind);
        Ok(())
    }

    fn push(&mut self, end: usize, head: u32, size: u32, kind: Kind) {
        let start = narrow(self.at);
        self.entries.push(Entry {
            start,
            end: narrow(end),
            head,
            size,
            kind,
        });
        self.at = end;
    }

    fn open(&mut self, kind: Kind, constructor: bool) -> Parsed<()> {
        if self.frames.len() >= widen(self.bounds.json_depth_max) {
            return beyond(self.at, self.at.saturating_add(1), "less nesting");
        }
        let node = narrow(self.entries.len());
        self.frames.push(Frame {
            node,
            kind,
            keys: self.keys.len(),
            constructor,
        });
        self.push(self.at.saturating_add(1), 0, 0, kind);
        Ok(())
    }

    fn close(&mut self) -> Parsed<()> {
        self.step();
        let behind = narrow(self.entries.len());
        let Some(frame) = self.frames.last() else {
            return Ok(());
        };
        let (node, keys) = (frame.node, frame.keys);
        if frame.kind == Kind::Object && !self.rules.duplicate_keys_pass() {
            self.refuse_repeated(keys)?;
        }
        self.frames.pop();
        self.keys.truncate(keys);
        if let Some(entry) = self.entries.get_mut(widen(node)) {
            entry.head = behind;
            entry.end = narrow(self.at);
        }
        Ok(())
    }

    fn refuse_repeated(&mut self, keys: usize) -> Parsed<()> {
        let keys = self.keys.get(keys..).unwrap_or(&[]);
        let Some(twin) = repeated(&self.text, &self.entries, keys, &mut self.scratch) else {
            return Ok(());
        };
        let entry = self.entries.get(widen(twin.0));
        let (start, end) = entry.map_or((0, 0), |entry| (widen(entry.start), widen(entry.end)));
        Err(Broken {
            code: Code::ParseDuplicateKey,
            start,
            end,
            expected: "each key once",
        })
    }

    fn count_child(&mut self, node: u32) {
        if let Some(entry) = self.entries.get_mut(widen(node)) {
            entry.size = entry.size.saturating_add(1);
        }
    }

    fn string(&mut self, kind: Kind) -> Parsed<()> {
        let inside = self.at.saturating_add(1);
        let run = strings::run(self.rest(inside));
        let stop = inside.saturating_add(run);
        match self.bytes().get(stop) {
            Some(b'"') => {
                self.bound_string(run, stop)?;
                self.push(stop.saturating_add(1), narrow(inside), narrow(run), kind);
                Ok(())
            }
            Some(b'\\') => self.escaped(inside, run, kind),
            Some(_) => bad(stop, "control characters escaped"),
            None => bad(stop, "a closing quote"),
        }
    }

    fn bound_string(&self, len: usize, end: usize) -> Parsed<()> {
        if len > widen(self.bounds.json_string_max_bytes) {
            return beyond(self.at, end, "a shorter string");
        }
        Ok(())
    }

    fn escaped(&mut self, inside: usize, first: usize, kind: Kind) -> Parsed<()> {
        let head = self.text.len();
        let mut decoded = String::new();
        let source = self.text.get(inside..self.source_len).unwrap_or("");
        let len = match strings::decode(source, first, &mut decoded) {
            Ok(len) => len,
            Err(broken) => return bad(inside.saturating_add(broken.at), broken.expected),
        };
        let end = inside.saturating_add(len);
        self.bound_string(decoded.len(), end)?;
        self.text.push_str(&decoded);
        self.push(
            end.saturating_add(1),
            narrow(head),
            narrow(decoded.len()),
            kind,
        );
        Ok(())
    }

    fn number(&mut self) -> Parsed<()> {
        let literal = number::scan(self.rest(self.at));
        let (start, end) = (self.at, self.at.saturating_add(literal.len));
        if literal.len == 0 {
            return bad(start, "a number of RFC 8259");
        }
        let text = self.text.get(start..end).unwrap_or("");
        let expected = if literal.digits > widen(self.bounds.json_digits_max) {
            "fewer digits"
        } else if literal.integer && !self.rules.large_integers_pass() && !number::is_exact(text) {
            "an integer within 2^53"
        } else if literal.exponent && !number::is_finite(text) {
            "a number within the range of f64"
        } else {
            self.push(end, narrow(start), narrow(literal.len), Kind::Number);
            return Ok(());
        };
        Err(Broken {
            code: Code::ParseJsonNumber,
            start,
            end,
            expected,
        })
    }

    /// Closes what is open, so that the pointer of the break can be read from the tape.
    fn fault(mut self, broken: &Broken) -> JsonFault {
        if self
            .entries
            .last()
            .is_some_and(|entry| entry.kind == Kind::Key)
        {
            // The value is what is missing: a stand-in makes the member whole.
            self.push(self.at, 0, 0, Kind::Null);
            if let Some(node) = self.frames.last().map(|frame| frame.node) {
                self.count_child(node);
            }
        }
        let last = NodeId(narrow(self.entries.len().saturating_sub(1)));
        let behind = narrow(self.entries.len());
        for frame in &self.frames {
            if let Some(entry) = self.entries.get_mut(widen(frame.node)) {
                entry.head = behind;
            }
        }
        let start = narrow(broken.start);
        let tape = Tape {
            text: self.text,
            entries: self.entries,
            source_len: self.source_len,
        };
        let holds = |node: &u32| {
            tape.entries
                .get(widen(*node))
                .is_some_and(|entry| entry.start == start)
        };
        let exact = (0..behind).rev().find(holds).map(NodeId);
        let pointer = if self.frames.is_empty() {
            String::new()
        } else {
            tape.pointer(exact.unwrap_or(last))
        };
        JsonFault {
            code: broken.code,
            span: (
                start,
                narrow(broken.end.min(self.source_len.max(broken.start))),
            ),
            pointer,
            expected: broken.expected,
        }
    }
}
