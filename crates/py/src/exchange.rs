//! One Exchange for in-process mounts. The mutex serves the interpreter; the core holds no lock.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use bartizan_core::answer::Answer;
use bartizan_core::event::Outcome;
use bartizan_core::exchange::{self as core, AskReply, ForwardBody, UpstreamFailure, Withheld};
use bartizan_core::identify::{Principal, PrincipalKind};
use bartizan_core::time::{ExchangeId, Now};
use bartizan_core::wire::head::{Framing, RequestHead, ResponseHead};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::live::Live;
use crate::policy::Policy;

type Pairs<'py> = Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)>;
type Sent<'py> = (u16, Pairs<'py>, Option<Bound<'py, PyBytes>>);
/// Kind, issuer, subject and scopes of a Principal.
type Asking = (String, String, String, Vec<String>);
type Let<'py> = (
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    Pairs<'py>,
    Option<Bound<'py, PyBytes>>,
    bool,
);

fn now((unix_ms, mono_us): (u64, u64)) -> Now {
    Now { unix_ms, mono_us }
}

fn framing(length: Option<u64>) -> Framing {
    match length {
        None => Framing::Chunked,
        Some(0) => Framing::Empty,
        Some(length) => Framing::Length(length),
    }
}

/// What the mount does next with the Request.
#[pyclass(frozen, module = "bartizan._core")]
pub struct Step {
    kind: &'static str,
    step: Mutex<Option<core::Step>>,
}

impl From<core::Step> for Step {
    fn from(step: core::Step) -> Self {
        let kind = match step {
            core::Step::More => "more",
            core::Step::Ask(_) => "ask",
            core::Step::Forward(_) => "forward",
            core::Step::Answer(_) => "answer",
        };
        Step {
            kind,
            step: Mutex::new(Some(step)),
        }
    }
}

impl Step {
    fn take(&self) -> PyResult<core::Step> {
        let taken = self
            .step
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        taken.ok_or_else(|| PyRuntimeError::new_err("this step was taken already"))
    }
}

#[pymethods]
impl Step {
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind
    }

    /// Consumes the way out: method, target, fields, body so far, whether more may stream.
    fn forward<'py>(&self, py: Python<'py>) -> PyResult<Let<'py>> {
        let core::Step::Forward(forward) = self.take()? else {
            return Err(PyRuntimeError::new_err("this step forwards nothing"));
        };
        let (head, body) = forward.into_parts();
        let (body, streams) = match body {
            ForwardBody::Empty => (None, false),
            ForwardBody::Whole(body) => (Some(PyBytes::new(py, &body)), false),
            ForwardBody::Stream(first) => (Some(PyBytes::new(py, &first)), true),
        };
        let fields = pairs(py, head.fields());
        Ok((
            PyBytes::new(py, head.method()),
            PyBytes::new(py, head.target()),
            fields,
            body,
            streams,
        ))
    }

    fn answer<'py>(&self, py: Python<'py>) -> PyResult<Sent<'py>> {
        match self.take()? {
            core::Step::Answer(answer) => Ok(sent(py, answer)),
            _ => Err(PyRuntimeError::new_err("this step answers nothing")),
        }
    }

    /// Issuer index of a look-up for keys.
    fn issuer(&self) -> PyResult<u16> {
        match self.take()? {
            core::Step::Ask(core::Ask::Keys { issuer, .. }) => Ok(issuer),
            _ => Err(PyRuntimeError::new_err("this step asks nothing")),
        }
    }
}

/// What the mount does next with the Response.
#[pyclass(frozen, module = "bartizan._core")]
pub struct Reply {
    kind: &'static str,
    reply: Mutex<Option<core::Reply>>,
}

impl From<core::Reply> for Reply {
    fn from(reply: core::Reply) -> Self {
        let kind = match reply {
            core::Reply::Done => "done",
            core::Reply::Finish(_) | core::Reply::Send(_) => "data",
            core::Reply::Head(_) => "head",
            core::Reply::Stream(_) => "stream",
            core::Reply::Hold => "hold",
            core::Reply::Pass => "pass",
            core::Reply::Release { .. } | core::Reply::Replace(_) => "send",
        };
        Reply {
            kind,
            reply: Mutex::new(Some(reply)),
        }
    }
}

#[pymethods]
impl Reply {
    #[getter]
    fn kind(&self) -> &'static str {
        self.kind
    }

    /// The bytes to send in place of the chunk.
    fn data<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let taken = self
            .reply
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match taken {
            Some(core::Reply::Finish(bytes) | core::Reply::Send(bytes)) => {
                Ok(PyBytes::new(py, &bytes))
            }
            _ => Err(PyRuntimeError::new_err("this reply alters no chunk")),
        }
    }

    /// Status, fields and, where the answer is whole, its body.
    fn sent<'py>(&self, py: Python<'py>) -> PyResult<Sent<'py>> {
        let taken = self
            .reply
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match taken {
            Some(core::Reply::Head(head) | core::Reply::Stream(head)) => {
                Ok((head.status(), pairs(py, head.fields()), None))
            }
            Some(core::Reply::Release { head, body }) => Ok((
                head.status(),
                pairs(py, head.fields()),
                Some(PyBytes::new(py, &body)),
            )),
            Some(core::Reply::Replace(answer)) => Ok(sent(py, answer)),
            _ => Err(PyRuntimeError::new_err(
                "this reply sends nothing of its own",
            )),
        }
    }
}

