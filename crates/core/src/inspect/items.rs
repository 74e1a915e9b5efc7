//! A stream cut into its items as its bytes come: events, JSON texts on lines, or behind record
//! separators. What is kept of an item that is not whole yet is bounded.

use crate::policy::MediaKind;

const RECORD_SEPARATOR: u8 = 0x1e;

/// An item that is longer than may be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Cuts one stream. Memory: one item.
#[derive(Debug)]
pub struct Items {
    kind: MediaKind,
    most: usize,
    held: Vec<u8>,
    place: Place,
}

/// Where the scan stands.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    /// A line end came right before: of events, that the line so far is empty.
    is_line_start: bool,
    is_after_cr: bool,
    has_line: bool,
    depth: u32,
    is_text: bool,
    is_escaped: bool,
}

impl Items {
    /// A stream of this kind, whose items have at most `most` bytes.
    #[must_use]
    pub fn new(kind: MediaKind, most: usize) -> Self {
        Items {
            kind,
            most,
            held: Vec::new(),
            place: Place::default(),
        }
    }

    /// Gives every item that is whole now, with all its bytes, in order. Cost: O(length).
    ///
    /// # Errors
    /// `TooLong`: the stream cannot be cut any further.
    pub fn feed(&mut self, data: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut whole = Vec::new();
        for byte in data {
            if self.begins_another(*byte) {
                whole.push(std::mem::take(&mut self.held));
            }
            self.held.push(*byte);
            if self.held.len() > self.most {
                return Err(TooLong);
            }
            if self.ends(*byte) {
                whole.push(std::mem::take(&mut self.held));
            }
        }
        Ok(whole)
    }

    /// What came after the last whole item, once the stream has ended.
    #[must_use]
    pub fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }

    fn begins_another(&self, byte: u8) -> bool {
        self.kind == MediaKind::JsonSequence && byte == RECORD_SEPARATOR && !self.held.is_empty()
    }

    fn ends(&mut self, byte: u8) -> bool {
        match self.kind {
            MediaKind::EventStream => self.place.ends_event(byte),
            MediaKind::JsonSequence => self.place.ends_record(byte),
            _ => byte == b'\n',
        }
    }
}

impl Place {
    /// An event ends with an empty line; a line with LF, CR LF or CR (WHATWG HTML, 9.2.5).
    fn ends_event(&mut self, byte: u8) -> bool {
        let is_second = byte == b'\n' && self.is_after_cr;
        self.is_after_cr = byte == b'\r';
        if is_second {
            return false;
        }
        if !matches!(byte, b'\n' | b'\r') {
            (self.is_line_start, self.has_line) = (false, true);
            return false;
        }
        let is_empty = self.is_line_start || !self.has_line;
        (self.is_line_start, self.has_line) = (true, !is_empty);
        is_empty
    }

    /// A record ends with LF outside all brackets and texts (RFC 7464, section 2.4).
    fn ends_record(&mut self, byte: u8) -> bool {
        match byte {
            RECORD_SEPARATOR => *self = Place::default(),
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.is_text => self.is_escaped = true,
            b'"' => self.is_text = !self.is_text,
            _ if self.is_text => {}
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b'\n' => return self.depth == 0,
            _ => {}
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items, whatever pieces the stream comes in.
    fn cut(kind: MediaKind, stream: &str) -> Vec<String> {
        let all = |size: usize| {
            let mut items = Items::new(kind, 1_000);
            let mut found = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                found.extend(items.feed(piece).unwrap());
            }
            found.push(items.rest());
            found
                .into_iter()
                .map(|item| String::from_utf8(item).unwrap())
                .collect::<Vec<_>>()
        };
        let whole = all(usize::MAX);
        for size in 1..4 {
            assert_eq!(all(size), whole);
        }
        whole
    }

    #[test]
    fn an_event_ends_with_an_empty_line_however_lines_end() {
        let kind = MediaKind::EventStream;
        assert_eq!(
            cut(kind, "data: a\n\nid: 1\ndata: b\n\nda"),
            ["data: a\n\n", "id: 1\ndata: b\n\n", "da"]
        );
        assert_eq!(
            cut(kind, "data: a\r\rdata: b\r\r"),
            ["data: a\r\r", "data: b\r\r", ""]
        );
        assert_eq!(cut(kind, "data: a\r\n\r\nx"), ["data: a\r\n\r", "\nx"]);
    }

    #[test]
    fn a_line_is_an_item_and_the_last_one_needs_no_end() {
        assert_eq!(
            cut(MediaKind::JsonLines, "1\r\n{}\n[]"),
            ["1\r\n", "{}\n", "[]"]
        );
    }

    #[test]
    fn a_record_ends_outside_all_brackets_or_before_the_next() {
        let found = cut(
            MediaKind::JsonSequence,
            "\u{1e}{\n\"a\":\"}\\\"\n\"}\n\u{1e}1\u{1e}2\n",
        );
        assert_eq!(
            found,
            ["\u{1e}{\n\"a\":\"}\\\"\n\"}\n", "\u{1e}1", "\u{1e}2\n", ""]
        );
    }

    #[test]
    fn an_item_without_end_is_not_held_for_ever() {
        let mut items = Items::new(MediaKind::EventStream, 8);
        assert_eq!(items.feed(b"data: 12"), Ok(Vec::new()));
        assert_eq!(items.feed(b"3"), Err(TooLong));
    }
}
