//! Live: what changes while a Policy stands. Injected and swappable; outside the Policy hash.

use std::sync::Arc;

use crate::identify::Security;
use crate::identify::api_key::{ApiKeyFault, ApiKeys};
use crate::identify::cache::TokenCache;
use crate::identify::keys::Keys;
use crate::identify::revocation::Revocations;
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
    /// Revoked credentials.
    pub revocations: Arc<Revocations>,
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
            revocations: before.map_or_else(Arc::default, |live| Arc::clone(&live.revocations)),
        })
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
}
