//! Issued API keys: a table that is swapped whole while Policies stand. It outlives every Policy,
//! like the revocations, and is no part of any hash.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use aws_lc_rs::hmac;
use serde::Deserialize;

use super::api_key::digest_bytes;
use super::jwk::equal;
use super::principal::Principal;
use super::refusal::Refusal;
use crate::codes::Code;
use crate::peer::Network;
use crate::secret::Secret;
use crate::wire::number::hex;

/// Seconds between two stamps of use: coarse, so that a busy key does not bounce one cache line.
const STAMP_S: u64 = 10;

/// The table of issued keys as it is pushed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedForm {
    /// Keys of the keyed hash, the newest first, each at least 16 bytes of text; not needed for an
    /// empty table. Further ones are there while keys move to the newest.
    #[serde(default)]
    pub peppers: Vec<String>,
    /// The keys.
    pub keys: Vec<IssuedKeyForm>,
}

/// One issued key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedKeyForm {
    /// Public id; names the Principal.
    pub id: String,
    /// Scopes that it carries.
    pub scopes: Vec<String>,
    /// Networks it may be used from (CIDR); empty = from everywhere.
    pub networks: Vec<String>,
    /// Ids of the Operations that it opens; empty = all.
    #[serde(default)]
    pub operations: Vec<String>,
    /// Refused from this moment on, Unix seconds.
    pub expires_s: Option<u64>,
    /// Whether it was revoked: known, and refused by that name.
    pub revoked: bool,
    /// Live secrets: one, or two while it is rotated.
    pub secrets: Vec<IssuedSecretForm>,
}

/// One secret of an issued key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedSecretForm {
    /// HMAC-SHA-256 of the whole key, lower-case hex.
    pub digest: String,
    /// Refused from this moment on, Unix seconds, whatever happens.
    pub expires_s: Option<u64>,
    /// Refused once nobody has used it for some time: the end of a rotation.
    #[serde(default)]
    pub retires: Option<RetiresForm>,
}

/// When a secret that was rotated away ends. Seconds; times since the Unix epoch.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetiresForm {
    /// When it was rotated away.
    pub since_s: u64,
    /// So long after its last use, or after `since_s` where there was none.
    pub idle_s: u64,
    /// Last use that is known; 0 = none.
    pub used_s: u64,
}

/// Issued API keys. An unused table costs a read lock, for keys of our form alone.
#[derive(Default)]
pub struct Issued(RwLock<Arc<Table>>);

#[derive(Default)]
struct Table {
    peppers: Vec<hmac::Key>,
    entries: BTreeMap<[u8; 32], Entry>,
}

struct Entry {
    key: Arc<Key>,
    expires_s: Option<u64>,
    retires: Option<RetiresForm>,
    used_s: AtomicU64,
    told_s: AtomicU64,
    /// Digest under the newest pepper, once the secret came that an older one knows.
    moved: OnceLock<[u8; 32]>,
    is_move_told: AtomicBool,
}

struct Key {
    principal: Principal,
    networks: Vec<Network>,
    expires_s: Option<u64>,
    revoked: bool,
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued")
            .field("entries", &self.table().entries.len())
            .finish_non_exhaustive()
    }
}

impl Issued {
    /// Puts another table in force, all or nothing; stamps of use live on. Cost: O(keys).
    ///
    /// # Errors
    /// One sentence for the owner: no pepper, a digest, id or network that cannot be read, or one
    /// that comes twice.
    pub fn replace(&self, form: &IssuedForm) -> Result<(), String> {
        let table = Table::build(form, &self.table())?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
        Ok(())
    }

