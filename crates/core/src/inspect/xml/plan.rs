//! How the values of one schema are written in XML, compiled when a Policy is loaded.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

pub use super::flat::Unmapped;
use super::flat::{Part, flat};
use super::naming::{Naming, Position};
use crate::decision::Source;
use crate::inspect::parameters::Types;

/// Kinds of values that one body may hold.
const NODES_MAX: usize = 2_000;
/// Keywords whose members have no name in XML that could be told from the schema.
const UNNAMED: [&str; 4] = [
    "patternProperties",
    "prefixItems",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// How bodies of one schema are written.
#[derive(Debug)]
pub struct XmlPlan {
    pub(super) nodes: Vec<Node>,
    /// The element around all; its node is the first.
    pub(super) root: Names,
}

/// What an element may be called.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Empty: anything.
    pub(super) list: Vec<String>,
    pub(super) namespace: Option<String>,
}

/// One kind of value.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) types: Types,
    pub(super) members: Vec<Member>,
    /// Members that are not declared, where their schema is.
    pub(super) others: Option<usize>,
    /// A list: its items.
    pub(super) items: Option<(Names, usize)>,
    pub(super) source: Source,
}

/// One declared property.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) property: String,
    pub(super) position: Position,
    /// Of a list without an element around it: those of its items.
    pub(super) names: Names,
    pub(super) is_bare_list: bool,
    pub(super) is_required: bool,
    pub(super) node: usize,
}

impl XmlPlan {
    /// The plan of a schema. Load time only.
    ///
    /// # Errors
    /// The first place that XML cannot be held against.
    pub fn compile(key: &str, schemas: &Map<String, Value>) -> Result<XmlPlan, Unmapped> {
        let missing = Unmapped {
            source: Source::default(),
            why: "its schema is not there",
        };
        let root = Part::of_key(key, schemas).ok_or(missing)?;
        let mut compiler = Compiler {
            schemas,
            known: BTreeMap::new(),
            waiting: Vec::new(),
            count: 0,
        };
        let all = flat(std::slice::from_ref(&root), schemas);
        let naming = Naming::of(&all, 1)?;
        let usual: Vec<String> = root.component().into_iter().collect();
        let names = Names {
            list: naming.names(&usual),
            namespace: naming.namespace,
        };
        compiler.want(vec![root], Vec::new());
        let mut nodes: BTreeMap<usize, Node> = BTreeMap::new();
        while let Some((index, own, usual)) = compiler.waiting.pop() {
            if compiler.count > NODES_MAX {
                return Err(first(&own).map_or_else(
                    || Unmapped {
                        source: Source::default(),
                        why: "it has too many kinds of values",
                    },
                    |part| part.unmapped("it has too many kinds of values"),
                ));
            }
            nodes.insert(index, compiler.node(&own, &usual)?);
        }
        Ok(XmlPlan {
            nodes: nodes.into_values().collect(),
            root: names,
        })
    }
}

fn first<'a, 's>(parts: &'a [Part<'s>]) -> Option<&'a Part<'s>> {
    parts.first()
}

type Waiting<'s> = (usize, Vec<Part<'s>>, Vec<String>);

struct Compiler<'s> {
    schemas: &'s Map<String, Value>,
    /// Nodes by the schemas written for them, and what their items are called without a name.
    known: BTreeMap<(Vec<usize>, Vec<String>), usize>,
    waiting: Vec<Waiting<'s>>,
    count: usize,
}

impl<'s> Compiler<'s> {
    /// The number of a node that is compiled in its turn. usual: names of items without their own.
    fn want(&mut self, own: Vec<Part<'s>>, usual: Vec<String>) -> usize {
        let key = (own.iter().map(Part::address).collect(), usual.clone());
        if let Some(index) = self.known.get(&key) {
            return *index;
        }
        let index = self.count;
        self.count = self.count.saturating_add(1);
        self.known.insert(key, index);
        self.waiting.push((index, own, usual));
        index
    }

