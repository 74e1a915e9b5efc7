//! The body of a Request: its coding taken off, read as its declared media type, held against its
//! schema. One reading serves the inspection and what is forwarded.

use std::borrow::Cow;

use super::parameters::text_tape;
use super::request_parts::multipart;
use super::schema::{SchemaError, ValidatorId};
use super::sequence::sequence;
use super::xml::xml;
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::parse::coding::decode;
use crate::parse::form::read_form;
use crate::parse::json::{JsonRules, Kind, NodeId, Tape, parse_json};
use crate::parse::request::to_usize;
use crate::parse::text::read_text;
use crate::parse::{CodeSet, Request};
use crate::policy::{Media, MediaKind, Policy};
use crate::shape::{Cut, Cuts, PlanId, What};

/// What `inspect_body` gives.
#[derive(Debug, Default)]
pub struct BodyView {
    /// The bytes without their content coding; `None` where there was none.
    pub decoded: Option<Vec<u8>>,
    /// What stands against the body.
    pub reasons: Vec<Reason>,
}

/// Which body, by which rules.
pub struct BodyTask<'t> {
    /// Its declared media type.
    pub media: &'t Media,
    /// Its head.
    pub request: &'t Request,
    /// Relaxed parse rules of the Operation.
    pub relaxed: &'t CodeSet,
    /// Where the body is declared, if members that its schema does not name are refused.
    pub closed: Option<&'t Source>,
    /// Cap of the decoded bytes.
    pub max_bytes: u64,
    /// The Policy.
    pub policy: &'t Policy,
}

/// Reads and holds the body against its schema. Cost: O(decoded bytes), drawn from `budget`.
#[must_use]
pub fn inspect_body(task: &BodyTask<'_>, body: &[u8], budget: &mut Budget) -> BodyView {
    let bounds = &task.policy.bounds;
    let decoded = match task.request.coding() {
        None => None,
        Some(coding) => match decode(coding, body, task.max_bytes, bounds, budget) {
            Ok(decoded) => Some(decoded),
            Err(code) => {
                let place = Place::named(Location::Header, "content-encoding");
                let reason = Reason::new(code, place).expected(format!(
                    "a whole coding of at most {} bytes decoded",
                    task.max_bytes
                ));
                return BodyView {
                    decoded: None,
                    reasons: vec![reason],
                };
            }
        },
    };
    let reasons = read(task, decoded.as_deref().unwrap_or(body), budget);
    BodyView { decoded, reasons }
}

fn read(task: &BodyTask<'_>, body: &[u8], budget: &mut Budget) -> Vec<Reason> {
    let bounds = &task.policy.bounds;
    match task.media.kind {
        MediaKind::Json => json(task, body, budget),
        MediaKind::Form => {
            let (form, mut reasons) = read_form(body, task.relaxed, bounds, budget);
            if let Some(fields) = task.media.fields.as_ref().filter(|_| reasons.is_empty()) {
                let read = fields.form(&form);
                reasons = read.reasons;
                reasons.extend(validate(task, &read.tape, budget));
            }
            reasons
        }
        MediaKind::Multipart => multipart(task, body, budget),
        MediaKind::Text => match read_text(body) {
            Ok(text) => validate(task, &text_tape(text), budget),
            Err((code, at)) => {
                vec![Reason::new(code, Place::of(Location::Body)).span(at, at.saturating_add(1))]
            }
        },
        MediaKind::JsonLines | MediaKind::JsonSequence => sequence(task, body, budget),
        MediaKind::Xml => xml(task, body, budget),
        MediaKind::EventStream | MediaKind::Opaque => Vec::new(),
    }
}

fn json(task: &BodyTask<'_>, body: &[u8], budget: &mut Budget) -> Vec<Reason> {
    match read_json(task, body, budget) {
        Ok(tape) => validate(task, &tape, budget),
        Err(fault) => vec![*fault],
    }
}

/// Reads the whole body, or one piece of it.
pub(super) fn read_json(
    task: &BodyTask<'_>,
    text: &[u8],
    budget: &mut Budget,
) -> Result<Tape, Box<Reason>> {
    let rules = json_rules(task.relaxed);
    parse_json(text, &rules, &task.policy.bounds, budget).map_err(|fault| {
        let reason = Reason::new(fault.code, Place::at(Location::Body, fault.pointer));
        let (start, end) = (to_usize(fault.span.0), to_usize(fault.span.1));
        Box::new(reason.span(start, end).expected(fault.expected))
    })
}

