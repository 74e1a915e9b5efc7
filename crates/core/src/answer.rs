//! Answers of ours: RFC 9457 problem documents with a reference id and fixed text. They tell the
//! client what it can mend and nothing else: no rule id, no value, no matched text.

use crate::codes::{Class, Code};
use crate::decision::{Decision, Reason, Standing};
use crate::json_out::{Object, push_list};
use crate::time::ExchangeId;
use crate::wire::usual_reason;

/// A response that Bartizan makes itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header fields, lower-case names, without framing.
    pub fields: Vec<(&'static str, String)>,
    /// The body; empty for answers to preflights.
    pub body: Vec<u8>,
    /// Whether the connection must close afterwards.
    pub close: bool,
}

impl Answer {
    /// The answer to a refused Request. `challenges` go into `WWW-Authenticate` of a 401 or a
    /// scope refusal, `retry_after_s` into `Retry-After`, `allow` into `Allow`.
    #[must_use]
    pub fn refusal(decision: &Decision, id: ExchangeId, extras: Extras) -> Self {
        let counting: Vec<&Reason> = decision
            .reasons
            .iter()
            .filter(|reason| reason.standing == Standing::Enforced)
            .collect();
        let leading = counting.first().copied();
        let class = leading.map_or(Class::Internal, |reason| reason.code.class());
        let (kind_of_body, body) = if extras.html {
            (
                "text/html; charset=utf-8",
                page(decision.status, class, id, leading),
            )
        } else {
            (
                "application/problem+json",
                body(decision.status, class, id, (&counting, &extras.allow)),
            )
        };
        let mut fields = vec![
            ("content-type", kind_of_body.to_owned()),
            ("cache-control", "no-store".to_owned()),
        ];
        if extras.html {
            let policy = "default-src 'none'; frame-ancestors 'none'";
            fields.push(("content-security-policy", policy.to_owned()));
            fields.push(("x-content-type-options", "nosniff".to_owned()));
        }
        if matches!(decision.status, 401 | 403) {
            fields.extend(
                extras
                    .challenges
                    .into_iter()
                    .map(|value| ("www-authenticate", value)),
            );
        }
        if let Some(seconds) = extras
            .retry_after_s
            .or((decision.status == 503).then_some(1))
        {
            fields.push(("retry-after", seconds.to_string()));
        }
        if !extras.allow.is_empty() && decision.status == 405 {
            fields.push(("allow", extras.allow));
        }
        fields.extend(extras.fields);
        Answer {
            status: decision.status,
            fields,
            body,
            close: class == Class::Framing || extras.close,
        }
    }
}

/// What an answer says besides its body.
#[derive(Debug, Default)]
pub struct Extras {
    /// `WWW-Authenticate` values.
    pub challenges: Vec<String>,
    /// Seconds.
    pub retry_after_s: Option<u64>,
    /// `Allow` value.
    pub allow: String,
    /// Rate-limit and CORS fields.
    pub fields: Vec<(&'static str, String)>,
    /// Close the connection.
    pub close: bool,
    /// The client asked for a page by name, not for JSON.
    pub html: bool,
}

/// Whether `Accept` (RFC 9110 section 12.5.1) names `text/html` and likes JSON, where it names
/// that too, less. Wildcards name nothing. Cost: O(values).
#[must_use]
pub fn prefers_page<'v>(values: impl Iterator<Item = &'v [u8]>) -> bool {
    let (mut page, mut json) = (0, 0);
    for value in values {
        for item in value.split(|byte| *byte == b',') {
            let mut parts = item.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            let range = parts.next().unwrap_or_default();
            let is = |name: &[u8]| range.eq_ignore_ascii_case(name);
            let is_page = is(b"text/html");
            if !is_page && !is(b"application/json") && !is(b"application/problem+json") {
                continue;
            }
            let weight = parts.find_map(weight).unwrap_or(1000);
            match is_page {
                true => page = weight,
                false => json = json.max(weight),
            }
        }
    }
    page > json
}

/// `q=0.75` as 750; what cannot be read weighs nothing.
fn weight(parameter: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(parameter).ok()?;
    let value = text
        .strip_prefix("q=")
        .or_else(|| text.strip_prefix("Q="))?;
    let (whole, rest) = value.split_once('.').unwrap_or((value, ""));
    let thousandths = format!("{rest:0<3}");
    match (whole, thousandths.parse::<u16>()) {
        ("1", Ok(0)) => Some(1000),
        ("0", Ok(part)) if part < 1000 => Some(part),
        _ => Some(0),
    }
}

