//! Head stages, in the order of the river: parse, match, limit(address), identify,
//! limit(principal), authorize, and the head half of inspect.

use std::sync::Arc;

use super::view::View;
use super::{Ask, AskReply, Exchange, Forward, ForwardBody, State, Step, names};
use crate::answer::prefers_page;
use crate::authorize::{Authorized, authorize, require_meant};
use crate::budget::Spent;
use crate::codes::Code;
use crate::cors;
use crate::decision::{Decision, Location, Place, Reason, Standing};
use crate::identify::challenge::challenges;
use crate::identify::{Identified, Identity, Principal, identify};
use crate::limit::{Arrived, Caller, Exceeded, Limited, limit, limit_arrival};
use crate::operation::Match;
use crate::parse::{Parts, Request, parse_parts};
use crate::peer::client_address;
use crate::proof::{Clearance, Inspected, Matched, clear};
use crate::time::Now;
use crate::wire::head::RequestHead;

impl Exchange {
    /// Feeds the head. Cost: O(head), drawn from the Budget.
    pub fn head(&mut self, head: RequestHead, now: Now) -> Step {
        (self.method, self.path) = names(&head);
        if let Some(kept) = &mut self.kept {
            kept.head(&head);
        }
        let parts = Parts {
            method: head.method(),
            target: head.target(),
            fields: head.fields(),
        };
        let request = parse_parts(
            parts,
            &self.policy.rules,
            &self.policy.bounds,
            &mut self.budget,
        );
        let Ok(found) = self.find_operation(&request) else {
            return self.spent();
        };
        self.api = self.policy.api_of(&request);
        self.see(&head);
        let Ok(mut found) = self.seen(found, &request) else {
            return self.spent();
        };
        self.is_preflight = self.match_preflight(&head, &request, &found);
        if let Match::Found(operation, captures) = &mut found {
            self.operation = Some(*operation);
            self.captures = std::mem::take(captures);
        }
        if self.keep_from_caller(&request).is_err() {
            return self.spent();
        }
        let faults_stop = self.report_faults(&request);
        self.request = Some(Box::new(request));
        self.head = Some(head);
        if faults_stop || self.report_match(found) {
            return Step::Answer(self.answer());
        }
        if self.is_preflight {
            return self.preflight(now);
        }
        if self.limit_address(now) {
            return Step::Answer(self.answer());
        }
        self.identify(now)
    }

    /// Feeds the reply to the `Ask` that is open.
    pub fn answered(&mut self, reply: AskReply, now: Now) -> Step {
        let State::Asking(ask) = std::mem::replace(&mut self.state, State::Fresh) else {
            return Step::Answer(self.fault());
        };
        let Ask::Keys { issuer, .. } = ask;
        self.has_asked = true;
        match reply {
            AskReply::Done => self.identify(now),
            AskReply::Failed => {
                let source = self.policy.issuer_source(issuer);
                let place = Place::named(Location::Header, "authorization");
                let reason = Reason::new(Code::IdentifyKeysUnavailable, place).source(&source);
                self.unidentified(vec![reason], now)
            }
        }
    }

    /// By path templates, or as the router of the app says.
    fn find_operation(&mut self, request: &Request) -> Result<Match, Spent> {
        let found = self.policy.find(request, &mut self.budget)?;
        Ok(match (self.routed, found) {
            (None, found) => found,
            (Some(routed), found) => self.policy.routed(routed.operation, found, request),
        })
    }

    /// Who calls, and from which origin.
    fn see(&mut self, head: &RequestHead) {
        let forwarded = head.values("x-forwarded-for");
        self.peer = client_address(self.peer, forwarded, &self.policy.trusted_proxies);
        // Kept for answers after the forward too, when the head is gone.
        self.extras.html = prefers_page(head.values("accept"));
        if self.policy.cors.is_some() {
            let origin = head
                .value("origin")
                .and_then(|value| std::str::from_utf8(value).ok());
            self.origin = origin.map(Into::into);
        }
    }

    fn spent(&mut self) -> Step {
        Step::Answer(self.refuse(Reason::new(
            Code::InternalBudget,
            Place::of(Location::Connection),
        )))
    }

    /// A preflight stands in for the Operation that it asks about.
    fn match_preflight(&mut self, head: &RequestHead, request: &Request, found: &Match) -> bool {
        let Some(method) = cors::preflight_method(head) else {
            return false;
        };
        if matches!(found, Match::Found(..)) {
            return false;
        }
        let asked = match self.routed {
            Some(routed) => Ok(self.policy.routed(routed.asked, Match::Nothing, request)),
            None => self.policy.find_method(method, request, &mut self.budget),
        };
        match asked {
            Ok(Match::Found(operation, _)) => {
                self.operation = Some(operation);
                true
            }
            _ => false,
        }
    }

    /// Keeps the reason against an Operation that is not for this caller.
    fn keep_from_caller(&mut self, request: &Request) -> Result<(), Spent> {
        if let Some(operation) = self.operation {
            self.kept_from = self.hide(operation, request)?.map(Box::new);
        }
        Ok(())
    }

