//! What is done to responses, compiled.

use super::form::{ShapeForm, Undeclared};
use super::source;
use crate::codes::Code;
use crate::decision::Source;

/// What is done to the responses of an Operation.
#[derive(Debug)]
pub struct Shape {
    /// Undeclared JSON fields.
    pub fields: Undeclared,
    /// Breaches of the contract by the API.
    pub breach: Undeclared,
    /// Fields and headers of class `secret`.
    pub secrets: Undeclared,
    /// Whether error bodies that tell internals are replaced.
    pub scrub_errors: bool,
    /// Set where the API sets none: lower-case name and value.
    pub headers: Vec<(String, String)>,
    /// Whether `no-store` is set on authenticated answers.
    pub no_store: bool,
    /// Where it is configured.
    pub source: Source,
    strip: Vec<String>,
}

impl Shape {
    /// Takes the form over.
    #[must_use]
    pub fn new(form: ShapeForm) -> Self {
        Shape {
            fields: form.fields,
            breach: form.breach,
            secrets: form.secrets,
            scrub_errors: form.scrub_errors,
            headers: form.headers.into_iter().collect(),
            no_store: form.no_store,
            source: source(&form.source),
            strip: form.strip,
        }
    }

    /// What is done with a finding of this code.
    #[must_use]
    pub fn acts(&self, code: Code) -> Undeclared {
        match code {
            Code::ShapeUndeclaredField => self.fields,
            Code::ShapeSecretField => self.secrets,
            Code::ShapeErrorScrubbed => Undeclared::Remove,
            Code::ShapeBodyUnreadable if self.fields != Undeclared::Pass => Undeclared::Refuse,
            _ => self.breach,
        }
    }

    /// Whether a response header of this name is taken out.
    #[must_use]
    pub fn strips(&self, name: &[u8]) -> bool {
        self.strip
            .iter()
            .any(|known| known.as_bytes().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::testing::{form, load};

    #[test]
    fn what_cannot_be_looked_at_is_refused_where_fields_are_looked_for() {
        let mut asked = form();
        let acts =
            |form: &serde_json::Value| load(form).shape_of(None).acts(Code::ShapeBodyUnreadable);
        assert_eq!(acts(&asked), Undeclared::Refuse);
        asked["shape"]["fields"] = serde_json::json!("pass");
        assert_eq!(acts(&asked), Undeclared::Pass);
    }

    #[test]
    fn a_stripped_header_is_known_in_any_case() {
        let policy = load(&form());
        let shape = policy.shape_of(None);
        assert!(shape.strips(b"Server"));
        assert!(!shape.strips(b"server-timing"));
        assert_eq!(shape.headers[0].0, "x-content-type-options");
    }
}
