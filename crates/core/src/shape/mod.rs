//! Responses against their promise: undeclared fields, and error bodies that tell internals.

mod apply;
mod plan;
mod scrub;

pub use apply::{Shaping, Undeclared};
pub use plan::{PlanId, Shapes};
pub use scrub::{Internals, Told, scrub};
