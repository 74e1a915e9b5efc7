//! Replay: recorded Exchanges judged again, without a socket. One JSON object a line; header and
//! target bytes are Latin-1 text (one character, one byte), bodies `text` or `base64`.

mod capture;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

pub use capture::{
    BadCapture, Capture, CapturedBody, CapturedPrincipal, CapturedRequest, CapturedResponse,
};
use capture::{Body, decode, latin1, principal};

use crate::codes::Code;
use crate::event::{Event, Outcome};
use crate::exchange::{AskReply, Exchange, ForwardBody, Reply, Step, UpstreamFailure};
use crate::live::Live;
use crate::policy::Policy;
use crate::time::{ExchangeId, Now};
use crate::wire::head::{Framing, RequestHead, ResponseHead};
use crate::wire::{RequestEvent, RequestReader};

/// What a replay gave.
#[derive(Debug)]
pub struct Replayed {
    /// The closing Event.
    pub event: Event,
    /// Body as the client would have got it; `None` where nothing came back.
    pub body: Option<Vec<u8>>,
    /// Header fields as the client would have got them.
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Capture {
    /// Reads one line.
    ///
    /// # Errors
    /// `BadCapture` with what is wrong, never with a value out of it.
    pub fn read(line: &[u8]) -> Result<Self, BadCapture> {
        serde_json::from_slice(line).map_err(|error| {
            BadCapture::Form(format!(
                "line {} column {}: not a capture",
                error.line(),
                error.column()
            ))
        })
    }

    /// Judges it by `policy`; `without` takes one check out ("what would have happened without").
    ///
    /// # Errors
    /// `BadCapture` when bytes in it cannot be read, and when the Policy reads a body of the Request
    /// that was not kept. Without a body that it would read, a Response is taken as cut off.
    pub fn replay(
        &self,
        policy: &Arc<Policy>,
        live: &Arc<Live>,
        id: ExchangeId,
        without: Option<Code>,
    ) -> Result<Replayed, BadCapture> {
        let now = moment(self.time_ms);
        let peer = self.peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let mut exchange = Exchange::open(Arc::clone(policy), Arc::clone(live), peer, id, now);
        exchange.replays(without, self.principal.as_ref().map(principal).transpose()?);
        let mut run = Run {
            exchange,
            now,
            streamed: 0,
            body: None,
            fields: Vec::new(),
        };
        let step = match &self.request {
            CapturedRequest::Raw { raw } => run.raw(&decode(raw)?),
            CapturedRequest::Parts {
                method,
                target,
                fields,
                body,
            } => run.parts(method, target, fields, &Body::read(body)?)?,
        };
        let outcome = run.finish(step, self.response.as_ref())?;
        let Run {
            exchange,
            now,
            body,
            fields,
            ..
        } = run;
        Ok(Replayed {
            event: exchange.close(outcome, now),
            body,
            fields,
        })
    }
}

/// Monotonic time out of recorded time: whole captures fit the 47 bits that the limit table
/// counts in; it starts anew every 4.5 years.
fn moment(time_ms: u64) -> Now {
    const SPAN_US: u64 = 1 << 47;
    Now {
        unix_ms: time_ms,
        mono_us: time_ms
            .saturating_mul(1000)
            .checked_rem(SPAN_US)
            .unwrap_or(0),
    }
}

struct Run {
    exchange: Box<Exchange>,
    now: Now,
    /// Bytes of a body that is forwarded before any of it was read.
    streamed: u64,
    body: Option<Vec<u8>>,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Run {
    fn parts(
        &mut self,
        method: &str,
        target: &str,
        fields: &[(String, String)],
        body: &Body,
    ) -> Result<Step, BadCapture> {
        let fields: Vec<(Vec<u8>, Vec<u8>)> = fields
            .iter()
            .map(|(name, value)| Ok((latin1(name)?, latin1(value)?)))
            .collect::<Result<_, BadCapture>>()?;
        let framing = match body.length() {
            0 => Framing::Empty,
            length => Framing::Length(length),
        };
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_slice(), value.as_slice()));
        match RequestHead::from_parts(method.as_bytes(), &latin1(target)?, pairs, framing) {
            Ok(head) => self.body(head, body),
            Err(fault) => Ok(Step::Answer(self.exchange.wire_fault(fault))),
        }
    }