    fn report_faults(&mut self, request: &Request) -> bool {
        let mut stops = false;
        // A kept Operation looks undeclared in every other respect, too.
        let is_disguised = self
            .kept_from
            .as_ref()
            .is_some_and(|reason| self.standing(reason) == Standing::Enforced);
        let operation = self.operation.filter(|_| !is_disguised);
        for fault in &request.faults {
            if !self.policy.relaxes(operation, fault.code) {
                stops |= self.report(fault.clone());
            }
        }
        stops
    }

    fn report_match(&mut self, found: Match) -> bool {
        let target = || Place::of(Location::Target);
        let reason = match found {
            _ if self.kept_from.is_some() => self.kept_from.take().map(|reason| *reason),
            _ if self.is_preflight => None,
            Match::Found(index, _) => self.policy.operation(index).and_then(|operation| {
                operation.unrepresentable.first().map(|why| {
                    Reason::new(Code::MatchUnrepresentable, target())
                        .expected(why.clone())
                        .source(&operation.source)
                })
            }),
            Match::Methods(methods) => {
                let allow = methods.join(", ");
                let reason = Reason::new(Code::MatchUnknownMethod, target())
                    .value(&self.method)
                    .expected(format!("one of {allow}"))
                    .source(&self.policy.document_source(self.api));
                self.extras.allow = allow;
                Some(reason)
            }
            Match::Nothing => Some(
                Reason::new(Code::MatchUnknownPath, target())
                    .value(&self.path)
                    .source(&self.policy.document_source(self.api)),
            ),
        };
        if self.api.is_none() {
            return self.goes_nowhere(reason);
        }
        let stops = reason.is_some_and(|reason| self.report(reason));
        self.proofs.matched = Some(Matched::of(self.stamp()));
        stops
    }

    /// No API is behind this host and path: there is nowhere to send it, in shadow neither.
    fn goes_nowhere(&mut self, reason: Option<Reason>) -> bool {
        let nowhere = || Reason::new(Code::MatchUnknownPath, Place::of(Location::Target));
        let mut reason = reason.unwrap_or_else(nowhere);
        reason.standing = Standing::Enforced;
        self.reasons
            .push(reason.expected("the host and path prefix of an API"));
        true
    }

    fn preflight(&mut self, now: Now) -> Step {
        let policy = Arc::clone(&self.policy);
        let answer = policy.cors.as_ref().and_then(|cors| {
            let head = self.head.as_ref()?;
            Some(cors.answer_preflight(head, policy.operation(self.operation?)?))
        });
        match answer {
            Some(answer) => {
                let decision = Decision::combine(std::mem::take(&mut self.reasons));
                self.decide(decision);
                self.state = State::Over;
                Step::Answer(self.told(answer))
            }
            None => {
                self.proofs.identified = Some(Identified::shadowed(self.stamp()));
                self.proofs.limited = Some(Limited::shadowed(self.stamp()));
                self.proofs.authorized = Some(Authorized::shadowed(self.stamp()));
                self.plan_body(now)
            }
        }
    }

    /// Limits that need no Principal.
    fn limit_address(&mut self, now: Now) -> bool {
        let nobody = Principal::anonymous();
        let found = limit_arrival(
            (&self.policy.limits, self.policy.limits_of(self.operation)),
            &self.live.limits,
            self.caller(&nobody),
            self.stamp(),
            now,
        );
        match found {
            Ok(arrived) => {
                self.arrived = Some(arrived);
                false
            }
            Err(exceeded) => {
                self.arrived = Some(Arrived::shadowed(self.stamp()));
                self.exceeded(exceeded)
            }
        }
    }

    /// Limits that count by Principal.
    fn limit_principal(&mut self, principal: &Principal, now: Now) -> bool {
        let arrived = self
            .arrived
            .take()
            .unwrap_or_else(|| Arrived::shadowed(self.stamp()));
        let which = (&self.policy.limits, self.policy.limits_of(self.operation));
        let caller = self.caller(principal);
        match limit(arrived, which, &self.live.limits, caller, now) {
            Ok(limited) => {
                self.proofs.limited = Some(limited);
                false
            }
            Err(exceeded) => {
                self.proofs.limited = Some(Limited::shadowed(self.stamp()));
                self.exceeded(exceeded)
            }
        }
    }

    fn caller<'c>(&'c self, principal: &'c Principal) -> Caller<'c> {
        let operation = self
            .operation
            .and_then(|index| self.policy.operation(index));
        let operation = operation.map_or("", |operation| operation.id.as_str());
        Caller {
            address: self.peer,
            principal,
            operation,
        }
    }

    fn exceeded(&mut self, exceeded: Exceeded) -> bool {
        let mut stops = false;
        for reason in exceeded.reasons {
            stops |= self.report(reason);
        }
        if stops {
            self.extras.retry_after_s = Some(exceeded.retry_after_s);
            self.quotas = exceeded.quotas;
        }
        stops
    }

