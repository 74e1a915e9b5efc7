//! Declared media types of a body, and which one a message is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::form::{DataClass, MediaForm};
use super::{BuildFault, source};
use crate::decision::Source;
use crate::inspect::ordered::Ordered;
use crate::inspect::parameters::BodyFields;
use crate::inspect::part_rule::PartRule;
use crate::inspect::schema::{Schemas, ValidatorId};
use crate::inspect::xml::{Unmapped, XmlPlan};
use crate::parse::MediaType;
use crate::parse::media::is_xml;
use crate::shape::{PlanId, Shapes};

/// What the core can read of a media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// `text/event-stream`: events, each an object of `data`, `event`, `id` and `retry`.
    EventStream,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// JSON and `+json`.
    Json,
    /// `application/x-ndjson`, `application/jsonl` and kin: one JSON text on each line.
    JsonLines,
    /// `application/json-seq` and `+json-seq`: JSON texts behind record separators (RFC 7464).
    JsonSequence,
    /// `multipart/form-data` and other `multipart/*`.
    Multipart,
    /// Bytes without a reading.
    Opaque,
    /// `text/*`.
    Text,
    /// `application/xml`, `text/xml` and `+xml`.
    Xml,
}

impl MediaKind {
    fn is_sequence(self) -> bool {
        matches!(
            self,
            MediaKind::EventStream | MediaKind::JsonLines | MediaKind::JsonSequence
        )
    }
}

/// What bodies are compiled against.
#[derive(Clone, Copy, Debug)]
pub struct Compilers<'p> {
    /// Schemas of the Policy.
    pub schemas: &'p Schemas,
    /// What responses may hold.
    pub shapes: &'p Shapes,
    /// Whether XML is mapped: bodies of Requests.
    pub maps_xml: bool,
}

impl Compilers<'_> {
    /// The same for bodies of Requests.
    #[must_use]
    pub fn of_requests(self) -> Self {
        Compilers {
            maps_xml: true,
            ..self
        }
    }
}

/// One declared media type.
#[derive(Debug)]
pub struct Media {
    /// How it is read.
    pub kind: MediaKind,
    /// Its schema; `None` = anything. Of a sequence: of all its items as one list.
    pub schema: Option<ValidatorId>,
    /// Sequences: the schema of each item; `None` = anything.
    pub item: Option<ValidatorId>,
    /// Sequences: what an item of a Response may hold.
    pub item_shape: Option<PlanId>,
    /// Events: the schema of the JSON in their `data`; `None` = anything.
    pub data: Option<ValidatorId>,
    /// Events: what that JSON may hold.
    pub data_shape: Option<PlanId>,
    /// Form and multipart: how its fields are written.
    pub fields: Option<BodyFields>,
    /// XML of Requests with a schema: how its values are written, or why that cannot be told.
    pub xml: Option<Result<XmlPlan, Unmapped>>,
    /// Multipart: what parts of a name must say of themselves.
    pub rules: BTreeMap<String, PartRule>,
    /// Multipart whose parts are told apart by their position.
    pub ordered: Option<Ordered>,
    /// What a Response of it may hold.
    pub shape: Option<PlanId>,
    /// Whether any value of it may be secret.
    pub holds_secrets: bool,
    /// Whether one may be that cannot be taken out of a Response, since its reading is not JSON.
    pub holds_uncut: bool,
    /// Where it is declared.
    pub source: Source,
}

impl Media {
    fn build(kind: MediaKind, form: &MediaForm, with: Compilers<'_>) -> Result<Self, BuildFault> {
        let source = source(&form.source);
        let validator = |key: &Option<String>| match key {
            None => Ok(None),
            Some(key) => match with.schemas.validator(key) {
                None => Err(BuildFault::at(
                    &source,
                    format!("schema `{key}` is not in the form"),
                )),
                found => Ok(found),
            },
        };
        let schema = validator(&form.schema)?;
        let item = validator(&form.item)?;
        let data = validator(&form.data)?;
        let has_fields = matches!(kind, MediaKind::Form | MediaKind::Multipart);
        let fields = has_fields.then(|| BodyFields::compile(form, with.schemas.defs()));
        let maps_xml = kind == MediaKind::Xml && with.maps_xml;
        let xml = form.schema.as_deref().filter(|_| maps_xml);
        let is_multipart = kind == MediaKind::Multipart;
        let rule = |(name, one)| {
            let rule = PartRule::compile(Some(one), None, &form.source, with.schemas);
            (String::clone(name), rule)
        };
        let named = form.encoding.iter().filter(|_| is_multipart);
        let parts = form.parts.as_ref().filter(|_| is_multipart);
        let plan = |key: &Option<String>| with.shapes.plan(key.as_deref()?);
        let plans = [&form.schema, &form.item, &form.data].map(plan);
        let [shape, item_shape, data_shape] = plans;
        let holds = |plan: Option<PlanId>| plan.is_some_and(|plan| with.shapes.holds_secrets(plan));
        let is_secret = form
            .unheld
            .as_ref()
            .is_some_and(|unheld| unheld.class == DataClass::Secret);
        let by_item = holds(item_shape) || holds(data_shape);
        let holds_uncut = is_secret
            || (kind != MediaKind::Json && holds(shape))
            || (!kind.is_sequence() && by_item);
        Ok(Media {
            kind,
            schema,
            item,
            item_shape,
            data,
            data_shape,
            fields,
            xml: xml.map(|key| XmlPlan::compile(key, with.schemas.defs())),
            rules: named.map(rule).collect(),
            ordered: parts.map(|parts| Ordered::compile(parts, form, with.schemas)),
            shape,
            holds_secrets: is_secret || holds(shape) || by_item,
            holds_uncut,
            source,
        })
    }

