//! The clock of the process: the one place where the edge asks for the time of an Exchange.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bartizan_core::time::Now;

/// One monotonic start for all threads. The wall clock is the monotonic one plus an offset that
/// is taken again every second, so one call to the kernel's clock serves both.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    offset_ms: AtomicU64,
}

impl Clock {
    /// A clock that starts now.
    pub(crate) fn new() -> Self {
        let clock = Clock {
            start: Instant::now(),
            offset_ms: AtomicU64::new(0),
        };
        clock.adjust();
        clock
    }

    /// Follows a wall clock that was set. Called once a second by the service thread.
    pub(crate) fn adjust(&self) {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let wall = u64::try_from(wall.as_millis()).unwrap_or(0);
        self.offset_ms.store(
            wall.saturating_sub(self.elapsed_us() / 1_000),
            Ordering::Relaxed,
        );
    }

    /// This moment.
    pub(crate) fn now(&self) -> Now {
        let mono_us = self.elapsed_us();
        let offset = self.offset_ms.load(Ordering::Relaxed);
        Now {
            unix_ms: offset.saturating_add(mono_us / 1_000),
            mono_us,
        }
    }

    /// Milliseconds since the start.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        self.elapsed_us() / 1_000
    }

    fn elapsed_us(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_clocks_go_on() {
        let clock = Clock::new();
        let first = clock.now();
        let second = clock.now();
        assert!(second.mono_us >= first.mono_us && second.unix_ms >= first.unix_ms);
        assert!(first.unix_ms > 1_600_000_000_000);
    }
}
