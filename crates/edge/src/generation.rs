//! What every Exchange is opened with: one Policy and one Live behind one pointer, swapped whole.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use bartizan_core::live::Live;
use bartizan_core::policy::Policy;

use crate::options::Options;

/// A Policy in force with all that goes with it.
pub(crate) struct Generation {
    /// The Policy.
    pub(crate) policy: Arc<Policy>,
    /// Its Live.
    pub(crate) live: Arc<Live>,
    /// Options that came with it.
    pub(crate) options: Arc<Options>,
    /// Counts swaps from 1.
    pub(crate) number: u64,
}

/// The one pointer, and the Generations that in-flight Exchanges may still hold.
pub(crate) struct Generations {
    current: ArcSwap<Generation>,
    retired: Mutex<Vec<Arc<Generation>>>,
}

impl Generations {
    /// The first Generation.
    pub(crate) fn new(first: Generation) -> Self {
        Generations {
            current: ArcSwap::from_pointee(first),
            retired: Mutex::default(),
        }
    }

    /// What is in force now. Cost: some nanoseconds, no lock.
    pub(crate) fn current(&self) -> Guard<Arc<Generation>> {
        self.current.load()
    }

    /// Puts another one in force. The old one is kept until `sweep`, so that no worker frees it.
    pub(crate) fn replace(&self, next: Generation) {
        let old = self.current.swap(Arc::new(next));
        self.retired
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(old);
    }

    /// Frees what nobody holds any more. Called by the service thread.
    pub(crate) fn sweep(&self) {
        let is_held = |old: &Arc<Generation>| {
            Arc::strong_count(old) > 1
                || Arc::strong_count(&old.policy) > 1
                || Arc::strong_count(&old.live) > 1
        };
        self.retired
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(is_held);
    }

    /// Generations that are still held besides the one in force.
    pub(crate) fn retired(&self) -> usize {
        self.retired
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::generation;

    #[test]
    fn an_old_generation_is_kept_until_nobody_holds_it() {
        let generations = Generations::new(generation("one", &json!({})));
        let held = Arc::clone(&generations.current().policy);
        generations.replace(generation("two", &json!({})));
        assert_ne!(held.hash(), generations.current().policy.hash());
        generations.sweep();
        assert_eq!(generations.retired(), 1);
        drop(held);
        generations.sweep();
        assert_eq!(generations.retired(), 0);
    }
}
