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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::testing::{form, load, operation};
    use crate::wire::head::Framing;

    fn cors(origins: &[&str], credentials: bool) -> Result<Cors, AnyOriginWithCredentials> {
        let form = serde_json::json!({"origins": origins, "credentials": credentials,
            "headers": [], "expose": ["etag"], "max_age_s": 600, "source": {"document": 0}});
        Cors::new(serde_json::from_value(form).unwrap())
    }

    fn preflight(method: &[u8], fields: &[(&[u8], &[u8])]) -> RequestHead {
        RequestHead::from_parts(method, b"/a", fields.iter().copied(), Framing::Empty).unwrap()
    }

    fn asked(origin: &str) -> Vec<(&'static str, String)> {
        let mut form = form();
        form["operations"] = serde_json::json!([operation("PUT", "/a")]);
        let policy = load(&form);
        let head = preflight(
            b"OPTIONS",
            &[(b"host", b"a"), (b"origin", origin.as_bytes())],
        );
        let cors = cors(&["https://app.example"], true).unwrap();
        let answer = cors.answer_preflight(&head, &policy.operations()[0]);
        assert_eq!(answer.status, 204);
        answer.fields
    }

    #[test]
    fn any_origin_with_credentials_is_refused() {
        assert!(cors(&["*"], true).is_err());
        assert!(cors(&["*"], false).is_ok());
    }

    #[test]
    fn only_a_whole_preflight_is_one() {
        let origin: (&[u8], &[u8]) = (b"origin", b"https://a");
        let method: (&[u8], &[u8]) = (b"access-control-request-method", b"PUT");
        let host: (&[u8], &[u8]) = (b"host", b"a");
        let good = preflight(b"OPTIONS", &[host, origin, method]);
        assert_eq!(preflight_method(&good), Some("PUT"));
        for (verb, fields) in [
            (b"GET".as_slice(), vec![host, origin, method]),
            (b"OPTIONS", vec![host, method]),
            (b"OPTIONS", vec![host, origin]),
            (b"OPTIONS", vec![host, origin, origin, method]),
            (b"OPTIONS", vec![host, origin, method, method]),
        ] {
            assert_eq!(preflight_method(&preflight(verb, &fields)), None);
        }
    }

    #[test]
    fn a_listed_origin_is_answered_and_another_is_never_reflected() {
        let listed = asked("https://app.example");
        assert!(listed.contains(&("access-control-allow-methods", "PUT".to_owned())));
        assert!(listed.contains(&("access-control-allow-credentials", "true".to_owned())));
        let other = asked("https://app.example.evil");
        assert_eq!(other, vec![("vary", "Origin".to_owned())]);
    }

    #[test]
    fn fields_of_the_api_give_way_to_ours() {
        let own: (&[u8], &[u8]) = (b"Access-Control-Allow-Origin", b"*");
        let mut head = ResponseHead::from_parts(200, [own], Framing::Empty).unwrap();
        cors(&["https://a"], false)
            .unwrap()
            .dress(&mut head, "https://a");
        let values: Vec<&[u8]> = head.values("access-control-allow-origin").collect();
        assert_eq!(values, [b"https://a".as_slice()]);
    }
}
