//! The small strict JSON of token headers, claims and key sets: UTF-8, no member twice, bounded
//! depth, whole numbers told apart from others.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A JSON value. Numbers that are not whole and non-negative keep no value: no claim uses them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Boolean,
    Whole(u64),
    Number,
    String(String),
    Array(Vec<Json>),
    Object(Members),
}

/// Members of an object by name.
pub(crate) type Members = BTreeMap<String, Json>;

/// Parses one object and nothing behind it; `depth_max` counts the object itself. `None` when it
/// is anything else. Cost: O(bytes log members).
pub(crate) fn parse_object(bytes: &[u8], depth_max: u8) -> Option<Members> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Node { depth: depth_max }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    match value {
        Json::Object(members) => Some(members),
        _ => None,
    }
}

impl Json {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn whole(&self) -> Option<u64> {
        match self {
            Json::Whole(number) => Some(*number),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
struct Node {
    depth: u8,
}

impl Node {
    fn below<E: Error>(self) -> Result<Node, E> {
        let depth = self
            .depth
            .checked_sub(1)
            .ok_or_else(|| E::custom("too deep"))?;
        Ok(Node { depth })
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Boolean)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let below = self.below()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            array.push(item);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let below = self.below()?;
        let mut object = Members::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(below)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member twice"));
            }
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_objects_pass() {
        let members = parse_object(br#"{"exp":12,"aud":["a"],"x":{"y":null}}"#, 4).unwrap();
        assert_eq!(members.get("exp").and_then(Json::whole), Some(12));
    }

    #[test]
    fn two_readings_are_refused() {
        for bytes in [
            &br#"{"a":1,"a":2}"#[..],
            br#"{"a":1,"\u0061":2}"#,
            br#"{"a":{"b":1,"b":1}}"#,
            b"{} {}",
            b"\xef\xbb\xbf{}",
            b"{\"a\":\"\xff\"}",
            br#"{"a":"\ud800"}"#,
            b"[]",
            b"",
            br#"{"a":NaN}"#,
            br#"{'a':1}"#,
        ] {
            assert_eq!(
                parse_object(bytes, 4),
                None,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn depth_is_counted_from_the_object() {
        assert!(parse_object(br#"{"a":{"b":{"c":{}}}}"#, 4).is_some());
        assert!(parse_object(br#"{"a":{"b":{"c":{"d":{}}}}}"#, 4).is_none());
        assert!(parse_object("[".repeat(5_000).as_bytes(), 4).is_none());
    }

    #[test]
    fn only_plain_digits_are_whole() {
        for (text, whole) in [
            ("12", Some(12)),
            ("12.0", None),
            ("1e3", None),
            ("-1", None),
            ("18446744073709551616", None),
        ] {
            let members = parse_object(format!("{{\"exp\":{text}}}").as_bytes(), 4).unwrap();
            assert_eq!(members.get("exp").and_then(Json::whole), whole, "{text}");
        }
    }
}
