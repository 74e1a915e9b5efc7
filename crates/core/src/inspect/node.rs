//! The tape as a JSON representation of the `jsonschema` crate: no copy, no tree.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node, NodeIdentity, Object, cmp, unique};
use serde_json::Value;

use crate::parse::json::{Elements, Kind, Members, NodeId, Tape, TapeBuilder, number};

/// Marker of the representation.
pub(crate) struct TapeJson;

/// One node of one tape.
#[derive(Clone, Copy)]
pub(crate) struct TapeNode<'a> {
    pub(crate) tape: &'a Tape,
    pub(crate) at: NodeId,
}

impl Json for TapeJson {
    type Node<'a> = TapeNode<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = Option<Tape>;

    // A look-up walks the members, so one pass beats two look-ups of any object.
    const KEYS_PER_LOOKUP: usize = 8;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(
        buffer: &mut Option<Tape>,
        string: &str,
        f: impl FnOnce(TapeNode<'_>) -> T,
    ) -> T {
        let mut builder = TapeBuilder::new();
        builder.string(string);
        let tape = buffer.insert(builder.finish());
        f(TapeNode {
            tape,
            at: tape.root(),
        })
    }
}

impl<'a> TapeNode<'a> {
    fn kind(&self) -> Kind {
        self.tape.kind(self.at)
    }

    fn text(&self) -> Option<&'a str> {
        matches!(self.kind(), Kind::String | Kind::Key).then(|| self.tape.text(self.at))
    }
}

impl<'a> Node<'a, TapeJson> for TapeNode<'a> {
    type Object = TapeObject<'a>;
    type Array = TapeArray<'a>;
    type Number = TapeNumber<'a>;

    fn as_object(&self) -> Option<TapeObject<'a>> {
        (self.kind() == Kind::Object).then_some(TapeObject(*self))
    }

    fn as_array(&self) -> Option<TapeArray<'a>> {
        (self.kind() == Kind::Array).then_some(TapeArray(*self))
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.text().map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<TapeNumber<'a>> {
        self.is_number()
            .then(|| TapeNumber(self.tape.text(self.at)))
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    fn is_number(&self) -> bool {
        self.kind() == Kind::Number
    }

    fn is_string(&self) -> bool {
        matches!(self.kind(), Kind::String | Kind::Key)
    }

    fn json_type(&self) -> JsonType {
        match self.kind() {
            Kind::Null => JsonType::Null,
            Kind::False | Kind::True => JsonType::Boolean,
            Kind::Number => JsonType::Number,
            Kind::String | Kind::Key => JsonType::String,
            Kind::Array => JsonType::Array,
            Kind::Object => JsonType::Object,
        }
    }

    fn string_length(&self) -> Option<u64> {
        self.text().map(count)
    }

    fn string_length_within(&self, min: u64, max: u64) -> Option<bool> {
        let text = self.text()?;
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        // A code point takes one to four bytes.
        let fewest = bytes.div_ceil(4);
        if bytes < min || fewest > max {
            return Some(false);
        }
        if min <= fewest && bytes <= max {
            return Some(true);
        }
        Some((min..=max).contains(&count(text)))
    }

    fn equals_value(&self, expected: &Value) -> bool {
        equals(self.tape, self.at, expected)
    }

    /// Stand-in: errors never carry the value, and what else reads values is overridden here.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::tagged(
            std::ptr::from_ref(self.tape).addr(),
            self.at.0,
        ))
    }
}

fn count(text: &str) -> u64 {
    let continued = text.bytes().filter(|byte| byte & 0xc0 == 0x80).count();
    u64::try_from(text.len().saturating_sub(continued)).unwrap_or(u64::MAX)
}

fn equals(tape: &Tape, at: NodeId, expected: &Value) -> bool {
    match (tape.kind(at), expected) {
        (Kind::Null, Value::Null)
        | (Kind::True, Value::Bool(true))
        | (Kind::False, Value::Bool(false)) => true,
        (Kind::String | Kind::Key, Value::String(text)) => tape.text(at) == text,
        (Kind::Number, Value::Number(number)) => {
            cmp::equal_numbers(&TapeNumber(tape.text(at)), number)
        }
        (Kind::Array, Value::Array(items)) => {
            tape.count(at) == items.len()
                && tape
                    .elements(at)
                    .zip(items)
                    .all(|(child, item)| equals(tape, child, item))
        }
        (Kind::Object, Value::Object(map)) => {
            tape.count(at) == map.len()
                && tape.members(at).all(|(key, child)| {
                    map.get(tape.text(key))
                        .is_some_and(|item| equals(tape, child, item))
                })
        }
        _ => false,
    }
}

/// A number literal.
pub(crate) struct TapeNumber<'a>(&'a str);

impl JsonNumber for TapeNumber<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok()
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(number::to_number(self.0).unwrap_or_else(|| 0.into()))
    }

    fn is_integer(&self) -> bool {
        self.is_written_as_integer() || self.as_f64().is_some_and(|value| value.fract() == 0.0)
    }

    fn is_written_as_integer(&self) -> bool {
        !self
            .0
            .bytes()
            .any(|byte| matches!(byte, b'.' | b'e' | b'E'))
    }
}

/// An object.
pub(crate) struct TapeObject<'a>(TapeNode<'a>);

impl<'a> Object<'a, TapeJson> for TapeObject<'a> {
    type Node = TapeNode<'a>;
    type MemberName = &'a str;
    type MembersIter = TapeMembers<'a>;

    fn len(&self) -> usize {
        self.0.tape.count(self.0.at)
    }

    fn get(&self, key: &Box<str>) -> Option<TapeNode<'a>> {
        let tape = self.0.tape;
        tape.get(self.0.at, key).map(|at| TapeNode { tape, at })
    }

    fn members(&self) -> TapeMembers<'a> {
        TapeMembers {
            tape: self.0.tape,
            members: self.0.tape.members(self.0.at),
        }
    }
}

