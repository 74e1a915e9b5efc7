//! Every schema of a Policy, compiled once per key that is used and shared between Operations.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use jsonschema::{Draft, PatternCache, PatternOptions, Registry, Validator};
use serde_json::{Map, Value, json};

pub use super::errors::SchemaError;
use super::errors::{Translation, place};
use super::formats;
use super::links::{LINK, Link, Slot, Slots, link};
use super::node::{TapeJson, TapeNode};
use super::reference::{end_of_chain, escape, reference_key, references};
use super::walk;
use crate::decision::UNTOLD;
use crate::parse::json::Tape;
use crate::shape::Shapes;

/// Names the one document that holds all schemas under `$defs`.
const DOCUMENT: &str = "json-schema:///schemas";
/// Most backtracking steps of a pattern that the linear engine cannot hold (look-around, back
/// references); beyond it the value does not fit.
const BACKTRACK_MAX: usize = 10_000;
/// Memory of one compiled pattern, bytes.
const PATTERN_MAX_BYTES: usize = 4 << 20;

/// Beyond this many nodes only the first breach is told: the engine gathers every error before the
/// first is seen, and a hostile body may hold one at each node.
const LISTED_NODES_MAX: usize = 16_384;

/// A schema that cannot be used; the Operations that need it cannot be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaFault {
    /// Key of the schema that was asked for.
    pub key: String,
    /// Key and JSON Pointer of the place at fault.
    pub at: (String, String),
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

/// A compiled schema of one `Schemas`. Equal for keys that only refer to the same schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValidatorId(u32);

/// The schemas of one Policy. Cheap to share; compiles a schema at its first use, or all of them
/// with `compile_all`.
pub struct Schemas {
    registry: Registry<'static>,
    defs: Arc<Map<String, Value>>,
    slots: Slots,
    ids: BTreeMap<String, ValidatorId>,
    malformed: BTreeMap<String, SchemaFault>,
    patterns: PatternCache,
    shapes: OnceLock<Shapes>,
}

impl std::fmt::Debug for Schemas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schemas")
            .field("keys", &self.defs.len())
            .finish_non_exhaustive()
    }
}

impl Schemas {
    /// Takes all schemas of a Form, JSON Schema 2020-12, and holds each against its meta-schema.
    /// Nothing is compiled yet.
    ///
    /// # Errors
    /// The document as a whole cannot be indexed (a bad `$id`). Faults of one schema are told by
    /// `validator` and `compile_all` instead.
    pub fn build(schemas: &Map<String, Value>) -> Result<Schemas, SchemaFault> {
        Self::build_draft(schemas, Draft::Draft202012)
    }

    fn build_draft(schemas: &Map<String, Value>, draft: Draft) -> Result<Schemas, SchemaFault> {
        let malformed: BTreeMap<String, SchemaFault> = schemas
            .iter()
            .filter_map(|(key, schema)| malformed(key, schema).map(|fault| (key.clone(), fault)))
            .collect();
        let (slots, ids) = number(schemas);
        let registry = registry(schemas, &malformed, &ids, draft)?;
        Ok(Schemas {
            registry,
            defs: Arc::new(schemas.clone()),
            slots: Arc::new(slots),
            ids,
            malformed,
            patterns: PatternCache::new(),
            shapes: OnceLock::new(),
        })
    }

    /// The schemas as given.
    #[must_use]
    pub fn defs(&self) -> &Map<String, Value> {
        &self.defs
    }

    /// What all schemas promise of members, compiled at the first call.
    pub(crate) fn shapes(&self) -> &Shapes {
        self.shapes
            .get_or_init(|| Shapes::build(&self.defs, self.defs.keys().map(String::as_str)))
    }

    /// The validator of a key. Equal ids for keys that are nothing but references to one schema.
    #[must_use]
    pub fn validator(&self, key: &str) -> Option<ValidatorId> {
        self.ids.get(key).copied()
    }

    /// Compiles the schema of `id` with all that it refers to, or tells why it cannot be. Cost:
    /// once for each schema; then O(schemas it refers to).
    ///
    /// # Errors
    /// A malformed schema, a reference that leads nowhere, a pattern that no engine takes.
    pub fn compile(&self, id: ValidatorId) -> Result<(), SchemaFault> {
        match self.slot(id) {
            Some(slot) => slot.closed.get_or_init(|| self.close(id)).clone(),
            None => Err(fault("", "", "is of other schemas")),
        }
    }

    /// Compiles `id` and all that it refers to. What closed without a fault is not walked again.
    fn close(&self, id: ValidatorId) -> Result<(), SchemaFault> {
        let mut seen = BTreeSet::new();
        let mut open = vec![id];
        while let Some(next) = open.pop() {
            let Some(slot) = self.slot(next).filter(|_| seen.insert(next)) else {
                continue;
            };
            match slot.closed.get() {
                Some(closed) => closed.clone()?,
                None => {
                    self.compiled(next).map_err(Clone::clone)?;
                    let mut below = Vec::new();
                    if let Some(schema) = self.defs.get(&slot.key) {
                        references(schema, &mut below);
                    }
                    open.extend(below.iter().filter_map(|key| self.validator(key)));
                }
            }
        }
        for other in seen.into_iter().filter(|other| *other != id) {
            if let Some(slot) = self.slot(other) {
                slot.closed.get_or_init(|| Ok(()));
            }
        }
        Ok(())
    }

