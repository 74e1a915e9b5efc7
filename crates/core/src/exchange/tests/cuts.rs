//! Values that the description calls secret or personal: taken out of responses, out of records.

use super::*;

const BODY: &str = r#"{"name":"ann","key":"k-1","cards":["4111"],"z":1}"#;

fn shape(change: impl Fn(&mut Value)) -> (u16, Option<String>, Vec<String>) {
    let mut form = shop();
    let secret = json!({"type": "string", "x-bartizan-data-class": "secret"});
    form["schemas"]["1#/User"]["properties"]["key"] = secret.clone();
    form["schemas"]["1#/User"]["properties"]["cards"] = json!({"items": secret});
    form["operations"][0]["responses"]["200"]["headers"] = json!([{
        "name": "x-session", "in": "header", "required": false, "style": "simple",
        "explode": false, "allow_empty": false, "content": null,
        "schema": null, "class": "secret", "source": {"document": 1}}]);
    change(&mut form);
    let mut play = Play::new(&form);
    forwarded(play.head("GET", "/users/7", &[], 0));
    let (head, body) = play.replies(200, &[("x-session", "s-1")], BODY);
    let has_header = head.is_some_and(|head| head.value("x-session").is_some());
    let event = play.close();
    let told = event.findings.iter().map(|found| {
        let place = &found.place;
        let at = format!("{}{}", place.name, place.pointer);
        format!("{} {at} {:?}", found.code.name(), found.standing)
    });
    let body = (!body.is_empty()).then(|| String::from_utf8(body).unwrap());
    let told = told.chain(has_header.then(|| "header went out".to_owned()));
    (event.status, body, told.collect())
}

