//! Key admission: a weak or contradictory key is dropped alone, with a note.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::algorithm::Algorithm;
use super::json::{Json, Members};
use super::jwk::{KID_MAX_BYTES, Key, Symmetry, Verifier, sha256};

/// The key, or one clause for the owner why it is dropped.
pub(crate) fn admit(item: &Json, symmetry: Symmetry) -> Result<Key, &'static str> {
    let Json::Object(key) = item else {
        return Err("it is not an object");
    };
    require_verification_use(key)?;
    if symmetry == Symmetry::Asymmetric && key.contains_key("d") {
        return Err("its private half is published with it");
    }
    let kid = optional_text(key, "kid")?;
    if kid.is_some_and(|kid| kid.len() > KID_MAX_BYTES) {
        return Err("its `kid` is longer than 128 bytes");
    }
    let declared = match optional_text(key, "alg")? {
        None => None,
        Some(name) => {
            Some(Algorithm::named(name).ok_or("its `alg` is not a supported signature algorithm")?)
        }
    };
    let kty = optional_text(key, "kty")?.ok_or("it has no `kty`")?;
    let (fits, material) = match (kty, symmetry) {
        ("RSA", Symmetry::Asymmetric) => admit_rsa(key, declared)?,
        ("EC", Symmetry::Asymmetric) => admit_ec(key, declared)?,
        ("OKP", Symmetry::Asymmetric) => admit_okp(key, declared)?,
        ("oct", Symmetry::Symmetric) => admit_shared(key, declared)?,
        ("oct", Symmetry::Asymmetric) => return Err("it is a shared secret"),
        _ => return Err("its `kty` is not supported"),
    };
    Ok(Key {
        kid: kid.map(Into::into),
        thumbprint: sha256(&material),
        fits,
    })
}

type Admitted = (BTreeMap<Algorithm, Verifier>, Vec<u8>);

/// `use` and `key_ops` must allow verification, and agree (RFC 7517 sections 4.2 and 4.3).
fn require_verification_use(key: &Members) -> Result<(), &'static str> {
    if optional_text(key, "use")?.is_some_and(|usage| usage != "sig") {
        return Err("its `use` is not `sig`");
    }
    match key.get("key_ops") {
        None => Ok(()),
        Some(Json::Array(ops))
            if ops.iter().any(|op| op.text() == Some("verify"))
                && ops
                    .iter()
                    .all(|op| matches!(op.text(), Some("verify" | "sign"))) =>
        {
            Ok(())
        }
        Some(_) => Err("its `key_ops` are for more than signatures, or do not allow `verify`"),
    }
}

fn admit_rsa(key: &Members, declared: Option<Algorithm>) -> Result<Admitted, &'static str> {
    let n = binary(key, "n")?;
    let e = binary(key, "e")?;
    require_strong_modulus(&n)?;
    require_sound_exponent(&e)?;
    let candidates = Algorithm::ALL
        .into_iter()
        .filter(|algorithm| declared.is_none_or(|one| one == *algorithm));
    let mut fits = BTreeMap::new();
    for algorithm in candidates {
        let Some(parameters) = algorithm.rsa() else {
            continue;
        };
        let components = RsaPublicKeyComponents {
            n: n.as_slice(),
            e: e.as_slice(),
        };
        let parsed = components
            .to_parsed_public_key(parameters)
            .map_err(|_| "its RSA numbers are refused")?;
        fits.insert(algorithm, Verifier::Public(parsed));
    }
    if fits.is_empty() {
        return Err("its `alg` does not fit its `kty`");
    }
    Ok((fits, [b"RSA".as_slice(), &n, b"/", &e].concat()))
}

fn require_strong_modulus(n: &[u8]) -> Result<(), &'static str> {
    let Some(first) = n.first() else {
        return Err("its `n` is empty");
    };
    if *first == 0 {
        return Err("its `n` has leading zeros");
    }
    let bits = n
        .len()
        .saturating_mul(8)
        .saturating_sub(first.leading_zeros() as usize);
    if bits < 2048 {
        return Err("its modulus is shorter than 2048 bits");
    }
    if bits > 8192 {
        return Err("its modulus is longer than 8192 bits");
    }
    if n.last().is_some_and(|last| last & 1 == 0) {
        return Err("its modulus is even");
    }
    if is_roca(n) {
        return Err("its modulus is of the ROCA form (CVE-2017-15361)");
    }
    Ok(())
}

/// Odd, at least 65537, at most 32 bits.
fn require_sound_exponent(e: &[u8]) -> Result<(), &'static str> {
    if e.is_empty() || e.len() > 4 || e.first() == Some(&0) {
        return Err("its `e` is not between 65537 and 2^32");
    }
    let value = e
        .iter()
        .fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    if value < 65_537 || value & 1 == 0 {
        return Err("its `e` is not odd or below 65537");
    }
    Ok(())
}

