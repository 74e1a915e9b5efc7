use super::*;
use crate::exchange::UpstreamFailure;

fn asked() -> Play {
    let mut play = Play::new(&shop());
    forwarded(play.head("GET", "/users/7", &[], 0));
    play
}

#[test]
fn undeclared_fields_are_cut_and_the_rest_is_kept_byte_for_byte() {
    let mut play = asked();
    let (head, body) = play.replies(
        200,
        &[("etag", "\"1\"")],
        r#"{"name": "ann", "password_hash":"x"}"#,
    );
    assert_eq!(String::from_utf8(body).unwrap(), r#"{"name": "ann"}"#);
    assert_eq!(head.unwrap().value("etag"), None);
    let event = play.close();
    assert_eq!(event.findings[0].place.pointer, "/password_hash");
}

#[test]
fn a_promised_response_goes_out_as_it_came_with_security_headers() {
    let mut play = asked();
    let body = r#"{"name":"ann"}"#;
    let (head, sent) = play.replies(200, &[("etag", "\"1\""), ("server", "x/1")], body);
    assert_eq!(sent, body.as_bytes());
    let head = head.unwrap();
    assert_eq!(head.value("etag"), Some(&b"\"1\""[..]));
    assert_eq!(head.value("server"), None);
    assert_eq!(head.value("x-content-type-options"), Some(&b"nosniff"[..]));
    assert!(!play.close().is_notable());
}

#[test]
fn identity_headers_do_not_come_back() {
    let mut play = asked();
    let (head, _) = play.replies(200, &[("x-bartizan-principal", "me")], r#"{"name":"ann"}"#);
    assert_eq!(head.unwrap().value("x-bartizan-principal"), None);
}

#[test]
fn an_error_that_tells_internals_is_replaced() {
    let mut play = asked();
    let leak = "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in get\nValueError: no";
    let (_, body) = play.replies(500, &[], &json!({"detail": leak}).to_string());
    let text = String::from_utf8(body).unwrap();
    assert!(
        !text.contains("Traceback") && text.contains("0000000000000009"),
        "{text}"
    );
    let codes: Vec<_> = play
        .close()
        .findings
        .iter()
        .map(|found| found.code.name())
        .collect();
    assert!(codes.contains(&"shape.error-scrubbed"), "{codes:?}");
}

#[test]
fn a_response_that_cannot_be_read_is_not_let_out() {
    let mut play = asked();
    let (head, body) = play.replies(200, &[], "{\"name\":");
    assert!(head.is_none());
    assert!(String::from_utf8(body).unwrap().contains("502"));
}

#[test]
fn a_breach_is_recorded_or_refused_as_set() {
    let mut play = asked();
    let (head, _) = play.replies(200, &[], r#"{"name":7}"#);
    assert!(head.is_some());
    assert_eq!(play.close().findings[0].code.name(), "shape.body-schema");
    let mut form = shop();
    form["shape"]["breach"] = json!("refuse");
    let mut play = Play::new(&form);
    forwarded(play.head("GET", "/users/7", &[], 0));
    let (head, _) = play.replies(200, &[], r#"{"name":7}"#);
    assert!(head.is_none());
    assert_eq!(play.close().status, 502);
}

#[test]
fn an_upstream_that_fails_before_its_head_gives_its_own_status() {
    for (failure, status) in [
        (UpstreamFailure::Connect, 502),
        (UpstreamFailure::Queue, 503),
        (UpstreamFailure::Timeout, 504),
    ] {
        let mut play = asked();
        let Reply::Replace(answer) = play.exchange.upstream_failed(failure) else {
            panic!()
        };
        assert_eq!(answer.status, status);
        let event = play.exchange.close(Outcome::UpstreamFailed, NOW);
        assert_eq!(event.decision.verdict.name(), "allow", "no second Decision");
    }
}
