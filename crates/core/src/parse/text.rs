//! Text bodies: UTF-8 without a second reading.

use crate::codes::Code;

/// The text of a body.
///
/// # Errors
/// `parse.bad-body-text` and the first bad byte: not UTF-8 (overlong forms and surrogates
/// included), a byte order mark, or NUL. Cost: O(bytes). Source: RFC 3629 section 3.
pub fn read_text(body: &[u8]) -> Result<&str, (Code, usize)> {
    let text =
        std::str::from_utf8(body).map_err(|error| (Code::ParseBadBodyText, error.valid_up_to()))?;
    if text.starts_with('\u{feff}') {
        return Err((Code::ParseBadBodyText, 0));
    }
    match memchr::memchr(0, body) {
        Some(at) => Err((Code::ParseBadBodyText, at)),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_passes_and_everything_else_is_refused_with_its_place() {
        assert_eq!(read_text("gr\u{fc}n\r\n".as_bytes()), Ok("gr\u{fc}n\r\n"));
        for (body, at) in [
            (&b"ab\xff"[..], 2),
            (b"\xef\xbb\xbfa", 0),
            (b"a\0", 1),
            (b"\xc0\xae", 0),
        ] {
            assert_eq!(
                read_text(body),
                Err((Code::ParseBadBodyText, at)),
                "{body:?}"
            );
        }
    }
}
