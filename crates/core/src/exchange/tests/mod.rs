//! Dialogues: what a driver feeds, what comes back, and the one Event at the end.

mod cuts;
mod decisions;
mod ends;
mod internal;
mod ranges;
mod replies;
mod routed;

mod shadow;
mod streams;
mod untold;
mod withheld;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Exchange, ForwardBody, Reply, Routed, Step};
use crate::answer::Answer;
use crate::event::{Event, Outcome};
use crate::live::Live;
use crate::policy::Policy;
use crate::policy::testing::{form, json_content, live, load, operation};
use crate::time::{ExchangeId, Now};
use crate::wire::head::{Framing, RequestHead, ResponseHead};

const NOW: Now = Now {
    unix_ms: 1_800_000_000_000,
    mono_us: 1_000_000,
};

/// A policy with one of each kind of Operation.
fn shop() -> Value {
    let mut form = form();
    form["schemas"] = json!({
        "1#/User": {"type": "object", "properties": {"name": {"type": "string", "maxLength": 8}},
                    "required": ["name"]},
        "1#/Closed": {"$ref": "#/$defs/1%23~1User", "unevaluatedProperties": false},
        "1#/Id": {"type": "integer"},
    });
    let mut read = operation("GET", "/users/{id}");
    read["parameters"] = json!([{
        "name": "id", "in": "path", "required": true, "style": "simple", "explode": false,
        "allow_empty": false, "content": null, "schema": "1#/Id",
        "source": {"document": 1, "pointer": "/id"}}]);
    read["responses"] = json!({"200": {"content": json_content("1#/User"), "headers": [],
                               "source": {"document": 1, "pointer": "/200"}}});
    let mut write = operation("POST", "/users");
    write["body"] = json!({"required": true, "content": json_content("1#/Closed"),
                           "source": {"document": 1, "pointer": "/body"}});
    let upload = {
        let mut upload = operation("PUT", "/files/{name}");
        upload["body"] = json!({"required": false, "source": {"document": 1, "pointer": "/up"},
            "content": {"*/*": {"schema": null, "encoding": {},
                        "source": {"document": 1, "pointer": "/up"}}}});
        upload["body_max_bytes"] = json!(10);
        upload
    };
    form["operations"] = json!([read, write, upload]);
    form
}

/// One Exchange being played.
struct Play {
    exchange: Box<Exchange>,
}

impl Play {
    fn new(form: &Value) -> Self {
        let policy = load(form);
        let live = live(&policy);
        Play::of(&policy, &live)
    }

    fn of(policy: &Arc<Policy>, live: &Arc<Live>) -> Self {
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let (policy, live) = (Arc::clone(policy), Arc::clone(live));
        Play {
            exchange: Exchange::open(policy, live, peer, ExchangeId(9), NOW),
        }
    }

    fn head(&mut self, method: &str, target: &str, fields: &[(&str, &str)], length: u64) -> Step {
        let mut all = vec![(&b"host"[..], &b"api.test"[..])];
        all.extend(
            fields
                .iter()
                .map(|(name, value)| (name.as_bytes(), value.as_bytes())),
        );
        let framing = if length == 0 {
            Framing::Empty
        } else {
            Framing::Length(length)
        };
        let head =
            RequestHead::from_parts(method.as_bytes(), target.as_bytes(), all, framing).unwrap();
        self.exchange.head(head, NOW)
    }

    /// A whole request with a JSON body.
    fn json(&mut self, method: &str, target: &str, body: &str) -> Step {
        self.typed(method, target, "application/json", body)
    }

    /// A whole request with a body of a type.
    fn typed(&mut self, method: &str, target: &str, kind: &str, body: &str) -> Step {
        let length = u64::try_from(body.len()).unwrap();
        let step = self.head(method, target, &[("content-type", kind)], length);
        if !matches!(step, Step::More) {
            return step;
        }
        match self.exchange.chunk(body.as_bytes(), NOW) {
            Step::More => self.exchange.end(NOW),
            other => other,
        }
    }

    /// A response with a JSON body: what the client gets.
    fn replies(
        &mut self,
        status: u16,
        fields: &[(&str, &str)],
        body: &str,
    ) -> (Option<ResponseHead>, Vec<u8>) {
        let mut all = vec![(&b"content-type"[..], &b"application/json"[..])];
        all.extend(
            fields
                .iter()
                .map(|(name, value)| (name.as_bytes(), value.as_bytes())),
        );
        let framing = Framing::Length(u64::try_from(body.len()).unwrap());
        let head = ResponseHead::from_parts(status, all, framing).unwrap();
        let mut got = (None, Vec::new());
        for reply in [
            self.exchange.reply_head(head, NOW),
            self.exchange.reply_chunk(body.as_bytes()),
            self.exchange.reply_end(),
        ] {
            match reply {
                Reply::Head(head) | Reply::Stream(head) => got.0 = Some(head),
                Reply::Finish(bytes) | Reply::Send(bytes) => got.1.extend_from_slice(&bytes),
                Reply::Pass => got.1.extend_from_slice(body.as_bytes()),
                Reply::Release { head, body } => got = (Some(head), body),
                Reply::Replace(answer) => return (None, answer.body),
                Reply::Hold | Reply::Done => {}
            }
        }
        got
    }

    fn close(self) -> Event {
        self.exchange.close(Outcome::Complete, NOW)
    }
}

fn answer(step: Step) -> Answer {
    match step {
        Step::Answer(answer) => answer,
        other => panic!("{other:?}"),
    }
}

fn forwarded(step: Step) -> (RequestHead, ForwardBody) {
    match step {
        Step::Forward(forward) => forward.into_parts(),
        other => panic!("{other:?}"),
    }
}

fn codes(event: &Event) -> Vec<&'static str> {
    event
        .decision
        .reasons
        .iter()
        .map(|reason| reason.code.name())
        .collect()
}
