//! API keys of the config: found by a keyed hash, so the table is worth nothing without the pepper.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;

use super::jwk::equal;
use super::principal::Principal;
use super::refusal::Refusal;
use crate::codes::Code;
use crate::decision::Source;
use crate::policy::form::{ApiKeyForm, UpstreamCredential};
use crate::policy::source;
use crate::secret::Secret;
use crate::wire::number::hex;

/// Longest API key, bytes.
pub const KEY_MAX_BYTES: usize = 512;

/// A key table that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeyFault {
    /// One sentence for the owner; no digest in it.
    pub message: String,
    /// Where it is configured.
    pub source: Source,
}

/// The API keys of a Policy under one pepper.
pub struct ApiKeys {
    pepper: Option<hmac::Key>,
    entries: BTreeMap<[u8; 32], Entry>,
}

struct Entry {
    principal: Principal,
    expires_s: Option<u64>,
    strip: bool,
    source: Source,
}

/// A key that was found and may be used.
pub(crate) struct Known<'a> {
    pub(crate) principal: &'a Principal,
    pub(crate) strip: bool,
}

impl std::fmt::Debug for ApiKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiKeys")
            .field("entries", &self.entries.len())
            .finish_non_exhaustive()
    }
}

impl ApiKeys {
    /// Builds the table. `pepper`: at least 16 bytes where there are keys.
    ///
    /// # Errors
    /// `ApiKeyFault` for a missing or short pepper, a digest that is not 64 lower-case hex digits,
    /// and an id or digest that comes twice.
    pub fn build(forms: &[ApiKeyForm], pepper: Option<&Secret>) -> Result<Self, ApiKeyFault> {
        let Some(first) = forms.first() else {
            return Ok(ApiKeys {
                pepper: None,
                entries: BTreeMap::new(),
            });
        };
        let Some(pepper) = pepper.filter(|pepper| pepper.expose().len() >= 16) else {
            return Err(fault("API keys need a pepper of at least 16 bytes", first));
        };
        let mut entries = BTreeMap::new();
        let mut ids = std::collections::BTreeSet::new();
        for form in forms {
            let digest = digest_bytes(&form.digest).ok_or_else(|| {
                fault(
                    "the digest of an API key is not 64 lower-case hex digits",
                    form,
                )
            })?;
            let entry = Entry {
                principal: Principal::api_key(&form.id, &form.scopes).bound_to(&form.operations),
                expires_s: form.expires_s,
                strip: form.upstream_credential == UpstreamCredential::Strip,
                source: source(&form.source),
            };
            if !ids.insert(&form.id) || entries.insert(digest, entry).is_some() {
                return Err(fault("an API key is configured twice", form));
            }
        }
        Ok(ApiKeys {
            pepper: Some(hmac::Key::new(hmac::HMAC_SHA256, pepper.expose())),
            entries,
        })
    }

    /// Finds a key at `now_s` (Unix seconds). Cost: one HMAC and O(log keys); the look-up compares
    /// keyed hashes, whose bytes a caller can neither choose nor see.
    ///
    /// # Errors
    /// `identify.unknown-api-key`, `identify.expired`; with the source of the key if known.
    pub(crate) fn find(
        &self,
        key: &[u8],
        now_s: u64,
    ) -> Result<Known<'_>, (Refusal, Option<&Source>)> {
        let unknown = || {
            (
                Refusal::new(Code::IdentifyUnknownKey, "a configured API key"),
                None,
            )
        };
        let pepper = self
            .pepper
            .as_ref()
            .filter(|_| key.len() <= KEY_MAX_BYTES)
            .ok_or_else(unknown)?;
        let tag = hmac::sign(pepper, key);
        let digest: [u8; 32] = tag.as_ref().try_into().map_err(|_| unknown())?;
        let (stored, entry) = self.entries.get_key_value(&digest).ok_or_else(unknown)?;
        if !equal(stored, &digest) {
            return Err(unknown());
        }
        if entry.expires_s.is_some_and(|end| now_s >= end) {
            let refusal = Refusal::new(Code::IdentifyExpired, "an API key that has not expired");
            return Err((refusal, Some(&entry.source)));
        }
        Ok(Known {
            principal: &entry.principal,
            strip: entry.strip,
        })
    }
}