/// Members of an object.
pub(crate) struct TapeMembers<'a> {
    tape: &'a Tape,
    members: Members<'a>,
}

impl<'a> Iterator for TapeMembers<'a> {
    type Item = (&'a str, TapeNode<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let (key, at) = self.members.next()?;
        Some((
            self.tape.text(key),
            TapeNode {
                tape: self.tape,
                at,
            },
        ))
    }
}

/// A list.
pub(crate) struct TapeArray<'a>(TapeNode<'a>);

impl<'a> Array<'a, TapeJson> for TapeArray<'a> {
    type Node = TapeNode<'a>;
    type ElementsIter = TapeElements<'a>;

    fn len(&self) -> usize {
        self.0.tape.count(self.0.at)
    }

    fn elements(&self) -> TapeElements<'a> {
        TapeElements {
            tape: self.0.tape,
            elements: self.0.tape.elements(self.0.at),
        }
    }

    fn is_unique(&self) -> bool {
        let tape = self.0.tape;
        let values: Vec<Value> = tape.elements(self.0.at).map(|at| tape.value(at)).collect();
        unique::is_unique(&values)
    }
}

/// Elements of a list.
pub(crate) struct TapeElements<'a> {
    tape: &'a Tape,
    elements: Elements<'a>,
}

impl<'a> Iterator for TapeElements<'a> {
    type Item = TapeNode<'a>;

    fn next(&mut self) -> Option<TapeNode<'a>> {
        self.elements.next().map(|at| TapeNode {
            tape: self.tape,
            at,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::budget::{Bounds, Budget};
    use crate::parse::json::{JsonRules, parse_json};

    fn with(text: &str, look: impl Fn(TapeNode<'_>)) {
        let bounds = Bounds::default();
        let mut budget = Budget::new(&bounds);
        let tape = parse_json(text.as_bytes(), &JsonRules::STRICT, &bounds, &mut budget).unwrap();
        look(TapeNode {
            tape: &tape,
            at: tape.root(),
        });
    }

    #[test]
    fn a_node_is_of_exactly_one_type() {
        for (text, kind) in [
            ("null", JsonType::Null),
            ("true", JsonType::Boolean),
            ("-0.5", JsonType::Number),
            ("\"a\"", JsonType::String),
            ("[]", JsonType::Array),
            ("{}", JsonType::Object),
        ] {
            with(text, |node| {
                assert!(node.json_type() == kind, "{text}");
                assert_eq!(node.is_null(), kind == JsonType::Null);
                assert_eq!(node.as_boolean().is_some(), kind == JsonType::Boolean);
                assert_eq!(node.as_number().is_some(), kind == JsonType::Number);
                assert_eq!(node.as_string().is_some(), kind == JsonType::String);
                assert_eq!(node.as_array().is_some(), kind == JsonType::Array);
                assert_eq!(node.as_object().is_some(), kind == JsonType::Object);
            });
        }
    }

    #[test]
    fn members_and_elements_are_those_of_the_text() {
        with(r#"{"a": [1, "x"], "b": null}"#, |node| {
            let object = node.as_object().unwrap();
            assert_eq!(object.len(), 2);
            let names: Vec<&str> = object.members().map(|(name, _)| name).collect();
            assert_eq!(names, ["a", "b"]);
            let list = object.get(&TapeJson::prepare_key("a")).unwrap();
            let list = list.as_array().unwrap();
            assert_eq!((list.len(), list.elements().count()), (2, 2));
            assert!(object.get(&TapeJson::prepare_key("c")).is_none());
        });
    }

    #[test]
    fn values_equal_constants_by_value_and_not_by_spelling() {
        with(r#"{"a": [1.0, {"b": "\u00e9"}]}"#, |node| {
            assert!(node.equals_value(&json!({"a": [1, {"b": "\u{e9}"}]})));
            for other in [
                json!({"a": [1]}),
                json!({"a": [2, {"b": "\u{e9}"}]}),
                json!({"a": [1, {"b": "e"}]}),
                json!({}),
                json!([]),
            ] {
                assert!(!node.equals_value(&other), "{other}");
            }
        });
    }

    #[test]
    fn a_length_is_counted_in_code_points() {
        // Bounds by bytes alone decide the first two; the last two need the count.
        with("\"\u{e9}\u{1f600}a\"", |node| {
            assert_eq!(node.string_length(), Some(3));
            assert_eq!(node.string_length_within(8, 9), Some(false));
            assert_eq!(node.string_length_within(0, 7), Some(true));
            assert_eq!(node.string_length_within(3, 3), Some(true));
            assert_eq!(node.string_length_within(4, 5), Some(false));
        });
        with("1", |node| assert_eq!(node.string_length(), None));
    }

    #[test]
    fn numbers_keep_their_digits() {
        with("9007199254740991", |node| {
            let number = node.as_number().unwrap();
            assert_eq!(number.as_u64(), Some(9_007_199_254_740_991));
            assert!(number.is_integer() && number.is_written_as_integer());
        });
        with("1e2", |node| {
            let number = node.as_number().unwrap();
            assert!(number.is_integer() && !number.is_written_as_integer());
        });
        with("1.5", |node| {
            assert!(!node.as_number().unwrap().is_integer())
        });
    }

    #[test]
    fn equal_items_are_found_across_spellings() {
        with("[1, 1.0]", |node| {
            assert!(!node.as_array().unwrap().is_unique())
        });
        with("[1, \"1\", [1]]", |node| {
            assert!(node.as_array().unwrap().is_unique());
        });
    }
}
