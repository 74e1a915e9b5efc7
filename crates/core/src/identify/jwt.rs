//! Claims of access tokens: what must hold besides the signature.
//! Order of checks and one refusal each; everything that changes with time is checked at each use.

use super::issuer::{Issuer, is_never};
use super::json::{Json, Members, parse_object};
use super::jws::malformed;
use super::principal::Principal;
use super::refusal::Refusal;
use crate::codes::Code;
use crate::policy::form::AudienceRule;

/// Seconds that `nbf` and `iat` may lie ahead, whatever the entry says (up to 60 by its skew).
const AHEAD_S: u64 = 10;
/// Longest subject, bytes.
const SUBJECT_MAX_BYTES: usize = 256;
/// Deepest accepted claims.
const DEPTH_MAX: u8 = 16;

/// A token whose signature, kind and form hold; its times and audience are checked at each use.
#[derive(Debug)]
pub struct Verified {
    pub(crate) principal: Principal,
    pub(crate) audiences: Vec<String>,
    pub(crate) expires_s: u64,
    pub(crate) not_before_s: Option<u64>,
    pub(crate) issued_s: Option<u64>,
    /// Hash of the entry and index of the issuer that it was verified for.
    pub(crate) entry: [u8; 32],
    pub(crate) issuer: u16,
    /// Thumbprint of the key that proved it.
    pub(crate) key: [u8; 32],
}

/// Parses claims; no check besides their form.
pub(crate) fn parse_claims(payload: &[u8]) -> Result<Members, Refusal> {
    parse_object(payload, DEPTH_MAX)
        .ok_or_else(|| malformed("JSON claims without repeated members"))
}

/// `iss` of the claims.
pub(crate) fn issuer_of(claims: &Members) -> Result<&str, Refusal> {
    claims
        .get("iss")
        .and_then(Json::text)
        .ok_or_else(|| malformed("claim `iss`, a string"))
}

/// What does not change with time: kind, binding, and the form of every claim that is read.
pub(crate) fn read(
    claims: &Members,
    kind: Option<&str>,
    issuer: &Issuer,
    index: u16,
    key: [u8; 32],
) -> Result<Verified, Refusal> {
    if issuer_of(claims)? != &*issuer.issuer {
        return Err(Refusal::new(
            Code::IdentifyUnknownIssuer,
            "the exact issuer of the entry",
        ));
    }
    require_access_token(claims, kind, issuer)?;
    if claims.contains_key("cnf") {
        return Err(Refusal::new(
            Code::IdentifyBinding,
            "a token without `cnf`: no binding can be proven here yet",
        ));
    }
    let expires_s = time(claims, "exp")?.ok_or_else(|| malformed("claim `exp`, whole seconds"))?;
    let identifier = match claims.get("jti") {
        None => "",
        Some(jti) => jti
            .text()
            .ok_or_else(|| malformed("claim `jti`, a string"))?,
    };
    Ok(Verified {
        principal: Principal::token(
            &issuer.id,
            subject(claims, issuer)?,
            scopes(claims, issuer)?,
            identifier,
        ),
        audiences: audiences(claims)?,
        expires_s,
        not_before_s: time(claims, "nbf")?,
        issued_s: time(claims, "iat")?,
        entry: issuer.hash,
        issuer: index,
        key,
    })
}

impl Verified {
    /// What changes with time, or with the entry: checked at each use, also from the cache.
    ///
    /// # Errors
    /// `identify.expired`, `identify.not-yet-valid`, `identify.issued-ahead`,
    /// `identify.lifetime`, `identify.audience`.
    pub(crate) fn require_current(&self, issuer: &Issuer, now_s: u64) -> Result<(), Refusal> {
        if now_s >= self.expires_s.saturating_add(issuer.skew_s) {
            return Err(Refusal::new(
                Code::IdentifyExpired,
                "a token that has not expired",
            ));
        }
        let latest = now_s.saturating_add(issuer.skew_s.clamp(AHEAD_S, 60));
        if self.not_before_s.is_some_and(|start| start > latest) {
            return Err(Refusal::new(
                Code::IdentifyNotYetValid,
                "a token whose `nbf` has come",
            ));
        }
        if self.issued_s.is_some_and(|issued| issued > latest) {
            return Err(Refusal::new(
                Code::IdentifyIssuedAhead,
                "a token whose `iat` is not in the future",
            ));
        }
        let start = self.issued_s.unwrap_or(now_s);
        let life_s = self.expires_s.saturating_sub(start);
        if life_s > issuer.lifetime_max_s {
            let expected = format!("a life of at most {} s", issuer.lifetime_max_s);
            return Err(Refusal::new(Code::IdentifyLifetime, expected).told(life_s.to_string()));
        }
        self.require_audience(issuer)
    }

    fn require_audience(&self, issuer: &Issuer) -> Result<(), Refusal> {
        let listed = |audience: &String| issuer.audiences.contains(audience);
        let holds = match issuer.audience_rule {
            AudienceRule::Any => true,
            AudienceRule::AllListed => {
                !self.audiences.is_empty() && self.audiences.iter().all(listed)
            }
            AudienceRule::Contains => self.audiences.iter().any(listed),
        };
        if holds {
            return Ok(());
        }
        Err(self.foreign(issuer.audiences.iter()))
    }

    /// The token is meant for one of these, too: the names of the API that it is sent to.
    pub(crate) fn require_meant(&self, own: &[String]) -> Result<(), Refusal> {
        if self.audiences.iter().any(|audience| own.contains(audience)) {
            return Ok(());
        }
        Err(self.foreign(own.iter()))
    }

