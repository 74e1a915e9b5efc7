//! SipHash-2-4 with our seed: callers cannot aim keys at one place of the table.
//! SOURCE: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), section 2.

/// A running hash. Parts are written with their length before them, so that none can slide into
/// its neighbour.
pub(crate) struct KeyedHash {
    v: [u64; 4],
    tail: u64,
    tail_bytes: u32,
    length: u64,
}

impl KeyedHash {
    pub(crate) fn new(seed: [u8; 16]) -> Self {
        let seed = u128::from_le_bytes(seed);
        let low = u64::try_from(seed & u128::from(u64::MAX)).unwrap_or(0);
        let high = u64::try_from(seed >> 64).unwrap_or(0);
        let v = [
            low ^ 0x736f_6d65_7073_6575,
            high ^ 0x646f_7261_6e64_6f6d,
            low ^ 0x6c79_6765_6e65_7261,
            high ^ 0x7465_6462_7974_6573,
        ];
        KeyedHash {
            v,
            tail: 0,
            tail_bytes: 0,
            length: 0,
        }
    }

    /// Writes one part with its length before it.
    pub(crate) fn part(&mut self, bytes: &[u8]) {
        self.number(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.bytes(bytes);
    }

    /// Writes one number.
    pub(crate) fn number(&mut self, number: u64) {
        self.append(number, 8);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.append(u64::from_le_bytes(*word), 8);
        }
        if !rest.is_empty() {
            let last = rest
                .iter()
                .rfold(0, |last, byte| last << 8 | u64::from(*byte));
            self.append(last, u32::try_from(rest.len()).unwrap_or(0));
        }
    }

    /// Writes the `count` low bytes of `bytes`, of which the others are 0; `count` is 1 to 8.
    fn append(&mut self, bytes: u64, count: u32) {
        self.length = self.length.wrapping_add(u64::from(count));
        self.tail |= bytes << self.tail_bytes.wrapping_mul(8);
        let total = self.tail_bytes.saturating_add(count);
        self.tail_bytes = total;
        if let Some(over) = total.checked_sub(8) {
            self.word(self.tail);
            let taken = count.saturating_sub(over).saturating_mul(8);
            self.tail = bytes.checked_shr(taken).unwrap_or(0);
            self.tail_bytes = over;
        }
    }

    pub(crate) fn finish(mut self) -> u64 {
        let last = self.tail | ((self.length & 0xff) << 56);
        self.word(last);
        self.v[2] ^= 0xff;
        for _ in 0..4 {
            self.round();
        }
        self.v[0] ^ self.v[1] ^ self.v[2] ^ self.v[3]
    }

    fn word(&mut self, word: u64) {
        self.v[3] ^= word;
        self.round();
        self.round();
        self.v[0] ^= word;
    }

    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.v;
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
        self.v = [a, b, c, d];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_the_paper_holds() {
        let seed: [u8; 16] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        let message: Vec<u8> = (0..15).collect();
        let mut hash = KeyedHash::new(seed);
        hash.bytes(&message);
        assert_eq!(hash.finish(), 0xa129_ca61_49be_45e5);
    }

    #[test]
    fn bytes_hash_alike_however_they_are_cut() {
        let message: Vec<u8> = (0..40).collect();
        let of = |cuts: &[usize]| {
            let mut hash = KeyedHash::new([7; 16]);
            let mut at = 0;
            for cut in cuts.iter().copied().chain([message.len()]) {
                hash.bytes(&message[at..cut]);
                at = cut;
            }
            hash.finish()
        };
        for cut in 0..=message.len() {
            assert_eq!(of(&[cut]), of(&[]));
            assert_eq!(of(&[cut / 2, cut]), of(&[]));
        }
    }

    #[test]
    fn parts_do_not_slide() {
        let of = |parts: [&[u8]; 2]| {
            let mut hash = KeyedHash::new([7; 16]);
            parts.iter().for_each(|part| hash.part(part));
            hash.finish()
        };
        assert_ne!(of([b"ab", b"c"]), of([b"a", b"bc"]));
    }
}
