//! Policy: the immutable hashed snapshot of all that the gateway decides by.

pub mod form;