/// The body that stands in for an error body that told internals. Cost: O(1).
#[must_use]
pub fn scrubbed_body(status: u16, id: ExchangeId) -> Vec<u8> {
    let reference = id.to_string();
    let mut out = Vec::with_capacity(160);
    let mut object = Object::open(&mut out);
    object
        .string("type", "about:blank")
        .string(
            "title",
            if status >= 500 {
                "The API failed"
            } else {
                "The API refused the request"
            },
        )
        .number("status", u64::from(status))
        .string("reference", &reference);
    object.close();
    out
}

/// The word for the client: the kind of cause, never the rule.
fn kind(class: Class, status: u16, leading: Option<&Reason>) -> &'static str {
    match (class, status) {
        _ if leading.is_some_and(|reason| reason.code == Code::AuthorizeCrossSite) => "cross-site",
        (_, 404) => "not-found",
        (_, 405) => "method-not-allowed",
        (_, 408) => "too-slow",
        (_, 413) => "body-too-large",
        (_, 414 | 431) => "head-too-large",
        (_, 415) => "unsupported-media-type",
        (Class::Content | Class::Framing, _) => "malformed-request",
        (Class::Contract, 422) => "contract",
        (Class::Credential, 401) => "credential",
        (Class::Credential, 400) => "malformed-request",
        (Class::Credential, 403) => "scope",
        (Class::Quota, _) => "quota-exceeded",
        (Class::Response, _) => "bad-response",
        _ => "unavailable",
    }
}

fn detail(kind: &str) -> &'static str {
    match kind {
        "body-too-large" => "The body is larger than this operation takes.",
        "bad-response" => "The API answered in a way that its description does not allow.",
        "contract" => "The request breaks the API description; `errors` says where.",
        "cross-site" => "Only pages of this API may do this with the cookies of a user.",
        "credential" => "A valid credential is required.",
        "head-too-large" => "The request line or a header is larger than allowed.",
        "malformed-request" => "The request is malformed or can be read in two ways.",
        "method-not-allowed" => "This path does not take this method.",
        "not-found" => "There is nothing at this path.",
        "quota-exceeded" => "Too many requests; try again later.",
        "scope" => "The credential does not allow this operation.",
        "too-slow" => "The request arrived too slowly.",
        "unsupported-media-type" => {
            "This operation does not take this content type, coding or character set."
        }
        _ => "The request cannot be served at the moment.",
    }
}

/// The same for people: fixed text and the reference, nothing of the Request.
fn page(status: u16, class: Class, id: ExchangeId, leading: Option<&Reason>) -> Vec<u8> {
    let title = usual_reason(status);
    let detail = detail(kind(class, status, leading));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <title>{status} {title}</title>\n<h1>{title}</h1>\n<p>{detail}</p>\n\
         <p>Reference: <code>{id}</code></p>\n</html>\n"
    )
    .into_bytes()
}

fn body(
    status: u16,
    class: Class,
    id: ExchangeId,
    (reasons, allow): (&[&Reason], &str),
) -> Vec<u8> {
    let kind = kind(class, status, reasons.first().copied());
    let reference = id.to_string();
    let mut out = Vec::with_capacity(256);
    let mut object = Object::open(&mut out);
    object
        .string("type", "about:blank")
        .string("title", usual_reason(status))
        .number("status", u64::from(status))
        .string("detail", detail(kind))
        .string("code", kind)
        .string("reference", &reference)
        .string("instance", &format!("urn:bartizan:exchange:{reference}"));
    let told: Vec<&&Reason> = reasons
        .iter()
        .filter(|reason| is_told(reason.code))
        .collect();
    if !told.is_empty() {
        object.raw("errors", |out| {
            push_list(out, told, |out, reason| push_error(out, reason, allow))
        });
    }
    object.close();
    out
}

/// Contract and quota causes, a missing scope and a key for other Operations are told field by
/// field; why a token was refused never is. An internal method reads as one not declared.
fn is_told(code: Code) -> bool {
    let is_own = matches!(
        code,
        Code::AuthorizeOperation | Code::AuthorizeScope | Code::MatchInternalMethod
    );
    matches!(code.class(), Class::Contract | Class::Quota) && !matches!(code.status(), 404 | 503)
        || is_own
}

