//! Exchange: one Request from head to close, as one state machine under every driver.
//!
//! Drivers feed bytes and time and carry out what comes back; they hold no stage tokens. Every
//! Exchange gives exactly one Decision and one closing Event.

mod body;
mod cuts;
mod head;
mod internal;
mod items;
mod keep;
mod query;
mod reply;
mod rewrite;
mod socket;
#[cfg(test)]
mod tests;
mod view;
mod withhold;

use std::net::IpAddr;
use std::sync::Arc;

use crate::answer::{Answer, Extras};
use crate::budget::Budget;
use crate::codes::Code;
use crate::decision::{Decision, Location, Place, Reason, Standing};
use crate::event::{Event, Outcome, shown};
use crate::identify::Principal;
use crate::limit::{Arrived, Limits, Permit, Quota, write_policy, write_state};
use crate::live::Live;
use crate::operation::{Capture, OperationIndex};
use crate::parse::Request;
use crate::policy::{ApiIndex, Policy};
use crate::proof::{Cleared, Proofs};
use crate::stamp::Stamp;
use crate::time::{ExchangeId, Now};
use crate::wire::head::{RequestHead, ResponseHead};
use crate::wire::{Limits as WireLimits, WireFault};

use body::BodyPlan;
use reply::ReplyPlan;
pub use withhold::Withheld;

/// What the driver does next with the Request.
#[derive(Debug)]
pub enum Step {
    /// Feed the next chunk of the body, or its end.
    More,
    /// Look this up and call `answered`.
    Ask(Ask),
    /// Send it on.
    Forward(Box<Forward>),
    /// Send this to the client; the Request goes nowhere.
    Answer(Answer),
}

/// A look-up that the Decision needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Fresh keys of the issuer with this index in the Policy, because of this `kid`.
    Keys {
        /// Index into the Policy's issuers.
        issuer: u16,
        /// The unknown key id, if the token names one.
        kid: Option<String>,
    },
}

/// The reply to an `Ask`.
#[derive(Debug)]
pub enum AskReply {
    /// It failed, was late, or nobody could look it up.
    Failed,
    /// The look-up is through: what could be had stands in `Live` now.
    Done,
}

/// A Request that may go on. The one way to its head and body consumes the `Cleared`.
#[derive(Debug)]
pub struct Forward {
    cleared: Cleared,
    api: ApiIndex,
    head: RequestHead,
    body: ForwardBody,
}

/// The body of a Request that goes on.
#[derive(Debug)]
pub enum ForwardBody {
    /// None.
    Empty,
    /// What has arrived so far; the rest is streamed by the driver, each piece through `stream`.
    Stream(Vec<u8>),
    /// All of it, as inspected.
    Whole(Vec<u8>),
}

impl Forward {
    /// The API that it goes to.
    #[must_use]
    pub fn api(&self) -> ApiIndex {
        self.api
    }

    /// Head and body to send, at the price of the `Cleared`.
    #[must_use]
    pub fn into_parts(self) -> (RequestHead, ForwardBody) {
        self.cleared.spend();
        (self.head, self.body)
    }
}

/// What the driver does next with the Response.
#[derive(Debug)]
pub enum Reply {
    /// The answer is complete as sent.
    Done,
    /// Send this head; body chunks are sent as `reply_chunk` says.
    Head(ResponseHead),
    /// Nothing to send yet.
    Hold,
    /// Send this chunk as it came.
    Pass,
    /// Send these bytes, and then the answer is complete.
    Finish(Vec<u8>),
    /// Send these bytes in place of the chunk.
    Send(Vec<u8>),
    /// Send this head; what follows is altered, so that its length is not known.
    Stream(ResponseHead),
    /// Send this whole answer.
    Release {
        /// Its head, without framing fields.
        head: ResponseHead,
        /// Its body.
        body: Vec<u8>,
    },
    /// Send this in place of the Response.
    Replace(Answer),
}

/// How the upstream failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpstreamFailure {
    /// Malformed HTTP.
    BadResponse,
    /// Not reachable.
    Connect,
    /// Too many wait for a connection.
    Queue,
    /// Silent for too long.
    Timeout,
    /// Closed in the middle.
    Truncated,
}

/// The body that streams on is over its cap: the Exchange must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breach;

/// Where the router of an app sends a Request; None: nowhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Routed {
    /// The Operation behind its method and path.
    pub operation: Option<OperationIndex>,
    /// The Operation that a preflight asks about.
    pub asked: Option<OperationIndex>,
}

#[derive(Debug)]
enum State {
    /// Nothing has come.
    Fresh,
    /// Waits for a look-up.
    Asking(Ask),
    /// Head stages are through; the body is taken in.
    Body,
    /// Forwarded; the Request may still stream.
    Forwarded,
    /// The Response is under way.
    Replying,
    /// Answered or answered for; nothing more to decide.
    Over,
}

