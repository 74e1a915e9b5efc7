//! Small forms for the unit tests of core.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Policy;
use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::decision::Reason;
use crate::inspect::request_body::{BodyTask, BodyView, inspect_body};
use crate::live::{Live, LiveParts};
use crate::parse::{ParseRules, parse_head};
use crate::wire::head::{Framing, RequestHead};

/// A form with nothing in it, everything enforced.
pub(crate) fn form() -> Value {
    let controls: serde_json::Map<String, Value> = [
        "parse",
        "match",
        "identify",
        "limit",
        "authorize",
        "inspect",
        "shape",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), json!("enforce")))
    .collect();
    json!({
        "form": 1, "documents": ["bartizan.yaml", "openapi.json"], "controls": controls,
        "bounds": {}, "relax": [], "hosts": [], "trusted_proxies": [], "schemes": [],
        "issuers": [], "api_keys": [], "limits": [], "limit_table": {"slots": 1024},
        "cors": null, "exceptions": [], "schemas": {}, "operations": [],
        "shape": {"fields": "remove", "breach": "pass", "scrub_errors": true,
                  "headers": {"x-content-type-options": "nosniff"}, "strip": ["server"],
                  "no_store": true, "source": {"document": null}},
    })
}

/// An Operation that takes and gives nothing in particular.
pub(crate) fn operation(method: &str, template: &str) -> Value {
    let pointer = format!(
        "/paths/{}/{}",
        template.replace('/', "~1"),
        method.to_lowercase()
    );
    json!({
        "id": format!("{method} {template}"), "method": method, "template": template,
        "source": {"document": 1, "pointer": pointer}, "unrepresentable": [], "parameters": [],
        "closed_query": false, "body": null, "responses": {}, "security": [], "controls": {},
        "limits": [], "relax": [], "body_max_bytes": null, "shape": null,
    })
}

/// One JSON media type with this schema key.
pub(crate) fn json_content(key: &str) -> Value {
    json!({"application/json": {"schema": key, "encoding": {},
           "source": {"document": 1, "pointer": "/content"}}})
}

/// What stands against a body of `kind`, where `range` is declared so, with these schemas.
pub(crate) fn body_reasons(
    (range, media): (&str, &Value),
    schemas: &Value,
    kind: &str,
    body: &[u8],
) -> Vec<Reason> {
    let mut form = form();
    form["schemas"] = schemas.clone();
    let mut write = operation("POST", "/a");
    let mut media = media.clone();
    media["source"] = json!({"document": 1, "pointer": "/m"});
    write["body"] = json!({"required": true, "source": {"document": 1}, "content": {range: media}});
    form["operations"] = json!([write]);
    let (view, is_inspected) = body_view(
        &load(&form),
        &[("content-type", kind)],
        (body, 1 << 20),
        &[],
        false,
    );
    assert!(is_inspected);
    view.reasons
}

/// What `inspect_body` says of a body with these fields, for the first Operation; at most
/// `max_bytes` of it. is_closed: to members that no schema names. Beside it,
/// whether such bodies are inspected at all.
pub(crate) fn body_view(
    policy: &Policy,
    fields: &[(&str, &str)],
    (body, max_bytes): (&[u8], u64),
    relaxed: &[Code],
    is_closed: bool,
) -> (BodyView, bool) {
    let fields = [("host", "a")]
        .iter()
        .chain(fields)
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    let length = Framing::Length(u64::try_from(body.len()).unwrap());
    let head = RequestHead::from_parts(b"POST", b"/a", fields, length).unwrap();
    let mut budget = Budget::new(&policy.bounds);
    let request = parse_head(&head, &ParseRules::default(), &policy.bounds, &mut budget);
    let declared = policy.operation(0).unwrap().body.as_ref().unwrap();
    let task = BodyTask {
        media: declared.media.select(request.media()).unwrap(),
        request: &request,
        relaxed: &relaxed.iter().copied().collect(),
        closed: is_closed.then_some(&declared.source),
        max_bytes,
        policy,
    };
    let view = inspect_body(&task, body, &mut budget);
    (view, task.media.is_inspected())
}

pub(crate) fn load(form: &Value) -> Arc<Policy> {
    Arc::new(Policy::load(form.to_string().as_bytes()).unwrap())
}

pub(crate) fn live(policy: &Policy) -> Arc<Live> {
    let parts = LiveParts {
        security: policy.security(),
        api_keys: policy.api_keys(),
        pepper: None,
        limit_table: policy.limit_table(),
        seed: [7; 16],
    };
    Arc::new(Live::build(parts, None).unwrap())
}

#[test]
fn the_smallest_form_loads_with_the_default_bounds() {
    assert_eq!(*load(&form()).bounds(), Bounds::default());
}
