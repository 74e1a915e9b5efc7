//! Undeclared members: attack, good traffic, and properties of the cut bytes.

use serde_json::{Map, Value, json};

use super::*;
use crate::budget::{Bounds, Budget};
use crate::parse::json::{JsonRules, parse_json};

fn tape(text: &str) -> Tape {
    let bounds = Bounds::default();
    parse_json(
        text.as_bytes(),
        &JsonRules::STRICT,
        &bounds,
        &mut Budget::new(&bounds),
    )
    .unwrap()
}

const ALL: Cuts<'static> = Cuts {
    undeclared: Cut::All,
    secret: Cut::All,
};

fn shapes(defs: Value) -> Shapes {
    let Value::Object(map) = defs else {
        panic!("not an object")
    };
    Shapes::build(&map, map.keys().map(String::as_str).collect::<Vec<_>>())
}

fn shaped(shapes: &Shapes, key: &str, text: &str) -> (String, Vec<String>) {
    let found = shapes.apply(shapes.plan(key).unwrap(), &tape(text), 100, ALL);
    let cut = found.cut(text.as_bytes());
    let cut = cut.map_or_else(|| text.to_owned(), |cut| String::from_utf8(cut).unwrap());
    (
        cut,
        found
            .found
            .into_iter()
            .map(|member| member.pointer)
            .collect(),
    )
}

fn cut(schema: Value, text: &str) -> String {
    shaped(&shapes(json!({ "k": schema })), "k", text).0
}

