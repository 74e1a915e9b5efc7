//! Percent-decoding (RFC 3986 section 2.1) and the character classes of targets.

/// Value of one hex digit.
#[must_use]
pub fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => byte.checked_sub(b'0'),
        b'a'..=b'f' => byte
            .checked_sub(b'a')
            .and_then(|value| value.checked_add(10)),
        b'A'..=b'F' => byte
            .checked_sub(b'A')
            .and_then(|value| value.checked_add(10)),
        _ => None,
    }
}

/// The octet of the triplet `%XX` at the start of `text`, if there is one.
#[must_use]
pub fn triplet(text: &[u8]) -> Option<u8> {
    match text {
        [b'%', high, low, ..] => Some((hex(*high)? << 4) | hex(*low)?),
        _ => None,
    }
}

/// Unreserved characters: RFC 3986 section 2.3.
#[must_use]
pub fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// `pchar` without `%` and without `;`: RFC 3986 section 3.3.
#[must_use]
pub fn is_plain_path(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=' | b':' | b'@'
        )
}

/// What may stand in a query: RFC 3986 section 3.4, and what browsers leave as it is (WHATWG URL,
/// query percent-encode set): all printable ASCII but blank, `"`, `#`, `<`, `>`.
#[must_use]
pub fn is_query(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'#' | b'<' | b'>')
}

/// Appends `%XX` in upper case.
pub fn push_triplet(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| {
        DIGITS
            .get(usize::from(value & 15))
            .copied()
            .map_or('0', char::from)
    };
    out.push('%');
    out.push(digit(byte >> 4));
    out.push(digit(byte));
}

/// What decoding met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// A `%` without two hex digits; kept as it is.
    pub bad_percent: bool,
    /// The result was not UTF-8 (overlong forms and surrogates included); replaced by U+FFFD.
    pub bad_utf8: bool,
    /// The result holds NUL.
    pub nul: bool,
}

/// Appends `raw` decoded to `out`. With `plus`, `+` is a space (forms). Cost: O(bytes).
pub fn decode_into(out: &mut String, raw: &[u8], plus: bool) -> Met {
    let mut met = Met::default();
    let mut octets = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        let octet = match *first {
            b'%' => {
                if let (Some(octet), Some(after)) = (escaped(tail), tail.get(2..)) {
                    rest = after;
                    octet
                } else {
                    met.bad_percent = true;
                    b'%'
                }
            }
            b'+' if plus => b' ',
            other => other,
        };
        met.nul |= octet == 0;
        octets.push(octet);
    }
    match std::str::from_utf8(&octets) {
        Ok(text) => out.push_str(text),
        Err(_) => {
            met.bad_utf8 = true;
            out.push_str(&String::from_utf8_lossy(&octets));
        }
    }
    met
}

fn escaped(digits: &[u8]) -> Option<u8> {
    match digits {
        [high, low, ..] => Some((hex(*high)? << 4) | hex(*low)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(raw: &str, plus: bool) -> (String, Met) {
        let mut out = String::new();
        let met = decode_into(&mut out, raw.as_bytes(), plus);
        (out, met)
    }

    #[test]
    fn triplets_decode_and_plus_is_a_space_in_forms_only() {
        assert_eq!(
            decoded("a%20b%c3%A9", false),
            ("a b\u{e9}".to_owned(), Met::default())
        );
        assert_eq!(decoded("a+b", true).0, "a b");
        assert_eq!(decoded("a+b", false).0, "a+b");
    }

    #[test]
    fn a_bad_triplet_stays_and_is_met() {
        for raw in ["%", "%4", "%zz", "%u0041"] {
            let (text, met) = decoded(raw, true);
            assert_eq!(text, raw);
            assert!(met.bad_percent);
        }
    }

    #[test]
    fn overlong_and_broken_utf8_is_met() {
        for raw in ["%c0%ae", "%ff", "%ed%a0%80", "%f8%88%80%80%80"] {
            assert!(decoded(raw, true).1.bad_utf8, "{raw}");
        }
        assert!(decoded("%00", true).1.nul);
    }
}
