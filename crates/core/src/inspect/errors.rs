//! From the engine's errors to ours: pointer, place in the source document, what is allowed.

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonTypeSet, ValidationError};
use serde_json::{Map, Value};

use super::formats::NUMERIC;
use super::links::{LINK, Slot, Slots};
use super::node::TapeNode;
use super::reference::{end_of_chain, reference_key};
use crate::parse::json::{NodeId, Tape, push_token, read_token};

/// The place of a keyword: key of the schema in the Form, and JSON Pointer below it.
pub type SchemaPlace = (String, String);

/// One breach of a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaError {
    /// JSON Pointer into the instance. Members that must not be there are named themselves; a
    /// missing member is told at its object.
    pub pointer: String,
    /// The keyword that is broken; `readOnly` or `writeOnly` where the direction forbids a member.
    pub keyword: String,
    /// Where the keyword stands, through every `$ref`.
    pub schema: SchemaPlace,
    /// What is allowed, never the value.
    pub expected: String,
    /// Byte span of the instance node.
    pub span: (u32, u32),
}

/// Most errors of a branch told below `anyOf` or `oneOf`.
const BRANCH_MAX: usize = 8;
/// Most breaches followed in one validation.
const ERRORS_MAX: usize = 512;
/// Deepest nesting of branches told.
const BRANCH_DEPTH_MAX: u8 = 3;
/// Longest `expected`, in bytes.
const EXPECTED_MAX: usize = 200;

/// Translates errors of one validation.
pub(crate) struct Translation<'a> {
    pub(crate) tape: &'a Tape,
    /// `$defs` by key.
    pub(crate) schemas: &'a Map<String, Value>,
    pub(crate) errors: Vec<SchemaError>,
    slots: &'a Slots,
    left: usize,
}

impl<'a> Translation<'a> {
    pub(crate) fn new(tape: &'a Tape, schemas: &'a Map<String, Value>, slots: &'a Slots) -> Self {
        Translation {
            tape,
            schemas,
            errors: Vec::new(),
            slots,
            left: ERRORS_MAX,
        }
    }

    /// Whether breaches may be left out.
    pub(crate) fn is_spent(&self) -> bool {
        self.left == 0
    }