    /// The validator of `id` with all that it links to. Cost on the hot path: two loads.
    fn ready(&self, id: ValidatorId) -> Result<&Validator<TapeJson>, SchemaFault> {
        let is_closed = self
            .slot(id)
            .is_some_and(|slot| matches!(slot.closed.get(), Some(Ok(()))));
        if !is_closed {
            self.compile(id)?;
        }
        self.compiled(id).map_err(Clone::clone)
    }

    fn slot(&self, id: ValidatorId) -> Option<&Slot> {
        self.slots.get(usize::try_from(id.0).ok()?)
    }

    /// Compiles every schema in `keys` and gives the faults, one a key.
    pub fn compile_all<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Vec<SchemaFault> {
        let mut faults = Vec::new();
        for key in keys {
            let outcome = match self.validator(key) {
                Some(id) => self.compile(id),
                None => Err(fault(key, "", "is not a key of the schemas")),
            };
            if let Err(found) = outcome {
                faults.push(SchemaFault {
                    key: key.to_owned(),
                    ..found
                });
            }
        }
        faults
    }

    fn compiled(&self, id: ValidatorId) -> Result<&Validator<TapeJson>, &SchemaFault> {
        static GONE: OnceLock<SchemaFault> = OnceLock::new();
        match self.slot(id) {
            Some(slot) => slot
                .compiled
                .get_or_init(|| self.compile_key(&slot.key))
                .as_ref(),
            None => Err(GONE.get_or_init(|| fault("", "", "is of other schemas"))),
        }
    }

    fn compile_key(&self, key: &str) -> Result<Validator<TapeJson>, SchemaFault> {
        if let Some(found) = self.malformed_below(key) {
            return Err(SchemaFault {
                key: key.to_owned(),
                ..found
            });
        }
        let root = json!({ "$ref": format!("{DOCUMENT}#/$defs/{}", escape(key)) });
        let options = jsonschema::options_for::<TapeJson>()
            .with_draft(Draft::Draft202012)
            .with_registry(&self.registry)
            .with_retriever(NoRetriever)
            .with_pattern_cache(self.patterns.clone())
            .with_pattern_options(
                PatternOptions::fancy_regex()
                    .backtrack_limit(BACKTRACK_MAX)
                    .size_limit(PATTERN_MAX_BYTES),
            );
        let slots = Arc::downgrade(&self.slots);
        formats::with_formats(options)
            .with_keyword(LINK, move |_, value, _| {
                let at = value.as_u64().and_then(|at| usize::try_from(at).ok());
                Ok(Box::new(Link {
                    slots: slots.clone(),
                    at: at.unwrap_or(usize::MAX),
                }))
            })
            .build(&root)
            .map_err(|error| {
                let inside = error.instance_path().as_str();
                let path = match inside.starts_with("/$defs/") {
                    true => inside,
                    false => error.schema_path().as_str(),
                };
                let (at_key, pointer) = place(path);
                let at = if at_key.is_empty() {
                    (key.to_owned(), String::new())
                } else {
                    (at_key, pointer)
                };
                SchemaFault {
                    key: key.to_owned(),
                    at,
                    message: error.masked().to_string(),
                }
            })
    }

    /// The first malformed schema among those that `key` reaches.
    fn malformed_below(&self, key: &str) -> Option<SchemaFault> {
        if self.malformed.is_empty() {
            return None;
        }
        let mut seen = BTreeSet::new();
        let mut open = vec![key.to_owned()];
        while let Some(key) = open.pop() {
            if let Some(found) = self.malformed.get(&key) {
                return Some(found.clone());
            }
            if let Some(schema) = self.defs.get(&key).filter(|_| seen.insert(key.clone())) {
                references(schema, &mut open);
            }
        }
        None
    }

    /// All breaches of the schema by the tape, sorted by (pointer, keyword); of more than
    /// `errors_max` the first, and one that says so.
    /// A schema that cannot be compiled is breached by everything. Cost: one pass without
    /// allocation where it fits.
    #[must_use]
    pub fn validate(&self, id: ValidatorId, tape: &Tape, errors_max: u32) -> Vec<SchemaError> {
        let validator = match self.ready(id) {
            Ok(validator) => validator,
            Err(fault) => return vec![uncheckable(&fault)],
        };
        let root = TapeNode {
            tape,
            at: tape.root(),
        };
        if validator.is_valid(root) {
            return Vec::new();
        }
        let mut translation = Translation::new(tape, &self.defs, &self.slots);
        let most = usize::try_from(errors_max).unwrap_or(usize::MAX).max(1);
        let mut is_whole = tape.len() <= LISTED_NODES_MAX;
        if is_whole {
            let mut found = validator.iter_errors(root);
            for error in found.by_ref().take(most.saturating_mul(4)) {
                translation.add(&error, "", 0);
            }
            is_whole = found.next().is_none() && !translation.is_spent();
        } else if let Err(error) = validator.validate(root) {
            translation.add(&error, "", 0);
        }
        let mut errors = translation.errors;
        errors.sort();
        errors.dedup();
        if errors.len() > most || !is_whole {
            errors.truncate(most);
            errors.push(self.untold(id));
        }
        errors
    }

