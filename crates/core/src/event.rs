//! Event: the immutable fact that closes every Exchange, and the bounded ring it goes through.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use crate::codes::{Class, Code};
use crate::decision::{Decision, Place, Reason, Verdict};
use crate::identify::Principal;
use crate::json_out::{Object, push_list, push_number, push_string};
use crate::mask::mask;
use crate::policy::{Operation, Policy};
use crate::time::ExchangeId;

/// Longest method and path kept, in bytes.
const PATH_MAX_BYTES: usize = 256;

/// How an Exchange ended on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client left before it had its answer.
    ClientLeft,
    /// The answer went out whole.
    Complete,
    /// A bug of ours, or the driver dropped the Exchange.
    Fault,
    /// A deadline passed.
    TimedOut,
    /// The upstream failed before or in the middle of its answer.
    UpstreamFailed,
    /// The gateway wound down.
    WoundDown,
}

impl Outcome {
    /// Lower-case name, as in Events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::ClientLeft => "client-left",
            Outcome::Complete => "complete",
            Outcome::Fault => "fault",
            Outcome::TimedOut => "timed-out",
            Outcome::UpstreamFailed => "upstream-failed",
            Outcome::WoundDown => "wound-down",
        }
    }
}

/// The closing fact of one Exchange. Values in reasons are masked when it is made.
#[derive(Clone, Debug)]
pub struct Event {
    /// Reference id.
    pub id: ExchangeId,
    /// When the Exchange opened, milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// The Policy it was judged by; names its Operation.
    pub policy: Arc<Policy>,
    /// Address of the caller.
    pub peer: IpAddr,
    /// Method as sent, cut.
    pub method: Box<str>,
    /// Path as sent, without query, cut, invalid UTF-8 replaced.
    pub path: Box<str>,
    /// Query, decoded, masked and cut; empty for a clean pass.
    pub query: Box<str>,
    /// Index of the Operation in the Policy.
    pub operation: Option<u32>,
    /// Who asked, where it is known.
    pub principal: Option<Principal>,
    /// The one Decision.
    pub decision: Decision,
    /// Status that the client got; 0 = none.
    pub status: u16,
    /// Status that the API gave; 0 = none.
    pub upstream_status: u16,
    /// How it ended.
    pub outcome: Outcome,
    /// What `shape` found in the Response, and breaches after the Decision.
    pub findings: Vec<Reason>,
    /// Clean passes with the same first finding since the last one that was kept.
    pub repeats: u32,
    /// Body bytes from the client.
    pub bytes_in: u64,
    /// Body bytes to the client.
    pub bytes_out: u64,
    /// From open to close, microseconds.
    pub duration_us: u64,
    /// From forward to the end of the upstream's head, microseconds.
    pub upstream_us: u64,
}

/// Cuts a text of our own making.
pub(crate) fn shown_cut(text: &str) -> Box<str> {
    let mut end = text.len().min(PATH_MAX_BYTES);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    text.get(..end).unwrap_or_default().into()
}

/// Cuts and cleans a method or path.
#[must_use]
pub fn shown(raw: &[u8]) -> Box<str> {
    let cut = raw.get(..raw.len().min(PATH_MAX_BYTES)).unwrap_or_default();
    match std::str::from_utf8(cut) {
        Ok(text) => text.into(),
        Err(_) => String::from_utf8_lossy(cut).into(),
    }
}

impl Event {
    /// Masks every value, by name and by what the description says of it. Called once, by
    /// `record`.
    pub(crate) fn mask(&mut self) {
        let Event {
            policy,
            operation,
            decision,
            findings,
            ..
        } = self;
        let hides = |place: &Place| policy.hides(*operation, place);
        for reason in decision.reasons.iter_mut().chain(findings) {
            mask(reason, hides);
            if let Some(pointer) = policy.without_names(*operation, &reason.place) {
                reason.place.pointer = pointer.into();
            }
        }
    }

    /// Whether it is kept for `explain`: anything but a clean pass.
    #[must_use]
    pub fn is_notable(&self) -> bool {
        self.decision.verdict != Verdict::Allow
            || !self.decision.reasons.is_empty()
            || !self.findings.is_empty()
    }

