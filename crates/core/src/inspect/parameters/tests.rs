//! The style table of OpenAPI 3.1, and what is reported before any schema is asked.

use serde_json::{Map, Value, json};

use super::*;
use crate::parse::{ParseRules, Parts, form, multipart, parse_parts, part};
use crate::policy::form::MediaForm;

fn parameter(place: &str, style: &str, explode: bool, more: &Value) -> ParameterForm {
    let mut form = json!({
        "name": "color", "in": place, "required": false, "style": style, "explode": explode,
        "allow_empty": false, "content": null, "schema": "s",
        "source": {"document": 1, "pointer": "/p"},
    });
    for (key, value) in more.as_object().unwrap() {
        form[key] = value.clone();
    }
    serde_json::from_value(form).unwrap()
}

fn schemas(schema: &Value) -> Map<String, Value> {
    let mut schemas = Map::new();
    schemas.insert("s".into(), schema.clone());
    schemas
}

/// Where the text of one test travels.
struct Sent<'t> {
    target: &'t str,
    path: &'t [(&'t str, &'t str)],
    fields: &'t [(&'t str, &'t str)],
}

fn decode(all: &Parameters, sent: &Sent<'_>) -> (Vec<Option<Value>>, Vec<Reason>) {
    let bounds = Bounds::default();
    let mut budget = Budget::new(&bounds);
    let fields = sent
        .fields
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    let target = sent.target.as_bytes();
    let parts = Parts {
        method: b"GET",
        target,
        fields: fields.clone(),
    };
    let request = parse_parts(parts, &ParseRules::default(), &bounds, &mut budget);
    let sources = Sources {
        request: &request,
        fields,
        path: sent.path,
    };
    let values = all.decode(&sources, &bounds, &mut budget);
    let list = values
        .list
        .iter()
        .map(|value| value.tape.as_ref().map(|t| t.value(t.root())));
    (list.collect(), values.reasons)
}

fn compile(form: ParameterForm, schema: &Value, closed: bool) -> Parameters {
    Parameters::compile(
        &[form],
        closed,
        &[],
        &SourceForm::default(),
        &schemas(schema),
    )
}

fn one(place: &str, style: &str, explode: bool, schema: &Value, raw: &str) -> Value {
    let all = compile(parameter(place, style, explode, &json!({})), schema, false);
    let cookie = format!("color={raw}");
    let target = if place == "query" {
        format!("/?{raw}")
    } else {
        "/".to_owned()
    };
    let fields = match place {
        "header" => vec![("Host", "h"), ("Color", raw)],
        "cookie" => vec![
            ("Host", "h"),
            ("Cookie", if raw.contains('=') { raw } else { &cookie }),
        ],
        _ => vec![("Host", "h")],
    };
    let path = [("color", raw)];
    let path = if place == "path" { &path[..] } else { &[] };
    let (list, reasons) = decode(
        &all,
        &Sent {
            target: &target,
            path,
            fields: &fields,
        },
    );
    assert!(reasons.is_empty(), "{raw}: {reasons:?}");
    list.into_iter()
        .next()
        .unwrap_or_else(|| panic!("{raw} was not found"))
        .unwrap_or(json!("<any>"))
}

fn words() -> Value {
    json!({"type": "array", "items": {"type": "string"}})
}

fn rgb() -> Value {
    let number = json!({"type": "integer", "minimum": -9});
    json!({"type": "object", "properties": {"R": number, "G": number, "B": number}})
}

