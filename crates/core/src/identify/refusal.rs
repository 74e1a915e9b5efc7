//! Why a credential is refused: a code and what would pass. Nothing out of the credential, but the
//! audience of a token whose signature holds.

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
    /// What a verified credential says of itself, where that helps and is no secret.
    pub told: Option<String>,
}

impl Refusal {
    pub(crate) fn new(code: Code, expected: impl Into<Cow<'static, str>>) -> Self {
        Refusal {
            code,
            expected: expected.into(),
            told: None,
        }
    }

    /// Adds a claim of a credential whose signature holds.
    pub(crate) fn told(mut self, claim: String) -> Self {
        self.told = Some(claim);
        self
    }

    pub(crate) fn reason(self, place: Place, source: &Source) -> Reason {
        let reason = Reason::new(self.code, place)
            .expected(self.expected)
            .source(source);
        match self.told {
            Some(claim) => reason.value(&claim),
            None => reason,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Location;

    #[test]
    fn a_refusal_becomes_a_reason_at_its_place_that_shows_no_value() {
        let source = Source {
            document: Some(0),
            pointer: "/auth/issuers/0".to_owned(),
        };
        let place = Place::named(Location::Header, "authorization");
        let refusal = Refusal::new(Code::IdentifyExpired, "a token that has not expired");
        let reason = refusal.reason(place.clone(), &source);
        assert_eq!(
            (reason.code, &reason.place),
            (Code::IdentifyExpired, &place)
        );
        assert_eq!(reason.expected, "a token that has not expired");
        assert_eq!(reason.source, source);
        assert_eq!((reason.value.as_deref(), reason.span), (None, None));
    }
}