    /// Adds one engine error, with what it holds below it. `base`: pointer of the node that the
    /// engine was given.
    pub(crate) fn add(&mut self, error: &ValidationError<'_>, base: &str, depth: u8) {
        let pointer = format!("{base}{}", error.instance_path().as_str());
        let place = place(error.schema_path().as_str());
        if let Some(target) = self.linked(&place) {
            self.follow(target, &pointer, depth);
            return;
        }
        if self.left == 0 {
            return;
        }
        self.left = self.left.saturating_sub(1);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                for name in unexpected {
                    let mut member = pointer.clone();
                    member.push('/');
                    push_token(&mut member, name);
                    self.push(
                        member,
                        error.kind().keyword(),
                        &place,
                        "a declared member".to_owned(),
                    );
                }
                return;
            }
            ValidationErrorKind::PropertyNames { error: inner } => {
                let expected = format!("member names: {}", self.expected(inner));
                self.push(pointer, "propertyNames", &place, expected);
                return;
            }
            _ => {}
        }
        let (keyword, expected) = self.keyword(error, &place);
        let place = match (keyword, place.1.strip_suffix("not")) {
            // What stands in the document there is the direction, not our `not`.
            ("readOnly" | "writeOnly", Some(parent)) => {
                let written = format!("{parent}{keyword}");
                (place.0, written)
            }
            _ => place,
        };
        self.push(pointer.clone(), keyword, &place, expected);
        match error.kind() {
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context } => {
                self.nearest(context, base, &pointer, depth);
            }
            _ => {}
        }
    }

    fn push(&mut self, pointer: String, keyword: &str, place: &SchemaPlace, expected: String) {
        let span = self
            .tape
            .resolve(&pointer)
            .map_or((0, 0), |node| self.span(node));
        let keyword = keyword.to_owned();
        self.errors.push(SchemaError {
            pointer,
            keyword,
            schema: place.clone(),
            expected,
            span,
        });
    }

    fn span(&self, node: NodeId) -> (u32, u32) {
        self.tape.span(node)
    }

    /// The slot behind a link of ours.
    fn linked(&self, place: &SchemaPlace) -> Option<&'a Slot> {
        let parent = place.1.strip_suffix(LINK)?.strip_suffix('/')?;
        let reference = self
            .schemas
            .get(&place.0)?
            .pointer(parent)?
            .get("$ref")?
            .as_str()?;
        let key = end_of_chain(self.schemas, &reference_key(reference)?).to_owned();
        self.slots.iter().find(|slot| slot.key == key)
    }

    /// The breaches that the target of a link tells.
    fn follow(&mut self, target: &'a Slot, pointer: &str, depth: u8) {
        let (Some(Ok(validator)), Some(at)) = (target.compiled.get(), self.tape.resolve(pointer))
        else {
            let place = (target.key.clone(), String::new());
            self.push(
                pointer.to_owned(),
                "schema",
                &place,
                "a schema that can be checked".to_owned(),
            );
            return;
        };
        for error in validator.iter_errors(TapeNode {
            tape: self.tape,
            at,
        }) {
            self.add(&error, pointer, depth);
            if self.left == 0 {
                break;
            }
        }
    }

    /// The branch that comes closest: right type and discriminating constants first, then the
    /// fewest errors.
    fn nearest(
        &mut self,
        context: &[Vec<ValidationError<'static>>],
        base: &str,
        at: &str,
        depth: u8,
    ) {
        if depth >= BRANCH_DEPTH_MAX {
            return;
        }
        let mut best: Option<((bool, usize, usize), Vec<SchemaError>)> = None;
        for branch in context.iter().filter(|branch| !branch.is_empty()) {
            let found = self.of_branch(branch, base, depth);
            let distance = distance(&found, at);
            if best.as_ref().is_none_or(|(least, _)| distance < *least) {
                best = Some((distance, found));
            }
        }
        if let Some((_, found)) = best {
            self.errors.extend(found.into_iter().take(BRANCH_MAX));
        }
    }

    fn of_branch(
        &self,
        branch: &[ValidationError<'static>],
        base: &str,
        depth: u8,
    ) -> Vec<SchemaError> {
        let mut own = Translation::new(self.tape, self.schemas, self.slots);
        own.left = BRANCH_MAX.saturating_mul(4).min(self.left);
        for error in branch {
            own.add(error, base, depth.saturating_add(1));
        }
        own.errors
    }

    fn keyword(&self, error: &ValidationError<'_>, place: &SchemaPlace) -> (&'static str, String) {
        if matches!(error.kind(), ValidationErrorKind::Not { .. }) {
            let parent = place.1.rsplit_once('/').map_or("", |(parent, _)| parent);
            let schema = self
                .schemas
                .get(&place.0)
                .and_then(|schema| schema.pointer(parent));
            match schema
                .and_then(|schema| schema.get(DIRECTION))
                .and_then(Value::as_str)
            {
                Some("readOnly") => {
                    return (
                        "readOnly",
                        "no such member in a request: it is read-only".to_owned(),
                    );
                }
                Some("writeOnly") => {
                    return (
                        "writeOnly",
                        "no such member in a response: it is write-only".to_owned(),
                    );
                }
                _ => {}
            }
        }
        let keyword = static_keyword(error.kind());
        (keyword, self.expected(error))
    }

    fn expected(&self, error: &ValidationError<'_>) -> String {
        use ValidationErrorKind as Kind;
        let text = match error.kind() {
            Kind::AdditionalItems { limit } => format!("at most {limit} items"),
            Kind::AnyOf { context } => format!("one of {} alternatives", context.len()),
            Kind::OneOfNotValid { context } => {
                format!("exactly one of {} alternatives", context.len())
            }
            Kind::OneOfMultipleValid { .. } => {
                "exactly one alternative; more than one fits".to_owned()
            }
            Kind::Constant { expected_value } => format!("the value {}", brief(expected_value)),
            Kind::Contains => "a fitting item".to_owned(),
            Kind::ContentEncoding { content_encoding } => format!("text in {content_encoding}"),
            Kind::ContentMediaType { content_media_type } => {
                format!("content of type {content_media_type}")
            }
            Kind::Custom { .. } | Kind::Format { .. } => self.format(error),
            Kind::Enum { options } => format!("one of {}", listed(options)),
            Kind::ExclusiveMaximum { limit } => format!("less than {}", brief(limit)),
            Kind::ExclusiveMinimum { limit } => format!("more than {}", brief(limit)),
            Kind::FalseSchema => "nothing here".to_owned(),
            Kind::MaxItems { limit } => format!("at most {limit} items"),
            Kind::Maximum { limit } => format!("at most {}", brief(limit)),
            Kind::MaxLength { limit } => format!("at most {limit} characters"),
            Kind::MaxProperties { limit } => format!("at most {limit} members"),
            Kind::MinItems { limit } => format!("at least {limit} items"),
            Kind::Minimum { limit } => format!("at least {}", brief(limit)),
            Kind::MinLength { limit } => format!("at least {limit} characters"),
            Kind::MinProperties { limit } => format!("at least {limit} members"),
            Kind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
            Kind::Not { .. } => "a value outside the excluded schema".to_owned(),
            Kind::Pattern { pattern } => format!("text that fits the pattern {pattern}"),
            Kind::Required { property } => format!("the member {}", brief(property)),
            Kind::Type { kind } => types(kind),
            Kind::UnevaluatedItems { .. } => "only declared items".to_owned(),
            Kind::UniqueItems => "no item twice".to_owned(),
            Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => {
                "text that the pattern can be held against within its step cap".to_owned()
            }
            _ => "a value that fits the schema".to_owned(),
        };
        cut(text)
    }

    fn format(&self, error: &ValidationError<'_>) -> String {
        if let ValidationErrorKind::Format { format } = error.kind() {
            return format!("format {format}");
        }
        let (key, pointer) = place(error.schema_path().as_str());
        let schema = self
            .schemas
            .get(&key)
            .and_then(|schema| schema.pointer(&pointer));
        format!(
            "format {}",
            schema.and_then(Value::as_str).unwrap_or("of a number")
        )
    }
}

fn distance(branch: &[SchemaError], at: &str) -> (bool, usize, usize) {
    let is_type = |keyword: &str| matches!(keyword, "type" | "false");
    let wrong_type = branch
        .iter()
        .any(|error| is_type(&error.keyword) && error.pointer == at);
    let constants = branch
        .iter()
        .filter(|error| matches!(&*error.keyword, "const" | "enum"));
    (wrong_type, constants.count(), branch.len())
}

/// Marks a schema that stands for a direction (`{"not": {}, "x-bartizan-direction": "readOnly"}`).
pub(crate) const DIRECTION: &str = "x-bartizan-direction";

fn static_keyword(kind: &ValidationErrorKind) -> &'static str {
    use ValidationErrorKind as Kind;
    match kind {
        Kind::AdditionalItems { .. } => "additionalItems",
        Kind::AnyOf { .. } => "anyOf",
        Kind::BacktrackLimitExceeded { .. }
        | Kind::RegexEngineFailure { .. }
        | Kind::Pattern { .. } => "pattern",
        Kind::Constant { .. } => "const",
        Kind::Contains => "contains",
        Kind::ContentEncoding { .. } | Kind::FromUtf8 { .. } => "contentEncoding",
        Kind::ContentMediaType { .. } => "contentMediaType",
        Kind::Custom { .. } | Kind::Format { .. } => "format",
        Kind::Enum { .. } => "enum",
        Kind::ExclusiveMaximum { .. } => "exclusiveMaximum",
        Kind::ExclusiveMinimum { .. } => "exclusiveMinimum",
        Kind::FalseSchema => "false",
        Kind::MaxItems { .. } => "maxItems",
        Kind::Maximum { .. } => "maximum",
        Kind::MaxLength { .. } => "maxLength",
        Kind::MaxProperties { .. } => "maxProperties",
        Kind::MinItems { .. } => "minItems",
        Kind::Minimum { .. } => "minimum",
        Kind::MinLength { .. } => "minLength",
        Kind::MinProperties { .. } => "minProperties",
        Kind::MultipleOf { .. } => "multipleOf",
        Kind::Not { .. } => "not",
        Kind::OneOfMultipleValid { .. } | Kind::OneOfNotValid { .. } => "oneOf",
        Kind::Required { .. } => "required",
        Kind::Type { .. } => "type",
        Kind::UnevaluatedItems { .. } => "unevaluatedItems",
        Kind::UniqueItems => "uniqueItems",
        _ => "schema",
    }
}

