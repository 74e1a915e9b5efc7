//! Security schemes, issuers and the requirements of Operations, compiled from the Policy form.

use std::collections::BTreeSet;

use super::issuer::Issuer;
use crate::decision::{Location, Place, Source};
use crate::policy::form::{
    ApiKeyForm, CredentialForm, IssuerForm, RequirementForm, SchemeForm, UpstreamCredential, Verify,
};
use crate::policy::source;

/// A setting that cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityFault {
    /// One sentence for the owner.
    pub message: String,
    /// Where it is configured.
    pub source: Source,
}

/// All schemes and issuers of a Policy.
#[derive(Debug, Default)]
pub struct Security {
    schemes: Vec<Scheme>,
    issuers: Vec<Issuer>,
    /// Whether some scheme's credential may have to be taken off Requests that did not need it.
    strips: bool,
}

/// Where a credential travels; names of headers are lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// `Authorization` with this scheme, lower case.
    Authorization(Box<str>),
    /// A client certificate.
    Certificate,
    /// A cookie.
    Cookie(Box<str>),
    /// A header.
    Header(Box<str>),
    /// A query parameter.
    Query(Box<str>),
}

/// One compiled scheme.
#[derive(Debug)]
pub struct Scheme {
    pub(crate) name: Box<str>,
    pub(crate) carrier: Carrier,
    pub(crate) verify: Verify,
    /// Whether an unverified credential of this scheme must not reach the API.
    pub(crate) strip: bool,
    /// Indices of the issuers whose tokens it takes; `None` = any.
    issuers: Option<Vec<u16>>,
    /// One of these is an `aud` of its tokens, and where that is configured.
    pub(crate) audience: Option<(Vec<String>, Source)>,
    pub(crate) source: Source,
}

impl Scheme {
    /// Whether a token of this issuer may be its credential.
    pub(crate) fn takes(&self, issuer: u16) -> bool {
        self.issuers
            .as_ref()
            .is_none_or(|known| known.contains(&issuer))
    }

    /// Its name in the document.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its credential travels.
    #[must_use]
    pub fn carrier(&self) -> &Carrier {
        &self.carrier
    }

    /// How it is verified.
    #[must_use]
    pub fn verify(&self) -> Verify {
        self.verify
    }

    pub(crate) fn place(&self) -> Place {
        match &self.carrier {
            Carrier::Authorization(_) => Place::named(Location::Header, "authorization"),
            Carrier::Certificate => Place::of(Location::Connection),
            Carrier::Cookie(name) => Place::named(Location::Cookie, name.to_string()),
            Carrier::Header(name) => Place::named(Location::Header, name.to_string()),
            Carrier::Query(name) => Place::named(Location::Query, name.to_string()),
        }
    }
}

/// What one Operation asks for.
#[derive(Debug, Default)]
pub struct OperationSecurity {
    /// One of these; empty = anonymous.
    pub(crate) alternatives: Vec<Vec<Requirement>>,
    /// Every scheme that an alternative names, once.
    pub(crate) schemes: BTreeSet<u16>,
}

/// One scheme and the scopes it must carry.
#[derive(Debug)]
pub struct Requirement {
    pub(crate) scheme: u16,
    pub(crate) scopes: Vec<String>,
    pub(crate) source: Source,
}

impl Security {
    /// Whether the credential of a scheme travels at this place of a query.
    pub(crate) fn travels_in_query(&self, place: &Place) -> bool {
        place.location == Location::Query
            && self.schemes().iter().any(|scheme| match scheme.carrier() {
                Carrier::Query(name) => **name == *place.name,
                _ => false,
            })
    }

    /// Compiles schemes and issuers. `keys`: only to know whether one of them is stripped.
    ///
    /// # Errors
    /// `SecurityFault` naming the setting: unknown or symmetric algorithm, no audience, a skew of
    /// more than 60 s, two entries with one id or one issuer.
    pub fn compile(
        schemes: &[SchemeForm],
        issuers: &[IssuerForm],
        keys: &[ApiKeyForm],
    ) -> Result<Self, SecurityFault> {
        let issuers = issuers
            .iter()
            .map(Issuer::compile)
            .collect::<Result<Vec<_>, _>>()?;
        require_distinct(&issuers)?;
        let strips_tokens = issuers.iter().any(|issuer| issuer.strip);
        let strips_keys = keys
            .iter()
            .any(|key| key.upstream_credential == UpstreamCredential::Strip);
        let schemes: Vec<Scheme> = schemes
            .iter()
            .map(|form| Scheme {
                name: form.name.as_str().into(),
                carrier: carrier(&form.credential),
                verify: form.verify,
                strip: match form.verify {
                    Verify::Token => strips_tokens,
                    Verify::ApiKey => strips_keys,
                    Verify::Presence => false,
                },
                issuers: form.issuers.clone(),
                audience: form
                    .audience
                    .as_ref()
                    .map(|own| (own.any_of.clone(), source(&own.source))),
                source: source(&form.source),
            })
            .collect();
        let strips = schemes.iter().any(|scheme| scheme.strip);
        Ok(Security {
            schemes,
            issuers,
            strips,
        })
    }