    /// What stands for all Exchanges that were let through with this same finding; `None` for
    /// anything that must be kept one by one.
    #[must_use]
    pub fn repeated(&self) -> Option<(u32, Code, &str)> {
        let is_clean = self.decision.verdict == Verdict::Allow && self.decision.reasons.is_empty();
        let first = self.findings.first().filter(|_| is_clean)?;
        let is_shape = first.code.class() == Class::Response;
        is_shape.then(|| {
            (
                self.operation.unwrap_or(u32::MAX),
                first.code,
                &*first.place.pointer,
            )
        })
    }

    /// Id of the Operation, `None` where no declared one matched.
    #[must_use]
    pub fn operation_id(&self) -> Option<&str> {
        self.known_operation().map(|found| found.id.as_str())
    }

    fn known_operation(&self) -> Option<&Operation> {
        self.operation
            .and_then(|index| self.policy.operation(index))
    }

    /// Appends one line of JSON without line end. Cost: O(size), about 0.5 us for a clean pass.
    pub fn to_json(&self, out: &mut Vec<u8>) {
        let mut object = Object::open(out);
        object
            .raw("id", |out| push_display(out, self.id))
            .number("time_ms", self.time_ms)
            .string(
                "policy",
                self.policy.hash_hex().get(..16).unwrap_or_default(),
            )
            .raw("peer", |out| push_display(out, self.peer))
            .string("method", &self.method)
            .string("path", &self.path)
            .text("query", &self.query);
        if let Some(operation) = self.known_operation() {
            object
                .string("operation", &operation.id)
                .text("owner", &operation.owner);
            if !operation.classes.named.is_empty() {
                let named = operation.classes.named.iter().map(|class| class.name());
                object.raw("data", |out| push_list(out, named, push_string));
            }
        }
        if let Some(principal) = &self.principal {
            object.raw("principal", |out| push_principal(out, principal));
        }
        object
            .string("verdict", self.decision.verdict.name())
            .string("enforcement", self.decision.enforcement.name())
            .number("status", u64::from(self.status));
        for (name, status) in [
            ("decided_status", self.decision.status),
            ("upstream_status", self.upstream_status),
        ] {
            if status != 0 {
                object.number(name, u64::from(status));
            }
        }
        object.string("outcome", self.outcome.name());
        if self.is_notable() {
            let all = self.decision.reasons.iter().chain(&self.findings);
            object.raw("reasons", |out| push_list(out, all, push_reason));
        }
        if self.repeats > 0 {
            object.number("repeats", u64::from(self.repeats));
        }
        object
            .number("bytes_in", self.bytes_in)
            .number("bytes_out", self.bytes_out)
            .number("duration_us", self.duration_us)
            .number("upstream_us", self.upstream_us);
        object.close();
    }
}

/// For values whose text holds nothing that JSON escapes.
fn push_display(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    use std::io::Write as _;
    // Writing to a Vec cannot fail.
    let _ = write!(out, "\"{value}\"");
}

fn push_principal(out: &mut Vec<u8>, principal: &Principal) {
    let mut object = Object::open(out);
    object
        .string("kind", principal.kind().name())
        .text("issuer", principal.issuer())
        .text("subject", principal.subject());
    object.close();
}

fn push_reason(out: &mut Vec<u8>, reason: &Reason) {
    let mut object = Object::open(out);
    object
        .string("code", reason.code.name())
        .string("stage", reason.code.stage().name())
        .string("in", reason.place.location.name())
        .text("name", &reason.place.name)
        .text("pointer", &reason.place.pointer);
    if let Some(value) = &reason.value {
        object.string("value", value);
    }
    if let Some((start, end)) = reason.span {
        let ends = [u64::from(start), u64::from(end)];
        object.raw("span", |out| push_list(out, ends, push_number));
    }
    object.text("expected", &reason.expected);
    if let Some(document) = reason.source.document {
        object
            .number("document", u64::from(document))
            .string("source", &reason.source.pointer);
    }
    object.string("standing", reason.standing.name());
    object.close();
}

/// A bounded queue of Events between a worker and the one who sends them on. When it is full the
/// new Event is dropped and counted: emitted = drained + dropped + still in it.
#[derive(Debug)]
pub struct Ring {
    events: VecDeque<Event>,
    capacity: usize,
    emitted: u64,
    dropped: u64,
}

