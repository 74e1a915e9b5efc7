//! Field lines in the order and case they arrived: one buffer and spans into it.

use super::class::{bad_value_byte, token_len, trim_blanks};
use super::fault::to_usize;
use super::head::{Field, Span};
use super::lines::{span, value_offset};

/// Field lines over one owned buffer. The buffer of a head also holds its start line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    pub(crate) bytes: Vec<u8>,
    pub(crate) lines: Vec<Field>,
}

impl Fields {
    /// The bytes of one span.
    pub(crate) fn at(&self, span: Span) -> &[u8] {
        self.bytes
            .get(to_usize(span.start)..to_usize(span.end))
            .unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> + Clone {
        self.lines
            .iter()
            .map(|field| (self.at(field.name), self.at(field.value)))
    }

    /// Values of the field `name`, whatever the case. Cost: O(fields).
    pub(crate) fn values<'f>(
        &'f self,
        name: &'f str,
    ) -> impl DoubleEndedIterator<Item = &'f [u8]> + Clone {
        let named = self.lines.iter().filter(move |field| self.is(field, name));
        named.map(|field| self.at(field.value))
    }

    /// Whether the line is the field `name`, whatever the case.
    fn is(&self, field: &Field, name: &str) -> bool {
        to_usize(field.name.end.wrapping_sub(field.name.start)) == name.len()
            && self.at(field.name).eq_ignore_ascii_case(name.as_bytes())
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&[u8], &[u8]) -> bool) {
        let Fields { bytes, lines } = self;
        let at = |span: Span| {
            bytes
                .get(to_usize(span.start)..to_usize(span.end))
                .unwrap_or_default()
        };
        lines.retain(|field| keep(at(field.name), at(field.value)));
    }

    /// Adds one line; false and nothing added when it could not be sent as one line.
    pub(crate) fn push(&mut self, name: &[u8], value: &[u8]) -> bool {
        let is_token = !name.is_empty() && token_len(name) == name.len();
        is_token && self.push_with(name, |out| out.extend_from_slice(value))
    }

    /// Adds one line; `name` is a token, and `write` appends the value, which goes without blanks
    /// around it. False and nothing added when the value could not be sent as one line.
    pub(crate) fn push_with(&mut self, name: &[u8], write: impl FnOnce(&mut Vec<u8>)) -> bool {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(b": ");
        let value_at = self.bytes.len();
        write(&mut self.bytes);
        let written = self.bytes.get(value_at..).unwrap_or_default();
        let is_one_line = bad_value_byte(written).is_none();
        let value = span(value_offset(written, value_at), trim_blanks(written).len());
        self.bytes.extend_from_slice(b"\r\n");
        if !is_one_line || u32::try_from(self.bytes.len()).is_err() {
            self.bytes.truncate(start);
            return false;
        }
        self.lines.push(Field {
            name: span(start, name.len()),
            value,
        });
        true
    }

    /// Adds all lines of `other`, which were checked when they were added there.
    pub(crate) fn extend(&mut self, other: &Fields) {
        let end = self.bytes.len().saturating_add(other.bytes.len());
        let (Ok(base), Ok(_)) = (u32::try_from(self.bytes.len()), u32::try_from(end)) else {
            return;
        };
        let moved = |span: Span| Span {
            start: span.start.saturating_add(base),
            end: span.end.saturating_add(base),
        };
        self.bytes.extend_from_slice(&other.bytes);
        self.lines.extend(other.lines.iter().map(|field| Field {
            name: moved(field.name),
            value: moved(field.value),
        }));
    }

    /// The first value of the field `name`, whatever the case. Cost: O(fields).
    pub(crate) fn value(&self, name: &str) -> Option<&[u8]> {
        let field = self.lines.iter().find(|field| self.is(field, name))?;
        Some(self.at(field.value))
    }

    /// Appends `text` and `after` to the buffer; gives the span of `text`.
    pub(crate) fn append(&mut self, text: &[u8], after: &[u8]) -> Option<Span> {
        let start = u32::try_from(self.bytes.len()).ok()?;
        let end = start.checked_add(u32::try_from(text.len()).ok()?)?;
        end.checked_add(u32::try_from(after.len()).ok()?)?;
        self.bytes.extend_from_slice(text);
        self.bytes.extend_from_slice(after);
        Some(Span { start, end })
    }

    /// Appends the lines that `keep` keeps, each as `Name: value` CRLF. Neighbours that stand so
    /// in the buffer already are copied together.
    pub(crate) fn write(&self, out: &mut Vec<u8>, keep: impl Fn(&[u8]) -> bool) {
        let mut run = Span::default();
        for field in self.lines.iter().filter(|field| keep(self.at(field.name))) {
            match self.plain_line(field) {
                Some(line) if line.start == run.end => run.end = line.end,
                Some(line) => {
                    out.extend_from_slice(self.at(run));
                    run = line;
                }
                None => {
                    out.extend_from_slice(self.at(run));
                    run = Span::default();
                    self.write_line(field, out);
                }
            }
        }
        out.extend_from_slice(self.at(run));
    }

    fn write_line(&self, field: &Field, out: &mut Vec<u8>) {
        out.extend_from_slice(self.at(field.name));
        out.extend_from_slice(b": ");
        out.extend_from_slice(self.at(field.value));
        out.extend_from_slice(b"\r\n");
    }

    /// The whole line, if it stands in the buffer exactly as it would be written.
    fn plain_line(&self, field: &Field) -> Option<Span> {
        let end = field.value.end.checked_add(2)?;
        let from = |at: u32| self.bytes.get(to_usize(at)..);
        let is_plain = field.value.start.wrapping_sub(field.name.end) == 2
            && matches!(from(field.name.end), Some([b':', b' ', ..]))
            && matches!(from(field.value.end), Some([b'\r', b'\n', ..]));
        is_plain.then_some(Span {
            start: field.name.start,
            end,
        })
    }
}

