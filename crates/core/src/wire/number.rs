//! Numbers as the wire writes them: plain decimal lengths, hexadecimal chunk sizes; digests in hex.

/// `value` of `Content-Length`: one to 19 digits and nothing else (RFC 9110 section 8.6).
pub(crate) fn read_decimal(value: &[u8]) -> Option<u64> {
    if value.is_empty() || value.len() > 19 {
        return None;
    }
    value.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        number.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Appends `number` in decimal.
pub(crate) fn write_decimal(number: u64, out: &mut Vec<u8>) {
    write_digits::<10>(number, out);
}

/// Appends `number` in lower-case hexadecimal.
pub(crate) fn write_hex(number: u64, out: &mut Vec<u8>) {
    write_digits::<16>(number, out);
}

/// The base is a constant, so that no division is left.
fn write_digits<const BASE: u64>(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut rest = number;
    let mut used = 0_usize;
    for slot in digits.iter_mut().rev() {
        let digit = rest.checked_rem(BASE).unwrap_or(0);
        *slot = b"0123456789abcdef"
            .get(usize::try_from(digit).unwrap_or(0))
            .copied()
            .unwrap_or(b'0');
        used = used.saturating_add(1);
        rest = rest.checked_div(BASE).unwrap_or(0);
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(
        digits
            .get(20_usize.saturating_sub(used)..)
            .unwrap_or_default(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_plain_digits_only() {
        assert_eq!(read_decimal(b"0"), Some(0));
        assert_eq!(
            read_decimal(b"9999999999999999999"),
            Some(9_999_999_999_999_999_999)
        );
        let bad: [&[u8]; 8] = [
            b"",
            b"+1",
            b"-1",
            b"1 ",
            b"1,1",
            b"0x1",
            b"1e1",
            b"10000000000000000000",
        ];
        assert!(bad.iter().all(|value| read_decimal(value).is_none()));
    }

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        for number in [0, 1, 9, 10, 255, 65_536, u64::MAX] {
            let mut out = Vec::new();
            write_decimal(number, &mut out);
            out.push(b' ');
            write_hex(number, &mut out);
            assert_eq!(out, format!("{number} {number:x}").as_bytes());
        }
    }
}
