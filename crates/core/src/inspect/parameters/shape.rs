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
    /// `integer`.
    pub const INTEGER: Types = Types(4);
    /// `number`, integers among them.
    pub const NUMBER: Types = Types(4 | 64);
    const FRACTION: Types = Types(64);
    /// `string`.
    pub const STRING: Types = Types(8);
    /// `array`.
    pub const ARRAY: Types = Types(16);
    /// `object`.
    pub const OBJECT: Types = Types(32);
    /// All of them: nothing is said.
    pub const ANY: Types = Types(127);
    const NONE: Types = Types(0);

    /// Whether any type of `other` is in it.
    #[must_use]
    pub fn has(self, other: Types) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether a number of this literal may stand for a value.
    #[must_use]
    pub fn has_number(self, text: &str) -> bool {
        let digits = text.strip_prefix('-').unwrap_or(text);
        self.has(Types::FRACTION)
            || self.has(Types::INTEGER) && digits.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The types of a schema of the form, references and combinators followed. Load time only.
    #[must_use]
    pub fn of_schema(schema: &Value, schemas: &Map<String, Value>) -> Types {
        let mut walk = Walk {
            schemas,
            near: NEAR_MAX,
            far: FAR_MAX,
        };
        walk.read(schema, 0, HOPS_MAX).types
    }

    /// Whether no type but those of `other` is in it, and one of them is.
    #[must_use]
    pub fn is_only(self, other: Types) -> bool {
        self.0 & !other.0 == 0 && self != Types::NONE
    }

    /// The types of either.
    #[must_use]
    pub fn or(self, other: Types) -> Types {
        Types(self.0 | other.0)
    }

    /// The types of both.
    #[must_use]
    pub fn and(self, other: Types) -> Types {
        Types(self.0 & other.0)
    }

    fn named(name: &str) -> Types {
        match name {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "integer" => Types::INTEGER,
            "number" => Types::NUMBER,
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

/// A schema that is one bare type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// `type: boolean`.
    Boolean,
    /// `type: integer`.
    Integer,
    /// `type: string`.
    Text,
}

impl Plain {
    /// Whether a text is surely such a value; what is not sure goes to the validator.
    #[must_use]
    pub fn takes(self, text: &str) -> bool {
        match self {
            Plain::Boolean => matches!(text, "true" | "false"),
            Plain::Integer => {
                let is_canonical = !text.starts_with('0') || text.len() == 1;
                let digits = 1..=15;
                is_canonical
                    && digits.contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_digit())
            }
            Plain::Text => true,
        }
    }
}

/// The shape of one schema, `$ref`s followed, combinators merged.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Allowed types.
    pub types: Types,
    /// The one type, where the schema says nothing else: a text of it needs no validation.
    pub plain: Option<Plain>,
    /// Whether a text of any kind fits: nothing more is asked of it.
    pub is_free: bool,
    /// Whether it is a text that stands for bytes: `format: binary`, or coded.
    pub is_bytes: bool,
    /// First items of an array.
    pub prefix: Vec<Shape>,
    /// Items of an array, behind the first ones.
    pub items: Option<Box<Shape>>,
    /// Declared properties of an object.
    pub properties: BTreeMap<String, Shape>,
    /// Whether an object may hold other properties.
    pub is_open: bool,
    /// Shape of other properties, where `additionalProperties` is a schema.
    pub others: Option<Box<Shape>>,
}

/// Levels of members and items that are read; deeper text stays text, and the validator reports it.
const LEVELS_MAX: u32 = 3;
/// References and combinators followed in one row.
const HOPS_MAX: u32 = 12;
/// Schema nodes read for the root and its own members, and for all that lies deeper: load time
/// stays bounded whatever refers to what, and wide schemas lose none of their first level.
const NEAR_MAX: u32 = 8_192;
const FAR_MAX: u32 = 1_024;

impl Shape {
    /// The shape of anything.
    #[must_use]
    pub fn any() -> Self {
        Shape {
            types: Types::ANY,
            plain: None,
            is_free: false,
            is_bytes: false,
            prefix: Vec::new(),
            items: None,
            properties: BTreeMap::new(),
            is_open: true,
            others: None,
        }
    }

    /// The shape of anything, where nothing is asked.
    #[must_use]
    pub fn free() -> Self {
        Shape {
            is_free: true,
            ..Shape::any()
        }
    }

