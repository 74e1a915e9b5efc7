//! One coarse timer wheel per worker. A connection sets its deadline by writing a number; the
//! wheel looks at it at most once a second, so a busy connection costs nothing here.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::clock::Clock;

/// Milliseconds between two turns: a deadline passes at most two turns late and never early.
pub(crate) const TICK_MS: u64 = 25;
/// Longest time between two looks at one watch.
const LOOK_MS: u64 = 1_000;
/// Slots: one for each tick of `LOOK_MS`, and some more.
const SLOTS: usize = 64;
const NEVER: u64 = u64::MAX;

/// The wheel of one worker.
pub(crate) struct Wheel {
    clock: Arc<Clock>,
    slots: RefCell<Vec<Vec<Look>>>,
    turn: Cell<u64>,
}

struct Look {
    turn: u64,
    watch: Weak<Watch>,
}

/// The one deadline of one connection.
pub(crate) struct Watch {
    wheel: Rc<Wheel>,
    due_ms: Cell<u64>,
    look: Cell<u64>,
    waker: RefCell<Option<Waker>>,
}

impl Wheel {
    /// An empty wheel at this moment.
    pub(crate) fn new(clock: Arc<Clock>) -> Rc<Self> {
        let turn = clock.elapsed_ms() / TICK_MS;
        let slots = (0..SLOTS).map(|_| Vec::new()).collect();
        Rc::new(Wheel {
            clock,
            slots: RefCell::new(slots),
            turn: Cell::new(turn),
        })
    }

    /// The moment of the last turn, milliseconds of the clock. Cost: one load.
    pub(crate) fn now_ms(&self) -> u64 {
        self.turn.get().saturating_mul(TICK_MS)
    }

    /// Turns to this moment and wakes what is due. Cost: O(watches due to be looked at).
    pub(crate) fn advance(&self) {
        let to = self.clock.elapsed_ms() / TICK_MS;
        let from = self.turn.get().max(to.saturating_sub(SLOTS as u64));
        self.turn.set(to);
        for turn in from.saturating_add(1)..=to {
            for look in self.take(turn) {
                self.visit(&look, to);
            }
        }
    }

    /// Wakes every connection that has a deadline: the stage of the worker changed.
    pub(crate) fn wake_all(&self) {
        let looks = self.slots.borrow();
        for watch in looks
            .iter()
            .flatten()
            .filter_map(|look| look.watch.upgrade())
        {
            if let Some(waker) = watch.waker.borrow().as_ref() {
                waker.wake_by_ref();
            }
        }
    }

    fn take(&self, turn: u64) -> Vec<Look> {
        self.slots
            .borrow_mut()
            .get_mut(slot(turn))
            .map(std::mem::take)
            .unwrap_or_default()
    }

    fn visit(&self, look: &Look, now: u64) {
        let Some(watch) = look
            .watch
            .upgrade()
            .filter(|watch| watch.look.get() == look.turn)
        else {
            return;
        };
        watch.look.set(NEVER);
        if watch.is_expired() {
            if let Some(waker) = watch.waker.borrow().as_ref() {
                waker.wake_by_ref();
            }
        } else if watch.due_ms.get() != NEVER {
            self.insert(&watch, now);
        }
    }

    fn insert(&self, watch: &Rc<Watch>, now: u64) {
        let latest = now.saturating_add(LOOK_MS / TICK_MS);
        let due = watch.due_ms.get().div_ceil(TICK_MS);
        let turn = due.clamp(now.saturating_add(1), latest);
        watch.look.set(turn);
        if let Some(slot) = self.slots.borrow_mut().get_mut(slot(turn)) {
            slot.push(Look {
                turn,
                watch: Rc::downgrade(watch),
            });
        }
    }
}

fn slot(turn: u64) -> usize {
    usize::try_from(turn.checked_rem(SLOTS as u64).unwrap_or(0)).unwrap_or(0)
}

impl Watch {
    /// A watch without a deadline.
    pub(crate) fn new(wheel: &Rc<Wheel>) -> Rc<Self> {
        Rc::new(Watch {
            wheel: Rc::clone(wheel),
            due_ms: Cell::new(NEVER),
            look: Cell::new(NEVER),
            waker: RefCell::new(None),
        })
    }

    /// The moment `after_ms` from the last turn, never early.
    pub(crate) fn moment(&self, after_ms: u64) -> u64 {
        self.wheel
            .now_ms()
            .saturating_add(after_ms)
            .saturating_add(TICK_MS)
    }

    /// Sets the deadline to a moment of the wheel; `u64::MAX` is none.
    pub(crate) fn set(self: &Rc<Self>, due_ms: u64) {
        self.due_ms.set(due_ms);
        if due_ms != NEVER && due_ms.div_ceil(TICK_MS) < self.look.get() {
            self.wheel.insert(self, self.wheel.turn.get());
        }
    }

    /// Sets the deadline `after_ms` from here.
    pub(crate) fn set_after(self: &Rc<Self>, after_ms: u64) {
        self.set(self.moment(after_ms));
    }

    /// Whether the deadline has passed at the last turn.
    pub(crate) fn is_expired(&self) -> bool {
        self.wheel.now_ms() >= self.due_ms.get()
    }

    /// The moment of the last turn.
    pub(crate) fn now_ms(&self) -> u64 {
        self.wheel.now_ms()
    }

    /// Ready when the deadline has passed; else the task is woken then.
    pub(crate) fn poll(&self, context: &Context<'_>) -> Poll<()> {
        if self.is_expired() {
            return Poll::Ready(());
        }
        let mut waker = self.waker.borrow_mut();
        if !waker
            .as_ref()
            .is_some_and(|known| known.will_wake(context.waker()))
        {
            *waker = Some(context.waker().clone());
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::time::{Duration, Instant};

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn turn_for(wheel: &Wheel, ms: u64) {
        let end = Instant::now()
            .checked_add(Duration::from_millis(ms))
            .unwrap();
        while Instant::now() < end {
            std::thread::sleep(Duration::from_millis(5));
            wheel.advance();
        }
    }

    fn polled(watch: &Watch) -> (Arc<Count>, Poll<()>) {
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let result = watch.poll(&Context::from_waker(&waker));
        (count, result)
    }

    #[test]
    fn a_deadline_wakes_once_and_not_early() {
        let wheel = Wheel::new(Arc::new(Clock::new()));
        let watch = Watch::new(&wheel);
        watch.set_after(60);
        let (count, result) = polled(&watch);
        assert!(result.is_pending());
        turn_for(&wheel, 40);
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
        turn_for(&wheel, 120);
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
        assert!(watch.is_expired());
    }

    #[test]
    fn a_nearer_deadline_replaces_a_far_one_and_the_other_way_round() {
        let wheel = Wheel::new(Arc::new(Clock::new()));
        let watch = Watch::new(&wheel);
        watch.set_after(60_000);
        watch.set_after(30);
        let (count, _) = polled(&watch);
        watch.set_after(60_000);
        turn_for(&wheel, 130);
        assert_eq!(count.0.load(Ordering::Relaxed), 0);
        watch.set_after(30);
        turn_for(&wheel, 130);
        assert_eq!(count.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn setting_far_deadlines_again_and_again_adds_no_looks() {
        let wheel = Wheel::new(Arc::new(Clock::new()));
        let watch = Watch::new(&wheel);
        for _ in 0..1_000 {
            watch.set_after(60_000);
            watch.set_after(15_000);
        }
        assert_eq!(wheel.slots.borrow().iter().map(Vec::len).sum::<usize>(), 1);
    }
}
