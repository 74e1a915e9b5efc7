//! The service thread: control link, swaps, Events, metrics, wind-down. No request waits for it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use bartizan_core::live::Live;
use serde_json::json;

use crate::admin::Page;
use crate::caps::Caps;
use crate::clock::Clock;
use crate::counters::Counters;
use crate::delivery::Delivery;
use crate::error::Error;
use crate::frame::Report;
use crate::generation::{Generation, Generations};
use crate::journal::{Entry, Journal};
use crate::keys::{KeyState, Refresher};
use crate::metrics::{Metrics, heading};
use crate::options::Options;
use crate::upstream::Endpoint;
use crate::window::Window;
use crate::worker::{Desk, Shared, Stage};

/// How long `/readyz?verbose` tries to reach the API, milliseconds.
const REACH_MS: u64 = 1_000;

/// The state of the service thread. Borrows never last over a wait, except for reading.
pub(crate) struct Service {
    pub(crate) clock: Arc<Clock>,
    pub(crate) delivery: RefCell<Delivery>,
    pub(crate) stage: Cell<Stage>,
    shared: OnceLock<Arc<Shared>>,
    is_watched: Arc<AtomicBool>,
    spare: RefCell<Vec<Entry>>,
    shown_keys: RefCell<BTreeMap<String, KeyState>>,
}

/// Counts of Events over all workers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventCounts {
    pub(crate) emitted: u64,
    pub(crate) delivered: u64,
    pub(crate) dropped: u64,
    pub(crate) held: u64,
}