    /// Who holds this key, if it was issued. `client`: the caller's address; unknown = a key that
    /// is bound to networks is refused. Cost: one HMAC for each pepper and O(log keys).
    ///
    /// # Errors
    /// `identify.revoked`, `identify.expired`, `identify.network`.
    pub(crate) fn find(
        &self,
        key: &[u8],
        now_s: u64,
        client: Option<IpAddr>,
    ) -> Option<Result<Principal, Refusal>> {
        let table = self.table();
        let mut newest = None;
        for pepper in &table.peppers {
            let digest: [u8; 32] = hmac::sign(pepper, key).as_ref().try_into().ok()?;
            let newest = newest.get_or_insert(digest);
            let Some((stored, entry)) = table.entries.get_key_value(&digest) else {
                continue;
            };
            if !equal(stored, &digest) {
                return None;
            }
            if *newest != digest {
                let _ = entry.moved.set(*newest);
            }
            return Some(entry.admit(now_s, client));
        }
        None
    }

    /// Digest (hex) and Unix seconds of each secret that was used since the last call.
    pub fn take_used(&self) -> Vec<(String, u64)> {
        let table = self.table();
        let fresh = |(digest, entry): (&[u8; 32], &Entry)| {
            let used_s = entry.used_s.load(Ordering::Relaxed);
            let told_s = entry.told_s.swap(used_s, Ordering::Relaxed);
            (used_s > told_s).then(|| (hex(digest), used_s))
        };
        table.entries.iter().filter_map(fresh).collect()
    }

    /// Old and new digest (hex) of each secret that came since the last call and is kept under an
    /// older pepper.
    pub fn take_moved(&self) -> Vec<(String, String)> {
        let table = self.table();
        let fresh = |(digest, entry): (&[u8; 32], &Entry)| {
            let moved = entry.moved.get()?;
            let is_told = entry.is_move_told.swap(true, Ordering::Relaxed);
            (!is_told).then(|| (hex(digest), hex(moved)))
        };
        table.entries.iter().filter_map(fresh).collect()
    }

