//! Which members each schema declares, compiled to one arena of nodes for all schemas of a Policy.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value};

use super::classify::spread;
use crate::parse::json::read_token;
use crate::policy::form::DataClass;

/// A compiled schema of one `Shapes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanId(pub(super) u32);

/// How a value of the discriminating member chooses a schema.
#[derive(Debug, Default)]
pub(super) struct Chooser {
    pub(super) member: Box<str>,
    pub(super) targets: Vec<(Box<str>, u32)>,
    /// The alternatives where no value chooses.
    pub(super) otherwise: Vec<u32>,
}

/// What one schema says of members and items. Indices are into the arena.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Sorted by name.
    pub(super) properties: Vec<(Box<str>, u32)>,
    /// Members that this direction forbids (`readOnly`, `writeOnly`), sorted.
    pub(super) forbidden: Vec<Box<str>>,
    pub(super) patterns: Vec<(Regex, u32)>,
    /// `additionalProperties` or `unevaluatedProperties` is written, or members cannot be known.
    pub(super) open: bool,
    /// `additionalProperties: false` or its kin is written.
    pub(super) is_closed: bool,
    /// The schema of additional members, where one is written.
    pub(super) additional: Option<u32>,
    pub(super) prefix: Vec<u32>,
    pub(super) items: Option<u32>,
    /// Schemas that hold for the same value: `$ref`, `allOf`, `anyOf`, `oneOf`, conditions.
    pub(super) parts: Vec<u32>,
    pub(super) chooser: Option<Box<Chooser>>,
    /// What the description says of the value itself.
    pub(super) class: Option<DataClass>,
    /// A schema that holds for the same value says that it is secret, in some case at least.
    pub(super) may_be_secret: bool,
    /// So it is with the value, or with anything in it.
    pub(super) may_hold_secrets: bool,
}

/// The plans of one Policy.
#[derive(Debug, Default)]
pub struct Shapes {
    pub(super) plans: Vec<Plan>,
    ids: BTreeMap<String, PlanId>,
}

impl Shapes {
    /// Compiles the schemas of `keys` with all they refer to. `defs` as in the Form. Cost: O(size).
    pub fn build<'a>(defs: &Map<String, Value>, keys: impl IntoIterator<Item = &'a str>) -> Shapes {
        let mut compiler = Compiler {
            defs,
            shapes: Shapes::default(),
            named: BTreeMap::new(),
            open: Vec::new(),
        };
        for key in keys.into_iter().filter(|key| defs.contains_key(*key)) {
            let mut reference = String::from("/");
            crate::parse::json::push_token(&mut reference, key);
            let id = PlanId(compiler.named(reference));
            compiler.shapes.ids.insert(key.to_owned(), id);
        }
        compiler.finish()
    }

    /// The plan of a key given to `build`.
    #[must_use]
    pub fn plan(&self, key: &str) -> Option<PlanId> {
        self.ids.get(key).copied()
    }
}

/// Keyword of a lowered schema that says how much its value may be shown.
const CLASS: &str = "x-bartizan-data-class";

fn class_of(written: &Value) -> Option<DataClass> {
    serde_json::from_value(written.clone()).ok()
}

struct Compiler<'a> {
    defs: &'a Map<String, Value>,
    shapes: Shapes,
    /// JSON Pointer into `defs` to node.
    named: BTreeMap<String, u32>,
    /// Nodes without content yet: chains of references take no stack.
    open: Vec<(u32, String)>,
}

impl<'a> Compiler<'a> {
    fn finish(mut self) -> Shapes {
        while let Some((node, pointer)) = self.open.pop() {
            let plan = match resolve(self.defs, &pointer) {
                Some(schema) => self.plan(schema),
                None => Plan {
                    open: true,
                    ..Plan::default()
                },
            };
            if let Some(place) = self.shapes.plans.get_mut(index(node)) {
                *place = plan;
            }
        }
        spread(&mut self.shapes.plans);
        self.shapes
    }

