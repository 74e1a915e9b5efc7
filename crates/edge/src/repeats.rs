//! An API that leaks a field leaks it in every response. One such Event a second and worker is kept
//! for `explain` with the number of those like it; the others are delivered as plain passes.

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
    kinds: BTreeMap<(u32, Code), BTreeMap<Box<str>, Kind>>,
    count: usize,
}

struct Kind {
    kept_ms: u64,
    since: u32,
}

impl Repeats {
    /// Whether this notable Event is kept by itself; if so it carries the number of those like it
    /// since the last one. Denies and shadow denies always are. Cost: O(log kinds).
    pub(crate) fn is_kept(&mut self, event: &mut Event) -> bool {
        let Some(kind) = event.repeated() else {
            return true;
        };
        let since = self.take(kind, event.time_ms);
        event.repeats = since.unwrap_or(0);
        since.is_some()
    }

    /// How many of this kind came since the last one kept; `None` when this one is not kept.
    fn take(&mut self, (operation, code, pointer): (u32, Code, &str), now_ms: u64) -> Option<u32> {
        let kinds = self.kinds.get_mut(&(operation, code));
        if let Some(kind) = kinds.and_then(|kinds| kinds.get_mut(pointer)) {
            if now_ms.saturating_sub(kind.kept_ms) < EVERY_MS {
                kind.since = kind.since.saturating_add(1);
                return None;
            }
            kind.kept_ms = now_ms;
            return Some(std::mem::take(&mut kind.since));
        }
        if self.count >= KINDS_MAX {
            self.kinds.clear();
            self.count = 0;
        }
        let kind = Kind {
            kept_ms: now_ms,
            since: 0,
        };
        let kinds = self.kinds.entry((operation, code)).or_default();
        kinds.insert(Box::from(pointer), kind);
        self.count = self.count.saturating_add(1);
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(operation: u32, pointer: &str) -> (u32, Code, &str) {
        (operation, Code::ShapeUndeclaredField, pointer)
    }

    #[test]
    fn one_of_a_kind_is_kept_a_second_with_the_number_of_the_others() {
        let mut repeats = Repeats::default();
        assert_eq!(repeats.take(key(0, "/a"), 10_000), Some(0));
        assert_eq!(repeats.take(key(0, "/a"), 10_500), None);
        assert_eq!(repeats.take(key(0, "/a"), 10_999), None);
        assert_eq!(repeats.take(key(0, "/a"), 11_000), Some(2));
        assert_eq!(repeats.take(key(0, "/a"), 12_001), Some(0));
    }

    #[test]
    fn another_field_or_operation_is_another_kind() {
        let mut repeats = Repeats::default();
        assert_eq!(repeats.take(key(0, "/a"), 1), Some(0));
        assert_eq!(repeats.take(key(0, "/b"), 1), Some(0));
        assert_eq!(repeats.take(key(1, "/a"), 1), Some(0));
    }

    #[test]
    fn the_memory_of_kinds_is_bounded() {
        let mut repeats = Repeats::default();
        for kind in 0..=u32::try_from(KINDS_MAX).unwrap() {
            repeats.take(key(kind, ""), 1);
        }
        assert!(repeats.kinds.len() <= KINDS_MAX && repeats.count == repeats.kinds.len());
    }
}