#[test]
fn undeclared_members_are_cut_and_every_other_byte_stays() {
    let schema = json!({"properties": {"a": {}, "b": {"properties": {"c": {}}}, "n": {"items": {"properties": {"x": {}}}}}});
    for (text, kept) in [
        (r#"{"a":1,"z":2}"#, r#"{"a":1}"#),
        (r#"{"z":2,"a":1}"#, r#"{"a":1}"#),
        (r#"{"y":0, "z":2 , "a":1}"#, r#"{"a":1}"#),
        (
            r#"{ "a" : 1 , "y":0 , "z":[{}] , "b":{} }"#,
            r#"{ "a" : 1 , "b":{} }"#,
        ),
        (r#"{"z":1}"#, "{}"),
        (r#"{ "z":1, "y":2 }"#, "{  }"),
        (
            r#"{"b":{"z":1,"c":2,"y":3},"z":{"a":1}}"#,
            r#"{"b":{"c":2}}"#,
        ),
        (
            r#"{"n":[{"x":1.50,"z":1},{"z":1},7]}"#,
            r#"{"n":[{"x":1.50},{},7]}"#,
        ),
        (
            r#"{"a":{"free":{"form":1}}}"#,
            r#"{"a":{"free":{"form":1}}}"#,
        ),
        (r#"[1,{"z":1}]"#, r#"[1,{"z":1}]"#),
    ] {
        assert_eq!(cut(schema.clone(), text), kept, "{text}");
    }
}

#[test]
fn a_written_additional_properties_and_an_object_without_properties_are_open() {
    for schema in [
        json!({"properties": {"a": {}}, "additionalProperties": true}),
        json!({"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}),
        json!({"type": "object"}),
        json!({}),
        json!(true),
        json!({"anyOf": [{"properties": {"a": {}}}, {"type": "object"}]}),
    ] {
        assert_eq!(
            cut(schema.clone(), r#"{"a":1,"z":2}"#),
            r#"{"a":1,"z":2}"#,
            "{schema}"
        );
    }
    let patterned = json!({"patternProperties": {"^z": {}}});
    assert_eq!(cut(patterned, r#"{"a":1,"z":2}"#), r#"{"z":2}"#);
    let below = json!({"additionalProperties": {"properties": {"a": {}}}});
    assert_eq!(cut(below, r#"{"any":{"a":1,"z":2}}"#), r#"{"any":{"a":1}}"#);
}

#[test]
fn an_object_that_the_document_closes_loses_what_it_does_not_name() {
    for (schema, kept) in [
        (
            json!({"properties": {"a": {}}, "additionalProperties": false}),
            r#"{"a":1}"#,
        ),
        (
            json!({"properties": {"a": {}}, "unevaluatedProperties": false}),
            r#"{"a":1}"#,
        ),
        (
            json!({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": false}),
            r#"{"a":1}"#,
        ),
        (
            json!({"type": "object", "additionalProperties": false}),
            "{}",
        ),
    ] {
        assert_eq!(cut(schema.clone(), r#"{"a":1,"z":2}"#), kept, "{schema}");
    }
}

#[test]
fn members_declared_anywhere_that_applies_stay() {
    for schema in [
        json!({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}, {"type": "object"}]}),
        json!({"anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}),
        json!({"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}),
        json!({"properties": {"a": {}}, "if": {"properties": {"a": {"const": 1}}}, "then": {"properties": {"b": {}}}}),
        json!({"properties": {"a": {}}, "dependentSchemas": {"a": {"properties": {"b": {}}}}}),
        json!({"properties": {"a": {}}, "patternProperties": {"^b$": {}}}),
        json!({"properties": {"a": {}, "b": {}}, "anyOf": [{"required": ["a"]}, {"type": "object"}]}),
    ] {
        assert_eq!(
            cut(schema.clone(), r#"{"a":1,"b":2,"z":3}"#),
            r#"{"a":1,"b":2}"#,
            "{schema}"
        );
    }
}

#[test]
fn references_and_cycles_are_followed() {
    let shapes = shapes(json!({
        "1#/tree": {"properties": {"left": {"$ref": "#/$defs/1%23~1tree"}, "v": {}}},
        "1#/list": {"type": "array", "items": {"$ref": "#/$defs/1%23~1tree"}},
        "1#/self": {"$ref": "#/$defs/1%23~1self"},
        "1#/part": {"$ref": "#/$defs/1%23~1tree/properties/left"},
        "1#/lost": {"$ref": "#/$defs/nowhere"},
    }));
    let text = r#"{"left":{"left":{"v":1,"z":1},"z":1},"v":2}"#;
    let kept = r#"{"left":{"left":{"v":1}},"v":2}"#;
    assert_eq!(
        shaped(&shapes, "1#/tree", text),
        (
            kept.to_owned(),
            vec!["/left/left/z".to_owned(), "/left/z".to_owned()]
        )
    );
    assert_eq!(shaped(&shapes, "1#/part", text).0, kept);
    assert_eq!(
        shaped(&shapes, "1#/list", &format!("[{text}]")).0,
        format!("[{kept}]")
    );
    for open in ["1#/self", "1#/lost"] {
        assert_eq!(shaped(&shapes, open, text).0, text);
    }
}

#[test]
fn a_discriminator_chooses_the_branch_whose_members_count() {
    let defs = json!({
        "1#/components/schemas/Cat": {"properties": {"kind": {}, "lives": {}}},
        "1#/components/schemas/Dog": {"properties": {"kind": {}, "barks": {}}},
        "mapped": {"oneOf": [{"$ref": "#/$defs/1%23~1components~1schemas~1Cat"}, {"$ref": "#/$defs/1%23~1components~1schemas~1Dog"}],
            "discriminator": {"propertyName": "kind", "mapping": {"c": "#/$defs/1%23~1components~1schemas~1Cat"}}},
        "parent": {"properties": {"kind": {}}, "discriminator": {"propertyName": "kind", "mapping": {"d": "#/$defs/child"}}},
        "child": {"allOf": [{"$ref": "#/$defs/parent"}, {"properties": {"own": {}}}]},
        "open-parent": {"properties": {"kind": {}}, "discriminator": {"propertyName": "kind"}},
    });
    let shapes = shapes(defs);
    for (key, text, kept) in [
        (
            "mapped",
            r#"{"kind":"c","lives":9,"barks":1}"#,
            r#"{"kind":"c","lives":9}"#,
        ),
        (
            "mapped",
            r#"{"kind":"Dog","lives":9,"barks":1}"#,
            r#"{"kind":"Dog","barks":1}"#,
        ),
        (
            "mapped",
            r#"{"kind":"?","lives":9,"barks":1,"z":1}"#,
            r#"{"kind":"?","lives":9,"barks":1}"#,
        ),
        (
            "parent",
            r#"{"kind":"d","own":1,"z":1}"#,
            r#"{"kind":"d","own":1}"#,
        ),
        ("parent", r#"{"kind":"x","own":1}"#, r#"{"kind":"x"}"#),
        (
            "open-parent",
            r#"{"kind":"x","own":1}"#,
            r#"{"kind":"x","own":1}"#,
        ),
    ] {
        assert_eq!(shaped(&shapes, key, text).0, kept, "{key} {text}");
    }
}

#[test]
fn a_write_only_member_is_cut_although_it_is_named() {
    let schema = json!({"properties": {"id": {}, "password": {"not": {}, "x-bartizan-direction": "writeOnly"}}});
    assert_eq!(cut(schema, r#"{"id":1,"password":"x"}"#), r#"{"id":1}"#);
}

#[test]
fn all_are_counted_where_only_some_are_told() {
    let shapes = shapes(json!({"k": {"items": {"properties": {"a": {}}}}}));
    let text = format!("[{}]", vec![r#"{"a":1,"z":1}"#; 500].join(","));
    let found = shapes.apply(shapes.plan("k").unwrap(), &tape(&text), 3, ALL);
    assert_eq!((found.found.len(), found.count), (3, 500));
    assert_eq!(
        found.cut(text.as_bytes()).unwrap().len(),
        text.len() - 500 * 6
    );
}

/// Independent and slow: removes members of closed objects from a value.
fn oracle(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(map) => {
            let Some(Value::Object(properties)) = schema.get("properties") else {
                return;
            };
            map.retain(|name, _| properties.contains_key(name));
            for (name, child) in map.iter_mut() {
                oracle(&properties[name], child);
            }
        }
        Value::Array(items) => {
            for item in items {
                oracle(schema.get("items").unwrap_or(&Value::Null), item);
            }
        }
        _ => {}
    }
}

struct Seeded(u64);

impl Seeded {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33).checked_rem(bound).unwrap()
    }

    fn schema(&mut self, depth: u64) -> Value {
        match self.below(if depth == 0 { 1 } else { 4 }) {
            0 => json!({}),
            1 => json!({"items": self.schema(depth.saturating_sub(1))}),
            _ => {
                let names = ["a", "b", "c", "d"]
                    .into_iter()
                    .filter(|_| self.below(2) == 0)
                    .collect::<Vec<_>>();
                let properties: Map<String, Value> = names
                    .into_iter()
                    .map(|name| (name.to_owned(), self.schema(depth.saturating_sub(1))))
                    .collect();
                if properties.is_empty() {
                    json!({})
                } else {
                    json!({ "properties": properties })
                }
            }
        }
    }

    fn value(&mut self, depth: u64) -> Value {
        match self.below(if depth == 0 { 2 } else { 6 }) {
            0 => json!(self.below(99)),
            1 => json!("x"),
            2 => (0..self.below(4))
                .map(|_| self.value(depth.saturating_sub(1)))
                .collect(),
            _ => {
                let names = ["a", "b", "c", "d", "y", "z"]
                    .into_iter()
                    .filter(|_| self.below(2) == 0)
                    .collect::<Vec<_>>();
                names
                    .into_iter()
                    .map(|name| (name.to_owned(), self.value(depth.saturating_sub(1))))
                    .collect::<Map<_, _>>()
                    .into()
            }
        }
    }
}

#[test]
fn the_cut_equals_a_slow_removal_and_cutting_twice_changes_nothing() {
    let mut seeded = Seeded(7);
    let mut changed = 0_usize;
    for round in 0..3_000 {
        let (schema, mut value) = (seeded.schema(4), seeded.value(4));
        let text = if round % 2 == 0 {
            value.to_string()
        } else {
            serde_json::to_string_pretty(&value).unwrap()
        };
        let shapes = shapes(json!({ "k": schema }));
        let once = shaped(&shapes, "k", &text).0;
        oracle(&schema, &mut value);
        assert_eq!(
            serde_json::from_str::<Value>(&once).unwrap(),
            value,
            "{schema} {text}"
        );
        assert_eq!(shaped(&shapes, "k", &once), (once.clone(), Vec::new()));
        changed += usize::from(once != text);
    }
    assert!(changed > 500, "{changed}");
}
