//! Cross-origin access (Fetch standard, "HTTP extensions: CORS protocol"): which preflights are
//! well-formed, and the answers we give where `cors` is configured. An origin is never reflected
//! unless it is on the list.

use crate::answer::Answer;
use crate::parse::fields::is_token;
use crate::policy::Operation;
use crate::policy::form::CorsForm;
use crate::wire::head::{RequestHead, ResponseHead};

/// The method that a well-formed preflight asks about: `OPTIONS`, one `Origin`, one
/// `Access-Control-Request-Method` that is a token, no body.
#[must_use]
pub fn preflight_method(head: &RequestHead) -> Option<&str> {
    if head.method() != b"OPTIONS" || head.values("origin").count() != 1 {
        return None;
    }
    let mut methods = head.values("access-control-request-method");
    let method = methods.next().filter(|_| methods.next().is_none())?;
    std::str::from_utf8(method)
        .ok()
        .filter(|_| is_token(method))
}

/// Cross-origin access as configured.
#[derive(Debug)]
pub struct Cors {
    form: CorsForm,
}

/// Why `cors` cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnyOriginWithCredentials;

impl Cors {
    /// Takes the configured lists.
    ///
    /// # Errors
    /// `*` together with credentials would let every site act for the user.
    pub fn new(form: CorsForm) -> Result<Self, AnyOriginWithCredentials> {
        if form.credentials && form.origins.iter().any(|origin| origin == "*") {
            return Err(AnyOriginWithCredentials);
        }
        Ok(Cors { form })
    }

    /// The value of `Access-Control-Allow-Origin` for this origin, if it is allowed.
    fn allowed(&self, origin: &str) -> Option<&str> {
        let listed = self
            .form
            .origins
            .iter()
            .find(|known| *known == origin || *known == "*");
        listed.map(String::as_str)
    }

    /// Our answer to a preflight for a declared Operation; without CORS fields where the origin
    /// is not allowed, which browsers take as a no.
    #[must_use]
    pub fn answer_preflight(&self, head: &RequestHead, operation: &Operation) -> Answer {
        let origin = head
            .value("origin")
            .and_then(|value| std::str::from_utf8(value).ok());
        let mut fields = vec![("vary", "Origin".to_owned())];
        if let Some(allowed) = origin.and_then(|origin| self.allowed(origin)) {
            fields.push(("access-control-allow-origin", allowed.to_owned()));
            fields.push(("access-control-allow-methods", operation.method.clone()));
            fields.push(("access-control-allow-headers", self.headers(operation)));
            fields.push(("access-control-max-age", self.form.max_age_s.to_string()));
            if self.form.credentials {
                fields.push(("access-control-allow-credentials", "true".to_owned()));
            }
        }
        Answer {
            status: 204,
            fields,
            body: Vec::new(),
            close: false,
        }
    }

    fn headers(&self, operation: &Operation) -> String {
        if !self.form.headers.is_empty() {
            return self.form.headers.join(", ");
        }
        let mut names = vec!["authorization".to_owned(), "content-type".to_owned()];
        names.extend(
            operation
                .header_names()
                .filter(|name| !names.contains(name))
                .collect::<Vec<_>>(),
        );
        names.join(", ")
    }

    /// Sets the fields of an actual response; those of the API give way.
    pub fn dress(&self, head: &mut ResponseHead, origin: &str) {
        const OURS: &str = "access-control-";
        head.retain(|name, _| {
            !name
                .get(..OURS.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(OURS.as_bytes()))
        });
        head.push(b"vary", b"Origin");
        let Some(allowed) = self.allowed(origin) else {
            return;
        };
        head.push(b"access-control-allow-origin", allowed.as_bytes());
        if self.form.credentials {
            head.push(b"access-control-allow-credentials", b"true");
        }
        if !self.form.expose.is_empty() {
            head.push(
                b"access-control-expose-headers",
                self.form.expose.join(", ").as_bytes(),
            );
        }
    }
}
