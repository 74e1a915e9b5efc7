//! What a capture window keeps of one Exchange, bounded; nothing is kept unless the driver asks.
//!
//! Bytes are kept as they came, credentials included: whoever takes a capture out redacts it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Exchange;
use crate::identify::Principal;
use crate::wire::head::{RequestHead, ResponseHead};

type Fields = Vec<(String, String)>;

/// The recorded parts.
#[derive(Debug)]
pub(super) struct Kept {
    body_max: usize,
    request: Option<(String, String, Fields)>,
    response: Option<(u16, Fields)>,
    body: Part,
    reply: Part,
}

/// A body up to its bound.
#[derive(Debug, Default)]
struct Part {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Part {
    fn add(&mut self, data: &[u8], max: usize) {
        self.is_cut |= self.bytes.len().saturating_add(data.len()) > max;
        if !self.is_cut {
            self.bytes.extend_from_slice(data);
        }
    }

    /// Half a body is none: it would be judged as another one.
    fn form(&self) -> Option<Value> {
        if self.is_cut || self.bytes.is_empty() {
            return None;
        }
        Some(match std::str::from_utf8(&self.bytes) {
            Ok(text) => json!({ "text": text }),
            Err(_) => json!({ "base64": STANDARD.encode(&self.bytes) }),
        })
    }
}

impl Kept {
    pub(super) fn head(&mut self, head: &RequestHead) {
        let fields = head.fields().map(pair).collect();
        self.request = Some((latin1(head.method()), latin1(head.target()), fields));
    }

    pub(super) fn chunk(&mut self, data: &[u8]) {
        self.body.add(data, self.body_max);
    }

    /// The rest of the body streams past: what was kept of it is not the whole.
    pub(super) fn cut(&mut self) {
        self.body.is_cut = true;
    }

    pub(super) fn reply_head(&mut self, head: &ResponseHead) {
        self.response = Some((head.status(), head.fields().map(pair).collect()));
    }

    pub(super) fn reply_chunk(&mut self, data: &[u8]) {
        self.reply.add(data, self.body_max);
    }
}

impl Exchange {
    /// Keeps heads, and bodies up to `body_max` bytes each, for `captured`. Call it before `head`.
    pub fn keep(&mut self, body_max: usize) {
        self.kept = Some(Box::new(Kept {
            body_max,
            request: None,
            response: None,
            body: Part::default(),
            reply: Part::default(),
        }));
    }

    /// What was kept, as one capture (JSON, see `replay`), and the Operation; `None` where nothing
    /// was to be kept, or nothing came that could be read. A body that did not fit is left out, and
    /// `note` says so.
    #[must_use]
    pub fn captured(&self) -> Option<(String, Vec<u8>)> {
        let kept = self.kept.as_ref()?;
        let (method, target, fields) = kept.request.as_ref()?;
        let mut request = json!({ "method": method, "target": target, "fields": fields });
        insert(&mut request, "body", kept.body.form());
        let mut data = json!({
            "peer": self.peer,
            "time_ms": self.opened.unix_ms,
            "request": request,
        });
        let operation = self
            .operation
            .and_then(|index| self.policy.operation(index));
        let operation = operation.map_or_else(String::new, |operation| operation.id.to_string());
        insert(
            &mut data,
            "principal",
            self.principal.as_ref().and_then(fact),
        );
        if let Some((status, fields)) = &kept.response {
            let mut response = json!({ "status": status, "fields": fields });
            insert(&mut response, "body", kept.reply.form());
            insert(&mut data, "response", Some(response));
        }
        let note = json!({
            "operation": operation,
            "request_body_left_out": kept.body.is_cut,
            "response_body_left_out": kept.reply.is_cut,
        });
        insert(&mut data, "note", Some(note));
        Some((operation, serde_json::to_vec(&data).ok()?))
    }
}

/// A verified Principal as a fact: the one thing that stands for its secret.
fn fact(principal: &Principal) -> Option<Value> {
    let is_known = matches!(principal.kind().name(), "token" | "api-key");
    (principal.is_proven() && is_known).then(|| {
        json!({
            "kind": principal.kind().name(),
            "issuer": principal.issuer(),
            "subject": principal.subject(),
            "scopes": principal.scopes(),
        })
    })
}

fn insert(holder: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(members), Some(value)) = (holder.as_object_mut(), value) {
        members.insert(name.to_owned(), value);
    }
}

fn pair((name, value): (&[u8], &[u8])) -> (String, String) {
    (latin1(name), latin1(value))
}

/// One byte, one character.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_beyond_its_bound_is_left_out_whole() {
        let mut part = Part::default();
        part.add(b"12345", 6);
        assert_eq!(part.form(), Some(json!({ "text": "12345" })));
        part.add(b"67", 6);
        assert_eq!(part.form(), None);
    }

    #[test]
    fn bytes_that_are_no_text_are_kept_as_base64() {
        let mut part = Part::default();
        part.add(&[0xff], 6);
        assert_eq!(part.form(), Some(json!({ "base64": "/w==" })));
    }

    #[test]
    fn header_bytes_become_one_character_each() {
        assert_eq!(latin1(&[b'a', 0xe9]), "a\u{e9}");
    }
}
