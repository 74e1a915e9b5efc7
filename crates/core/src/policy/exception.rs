//! Written exceptions: one rule, on one Operation and field, that does not count.

use super::form::ExceptionForm;
use crate::codes::{Class, Code};
use crate::decision::Reason;

/// A compiled exception of one Operation (or of undeclared routes).
#[derive(Clone, Debug)]
pub struct Exception {
    code: Code,
    field: Option<FieldPattern>,
}

/// `<location>[:<name>][#<pointer>]`; a `*` pointer token fits any one token.
#[derive(Clone, Debug)]
struct FieldPattern {
    location: String,
    name: Option<String>,
    tokens: Option<Vec<String>>,
}

/// Why an exception cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExceptionFault {
    /// Credential, framing, quota and internal causes take no exception.
    NotExceptable,
    /// No code has this name.
    UnknownRule,
}

impl Exception {
    /// Compiles one exception.
    ///
    /// # Errors
    /// The `ExceptionFault`.
    pub fn new(form: &ExceptionForm) -> Result<Self, ExceptionFault> {
        let code = Code::named(&form.rule).ok_or(ExceptionFault::UnknownRule)?;
        if !matches!(
            code.class(),
            Class::Content | Class::Contract | Class::Response
        ) {
            return Err(ExceptionFault::NotExceptable);
        }
        Ok(Exception {
            code,
            field: FieldPattern::parse(&form.field),
        })
    }

    /// Whether it is one from this rule.
    #[must_use]
    pub fn is_of(&self, code: Code) -> bool {
        self.code == code
    }

    /// Whether it covers this reason. Cost: O(pointer).
    #[must_use]
    pub fn covers(&self, reason: &Reason) -> bool {
        self.code == reason.code && self.field.as_ref().is_none_or(|field| field.fits(reason))
    }
}

impl FieldPattern {
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let (head, pointer) = match text.split_once('#') {
            Some((head, pointer)) => (head, Some(pointer)),
            None => (text, None),
        };
        let (location, name) = match head.split_once(':') {
            Some((location, name)) => (location, Some(name.to_owned())),
            None => (head, None),
        };
        let tokens = pointer.map(|pointer| pointer.split('/').map(str::to_owned).collect());
        Some(FieldPattern {
            location: location.to_owned(),
            name,
            tokens,
        })
    }

    fn fits(&self, reason: &Reason) -> bool {
        let place = &reason.place;
        self.location == place.location.name()
            && self
                .name
                .as_deref()
                .is_none_or(|name| name.eq_ignore_ascii_case(&place.name))
            && self.tokens.as_ref().is_none_or(|tokens| {
                let actual: Vec<&str> = place.pointer.split('/').collect();
                !reason.is_untold()
                    && tokens.len() == actual.len()
                    && tokens
                        .iter()
                        .zip(actual)
                        .all(|(want, is)| want == "*" || want == is)
            })
    }
}

/// `GET /debug` or `GET /debug/**`: method and path of undeclared routes. `/**` at the end fits the
/// path before it, with or without a slash, and everything below, as in Ant's patterns.
#[derive(Clone, Debug)]
pub struct RoutePattern {
    method: String,
    path: String,
    is_tree: bool,
}

impl RoutePattern {
    /// Splits method and path; without a method any fits.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (method, path) = text.split_once(' ').unwrap_or(("*", text));
        let tree = path.strip_suffix("/**");
        RoutePattern {
            method: method.to_ascii_uppercase(),
            path: tree.unwrap_or(path).to_owned(),
            is_tree: tree.is_some(),
        }
    }

    /// Whether it fits. Cost: O(path).
    #[must_use]
    pub fn fits(&self, method: &str, path: &str) -> bool {
        (self.method == "*" || self.method == method)
            && match path.strip_prefix(self.path.as_str()) {
                Some("") => true,
                Some(rest) => self.is_tree && rest.starts_with('/'),
                None => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{Location, Place};

    fn exception(rule: &str, field: &str) -> Result<Exception, ExceptionFault> {
        Exception::new(&ExceptionForm {
            rule: rule.to_owned(),
            operation: "POST /a".to_owned(),
            path: String::new(),
            field: field.to_owned(),
            source: crate::policy::form::SourceForm::default(),
        })
    }

    fn reason(pointer: &'static str) -> Reason {
        Reason::new(Code::InspectBodySchema, Place::at(Location::Body, pointer))
    }

    #[test]
    fn an_exception_covers_its_field_and_no_other() {
        let one = exception("inspect.body-schema", "body#/items/*/name").unwrap();
        assert!(one.covers(&reason("/items/3/name")));
        for other in ["/items/3", "/items/3/name/x", "/items/3/price", ""] {
            assert!(!one.covers(&reason(other)), "{other}");
        }
        assert!(
            exception("inspect.body-schema", "")
                .unwrap()
                .covers(&reason("/any"))
        );
    }

    #[test]
    fn credentials_and_framing_take_no_exception() {
        for rule in ["identify.expired", "wire.bare-line-feed", "limit.rate"] {
            assert_eq!(
                exception(rule, "").unwrap_err(),
                ExceptionFault::NotExceptable
            );
        }
        assert_eq!(
            exception("inspect.nothing", "").unwrap_err(),
            ExceptionFault::UnknownRule
        );
    }

    #[test]
    fn route_patterns_fit_a_path_or_it_with_everything_below() {
        let tree = RoutePattern::parse("get /debug/**");
        for path in ["/debug", "/debug/", "/debug/vars", "/debug/vars/1"] {
            assert!(tree.fits("GET", path), "{path}");
            assert!(!tree.fits("POST", path), "{path}");
        }
        for path in ["/", "/debugger", "/v1/debug/vars"] {
            assert!(!tree.fits("GET", path), "{path}");
        }
        let one = RoutePattern::parse("GET /debug");
        assert!(one.fits("GET", "/debug") && !one.fits("GET", "/debug/vars"));
        assert!(RoutePattern::parse("GET /**").fits("GET", "/any/path"));
        assert!(RoutePattern::parse("* /x").fits("PUT", "/x"));
    }
}
