//! Issuer entries, compiled: whom we believe, and about what.

use std::collections::BTreeSet;

use super::algorithm::Algorithm;
use super::jwk::sha256;
use super::security::SecurityFault;
use crate::decision::Source;
use crate::policy::form::{AudienceRule, IssuerForm, KeySourceForm, UpstreamCredential};
use crate::policy::source;

/// One compiled issuer entry.
#[derive(Debug)]
pub struct Issuer {
    pub(crate) id: Box<str>,
    pub(crate) issuer: Box<str>,
    pub(crate) algorithms: BTreeSet<Algorithm>,
    pub(crate) audiences: BTreeSet<String>,
    pub(crate) audience_rule: AudienceRule,
    pub(crate) kinds: BTreeSet<String>,
    pub(crate) skew_s: u64,
    pub(crate) lifetime_max_s: u64,
    pub(crate) subject_claim: Box<str>,
    pub(crate) scope_claims: Vec<String>,
    pub(crate) strip: bool,
    pub(crate) keys: KeySourceForm,
    pub(crate) source: Source,
    pub(crate) hash: [u8; 32],
}

/// Kinds of tokens that are never access tokens, whatever an entry says.
const NEVER: [&str; 10] = [
    "client-authentication+jwt",
    "dpop+jwt",
    "id+jwt",
    "jose",
    "logout+jwt",
    "oauth-authz-req+jwt",
    "rt+jwt",
    "secevent+jwt",
    "token-introspection+jwt",
    "vc+jwt",
];

/// Whether no entry may list this kind (lower case).
pub(crate) fn is_never(kind: &str) -> bool {
    NEVER.contains(&kind)
}

impl Issuer {
    pub(crate) fn compile(form: &IssuerForm) -> Result<Self, SecurityFault> {
        let fault = |why: String| SecurityFault {
            message: why,
            source: source(&form.source),
        };
        if form.issuer.is_empty() {
            return Err(fault(format!("issuer `{}` has an empty `issuer`", form.id)));
        }
        if form.skew_s > 60 {
            return Err(fault(format!(
                "issuer `{}` allows a skew of more than 60 s",
                form.id
            )));
        }
        if form.audiences.is_empty() && form.audience_rule != AudienceRule::Any {
            return Err(fault(format!(
                "issuer `{}` has no audience; write `aud: any` to allow all",
                form.id
            )));
        }
        let mut algorithms = BTreeSet::new();
        for name in &form.algorithms {
            let algorithm = Algorithm::named(name).filter(|algorithm| !algorithm.is_symmetric());
            algorithms.insert(algorithm.ok_or_else(|| {
                fault(format!(
                    "issuer `{}` allows `{name}`, which is no asymmetric signature algorithm",
                    form.id
                ))
            })?);
        }
        if algorithms.is_empty() {
            return Err(fault(format!("issuer `{}` allows no algorithm", form.id)));
        }
        let mut kinds: BTreeSet<String> = form
            .types
            .iter()
            .map(|kind| kind.to_ascii_lowercase())
            .collect();
        if let Some(never) = NEVER.into_iter().find(|kind| kinds.contains(*kind)) {
            return Err(fault(format!(
                "issuer `{}` allows `{never}`, which is never an access token",
                form.id
            )));
        }
        kinds.extend(["at+jwt".to_owned(), "jwt".to_owned()]);
        Ok(Issuer {
            id: form.id.as_str().into(),
            issuer: form.issuer.as_str().into(),
            algorithms,
            audiences: form.audiences.iter().cloned().collect(),
            audience_rule: form.audience_rule,
            kinds,
            skew_s: u64::from(form.skew_s),
            lifetime_max_s: form.lifetime_max_s,
            subject_claim: form.subject_claim.as_str().into(),
            scope_claims: form.scope_claims.clone(),
            strip: form.upstream_credential == UpstreamCredential::Strip,
            keys: form.keys.clone(),
            source: source(&form.source),
            hash: entry_hash(form),
        })
    }

    /// Short id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Exact `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where the driver reads its keys.
    #[must_use]
    pub fn key_source(&self) -> &KeySourceForm {
        &self.keys
    }
}

