//! Bytes to the one canonical `Request` view, which match, limits, inspection and forwarding all
//! use; and the strict readers of bodies. A fault never stops a reader: the view is best effort.

pub mod coding;
pub mod cookies;
pub mod fields;
pub mod form;
pub mod forward;
pub mod host;
pub mod json;
pub mod media;
pub mod multipart;
pub mod part;
pub mod percent;
pub mod request;
pub mod rules;
pub mod target;
pub mod text;
pub mod xml;

use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::decision::{Location, Place};
use crate::wire::head::RequestHead;

pub use forward::{Origin, Rewrite, forward_head};
pub use media::MediaType;
pub use request::{Coding, Cookie, Pair, Request, Segment};
pub use rules::{CodeSet, ParseRules};

/// One head as the parser needs it, whatever mount it came through.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'h, Fields> {
    /// The method token.
    pub method: &'h [u8],
    /// The target as sent.
    pub target: &'h [u8],
    /// Name and value of every field, in order.
    pub fields: Fields,
}

/// `parse_parts` of a head that the codec read.
pub fn parse_head(
    head: &RequestHead,
    rules: &ParseRules,
    bounds: &Bounds,
    budget: &mut Budget,
) -> Request {
    let parts = Parts {
        method: head.method(),
        target: head.target(),
        fields: head.fields(),
    };
    parse_parts(parts, rules, bounds, budget)
}

/// The canonical view of one head, with every fault that `rules` does not relax.
///
/// The view does not depend on `rules`: a relaxed thing is read as in the best-effort view, so
/// faults that an Operation relaxes can be taken out after `match_operation`.
/// Faults: at most `bounds.errors_max`, in the order target, fields, host, cookies. A spent Budget
/// is the fault `internal.budget`.
/// Cost: O(head bytes), drawn from `budget`; about 4 allocations for a plain GET.
pub fn parse_parts<'h, Fields>(
    parts: Parts<'h, Fields>,
    rules: &ParseRules,
    bounds: &Bounds,
    budget: &mut Budget,
) -> Request
where
    Fields: Iterator<Item = (&'h [u8], &'h [u8])>,
{
    let mut request = Request::empty(parts.target.len());
    let mut faults = rules::Faults::new(&rules.relaxed, bounds.errors_max);
    if budget
        .take(
            parts
                .target
                .len()
                .saturating_add(parts.fields.size_hint().0),
        )
        .is_err()
    {
        faults.add(Code::InternalBudget, Place::of(Location::Connection));
    }
    let authority = target::read_target(parts.target, &mut request, bounds, &mut faults);
    request.method = request.store(std::str::from_utf8(parts.method).unwrap_or(""));
    let seen = fields::read_fields(parts.fields, &mut request, bounds, &mut faults);
    if budget.take(seen.bytes).is_err() {
        faults.add(Code::InternalBudget, Place::of(Location::Connection));
    }
    host::read_host(seen.host, authority, rules, &mut request, &mut faults);
    request.faults = faults.list;
    request
}

#[cfg(test)]
mod checklist;
