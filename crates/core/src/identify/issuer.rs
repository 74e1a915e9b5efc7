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
