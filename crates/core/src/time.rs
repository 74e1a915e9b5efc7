//! Time and identity as arguments: the core reads no clock and makes no random number.

use std::fmt;

/// The moment of one call, given by the driver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Wall clock, milliseconds since the Unix epoch (UTC).
    pub unix_ms: u64,
    /// Monotonic clock, microseconds since an arbitrary start of the process.
    pub mono_us: u64,
}

impl Now {
    /// Wall clock in whole seconds.
    #[must_use]
    pub fn unix_s(self) -> u64 {
        self.unix_ms / 1000
    }

    /// Microseconds from `start` to here; 0 when the clock went back.
    #[must_use]
    pub fn since_us(self, start: Now) -> u64 {
        self.mono_us.saturating_sub(start.mono_us)
    }
}

/// The identity of one Exchange: 80 random bits given by the driver. Shown as 16 characters of
/// Crockford base32 in lower case; the client gets it as reference id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId(pub u128);

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl fmt::Display for ExchangeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in (0..16_u32).rev() {
            let digit = (self.0 >> place.saturating_mul(5)) & 31;
            let letter = ALPHABET
                .get(usize::try_from(digit).unwrap_or(0))
                .copied()
                .unwrap_or(b'0');
            fmt::Write::write_char(f, char::from(letter))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_sixteen_letters_of_its_low_eighty_bits() {
        assert_eq!(ExchangeId(0).to_string(), "0000000000000000");
        assert_eq!(ExchangeId(31).to_string(), "000000000000000z");
        assert_eq!(ExchangeId(u128::MAX).to_string(), "zzzzzzzzzzzzzzzz");
    }
}
