//! Field lines in the order and case they arrived: one buffer and spans into it.

use super::class::{bad_value_byte, token_len, trim_blanks};
use super::fault::to_usize;
use super::head::{Field, Span};
use super::lines::span;

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
    pub(crate) fn values<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f [u8]> + Clone {
        self.iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
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
        let value = trim_blanks(value);
        let is_token = !name.is_empty() && token_len(name) == name.len();
        if !is_token || bad_value_byte(value).is_some() {
            return false;
        }
        let Some(name) = self.append(name, b": ") else {
            return false;
        };
        let Some(value) = self.append(value, b"\r\n") else {
            return false;
        };
        self.lines.push(Field { name, value });
        true
    }

    /// Adds one line of a name of ours, its value in parts without blanks around it; false and
    /// nothing added when the value is empty or could not be sent as one line.
    pub(crate) fn push_parts(&mut self, name: &'static [u8], parts: &[&[u8]]) -> bool {
        if parts.iter().any(|part| bad_value_byte(part).is_some()) {
            return false;
        }
        let start = self.bytes.len();
        let value_at = start.saturating_add(name.len()).saturating_add(2);
        let len = parts
            .iter()
            .fold(0_usize, |len, part| len.saturating_add(part.len()));
        let end = value_at.saturating_add(len);
        if len == 0 || u32::try_from(end.saturating_add(2)).is_err() {
            return false;
        }
        self.bytes
            .reserve(end.saturating_add(2).saturating_sub(start));
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(b": ");
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.bytes.extend_from_slice(b"\r\n");
        self.lines.push(Field {
            name: span(start, name.len()),
            value: span(value_at, len),
        });
        true
    }

    /// The first value of the field `name`, whatever the case. Cost: O(fields).
    pub(crate) fn value(&self, name: &str) -> Option<&[u8]> {
        let len = u32::try_from(name.len()).ok()?;
        let field = self.lines.iter().find(|field| {
            field.name.end.wrapping_sub(field.name.start) == len
                && self.at(field.name).eq_ignore_ascii_case(name.as_bytes())
        })?;
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
        let before = self.at(Span {
            start: field.name.end,
            end: field.value.start,
        });
        let after = self.at(Span {
            start: field.value.end,
            end,
        });
        (before == b": " && after == b"\r\n").then_some(Span {
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
    fn parts_make_one_line_or_none() {
        let mut fields = Fields::default();
        assert!(fields.push_parts(b"Via", &[b"1.1", b" ", b"bartizan"]));
        assert!(!fields.push_parts(b"Via", &[b"a", b"\r\nX: b"]));
        assert!(!fields.push_parts(b"Via", &[b"", b""]));
        let mut out = Vec::new();
        fields.write(&mut out, |_| true);
        assert_eq!(out, b"Via: 1.1 bartizan\r\n");
        assert_eq!(fields.value("via"), Some(&b"1.1 bartizan"[..]));
        assert_eq!(fields.value("vi"), None);
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