fn push_error(out: &mut Vec<u8>, reason: &Reason, allow: &str) {
    let methods = format!("one of {allow}");
    let mut object = Object::open(out);
    object
        .string("in", reason.place.location.name())
        .text("name", &reason.place.name)
        .text("pointer", &reason.place.pointer)
        .string(
            "detail",
            match reason.code {
                Code::MatchInternalMethod => &methods,
                code if reason.expected.is_empty() => code.title(),
                _ => &reason.expected,
            },
        );
    object.close();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{Location, Place};

    fn refused(reasons: Vec<Reason>, extras: Extras) -> (Answer, serde_json::Value) {
        let answer = Answer::refusal(&Decision::combine(reasons), ExchangeId(5), extras);
        let body = serde_json::from_slice(&answer.body).unwrap();
        (answer, body)
    }

    #[test]
    fn a_contract_breach_tells_pointer_and_what_is_allowed_but_no_value_and_no_rule() {
        let reason = Reason::new(Code::InspectBodySchema, Place::at(Location::Body, "/email"))
            .value("canary-value")
            .expected("a string in format `email`");
        let (answer, body) = refused(vec![reason], Extras::default());
        assert_eq!(answer.status, 422);
        assert_eq!(body["errors"][0]["pointer"], "/email");
        assert_eq!(body["reference"], "0000000000000005");
        let text = String::from_utf8(answer.body).unwrap();
        assert!(!text.contains("canary-value") && !text.contains("inspect."));
    }

    #[test]
    fn a_page_is_given_only_where_it_is_asked_for_by_name() {
        let asked = |accept: &str| prefers_page([accept.as_bytes()].into_iter());
        assert!(asked(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        ));
        assert!(asked("application/json;q=0.5, TEXT/HTML;level=1;q=0.7"));
        for other in [
            "*/*",
            "text/*",
            "application/json, text/html",
            "text/html;q=0",
            "text/html;q=nonsense",
            "application/json, text/plain, */*",
            "",
        ] {
            assert!(!asked(other), "{other}");
        }
    }

    #[test]
    fn a_page_tells_no_more_than_the_problem_document() {
        let reason = Reason::new(Code::InspectBodySchema, Place::at(Location::Body, "/<b>"))
            .value("<script>canary</script>")
            .expected("<i>");
        let extras = Extras {
            html: true,
            ..Extras::default()
        };
        let answer = Answer::refusal(&Decision::combine(vec![reason]), ExchangeId(5), extras);
        let text = String::from_utf8(answer.body).unwrap();
        assert!(text.contains("0000000000000005") && text.contains("Unprocessable Content"));
        assert!(!text.contains("canary") && !text.contains("<b>") && !text.contains("<i>"));
        assert!(
            answer
                .fields
                .iter()
                .any(|(_, value)| value.starts_with("text/html"))
        );
    }

    #[test]
    fn every_token_refusal_has_the_same_body() {
        let bodies: Vec<_> = Code::ALL
            .iter()
            .filter(|code| code.class() == Class::Credential && code.status() == 401)
            .map(|code| {
                refused(
                    vec![Reason::new(*code, Place::of(Location::Header))],
                    Extras::default(),
                )
                .1
            })
            .collect();
        assert!(bodies.len() > 10);
        assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_401_carries_its_challenge_and_a_429_its_retry_after() {
        let challenge = Extras {
            challenges: vec!["Bearer realm=\"api\"".into()],
            ..Extras::default()
        };
        let missing = Reason::new(Code::IdentifyCredentialMissing, Place::of(Location::Header));
        let (answer, _) = refused(vec![missing], challenge);
        assert!(
            answer
                .fields
                .contains(&("www-authenticate", "Bearer realm=\"api\"".into()))
        );
        let rate = Reason::new(Code::LimitRate, Place::of(Location::Connection));
        let (answer, _) = refused(
            vec![rate],
            Extras {
                retry_after_s: Some(7),
                ..Extras::default()
            },
        );
        assert!(answer.fields.contains(&("retry-after", "7".into())));
    }

    #[test]
    fn every_code_has_a_complete_problem_document() {
        for code in Code::ALL {
            let (answer, body) = refused(
                vec![Reason::new(*code, Place::of(Location::Connection))],
                Extras::default(),
            );
            assert_eq!(body["status"], code.status());
            assert_ne!(
                body["title"] == "Service Unavailable",
                code.status() != 503,
                "{}",
                code.name()
            );
            assert_eq!(answer.close, code.class() == Class::Framing);
        }
    }
}
