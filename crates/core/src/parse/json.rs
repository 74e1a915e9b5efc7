//! Strict JSON (RFC 8259) to a flat tape.
