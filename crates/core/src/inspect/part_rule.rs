//! What one part of a multipart body must say of itself: its content type and its headers (OpenAPI,
//! "Encoding Object").

use super::heads::Declared;
use super::parameters::{Shape, Types};
use super::request_body::BodyTask;
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::inspect::schema::Schemas;
use crate::parse::media::read_media;
use crate::parse::part::Part;
use crate::policy::form::{EncodingForm, SourceForm};

/// The compiled encoding of one part.
#[derive(Debug)]
pub struct PartRule {
    content_types: Vec<String>,
    headers: Option<Declared>,
    source: Source,
}

/// A part in its body. pointer: where its value stands; default: its type where it names none.
pub(super) struct PartAt<'b> {
    pub(super) body: &'b [u8],
    pub(super) part: &'b Part,
    pub(super) pointer: String,
    pub(super) default: &'static str,
}

impl PartAt<'_> {
    fn reason(&self, code: Code) -> Reason {
        Reason::new(code, Place::at(Location::Body, self.pointer.clone()))
            .span(self.part.start, self.part.end)
    }

    /// A part that holds parts itself: some readers take them for parts of the whole.
    pub(super) fn nested(&self) -> Option<Reason> {
        let media = self.part.media.as_ref()?;
        media.is_multipart().then(|| {
            self.reason(Code::ParseNestedMultipart)
                .value(media.essence())
                .expected("a part that holds no parts")
        })
    }
}

impl PartRule {
    /// The rule of an encoding. shape: gives the default content types (OpenAPI 3.2, "Encoding
    /// Object"), where there is one; outer: where the media type is declared. Load time only.
    #[must_use]
    pub fn compile(
        form: Option<&EncodingForm>,
        shape: Option<&Shape>,
        outer: &SourceForm,
        schemas: &Schemas,
    ) -> Self {
        let source = form.and_then(|form| form.source.as_ref()).unwrap_or(outer);
        let written = form.map_or(&[][..], |form| form.content_types.as_slice());
        let headers = form.map_or(&[][..], |form| form.headers.as_slice());
        PartRule {
            content_types: match shape {
                Some(shape) if written.is_empty() => default_types(shape),
                _ => written.to_vec(),
            },
            headers: (!headers.is_empty()).then(|| Declared::of_part(headers, source, schemas)),
            source: crate::policy::source(source),
        }
    }

    /// What stands against the head of a part.
    pub(super) fn check(
        &self,
        at: &PartAt<'_>,
        task: &BodyTask<'_>,
        budget: &mut Budget,
    ) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.wrong_type(at).into_iter().collect();
        if let Some(headers) = &self.headers {
            let (schemas, bounds) = (&task.policy.schemas, &task.policy.bounds);
            reasons.extend(headers.inspect_part(
                (at.body, at.part),
                &at.pointer,
                schemas,
                bounds,
                budget,
            ));
        }
        reasons
    }

    fn wrong_type(&self, at: &PartAt<'_>) -> Option<Reason> {
        let sent = at.part.media.clone();
        let sent = sent.or_else(|| read_media(at.default.as_bytes()).ok())?;
        let types = &self.content_types;
        if types.is_empty() || types.iter().any(|range| sent.fits(range).is_some()) {
            return None;
        }
        let reason = at.reason(Code::InspectContentType).source(&self.source);
        Some(reason.value(sent.essence()).expected(types.join(", ")))
    }
}

/// Of a schema without a type, or of bytes, any: `application/octet-stream` says no more.
fn default_types(shape: &Shape) -> Vec<String> {
    let types = shape.types;
    if types == Types::ANY || shape.is_bytes {
        return Vec::new();
    }
    let is_text = types.has(Types::STRING) || types.has(Types::NUMBER) || types.has(Types::BOOLEAN);
    let is_json = types.has(Types::OBJECT) || types.has(Types::ARRAY);
    let named = [(is_text, "text/plain"), (is_json, "application/json")];
    let fitting = named.into_iter().filter(|(fits, _)| *fits);
    fitting.map(|(_, name)| name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    fn types(schema: &Value) -> Vec<String> {
        let mut schemas = Map::new();
        schemas.insert("k".to_owned(), schema.clone());
        default_types(&Shape::of_key("k", &schemas))
    }

    #[test]
    fn the_default_type_of_a_part_is_that_of_its_schema() {
        for (schema, wanted) in [
            (json!({"type": "object"}), &["application/json"][..]),
            (json!({"type": "array"}), &["application/json"]),
            (json!({"type": "string"}), &["text/plain"]),
            (json!({"type": ["integer", "null"]}), &["text/plain"]),
            (
                json!({"type": ["string", "object"]}),
                &["text/plain", "application/json"],
            ),
            (json!({"anyOf": [{"type": "boolean"}]}), &["text/plain"]),
        ] {
            assert_eq!(types(&schema), wanted, "{schema}");
        }
    }

    #[test]
    fn bytes_and_what_has_no_type_may_be_of_any_content_type() {
        for schema in [
            json!({}),
            json!({"contentMediaType": "image/png"}),
            json!({"type": "string", "format": "binary"}),
            json!({"type": "string", "contentEncoding": "base64"}),
            json!({"anyOf": [{"type": "string"}, {}]}),
        ] {
            assert!(types(&schema).is_empty(), "{schema}");
        }
    }
}
