//! What is taken out of a Response: by `shape`, less what stands in shadow or is excepted.

use super::Exchange;
use crate::codes::Code;
use crate::decision::{Location, Place, Reason, Stage, Standing};
use crate::operation::OperationIndex;
use crate::parse::MediaType;
use crate::policy::form::Undeclared;
use crate::policy::{Media, Policy, Response, Shape};
use crate::shape::{Cut, Cuts};
use crate::wire::head::ResponseHead;

/// The rules by which values of one body stay or go.
#[derive(Debug)]
pub(super) struct Rules<'p> {
    policy: &'p Policy,
    operation: Option<OperationIndex>,
    without: Option<Code>,
    /// JSON Pointer of the value that is looked at.
    under: String,
}

impl Rules<'_> {
    /// Calls `work` with what is to be cut.
    pub(super) fn with<T>(&self, work: impl FnOnce(Cuts<'_>) -> T) -> T {
        let undeclared = |pointer: &str| self.goes(Code::ShapeUndeclaredField, pointer);
        let secret = |pointer: &str| self.goes(Code::ShapeSecretField, pointer);
        work(Cuts {
            undeclared: self.cut(Code::ShapeUndeclaredField, &undeclared),
            secret: self.cut(Code::ShapeSecretField, &secret),
        })
    }

    fn cut<'c>(&self, code: Code, goes: &'c dyn Fn(&str) -> bool) -> Cut<'c> {
        let is_removed = self.policy.shape_of(self.operation).acts(code) == Undeclared::Remove;
        let is_shadow = self.policy.modes_of(self.operation).is_shadow(Stage::Shape);
        if !is_removed || is_shadow || self.without == Some(code) {
            return Cut::None;
        }
        match self.policy.has_exception(self.operation, code) {
            true => Cut::At(goes),
            false => Cut::All,
        }
    }

    fn goes(&self, code: Code, pointer: &str) -> bool {
        let place = Place::at(Location::ResponseBody, format!("{}{pointer}", self.under));
        let reason = Reason::new(code, place);
        !self.policy.excepts(self.operation, ("", ""), &reason)
    }
}

/// What is done where a body cannot be looked at: it may hold secrets that must not go out.
pub(super) fn acts_unseen(shape: &Shape, media: Option<&Media>, code: Code) -> Undeclared {
    let may_hold = media.is_some_and(|media| media.holds_secrets);
    match code {
        Code::ShapeBodyUnreadable if may_hold && shape.secrets != Undeclared::Pass => {
            Undeclared::Refuse
        }
        _ => shape.acts(code),
    }
}

impl Exchange {
    /// The rules for a body whose value stands at `under`.
    pub(super) fn rules<'p>(&self, policy: &'p Policy, under: String) -> Rules<'p> {
        Rules {
            policy,
            operation: self.operation,
            without: self.without,
            under,
        }
    }

    /// The path as a record may show it, where the description hides a part of it.
    pub(super) fn shown_path(&self) -> Option<Box<str>> {
        let operation = self.policy.operation(self.operation?)?;
        let segments = self.path.split('/').skip(1);
        if !operation.classes.hides_path() {
            return None;
        }
        let is_whole = self
            .request
            .as_ref()
            .is_some_and(|request| request.segments().count() == segments.clone().count());
        if !is_whole {
            // What stands where cannot be told: the template says what was meant.
            return Some(operation.template.as_str().into());
        }
        let hidden: Vec<usize> = self
            .captures
            .iter()
            .filter(|capture| operation.hides_capture(capture))
            .map(|capture| capture.segment)
            .collect();
        let shown = segments.enumerate().map(|(place, segment)| {
            if hidden.contains(&place) {
                "[masked]"
            } else {
                segment
            }
        });
        let mut path = String::new();
        for segment in shown {
            path.push('/');
            path.push_str(segment);
        }
        Some(path.into())
    }

    /// A body that may hold secrets, of which none could be taken out. True = the response is
    /// refused.
    pub(super) fn hides_uncut(
        &mut self,
        (head, sent): (&ResponseHead, Option<&MediaType>),
        declared: &Response,
        shape: &Shape,
    ) -> bool {
        if !self.has_reply_body(head) || !declared.media.holds_uncut(sent) {
            return false;
        }
        let media = declared.media.select(sent);
        let source = media.map_or(&declared.source, |media| &media.source);
        let reason = Reason::new(Code::ShapeSecretField, Place::of(Location::ResponseBody))
            .expected("JSON, out of which fields of class `secret` can be taken")
            .source(source);
        let standing = (shape.secrets == Undeclared::Pass).then_some(Standing::Excepted);
        self.find(reason, standing) == Standing::Enforced
    }

    /// Headers whose class is `secret`: taken out. True = the response is refused.
    pub(super) fn cut_headers(
        &mut self,
        head: &mut ResponseHead,
        declared: &Response,
        shape: &Shape,
    ) -> bool {
        let mut is_refused = false;
        for name in declared.headers.secrets() {
            if head.value(name).is_none() {
                continue;
            }
            let place = Place::named(Location::ResponseHeader, name.clone());
            let reason = Reason::new(Code::ShapeSecretField, place)
                .expected("no header of class `secret`")
                .source(&declared.source);
            let standing = (shape.secrets == Undeclared::Pass).then_some(Standing::Excepted);
            if self.find(reason, standing) == Standing::Enforced {
                is_refused |= shape.secrets == Undeclared::Refuse;
                head.retain(|known, _| !known.eq_ignore_ascii_case(name.as_bytes()));
            }
        }
        is_refused
    }
}
