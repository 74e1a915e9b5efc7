//! Who is waited for, and how long: slow clients in both directions, silent and streaming APIs.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "tests fail by panicking"
)]

mod support;

use std::io::{Read, Write};
use std::time::Duration;

use serde_json::json;
use support::Gate;
use support::client::{Client, find};
use support::upstream::Upstream;

const HEAD: &str = "POST /stream HTTP/1.1\r\nhost: api\r\ncontent-type: text/plain\r\n";
/// More than the buffers of both kernels hold.
const LARGE: usize = 48 << 20;

fn pause(ms: u64) {
    std::thread::sleep(Duration::from_millis(ms));
}

/// An API that answers every request with `LARGE` bytes.
fn generous() -> Upstream {
    Upstream::new(|peer| {
        while peer.request().is_some() {
            peer.send(&format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {LARGE}\r\n\r\n"
            ));
            peer.send(&"x".repeat(LARGE));
        }
    })
}

/// Reads `rate` bytes every 10 ms for a while, then whatever still comes; gives how much came.
fn drain(client: &mut Client, rate: usize, rounds: usize) -> usize {
    let (mut piece, mut total) = (vec![0; rate], 0);
    for _ in 0..rounds {
        pause(10);
        match client.stream.read(&mut piece) {
            Ok(0) | Err(_) => return total,
            Ok(count) => total += count,
        }
    }
    let mut rest = vec![0; 1 << 20];
    while let Ok(count @ 1..) = client.stream.read(&mut rest) {
        total += count;
    }
    total
}

#[test]
fn a_client_that_stops_reading_is_cut_off_and_frees_the_api() {
    let upstream = generous();
    let options = json!({ "timeouts": { "body_ms": 200, "gap_ms": 200 } });
    let mut gate = Gate::with(&upstream.address, options);
    let mut client = gate.client();
    client.send("GET /a HTTP/1.1\r\nhost: api\r\n\r\n");
    let event = gate.events(1)[0].clone();
    assert_eq!(event["outcome"], "timed-out", "{event}");
    assert!(
        drain(&mut client, 1 << 20, 0) < LARGE,
        "it was cut, not served"
    );
    gate.stop().unwrap();
}

#[test]
fn a_client_that_reads_too_little_is_cut_off_and_a_steady_one_gets_all() {
    let upstream = generous();
    let options =
        |rate: u64| json!({ "timeouts": { "body_ms": 1_000, "gap_ms": 1_000, "body_rate": rate } });
    let get = "GET /a HTTP/1.1\r\nhost: api\r\nconnection: close\r\n\r\n";
    let strict = Gate::with(&upstream.address, options(1 << 30));
    let mut slow = strict.client();
    slow.send(get);
    assert!(drain(&mut slow, 64 << 10, 200) < LARGE);
    let usual = Gate::with(&upstream.address, options(1 << 10));
    let mut steady = usual.client();
    steady.send(get);
    assert!(drain(&mut steady, 64 << 10, 100) > LARGE);
}

#[test]
fn a_body_that_began_fast_may_not_crawl_for_ever() {
    let upstream = Upstream::echo();
    let options = json!({ "timeouts": { "body_ms": 200, "gap_ms": 200 } });
    let gate = Gate::with(&upstream.address, options);
    let mut client = gate.client();
    client.send(&format!("{HEAD}content-length: 2000000\r\n\r\n"));
    client.send(&"x".repeat(1_000_000));
    for _ in 0..100 {
        pause(20);
        if client.stream.write_all(b"x").is_err() {
            break;
        }
    }
    assert_eq!(client.response().status, 408);
}

#[test]
fn a_long_upload_at_the_rate_outlives_the_deadline_of_the_exchange() {
    let upstream = Upstream::echo();
    let options = json!({ "timeouts": { "exchange_ms": 150, "first_byte_ms": 2_000 } });
    let gate = Gate::with(&upstream.address, options);
    let mut client = gate.client();
    client.send(&format!("{HEAD}content-length: 40\r\n\r\n"));
    for _ in 0..40 {
        pause(10);
        client.send("x");
    }
    assert_eq!(client.response().status, 200);
}

#[test]
fn an_api_that_takes_slowly_is_not_held_against_the_client() {
    let upstream = Upstream::new(|peer| {
        peer.head();
        pause(600);
        peer.swallow(9_000_000);
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    let options =
        json!({ "timeouts": { "body_ms": 200, "body_rate": 100_000_000, "gap_ms": 2_000 } });
    let gate = Gate::with(&upstream.address, options);
    let mut client = gate.client();
    client.send(&format!("{HEAD}content-length: 9000000\r\n\r\n"));
    client.send(&"x".repeat(9_000_000));
    assert_eq!(client.response().status, 200);
}

/// An API whose response pauses for 1.2 s in the middle.
fn pausing(kind: &'static str) -> Upstream {
    Upstream::new(move |peer| {
        while peer.request().is_some() {
            peer.send(&format!(
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n\
                 9\r\ndata: a\n\n\r\n"
            ));
            pause(1_200);
            peer.send("9\r\ndata: b\n\n\r\n0\r\n\r\n");
        }
    })
}

#[test]
fn an_event_stream_may_be_silent_for_longer_than_a_download() {
    let options = json!({ "timeouts": { "gap_ms": 400, "exchange_ms": 600 } });
    for kind in ["text/event-stream; charset=utf-8", "application/x-ndjson"] {
        let upstream = pausing(kind);
        let gate = Gate::with(&upstream.address, options.clone());
        assert_eq!(gate.client().get("/a").text(), "data: a\n\ndata: b\n\n");
    }
    let upstream = pausing("text/plain");
    let gate = Gate::with(&upstream.address, options);
    let mut client = gate.client();
    client.send("GET /a HTTP/1.1\r\nhost: api\r\n\r\n");
    let read = client.rest();
    assert!(find(&read, b"data: a").is_some() && find(&read, b"data: b").is_none());
}

#[test]
fn an_event_stream_that_stays_silent_ends_unfinished() {
    let upstream = pausing("text/event-stream");
    let options = json!({ "timeouts": { "stream_idle_ms": 100 } });
    let gate = Gate::with(&upstream.address, options);
    let mut client = gate.client();
    client.send("GET /a HTTP/1.1\r\nhost: api\r\n\r\n");
    let read = client.rest();
    assert!(
        find(&read, b"data: a").is_some(),
        "events go out as they come"
    );
    assert!(
        find(&read, b"0\r\n\r\n").is_none(),
        "and the end is not made up"
    );
}
