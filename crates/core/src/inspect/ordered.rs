//! Multipart bodies whose parts have no names: a list, read and held part by part (OpenAPI 3.2,
//! "Encoding By Position"). JSON and XML parts are parsed, texts become what their schema says, other
//! parts are bytes. Pointers begin with the position of the part.

use serde_json::{Map, Value};

use super::parameters::{Shape, copy_value, text_value};
use super::part_rule::{PartAt, PartRule};
use super::request_body::{BodyTask, read_json, validate, validate_by};
use super::schema::Schemas;
use super::xml::xml;
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::parse::json::{Tape, TapeBuilder};
use crate::parse::part::Part;
use crate::parse::text::read_text;
use crate::policy::form::{MediaForm, PartsForm};

/// The compiled parts of one media type.
#[derive(Debug)]
pub struct Ordered {
    places: Vec<PartPlace>,
    rest: PartPlace,
    /// The list is asked more than what each part is, so that bytes count too.
    compares: bool,
}

/// What stands at one position, or at all that follow.
#[derive(Debug)]
struct PartPlace {
    rule: PartRule,
    shape: Shape,
}

impl Ordered {
    /// Compiles one media type. Load time only.
    #[must_use]
    pub fn compile(form: &PartsForm, media: &MediaForm, schemas: &Schemas) -> Self {
        let defs = schemas.defs();
        let of = |key: &Option<String>| key.as_deref().map(|key| Shape::of_key(key, defs));
        let (list, item) = (of(&media.schema), of(&media.item));
        let shape = |index: Option<usize>| {
            let listed = list.as_ref().map(|list| list.element(index));
            match (listed, &item) {
                (Some(listed), Some(item)) => listed.and(item.clone()),
                (listed, item) => listed.or_else(|| item.clone()).unwrap_or_else(Shape::free),
            }
        };
        let place = |index: Option<usize>| {
            let own = index.and_then(|index| form.prefix.get(index));
            let shape = shape(index);
            let encoding = own.or(form.item.as_ref());
            PartPlace {
                rule: PartRule::compile(encoding, Some(&shape), &media.source, schemas),
                shape,
            }
        };
        let listed = list.as_ref().map_or(0, |list| list.prefix.len());
        let count = listed.max(form.prefix.len());
        Ordered {
            places: (0..count).map(|index| place(Some(index))).collect(),
            rest: place(None),
            compares: media
                .schema
                .as_deref()
                .is_some_and(|key| compares(key, defs)),
        }
    }

    /// Holds the parts against their places, and all of them as one list against `schema`.
    /// Cost: O(bytes), drawn from `budget`.
    pub(super) fn hold(
        &self,
        task: &BodyTask<'_>,
        (body, parts): (&[u8], &[Part]),
        default: &'static str,
        budget: &mut Budget,
    ) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut values = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let place = self.places.get(index).unwrap_or(&self.rest);
            let pointer = format!("/{index}");
            let at = PartAt {
                body,
                part,
                pointer,
                default,
            };
            reasons.extend(place.rule.check(&at, task, budget));
            match self.value(place, &at, task, budget) {
                Ok(tape) => {
                    let asked = (task.media.item, task.media.item_shape);
                    let found = validate_by(task, asked, &tape, budget);
                    reasons.extend(found.into_iter().map(|reason| moved(reason, &at)));
                    values.push(Some(tape));
                }
                Err(reason) => {
                    reasons.push(*reason);
                    values.push(None);
                }
            }
        }
        reasons.extend(whole(task, parts, &values, budget));
        capped(reasons, task.policy.bounds.errors_max)
    }

    fn value(
        &self,
        place: &PartPlace,
        at: &PartAt<'_>,
        task: &BodyTask<'_>,
        budget: &mut Budget,
    ) -> Result<Tape, Box<Reason>> {
        if let Some(reason) = at.nested() {
            return Err(Box::new(reason));
        }
        let content = at.part.content(at.body);
        let media = at.part.media.as_ref();
        if media.is_some_and(|media| media.is_json()) {
            return read_json(task, content, budget).map_err(|fault| Box::new(moved(*fault, at)));
        }
        let torn = media.filter(|media| media.is_xml()).and_then(|_| {
            let found = xml(task, content, budget);
            found.into_iter().next()
        });
        if let Some(reason) = torn {
            return Err(Box::new(moved(reason, at)));
        }
        let is_text = media.map_or(at.default.starts_with("text/"), |media| media.is_text());
        let mut out = TapeBuilder::new();
        out.at(0, content.len());
        if is_text {
            let text = read_text(content).map_err(|(code, place)| {
                let reason = Reason::new(code, Place::of(Location::Body));
                Box::new(moved(reason.span(place, place.saturating_add(1)), at))
            })?;
            text_value(text, &place.shape, &mut out);
        } else if place.shape.is_free && !self.compares {
            out.string("");
        } else {
            budget.take(content.len()).map_err(|_| spent())?;
            let octets: String = content.iter().map(|octet| char::from(*octet)).collect();
            out.string(&octets);
        }
        Ok(out.finish())
    }
}