    /// That more is broken than is told.
    fn untold(&self, id: ValidatorId) -> SchemaError {
        let key = self.slot(id).map(|slot| slot.key.clone());
        SchemaError {
            pointer: String::new(),
            keyword: String::new(),
            schema: (key.unwrap_or_default(), String::new()),
            expected: UNTOLD.to_owned(),
            span: (0, 0),
        }
    }

    /// Whether the tape fits the schema: the fast path of `validate`.
    #[must_use]
    pub fn is_valid(&self, id: ValidatorId, tape: &Tape) -> bool {
        let root = TapeNode {
            tape,
            at: tape.root(),
        };
        self.ready(id)
            .is_ok_and(|validator| validator.is_valid(root))
    }
}

/// Gives each key its number; a key that only refers to another shares that one's.
fn number(defs: &Map<String, Value>) -> (Vec<Slot>, BTreeMap<String, ValidatorId>) {
    let mut slots = Vec::new();
    let mut ids: BTreeMap<String, ValidatorId> = BTreeMap::new();
    for key in defs.keys() {
        let end = end_of_chain(defs, key);
        let next = ValidatorId(u32::try_from(slots.len()).unwrap_or(u32::MAX));
        let id = *ids.entry(end.to_owned()).or_insert(next);
        if id == next {
            slots.push(Slot::new(end.to_owned()));
        }
        ids.insert(key.clone(), id);
    }
    (slots, ids)
}

/// The one document that holds all schemas, with links between them.
fn registry(
    schemas: &Map<String, Value>,
    malformed: &BTreeMap<String, SchemaFault>,
    ids: &BTreeMap<String, ValidatorId>,
    draft: Draft,
) -> Result<Registry<'static>, SchemaFault> {
    let mut document = json!({ "$defs": schemas });
    blank(&mut document, malformed.keys());
    formats::mark(&mut document);
    let id = |reference: &str| {
        reference_key(reference)
            .and_then(|key| ids.get(&key))
            .map(|id| id.0)
    };
    if let Some(Value::Object(defs)) = document.get_mut("$defs") {
        defs.values_mut().for_each(|schema| link(schema, &id));
    }
    Registry::new()
        .draft(draft)
        .add(DOCUMENT, document)
        .and_then(|registry| registry.retriever(NoRetriever).prepare())
        .map_err(|error| whole(&error.to_string()))
}

fn uncheckable(fault: &SchemaFault) -> SchemaError {
    SchemaError {
        pointer: String::new(),
        keyword: "schema".to_owned(),
        schema: fault.at.clone(),
        expected: "a schema that can be checked".to_owned(),
        span: (0, 0),
    }
}

fn fault(key: &str, pointer: &str, message: &str) -> SchemaFault {
    let at = (key.to_owned(), pointer.to_owned());
    SchemaFault {
        key: key.to_owned(),
        at,
        message: message.to_owned(),
    }
}

fn whole(message: &str) -> SchemaFault {
    fault("", "", message)
}

/// Takes malformed schemas out of the document, so that they cannot spoil the rest.
fn blank<'a>(document: &mut Value, keys: impl Iterator<Item = &'a String>) {
    let Some(Value::Object(defs)) = document.get_mut("$defs") else {
        return;
    };
    for key in keys {
        defs.insert(key.clone(), Value::Bool(false));
    }
}

fn malformed(key: &str, schema: &Value) -> Option<SchemaFault> {
    let mut remote = false;
    walk::visit(schema, &mut |map| {
        let references = ["$ref", "$dynamicRef"].map(|name| map.get(name).and_then(Value::as_str));
        remote |= references
            .iter()
            .flatten()
            .any(|reference| !reference.starts_with('#'));
    });
    if remote {
        return Some(fault(
            key,
            "",
            "refers to a remote schema; those are not fetched",
        ));
    }
    let error = jsonschema::draft202012::meta::validate(schema).err()?;
    Some(fault(
        key,
        error.instance_path().as_str(),
        &error.masked().to_string(),
    ))
}

/// Nothing is ever fetched.
struct NoRetriever;

impl jsonschema::Retrieve for NoRetriever {
    fn retrieve(
        &self,
        _uri: &jsonschema::Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err("remote schemas are not fetched".into())
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
