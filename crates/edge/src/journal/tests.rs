#![allow(clippy::arithmetic_side_effects, reason = "counts of a test")]

use bartizan_core::decision::{Decision, Verdict};

use super::*;
use crate::testing::{event, worker};

#[test]
fn clean_passes_are_whole_while_somebody_watches_and_a_sample_else() {
    let deny = event(&worker());
    assert_eq!(deny.decision.verdict, Verdict::Deny);
    let pass = Event {
        decision: Decision::combine(Vec::new()),
        ..deny.clone()
    };
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
