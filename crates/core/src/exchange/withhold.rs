//! The last part of `authorize` behind a mount: only the app knows whose an object is. What it does
//! not give out joins the one Decision, and then no other answer than its refusal goes out.

use super::reply::sent_media;
use super::{Exchange, Reply, State};
use crate::answer::Answer;
use crate::codes::Code;
use crate::decision::{Decision, Location, Place, Reason, Source, Standing};
use crate::identify::Principal;
use crate::wire::head::ResponseHead;

/// An object that the app does not give out.
#[derive(Clone, Copy, Debug)]
pub struct Withheld<'w> {
    /// Why: a code of `authorize`.
    pub code: Code,
    /// Name of the path parameter with its id; empty where the app took it from elsewhere.
    pub parameter: &'w str,
    /// The id.
    pub id: &'w str,
    /// What would have been enough.
    pub expected: &'w str,
    /// `file:line` of the declaration in the app's code.
    pub declared: &'w str,
    /// Status of the refusal.
    pub status: u16,
    /// The declaration stands in shadow, whatever the Policy says.
    pub is_shadow: bool,
    /// The app's words for the refusal go out whatever they are, not as JSON only.
    pub keeps_words: bool,
}

/// What alone may go out where an object is withheld.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    keeps_words: bool,
}

impl Withheld<'_> {
    fn reason(&self) -> Reason {
        let place = if self.parameter.is_empty() {
            Place::of(Location::Connection)
        } else {
            Place::named(Location::Path, self.parameter.to_owned())
        };
        let source = Source {
            document: Some(Source::CODE),
            pointer: self.declared.to_owned(),
        };
        Reason::new(self.code, place)
            .value(self.id)
            .expected(self.expected)
            .source(&source)
    }
}

impl Exchange {
    /// Who asks, once `identify` is through.
    #[must_use]
    pub fn principal(&self) -> Option<&Principal> {
        self.principal.as_ref()
    }

    /// Takes this Principal as a fact in place of its secret: for replay and for an app's own tests.
    /// Call it before `head`.
    pub fn presume(&mut self, principal: Principal) {
        self.presumed = Some(principal);
    }

    /// The framework of the app has authenticated the caller, who is known from now on by that.
    /// False = not taken: `identify` is not through, or has proven somebody, who stays.
    pub fn vouch(&mut self, framework: &str, subject: &str) -> bool {
        let is_open = |principal: &Principal| !principal.is_proven();
        if subject.is_empty() || !self.principal.as_ref().is_some_and(is_open) {
            return false;
        }
        self.principal = Some(Principal::framework(framework, subject));
        self.is_unproven = false;
        true
    }

    /// The app does not give out an object. True = it must refuse; false = recorded in shadow, or a
    /// written exception covers it. Whoever `identify` let through in shadow is not stopped here.
    /// Cost: O(reasons).
    pub fn withhold(&mut self, withheld: &Withheld<'_>) -> bool {
        let mut reason = withheld.reason();
        reason.standing = match self.standing(&reason) {
            Standing::Enforced if withheld.is_shadow || self.is_unproven => Standing::Shadow,
            standing => standing,
        };
        let standing = reason.standing;
        let decision = self.decision.take();
        let mut reasons = decision.map_or_else(Vec::new, |decision| decision.reasons);
        let leads = !reasons
            .iter()
            .any(|other| other.standing != Standing::Excepted);
        reasons.push(reason);
        reasons.sort_by_key(|reason| reason.code.stage());
        let mut decision = Decision::combine(reasons);
        if standing == Standing::Enforced || (leads && standing == Standing::Shadow) {
            decision.status = withheld.status;
        }
        self.decision = Some(decision);
        if standing == Standing::Enforced {
            self.withheld = Some(Refusal {
                status: withheld.status,
                keeps_words: withheld.keeps_words,
            });
        }
        standing == Standing::Enforced
    }

    /// The refusal that stands in for what an app sends although it must not.
    pub fn withheld_answer(&mut self) -> Option<Answer> {
        self.withheld?;
        let extras = std::mem::take(&mut self.extras);
        let answer = Answer::refusal(self.decision.as_ref()?, self.id, extras);
        self.state = State::Over;
        Some(self.told(answer))
    }

    /// A Response under way that is not the refusal.
    pub(super) fn contradicted(&mut self) -> Option<Reply> {
        if self.withheld?.status == self.status {
            return None;
        }
        self.withheld_answer().map(Reply::Replace)
    }

    /// The app's own words for its refusal go out where clients of an API can read them, with no
    /// contract held against them; anything else is replaced.
    pub(super) fn reply_withheld(&mut self, mut head: ResponseHead, refusal: Refusal) -> Reply {
        let is_read = refusal.keeps_words || sent_media(&head).is_some_and(|media| media.is_json());
        if !(is_read && head.status() == refusal.status)
            && let Some(answer) = self.withheld_answer()
        {
            return Reply::Replace(answer);
        }
        self.finish_head(&mut head);
        Reply::Head(head)
    }
}