fn types(kind: &TypeKind) -> String {
    let set = match kind {
        TypeKind::Single(one) => JsonTypeSet::from(*one),
        TypeKind::Multiple(set) => *set,
    };
    let names: Vec<&str> = set.iter().map(jsonschema::JsonType::as_str).collect();
    names.join(" or ")
}

fn brief(value: &Value) -> String {
    cut(value.to_string())
}

fn listed(options: &Value) -> String {
    match options {
        Value::Array(items) => items
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}

fn cut(mut text: String) -> String {
    if text.len() > EXPECTED_MAX {
        let mut end = EXPECTED_MAX;
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        text.truncate(end);
        text.push_str("...");
    }
    text
}

/// Splits `/$defs/<key>/<pointer>`; our numeric keyword is told as the `format` beside it.
pub(crate) fn place(path: &str) -> SchemaPlace {
    let Some(below) = path.strip_prefix("/$defs/") else {
        return (String::new(), path.to_owned());
    };
    let (key, pointer) = match below.find('/') {
        Some(end) => (
            below.get(..end).unwrap_or(""),
            below.get(end..).unwrap_or(""),
        ),
        None => (below, ""),
    };
    let pointer = match pointer.strip_suffix(NUMERIC) {
        Some(parent) => format!("{parent}format"),
        None => pointer.to_owned(),
    };
    (read_token(key).into_owned(), pointer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::budget::{Bounds, Budget};
    use crate::inspect::schema::Schemas;
    use crate::parse::json::{JsonRules, parse_json};

    /// Pointer, keyword, place below the schema and what is allowed, for each breach.
    fn told(schema: serde_json::Value, text: &str) -> Vec<[String; 4]> {
        let defs = json!({ "1#/s": schema });
        let schemas = Schemas::build(defs.as_object().unwrap()).unwrap();
        let bounds = Bounds::default();
        let mut budget = Budget::new(&bounds);
        let tape = parse_json(text.as_bytes(), &JsonRules::STRICT, &bounds, &mut budget).unwrap();
        let found = schemas.validate(schemas.validator("1#/s").unwrap(), &tape, 32);
        found
            .into_iter()
            .map(|error| [error.pointer, error.keyword, error.schema.1, error.expected])
            .collect()
    }

    #[test]
    fn each_undeclared_member_is_told_by_itself() {
        let schema = json!({"properties": {"a": {}}, "additionalProperties": false});
        let found = told(schema, r#"{"a":1,"b/c":2,"d":3}"#);
        let pointers: Vec<&str> = found.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(pointers, ["/b~1c", "/d"]);
        assert!(found.iter().all(|row| row[1] == "additionalProperties"));
    }

    #[test]
    fn a_direction_is_told_as_it_stands_in_the_document() {
        let member = json!({"not": {}, "readOnly": true, "x-bartizan-direction": "readOnly"});
        let schema = json!({"properties": {"id": member}});
        let [row] = told(schema, r#"{"id":1}"#).try_into().unwrap();
        assert_eq!(row[1], "readOnly");
        assert_eq!(row[2], "/properties/id/readOnly");
        assert_eq!(row[3], "no such member in a request: it is read-only");
    }

    #[test]
    fn of_several_alternatives_the_nearest_is_told() {
        let branch = |kind: &str| json!({"properties": {"kind": {"const": kind}, "size": {"maximum": 3}}, "required": ["kind"]});
        let schema = json!({"oneOf": [branch("cat"), branch("dog")]});
        let found = told(schema, r#"{"kind":"dog","size":9}"#);
        assert_eq!(found[0][1], "oneOf");
        assert_eq!(
            found[1][..3],
            ["/size", "maximum", "/oneOf/1/properties/size/maximum"]
        );
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn what_is_allowed_is_told_short_and_without_the_value() {
        let long: Vec<String> = (0..100).map(|number| format!("value-{number}")).collect();
        let [row] = told(json!({ "enum": long }), "\"secret-value\"")
            .try_into()
            .unwrap();
        assert!(row[3].starts_with("one of \"value-0\""), "{}", row[3]);
        assert!(
            row[3].len() <= super::EXPECTED_MAX + "...".len(),
            "{}",
            row[3].len()
        );
        assert!(!row[3].contains("secret"));
    }
}
