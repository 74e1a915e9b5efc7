//! The form of a recorded Exchange, and its parts as the core takes them.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::identify::{Principal, PrincipalKind};

/// One recorded Exchange.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Caller; loopback when absent.
    #[serde(default)]
    pub peer: Option<IpAddr>,
    /// When it opened, milliseconds since the Unix epoch.
    #[serde(default)]
    pub time_ms: u64,
    /// The Request.
    pub request: CapturedRequest,
    /// The verified Principal as a fact, in place of its secret.
    #[serde(default)]
    pub principal: Option<CapturedPrincipal>,
    /// The Response of the API; absent = the API was not reached.
    #[serde(default)]
    pub response: Option<CapturedResponse>,
    /// Anything that belongs to the recorder: expectations, tags. Not read here.
    #[serde(default)]
    pub note: serde::de::IgnoredAny,
}

/// A Request: parsed, or as raw bytes of the wire.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum CapturedRequest {
    /// Head in parts.
    Parts {
        /// Method.
        method: String,
        /// Target as sent, Latin-1.
        target: String,
        /// Name and value, Latin-1, in order.
        fields: Vec<(String, String)>,
        /// Body.
        #[serde(default)]
        body: CapturedBody,
    },
    /// The bytes as they came.
    Raw {
        /// Base64.
        raw: String,
    },
}

/// A body.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CapturedBody {
    /// No body.
    #[default]
    None,
    /// UTF-8 text.
    Text(String),
    /// Base64 of the bytes.
    Base64(String),
    /// Bytes that were not kept.
    Unread {
        /// How many.
        bytes: u64,
        /// Of all of them, lower-case hex; absent where they were not seen. Not read here.
        #[serde(default)]
        sha256: Option<String>,
    },
}

/// A body as it can be fed.
pub(super) enum Body {
    Known(Vec<u8>),
    Unread(u64),
}

impl Body {
    pub(super) fn read(body: &CapturedBody) -> Result<Self, BadCapture> {
        Ok(match body {
            CapturedBody::None => Body::Known(Vec::new()),
            CapturedBody::Text(text) => Body::Known(text.clone().into_bytes()),
            CapturedBody::Base64(text) => Body::Known(decode(text)?),
            CapturedBody::Unread { bytes, .. } => Body::Unread(*bytes),
        })
    }

    pub(super) fn length(&self) -> u64 {
        match self {
            Body::Known(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Body::Unread(length) => *length,
        }
    }
}

/// A Principal as a fact.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapturedPrincipal {
    /// `token` or `api-key`.
    pub kind: String,
    /// Issuer id, or empty.
    #[serde(default)]
    pub issuer: String,
    /// Subject or key id.
    pub subject: String,
    /// Scopes held.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Ids of the Operations that an API key is meant for; none = all.
    #[serde(default)]
    pub operations: Vec<String>,
}

/// A Response.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapturedResponse {
    /// Status.
    pub status: u16,
    /// Name and value, Latin-1, in order.
    #[serde(default)]
    pub fields: Vec<(String, String)>,
    /// Body.
    #[serde(default)]
    pub body: CapturedBody,
}

/// Why a line cannot be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadCapture {
    /// It is no capture, for this reason.
    Form(String),
    /// The Policy reads a body that was not kept.
    Unread,
}

impl std::fmt::Display for BadCapture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            BadCapture::Form(reason) => f.write_str(reason),
            BadCapture::Unread => f.write_str("its body was not kept, and the policy reads it"),
        }
    }
}

pub(super) fn principal(form: &CapturedPrincipal) -> Result<Principal, BadCapture> {
    let kind = match form.kind.as_str() {
        "token" => PrincipalKind::Token,
        "api-key" => PrincipalKind::ApiKey,
        _ => {
            return Err(BadCapture::Form(
                "principal: kind is neither `token` nor `api-key`".to_owned(),
            ));
        }
    };
    Ok(
        Principal::recorded(kind, &form.issuer, &form.subject, form.scopes.clone())
            .bound_to(&form.operations),
    )
}

pub(super) fn latin1(text: &str) -> Result<Vec<u8>, BadCapture> {
    let wide =
        |_| BadCapture::Form("a header or target holds a character beyond Latin-1".to_owned());
    text.chars()
        .map(|letter| u8::try_from(u32::from(letter)).map_err(wide))
        .collect()
}

pub(super) fn decode(text: &str) -> Result<Vec<u8>, BadCapture> {
    STANDARD
        .decode(text)
        .map_err(|_| BadCapture::Form("a body is not base64".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_comes_as_text_or_base64_or_not_at_all() {
        for (form, expected) in [
            (json!("none"), ""),
            (json!({"text": "ä"}), "ä"),
            (json!({"base64": "w6Q="}), "ä"),
        ] {
            let body: CapturedBody = serde_json::from_value(form).unwrap();
            let Body::Known(bytes) = Body::read(&body).unwrap() else {
                panic!("{expected} was kept");
            };
            assert_eq!(bytes, expected.as_bytes());
        }
        let body = CapturedBody::Base64("w6Q".to_owned());
        assert!(Body::read(&body).is_err());
    }

    #[test]
    fn a_letter_of_a_header_is_one_byte() {
        assert_eq!(latin1("\u{e9}\u{ff}").unwrap(), [0xe9, 0xff]);
        assert!(latin1("\u{20ac}").is_err());
    }

    #[test]
    fn a_principal_is_a_token_or_an_api_key() {
        let mut form: CapturedPrincipal =
            serde_json::from_value(json!({"kind": "token", "subject": "alice"})).unwrap();
        assert_eq!(principal(&form).unwrap().kind(), PrincipalKind::Token);
        form.kind = "api-key".to_owned();
        assert_eq!(principal(&form).unwrap().kind(), PrincipalKind::ApiKey);
        form.kind = "anonymous".to_owned();
        assert!(principal(&form).is_err());
    }

    #[test]
    fn an_unknown_key_is_refused_not_ignored() {
        let line = json!({"request": {"raw": ""}, "responce": {"status": 200}});
        assert!(serde_json::from_value::<Capture>(line).is_err());
    }
}
