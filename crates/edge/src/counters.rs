//! What one worker counts. Written by that worker alone, read at a scrape.

use std::sync::atomic::{AtomicU64, Ordering};

/// One number with one writer: a plain load and store, no locked instruction.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// Adds. Only the worker that owns it may call this.
    pub(crate) fn add(&self, more: u64) {
        self.0
            .store(self.read().saturating_add(more), Ordering::Relaxed);
    }

    /// Replaces. Only the worker that owns it may call this.
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// The number now.
    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident $exposed:literal $kind:literal $help:literal;)*) => {
        /// All numbers of one worker.
        #[derive(Debug, Default)]
        pub(crate) struct Counters { $($(#[$doc])* pub(crate) $name: Count,)* }

        impl Counters {
            /// Sums over workers: (metric name, type, help, value).
            pub(crate) fn merge<'a>(
                workers: impl Iterator<Item = &'a Counters> + Clone,
            ) -> Vec<(&'static str, &'static str, &'static str, u64)> {
                vec![$((
                    $exposed,
                    $kind,
                    $help,
                    workers.clone().fold(0_u64, |sum, one| sum.saturating_add(one.$name.read())),
                ),)*]
            }
        }
    };
}

counters! {
    /// Exchanges opened.
    opened "bartizan_exchanges_opened_total" "counter" "Exchanges opened.";
    /// Exchanges closed: each with one Decision and one Event.
    closed "bartizan_exchanges_closed_total" "counter" "Exchanges closed with their one Event.";
    /// Exchanges in which a stage panicked.
    faults "bartizan_internal_faults_total" "counter" "Panics caught, each answered by 500.";
    /// Client connections accepted.
    accepted "bartizan_connections_accepted_total" "counter" "Client connections accepted.";
    /// Client connections closed unanswered because of a cap.
    refused "bartizan_connections_refused_total" "counter" "Client connections closed because of a cap.";
    /// Client connections ended.
    ended "bartizan_connections_ended_total" "counter" "Client connections ended.";
    /// Upstream connections opened.
    upstream_opened "bartizan_upstream_opened_total" "counter" "Upstream connections opened.";
    /// Idle upstream connections that were closed or had spoken at checkout.
    upstream_stale "bartizan_upstream_stale_total" "counter" "Idle upstream connections found stale at checkout.";
    /// Requests sent a second time after a raced close.
    upstream_retries "bartizan_upstream_retries_total" "counter" "Requests sent again after a raced close.";
    /// Upstream connections in use.
    upstream_in_use "bartizan_upstream_in_use" "gauge" "Upstream connections in use.";
    /// Upstream connections kept for later.
    upstream_idle "bartizan_upstream_idle" "gauge" "Upstream connections kept for later.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_summed() {
        let workers = [Counters::default(), Counters::default()];
        workers[0].opened.add(2);
        workers[1].opened.add(3);
        let merged = Counters::merge(workers.iter());
        assert_eq!(merged[0].0, "bartizan_exchanges_opened_total");
        assert_eq!(merged[0].3, 5);
    }
}
