//! One compiled Operation.

use std::collections::BTreeMap;

use super::classes::Classes;
use super::exception::Exception;
use super::form::{BodyForm, OperationForm, ParameterIn, ResponseForm};
use super::media::{Compilers, Media, MediaMap};
use super::modes::Modes;
use super::shape::Shape;
use super::{BuildFault, source};
use crate::decision::Source;
use crate::identify::OperationSecurity;
use crate::inspect::heads::Declared;
use crate::operation::Capture;
use crate::parse::CodeSet;

/// One Operation, ready to judge by.
#[derive(Debug)]
pub struct Operation {
    /// `GET /users/{id}`.
    pub id: String,
    /// Upper case.
    pub method: String,
    /// Path template with base path.
    pub template: String,
    /// Where it is declared.
    pub source: Source,
    /// Why it cannot be checked; not empty = refused.
    pub unrepresentable: Vec<String>,
    /// Declared parameters.
    pub declared: Declared,
    /// Declared body.
    pub body: Option<Body>,
    /// Declared responses.
    pub responses: Responses,
    /// Declared security.
    pub security: OperationSecurity,
    /// Controls in shadow.
    pub modes: Modes,
    /// Indices of the limits that count it.
    pub limits: Vec<u16>,
    /// Relaxed parse rules, those of the Policy included.
    pub relaxed: CodeSet,
    /// Whether members of the body that its schema does not name are refused.
    pub is_body_closed: bool,
    /// Own cap of the body.
    pub body_max_bytes: Option<u64>,
    /// Own shape.
    pub shape: Option<Shape>,
    /// Who answers for it; empty = nobody is named.
    pub owner: String,
    /// What makes it internal; `None` = it is not.
    pub internal: Option<Source>,
    /// What its values may be shown.
    pub classes: Classes,
    /// Written exceptions.
    pub exceptions: Vec<Exception>,
    header_names: Vec<String>,
}

/// What the parts of an Operation are compiled against.
pub(super) struct Compiled<'p> {
    pub(super) with: Compilers<'p>,
    pub(super) security: OperationSecurity,
    pub(super) credentials: &'p [String],
    pub(super) names: &'p [String],
    pub(super) modes: Modes,
    pub(super) limits: Vec<u16>,
    pub(super) relaxed: CodeSet,
    pub(super) exceptions: Vec<Exception>,
    pub(super) faults: Vec<String>,
}

impl Operation {
    pub(super) fn build(form: OperationForm, parts: Compiled<'_>) -> Result<Self, BuildFault> {
        let source = source(&form.source);
        let modes = parts.modes.overlaid(&form.controls).map_err(|unknown| {
            BuildFault::at(&source, format!("unknown control `{}`", unknown.0))
        })?;
        let header_names = form
            .parameters
            .iter()
            .filter(|parameter| parameter.place == ParameterIn::Header)
            .map(|parameter| parameter.name.clone())
            .collect();
        let declared =
            Declared::of_operation(&form, parts.credentials, parts.names, parts.with.schemas);
        let mut relaxed = parts.relaxed;
        relaxed.add_all(&declared.parameters().relaxes());
        let classes = Classes::build(&form, parts.with.shapes);
        let mut unrepresentable = form.unrepresentable;
        unrepresentable.extend(parts.faults);
        Ok(Operation {
            declared,
            body: form
                .body
                .map(|body| Body::build(&body, parts.with.of_requests()))
                .transpose()?,
            responses: Responses::build(&form.responses, parts.with)?,
            id: form.id,
            method: form.method,
            template: form.template,
            source,
            unrepresentable,
            security: parts.security,
            modes,
            limits: parts.limits,
            relaxed,
            is_body_closed: form.closed_body,
            body_max_bytes: form.body_max_bytes,
            shape: form.shape.map(Shape::new),
            exceptions: parts.exceptions,
            owner: form.owner,
            internal: form.internal.as_ref().map(super::source),
            classes,
            header_names,
        })
    }

    /// Where its body is declared, if that is closed.
    pub(crate) fn closed_body(&self) -> Option<&Source> {
        let body = self.body.as_ref().filter(|_| self.is_body_closed)?;
        Some(&body.source)
    }

    /// Whether a captured part of the path may not stand in a record.
    #[must_use]
    pub fn hides_capture(&self, capture: &Capture) -> bool {
        let name = self.declared.path_name(capture);
        name.is_none_or(|name| self.classes.hides_parameter(name))
    }

    /// Names of declared header parameters, lower case.
    pub fn header_names(&self) -> impl Iterator<Item = String> + '_ {
        self.header_names.iter().cloned()
    }
}

/// A declared request body.
#[derive(Debug)]
pub struct Body {
    /// Whether it must be there.
    pub required: bool,
    /// What it may be.
    pub media: MediaMap,
    /// Where it is declared.
    pub source: Source,
}

impl Body {
    fn build(form: &BodyForm, with: Compilers<'_>) -> Result<Self, BuildFault> {
        Ok(Body {
            required: form.required,
            media: MediaMap::build(&form.content, with)?,
            source: source(&form.source),
        })
    }

