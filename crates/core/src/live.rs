//! Live: what changes while a Policy stands. Injected and swappable; outside the Policy hash.

use std::sync::Arc;

use serde::Deserialize;

use crate::identify::Security;
use crate::identify::api_key::{ApiKeyFault, ApiKeys};
use crate::identify::cache::TokenCache;
use crate::identify::issued::{Issued, IssuedForm};
use crate::identify::keys::Keys;
use crate::identify::revocation::{RevocationForm, Revocations};
use crate::limit::LimitTable;
use crate::policy::form::{ApiKeyForm, LimitTableForm};
use crate::secret::Secret;

/// Verified tokens kept unless said otherwise.
pub const TOKENS_MAX: u32 = 65_536;

/// Limit table, verified tokens, key sets, API keys and revocations. Shared between workers by
/// `Arc`; every member may be used from any thread.
#[derive(Debug)]
pub struct Live {
    /// What limits have counted.
    pub limits: Arc<LimitTable>,
    /// Verified tokens.
    pub tokens: Arc<TokenCache>,
    /// Key sets by issuer index.
    pub keys: Keys,
    /// API keys under the pepper.
    pub api_keys: ApiKeys,
    /// API keys that were issued; outlive every Policy.
    pub issued: Arc<Issued>,
    /// Revoked credentials; outlive every Policy.
    pub revocations: Arc<Revocations>,
}

/// What stands beside every Policy, as it is pushed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Standing {
    /// The whole table; absent = as before.
    #[serde(default)]
    keys: Option<IssuedForm>,
    /// Entries to add; entries leave by their expiry alone.
    #[serde(default)]
    revocations: Vec<RevocationForm>,
}

/// What a new Live is built from.
#[derive(Clone, Copy, Debug)]
pub struct LiveParts<'a> {
    /// Issuers of the Policy.
    pub security: &'a Security,
    /// API keys of the Policy.
    pub api_keys: &'a [ApiKeyForm],
    /// Pepper of the API keys.
    pub pepper: Option<&'a Secret>,
    /// Memory of the limit table.
    pub limit_table: LimitTableForm,
    /// Secret key of the hashes in the limit table: 16 random bytes of this process.
    pub seed: [u8; 16],
}

impl Live {
    /// Builds the Live of a Policy. From `before` it takes over the limit table (if of the same
    /// size), the verified tokens, the revocations, and the key sets of entries that stayed.
    ///
    /// # Errors
    /// `ApiKeyFault` when the table of API keys cannot be built.
    pub fn build(parts: LiveParts<'_>, before: Option<&Live>) -> Result<Self, ApiKeyFault> {
        let api_keys = ApiKeys::build(parts.api_keys, parts.pepper)?;
        let kept = before
            .map(|live| &live.limits)
            .filter(|table| table.slots() == parts.limit_table.slots);
        let limits = kept.map_or_else(
            || Arc::new(LimitTable::new(parts.limit_table.slots, parts.seed)),
            Arc::clone,
        );
        Ok(Live {
            limits,
            tokens: before.map_or_else(
                || Arc::new(TokenCache::new(TOKENS_MAX)),
                |live| Arc::clone(&live.tokens),
            ),
            keys: Keys::new(parts.security, before.map(|live| &live.keys)),
            api_keys,
            issued: before.map_or_else(Arc::default, |live| Arc::clone(&live.issued)),
            revocations: before.map_or_else(Arc::default, |live| Arc::clone(&live.revocations)),
        })
    }

    /// Takes in issued keys and revocations, which no Policy holds: JSON
    /// `{"keys": {"peppers", "keys": [..]}, "revocations": [..]}`, both members optional.
    /// Keys are replaced whole, revocations are added. All or nothing.
    ///
    /// # Errors
    /// One sentence for the owner, without a secret.
    pub fn stand(&self, json: &[u8], now_s: u64) -> Result<(), String> {
        let standing: Standing = serde_json::from_slice(json).map_err(|fault| {
            let (line, column) = (fault.line(), fault.column());
            format!("line {line} column {column}: no API keys and revocations")
        })?;
        if let Some(keys) = &standing.keys {
            self.issued.replace(keys)?;
        }
        self.revocations.revoke(&standing.revocations, now_s);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::testing::{form, load};

    fn parts(policy: &crate::policy::Policy, slots: u32) -> LiveParts<'_> {
        let mut limit_table = policy.limit_table();
        limit_table.slots = slots;
        LiveParts {
            security: policy.security(),
            api_keys: policy.api_keys(),
            pepper: None,
            limit_table,
            seed: [7; 16],
        }
    }

    #[test]
    fn counts_and_tokens_outlive_a_swap_of_the_policy() {
        let policy = load(&form());
        let first = Live::build(parts(&policy, 1024), None).unwrap();
        let same = Live::build(parts(&policy, 1024), Some(&first)).unwrap();
        assert!(Arc::ptr_eq(&first.limits, &same.limits));
        assert!(Arc::ptr_eq(&first.tokens, &same.tokens));
        assert!(Arc::ptr_eq(&first.revocations, &same.revocations));
    }

    #[test]
    fn a_table_of_another_size_starts_empty() {
        let policy = load(&form());
        let first = Live::build(parts(&policy, 1024), None).unwrap();
        let other = Live::build(parts(&policy, 2048), Some(&first)).unwrap();
        assert!(!Arc::ptr_eq(&first.limits, &other.limits));
    }

    #[test]
    fn what_stands_beside_the_policy_is_taken_whole_or_not_at_all() {
        let policy = load(&form());
        let live = Live::build(parts(&policy, 1024), None).unwrap();
        let token = r#"{"kind":"token","issuer":"main","name":"t","until_s":9}"#;
        live.stand(format!(r#"{{"revocations":[{token}]}}"#).as_bytes(), 1)
            .unwrap();
        assert_eq!(live.revocations.len(), 1);
        let bad = r#"{"keys":{"peppers":["canary"],"keys":[{"id":"k","scopes":[],"networks":[],
            "expires_s":null,"revoked":false,"secrets":[]}]},"revocations":[]}"#;
        for bad in ["", r#"{"other":1}"#, bad] {
            let message = live.stand(bad.as_bytes(), 1).unwrap_err();
            assert!(!message.contains("canary"));
        }
        let next = Live::build(parts(&policy, 1024), Some(&live)).unwrap();
        assert!(Arc::ptr_eq(&live.issued, &next.issued));
    }
}