/// Whether the field `name` says where the body ends.
pub(crate) fn is_framing(name: &[u8]) -> bool {
    match name.len() {
        14 => name.eq_ignore_ascii_case(b"content-length"),
        17 => name.eq_ignore_ascii_case(b"transfer-encoding"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_one_line_is_not_added() {
        let mut fields = Fields::default();
        assert!(fields.push(b"X-Good", b" fine \xc3\xa9 "));
        let bad: [(&[u8], &[u8]); 5] = [
            (b"", b"a"),
            (b"X Bad", b"a"),
            (b"X-Bad:", b"a"),
            (b"X-Bad", b"a\r\nY: b"),
            (b"X-Bad", b"a\0"),
        ];
        assert!(bad.iter().all(|(name, value)| !fields.push(name, value)));
        let lines: Vec<_> = fields.iter().collect();
        assert_eq!(lines, [(&b"X-Good"[..], &b"fine \xc3\xa9"[..])]);
    }

    #[test]
    fn what_is_written_in_place_makes_one_line_or_none() {
        let mut fields = Fields::default();
        let mut push = |value: &[u8]| fields.push_with(b"Via", |out| out.extend_from_slice(value));
        assert!(push(b"1.1 bartizan"));
        assert!(!push(b"a\r\nX: b") && !push(b"\0"));
        let mut out = Vec::new();
        fields.write(&mut out, |_| true);
        assert_eq!(out, b"Via: 1.1 bartizan\r\n");
        assert_eq!(fields.value("via"), Some(&b"1.1 bartizan"[..]));
        assert_eq!(fields.value("vi"), None);
    }

    #[test]
    fn lines_are_taken_over_as_they_stand() {
        let (mut fields, mut more) = (Fields::default(), Fields::default());
        assert!(fields.push(b"A", b"1") && more.push(b"B", b"2") && more.push(b"C", b"3"));
        fields.extend(&more);
        let lines: Vec<_> = fields.iter().collect();
        assert_eq!(lines, [(&b"A"[..], &b"1"[..]), (b"B", b"2"), (b"C", b"3")]);
        let mut out = Vec::new();
        fields.write(&mut out, |name| name != b"B");
        assert_eq!(out, b"A: 1\r\nC: 3\r\n");
    }

    #[test]
    fn names_are_found_in_any_case_and_order_is_kept() {
        let mut fields = Fields::default();
        for (name, value) in [("A", "1"), ("b", "2"), ("a", "3")] {
            assert!(fields.push(name.as_bytes(), value.as_bytes()));
        }
        assert_eq!(fields.values("a").collect::<Vec<_>>(), [b"1", b"3"]);
        fields.retain(|name, _| name != b"b");
        let mut out = Vec::new();
        fields.write(&mut out, |_| true);
        assert_eq!(out, b"A: 1\r\na: 3\r\n");
    }
}
