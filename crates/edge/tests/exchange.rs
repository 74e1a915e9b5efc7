//! One request and one response, in every shape that HTTP/1.1 allows.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod support;

use support::Gate;
use support::upstream::Upstream;

#[test]
fn a_request_goes_through_and_gives_one_event() {
    let upstream = Upstream::echo();
    let mut gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    let response = client.get("/a");
    assert_eq!((response.status, response.text().as_str()), (200, "GET /a"));
    let events = gate.events(1);
    assert_eq!(events[0]["verdict"], "allow");
    assert_eq!(events[0]["outcome"], "complete");
    assert_eq!(events[0]["status"], 200);
    gate.stop().unwrap();
}

#[test]
fn pipelined_requests_are_answered_in_order_on_one_upstream_connection() {
    let upstream = Upstream::echo();
    let mut gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    let one = |target: &str| format!("GET {target} HTTP/1.1\r\nhost: api\r\n\r\n");
    client.send(&[one("/a"), one("/b"), one("/c")].concat());
    for target in ["GET /a", "GET /b", "GET /c"] {
        assert_eq!(client.response().text(), target);
    }
    assert_eq!(upstream.connections(), 1);
    assert_eq!(gate.events(3).len(), 3);
}

#[test]
fn head_204_and_304_have_no_body_and_the_connection_stays() {
    let upstream = Upstream::new(|peer| {
        while let Some(request) = peer.request() {
            match request.split(' ').next().unwrap() {
                "HEAD" => peer.send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"),
                _ if request.contains("/b") => peer.send("HTTP/1.1 204 No Content\r\n\r\n"),
                _ => peer
                    .send("HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\netag: \"x\"\r\n\r\n"),
            }
        }
    });
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send("HEAD /a HTTP/1.1\r\nhost: api\r\n\r\n");
    let head = client.response_to("HEAD");
    assert_eq!(
        (head.status, head.field("content-length")),
        (200, Some("1000"))
    );
    assert_eq!(client.get("/b").status, 204);
    assert_eq!(client.get("/a").status, 304);
    assert_eq!(upstream.connections(), 1);
}

#[test]
fn interim_responses_of_the_api_are_dropped() {
    let upstream = Upstream::new(|peer| {
        while peer.request().is_some() {
            peer.send(
                "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
            );
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        }
    });
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    let response = client.get("/a");
    assert_eq!((response.status, response.text().as_str()), (200, "ok"));
    assert_eq!(client.get("/a").status, 200);
}

#[test]
fn chunks_are_framed_anew_and_extensions_go_no_further() {
    let upstream = Upstream::new(|peer| {
        while peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
        }
    });
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    let response = client.get("/a");
    assert_eq!(response.text(), "abcde");
    client.send("POST /stream HTTP/1.1\r\nhost: api\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n3;evil=\"1\"\r\nxyz\r\n0\r\n\r\n");
    assert_eq!(client.response().text(), "abcde");
    let seen = upstream.seen();
    assert!(
        !seen[1].contains("evil") && seen[1].contains("xyz"),
        "{}",
        seen[1]
    );
}

#[test]
fn an_old_client_gets_a_body_without_chunks_and_then_the_end() {
    let upstream = Upstream::new(|peer| {
        while peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
        }
    });
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send("GET /a HTTP/1.0\r\nhost: api\r\n\r\n");
    let response = client.response();
    assert_eq!(
        (
            response.field("transfer-encoding"),
            response.text().as_str()
        ),
        (None, "abc")
    );
    assert!(client.is_closed());
}

#[test]
fn an_old_client_that_asks_to_stay_is_told_that_it_may() {
    let upstream = Upstream::echo();
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send("GET /a HTTP/1.0\r\nhost: api\r\nconnection: keep-alive\r\n\r\n");
    assert_eq!(client.response().field("connection"), Some("keep-alive"));
    assert_eq!(client.get("/b").text(), "GET /b");
}

#[test]
fn a_body_until_close_reaches_the_client_in_chunks() {
    let upstream = Upstream::new(|peer| {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\n\r\nall of it");
    });
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    let response = client.get("/a");
    assert_eq!(response.field("transfer-encoding"), Some("chunked"));
    assert_eq!(response.text(), "all of it");
    assert_eq!(client.get("/a").text(), "all of it");
}

#[test]
fn a_client_that_says_close_gets_close() {
    let upstream = Upstream::echo();
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send("GET /a HTTP/1.1\r\nhost: api\r\nconnection: close\r\n\r\n");
    assert_eq!(client.response().field("connection"), Some("close"));
    assert!(client.is_closed());
}

#[test]
fn large_bodies_pass_in_both_directions() {
    let upstream = Upstream::new(|peer| {
        while let Some(request) = peer.request() {
            let body = request.split_once("\r\n\r\n").unwrap().1.to_owned();
            peer.send(&format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            ));
        }
    });
    let gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    let body = "0123456789abcdef".repeat(40_000);
    let head = format!(
        "POST /stream HTTP/1.1\r\nhost: api\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    client.send(&head);
    client.send(&body);
    assert_eq!(client.response().text(), body);
}
