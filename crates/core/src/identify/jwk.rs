//! JWK sets (RFC 7517): bounded, strict, and only with keys that passed admission.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::{constant_time, hmac};

use super::admission::admit;
use super::algorithm::Algorithm;
use super::json::{Json, parse_object};

/// Largest accepted set, bytes.
pub const SET_MAX_BYTES: usize = 256 << 10;
/// Most keys of a set.
pub const SET_MAX_KEYS: usize = 100;
/// Longest `kid`, bytes.
pub const KID_MAX_BYTES: usize = 128;

/// Which kind of keys a set may hold; never both (a public key must not be taken for a secret).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Symmetry {
    /// Public keys: every issuer's set.
    Asymmetric,
    /// Shared secrets: only where no public set is read.
    Symmetric,
}

/// Why a whole set is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetFault {
    /// More than `SET_MAX_BYTES`.
    TooLarge,
    /// More than `SET_MAX_KEYS`.
    TooManyKeys,
    /// Not a strict JSON object with an array `keys`.
    Malformed,
    /// Shared secrets and public keys in one set.
    MixedSymmetry,
    /// No key passed admission.
    Empty,
}

impl SetFault {
    /// One sentence for the owner.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            SetFault::TooLarge => "the key set is larger than 256 kB",
            SetFault::TooManyKeys => "the key set holds more than 100 keys",
            SetFault::Malformed => "the key set is not a JSON object with an array `keys`",
            SetFault::MixedSymmetry => "the key set holds both shared secrets and public keys",
            SetFault::Empty => "no key of the set can be used",
        }
    }
}

/// One key that was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Its place in the set.
    pub index: usize,
    /// Why: one clause for the owner.
    pub why: &'static str,
}

/// Admitted keys of one issuer. Immutable.
#[derive(Debug, Default)]
pub struct KeySet {
    keys: Vec<Key>,
    dropped: Vec<Dropped>,
}

pub(crate) struct Key {
    pub(crate) kid: Option<Box<str>>,
    pub(crate) thumbprint: [u8; 32],
    pub(crate) fits: BTreeMap<Algorithm, Verifier>,
}

pub(crate) enum Verifier {
    Public(ParsedPublicKey),
    Shared(Box<hmac::Key>),
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

/// The one key that fits a token.
#[derive(Clone, Copy)]
pub(crate) struct Fitting<'a> {
    verifier: &'a Verifier,
    pub(crate) thumbprint: &'a [u8; 32],
}

/// Why no single key fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoFit {
    /// No key has this `kid`.
    Unknown,
    /// A key has the `kid`, bound to another algorithm.
    Algorithm,
    /// More than one fits.
    Ambiguous,
}

impl KeySet {
    /// Reads a set of public keys (RFC 7517 section 5). Keys that fail admission are dropped.
    ///
    /// # Errors
    /// `SetFault` for the set as a whole; cost O(bytes).
    pub fn parse(bytes: &[u8]) -> Result<Self, SetFault> {
        Self::parse_of(bytes, Symmetry::Asymmetric)
    }

    /// As `parse`, for the kind of keys given. A key whose private half
    /// stands beside it is dropped.
    ///
    /// # Errors
    /// As `parse`.
    pub fn parse_of(bytes: &[u8], symmetry: Symmetry) -> Result<Self, SetFault> {
        if bytes.len() > SET_MAX_BYTES {
            return Err(SetFault::TooLarge);
        }
        let set = parse_object(bytes, 8).ok_or(SetFault::Malformed)?;
        let Some(Json::Array(items)) = set.get("keys") else {
            return Err(SetFault::Malformed);
        };
        if items.len() > SET_MAX_KEYS {
            return Err(SetFault::TooManyKeys);
        }
        if symmetry == Symmetry::Symmetric && items.iter().any(|item| !is_shared(item)) {
            return Err(SetFault::MixedSymmetry);
        }
        let mut set = KeySet::default();
        for (index, item) in items.iter().enumerate() {
            let twin = |other: &Json| name_of(other).is_some() && name_of(other) == name_of(item);
            if items.iter().filter(|other| twin(other)).count() > 1 {
                let why = "another key has its `kid`, `kty` and `alg`";
                set.dropped.push(Dropped { index, why });
                continue;
            }
            match admit(item, symmetry) {
                Ok(key) => set.keys.push(key),
                Err(why) => set.dropped.push(Dropped { index, why }),
            }
        }
        if set.keys.is_empty() {
            Err(SetFault::Empty)
        } else {
            Ok(set)
        }
    }

    /// How many keys were admitted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether no key was admitted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The keys that were not admitted.
    #[must_use]
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    /// Whether a key with this SHA-256 thumbprint is still in the set.
    pub(crate) fn holds(&self, thumbprint: &[u8; 32]) -> bool {
        self.keys.iter().any(|key| key.thumbprint == *thumbprint)
    }

    /// The one key for (kid, algorithm); without `kid`, the only one that fits the algorithm.
    pub(crate) fn select(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Fitting<'_>, NoFit> {
        let named = |key: &&Key| kid.is_none() || key.kid.as_deref() == kid;
        let mut fitting = self.keys.iter().filter(named).filter_map(|key| {
            key.fits.get(&algorithm).map(|verifier| Fitting {
                verifier,
                thumbprint: &key.thumbprint,
            })
        });
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(NoFit::Ambiguous),
            (None, _) if self.keys.iter().any(|key| named(&key)) => Err(NoFit::Algorithm),
            (None, _) => Err(NoFit::Unknown),
        }
    }
}

impl Fitting<'_> {
    /// Whether `signature` over `signed` holds. Cost: one signature check.
    pub(crate) fn verifies(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self.verifier {
            Verifier::Public(key) => key.verify_sig(signed, signature).is_ok(),
            Verifier::Shared(key) => hmac::verify(key, signed, signature).is_ok(),
        }
    }
}

/// What a token names a signature key by; `None` for keys without `kid` or for other uses.
fn name_of(item: &Json) -> Option<(&str, Option<&Json>, Option<&Json>)> {
    let Json::Object(key) = item else { return None };
    if key
        .get("use")
        .is_some_and(|usage| usage.text() != Some("sig"))
    {
        return None;
    }
    Some((key.get("kid")?.text()?, key.get("kty"), key.get("alg")))
}

fn is_shared(item: &Json) -> bool {
    let Json::Object(key) = item else {
        return false;
    };
    key.get("kty").and_then(Json::text) == Some("oct")
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(digest(&SHA256, bytes).as_ref()) {
        *to = *from;
    }
    out
}

/// Whether two byte strings are equal, in time that depends on their lengths only.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}