    fn body(&mut self, head: RequestHead, body: &Body) -> Result<Step, BadCapture> {
        let step = self.exchange.head(head, self.now);
        let mut step = self.settle(step);
        if matches!(step, Step::Forward(_)) {
            self.streamed = body.length();
        }
        if matches!(step, Step::More) {
            match body {
                Body::Unread(_) => return Err(BadCapture::Unread),
                Body::Known(bytes) if bytes.is_empty() => {}
                Body::Known(bytes) => step = self.exchange.chunk(bytes, self.now),
            }
        }
        Ok(match step {
            Step::More => self.exchange.end(self.now),
            step => step,
        })
    }

    /// Nobody looks anything up here: what could be had stands in `Live` already.
    fn settle(&mut self, step: Step) -> Step {
        match step {
            Step::Ask(_) => self.exchange.answered(AskReply::Done, self.now),
            other => other,
        }
    }

    fn raw(&mut self, bytes: &[u8]) -> Step {
        let mut reader = RequestReader::new(self.exchange.wire_limits());
        let mut rest = bytes;
        let mut step = Step::More;
        while matches!(step, Step::More) {
            let (consumed, event) = reader.read(rest);
            let data = match &event {
                RequestEvent::Data(range) => rest.get(range.clone()).unwrap_or_default().to_vec(),
                _ => Vec::new(),
            };
            rest = rest.get(consumed..).unwrap_or_default();
            step = match event {
                RequestEvent::Head(head) => {
                    let step = self.exchange.head(head, self.now);
                    self.settle(step)
                }
                RequestEvent::Data(_) => self.exchange.chunk(&data, self.now),
                RequestEvent::End(_) => self.exchange.end(self.now),
                RequestEvent::Fault(fault) => Step::Answer(self.exchange.wire_fault(fault)),
                RequestEvent::More => match reader.close() {
                    Ok(()) => return Step::More,
                    Err(fault) => Step::Answer(self.exchange.wire_fault(fault)),
                },
            };
        }
        step
    }

    fn finish(
        &mut self,
        step: Step,
        response: Option<&CapturedResponse>,
    ) -> Result<Outcome, BadCapture> {
        match step {
            Step::Forward(forward) => {
                let (_, body) = forward.into_parts();
                if let ForwardBody::Stream(first) = body {
                    // What streams on counts against its cap here as on the wire.
                    let streamed = usize::try_from(self.streamed).unwrap_or(usize::MAX);
                    let _ = self.exchange.stream(first.len().max(streamed));
                }
                match response {
                    Some(response) => self.respond(response),
                    None => {
                        let reply = self.exchange.upstream_failed(UpstreamFailure::Connect);
                        self.take(reply);
                        Ok(Outcome::UpstreamFailed)
                    }
                }
            }
            Step::Answer(answer) => {
                self.take(Reply::Replace(answer));
                Ok(Outcome::Complete)
            }
            Step::More | Step::Ask(_) => Ok(Outcome::ClientLeft),
        }
    }

    fn respond(&mut self, response: &CapturedResponse) -> Result<Outcome, BadCapture> {
        let fields: Vec<(Vec<u8>, Vec<u8>)> = response
            .fields
            .iter()
            .map(|(name, value)| Ok((latin1(name)?, latin1(value)?)))
            .collect::<Result<_, BadCapture>>()?;
        let body = Body::read(&response.body)?;
        let framing = Framing::Length(body.length());
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_slice(), value.as_slice()));
        let Ok(head) = ResponseHead::from_parts(response.status, pairs, framing) else {
            let reply = self.exchange.upstream_failed(UpstreamFailure::BadResponse);
            self.take(reply);
            return Ok(Outcome::UpstreamFailed);
        };
        let reply = self.exchange.reply_head(head, self.now);
        let streams = matches!(reply, Reply::Head(_));
        self.take(reply);
        match body {
            Body::Unread(_) if !self.exchange.passes_reply() => return Ok(Outcome::ClientLeft),
            Body::Known(body) if !body.is_empty() => {
                let reply = self.exchange.reply_chunk(&body);
                if streams && matches!(reply, Reply::Pass) {
                    self.body.get_or_insert_default().extend_from_slice(&body);
                } else {
                    self.take(reply);
                }
            }
            Body::Unread(_) | Body::Known(_) => {}
        }
        let reply = self.exchange.reply_end();
        self.take(reply);
        Ok(Outcome::Complete)
    }

    fn take(&mut self, reply: Reply) {
        match reply {
            Reply::Head(head) | Reply::Stream(head) => self.fields = owned(&head),
            Reply::Finish(bytes) | Reply::Send(bytes) => {
                self.body.get_or_insert_default().extend_from_slice(&bytes);
            }
            Reply::Release { head, body } => {
                self.fields = owned(&head);
                self.body = Some(body);
            }
            Reply::Replace(answer) => {
                let fields = answer.fields.into_iter();
                self.fields = fields
                    .map(|(name, value)| (name.into(), value.into_bytes()))
                    .collect();
                self.body = Some(answer.body);
            }
            Reply::Done | Reply::Hold | Reply::Pass => {}
        }
    }
}

