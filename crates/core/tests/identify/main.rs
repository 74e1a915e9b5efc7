//! Attacks on identify (signatures, keys, claims, HTTP, caches, security), each refused with its
//! code, and their good-traffic twins. Keys are made at test time.
#![allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails loudly, and makes its own keys"
)]

mod caches;
mod claims;
mod cost;
mod http;
mod keys;
mod security;
mod signature;
mod world;
