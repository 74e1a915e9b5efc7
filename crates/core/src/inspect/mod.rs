//! The contract: parameters and bodies against the API description.

mod errors;
mod event;
mod formats;
pub mod heads;
pub mod items;
mod links;
mod node;
pub mod parameters;
pub(crate) mod reference;
pub mod request_body;
pub mod response_body;
pub mod response_item;
pub mod schema;
mod sequence;
#[doc(hidden)]
pub mod testing;
mod walk;
pub mod xml;