/// What the schema of the whole body says against a value, and a closed body against its members.
pub(super) fn validate(task: &BodyTask<'_>, tape: &Tape, budget: &mut Budget) -> Vec<Reason> {
    let Media { schema, shape, .. } = task.media;
    validate_by(task, (*schema, *shape), tape, budget)
}

/// What a schema of the body says against a value, and a closed body against its members.
pub(super) fn validate_by(
    task: &BodyTask<'_>,
    (schema, shape): (Option<ValidatorId>, Option<PlanId>),
    tape: &Tape,
    budget: &mut Budget,
) -> Vec<Reason> {
    let Some(schema) = schema else {
        return Vec::new();
    };
    if budget.take(tape.len()).is_err() {
        return vec![Reason::new(Code::InternalBudget, Place::of(Location::Body))];
    }
    let errors = task
        .policy
        .schemas
        .validate(schema, tape, task.policy.bounds.errors_max);
    let mut reasons: Vec<Reason> = errors
        .into_iter()
        .map(|error| schema_reason(Code::InspectBodySchema, Location::Body, error, tape))
        .collect();
    if let (Some(source), Some(shape)) = (task.closed, shape) {
        if budget.take(tape.len()).is_err() {
            return vec![Reason::new(Code::InternalBudget, Place::of(Location::Body))];
        }
        report_undeclared(task, (shape, source), tape, &mut reasons);
    }
    reasons
}

/// Members that no schema which applies to their object names; those that a schema forbids are
/// told by it already.
fn report_undeclared(
    task: &BodyTask<'_>,
    (shape, source): (PlanId, &Source),
    tape: &Tape,
    reasons: &mut Vec<Reason>,
) {
    let cuts = Cuts {
        undeclared: Cut::None,
        secret: Cut::None,
    };
    let shapes = task.policy.schemas.shapes();
    let most = task.policy.bounds.errors_max;
    for found in shapes.apply(shape, tape, u32::MAX, cuts).found {
        let is_told = |reason: &Reason| reason.place.pointer == found.pointer;
        if found.what != What::Undeclared || reasons.iter().any(is_told) {
            continue;
        }
        let value = tape.resolve(&found.pointer).map(|node| shown(tape, node));
        let (start, end) = found.span;
        let reason = Reason::new(
            Code::InspectBodyUndeclared,
            Place::at(Location::Body, found.pointer),
        );
        let reason = reason.value(&value.unwrap_or_default()).span(start, end);
        let reason = reason.source(source).expected("a declared member");
        reason.tell(reasons, most);
    }
}

/// The relaxations that the JSON reader knows.
#[must_use]
pub fn json_rules(relaxed: &CodeSet) -> JsonRules {
    [
        Code::ParseDuplicateKey,
        Code::ParseJsonNumber,
        Code::ParsePrototypeKey,
    ]
    .into_iter()
    .filter(|code| relaxed.contains(*code))
    .fold(JsonRules::STRICT, JsonRules::relax)
}

/// A reason out of one schema error: pointer, the value there, its span, the place in the document.
#[must_use]
pub fn schema_reason(code: Code, location: Location, error: SchemaError, tape: &Tape) -> Reason {
    let value = tape.resolve(&error.pointer).map(|node| shown(tape, node));
    let (start, end) = error.span;
    let mut reason = Reason::new(code, Place::at(location, Cow::Owned(error.pointer)))
        .expected(error.expected)
        .source(&schema_source(&error.schema.0, &error.schema.1));
    if let Some(value) = value {
        reason = reason.value(&value);
    }
    reason.span(to_usize(start), to_usize(end))
}

/// A scalar as its text; of objects and lists the size alone, since members may be secret.
fn shown(tape: &Tape, node: NodeId) -> String {
    match tape.kind(node) {
        Kind::Object => format!("an object of {} members", tape.count(node)),
        Kind::Array => format!("a list of {} items", tape.count(node)),
        Kind::String | Kind::Key | Kind::Number => tape.text(node).to_owned(),
        Kind::Null => "null".to_owned(),
        Kind::False => "false".to_owned(),
        Kind::True => "true".to_owned(),
    }
}