    /// Compiles the alternatives of one Operation.
    ///
    /// # Errors
    /// `SecurityFault` when a requirement names a scheme that does not exist.
    pub fn operation(
        &self,
        alternatives: &[Vec<RequirementForm>],
    ) -> Result<OperationSecurity, SecurityFault> {
        let mut operation = OperationSecurity::default();
        for alternative in alternatives {
            let mut requirements = Vec::new();
            for form in alternative {
                let source = source(&form.source);
                if self.scheme(form.scheme).is_none() {
                    let message = format!("security scheme {} does not exist", form.scheme);
                    return Err(SecurityFault { message, source });
                }
                operation.schemes.insert(form.scheme);
                requirements.push(Requirement {
                    scheme: form.scheme,
                    scopes: form.scopes.clone(),
                    source,
                });
            }
            operation.alternatives.push(requirements);
        }
        Ok(operation)
    }

    /// A scheme by its index in the form.
    #[must_use]
    pub fn scheme(&self, index: u16) -> Option<&Scheme> {
        self.schemes.get(usize::from(index))
    }

    /// All schemes, in the order of the form.
    #[must_use]
    pub fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    /// All issuers, in the order of the form: the index is that of `Live` and of `NeedKeys`.
    #[must_use]
    pub fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    pub(crate) fn issuer(&self, index: u16) -> Option<&Issuer> {
        self.issuers.get(usize::from(index))
    }

    pub(crate) fn issuer_named(&self, issuer: &str) -> Option<(u16, &Issuer)> {
        let index = self
            .issuers
            .iter()
            .position(|entry| &*entry.issuer == issuer)?;
        Some((u16::try_from(index).ok()?, self.issuers.get(index)?))
    }

    /// A configured issuer that differs from `name` by a slash at the end alone.
    pub(crate) fn issuer_beside(&self, name: &str) -> Option<&str> {
        fn bare(text: &str) -> &str {
            text.strip_suffix('/').unwrap_or(text)
        }
        let mut known = self.issuers.iter().map(|entry| &*entry.issuer);
        known.find(|issuer| *issuer != name && bare(issuer) == bare(name))
    }

    pub(crate) fn strips(&self) -> bool {
        self.strips
    }
}

impl OperationSecurity {
    /// Whether nobody may ask, too: no alternative at all, or an empty one.
    #[must_use]
    pub fn allows_anonymous(&self) -> bool {
        self.alternatives.is_empty() || self.alternatives.iter().any(Vec::is_empty)
    }

    /// Where the first requirement is declared.
    pub(crate) fn source(&self) -> Source {
        let first = self.alternatives.iter().flatten().next();
        first
            .map(|requirement| requirement.source.clone())
            .unwrap_or_default()
    }
}

fn require_distinct(issuers: &[Issuer]) -> Result<(), SecurityFault> {
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for entry in issuers {
        if !ids.insert(&entry.id) || !names.insert(&entry.issuer) {
            let message = format!("issuer `{}` is configured twice", entry.id);
            return Err(SecurityFault {
                message,
                source: entry.source.clone(),
            });
        }
    }
    Ok(())
}

fn carrier(form: &CredentialForm) -> Carrier {
    match form {
        CredentialForm::Authorization { scheme } => {
            Carrier::Authorization(scheme.to_ascii_lowercase().into())
        }
        CredentialForm::Header { name } => Carrier::Header(name.to_ascii_lowercase().into()),
        CredentialForm::Query { name } => Carrier::Query(name.as_str().into()),
        CredentialForm::Cookie { name } => Carrier::Cookie(name.as_str().into()),
        CredentialForm::Certificate {} => Carrier::Certificate,
    }
}
