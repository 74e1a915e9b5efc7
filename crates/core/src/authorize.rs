//! authorize: what they may. Its first form: the scopes that the Operation's security asks for.

use crate::codes::Code;
use crate::decision::Reason;
use crate::identify::security::Requirement;
use crate::identify::{Identified, OperationSecurity, PrincipalKind, Security};
use crate::stamp::Stamp;

/// Proof that `authorize` ran for this Exchange under this Policy.
#[must_use]
#[derive(Debug)]
pub struct Authorized {
    stamp: Stamp,
}

impl Authorized {
    /// The proof for an Operation whose `authorize` stands in shadow.
    pub(crate) fn shadowed(stamp: Stamp) -> Self {
        Authorized { stamp }
    }

    /// Of which Exchange and Policy.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }
}

/// After `identify`: at least one satisfied alternative has all its scopes. Each credential answers
/// for its own scopes; an unverified one is left to the API. Cost: O(scopes log scopes).
///
/// # Errors
/// `authorize.scope` at the credential of the alternative that came closest.
pub fn authorize(
    identified: &Identified,
    security: &Security,
    operation: &OperationSecurity,
) -> Result<Authorized, Box<Reason>> {
    let stamp = identified.stamp();
    if operation.alternatives.is_empty() {
        return Ok(Authorized { stamp });
    }
    let mut closest: Option<Missing<'_>> = None;
    for index in identified.satisfied() {
        let Some(alternative) = operation.alternatives.get(usize::from(*index)) else {
            continue;
        };
        match missing(identified, alternative) {
            None => return Ok(Authorized { stamp }),
            Some(found)
                if closest
                    .as_ref()
                    .is_none_or(|best| found.scopes.len() < best.scopes.len()) =>
            {
                closest = Some(found);
            }
            Some(_) => {}
        }
    }
    Err(Box::new(refusal(closest, security, operation)))
}

struct Missing<'a> {
    requirement: &'a Requirement,
    scopes: Vec<&'a str>,
}

fn missing<'a>(identified: &Identified, alternative: &'a [Requirement]) -> Option<Missing<'a>> {
    let mut first = None;
    let mut scopes = Vec::new();
    for requirement in alternative {
        let principal = identified.by_scheme(requirement.scheme);
        if principal.is_some_and(|principal| principal.kind() == PrincipalKind::Unverified) {
            continue;
        }
        let held = |scope: &&String| principal.is_some_and(|principal| principal.has_scope(scope));
        let before = scopes.len();
        scopes.extend(
            requirement
                .scopes
                .iter()
                .filter(|scope| !held(scope))
                .map(String::as_str),
        );
        if scopes.len() > before {
            first.get_or_insert(requirement);
        }
    }
    first.map(|requirement| Missing {
        requirement,
        scopes,
    })
}

fn refusal(
    closest: Option<Missing<'_>>,
    security: &Security,
    operation: &OperationSecurity,
) -> Reason {
    use crate::decision::{Location, Place};
    let Some(missing) = closest else {
        return Reason::new(Code::AuthorizeScope, Place::of(Location::Connection))
            .source(&operation.source());
    };
    let scheme = security.scheme(missing.requirement.scheme);
    let place = scheme.map_or(Place::of(Location::Connection), |scheme| scheme.place());
    Reason::new(Code::AuthorizeScope, place)
        .expected(format!("scope `{}`", missing.scopes.join("`, `")))
        .source(&missing.requirement.source)
}