impl Service {
    /// Nothing is loaded yet.
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Service {
            clock: Arc::new(Clock::new()),
            delivery: RefCell::new(Delivery::new(0)),
            stage: Cell::new(Stage::Serving),
            shared: OnceLock::new(),
            is_watched: Arc::default(),
            spare: RefCell::default(),
            shown_keys: RefCell::default(),
        })
    }

    /// What the workers share, once something is loaded.
    pub(crate) fn shared(&self) -> Option<&Arc<Shared>> {
        self.shared.get()
    }

    /// Takes the first Generation and makes what the workers share.
    ///
    /// # Errors
    /// `Error::Start` when the refresher cannot be started.
    pub(crate) fn start(&self, first: Generation) -> Result<Arc<Shared>, Error> {
        let keys = Refresher::spawn(Arc::clone(&first.policy), Arc::clone(&first.live));
        let keys = keys.map_err(Error::Start)?;
        let options = Arc::clone(&first.options);
        self.delivery.borrow_mut().resize(options.ring);
        let desk = || Desk {
            counters: Arc::default(),
            journal: Journal::new(options.ring, Arc::clone(&self.is_watched)),
        };
        let shared = Arc::new(Shared {
            clock: Arc::clone(&self.clock),
            generations: Generations::new(first),
            caps: Caps::new(crate::os::raise_descriptors()),
            keys,
            window: Window::default(),
            workers: (0..options.workers).map(|_| desk()).collect(),
        });
        Ok(Arc::clone(self.shared.get_or_init(|| shared)))
    }

    /// Takes a later Generation. Its Live holds the key sets of the old one already.
    ///
    /// # Errors
    /// `Error::Options` for what cannot change in a running gateway; nothing has changed then.
    pub(crate) async fn swap(&self, shared: &Shared, next: Generation) -> Result<(), Error> {
        require_same_place(&shared.generations.current().options, &next.options)?;
        let (policy, live) = (Arc::clone(&next.policy), Arc::clone(&next.live));
        shared.generations.replace(next);
        let _ = shared.keys.follow(policy, live).await;
        Ok(())
    }

    /// Whether somebody reads along, so that every Event is wanted whole.
    pub(crate) fn watch(&self, is_watched: bool) {
        self.is_watched.store(is_watched, Ordering::Relaxed);
    }

    /// Moves Events from the workers into the backlog, and on to the control process.
    pub(crate) fn drain(&self) {
        let workers = self.shared().map_or(&[][..], |shared| &shared.workers);
        let mut delivery = self.delivery.borrow_mut();
        for desk in workers.iter().filter(|desk| desk.journal.ring.len() > 0) {
            let mut held = desk.journal.ring.take(self.spare.take());
            for entry in held.events.drain(..) {
                delivery.push(entry.event, entry.is_notable);
            }
            delivery.count(held.counted);
            self.spare.replace(held.events);
        }
        for capture in self.shared().map(|s| s.window.take()).unwrap_or_default() {
            delivery.report(Report::Captured, &capture);
        }
        delivery.advance();
    }

    /// What is due once a second.
    pub(crate) fn second(&self) {
        self.clock.adjust();
        if let Some(shared) = self.shared() {
            shared.generations.sweep();
        }
        self.report_keys();
        self.report_used();
        self.report_counters();
    }

    /// Tells the control process the counts.
    pub(crate) fn report_counters(&self) {
        let Some(shared) = self.shared() else { return };
        let counts = self.counts();
        let payload = json!({
            "emitted": counts.emitted,
            "delivered": counts.delivered,
            "dropped": counts.dropped,
            "held": counts.held,
            "generation": shared.generations.current().number,
        });
        self.report(Report::Counters, &payload);
    }

    /// Puts issued keys and revocations in force, and says so or why not.
    pub(crate) fn stand(&self, live: &Live, payload: &[u8]) {
        let stood = live.stand(payload, self.clock.now().unix_s());
        let payload = json!({ "error": stood.err().unwrap_or_default() });
        self.report(Report::Stood, &payload);
    }

    /// Tells the control process when issued keys were used, and which of them are to be kept under
    /// the newest pepper.
    fn report_used(&self) {
        let Some(shared) = self.shared() else { return };
        let live = &shared.generations.current().live;
        let used: BTreeMap<_, _> = live.issued.take_used().into_iter().collect();
        let moved: BTreeMap<_, _> = live.issued.take_moved().into_iter().collect();
        if !used.is_empty() || !moved.is_empty() {
            self.report(Report::Used, &json!({ "used": used, "moved": moved }));
        }
    }

    fn report_keys(&self) {
        let Some(shared) = self.shared() else { return };
        let states = shared.keys.states();
        let before = self.shown_keys.replace(states.clone());
        for (issuer, state) in states
            .iter()
            .filter(|(issuer, state)| before.get(*issuer) != Some(state))
        {
            let payload =
                json!({ "issuer": issuer, "state": state.state, "message": state.message });
            self.report(Report::Keys, &payload);
        }
    }

    /// A control process joined: it has seen no key state yet.
    pub(crate) fn forget_shown(&self) {
        self.shown_keys.borrow_mut().clear();
    }

    /// Sends one report as JSON.
    pub(crate) fn report(&self, kind: Report, payload: &serde_json::Value) {
        self.delivery
            .borrow_mut()
            .report(kind, payload.to_string().as_bytes());
    }

    /// INVARIANT: emitted = delivered + dropped + held.
    pub(crate) fn counts(&self) -> EventCounts {
        let (delivered, mut dropped, mut held) = self.delivery.borrow().counts();
        let mut emitted = 0_u64;
        for desk in self.shared().map_or(&[][..], |shared| &shared.workers) {
            let (pushed, lost, waiting) = desk.journal.ring.counts();
            emitted = emitted.saturating_add(pushed);
            dropped = dropped.saturating_add(lost);
            held = held.saturating_add(waiting);
        }
        EventCounts {
            emitted,
            delivered,
            dropped,
            held,
        }
    }

    /// (opened, closed) over all workers.
    pub(crate) fn exchanges(&self) -> (u64, u64) {
        let workers = self.shared().map_or(&[][..], |shared| &shared.workers);
        workers.iter().fold((0, 0), |(opened, closed), desk| {
            let (more, done) = (desk.counters.opened.read(), desk.counters.closed.read());
            (opened.saturating_add(more), closed.saturating_add(done))
        })
    }

    /// Whether requests are served.
    pub(crate) fn is_ready(&self) -> bool {
        self.waits_for().is_none()
    }

    /// Why no requests should be sent here yet, or any more.
    pub(crate) fn waits_for(&self) -> Option<&'static str> {
        let Some(shared) = self.shared() else {
            return Some("no policy is loaded");
        };
        if self.stage.get() != Stage::Serving {
            return Some("it winds down");
        }
        let has_keys = || shared.keys.states().values().any(|one| one.keys > 0);
        let policy = Arc::clone(&shared.generations.current().policy);
        (policy.lives_by_tokens() && !has_keys())
            .then_some("no issuer has keys, so no token is believed")
    }

    /// The page of `/readyz?verbose`.
    pub(crate) async fn readiness(&self) -> Page {
        let Some(shared) = self.shared() else {
            return Page::text("503 Service Unavailable", "not ready");
        };
        let generation = Arc::clone(&shared.generations.current());
        let mut is_reached = true;
        for authority in generation.options.authorities().unwrap_or_default() {
            is_reached &= Endpoint::new(authority).connect(REACH_MS).await.is_ok();
        }
        let counts = self.counts();
        let keys: serde_json::Map<_, _> = shared
            .keys
            .states()
            .into_iter()
            .map(|(id, key)| {
                let shown = json!({ "state": key.state, "keys": key.keys, "message": key.message });
                (id, shown)
            })
            .collect();
        let body = json!({
            "ready": self.is_ready(),
            "waits_for": self.waits_for(),
            "policy": generation.policy.hash_hex(),
            "generation": generation.number,
            "retired_generations": shared.generations.retired(),
            "control": if self.delivery.borrow().is_joined() { "joined" } else { "absent" },
            "upstream": if is_reached { "reachable" } else { "unreachable" },
            "keys": keys,
            "connections": shared.caps.total(),
            "events": {
                "emitted": counts.emitted,
                "delivered": counts.delivered,
                "dropped": counts.dropped,
                "held": counts.held,
                "capacity": generation.options.ring,
            },
        });
        let status = if self.is_ready() {
            "200 OK"
        } else {
            "503 Service Unavailable"
        };
        Page {
            status,
            kind: "application/json",
            body: format!("{body:#}\n"),
        }
    }

    /// The page of `/metrics`.
    pub(crate) fn scrape(&self) -> String {
        let mut out = String::new();
        let workers = self.shared().map_or(&[][..], |shared| &shared.workers);
        let mut all = Metrics::default();
        for desk in workers {
            desk.journal.read(|metrics| all.add(metrics));
        }
        all.write(&mut out);
        self.write_events(&mut out);
        let Some(shared) = self.shared() else {
            return out;
        };
        let counters = shared.workers.iter().map(|desk| &*desk.counters);
        for (name, kind, help, value) in Counters::merge(counters) {
            gauge(&mut out, name, kind, help, value);
        }
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let generation = shared.generations.current().number;
        let open = number(shared.caps.total());
        gauge(
            &mut out,
            "bartizan_policy_generation",
            "gauge",
            "Policy swaps, from 1.",
            generation,
        );
        gauge(
            &mut out,
            "bartizan_connections_open",
            "gauge",
            "Client connections open.",
            open,
        );
        write_keys(&mut out, &shared.keys.states());
        out
    }

    fn write_events(&self, out: &mut String) {
        let counts = self.counts();
        heading(
            out,
            "bartizan_events_total",
            "counter",
            "Events by what became of them.",
        );
        for (state, count) in [
            ("emitted", counts.emitted),
            ("delivered", counts.delivered),
            ("dropped", counts.dropped),
        ] {
            let _ = writeln!(out, "bartizan_events_total{{state=\"{state}\"}} {count}");
        }
        gauge(
            out,
            "bartizan_events_held",
            "gauge",
            "Events that wait for the control process.",
            counts.held,
        );
    }
}

