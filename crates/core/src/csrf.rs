//! Cross-site requests (CSRF): a page of another site makes the browser send the user's cookies.
//! Either the browser's own word on where the request came from is heeded (Fetch Metadata and
//! `Origin`; the way of Go's `CrossOriginProtection`), or a token that only own pages can read must
//! come twice (OWASP "double submit cookie").

use aws_lc_rs::constant_time::verify_slices_are_equal;

use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::identify::OperationSecurity;
use crate::identify::security::{Carrier, Security};
use crate::parse::Request;
use crate::policy::form::{CsrfForm, CsrfProof};
use crate::policy::source;
use crate::wire::head::RequestHead;

/// Methods that must not change anything (RFC 9110 section 9.2.1), with `QUERY` of the draft.
const SAFE: [&[u8]; 5] = [b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"QUERY"];

/// What is looked at: a Request and the credentials that its Operation takes.
type Handled<'h> = (
    &'h RequestHead,
    &'h Request,
    &'h Security,
    &'h OperationSecurity,
);

/// The check as configured.
#[derive(Debug)]
pub struct Csrf {
    form: CsrfForm,
    /// Origins that may call across sites: those of `cors` that are listed by name.
    cors: Vec<String>,
}

impl Csrf {
    /// The check. `cors`: the origins that cross-origin access is given to.
    #[must_use]
    pub fn new(form: CsrfForm, cors: &[String]) -> Self {
        let cors = cors.iter().filter(|origin| *origin != "*").cloned();
        Csrf {
            form,
            cors: cors.collect(),
        }
    }

    /// The reason against a WebSocket handshake that another site's page may have made: no rule of
    /// browsers holds those back, and their pages set no header, so that the origin alone tells, and
    /// every cookie counts. Cost: O(head).
    #[must_use]
    pub fn check_socket(&self, head: &RequestHead, request: &Request) -> Option<Reason> {
        match request.cookies().len() {
            0 => None,
            _ => self.check_origin(head),
        }
    }

    /// The reason against a Request that may have been made by another site's page. `None`: it is
    /// safe, carries no cookie that counts, or comes from where it may. Cost: O(head).
    #[must_use]
    pub fn check(&self, (head, request, security, operation): Handled<'_>) -> Option<Reason> {
        if SAFE.contains(&head.method()) || !self.carries(request, security, operation) {
            return None;
        }
        match self.form.proof {
            CsrfProof::Origin => self.check_origin(head),
            CsrfProof::Token => self.check_token(head, request),
        }
    }

    /// Whether a cookie came that the browser adds by itself and that counts here.
    fn carries(
        &self,
        request: &Request,
        security: &Security,
        operation: &OperationSecurity,
    ) -> bool {
        if self.form.every_cookie {
            return request.cookies().len() > 0;
        }
        let schemes = operation.schemes.iter();
        schemes
            .filter_map(|index| match security.scheme(*index)?.carrier() {
                Carrier::Cookie(name) => Some(name),
                _ => None,
            })
            .any(|name| request.cookies().any(|cookie| cookie.name == &**name))
    }

    fn check_origin(&self, head: &RequestHead) -> Option<Reason> {
        let mut origins = head.values("origin");
        let origin = origins.next();
        let is_single = origins.next().is_none();
        let site = head.value("sec-fetch-site");
        let listed = origin.is_some_and(|origin| self.is_listed(origin));
        let passes = match (origin, site) {
            _ if !is_single => false,
            _ if listed => true,
            (_, Some(site)) => matches!(site, b"same-origin" | b"none"),
            (Some(origin), None) => is_own(origin, head.value("host")),
            // Every browser says one of the two with an unsafe method: this is none.
            (None, None) => true,
        };
        if passes {
            return None;
        }
        let (name, value) = match origin {
            Some(origin) => ("origin", origin),
            None => ("sec-fetch-site", site.unwrap_or_default()),
        };
        Some(
            Reason::new(
                Code::AuthorizeCrossSite,
                Place::named(Location::Header, name),
            )
            .value(&String::from_utf8_lossy(value))
            .expected("an origin of this API, or one that `csrf.origins` lists")
            .source(&source(&self.form.source)),
        )
    }

