#![allow(clippy::arithmetic_side_effects, reason = "counts of a test")]

use std::net::{IpAddr, Ipv4Addr};

use bartizan_core::decision::{Decision, Verdict};
use bartizan_core::event::Outcome;
use bartizan_core::exchange::Exchange;
use bartizan_core::time::{ExchangeId, Now};
use serde_json::json;

use super::*;

#[path = "../../tests/support/form.rs"]
mod form;

const NOW: Now = Now {
    unix_ms: 1_000,
    mono_us: 1_000,
};

/// A deny, and the same as a clean pass.
fn events() -> (Event, Event) {
    let load = json!({
        "options": { "upstream": "http://127.0.0.1:1" },
        "form": form::form("one"),
    });
    let first = crate::load::build(load.to_string().as_bytes(), None, [7; 16]).unwrap();
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let exchange = Exchange::open(first.policy, first.live, peer, ExchangeId(1), NOW);
    let deny = exchange.close(Outcome::ClientLeft, NOW);
    let decision = Decision::combine(Vec::new());
    let pass = Event {
        decision,
        ..deny.clone()
    };
    (deny, pass)
}

#[test]
fn clean_passes_are_whole_while_somebody_watches_and_a_sample_else() {
    let (deny, pass) = events();
    assert_eq!(
        (deny.decision.verdict, pass.decision.verdict),
        (Verdict::Deny, Verdict::Allow)
    );
    for (is_watched, whole) in [(false, SAMPLE), (true, 300)] {
        let journal = Journal::new(1_000, Arc::new(AtomicBool::new(is_watched)));
        (0..300).for_each(|_| journal.record(pass.clone()));
        journal.record(deny.clone());
        let held = journal.ring.take(Vec::new());
        assert_eq!((held.events.len(), held.counted), (whole + 1, 300 - whole));
        let notable = held.events.iter().filter(|entry| entry.is_notable);
        assert_eq!(notable.count(), 1);
        let mut page = String::new();
        journal.read(|metrics| metrics.write(&mut page));
        let passes = "decision=\"allow\",enforcement=\"enforced\"} 300\n";
        assert!(page.contains(passes), "{page}");
    }
}
