//! How a reason stands under a Policy, found just now or recorded under another one.

use super::Policy;
use crate::codes::{Class, Code};
use crate::decision::{Reason, Standing};
use crate::operation::OperationIndex;

impl Policy {
    /// Whether a reason counts, and whether it is acted upon. route: method and path.
    pub(crate) fn standing(
        &self,
        operation: Option<OperationIndex>,
        route: (&str, &str),
        reason: &Reason,
    ) -> Standing {
        match reason.code.class() {
            Class::Framing | Class::Internal => Standing::Enforced,
            _ if self.excepts(operation, route, reason) => Standing::Excepted,
            _ if self.modes_of(operation).is_shadow(reason.code.stage()) => Standing::Shadow,
            _ => Standing::Enforced,
        }
    }

    /// As `standing`, of a recorded reason; `None` where its rule is relaxed now, so that it is not
    /// found any more. operation: id, empty where none matched; one that is gone tells nothing.
    /// Cost: O(operations + exceptions).
    #[must_use]
    pub fn recorded_standing(
        &self,
        operation: &str,
        route: (&str, &str),
        reason: &Reason,
    ) -> Option<Standing> {
        let index = self.operations.iter().position(|one| one.id == operation);
        if index.is_none() && !operation.is_empty() {
            return Some(Standing::Enforced);
        }
        let index = index.and_then(|index| OperationIndex::try_from(index).ok());
        if self.leaves_out(index, reason.code) {
            return None;
        }
        Some(self.standing(index, route, reason))
    }

    fn leaves_out(&self, operation: Option<OperationIndex>, code: Code) -> bool {
        code.class() == Class::Content
            && (self.rules.relaxes(code) || self.relaxes(operation, code))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::decision::{Location, Place};
    use crate::policy::testing::{form, load, operation};

    fn policy() -> std::sync::Arc<Policy> {
        let mut form = form();
        let mut own = operation("POST", "/a");
        own["relax"] = json!(["parse.semicolon"]);
        own["controls"] = json!({"authorize": "shadow"});
        form["operations"] = json!([own, operation("POST", "/b")]);
        form["exceptions"] = json!([{"rule": "inspect.body-schema", "operation": "POST /a",
            "path": "", "field": "body#/email", "source": {"document": 0}}]);
        load(&form)
    }

    fn stands(operation: &str, code: Code, pointer: &'static str) -> Option<Standing> {
        let reason = Reason::new(code, Place::at(Location::Body, pointer));
        policy().recorded_standing(operation, ("POST", "/a"), &reason)
    }

    #[test]
    fn a_recorded_reason_is_held_against_exceptions_relaxed_rules_and_modes() {
        let schema = Code::InspectBodySchema;
        assert_eq!(
            stands("POST /a", schema, "/email"),
            Some(Standing::Excepted)
        );
        assert_eq!(stands("POST /a", schema, "/name"), Some(Standing::Enforced));
        assert_eq!(
            stands("POST /b", schema, "/email"),
            Some(Standing::Enforced)
        );
        assert_eq!(stands("POST /a", Code::ParseSemicolon, ""), None);
        assert_eq!(
            stands("POST /b", Code::ParseSemicolon, ""),
            Some(Standing::Enforced)
        );
        assert_eq!(
            stands("POST /a", Code::AuthorizeScope, ""),
            Some(Standing::Shadow)
        );
    }

    #[test]
    fn an_operation_that_is_gone_and_a_fault_of_framing_stand() {
        for (operation, code) in [
            ("POST /gone", Code::InspectBodySchema),
            ("", Code::MatchUnknownPath),
            ("POST /a", Code::WireBadChunk),
        ] {
            assert_eq!(stands(operation, code, "/email"), Some(Standing::Enforced));
        }
    }
}
