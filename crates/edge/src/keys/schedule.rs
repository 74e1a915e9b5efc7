//! When the keys of one issuer are fetched again: by their lifetime, sooner after a failure.
//! Pure arithmetic on milliseconds; no clock. How long an old set serves, the core decides.

/// Lifetime of a set whose source says nothing.
const TTL_MS: u64 = 600_000;
/// Shortest and longest lifetime that a source may ask for.
const TTL_RANGE_MS: (u64, u64) = (60_000, 86_400_000);
/// How often a file is looked at.
const FILE_EVERY_MS: u64 = 1_000;
/// First and longest pause after a failure.
const RETRY_MS: (u64, u64) = (5_000, 300_000);

/// The times of one issuer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schedule {
    next_ms: u64,
    failures: u32,
}

impl Schedule {
    /// When the next fetch is due.
    pub(crate) fn next_ms(&self) -> u64 {
        self.next_ms
    }

    /// A good set came from a URL; `max_age_s` from its `Cache-Control`.
    pub(crate) fn fetched(&mut self, now_ms: u64, max_age_s: Option<u64>) {
        let (least, most) = TTL_RANGE_MS;
        let asked = max_age_s.map(|age| age.saturating_mul(1_000).clamp(least, most));
        self.succeed(now_ms, asked.unwrap_or(TTL_MS));
    }

    /// A file was read, or had not changed.
    pub(crate) fn looked(&mut self, now_ms: u64) {
        self.succeed(now_ms, FILE_EVERY_MS);
    }

    /// The source failed: it is asked less and less often.
    pub(crate) fn failed(&mut self, now_ms: u64) {
        let (first, most) = RETRY_MS;
        let pause = first.saturating_mul(1 << self.failures.min(10)).min(most);
        self.failures = self.failures.saturating_add(1);
        self.next_ms = now_ms.saturating_add(pause);
    }

    fn succeed(&mut self, now_ms: u64, ttl_ms: u64) {
        self.failures = 0;
        self.next_ms = now_ms.saturating_add(ttl_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_stays_within_its_range() {
        let mut schedule = Schedule::default();
        for (max_age_s, next_ms) in [
            (None, 600_000),
            (Some(1), 60_000),
            (Some(900), 900_000),
            (Some(u64::MAX), 86_400_000),
        ] {
            schedule.fetched(0, max_age_s);
            assert_eq!(schedule.next_ms(), next_ms);
        }
    }

    #[test]
    fn a_failing_source_is_asked_less_and_less() {
        let mut schedule = Schedule::default();
        schedule.failed(1_000);
        assert_eq!(schedule.next_ms(), 6_000);
        schedule.failed(6_000);
        assert_eq!(schedule.next_ms(), 16_000);
        (0..20).for_each(|_| schedule.failed(20_000));
        assert_eq!(schedule.next_ms(), 320_000);
        schedule.fetched(0, None);
        schedule.failed(0);
        assert_eq!(schedule.next_ms(), 5_000);
    }
}
