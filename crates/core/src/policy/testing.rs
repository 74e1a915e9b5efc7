//! Small forms for the unit tests of core.

use std::sync::Arc;

use serde_json::{Value, json};

use super::Policy;
use crate::budget::Bounds;
use crate::live::{Live, LiveParts};

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
