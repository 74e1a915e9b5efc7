//! Bodies on their way in: expectations, early responses, bodies that break off or crawl.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod support;

use serde_json::json;
use support::Gate;
use support::upstream::Upstream;

const HEAD: &str = "POST /stream HTTP/1.1\r\nhost: api\r\ncontent-type: text/plain\r\n";

#[test]
fn an_expectation_is_answered_by_us_and_goes_no_further() {
    let upstream = Upstream::echo();
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send(&format!(
        "{HEAD}content-length: 2\r\nexpect: 100-continue\r\n\r\n"
    ));
    assert_eq!(client.response().status, 100);
    client.send("hi");
    assert_eq!(client.response().status, 200);
    assert!(!upstream.seen()[0].to_ascii_lowercase().contains("expect"));
}

#[test]
fn an_expectation_of_a_refused_request_gets_no_100() {
    let upstream = Upstream::echo();
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send(
        "POST /nowhere HTTP/1.1\r\nhost: api\r\ncontent-length: 2\r\nexpect: 100-continue\r\n\r\n",
    );
    let response = client.response();
    assert_eq!(
        (response.status, response.field("connection")),
        (404, Some("close"))
    );
}

#[test]
fn a_crawling_body_is_answered_by_408() {
    let upstream = Upstream::echo();
    let gate = Gate::with(&upstream.address, json!({ "timeouts": { "body_ms": 60 } }));
    let mut client = gate.client();
    client.send(&format!("{HEAD}content-length: 20\r\n\r\nhi"));
    assert_eq!(client.response().status, 408);
    assert!(client.is_closed());
}

#[test]
fn an_early_response_reaches_a_client_that_still_sends() {
    let upstream = Upstream::new(|peer| {
        peer.head();
        peer.send("HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig");
        std::thread::sleep(std::time::Duration::from_millis(300));
    });
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send(&format!("{HEAD}content-length: 1000000\r\n\r\npart"));
    let response = client.response();
    assert_eq!((response.status, response.text().as_str()), (413, "big"));
    assert_eq!(response.field("connection"), Some("close"));
}
