//! Policy and the code table.

use std::sync::Arc;

use bartizan_core::codes::{Class, Code};
use bartizan_core::decision::{Location, Place, Reason, Standing};
use bartizan_core::policy;
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::replay::code;

create_exception!(
    bartizan._core,
    PolicyFault,
    PyValueError,
    "A form that cannot be a Policy: (message, document, pointer)."
);

/// An immutable, hashed snapshot of all that is decided by.
#[pyclass(frozen, module = "bartizan._core")]
pub struct Policy(pub Arc<policy::Policy>);

#[pymethods]
impl Policy {
    #[staticmethod]
    fn load(py: Python<'_>, form: &[u8]) -> PyResult<Self> {
        let built = py.detach(|| policy::Policy::load(form));
        built.map(|built| Policy(Arc::new(built))).map_err(|fault| {
            PolicyFault::new_err((fault.message, fault.source.document, fault.source.pointer))
        })
    }

    #[getter]
    fn hash(&self) -> &str {
        self.0.hash_hex()
    }

    #[getter]
    fn operations(&self) -> Vec<&str> {
        self.0
            .operations()
            .iter()
            .map(|operation| operation.id.as_str())
            .collect()
    }

    #[getter]
    fn issuers(&self) -> Vec<&str> {
        self.0
            .issuers()
            .iter()
            .map(|issuer| issuer.id.as_str())
            .collect()
    }

    #[getter]
    fn unrepresentable(&self) -> Vec<(&str, &str)> {
        let each = self.0.operations().iter();
        each.flat_map(|operation| {
            operation
                .unrepresentable
                .iter()
                .map(|why| (operation.id.as_str(), why.as_str()))
        })
        .collect()
    }

    /// place: location, name and JSON Pointer, as in Events.
    fn standing(
        &self,
        operation: &str,
        route: (&str, &str),
        rule: &str,
        place: (&str, &str, &str),
    ) -> PyResult<Option<&'static str>> {
        let (location, name, pointer) = place;
        let location = Location::named(location)
            .ok_or_else(|| PyValueError::new_err(format!("`{location}` is not a location")))?;
        let place = Place {
            name: name.to_owned().into(),
            pointer: pointer.to_owned().into(),
            ..Place::of(location)
        };
        let reason = Reason::new(code(rule)?, place);
        let found = self.0.recorded_standing(operation, route, &reason);
        Ok(found.map(Standing::name))
    }

    /// Document, pointer and reason of each schema that XML cannot be held against.
    #[getter]
    fn unmapped(&self) -> Vec<(Option<u16>, &str, &str)> {
        let bodies = self.0.operations().iter();
        let each = bodies.filter_map(|operation| operation.body.as_ref());
        each.flat_map(|body| body.media.unmapped())
            .map(|one| (one.source.document, one.source.pointer.as_str(), one.why))
            .collect()
    }

    fn __repr__(&self) -> String {
        format!(
            "<Policy {}>",
            self.0.hash_hex().get(..12).unwrap_or_default()
        )
    }
}

type Row = (&'static str, &'static str, &'static str, u16, &'static str);

/// Every reason code: name, stage, class, status, title.
#[pyfunction]
pub fn codes() -> Vec<Row> {
    let row = |code: &Code| {
        (
            code.name(),
            code.stage().name(),
            class(*code),
            code.status(),
            code.title(),
        )
    };
    Code::ALL.iter().map(row).collect()
}

fn class(code: Code) -> &'static str {
    match code.class() {
        Class::Content => "content",
        Class::Contract => "contract",
        Class::Credential => "credential",
        Class::Framing => "framing",
        Class::Internal => "internal",
        Class::Quota => "quota",
        Class::Response => "response",
    }
}
