//! The `xml` object of a schema (OpenAPI 3.2, "XML Object"): how one value is written.

use serde_json::Value;

use super::flat::{Part, Unmapped};

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Attribute,
    Element,
    /// The text of the element around it.
    Text,
}

/// How one value is written. A word that is not written is `None`.
#[derive(Clone, Debug, Default)]
pub(super) struct Naming {
    /// Its own name.
    pub(super) name: Option<String>,
    /// Names that the schemas behind it give themselves.
    pub(super) deeper: Vec<String>,
    /// Components among them.
    pub(super) components: Vec<String>,
    pub(super) namespace: Option<String>,
    pub(super) position: Option<Position>,
    /// Lists: whether an element stands around the items.
    pub(super) is_wrapped: bool,
}

impl Naming {
    /// What the schemas of one value say together; the first `own` of them are written for it.
    ///
    /// # Errors
    /// What cannot be followed, and where.
    pub(super) fn of(all: &[Part<'_>], own: usize) -> Result<Naming, Unmapped> {
        let mut naming = Naming::default();
        for (index, part) in all.iter().enumerate() {
            naming.components.extend(part.component());
            if let Some(xml) = part.value.get("xml") {
                let is_own = index < own;
                let read = naming.take(xml, is_own, part.value);
                read.map_err(|why| part.unmapped(why))?;
            }
        }
        Ok(naming)
    }

    /// Its own name, else `usual`; and the names that schemas behind it give, unless it has its own.
    pub(super) fn names(&self, usual: &[String]) -> Vec<String> {
        match &self.name {
            Some(name) => vec![name.clone()],
            None => usual.iter().chain(&self.deeper).cloned().collect(),
        }
    }

    fn take(&mut self, xml: &Value, is_own: bool, schema: &Value) -> Result<(), &'static str> {
        let Some(xml) = xml.as_object() else {
            return Err("`xml` is not a mapping");
        };
        match xml.get("name") {
            None => {}
            Some(Value::String(name)) if is_own && self.name.is_none() => {
                self.name = Some(name.clone());
            }
            Some(Value::String(name)) => self.deeper.push(name.clone()),
            Some(_) => return Err("the name of an XML node is not a text"),
        }
        match (xml.get("namespace"), &self.namespace) {
            (None, _) => {}
            (Some(Value::String(name)), Some(known)) if known != name => {
                return Err("one value has two XML namespaces");
            }
            (Some(Value::String(name)), _) => self.namespace = Some(name.clone()),
            (Some(_), _) => return Err("an XML namespace is not a text"),
        }
        let flag = |word| xml.get(word) == Some(&Value::Bool(true));
        let written = xml.get("nodeType");
        self.is_wrapped |= flag("wrapped") || written == Some(&Value::from("element"));
        let position = match written {
            None => flag("attribute").then_some(Position::Attribute),
            Some(node_type) => position(node_type, schema)?,
        };
        match (self.position, position) {
            (Some(known), Some(other)) if known != other => Err("one value has two XML node types"),
            (known, found) => {
                self.position = known.or(found);
                Ok(())
            }
        }
    }
}

fn position(node_type: &Value, schema: &Value) -> Result<Option<Position>, &'static str> {
    match node_type.as_str() {
        Some("attribute") => Ok(Some(Position::Attribute)),
        Some("cdata" | "text") => Ok(Some(Position::Text)),
        Some("element") => Ok(Some(Position::Element)),
        // The default of lists and references: their items, or what is referred to, stand here.
        Some("none")
            if ["$ref", "items"]
                .iter()
                .any(|word| schema.get(word).is_some()) =>
        {
            Ok(None)
        }
        _ => Err("a value of this node type has no place of its own"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn naming(own: Value, deeper: Value) -> Result<Naming, &'static str> {
        let part = |value| Part {
            key: "1#/a",
            pointer: String::new(),
            value,
        };
        Naming::of(&[part(&own), part(&deeper)], 1).map_err(|unmapped| unmapped.why)
    }

    #[test]
    fn an_own_name_stands_alone_and_others_beside_the_usual_one() {
        let usual = ["b".to_owned()];
        let own = naming(json!({"xml": {"name": "a"}}), json!({"xml": {"name": "A"}})).unwrap();
        assert_eq!(own.names(&usual), ["a"]);
        let none = naming(json!({}), json!({"xml": {"name": "A"}})).unwrap();
        assert_eq!(none.names(&usual), ["b", "A"]);
    }

    #[test]
    fn node_types_and_the_flags_before_them_say_the_same() {
        for (xml, position, is_wrapped) in [
            (json!({"attribute": true}), Some(Position::Attribute), false),
            (
                json!({"nodeType": "attribute"}),
                Some(Position::Attribute),
                false,
            ),
            (json!({"nodeType": "cdata"}), Some(Position::Text), false),
            (json!({"wrapped": true}), None, true),
            (
                json!({"nodeType": "element"}),
                Some(Position::Element),
                true,
            ),
            (json!({"attribute": false, "wrapped": false}), None, false),
        ] {
            let found = naming(json!({"xml": xml}), json!({})).unwrap();
            assert_eq!(
                (found.position, found.is_wrapped),
                (position, is_wrapped),
                "{xml}"
            );
        }
        let list = json!({"items": {}, "xml": {"nodeType": "none"}});
        assert_eq!(naming(list, json!({})).unwrap().position, None);
    }

    #[test]
    fn what_contradicts_itself_is_told() {
        let told = |own, deeper| naming(json!({"xml": own}), json!({"xml": deeper})).unwrap_err();
        assert!(told(json!({"namespace": "a"}), json!({"namespace": "b"})).contains("namespaces"));
        assert!(
            told(json!({"attribute": true}), json!({"nodeType": "text"})).contains("node types")
        );
        assert!(told(json!({"nodeType": "none"}), json!({})).contains("no place"));
        assert!(told(json!({"nodeType": "x"}), json!({})).contains("no place"));
        assert!(told(json!({"name": 1}), json!({})).contains("text"));
        assert!(told(json!(1), json!({})).contains("mapping"));
    }
}
