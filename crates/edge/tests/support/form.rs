//! The Policy that the tests of this crate load.

use serde_json::{Value, json};

/// A Policy form whose operations take anything. `name` makes its hash differ.
pub fn form(name: &str) -> Value {
    let source = json!({ "document": null });
    let any_body = json!({
        "required": false,
        "content": { "*/*": { "schema": null, "source": source } },
        "source": source,
    });
    let any_response = json!({ "default": {
        "content": { "*/*": { "schema": null, "source": source } },
        "headers": [],
        "source": source,
    } });
    let operation = |id: &str| {
        let (method, template) = id.split_once(' ').unwrap();
        json!({
            "id": id, "method": method, "template": template, "source": source,
            "unrepresentable": [], "parameters": [], "closed_query": false,
            "body": if method == "GET" { Value::Null } else { any_body.clone() },
            "responses": any_response, "security": [], "controls": {}, "limits": [],
            "relax": [], "body_max_bytes": null, "shape": null,
        })
    };
    let controls = [
        "parse",
        "match",
        "identify",
        "limit",
        "authorize",
        "inspect",
        "shape",
    ];
    let controls: serde_json::Map<_, _> = controls
        .iter()
        .map(|control| ((*control).to_owned(), json!("enforce")))
        .collect();
    json!({
        "form": 1,
        "documents": [name],
        "controls": controls,
        "bounds": {},
        "relax": [], "hosts": [], "trusted_proxies": [], "schemes": [], "issuers": [],
        "api_keys": [], "limits": [], "limit_table": { "slots": 1024 }, "cors": null,
        "shape": {
            "fields": "pass", "breach": "pass", "scrub_errors": false, "headers": {},
            "strip": [], "no_store": false, "source": source,
        },
        "exceptions": [], "schemas": {},
        "operations": [
            operation("GET /a"), operation("GET /b"), operation("GET /c"), operation("POST /a"),
            operation("PUT /a"), operation("DELETE /a"), operation("POST /stream"),
        ],
    })
}