    fn table(&self) -> Arc<Table> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Table {
    fn build(form: &IssuedForm, before: &Table) -> Result<Self, String> {
        if form.keys.is_empty() {
            return Ok(Table::default());
        }
        if form.peppers.is_empty() || form.peppers.iter().any(|pepper| pepper.len() < 16) {
            return Err("issued API keys need a pepper of at least 16 bytes".to_owned());
        }
        let keyed = |pepper: &String| {
            let pepper = Secret::new(pepper.clone().into_bytes());
            hmac::Key::new(hmac::HMAC_SHA256, pepper.expose())
        };
        let mut table = Table {
            peppers: form.peppers.iter().map(keyed).collect(),
            entries: BTreeMap::new(),
        };
        let mut ids = std::collections::BTreeSet::new();
        for key in &form.keys {
            if !ids.insert(&key.id) {
                return Err(format!("API key `{}` was issued twice", key.id));
            }
            table.add(key, before)?;
        }
        Ok(table)
    }

    fn add(&mut self, form: &IssuedKeyForm, before: &Table) -> Result<(), String> {
        let read = |text: &String| {
            let message = || format!("a network of API key `{}` cannot be read", form.id);
            Network::parse(text).ok_or_else(message)
        };
        let key = Arc::new(Key {
            principal: Principal::api_key(&form.id, &form.scopes).bound_to(&form.operations),
            networks: form.networks.iter().map(read).collect::<Result<_, _>>()?,
            expires_s: form.expires_s,
            revoked: form.revoked,
        });
        for secret in &form.secrets {
            let digest = digest_bytes(&secret.digest)
                .ok_or_else(|| format!("a digest of API key `{}` cannot be read", form.id))?;
            let seen_s = before
                .entries
                .get(&digest)
                .map_or(0, |entry| entry.used_s.load(Ordering::Relaxed));
            let used_s = seen_s.max(secret.retires.map_or(0, |retires| retires.used_s));
            let entry = Entry {
                key: Arc::clone(&key),
                expires_s: secret.expires_s,
                retires: secret.retires,
                used_s: AtomicU64::new(used_s),
                told_s: AtomicU64::new(used_s),
                moved: OnceLock::new(),
                is_move_told: AtomicBool::new(false),
            };
            if self.entries.insert(digest, entry).is_some() {
                return Err(format!("a secret of API key `{}` is there twice", form.id));
            }
        }
        Ok(())
    }
}

impl Entry {
    fn admit(&self, now_s: u64, client: Option<IpAddr>) -> Result<Principal, Refusal> {
        let key = &self.key;
        if key.revoked {
            return Err(Refusal::new(
                Code::IdentifyRevoked,
                "an API key that was not revoked",
            ));
        }
        let used_s = self.used_s.load(Ordering::Relaxed);
        let retires = |one: RetiresForm| one.since_s.max(used_s).saturating_add(one.idle_s);
        let ends = [key.expires_s, self.expires_s, self.retires.map(retires)];
        if ends.into_iter().flatten().any(|end| now_s >= end) {
            return Err(Refusal::new(
                Code::IdentifyExpired,
                "an API key that has not expired",
            ));
        }
        let is_inside = |client: IpAddr| key.networks.iter().any(|network| network.holds(client));
        if !key.networks.is_empty() && !client.is_some_and(is_inside) {
            return Err(Refusal::new(
                Code::IdentifyNetwork,
                "an address in the networks of the API key",
            ));
        }
        if now_s.saturating_sub(used_s) >= STAMP_S {
            self.used_s.store(now_s, Ordering::Relaxed);
        }
        Ok(key.principal.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::api_key::hash_api_key;
    use super::*;
    use serde_json::json;

    const PEPPER: &str = "0123456789abcdef";

    fn digest(key: &str) -> String {
        hash_api_key(&Secret::new(PEPPER.into()), key.as_bytes())
    }

    fn form(changes: serde_json::Value) -> IssuedForm {
        let mut key = json!({
            "id": "k1", "scopes": ["read"], "networks": [], "expires_s": null, "revoked": false,
            "secrets": [{ "digest": digest("old"), "expires_s": 150 },
                        { "digest": digest("new"), "expires_s": null }],
        });
        for (name, value) in changes.as_object().unwrap() {
            key[name] = value.clone();
        }
        serde_json::from_value(json!({ "peppers": [PEPPER], "keys": [key] })).unwrap()
    }

    fn table(changes: serde_json::Value) -> Issued {
        let issued = Issued::default();
        issued.replace(&form(changes)).unwrap();
        issued
    }

    fn code(issued: &Issued, key: &str, now_s: u64, client: Option<&str>) -> Option<Code> {
        let client = client.map(|text| text.parse().unwrap());
        let found = issued.find(key.as_bytes(), now_s, client)?;
        found.err().map(|refusal| refusal.code)
    }

    #[test]
    fn both_secrets_live_while_a_key_is_rotated() {
        let issued = table(json!({}));
        let subject = |key: &[u8]| {
            let found = issued.find(key, 149, None);
            found.map(|found| found.unwrap().subject().to_owned())
        };
        assert_eq!(subject(b"old").as_deref(), Some("k1"));
        assert_eq!(subject(b"new").as_deref(), Some("k1"));
        assert_eq!(subject(b"other"), None);
        assert_eq!(code(&issued, "old", 150, None), Some(Code::IdentifyExpired));
        assert_eq!(code(&issued, "new", 150, None), None);
    }

    #[test]
    fn a_revoked_or_expired_key_is_known_and_refused() {
        let revoked = table(json!({ "revoked": true }));
        assert_eq!(code(&revoked, "new", 1, None), Some(Code::IdentifyRevoked));
        let expired = table(json!({ "expires_s": 100 }));
        assert_eq!(
            code(&expired, "new", 100, None),
            Some(Code::IdentifyExpired)
        );
        assert_eq!(code(&expired, "new", 99, None), None);
    }

    #[test]
    fn a_key_is_good_in_its_networks_alone() {
        let issued = table(json!({ "networks": ["10.0.0.0/8", "::1"] }));
        assert_eq!(code(&issued, "new", 1, Some("10.1.2.3")), None);
        assert_eq!(code(&issued, "new", 1, Some("::ffff:10.1.2.3")), None);
        for outside in [Some("11.0.0.1"), None] {
            assert_eq!(
                code(&issued, "new", 1, outside),
                Some(Code::IdentifyNetwork)
            );
        }
    }

    #[test]
    fn use_is_told_once_and_lives_through_a_swap() {
        let issued = table(json!({}));
        assert!(issued.take_used().is_empty());
        let _ = issued.find(b"new", 50, None);
        assert_eq!(issued.take_used(), [(digest("new"), 50)]);
        issued.replace(&form(json!({}))).unwrap();
        let _ = issued.find(b"new", 55, None);
        assert!(issued.take_used().is_empty());
    }

    #[test]
    fn an_old_secret_retires_once_nobody_has_used_it_for_long() {
        let retires = json!({ "since_s": 1000, "idle_s": 100, "used_s": 0 });
        let secrets = json!({ "secrets": [
            { "digest": digest("old"), "expires_s": null, "retires": retires },
            { "digest": digest("new"), "expires_s": null }] });
        let unused = table(secrets.clone());
        assert_eq!(
            code(&unused, "old", 1100, None),
            Some(Code::IdentifyExpired)
        );
        assert_eq!(code(&unused, "new", 9999, None), None);
        let used = table(secrets);
        assert_eq!(code(&used, "old", 1099, None), None);
        assert_eq!(code(&used, "old", 1198, None), None);
        assert_eq!(code(&used, "old", 1298, None), Some(Code::IdentifyExpired));
    }

    #[test]
    fn the_last_use_that_was_kept_counts_after_a_start() {
        let retires = json!({ "since_s": 1000, "idle_s": 100, "used_s": 1500 });
        let issued = table(json!({ "secrets": [
            { "digest": digest("old"), "expires_s": null, "retires": retires }] }));
        assert_eq!(code(&issued, "old", 1599, None), None);
        assert!(
            issued.take_used().len() == 1,
            "what was kept is not told again"
        );
    }

    #[test]
    fn a_key_under_an_older_pepper_opens_and_is_told_under_the_newest() {
        let newest = "fedcba9876543210";
        let mut two = form(json!({}));
        two.peppers = vec![newest.to_owned(), PEPPER.to_owned()];
        let issued = Issued::default();
        issued.replace(&two).unwrap();
        assert!(issued.take_moved().is_empty());
        assert_eq!(code(&issued, "new", 1, None), None);
        assert!(issued.find(b"new", 1, None).is_some());
        let moved = hash_api_key(&Secret::new(newest.into()), b"new");
        assert_eq!(issued.take_moved(), [(digest("new"), moved.clone())]);
        assert!(issued.take_moved().is_empty());
        let mut after = form(json!({ "secrets": [{ "digest": moved, "expires_s": null }] }));
        after.peppers = vec![newest.to_owned()];
        issued.replace(&after).unwrap();
        assert!(
            issued
                .find(b"new", 2, None)
                .is_some_and(|found| found.is_ok())
        );
        assert!(issued.find(b"old", 2, None).is_none());
        assert!(issued.take_moved().is_empty());
    }

    #[test]
    fn a_key_names_the_operations_it_is_meant_for() {
        let issued = table(json!({ "operations": ["GET /a"] }));
        let principal = issued.find(b"new", 1, None).unwrap().unwrap();
        assert!(principal.is_meant_for("GET /a"));
        assert!(!principal.is_meant_for("GET /b"));
    }

    #[test]
    fn a_table_that_cannot_be_trusted_leaves_the_one_before() {
        let issued = table(json!({}));
        let twice = json!({ "secrets": [
            { "digest": digest("a"), "expires_s": null }, { "digest": digest("a"), "expires_s": null }
        ] });
        for bad in [json!({ "networks": ["10/99"] }), twice] {
            assert!(issued.replace(&form(bad)).is_err());
        }
        let mut bare = form(json!({}));
        bare.peppers.clear();
        assert!(issued.replace(&bare).is_err());
        assert_eq!(code(&issued, "new", 1, None), None);
        assert!(issued.find(b"new", 1, None).is_some());
    }
}
