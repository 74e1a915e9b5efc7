//! Strings: the run up to the closing quote, and the decoding of escapes (RFC 8259 section 7).

/// Why a string is refused, and how far from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadString {
    pub(crate) at: usize,
    pub(crate) expected: &'static str,
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// High bit set in (at least) the first byte that is a quote, a backslash or a control character.
/// SOURCE: the exact "haszero" and "hasless" words of Bit Twiddling Hacks (Anderson); bits above
/// the first hit may be false, the lowest one never is.
fn stops(word: u64) -> u64 {
    let quote = word ^ 0x2222_2222_2222_2222;
    let slash = word ^ 0x5c5c_5c5c_5c5c_5c5c;
    let is_quote = quote.wrapping_sub(ONES) & !quote;
    let is_slash = slash.wrapping_sub(ONES) & !slash;
    let is_control = word.wrapping_sub(0x2020_2020_2020_2020) & !word;
    (is_quote | is_slash | is_control) & HIGHS
}

/// Distance to the next quote, backslash or control character; the length where there is none.
pub(crate) fn run(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let mut passed = 0_usize;
    while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
        let found = stops(u64::from_le_bytes(*chunk));
        if found != 0 {
            let bytes = usize::try_from(found.trailing_zeros() / 8).unwrap_or(0);
            return passed.saturating_add(bytes);
        }
        passed = passed.saturating_add(8);
        rest = behind;
    }
    let tail = rest
        .iter()
        .take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20))
        .count();
    passed.saturating_add(tail)
}

/// Decodes the inside of a string whose first escape is at `first`, into `out`. Gives the length of
/// the inside in the source (the closing quote is behind it).
pub(crate) fn decode(source: &str, first: usize, out: &mut String) -> Result<usize, BadString> {
    let bytes = source.as_bytes();
    let mut kept = 0_usize;
    let mut at = first;
    loop {
        out.push_str(source.get(kept..at).unwrap_or(""));
        match bytes.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at = escape(bytes, at, out)?,
            Some(_) => {
                return Err(BadString {
                    at,
                    expected: "control characters escaped",
                });
            }
            None => {
                return Err(BadString {
                    at,
                    expected: "a closing quote",
                });
            }
        }
        kept = at;
        at = at.saturating_add(run(bytes.get(at..).unwrap_or(&[])));
    }
}

fn escape(bytes: &[u8], at: usize, out: &mut String) -> Result<usize, BadString> {
    let letter = bytes.get(at.saturating_add(1));
    let plain = match letter {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(bytes, at, out),
        _ => {
            return Err(BadString {
                at,
                expected: "an escape of RFC 8259",
            });
        }
    };
    out.push(plain);
    Ok(at.saturating_add(2))
}

fn unicode(bytes: &[u8], at: usize, out: &mut String) -> Result<usize, BadString> {
    const LONE: &str = "surrogates in pairs, high then low";
    let unit = hex(bytes, at)?;
    let behind = at.saturating_add(6);
    if !(0xd800..0xe000).contains(&unit) {
        out.extend(char::from_u32(unit));
        return Ok(behind);
    }
    let escaped = bytes.get(behind..behind.saturating_add(2)) == Some(b"\\u");
    if unit >= 0xdc00 || !escaped {
        return Err(BadString { at, expected: LONE });
    }
    let low = hex(bytes, behind)?;
    if !(0xdc00..0xe000).contains(&low) {
        return Err(BadString { at, expected: LONE });
    }
    let high = (unit & 0x3ff) << 10;
    out.extend(char::from_u32(
        0x1_0000_u32.saturating_add(high | (low & 0x3ff)),
    ));
    Ok(behind.saturating_add(6))
}

fn hex(bytes: &[u8], at: usize) -> Result<u32, BadString> {
    let digits = bytes.get(at.saturating_add(2)..at.saturating_add(6));
    digits
        .and_then(|digits| {
            digits.iter().try_fold(0_u32, |unit, digit| {
                char::from(*digit)
                    .to_digit(16)
                    .map(|digit| (unit << 4) | digit)
            })
        })
        .ok_or(BadString {
            at,
            expected: "four hex digits behind `\\u`",
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_stops_exactly_at_the_first_special_byte() {
        for special in [b'"', b'\\', 0, 0x1f] {
            for place in 0..40 {
                let mut bytes = vec![b'~'; 40];
                bytes[place] = special;
                assert_eq!(run(&bytes), place, "{special} at {place}");
                // A byte that differs by one from the special ones never stops a run.
                bytes[place] = 0x7f;
                assert_eq!(run(&bytes), 40);
            }
        }
        for byte in 0x20..=0xff_u8 {
            let plain = !matches!(byte, b'"' | b'\\');
            assert_eq!(run(&[byte; 16]) == 16, plain, "{byte}");
        }
    }
}