fn owned(head: &ResponseHead) -> Vec<(Vec<u8>, Vec<u8>)> {
    head.fields()
        .map(|(name, value)| (name.to_vec(), value.to_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    use super::*;
    use crate::decision::Verdict;
    use crate::policy::testing::{form, json_content, live, load, operation};

    /// `POST /pets` takes `{"name": ...}` of a caller with any bearer token; `GET /pets` is open.
    fn pets() -> Arc<Policy> {
        let mut form = form();
        form["schemas"] = json!({"1#/Pet": {"properties": {"name": {"type": "string"}},
                                            "required": ["name"]}});
        form["schemes"] = json!([{"name": "token", "verify": "presence", "source": {"document": 1},
                                  "credential": {"in": "authorization", "scheme": "bearer"}}]);
        let mut write = operation("POST", "/pets");
        write["body"] = json!({"required": true, "content": json_content("1#/Pet"),
                               "source": {"document": 1}});
        write["security"] =
            json!([[{"scheme": 0, "scopes": ["write"], "source": {"document": 1}}]]);
        let mut read = operation("GET", "/pets");
        read["responses"] = json!({"200": {"content": json_content("1#/Pet"), "headers": [],
                                   "source": {"document": 1}}});
        form["operations"] = json!([write, read]);
        load(&form)
    }

    fn replayed(capture: &Value, without: Option<Code>) -> Result<Replayed, BadCapture> {
        let policy = pets();
        let capture = Capture::read(capture.to_string().as_bytes())?;
        capture.replay(&policy, &live(&policy), ExchangeId(1), without)
    }

    fn write(body: &str) -> Value {
        json!({"request": {"method": "POST", "target": "/pets", "body": {"text": body},
                           "fields": [["host", "a"], ["content-type", "application/json"]]},
               "principal": {"kind": "token", "subject": "alice", "scopes": ["write"]},
               "response": {"status": 201}})
    }

    #[test]
    fn a_recorded_principal_stands_for_its_secret() {
        let known = replayed(&write(r#"{"name":"rex"}"#), None).unwrap();
        assert_eq!(known.event.decision.verdict, Verdict::Allow);
        assert_eq!(known.event.status, 201);
        let mut unknown = write(r#"{"name":"rex"}"#);
        unknown["principal"].take();
        assert_eq!(replayed(&unknown, None).unwrap().event.status, 401);
        let mut weak = write(r#"{"name":"rex"}"#);
        weak["principal"]["scopes"] = json!([]);
        assert_eq!(replayed(&weak, None).unwrap().event.status, 403);
    }

    #[test]
    fn one_check_taken_out_lets_through_what_it_alone_refused() {
        let refused = replayed(&write("{}"), None).unwrap();
        let reasons = &refused.event.decision.reasons;
        assert_eq!(reasons[0].code, Code::InspectBodySchema);
        let passed = replayed(&write("{}"), Some(Code::InspectBodySchema)).unwrap();
        assert_eq!(passed.event.decision.verdict, Verdict::Allow);
        let still = replayed(&write("{}"), Some(Code::InspectBodyMissing)).unwrap();
        assert_eq!(still.event.decision.verdict, Verdict::Deny);
    }

    #[test]
    fn a_body_that_was_not_kept_is_judged_where_nobody_reads_it() {
        let unread = json!({"unread": {"bytes": 70_000, "sha256": "00"}});
        let mut asked = write("");
        asked["request"]["body"] = unread.clone();
        assert_eq!(replayed(&asked, None).unwrap_err(), BadCapture::Unread);
        asked["principal"].take();
        assert_eq!(replayed(&asked, None).unwrap().event.status, 401);
        // A download whose type nobody checks passes; JSON would have been read.
        let mut read = json!({
            "request": {"method": "GET", "target": "/pets", "fields": [["host", "a"]]},
            "response": {"status": 200, "body": unread,
                         "fields": [["content-type", "application/octet-stream"]]},
        });
        let passed = replayed(&read, None).unwrap().event;
        assert_eq!((passed.status, passed.outcome), (200, Outcome::Complete));
        read["response"]["fields"][0][1] = json!("application/json");
        let cut = replayed(&read, None).unwrap().event;
        assert_eq!(cut.decision.verdict, Verdict::Allow);
        assert_eq!(cut.outcome, Outcome::ClientLeft);
    }

    #[test]
    fn raw_bytes_and_parts_come_to_the_same() {
        let text = "POST /pets HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                    Content-Length: 14\r\n\r\n{\"name\":\"rex\"}";
        let mut raw = write("");
        raw["request"] = json!({ "raw": STANDARD.encode(text) });
        assert_eq!(replayed(&raw, None).unwrap().event.status, 201);
        raw["request"] = json!({ "raw": STANDARD.encode(text.replace("Host: a\r\n", "")) });
        let faulty = replayed(&raw, None).unwrap();
        assert_eq!(faulty.event.decision.reasons[0].code, Code::WireMissingHost);
        raw["request"] = json!({ "raw": STANDARD.encode(text.strip_suffix("}").unwrap()) });
        let cut = replayed(&raw, None).unwrap();
        assert_eq!(cut.event.decision.reasons[0].code, Code::WireTruncated);
    }

    #[test]
    fn the_client_gets_the_response_as_shaped_or_our_own() {
        let mut read = json!({
            "request": {"method": "GET", "target": "/pets", "fields": [["host", "a"]]},
            "response": {"status": 200, "body": {"text": r#"{"name":"rex","hash":"x"}"#},
                         "fields": [["content-type", "application/json"], ["server", "x/1"]]},
        });
        let shaped = replayed(&read, None).unwrap();
        assert_eq!(shaped.body.unwrap(), br#"{"name":"rex"}"#);
        let names: Vec<&[u8]> = shaped.fields.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, [&b"content-type"[..], b"x-content-type-options"]);
        read["response"].take();
        let failed = replayed(&read, None).unwrap();
        assert_eq!(failed.event.status, 502);
        assert_eq!(failed.event.outcome, Outcome::UpstreamFailed);
    }

    #[test]
    fn a_line_that_is_no_capture_is_told_without_a_value_out_of_it() {
        let read = |text: &str| Capture::read(text.as_bytes()).unwrap_err().to_string();
        for text in [
            "{}",
            "[]",
            r#"{"request":{"raw":"AA=="},"secret-member":1}"#,
            r#"{"request":{"raw":"AA==","secret-member":1}}"#,
        ] {
            let told = read(text);
            assert!(
                told.contains("not a capture") && !told.contains("secret"),
                "{told}"
            );
        }
        let mut capture = write("{}");
        capture["principal"]["kind"] = json!("secret-kind");
        assert!(
            !replayed(&capture, None)
                .unwrap_err()
                .to_string()
                .contains("secret")
        );
        capture = write("{}");
        capture["request"]["target"] = json!("/\u{2603}");
        assert!(
            replayed(&capture, None)
                .unwrap_err()
                .to_string()
                .contains("Latin-1")
        );
        capture = write("{}");
        capture["request"]["body"] = json!({"base64": "secret!"});
        assert!(
            replayed(&capture, None)
                .unwrap_err()
                .to_string()
                .contains("not base64")
        );
    }

    #[test]
    fn time_goes_on_for_limits_at_recorded_moments() {
        let (first, later) = (moment(1_764_000_000_000), moment(1_764_000_021_000));
        assert_eq!(later.since_us(first), 21_000_000);
        assert!(later.mono_us < 1 << 47);
    }
}
