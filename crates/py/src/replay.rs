//! Replay of captures.

use bartizan_core::codes::Code;
use bartizan_core::replay::{BadCapture, Capture};
use bartizan_core::time::ExchangeId;
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::live::Live;
use crate::policy::Policy;

create_exception!(
    bartizan._core,
    Unread,
    PyValueError,
    "The Policy reads a body that the capture does not hold."
);

/// The closing Event as JSON; body and header fields as the client would have got them.
type Replayed = (Vec<u8>, Option<Vec<u8>>, Vec<(Vec<u8>, Vec<u8>)>);

/// Judges one capture.
#[pyfunction]
#[pyo3(signature = (policy, live, capture, *, number=0, without=None))]
pub fn replay(
    py: Python<'_>,
    policy: &Policy,
    live: &Live,
    capture: &[u8],
    number: u64,
    without: Option<&str>,
) -> PyResult<Replayed> {
    let without = without.map(code).transpose()?;
    let id = ExchangeId(u128::from(number));
    let replayed = py.detach(|| Capture::read(capture)?.replay(&policy.0, &live.0, id, without));
    let replayed = replayed.map_err(|bad| match bad {
        BadCapture::Unread => Unread::new_err(bad.to_string()),
        BadCapture::Form(reason) => PyValueError::new_err(reason),
    })?;
    let mut event = Vec::new();
    replayed.event.to_json(&mut event);
    Ok((event, replayed.body, replayed.fields))
}

/// The code of that name. Raises ValueError.
pub(crate) fn code(name: &str) -> PyResult<Code> {
    Code::named(name).ok_or_else(|| PyValueError::new_err(format!("`{name}` is not a rule")))
}