/// One Request and its Response. See the module.
#[derive(Debug)]
pub struct Exchange {
    policy: Arc<Policy>,
    live: Arc<Live>,
    peer: IpAddr,
    id: ExchangeId,
    opened: Now,
    forwarded: Now,
    budget: Budget,
    without: Option<Code>,
    presumed: Option<Principal>,
    state: State,
    head: Option<RequestHead>,
    request: Option<Box<Request>>,
    api: Option<ApiIndex>,
    operation: Option<OperationIndex>,
    captures: Vec<Capture>,
    is_preflight: bool,
    is_socket: bool,
    kept_from: Option<Box<Reason>>,
    routed: Option<Routed>,
    principal: Option<Principal>,
    stripped: Vec<u16>,
    arrived: Option<Arrived>,
    proofs: Proofs,
    origin: Option<Box<str>>,
    is_decoded: bool,
    is_unproven: bool,
    has_asked: bool,
    withheld: Option<withhold::Refusal>,
    permits: Vec<Permit>,
    body_plan: BodyPlan,
    body: Vec<u8>,
    reply_plan: ReplyPlan,
    reasons: Vec<Reason>,
    findings: Vec<Reason>,
    extras: Extras,
    /// Told to the client, where limits are enforced.
    quotas: Vec<Quota>,
    decision: Option<Decision>,
    method: Box<str>,
    path: Box<str>,
    status: u16,
    upstream_status: u16,
    upstream_us: u64,
    bytes_in: u64,
    bytes_out: u64,
    kept: Option<Box<keep::Kept>>,
}

impl Exchange {
    /// Opens an Exchange; `policy` and `live` are pinned for its whole life. It is large and stays
    /// in one place until it closes. Cost: O(1).
    #[must_use]
    pub fn open(
        policy: Arc<Policy>,
        live: Arc<Live>,
        peer: IpAddr,
        id: ExchangeId,
        now: Now,
    ) -> Box<Self> {
        let budget = Budget::new(&policy.bounds);
        Box::new(Exchange {
            policy,
            live,
            peer,
            id,
            opened: now,
            forwarded: now,
            budget,
            without: None,
            presumed: None,
            state: State::Fresh,
            head: None,
            request: None,
            api: None,
            operation: None,
            captures: Vec::new(),
            is_preflight: false,
            is_socket: false,
            kept_from: None,
            routed: None,
            principal: None,
            stripped: Vec::new(),
            arrived: None,
            proofs: Proofs::default(),
            origin: None,
            is_decoded: false,
            is_unproven: false,
            has_asked: false,
            withheld: None,
            permits: Vec::new(),
            body_plan: BodyPlan::Empty,
            body: Vec::new(),
            reply_plan: ReplyPlan::Pass,
            reasons: Vec::new(),
            findings: Vec::new(),
            extras: Extras::default(),
            quotas: Vec::new(),
            decision: None,
            method: Box::default(),
            path: Box::default(),
            status: 0,
            upstream_status: 0,
            upstream_us: 0,
            bytes_in: 0,
            bytes_out: 0,
            kept: None,
        })
    }

    /// For replay alone: one check taken out, and a Principal as a fact in place of its secret.
    pub(crate) fn replays(&mut self, without: Option<Code>, presumed: Option<Principal>) {
        self.without = without;
        self.presumed = presumed;
    }