/// The place in the source document of a schema key (`<document>#<pointer>[!direction]`) and a
/// pointer below it.
#[must_use]
pub fn schema_source(key: &str, below: &str) -> Source {
    let key = key
        .strip_suffix("!request")
        .or_else(|| key.strip_suffix("!response"))
        .unwrap_or(key);
    let (document, pointer) = key.split_once('#').unwrap_or(("", key));
    Source {
        document: document.parse().ok(),
        pointer: format!("{pointer}{below}"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::policy::testing::{body_view, form, load, operation};

    const KIND: &str = "multipart/form-data; boundary=XX";

    /// `POST /a`: JSON, a form, parts or text, all by one schema.
    fn policy() -> Arc<Policy> {
        let mut form = form();
        form["schemas"] = json!({
            "1#/Pet!request": {"type": "object", "required": ["name"],
                "properties": {"name": {"type": "string", "maxLength": 3}, "age": {"type": "integer", "maximum": 9}}},
            "1#/Short": {"type": "string", "maxLength": 3},
        });
        let media = |key: &str| json!({"schema": key, "source": {"document": 1, "pointer": "/m"}});
        let mut write = operation("POST", "/a");
        write["body"] = json!({"required": true, "source": {"document": 1}, "content": {
            "application/json": media("1#/Pet!request"),
            "application/x-www-form-urlencoded": media("1#/Pet!request"),
            "multipart/form-data": media("1#/Pet!request"),
            "text/plain": media("1#/Short"),
            "text/xml": media("1#/Pet!request"),
            "application/xml": {"schema": null, "source": {"document": 1, "pointer": "/x"}},
            "application/octet-stream": {"schema": null, "source": {"document": 1}},
        }});
        form["operations"] = json!([write]);
        load(&form)
    }

    fn look(kind: &str, coding: Option<&str>, body: &[u8], relaxed: &[Code]) -> BodyView {
        look_at((kind, coding), body, relaxed, false)
    }

    fn look_at(
        (kind, coding): (&str, Option<&str>),
        body: &[u8],
        relaxed: &[Code],
        is_closed: bool,
    ) -> BodyView {
        let mut fields = vec![("content-type", kind)];
        fields.extend(coding.map(|name| ("content-encoding", name)));
        body_view(&policy(), &fields, (body, 64), relaxed, is_closed).0
    }

    fn told(kind: &str, body: &str) -> Vec<(&'static str, String)> {
        look(kind, None, body.as_bytes(), &[])
            .reasons
            .iter()
            .map(|reason| (reason.code.name(), reason.place.pointer.to_string()))
            .collect()
    }

    fn breach(pointer: &str) -> Vec<(&'static str, String)> {
        vec![("inspect.body-schema", pointer.to_owned())]
    }

    #[test]
    fn one_schema_holds_for_json_forms_and_parts() {
        let parts = |name: &str| {
            format!(
                "--XX\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n{name}\r\n--XX--\r\n"
            )
        };
        let form = "application/x-www-form-urlencoded";
        assert_eq!(told("application/json", r#"{"name":"rex","age":3}"#), []);
        assert_eq!(told(form, "name=rex&age=3"), []);
        assert_eq!(told(KIND, &parts("rex")), []);
        assert_eq!(
            told("application/json", r#"{"name":"long"}"#),
            breach("/name")
        );
        assert_eq!(told(form, "name=long"), breach("/name"));
        assert_eq!(told(KIND, &parts("long")), breach("/name"));
        assert_eq!(told("text/plain", "abc"), []);
        assert_eq!(told("text/plain", "abcd"), breach(""));
        assert_eq!(told("application/octet-stream", "\u{0}any"), []);
    }

    #[test]
    fn xml_is_held_against_the_schema_that_json_is() {
        let kind = "text/xml";
        assert_eq!(told(kind, "<Pet><name>rex</name><age>3</age></Pet>"), []);
        assert_eq!(told(kind, "<Pet><name>long</name></Pet>"), breach("/name"));
        assert_eq!(told(kind, "<Pet/>"), breach(""));
        let body = b"<Pet><name>rex</name><age>old</age></Pet>";
        let reason = &look(kind, None, body, &[]).reasons[0];
        let (start, end) = reason.span.unwrap();
        assert_eq!(&body[start as usize..end as usize], b"<age>old</age>");
        assert_eq!(reason.value.as_deref(), Some("old"));
    }

    #[test]
    fn a_body_that_cannot_be_read_is_no_breach_of_its_schema() {
        let (code, pointer) = &told("application/json", r#"{"name":"a","name":"b"}"#)[0];
        assert_eq!((*code, &**pointer), ("parse.duplicate-key", "/name"));
        assert_eq!(told("application/json", "{")[0].0, "parse.bad-json");
        assert_eq!(told(KIND, "no parts")[0].0, "parse.bad-multipart");
        assert_eq!(
            told("application/x-www-form-urlencoded", "name=%")[0].0,
            "parse.bad-percent"
        );
        assert_eq!(told("text/plain", "\u{0}")[0].0, "parse.bad-body-text");
    }

    #[test]
    fn xml_is_read_by_its_rules_without_a_schema_too() {
        let kind = "application/xml";
        assert_eq!(told(kind, "<a>b</a>"), []);
        assert_eq!(
            told(kind, "<a><b></a>")[0],
            ("parse.bad-xml", "/a/b".to_owned())
        );
        let body = b"<!DOCTYPE a><a/>";
        let found = look(kind, None, body, &[]);
        assert_eq!(found.reasons[0].code, Code::ParseXmlDoctype);
        assert_eq!(found.reasons[0].source.pointer, "/x");
        assert!(
            look(kind, None, body, &[Code::ParseXmlDoctype])
                .reasons
                .is_empty()
        );
    }

    #[test]
    fn a_relaxed_rule_lets_its_body_through_to_the_schema() {
        let twice = br#"{"name":"long","name":"b"}"#;
        let found = look("application/json", None, twice, &[Code::ParseDuplicateKey]);
        assert_eq!(found.reasons[0].code, Code::InspectBodySchema);
    }

    #[test]
    fn a_reason_holds_value_span_and_place_in_the_document() {
        let body = br#"{"name":"rex","age":{"a":1}}"#;
        let reason = &look("application/json", None, body, &[]).reasons[0];
        assert_eq!(reason.value.as_deref(), Some("an object of 1 members"));
        let (start, end) = reason.span.unwrap();
        assert_eq!(&body[start as usize..end as usize], br#"{"a":1}"#);
        assert_eq!(reason.source.document, Some(1));
        assert_eq!(reason.source.pointer, "/Pet/properties/age/type");
    }

    #[test]
    fn a_number_in_a_form_or_a_part_is_told_as_it_was_sent() {
        let part = "--XX\r\nContent-Disposition: form-data; name=\"age\"\r\n\r\n70\r\n--XX--\r\n";
        for (kind, body) in [
            ("application/x-www-form-urlencoded", "name=a&age=70"),
            (KIND, part),
        ] {
            let found = look(kind, None, body.as_bytes(), &[]).reasons;
            let age = found.iter().find(|reason| reason.place.pointer == "/age");
            assert_eq!(age.unwrap().value.as_deref(), Some("70"), "{kind}");
        }
    }

    #[test]
    fn a_closed_body_holds_no_member_that_its_schema_does_not_name() {
        let part = "--XX\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na\r\n\
             --XX\r\nContent-Disposition: form-data; name=\"role\"\r\n\r\nadmin\r\n--XX--\r\n";
        for (kind, body) in [
            ("application/json", r#"{"name":"a","role":"admin"}"#),
            ("application/x-www-form-urlencoded", "name=a&role=admin"),
            (KIND, part),
        ] {
            let found = look_at((kind, None), body.as_bytes(), &[], true).reasons;
            let [one] = &found[..] else {
                panic!("{kind}: {found:?}");
            };
            assert_eq!(one.code, Code::InspectBodyUndeclared, "{kind}");
            assert_eq!(
                (&*one.place.pointer, one.value.as_deref()),
                ("/role", Some("admin"))
            );
            assert!(one.source.document.is_some());
            assert_eq!(look(kind, None, body.as_bytes(), &[]).reasons, [], "{kind}");
        }
        let honest = look_at(
            ("application/json", None),
            br#"{"name":"a","age":3}"#,
            &[],
            true,
        );
        assert_eq!(honest.reasons, []);
        let both = look_at(
            ("application/json", None),
            br#"{"x":1,"name":7}"#,
            &[],
            true,
        );
        let codes: Vec<Code> = both.reasons.iter().map(|one| one.code).collect();
        assert_eq!(
            codes,
            [Code::InspectBodySchema, Code::InspectBodyUndeclared]
        );
    }

    #[test]
    fn what_is_inspected_is_what_the_coding_hides() {
        let zipped = |text: &str| {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            gzip.write_all(text.as_bytes()).unwrap();
            gzip.finish().unwrap()
        };
        let good = look("text/plain", Some("gzip"), &zipped("abc"), &[]);
        assert_eq!(
            (good.decoded.as_deref(), good.reasons.len()),
            (Some(&b"abc"[..]), 0)
        );
        let bad = look("text/plain", Some("gzip"), &zipped("abcd"), &[]);
        assert_eq!(bad.reasons[0].code, Code::InspectBodySchema);
        let large = look("text/plain", Some("gzip"), &zipped(&"a".repeat(65)), &[]);
        assert_eq!(large.reasons[0].code, Code::ParseDecodedTooLarge);
        assert_eq!(large.reasons[0].place.name, "content-encoding");
    }
}
