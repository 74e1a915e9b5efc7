//! Multipart bodies of Requests: read strictly, then held by the names of their parts or by their
//! order.

use super::parameters::{BodyFields, below};
use super::part_rule::PartAt;
use super::request_body::{BodyTask, validate};
use crate::budget::Budget;
use crate::decision::{Location, Place, Reason};
use crate::parse::MediaType;
use crate::parse::multipart::{MultipartFault, read_multipart};
use crate::parse::part::{Naming, Part};

const FORM: &str = "multipart/form-data";
const DIGEST: &str = "multipart/digest";

/// Reads the parts and holds them against what is declared. Cost: O(bytes), drawn from `budget`.
pub(super) fn multipart(task: &BodyTask<'_>, body: &[u8], budget: &mut Budget) -> Vec<Reason> {
    let sent = task.request.media();
    let kind = sent.map_or("", MediaType::essence);
    let boundary = sent.and_then(MediaType::boundary).unwrap_or("");
    let naming = if task.media.ordered.is_none() || kind == FORM {
        Naming::Named
    } else {
        Naming::Free
    };
    let bounds = &task.policy.bounds;
    let parts = match read_multipart(body, boundary, naming, bounds, budget) {
        Ok(parts) => parts,
        Err(fault) => return vec![unread(&fault, task.media.ordered.is_some())],
    };
    // RFC 2046 sections 5.2 and 5.1.5.
    let default = if kind == DIGEST {
        "message/rfc822"
    } else {
        "text/plain"
    };
    match (&task.media.ordered, &task.media.fields) {
        (Some(ordered), _) => ordered.hold(task, (body, &parts), default, budget),
        (None, Some(fields)) => by_name(task, fields, (body, &parts), default, budget),
        (None, None) => Vec::new(),
    }
}

fn unread(fault: &MultipartFault, is_ordered: bool) -> Reason {
    let pointer = if is_ordered {
        format!("/{}", fault.part)
    } else {
        String::new()
    };
    let end = fault.at.saturating_add(1);
    Reason::new(fault.code, Place::at(Location::Body, pointer))
        .span(fault.at, end)
        .expected(fault.expected)
}

fn by_name(
    task: &BodyTask<'_>,
    fields: &BodyFields,
    (body, parts): (&[u8], &[Part]),
    default: &'static str,
    budget: &mut Budget,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for part in parts {
        let name = fields.list_name(&part.name);
        let at = PartAt {
            body,
            part,
            pointer: below("", name),
            default,
        };
        reasons.extend(at.nested());
        if let Some(rule) = task.media.rules.get(name) {
            reasons.extend(rule.check(&at, task, budget));
        }
    }
    let read = fields.multipart(body, parts, &task.policy.bounds, budget);
    reasons.extend(read.reasons);
    reasons.extend(validate(task, &read.tape, budget));
    reasons
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::policy::testing::body_reasons;

    const MIXED: &str = "multipart/mixed; boundary=XX";
    const FORMS: &str = "multipart/form-data; boundary=XX";

    fn told(range: &str, media: &Value, kind: &str, parts: &str) -> Vec<(&'static str, String)> {
        let schemas = json!({
            "1#/Form": {"type": "object", "properties": {"a": {"type": "integer"}}},
            "1#/List": {"type": "array", "items": {"type": "integer"}},
        });
        let body = format!("{parts}--XX--\r\n");
        let found = body_reasons((range, media), &schemas, kind, body.as_bytes());
        found
            .iter()
            .map(|reason| (reason.code.name(), reason.place.pointer.to_string()))
            .collect()
    }

    fn part(head: &str, content: &str) -> String {
        format!("--XX\r\n{head}\r\n{content}\r\n")
    }

    const NAMED: &str = "Content-Disposition: form-data; name=\"a\"\r\n";

    fn form() -> Value {
        json!({"schema": "1#/Form", "encoding": {"a": {
            "content_types": ["text/plain"], "style": "form", "explode": true}}})
    }

    fn list() -> Value {
        json!({"schema": "1#/List", "parts": {"prefix": [], "item": null}})
    }

    #[test]
    fn parts_of_an_object_have_names_whatever_the_subtype() {
        for (range, kind) in [("multipart/form-data", FORMS), ("multipart/mixed", MIXED)] {
            let told = |parts: &str| told(range, &form(), kind, parts);
            assert_eq!(told(&part(NAMED, "1")), []);
            let breach = ("inspect.body-schema", "/a".to_owned());
            assert_eq!(told(&part(NAMED, "x")), [breach]);
            assert_eq!(told(&part("", "1"))[0].0, "parse.bad-multipart");
            let html = format!("{NAMED}Content-Type: text/html\r\n");
            let wrong = ("inspect.content-type", "/a".to_owned());
            assert_eq!(told(&part(&html, "1")), [wrong]);
        }
    }

    #[test]
    fn parts_of_a_list_need_no_names_but_those_of_a_form_have_them() {
        for range in ["multipart/mixed", "multipart/*"] {
            assert_eq!(told(range, &list(), MIXED, &part("", "1")), []);
            let breach = ("inspect.body-schema", "/0".to_owned());
            assert_eq!(told(range, &list(), MIXED, &part("", "x")), [breach]);
        }
        let told = |parts: &str| told("multipart/*", &list(), FORMS, parts);
        assert_eq!(told(&part(NAMED, "1")), []);
        assert_eq!(told(&part("", "1"))[0].0, "parse.bad-multipart");
    }

    #[test]
    fn a_part_that_is_a_multipart_body_is_refused_in_forms_too() {
        let head = format!("{NAMED}Content-Type: multipart/mixed; boundary=YY\r\n");
        let media = json!({"schema": "1#/Form"});
        let found = told("multipart/form-data", &media, FORMS, &part(&head, "1"));
        assert_eq!(found[0], ("parse.nested-multipart", "/a".to_owned()));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_part() {
        let charset = part("Content-Type: text/plain; charset=utf-7\r\n", "1");
        let parts = format!("{}{charset}", part("", "1"));
        let found = told("multipart/mixed", &list(), MIXED, &parts);
        assert_eq!(found, [("parse.unsupported-charset", "/1".to_owned())]);
    }

    #[test]
    fn a_part_of_a_digest_is_a_message_unless_it_says_otherwise() {
        let digest = "multipart/digest; boundary=XX";
        let found = told("multipart/digest", &list(), digest, &part("", "1"));
        assert_eq!(found[0], ("inspect.content-type", "/0".to_owned()));
        let text = part("Content-Type: text/plain\r\n", "1");
        assert_eq!(told("multipart/digest", &list(), digest, &text), []);
    }
}
