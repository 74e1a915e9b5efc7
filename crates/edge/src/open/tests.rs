//! What was opened is closed: after a panic in each stage, and after a drop at each step, there is
//! one Decision and one Event.
#![allow(
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a stage that panics is what is tested"
)]

use std::net::Ipv4Addr;

use bartizan_core::decision::Verdict;
use bartizan_core::event::Event;
use bartizan_core::exchange::Step;
use bartizan_core::wire::{Framing, RequestHead, ResponseHead};
use serde_json::json;

use super::*;
use crate::service::Service;
use crate::testing::form;

type Stage = fn(&mut Exchange, Now);

/// The life of an Exchange with a body in both directions, one call of the driver each.
const LIFE: [(&str, Stage); 6] = [
    ("head", |exchange, now| {
        let fields = [
            (&b"host"[..], &b"api"[..]),
            (b"content-type", b"application/json"),
        ];
        let head = RequestHead::from_parts(b"POST", b"/a", fields, Framing::Length(2)).unwrap();
        assert!(matches!(exchange.head(head, now), Step::More));
    }),
    ("chunk", |exchange, now| {
        assert!(matches!(exchange.chunk(b"{}", now), Step::More));
    }),
    ("end", |exchange, now| {
        assert!(matches!(exchange.end(now), Step::Forward(_)));
    }),
    ("reply head", |exchange, now| {
        let fields = [(&b"content-type"[..], &b"text/plain"[..])];
        let head = ResponseHead::from_parts(200, fields, Framing::Length(2)).unwrap();
        let _ = exchange.reply_head(head, now);
    }),
    ("reply chunk", |exchange, _| {
        let _ = exchange.reply_chunk(b"ok");
    }),
    ("reply end", |exchange, _| {
        let _ = exchange.reply_end();
    }),
];
/// From this call on the request is decided.
const DECIDED: usize = 3;

fn worker() -> Rc<Worker> {
    let mut form = form::form("one");
    // POST /a: a JSON body is held until it is checked.
    let media = form["operations"][3]["body"]["content"]["*/*"].take();
    form["operations"][3]["body"]["content"] = json!({ "application/json": media });
    let load = json!({ "options": { "upstream": "http://127.0.0.1:1" }, "form": form });
    let first = crate::load::build(load.to_string().as_bytes(), None, [7; 16]).unwrap();
    let shared = Service::new().start(first).unwrap();
    Worker::new(shared, 0).unwrap()
}

fn open(worker: &Rc<Worker>, calls: usize) -> Open {
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut open = Open::new(worker, &worker.generation(), peer);
    for (name, stage) in LIFE.iter().take(calls) {
        assert!(open.run(stage).is_ok(), "{name}");
    }
    open
}

/// The one Event of the Exchange that was just dropped.
fn the_event(worker: &Worker) -> Event {
    let mut held = worker.shared.workers[0].journal.ring.take(Vec::new());
    assert_eq!((held.events.len(), held.counted), (1, 0));
    assert_eq!(worker.counters.opened.read(), worker.counters.closed.read());
    held.events.remove(0).event
}

fn codes(event: &Event) -> Vec<&'static str> {
    let reasons = event.decision.reasons.iter();
    reasons.map(|reason| reason.code.name()).collect()
}

#[test]
fn a_stage_that_panics_at_once_ends_in_one_decision_and_one_event() {
    let worker = worker();
    for (calls, (name, _)) in LIFE.iter().enumerate() {
        let mut open = open(&worker, calls);
        let answer = open.run(|_, _| -> () { panic!("planted") }).unwrap_err();
        assert_eq!((answer.status, answer.close), (500, true), "{name}");
        drop(open);
        let event = the_event(&worker);
        assert_eq!(event.outcome, Outcome::Fault, "{name}");
        if calls < DECIDED {
            assert_eq!(event.decision.verdict, Verdict::Deny, "{name}");
            assert_eq!(codes(&event), ["internal.fault"], "{name}");
        } else {
            assert_eq!(event.decision.verdict, Verdict::Allow, "{name}");
        }
    }
    assert_eq!(worker.counters.faults.read(), 6);
}

#[test]
fn a_stage_that_panics_after_its_work_forwards_nothing_and_ends_in_one_event() {
    let worker = worker();
    for (calls, (name, stage)) in LIFE.iter().enumerate() {
        let mut open = open(&worker, calls);
        let answer = open.run(|exchange, now| -> () {
            stage(exchange, now);
            panic!("planted")
        });
        assert_eq!(answer.unwrap_err().status, 500, "{name}");
        drop(open);
        assert_eq!(the_event(&worker).outcome, Outcome::Fault, "{name}");
    }
}

#[test]
fn an_exchange_dropped_at_any_step_ends_in_one_decision_and_one_event() {
    let worker = worker();
    for calls in 0..=LIFE.len() {
        drop(open(&worker, calls));
        let event = the_event(&worker);
        assert_eq!(event.outcome, Outcome::ClientLeft);
        if calls < DECIDED {
            assert_eq!(event.decision.verdict, Verdict::Deny);
            assert_eq!(codes(&event), ["internal.left"]);
        } else {
            assert_eq!(event.decision.verdict, Verdict::Allow);
        }
    }
}

#[test]
fn a_completed_exchange_is_not_a_fault() {
    let worker = worker();
    let mut open = open(&worker, LIFE.len());
    open.complete();
    drop(open);
    let event = the_event(&worker);
    assert_eq!(event.outcome, Outcome::Complete);
    assert_eq!(codes(&event), Vec::<&str>::new());
}
