use super::*;
use crate::codes::Code;
use crate::decision::{Enforcement, Source, Standing, Verdict};
use crate::exchange::{UpstreamFailure, Withheld};
use crate::identify::{Principal, PrincipalKind};

const FOREIGN: Withheld<'_> = Withheld {
    code: Code::AuthorizeForeignObject,
    parameter: "id",
    id: "7",
    expected: "its owner",
    declared: "shop/app.py:12",
    status: 404,
    is_shadow: false,
    keeps_words: false,
};

/// A Request that has reached the app.
fn reached(form: &Value) -> Play {
    let mut play = Play::new(form);
    let alice = Principal::recorded(PrincipalKind::Token, "main", "alice", Vec::new());
    play.exchange.presume(alice);
    forwarded(play.head("GET", "/users/7", &[], 0));
    play
}

fn shadowed() -> Value {
    let mut form = shop();
    form["controls"]["authorize"] = json!("shadow");
    form
}

#[test]
fn an_object_withheld_makes_the_one_decision_a_deny() {
    let mut play = reached(&shop());
    assert_eq!(play.exchange.principal().unwrap().subject(), "alice");
    assert!(play.exchange.withhold(&FOREIGN));
    let event = play.close();
    assert_eq!(event.decision.verdict, Verdict::Deny);
    assert_eq!(event.decision.enforcement, Enforcement::Enforced);
    assert_eq!(event.decision.status, 404);
    let reason = &event.decision.reasons[0];
    assert_eq!(reason.place.name, "id");
    assert_eq!(reason.value.as_deref(), Some("7"));
    assert_eq!(reason.source.document, Some(Source::CODE));
    assert_eq!(reason.source.pointer, "shop/app.py:12");
}

#[test]
fn the_words_of_the_app_go_out_where_they_are_the_refusal() {
    let mut play = reached(&shop());
    assert!(play.exchange.withhold(&FOREIGN));
    // 404 is not declared, and a schema would not fit: the refusal is no breach of the contract.
    let (head, body) = play.replies(404, &[], "{\"detail\":\"Not Found\"}");
    assert_eq!(head.unwrap().status(), 404);
    assert_eq!(body, b"{\"detail\":\"Not Found\"}");
    let event = play.close();
    assert_eq!((event.status, event.findings.len()), (404, 0));
}

#[test]
fn a_page_nobody_asked_for_gives_way_to_a_problem_unless_its_words_are_kept() {
    for (keeps_words, accept, kind) in [
        (false, "*/*", "application/problem+json"),
        (false, "text/html", "text/html; charset=utf-8"),
        (true, "*/*", "text/html"),
    ] {
        let mut play = Play::new(&shop());
        forwarded(play.head("GET", "/users/7", &[("accept", accept)], 0));
        let withheld = Withheld {
            keeps_words,
            ..FOREIGN
        };
        assert!(play.exchange.withhold(&withheld));
        let fields = [(&b"content-type"[..], &b"text/html"[..])];
        let head = ResponseHead::from_parts(404, fields, Framing::Chunked).unwrap();
        match play.exchange.reply_head(head, NOW) {
            Reply::Replace(answer) => {
                assert_eq!(answer.fields[0].1, kind);
                assert!(!keeps_words);
            }
            other => assert!(keeps_words, "{other:?}"),
        }
    }
}

#[test]
fn an_app_that_answers_nevertheless_is_not_let_out() {
    let mut play = reached(&shop());
    assert!(play.exchange.withhold(&FOREIGN));
    let (head, body) = play.replies(200, &[], "{\"name\":\"bob\"}");
    assert!(head.is_none());
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&told["status"], &told["code"]),
        (&json!(404), &json!("not-found"))
    );
    assert_eq!(play.close().status, 404);
}

#[test]
fn a_response_that_is_held_when_the_object_is_withheld_is_not_let_out() {
    let mut play = reached(&shop());
    let fields = [(&b"content-type"[..], &b"application/json"[..])];
    let head = ResponseHead::from_parts(200, fields, Framing::Chunked).unwrap();
    assert!(matches!(play.exchange.reply_head(head, NOW), Reply::Hold));
    assert!(play.exchange.withhold(&FOREIGN));
    assert!(matches!(play.exchange.reply_end(), Reply::Replace(answer) if answer.status == 404));
}

#[test]
fn an_app_that_falls_over_its_refusal_is_answered_for_with_it() {
    let mut play = reached(&shop());
    assert!(play.exchange.withhold(&FOREIGN));
    let reply = play.exchange.upstream_failed(UpstreamFailure::BadResponse);
    assert!(matches!(reply, Reply::Replace(answer) if answer.status == 404));
    assert_eq!(codes(&play.close()), ["authorize.foreign-object"]);
}

#[test]
fn shadow_records_the_same_deny_and_stops_nothing() {
    let own = Withheld {
        is_shadow: true,
        ..FOREIGN
    };
    for (form, withheld) in [(shadowed(), FOREIGN), (shop(), own)] {
        let mut play = reached(&form);
        assert!(!play.exchange.withhold(&withheld));
        let (_, body) = play.replies(200, &[], "{\"name\":\"bob\"}");
        assert_eq!(body, b"{\"name\":\"bob\"}");
        let event = play.close();
        assert_eq!(event.decision.verdict, Verdict::Deny);
        assert_eq!(event.decision.enforcement, Enforcement::Shadow);
        assert_eq!((event.decision.status, event.status), (404, 200));
        assert_eq!(event.decision.reasons[0].standing, Standing::Shadow);
    }
}

#[test]
fn what_shadow_found_before_keeps_its_place_and_does_not_lead() {
    let mut form = shop();
    form["controls"]["inspect"] = json!("shadow");
    let mut play = Play::new(&form);
    forwarded(play.head("GET", "/users/seven", &[], 0));
    assert!(play.exchange.withhold(&FOREIGN));
    let event = play.close();
    assert_eq!(
        codes(&event),
        ["authorize.foreign-object", "inspect.parameter-schema"]
    );
    assert_eq!(event.decision.status, 404);
}

#[test]
fn a_failed_look_up_is_no_statement_about_the_object() {
    let mut play = reached(&shop());
    let failed = Withheld {
        code: Code::AuthorizeLookupFailed,
        status: 503,
        ..FOREIGN
    };
    assert!(play.exchange.withhold(&failed));
    let (_, body) = play.replies(500, &[], "{}");
    let told: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&told["status"], &told["code"]),
        (&json!(503), &json!("unavailable"))
    );
}

#[test]
fn whom_the_framework_has_authenticated_is_known_by_that() {
    let mut play = Play::new(&shop());
    assert!(!play.exchange.vouch("django", "7"), "before `identify`");
    forwarded(play.head("GET", "/users/7", &[], 0));
    assert!(!play.exchange.vouch("django", ""));
    assert!(play.exchange.vouch("django", "7"));
    let principal = play.close().principal.unwrap();
    assert_eq!(principal.kind(), PrincipalKind::Framework);
    assert_eq!((principal.issuer(), principal.subject()), ("django", "7"));
}

#[test]
fn a_framework_is_not_heard_above_a_verified_credential() {
    let mut play = reached(&shop());
    assert!(!play.exchange.vouch("django", "7"));
    assert_eq!(play.close().principal.unwrap().subject(), "alice");
}
