//! Attacks on identify (identity.md section 13, families 1, 2, 3, 5, 6), each refused with its
//! code, and their good-traffic twins. Keys are made at test time.
#![allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails loudly, and makes its own keys"
)]

mod caches;
mod claims;
mod http;
mod keys;
mod security;
mod signature;
mod world;