    /// The shape of one item of a list; `None` = behind the first ones.
    #[must_use]
    pub fn element(&self, index: Option<usize>) -> Shape {
        let first = index.and_then(|index| self.prefix.get(index));
        let found = first.or(self.items.as_deref());
        found.cloned().unwrap_or_else(Shape::free)
    }

    /// Whether a keyword asks nothing of a value.
    #[must_use]
    pub fn is_note(word: &str) -> bool {
        ANNOTATIONS.contains(&word) || word.starts_with("x-")
    }

    /// The shape of the schema with this key. Load time only.
    #[must_use]
    pub fn of_key(key: &str, schemas: &Map<String, Value>) -> Self {
        let mut walk = Walk {
            schemas,
            near: NEAR_MAX,
            far: FAR_MAX,
        };
        schemas
            .get(key)
            .map_or_else(Shape::any, |schema| walk.read(schema, LEVELS_MAX, HOPS_MAX))
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

    /// What fits both.
    #[must_use]
    pub fn and(mut self, other: Shape) -> Self {
        self.types = self.types.and(other.types);
        self.is_free &= other.is_free;
        self.is_open &= other.is_open;
        self.adopt(other)
    }

    fn or(mut self, other: Shape) -> Self {
        self.types = self.types.or(other.types);
        self.is_free |= other.is_free;
        self.is_open |= other.is_open;
        self.adopt(other)
    }

    fn adopt(mut self, other: Shape) -> Self {
        self.plain = None;
        self.is_bytes |= other.is_bytes;
        if self.prefix.is_empty() {
            self.prefix = other.prefix;
        }
        self.items = self.items.or(other.items);
        self.others = self.others.or(other.others);
        for (name, shape) in other.properties {
            self.properties.entry(name).or_insert(shape);
        }
        self
    }
}

struct Walk<'s> {
    schemas: &'s Map<String, Value>,
    near: u32,
    far: u32,
}

impl Walk<'_> {
    fn read(&mut self, schema: &Value, levels: u32, hops: u32) -> Shape {
        let is_near = levels.saturating_add(1) >= LEVELS_MAX;
        let left = if is_near {
            &mut self.near
        } else {
            &mut self.far
        };
        let (Some(object), Some(hops), Some(rest)) =
            (schema.as_object(), hops.checked_sub(1), left.checked_sub(1))
        else {
            return Shape::any();
        };
        *left = rest;
        let mut shape = self.own(object, levels);
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            let target = resolve(target, self.schemas);
            let target = target.map_or_else(Shape::any, |schema| self.read(schema, levels, hops));
            // A schema that is only a reference is as plain as what it names.
            let plain = target.plain.filter(|_| object.len() == 1);
            shape = shape.and(target);
            shape.plain = plain;
        }
        for part in list(object, "allOf") {
            shape = shape.and(self.read(part, levels, hops));
        }
        for word in ["anyOf", "oneOf"] {
            let choices = list(object, word)
                .iter()
                .map(|part| self.read(part, levels, hops));
            if let Some(either) = choices.reduce(Shape::or) {
                shape = shape.and(either);
            }
        }
        shape
    }

    /// What the schema says by itself.
    fn own(&mut self, object: &Map<String, Value>, levels: u32) -> Shape {
        let mut shape = Shape {
            types: types(object),
            plain: plain(object),
            is_free: is_free(object),
            is_bytes: is_binary(object) || object.contains_key("contentEncoding"),
            is_open: object.get("additionalProperties") != Some(&Value::Bool(false)),
            ..Shape::any()
        };
        let Some(levels) = levels.checked_sub(1) else {
            return shape;
        };
        let mut below = |schema: &Value| self.read(schema, levels, HOPS_MAX);
        let prefix = list(object, "prefixItems");
        shape.prefix = prefix.iter().map(&mut below).collect();
        shape.items = object.get("items").map(|items| Box::new(below(items)));
        let properties = object.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            shape.properties.insert(name.clone(), below(schema));
        }
        let others = object
            .get("additionalProperties")
            .filter(|schema| schema.is_object());
        shape.others = others.map(|schema| Box::new(below(schema)));
        shape
    }
}

fn list<'s>(object: &'s Map<String, Value>, word: &str) -> &'s [Value] {
    object
        .get(word)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

const ANNOTATIONS: [&str; 10] = [
    "type",
    "title",
    "description",
    "default",
    "example",
    "examples",
    "deprecated",
    "$comment",
    "readOnly",
    "xml",
];

