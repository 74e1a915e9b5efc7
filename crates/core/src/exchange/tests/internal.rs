//! Internal Operations, for callers of the house and for others.

use super::*;
use crate::decision::{Enforcement, Verdict};

const INSIDE: &str = "10.1.2.3";
const OUTSIDE: &str = "203.0.113.7";

fn policy() -> Value {
    let internal = |mut one: Value| {
        one["internal"] = json!({"document": 1, "pointer": "/mark"});
        one
    };
    let mut form = form();
    form["internal"] = json!(["10.0.0.0/8"]);
    form["operations"] = json!([
        operation("GET", "/users"),
        internal(operation("DELETE", "/users")),
        internal(operation("GET", "/jobs")),
        operation("GET", "/users/{id}"),
        internal(operation("GET", "/users/all")),
    ]);
    form
}

fn asked(form: &Value, peer: &str, method: &str, target: &str) -> (Option<Answer>, Event) {
    let policy = load(form);
    let peer: IpAddr = peer.parse().unwrap();
    let mut exchange = Exchange::open(
        std::sync::Arc::clone(&policy),
        live(&policy),
        peer,
        ExchangeId(7),
        NOW,
    );
    let fields = [
        (&b"host"[..], &b"a"[..]),
        (b"origin", b"https://a.test"),
        (b"access-control-request-method", b"GET"),
    ];
    let fields = fields
        .into_iter()
        .take(if method == "OPTIONS" { 3 } else { 1 });
    let head =
        RequestHead::from_parts(method.as_bytes(), target.as_bytes(), fields, Framing::Empty);
    let mut step = exchange.head(head.unwrap(), NOW);
    if matches!(step, Step::More) {
        step = exchange.end(NOW);
    }
    let answer = match step {
        Step::Answer(answer) => Some(answer),
        _ => None,
    };
    (answer, exchange.close(Outcome::Complete, NOW))
}

#[test]
fn callers_of_the_house_reach_internal_operations() {
    for (method, target) in [
        ("GET", "/jobs"),
        ("HEAD", "/jobs"),
        ("DELETE", "/users"),
        ("GET", "/users/all"),
    ] {
        let (answer, event) = asked(&policy(), INSIDE, method, target);
        assert!(answer.is_none() && codes(&event).is_empty(), "{target}");
    }
    assert!(
        asked(&policy(), "::ffff:10.1.2.3", "GET", "/jobs")
            .0
            .is_none()
    );
    assert!(asked(&policy(), OUTSIDE, "GET", "/users/7").0.is_none());
}

#[test]
fn to_others_they_look_undeclared_to_the_last_byte() {
    for (method, hidden, undeclared) in [
        ("GET", "/jobs", "/nothing"),
        ("HEAD", "/jobs", "/nothing"),
        ("PUT", "/jobs", "/nothing"),
        ("OPTIONS", "/jobs", "/nothing"),
    ] {
        let (answer, _) = asked(&policy(), OUTSIDE, method, hidden);
        let (wanted, _) = asked(&policy(), OUTSIDE, method, undeclared);
        assert_eq!(answer.unwrap(), wanted.unwrap(), "{method}");
    }
    let (hidden, event) = asked(&policy(), OUTSIDE, "DELETE", "/users");
    let (undeclared, _) = asked(&policy(), OUTSIDE, "PATCH", "/users");
    let hidden = hidden.unwrap();
    assert_eq!(hidden, undeclared.unwrap());
    assert!(hidden.fields.contains(&("allow", "GET, HEAD".to_owned())));
    assert_eq!(codes(&event), ["match.internal-method"]);
}

#[test]
fn a_kept_path_is_not_taken_for_a_template_that_fits_it_too() {
    let (answer, event) = asked(&policy(), OUTSIDE, "GET", "/users/all");
    assert_eq!(answer.unwrap().status, 404);
    assert_eq!(codes(&event), ["match.internal"]);
}

#[test]
fn the_record_names_operation_caller_networks_and_line() {
    let (_, event) = asked(&policy(), OUTSIDE, "GET", "/jobs");
    assert_eq!(event.operation_id(), Some("GET /jobs"));
    let reason = &event.decision.reasons[0];
    assert_eq!(event.peer.to_string(), OUTSIDE);
    assert_eq!(reason.expected, "a caller out of 10.0.0.0/8");
    assert_eq!(reason.source.pointer, "/mark");
    assert_eq!(event.decision.verdict, Verdict::Deny);
}

#[test]
fn without_networks_nobody_is_of_the_house() {
    let mut form = policy();
    form["internal"] = json!([]);
    let (answer, event) = asked(&form, "127.0.0.1", "GET", "/jobs");
    assert_eq!(answer.unwrap().status, 404);
    assert_eq!(
        event.decision.reasons[0].expected,
        "no caller: `internal` names no network"
    );
}

#[test]
fn in_shadow_the_request_goes_on_and_the_verdict_stands() {
    let mut form = policy();
    form["controls"]["match"] = json!("shadow");
    let (answer, event) = asked(&form, OUTSIDE, "GET", "/jobs");
    assert!(answer.is_none());
    assert_eq!(codes(&event), ["match.internal"]);
    assert_eq!(event.decision.enforcement, Enforcement::Shadow);
}

#[test]
fn a_preflight_for_a_kept_operation_is_answered_as_for_none() {
    let mut form = policy();
    form["cors"] = json!({"origins": ["https://a.test"], "credentials": false, "headers": [],
        "expose": [], "max_age_s": 60, "source": {"document": 0}});
    let (answer, _) = asked(&form, OUTSIDE, "OPTIONS", "/jobs");
    let (wanted, _) = asked(&form, OUTSIDE, "OPTIONS", "/nothing");
    assert_eq!(answer.unwrap(), wanted.unwrap());
    assert_eq!(
        asked(&form, INSIDE, "OPTIONS", "/jobs").0.unwrap().status,
        204
    );
}
