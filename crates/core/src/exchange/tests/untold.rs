//! More breaches than are told: an exception from the places that are told lets no other through.

use super::*;
use crate::decision::Verdict;

/// `tags` takes texts and no member but `name` and `tags` is allowed; both rules are excepted as
/// `exceptions` says.
fn tagged(exceptions: &[(&str, &str)]) -> Value {
    let mut form = shop();
    form["schemas"]["1#/User"]["properties"]["tags"] =
        json!({"type": "array", "items": {"type": "string"}});
    form["exceptions"] = exceptions
        .iter()
        .map(|(rule, field)| {
            json!({"rule": rule, "operation": "POST /users", "path": "", "field": field,
                   "source": {"document": 0, "pointer": "/exceptions/0"}})
        })
        .collect();
    form
}

fn verdict(form: &Value, count: usize, more: &str) -> Verdict {
    let tags = vec!["7"; count].join(",");
    let mut play = Play::new(form);
    play.json(
        "POST",
        "/users",
        &format!("{{\"name\":\"ann\",\"tags\":[{tags}]{more}}}"),
    );
    play.close().decision.verdict
}

#[test]
fn breaches_of_an_excepted_field_hide_no_other() {
    let form = tagged(&[("inspect.body-schema", "body#/tags/*")]);
    assert_eq!(verdict(&form, 32, ""), Verdict::Allow);
    for count in [1, 31, 32, 33, 40, 200, 20_000] {
        assert_eq!(
            verdict(&form, count, ",\"zadmin\":true"),
            Verdict::Deny,
            "{count}"
        );
    }
    // What is not told could be anything: it stays refused.
    assert_eq!(verdict(&form, 33, ""), Verdict::Deny);
}

#[test]
fn an_exception_from_the_whole_body_covers_what_is_not_told() {
    let form = tagged(&[("inspect.body-schema", "body")]);
    for count in [1, 33, 20_000] {
        assert_eq!(
            verdict(&form, count, ",\"zadmin\":true"),
            Verdict::Allow,
            "{count}"
        );
    }
    let root = tagged(&[
        ("inspect.body-schema", "body#/tags/*"),
        ("inspect.body-schema", "body#"),
    ]);
    assert_eq!(verdict(&root, 40, ",\"zadmin\":true"), Verdict::Deny);
}

#[test]
fn fields_of_one_excepted_rule_hide_no_other_rule() {
    let mut form = shop();
    form["exceptions"] = json!([{"rule": "parse.underscore-field", "operation": "GET /users/{id}",
        "path": "", "field": "", "source": {"document": 0, "pointer": "/exceptions/0"}}]);
    let names: Vec<String> = (0..40).map(|number| format!("x_{number}")).collect();
    let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "1")).collect();
    let verdict = |fields: &[(&str, &str)]| {
        let mut play = Play::new(&form);
        play.head("GET", "/users/7", fields, 0);
        play.close().decision.verdict
    };
    assert_eq!(verdict(&fields), Verdict::Allow);
    fields.push(("x-http-method-override", "DELETE"));
    assert_eq!(verdict(&fields), Verdict::Deny);
}

#[test]
fn lines_that_are_not_looked_at_stay_refused() {
    let mut form = tagged(&[("inspect.body-schema", "body#/*/name")]);
    form["operations"][1]["body"]["content"] = json!({"application/x-ndjson": {
        "schema": null, "item": "1#/User", "source": {"document": 1, "pointer": "/body"}}});
    let sent = |count: usize, last: &str| {
        let body = format!("{}{last}", "{\"name\":7}\n".repeat(count));
        let mut play = Play::new(&form);
        play.typed("POST", "/users", "application/x-ndjson", &body);
        play.close().decision.verdict
    };
    assert_eq!(sent(20, ""), Verdict::Allow);
    for count in [20, 31, 32, 40] {
        assert_eq!(
            sent(count, "{\"name\":\"a\",\"name\":\"b\"}\n"),
            Verdict::Deny,
            "{count}"
        );
    }
}

#[test]
fn breaches_of_excepted_items_hide_none_of_the_list() {
    let mut form = tagged(&[("inspect.body-schema", "body#/*/name")]);
    form["schemas"]["1#/Two"] = json!({"maxItems": 2});
    form["operations"][1]["body"]["content"] = json!({"application/x-ndjson": {
        "schema": "1#/Two", "item": "1#/User", "source": {"document": 1, "pointer": "/body"}}});
    let sent = |count: usize| {
        let mut play = Play::new(&form);
        let body = "{\"name\":7}\n".repeat(count);
        play.typed("POST", "/users", "application/x-ndjson", &body);
        play.close().decision.verdict
    };
    assert_eq!((sent(2), sent(3)), (Verdict::Allow, Verdict::Deny));
}