/// A reason of one part, told in the whole body.
fn moved(reason: Reason, at: &PartAt<'_>) -> Reason {
    reason.within(&at.pointer, at.part.start)
}

/// All parts as one list. A part that could not be read has its reason; what the schema says of it
/// tells nothing more.
fn whole(
    task: &BodyTask<'_>,
    parts: &[Part],
    values: &[Option<Tape>],
    budget: &mut Budget,
) -> Vec<Reason> {
    if task.media.schema.is_none() {
        return Vec::new();
    }
    let mut out = TapeBuilder::new();
    out.begin_array();
    for (part, value) in parts.iter().zip(values) {
        out.at(part.start, part.end);
        match value {
            Some(tape) => copy_value(tape, tape.root(), &mut out),
            None => out.null(),
        }
    }
    out.end_array();
    let is_unread = |reason: &Reason| {
        let first = reason.place.pointer.split('/').nth(1);
        let index = first.and_then(|token| token.parse::<usize>().ok());
        index.is_some_and(|index| matches!(values.get(index), Some(None)))
    };
    let mut reasons = validate(task, &out.finish(), budget);
    reasons.retain(|reason| !is_unread(reason));
    reasons
}

/// At most `most`, and a last one where more were found: what is not told is not let through.
fn capped(reasons: Vec<Reason>, most: u32) -> Vec<Reason> {
    let mut told = Vec::new();
    for reason in reasons {
        reason.tell(&mut told, most);
    }
    told
}

/// Whether the list as a whole is asked anything that tells one part's bytes from another's.
fn compares(key: &str, schemas: &Map<String, Value>) -> bool {
    const PLAIN: [&str; 5] = ["type", "prefixItems", "items", "minItems", "maxItems"];
    let words = schemas.get(key).and_then(Value::as_object);
    words.is_some_and(|words| {
        words
            .keys()
            .any(|word| !PLAIN.contains(&word.as_str()) && !Shape::is_note(word))
    })
}