/// Lower-case hex of HMAC-SHA-256(pepper, key): what the config holds instead of the key.
#[must_use]
pub fn hash_api_key(pepper: &Secret, key: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, pepper.expose()), key);
    hex(tag.as_ref())
}

fn fault(message: &str, form: &ApiKeyForm) -> ApiKeyFault {
    ApiKeyFault {
        message: format!("{message} (id `{}`)", form.id),
        source: source(&form.source),
    }
}

pub(crate) fn digest_bytes(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(byte.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    };
    let mut out = Vec::with_capacity(32);
    for pair in text.as_bytes().chunks(2) {
        let [high, low] = pair else { return None };
        out.push((digit(*high)? << 4) | digit(*low)?);
    }
    out.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::form::SourceForm;

    fn pepper() -> Secret {
        Secret::new(b"0123456789abcdef".to_vec())
    }

    fn form(id: &str, key: &str, expires_s: Option<u64>) -> ApiKeyForm {
        ApiKeyForm {
            id: id.to_owned(),
            digest: hash_api_key(&pepper(), key.as_bytes()),
            scopes: vec!["read".to_owned()],
            operations: Vec::new(),
            expires_s,
            upstream_credential: UpstreamCredential::Strip,
            source: SourceForm::default(),
        }
    }

    fn code(keys: &ApiKeys, key: &[u8], now_s: u64) -> Option<Code> {
        keys.find(key, now_s).err().map(|(refusal, _)| refusal.code)
    }

    #[test]
    fn a_key_may_open_some_operations_alone() {
        let bound = ApiKeyForm {
            operations: vec!["GET /a".to_owned()],
            ..form("ci", "s3cret-key", None)
        };
        let keys = ApiKeys::build(&[bound], Some(&pepper())).unwrap();
        let principal = keys.find(b"s3cret-key", 0).unwrap().principal;
        assert!(principal.is_meant_for("GET /a") && !principal.is_meant_for("GET /b"));
    }

    #[test]
    fn a_configured_key_is_known_until_it_expires() {
        let keys = ApiKeys::build(&[form("ci", "s3cret-key", Some(100))], Some(&pepper())).unwrap();
        assert_eq!(
            keys.find(b"s3cret-key", 99)
                .ok()
                .unwrap()
                .principal
                .subject(),
            "ci"
        );
        assert_eq!(code(&keys, b"s3cret-key", 100), Some(Code::IdentifyExpired));
    }

    #[test]
    fn another_key_is_unknown() {
        let keys = ApiKeys::build(&[form("ci", "s3cret-key", None)], Some(&pepper())).unwrap();
        let digest = hash_api_key(&pepper(), b"s3cret-key");
        for key in [
            &b"s3cret-kex"[..],
            b"",
            b"s3cret-key ",
            digest.as_bytes(),
            &[b'a'; 4096],
        ] {
            assert_eq!(code(&keys, key, 0), Some(Code::IdentifyUnknownKey));
        }
    }

    #[test]
    fn a_table_that_cannot_be_trusted_is_not_built() {
        let good = form("ci", "a", None);
        let mut bad = good.clone();
        bad.digest.pop();
        let short = Secret::new(b"short".to_vec());
        assert!(ApiKeys::build(&[bad], Some(&pepper())).is_err());
        assert!(ApiKeys::build(&[good.clone(), good.clone()], Some(&pepper())).is_err());
        assert!(ApiKeys::build(std::slice::from_ref(&good), None).is_err());
        assert!(ApiKeys::build(std::slice::from_ref(&good), Some(&short)).is_err());
        assert!(ApiKeys::build(&[], None).is_ok());
    }
}
