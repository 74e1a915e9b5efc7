//! Form and multipart bodies as one object, by the shape of their schema and the encoding of each
//! property (OpenAPI 3.1, "Encoding Object"); text bodies as one string.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::emit::{self, Repeated, Tree, below};
use super::shape::{Plain, Shape, Types};
use super::styles::Cut;
use super::{bracket_path, is_json_type};
use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Source};
use crate::parse::form::Form;
use crate::parse::json::{JsonRules, Tape, TapeBuilder, parse_json};
use crate::parse::part::Part;
use crate::policy::form::{MediaForm, Style};

/// A decoded body, and what stands against it before its schema is asked.
#[derive(Clone, Debug)]
pub struct BodyTape {
    /// One object.
    pub tape: Tape,
    /// Repeated fields, malformed JSON in a part.
    pub reasons: Vec<Reason>,
}

#[derive(Clone, Debug)]
struct Encoding {
    content_types: Vec<String>,
    style: Style,
    explode: bool,
}

/// The compiled fields of one form or multipart media type.
#[derive(Clone, Debug)]
pub struct BodyFields {
    shape: Shape,
    encoding: BTreeMap<String, Encoding>,
    source: Source,
}

/// A text body as a string for the validator.
#[must_use]
pub fn text_tape(text: &str) -> Tape {
    let mut out = TapeBuilder::new();
    out.at(0, text.len());
    out.string(text);
    out.finish()
}

impl BodyFields {
    /// Compiles one media type. Load time only.
    #[must_use]
    pub fn compile(media: &MediaForm, schemas: &Map<String, Value>) -> Self {
        let shape = media
            .schema
            .as_deref()
            .map_or_else(Shape::any, |key| Shape::of_key(key, schemas));
        let encoding = media.encoding.iter().map(|(name, form)| {
            let content_types = form.content_types.clone();
            (
                name.clone(),
                Encoding {
                    content_types,
                    style: form.style,
                    explode: form.explode,
                },
            )
        });
        BodyFields {
            shape,
            encoding: encoding.collect(),
            source: crate::policy::source(&media.source),
        }
    }

    /// A form body as one object. Undeclared fields are text, lists where repeated.
    /// Cost: O(pairs x declared names with brackets + bytes).
    #[must_use]
    pub fn form(&self, form: &Form) -> BodyTape {
        let mut reasons = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut trees: BTreeMap<&str, Tree<'_>> = BTreeMap::new();
        for pair in form.pairs() {
            if let Some((name, path)) = self.bracketed(pair.name) {
                trees
                    .entry(name)
                    .or_insert_with(Tree::object)
                    .add(&path, pair.value);
                continue;
            }
            let name = self.list_name(pair.name);
            let held = values.entry(name).or_default();
            if held.is_empty() {
                names.push(name);
            }
            held.push(pair.value);
        }
        let mut out = TapeBuilder::new();
        out.begin_object();
        for name in names {
            out.key(name);
            let held = values.get(name).map_or(&[][..], Vec::as_slice);
            self.field(name, held, &mut out, &mut reasons);
        }
        for (name, tree) in trees.iter().filter(|(name, _)| !values.contains_key(*name)) {
            let any = Shape::any();
            let mut repeated = Vec::new();
            out.key(name);
            let shape = self.shape.member(name).unwrap_or(&any);
            tree.write(shape, &below("", name), &mut out, &mut repeated);
            reasons.extend(repeated.into_iter().map(|one| self.repeated(one)));
        }
        out.end_object();
        BodyTape {
            tape: out.finish(),
            reasons,
        }
    }

    /// `name[key]` of a property that is encoded as `deepObject`.
    fn bracketed(&self, name: &str) -> Option<(&str, Vec<String>)> {
        let (stem, _) = name.split_once('[')?;
        let (known, encoding) = self.encoding.get_key_value(stem)?;
        if encoding.style != Style::DeepObject {
            return None;
        }
        Some((known.as_str(), bracket_path(stem, name)?))
    }