    fn foreign<'n>(&self, wanted: impl Iterator<Item = &'n String>) -> Refusal {
        let names: Vec<&str> = wanted.map(String::as_str).collect();
        let refusal = Refusal::new(
            Code::IdentifyAudience,
            format!("audience `{}`", names.join("`, `")),
        );
        match serde_json::to_string(&self.audiences) {
            Ok(told) if !self.audiences.is_empty() => refusal.told(told),
            _ => refusal,
        }
    }
}

/// Header `typ` on the list, and no claim that belongs to another kind of token. An empty name on
/// the list of the entry stands for a header without `typ`.
fn require_access_token(
    claims: &Members,
    kind: Option<&str>,
    issuer: &Issuer,
) -> Result<(), Refusal> {
    let refusal = |expected: &'static str| Refusal::new(Code::IdentifyTokenType, expected);
    let kind_or_none = kind.unwrap_or("");
    if !issuer.kinds.contains(kind_or_none) {
        let refusal = refusal("`typ` of `at+jwt` or `JWT`, or one that the entry lists");
        return Err(match serde_json::to_string(kind_or_none) {
            Ok(told) if !is_never(kind_or_none) => refusal.told(told),
            _ => refusal,
        });
    }
    let text = |name: &str| claims.get(name).and_then(Json::text);
    let foreign_use = text("token_use").is_some_and(|usage| usage != "access");
    let foreign_kind = text("typ").is_some_and(|kind| {
        ["id", "refresh", "offline", "logout", "serialized-id"]
            .iter()
            .any(|other| kind.eq_ignore_ascii_case(other))
    });
    let says_access = kind == Some("at+jwt")
        || text("typ").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    let id_token = ["at_hash", "c_hash", "s_hash"]
        .iter()
        .any(|name| claims.contains_key(*name))
        || (claims.contains_key("nonce") && !says_access);
    let other = [
        ["events", "events"],
        ["htm", "htu"],
        ["response_type", "client_id"],
    ]
    .iter()
    .any(|pair| pair.iter().all(|name| claims.contains_key(*name)));
    if foreign_use || foreign_kind || id_token || other {
        return Err(refusal(
            "an access token, not an ID, refresh, logout, event, proof or request token",
        ));
    }
    Ok(())
}

fn time(claims: &Members, name: &'static str) -> Result<Option<u64>, Refusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => value
            .whole()
            .map(Some)
            .ok_or_else(|| malformed("times in whole seconds")),
    }
}

fn subject<'a>(claims: &'a Members, issuer: &Issuer) -> Result<&'a str, Refusal> {
    let subject = claims.get(&*issuer.subject_claim).and_then(Json::text);
    subject
        .filter(|subject| !subject.is_empty() && subject.len() <= SUBJECT_MAX_BYTES)
        .filter(|subject| !subject.chars().any(char::is_control))
        .ok_or_else(|| {
            malformed("the subject claim, a string of at most 256 bytes without control characters")
        })
}

fn scopes(claims: &Members, issuer: &Issuer) -> Result<Vec<String>, Refusal> {
    let refused = || malformed("scopes as a string of words or a list of strings");
    let Some(value) = issuer.scope_claims.iter().find_map(|name| claims.get(name)) else {
        return Ok(Vec::new());
    };
    match value {
        Json::String(words) => Ok(words
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()),
        Json::Array(items) => strings(items).ok_or_else(refused),
        _ => Err(refused()),
    }
}

fn audiences(claims: &Members) -> Result<Vec<String>, Refusal> {
    match claims.get("aud") {
        None => Ok(Vec::new()),
        Some(Json::String(one)) => Ok(vec![one.clone()]),
        Some(Json::Array(items)) => {
            strings(items).ok_or_else(|| malformed("`aud` as a string or a list of strings"))
        }
        Some(_) => Err(malformed("`aud` as a string or a list of strings")),
    }
}

fn strings(items: &[Json]) -> Option<Vec<String>> {
    items
        .iter()
        .map(|item| item.text().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn issuer() -> Issuer {
        let form = json!({"id": "a", "issuer": "https://a.example", "keys": {"from": "discovery"},
            "algorithms": ["ES256"], "audiences": [], "audience_rule": "any", "types": [],
            "skew_s": 0, "lifetime_max_s": 100, "subject_claim": "sub", "scope_claims": [],
            "upstream_credential": "pass", "source": {"document": 0, "pointer": "/auth/oidc"}});
        Issuer::compile(&serde_json::from_value(form).unwrap()).unwrap()
    }

    fn told_kind(kind: Option<&str>) -> Option<String> {
        let refused = require_access_token(&Members::new(), kind, &issuer()).unwrap_err();
        assert_eq!(refused.code, Code::IdentifyTokenType);
        refused.told
    }

    #[test]
    fn a_kind_that_could_be_listed_is_told_and_one_that_never_can_is_not() {
        assert_eq!(told_kind(None).as_deref(), Some(r#""""#));
        assert_eq!(told_kind(Some("x+jwt")).as_deref(), Some(r#""x+jwt""#));
        assert_eq!(told_kind(Some("id+jwt")), None);
    }

    #[test]
    fn a_life_that_is_too_long_is_told_in_seconds() {
        let verified = Verified {
            principal: Principal::anonymous(),
            audiences: Vec::new(),
            expires_s: 1_101,
            not_before_s: None,
            issued_s: Some(1_000),
            entry: [0; 32],
            issuer: 0,
            key: [0; 32],
        };
        let refused = verified.require_current(&issuer(), 1_000).unwrap_err();
        assert_eq!(refused.code, Code::IdentifyLifetime);
        assert_eq!(refused.told.as_deref(), Some("101"));
    }
}
