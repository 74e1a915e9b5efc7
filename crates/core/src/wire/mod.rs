//! Strict HTTP/1.1: bytes to events and events to bytes, for both sides (RFC 9112). One parser
//! decides the framing that the Exchange, the inspection and the forwarding all use.

mod body;
mod body_writer;
mod chunks;
mod class;
mod extension;
mod facts;
mod fault;
pub(crate) mod fields;
pub mod head;
mod lines;
pub(crate) mod number;
mod parts;
mod request_reader;
mod response_head;
mod response_reader;
mod start_line;
#[cfg(test)]
mod tests;
mod trailers;

pub use body_writer::{BodyWriter, WrongLength};
pub use fault::{Limits, WireFault};
pub use head::{Buffers, Framing, RequestHead, ResponseHead, Version};
pub use request_reader::{Phase, RequestEvent, RequestReader};
pub use response_head::usual_reason;
pub use response_reader::{ResponseEvent, ResponseReader};
pub use trailers::Trailers;
