//! What text may become: the primitive types that a schema allows at each place. Only a hint for
//! reading; the validator alone says what is right.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A set of JSON types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types(u8);

impl Types {
    /// `null`.
    pub const NULL: Types = Types(1);
    /// `boolean`.
    pub const BOOLEAN: Types = Types(2);
    /// `number` and `integer`.
    pub const NUMBER: Types = Types(4);
    /// `string`.
    pub const STRING: Types = Types(8);
    /// `array`.
    pub const ARRAY: Types = Types(16);
    /// `object`.
    pub const OBJECT: Types = Types(32);
    /// All of them: nothing is said.
    pub const ANY: Types = Types(63);
    const NONE: Types = Types(0);

    /// Whether any type of `other` is in it.
    #[must_use]
    pub fn has(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    fn and(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    fn named(name: &str) -> Types {
        match name {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "number" | "integer" => Types::NUMBER,
            "string" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            _ => Types::NONE,
        }
    }

    fn of_value(value: &Value) -> Types {
        match value {
            Value::Null => Types::NULL,
            Value::Bool(_) => Types::BOOLEAN,
            Value::Number(_) => Types::NUMBER,
            Value::String(_) => Types::STRING,
            Value::Array(_) => Types::ARRAY,
            Value::Object(_) => Types::OBJECT,
        }
    }
}

/// The shape of one schema, `$ref`s followed, combinators merged.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Allowed types.
    pub types: Types,
    /// Whether the schema says nothing but one type, so that a value of it needs no validation.
    pub is_plain: bool,
    /// Items of an array.
    pub items: Option<Box<Shape>>,
    /// Declared properties of an object.
    pub properties: BTreeMap<String, Shape>,
    /// Whether an object may hold other properties.
    pub is_open: bool,
    /// Shape of other properties, where `additionalProperties` is a schema.
    pub others: Option<Box<Shape>>,
}

/// Nesting and references followed; deeper text stays text, so that the validator reports it.
const DEPTH_MAX: u32 = 12;

impl Shape {
    /// The shape of anything.
    #[must_use]
    pub fn any() -> Self {
        Shape {
            types: Types::ANY,
            is_plain: false,
            items: None,
            properties: BTreeMap::new(),
            is_open: true,
            others: None,
        }
    }

    /// The shape of the schema with this key. Load time only.
    #[must_use]
    pub fn of_key(key: &str, schemas: &Map<String, Value>) -> Self {
        schemas
            .get(key)
            .map_or_else(Shape::any, |schema| read(schema, schemas, DEPTH_MAX))
    }

    /// The shape of one member.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Shape> {
        self.properties.get(name).or(self.others.as_deref())
    }

    /// Whether only a list fits.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.types.has(Types::ARRAY) && !self.takes_text()
    }

    /// Whether only an object fits.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.types.has(Types::OBJECT) && !self.takes_text() && !self.types.has(Types::ARRAY)
    }

    fn takes_text(&self) -> bool {
        self.types
            .has(Types::STRING.or(Types::NUMBER).or(Types::BOOLEAN))
    }

    fn and(mut self, other: Shape) -> Self {
        self.types = self.types.and(other.types);
        self.is_open &= other.is_open;
        self.adopt(other)
    }

    fn or(mut self, other: Shape) -> Self {
        self.types = self.types.or(other.types);
        self.is_open |= other.is_open;
        self.adopt(other)
    }

    fn adopt(mut self, other: Shape) -> Self {
        self.is_plain = false;
        self.items = self.items.or(other.items);
        self.others = self.others.or(other.others);
        for (name, shape) in other.properties {
            self.properties.entry(name).or_insert(shape);
        }
        self
    }
}

fn read(schema: &Value, schemas: &Map<String, Value>, depth: u32) -> Shape {
    let (Some(object), Some(depth)) = (schema.as_object(), depth.checked_sub(1)) else {
        return Shape::any();
    };
    let mut shape = own(object, schemas, depth);
    if let Some(target) = object.get("$ref").and_then(Value::as_str) {
        let target = resolve(target, schemas).map_or_else(Shape::any, |s| read(s, schemas, depth));
        // A schema that is only a reference is as plain as what it names.
        let is_plain = object.len() == 1 && target.is_plain;
        shape = shape.and(target);
        shape.is_plain = is_plain;
    }
    for part in list(object, "allOf") {
        shape = shape.and(read(part, schemas, depth));
    }
    for word in ["anyOf", "oneOf"] {
        let choices = list(object, word)
            .iter()
            .map(|part| read(part, schemas, depth));
        if let Some(either) = choices.reduce(Shape::or) {
            shape = shape.and(either);
        }
    }
    shape
}

