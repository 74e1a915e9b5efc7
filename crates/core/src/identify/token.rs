//! One access token, from its text to a Principal: by the cache, or by its issuer's keys.

use std::sync::Arc;

use super::issuer::Issuer;
use super::jwk::{KeySet, NoFit, sha256};
use super::jws::{Compact, no_fit};
use super::jwt::{Verified, issuer_of, parse_claims, read};
use super::refusal::Refusal;
use super::security::{Scheme, Security};
use crate::codes::Code;
use crate::decision::Source;
use crate::live::Live;
use crate::time::Now;

/// What stands in the way of a token.
#[derive(Debug)]
pub(crate) enum Obstacle {
    /// The keys of this issuer must be looked up first.
    NeedKeys { issuer: u16, kid: Option<String> },
    /// Refused, for the entry of this issuer if one was selected.
    Refused {
        refusal: Refusal,
        issuer: Option<u16>,
    },
    /// Meant for another API of the same issuer; `source` names those that are not.
    Foreign { refusal: Refusal, source: Source },
}

/// A token that holds now.
pub(crate) struct Holding {
    pub(crate) verified: Arc<Verified>,
    pub(crate) strip: bool,
}

/// Verifies a token for a scheme. `may_ask`: whether a look-up may still be asked for. An issuer
/// that the scheme does not take is asked for nothing: its tokens are those of a stranger here.
pub(crate) fn verify_token(
    token: &[u8],
    (security, scheme): (&Security, &Scheme),
    live: &Live,
    now: Now,
    may_ask: bool,
) -> Result<Holding, Obstacle> {
    let hash = sha256(token);
    let verified = match cached(&hash, security, live, now) {
        Some(verified) if scheme.takes(verified.issuer) => verified,
        _ => fresh(token, hash, (security, scheme), live, now, may_ask)?,
    };
    let index = verified.issuer;
    let refused = |refusal| Obstacle::Refused {
        refusal,
        issuer: Some(index),
    };
    let issuer = security
        .issuer(index)
        .ok_or_else(|| refused(unknown_issuer("", security)))?;
    verified
        .require_current(issuer, now.unix_s())
        .map_err(refused)?;
    if let Some((own, source)) = &scheme.audience {
        let foreign = |refusal| Obstacle::Foreign {
            refusal,
            source: source.clone(),
        };
        verified.require_meant(own).map_err(foreign)?;
    }
    if live
        .revocations
        .holds(&verified.principal, verified.issued_s, now.unix_s())
    {
        return Err(refused(Refusal::new(
            Code::IdentifyRevoked,
            "a token that was not revoked",
        )));
    }
    Ok(Holding {
        verified,
        strip: issuer.strip,
    })
}

/// A hit counts only for the same issuer entry, and while its key is still in the set.
fn cached(hash: &[u8; 32], security: &Security, live: &Live, now: Now) -> Option<Arc<Verified>> {
    let verified = live.tokens.find(hash, now.unix_s())?;
    let issuer = security.issuer(verified.issuer)?;
    let keys = live.keys.current(verified.issuer, now)?;
    (issuer.hash == verified.entry && keys.holds(&verified.key)).then_some(verified)
}

fn fresh(
    token: &[u8],
    hash: [u8; 32],
    (security, scheme): (&Security, &Scheme),
    live: &Live,
    now: Now,
    may_ask: bool,
) -> Result<Arc<Verified>, Obstacle> {
    let early = |refusal| Obstacle::Refused {
        refusal,
        issuer: None,
    };
    let compact = Compact::split(token).map_err(early)?;
    let claims = parse_claims(compact.unproven_payload()).map_err(early)?;
    let name = issuer_of(&claims).map_err(early)?;
    let named = security.issuer_named(name);
    let (index, issuer) = named.ok_or_else(|| early(unknown_issuer(name, security)))?;
    let refused = |refusal| Obstacle::Refused {
        refusal,
        issuer: Some(index),
    };
    if !scheme.takes(index) {
        return Err(refused(foreign_issuer(name)));
    }
    require_allowed(&compact, issuer).map_err(refused)?;
    let keys = key_set(&compact, index, live, now, may_ask)?;
    let key = compact.key(&keys).map_err(|why| refused(no_fit(why)))?;
    let payload = compact.verify_with(key).map_err(refused)?;
    let claims = parse_claims(payload).map_err(refused)?;
    let verified =
        read(&claims, compact.kind(), issuer, index, *key.thumbprint).map_err(refused)?;
    let verified = Arc::new(verified);
    live.tokens.keep(hash, &verified, now.unix_s());
    Ok(verified)
}

fn require_allowed(compact: &Compact<'_>, issuer: &Issuer) -> Result<(), Refusal> {
    if issuer.algorithms.contains(&compact.algorithm()) {
        return Ok(());
    }
    let names: Vec<&str> = issuer
        .algorithms
        .iter()
        .map(|algorithm| algorithm.name())
        .collect();
    Err(Refusal::new(
        Code::IdentifyAlgorithm,
        format!("algorithm `{}`", names.join("`, `")),
    ))
}

/// The set to verify with; asks for a newer one when none is there, or none has this `kid`.
fn key_set(
    compact: &Compact<'_>,
    index: u16,
    live: &Live,
    now: Now,
    may_ask: bool,
) -> Result<Arc<KeySet>, Obstacle> {
    let current = live.keys.current(index, now);
    let known =
        current.filter(|keys| !may_ask || !matches!(compact.key(keys), Err(NoFit::Unknown)));
    if let Some(keys) = known {
        return Ok(keys);
    }
    if may_ask && live.keys.may_ask(index, now) {
        return Err(Obstacle::NeedKeys {
            issuer: index,
            kid: compact.kid().map(str::to_owned),
        });
    }
    live.keys
        .current(index, now)
        .ok_or_else(|| Obstacle::Refused {
            refusal: Refusal::new(
                Code::IdentifyKeysUnavailable,
                "keys of the issuer, which cannot be had now",
            ),
            issuer: Some(index),
        })
}

/// An issuer that is believed by other APIs alone.
fn foreign_issuer(name: &str) -> Refusal {
    let expected = "a token of an issuer that this API believes";
    Refusal::new(Code::IdentifyUnknownIssuer, expected).told(name.to_owned())
}

/// `name`: what the token says, unproven; told where it is a plain address.
fn unknown_issuer(name: &str, security: &Security) -> Refusal {
    let expected = match security.issuer_beside(name) {
        None => "a token of a configured issuer".into(),
        Some(known) => format!("issuer `{known}`; only the `/` at the end differs"),
    };
    let refusal = Refusal::new(Code::IdentifyUnknownIssuer, expected);
    if is_plain_address(name) {
        return refusal.told(name.to_owned());
    }
    refusal
}

/// An `https` or `http` address without user, query or anything else that could hold a secret.
fn is_plain_address(name: &str) -> bool {
    const LENGTH_MAX: usize = 200;
    let rest = name
        .strip_prefix("https://")
        .or_else(|| name.strip_prefix("http://"));
    name.len() <= LENGTH_MAX
        && rest.is_some_and(|rest| {
            rest.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte))
        })
}
