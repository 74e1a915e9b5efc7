//! One item of a streamed Response: an event, a line or a record, held against its schema alone
//! and shaped alone. Pointers begin with its index.

use super::event::Fields;
use super::response_body::{ReplyTask, ShapedBody, json, unreadable};
use crate::budget::Budget;
use crate::policy::{Media, MediaKind};

/// Looks at one whole item. `body` of what comes back is the item to send in its place.
/// Cost: O(length), drawn from `budget`.
#[must_use]
pub fn shape_item(
    task: &ReplyTask<'_>,
    media: &Media,
    (index, raw): (usize, &[u8]),
    budget: &mut Budget,
) -> ShapedBody {
    let shaped = match media.kind {
        MediaKind::EventStream => event(task, media, raw, budget),
        _ => text(task, media, raw, budget),
    };
    under(&format!("/{index}"), shaped)
}

/// A JSON text between line ends or separators, which stay as they are.
fn text(task: &ReplyTask<'_>, media: &Media, raw: &[u8], budget: &mut Budget) -> ShapedBody {
    let is_around = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x1e;
    let Some(start) = raw.iter().position(|byte| !is_around(byte)) else {
        return ShapedBody::default();
    };
    let end = raw
        .iter()
        .rposition(|byte| !is_around(byte))
        .unwrap_or(start);
    let part = |range| raw.get(range).unwrap_or_default();
    let after = end.saturating_add(1);
    let inner = part(start..after);
    let mut shaped = json(task, media, (media.item, media.item_shape), inner, budget);
    shaped.body = shaped
        .body
        .map(|body| [part(0..start), &body, part(after..raw.len())].concat());
    shaped
}

/// An event: its fields against `itemSchema`, the JSON in its data against `contentSchema`. What
/// carries no data is no event for the client, and passes.
fn event(task: &ReplyTask<'_>, media: &Media, raw: &[u8], budget: &mut Budget) -> ShapedBody {
    let Some(fields) = Fields::read(raw) else {
        return unreadable(task, "an event in UTF-8");
    };
    let Some(data) = fields.data() else {
        return ShapedBody::default();
    };
    let whole = json(task, media, (media.item, None), &fields.to_json(), budget);
    let inner = json(
        task,
        media,
        (media.data, media.data_shape),
        data.as_bytes(),
        budget,
    );
    let mut inner = under("/data", inner);
    inner.body = inner
        .body
        .map(|data| fields.with_data(&String::from_utf8_lossy(&data)));
    inner.reasons.splice(0..0, whole.reasons);
    for reason in &mut inner.reasons {
        // Bytes of the object or of the data, not of the lines that were sent.
        reason.span = None;
    }
    inner
}

fn under(place: &str, mut shaped: ShapedBody) -> ShapedBody {
    for reason in &mut shaped.reasons {
        reason.place.pointer = format!("{place}{}", reason.place.pointer).into();
    }
    shaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::decision::Source;
    use crate::policy::Policy;
    use crate::policy::testing::{form, load, operation};
    use crate::shape::{Cut, Cuts};

    fn policy(kind: &str) -> std::sync::Arc<Policy> {
        let source = json!({"document": 1, "pointer": "/200"});
        let mut one = operation("GET", "/a");
        let slot = if kind == "text/event-stream" {
            "data"
        } else {
            "item"
        };
        one["responses"] = json!({"200": {"headers": [], "source": source, "content": {
            kind: {"schema": null, slot: "1#/User", "encoding": {}, "source": source}}}});
        let mut form = form();
        form["schemas"] = json!({"1#/User": {"type": "object",
            "properties": {"name": {"type": "string"}}}});
        form["operations"] = json!([one]);
        load(&form)
    }

    fn shaped(kind: &str, raw: &str) -> (Vec<String>, Option<String>) {
        let policy = policy(kind);
        let operation = &policy.operations()[0];
        let media = operation
            .responses
            .find(200)
            .unwrap()
            .media
            .all()
            .next()
            .unwrap();
        let task = ReplyTask {
            status: 200,
            sent: None,
            coding: None,
            media: Some(media),
            is_scrubbed: false,
            cuts: Cuts {
                undeclared: Cut::All,
                secret: Cut::All,
            },
            source: &Source::default(),
            policy: &policy,
        };
        let mut budget = Budget::new(policy.bounds());
        let shaped = shape_item(&task, media, (3, raw.as_bytes()), &mut budget);
        let told = shaped
            .reasons
            .iter()
            .map(|reason| format!("{} {}", reason.code.name(), reason.place.pointer));
        (
            told.collect(),
            shaped.body.map(|body| String::from_utf8(body).unwrap()),
        )
    }

    #[test]
    fn a_line_loses_what_its_schema_does_not_name_and_keeps_its_end() {
        let (told, body) = shaped(
            "application/x-ndjson",
            "{\"name\":\"a\",\"hash\":\"x\"}\r\n",
        );
        assert_eq!(told, ["shape.undeclared-field /3/hash"]);
        assert_eq!(body.unwrap(), "{\"name\":\"a\"}\r\n");
        assert_eq!(
            shaped("application/x-ndjson", "{\"name\":\"a\"}\n"),
            (vec![], None)
        );
        assert_eq!(shaped("application/x-ndjson", "\n"), (vec![], None));
    }

    #[test]
    fn the_data_of_an_event_is_shaped_and_its_other_fields_stay() {
        let (told, body) = shaped(
            "text/event-stream",
            "id: 1\ndata: {\"name\":\"a\",\ndata: \"hash\":\"x\"}\n\n",
        );
        assert_eq!(told, ["shape.undeclared-field /3/data/hash"]);
        assert_eq!(body.unwrap(), "id: 1\ndata: {\"name\":\"a\"}\n\n");
        assert_eq!(
            shaped("text/event-stream", ": still here\n\n"),
            (vec![], None)
        );
    }

    #[test]
    fn an_item_that_is_no_json_cannot_be_looked_at() {
        assert_eq!(
            shaped("application/jsonl", "{\n").0,
            ["shape.body-unreadable /3"]
        );
        assert_eq!(
            shaped("text/event-stream", "data: {\n\n").0,
            ["shape.body-unreadable /3/data"]
        );
    }
}
