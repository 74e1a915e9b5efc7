//! A driver makes the proofs of stages that did not run.
//~ E0624
use bartizan_core::authorize::Authorized;
use bartizan_core::identify::Identified;
use bartizan_core::limit::Limited;
use bartizan_core::proof::{Inspected, Matched};
use bartizan_core::stamp::Stamp;
use bartizan_core::time::ExchangeId;

fn main() {
    let stamp = Stamp { exchange: ExchangeId(1), policy: [0; 32] };
    let _ = Matched::of(stamp);
    let _ = Inspected::of(stamp);
    let _ = Identified::shadowed(stamp);
    let _ = Limited::shadowed(stamp);
    let _ = Authorized::shadowed(stamp);
}
