//! The Request as `identify` sees it: exactly one value for each name, or none, or many.

use crate::identify::credential::{CredentialView, Found};
use crate::parse::Request;
use crate::wire::head::RequestHead;

/// Head and canonical view of one Request.
pub(super) struct View<'x> {
    pub(super) head: &'x RequestHead,
    pub(super) request: &'x Request,
}

fn only<'v>(mut values: impl Iterator<Item = &'v [u8]>) -> Found<'v> {
    match (values.next(), values.next()) {
        (None, _) => Found::None,
        (Some(value), None) => Found::One(value),
        (Some(_), Some(_)) => Found::Many,
    }
}

impl CredentialView for View<'_> {
    fn header(&self, name: &str) -> Found<'_> {
        only(
            self.head
                .fields()
                .filter(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()))
                .map(|(_, value)| value),
        )
    }

    fn query(&self, name: &str) -> Found<'_> {
        only(
            self.request
                .pairs()
                .filter(|pair| pair.name == name)
                .map(|pair| pair.value.as_bytes()),
        )
    }

    fn cookie(&self, name: &str) -> Found<'_> {
        only(
            self.request
                .cookies()
                .filter(|cookie| cookie.name == name)
                .map(|cookie| cookie.value.as_bytes()),
        )
    }
}
