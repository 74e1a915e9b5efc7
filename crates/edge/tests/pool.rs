//! Connections: the pool to the API, its queue, what is sent a second time, and the caps.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking"
)]

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use serde_json::{Value, json};
use support::Gate;
use support::upstream::Upstream;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
const GET: &str = "GET /a HTTP/1.1\r\nhost: api\r\n\r\n";

/// An API that answers only once `release` has spoken, and then at once.
fn holding() -> (Upstream, mpsc::Sender<()>) {
    let (release, released) = mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let is_open = AtomicBool::new(false);
    let upstream = Upstream::new(move |peer| {
        while peer.request().is_some() {
            if !is_open.load(Ordering::SeqCst) {
                let _ = released.lock().unwrap().recv();
                is_open.store(true, Ordering::SeqCst);
            }
            peer.send(OK);
        }
    });
    (upstream, release)
}

fn busy(upstream: &Upstream, pool: &Value) -> (Gate, support::client::Client) {
    let gate = Gate::with(&upstream.address, json!({ "pool": pool }));
    let mut first = gate.client();
    first.send(GET);
    support::until(|| (upstream.connections() == 1).then_some(()));
    (gate, first)
}

#[test]
fn who_finds_the_queue_full_gets_503_and_when_to_come_again() {
    let (upstream, release) = holding();
    let pool = json!({ "max_connections": 1, "queue": 1, "queue_ms": 3_000 });
    let (gate, mut first) = busy(&upstream, &pool);
    let mut second = gate.client();
    second.send(GET);
    std::thread::sleep(Duration::from_millis(100));
    let refused = gate.client().get("/a");
    assert_eq!(refused.status, 503);
    assert_eq!(refused.field("retry-after"), Some("1"));
    assert!(refused.text().contains("reference"));
    release.send(()).unwrap();
    assert_eq!(first.response().status, 200);
    assert_eq!(
        second.response().status,
        200,
        "who waited in time is served"
    );
    assert_eq!(upstream.connections(), 1, "over the one connection");
}

#[test]
fn who_waits_too_long_in_the_queue_gets_503() {
    let (upstream, release) = holding();
    let pool = json!({ "max_connections": 1, "queue": 8, "queue_ms": 50 });
    let (gate, mut first) = busy(&upstream, &pool);
    let refused = gate.client().get("/a");
    assert_eq!(
        (refused.status, refused.field("retry-after")),
        (503, Some("1"))
    );
    release.send(()).unwrap();
    assert_eq!(first.response().status, 200);
    assert_eq!(gate.client().get("/a").status, 200);
}

#[test]
fn a_client_over_its_cap_is_closed_unanswered_and_one_that_leaves_makes_room() {
    let upstream = Upstream::echo();
    let gate = Gate::with(
        &upstream.address,
        json!({ "connections": { "per_address": 2 } }),
    );
    let mut clients = [gate.client(), gate.client()];
    for client in &mut clients {
        assert_eq!(client.get("/a").status, 200);
    }
    let mut third = gate.client();
    assert!(third.is_closed());
    let (_, metrics) = gate.page("/metrics");
    assert!(metrics.contains("bartizan_connections_refused_total 1"));
    drop(clients);
    support::until(|| {
        let mut client = gate.client();
        let _ = std::io::Write::write_all(&mut client.stream, GET.as_bytes());
        client.is_answered().then_some(())
    });
}

#[test]
fn no_more_connections_than_in_all_are_served() {
    let upstream = Upstream::echo();
    let gate = Gate::with(&upstream.address, json!({ "connections": { "total": 1 } }));
    let mut first = gate.client();
    assert_eq!(first.get("/a").status, 200);
    assert!(gate.client().is_closed());
    assert_eq!(first.get("/b").status, 200, "who is in stays in");
}

/// An API that answers the first request of every connection, and closes on the second one
/// without a word: the race that a kept connection can lose.
fn racing() -> (Upstream, Arc<AtomicBool>) {
    let is_racing = Arc::new(AtomicBool::new(true));
    let races = Arc::clone(&is_racing);
    let upstream = Upstream::new(move |peer| {
        let mut count = 0;
        while peer.request().is_some() {
            count += 1;
            if count > 1 && races.load(Ordering::SeqCst) {
                return;
            }
            peer.send(OK);
        }
    });
    (upstream, is_racing)
}

#[test]
fn a_raced_request_is_sent_once_more_if_that_is_harmless() {
    let (upstream, _) = racing();
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    for _ in 0..4 {
        assert_eq!(client.get("/a").status, 200);
    }
    let (_, metrics) = gate.page("/metrics");
    assert!(metrics.contains("bartizan_upstream_retries_total 3"));
}

#[test]
fn a_raced_request_that_may_have_worked_is_not_sent_twice() {
    let (upstream, _) = racing();
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    assert_eq!(client.get("/a").status, 200);
    client.send(
        "POST /a HTTP/1.1\r\nhost: api\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nhi",
    );
    assert_eq!(client.response().status, 502);
    assert_eq!(
        upstream
            .seen()
            .iter()
            .filter(|seen| seen.starts_with("POST"))
            .count(),
        1
    );
}

#[test]
fn repeats_end_when_their_budget_does() {
    let (upstream, is_racing) = racing();
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    let statuses: Vec<u16> = (0..30).map(|_| client.get("/a").status).collect();
    let failed = statuses.iter().filter(|status| **status == 502).count();
    assert!(failed > 5 && failed < 20, "{statuses:?}");
    assert_eq!(&statuses[..11], &[200; 11]);
    is_racing.store(false, Ordering::SeqCst);
    assert_eq!(client.get("/a").status, 200);
}
