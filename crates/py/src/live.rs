//! Live: what changes while a Policy stands.

use std::sync::Arc;

use bartizan_core::live;
use bartizan_core::secret::Secret;
use bartizan_core::time::Now;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::policy::Policy;

/// Limit table, verified tokens, key sets and API keys.
#[pyclass(frozen, module = "bartizan._core")]
pub struct Live(pub Arc<live::Live>);

#[pymethods]
impl Live {
    #[new]
    #[pyo3(signature = (policy, seed, pepper=None, before=None))]
    fn new(
        policy: &Policy,
        seed: [u8; 16],
        pepper: Option<Vec<u8>>,
        before: Option<&Live>,
    ) -> PyResult<Self> {
        let pepper = pepper.map(Secret::new);
        let parts = live::LiveParts {
            security: policy.0.security(),
            api_keys: policy.0.api_keys(),
            pepper: pepper.as_ref(),
            limit_table: policy.0.limit_table(),
            seed,
        };
        let built = live::Live::build(parts, before.map(|live| &*live.0));
        built
            .map(|live| Live(Arc::new(live)))
            .map_err(|fault| PyValueError::new_err(fault.message))
    }

    fn stand(&self, standing: &[u8], unix_s: u64) -> PyResult<()> {
        self.0
            .stand(standing, unix_s)
            .map_err(PyValueError::new_err)
    }

    fn take_used(&self) -> Vec<(String, u64)> {
        self.0.issued.take_used()
    }

    fn take_moved(&self) -> Vec<(String, String)> {
        self.0.issued.take_moved()
    }

    fn load_keys(&self, issuer: u16, keys: &[u8], unix_ms: u64) -> PyResult<usize> {
        let now = Now {
            unix_ms,
            mono_us: 0,
        };
        let loaded = self.0.keys.replace(issuer, keys, now);
        loaded
            .map(|set| set.len())
            .map_err(|fault| PyValueError::new_err(fault.title()))
    }
}

/// Lower-case hex of HMAC-SHA-256(pepper, key), as `auth.api_keys` holds it.
#[pyfunction]
pub fn hash_api_key(pepper: &[u8], key: &[u8]) -> String {
    bartizan_core::identify::api_key::hash_api_key(&Secret::new(pepper.to_vec()), key)
}