    /// The declared media types, for people.
    #[must_use]
    pub fn accepted(&self) -> String {
        self.media.accepted()
    }
}

/// One declared response.
#[derive(Debug)]
pub struct Response {
    /// What its body may be; empty = none is declared.
    pub media: MediaMap,
    /// Declared headers.
    pub headers: Declared,
    /// Where it is declared.
    pub source: Source,
}

/// Declared responses by status.
#[derive(Debug, Default)]
pub struct Responses {
    exact: BTreeMap<u16, Response>,
    classes: BTreeMap<u16, Response>,
    default: Option<Response>,
    is_whole: bool,
    has_items: bool,
}

impl Responses {
    fn build(
        forms: &BTreeMap<String, ResponseForm>,
        with: Compilers<'_>,
    ) -> Result<Self, BuildFault> {
        let mut responses = Responses::default();
        for (status, form) in forms {
            let source = source(&form.source);
            let response = Response {
                media: MediaMap::build(&form.content, with)?,
                headers: Declared::of_response(&form.headers, &form.source, with.schemas),
                source: source.clone(),
            };
            let class = status
                .strip_suffix("XX")
                .and_then(|digit| digit.parse().ok());
            match (status.as_str(), class, status.parse()) {
                ("default", ..) => responses.default = Some(response),
                (_, Some(class), _) => drop(responses.classes.insert(class, response)),
                (_, None, Ok(exact)) => drop(responses.exact.insert(exact, response)),
                _ => return Err(BuildFault::at(&source, format!("`{status}` is no status"))),
            }
        }
        let success = responses.success();
        let media = || success.iter().flat_map(|response| response.media.all());
        let is_whole = media().next().is_some()
            && media().all(|media| media.is_json() && media.schema.is_some());
        let has_items = media().any(Media::has_items);
        (responses.is_whole, responses.has_items) = (is_whole, has_items);
        Ok(responses)
    }

    /// What a request gets that works.
    fn success(&self) -> Option<&Response> {
        self.exact.get(&200).or_else(|| self.classes.get(&2))
    }

    /// Whether a part of the body is of no use: it is JSON that is looked at as a whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether bodies are streams whose items are looked at one by one.
    #[must_use]
    pub fn has_items(&self) -> bool {
        self.has_items
    }

    /// The declared response for an answer to GET or HEAD. Parts of a body (206) are those of the
    /// whole one, which a document hardly ever repeats.
    #[must_use]
    pub fn find_read(&self, status: u16) -> Option<&Response> {
        match status {
            206 => self
                .exact
                .get(&206)
                .or_else(|| self.success())
                .or(self.default.as_ref()),
            _ => self.find(status),
        }
    }

    /// Whether a status needs no declaration: what HTTP itself answers to conditions and ranges
    /// (RFC 9110, sections 13 and 14), where the success that they are about is declared.
    #[must_use]
    pub fn implies(&self, status: u16, is_read: bool) -> bool {
        let is_implied = match status {
            206 | 304 | 416 => is_read,
            412 => true,
            _ => false,
        };
        is_implied && self.success().is_some()
    }

    /// The declared response for a status: exact before class before `default`.
    #[must_use]
    pub fn find(&self, status: u16) -> Option<&Response> {
        self.exact
            .get(&status)
            .or_else(|| self.classes.get(&(status / 100)))
            .or(self.default.as_ref())
    }

    /// Whether no response is declared at all (undeclared routes, empty documents).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.classes.is_empty() && self.default.is_none()
    }

    /// The declared statuses, for people.
    #[must_use]
    pub fn statuses(&self) -> String {
        let exact = self.exact.keys().map(|status| format!("`{status}`"));
        let all: Vec<String> = exact
            .chain(self.classes.keys().map(|class| format!("`{class}XX`")))
            .collect();
        all.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::policy::Policy;
    use crate::policy::testing::{form, load, operation};

    fn with(responses: serde_json::Value) -> serde_json::Value {
        let mut one = operation("GET", "/a");
        one["responses"] = responses;
        let mut form = form();
        form["operations"] = json!([one]);
        form
    }

    fn response() -> serde_json::Value {
        json!({"content": {}, "headers": [], "source": {"document": 1, "pointer": "/r"}})
    }

    #[test]
    fn an_exact_status_stands_before_its_class_and_the_default() {
        let all = json!({"200": response(), "4XX": response(), "default": response()});
        let policy = load(&with(all));
        let responses = &policy.operations()[0].responses;
        assert_eq!(responses.statuses(), "`200`, `4XX`");
        let only = load(&with(json!({"200": response(), "4XX": response()})));
        let responses = &only.operations()[0].responses;
        let found: Vec<bool> = [200, 204, 404, 500]
            .map(|status| responses.find(status).is_some())
            .to_vec();
        assert_eq!(found, [true, false, true, false]);
    }

    #[test]
    fn a_word_that_is_no_status_is_a_fault() {
        let form = with(json!({"ok": response()}));
        let fault = Policy::load(form.to_string().as_bytes()).unwrap_err();
        assert!(fault.message.contains("`ok` is no status"));
    }
}
