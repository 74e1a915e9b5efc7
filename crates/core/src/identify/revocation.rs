//! Revoked credentials: an exact set that is looked at on each use, also of a cached token.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use serde::Deserialize;

use super::jwk::sha256;
use super::principal::Principal;

/// One entry of the ordered log.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum RevocationForm {
    /// One token, by its `jti`.
    Token {
        /// Id of the issuer entry.
        issuer: String,
        /// The `jti`.
        name: String,
        /// When every such token has expired anyway, Unix seconds.
        until_s: u64,
    },
    /// What a subject was given up to a moment.
    Subject {
        /// Id of the issuer entry.
        issuer: String,
        /// The subject.
        name: String,
        /// Tokens of this `iat` or before, Unix seconds.
        before_s: u64,
        /// As above.
        until_s: u64,
    },
    /// What an issuer gave up to a moment.
    Issuer {
        /// Id of the issuer entry.
        issuer: String,
        /// Tokens of this `iat` or before, Unix seconds.
        before_s: u64,
        /// As above.
        until_s: u64,
    },
}

/// Revoked token ids, subjects and issuers. An empty set costs one atomic load.
#[derive(Debug, Default)]
pub struct Revocations {
    held: RwLock<BTreeMap<[u8; 32], Span>>,
    len: AtomicUsize,
}

/// Which tokens an entry meets, and how long.
#[derive(Clone, Copy, Debug)]
struct Span {
    before_s: u64,
    until_s: u64,
}

impl Revocations {
    /// Takes entries in, in any order and any number of times. Entries that ended before `now_s`
    /// are dropped. Cost: O((held + new) log held), under the write lock.
    pub fn revoke(&self, entries: &[RevocationForm], now_s: u64) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, span| span.until_s > now_s);
        for entry in entries {
            let (key, span) = placed(entry);
            if span.until_s > now_s {
                let old = held.entry(key).or_insert(span);
                old.before_s = old.before_s.max(span.before_s);
                old.until_s = old.until_s.max(span.until_s);
            }
        }
        self.len.store(held.len(), Ordering::Release);
    }

    /// How many entries it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Whether nothing is revoked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this Principal's token is revoked. `issued_s`: its `iat`; a token without one
    /// counts as issued before everything.
    pub(crate) fn holds(&self, principal: &Principal, issued_s: Option<u64>, now_s: u64) -> bool {
        if self.is_empty() || !principal.is_proven() {
            return false;
        }
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let meets = |kind: &str, name: &str| {
            held.get(&hash(kind, principal.issuer(), name))
                .is_some_and(|span| span.until_s > now_s && issued_s.unwrap_or(0) <= span.before_s)
        };
        meets("issuer", "")
            || meets("subject", principal.subject())
            || (!principal.credential().is_empty() && meets("token", principal.credential()))
    }
}

fn placed(entry: &RevocationForm) -> ([u8; 32], Span) {
    let (kind, issuer, name, before_s, until_s) = match entry {
        RevocationForm::Token {
            issuer,
            name,
            until_s,
        } => ("token", issuer, name.as_str(), &u64::MAX, until_s),
        RevocationForm::Subject {
            issuer,
            name,
            before_s,
            until_s,
        } => ("subject", issuer, name.as_str(), before_s, until_s),
        RevocationForm::Issuer {
            issuer,
            before_s,
            until_s,
        } => ("issuer", issuer, "", before_s, until_s),
    };
    let span = Span {
        before_s: *before_s,
        until_s: *until_s,
    };
    (hash(kind, issuer, name), span)
}

/// Each part with its length before it, so that no two triples share one text.
fn hash(kind: &str, issuer: &str, name: &str) -> [u8; 32] {
    sha256(format!("{kind} {} {issuer} {} {name}", issuer.len(), name.len()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn revoked(entries: &str, now_s: u64) -> Revocations {
        let set = Revocations::default();
        let entries: Vec<RevocationForm> = serde_json::from_str(entries).unwrap();
        set.revoke(&entries, now_s);
        set
    }

    fn alice(jti: &str) -> Principal {
        Principal::token("main", "alice", Vec::new(), jti)
    }

    #[test]
    fn a_subject_can_log_in_again_after_its_tokens_were_revoked() {
        let set = revoked(
            r#"[{"kind":"subject","issuer":"main","name":"alice","before_s":100,"until_s":200}]"#,
            100,
        );
        assert!(set.holds(&alice("a"), Some(100), 150));
        assert!(set.holds(&alice("a"), None, 150));
        assert!(!set.holds(&alice("a"), Some(101), 150));
        assert!(!set.holds(&alice("a"), Some(100), 200));
    }

    #[test]
    fn an_issuer_is_met_whole_and_alone() {
        let set = revoked(
            r#"[{"kind":"issuer","issuer":"main","before_s":100,"until_s":200}]"#,
            100,
        );
        assert!(set.holds(&alice(""), Some(99), 150));
        let other = Principal::token("other", "alice", Vec::new(), "");
        assert!(!set.holds(&other, Some(99), 150));
    }

    #[test]
    fn the_set_is_bounded_by_expiry_and_takes_entries_twice() {
        let entry = r#"[{"kind":"token","issuer":"main","name":"t1","until_s":200}]"#;
        let set = revoked(entry, 100);
        set.revoke(&serde_json::from_str::<Vec<_>>(entry).unwrap(), 100);
        assert_eq!(set.len(), 1);
        assert!(set.holds(&alice("t1"), Some(u64::MAX), 100));
        assert!(!set.holds(&alice("t2"), Some(1), 100));
        set.revoke(&[], 200);
        assert!(set.is_empty());
    }

    #[test]
    fn names_cannot_run_into_each_other() {
        let set = revoked(
            r#"[{"kind":"token","issuer":"a","name":"b c","until_s":200}]"#,
            100,
        );
        let near = Principal::token("a b", "x", Vec::new(), "c");
        assert!(!set.holds(&near, None, 150));
    }

    #[test]
    fn nobody_is_met_by_no_entry() {
        let set = revoked(
            r#"[{"kind":"issuer","issuer":"","before_s":100,"until_s":200}]"#,
            100,
        );
        assert!(!set.holds(&Principal::anonymous(), None, 150));
    }
}
