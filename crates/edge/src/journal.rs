//! What one worker writes down of its Exchanges. Each is measured and counted on the worker that
//! served it; an Event goes on whole only where somebody reads it: notable ones for `explain`, all
//! while `tail` reads along, else the first few between two drains.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bartizan_core::event::Event;

use crate::metrics::Metrics;
use crate::repeats::Repeats;
use crate::ring::Ring;

/// Ordinary Events that go on whole between two drains while nobody reads along: enough to show
/// what came last, and no work that grows with the load.
const SAMPLE: usize = 64;

/// An Event on its way out.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The Event.
    pub(crate) event: Event,
    /// Whether it is kept for `explain`.
    pub(crate) is_notable: bool,
}

/// The journal of one worker. The service thread takes its ring and reads its metrics.
pub(crate) struct Journal {
    /// What goes on.
    pub(crate) ring: Ring<Entry>,
    is_watched: Arc<AtomicBool>,
    own: Mutex<Own>,
}

#[derive(Default)]
struct Own {
    metrics: Metrics,
    repeats: Repeats,
}

impl Journal {
    /// An empty journal over a ring of `capacity` Events.
    pub(crate) fn new(capacity: usize, is_watched: Arc<AtomicBool>) -> Self {
        Journal {
            ring: Ring::new(capacity),
            is_watched,
            own: Mutex::default(),
        }
    }

    /// Writes one closing Event down. Cost: O(1) for a clean pass; the locks are free but for a
    /// scrape or a drain.
    pub(crate) fn record(&self, mut event: Event) {
        let is_notable = {
            let Own { metrics, repeats } = &mut *self.own();
            metrics.record(&event);
            event.is_notable() && repeats.is_kept(&mut event)
        };
        let is_whole = is_notable || self.is_watched.load(Ordering::Relaxed);
        let whole = if is_whole { usize::MAX } else { SAMPLE };
        drop(self.ring.push(Entry { event, is_notable }, whole));
    }

    /// Shows the metrics.
    pub(crate) fn read(&self, look: impl FnOnce(&Metrics)) {
        look(&self.own().metrics);
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
