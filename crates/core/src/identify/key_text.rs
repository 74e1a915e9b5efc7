//! The text of an issued API key: `btz_<kind>_<env>_<keyid>_<secret><crc>`. The checksum tells a
//! forged or torn key from an issued one before any look-up, and finds leaked keys in files.

use flate2::Crc;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const MARK: &[u8] = b"btz_";
const ID_BYTES: usize = 9;
const SECRET_BYTES: usize = 27;
const CRC_BYTES: usize = 6;

/// What the text of an API key says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyText {
    /// Not of our form: a key that somebody chose for the config.
    Foreign,
    /// Of our form, or begins like it, and cannot have been issued.
    Forged,
    /// Form and checksum hold; it may have been issued.
    Sound,
}

impl KeyText {
    /// Reads a key. Cost: O(length) for what begins like ours, else four bytes.
    #[must_use]
    pub fn read(key: &[u8]) -> Self {
        match key.strip_prefix(MARK) {
            None => KeyText::Foreign,
            Some(rest) if has_form(rest) && has_checksum(key) => KeyText::Sound,
            Some(_) => KeyText::Forged,
        }
    }
}

fn has_form(rest: &[u8]) -> bool {
    let mut parts = rest.split(|byte| *byte == b'_');
    let known = |part: Option<&[u8]>, words: [&[u8]; 3]| part.is_some_and(|p| words.contains(&p));
    let sized = |part: Option<&[u8]>, length: usize| {
        part.is_some_and(|p| p.len() == length && p.iter().all(u8::is_ascii_alphanumeric))
    };
    known(parts.next(), [b"svc", b"usr", b"agt"])
        && known(parts.next(), [b"live", b"test", b"test"])
        && sized(parts.next(), ID_BYTES)
        && sized(parts.next(), SECRET_BYTES.saturating_add(CRC_BYTES))
        && parts.next().is_none()
}

fn has_checksum(key: &[u8]) -> bool {
    let Some((body, told)) = key.split_last_chunk::<CRC_BYTES>() else {
        return false;
    };
    let mut crc = Crc::new();
    crc.update(body);
    checksum(crc.sum()) == *told
}

/// Six Base62 digits, the highest first.
fn checksum(mut sum: u32) -> [u8; CRC_BYTES] {
    let mut out = [b'0'; CRC_BYTES];
    for place in out.iter_mut().rev() {
        let digit = usize::try_from(sum.checked_rem(62).unwrap_or(0)).unwrap_or(0);
        *place = DIGITS.get(digit).copied().unwrap_or(b'0');
        sum = sum.checked_div(62).unwrap_or(0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by `bartizan.identity.api_keys` (zlib's CRC), an implementation of its own.
    const KEY: &[u8] = b"btz_svc_live_000000001_0000000000000000000000000023PeYbW";

    fn sound() -> Vec<u8> {
        KEY.to_vec()
    }

    #[test]
    fn the_checksum_of_python_holds() {
        // zlib.crc32(b"123456789") == 0xcbf43926, the check value of CRC-32/ISO-HDLC.
        let mut crc = Crc::new();
        crc.update(b"123456789");
        assert_eq!(crc.sum(), 0xcbf4_3926);
        assert_eq!(&checksum(61), b"00000z");
        assert_eq!(&checksum(62), b"000010");
        assert_eq!(KeyText::read(&sound()), KeyText::Sound);
    }

    #[test]
    fn any_changed_letter_makes_a_forged_key() {
        let sound = sound();
        for index in 4..sound.len() {
            let mut forged = sound.clone();
            forged[index] = if forged[index] == b'7' { b'8' } else { b'7' };
            assert_eq!(KeyText::read(&forged), KeyText::Forged, "letter {index}");
        }
        for torn in [&sound[..sound.len() - 1], b"btz_", b"btz_svc_live__"] {
            assert_eq!(KeyText::read(torn), KeyText::Forged);
        }
        assert_eq!(
            KeyText::read(&[sound.as_slice(), b"0"].concat()),
            KeyText::Forged
        );
    }

    #[test]
    fn a_key_of_another_form_is_left_to_the_config() {
        for key in [&b"s3cret-key"[..], b"", b"btz", b"BTZ_svc_live"] {
            assert_eq!(KeyText::read(key), KeyText::Foreign);
        }
    }
}