    /// `ids[]` is the list `ids` where that is declared and `ids[]` is not.
    #[must_use]
    pub fn list_name<'n>(&self, name: &'n str) -> &'n str {
        match name.strip_suffix("[]") {
            Some(stem)
                if !self.shape.properties.contains_key(name)
                    && self
                        .shape
                        .properties
                        .get(stem)
                        .is_some_and(|shape| shape.types.has(Types::ARRAY)) =>
            {
                stem
            }
            _ => name,
        }
    }

    fn field(&self, name: &str, held: &[&str], out: &mut TapeBuilder, reasons: &mut Vec<Reason>) {
        let any = Shape::any();
        let shape = self.shape.member(name).unwrap_or(&any);
        let encoding = self.encoding.get(name);
        let first = held.first().copied().unwrap_or("");
        let is_json = encoding.is_some_and(|e| e.content_types.iter().any(|t| is_json_type(t)));
        let is_cut = encoding.is_some_and(|e| !e.explode || e.style != Style::Form);
        if held.len() == 1 && (is_json || shape.is_object()) && is_json_text(first, out) {
            return;
        }
        if let (true, Some(encoding), 1) = (is_cut, encoding, held.len()) {
            let cut = Cut {
                style: encoding.style,
                explode: encoding.explode,
                name,
                trims: false,
            };
            cut.write(first, shape, out);
            return;
        }
        let mut repeated = Vec::new();
        emit::leaf(held, shape, &below("", name), out, &mut repeated);
        reasons.extend(repeated.into_iter().map(|one| self.repeated(one)));
    }

    fn repeated(&self, (pointer, values): Repeated) -> Reason {
        let reason = Reason::new(
            Code::InspectParameterRepeated,
            Place::at(Location::Body, pointer),
        );
        reason
            .source(&self.source)
            .value(&values)
            .expected("one value")
    }

    /// A multipart body as one object: JSON parts are parsed, text parts coerced, files are opaque
    /// strings (one letter per octet where they are not UTF-8). Cost: O(bytes) from `budget`.
    #[must_use]
    pub fn multipart(
        &self,
        body: &[u8],
        parts: &[Part],
        bounds: &Bounds,
        budget: &mut Budget,
    ) -> BodyTape {
        let mut reasons = Vec::new();
        let mut groups: BTreeMap<&str, Vec<&Part>> = BTreeMap::new();
        for part in parts {
            groups
                .entry(self.list_name(&part.name))
                .or_default()
                .push(part);
        }
        let any = Shape::any();
        let mut out = TapeBuilder::new();
        out.begin_object();
        for (name, group) in &groups {
            out.key(name);
            let shape = self.shape.member(name).unwrap_or(&any);
            let is_list = shape.is_list() || group.len() > 1 && shape.types.has(Types::ARRAY);
            if group.len() > 1 && !is_list {
                let texts = group.iter().map(|part| part.content(body));
                let texts = texts.map(|content| std::str::from_utf8(content).unwrap_or("..."));
                reasons.push(self.repeated((below("", name), emit::together(texts))));
            }
            let item = if is_list {
                shape.items.as_deref().unwrap_or(&any)
            } else {
                shape
            };
            let mut writer = PartWriter {
                fields: self,
                name,
                body,
                bounds,
                budget,
                reasons: &mut reasons,
            };
            if is_list && !writer.is_whole_list(group) {
                out.begin_array();
                group
                    .iter()
                    .for_each(|part| writer.write(part, item, &mut out));
                out.end_array();
            } else if let Some(part) = group.first() {
                writer.write(part, if is_list { shape } else { item }, &mut out);
            }
        }
        out.end_object();
        BodyTape {
            tape: out.finish(),
            reasons,
        }
    }
}

/// Objects in forms are JSON where they parse as such (OpenAPI 3.1, default content type).
fn is_json_text(text: &str, out: &mut TapeBuilder) -> bool {
    let bounds = Bounds::default();
    let parsed = parse_json(
        text.as_bytes(),
        &JsonRules::STRICT,
        &bounds,
        &mut Budget::new(&bounds),
    );
    if let Ok(tape) = &parsed {
        emit::copy(tape, tape.root(), out);
    }
    parsed.is_ok()
}

struct PartWriter<'a, 'b> {
    fields: &'a BodyFields,
    name: &'a str,
    body: &'a [u8],
    bounds: &'a Bounds,
    budget: &'b mut Budget,
    reasons: &'b mut Vec<Reason>,
}

impl PartWriter<'_, '_> {
    /// One JSON part that holds the whole list.
    fn is_whole_list(&self, group: &[&Part]) -> bool {
        let [part] = group else { return false };
        part.media.as_ref().is_some_and(|media| media.is_json())
            && part.content(self.body).trim_ascii_start().starts_with(b"[")
    }

    fn write(&mut self, part: &Part, shape: &Shape, out: &mut TapeBuilder) {
        let content = part.content(self.body);
        out.at(part.start, part.end);
        let is_json = match &part.media {
            Some(media) => media.is_json(),
            None => shape.is_object(),
        };
        if is_json {
            self.json(part, out);
        } else if part.filename.is_some() || shape.is_object() {
            self.opaque(content, shape, out);
        } else if let Ok(text) = std::str::from_utf8(content) {
            emit::scalar(text, shape, out);
        } else {
            self.opaque(content, shape, out);
        }
    }

    fn opaque(&self, content: &[u8], shape: &Shape, out: &mut TapeBuilder) {
        // A file that its schema only calls a string is not copied.
        if shape.plain == Some(Plain::Text) {
            out.string("");
            return;
        }
        match std::str::from_utf8(content) {
            Ok(text) => out.string(text),
            Err(_) => out.string(
                &content
                    .iter()
                    .map(|octet| char::from(*octet))
                    .collect::<String>(),
            ),
        }
    }

    fn json(&mut self, part: &Part, out: &mut TapeBuilder) {
        match parse_json(
            part.content(self.body),
            &JsonRules::STRICT,
            self.bounds,
            self.budget,
        ) {
            Ok(tape) => emit::copy(&tape, tape.root(), out),
            Err(fault) => {
                let pointer = format!("{}{}", below("", self.name), fault.pointer);
                let reason = Reason::new(fault.code, Place::at(Location::Body, pointer));
                let start = part.start.saturating_add(super::usize_of(fault.span.0));
                let end = part.start.saturating_add(super::usize_of(fault.span.1));
                let reason = reason.span(start, end).expected(fault.expected);
                self.reasons.push(reason.source(&self.fields.source));
                out.null();
            }
        }
    }
}