fn spent() -> Box<Reason> {
    Box::new(Reason::new(Code::InternalBudget, Place::of(Location::Body)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::testing::body_reasons;

    const PARTS: &str = "multipart/mixed; boundary=XX";

    /// A list of an object, a short text and bytes; nothing more, at least two.
    fn list() -> Value {
        json!({
            "1#/List": {"type": "array", "minItems": 2, "items": false, "prefixItems": [
                {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
                {"type": "integer", "maximum": 9},
                {},
            ]},
            "1#/Item": {"type": "string", "maxLength": 3},
            "1#/Seen": {"type": "array", "uniqueItems": true},
            "1#/Tag": {"type": "string", "maxLength": 3},
        })
    }

    fn part(kind: &str, content: &str) -> String {
        let head = if kind.is_empty() {
            String::new()
        } else {
            format!("Content-Type: {kind}\r\n")
        };
        format!("--XX\r\n{head}\r\n{content}\r\n")
    }

    fn told(media: &Value, parts: &[String]) -> Vec<(&'static str, String)> {
        let body = format!("{}--XX--\r\n", parts.concat());
        let found = body_reasons(("multipart/mixed", media), &list(), PARTS, body.as_bytes());
        found
            .iter()
            .map(|reason| (reason.code.name(), reason.place.pointer.to_string()))
            .collect()
    }

    fn one(code: &'static str, pointer: &str) -> Vec<(&'static str, String)> {
        vec![(code, pointer.to_owned())]
    }

    fn listed() -> Value {
        json!({"schema": "1#/List", "parts": {"prefix": [], "item": null}})
    }

    const OBJECT: &str = "application/json";

    #[test]
    fn each_part_is_held_against_its_place_in_the_list() {
        let good = [
            part(OBJECT, "{\"name\":\"rex\"}"),
            part("", "7"),
            part("image/png", "\u{0}\u{fffd}"),
        ];
        assert_eq!(told(&listed(), &good), []);
        let told = |parts: &[String]| told(&listed(), parts);
        let schema = "inspect.body-schema";
        let object = part(OBJECT, "{\"name\":1}");
        assert_eq!(told(&[object, part("", "7")]), one(schema, "/0/name"));
        let second = |text: &str| [good[0].clone(), part("", text)];
        assert_eq!(told(&second("x")), one(schema, "/1"));
        assert_eq!(told(&second("70")), one(schema, "/1"));
        assert_eq!(told(&good[..1]), one(schema, ""));
        let more = [&good[..], &[part("", "7")]].concat();
        assert_eq!(told(&more), one(schema, "/3"));
    }

    #[test]
    fn a_part_of_another_kind_than_its_place_is_refused() {
        let told = |first: String| told(&listed(), &[first, part("", "7")]);
        let wrong = |first: String| {
            assert_eq!(
                told(first),
                [
                    ("inspect.content-type", "/0".to_owned()),
                    ("inspect.body-schema", "/0".to_owned())
                ]
            );
        };
        wrong(part("", "{\"name\":\"rex\"}"));
        wrong(part("text/plain", "{\"name\":\"rex\"}"));
        wrong(part("application/xml", "<name>rex</name>"));
        assert_eq!(
            told(part("application/vnd.a+json", "{\"name\":\"rex\"}")),
            []
        );
    }

    #[test]
    fn encodings_say_the_content_type_and_the_headers_of_a_position() {
        let header = json!({"name": "x-tag", "in": "header", "required": true, "style": "simple",
            "explode": false, "allow_empty": false, "content": null, "schema": "1#/Tag",
            "source": {"document": 1, "pointer": "/h"}});
        let encoding = |types: Value, headers: Value| {
            json!({"content_types": types, "style": "form", "explode": true,
                "headers": headers, "source": {"document": 1, "pointer": "/e"}})
        };
        let media = json!({"item": null, "schema": null, "parts": {
            "prefix": [encoding(json!(["image/*"]), json!([header]))],
            "item": encoding(json!(["text/css", "text/html"]), json!([]))}});
        let image = |more: &str| part(&format!("image/png{more}"), "x");
        let told = |parts: &[String]| told(&media, parts);
        assert_eq!(
            told(&[image("\r\nX-Tag: abc"), part("text/html", "<p>")]),
            []
        );
        let header = "inspect.part-header";
        assert_eq!(told(&[image("")]), one(header, "/0"));
        assert_eq!(told(&[image("\r\nX-Tag: abcd")]), one(header, "/0"));
        assert_eq!(
            told(&[image("\r\nX-Tag: a\r\nX-Tag: b")]),
            one(header, "/0")
        );
        let wrong = "inspect.content-type";
        let second = |kind: &str| [image("\r\nX-Tag: abc"), part(kind, "x")];
        assert_eq!(told(&second("text/plain")), one(wrong, "/1"));
        assert_eq!(told(&second("")), one(wrong, "/1"));
        let third = [&second("text/css")[..], &[part("image/png", "x")]].concat();
        assert_eq!(told(&third), one(wrong, "/2"));
    }

    #[test]
    fn every_part_is_an_item_where_items_are_described() {
        let media = json!({"schema": null, "item": "1#/Item",
            "parts": {"prefix": [], "item": null}});
        let told = |parts: &[String]| told(&media, parts);
        assert_eq!(told(&[part("", "abc"), part("text/plain", "")]), []);
        let long = [part("", "abc"), part("", "abcd")];
        assert_eq!(told(&long), one("inspect.body-schema", "/1"));
        assert_eq!(
            told(&[part(OBJECT, "\"abc\"")]),
            one("inspect.content-type", "/0")
        );
    }

    #[test]
    fn a_part_that_cannot_be_read_is_told_once_and_the_others_are_held() {
        let told = |second: String| {
            let first = part(OBJECT, "{\"name\":1}");
            told(&listed(), &[first, second])
        };
        let with = |code: &'static str, pointer: &str| {
            vec![
                (code, pointer.to_owned()),
                ("inspect.body-schema", "/0/name".to_owned()),
            ]
        };
        let text = told(part("text/plain", "\u{0}"));
        assert_eq!(text, with("parse.bad-body-text", "/1"));
        for (kind, content, code) in [
            ("image/svg+xml", "<!DOCTYPE svg><svg/>", "parse.xml-doctype"),
            (
                "multipart/mixed; boundary=YY",
                "--YY--",
                "parse.nested-multipart",
            ),
        ] {
            let wrong = ("inspect.content-type", "/1".to_owned());
            let mut wanted = [vec![wrong], with(code, "/1")].concat();
            let mut found = told(part(kind, content));
            wanted.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, wanted);
        }
        let torn = [part(OBJECT, "{\"a\":1,\"a\":2}"), part("", "7")];
        let found = super::tests::told(&listed(), &torn);
        assert_eq!(found, one("parse.duplicate-key", "/0/a"));
    }

    #[test]
    fn bytes_are_looked_at_only_where_the_list_asks_what_they_are() {
        let media = json!({"schema": "1#/Seen", "parts": {"prefix": [], "item": null}});
        let bytes = |content: &str| part("image/png", content);
        assert_eq!(told(&media, &[bytes("a"), bytes("b")]), []);
        let twice = told(&media, &[bytes("a"), bytes("a")]);
        assert_eq!(twice, one("inspect.body-schema", ""));
        let same = [part(OBJECT, "{\"name\":\"a\"}"), part("", "1"), bytes("1")];
        assert_eq!(told(&listed(), &same), []);
    }

    #[test]
    fn breaches_beyond_those_that_are_told_are_one_more() {
        let media = json!({"schema": null, "item": "1#/Item",
            "parts": {"prefix": [], "item": null}});
        let many: Vec<String> = (0..40).map(|_| part("", "abcd")).collect();
        let found = told(&media, &many);
        assert_eq!(found.len(), 33);
        assert_eq!(found[32], ("inspect.body-schema", String::new()));
        assert_eq!(told(&media, &many[..32]).len(), 32);
        assert_eq!(told(&media, &many[..32])[31].1, "/31");
    }

    #[test]
    fn a_reason_holds_the_value_its_span_and_the_line_that_asks_for_it() {
        let body = format!(
            "{}{}--XX--\r\n",
            part(OBJECT, "{\"name\":\"rex\"}"),
            part("text/html", "70")
        );
        let found = body_reasons(
            ("multipart/mixed", &listed()),
            &list(),
            PARTS,
            body.as_bytes(),
        );
        let [kind, schema] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(kind.value.as_deref(), Some("text/html"));
        assert_eq!(&*kind.expected, "text/plain");
        assert_eq!(schema.value.as_deref(), Some("70"));
        assert_eq!(schema.source.pointer, "/List/prefixItems/1/maximum");
        let (start, end) = schema.span.unwrap();
        assert_eq!(&body.as_bytes()[start as usize..end as usize], b"70");
    }
}