    fn reserve(&mut self) -> u32 {
        let node = u32::try_from(self.shapes.plans.len()).unwrap_or(u32::MAX);
        self.shapes.plans.push(Plan::default());
        node
    }

    fn named(&mut self, pointer: String) -> u32 {
        if let Some(node) = self.named.get(&pointer) {
            return *node;
        }
        let node = self.reserve();
        self.named.insert(pointer.clone(), node);
        self.open.push((node, pointer));
        node
    }

    fn referenced(&mut self, reference: &str) -> u32 {
        match reference_pointer(reference) {
            Some(pointer) => self.named(pointer),
            None => self.inline(&Value::Bool(true)),
        }
    }

    fn inline(&mut self, schema: &Value) -> u32 {
        let node = self.reserve();
        let plan = self.plan(schema);
        if let Some(place) = self.shapes.plans.get_mut(index(node)) {
            *place = plan;
        }
        node
    }

    fn plan(&mut self, schema: &Value) -> Plan {
        let Value::Object(map) = schema else {
            return Plan {
                open: schema != &Value::Bool(false),
                ..Plan::default()
            };
        };
        let mut plan = Plan {
            class: map.get(CLASS).and_then(class_of),
            ..Plan::default()
        };
        self.members(map, &mut plan);
        self.parts(map, &mut plan);
        if let Some(Value::Array(prefix)) = map.get("prefixItems") {
            plan.prefix = prefix.iter().map(|item| self.inline(item)).collect();
        }
        plan.items = map.get("items").map(|items| self.inline(items));
        self.choices(map, &mut plan);
        plan
    }

    fn members(&mut self, map: &Map<String, Value>, plan: &mut Plan) {
        if let Some(Value::Object(properties)) = map.get("properties") {
            for (name, schema) in properties {
                if schema.get("x-bartizan-direction").is_some() {
                    plan.forbidden.push(name.as_str().into());
                } else {
                    let node = self.inline(schema);
                    plan.properties.push((name.as_str().into(), node));
                }
            }
            plan.properties.sort_unstable();
            plan.forbidden.sort_unstable();
        }
        if let Some(Value::Object(patterns)) = map.get("patternProperties") {
            for (pattern, schema) in patterns {
                match Regex::new(pattern) {
                    Ok(regex) => {
                        let node = self.inline(schema);
                        plan.patterns.push((regex, node));
                    }
                    Err(_) => plan.open = true,
                }
            }
        }
        for keyword in ["additionalProperties", "unevaluatedProperties"] {
            // `false` promises nothing more: what is beyond the names is undeclared.
            let written = map
                .get(keyword)
                .filter(|schema| **schema != Value::Bool(false));
            plan.is_closed |= map.get(keyword) == Some(&Value::Bool(false));
            if let Some(schema) = written {
                plan.open = true;
                plan.additional = schema
                    .is_object()
                    .then(|| self.inline(schema))
                    .or(plan.additional);
            }
        }
    }

    fn parts(&mut self, map: &Map<String, Value>, plan: &mut Plan) {
        if let Some(Value::String(reference)) = map.get("$ref") {
            plan.parts.push(self.referenced(reference));
        }
        plan.open |= map.contains_key("$dynamicRef");
        if let Some(Value::Array(all)) = map.get("allOf") {
            plan.parts
                .extend(all.iter().map(|part| self.inline(part)).collect::<Vec<_>>());
        }
        for keyword in ["if", "then", "else"] {
            if let Some(part @ Value::Object(_)) = map.get(keyword) {
                plan.parts.push(self.inline(part));
            }
        }
        if let Some(Value::Object(dependent)) = map.get("dependentSchemas") {
            plan.parts.extend(
                dependent
                    .values()
                    .map(|part| self.inline(part))
                    .collect::<Vec<_>>(),
            );
        }
    }