    /// Whether the body is held and looked at.
    #[must_use]
    pub fn is_inspected(&self) -> bool {
        match self.kind {
            MediaKind::Json | MediaKind::Form | MediaKind::Xml => true,
            MediaKind::Multipart => self.schema.is_some() || self.ordered.is_some(),
            MediaKind::Text => self.schema.is_some(),
            MediaKind::JsonLines | MediaKind::JsonSequence => {
                self.schema.is_some() || self.item.is_some()
            }
            MediaKind::EventStream | MediaKind::Opaque => false,
        }
    }

    /// Whether it is a sequence of items, each of which can be read alone.
    #[must_use]
    pub fn is_sequence(&self) -> bool {
        self.kind.is_sequence()
    }

    /// Whether each item of it is held against a schema, one by one.
    #[must_use]
    pub fn has_items(&self) -> bool {
        self.is_sequence() && (self.item.is_some() || self.data.is_some())
    }

    /// Whether it is JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.kind == MediaKind::Json
    }

    /// Whether it is a multipart body.
    #[must_use]
    pub fn is_multipart(&self) -> bool {
        self.kind == MediaKind::Multipart
    }
}

/// Names in use for one JSON text on each line.
const JSON_LINES: [&str; 5] = [
    "application/jsonl",
    "application/jsonlines",
    "application/ndjson",
    "application/x-jsonlines",
    "application/x-ndjson",
];

fn kind(range: &str) -> MediaKind {
    if range == "application/json" || range.ends_with("+json") {
        MediaKind::Json
    } else if range == "application/x-www-form-urlencoded" {
        MediaKind::Form
    } else if range.starts_with("multipart/") {
        MediaKind::Multipart
    } else if range == "text/event-stream" {
        MediaKind::EventStream
    } else if JSON_LINES.contains(&range) {
        MediaKind::JsonLines
    } else if range == "application/json-seq" || range.ends_with("+json-seq") {
        MediaKind::JsonSequence
    } else if is_xml(range) {
        MediaKind::Xml
    } else if range.starts_with("text/") {
        MediaKind::Text
    } else {
        MediaKind::Opaque
    }
}

/// Declared media types by range.
#[derive(Debug, Default)]
pub struct MediaMap {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    range: String,
    media: Arc<Media>,
    /// What JSON is under a range that does not name it, such as `*/*`.
    json: Option<Arc<Media>>,
    /// What XML is there.
    xml: Option<Arc<Media>>,
}

impl Entry {
    fn build(range: &str, form: &MediaForm, with: Compilers<'_>) -> Result<Self, BuildFault> {
        let media = Arc::new(Media::build(kind(range), form, with)?);
        let within = |kind| match range.ends_with("/*") {
            true => Media::build(kind, form, with).map(|media| Some(Arc::new(media))),
            false => Ok(None),
        };
        Ok(Entry {
            range: range.to_owned(),
            media,
            json: within(MediaKind::Json)?,
            xml: within(MediaKind::Xml)?,
        })
    }
}

impl MediaMap {
    /// Compiles the declared media types.
    ///
    /// # Errors
    /// `BuildFault` for a schema key that is not there.
    pub fn build(
        content: &BTreeMap<String, MediaForm>,
        with: Compilers<'_>,
    ) -> Result<Self, BuildFault> {
        let entries = content
            .iter()
            .map(|(range, form)| Entry::build(range, form, with))
            .collect::<Result<_, BuildFault>>()?;
        Ok(MediaMap { entries })
    }

    /// Whether a body of this type may hold a secret that cannot be taken out. One of a type that is
    /// not declared may hold what any of the others does.
    #[must_use]
    pub fn holds_uncut(&self, sent: Option<&MediaType>) -> bool {
        match self.select(sent) {
            Some(media) => media.holds_uncut,
            None => self.entries.iter().any(|entry| entry.media.holds_secrets),
        }
    }

