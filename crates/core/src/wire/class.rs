//! Byte classes of RFC 9110 section 5.6 and RFC 3986, as tables made at compile time.

const TOKEN: u8 = 1;
const TARGET: u8 = 2;
const VALUE: u8 = 4;

static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0_u8; 256];
    let mut byte = 0_u8;
    loop {
        let mut class = 0;
        if is_tchar(byte) {
            class |= TOKEN;
        }
        if byte.is_ascii_graphic() {
            class |= TARGET;
        }
        if matches!(byte, b'\t' | b' '..=b'~' | 0x80..) {
            class |= VALUE;
        }
        #[expect(
            clippy::indexing_slicing,
            reason = "a u8 cannot leave 256 entries; const code"
        )]
        {
            table[byte as usize] = class;
        }
        match byte.checked_add(1) {
            Some(next) => byte = next,
            None => return table,
        }
    }
}

const fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

fn has(byte: u8, class: u8) -> bool {
    CLASSES
        .get(usize::from(byte))
        .is_some_and(|found| found & class != 0)
}

/// Whether `byte` can stand in a token (RFC 9110 section 5.6.2).
pub(crate) fn is_token_byte(byte: u8) -> bool {
    has(byte, TOKEN)
}

/// Length of the token at the start of `bytes`.
pub(crate) fn token_len(bytes: &[u8]) -> usize {
    run_len(bytes, TOKEN)
}

/// Length of the run of target bytes at the start of `bytes`.
pub(crate) fn target_len(bytes: &[u8]) -> usize {
    run_len(bytes, TARGET)
}

fn run_len(bytes: &[u8], class: u8) -> usize {
    bytes
        .iter()
        .position(|byte| !has(*byte, class))
        .unwrap_or(bytes.len())
}

/// Index of the first byte that no field value holds: a control character other than tab
/// (RFC 9110 section 5.5). Cost: 16 bytes a step while they are clean, then 8.
pub(crate) fn bad_value_byte(bytes: &[u8]) -> Option<usize> {
    let blocks = bytes.as_chunks::<16>().0.iter();
    let clean = blocks.take_while(|block| !has_control(block)).count();
    let mut at = clean.saturating_mul(16);
    let (words, rest) = bytes.get(at..).unwrap_or_default().as_chunks::<8>();
    for word in words {
        if let Some(found) = first_control(u64::from_le_bytes(*word)) {
            return Some(at.saturating_add(found));
        }
        at = at.saturating_add(8);
    }
    let found = rest.iter().position(|byte| !has(*byte, VALUE))?;
    Some(at.saturating_add(found))
}

/// Index of the first control character other than tab among eight bytes, the first one lowest.
/// Every byte is judged in its own bits: no sum of two of them reaches a neighbour.
fn first_control(word: u64) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    const LOW: u64 = !HIGH;
    // The high bit of each byte that is not zero.
    let is_set = |word: u64| (word | (word & LOW).wrapping_add(LOW)) & HIGH;
    let is_visible = (word | (word & LOW).wrapping_add(ONES.wrapping_mul(0x60))) & HIGH;
    let is_tab = !is_set(word ^ ONES.wrapping_mul(0x09));
    let is_delete = !is_set(word ^ LOW);
    let found = ((!is_visible & !is_tab) | is_delete) & HIGH;
    let bits = usize::try_from(found.trailing_zeros()).unwrap_or(0);
    (found != 0).then_some(bits / 8)
}

/// Written without early exit, so that it becomes a few vector instructions.
fn has_control(block: &[u8; 16]) -> bool {
    block.iter().fold(false, |found, byte| {
        found | ((*byte < b' ') & (*byte != b'\t')) | (*byte == 0x7f)
    })
}

/// `value` without spaces and tabs around it.
pub(crate) fn trim_blanks(value: &[u8]) -> &[u8] {
    let mut value = value;
    while let [b' ' | b'\t', rest @ ..] = value {
        value = rest;
    }
    while let [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_value_check_equals_the_table() {
        for len in 0..40_usize {
            for at in 0..len {
                for byte in 0..=255_u8 {
                    let mut value = vec![b'a'; len];
                    value[at] = byte;
                    let bad = byte != b'\t' && byte.is_ascii_control();
                    assert_eq!(
                        bad_value_byte(&value),
                        bad.then_some(at),
                        "{len} {at} {byte}"
                    );
                }
            }
        }
    }

    #[test]
    fn delimiters_are_no_token_and_only_visible_ascii_is_a_target() {
        assert!(
            b"\"(),/:;<=>?@[\\]{} \x00\x7f\xff"
                .iter()
                .all(|byte| !is_token_byte(*byte))
        );
        assert_eq!(token_len(b"X-Request_Id~!:"), 14);
        assert!(
            b" \t\r\n\x00\x7f\xc3"
                .iter()
                .all(|byte| target_len(&[*byte]) == 0)
        );
        assert_eq!(target_len(b"/a;b=1|2?c[]=%20{}<#d HTTP"), 21);
    }

    #[test]
    fn blanks_are_trimmed_on_both_sides_only() {
        assert_eq!(trim_blanks(b" \t a\tb \t"), b"a\tb");
        assert_eq!(trim_blanks(b" \t "), b"");
    }
}
