use super::*;
use crate::decision::{Enforcement, Verdict};

#[test]
fn a_declared_request_goes_on_with_a_clean_slate() {
    let mut play = Play::new(&shop());
    let fields = [
        ("x-bartizan-principal", "admin"),
        ("x-forwarded-for", "1.2.3.4"),
        ("accept", "*/*"),
    ];
    let (head, body) = forwarded(play.head("GET", "/users/7", &fields, 0));
    assert!(matches!(body, ForwardBody::Empty));
    assert_eq!(head.value("x-bartizan-principal"), None);
    assert_eq!(head.value("x-forwarded-for"), Some(&b"127.0.0.1"[..]));
    assert_eq!(head.value("accept"), Some(&b"*/*"[..]));
    let event = play.close();
    assert_eq!(event.decision.verdict, Verdict::Allow);
    assert_eq!(event.operation_id(), Some("GET /users/{id}"));
    assert!(!event.is_notable());
}

#[test]
fn an_undeclared_path_and_method_are_refused_and_told_apart() {
    let mut play = Play::new(&shop());
    assert_eq!(answer(play.head("GET", "/debug", &[], 0)).status, 404);
    assert_eq!(codes(&play.close()), ["match.unknown-path"]);
    let mut play = Play::new(&shop());
    let refused = answer(play.head("DELETE", "/users/7", &[], 0));
    assert_eq!(refused.status, 405);
    assert!(refused.fields.contains(&("allow", "GET, HEAD".to_owned())));
}

#[test]
fn a_parameter_that_breaks_its_schema_is_refused_with_its_place() {
    let mut play = Play::new(&shop());
    assert_eq!(answer(play.head("GET", "/users/x", &[], 0)).status, 422);
    let event = play.close();
    let reason = &event.decision.reasons[0];
    assert_eq!(
        (reason.code.name(), &*reason.place.name),
        ("inspect.parameter-schema", "id")
    );
    assert_eq!(reason.source.pointer, "/Id/type");
    assert_eq!(reason.value.as_deref(), Some("x"));
}

