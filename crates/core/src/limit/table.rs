//! The bounded table of GCRA slots. A slot is given to another key only once its old key has
//! refilled fully, so eviction never loosens a limit; what finds no slot shares an overflow bucket.
//!
//! Hits are one compare-and-swap. Claims of a slot are serialised by a lock over its place.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Slots that a key may lie in.
const WAYS: usize = 16;
/// Locks for claims of each partition.
const LOCKS: usize = 256;
/// Low bits of a state: theoretical arrival time in microseconds (8.9 years of one process).
const TIME_BITS: u32 = 48;
const TIME_MASK: u64 = (1 << TIME_BITS) - 1;
/// State of a slot whose key is being changed.
const BUSY: u64 = TIME_MASK;

/// Which keys compete for slots: verified Principals are never crowded out by addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Partition {
    Address,
    Principal,
}

/// One rate: at most `burst` at once, one more each `interval_us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) interval_us: u64,
    pub(crate) burst: u64,
}

/// What one request did to its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) admitted: bool,
    /// Requests that would be admitted at once now.
    pub(crate) remaining: u64,
    /// Microseconds until the slot is full again.
    pub(crate) refill_us: u64,
    /// Microseconds until the next request is admitted; 0 now.
    pub(crate) wait_us: u64,
}

/// 16 bytes: the key (0 = never used), and generation (16 bits) with time (48 bits).
struct Slot {
    key: AtomicU64,
    state: AtomicU64,
}

pub(crate) struct Slots {
    slots: Vec<Slot>,
    /// Latest moment at which a slot under this lock was taken from another key.
    locks: Vec<Mutex<u64>>,
    /// One for each place: theoretical arrival time of the keys that found it full. A key that
    /// finds a slot later inherits it, so it must be shared by as few keys as can be.
    overflow: Vec<AtomicU64>,
}

impl Slots {
    /// `slots` is rounded up to whole places of 16.
    pub(crate) fn new(slots: usize) -> Self {
        let count = slots.max(1).next_multiple_of(WAYS);
        let slot = || Slot {
            key: AtomicU64::new(0),
            state: AtomicU64::new(0),
        };
        Slots {
            slots: std::iter::repeat_with(slot).take(count).collect(),
            locks: std::iter::repeat_with(Mutex::default).take(LOCKS).collect(),
            overflow: std::iter::repeat_with(AtomicU64::default)
                .take(count / WAYS)
                .collect(),
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let slots = self.slots.len().saturating_mul(size_of::<Slot>());
        slots.saturating_add(self.overflow.len().saturating_mul(size_of::<AtomicU64>()))
    }

    /// Counts one request of `key` at `now_us`.
    pub(crate) fn take(&self, key: u64, rate: Rate, now_us: u64) -> Taken {
        let key = key.max(1);
        let now_us = now_us.min(TIME_MASK >> 1);
        loop {
            let found = match self.find(key) {
                Some(found) => found,
                None => match self.claim(key, rate, now_us) {
                    Some(taken) => return taken,
                    None => continue,
                },
            };
            let (slot, state) = found;
            let (taken, time) = rate.decide(state & TIME_MASK, now_us);
            if !taken.admitted {
                return taken;
            }
            let next = (state & !TIME_MASK) | time;
            if slot
                .state
                .compare_exchange_weak(state, next, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
            {
                return taken;
            }
        }
    }

    fn place(&self, key: u64) -> &[Slot] {
        let start = self.place_index(key).saturating_mul(WAYS);
        self.slots
            .get(start..start.saturating_add(WAYS))
            .unwrap_or_default()
    }

    /// The slot of a key with the state that was read before its key: an exchange against that
    /// state fails if the slot has gone to another key, since then the generation has changed.
    fn find(&self, key: u64) -> Option<(&Slot, u64)> {
        self.place(key).iter().find_map(|slot| {
            let state = slot.state.load(Ordering::Acquire);
            let mine = state & TIME_MASK != BUSY && slot.key.load(Ordering::Acquire) == key;
            mine.then_some((slot, state))
        })
    }

    /// Counts one request of a key without a slot. `None`: it has one meanwhile.
    fn claim(&self, key: u64, rate: Rate, now_us: u64) -> Option<Taken> {
        let lock = self.locks.get(self.place_index(key) % LOCKS)?;
        let mut evicted_us = lock.lock().unwrap_or_else(PoisonError::into_inner);
        if self.find(key).is_some() {
            return None;
        }
        let overflow = self.overflow.get(self.place_index(key))?;
        // INVARIANT: what this key may have used before (of a slot that was taken away at
        // `evicted_us` at the latest, or in the overflow bucket) is counted against it here.
        let before_us = now_us
            .max(*evicted_us)
            .max(overflow.load(Ordering::Acquire));
        let (taken, time) = rate.decide(before_us, now_us);
        if !taken.admitted {
            return Some(taken);
        }
        for slot in self.place(key) {
            if slot.give_to(key, time, now_us) {
                *evicted_us = (*evicted_us).max(now_us);
                return Some(taken);
            }
        }
        Some(take_shared(overflow, rate, now_us))
    }

    fn place_index(&self, key: u64) -> usize {
        let low = usize::try_from(key >> 8).unwrap_or(0);
        low.checked_rem(self.overflow.len()).unwrap_or(0)
    }
}

impl Slot {
    /// Gives the slot to `key` if its old key has refilled. Only under the lock of its place.
    fn give_to(&self, key: u64, time: u64, now_us: u64) -> bool {
        let state = self.state.load(Ordering::Acquire);
        if state & TIME_MASK > now_us {
            return false;
        }
        let generation = (state & !TIME_MASK).wrapping_add(1 << TIME_BITS);
        if self
            .state
            .compare_exchange(
                state,
                generation | BUSY,
                Ordering::AcqRel,
                Ordering::Relaxed,
            )
            .is_err()
        {
            return false;
        }
        self.key.store(key, Ordering::Release);
        self.state.store(generation | time, Ordering::Release);
        true
    }
}

impl Rate {
    /// GCRA: admitted iff `now >= TAT - (burst - 1) T`; then `TAT' = max(now, TAT) + T`.
    fn decide(self, arrival_us: u64, now_us: u64) -> (Taken, u64) {
        let base = arrival_us.max(now_us);
        let next = base.saturating_add(self.interval_us);
        let full = self.interval_us.saturating_mul(self.burst);
        let used_after = next.saturating_sub(now_us);
        let admitted = used_after <= full;
        let used = if admitted {
            used_after
        } else {
            base.saturating_sub(now_us)
        };
        let free = full.saturating_sub(used);
        let taken = Taken {
            admitted,
            remaining: free.checked_div(self.interval_us).unwrap_or(0),
            refill_us: used,
            wait_us: self.interval_us.saturating_sub(free),
        };
        (taken, next)
    }
}

fn take_shared(overflow: &AtomicU64, rate: Rate, now_us: u64) -> Taken {
    loop {
        let arrival_us = overflow.load(Ordering::Acquire);
        let (taken, time) = rate.decide(arrival_us, now_us);
        if !taken.admitted {
            return taken;
        }
        if overflow
            .compare_exchange_weak(arrival_us, time, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
        {
            return taken;
        }
    }
}
