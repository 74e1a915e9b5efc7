//! `WWW-Authenticate` (RFC 9110 section 11.6.1, RFC 6750 section 3): what would help, never why a
//! credential was refused.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::security::{Carrier, OperationSecurity, Scheme, Security};
use crate::codes::Code;
use crate::policy::form::Verify;

/// The values of `WWW-Authenticate` for a refusal of this Operation by `code`, one for each scheme
/// that would help, in the order of the document. Empty when the code calls for none.
#[must_use]
pub fn challenges(security: &Security, operation: &OperationSecurity, code: Code) -> Vec<String> {
    let Some(error) = error_of(code) else {
        return Vec::new();
    };
    let scopes = if code == Code::AuthorizeScope {
        wanted_scopes(operation)
    } else {
        String::new()
    };
    let mut values: Vec<String> = Vec::new();
    for index in &operation.schemes {
        let value = security
            .scheme(*index)
            .and_then(|scheme| challenge(scheme, error, &scopes));
        if let Some(value) = value.filter(|value| !values.contains(value)) {
            values.push(value);
        }
    }
    values
}

/// `None`: no challenge. The error code of RFC 6750 section 3.1; empty where no credential came.
fn error_of(code: Code) -> Option<&'static str> {
    match code {
        Code::IdentifyCredentialMissing | Code::IdentifyUnsatisfied => Some(""),
        Code::IdentifyCredentialConflict | Code::IdentifyCredentialMalformed => {
            Some("invalid_request")
        }
        Code::AuthorizeScope => Some("insufficient_scope"),
        _ if code.stage() == crate::decision::Stage::Identify && code.status() == 401 => {
            Some("invalid_token")
        }
        _ => None,
    }
}

fn challenge(scheme: &Scheme, error: &str, scopes: &str) -> Option<String> {
    let mut value = match &scheme.carrier {
        Carrier::Authorization(name) if &**name == "basic" => {
            return Some("Basic realm=\"api\", charset=\"UTF-8\"".to_owned());
        }
        Carrier::Authorization(name) if &**name == "bearer" => "Bearer realm=\"api\"".to_owned(),
        Carrier::Authorization(name) => {
            return is_name(name).then(|| format!("{} realm=\"api\"", capital(name)));
        }
        Carrier::Cookie(name) => return other("Cookie", "cookie", name),
        Carrier::Header(name) => return other("ApiKey", "header", name),
        Carrier::Query(name) => return other("ApiKey", "query", name),
        Carrier::Certificate => return None,
    };
    if !error.is_empty() && scheme.verify != Verify::Presence {
        let _ = write!(value, ", error=\"{error}\"");
    }
    if !scopes.is_empty() {
        let _ = write!(value, ", scope=\"{scopes}\"");
    }
    Some(value)
}

fn other(scheme: &str, place: &str, name: &str) -> Option<String> {
    is_quotable(name).then(|| format!("{scheme} realm=\"api\", in=\"{place}\", name=\"{name}\""))
}

/// Scopes of the first alternative that has some: enough to ask for (RFC 6750 section 3).
fn wanted_scopes(operation: &OperationSecurity) -> String {
    let of = |alternative: &Vec<super::security::Requirement>| -> BTreeSet<String> {
        alternative
            .iter()
            .flat_map(|requirement| requirement.scopes.iter().cloned())
            .collect()
    };
    let first = operation
        .alternatives
        .iter()
        .map(of)
        .find(|scopes| !scopes.is_empty())
        .unwrap_or_default();
    let safe = first.into_iter().filter(|scope| is_quotable(scope));
    safe.collect::<Vec<_>>().join(" ")
}

fn is_quotable(text: &str) -> bool {
    text.bytes()
        .all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'"' && byte != b'\\')
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Bearer (verified), Basic, a key in a header, a cookie whose name cannot be quoted, a
    /// certificate.
    fn security() -> Security {
        let scheme = |name: &str, credential: Value, verify: &str| json!({"name": name, "credential": credential, "verify": verify, "source": {"document": 1}});
        let schemes = json!([
            scheme(
                "token",
                json!({"in": "authorization", "scheme": "bearer"}),
                "token"
            ),
            scheme(
                "basic",
                json!({"in": "authorization", "scheme": "basic"}),
                "presence"
            ),
            scheme("key", json!({"in": "header", "name": "x-key"}), "api-key"),
            scheme("odd", json!({"in": "cookie", "name": "a\"b"}), "presence"),
            scheme("mtls", json!({"in": "certificate"}), "presence"),
        ]);
        Security::compile(
            &serde_json::from_value::<Vec<_>>(schemes).unwrap(),
            &[],
            &[],
        )
        .unwrap()
    }

    fn told(code: Code) -> Vec<String> {
        let security = security();
        let needs = |scheme: u16, scopes: &[&str]| json!({"scheme": scheme, "scopes": scopes, "source": {"document": 1}});
        let alternatives = json!([
            [needs(0, &["write", "read", "a\"b"])],
            [needs(1, &[])],
            [needs(2, &[]), needs(3, &[]), needs(4, &[])],
        ]);
        let forms: Vec<Vec<_>> = serde_json::from_value(alternatives).unwrap();
        challenges(&security, &security.operation(&forms).unwrap(), code)
    }

    #[test]
    fn a_missing_credential_is_asked_for_by_every_scheme_that_can_be_named() {
        assert_eq!(
            told(Code::IdentifyCredentialMissing),
            [
                "Bearer realm=\"api\"",
                "Basic realm=\"api\", charset=\"UTF-8\"",
                "ApiKey realm=\"api\", in=\"header\", name=\"x-key\"",
            ]
        );
    }

    #[test]
    fn every_refused_token_is_told_alike() {
        let told = [
            Code::IdentifyExpired,
            Code::IdentifySignature,
            Code::IdentifyAudience,
        ]
        .map(told);
        assert_eq!(told[0][0], "Bearer realm=\"api\", error=\"invalid_token\"");
        assert!(told.iter().all(|one| *one == told[0]));
    }

    #[test]
    fn missing_scopes_are_named_once_sorted_and_quotable() {
        assert_eq!(
            told(Code::AuthorizeScope)[0],
            "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"read write\""
        );
    }

    #[test]
    fn what_no_credential_mends_asks_for_none() {
        assert!(told(Code::MatchUnknownPath).is_empty());
        assert!(told(Code::LimitRate).is_empty());
    }
}