    /// The closest declared type; without a sent type only `*/*` fits. A JSON or XML body under a
    /// range such as `*/*` is read as what was sent.
    #[must_use]
    pub fn select(&self, sent: Option<&MediaType>) -> Option<&Arc<Media>> {
        let Some(sent) = sent else {
            let whole = self.entries.iter().find(|entry| entry.range == "*/*");
            return whole.map(|entry| &entry.media);
        };
        let ranges = self.entries.iter().map(|e| (e.range.as_str(), e));
        let (_, entry) = sent.closest(ranges)?;
        let json = entry.json.as_ref().filter(|_| sent.is_json());
        let xml = entry.xml.as_ref().filter(|_| sent.is_xml());
        Some(json.or(xml).unwrap_or(&entry.media))
    }

    /// Whether nothing is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The declared media types.
    pub fn all(&self) -> impl Iterator<Item = &Media> {
        self.entries.iter().map(|entry| &*entry.media)
    }

    /// Schemas that XML cannot be held against, where XML is declared by name.
    pub fn unmapped(&self) -> impl Iterator<Item = &Unmapped> {
        self.all()
            .filter_map(|media| media.xml.as_ref()?.as_ref().err())
    }

    /// The declared ranges, for people.
    #[must_use]
    pub fn accepted(&self) -> String {
        let ranges: Vec<String> = self
            .entries
            .iter()
            .map(|entry| format!("`{}`", entry.range))
            .collect();
        ranges.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::testing::{form, json_content, load, operation};

    #[test]
    fn a_range_is_read_as_what_it_names() {
        for (range, wanted) in [
            ("application/json", MediaKind::Json),
            ("application/problem+json", MediaKind::Json),
            ("application/x-www-form-urlencoded", MediaKind::Form),
            ("multipart/form-data", MediaKind::Multipart),
            ("multipart/mixed", MediaKind::Multipart),
            ("multipart/*", MediaKind::Multipart),
            ("text/plain", MediaKind::Text),
            ("text/event-stream", MediaKind::EventStream),
            ("application/x-ndjson", MediaKind::JsonLines),
            ("application/jsonl", MediaKind::JsonLines),
            ("application/json-seq", MediaKind::JsonSequence),
            ("application/geo+json-seq", MediaKind::JsonSequence),
            ("application/xml", MediaKind::Xml),
            ("text/xml", MediaKind::Xml),
            ("image/svg+xml", MediaKind::Xml),
            ("image/png", MediaKind::Opaque),
        ] {
            assert_eq!(kind(range), wanted, "{range}");
        }
    }

    #[test]
    fn json_and_xml_under_a_range_are_read_as_such_and_bytes_are_not() {
        for (range, is_json) in [("*/*", true), ("application/*", true), ("text/*", false)] {
            let mut form = form();
            let mut operation = operation("POST", "/a");
            let mut content = json_content("k");
            let media = content["application/json"].take();
            content = json!({ range: media });
            operation["body"] = json!({"required": true, "content": content,
                "source": {"document": 1, "pointer": "/content"}});
            form["schemas"] = json!({"k": {"type": "object"}});
            form["operations"] = json!([operation]);
            let policy = load(&form);
            let body = policy.operations()[0].body.as_ref().unwrap();
            let read = |sent: &str| {
                let sent = crate::parse::media::read_media(sent.as_bytes()).unwrap();
                body.media.select(Some(&sent)).map(|media| media.kind)
            };
            let wanted = is_json.then_some(MediaKind::Json);
            assert_eq!(read("application/json"), wanted, "{range}");
            assert_eq!(read("application/a+json"), wanted, "{range}");
            assert_ne!(read("application/octet-stream"), Some(MediaKind::Json));
            let wanted = is_json.then_some(MediaKind::Xml);
            assert_eq!(read("application/xml"), wanted, "{range}");
            assert_eq!(
                read("text/xml"),
                (range != "application/*").then_some(MediaKind::Xml),
                "{range}"
            );
        }
    }

    #[test]
    fn a_schema_that_xml_cannot_follow_is_told_where_xml_is_named() {
        let told = |range: &str| {
            let mut form = form();
            let mut operation = operation("POST", "/a");
            let media = json!({"schema": "1#/k", "source": {"document": 1, "pointer": "/c"}});
            operation["body"] = json!({"required": true, "content": {range: media},
                "source": {"document": 1, "pointer": "/content"}});
            form["schemas"] = json!({"1#/k": {"patternProperties": {"a": {"type": "string"}}}});
            form["operations"] = json!([operation]);
            let policy = load(&form);
            let media = &policy.operations()[0].body.as_ref().unwrap().media;
            media
                .unmapped()
                .map(|one| one.source.pointer.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(told("text/xml"), ["/k/patternProperties"]);
        assert!(told("application/json").is_empty() && told("*/*").is_empty());
    }

    #[test]
    fn without_a_sent_type_nothing_declared_fits() {
        let map = MediaMap::default();
        assert!(map.is_empty());
        assert!(map.select(None).is_none());
        assert_eq!(map.accepted(), "");
    }
}
