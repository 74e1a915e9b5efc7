//! Where schemas stand inside a schema: data (`enum`, `const`, `default`, examples) is not walked.

use serde_json::{Map, Value};

const NAMED: [&str; 5] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
];
const LISTED: [&str; 5] = ["allOf", "anyOf", "oneOf", "prefixItems", "items"];
const SINGLE: [&str; 12] = [
    "items",
    "additionalProperties",
    "additionalItems",
    "contains",
    "not",
    "if",
    "then",
    "else",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];

/// Calls `f` with every schema object in `schema`, itself first.
pub(crate) fn visit<'a>(schema: &'a Value, f: &mut impl FnMut(&'a Map<String, Value>)) {
    let Value::Object(map) = schema else { return };
    f(map);
    for (keyword, value) in map {
        let keyword = keyword.as_str();
        match value {
            Value::Object(named) if NAMED.contains(&keyword) => {
                named.values().for_each(|child| visit(child, f));
            }
            Value::Array(items) if LISTED.contains(&keyword) => {
                items.iter().for_each(|child| visit(child, f))
            }
            Value::Object(_) if SINGLE.contains(&keyword) => visit(value, f),
            _ => {}
        }
    }
}

/// As `visit`, children first, with the right to change each.
pub(crate) fn change(schema: &mut Value, f: &mut impl FnMut(&mut Map<String, Value>)) {
    let Value::Object(map) = schema else { return };
    for (keyword, value) in map.iter_mut() {
        let keyword = keyword.as_str();
        match value {
            Value::Object(named) if NAMED.contains(&keyword) => {
                named.values_mut().for_each(|child| change(child, f));
            }
            Value::Array(items) if LISTED.contains(&keyword) => {
                items.iter_mut().for_each(|child| change(child, f))
            }
            Value::Object(_) if SINGLE.contains(&keyword) => change(value, f),
            _ => {}
        }
    }
    f(map);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_are_visited_and_data_is_not() {
        let schema = json!({
            "properties": {"enum": {"title": "a"}, "default": {"items": {"title": "b"}}},
            "enum": [{"title": "no"}], "const": {"title": "no"}, "default": {"properties": {"x": {"title": "no"}}},
            "items": [{"title": "c"}], "not": {"title": "d"}, "allOf": [{"if": {"title": "e"}}],
        });
        let mut titles = Vec::new();
        visit(&schema, &mut |map| {
            titles.extend(map.get("title").and_then(Value::as_str))
        });
        titles.sort_unstable();
        assert_eq!(titles, ["a", "b", "c", "d", "e"]);
    }
}
