//! Validators, their errors and the places that errors name.

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

fn spanned(text: &str, (start, end): (u32, u32)) -> &str {
    text.get(start as usize..end as usize).unwrap()
}

fn schemas(value: Value) -> Schemas {
    let Value::Object(map) = value else {
        panic!("not an object")
    };
    Schemas::build(&map).unwrap()
}

fn errors(schema: Value, text: &str) -> Vec<SchemaError> {
    let schemas = schemas(json!({ "1#/s": schema }));
    schemas.validate(schemas.validator("1#/s").unwrap(), &tape(text), 32)
}

fn told(schema: Value, text: &str) -> Vec<(String, String, String)> {
    errors(schema, text)
        .into_iter()
        .map(|error| (error.pointer, error.keyword, error.expected))
        .collect()
}

fn row(pointer: &str, keyword: &str, expected: &str) -> (String, String, String) {
    (pointer.to_owned(), keyword.to_owned(), expected.to_owned())
}

#[test]
fn a_breach_names_its_place_in_the_document_through_references() {
    let schemas = schemas(json!({
        "1#/paths/~1users/post": {"type": "array", "items": {"$ref": "#/$defs/1%23~1components~1schemas~1User%20x"}},
        "1#/components/schemas/User x": {
            "type": "object",
            "properties": {"name": {}, "age": {"type": "integer", "minimum": 18}},
            "required": ["name"],
            "additionalProperties": false,
        },
    }));
    let id = schemas.validator("1#/paths/~1users/post").unwrap();
    let text = r#"[{"name":"a","age":20},{"age":7,"is/admin":true}]"#;
    let tape = tape(text);
    let found = schemas.validate(id, &tape, 32);
    let key = "1#/components/schemas/User x".to_owned();
    let rows: Vec<_> = found
        .iter()
        .map(|e| (e.pointer.as_str(), e.keyword.as_str(), e.schema.1.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("/1", "required", "/required"),
            ("/1/age", "minimum", "/properties/age/minimum"),
            (
                "/1/is~1admin",
                "additionalProperties",
                "/additionalProperties"
            ),
        ]
    );
    assert!(found.iter().all(|error| error.schema.0 == key), "{found:?}");
    assert_eq!(found[1].expected, "at least 18");
    assert_eq!(spanned(text, found[1].span), "7");
    assert_eq!(spanned(text, found[2].span), "true");
}

#[test]
fn expectations_never_hold_the_value() {
    let secret = "sesame-opens-it";
    let schema = json!({
        "properties": {
            "a": {"type": "integer"}, "b": {"enum": ["x"]}, "c": {"const": 1}, "d": {"pattern": "^a$"},
            "e": {"format": "date"}, "f": {"maxLength": 2}, "g": {"not": {"type": "string"}},
            "h": {"anyOf": [{"type": "integer"}, {"type": "array"}]}, "i": {"items": {"type": "null"}},
            "j": {"uniqueItems": true}, "k": {"propertyNames": {"maxLength": 1}},
            "l": {"oneOf": [{"type": "string"}, {"minLength": 1}]}, "m": false,
            "n": {"prefixItems": [true], "unevaluatedItems": false},
        }
    });
    let members: Vec<String> = ["a", "b", "c", "d", "e", "f", "g", "h", "l", "m"]
        .iter()
        .map(|name| format!("\"{name}\":\"{secret}\""))
        .collect();
    let text = format!(
        "{{{},\"i\":[\"{secret}\"],\"j\":[\"{secret}\",\"{secret}\"],\"k\":{{\"{secret}\":1}},\"n\":[1,\"{secret}\"]}}",
        members.join(",")
    );
    let found = errors(schema, &text);
    assert!(found.len() >= 14, "{found:?}");
    assert!(!format!("{found:?}").contains(secret), "{found:?}");
}

