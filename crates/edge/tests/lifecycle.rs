//! The life of the process: control lost and joined again, wind-down.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod support;

use support::Gate;
use support::control::{Control, Frame};
use support::upstream::Upstream;

#[test]
fn no_event_is_lost_while_the_control_process_is_gone() {
    let upstream = Upstream::echo();
    let mut gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    (0..50).for_each(|_| assert_eq!(client.get("/a").status, 200));
    gate.control = None;
    (0..50).for_each(|_| assert_eq!(client.get("/b").status, 200));
    let mut control = Control::join(&gate.state);
    // The counts come first: what of the Events before went to the control process that left.
    let (kind, counters) = control.read().unwrap();
    assert_eq!(kind, Frame::Counters as u8);
    let known = counters["delivered"].as_u64().unwrap() + counters["held"].as_u64().unwrap();
    assert_eq!(counters["emitted"].as_u64().unwrap(), known);
    while control.told < 50 {
        control.read().unwrap();
    }
    loop {
        let counters = control.expect(Frame::Counters);
        let number = |name: &str| counters[name].as_u64().unwrap();
        assert_eq!(
            number("emitted"),
            number("delivered") + number("dropped") + number("held")
        );
        if number("delivered") == 100 {
            break;
        }
    }
    gate.control = Some(control);
    gate.stop().unwrap();
}

#[test]
fn what_is_in_flight_at_a_stop_is_finished_and_told_to_close() {
    let upstream = Upstream::new(|peer| {
        peer.request();
        std::thread::sleep(std::time::Duration::from_millis(150));
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        peer.request();
    });
    let mut gate = Gate::new(&upstream.address);
    let mut client = gate.client();
    client.send("GET /a HTTP/1.1\r\nhost: api\r\n\r\n");
    std::thread::sleep(std::time::Duration::from_millis(60));
    gate.control().stop();
    let response = client.response();
    assert_eq!(
        (response.status, response.field("connection")),
        (200, Some("close"))
    );
    assert!(gate.wait().is_ok());
}

#[test]
fn the_admin_pages_tell_state_and_counts_without_raw_paths() {
    let upstream = Upstream::echo();
    let mut gate = Gate::new(&upstream.address);
    gate.client().get("/a?secret=1");
    gate.client().get("/nowhere");
    gate.events(2);
    assert_eq!(gate.page("/livez").0, 200);
    assert!(gate.page("/readyz?verbose").1.contains("\"generation\": 1"));
    let (_, metrics) = gate.page("/metrics");
    assert!(metrics.contains("http_route=\"/a\"") && metrics.contains("_undeclared"));
    assert!(!metrics.contains("secret") && !metrics.contains("nowhere"));
}
