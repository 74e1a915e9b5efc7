//! References between the schemas of a Policy: `#/$defs/<key>`, its escapes, and chains of them.

use serde_json::{Map, Value};

use super::{errors, formats, walk};
use crate::parse::json::read_token;

/// The key at the end of a chain of schemas that only refer to the next; 32 links at most.
pub(crate) fn end_of_chain<'a>(defs: &'a Map<String, Value>, key: &'a str) -> &'a str {
    let mut at = key;
    for _ in 0..32 {
        let target = defs
            .get(at)
            .and_then(only_reference)
            .and_then(|text| reference_key(&text));
        match target.and_then(|key| defs.get_key_value(&key)) {
            Some((next, _)) => at = next,
            None => break,
        }
    }
    at
}

/// The reference of a schema that says nothing else (annotations aside).
fn only_reference(schema: &Value) -> Option<String> {
    const ANNOTATIONS: [&str; 9] = [
        "$ref",
        "title",
        "description",
        "summary",
        "example",
        "examples",
        "deprecated",
        "default",
        "$comment",
    ];
    let map = schema.as_object()?;
    let plain = map
        .keys()
        .all(|key| ANNOTATIONS.contains(&key.as_str()) || key.starts_with("x-"));
    let numeric = map.contains_key(formats::NUMERIC) || map.contains_key(errors::DIRECTION);
    (plain && !numeric).then(|| map.get("$ref")?.as_str().map(str::to_owned))?
}

/// The key that `#/$defs/<key>` names: percent-decoded, then unescaped.
pub(crate) fn reference_key(reference: &str) -> Option<String> {
    let escaped = reference.strip_prefix("#/$defs/")?;
    let decoded = percent_decode(escaped)?;
    (!decoded.contains('/')).then(|| read_token(&decoded).into_owned())
}

pub(crate) fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from((high << 4) | low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// A key as JSON Pointer token in a URI fragment (RFC 6901 section 6).
pub(super) fn escape(key: &str) -> String {
    use std::fmt::Write;
    let mut token = String::new();
    for byte in key.replace('~', "~0").replace('/', "~1").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'!' | b'$' => {
                token.push(char::from(byte));
            }
            other => {
                let _ = write!(token, "%{other:02X}");
            }
        }
    }
    token
}

/// Keys that a schema refers to.
pub(super) fn references(schema: &Value, out: &mut Vec<String>) {
    walk::visit(schema, &mut |map| {
        out.extend(
            map.get("$ref")
                .and_then(Value::as_str)
                .and_then(reference_key),
        );
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_escaped_key_is_read_back_as_it_was() {
        for key in ["1#/components/schemas/Pet", "a~b%20c", "äöü ~1", ""] {
            let reference = format!("#/$defs/{}", escape(key));
            assert_eq!(reference_key(&reference).as_deref(), Some(key));
        }
    }

    #[test]
    fn what_is_no_reference_to_a_schema_has_no_key() {
        for reference in [
            "#/$defs/a/b",
            "#/definitions/a",
            "#/$defs/%2",
            "#/$defs/%ff",
            "a",
        ] {
            assert_eq!(reference_key(reference), None, "{reference}");
        }
    }

    #[test]
    fn a_chain_ends_at_the_schema_that_says_something_or_misses_its_target() {
        let defs = json!({
            "a": {"$ref": "#/$defs/b", "title": "only words"},
            "b": {"$ref": "#/$defs/c"},
            "c": {"type": "string"},
            "narrow": {"$ref": "#/$defs/c", "maxLength": 3},
            "lost": {"$ref": "#/$defs/none"},
            "round": {"$ref": "#/$defs/round"},
        });
        let defs = defs.as_object().unwrap();
        for (key, end) in [
            ("a", "c"),
            ("narrow", "narrow"),
            ("lost", "lost"),
            ("round", "round"),
        ] {
            assert_eq!(end_of_chain(defs, key), end);
        }
    }

    #[test]
    fn references_are_found_at_any_depth() {
        let mut found = Vec::new();
        let schema = json!({"items": {"anyOf": [{"$ref": "#/$defs/x"}, {"$ref": "#/$defs/y~1z"}]}});
        references(&schema, &mut found);
        assert_eq!(found, ["x", "y/z"]);
    }
}
