//! Number literals (RFC 8259 section 6): grammar, exactness, value.

/// Largest magnitude up to which every integer has its own f64: 2^53.
pub(crate) const EXACT_MAX: u64 = 1 << 53;

/// What a scan of a literal found.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Literal {
    /// Bytes of the literal; 0 = none here.
    pub(crate) len: usize,
    /// Digits in it, exponent included.
    pub(crate) digits: usize,
    /// Neither fraction nor exponent.
    pub(crate) integer: bool,
    /// It has an exponent.
    pub(crate) exponent: bool,
}

fn digits_from(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .unwrap_or(&[])
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count()
}

/// Reads the longest number literal at the start of `bytes`. `len` 0 where the grammar breaks.
pub(crate) fn scan(bytes: &[u8]) -> Literal {
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits_from(bytes, sign);
    if whole == 0 || (whole > 1 && bytes.get(sign) == Some(&b'0')) {
        return Literal::default();
    }
    let mut literal = Literal {
        len: sign.saturating_add(whole),
        digits: whole,
        integer: true,
        exponent: false,
    };
    if bytes.get(literal.len) == Some(&b'.') {
        let fraction = digits_from(bytes, literal.len.saturating_add(1));
        if fraction == 0 {
            return Literal::default();
        }
        literal.integer = false;
        literal.digits = literal.digits.saturating_add(fraction);
        literal.len = literal.len.saturating_add(fraction).saturating_add(1);
    }
    if matches!(bytes.get(literal.len), Some(b'e' | b'E')) {
        return with_exponent(bytes, literal);
    }
    literal
}

fn with_exponent(bytes: &[u8], mut literal: Literal) -> Literal {
    let mut at = literal.len.saturating_add(1);
    if matches!(bytes.get(at), Some(b'+' | b'-')) {
        at = at.saturating_add(1);
    }
    let exponent = digits_from(bytes, at);
    if exponent == 0 {
        return Literal::default();
    }
    literal.integer = false;
    literal.exponent = true;
    literal.digits = literal.digits.saturating_add(exponent);
    literal.len = at.saturating_add(exponent);
    literal
}

/// Whether all of `text` is one number literal.
pub(crate) fn is_literal(text: &str) -> bool {
    !text.is_empty() && scan(text.as_bytes()).len == text.len()
}

/// Whether the value of a literal is finite in f64.
pub(crate) fn is_finite(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Whether an integer literal lies within +-2^53.
pub(crate) fn is_exact(text: &str) -> bool {
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    magnitude.len() < 16
        || magnitude
            .parse::<u64>()
            .is_ok_and(|value| value <= EXACT_MAX)
}

/// The literal as `serde_json` number; `None` where f64 cannot hold it.
pub(crate) fn to_number(text: &str) -> Option<serde_json::Number> {
    if let Ok(value) = text.parse::<u64>() {
        return Some(value.into());
    }
    match text.parse::<i64>() {
        // `-0` is a float zero to serde_json.
        Ok(value) if value != 0 => Some(value.into()),
        _ => serde_json::Number::from_f64(text.parse().ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_grammar_of_rfc_8259_is_a_literal() {
        for good in ["0", "-0", "10", "1.5", "-1e5", "1E+2", "0.0e-0"] {
            assert!(is_literal(good), "{good}");
        }
        for bad in [
            "", "-", "+1", "01", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "1 ",
        ] {
            assert!(!is_literal(bad), "{bad}");
        }
    }

    #[test]
    fn exactness_ends_at_two_to_the_fifty_third() {
        assert!(is_exact("9007199254740992"));
        assert!(!is_exact("9007199254740993"));
        assert!(is_exact("-9007199254740992"));
        assert!(!is_exact("-9007199254740993"));
        assert!(!is_exact("99999999999999999999999"));
    }
}
