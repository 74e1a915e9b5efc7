//! Verified-token cache: "signature and form hold" under SHA-256(token) and the hash of the issuer
//! entry. What changes with time or place (times, audience, scope, revocation, the key's presence
//! in the set) is never in the answer: `identify` checks it again on each hit.

use std::sync::{Arc, Mutex, PoisonError};

use super::jwt::Verified;

/// Entries that share one place; the least recently used of them gives way.
const WAYS: usize = 8;
/// Locks; a hit holds one for some tens of nanoseconds.
const SHARDS: usize = 64;

/// A bounded cache, shared by all workers.
pub struct TokenCache {
    shards: Vec<Mutex<Shard>>,
}

#[derive(Default)]
struct Shard {
    sets: Vec<Vec<Entry>>,
    clock: u64,
}

struct Entry {
    token: [u8; 32],
    verified: Arc<Verified>,
    used: u64,
}

impl std::fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenCache").finish_non_exhaustive()
    }
}

impl TokenCache {
    /// A cache of at least `entries`, rounded up to whole places (at most 2^24). Places take their
    /// memory (about 600 bytes an entry) when they are first used.
    #[must_use]
    pub fn new(entries: u32) -> Self {
        let wanted = usize::try_from(entries.min(1 << 24)).unwrap_or(0);
        let sets = wanted.div_ceil(SHARDS.saturating_mul(WAYS)).max(1);
        let shard = || {
            let mut places = Vec::new();
            places.resize_with(sets, Vec::new);
            Mutex::new(Shard {
                sets: places,
                clock: 0,
            })
        };
        TokenCache {
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
        }
    }

    /// The entry of this token; `None` when it is not there or has expired at `now_s`. The caller
    /// compares the issuer entry. Cost: one lock, at most 8 comparisons.
    pub(crate) fn find(&self, token: &[u8; 32], now_s: u64) -> Option<Arc<Verified>> {
        let mut shard = self.lock(token)?;
        shard.clock = shard.clock.saturating_add(1);
        let clock = shard.clock;
        let entry = shard
            .set(token)?
            .iter_mut()
            .find(|entry| entry.token == *token)?;
        if entry.verified.expires_s <= now_s {
            return None;
        }
        entry.used = clock;
        Some(Arc::clone(&entry.verified))
    }

    /// Keeps what was verified until it expires or gives way.
    pub(crate) fn keep(&self, token: [u8; 32], verified: &Arc<Verified>, now_s: u64) {
        if verified.expires_s <= now_s {
            return;
        }
        let Some(mut shard) = self.lock(&token) else {
            return;
        };
        shard.clock = shard.clock.saturating_add(1);
        let used = shard.clock;
        let Some(set) = shard.set(&token) else { return };
        set.retain(|entry| entry.token != token && entry.verified.expires_s > now_s);
        if set.len() >= WAYS {
            let oldest = set.iter().map(|entry| entry.used).min();
            set.retain(|entry| Some(entry.used) != oldest);
        }
        set.push(Entry {
            token,
            verified: Arc::clone(verified),
            used,
        });
    }

    /// How many entries it holds. Cost: O(places).
    #[must_use]
    pub fn len(&self) -> usize {
        let shards = self
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner));
        shards
            .map(|shard| shard.sets.iter().map(Vec::len).sum::<usize>())
            .sum()
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self, token: &[u8; 32]) -> Option<std::sync::MutexGuard<'_, Shard>> {
        let index = usize::from(*token.first()?).checked_rem(SHARDS)?;
        Some(
            self.shards
                .get(index)?
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl Shard {
    fn set(&mut self, token: &[u8; 32]) -> Option<&mut Vec<Entry>> {
        let low = token
            .iter()
            .skip(1)
            .take(4)
            .fold(0_usize, |low, byte| (low << 8) | usize::from(*byte));
        let index = low.checked_rem(self.sets.len())?;
        self.sets.get_mut(index)
    }
}

#[cfg(test)]
mod tests {
    use super::super::jwk::sha256;
    use super::super::principal::Principal;
    use super::*;

    fn verified(expires_s: u64) -> Arc<Verified> {
        Arc::new(Verified {
            principal: Principal::anonymous(),
            audiences: Vec::new(),
            expires_s,
            not_before_s: None,
            issued_s: None,
            entry: [0; 32],
            issuer: 0,
            key: [0; 32],
        })
    }

    #[test]
    fn an_entry_is_found_until_it_expires() {
        let cache = TokenCache::new(100);
        let token = sha256(b"one");
        cache.keep(token, &verified(10), 5);
        assert!(cache.find(&token, 9).is_some());
        assert!(cache.find(&token, 10).is_none());
        assert!(cache.find(&sha256(b"two"), 9).is_none());
    }

    #[test]
    fn an_expired_token_is_not_kept() {
        let cache = TokenCache::new(100);
        cache.keep(sha256(b"one"), &verified(10), 10);
        assert!(cache.is_empty());
    }

    #[test]
    fn the_cache_stays_within_its_size_and_keeps_what_is_used() {
        let cache = TokenCache::new(1);
        let hot = sha256(b"hot");
        cache.keep(hot, &verified(10), 0);
        for number in 0..5_000_u32 {
            cache.keep(sha256(&number.to_be_bytes()), &verified(10), 0);
            assert!(cache.find(&hot, 0).is_some());
        }
        assert!(cache.len() <= SHARDS * WAYS);
    }
}
