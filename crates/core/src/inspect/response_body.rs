//! The body of a Response: its coding taken off, read once, held against its schema, undeclared
//! fields found, and error bodies searched for internals.

use std::borrow::Cow;

use super::request_body::schema_reason;
use super::schema::ValidatorId;
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::parse::coding::decode;
use crate::parse::json::{JsonRules, parse_json};
use crate::parse::{Coding, MediaType};
use crate::policy::{Media, Policy};
use crate::shape::{Cuts, Found, PlanId, What, scrub};

/// What shaping found.
#[derive(Debug, Default)]
pub struct ShapedBody {
    /// Breaches, undeclared fields and told internals.
    pub reasons: Vec<Reason>,
    /// The body without what is taken out of it; `None` where nothing is.
    pub body: Option<Vec<u8>>,
    /// All of it is secret: there is nothing that could stay.
    pub is_all_secret: bool,
}

impl ShapedBody {
    /// Whether this reason takes the whole value: nothing of it could stay.
    #[must_use]
    pub fn is_lost(&self, reason: &Reason) -> bool {
        self.is_all_secret && reason.code == Code::ShapeSecretField
    }
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
    /// What is taken out.
    pub cuts: Cuts<'t>,
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
        Some(media) => json(task, media, (media.schema, media.shape), &decoded, budget),
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

/// A body of which nothing can be said.
pub(super) fn unreadable(task: &ReplyTask<'_>, expected: &str) -> ShapedBody {
    let source = task.media.map_or(task.source, |media| &media.source);
    let reason = Reason::new(Code::ShapeBodyUnreadable, Place::of(Location::ResponseBody))
        .expected(expected)
        .source(source);
    ShapedBody {
        reasons: vec![reason],
        ..ShapedBody::default()
    }
}

/// JSON against a schema and the plan of what it may hold.
pub(super) fn json(
    task: &ReplyTask<'_>,
    media: &Media,
    (schema, plan): (Option<ValidatorId>, Option<PlanId>),
    body: &[u8],
    budget: &mut Budget,
) -> ShapedBody {
    let policy = task.policy;
    let Some(schema) = schema else {
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
    let shaping = plan.map(|plan| {
        policy
            .schemas
            .shapes()
            .apply(plan, &tape, policy.bounds.errors_max, task.cuts)
    });
    let Some(shaping) = shaping.filter(|shaping| shaping.count > 0) else {
        return ShapedBody {
            reasons,
            ..ShapedBody::default()
        };
    };
    reasons.extend(shaping.found.iter().map(|found| told(found, media)));
    ShapedBody {
        reasons,
        body: shaping.cut(body),
        is_all_secret: shaping.is_all_secret,
    }
}

fn told(found: &Found, media: &Media) -> Reason {
    let (start, end) = found.span;
    let place = Place::at(Location::ResponseBody, found.pointer.clone());
    let (code, expected) = match found.what {
        What::Secret => (Code::ShapeSecretField, "no field of class `secret`"),
        What::Undeclared => (
            Code::ShapeUndeclaredField,
            "only fields that the schema names",
        ),
    };
    Reason::new(code, place)
        .span(start, end)
        .expected(expected)
        .source(&media.source)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::policy::testing::{form, json_content, load, operation};
    use crate::shape::Cut;

    fn policy() -> Arc<Policy> {
        let mut form = form();
        form["schemas"] = json!({"1#/Pet": {"properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}});
        let mut read = operation("GET", "/a");
        read["responses"] = json!({"200": {"content": json_content("1#/Pet"), "headers": [],
                                   "source": {"document": 1}}});
        form["operations"] = json!([read]);
        load(&form)
    }

    fn shaped(status: u16, coding: Option<Coding>, body: &[u8], is_typed: bool) -> ShapedBody {
        let policy = policy();
        let sent = crate::parse::media::read_media(b"application/json").unwrap();
        let declared = policy.operation(0).unwrap().responses.find(200).unwrap();
        let task = ReplyTask {
            status,
            sent: Some(&sent),
            coding,
            media: declared
                .media
                .select(Some(&sent))
                .filter(|_| is_typed)
                .map(|media| &**media),
            is_scrubbed: true,
            cuts: Cuts {
                undeclared: Cut::All,
                secret: Cut::All,
            },
            source: &Source::default(),
            policy: &policy,
        };
        shape_body(&task, body, &mut Budget::new(&policy.bounds))
    }

    fn codes(shaped: &ShapedBody) -> Vec<(&'static str, String)> {
        let row = |reason: &Reason| (reason.code.name(), reason.place.pointer.to_string());
        shaped.reasons.iter().map(row).collect()
    }

    #[test]
    fn a_body_as_promised_goes_out_as_it_came() {
        let found = shaped(200, None, br#"{"name":"rex","age":3}"#, true);
        assert_eq!((codes(&found), found.body), (vec![], None));
    }

    #[test]
    fn undeclared_fields_are_told_and_cut_and_breaches_are_told() {
        let found = shaped(200, None, br#"{"name":"rex","hash":"x","age":"old"}"#, true);
        assert_eq!(
            codes(&found),
            [
                ("shape.body-schema", "/age".to_owned()),
                ("shape.undeclared-field", "/hash".to_owned())
            ]
        );
        assert_eq!(found.body.unwrap(), br#"{"name":"rex","age":"old"}"#);
    }

    #[test]
    fn a_body_that_cannot_be_read_is_told_and_not_let_out_unseen() {
        let found = shaped(200, None, b"{\"name\":", true);
        assert_eq!(codes(&found), [("shape.body-unreadable", String::new())]);
        let found = shaped(200, Some(Coding::Gzip), b"not gzip", true);
        assert_eq!(codes(&found), [("shape.body-unreadable", String::new())]);
    }

    #[test]
    fn internals_in_an_error_are_told_without_the_text_that_told_them() {
        let trace =
            br#"{"detail":"Traceback (most recent call last):\n  File \"/srv/app.py\", line 3"}"#;
        let found = shaped(500, None, trace, false);
        assert_eq!(codes(&found), [("shape.error-scrubbed", String::new())]);
        assert!(
            !found.reasons[0]
                .value
                .as_deref()
                .unwrap()
                .contains("app.py")
        );
        let plain = shaped(500, None, br#"{"detail":"not today"}"#, false);
        assert_eq!(codes(&plain), []);
    }
}
