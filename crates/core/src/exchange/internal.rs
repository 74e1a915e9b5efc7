//! Internal Operations: for callers out of the networks of `internal`; to everybody else they look
//! as if they were not declared, in their own answers and in those of the paths they share.

use super::Exchange;
use crate::budget::Spent;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::operation::{Match, OperationIndex};
use crate::parse::Request;

impl Exchange {
    /// Whether this Operation is kept from this caller. Cost: O(networks).
    pub(super) fn is_kept_from_caller(&self, operation: OperationIndex) -> bool {
        let known = self.policy.operation(operation);
        known.is_some_and(|known| known.internal.is_some()) && !self.policy.is_internal(self.peer)
    }

    /// What is left of `found` in the eyes of this caller: methods that are kept from it are not
    /// named. A kept Operation itself stays found; `hide` gives the reason against it.
    pub(super) fn seen(&mut self, found: Match, request: &Request) -> Result<Match, Spent> {
        let Match::Methods(methods) = found else {
            return Ok(found);
        };
        if !self.policy.has_internal() {
            return Ok(Match::Methods(methods));
        }
        let mut kept = Vec::new();
        for method in methods {
            let of = self
                .policy
                .find_method(&method, request, &mut self.budget)?;
            match of {
                Match::Found(index, _) if self.is_kept_from_caller(index) => {}
                _ => kept.push(method),
            }
        }
        Ok(if kept.is_empty() {
            Match::Nothing
        } else {
            Match::Methods(kept)
        })
    }

    /// The reason against an Operation that is kept from this caller.
    pub(super) fn hide(
        &mut self,
        operation: OperationIndex,
        request: &Request,
    ) -> Result<Option<Reason>, Spent> {
        if !self.is_kept_from_caller(operation) {
            return Ok(None);
        }
        // No method is empty: what comes back is what the path declares.
        let others = self.policy.find_method("", request, &mut self.budget)?;
        let code = match self.seen(others, request)? {
            Match::Methods(methods) => {
                self.extras.allow = methods.join(", ");
                Code::MatchInternalMethod
            }
            Match::Found(..) | Match::Nothing => Code::MatchInternal,
        };
        let known = self.policy.operation(operation);
        let source = known.and_then(|known| known.internal.clone());
        let reason = Reason::new(code, Place::of(Location::Target))
            .value(&self.path)
            .expected(self.policy.internal_words())
            .source(&source.unwrap_or_default());
        Ok(Some(reason))
    }
}
