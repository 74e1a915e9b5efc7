//! Exchange ids: unpredictable, without a system call per request.

use std::cell::{Cell, RefCell};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use bartizan_core::time::ExchangeId;

/// Bytes of one id: 80 bits are shown.
const ID_BYTES: usize = 10;
/// Ids drawn at once.
const AT_ONCE: usize = 256;

/// The ids of one worker.
pub(crate) struct Ids {
    random: SystemRandom,
    drawn: RefCell<Vec<u8>>,
    last: Cell<u128>,
}

impl Ids {
    /// Nothing drawn yet.
    pub(crate) fn new() -> Self {
        Ids {
            random: SystemRandom::new(),
            drawn: RefCell::default(),
            last: Cell::new(0),
        }
    }

    /// The next id.
    pub(crate) fn next(&self) -> ExchangeId {
        let mut drawn = self.drawn.borrow_mut();
        if drawn.len() < ID_BYTES {
            drawn.resize(AT_ONCE.saturating_mul(ID_BYTES), 0);
            if self.random.fill(&mut drawn).is_err() {
                // An id names an Event and guards nothing: counting on is better than no answer.
                drawn.clear();
                self.last.set(self.last.get().wrapping_add(1));
                return ExchangeId(self.last.get());
            }
        }
        let rest = drawn.len().saturating_sub(ID_BYTES);
        let id = drawn
            .drain(rest..)
            .fold(0_u128, |id, byte| (id << 8) | u128::from(byte));
        self.last.set(id);
        ExchangeId(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_differ() {
        let ids = Ids::new();
        let drawn: BTreeSet<_> = (0..1_000).map(|_| ids.next()).collect();
        assert_eq!(drawn.len(), 1_000);
    }
}
