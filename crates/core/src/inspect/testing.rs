//! One schema of any draft with remotes, for the official suite. Not for the river.

use jsonschema::{Draft, Registry, Validator};
use serde_json::Value;

use super::errors::Translation;
use super::formats;
use super::links::Slots;
use super::node::{TapeJson, TapeNode};
use super::schema::SchemaError;
use crate::parse::json::Tape;

/// Draft and format mode of a suite run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Draft 4.
    Draft4,
    /// Draft 2020-12, `format` an annotation.
    Draft202012,
    /// Draft 2020-12, `format` asserted, as in Policies.
    Draft202012Formats,
}

/// One compiled schema.
#[derive(Debug)]
pub struct Single(Validator<TapeJson>);

impl Single {
    /// Compiles `schema`; `remotes` are (URI, document).
    ///
    /// # Errors
    /// What the engine says of the schema.
    pub fn build(
        schema: &Value,
        dialect: Dialect,
        remotes: &[(String, Value)],
    ) -> Result<Single, String> {
        let draft = if dialect == Dialect::Draft4 {
            Draft::Draft4
        } else {
            Draft::Draft202012
        };
        let mut registry = Registry::new().draft(draft);
        for (uri, document) in remotes {
            registry = registry
                .add(uri, document)
                .map_err(|error| error.to_string())?;
        }
        let registry = registry.prepare().map_err(|error| error.to_string())?;
        let options = jsonschema::options_for::<TapeJson>()
            .with_draft(draft)
            .with_registry(&registry);
        let options = formats::with_formats(options)
            .should_validate_formats(dialect == Dialect::Draft202012Formats);
        options
            .build(schema)
            .map(Single)
            .map_err(|error| error.to_string())
    }

    /// Verdict of the fast path, and all errors.
    #[must_use]
    pub fn judge(&self, tape: &Tape) -> (bool, Vec<SchemaError>) {
        let root = TapeNode {
            tape,
            at: tape.root(),
        };
        let (schemas, slots) = (serde_json::Map::new(), Slots::default());
        let mut translation = Translation::new(tape, &schemas, &slots);
        for error in self.0.iter_errors(root) {
            translation.add(&error, "", 0);
        }
        (self.0.is_valid(root), translation.errors)
    }
}
