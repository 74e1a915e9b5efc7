//! What goes wrong on either side: one answer, one Event, and nothing hangs.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod support;

use serde_json::json;
use support::Gate;
use support::upstream::Upstream;

#[test]
fn malformed_input_gets_one_answer_one_event_and_a_close() {
    let upstream = Upstream::echo();
    let mut gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send("GET /a HTTP/1.1\r\nhost: api\r\nhost: b\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
    assert_eq!(client.response().status, 400);
    assert!(client.is_closed());
    let events = gate.events(1);
    assert_eq!(events[0]["reasons"][0]["code"], "wire.duplicate-host");
    gate.stop().unwrap();
}

#[test]
fn a_slow_head_is_answered_by_408() {
    let upstream = Upstream::echo();
    let gate = Gate::with(&upstream.address, json!({ "timeouts": { "head_ms": 60 } }));
    let mut client = gate.client();
    client.send("GET /a HTTP/1.1\r\nho");
    assert_eq!(client.response().status, 408);
    assert!(client.is_closed());
}

#[test]
fn a_silent_api_is_answered_by_504() {
    let upstream = Upstream::new(|peer| while peer.request().is_some() {});
    let gate = Gate::with(
        &upstream.address,
        json!({ "timeouts": { "first_byte_ms": 60 } }),
    );
    assert_eq!(gate.client().get("/a").status, 504);
}

#[test]
fn a_body_that_breaks_off_breaks_the_message_and_is_recorded() {
    let upstream = Upstream::new(|peer| {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
    });
    let mut gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send("GET /a HTTP/1.1\r\nhost: api\r\n\r\n");
    assert!(client.rest().ends_with(b"half"));
    assert_eq!(gate.events(1)[0]["outcome"], "upstream-failed");
}

#[test]
fn a_raced_close_is_tried_once_more_for_get_only() {
    let upstream = Upstream::new(|peer| {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        // The next request on this connection is read and never answered.
        peer.request();
    });
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    assert_eq!(client.get("/a").status, 200);
    assert_eq!(client.get("/a").status, 200);
    assert_eq!(upstream.connections(), 2);
}

#[test]
fn a_bad_load_keeps_the_good_one_and_a_good_one_counts_on() {
    let upstream = Upstream::echo();
    let mut gate = Gate::new(&upstream.address);
    let options = gate.options.clone();
    gate.control().load(&options, &json!({ "form": 99 }));
    gate.control().expect(support::control::Frame::Refused);
    assert_eq!(gate.client().get("/a").status, 200);
    gate.control().load(&options, &support::form("second"));
    let loaded = gate.control().expect(support::control::Frame::Loaded);
    assert_eq!(loaded["generation"], 2);
    gate.stop().unwrap();
}
