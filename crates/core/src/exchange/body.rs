//! The body of the Request: held to be inspected where the Operation declares what is in it,
//! streamed under a cap where not.

use std::sync::Arc;

use super::{Breach, Exchange, ForwardBody, State, Step};
use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::inspect::request_body::{BodyTask, BodyView, inspect_body};
use crate::policy::{Body, Media, Operation};
use crate::time::Now;
use crate::wire::head::Framing;

/// What is done with the body.
#[derive(Debug)]
pub(super) enum BodyPlan {
    /// There is none.
    Empty,
    /// Held up to `cap` bytes, then inspected as this media type.
    Hold { cap: u64, media: Arc<Media> },
    /// Sent on as it comes, up to `cap` bytes.
    Stream { cap: u64, seen: u64 },
}

impl Exchange {
    /// Decides what is done with the body; forwards at once where nothing needs to be held.
    pub(super) fn plan_body(&mut self, now: Now) -> Step {
        let operation = self.operation.filter(|_| !self.is_preflight);
        let operation = operation.and_then(|index| self.policy.operation(index));
        let Some(head) = &self.head else {
            return Step::Answer(self.fault());
        };
        let length = match head.framing() {
            Framing::Empty | Framing::Length(0) => None,
            Framing::Length(length) => Some(length),
            Framing::Chunked | Framing::UntilClose => Some(0),
        };
        let (mut plan, reason) = match (operation, length) {
            (None, None) => (BodyPlan::Empty, None),
            (None, Some(_)) => (self.stream_plan(None), None),
            (Some(operation), None) => (BodyPlan::Empty, missing(operation)),
            (Some(operation), Some(_)) => self.declared_plan(operation),
        };
        if reason.is_some_and(|reason| self.report(reason)) {
            return Step::Answer(self.answer());
        }
        let is_over = |cap: u64| length.is_some_and(|length| length > cap);
        if let Some(cap) = cap(&plan).filter(|cap| is_over(*cap)) {
            if self.report_too_large(cap) {
                return Step::Answer(self.answer());
            }
            plan = BodyPlan::Stream {
                cap: u64::MAX,
                seen: 0,
            };
        }
        self.body_plan = plan;
        match &self.body_plan {
            BodyPlan::Empty => self.forward(ForwardBody::Empty, now),
            BodyPlan::Stream { .. } => self.forward(ForwardBody::Stream(Vec::new()), now),
            BodyPlan::Hold { .. } => {
                self.state = State::Body;
                Step::More
            }
        }
    }

    fn stream_plan(&self, operation: Option<&Operation>) -> BodyPlan {
        let cap = operation
            .and_then(|operation| operation.body_max_bytes)
            .unwrap_or(self.policy.bounds.upload_max_bytes);
        BodyPlan::Stream { cap, seen: 0 }
    }

    fn declared_plan(&self, operation: &Operation) -> (BodyPlan, Option<Reason>) {
        let stream = || self.stream_plan(Some(operation));
        let Some(body) = &operation.body else {
            let reason = Reason::new(Code::InspectBodyUnexpected, Place::of(Location::Body))
                .expected("no body")
                .source(&operation.source);
            return (stream(), Some(reason));
        };
        let Some(media) = self.select(body) else {
            let sent = self.request.as_ref().and_then(|request| request.media());
            let reason = Reason::new(
                Code::InspectContentType,
                Place::named(Location::Header, "content-type"),
            )
            .value(
                &sent
                    .map(|media| media.essence().to_owned())
                    .unwrap_or_default(),
            )
            .expected(format!("one of {}", body.accepted()))
            .source(&body.source);
            return (stream(), Some(reason));
        };
        if !media.is_inspected() {
            return (stream(), None);
        }
        let default = if media.is_multipart() {
            self.policy.bounds.upload_max_bytes
        } else {
            self.policy.bounds.body_max_bytes
        };
        let cap = operation.body_max_bytes.unwrap_or(default);
        (
            BodyPlan::Hold {
                cap,
                media: Arc::clone(media),
            },
            None,
        )
    }

