//! References in text and attribute values: the five entities and characters of XML, nothing else.
//! The reader takes a surrogate for U+FFFD; two readings, so they are refused here.

const FIVE: [&str; 5] = ["amp", "apos", "gt", "lt", "quot"];
/// The longest name between `&` and `;` that can be right: `#1114111`.
const NAME_MAX: usize = 16;

/// Where the first bad reference stands.
pub(super) fn first_bad(text: &str) -> Option<usize> {
    memchr::memchr_iter(b'&', text.as_bytes()).find(|at| {
        let rest = text.get(at.saturating_add(1)..).unwrap_or("");
        let name = rest.bytes().take(NAME_MAX).position(|byte| byte == b';');
        !name.and_then(|end| rest.get(..end)).is_some_and(is_known)
    })
}

fn is_known(name: &str) -> bool {
    let Some(number) = name.strip_prefix('#') else {
        return FIVE.contains(&name);
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` would take a sign.
    let is_plain = digits.chars().all(|digit| digit.is_digit(radix));
    let letter = u32::from_str_radix(digits, radix)
        .ok()
        .and_then(char::from_u32);
    is_plain && letter.is_some_and(is_char)
}

/// Source: XML 1.0 section 2.2.
pub(super) fn is_char(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..) && !matches!(letter, '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_five_and_characters_pass() {
        for text in [
            "",
            "a",
            "&lt;&gt;&amp;&apos;&quot;",
            "&#65;&#x41;&#9;",
            "&#x10FFFF;&#xe9;",
        ] {
            assert_eq!(first_bad(text), None, "{text}");
        }
    }

    #[test]
    fn everything_else_is_found_with_its_place() {
        for text in [
            "&lol;",
            "&#0;",
            "&#x0;",
            "&#1;",
            "&#xD800;",
            "&#xfffe;",
            "&#x110000;",
            "&",
            "& ",
            "&lt",
            "&;",
            "&#;",
            "&#x;",
            "&#+65;",
            "&#X41;",
            "&LT;",
            "&#99999999999;",
            "&#000000000000000065;",
        ] {
            assert_eq!(first_bad(&format!("ab{text}")), Some(2), "{text}");
        }
        assert_eq!(first_bad("&amp;amp;&nbsp;"), Some(9));
    }
}
