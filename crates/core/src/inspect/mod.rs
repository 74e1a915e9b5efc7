//! The contract: parameters and bodies against the API description.

mod errors;
mod formats;
mod node;
pub mod parameters;
pub mod schema;
#[doc(hidden)]
pub mod testing;
mod walk;
