//! JSON text out: strings escaped so that no control character, line end or quote survives.

/// Appends `text` as a JSON string with its quotes. Cost: O(length); text without anything to
/// escape is copied whole.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let is_plain = |byte: u8| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        out.extend_from_slice(text.as_bytes());
    } else {
        text.chars().for_each(|letter| push_letter(out, letter));
    }
    out.push(b'"');
}

fn push_letter(out: &mut Vec<u8>, letter: char) {
    match letter {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => {
            out.extend_from_slice(format!("\\u{:04x}", u32::from(letter)).as_bytes());
        }
        _ => {
            let mut buffer = [0_u8; 4];
            out.extend_from_slice(letter.encode_utf8(&mut buffer).as_bytes());
        }
    }
}

/// Appends a decimal number. Cost: O(digits), no allocation.
pub fn push_number(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0_u8; 20];
    let mut left = number;
    let mut count = 0_usize;
    for slot in digits.iter_mut().rev() {
        *slot = b'0'.saturating_add(u8::try_from(left % 10).unwrap_or(0));
        left /= 10;
        count = count.saturating_add(1);
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(
        digits
            .get(20_usize.saturating_sub(count)..)
            .unwrap_or_default(),
    );
}

/// One JSON object being written: members in the order given, absent ones left out.
pub struct Object<'o> {
    out: &'o mut Vec<u8>,
    is_first: bool,
}

impl<'o> Object<'o> {
    /// Opens `{`.
    pub fn open(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Object {
            out,
            is_first: true,
        }
    }

    /// Names are ours and hold nothing to escape.
    fn key(&mut self, name: &str) {
        let before: &[u8] = if self.is_first { b"\"" } else { b",\"" };
        self.is_first = false;
        self.out.extend_from_slice(before);
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// A string member.
    pub fn string(&mut self, name: &str, value: &str) -> &mut Self {
        self.key(name);
        push_string(self.out, value);
        self
    }

    /// A string member unless it is empty.
    pub fn text(&mut self, name: &str, value: &str) -> &mut Self {
        if !value.is_empty() {
            self.string(name, value);
        }
        self
    }

    /// A number member.
    pub fn number(&mut self, name: &str, value: u64) -> &mut Self {
        self.key(name);
        push_number(self.out, value);
        self
    }

    /// A member whose value `write` appends as JSON.
    pub fn raw(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        self.key(name);
        write(self.out);
        self
    }

    /// Writes `}`.
    pub fn close(self) {
        self.out.push(b'}');
    }
}

/// Appends `[...]`, one element per item.
pub fn push_list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_back_equal_and_hold_no_raw_control_character() {
        for text in [
            "",
            "plain",
            "a\"b\\c",
            "line\r\nend\u{0}\u{7f}\u{85}\u{2028}",
            "žluťoučký 🐎",
        ] {
            let mut out = Vec::new();
            push_string(&mut out, text);
            assert!(out.iter().all(|byte| *byte >= 0x20 && *byte != 0x7f));
            assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }

    #[test]
    fn numbers_read_back_equal() {
        for number in [0, 7, 10, 999, u64::MAX] {
            let mut out = Vec::new();
            push_number(&mut out, number);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }

    #[test]
    fn absent_members_leave_no_trace() {
        let mut out = Vec::new();
        let mut object = Object::open(&mut out);
        object
            .text("a", "")
            .string("b", "")
            .number("c", 1)
            .raw("d", |out| push_list(out, [1, 2], push_number));
        object.close();
        assert_eq!(out, br#"{"b":"","c":1,"d":[1,2]}"#);
    }
}