    fn identify(&mut self, now: Now) -> Step {
        let stamp = self.stamp();
        let security = self.policy.security_of(self.operation);
        if let Some(principal) = &self.presumed {
            let identified = Identified::recorded(stamp, principal.clone(), security);
            return self.authorize(identified, now);
        }
        let (Some(head), Some(request)) = (&self.head, &self.request) else {
            return Step::Answer(self.fault());
        };
        let found = identify(
            &View {
                head,
                request,
                client: self.peer,
            },
            (&self.policy.security, security),
            &self.live,
            stamp,
            (now, !self.has_asked),
            &mut self.budget,
        );
        match found {
            Identity::Identified(identified) => self.authorize(identified, now),
            Identity::NeedKeys { issuer, kid } => {
                if self.budget.ask().is_err() {
                    return self.spent();
                }
                let ask = Ask::Keys { issuer, kid };
                self.state = State::Asking(ask.clone());
                Step::Ask(ask)
            }
            Identity::Refused(reasons) => self.unidentified(reasons, now),
        }
    }

    /// Refused by identify: an answer, or on as nobody where the control stands in shadow.
    fn unidentified(&mut self, reasons: Vec<Reason>, now: Now) -> Step {
        if let Some(first) = reasons.first() {
            self.challenge(first.code);
        }
        let mut stops = false;
        for reason in reasons {
            stops |= self.report(reason);
        }
        if stops {
            return Step::Answer(self.answer());
        }
        self.is_unproven = true;
        self.authorize(Identified::shadowed(self.stamp()), now)
    }

    /// What the answer to a refused credential asks for.
    fn challenge(&mut self, code: Code) {
        let security = self.policy.security_of(self.operation);
        self.extras.challenges = challenges(&self.policy.security, security, code);
    }

    fn authorize(&mut self, identified: Identified, now: Now) -> Step {
        self.principal = Some(identified.principal().clone());
        self.stripped = identified.strip().to_vec();
        if self.limit_principal(identified.principal(), now) {
            return Step::Answer(self.answer());
        }
        // Whoever identify let through in shadow has one reason already; scopes add no second.
        let authorized = if self.is_unproven {
            Authorized::shadowed(self.stamp())
        } else {
            let policy = &*self.policy;
            let security = policy.security_of(self.operation);
            let operation = self.operation.and_then(|index| policy.operation(index));
            let called = operation.map_or("", |operation| &operation.id);
            let meant = require_meant(&identified, &policy.security, called);
            match meant.and_then(|()| authorize(&identified, &policy.security, security)) {
                Ok(authorized) => authorized,
                Err(reason) => {
                    self.challenge(reason.code);
                    if self.report(*reason) {
                        return Step::Answer(self.answer());
                    }
                    Authorized::shadowed(self.stamp())
                }
            }
        };
        self.proofs.identified = Some(identified);
        self.proofs.authorized = Some(authorized);
        if self.check_cross_site() || self.inspect_parameters() {
            return Step::Answer(self.answer());
        }
        self.plan_body(now)
    }

    /// Whether another site's page may have made the Request.
    fn check_cross_site(&mut self) -> bool {
        let policy = &*self.policy;
        let (Some(csrf), Some(head), Some(request)) = (&policy.csrf, &self.head, &self.request)
        else {
            return false;
        };
        let reason = if self.is_socket {
            csrf.check_socket(head, request)
        } else {
            let security = policy.security_of(self.operation);
            csrf.check((head, &**request, &policy.security, security))
        };
        reason.is_some_and(|reason| self.report(reason))
    }

    /// Every declared parameter against its schema.
    fn inspect_parameters(&mut self) -> bool {
        let policy = &*self.policy;
        let (Some(head), Some(request), Some(operation)) = (
            &self.head,
            &self.request,
            self.operation.and_then(|index| policy.operation(index)),
        ) else {
            return false;
        };
        let reasons = operation.declared.inspect(
            (head, request),
            &self.captures,
            &policy.schemas,
            &policy.bounds,
            &mut self.budget,
        );
        self.report_all(reasons)
    }

    /// All stages are through: the Decision, and what it lets out.
    pub(super) fn forward(&mut self, body: ForwardBody, now: Now) -> Step {
        let decision = Decision::combine(std::mem::take(&mut self.reasons));
        let mut proofs = std::mem::take(&mut self.proofs);
        proofs.inspected = Some(Inspected::of(self.stamp()));
        let cleared = clear(&decision, proofs, self.stamp()).zip(self.api);
        let Some(((clearance, api), mut head)) =
            cleared.and_then(|cleared| Some((cleared, self.head.take()?)))
        else {
            self.reasons = decision.reasons;
            return Step::Answer(self.fault());
        };
        let Clearance {
            cleared,
            permits,
            quotas,
        } = clearance;
        self.permits = permits;
        if !self
            .policy
            .modes_of(self.operation)
            .is_shadow(crate::decision::Stage::Limit)
        {
            self.quotas = quotas;
        }
        self.rewrite(&mut head, &decision);
        self.decide(decision);
        self.state = State::Forwarded;
        self.forwarded = now;
        Step::Forward(Box::new(Forward {
            cleared,
            api,
            head,
            body,
        }))
    }
}
