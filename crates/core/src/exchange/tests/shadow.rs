use super::*;
use crate::decision::{Enforcement, Verdict};

fn shadowed() -> Value {
    let mut form = shop();
    for (_, mode) in form["controls"].as_object_mut().unwrap() {
        *mode = json!("shadow");
    }
    form
}

#[test]
fn a_shadowed_deny_is_recorded_as_deny_and_forwarded() {
    let mut play = Play::new(&shadowed());
    forwarded(play.head("GET", "/users/x", &[], 0));
    let event = play.close();
    assert_eq!(event.decision.verdict, Verdict::Deny);
    assert_eq!(event.decision.enforcement, Enforcement::Shadow);
    assert_eq!(event.decision.status, 422);
}

#[test]
fn a_shadowed_content_fault_goes_on_as_it_came() {
    let mut play = Play::new(&shadowed());
    let (head, _) = forwarded(play.head(
        "GET",
        "/users/%2e%2e/7?a=%zz",
        &[("x-real-ip", "9.9.9.9")],
        0,
    ));
    assert_eq!(head.target(), b"/users/%2e%2e/7?a=%zz");
    assert_eq!(head.value("x-real-ip"), Some(&b"9.9.9.9"[..]));
    assert_eq!(head.value("x-forwarded-for"), None);
}

#[test]
fn a_shadowed_body_breach_sends_the_bytes_that_came() {
    let mut play = Play::new(&shadowed());
    let body = r#"{ "name" : 1, "name":2 }"#;
    let (_, sent) = forwarded(play.json("POST", "/users", body));
    let ForwardBody::Whole(sent) = sent else {
        panic!("{sent:?}")
    };
    assert_eq!(sent, body.as_bytes());
}

#[test]
fn shadow_leaves_the_response_byte_for_byte() {
    let mut play = Play::new(&shadowed());
    forwarded(play.head("GET", "/users/7", &[], 0));
    let body = r#"{"name":"ann","password_hash":"x"}"#;
    let (head, sent) = play.replies(200, &[("server", "secret/1.0")], body);
    assert_eq!(sent, body.as_bytes());
    let head = head.unwrap();
    assert_eq!(head.value("server"), Some(&b"secret/1.0"[..]));
    assert_eq!(head.value("x-content-type-options"), None);
    let event = play.close();
    assert_eq!(event.findings[0].code.name(), "shape.undeclared-field");
}

#[test]
fn framing_faults_are_refused_even_in_shadow() {
    let mut play = Play::new(&shadowed());
    let fault = crate::wire::WireFault {
        code: crate::codes::Code::WireBareLineFeed,
        at: 3,
    };
    let refused = play.exchange.wire_fault(fault);
    assert_eq!((refused.status, refused.close), (400, true));
    assert_eq!(play.close().decision.enforcement, Enforcement::Enforced);
}

#[test]
fn one_operation_can_stand_in_shadow_alone() {
    let mut form = shop();
    form["operations"][0]["controls"] = json!({"inspect": "shadow"});
    let mut play = Play::new(&form);
    forwarded(play.head("GET", "/users/x", &[], 0));
    let mut play = Play::new(&form);
    assert_eq!(answer(play.json("POST", "/users", "{}")).status, 422);
}

#[test]
fn a_shadowed_body_over_its_cap_streams_on() {
    let mut form = shadowed();
    form["operations"][1]["body_max_bytes"] = json!(4);
    let mut play = Play::new(&form);
    let step = play.head("POST", "/users", &[("content-type", "application/json")], 9);
    let (_, sent) = forwarded(step);
    assert!(matches!(sent, ForwardBody::Stream(_)), "{sent:?}");
    let too_large = codes(&play.close())
        .iter()
        .filter(|code| **code == "parse.body-too-large")
        .count();
    assert_eq!(too_large, 1, "one fact, one reason");
}