/// The one type, where the schema says nothing else.
fn plain(object: &Map<String, Value>) -> Option<Plain> {
    let is_bare = object.keys().all(|word| Shape::is_note(word));
    match object.get("type").and_then(Value::as_str) {
        Some("boolean") if is_bare => Some(Plain::Boolean),
        Some("integer") if is_bare => Some(Plain::Integer),
        Some("string") if is_bare => Some(Plain::Text),
        _ => None,
    }
}

fn is_binary(object: &Map<String, Value>) -> bool {
    object.get("format").and_then(Value::as_str) == Some("binary")
}

/// Whether any text fits what the schema says by itself; what it refers to and joins comes on top.
fn is_free(object: &Map<String, Value>) -> bool {
    const ASIDE: [&str; 5] = [
        "$ref",
        "allOf",
        "anyOf",
        "contentEncoding",
        "contentMediaType",
    ];
    let takes_text = types(object).has(Types::STRING);
    takes_text
        && object.keys().all(|word| {
            let is_binary = word == "format" && is_binary(object);
            is_binary || ASIDE.contains(&word.as_str()) || Shape::is_note(word)
        })
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
    schemas.get(&*crate::parse::json::read_token(&token))
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
            Types::INTEGER.or(Types::NULL)
        );
        assert_eq!(
            shape(json!({"enum": [1, "a"]})).types,
            Types::NUMBER.or(Types::STRING)
        );
        assert_eq!(
            shape(json!({"$ref": "#/$defs/d%23~1x~1Id"})).types,
            Types::INTEGER
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
    fn the_types_of_a_schema_are_those_of_its_shape() {
        let mut schemas = Map::new();
        schemas.insert("a".into(), json!({"type": ["object", "null"]}));
        let types = Types::of_schema(&json!({"allOf": [{"$ref": "#/$defs/a"}]}), &schemas);
        assert!(types.is_only(Types::OBJECT.or(Types::NULL)) && !types.is_only(Types::OBJECT));
        let none = types.and(Types::STRING);
        assert!(!none.is_only(Types::STRING));
    }

    #[test]
    fn only_a_bare_type_is_plain() {
        let plain = |schema: Value| shape(schema).plain;
        assert_eq!(
            plain(json!({"type": "string", "description": "x"})),
            Some(Plain::Text)
        );
        assert_eq!(
            plain(json!({"$ref": "#/$defs/d%23~1x~1Id"})),
            Some(Plain::Integer)
        );
        assert_eq!(
            plain(json!({"$ref": "#/$defs/d%23~1x~1Id", "minimum": 1})),
            None
        );
        assert_eq!(plain(json!({"type": "string", "minLength": 1})), None);
        assert_eq!(plain(json!({"type": ["string", "null"]})), None);
        assert_eq!(plain(json!({"type": "string", "not": {}})), None);
    }

    #[test]
    fn a_plain_type_takes_only_what_is_surely_its_own() {
        for (plain, good, bad) in [
            (Plain::Integer, ["0", "42"], ["05", "1.0"]),
            (
                Plain::Integer,
                ["7", "123456789012345"],
                ["", "1234567890123456"],
            ),
            (Plain::Boolean, ["true", "false"], ["True", "1"]),
        ] {
            assert!(good.iter().all(|text| plain.takes(text)));
            assert!(!bad.iter().any(|text| plain.takes(text)));
        }
    }

    #[test]
    fn shapes_of_schemas_that_refer_in_circles_are_bounded() {
        let mut schemas = Map::new();
        let names: Vec<String> = (0..40).map(|n| format!("n{n}")).collect();
        for name in &names {
            let member =
                |other: &String| (other.clone(), json!({"$ref": format!("#/$defs/{other}")}));
            let properties: Map<String, Value> = names.iter().map(member).collect();
            schemas.insert(
                name.clone(),
                json!({"type": "object", "properties": properties}),
            );
        }
        assert!(Shape::of_key("n0", &schemas).is_object());
    }

    #[test]
    fn members_and_items_have_shapes_of_their_own() {
        let list = shape(json!({"type": "array", "items": {"type": "integer"}}));
        assert!(list.is_list());
        assert_eq!(list.items.unwrap().types, Types::INTEGER);
        let object = shape(
            json!({"type": "object", "properties": {"a": {"type": "boolean"}}, "additionalProperties": {"type": "integer"}}),
        );
        assert!(object.is_object());
        assert_eq!(object.member("a").unwrap().types, Types::BOOLEAN);
        assert_eq!(object.member("zz").unwrap().types, Types::INTEGER);
    }
}
