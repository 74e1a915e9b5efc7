//! Repeated member names of one object, compared after unescaping.

use super::tape::{Entry, NodeId, widen};

/// Up to this many keys, comparing all pairs of signatures beats sorting.
const PAIRWISE_MAX: usize = 24;

/// First and last bytes and the length of a name: equal names have equal signatures.
fn signature(name: &[u8]) -> u64 {
    let len = u64::try_from(name.len()).unwrap_or(u64::MAX);
    let (first, last) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (short(name), 0),
    };
    first ^ last.rotate_left(29) ^ len.rotate_left(57)
}

fn short(name: &[u8]) -> u64 {
    if let (Some(first), Some(last)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first))
            | (u64::from(u32::from_le_bytes(*last)) << 32);
    }
    name.iter()
        .fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

fn name<'a>(text: &'a str, entries: &[Entry], key: u32) -> &'a [u8] {
    let Some(entry) = entries.get(widen(key)) else {
        return b"";
    };
    let start = widen(entry.head);
    text.as_bytes()
        .get(start..start.saturating_add(widen(entry.size)))
        .unwrap_or(b"")
}

/// The later one of two equal keys among `keys` (indices into `entries`), the first such in
/// document order. Cost: O(keys log keys); `scratch` is reused.
pub(crate) fn repeated(
    text: &str,
    entries: &[Entry],
    keys: &[u32],
    scratch: &mut Vec<(u64, u32)>,
) -> Option<NodeId> {
    if keys.len() < 2 {
        return None;
    }
    scratch.clear();
    scratch.extend(
        keys.iter()
            .map(|key| (signature(name(text, entries, *key)), *key)),
    );
    if keys.len() <= PAIRWISE_MAX {
        return pairwise(text, entries, scratch);
    }
    scratch.sort_unstable_by(|(left, a), (right, b)| {
        left.cmp(right)
            .then_with(|| name(text, entries, *a).cmp(name(text, entries, *b)))
            .then(a.cmp(b))
    });
    let pairs = scratch.iter().zip(scratch.iter().skip(1));
    pairs
        .filter(|((left, a), (right, b))| {
            left == right && name(text, entries, *a) == name(text, entries, *b)
        })
        .map(|(_, (_, later))| NodeId(*later))
        .min()
}

fn pairwise(text: &str, entries: &[Entry], signed: &[(u64, u32)]) -> Option<NodeId> {
    signed.iter().enumerate().find_map(|(place, (sign, key))| {
        let before = signed.get(..place).unwrap_or(&[]);
        let twin = before.iter().any(|(other, earlier)| {
            other == sign && name(text, entries, *earlier) == name(text, entries, *key)
        });
        twin.then_some(NodeId(*key))
    })
}
