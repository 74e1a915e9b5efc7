//! Why a credential is refused: a code and what would pass. Never anything out of the credential.

use std::borrow::Cow;

use crate::codes::Code;
use crate::decision::{Place, Reason, Source};

/// One refusal, before it is put to its place in the Request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What.
    pub code: Code,
    /// What is accepted instead; for the owner.
    pub expected: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(code: Code, expected: impl Into<Cow<'static, str>>) -> Self {
        Refusal {
            code,
            expected: expected.into(),
        }
    }

    pub(crate) fn reason(self, place: Place, source: &Source) -> Reason {
        Reason::new(self.code, place)
            .expected(self.expected)
            .source(source)
    }
}