fn write_keys(out: &mut String, states: &BTreeMap<String, KeyState>) {
    heading(
        out,
        "bartizan_issuer_keys",
        "gauge",
        "Usable keys of each issuer, by state.",
    );
    for (issuer, key) in states {
        let issuer = crate::metrics::escaped(issuer);
        let (state, keys) = (key.state, key.keys);
        let _ = writeln!(
            out,
            "bartizan_issuer_keys{{issuer=\"{issuer}\",state=\"{state}\"}} {keys}"
        );
    }
}

fn gauge(out: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    heading(out, name, kind, help);
    let _ = writeln!(out, "{name} {value}");
}

/// Addresses and threads stay for the life of the process.
fn require_same_place(old: &Options, new: &Options) -> Result<(), Error> {
    let changed = [
        ("listen", old.listen.to_string(), new.listen.to_string()),
        ("admin", old.admin.to_string(), new.admin.to_string()),
        ("workers", old.workers.to_string(), new.workers.to_string()),
        ("ring", old.ring.to_string(), new.ring.to_string()),
    ];
    match changed.into_iter().find(|(_, old, new)| old != new) {
        Some((name, old, new)) => Err(Error::Options(format!(
            "`{name}` cannot change from `{old}` to `{new}` while the gateway runs; restart it"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, generation, open};
    use crate::worker::Worker;

    #[test]
    fn what_is_emitted_is_counted_wherever_it_is() {
        let (service, shared) = testing::service();
        let worker = Worker::new(shared, 0).unwrap();
        (0..3).for_each(|_| drop(open(&worker)));
        let counts = service.counts();
        assert_eq!((counts.emitted, counts.held), (3, 3));
        service.drain();
        let counts = service.counts();
        assert_eq!(
            (
                counts.emitted,
                counts.delivered + counts.dropped + counts.held
            ),
            (3, 3)
        );
        assert_eq!(service.exchanges(), (3, 3));
        assert!(
            service
                .scrape()
                .contains("bartizan_exchanges_opened_total 3")
        );
    }

    #[tokio::test]
    async fn a_swap_that_would_move_a_listener_changes_nothing() {
        let (service, shared) = testing::service();
        let moved = generation("two", &json!({ "listen": "127.0.0.1:1" }));
        let told = service.swap(&shared, moved).await.unwrap_err().to_string();
        assert!(told.contains("`listen` cannot change"), "{told}");
        let before = shared.generations.current().policy.hash();
        let next = generation("two", &json!({}));
        service.swap(&shared, next).await.unwrap();
        assert_ne!(shared.generations.current().policy.hash(), before);
    }
}