    fn select<'b>(&self, body: &'b Body) -> Option<&'b Arc<Media>> {
        let sent = self.request.as_ref().and_then(|request| request.media());
        body.media.select(sent)
    }

    fn cap_source(&self) -> crate::decision::Source {
        let operation = self
            .operation
            .and_then(|index| self.policy.operation(index));
        operation
            .filter(|operation| operation.body_max_bytes.is_some())
            .map(|operation| operation.source.clone())
            .unwrap_or_default()
    }

    fn report_too_large(&mut self, cap: u64) -> bool {
        self.extras.close = true;
        let reason = Reason::new(Code::ParseBodyTooLarge, Place::of(Location::Body))
            .expected(format!("at most {cap} bytes"));
        let source = self.cap_source();
        self.report(reason.source(&source))
    }

    /// Feeds a piece of the body. Cost: O(length).
    pub fn chunk(&mut self, data: &[u8], now: Now) -> Step {
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        self.bytes_in = self.bytes_in.saturating_add(length);
        if let Some(kept) = &mut self.kept {
            kept.chunk(data);
        }
        let BodyPlan::Hold { cap, .. } = &self.body_plan else {
            return Step::Answer(self.fault());
        };
        let cap = *cap;
        self.body.extend_from_slice(data);
        if u64::try_from(self.body.len()).unwrap_or(u64::MAX) <= cap {
            return Step::More;
        }
        if self.report_too_large(cap) {
            return Step::Answer(self.answer());
        }
        // Shadowed: what is held goes on as it came, and the rest after it.
        let first = std::mem::take(&mut self.body);
        self.body_plan = BodyPlan::Stream {
            cap: u64::MAX,
            seen: 0,
        };
        self.forward(ForwardBody::Stream(first), now)
    }

    /// The body is complete.
    pub fn end(&mut self, now: Now) -> Step {
        let plan = std::mem::replace(&mut self.body_plan, BodyPlan::Empty);
        let BodyPlan::Hold { cap, media } = plan else {
            return Step::Answer(self.fault());
        };
        let original = std::mem::take(&mut self.body);
        let policy = Arc::clone(&self.policy);
        let (Some(request), Some(operation)) = (
            &self.request,
            self.operation.and_then(|index| policy.operation(index)),
        ) else {
            return Step::Answer(self.fault());
        };
        let relaxed = &operation.relaxed;
        let task = BodyTask {
            media: &media,
            request,
            relaxed,
            closed: operation.closed_body(),
            max_bytes: cap,
            policy: &policy,
        };
        let BodyView { decoded, reasons } = inspect_body(&task, &original, &mut self.budget);
        let is_clean = reasons.is_empty();
        if self.report_all(reasons) {
            return Step::Answer(self.answer());
        }
        let body = match decoded {
            Some(decoded) if is_clean => {
                self.is_decoded = true;
                decoded
            }
            _ => original,
        };
        self.forward(ForwardBody::Whole(body), now)
    }

    /// As `stream`, with the piece itself, which a capture may want.
    ///
    /// # Errors
    /// See `stream`.
    pub fn stream_data(&mut self, data: &[u8]) -> Result<(), Breach> {
        if let Some(kept) = &mut self.kept {
            kept.chunk(data);
        }
        self.stream(data.len())
    }

    /// Counts a piece of a body that streams on.
    ///
    /// # Errors
    /// `Breach` when it is over its cap: the driver stops, and the Exchange ends.
    pub fn stream(&mut self, length: usize) -> Result<(), Breach> {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.bytes_in = self.bytes_in.saturating_add(length);
        let BodyPlan::Stream { cap, seen } = &mut self.body_plan else {
            return Ok(());
        };
        *seen = seen.saturating_add(length);
        if *seen <= *cap {
            return Ok(());
        }
        let cap = *cap;
        let reason = Reason::new(Code::ParseBodyTooLarge, Place::of(Location::Body))
            .expected(format!("at most {cap} bytes"));
        let source = self.cap_source();
        match self.find(reason.source(&source), None) {
            crate::decision::Standing::Enforced => Err(Breach),
            _ => {
                self.body_plan = BodyPlan::Stream {
                    cap: u64::MAX,
                    seen: 0,
                };
                Ok(())
            }
        }
    }
}

fn missing(operation: &Operation) -> Option<Reason> {
    let body = operation.body.as_ref().filter(|body| body.required)?;
    let reason = Reason::new(Code::InspectBodyMissing, Place::of(Location::Body));
    Some(
        reason
            .expected(format!("a body of {}", body.accepted()))
            .source(&body.source),
    )
}

fn cap(plan: &BodyPlan) -> Option<u64> {
    match plan {
        BodyPlan::Empty => None,
        BodyPlan::Hold { cap, .. } | BodyPlan::Stream { cap, .. } => Some(*cap),
    }
}
