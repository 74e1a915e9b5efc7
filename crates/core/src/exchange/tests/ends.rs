use super::*;
use crate::decision::Verdict;
use crate::exchange::{Ask, AskReply};

#[test]
fn an_exchange_closed_undecided_is_a_deny() {
    for (outcome, code) in [
        (Outcome::ClientLeft, "internal.left"),
        (Outcome::WoundDown, "internal.left"),
        (Outcome::Fault, "internal.fault"),
    ] {
        let play = Play::new(&shop());
        let event = play.exchange.close(outcome, NOW);
        assert_eq!(event.decision.verdict, Verdict::Deny);
        assert_eq!(codes(&event), [code]);
    }
}

#[test]
fn a_client_that_leaves_in_its_body_leaves_one_deny() {
    let mut play = Play::new(&shop());
    assert!(matches!(
        play.head("POST", "/users", &[("content-type", "application/json")], 9),
        Step::More
    ));
    let event = play.exchange.close(Outcome::ClientLeft, NOW);
    assert_eq!(codes(&event), ["internal.left"]);
}

#[test]
fn calls_out_of_order_are_a_fault_and_forward_nothing() {
    let mut play = Play::new(&shop());
    assert_eq!(answer(play.exchange.end(NOW)).status, 500);
    let mut play = Play::new(&shop());
    assert_eq!(answer(play.exchange.chunk(b"x", NOW)).status, 500);
    let mut play = Play::new(&shop());
    assert_eq!(
        answer(play.exchange.answered(AskReply::Done, NOW)).status,
        500
    );
}

fn guarded() -> Value {
    let mut form = shop();
    form["schemes"] = json!([{"name": "jwt", "credential": {"in": "authorization", "scheme": "bearer"},
        "verify": "token", "source": {"document": 1, "pointer": "/jwt"}}]);
    form["issuers"] = json!([{"id": "idp", "issuer": "https://idp.test", "algorithms": ["RS256"],
        "keys": {"from": "file", "path": "keys.json"}, "audiences": [], "audience_rule": "any",
        "types": [], "skew_s": 10, "lifetime_max_s": 3600, "subject_claim": "sub",
        "scope_claims": ["scope"], "upstream_credential": "pass",
        "source": {"document": 0, "pointer": "/auth"}}]);
    form["operations"][0]["security"] = json!([[{"scheme": 0, "scopes": [],
        "source": {"document": 1, "pointer": "/security"}}]]);
    form
}

/// Header `{"alg":"RS256","kid":"a"}`, claims with this issuer, a signature of zeros.
const TOKEN: &str = "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImEiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2lkcC50ZXN0Iiwic3ViIjoiMSIsImV4cCI6MTgwMDAwMDEwMH0.AAAA";

#[test]
fn a_missing_credential_is_challenged() {
    let mut play = Play::new(&guarded());
    let refused = answer(play.head("GET", "/users/7", &[], 0));
    assert_eq!(refused.status, 401);
    assert!(
        refused
            .fields
            .iter()
            .any(|(name, value)| *name == "www-authenticate" && value.starts_with("Bearer"))
    );
    assert_eq!(play.close().decision.verdict, Verdict::Challenge);
}

#[test]
fn an_unknown_key_asks_and_a_failed_or_repeated_reply_denies() {
    let mut play = Play::new(&guarded());
    let step = play.head("GET", "/users/7", &[("authorization", TOKEN)], 0);
    let Step::Ask(Ask::Keys { issuer: 0, .. }) = step else {
        panic!("{step:?}")
    };
    let refused = answer(play.exchange.answered(AskReply::Failed, NOW));
    assert_eq!(refused.status, 503);
    assert_eq!(
        answer(play.exchange.answered(AskReply::Done, NOW)).status,
        500
    );
    assert_eq!(codes(&play.close()), ["identify.keys-unavailable"]);
}

#[test]
fn a_reply_without_the_key_denies_and_asks_no_second_time() {
    let mut play = Play::new(&guarded());
    assert!(matches!(
        play.head("GET", "/users/7", &[("authorization", TOKEN)], 0),
        Step::Ask(_)
    ));
    let refused = answer(play.exchange.answered(AskReply::Done, NOW));
    assert!(matches!(refused.status, 401 | 503));
}

#[test]
fn the_token_itself_is_in_no_event() {
    let mut play = Play::new(&guarded());
    play.head("GET", "/users/7", &[("authorization", TOKEN)], 0);
    let mut text = Vec::new();
    play.exchange
        .close(Outcome::ClientLeft, NOW)
        .to_json(&mut text);
    assert!(!String::from_utf8(text).unwrap().contains("eyJ"));
}
