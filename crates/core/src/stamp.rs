//! Stamp: which Exchange and which Policy a proof belongs to. Proofs of two Exchanges never mix.

use crate::time::ExchangeId;

/// Exchange and Policy of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The Exchange.
    pub exchange: ExchangeId,
    /// SHA-256 of the Policy form.
    pub policy: [u8; 32],
}
