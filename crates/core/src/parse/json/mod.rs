//! Strict JSON (RFC 8259) to a flat tape. What mainstream parsers read in two ways is refused:
//! repeated keys, integers that f64 cannot tell apart, lone surrogates, prototype keys.

mod builder;
mod fault;
mod keys;
pub(crate) mod number;
mod parser;
mod strings;
mod tape;
#[cfg(test)]
mod tests;

pub use builder::TapeBuilder;
pub use fault::{JsonFault, JsonRules};
pub use parser::parse_json;
#[cfg(test)]
pub(crate) use tape::narrow;
pub(crate) use tape::read_token;
pub use tape::{Elements, Kind, Members, NodeId, Tape, push_token};