/// Primes of the flawed library (CVE-2017-15361) are powers of 65537 modulo every small prime, so
/// their products are too. A sound modulus has this form with a probability of about 2^-28.
fn is_roca(n: &[u8]) -> bool {
    const PRIMES: [u64; 17] = [
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
    ];
    PRIMES
        .into_iter()
        .all(|prime| is_power_of_65537(remainder(n, prime), prime))
}

fn remainder(n: &[u8], prime: u64) -> u64 {
    n.iter().fold(0, |rest, byte| {
        ((rest << 8) | u64::from(*byte))
            .checked_rem(prime)
            .unwrap_or(0)
    })
}

fn is_power_of_65537(rest: u64, prime: u64) -> bool {
    let mut power = 1_u64;
    for _ in 0..prime {
        if power == rest {
            return true;
        }
        power = power.saturating_mul(65_537).checked_rem(prime).unwrap_or(0);
    }
    false
}

fn admit_ec(key: &Members, declared: Option<Algorithm>) -> Result<Admitted, &'static str> {
    let crv = optional_text(key, "crv")?.ok_or("it has no `crv`")?;
    let (algorithm, size, parameters) =
        Algorithm::curve(crv).ok_or("its `crv` is not supported")?;
    if declared.is_some_and(|declared| declared != algorithm) {
        return Err("its `alg` does not fit its `crv`");
    }
    let (x, y) = (binary(key, "x")?, binary(key, "y")?);
    if x.len() != size || y.len() != size {
        return Err("its coordinates do not have the length of its `crv`");
    }
    let point = [&[4_u8], x.as_slice(), y.as_slice()].concat();
    let parsed =
        ParsedPublicKey::new(parameters, &point).map_err(|_| "its point is not on its curve")?;
    Ok((
        BTreeMap::from([(algorithm, Verifier::Public(parsed))]),
        [crv.as_bytes(), &point].concat(),
    ))
}

/// SOURCE: the points of small order of edwards25519, whose signatures hold for many messages
/// (RFC 8032 section 5.1.7 does not exclude them), in both encodings of their sign bit.
fn is_small_order(x: &[u8]) -> bool {
    const ORDER_8: [[u8; 32]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let Some((last, low)) = x.split_last() else {
        return true;
    };
    let last = last & 0x7f;
    let same = |point: &[u8; 32]| {
        point
            .split_last()
            .is_some_and(|(end, start)| start == low && *end == last)
    };
    if ORDER_8.iter().any(same) {
        return true;
    }
    // y of 0, 1, and of p-1, p, p+1 (non-canonical forms of -1, 0 and 1).
    let Some((first, middle)) = low.split_first() else {
        return true;
    };
    let near_zero = last == 0 && *first <= 1 && middle.iter().all(|byte| *byte == 0);
    let near_prime = last == 0x7f && *first >= 0xec && middle.iter().all(|byte| *byte == 0xff);
    near_zero || near_prime
}

fn admit_okp(key: &Members, declared: Option<Algorithm>) -> Result<Admitted, &'static str> {
    if optional_text(key, "crv")? != Some("Ed25519") {
        return Err("its `crv` is not supported");
    }
    if declared.is_some_and(|declared| declared != Algorithm::EdDsa) {
        return Err("its `alg` does not fit its `crv`");
    }
    let x = binary(key, "x")?;
    if x.len() != 32 || is_small_order(&x) {
        return Err("its `x` is not a sound Ed25519 key");
    }
    let parsed =
        ParsedPublicKey::new(&ED25519, &x).map_err(|_| "its `x` is not a sound Ed25519 key")?;
    Ok((
        BTreeMap::from([(Algorithm::EdDsa, Verifier::Public(parsed))]),
        [b"Ed25519".as_slice(), &x].concat(),
    ))
}

/// A shared secret is at least as long as the digest (RFC 7518 section 3.2).
fn admit_shared(key: &Members, declared: Option<Algorithm>) -> Result<Admitted, &'static str> {
    let algorithm = declared.ok_or("it has no `alg`")?;
    let parameters = algorithm.hmac().ok_or("its `alg` does not fit its `kty`")?;
    let k = binary(key, "k")?;
    if k.len() < parameters.tag_len() {
        return Err("its secret is shorter than the digest");
    }
    let verifier = Verifier::Shared(Box::new(hmac::Key::new(parameters, &k)));
    Ok((
        BTreeMap::from([(algorithm, verifier)]),
        [b"oct".as_slice(), &k].concat(),
    ))
}

fn optional_text<'a>(key: &'a Members, name: &str) -> Result<Option<&'a str>, &'static str> {
    match key.get(name) {
        None => Ok(None),
        Some(value) => value
            .text()
            .map(Some)
            .ok_or("a member that must be a string is not"),
    }
}

fn binary(key: &Members, name: &str) -> Result<Vec<u8>, &'static str> {
    let text = optional_text(key, name)?.ok_or("a member of its `kty` is missing")?;
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| "a member is not base64url")
}