#[test]
fn the_style_table_is_read_as_openapi_writes_it() {
    let list = json!(["blue", "black", "brown"]);
    let object = json!({"R": 100, "G": 200, "B": 150});
    let number = json!({"type": "integer", "minimum": -9});
    for (place, style, explode, schema, raw, expected) in [
        ("path", "matrix", false, &number, ";color=5", &json!(5)),
        (
            "path",
            "matrix",
            false,
            &words(),
            ";color=blue,black,brown",
            &list,
        ),
        (
            "path",
            "matrix",
            false,
            &rgb(),
            ";color=R,100,G,200,B,150",
            &object,
        ),
        (
            "path",
            "matrix",
            true,
            &words(),
            ";color=blue;color=black;color=brown",
            &list,
        ),
        (
            "path",
            "matrix",
            true,
            &rgb(),
            ";R=100;G=200;B=150",
            &object,
        ),
        ("path", "label", false, &number, ".5", &json!(5)),
        ("path", "label", false, &words(), ".blue,black,brown", &list),
        ("path", "label", true, &words(), ".blue.black.brown", &list),
        (
            "path",
            "label",
            false,
            &rgb(),
            ".R,100,G,200,B,150",
            &object,
        ),
        ("path", "label", true, &rgb(), ".R=100.G=200.B=150", &object),
        ("path", "simple", false, &number, "5", &json!(5)),
        ("path", "simple", false, &words(), "blue,black,brown", &list),
        ("path", "simple", true, &words(), "blue,black,brown", &list),
        (
            "path",
            "simple",
            false,
            &rgb(),
            "R,100,G,200,B,150",
            &object,
        ),
        ("path", "simple", true, &rgb(), "R=100,G=200,B=150", &object),
        (
            "header",
            "simple",
            false,
            &words(),
            "blue, black,brown",
            &list,
        ),
        (
            "header",
            "simple",
            true,
            &rgb(),
            "R=100, G=200,B=150",
            &object,
        ),
        ("query", "form", true, &number, "color=5", &json!(5)),
        (
            "query",
            "form",
            true,
            &words(),
            "color=blue&color=black&color=brown",
            &list,
        ),
        (
            "query",
            "form",
            false,
            &words(),
            "color=blue,black,brown",
            &list,
        ),
        (
            "query",
            "form",
            false,
            &words(),
            "color=blue%2Cblack%2Cbrown",
            &list,
        ),
        (
            "query",
            "form",
            false,
            &rgb(),
            "color=R,100,G,200,B,150",
            &object,
        ),
        ("query", "form", true, &rgb(), "R=100&G=200&B=150", &object),
        (
            "query",
            "spaceDelimited",
            false,
            &words(),
            "color=blue%20black+brown",
            &list,
        ),
        (
            "query",
            "spaceDelimited",
            false,
            &rgb(),
            "color=R%20100%20G%20200%20B%20150",
            &object,
        ),
        (
            "query",
            "pipeDelimited",
            false,
            &words(),
            "color=blue%7Cblack|brown",
            &list,
        ),
        (
            "query",
            "pipeDelimited",
            false,
            &rgb(),
            "color=R|100|G|200|B|150",
            &object,
        ),
        (
            "query",
            "tabDelimited",
            false,
            &words(),
            "color=blue%09black%09brown",
            &list,
        ),
        (
            "query",
            "deepObject",
            true,
            &rgb(),
            "color[R]=100&color[G]=200&color%5BB%5D=150",
            &object,
        ),
        ("cookie", "form", true, &number, "5", &json!(5)),
        ("cookie", "form", false, &words(), "blue,black,brown", &list),
    ] {
        let found = one(place, style, explode, schema, raw);
        let same = found == *expected;
        assert!(same, "{place} {style} {explode} {raw}: {found}");
    }
}

