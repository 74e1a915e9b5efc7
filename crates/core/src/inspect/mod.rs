//! The contract: parameters and bodies against the API description.

mod errors;
mod event;
mod formats;
pub mod heads;
pub mod items;
mod links;
mod node;
pub mod ordered;
pub mod parameters;
pub mod part_rule;
pub(crate) mod reference;
pub mod request_body;
mod request_parts;
pub mod response_body;
pub mod response_item;
pub mod schema;
mod sequence;
#[doc(hidden)]
pub mod testing;
mod walk;
pub mod xml;