fn list<'s>(object: &'s Map<String, Value>, word: &str) -> &'s [Value] {
    object
        .get(word)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

const ANNOTATIONS: [&str; 9] = [
    "type",
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "$comment",
    "readOnly",
];

fn own(object: &Map<String, Value>, schemas: &Map<String, Value>, depth: u32) -> Shape {
    let only_type = object
        .keys()
        .all(|word| ANNOTATIONS.contains(&word.as_str()) || word.starts_with("x-"));
    let is_single = matches!(
        object.get("type").and_then(Value::as_str),
        Some("string" | "number" | "boolean" | "integer")
    );
    let properties = object.get("properties").and_then(Value::as_object);
    let others = object.get("additionalProperties");
    Shape {
        types: types(object),
        is_plain: only_type && is_single,
        items: object
            .get("items")
            .map(|items| Box::new(read(items, schemas, depth))),
        properties: properties
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.clone(), read(schema, schemas, depth)))
            .collect(),
        is_open: others != Some(&Value::Bool(false)),
        others: others
            .filter(|schema| schema.is_object())
            .map(|schema| Box::new(read(schema, schemas, depth))),
    }
}

fn types(object: &Map<String, Value>) -> Types {
    let declared = match object.get("type") {
        Some(Value::String(name)) => Types::named(name),
        Some(Value::Array(names)) => names
            .iter()
            .filter_map(Value::as_str)
            .fold(Types::NONE, |all, name| all.or(Types::named(name))),
        _ => Types::ANY,
    };
    let values = match (
        object.get("const"),
        object.get("enum").and_then(Value::as_array),
    ) {
        (Some(value), _) => Types::of_value(value),
        (None, Some(values)) => values
            .iter()
            .fold(Types::NONE, |all, value| all.or(Types::of_value(value))),
        (None, None) => Types::ANY,
    };
    declared.and(values)
}

/// `#/$defs/<key>`: the key is escaped as JSON Pointer, then percent-encoded as a fragment.
fn resolve<'s>(reference: &str, schemas: &'s Map<String, Value>) -> Option<&'s Value> {
    let escaped = reference.strip_prefix("#/$defs/")?;
    let mut token = String::new();
    crate::parse::percent::decode_into(&mut token, escaped.as_bytes(), false);
    schemas.get(&token.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shape(schema: Value) -> Shape {
        let mut schemas = Map::new();
        schemas.insert("d#/x/Id".into(), json!({"type": "integer"}));
        schemas.insert("d#/x/Loop".into(), json!({"$ref": "#/$defs/d%23~1x~1Loop"}));
        schemas.insert("k".into(), schema);
        Shape::of_key("k", &schemas)
    }

    #[test]
    fn types_come_from_type_enum_references_and_combinators() {
        assert_eq!(
            shape(json!({"type": ["integer", "null"]})).types,
            Types::NUMBER.or(Types::NULL)
        );
        assert_eq!(
            shape(json!({"enum": [1, "a"]})).types,
            Types::NUMBER.or(Types::STRING)
        );
        assert_eq!(
            shape(json!({"$ref": "#/$defs/d%23~1x~1Id"})).types,
            Types::NUMBER
        );
        assert_eq!(
            shape(json!({"anyOf": [{"type": "null"}, {"type": "boolean"}]})).types,
            Types::NULL.or(Types::BOOLEAN)
        );
        assert_eq!(
            shape(json!({"allOf": [{"type": "string"}, {}]})).types,
            Types::STRING
        );
        assert_eq!(
            shape(json!({"$ref": "#/$defs/d%23~1x~1Loop"})).types,
            Types::ANY
        );
    }

    #[test]
    fn only_a_bare_type_is_plain() {
        assert!(shape(json!({"type": "string", "description": "x"})).is_plain);
        assert!(shape(json!({"$ref": "#/$defs/d%23~1x~1Id"})).is_plain);
        assert!(!shape(json!({"type": "string", "minLength": 1})).is_plain);
        assert!(!shape(json!({"type": ["string", "null"]})).is_plain);
        assert!(!shape(json!({"type": "string", "not": {}})).is_plain);
    }

    #[test]
    fn members_and_items_have_shapes_of_their_own() {
        let list = shape(json!({"type": "array", "items": {"type": "integer"}}));
        assert!(list.is_list());
        assert_eq!(list.items.unwrap().types, Types::NUMBER);
        let object = shape(
            json!({"type": "object", "properties": {"a": {"type": "boolean"}}, "additionalProperties": {"type": "integer"}}),
        );
        assert!(object.is_object());
        assert_eq!(object.member("a").unwrap().types, Types::BOOLEAN);
        assert_eq!(object.member("zz").unwrap().types, Types::NUMBER);
    }
}
