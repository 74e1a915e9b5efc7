//! What is done to responses, compiled.

use std::collections::BTreeMap;

use super::form::{ShapeForm, Undeclared};
use super::source;
use crate::codes::Code;
use crate::decision::Source;
use crate::wire::fields::Fields;
use crate::wire::head::ResponseHead;

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
    /// Whether `no-store` is set on authenticated answers.
    pub no_store: bool,
    /// Where it is configured.
    pub source: Source,
    strip: Vec<String>,
    added: Added,
}

/// The configured headers as lines, made once.
#[derive(Debug, Default)]
struct Added {
    lines: Fields,
    /// One bit for each length that a name has: most names of a response are told by it alone.
    lengths: u64,
}

impl Added {
    fn new(headers: &BTreeMap<String, String>) -> Self {
        let mut added = Added::default();
        for (name, value) in headers {
            let is_first = added.lines.value(name).is_none();
            if is_first && added.lines.push(name.as_bytes(), value.as_bytes()) {
                added.lengths |= length_bit(name.as_bytes());
            }
        }
        added
    }

    fn names(&self, name: &[u8]) -> bool {
        self.lengths & length_bit(name) != 0
            && self
                .lines
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
    }
}

fn length_bit(name: &[u8]) -> u64 {
    1_u64.rotate_left(u32::try_from(name.len()).unwrap_or(0))
}

impl Shape {
    /// Takes the form over.
    #[must_use]
    pub fn new(form: ShapeForm) -> Self {
        Shape {
            added: Added::new(&form.headers),
            fields: form.fields,
            breach: form.breach,
            secrets: form.secrets,
            scrub_errors: form.scrub_errors,
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

    /// Adds the configured headers that the response does not set itself.
    pub(crate) fn add_headers(&self, head: &mut ResponseHead) {
        if !head.fields().any(|(name, _)| self.added.names(name)) {
            return head.extend(&self.added.lines);
        }
        for (name, value) in self.added.lines.iter() {
            if !head
                .fields()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                head.push(name, value);
            }
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
    use crate::wire::head::Framing;

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
    }

    #[test]
    fn a_header_is_added_only_where_the_response_has_none() {
        let mut form = form();
        form["shape"]["headers"] = serde_json::json!({"x-a": "1", "x-b": "2", "x-\r\n": "3"});
        let policy = load(&form);
        let added = |own: &[(&[u8], &[u8])]| {
            let fields = own.iter().copied();
            let mut head = ResponseHead::from_parts(200, fields, Framing::Empty).unwrap();
            policy.shape_of(None).add_headers(&mut head);
            let shown = |(name, value): (&[u8], &[u8])| {
                String::from_utf8([name, b"=", value].concat()).unwrap()
            };
            head.fields().map(shown).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(added(&[]), "x-a=1 x-b=2");
        assert_eq!(added(&[(b"etag", b"e")]), "etag=e x-a=1 x-b=2");
        assert_eq!(added(&[(b"X-B", b"own")]), "X-B=own x-a=1");
    }
}
