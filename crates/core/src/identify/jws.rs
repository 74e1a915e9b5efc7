//! Compact JWS (RFC 7515 section 7.1): split strictly, verify with exactly one key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::algorithm::Algorithm;
use super::json::{Json, parse_object};
use super::jwk::{Fitting, KID_MAX_BYTES, KeySet, NoFit};
use super::refusal::Refusal;
use crate::codes::Code;

/// Longest token, bytes.
pub const TOKEN_MAX_BYTES: usize = 8 << 10;

/// Header members that are refused: critical extensions and unencoded payloads (RFC 7797), and
/// what belongs to encryption or nesting. `jwk`, `jku`, `x5u`, `x5c` are never read at all.
const REFUSED: [&str; 6] = ["crit", "b64", "enc", "zip", "p2c", "cty"];

/// A well-formed compact JWS whose signature is not proven yet. Printing it shows no part of the
/// token but the algorithm.
pub struct Compact<'a> {
    signed: &'a [u8],
    signature: Vec<u8>,
    payload: Vec<u8>,
    header: Header,
}

/// What is read of a token header.
struct Header {
    algorithm: Algorithm,
    kid: Option<String>,
    kind: Option<String>,
}

impl std::fmt::Debug for Compact<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let algorithm = self.header.algorithm.name();
        f.debug_struct("Compact")
            .field("algorithm", &algorithm)
            .finish_non_exhaustive()
    }
}

impl<'a> Compact<'a> {
    /// Splits a token into its parts. Cost: O(bytes); no cryptography.
    ///
    /// # Errors
    /// `identify.token-malformed`, `identify.header-refused`, `identify.algorithm`.
    pub fn split(token: &'a [u8]) -> Result<Self, Refusal> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(malformed("a token of at most 8 KiB"));
        }
        let mut parts = token.split(|byte| *byte == b'.');
        let (Some(head), Some(body), Some(tail), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed("three parts divided by dots"));
        };
        let header = decode(head)?;
        let payload = decode(body)?;
        let signature = decode(tail)?;
        if signature.is_empty() {
            return Err(malformed("a signature"));
        }
        let signed_len = head.len().saturating_add(body.len()).saturating_add(1);
        let signed = token.get(..signed_len).unwrap_or_default();
        Ok(Compact {
            signed,
            signature,
            payload,
            header: Header::parse(&header)?,
        })
    }

    /// Algorithm named by the header.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.header.algorithm
    }

    /// `kid` of the header: opaque.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// `typ` of the header, lower case, without `application/`.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.header.kind.as_deref()
    }

    /// The payload, before its signature is proven: only to select the issuer entry.
    pub(crate) fn unproven_payload(&self) -> &[u8] {
        &self.payload
    }

    /// The one key of the set for this token.
    pub(crate) fn key<'k>(&self, keys: &'k KeySet) -> Result<Fitting<'k>, NoFit> {
        keys.select(self.kid(), self.header.algorithm)
    }

    /// The payload, proven by the one key of the set that fits. Cost: one signature check.
    ///
    /// # Errors
    /// `identify.algorithm`, `identify.key-unknown`, `identify.signature`.
    pub fn verify(&self, keys: &KeySet) -> Result<&[u8], Refusal> {
        let key = self.key(keys).map_err(no_fit)?;
        self.verify_with(key)
    }

    pub(crate) fn verify_with(&self, key: Fitting<'_>) -> Result<&[u8], Refusal> {
        if key.verifies(self.signed, &self.signature) {
            return Ok(&self.payload);
        }
        Err(Refusal::new(
            Code::IdentifySignature,
            "a signature by the key that the header names",
        ))
    }
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let members = parse_object(bytes, 4)
            .ok_or_else(|| malformed("a JSON header without repeated members"))?;
        if let Some(name) = REFUSED.into_iter().find(|name| members.contains_key(*name)) {
            let expected = format!("a header without `{name}`");
            return Err(Refusal::new(Code::IdentifyHeaderRefused, expected));
        }
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(malformed("header members of their types")),
        };
        let name = text("alg")?.ok_or_else(|| malformed("a header with `alg`"))?;
        let algorithm = Algorithm::named(name).ok_or_else(|| {
            Refusal::new(Code::IdentifyAlgorithm, "a supported signature algorithm")
        })?;
        let kid = text("kid")?.map(str::to_owned);
        if kid.as_ref().is_some_and(|kid| kid.len() > KID_MAX_BYTES) {
            return Err(malformed("a `kid` of at most 128 bytes"));
        }
        Ok(Header {
            algorithm,
            kid,
            kind: text("typ")?.map(normal_kind),
        })
    }
}

pub(crate) fn no_fit(why: NoFit) -> Refusal {
    match why {
        NoFit::Algorithm => Refusal::new(
            Code::IdentifyAlgorithm,
            "the algorithm that the key is bound to",
        ),
        NoFit::Ambiguous => Refusal::new(
            Code::IdentifyKeyUnknown,
            "exactly one key that fits; several do",
        ),
        NoFit::Unknown => Refusal::new(Code::IdentifyKeyUnknown, "a `kid` of the issuer's key set"),
    }
}

pub(crate) fn malformed(expected: &'static str) -> Refusal {
    Refusal::new(Code::IdentifyTokenMalformed, expected)
}

fn normal_kind(kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    kind.strip_prefix("application/")
        .map(str::to_owned)
        .unwrap_or(kind)
}

/// INVARIANT: the decoder refuses padding, foreign characters and tail bits that are not zero, so
/// one token has one spelling.
fn decode(part: &[u8]) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| malformed("three parts in base64url without padding"))
}
