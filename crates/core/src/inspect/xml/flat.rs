//! The schemas that speak of one value: those written for it, and those that they refer to in place.

use serde_json::{Map, Value};

use crate::decision::Source;
use crate::inspect::reference::reference_key;
use crate::inspect::request_body::schema_source;

/// Schemas of one value; more are not followed.
const PARTS_MAX: usize = 256;
/// What a property that is not in this direction would be read by; see `lowering.py`.
const ABSENT: &str = "x-bartizan-xml";

/// One schema, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Part<'s> {
    pub(super) key: &'s str,
    pub(super) pointer: String,
    pub(super) value: &'s Value,
}

/// Why XML cannot be held against a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmapped {
    /// The schema in the document.
    pub source: Source,
    /// Lower case, no full stop.
    pub why: &'static str,
}

impl<'s> Part<'s> {
    pub(super) fn of_key(key: &'s str, schemas: &'s Map<String, Value>) -> Option<Self> {
        let (key, value) = schemas.get_key_value(key)?;
        Some(Part {
            key,
            pointer: String::new(),
            value,
        })
    }

    /// What stands at `steps` below it.
    pub(super) fn below(&self, steps: &[&str]) -> Option<Part<'s>> {
        let mut part = self.clone();
        for step in steps {
            part.value = match part.value {
                Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
                other => other.get(step)?,
            };
            part.pointer.push('/');
            crate::parse::json::push_token(&mut part.pointer, step);
        }
        Some(match part.value.get(ABSENT) {
            Some(value) => Part { value, ..part },
            None => part,
        })
    }

    /// Every schema in the mapping `word`, by name.
    pub(super) fn each(&self, word: &str) -> Vec<(&'s str, Part<'s>)> {
        let members = self.value.get(word).and_then(Value::as_object);
        members
            .into_iter()
            .flatten()
            .filter_map(|(name, _)| Some((name.as_str(), self.below(&[word, name])?)))
            .collect()
    }

    pub(super) fn unmapped(&self, why: &'static str) -> Unmapped {
        Unmapped {
            source: self.source(),
            why,
        }
    }

    pub(super) fn source(&self) -> Source {
        schema_source(self.key, &self.pointer)
    }

    /// The name of the component that it is; `None` for a schema written where it is used.
    pub(super) fn component(&self) -> Option<String> {
        let source = self.source();
        let names = ["/components/schemas/", "/definitions/"];
        let name = names
            .iter()
            .find_map(|start| source.pointer.strip_prefix(start))?;
        let is_whole = !name.contains('/');
        is_whole.then(|| crate::parse::json::read_token(name).into_owned())
    }

    pub(super) fn address(&self) -> usize {
        std::ptr::from_ref(self.value).addr()
    }

    fn in_place(&self, schemas: &'s Map<String, Value>) -> Vec<Part<'s>> {
        let reference = self.value.get("$ref").and_then(Value::as_str);
        let target = reference
            .and_then(reference_key)
            .and_then(|key| schemas.get_key_value(&key));
        let mut found: Vec<Part<'s>> = target
            .map(|(key, value)| Part {
                key,
                pointer: String::new(),
                value,
            })
            .into_iter()
            .collect();
        for word in ["allOf", "anyOf", "oneOf"] {
            let count = self
                .value
                .get(word)
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            found.extend((0..count).filter_map(|n| self.below(&[word, &n.to_string()])));
        }
        found.extend(
            ["then", "else"]
                .iter()
                .filter_map(|word| self.below(&[word])),
        );
        found.extend(
            self.each("dependentSchemas")
                .into_iter()
                .map(|(_, part)| part),
        );
        found
    }
}

/// `own` first, then all that they refer to in place, nearest first.
pub(super) fn flat<'s>(own: &[Part<'s>], schemas: &'s Map<String, Value>) -> Vec<Part<'s>> {
    let mut found: Vec<Part<'s>> = own.to_vec();
    let mut seen: std::collections::BTreeSet<usize> = own.iter().map(Part::address).collect();
    let mut at = 0_usize;
    while let Some(part) = found.get(at).cloned() {
        at = at.saturating_add(1);
        for next in part.in_place(schemas) {
            if found.len() < PARTS_MAX && seen.insert(next.address()) {
                found.push(next);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_speaks_of_a_value_comes_nearest_first_and_once() {
        let schemas = json!({
            "k": {"allOf": [{"$ref": "#/$defs/1%23~1components~1schemas~1A"}], "oneOf": [{"title": "x"}]},
            "1#/components/schemas/A": {"$ref": "#/$defs/k"},
        });
        let schemas = schemas.as_object().unwrap();
        let root = Part::of_key("k", schemas).unwrap();
        let all = flat(&[root], schemas);
        let places: Vec<_> = all.iter().map(|part| (part.key, &*part.pointer)).collect();
        assert_eq!(
            places,
            [
                ("k", ""),
                ("k", "/allOf/0"),
                ("k", "/oneOf/0"),
                ("1#/components/schemas/A", "")
            ]
        );
        assert_eq!(all.last().unwrap().component().as_deref(), Some("A"));
        assert_eq!(all.first().unwrap().component(), None);
    }

    #[test]
    fn an_absent_property_is_read_by_what_it_would_be() {
        let schemas =
            json!({"k": {"properties": {"a": {"not": {}, "x-bartizan-xml": {"type": "array"}}}}});
        let schemas = schemas.as_object().unwrap();
        let root = Part::of_key("k", schemas).unwrap();
        let (name, part) = root.each("properties").pop().unwrap();
        assert_eq!((name, part.value), ("a", &json!({"type": "array"})));
        assert_eq!(part.source().pointer, "k/properties/a");
    }
}
