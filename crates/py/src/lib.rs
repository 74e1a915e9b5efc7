//! The border: conversion between Python and the core, nothing else.
use pyo3::prelude::*;

/// The compiled half of the package `bartizan`.
#[pymodule]
mod native {
    use super::*;

    /// The version of the compiled core, equal to the version of the package.
    #[pyfunction]
    fn version() -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}