    fn choices(&mut self, map: &Map<String, Value>, plan: &mut Plan) {
        let refines = !plan.properties.is_empty();
        let mut branches = Vec::new();
        let mut names = Vec::new();
        for keyword in ["oneOf", "anyOf"] {
            let Some(Value::Array(listed)) = map.get(keyword) else {
                continue;
            };
            for branch in listed {
                plan.open |= !refines && self.admits_any_object(branch);
                let node = self.inline(branch);
                names.extend(implicit_name(branch).map(|name| (name, node)));
                branches.push(node);
            }
        }
        let member = map
            .get("discriminator")
            .and_then(|found| found.get("propertyName"));
        let Some(Value::String(member)) = member else {
            plan.parts.extend(branches);
            return;
        };
        let mut targets: Vec<(Box<str>, u32)> = Vec::new();
        if let Some(Value::Object(mapping)) = map
            .get("discriminator")
            .and_then(|found| found.get("mapping"))
        {
            for (value, reference) in mapping {
                if let Value::String(reference) = reference {
                    targets.push((value.as_str().into(), self.referenced(reference)));
                }
            }
        }
        // A parent that names its children by their schema names alone promises members that
        // stand nowhere below it.
        plan.open |= branches.is_empty() && targets.is_empty();
        for (name, node) in names {
            if !targets.iter().any(|(value, _)| **value == *name) {
                targets.push((name, node));
            }
        }
        let default = map
            .get("discriminator")
            .and_then(|found| found.get("defaultMapping"));
        if let Some(Value::String(reference)) = default {
            branches.push(self.referenced(reference));
        }
        plan.chooser = Some(Box::new(Chooser {
            member: member.as_str().into(),
            targets,
            otherwise: branches,
        }));
    }

    /// A branch that is an object of which nothing is said, so that every member is declared.
    fn admits_any_object(&self, branch: &Value) -> bool {
        let mut at = branch;
        for _ in 0..16 {
            let Value::Object(map) = at else {
                return at == &Value::Bool(true);
            };
            if map.is_empty() {
                return true;
            }
            let next = map
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(reference_pointer);
            match next.and_then(|pointer| resolve(self.defs, &pointer)) {
                Some(target) => at = target,
                None => return is_bare_object(map),
            }
        }
        false
    }
}

fn is_bare_object(map: &Map<String, Value>) -> bool {
    const SAYS: [&str; 12] = [
        "properties",
        "patternProperties",
        "additionalProperties",
        "unevaluatedProperties",
        "required",
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "if",
        "dependentSchemas",
        "not",
    ];
    let object = match map.get("type") {
        Some(Value::String(kind)) => kind == "object",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        _ => false,
    };
    object && !SAYS.iter().any(|keyword| map.contains_key(*keyword))
}

/// The name of a component that a branch refers to, as a discriminator may give it without mapping.
fn implicit_name(branch: &Value) -> Option<Box<str>> {
    let pointer = reference_pointer(branch.get("$ref")?.as_str()?)?;
    let key = read_token(&pointer);
    let key = key
        .strip_suffix("!response")
        .or_else(|| key.strip_suffix("!request"))
        .unwrap_or(&key);
    key.rsplit('/').next().map(|name| read_token(name).into())
}

/// JSON Pointer into the schemas that `#/$defs/...` names, percent-decoded.
fn reference_pointer(reference: &str) -> Option<String> {
    let below = reference.strip_prefix("#/$defs")?;
    crate::inspect::reference::percent_decode(below).filter(|pointer| pointer.starts_with('/'))
}

fn resolve<'a>(defs: &'a Map<String, Value>, pointer: &str) -> Option<&'a Value> {
    let below = pointer.strip_prefix('/')?;
    let (key, rest) = match below.find('/') {
        Some(end) => (below.get(..end)?, below.get(end..)?),
        None => (below, ""),
    };
    defs.get(&*read_token(key))?.pointer(rest)
}

pub(super) fn index(node: u32) -> usize {
    usize::try_from(node).unwrap_or(usize::MAX)
}