#[test]
fn secrets_are_taken_out_of_body_and_head_and_told() {
    let (status, body, told) = shape(|_| {});
    assert_eq!(status, 200);
    assert_eq!(body.unwrap(), r#"{"name":"ann","cards":[]}"#);
    assert_eq!(
        told,
        [
            "shape.secret-field x-session Enforced",
            "shape.secret-field /key Enforced",
            "shape.secret-field /cards/0 Enforced",
            "shape.undeclared-field /z Enforced",
        ]
    );
}

#[test]
fn in_shadow_they_are_recorded_and_go_out() {
    let (_, body, told) = shape(|form| form["controls"]["shape"] = json!("shadow"));
    assert_eq!(body.unwrap(), BODY);
    assert_eq!(told[1], "shape.secret-field /key Shadow");
    assert_eq!(told.last().unwrap(), "header went out");
}

#[test]
fn an_exception_lets_one_field_out_and_no_other() {
    let (_, body, told) = shape(|form| {
        form["exceptions"] = json!([{"rule": "shape.secret-field", "path": "",
            "operation": "GET /users/{id}", "field": "response-body#/key",
            "source": {"document": 0}}]);
    });
    assert_eq!(body.unwrap(), r#"{"name":"ann","key":"k-1","cards":[]}"#);
    assert_eq!(told[1], "shape.secret-field /key Excepted");
}

#[test]
fn the_setting_lets_them_pass_or_refuses_the_whole() {
    let (_, body, told) = shape(|form| form["shape"]["secrets"] = json!("pass"));
    assert_eq!(
        body.unwrap(),
        r#"{"name":"ann","key":"k-1","cards":["4111"]}"#
    );
    assert_eq!(told[1], "shape.secret-field /key Excepted");
    let (status, ..) = shape(|form| form["shape"]["secrets"] = json!("refuse"));
    assert_eq!(status, 502);
}

#[test]
fn a_body_that_is_secret_as_a_whole_does_not_go_out() {
    let whole = |form: &mut Value| {
        form["schemas"]["1#/User"]["x-bartizan-data-class"] = json!("secret");
    };
    assert_eq!(shape(whole).0, 502);
    let (status, body, _) = shape(|form| {
        whole(form);
        form["shape"]["secrets"] = json!("pass");
    });
    assert_eq!((status, body.is_some()), (200, true));
}

fn refused_at(target: &str, change: impl Fn(&mut Value)) -> Event {
    let mut form = shop();
    change(&mut form);
    let mut play = Play::new(&form);
    answer(play.head("GET", target, &[], 0));
    play.close()
}

#[test]
fn a_personal_part_of_the_path_stands_in_no_record() {
    let personal = |form: &mut Value| {
        form["operations"][0]["parameters"][0]["class"] = json!("personal");
    };
    let event = refused_at("/users/ann?x=1", personal);
    assert_eq!(&*event.path, "/users/[masked]");
    let reason = &event.decision.reasons[0];
    assert_eq!(reason.value.as_deref(), Some("[masked, 3 bytes]"));
    let twin = refused_at("/users/ann", |_| {});
    assert_eq!(&*twin.path, "/users/ann");
    assert_eq!(twin.decision.reasons[0].value.as_deref(), Some("ann"));
}

#[test]
fn the_query_of_a_refusal_is_recorded_without_what_is_hidden() {
    let credential = |form: &mut Value| {
        let carrier = json!({"in": "query", "name": "k"});
        form["schemes"] = json!([{"name": "key", "credential": carrier, "verify": "presence",
                                  "source": {"document": 1}}]);
    };
    let event = refused_at("/users/ann?x=1&k=7&pin=1234", credential);
    assert_eq!(&*event.query, "x=1&k=[masked]&pin=[masked]");
    let personal = refused_at("/users/ann?x=1&filter[ann@a.test]=1&filter=2", |form| {
        let mut filter = form["operations"][0]["parameters"][0].clone();
        filter["name"] = json!("filter");
        filter["in"] = json!("query");
        filter["required"] = json!(false);
        filter["class"] = json!("personal");
        let parameters = form["operations"][0]["parameters"].as_array_mut().unwrap();
        parameters.push(filter);
    });
    assert_eq!(&*personal.query, "[masked]&[masked]&filter=[masked]");
    let twin = refused_at("/users/ann?x=1&k=7", |_| {});
    assert_eq!(&*twin.query, "x=1&k=7");
    let mut play = Play::new(&shop());
    forwarded(play.head("GET", "/users/7?x=1", &[], 0));
    let clean = play.close();
    assert!(!clean.is_notable(), "{:?}", clean.findings);
    assert_eq!(&*clean.query, "");
}

#[test]
fn a_personal_operation_shows_no_value_and_its_event_tells_owner_and_classes() {
    let event = refused_at("/users/ann", |form| {
        form["operations"][0]["class"] = json!("personal");
        form["operations"][0]["data"] = json!(["personal"]);
        form["operations"][0]["owner"] = json!("team-a");
    });
    let mut line = Vec::new();
    event.to_json(&mut line);
    let line = String::from_utf8(line).unwrap();
    assert!(!line.contains("ann\""), "{line}");
    assert!(
        line.contains(r#""owner":"team-a","data":["personal"]"#),
        "{line}"
    );
}

#[test]
fn a_personal_field_of_a_body_is_masked_and_stays_in_the_response() {
    let mut form = shop();
    form["schemas"]["1#/User"]["properties"]["name"]["x-bartizan-data-class"] = json!("personal");
    let mut play = Play::new(&form);
    answer(play.json("POST", "/users", r#"{"name":"annabella"}"#));
    let event = play.close();
    let value = event.decision.reasons[0].value.as_deref();
    assert_eq!(value, Some("[masked, 9 bytes]"));
    let mut play = Play::new(&form);
    forwarded(play.head("GET", "/users/7", &[], 0));
    let (_, body) = play.replies(200, &[], r#"{"name":"annabella"}"#);
    assert_eq!(body, br#"{"name":"annabella"}"#);
    let event = play.close();
    let value = event.findings[0].value.as_deref();
    assert_eq!(value, Some("[masked, 9 bytes]"));
}
