//! The way to `Cleared`: proof values that only their own verb makes. None of them can be cloned,
//! defaulted or read from outside; each carries the Exchange and the Policy it belongs to.

use crate::authorize::Authorized;
use crate::decision::Decision;
use crate::identify::Identified;
use crate::limit::{Limited, Permit, Quota};
use crate::stamp::Stamp;

/// Proof that `match_operation` ran: the Request belongs to one declared Operation, or the control
/// let it through.
#[must_use]
#[derive(Debug)]
pub struct Matched {
    stamp: Stamp,
}

impl Matched {
    pub(crate) fn of(stamp: Stamp) -> Self {
        Matched { stamp }
    }
}

/// Proof that `inspect` ran over head and body as far as the Operation declares them.
#[must_use]
#[derive(Debug)]
pub struct Inspected {
    stamp: Stamp,
}

impl Inspected {
    pub(crate) fn of(stamp: Stamp) -> Self {
        Inspected { stamp }
    }
}

/// Proof that the Decision lets this Request out. Forwarding consumes it.
#[must_use]
#[derive(Debug)]
pub struct Cleared {
    stamp: Stamp,
}

impl Cleared {
    /// Of which Exchange and Policy.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    pub(crate) fn spend(self) -> Stamp {
        self.stamp
    }
}

/// What `clear` gives: the way out, the places of concurrency limits to hold until the Exchange
/// closes, and the state of the rates.
#[derive(Debug)]
pub(crate) struct Clearance {
    pub(crate) cleared: Cleared,
    pub(crate) permits: Vec<Permit>,
    pub(crate) quotas: Vec<Quota>,
}

/// The proofs of one Exchange as they come in.
#[derive(Debug, Default)]
pub(crate) struct Proofs {
    pub(crate) matched: Option<Matched>,
    pub(crate) identified: Option<Identified>,
    pub(crate) limited: Option<Limited>,
    pub(crate) authorized: Option<Authorized>,
    pub(crate) inspected: Option<Inspected>,
}

/// The one maker of `Cleared`: the Decision forwards, every proof is there, and all of them belong
/// to this Exchange under this Policy.
pub(crate) fn clear(decision: &Decision, proofs: Proofs, stamp: Stamp) -> Option<Clearance> {
    let Proofs {
        matched,
        identified,
        limited,
        authorized,
        inspected,
    } = proofs;
    let stamps = [
        matched?.stamp,
        identified?.stamp(),
        limited.as_ref()?.stamp(),
        authorized?.stamp(),
        inspected?.stamp,
    ];
    if !decision.forwards() || stamps.iter().any(|other| *other != stamp) {
        return None;
    }
    let (permits, quotas) = limited?.into_permits();
    Some(Clearance {
        cleared: Cleared { stamp },
        permits,
        quotas,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::Code;
    use crate::decision::{Location, Place, Reason};
    use crate::time::ExchangeId;

    fn stamp(exchange: u128, policy: u8) -> Stamp {
        Stamp {
            exchange: ExchangeId(exchange),
            policy: [policy; 32],
        }
    }

    fn proofs(stamp: Stamp) -> Proofs {
        Proofs {
            matched: Some(Matched::of(stamp)),
            identified: Some(Identified::shadowed(stamp)),
            limited: Some(Limited::shadowed(stamp)),
            authorized: Some(Authorized::shadowed(stamp)),
            inspected: Some(Inspected::of(stamp)),
        }
    }

    #[test]
    fn all_proofs_of_one_exchange_clear_an_allowed_request() {
        let decision = Decision::combine(Vec::new());
        assert!(clear(&decision, proofs(stamp(1, 1)), stamp(1, 1)).is_some());
    }

    #[test]
    fn a_foreign_or_missing_proof_clears_nothing() {
        let decision = Decision::combine(Vec::new());
        for other in [stamp(2, 1), stamp(1, 2)] {
            let mixed = Proofs {
                matched: Some(Matched::of(other)),
                ..proofs(stamp(1, 1))
            };
            assert!(clear(&decision, mixed, stamp(1, 1)).is_none());
        }
        let missing = Proofs {
            inspected: None,
            ..proofs(stamp(1, 1))
        };
        assert!(clear(&decision, missing, stamp(1, 1)).is_none());
    }

    #[test]
    fn an_enforced_deny_clears_nothing_whatever_proofs_there_are() {
        let reason = Reason::new(Code::LimitRate, Place::of(Location::Connection));
        let decision = Decision::combine(vec![reason]);
        assert!(clear(&decision, proofs(stamp(1, 1)), stamp(1, 1)).is_none());
    }
}
