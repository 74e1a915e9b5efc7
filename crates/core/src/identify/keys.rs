//! The key sets of all issuers, as the service thread keeps them fresh. Reading is the core's,
//! fetching the driver's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::jwk::{KeySet, SetFault};
use super::security::Security;
use crate::policy::form::KeySourceForm;
use crate::time::Now;

/// A fetched set serves at most this long when no newer one can be had, milliseconds.
pub const STALE_MAX_MS: u64 = 24 * 3_600 * 1_000;
/// Unknown `kid`s cause one look-up in this time for each issuer in the long run, milliseconds.
pub const ASK_EVERY_MS: u64 = 30_000;
/// Look-ups that may follow each other at once: the fetch at start is one, and a key that was
/// rotated right after it is found without a wait.
pub const ASK_BURST: u64 = 3;
/// An issuer without any set causes at most one look-up in this time, milliseconds.
pub const ASK_EMPTY_EVERY_MS: u64 = 3_000;

/// Key sets by issuer index.
#[derive(Debug, Default)]
pub struct Keys {
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    /// Issuer and key source: a new Policy takes over the sets of entries that kept both.
    origin: String,
    is_file: bool,
    set: RwLock<Option<Loaded>>,
    attempted_ms: AtomicU64,
    /// When all look-ups so far are paid for (the TAT of GCRA), milliseconds.
    paid_ms: AtomicU64,
}

#[derive(Clone, Debug)]
struct Loaded {
    set: Arc<KeySet>,
    at_ms: u64,
}

impl Keys {
    /// Empty sets for the issuers of a Policy; sets of `before` are taken over where issuer and
    /// key source are the same.
    #[must_use]
    pub fn new(security: &Security, before: Option<&Keys>) -> Self {
        let slots = security.issuers().iter().map(|issuer| {
            let origin = format!("{} {:?}", issuer.issuer(), issuer.key_source());
            let old = before.and_then(|keys| keys.slots.iter().find(|slot| slot.origin == origin));
            Slot {
                is_file: matches!(issuer.key_source(), KeySourceForm::File { .. }),
                set: RwLock::new(old.and_then(Slot::loaded)),
                attempted_ms: AtomicU64::new(
                    old.map_or(0, |slot| slot.attempted_ms.load(Ordering::Relaxed)),
                ),
                paid_ms: AtomicU64::new(old.map_or(0, |slot| slot.paid_ms.load(Ordering::Relaxed))),
                origin,
            }
        });
        Keys {
            slots: slots.collect(),
        }
    }

    /// Puts a freshly read set in place of the old one; on a fault the old one stays.
    ///
    /// # Errors
    /// `SetFault`; also `Empty` for an issuer that does not exist.
    pub fn replace(&self, issuer: u16, bytes: &[u8], now: Now) -> Result<Arc<KeySet>, SetFault> {
        let slot = self.slots.get(usize::from(issuer)).ok_or(SetFault::Empty)?;
        slot.attempted(now);
        let set = Arc::new(KeySet::parse(bytes)?);
        let mut place = slot.set.write().unwrap_or_else(PoisonError::into_inner);
        *place = Some(Loaded {
            set: Arc::clone(&set),
            at_ms: now.unix_ms,
        });
        Ok(set)
    }

    /// Records that a look-up failed: the old set stays, and no other look-up follows at once.
    pub fn failed(&self, issuer: u16, now: Now) {
        if let Some(slot) = self.slots.get(usize::from(issuer)) {
            slot.attempted(now);
        }
    }

    /// The set that may be used at `now`. Cost: one read lock.
    #[must_use]
    pub fn current(&self, issuer: u16, now: Now) -> Option<Arc<KeySet>> {
        let slot = self.slots.get(usize::from(issuer))?;
        let loaded = slot.loaded()?;
        let age_ms = now.unix_ms.saturating_sub(loaded.at_ms);
        (slot.is_file || age_ms <= STALE_MAX_MS).then_some(loaded.set)
    }

    /// Whether another look-up may be asked for at `now`.
    #[must_use]
    pub fn may_ask(&self, issuer: u16, now: Now) -> bool {
        let Some(slot) = self.slots.get(usize::from(issuer)) else {
            return false;
        };
        if self.current(issuer, now).is_some() {
            let ahead_ms = slot
                .paid_ms
                .load(Ordering::Relaxed)
                .saturating_sub(now.unix_ms);
            return ahead_ms <= ASK_EVERY_MS.saturating_mul(ASK_BURST.saturating_sub(1));
        }
        let attempted_ms = slot.attempted_ms.load(Ordering::Relaxed);
        attempted_ms == 0 || now.unix_ms.saturating_sub(attempted_ms) >= ASK_EMPTY_EVERY_MS
    }
}

impl Slot {
    /// Books one look-up. Only the service thread looks up, so load and store do not race.
    fn attempted(&self, now: Now) {
        self.attempted_ms
            .store(now.unix_ms.max(1), Ordering::Relaxed);
        let paid_ms = self.paid_ms.load(Ordering::Relaxed).max(now.unix_ms);
        self.paid_ms
            .store(paid_ms.saturating_add(ASK_EVERY_MS), Ordering::Relaxed);
    }

    fn loaded(&self) -> Option<Loaded> {
        self.set
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
