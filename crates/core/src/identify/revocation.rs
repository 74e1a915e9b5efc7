//! Revoked credentials: an exact set that is looked at on each use, also of a cached token.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use super::jwk::sha256;
use super::principal::Principal;

/// Revoked token ids and subjects. An empty set costs one atomic load.
#[derive(Debug, Default)]
pub struct Revocations {
    until_s: RwLock<BTreeMap<[u8; 32], u64>>,
    len: AtomicUsize,
}

impl Revocations {
    /// Revokes one credential (`jti`, or id of an API key) of an issuer id (empty for API keys)
    /// until `until_s`, when it has expired anyway. Entries that ended before `now_s` are dropped.
    pub fn revoke_credential(&self, issuer: &str, credential: &str, until_s: u64, now_s: u64) {
        self.put(hash("credential", issuer, credential), until_s, now_s);
    }

    /// Revokes everything of one subject until `until_s`.
    pub fn revoke_subject(&self, issuer: &str, subject: &str, until_s: u64, now_s: u64) {
        self.put(hash("subject", issuer, subject), until_s, now_s);
    }

    pub(crate) fn holds(&self, principal: &Principal, now_s: u64) -> bool {
        if self.len.load(Ordering::Acquire) == 0 || !principal.is_proven() {
            return false;
        }
        let until_s = self.until_s.read().unwrap_or_else(PoisonError::into_inner);
        let live = |key| until_s.get(&key).is_some_and(|until| *until > now_s);
        let issuer = principal.issuer();
        live(hash("subject", issuer, principal.subject()))
            || (!principal.credential().is_empty()
                && live(hash("credential", issuer, principal.credential())))
    }

    fn put(&self, key: [u8; 32], until: u64, now_s: u64) {
        let mut until_s = self.until_s.write().unwrap_or_else(PoisonError::into_inner);
        until_s.retain(|_, end| *end > now_s);
        let end = until_s.entry(key).or_insert(until);
        *end = (*end).max(until);
        self.len.store(until_s.len(), Ordering::Release);
    }
}

/// Each part with its length before it, so that no two triples share one text.
fn hash(kind: &str, issuer: &str, name: &str) -> [u8; 32] {
    sha256(format!("{kind} {} {issuer} {} {name}", issuer.len(), name.len()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice(credential: &str) -> Principal {
        Principal::token("idp", "alice", Vec::new(), credential)
    }

    #[test]
    fn a_revoked_credential_is_refused_until_it_would_have_expired() {
        let revoked = Revocations::default();
        assert!(!revoked.holds(&alice("t1"), 100));
        revoked.revoke_credential("idp", "t1", 200, 100);
        assert!(revoked.holds(&alice("t1"), 199));
        assert!(!revoked.holds(&alice("t1"), 200));
        assert!(!revoked.holds(&alice("t2"), 199), "another token of hers");
        let elsewhere = Principal::token("other", "alice", Vec::new(), "t1");
        assert!(!revoked.holds(&elsewhere, 199), "another issuer");
    }

    #[test]
    fn a_revoked_subject_loses_every_credential() {
        let revoked = Revocations::default();
        revoked.revoke_subject("idp", "alice", 200, 100);
        assert!(revoked.holds(&alice("t1"), 150) && revoked.holds(&alice(""), 150));
        let bob = Principal::token("idp", "bob", Vec::new(), "t1");
        assert!(!revoked.holds(&bob, 150));
        assert!(!revoked.holds(&Principal::anonymous(), 150));
    }

    #[test]
    fn the_later_end_stands_and_what_has_ended_is_dropped() {
        let revoked = Revocations::default();
        revoked.revoke_credential("idp", "t1", 300, 100);
        revoked.revoke_credential("idp", "t1", 200, 100);
        assert!(revoked.holds(&alice("t1"), 250));
        revoked.revoke_credential("idp", "t2", 400, 300);
        assert_eq!(revoked.len.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn names_cannot_run_into_each_other() {
        let revoked = Revocations::default();
        revoked.revoke_credential("a", "b c", 200, 100);
        let near = Principal::token("a b", "x", Vec::new(), "c");
        assert!(!revoked.holds(&near, 150));
    }
}