fn sent<'py>(py: Python<'py>, answer: Answer) -> Sent<'py> {
    let fields = answer
        .fields
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    (
        answer.status,
        pairs(py, fields),
        Some(PyBytes::new(py, &answer.body)),
    )
}

fn pairs<'py, 'f>(
    py: Python<'py>,
    fields: impl Iterator<Item = (&'f [u8], &'f [u8])>,
) -> Pairs<'py> {
    fields
        .map(|(name, value)| {
            (
                PyBytes::new(py, &name.to_ascii_lowercase()),
                PyBytes::new(py, value),
            )
        })
        .collect()
}

/// One Request from head to close.
#[pyclass(frozen, module = "bartizan._core")]
pub struct Exchange {
    inner: Mutex<Option<Box<core::Exchange>>>,
}

impl Exchange {
    /// Runs one call on the core; a panic there becomes its own named refusal.
    fn with<T>(
        &self,
        run: impl FnOnce(&mut core::Exchange) -> T,
        fault: impl FnOnce(&mut core::Exchange) -> T,
    ) -> PyResult<T> {
        let mut guard = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(exchange) = guard.as_mut() else {
            return Err(PyRuntimeError::new_err("this exchange is closed"));
        };
        match catch_unwind(AssertUnwindSafe(|| run(exchange))) {
            Ok(value) => Ok(value),
            Err(_) => Ok(fault(exchange)),
        }
    }

    fn step(
        &self,
        at: (u64, u64),
        run: impl FnOnce(&mut core::Exchange, Now) -> core::Step,
    ) -> PyResult<Step> {
        let now = now(at);
        let step = self.with(
            |exchange| run(exchange, now),
            |exchange| core::Step::Answer(exchange.fault()),
        )?;
        Ok(step.into())
    }

    fn reply(&self, run: impl FnOnce(&mut core::Exchange) -> core::Reply) -> PyResult<Reply> {
        let reply = self.with(run, |exchange| core::Reply::Replace(exchange.fault()))?;
        Ok(reply.into())
    }
}

#[pymethods]
impl Exchange {
    /// `at`: (milliseconds since the Unix epoch, monotonic microseconds); `id`: 80 random bits.
    #[new]
    fn new(policy: &Policy, live: &Live, peer: &str, id: u128, at: (u64, u64)) -> PyResult<Self> {
        let peer: IpAddr = peer
            .parse()
            .map_err(|_| PyValueError::new_err("the peer is not an IP address"))?;
        let exchange = core::Exchange::open(
            Arc::clone(&policy.0),
            Arc::clone(&live.0),
            peer,
            ExchangeId(id),
            now(at),
        );
        Ok(Exchange {
            inner: Mutex::new(Some(exchange)),
        })
    }

    /// Where the router of the app sends the Request, and the one that a preflight asks about.
    fn route(&self, operation: Option<u32>, asked: Option<u32>) -> PyResult<()> {
        let routed = core::Routed { operation, asked };
        self.with(|exchange| exchange.route(routed), |_| ())
    }

