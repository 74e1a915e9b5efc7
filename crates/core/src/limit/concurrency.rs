//! Exchanges under way by key. Memory is bounded by the Exchanges themselves: a key without one
//! has no entry.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const SHARDS: usize = 64;

/// Counters of all keys.
#[derive(Debug)]
pub(crate) struct Counters {
    shards: Vec<Mutex<BTreeMap<u64, u32>>>,
}

/// One place among the Exchanges under way; given back when dropped.
#[derive(Debug)]
pub struct Permit {
    counters: Arc<Counters>,
    key: u64,
}

impl Counters {
    pub(crate) fn new() -> Self {
        Counters {
            shards: std::iter::repeat_with(Mutex::default)
                .take(SHARDS)
                .collect(),
        }
    }

    /// A place, if fewer than `max` are taken; and how many are taken with it.
    pub(crate) fn enter(counters: &Arc<Self>, key: u64, max: u32) -> (Option<Permit>, u32) {
        let Some(mut shard) = counters.shard(key) else {
            return (None, max);
        };
        let count = shard.get(&key).copied().unwrap_or(0);
        if count >= max {
            return (None, count);
        }
        let count = count.saturating_add(1);
        shard.insert(key, count);
        drop(shard);
        (
            Some(Permit {
                counters: Arc::clone(counters),
                key,
            }),
            count,
        )
    }

    fn leave(&self, key: u64) {
        let Some(mut shard) = self.shard(key) else {
            return;
        };
        match shard.get_mut(&key) {
            Some(count) if *count > 1 => *count = count.saturating_sub(1),
            _ => {
                shard.remove(&key);
            }
        }
    }

    fn shard(&self, key: u64) -> Option<MutexGuard<'_, BTreeMap<u64, u32>>> {
        let index = usize::try_from(key & 63).unwrap_or(0);
        Some(
            self.shards
                .get(index)?
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.counters.leave(self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_when_the_exchange_ends() {
        let counters = Arc::new(Counters::new());
        let (first, count) = Counters::enter(&counters, 7, 2);
        let (second, _) = Counters::enter(&counters, 7, 2);
        assert!(first.is_some() && second.is_some() && count == 1);
        assert!(Counters::enter(&counters, 7, 2).0.is_none());
        assert!(Counters::enter(&counters, 8, 2).0.is_some());
        drop(first);
        assert!(Counters::enter(&counters, 7, 2).0.is_some());
        drop(second);
        assert!(
            counters
                .shards
                .iter()
                .all(|shard| shard.lock().unwrap().is_empty())
        );
    }
}