#[test]
fn text_becomes_the_type_its_schema_wants_or_stays_text() {
    for (schema, raw, expected) in [
        (json!({"type": "integer", "minimum": -9}), "5", json!(5)),
        (json!({"type": "integer", "minimum": -9}), "-5", json!(-5)),
        (json!({"type": "integer", "minimum": -9}), "05", json!("05")),
        (json!({"type": "integer", "minimum": -9}), "5x", json!("5x")),
        (json!({"type": "integer", "minimum": -9}), "", json!("")),
        (json!({"type": "number"}), "1.5e3", json!(1500.0)),
        (json!({"type": "number"}), "NaN", json!("NaN")),
        (json!({"type": "number"}), "1e999", json!("1e999")),
        (
            json!({"type": "boolean", "not": {"const": 1}}),
            "true",
            json!(true),
        ),
        (
            json!({"type": "boolean", "not": {"const": 1}}),
            "True",
            json!("True"),
        ),
        (json!({"type": ["integer", "null"]}), "null", json!(null)),
        (
            json!({"type": ["string", "null"], "maxLength": 9}),
            "null",
            json!("null"),
        ),
        (json!({"type": "string", "minLength": 1}), "5", json!("5")),
        (
            json!({"anyOf": [{"type": "integer"}, {"type": "string"}]}),
            "5",
            json!(5),
        ),
        (
            json!({"anyOf": [{"type": "integer"}, {"type": "string"}]}),
            "12.5",
            json!("12.5"),
        ),
        (
            json!({"anyOf": [{"type": "number"}, {"type": "string"}]}),
            "12.5",
            json!(12.5),
        ),
        (json!({"enum": [1, 2]}), "2", json!(2)),
        (
            json!({"type": "array", "items": {"type": "integer"}}),
            "1",
            json!([1]),
        ),
        (
            json!({"type": "array", "items": {"type": "integer"}}),
            "",
            json!([]),
        ),
        (
            json!({"type": "array", "items": {"type": "boolean"}}),
            "x",
            json!(["x"]),
        ),
    ] {
        let found = one("query", "form", true, &schema, &format!("color={raw}"));
        assert_eq!(found, expected, "{schema} {raw}");
    }
}

#[test]
fn malformed_styles_stay_text_so_that_the_validator_reports_them() {
    for (style, explode, schema, raw) in [
        ("matrix", false, &words(), "color=blue"),
        ("matrix", true, &words(), ";colour=blue"),
        ("label", false, &words(), "blue"),
        ("simple", false, &rgb(), "R,100,G"),
        ("simple", true, &rgb(), "R=100,G"),
    ] {
        assert_eq!(
            one("path", style, explode, schema, raw),
            json!(raw),
            "{style} {raw}"
        );
    }
}

#[test]
fn a_plain_string_needs_no_validator() {
    assert_eq!(
        one("query", "form", true, &json!({"type": "string"}), "color=x"),
        json!("<any>")
    );
    assert_eq!(
        one("path", "simple", false, &json!({"type": "string"}), "x"),
        json!("<any>")
    );
}

#[test]
fn missing_repeated_and_undeclared_parameters_are_reported() {
    let host = [("Host", "h")];
    let codes = |more: Value, schema: Value, target: &str| {
        let all = compile(parameter("query", "form", true, &more), &schema, true);
        let (_, reasons) = decode(
            &all,
            &Sent {
                target,
                path: &[],
                fields: &host,
            },
        );
        let shown = |reason: &Reason| (reason.code, reason.value.clone());
        assert!(reasons.iter().all(|one| one.place.name.starts_with("colo")));
        reasons.iter().map(shown).collect::<Vec<_>>()
    };
    let text = json!({"type": "string"});
    let value = |text: &str| Some(text.to_owned());
    assert_eq!(
        codes(json!({"required": true}), text.clone(), "/"),
        [(Code::InspectParameterMissing, None)]
    );
    assert_eq!(codes(json!({}), text.clone(), "/"), []);
    assert_eq!(
        codes(json!({"required": true}), text.clone(), "/?color="),
        []
    );
    let twice = codes(json!({}), text.clone(), "/?color=a&color=b");
    assert_eq!(twice, [(Code::InspectParameterRepeated, value("a, b"))]);
    assert_eq!(codes(json!({}), words(), "/?color=a&color=b"), []);
    let other = codes(json!({}), text, "/?colour=a");
    assert_eq!(other, [(Code::InspectParameterUndeclared, value("a"))]);
    let deep = json!({"style": "deepObject"});
    assert_eq!(
        codes(deep, rgb(), "/?color[R]=1&color[R]=2"),
        [(Code::InspectParameterRepeated, value("1, 2"))]
    );
}

