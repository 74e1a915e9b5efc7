//! Strict HTTP/1.1: bytes to events and events to bytes, for both sides (RFC 9112). One parser
//! decides the framing that the Exchange, the inspection and the forwarding all use.

pub mod head;