    fn is_listed(&self, origin: &[u8]) -> bool {
        let mut known = self.form.origins.iter().chain(&self.cors);
        known.any(|one| one.as_bytes() == origin)
    }

    fn check_token(&self, head: &RequestHead, request: &Request) -> Option<Reason> {
        let mut cookies = request
            .cookies()
            .filter(|cookie| cookie.name == self.form.cookie);
        let mut fields = head.values(&self.form.header);
        let pair = (cookies.next(), cookies.next(), fields.next(), fields.next());
        let is_met = match pair {
            (Some(cookie), None, Some(field), None) => {
                !field.is_empty() && verify_slices_are_equal(cookie.value.as_bytes(), field).is_ok()
            }
            _ => false,
        };
        (!is_met).then(|| {
            Reason::new(
                Code::AuthorizeCrossSite,
                Place::named(Location::Header, self.form.header.clone()),
            )
            .expected(format!("the value of the cookie `{}`", self.form.cookie))
            .source(&source(&self.form.source))
        })
    }
}

/// Whether the origin names the host that the Request was sent to.
fn is_own(origin: &[u8], host: Option<&[u8]>) -> bool {
    let host_of = |origin: &'_ [u8]| -> Option<Vec<u8>> {
        let rest = origin
            .strip_prefix(b"https://")
            .or_else(|| origin.strip_prefix(b"http://"))?;
        Some(rest.to_ascii_lowercase())
    };
    match (host_of(origin), host) {
        (Some(own), Some(host)) => own == host.to_ascii_lowercase(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Bounds, Budget};
    use crate::parse::{ParseRules, Parts, parse_parts};
    use crate::policy::form::{SchemeForm, SourceForm};
    use crate::wire::Framing;
    use serde_json::json;

    fn csrf(proof: CsrfProof, every_cookie: bool) -> Csrf {
        let form = CsrfForm {
            proof,
            origins: vec!["https://partner.test".into()],
            cookie: "csrf".into(),
            header: "x-csrf-token".into(),
            every_cookie,
            source: SourceForm::default(),
        };
        Csrf::new(form, &["https://app.test".into(), "*".into()])
    }

    fn security() -> (Security, OperationSecurity) {
        let scheme: SchemeForm = serde_json::from_value(json!({
            "name": "session", "credential": {"in": "cookie", "name": "sid"},
            "verify": "presence", "source": {"document": 1, "pointer": ""}
        }))
        .unwrap();
        let security = Security::compile(&[scheme], &[], &[]).unwrap();
        let mut operation = OperationSecurity::default();
        operation.schemes.insert(0);
        (security, operation)
    }

    fn judged(csrf: &Csrf, method: &str, fields: &[(&str, &str)]) -> Option<Reason> {
        let listed: Vec<(&[u8], &[u8])> = [("host", "api.test")]
            .iter()
            .chain(fields)
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()))
            .collect();
        let head =
            RequestHead::from_parts(method.as_bytes(), b"/orders", listed, Framing::Empty).unwrap();
        let parts = Parts {
            method: head.method(),
            target: head.target(),
            fields: head.fields(),
        };
        let bounds = Bounds::default();
        let request = parse_parts(
            parts,
            &ParseRules::default(),
            &bounds,
            &mut Budget::new(&bounds),
        );
        let (security, operation) = security();
        let parts = (&head, &request, &security, &operation);
        match method {
            "SOCKET" => csrf.check_socket(&head, &request),
            _ => csrf.check(parts),
        }
    }

    const SID: (&str, &str) = ("cookie", "sid=1; csrf=abc");

    #[test]
    fn another_site_cannot_use_the_cookie_of_the_user() {
        let csrf = csrf(CsrfProof::Origin, false);
        for fields in [
            &[SID, ("origin", "https://evil.test")][..],
            &[SID, ("origin", "null")],
            &[SID, ("origin", "https://api.test.evil.test")],
            &[
                SID,
                ("origin", "https://app.test"),
                ("origin", "https://evil.test"),
            ],
            &[SID, ("sec-fetch-site", "cross-site")],
            &[
                SID,
                ("sec-fetch-site", "same-site"),
                ("origin", "https://other.api.test"),
            ],
            &[
                SID,
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://api.test"),
            ],
        ] {
            let reason = judged(&csrf, "POST", fields).unwrap();
            assert_eq!(reason.code, Code::AuthorizeCrossSite, "{fields:?}");
        }
    }

    #[test]
    fn own_pages_listed_origins_and_programs_pass() {
        let csrf = csrf(CsrfProof::Origin, false);
        for fields in [
            &[SID][..],
            &[SID, ("origin", "https://API.test")],
            &[
                SID,
                ("origin", "https://partner.test"),
                ("sec-fetch-site", "cross-site"),
            ],
            &[SID, ("origin", "https://app.test")],
            &[
                SID,
                ("sec-fetch-site", "same-origin"),
                ("origin", "https://api.test"),
            ],
            &[SID, ("sec-fetch-site", "none")],
            &[("origin", "https://evil.test")],
            &[("cookie", "theme=dark"), ("origin", "https://evil.test")],
        ] {
            assert_eq!(judged(&csrf, "POST", fields), None, "{fields:?}");
        }
        let evil = [SID, ("origin", "https://evil.test")];
        assert_eq!(judged(&csrf, "GET", &evil), None);
        assert!(judged(&csrf, "DELETE", &evil).is_some());
    }

    #[test]
    fn a_page_of_another_site_opens_no_socket_with_the_cookies_of_the_user() {
        for proof in [CsrfProof::Origin, CsrfProof::Token] {
            let csrf = csrf(proof, false);
            let theme = ("cookie", "theme=dark");
            for fields in [
                &[theme, ("origin", "https://evil.test")][..],
                &[SID, ("origin", "null")],
                &[
                    SID,
                    ("origin", "https://api.test"),
                    ("sec-fetch-site", "cross-site"),
                ],
            ] {
                let reason = judged(&csrf, "SOCKET", fields).unwrap();
                assert_eq!(reason.code, Code::AuthorizeCrossSite, "{fields:?}");
            }
            for fields in [
                &[SID][..],
                &[SID, ("origin", "https://api.test")],
                &[SID, ("origin", "https://partner.test")],
                &[
                    SID,
                    ("origin", "https://app.test"),
                    ("sec-fetch-site", "cross-site"),
                ],
                &[("origin", "https://evil.test")],
            ] {
                assert_eq!(judged(&csrf, "SOCKET", fields), None, "{fields:?}");
            }
        }
    }

    #[test]
    fn where_every_cookie_counts_an_undeclared_one_does() {
        let fields = [("cookie", "theme=dark"), ("origin", "https://evil.test")];
        assert!(judged(&csrf(CsrfProof::Origin, true), "POST", &fields).is_some());
    }

    #[test]
    fn a_token_must_come_twice_and_be_the_same() {
        let csrf = csrf(CsrfProof::Token, false);
        let sent = |value| [SID, ("x-csrf-token", value)];
        assert_eq!(judged(&csrf, "POST", &sent("abc")), None);
        for fields in [
            &sent("abd")[..],
            &sent(""),
            &[SID],
            &[("cookie", "sid=1"), ("x-csrf-token", "abc")],
            &[("cookie", "sid=1; csrf="), ("x-csrf-token", "")],
            &[
                ("cookie", "sid=1; csrf=abc; csrf=x"),
                ("x-csrf-token", "abc"),
            ],
        ] {
            assert!(judged(&csrf, "POST", fields).is_some(), "{fields:?}");
        }
    }
}
