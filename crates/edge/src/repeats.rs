//! An API that leaks a field leaks it in every response. One such Event a second is kept for
//! `explain` with the number of those like it; the others are delivered as plain passes.

use std::collections::BTreeMap;

use bartizan_core::codes::Code;
use bartizan_core::event::Event;

/// One Event of a kind is kept in this time, milliseconds.
const EVERY_MS: u64 = 1_000;
/// Most kinds remembered; beyond it all are forgotten, which keeps more, never less.
const KINDS_MAX: usize = 4_096;

/// When each kind of finding was kept last, and how many came since.
#[derive(Default)]
pub(crate) struct Repeats {
    kinds: BTreeMap<(u32, Code, Box<str>), Kind>,
}

struct Kind {
    kept_ms: u64,
    since: u32,
}

impl Repeats {
    /// Whether this notable Event is kept by itself; if so it carries the number of those like it
    /// since the last one. Denies and shadow denies always are. Cost: O(log kinds).
    pub(crate) fn is_kept(&mut self, event: &mut Event) -> bool {
        let Some((operation, code, pointer)) = event.repeated() else {
            return true;
        };
        let key = (operation, code, Box::from(pointer));
        if let Some(kind) = self.kinds.get_mut(&key) {
            if event.time_ms.saturating_sub(kind.kept_ms) < EVERY_MS {
                kind.since = kind.since.saturating_add(1);
                return false;
            }
            event.repeats = std::mem::take(&mut kind.since);
            kind.kept_ms = event.time_ms;
            return true;
        }
        if self.kinds.len() >= KINDS_MAX {
            self.kinds.clear();
        }
        self.kinds.insert(
            key,
            Kind {
                kept_ms: event.time_ms,
                since: 0,
            },
        );
        true
    }
}
