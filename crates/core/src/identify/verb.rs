//! The verb: which alternative of the Operation's security the Request's credentials satisfy.

use std::net::IpAddr;

use super::credential::{CredentialView, conflict, present};
use super::key_text::KeyText;
use super::principal::Principal;
use super::refusal::Refusal;
use super::security::{OperationSecurity, Requirement, Scheme, Security};
use super::token::{Obstacle, verify_token};
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::live::Live;
use crate::policy::form::Verify;
use crate::stamp::Stamp;
use crate::time::Now;

/// Proof that `identify` ran for this Exchange under this Policy. Only `identify` makes one; for a
/// control in shadow, `shadowed` does.
#[must_use]
#[derive(Debug)]
pub struct Identified {
    stamp: Stamp,
    principal: Principal,
    proven: Vec<(u16, Principal)>,
    satisfied: Vec<u16>,
    strip: Vec<u16>,
}

impl Identified {
    /// The proof for an Operation whose `identify` stands in shadow: nobody is proven.
    pub(crate) fn shadowed(stamp: Stamp) -> Self {
        Self::of(stamp, Principal::anonymous())
    }

    /// The proof for a replayed Exchange, whose Principal is a recorded fact that satisfies every
    /// scheme of the Operation.
    pub(crate) fn recorded(
        stamp: Stamp,
        principal: Principal,
        operation: &OperationSecurity,
    ) -> Self {
        let proven = operation
            .schemes
            .iter()
            .map(|scheme| (*scheme, principal.clone()))
            .collect();
        let satisfied = (0..=u16::MAX).take(operation.alternatives.len()).collect();
        Identified {
            proven,
            satisfied,
            ..Self::of(stamp, principal)
        }
    }

    fn of(stamp: Stamp, principal: Principal) -> Self {
        Identified {
            stamp,
            principal,
            proven: Vec::new(),
            satisfied: Vec::new(),
            strip: Vec::new(),
        }
    }

    /// Of which Exchange and Policy.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Who asks; with several proven credentials: token before API key before unverified.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Indices of schemes whose credential must not reach the API; see `Security::scheme`.
    #[must_use]
    pub fn strip(&self) -> &[u16] {
        &self.strip
    }

    /// Indices of the alternatives whose credentials are all there; none for anonymous Operations.
    pub(crate) fn satisfied(&self) -> &[u16] {
        &self.satisfied
    }

    /// Who each credential proved, with the scheme of it.
    pub(crate) fn proven(&self) -> &[(u16, Principal)] {
        &self.proven
    }

    /// Who the credential of a scheme proved.
    pub(crate) fn by_scheme(&self, scheme: u16) -> Option<&Principal> {
        self.proven
            .iter()
            .find(|(index, _)| *index == scheme)
            .map(|(_, principal)| principal)
    }
}

/// What `identify` found.
#[derive(Debug)]
pub enum Identity {
    /// An alternative is satisfied, scopes aside.
    Identified(Identified),
    /// The key set of this issuer must be looked up (`Live.keys`), then `identify` runs again.
    NeedKeys {
        /// Index into `Security::issuers`.
        issuer: u16,
        /// The `kid` that is missing; for the record only, never for the fetch.
        kid: Option<String>,
    },
    /// Refused; at least one reason.
    Refused(Vec<Reason>),
}

/// What one run is about.
struct Run<'a> {
    security: &'a Security,
    live: &'a Live,
    client: Option<IpAddr>,
    now: Now,
    may_ask: bool,
}

/// After `limit` by address. Finds every credential that the Operation names, verifies each, and
/// keeps the alternatives that are complete. `may_ask`: false once a look-up was answered.
/// Cost: a hash of each token; on a cache miss one signature check, drawn from `budget`.
/// SOURCE: OpenAPI 3.1 "Security Requirement Object"; RFC 6750 section 2.
pub fn identify(
    view: &dyn CredentialView,
    (security, operation): (&Security, &OperationSecurity),
    live: &Live,
    stamp: Stamp,
    (now, may_ask): (Now, bool),
    budget: &mut Budget,
) -> Identity {
    let run = Run {
        security,
        live,
        client: view.client(),
        now,
        may_ask,
    };
    let mut identified = Identified::of(stamp, Principal::anonymous());
    let mut refused = Vec::new();
    let mut tokens = Vec::new();
    for index in operation.schemes.iter().copied() {
        let Some(scheme) = security.scheme(index) else {
            continue;
        };
        let credential = match present(view, scheme) {
            Ok(None) => continue,
            Ok(Some(credential)) => credential,
            Err(refusal) => {
                refused.push(refusal.reason(scheme.place(), &scheme.source));
                continue;
            }
        };
        if budget.take(credential.len()).is_err() {
            return Identity::Refused(vec![Reason::new(Code::InternalBudget, scheme.place())]);
        }
        if scheme.verify == Verify::Token {
            tokens.push(index);
        }
        match run.verify(credential, scheme) {
            Ok((principal, strip)) => identified.add(index, principal, strip),
            Err(Failure::NeedKeys { issuer, kid }) => return Identity::NeedKeys { issuer, kid },
            Err(Failure::Refused(reason)) => refused.push(*reason),
        }
    }
    if tokens.len() > 1 && !together(operation, &tokens) {
        refused.push(conflict().reason(Place::of(Location::Connection), &operation.source()));
    }
    conclude(identified, refused, view, security, operation)
}

fn conclude(
    mut identified: Identified,
    mut refused: Vec<Reason>,
    view: &dyn CredentialView,
    security: &Security,
    operation: &OperationSecurity,
) -> Identity {
    if refused.is_empty() {
        identified.satisfy(operation);
        if identified.satisfied.is_empty() && !operation.alternatives.is_empty() {
            refused.push(unsatisfied(&identified, security, operation));
        }
    }
    if !refused.is_empty() {
        refused.sort_by(|one, other| (&one.place, one.code).cmp(&(&other.place, other.code)));
        return Identity::Refused(refused);
    }
    identified.strip_unused(view, security);
    Identity::Identified(identified)
}