/// Everything of the entry that decides about a token, each part with its length before it. The
/// place in the config is left out: moving a line empties no cache.
fn entry_hash(form: &IssuerForm) -> [u8; 32] {
    let mut bytes = Vec::new();
    let mut part = |text: &str| {
        bytes.extend_from_slice(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    };
    part(&form.id);
    part(&form.issuer);
    part(&format!("{:?}", form.keys));
    for list in [
        &form.algorithms,
        &form.audiences,
        &form.types,
        &form.scope_claims,
    ] {
        part(&list.len().to_string());
        list.iter().for_each(|item| part(item));
    }
    part(&format!("{:?}", form.audience_rule));
    part(&form.skew_s.to_string());
    part(&form.lifetime_max_s.to_string());
    part(&form.subject_claim);
    part(&format!("{:?}", form.upstream_credential));
    sha256(&bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn form(changes: Value) -> IssuerForm {
        let mut form = json!({
            "id": "main", "issuer": "https://idp.example", "algorithms": ["ES256"],
            "keys": {"from": "url", "url": "https://idp.example/jwks"}, "audiences": ["api"],
            "audience_rule": "all-listed", "types": [], "skew_s": 10, "lifetime_max_s": 3600,
            "subject_claim": "sub", "scope_claims": ["scope"], "upstream_credential": "pass",
            "source": {"document": 0, "pointer": "/auth/issuers/0"},
        });
        for (name, value) in changes.as_object().unwrap() {
            form[name] = value.clone();
        }
        serde_json::from_value(form).unwrap()
    }

    fn fault(changes: Value) -> String {
        let fault = Issuer::compile(&form(changes)).unwrap_err();
        assert_eq!(fault.source.pointer, "/auth/issuers/0");
        fault.message
    }

    #[test]
    fn an_entry_that_would_believe_too_much_is_refused_at_its_place() {
        assert!(Issuer::compile(&form(json!({}))).is_ok());
        for (changes, says) in [
            (json!({"issuer": ""}), "empty"),
            (json!({"skew_s": 61}), "60 s"),
            (json!({"audiences": []}), "aud: any"),
            (json!({"algorithms": []}), "no algorithm"),
            (json!({"algorithms": ["HS256"]}), "asymmetric"),
            (json!({"algorithms": ["none"]}), "asymmetric"),
            (json!({"types": ["DPoP+jwt"]}), "never"),
        ] {
            assert!(fault(changes).contains(says), "{says}");
        }
        let any = form(json!({"audiences": [], "audience_rule": "any"}));
        assert!(Issuer::compile(&any).is_ok());
    }

    #[test]
    fn kinds_are_the_two_of_access_tokens_and_what_is_listed_in_lower_case() {
        let kinds = |changes| Issuer::compile(&form(changes)).unwrap().kinds;
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(kinds(json!({})), set(&["at+jwt", "jwt"]));
        let listed = kinds(json!({"types": ["", "X+JWT"]}));
        assert_eq!(listed, set(&["", "at+jwt", "jwt", "x+jwt"]));
    }

    #[test]
    fn the_hash_changes_with_every_rule_and_not_with_the_place() {
        let hash = |changes| Issuer::compile(&form(changes)).unwrap().hash;
        let same = hash(json!({}));
        assert_eq!(
            hash(json!({"source": {"document": 3, "pointer": "/x"}})),
            same
        );
        for changes in [
            json!({"id": "b"}),
            json!({"issuer": "https://b.example"}),
            json!({"keys": {"from": "url", "url": "https://b.example"}}),
            json!({"algorithms": ["RS256"]}),
            json!({"audiences": ["ap", "i"]}),
            json!({"audience_rule": "contains"}),
            json!({"types": ["x"]}),
            json!({"skew_s": 11}),
            json!({"lifetime_max_s": 3601}),
            json!({"subject_claim": "uid"}),
            json!({"scope_claims": ["scp"]}),
            json!({"upstream_credential": "strip"}),
        ] {
            assert_ne!(hash(changes.clone()), same, "{changes}");
        }
    }
}
