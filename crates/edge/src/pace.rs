//! The least rate at which a client must send a body or take a response. Only time spent waiting
//! for the client counts: while the API is slow, the client is not.

use crate::options::Timeouts;

/// How long one side may still be waited for. Every byte earns time at the least rate, up to the
/// longest pause; a grace is given in advance. Pure arithmetic on milliseconds; no clock.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: u64,
    most_ms: u64,
    left_ms: u64,
    since_ms: Option<u64>,
    counted: u64,
}

impl Pace {
    /// A side that has moved nothing yet.
    pub(crate) fn new(timeouts: &Timeouts) -> Self {
        Pace {
            rate: timeouts.body_rate,
            most_ms: timeouts.body_ms.max(timeouts.gap_ms),
            left_ms: timeouts.body_ms,
            since_ms: None,
            counted: 0,
        }
    }

    /// When the side is too slow if it moves nothing more than `total` bytes: it is waited for
    /// from now on, if it was not before.
    pub(crate) fn due_ms(&mut self, total: u64, now_ms: u64) -> u64 {
        let since = *self.since_ms.get_or_insert(now_ms);
        let more = total.saturating_sub(self.counted);
        if more > 0 {
            self.counted = total;
            let earned = more.saturating_mul(1_000).checked_div(self.rate);
            let waited = now_ms.saturating_sub(since);
            let most = self.most_ms.saturating_add(waited);
            let left = self.left_ms.saturating_add(earned.unwrap_or(most));
            self.left_ms = left.min(most);
        }
        since.saturating_add(self.left_ms)
    }

    /// The side is not waited for any more: the clock stands still.
    pub(crate) fn pause(&mut self, now_ms: u64) {
        if let Some(since) = self.since_ms.take() {
            let waited = now_ms.saturating_sub(since);
            self.left_ms = self.left_ms.saturating_sub(waited);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace() -> Pace {
        Pace::new(&Timeouts {
            body_ms: 5_000,
            body_rate: 1_000,
            gap_ms: 30_000,
            ..Timeouts::default()
        })
    }

    #[test]
    fn nothing_moved_is_late_after_the_grace() {
        let mut pace = pace();
        assert_eq!(pace.due_ms(0, 100), 5_100);
        assert_eq!(pace.due_ms(0, 4_000), 5_100);
    }

    #[test]
    fn a_crawl_below_the_rate_is_late_and_the_rate_itself_is_not() {
        let (mut slow, mut steady) = (pace(), pace());
        let is_late = |pace: &mut Pace, rate: u64| {
            (0..60_u64).any(|second| pace.due_ms(rate * second, second * 1_000) < second * 1_000)
        };
        assert!(is_late(&mut slow, 800));
        assert!(!is_late(&mut steady, 1_000));
    }

    #[test]
    fn what_came_fast_earns_no_more_than_the_longest_pause() {
        let mut pace = pace();
        pace.due_ms(0, 0);
        assert_eq!(pace.due_ms(100_000_000, 1_000), 31_000);
    }

    #[test]
    fn time_spent_on_the_other_side_does_not_count() {
        let mut pace = pace();
        pace.due_ms(0, 0);
        pace.pause(2_000);
        assert_eq!(pace.due_ms(0, 60_000), 63_000);
    }
}
