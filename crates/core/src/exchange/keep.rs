//! What a capture window keeps of one Exchange, bounded; nothing is kept unless the driver asks.
//!
//! Bytes are kept as they came, credentials included: whoever takes a capture out redacts it. Of a
//! body beyond its bound length and SHA-256 are kept.

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Exchange;
use crate::identify::Principal;
use crate::wire::head::{Framing, RequestHead, ResponseHead};
use crate::wire::number::hex;

type Fields = Vec<(String, String)>;

/// The recorded parts.
#[derive(Debug)]
pub(super) struct Kept {
    body_max: usize,
    request: Option<(String, String, Fields)>,
    response: Option<(u16, Fields)>,
    /// Length that the head of the Request tells.
    announced: u64,
    body: Part,
    reply: Part,
}

/// A body up to its bound.
#[derive(Default)]
struct Part {
    bytes: Vec<u8>,
    length: u64,
    /// What is known of a body beyond its bound; the bytes are gone then.
    hash: Option<Context>,
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Part {
    fn add(&mut self, data: &[u8], max: usize) {
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        self.length = self.length.saturating_add(length);
        if let Some(hash) = &mut self.hash {
            hash.update(data);
        } else if self.bytes.len().saturating_add(data.len()) > max {
            let mut hash = Context::new(&SHA256);
            hash.update(&std::mem::take(&mut self.bytes));
            hash.update(data);
            self.hash = Some(hash);
        } else {
            self.bytes.extend_from_slice(data);
        }
    }

    fn is_cut(&self) -> bool {
        self.hash.is_some()
    }

    /// Half a body is none: it would be judged as another one.
    fn form(&self) -> Option<Value> {
        if let Some(hash) = self.hash.clone() {
            let sha256 = hex(hash.finish().as_ref());
            return Some(json!({ "unread": { "bytes": self.length, "sha256": sha256 } }));
        }
        if self.bytes.is_empty() {
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
        self.announced = match head.framing() {
            Framing::Length(length) => length,
            _ => 0,
        };
        let fields = head.fields().map(pair).collect();
        self.request = Some((latin1(head.method()), latin1(head.target()), fields));
    }

    pub(super) fn chunk(&mut self, data: &[u8]) {
        self.body.add(data, self.body_max);
    }

    /// The body of the Request; one that the client announced, and nobody read, is not none.
    fn request_body(&self) -> Option<Value> {
        if self.body.length < self.announced {
            return Some(json!({ "unread": { "bytes": self.announced } }));
        }
        self.body.form()
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
            announced: 0,
            body: Part::default(),
            reply: Part::default(),
        }));
    }

    /// What was kept, as one capture (JSON, see `replay`), and the Operation; `None` where nothing
    /// was to be kept, or nothing came that could be read. Of a body that did not fit, its length and
    /// hash are there, and `note` says so.
    #[must_use]
    pub fn captured(&self) -> Option<(String, Vec<u8>)> {
        let kept = self.kept.as_ref()?;
        let (method, target, fields) = kept.request.as_ref()?;
        let mut request = json!({ "method": method, "target": target, "fields": fields });
        insert(&mut request, "body", kept.request_body());
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
            "request_body_left_out": kept.body.is_cut() || kept.body.length < kept.announced,
            "response_body_left_out": kept.reply.is_cut(),
        });
        insert(&mut data, "note", Some(note));
        Some((operation, serde_json::to_vec(&data).ok()?))
    }
}

/// A verified Principal as a fact: the one thing that stands for its secret.
fn fact(principal: &Principal) -> Option<Value> {
    let is_known = matches!(principal.kind().name(), "token" | "api-key");
    (principal.is_proven() && is_known).then(|| {
        let mut fact = json!({
            "kind": principal.kind().name(),
            "issuer": principal.issuer(),
            "subject": principal.subject(),
            "scopes": principal.scopes(),
        });
        let bound = principal.operations();
        insert(
            &mut fact,
            "operations",
            (!bound.is_empty()).then(|| json!(bound)),
        );
        fact
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
    fn of_a_body_beyond_its_bound_length_and_hash_are_kept() {
        let mut part = Part::default();
        part.add(b"12345", 6);
        assert_eq!(part.form(), Some(json!({ "text": "12345" })));
        part.add(b"67", 6);
        part.add(b"8", 6);
        let digest = aws_lc_rs::digest::digest(&SHA256, b"12345678");
        let hex: String = digest
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let unread = json!({ "unread": { "bytes": 8, "sha256": hex } });
        assert_eq!(part.form(), Some(unread));
        assert!(part.bytes.is_empty());
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
