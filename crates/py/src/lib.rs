//! The border: conversion between Python and the core, nothing else.

mod exchange;
mod gateway;
mod live;
mod policy;
mod replay;

use pyo3::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The compiled half of the package `bartizan`.
#[pymodule]
mod native {
    use super::*;

    #[pymodule_export]
    use super::exchange::{Exchange, Reply, Step};
    #[pymodule_export]
    use super::gateway::run;
    #[pymodule_export]
    use super::live::{Live, hash_api_key};
    #[pymodule_export]
    use super::policy::{Policy, PolicyFault, codes};
    #[pymodule_export]
    use super::replay::{Unread, replay};

    /// The version of the compiled core, equal to the version of the package.
    #[pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
