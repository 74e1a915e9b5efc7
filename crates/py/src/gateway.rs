//! The one call that becomes the gateway process.

use pyo3::prelude::*;

/// Runs the gateway until it has wound down; 0, or the exit code of the one line on stderr.
/// The interpreter is not needed again: no Python runs on the request path.
#[pyfunction]
pub fn run(py: Python<'_>, options: &[u8]) -> u8 {
    match py.detach(|| bartizan_edge::run(options)) {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            error.exit_code()
        }
    }
}