#[test]
fn the_nearest_branch_is_told_below_one_of() {
    let schema = json!({"oneOf": [
        {"properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "required": ["kind", "lives"]},
        {"properties": {"kind": {"const": "dog"}, "name": {"type": "string"}}, "required": ["kind", "name"]},
        {"type": "string"},
    ]});
    let found = told(schema, r#"{"kind":"dog","name":5}"#);
    assert_eq!(
        found,
        [
            row("", "oneOf", "exactly one of 3 alternatives"),
            row("/name", "type", "string"),
        ]
    );
}

#[test]
fn numeric_and_binary_formats_hold_and_let_good_values_pass() {
    for (format, good, bad) in [
        ("int32", "2147483647", "2147483648"),
        ("int32", "-2147483648", "-2147483649"),
        ("int32", "1.0", "1e10"),
        ("uint8", "255", "256"),
        ("int8", "-128", "-129"),
        ("float", "3.4e38", "3.5e38"),
        ("uint64", "0", "-1"),
    ] {
        let schema = json!({"type": "number", "format": format});
        assert_eq!(told(schema.clone(), good), [], "{format} {good}");
        assert_eq!(
            told(schema, bad),
            [row("", "format", &format!("format {format}"))],
            "{format} {bad}"
        );
    }
    for (format, good, bad) in [
        ("byte", "\"aGk=\"", "\"a-b\""),
        ("base64url", "\"a-_b\"", "\"a+/b\""),
        ("char", "\"x\"", "\"xy\""),
        (
            "date-time",
            "\"2024-02-29T12:00:00Z\"",
            "\"2023-02-29T12:00:00Z\"",
        ),
        ("uuid", "\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"", "\"x\""),
        ("email", "\"a@example.com\"", "\"a\""),
        ("ipv4", "\"127.0.0.1\"", "\"127.0.0.256\""),
    ] {
        let schema = json!({"type": "string", "format": format});
        assert_eq!(told(schema.clone(), good), [], "{format} {good}");
        assert_eq!(
            told(schema, bad),
            [row("", "format", &format!("format {format}"))],
            "{format} {bad}"
        );
    }
    for format in ["password", "binary", "double", "int64", "no-such-format"] {
        assert_eq!(told(json!({"format": format}), "\"anything\""), []);
        assert_eq!(told(json!({"format": format}), "7"), []);
    }
    // A property that is named `format` is no format.
    assert_eq!(
        told(
            json!({"properties": {"format": {"type": "string"}}}),
            r#"{"format":"int32"}"#
        ),
        []
    );
}

#[test]
fn a_read_only_member_is_told_as_such() {
    let schema = json!({"properties": {"id": {"not": {}, "x-bartizan-direction": "readOnly"}}});
    assert_eq!(
        told(schema.clone(), r#"{"id":1}"#),
        [row(
            "/id",
            "readOnly",
            "no such member in a request: it is read-only"
        )]
    );
    assert_eq!(told(schema, r#"{"name":1}"#), []);
}

#[test]
fn a_broken_schema_spoils_only_what_needs_it() {
    let schemas = schemas(json!({
        "1#/good": {"type": "string"},
        "1#/regex": {"properties": {"a": {"pattern": "(unclosed"}}},
        "1#/uses": {"items": {"$ref": "#/$defs/1%23~1regex"}},
        "1#/dangling": {"$ref": "#/$defs/1%23~1none"},
        "1#/malformed": {"properties": {"a": {"type": "strin"}}},
        "1#/remote": {"properties": {"a": {"$ref": "https://example.com/x.json"}}},
        "1#/uses-malformed": {"$ref": "#/$defs/1%23~1malformed", "minimum": 1},
    }));
    let keys: Vec<&str> = schemas.defs().keys().map(String::as_str).collect();
    let faults = schemas.compile_all(keys);
    let told: Vec<_> = faults
        .iter()
        .map(|fault| (fault.key.as_str(), fault.at.0.as_str(), fault.at.1.as_str()))
        .collect();
    assert_eq!(
        told.iter().map(|row| row.0).collect::<Vec<_>>(),
        [
            "1#/regex",
            "1#/uses",
            "1#/dangling",
            "1#/malformed",
            "1#/remote",
            "1#/uses-malformed"
        ]
    );
    assert_eq!(told[0], ("1#/regex", "1#/regex", "/properties/a/pattern"));
    assert_eq!(told[1], ("1#/uses", "1#/regex", "/properties/a/pattern"));
    assert_eq!(told[3].1, "1#/malformed");
    assert_eq!(told[5].1, "1#/malformed");
    let good = schemas.validator("1#/good").unwrap();
    assert!(schemas.is_valid(good, &tape("\"x\"")));
    let broken = schemas.validator("1#/dangling").unwrap();
    assert!(!schemas.validate(broken, &tape("1"), 32).is_empty());
}

#[test]
fn look_around_works_within_its_step_cap_and_a_bomb_is_refused() {
    let schema = json!({"pattern": "^(?=.*[0-9])(?=.*[a-z]).{4,}$"});
    assert_eq!(told(schema.clone(), "\"abc1\""), []);
    assert_eq!(told(schema, "\"abcd\"").len(), 1);
    let bomb = json!({"pattern": "^(?=(a+)+\\1$)b?(a|aa)+$"});
    let found = told(bomb, &format!("\"{}!\"", "a".repeat(5_000)));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn keys_that_only_refer_share_one_validator() {
    let schemas = schemas(json!({
        "1#/a": {"$ref": "#/$defs/1%23~1b", "description": "x"},
        "1#/b": {"type": "string"},
        "1#/c": {"$ref": "#/$defs/1%23~1b", "minLength": 2},
        "1#/d": {"$ref": "#/$defs/1%23~1d"},
    }));
    assert_eq!(schemas.validator("1#/a"), schemas.validator("1#/b"));
    assert_ne!(schemas.validator("1#/c"), schemas.validator("1#/b"));
    assert_eq!(schemas.validator("1#/none"), None);
    // A schema that refers to itself alone allows everything and ends.
    let _ = schemas.compile_all(["1#/d"]);
}

#[test]
fn errors_are_sorted_and_bounded() {
    let schema = json!({"items": {"type": "string", "minLength": 2}});
    let text = format!("[{}]", vec!["7"; 1000].join(","));
    let schemas = schemas(json!({ "k": schema }));
    let found = schemas.validate(schemas.validator("k").unwrap(), &tape(&text), 5);
    assert_eq!(found.len(), 6);
    assert!(found[..5].is_sorted());
    assert_eq!((&*found[5].pointer, &*found[5].expected), ("", UNTOLD));
    let few = schemas.validate(schemas.validator("k").unwrap(), &tape("[7,7,7,7,7]"), 5);
    assert_eq!(few.len(), 5);
}

#[test]
fn a_huge_hostile_body_is_refused_with_its_first_breach() {
    let text = format!("[{}]", vec!["7"; 50_000].join(","));
    let schemas = schemas(json!({"k": {"items": {"type": "string"}}}));
    let found = schemas.validate(schemas.validator("k").unwrap(), &tape(&text), 32);
    assert_eq!(
        found
            .iter()
            .map(|error| (error.pointer.as_str(), error.expected == UNTOLD))
            .collect::<Vec<_>>(),
        [("/0", false), ("", true)]
    );
}

/// 1,000 components and 2,000 roots, as in documents of large public APIs.
pub(crate) fn large() -> Map<String, Value> {
    let mut map = Map::new();
    for number in 0..1_000_usize {
        let other = |step: usize| json!({"$ref": format!("#/$defs/1%23~1components~1schemas~1C{}", number.wrapping_mul(7).wrapping_add(step.wrapping_mul(13)) % 1_000)});
        let small = number % 4 != 0;
        let mut properties = Map::new();
        for field in 0..12 {
            properties.insert(
                format!("field_{field}"),
                json!({"type": ["string", "null"], "maxLength": 200, "description": "x"}),
            );
        }
        properties.insert(
            "id".to_owned(),
            json!({"type": "integer", "format": "int64"}),
        );
        properties.insert("url".to_owned(), json!({"type": "string", "format": "uri", "pattern": format!("^https?://h{}", number % 50)}));
        if !small {
            properties.insert("owner".to_owned(), other(1));
            properties.insert(
                "list".to_owned(),
                json!({"type": "array", "items": other(2)}),
            );
        }
        map.insert(
            format!("1#/components/schemas/C{number}"),
            json!({"type": "object", "properties": properties, "required": ["id", "url"]}),
        );
    }
    for number in 0..2_000_usize {
        let target =
            json!({"$ref": format!("#/$defs/1%23~1components~1schemas~1C{}", number % 1_000)});
        let root = if number % 3 == 0 {
            json!({"type": "array", "items": target})
        } else {
            target
        };
        map.insert(format!("1#/paths/~1p{number}/get"), root);
    }
    map
}

#[test]
#[ignore = "prints build times; run with --ignored --nocapture"]
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement needs a clock"
)]
fn measure_the_build_of_a_large_document() {
    let map = large();
    let start = std::time::Instant::now();
    let schemas = Schemas::build(&map).unwrap();
    eprintln!("build (meta-schema, index): {:?}", start.elapsed());
    let start = std::time::Instant::now();
    let keys: Vec<&str> = map
        .keys()
        .filter(|key| key.contains("/paths/"))
        .map(String::as_str)
        .collect();
    let faults = schemas.compile_all(keys);
    eprintln!(
        "compile of all 2,000 roots ({} slots): {:?}, {} faults",
        schemas.slots.len(),
        start.elapsed(),
        faults.len()
    );
}

/// 16 fields, 1.7 kB, with its schema: the body of the published figures.
fn sixteen_fields() -> (Value, String) {
    let filler =
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt";
    let mut members = Map::new();
    let mut properties = Map::new();
    for number in 0..8_usize {
        members.insert(
            format!("text_{number}"),
            json!(format!("{filler} {number} {filler}")),
        );
        properties.insert(
            format!("text_{number}"),
            json!({"type": "string", "minLength": 1, "maxLength": 500}),
        );
    }
    for (name, value, schema) in [
        (
            "id",
            json!(123_456),
            json!({"type": "integer", "format": "int64", "minimum": 1}),
        ),
        (
            "price",
            json!(19.99),
            json!({"type": "number", "minimum": 0, "exclusiveMaximum": 10_000}),
        ),
        ("active", json!(true), json!({"type": "boolean"})),
        (
            "state",
            json!("open"),
            json!({"type": "string", "enum": ["open", "closed", "void"]}),
        ),
        (
            "uuid",
            json!("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
            json!({"type": "string", "format": "uuid"}),
        ),
        (
            "created",
            json!("2026-11-25T03:00:00Z"),
            json!({"type": "string", "format": "date-time"}),
        ),
        (
            "tags",
            json!(["a", "bb", "ccc"]),
            json!({"type": "array", "items": {"type": "string"}, "maxItems": 10}),
        ),
        (
            "owner",
            json!({"id": 7, "name": "Ada"}),
            json!({"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}, "required": ["id"]}),
        ),
    ] {
        members.insert(name.to_owned(), value);
        properties.insert(name.to_owned(), schema);
    }
    let required: Vec<&String> = properties.keys().collect();
    let schema = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    (schema, Value::Object(members).to_string())
}

#[test]
#[ignore = "prints times; run with --release --ignored --nocapture"]
#[allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a measurement needs a clock"
)]
fn measure_sixteen_fields() {
    let (schema, text) = sixteen_fields();
    let shape = json!({"properties": schema["properties"]});
    let schemas = schemas(json!({ "k": schema, "s": shape }));
    let id = schemas.validator("k").unwrap();
    let shapes = schemas.shapes();
    let plan = shapes.plan("s").unwrap();
    let bounds = Bounds::default();
    let parsed = tape(&text);
    assert_eq!(schemas.validate(id, &parsed, 32), []);
    let rounds = 100_000_u32;
    let time = |name: &str, work: &mut dyn FnMut()| {
        let best = (0..5).map(|_| {
            let start = std::time::Instant::now();
            (0..rounds / 5).for_each(|_| work());
            start.elapsed() / (rounds / 5)
        });
        eprintln!("{name}: {:?}", best.min().unwrap());
    };
    eprintln!("{} bytes", text.len());
    time("parse", &mut || {
        let mut budget = Budget::new(&bounds);
        let tape = parse_json(text.as_bytes(), &JsonRules::STRICT, &bounds, &mut budget).unwrap();
        std::hint::black_box(tape);
    });
    time("serde_json to Value", &mut || {
        std::hint::black_box(serde_json::from_str::<Value>(&text).unwrap());
    });
    time("validate", &mut || {
        std::hint::black_box(schemas.is_valid(id, &parsed));
    });
    let cuts = crate::shape::Cuts {
        undeclared: crate::shape::Cut::All,
        secret: crate::shape::Cut::All,
    };
    time("shape", &mut || {
        std::hint::black_box(shapes.apply(plan, &parsed, 32, cuts).count);
    });
}
