//! Events between the workers and the service thread. INVARIANT: at every moment
//! emitted = delivered + dropped + held, counted exactly.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The bounded ring of one worker: Events, and a number of further ones that nobody will read.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    held: Mutex<Held<T>>,
    capacity: usize,
    emitted: AtomicU64,
    dropped: AtomicU64,
}

/// What waits in a ring.
#[derive(Debug)]
pub(crate) struct Held<T> {
    /// Whole Events.
    pub(crate) events: Vec<T>,
    /// How many more there were.
    pub(crate) counted: usize,
}

impl<T> Held<T> {
    /// Nothing yet; `events` lends its memory.
    pub(crate) fn new(events: Vec<T>) -> Self {
        Held { events, counted: 0 }
    }

    fn len(&self) -> usize {
        self.events.len().saturating_add(self.counted)
    }
}

impl<T> Ring<T> {
    /// A ring that holds `capacity` Events.
    pub(crate) fn new(capacity: usize) -> Self {
        Ring {
            held: Mutex::new(Held::new(Vec::new())),
            capacity,
            emitted: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Puts one in; counts it as dropped when the ring is full, and only counts it when `whole`
    /// Events wait already. Gives it back then, so that its memory is freed without the lock.
    /// Never waits for a reader: the lock is held for one push or one pointer swap.
    pub(crate) fn push(&self, event: T, whole: usize) -> Option<T> {
        let mut held = self.lock();
        self.emitted.fetch_add(1, Ordering::Relaxed);
        if held.len() >= self.capacity {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        } else if held.events.len() >= whole {
            held.counted = held.counted.saturating_add(1);
        } else {
            held.events.push(event);
            return None;
        }
        Some(event)
    }

    /// Takes all; `empty` becomes the new buffer, so that its memory is used again.
    pub(crate) fn take(&self, empty: Vec<T>) -> Held<T> {
        std::mem::replace(&mut self.lock(), Held::new(empty))
    }

    /// (emitted, dropped so far, held now), of one moment.
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        let held = self.lock();
        let waiting = u64::try_from(held.len()).unwrap_or(u64::MAX);
        (
            self.emitted.load(Ordering::Relaxed),
            self.dropped.load(Ordering::Relaxed),
            waiting,
        )
    }

    /// Events that wait here.
    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Events that the service thread holds until the control process takes them. What must be
/// explained later stays longest: when full, the oldest ordinary Event goes first.
#[derive(Debug)]
pub(crate) struct Backlog<T> {
    notable: VecDeque<T>,
    ordinary: VecDeque<T>,
    counted: usize,
    capacity: usize,
    dropped: u64,
}

/// What goes into one batch, each kind in order of arrival.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Taken<T> {
    /// To be kept for `explain`.
    pub(crate) notable: Vec<T>,
    /// The others.
    pub(crate) ordinary: Vec<T>,
    /// How many more there were.
    pub(crate) counted: usize,
}

impl<T> Backlog<T> {
    /// A backlog that holds `capacity` Events.
    pub(crate) fn new(capacity: usize) -> Self {
        Backlog {
            notable: VecDeque::new(),
            ordinary: VecDeque::new(),
            counted: 0,
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
            match self.counted.checked_sub(1) {
                Some(left) => self.counted = left,
                None => drop(
                    self.ordinary
                        .pop_front()
                        .or_else(|| self.notable.pop_front()),
                ),
            }
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Adds Events of which only the number is left; what finds no room is dropped and counted.
    pub(crate) fn count(&mut self, events: usize) {
        let room = self.capacity.saturating_sub(self.len());
        let lost = u64::try_from(events.saturating_sub(room)).unwrap_or(u64::MAX);
        self.counted = self.counted.saturating_add(events.min(room));
        self.dropped = self.dropped.saturating_add(lost);
    }

    /// Takes up to `max` whole Events, and all that are only counted.
    pub(crate) fn take(&mut self, max: usize) -> Taken<T> {
        let notable: Vec<T> = self.notable.drain(..self.notable.len().min(max)).collect();
        let rest = max.saturating_sub(notable.len());
        let ordinary = self
            .ordinary
            .drain(..self.ordinary.len().min(rest))
            .collect();
        Taken {
            notable,
            ordinary,
            counted: std::mem::take(&mut self.counted),
        }
    }

    /// Events that wait here.
    pub(crate) fn len(&self) -> usize {
        self.notable
            .len()
            .saturating_add(self.ordinary.len())
            .saturating_add(self.counted)
    }

    /// Events dropped here so far.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: usize = usize::MAX;

    #[test]
    fn a_full_ring_counts_each_drop() {
        let ring = Ring::new(2);
        let back: Vec<_> = (0..5).filter_map(|event| ring.push(event, ALL)).collect();
        assert_eq!(back, [2, 3, 4]);
        assert_eq!(ring.counts(), (5, 3, 2));
        assert_eq!(ring.take(Vec::new()).events, [0, 1]);
        ring.push(9, ALL);
        assert_eq!((ring.counts(), ring.len()), ((6, 3, 1), 1));
    }

    #[test]
    fn what_nobody_reads_is_only_counted_and_takes_its_room() {
        let ring = Ring::new(4);
        let back: Vec<_> = (0..3).filter_map(|event| ring.push(event, 1)).collect();
        assert_eq!(back, [1, 2]);
        assert_eq!(ring.push(3, ALL), None);
        assert_eq!(ring.push(4, ALL), Some(4));
        assert_eq!(ring.counts(), (5, 1, 4));
        let held = ring.take(Vec::new());
        assert_eq!((held.events, held.counted), (vec![0, 3], 2));
        assert_eq!(ring.len(), 0);
    }

    #[test]
    fn a_full_backlog_keeps_what_is_notable() {
        let mut backlog = Backlog::new(2);
        backlog.push(1, true);
        backlog.push(2, false);
        backlog.push(3, false);
        backlog.push(4, true);
        assert_eq!(backlog.dropped(), 2);
        let taken = backlog.take(10);
        assert_eq!((taken.notable, taken.ordinary), (vec![1, 4], vec![]));
    }

    #[test]
    fn what_is_only_counted_gives_way_first_and_is_counted_to_the_end() {
        let mut backlog = Backlog::new(3);
        backlog.count(5);
        assert_eq!((backlog.len(), backlog.dropped()), (3, 2));
        backlog.push(1, false);
        assert_eq!((backlog.len(), backlog.dropped()), (3, 3));
        let taken = backlog.take(10);
        assert_eq!((taken.ordinary, taken.counted), (vec![1], 2));
        assert_eq!(backlog.len(), 0);
    }
}
