//! Links between schemas: a `$ref` below a member or item becomes a call of the target's own
//! validator, so that every schema is compiled once, however many others refer to it.
//!
//! References in place (at the root of a schema, or beside `unevaluated...`) stay with the engine:
//! it carries annotations through them and knows cycles that do not move on in the instance. A link
//! always moves on, so its depth is that of the instance.

use std::sync::{Arc, OnceLock, Weak};

use jsonschema::{Keyword, ValidationError, Validator};
use serde_json::{Map, Value};

use super::node::{TapeJson, TapeNode};
use super::schema::SchemaFault;

/// Our keyword in place of a linked `$ref`; its value is the number of a slot.
pub(crate) const LINK: &str = "x-bartizan-link";

/// Keywords whose schemas look at the same place of the instance.
const IN_PLACE: [&str; 8] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
];
/// Keywords that hold schemas by name.
const NAMED: [&str; 3] = ["properties", "patternProperties", "dependentSchemas"];
/// Keywords that hold one schema or a list of them.
const HOLDING: [&str; 15] = [
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "items",
    "prefixItems",
    "contains",
    "additionalProperties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];

/// Replaces what can be linked in `schema`; `number` gives the slot of a reference.
pub(crate) fn link(schema: &mut Value, number: &impl Fn(&str) -> Option<u32>) {
    walk(schema, true, number);
}

fn walk(schema: &mut Value, stays: bool, number: &impl Fn(&str) -> Option<u32>) {
    let Value::Object(map) = schema else { return };
    let stays = stays || map.keys().any(|keyword| keyword.starts_with("unevaluated"));
    for (keyword, value) in map.iter_mut() {
        let below = stays && IN_PLACE.contains(&keyword.as_str());
        match value {
            Value::Object(named) if NAMED.contains(&keyword.as_str()) => {
                named
                    .values_mut()
                    .for_each(|child| walk(child, below, number));
            }
            Value::Object(_) if HOLDING.contains(&keyword.as_str()) => walk(value, below, number),
            Value::Array(items) if HOLDING.contains(&keyword.as_str()) => {
                items
                    .iter_mut()
                    .for_each(|child| walk(child, below, number));
            }
            _ => {}
        }
    }
    if !stays {
        replace(map, number);
    }
}

fn replace(map: &mut Map<String, Value>, number: &impl Fn(&str) -> Option<u32>) {
    let slot = map.get("$ref").and_then(Value::as_str).and_then(number);
    if let Some(slot) = slot {
        map.shift_remove("$ref");
        map.insert(LINK.to_owned(), Value::from(slot));
    }
}

/// A schema and its validator, once compiled.
pub(crate) struct Slot {
    pub(crate) key: String,
    pub(crate) compiled: OnceLock<Result<Validator<TapeJson>, SchemaFault>>,
    /// Whether everything that it links to is compiled too.
    pub(crate) closed: OnceLock<Result<(), SchemaFault>>,
}

impl Slot {
    pub(crate) fn new(key: String) -> Self {
        Slot {
            key,
            compiled: OnceLock::new(),
            closed: OnceLock::new(),
        }
    }
}

/// All schemas of a Policy by number.
pub(crate) type Slots = Arc<Vec<Slot>>;

/// A link: the validator of its slot, looked up when it is asked. It holds the slots weakly, since
/// they hold it.
pub(crate) struct Link {
    pub(crate) slots: Weak<Vec<Slot>>,
    pub(crate) at: usize,
}

impl<'i> Keyword<'i, TapeJson> for Link {
    fn validate(&self, instance: TapeNode<'i>) -> Result<(), ValidationError<'i>> {
        if Keyword::<TapeJson>::is_valid(self, instance) {
            Ok(())
        } else {
            Err(ValidationError::custom(
                "does not fit the schema it is linked to",
            ))
        }
    }

    /// A slot that is gone or not compiled fits nothing.
    fn is_valid(&self, instance: TapeNode<'i>) -> bool {
        self.slots.upgrade().is_some_and(|slots| {
            let compiled = slots.get(self.at).and_then(|slot| slot.compiled.get());
            compiled.is_some_and(|compiled| {
                compiled
                    .as_ref()
                    .is_ok_and(|validator| validator.is_valid(instance))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn linked(mut schema: Value) -> Value {
        link(&mut schema, &|reference| {
            reference.strip_prefix("#/$defs/")?.parse().ok()
        });
        schema
    }

    #[test]
    fn references_below_members_and_items_are_linked() {
        let schema = json!({"properties": {"a": {"$ref": "#/$defs/1", "title": "t"}},
            "items": {"anyOf": [{"$ref": "#/$defs/2"}, {"type": "null"}]}});
        let expected = json!({"properties": {"a": {"title": "t", LINK: 1}},
            "items": {"anyOf": [{LINK: 2}, {"type": "null"}]}});
        assert_eq!(linked(schema), expected);
    }

    #[test]
    fn references_in_place_stay() {
        let schema = json!({"$ref": "#/$defs/1", "allOf": [{"$ref": "#/$defs/2"}],
            "dependentSchemas": {"a": {"$ref": "#/$defs/3"}}});
        assert_eq!(linked(schema.clone()), schema);
    }

    #[test]
    fn references_beside_unevaluated_stay_so_that_annotations_pass() {
        let schema = json!({"properties": {"a": {"allOf": [{"$ref": "#/$defs/1"}],
            "unevaluatedProperties": false}}});
        assert_eq!(linked(schema.clone()), schema);
    }

    #[test]
    fn data_is_not_touched() {
        let schema = json!({"properties": {"$ref": {"type": "string"}},
            "enum": [{"$ref": "#/$defs/1"}]});
        assert_eq!(linked(schema.clone()), schema);
    }
}
