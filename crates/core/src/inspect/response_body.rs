//! The body of a Response: its coding taken off, read once, held against its schema, undeclared
//! fields found, and error bodies searched for internals.

use std::borrow::Cow;

use super::request_body::schema_reason;
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::parse::coding::decode;
use crate::parse::json::{JsonRules, parse_json};
use crate::parse::{Coding, MediaType};
use crate::policy::{Media, Policy};
use crate::shape::{Undeclared, scrub};

/// What shaping found.
#[derive(Debug, Default)]
pub struct ShapedBody {
    /// Breaches, undeclared fields and told internals.
    pub reasons: Vec<Reason>,
    /// The body without undeclared fields; `None` where there are none.
    pub body: Option<Vec<u8>>,
}

/// Which body, by which rules.
#[derive(Debug)]
pub struct ReplyTask<'t> {
    /// Status of the Response.
    pub status: u16,
    /// Its content type as sent.
    pub sent: Option<&'t MediaType>,
    /// Its content coding.
    pub coding: Option<Coding>,
    /// The declared media type whose schema holds.
    pub media: Option<&'t Media>,
    /// Whether internals are looked for.
    pub is_scrubbed: bool,
    /// The setting that asks for it.
    pub source: &'t Source,
    /// The Policy.
    pub policy: &'t Policy,
}

/// Looks at the body of a Response. Cost: O(decoded bytes), drawn from `budget`.
#[must_use]
pub fn shape_body(task: &ReplyTask<'_>, body: &[u8], budget: &mut Budget) -> ShapedBody {
    let bounds = &task.policy.bounds;
    let decoded = match task.coding {
        None => Cow::Borrowed(body),
        Some(coding) => match decode(coding, body, bounds.shape_max_bytes, bounds, budget) {
            Ok(decoded) => Cow::Owned(decoded),
            Err(_) => return unreadable(task, "a whole content coding"),
        },
    };
    let mut shaped = match task.media {
        Some(media) => json(task, media, &decoded, budget),
        None => ShapedBody::default(),
    };
    if task.is_scrubbed
        && let Some(told) = scrub(task.status, task.sent, &decoded)
    {
        let reason = Reason::new(Code::ShapeErrorScrubbed, Place::of(Location::ResponseBody))
            .value(told.what)
            .span(told.span.0, told.span.1)
            .expected("an error body without stack traces, SQL errors and versions")
            .source(task.source);
        shaped.reasons.push(reason);
    }
    shaped
}

fn unreadable(task: &ReplyTask<'_>, expected: &str) -> ShapedBody {
    let source = task.media.map_or(task.source, |media| &media.source);
    let reason = Reason::new(Code::ShapeBodyUnreadable, Place::of(Location::ResponseBody))
        .expected(expected)
        .source(source);
    ShapedBody {
        reasons: vec![reason],
        body: None,
    }
}

fn json(task: &ReplyTask<'_>, media: &Media, body: &[u8], budget: &mut Budget) -> ShapedBody {
    let policy = task.policy;
    let Some(schema) = media.schema else {
        return ShapedBody::default();
    };
    let rules = JsonRules::STRICT
        .relax(Code::ParseJsonNumber)
        .relax(Code::ParsePrototypeKey);
    let Ok(tape) = parse_json(body, &rules, &policy.bounds, budget) else {
        return unreadable(task, "JSON");
    };
    if budget.take(tape.len()).is_err() {
        return unreadable(task, "a body within the work budget");
    }
    let errors = policy
        .schemas
        .validate(schema, &tape, policy.bounds.errors_max);
    let mut reasons: Vec<Reason> = errors
        .into_iter()
        .map(|error| schema_reason(Code::ShapeBodySchema, Location::ResponseBody, error, &tape))
        .collect();
    let shaping = media.shape.map(|plan| {
        policy
            .schemas
            .shapes()
            .apply(plan, &tape, policy.bounds.errors_max)
    });
    let Some(shaping) = shaping.filter(|shaping| shaping.count > 0) else {
        return ShapedBody {
            reasons,
            body: None,
        };
    };
    reasons.extend(
        shaping
            .undeclared
            .iter()
            .map(|found| undeclared(found, media)),
    );
    ShapedBody {
        reasons,
        body: Some(shaping.cut(body)),
    }
}

fn undeclared(found: &Undeclared, media: &Media) -> Reason {
    let (start, end) = found.span;
    let place = Place::at(Location::ResponseBody, found.pointer.clone());
    Reason::new(Code::ShapeUndeclaredField, place)
        .span(start, end)
        .expected("only fields that the schema names")
        .source(&media.source)
}