    fn types(&self, own: &[Part<'s>]) -> Types {
        own.iter().fold(Types::ANY, |types, part| {
            types.and(Types::of_schema(part.value, self.schemas))
        })
    }

    fn is_list(&self, own: &[Part<'s>], all: &[Part<'s>]) -> Result<bool, Unmapped> {
        let types = self.types(own);
        let has = |word| all.iter().any(|part| part.value.get(word).is_some());
        if types == Types::ANY {
            return Ok(has("items") && !has("properties"));
        }
        if !types.has(Types::ARRAY) {
            return Ok(false);
        }
        if types.is_only(Types::ARRAY.or(Types::NULL)) {
            return Ok(true);
        }
        match first(own) {
            Some(part) => Err(part.unmapped("a list or something else looks alike in XML")),
            None => Ok(true),
        }
    }

    fn node(&mut self, own: &[Part<'s>], usual: &[String]) -> Result<Node, Unmapped> {
        let all = flat(own, self.schemas);
        let unnamed = |part: &Part<'s>| {
            let word = UNNAMED.iter().find(|word| says(part.value.get(*word)))?;
            part.below(&[word])
        };
        if let Some(part) = all.iter().find_map(unnamed) {
            return Err(part.unmapped("its members have no names in XML"));
        }
        let is_list = self.is_list(own, &all)?;
        let items = if is_list {
            Some(self.items(&all, usual)?)
        } else {
            None
        };
        let members = if is_list {
            Vec::new()
        } else {
            self.members(&all)?
        };
        let others: Vec<Part<'s>> = all
            .iter()
            .filter_map(|part| part.below(&["additionalProperties"]))
            .filter(|part| part.value.is_object())
            .collect();
        Ok(Node {
            types: self.types(own),
            members,
            others: (!others.is_empty()).then(|| self.want(others, Vec::new())),
            items,
            source: first(own).map(Part::source).unwrap_or_default(),
        })
    }

    fn items(&mut self, all: &[Part<'s>], usual: &[String]) -> Result<(Names, usize), Unmapped> {
        let own: Vec<Part<'s>> = all
            .iter()
            .filter_map(|part| part.below(&["items"]))
            .collect();
        let inner = flat(&own, self.schemas);
        let naming = Naming::of(&inner, own.len())?;
        if let (true, false, Some(part)) =
            (self.is_list(&own, &inner)?, naming.is_wrapped, first(&own))
        {
            return Err(part.unmapped("lists in a list need an element around each"));
        }
        if let (Some(Position::Attribute | Position::Text), Some(part)) =
            (naming.position, first(&own))
        {
            return Err(part.unmapped("items of a list are elements"));
        }
        let mut list = naming.names(usual);
        if naming.name.is_none() {
            list.extend(naming.components);
        }
        let names = Names {
            list,
            namespace: naming.namespace,
        };
        let inside = names.list.clone();
        Ok((names, self.want(own, inside)))
    }

    fn members(&mut self, all: &[Part<'s>]) -> Result<Vec<Member>, Unmapped> {
        let mut properties: BTreeMap<&str, Vec<Part<'s>>> = BTreeMap::new();
        for (name, part) in all.iter().flat_map(|part| part.each("properties")) {
            properties.entry(name).or_default().push(part);
        }
        let required: BTreeSet<&str> = all
            .iter()
            .filter_map(|part| part.value.get("required")?.as_array())
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut members = Vec::new();
        for (property, own) in properties {
            let is_required = required.contains(property);
            members.push(self.member(property, own, is_required)?);
        }
        match settle(&mut members) {
            Ok(()) => Ok(members),
            Err(why) => match first(all) {
                Some(part) => Err(part.unmapped(why)),
                None => Ok(members),
            },
        }
    }

    fn member(
        &mut self,
        property: &str,
        own: Vec<Part<'s>>,
        is_required: bool,
    ) -> Result<Member, Unmapped> {
        let all = flat(&own, self.schemas);
        let naming = Naming::of(&all, own.len())?;
        let is_list = self.is_list(&own, &all)?;
        let position = naming.position.unwrap_or(Position::Element);
        let is_object = self.types(&own).is_only(Types::OBJECT.or(Types::NULL));
        if let (true, Some(part)) = (
            position != Position::Element && (is_list || is_object),
            first(&own),
        ) {
            return Err(part.unmapped("only plain values are attributes or texts"));
        }
        let usual = vec![property.to_owned()];
        let mut names = Names {
            list: naming.names(&usual),
            namespace: naming.namespace.clone(),
        };
        let is_bare_list = is_list && !naming.is_wrapped;
        let inside = if is_bare_list {
            usual
        } else {
            names.list.clone()
        };
        if is_bare_list {
            let (items, _) = self.items(&all, &inside)?;
            names = Names {
                list: items.list,
                namespace: items.namespace.or(names.namespace),
            };
        }
        Ok(Member {
            property: property.to_owned(),
            position,
            names,
            is_bare_list,
            is_required,
            node: self.want(own, if is_list { inside } else { Vec::new() }),
        })
    }
}

/// Whether a keyword asks for anything.
fn says(value: Option<&Value>) -> bool {
    value.is_some_and(|value| !matches!(value, Value::Bool(_)))
}

/// Takes names away that several members might have; the first name of each must be its own.
fn settle(members: &mut [Member]) -> Result<(), &'static str> {
    let firsts: Vec<(Position, Option<String>)> = members
        .iter()
        .filter(|member| member.position != Position::Text)
        .map(|member| (member.position, member.names.list.first().cloned()))
        .collect();
    if members.len().saturating_sub(firsts.len()) > 1 {
        return Err("two properties are the text of one element");
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in members.iter().flat_map(|member| &member.names.list) {
        let count = counts.entry(name.clone()).or_default();
        *count = count.saturating_add(1);
    }
    for (at, one) in firsts.iter().enumerate() {
        if firsts
            .iter()
            .skip(at.saturating_add(1))
            .any(|other| one == other)
        {
            return Err("two properties have one name in XML");
        }
    }
    for member in members {
        let own = member.names.list.first().cloned();
        member
            .names
            .list
            .retain(|name| Some(name) == own.as_ref() || counts.get(name) == Some(&1));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plan(schemas: Value) -> Result<XmlPlan, Unmapped> {
        let schemas = schemas.as_object().unwrap().clone();
        XmlPlan::compile("1#/components/schemas/Pet", &schemas)
    }

    fn of(pet: Value) -> Result<XmlPlan, Unmapped> {
        plan(json!({"1#/components/schemas/Pet": pet}))
    }

    fn names(plan: &XmlPlan) -> Vec<(&str, &[String])> {
        let node = plan.nodes.first().unwrap();
        let each = node.members.iter();
        each.map(|member| (&*member.property, &*member.names.list))
            .collect()
    }

    #[test]
    fn a_root_is_called_as_it_says_or_as_its_component() {
        assert_eq!(of(json!({})).unwrap().root.list, ["Pet"]);
        assert_eq!(
            of(json!({"xml": {"name": "pet"}})).unwrap().root.list,
            ["pet"]
        );
        let schemas = json!({"1#/paths/x": {"type": "object"}});
        let inline = XmlPlan::compile("1#/paths/x", schemas.as_object().unwrap()).unwrap();
        assert!(inline.root.list.is_empty());
    }

    #[test]
    fn schemas_that_refer_to_themselves_end() {
        let pet = "#/$defs/1%23~1components~1schemas~1Pet";
        let tree = json!({"type": "object", "properties": {
            "mate": {"$ref": pet}, "young": {"type": "array", "items": {"$ref": pet}}}});
        let plan = of(tree).unwrap();
        assert!(plan.nodes.len() <= 6, "{}", plan.nodes.len());
        assert_eq!(names(&plan)[0], ("mate", &["mate".to_owned()][..]));
        assert_eq!(
            names(&plan)[1],
            ("young", &["young".to_owned(), "Pet".to_owned()][..])
        );
    }

    #[test]
    fn a_name_that_two_might_have_belongs_to_neither() {
        let schemas = json!({
            "1#/components/schemas/Pet": {"properties": {
                "home": {"$ref": "#/$defs/a"}, "shop": {"$ref": "#/$defs/a"}}},
            "a": {"type": "string", "xml": {"name": "address"}},
        });
        let plan = plan(schemas).unwrap();
        let told = [
            ("home", &["home".to_owned()][..]),
            ("shop", &["shop".to_owned()][..]),
        ];
        assert_eq!(names(&plan), told);
    }

    #[test]
    fn what_cannot_be_followed_is_told_with_its_place() {
        let named = |name: &str| json!({"type": "string", "xml": {"name": name}});
        for (pet, pointer) in [
            (
                json!({"patternProperties": {"^a": {"type": "integer"}}}),
                "/patternProperties",
            ),
            (
                json!({"properties": {"a": {"prefixItems": [{}]}}}),
                "/properties/a/prefixItems",
            ),
            (
                json!({"properties": {"a": named("x"), "b": named("x")}}),
                "",
            ),
            (
                json!({"properties": {"a": {"type": ["array", "string"]}}}),
                "/properties/a",
            ),
            (
                json!({"type": "array", "items": {"type": "array"}}),
                "/items",
            ),
            (
                json!({"properties": {"a": {"type": "object", "xml": {"attribute": true}}}}),
                "/properties/a",
            ),
            (
                json!({"properties": {"a": {"xml": {"nodeType": "none"}}}}),
                "/properties/a",
            ),
        ] {
            let unmapped = of(pet.clone()).unwrap_err();
            let place = format!("/components/schemas/Pet{pointer}");
            assert_eq!(unmapped.source.pointer, place, "{pet}");
        }
    }

    #[test]
    fn choices_are_followed_as_one() {
        let pet = json!({"oneOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}},
            {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}}]});
        let plan = of(pet).unwrap();
        assert_eq!(names(&plan).len(), 2);
    }
}