impl Identified {
    fn add(&mut self, scheme: u16, principal: Principal, strip: bool) {
        if rank(&principal) > rank(&self.principal) {
            self.principal = principal.clone();
        }
        self.proven.push((scheme, principal));
        if strip {
            self.strip.push(scheme);
        }
    }

    fn satisfy(&mut self, operation: &OperationSecurity) {
        let complete = |alternative: &&Vec<Requirement>| {
            alternative
                .iter()
                .all(|requirement| self.by_scheme(requirement.scheme).is_some())
        };
        let numbered = (0..=u16::MAX).zip(&operation.alternatives);
        self.satisfied = numbered
            .filter(|(_, item)| complete(item))
            .map(|(index, _)| index)
            .collect();
    }

    /// Credentials that this Operation did not ask for do not reach the API either, where their
    /// kind is stripped (APISIX 3.17 fixed that gap on its anonymous path).
    fn strip_unused(&mut self, view: &dyn CredentialView, security: &Security) {
        if !security.strips() {
            return;
        }
        for (index, scheme) in (0..=u16::MAX).zip(security.schemes()) {
            let unused = scheme.strip && self.by_scheme(index).is_none();
            if unused && !matches!(present(view, scheme), Ok(None)) {
                self.strip.push(index);
            }
        }
    }
}

fn rank(principal: &Principal) -> u8 {
    match principal.kind() {
        super::PrincipalKind::Anonymous => 0,
        super::PrincipalKind::Unverified => 1,
        super::PrincipalKind::Framework => 2,
        super::PrincipalKind::ApiKey => 3,
        super::PrincipalKind::Token => 4,
    }
}

fn together(operation: &OperationSecurity, schemes: &[u16]) -> bool {
    operation.alternatives.iter().any(|alternative| {
        schemes.iter().all(|scheme| {
            alternative
                .iter()
                .any(|requirement| requirement.scheme == *scheme)
        })
    })
}

fn unsatisfied(
    identified: &Identified,
    security: &Security,
    operation: &OperationSecurity,
) -> Reason {
    let names = |alternative: &Vec<Requirement>| {
        let names: Vec<&str> = alternative
            .iter()
            .filter_map(|requirement| security.scheme(requirement.scheme).map(Scheme::name))
            .collect();
        format!("`{}`", names.join("` and `"))
    };
    let expected: Vec<String> = operation.alternatives.iter().map(names).collect();
    let code = if identified.proven.is_empty() {
        Code::IdentifyCredentialMissing
    } else {
        Code::IdentifyUnsatisfied
    };
    let first = operation
        .schemes
        .iter()
        .next()
        .and_then(|index| security.scheme(*index));
    let place = first.map_or(Place::of(Location::Connection), Scheme::place);
    Refusal::new(code, expected.join(", or ")).reason(place, &operation.source())
}

enum Failure {
    NeedKeys { issuer: u16, kid: Option<String> },
    Refused(Box<Reason>),
}

impl Run<'_> {
    fn verify(&self, credential: &[u8], scheme: &Scheme) -> Result<(Principal, bool), Failure> {
        match scheme.verify {
            Verify::Presence => Ok((Principal::unverified(&scheme.name), false)),
            Verify::ApiKey => self.verify_api_key(credential, scheme),
            Verify::Token => self.verify_token(credential, scheme),
        }
    }

    /// A forged key is refused before any look-up; then issued keys, then those of the config.
    fn verify_api_key(
        &self,
        credential: &[u8],
        scheme: &Scheme,
    ) -> Result<(Principal, bool), Failure> {
        let now_s = self.now.unix_s();
        let refused = |refusal: Refusal, source| {
            Failure::Refused(Box::new(refusal.reason(scheme.place(), source)))
        };
        let issued = match KeyText::read(credential) {
            KeyText::Foreign => None,
            KeyText::Forged => {
                let refusal = Refusal::new(Code::IdentifyUnknownKey, "an API key that was issued");
                return Err(refused(refusal, &scheme.source));
            }
            KeyText::Sound => self.live.issued.find(credential, now_s, self.client),
        };
        if let Some(found) = issued {
            let principal = found.map_err(|refusal| refused(refusal, &scheme.source))?;
            return Ok((principal, true));
        }
        let known = self
            .live
            .api_keys
            .find(credential, now_s)
            .map_err(|(refusal, source)| refused(refusal, source.unwrap_or(&scheme.source)))?;
        Ok((known.principal.clone(), known.strip))
    }

    fn verify_token(
        &self,
        credential: &[u8],
        scheme: &Scheme,
    ) -> Result<(Principal, bool), Failure> {
        let believed = (self.security, scheme);
        match verify_token(credential, believed, self.live, self.now, self.may_ask) {
            Ok(holding) => Ok((holding.verified.principal.clone(), holding.strip)),
            Err(Obstacle::NeedKeys { issuer, kid }) => Err(Failure::NeedKeys { issuer, kid }),
            Err(Obstacle::Foreign { refusal, source }) => Err(Failure::Refused(Box::new(
                refusal.reason(scheme.place(), &source),
            ))),
            Err(Obstacle::Refused { refusal, issuer }) => {
                let entry = issuer.and_then(|index| self.security.issuer(index));
                let source = entry.map_or(&scheme.source, |entry| &entry.source);
                Err(Failure::Refused(Box::new(
                    refusal.reason(scheme.place(), source),
                )))
            }
        }
    }
}