    /// What the router of the app says of this Request, in place of path templates: a mount calls it
    /// before `head`.
    pub fn route(&mut self, routed: Routed) {
        self.routed = Some(routed);
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            exchange: self.id,
            policy: self.policy.hash(),
        }
    }

    /// Its reference id.
    #[must_use]
    pub fn id(&self) -> ExchangeId {
        self.id
    }

    /// Bounds for the reader of this connection.
    #[must_use]
    pub fn wire_limits(&self) -> WireLimits {
        self.policy.wire_limits()
    }

    /// The one Decision, once it is made.
    #[must_use]
    pub fn decision(&self) -> Option<&Decision> {
        self.decision.as_ref()
    }

    /// Malformed input on the wire, a head or body deadline included: answered, and the
    /// connection closes. After a forward it is a closing fact, not a second Decision.
    pub fn wire_fault(&mut self, fault: WireFault) -> Answer {
        let at = usize::try_from(fault.at).unwrap_or(usize::MAX);
        let reason =
            Reason::new(fault.code, Place::of(Location::Connection)).span(at, at.saturating_add(1));
        self.refuse(reason)
    }

    /// A bug of ours stopped a stage: 500 where nothing was sent yet.
    pub fn fault(&mut self) -> Answer {
        self.refuse(Reason::new(
            Code::InternalFault,
            Place::of(Location::Connection),
        ))
    }

    /// Adds a reason with its standing, and says whether it stops the Request.
    fn report(&mut self, mut reason: Reason) -> bool {
        if self.without == Some(reason.code) {
            return false;
        }
        reason.standing = self.standing(&reason);
        let stops = reason.standing == Standing::Enforced;
        self.reasons.push(reason);
        stops
    }

    /// Reports each; whether any of them stops.
    fn report_all(&mut self, reasons: Vec<Reason>) -> bool {
        let mut stops = false;
        for reason in reasons {
            stops |= self.report(reason);
        }
        stops
    }

    /// Adds what was found after the Decision.
    fn find(&mut self, mut reason: Reason, standing: Option<Standing>) -> Standing {
        if self.without == Some(reason.code) {
            return Standing::Excepted;
        }
        reason.standing = standing.unwrap_or_else(|| self.standing(&reason));
        let found = reason.standing;
        self.findings.push(reason);
        found
    }

    fn standing(&self, reason: &Reason) -> Standing {
        let route = (&*self.method, &*self.path);
        self.policy.standing(self.operation, route, reason)
    }

    /// Ends with this reason in front of what was found so far.
    fn refuse(&mut self, reason: Reason) -> Answer {
        if self.decision.is_some() {
            self.find(reason.clone(), Some(Standing::Enforced));
            self.state = State::Over;
            return Answer::refusal(&Decision::combine(vec![reason]), self.id, Extras::default());
        }
        self.report(reason);
        self.answer()
    }

    /// Makes the Decision out of what stands and the answer out of the Decision.
    fn answer(&mut self) -> Answer {
        let decision = Decision::combine(std::mem::take(&mut self.reasons));
        let mut extras = std::mem::take(&mut self.extras);
        extras.fields.extend(self.rate_fields());
        let answer = Answer::refusal(&decision, self.id, extras);
        self.decide(decision);
        self.state = State::Over;
        self.told(answer)
    }

    /// `RateLimit-Policy` and `RateLimit`, where a rate was counted.
    fn rate_fields(&mut self) -> Vec<(&'static str, String)> {
        let (quotas, limits) = (std::mem::take(&mut self.quotas), &self.policy.limits);
        let text = |write: fn(&Limits, &[Quota], &mut Vec<u8>)| {
            let mut out = Vec::new();
            write(limits, &quotas, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        };
        if quotas.is_empty() {
            return Vec::new();
        }
        vec![
            ("ratelimit-policy", text(write_policy)),
            ("ratelimit", text(write_state)),
        ]
    }

    fn decide(&mut self, decision: Decision) {
        if self.decision.is_none() {
            self.decision = Some(decision);
        }
    }

    /// Books an answer of ours as what the client gets.
    fn told(&mut self, answer: Answer) -> Answer {
        self.status = answer.status;
        self.bytes_out = u64::try_from(answer.body.len()).unwrap_or(u64::MAX);
        answer
    }

    /// Ends the Exchange. An undecided one is a deny: by the client that left, or by a fault.
    #[must_use]
    pub fn close(mut self: Box<Self>, outcome: Outcome, now: Now) -> Event {
        if self.decision.is_none() {
            let code = match outcome {
                Outcome::ClientLeft | Outcome::TimedOut | Outcome::WoundDown => Code::InternalLeft,
                Outcome::Complete | Outcome::Fault | Outcome::UpstreamFailed => Code::InternalFault,
            };
            self.report(Reason::new(code, Place::of(Location::Connection)));
            let decision = Decision::combine(std::mem::take(&mut self.reasons));
            self.decide(decision);
        }
        self.record(outcome, now)
    }

    fn record(self: Box<Self>, outcome: Outcome, now: Now) -> Event {
        let path = self.shown_path();
        let decision = self
            .decision
            .unwrap_or_else(|| Decision::combine(Vec::new()));
        let mut event = Event {
            id: self.id,
            time_ms: self.opened.unix_ms,
            policy: self.policy,
            peer: self.peer,
            method: self.method,
            path: path.unwrap_or(self.path),
            query: Box::default(),
            operation: self.operation,
            principal: self.principal,
            decision,
            status: self.status,
            upstream_status: self.upstream_status,
            outcome,
            findings: self.findings,
            repeats: 0,
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
            duration_us: now.since_us(self.opened),
            upstream_us: self.upstream_us,
        };
        event.mask();
        if let Some(request) = self.request.filter(|_| event.is_notable()) {
            let hides = |place: &Place| event.policy.hides(event.operation, place);
            let is_known = |name: &str| event.policy.may_name(event.operation, name);
            event.query = query::shown_query(&request, is_known, hides);
        }
        event
    }

    /// Counts body bytes of the Response that went out.
    pub fn sent(&mut self, bytes: usize) {
        self.bytes_out = self
            .bytes_out
            .saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }
}

/// Method and path of a head as the Event shows them.
fn names(head: &RequestHead) -> (Box<str>, Box<str>) {
    let path = head
        .target()
        .split(|byte| matches!(byte, b'?' | b'#'))
        .next()
        .unwrap_or_default();
    (shown(head.method()), shown(path))
}