#[test]
fn json_content_is_parsed_strictly() {
    let form = || {
        parameter(
            "query",
            "form",
            true,
            &json!({"content": "application/json"}),
        )
    };
    let host = [("Host", "h")];
    let good = Sent {
        target: "/?color=%7B%22a%22:[1]%7D",
        path: &[],
        fields: &host,
    };
    assert_eq!(
        decode(&compile(form(), &rgb(), true), &good).0,
        [Some(json!({"a": [1]}))]
    );
    let bad = Sent {
        target: "/?color={'a':1}",
        path: &[],
        fields: &host,
    };
    let (list, reasons) = decode(&compile(form(), &rgb(), true), &bad);
    assert!(list.is_empty());
    assert_eq!(
        (reasons[0].code, reasons[0].place.name.as_ref()),
        (Code::ParseBadJson, "color")
    );
}

#[test]
fn headers_repeat_only_as_lists_and_reserved_names_are_ignored() {
    let all = compile(
        parameter("header", "simple", false, &json!({})),
        &words(),
        false,
    );
    let fields = [("Host", "h"), ("Color", "a"), ("color", "b, c")];
    let sent = Sent {
        target: "/",
        path: &[],
        fields: &fields,
    };
    assert_eq!(decode(&all, &sent).0, [Some(json!(["a", "b", "c"]))]);
    let text = json!({"type": "string", "minLength": 1});
    let single = compile(
        parameter("header", "simple", false, &json!({})),
        &text,
        false,
    );
    assert_eq!(
        decode(&single, &sent).1[0].code,
        Code::InspectParameterRepeated
    );
    let named = parameter("header", "simple", false, &json!({"name": "authorization"}));
    assert!(compile(named, &words(), false).list().is_empty());
}

fn media(encoding: Value) -> MediaForm {
    let source = json!({"document": 1, "pointer": "/b"});
    serde_json::from_value(json!({"schema": "s", "encoding": encoding, "source": source})).unwrap()
}

fn form_body(schema: &Value, encoding: Value, body: &str) -> (Value, Vec<Code>) {
    let bounds = Bounds::default();
    let mut budget = Budget::new(&bounds);
    let (form, faults) = form::read_form(body.as_bytes(), &CodeSet::new(), &bounds, &mut budget);
    assert!(faults.is_empty());
    let found = BodyFields::compile(&media(encoding), &schemas(schema)).form(&form);
    let codes = found.reasons.iter().map(|reason| reason.code).collect();
    (found.tape.value(found.tape.root()), codes)
}

fn order() -> Value {
    json!({"type": "object", "properties": {
        "n": {"type": "integer"}, "ids": {"type": "array", "items": {"type": "integer"}},
        "ok": {"type": "boolean"}, "at": {"type": "object", "properties": {"x": {"type": "integer"}}},
        "file": {"type": "string", "minLength": 1}}, "additionalProperties": false})
}

#[test]
fn form_fields_become_one_object() {
    let body = "n=5&ids=1&ids=2&ok=true&at=%7B%22x%22%3A1%7D&other=7";
    let expected = json!({"n": 5, "ids": [1, 2], "ok": true, "at": {"x": 1}, "other": "7"});
    assert_eq!(form_body(&order(), json!({}), body), (expected, vec![]));
    let (_, codes) = form_body(&order(), json!({}), "n=5&n=6");
    assert_eq!(codes, [Code::InspectParameterRepeated]);
    let encoding = json!({
        "ids": {"content_types": [], "style": "form", "explode": false},
        "at": {"content_types": [], "style": "deepObject", "explode": true},
    });
    let found = form_body(&order(), encoding, "ids=1,2&at[x]=3");
    assert_eq!(found, (json!({"ids": [1, 2], "at": {"x": 3}}), vec![]));
    assert_eq!(
        form_body(&order(), json!({}), "ids[]=1&n=x").0,
        json!({"ids": [1], "n": "x"})
    );
}