    /// `length`: body bytes, `None` for chunked, 0 for no body.
    fn head(
        &self,
        method: &[u8],
        target: &[u8],
        fields: Vec<(Vec<u8>, Vec<u8>)>,
        length: Option<u64>,
        at: (u64, u64),
    ) -> PyResult<Step> {
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_slice(), value.as_slice()));
        let head = RequestHead::from_parts(method, target, pairs, framing(length));
        self.step(at, |exchange, now| match head {
            Ok(head) => exchange.head(head, now),
            Err(fault) => core::Step::Answer(exchange.wire_fault(fault)),
        })
    }

    fn chunk(&self, data: &[u8], at: (u64, u64)) -> PyResult<Step> {
        self.step(at, |exchange, now| exchange.chunk(data, now))
    }

    fn end(&self, at: (u64, u64)) -> PyResult<Step> {
        self.step(at, |exchange, now| exchange.end(now))
    }

    fn answered(&self, done: bool, at: (u64, u64)) -> PyResult<Step> {
        let reply = if done {
            AskReply::Done
        } else {
            AskReply::Failed
        };
        self.step(at, |exchange, now| exchange.answered(reply, now))
    }

    /// Counts a piece that streams on; false = over its cap.
    fn stream(&self, length: usize) -> PyResult<bool> {
        self.with(|exchange| exchange.stream(length).is_ok(), |_| false)
    }

    /// The Request is the handshake of a WebSocket.
    fn socket(&self) -> PyResult<()> {
        self.with(core::Exchange::socket, |_| ())
    }

    /// The app has accepted the handshake.
    fn accepted(&self) -> PyResult<()> {
        self.with(core::Exchange::accepted, |_| ())
    }

    /// The refusal of an object that is withheld: status, fields, body.
    fn refusal<'py>(&self, py: Python<'py>) -> PyResult<Option<Sent<'py>>> {
        let refused = self.with(core::Exchange::withheld_answer, |exchange| {
            Some(exchange.fault())
        })?;
        Ok(refused.map(|answer| sent(py, answer)))
    }

    /// The reference id.
    #[getter]
    fn reference(&self) -> PyResult<String> {
        self.with(|exchange| exchange.id().to_string(), |_| String::new())
    }

    /// Kind, issuer, subject and scopes of who asks; `None` before `identify` is through.
    #[getter]
    fn principal(&self) -> PyResult<Option<Asking>> {
        let told = |principal: &Principal| {
            let scopes = principal.scopes().iter().map(ToString::to_string).collect();
            let (issuer, subject) = (principal.issuer().into(), principal.subject().into());
            (principal.kind().name().to_owned(), issuer, subject, scopes)
        };
        self.with(|exchange| exchange.principal().map(told), |_| None)
    }

    /// Takes a Principal as a fact, for the tests of an app.
    fn presume(
        &self,
        kind: &str,
        issuer: &str,
        subject: &str,
        scopes: Vec<String>,
    ) -> PyResult<()> {
        let kind = match kind {
            "anonymous" => PrincipalKind::Anonymous,
            "api-key" => PrincipalKind::ApiKey,
            "framework" => PrincipalKind::Framework,
            "token" => PrincipalKind::Token,
            _ => {
                return Err(PyValueError::new_err(
                    "this kind of principal proves nothing",
                ));
            }
        };
        let principal = Principal::recorded(kind, issuer, subject, scopes);
        self.with(|exchange| exchange.presume(principal), |_| ())
    }

    /// The framework of the app has authenticated the caller; whether that counts.
    fn vouch(&self, framework: &str, subject: &str) -> PyResult<bool> {
        self.with(|exchange| exchange.vouch(framework, subject), |_| false)
    }

    /// The app does not give out an object; whether it must refuse.
    #[pyo3(signature = (code, *, parameter, id, expected, declared, status, is_shadow, keeps_words))]
    #[expect(
        clippy::too_many_arguments,
        reason = "one named fact each, as the core takes them"
    )]
    fn withhold(
        &self,
        code: &str,
        parameter: &str,
        id: &str,
        expected: &str,
        declared: &str,
        status: u16,
        is_shadow: bool,
        keeps_words: bool,
    ) -> PyResult<bool> {
        let withheld = Withheld {
            code: crate::replay::code(code)?,
            parameter,
            id,
            expected,
            declared,
            status,
            is_shadow,
            keeps_words,
        };
        self.with(|exchange| exchange.withhold(&withheld), |_| true)
    }

    /// `length`: body bytes, `None` for unknown, 0 for no body; not among `fields`.
    fn reply_head(
        &self,
        status: u16,
        fields: Vec<(Vec<u8>, Vec<u8>)>,
        length: Option<u64>,
        at: (u64, u64),
    ) -> PyResult<Reply> {
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_slice(), value.as_slice()));
        let head = ResponseHead::from_parts(status, pairs, framing(length));
        self.reply(|exchange| match head {
            Ok(head) => exchange.reply_head(head, now(at)),
            Err(_) => exchange.upstream_failed(UpstreamFailure::BadResponse),
        })
    }

    fn reply_chunk(&self, data: &[u8]) -> PyResult<Reply> {
        self.reply(|exchange| exchange.reply_chunk(data))
    }

    fn reply_end(&self) -> PyResult<Reply> {
        self.reply(core::Exchange::reply_end)
    }

    fn upstream_failed(&self) -> PyResult<Reply> {
        self.reply(|exchange| exchange.upstream_failed(UpstreamFailure::BadResponse))
    }

    /// Ends it: (Event as JSON, whether it is notable).
    fn close<'py>(
        &self,
        py: Python<'py>,
        outcome: &str,
        at: (u64, u64),
    ) -> PyResult<(Bound<'py, PyBytes>, bool)> {
        let outcome = match outcome {
            "complete" => Outcome::Complete,
            "client-left" => Outcome::ClientLeft,
            "upstream-failed" => Outcome::UpstreamFailed,
            "fault" => Outcome::Fault,
            _ => return Err(PyValueError::new_err("unknown outcome")),
        };
        let taken = self
            .inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let exchange = taken.ok_or_else(|| PyRuntimeError::new_err("this exchange is closed"))?;
        let event = exchange.close(outcome, now(at));
        let mut out = Vec::new();
        event.to_json(&mut out);
        Ok((PyBytes::new(py, &out), event.is_notable()))
    }
}
