//! authorize: what they may. Its first form: the scopes that the Operation's security asks for.

use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::identify::security::Requirement;
use crate::identify::{Identified, OperationSecurity, Principal, PrincipalKind, Security};
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

/// Every API key of the Request is meant for the Operation of the id `called`; empty = none was
/// matched. Cost: O(credentials x log operations).
///
/// # Errors
/// `authorize.operation` at the key.
pub fn require_meant(
    identified: &Identified,
    security: &Security,
    called: &str,
) -> Result<(), Box<Reason>> {
    let foreign = |(_, principal): &&(u16, Principal)| !principal.is_meant_for(called);
    let Some((scheme, _)) = identified.proven().iter().find(foreign) else {
        return Ok(());
    };
    let scheme = security.scheme(*scheme);
    let place = scheme.map_or(Place::of(Location::Connection), |scheme| scheme.place());
    let reason = Reason::new(Code::AuthorizeOperation, place);
    let reason = reason.expected("an API key that is meant for this operation");
    Err(Box::new(match scheme {
        Some(scheme) => reason.source(&scheme.source),
        None => reason,
    }))
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::time::ExchangeId;

    const STAMP: Stamp = Stamp {
        exchange: ExchangeId(1),
        policy: [2; 32],
    };

    fn security() -> Security {
        let scheme = |name: &str, credential: Value, verify: &str| json!({"name": name, "credential": credential, "verify": verify, "source": {"document": 1, "pointer": format!("/{name}")}});
        let schemes = json!([
            scheme(
                "token",
                json!({"in": "authorization", "scheme": "bearer"}),
                "presence"
            ),
            scheme("key", json!({"in": "header", "name": "x-key"}), "presence"),
        ]);
        Security::compile(
            &serde_json::from_value::<Vec<_>>(schemes).unwrap(),
            &[],
            &[],
        )
        .unwrap()
    }

    fn asks(security: &Security, alternatives: Value) -> OperationSecurity {
        let forms: Vec<Vec<_>> = serde_json::from_value(alternatives).unwrap();
        security.operation(&forms).unwrap()
    }

    fn needs(scheme: u16, scopes: &[&str]) -> Value {
        let pointer = format!("/security/{scheme}");
        json!({"scheme": scheme, "scopes": scopes, "source": {"document": 1, "pointer": pointer}})
    }

    fn holder(kind: PrincipalKind, scopes: &[&str], operation: &OperationSecurity) -> Identified {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let principal = Principal::recorded(kind, "idp", "alice", scopes);
        Identified::recorded(STAMP, principal, operation)
    }

    #[test]
    fn every_scope_of_one_alternative_is_enough_and_one_missing_is_not() {
        let security = security();
        let operation = asks(&security, json!([[needs(0, &["read", "write"])]]));
        let token = |scopes: &[&str]| holder(PrincipalKind::Token, scopes, &operation);
        let passed = authorize(&token(&["write", "read", "more"]), &security, &operation).unwrap();
        assert_eq!(passed.stamp(), STAMP);

        let refused = authorize(&token(&["read"]), &security, &operation).unwrap_err();
        assert_eq!(refused.code, Code::AuthorizeScope);
        assert_eq!(refused.place.location, Location::Header);
        assert_eq!(refused.place.name, "authorization");
        assert_eq!(refused.expected, "scope `write`");
        assert_eq!(refused.source.pointer, "/security/0");
    }

    #[test]
    fn the_alternative_that_comes_closest_is_the_one_told() {
        let security = security();
        let alternatives = json!([
            [needs(0, &["a", "b", "c"])],
            [needs(1, &["b", "c"])],
            [needs(0, &["b"]), needs(1, &["c"])],
        ]);
        let operation = asks(&security, alternatives);
        let key = holder(PrincipalKind::ApiKey, &["b"], &operation);
        let refused = authorize(&key, &security, &operation).unwrap_err();
        assert_eq!(refused.place.name, "x-key");
        assert_eq!(refused.expected, "scope `c`");
        let all = holder(PrincipalKind::ApiKey, &["b", "c"], &operation);
        assert!(authorize(&all, &security, &operation).is_ok());
    }

    #[test]
    fn a_key_opens_the_operations_it_is_meant_for() {
        let security = security();
        let operation = asks(&security, json!([[needs(1, &[])]]));
        let key = Principal::recorded(PrincipalKind::ApiKey, "", "k", Vec::new());
        let bound = key.bound_to(&["GET /a".to_owned()]);
        let identified = Identified::recorded(STAMP, bound, &operation);
        assert!(require_meant(&identified, &security, "GET /a").is_ok());
        for other in ["GET /b", ""] {
            let refused = require_meant(&identified, &security, other).unwrap_err();
            assert_eq!(refused.code, Code::AuthorizeOperation);
            assert_eq!(refused.place.name, "x-key");
            assert_eq!(refused.source.pointer, "/key");
        }
        let free = holder(PrincipalKind::ApiKey, &[], &operation);
        assert!(require_meant(&free, &security, "GET /b").is_ok());
    }

    #[test]
    fn an_unverified_credential_is_left_to_the_api() {
        let security = security();
        let operation = asks(&security, json!([[needs(0, &["read"])]]));
        let present = holder(PrincipalKind::Unverified, &[], &operation);
        assert!(authorize(&present, &security, &operation).is_ok());
    }

    #[test]
    fn without_security_anyone_passes_and_without_a_satisfied_alternative_nobody() {
        let security = security();
        let open = asks(&security, json!([]));
        assert!(authorize(&Identified::shadowed(STAMP), &security, &open).is_ok());
        let closed = asks(&security, json!([[needs(0, &[])]]));
        let refused = authorize(&Identified::shadowed(STAMP), &security, &closed).unwrap_err();
        assert_eq!(refused.code, Code::AuthorizeScope);
        assert_eq!(refused.place.location, Location::Connection);
    }
}
