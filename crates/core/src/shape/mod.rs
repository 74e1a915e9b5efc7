//! Responses against their promise: undeclared fields, and error bodies that tell internals.

mod apply;
mod classify;
mod plan;
mod scrub;

pub use apply::{Cut, Cuts, Found, Shaping, What};
pub use plan::{PlanId, Shapes};
pub use scrub::{Internals, Told, scrub};