fn parts_body(encoding: Value, parts: &[(&str, &str, &str)]) -> (Value, Vec<Reason>) {
    let mut body = String::new();
    for (name, head, content) in parts {
        body += &format!(
            "--X\r\nContent-Disposition: form-data; name=\"{name}\"{head}\r\n\r\n{content}\r\n"
        );
    }
    body += "--X--\r\n";
    let bounds = Bounds::default();
    let mut budget = Budget::new(&bounds);
    let naming = part::Naming::Named;
    let read =
        multipart::read_multipart(body.as_bytes(), "X", naming, &bounds, &mut budget).unwrap();
    let fields = BodyFields::compile(&media(encoding), &schemas(&order()));
    let found = fields.multipart(body.as_bytes(), &read, &bounds, &mut budget);
    (found.tape.value(found.tape.root()), found.reasons)
}

#[test]
fn multipart_parts_become_one_object() {
    let json_head = "\r\nContent-Type: application/json";
    let file = "; filename=\"a.bin\"\r\nContent-Type: image/png";
    let (value, reasons) = parts_body(
        json!({}),
        &[
            ("n", "", "5"),
            ("ids", "", "1"),
            ("ids", "", "2"),
            ("at", json_head, "{\"x\": 1}"),
            ("file", file, "5"),
            ("other", "", "7"),
        ],
    );
    let expected = json!({"n": 5, "ids": [1, 2], "at": {"x": 1}, "file": "5", "other": "7"});
    assert_eq!((value, reasons), (expected, vec![]));
    let (value, _) = parts_body(json!({}), &[("ids", json_head, "[1, 2]")]);
    assert_eq!(value, json!({"ids": [1, 2]}));
}

#[test]
fn json_in_a_part_is_strict_and_a_part_that_is_no_list_comes_once() {
    let head = "\r\nContent-Type: application/json";
    let (_, torn) = parts_body(json!({}), &[("at", head, "{\"x\": 1, \"x\": 2}")]);
    assert_eq!(torn[0].code, Code::ParseDuplicateKey);
    let (_, twice) = parts_body(json!({}), &[("n", "", "1"), ("n", "", "2")]);
    assert_eq!(twice[0].code, Code::InspectParameterRepeated);
}

fn whole(content: &str, schema: &Value, query: &str) -> (Vec<Option<Value>>, Vec<Reason>) {
    let more = json!({"content": content, "required": true});
    let all = compile(parameter("querystring", "form", true, &more), schema, true);
    let sent = Sent {
        target: &format!("/{query}"),
        path: &[],
        fields: &[("Host", "h")],
    };
    decode(&all, &sent)
}

#[test]
fn the_whole_query_is_one_form() {
    let form = "application/x-www-form-urlencoded";
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}});
    let (list, reasons) = whole(form, &schema, "?n=7&other=x");
    assert_eq!(list, [Some(json!({"n": 7, "other": "x"}))]);
    assert!(reasons.is_empty(), "{reasons:?}");
    let (list, reasons) = whole(form, &schema, "");
    assert!(list.is_empty());
    assert_eq!(reasons[0].code, Code::InspectParameterMissing);
}

#[test]
fn the_whole_query_is_one_json_text_where_it_says_so() {
    let schema = json!({"type": "object"});
    let (list, reasons) = whole("application/json", &schema, "?%7B%22a%22%3A%22x%2B+%22%7D");
    assert_eq!(list, [Some(json!({"a": "x++"}))]);
    assert!(reasons.is_empty(), "{reasons:?}");
    let (_, reasons) = whole("application/json", &schema, "?a=1");
    assert_eq!(reasons[0].code, Code::ParseBadJson);
}
