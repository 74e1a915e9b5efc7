//! The body of a Request: its coding taken off, read as its declared media type, held against its
//! schema. One reading serves the inspection and what is forwarded.

use std::borrow::Cow;

use super::parameters::text_tape;
use super::schema::{SchemaError, ValidatorId};
use super::sequence::sequence;
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::parse::coding::decode;
use crate::parse::form::read_form;
use crate::parse::json::{JsonRules, Kind, NodeId, Tape, parse_json};
use crate::parse::multipart::read_multipart;
use crate::parse::text::read_text;
use crate::parse::{CodeSet, MediaType, Request};
use crate::policy::{Media, MediaKind, Policy};

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
        MediaKind::EventStream | MediaKind::Opaque => Vec::new(),
    }
}

fn json(task: &BodyTask<'_>, body: &[u8], budget: &mut Budget) -> Vec<Reason> {
    match parse_json(body, &json_rules(task.relaxed), &task.policy.bounds, budget) {
        Ok(tape) => validate(task, &tape, budget),
        Err(fault) => {
            let (start, end) = fault.span;
            vec![
                Reason::new(fault.code, Place::at(Location::Body, fault.pointer))
                    .span(wide(start), wide(end))
                    .expected(fault.expected),
            ]
        }
    }
}

fn multipart(task: &BodyTask<'_>, body: &[u8], budget: &mut Budget) -> Vec<Reason> {
    let boundary = task
        .request
        .media()
        .and_then(MediaType::boundary)
        .unwrap_or("");
    match read_multipart(body, boundary, &task.policy.bounds, budget) {
        Ok(parts) => {
            let Some(fields) = &task.media.fields else {
                return Vec::new();
            };
            let read = fields.multipart(body, &parts, &task.policy.bounds, budget);
            let mut reasons = read.reasons;
            reasons.extend(validate(task, &read.tape, budget));
            reasons
        }
        Err(fault) => {
            let end = fault.at.saturating_add(1);
            vec![
                Reason::new(fault.code, Place::of(Location::Body))
                    .span(fault.at, end)
                    .expected(fault.expected),
            ]
        }
    }
}

fn validate(task: &BodyTask<'_>, tape: &Tape, budget: &mut Budget) -> Vec<Reason> {
    validate_by(task, task.media.schema, tape, budget)
}

/// What a schema of the body says against a value.
pub(super) fn validate_by(
    task: &BodyTask<'_>,
    schema: Option<ValidatorId>,
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
    errors
        .into_iter()
        .map(|error| schema_reason(Code::InspectBodySchema, Location::Body, error, tape))
        .collect()
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
    reason.span(wide(start), wide(end))
}

/// A scalar as its text; of objects and lists the size alone, since members may be secret.
fn shown(tape: &Tape, node: NodeId) -> String {
    match tape.kind(node) {
        Kind::Object => format!("an object of {} members", tape.count(node)),
        Kind::Array => format!("a list of {} items", tape.count(node)),
        Kind::String => tape.text(node).to_owned(),
        _ => tape.raw(node).to_owned(),
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

fn wide(position: u32) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