#[test]
fn a_body_is_held_inspected_and_sent_on_as_it_was_read() {
    let mut play = Play::new(&shop());
    let (_, body) = forwarded(play.json("POST", "/users", r#"{"name":"ann"}"#));
    let ForwardBody::Whole(body) = body else {
        panic!("{body:?}")
    };
    assert_eq!(body, br#"{"name":"ann"}"#);
}

#[test]
fn every_breach_of_a_body_is_told_with_pointer_and_span() {
    let mut play = Play::new(&shop());
    let refused = answer(play.json("POST", "/users", r#"{"name":"far too long","admin":true}"#));
    assert_eq!(refused.status, 422);
    let event = play.close();
    let pointers: Vec<&str> = event
        .decision
        .reasons
        .iter()
        .map(|reason| &*reason.place.pointer)
        .collect();
    assert!(pointers.contains(&"/name"), "{pointers:?}");
    assert!(
        event
            .decision
            .reasons
            .iter()
            .all(|reason| reason.span.is_some())
    );
}

#[test]
fn a_missing_body_and_an_undeclared_type_are_refused() {
    let mut play = Play::new(&shop());
    assert_eq!(answer(play.head("POST", "/users", &[], 0)).status, 422);
    assert_eq!(codes(&play.close()), ["inspect.body-missing"]);
    let mut play = Play::new(&shop());
    let refused = answer(play.head("POST", "/users", &[("content-type", "text/plain")], 3));
    assert_eq!(refused.status, 415);
}

#[test]
fn json_that_two_parsers_read_differently_is_refused() {
    let mut play = Play::new(&shop());
    let refused = answer(play.json("POST", "/users", r#"{"name":"a","name":"b"}"#));
    assert_eq!(refused.status, 400);
    assert_eq!(codes(&play.close()), ["parse.duplicate-key"]);
}

#[test]
fn a_body_over_its_cap_is_refused_held_or_streaming() {
    let mut play = Play::new(&shop());
    let fields = [("content-type", "application/octet-stream")];
    let refused = answer(play.head("PUT", "/files/a", &fields, 11));
    assert_eq!((refused.status, refused.close), (413, true));
    let mut play = Play::new(&shop());
    let (_, body) = forwarded(play.head("PUT", "/files/a", &fields, 10));
    assert!(matches!(body, ForwardBody::Stream(_)));
    assert!(play.exchange.stream(10).is_ok());
    assert!(play.exchange.stream(1).is_err());
    let event = play.close();
    assert_eq!(
        event.decision.verdict,
        Verdict::Allow,
        "a later breach is no second Decision"
    );
    assert_eq!(event.findings[0].code.name(), "parse.body-too-large");
}

#[test]
fn an_operation_that_cannot_be_represented_is_refused() {
    let mut form = shop();
    form["operations"][0]["unrepresentable"] = json!(["pattern cannot be compiled"]);
    let mut play = Play::new(&form);
    assert_eq!(answer(play.head("GET", "/users/7", &[], 0)).status, 503);
}

#[test]
fn a_limit_refuses_with_retry_after_and_tells_its_state() {
    let mut form = shop();
    form["limits"] = json!([{"name": "few", "per": ["address"], "everywhere": true,
        "quota": {"kind": "rate", "count": 1, "window_ms": 60_000, "burst": 1},
        "source": {"document": 0, "pointer": "/limits"}}]);
    let policy = load(&form);
    let live = live(&policy);
    let mut first = Play::of(&policy, &live);
    forwarded(first.head("GET", "/users/7", &[], 0));
    let (head, _) = first.replies(200, &[], r#"{"name":"ann"}"#);
    assert!(head.unwrap().value("ratelimit").is_some());
    let mut second = Play::of(&policy, &live);
    let refused = answer(second.head("GET", "/users/7", &[], 0));
    assert_eq!(refused.status, 429);
    assert!(
        refused
            .fields
            .iter()
            .any(|(name, _)| *name == "retry-after")
    );
    assert_eq!(second.close().decision.verdict, Verdict::Throttle);
}

#[test]
fn a_written_exception_lets_its_field_through_and_nothing_else() {
    let mut form = shop();
    form["exceptions"] = json!([{"rule": "inspect.parameter-schema", "operation": "GET /users/{id}",
        "path": "", "field": "path:id", "source": {"document": 0, "pointer": "/exceptions/0"}}]);
    let mut play = Play::new(&form);
    forwarded(play.head("GET", "/users/x", &[], 0));
    let event = play.close();
    assert_eq!(event.decision.verdict, Verdict::Allow);
    assert_eq!(event.decision.enforcement, Enforcement::Enforced);
    assert_eq!(codes(&event), ["inspect.parameter-schema"]);
}

#[test]
fn breaches_that_an_exception_covers_crowd_out_no_other() {
    let mut form = shop();
    form["schemas"]["1#/Closed"] = json!({"type": "object", "properties": {
        "tags": {"type": "array", "items": {"type": "integer"}}, "zone": {"type": "integer"}}});
    form["schemas"]["1#/Line"] = json!({"type": "integer"});
    let write = form["operations"].as_array_mut().unwrap().iter_mut();
    for one in write.filter(|one| one["id"] == "POST /users") {
        one["body"]["content"]["application/jsonl"] = json!({"schema": null, "item": "1#/Line",
            "source": {"document": 1, "pointer": "/lines"}});
    }
    let except = |field: &str| {
        json!({"rule": "inspect.body-schema", "operation": "POST /users", "path": "",
            "field": field, "source": {"document": 0, "pointer": "/exceptions/0"}})
    };
    let tags = |count: usize, zone: &str| {
        format!(
            r#"{{"tags": [{}"x"], "zone": {zone}}}"#,
            r#""x","#.repeat(count)
        )
    };
    form["exceptions"] = json!([except("body#/tags/*")]);
    forwarded(Play::new(&form).json("POST", "/users", &tags(3, "7")));
    for count in [3, 40, 400, 20_000] {
        let refused = answer(Play::new(&form).json("POST", "/users", &tags(count, "[]")));
        assert_eq!(refused.status, 422, "{count}");
    }
    let refused = answer(Play::new(&form).json("POST", "/users", &tags(20_000, "7")));
    assert_eq!(refused.status, 422);
    form["exceptions"] = json!([except("body#/*")]);
    let lines = |count: usize, last: &str| format!("{}{last}\n", "\"x\"\n".repeat(count));
    let send = |body: &str| {
        let mut play = Play::new(&form);
        play.typed("POST", "/users", "application/jsonl", body)
    };
    forwarded(send(&lines(3, "7")));
    assert_eq!(answer(send(&lines(40, "{"))).status, 422);
    assert_eq!(answer(send(&lines(40, "7"))).status, 422);
    form["exceptions"] = json!([except("")]);
    forwarded(Play::new(&form).json("POST", "/users", &tags(400, "[]")));
}

#[test]
fn a_preflight_passes_without_credentials_or_is_answered_by_us() {
    let fields = [
        ("origin", "https://app.test"),
        ("access-control-request-method", "GET"),
    ];
    let mut play = Play::new(&shop());
    forwarded(play.head("OPTIONS", "/users/7", &fields, 0));
    let mut form = shop();
    form["cors"] = json!({"origins": ["https://app.test"], "credentials": true, "headers": [],
        "expose": [], "max_age_s": 60, "source": {"document": 0, "pointer": "/cors"}});
    let mut play = Play::new(&form);
    let ours = answer(play.head("OPTIONS", "/users/7", &fields, 0));
    assert_eq!(ours.status, 204);
    assert!(
        ours.fields
            .contains(&("access-control-allow-origin", "https://app.test".to_owned()))
    );
    assert_eq!(play.close().decision.verdict, Verdict::Allow);
    let mut play = Play::new(&form);
    let foreign = [
        ("origin", "https://evil.test"),
        ("access-control-request-method", "GET"),
    ];
    let ours = answer(play.head("OPTIONS", "/users/7", &foreign, 0));
    assert!(
        !ours
            .fields
            .iter()
            .any(|(name, _)| name.starts_with("access-control-allow"))
    );
    let mut play = Play::new(&shop());
    let unknown = [
        ("origin", "https://app.test"),
        ("access-control-request-method", "DELETE"),
    ];
    assert_eq!(
        answer(play.head("OPTIONS", "/users/7", &unknown, 0)).status,
        405
    );
}

#[test]
fn a_content_fault_is_refused_before_anything_dear() {
    let mut play = Play::new(&shop());
    assert_eq!(
        answer(play.head("GET", "/users/..%2f7", &[], 0)).status,
        400
    );
    let event = play.close();
    assert!(
        event
            .decision
            .reasons
            .iter()
            .all(|reason| reason.code.name().starts_with("parse."))
    );
}

fn lines() -> Value {
    let mut form = shop();
    form["schemas"]["1#/Two"] = json!({"type": "array", "maxItems": 2});
    let mut write = operation("POST", "/lines");
    write["body"] = json!({"required": true, "source": {"document": 1, "pointer": "/body"},
        "content": {"application/x-ndjson": {"schema": "1#/Two", "item": "1#/User",
                    "source": {"document": 1, "pointer": "/body"}}}});
    form["operations"] = json!([write]);
    form
}

#[test]
fn each_line_of_a_sequence_is_held_against_the_schema_of_an_item() {
    let sends = |body: &str| {
        let mut play = Play::new(&lines());
        let step = play.typed("POST", "/lines", "application/x-ndjson", body);
        (step, play)
    };
    let (step, _) = sends("{\"name\":\"ann\"}\n{\"name\":\"bo\"}\n");
    assert!(matches!(forwarded(step).1, ForwardBody::Whole(_)));
    let (step, play) = sends("{\"name\":\"ann\"}\n{\"name\":7}\n");
    assert_eq!(answer(step).status, 422);
    let event = play.close();
    let reason = &event.decision.reasons[0];
    assert_eq!(&*reason.place.pointer, "/1/name");
    assert_eq!(reason.span, Some((23, 24)));
    let (step, play) = sends("{\"name\":\"ann\"}\n{\n");
    assert_eq!(answer(step).status, 400);
    assert_eq!(codes(&play.close()), ["parse.bad-json"]);
}

#[test]
fn all_items_of_a_sequence_together_are_held_against_its_schema() {
    let mut play = Play::new(&lines());
    let body = "{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":\"c\"}\n";
    let step = play.typed("POST", "/lines", "application/x-ndjson", body);
    assert_eq!(answer(step).status, 422);
    assert_eq!(
        play.close().decision.reasons[0].source.pointer,
        "/Two/maxItems"
    );
}

/// A shop below `/shop`, which never sees the prefix, and a bank of its own host.
fn two_apis(mode: &str) -> Value {
    let api = |name: &str, hosts: &[&str], prefix: &str| {
        json!({"name": name, "hosts": hosts, "prefix": prefix, "strip_prefix": !prefix.is_empty(),
               "source": {"document": 1, "pointer": "/paths"}})
    };
    let mut form = shop();
    form["apis"] = json!([api("shop", &[], "/shop"), api("bank", &["bank.test"], "")]);
    form["controls"]["match"] = json!(mode);
    form["controls"]["parse"] = json!(mode);
    let mut list = operation("GET", "/shop/items");
    list["id"] = json!("shop:GET /shop/items");
    let mut home = operation("GET", "/shop");
    home["id"] = json!("shop:GET /shop");
    let mut accounts = operation("GET", "/accounts");
    accounts["id"] = json!("bank:GET /accounts");
    accounts["api"] = json!(1);
    form["operations"] = json!([list, home, accounts]);
    form
}

/// Target, host, and what goes on: API and target.
fn sent_on(mode: &str, target: &str, host: &str) -> Option<(u16, String)> {
    let mut play = Play::new(&two_apis(mode));
    let fields = vec![(&b"host"[..], host.as_bytes())];
    let head = RequestHead::from_parts(b"GET", target.as_bytes(), fields, Framing::Empty).unwrap();
    match play.exchange.head(head, NOW) {
        Step::Forward(forward) => {
            let api = forward.api();
            let (head, _) = forward.into_parts();
            Some((api, String::from_utf8(head.target().to_vec()).unwrap()))
        }
        _ => None,
    }
}

#[test]
fn a_request_goes_to_the_api_of_its_host_and_prefix() {
    let went = |target: &str, host: &str| sent_on("enforce", target, host);
    let to = |api: u16, target: &str| Some((api, target.to_owned()));
    assert_eq!(
        went("/shop/items?a=/shop/b", "x.test"),
        to(0, "/items?a=/shop/b")
    );
    assert_eq!(went("/shop?a", "x.test"), to(0, "/?a"));
    assert_eq!(went("/%73hop/items", "x.test"), to(0, "/items"));
    assert_eq!(went("/accounts", "bank.test"), to(1, "/accounts"));
    assert_eq!(went("/accounts", "x.test"), None);
    assert_eq!(went("/shop/items", "bank.test"), None);
}

#[test]
fn a_shadow_sends_to_a_chosen_api_alone_and_never_nowhere() {
    let went = |target: &str, host: &str| sent_on("shadow", target, host);
    let to = |api: u16, target: &str| Some((api, target.to_owned()));
    assert_eq!(went("/shop/debug", "x.test"), to(0, "/debug"));
    assert_eq!(went("/shop//items", "x.test"), to(0, "//items"));
    assert_eq!(went("/accounts", "x.test"), None);
    let mut play = Play::new(&two_apis("shadow"));
    assert_eq!(answer(play.head("GET", "/none", &[], 0)).status, 404);
    assert_eq!(codes(&play.close()), ["match.unknown-path"]);
}