impl Ring {
    /// An empty ring for at most `capacity` Events.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Ring {
            events: VecDeque::new(),
            capacity,
            emitted: 0,
            dropped: 0,
        }
    }

    /// Puts one Event in, or counts its drop.
    pub fn push(&mut self, event: Event) {
        self.emitted = self.emitted.saturating_add(1);
        if self.events.len() < self.capacity {
            self.events.push_back(event);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Takes out at most `most` Events, oldest first.
    pub fn drain(&mut self, most: usize) -> Vec<Event> {
        let count = most.min(self.events.len());
        let mut taken = Vec::with_capacity(count);
        taken.extend(std::iter::from_fn(|| self.events.pop_front()).take(count));
        taken
    }

    /// Events in it now.
    #[must_use]
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Events ever pushed, and those of them dropped.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.emitted, self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::codes::Code;
    use crate::decision::{Location, Place};
    use crate::policy::testing::{form, load, operation};

    fn event(reasons: Vec<Reason>) -> Event {
        let mut form = form();
        form["operations"] = serde_json::json!([operation("GET", "/users/{id}")]);
        Event {
            id: ExchangeId(7),
            time_ms: 1_000,
            policy: load(&form),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            method: shown(b"GET"),
            path: shown(b"/users/1"),
            query: Box::default(),
            operation: Some(0),
            principal: None,
            decision: Decision::combine(reasons),
            status: 200,
            upstream_status: 0,
            outcome: Outcome::Complete,
            findings: Vec::new(),
            repeats: 0,
            bytes_in: 0,
            bytes_out: 2,
            duration_us: 5,
            upstream_us: 3,
        }
    }

    fn json(event: &Event) -> serde_json::Value {
        let mut out = Vec::new();
        event.to_json(&mut out);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_clean_pass_is_one_line_without_empty_members() {
        let event = event(Vec::new());
        let found = json(&event);
        assert!(!event.is_notable());
        assert_eq!(found["operation"], "GET /users/{id}");
        assert_eq!(found["verdict"], "allow");
        assert_eq!(found["policy"].as_str().unwrap().len(), 16);
        for absent in ["reasons", "principal", "decided_status", "upstream_status"] {
            assert!(found.get(absent).is_none(), "{absent}");
        }
    }

    #[test]
    fn a_reason_makes_an_event_notable_and_stands_in_its_json() {
        let place = Place::at(Location::Body, "/email");
        let event = event(vec![Reason::new(Code::InspectBodySchema, place)]);
        let found = json(&event);
        assert!(event.is_notable());
        assert_eq!(found["verdict"], "deny");
        assert_eq!(found["decided_status"], 422);
        assert_eq!(found["reasons"][0]["code"], "inspect.body-schema");
        assert_eq!(found["reasons"][0]["pointer"], "/email");
    }

    #[test]
    fn a_value_from_outside_cannot_break_the_line() {
        let mut event = event(Vec::new());
        event.path = shown(b"/a\n\"b\"\x00\xff");
        let mut out = Vec::new();
        event.to_json(&mut out);
        assert!(!out.contains(&b'\n'));
        assert_eq!(json(&event)["path"], "/a\n\"b\"\0\u{fffd}");
    }

    #[test]
    fn values_in_decision_and_findings_are_masked_when_it_is_recorded() {
        let secret = |code: Code, location: Location| {
            Reason::new(code, Place::at(location, "/password")).value("hunter2-and-more")
        };
        let mut event = event(vec![secret(Code::InspectBodySchema, Location::Body)]);
        event.findings = vec![secret(Code::ShapeBodySchema, Location::ResponseBody)];
        let plain = Reason::new(Code::InspectBodySchema, Place::at(Location::Body, "/age"));
        event.findings.push(plain.value("7"));
        assert!(
            json(&event).to_string().contains("hunter2"),
            "the twin shows it"
        );
        event.mask();
        let line = json(&event).to_string();
        assert!(
            !line.contains("hunter2") && line.contains("/password"),
            "{line}"
        );
        assert!(line.contains("\"7\""), "{line}");
    }

    #[test]
    fn a_long_path_is_cut() {
        assert_eq!(shown(&[b'a'; 300]).len(), PATH_MAX_BYTES);
    }

    #[test]
    fn emitted_is_drained_and_dropped_and_still_there() {
        let mut ring = Ring::new(2);
        for _ in 0..5 {
            ring.push(event(Vec::new()));
        }
        assert_eq!((ring.counts(), ring.len()), ((5, 3), 2));
        assert_eq!(ring.drain(1).len(), 1);
        ring.push(event(Vec::new()));
        assert_eq!(ring.drain(9).len(), 2);
        assert_eq!(ring.counts(), (6, 3));
        assert!(ring.is_empty());
    }
}
