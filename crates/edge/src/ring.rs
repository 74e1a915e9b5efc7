//! Events between the workers and the service thread. INVARIANT: at every moment
//! emitted = delivered + dropped + held, counted exactly.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The bounded ring of one worker.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    held: Mutex<Vec<T>>,
    capacity: usize,
    emitted: AtomicU64,
    dropped: AtomicU64,
}

impl<T> Ring<T> {
    /// A ring that holds `capacity` Events.
    pub(crate) fn new(capacity: usize) -> Self {
        Ring {
            held: Mutex::new(Vec::new()),
            capacity,
            emitted: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Puts one in, or counts it as dropped when the ring is full. Never waits for a reader:
    /// the lock is held for one push or one pointer swap.
    pub(crate) fn push(&self, event: T) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        self.emitted.fetch_add(1, Ordering::Relaxed);
        match held.len() < self.capacity {
            true => held.push(event),
            false => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Takes all; `empty` becomes the new buffer, so that its memory is used again.
    pub(crate) fn take(&self, empty: Vec<T>) -> Vec<T> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut held, empty)
    }

    /// (emitted, dropped so far, held now), of one moment.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = u64::try_from(held.len()).unwrap_or(u64::MAX);
        (
            self.emitted.load(Ordering::Relaxed),
            self.dropped.load(Ordering::Relaxed),
            waiting,
        )
    }

    /// Events that wait here.
    pub(crate) fn len(&self) -> usize {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

/// Events that the service thread holds until the control process takes them. What must be
/// explained later stays longest: when full, the oldest ordinary Event goes first.
#[derive(Debug)]
pub(crate) struct Backlog<T> {
    notable: VecDeque<T>,
    ordinary: VecDeque<T>,
    capacity: usize,
    dropped: u64,
}

impl<T> Backlog<T> {
    /// A backlog that holds `capacity` Events.
    pub(crate) fn new(capacity: usize) -> Self {
        Backlog {
            notable: VecDeque::new(),
            ordinary: VecDeque::new(),
            capacity,
            dropped: 0,
        }
    }

    /// Changes the capacity; what is held stays.
    pub(crate) fn resize(&mut self, capacity: usize) {
        self.capacity = capacity;
    }

    /// Adds one; drops and counts the least needed one when full.
    pub(crate) fn push(&mut self, event: T, is_notable: bool) {
        match is_notable {
            true => self.notable.push_back(event),
            false => self.ordinary.push_back(event),
        }
        if self.len() > self.capacity {
            let _ = self
                .ordinary
                .pop_front()
                .or_else(|| self.notable.pop_front());
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Takes up to `max`: (notable, ordinary), each in order of arrival.
    pub(crate) fn take(&mut self, max: usize) -> (Vec<T>, Vec<T>) {
        let notable: Vec<T> = self.notable.drain(..self.notable.len().min(max)).collect();
        let rest = max.saturating_sub(notable.len());
        let ordinary = self
            .ordinary
            .drain(..self.ordinary.len().min(rest))
            .collect();
        (notable, ordinary)
    }

    /// Events that wait here.
    pub(crate) fn len(&self) -> usize {
        self.notable.len().saturating_add(self.ordinary.len())
    }

    /// Events dropped here so far.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_counts_each_drop() {
        let ring = Ring::new(2);
        (0..5).for_each(|event| ring.push(event));
        assert_eq!(ring.counts(), (5, 3, 2));
        assert_eq!(ring.take(Vec::new()), [0, 1]);
        ring.push(9);
        assert_eq!((ring.counts(), ring.len()), ((6, 3, 1), 1));
    }

    #[test]
    fn a_full_backlog_keeps_what_is_notable() {
        let mut backlog = Backlog::new(2);
        backlog.push(1, true);
        backlog.push(2, false);
        backlog.push(3, false);
        backlog.push(4, true);
        assert_eq!(backlog.dropped(), 2);
        assert_eq!(backlog.take(10), (vec![1, 4], vec![]));
    }
}
