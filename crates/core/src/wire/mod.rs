//! Strict HTTP/1.1: bytes to events and events to bytes, for both sides (RFC 9112). One parser
//! decides the framing that the Exchange, the inspection and the forwarding all use.

mod class;
mod facts;
mod fault;
mod fields;
#[expect(dead_code, reason = "for the readers and the writer, which follow")]
pub mod head;
#[expect(dead_code, reason = "for the readers and the writer, which follow")]
mod lines;
#[expect(dead_code, reason = "for the readers and the writer, which follow")]
mod number;
mod parts;
mod response_head;
mod start_line;

pub use fault::{Limits, WireFault};
pub use head::{Buffers, Framing, RequestHead, ResponseHead, Version};
pub use response_head::usual_reason;
