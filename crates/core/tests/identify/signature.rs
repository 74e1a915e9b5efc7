//! Signatures and the form of tokens.

use aws_lc_rs::{hmac, signature};
use bartizan_core::codes::Code::{self, *};
use serde_json::json;

use crate::world::*;

fn unsigned(name: &str, tail: &str) -> String {
    let header = json!({"alg": name, "typ": "at+jwt"}).to_string();
    format!("{}.{}.{tail}", b64(header), b64(claims().to_string()))
}

#[test]
fn no_spelling_of_none_is_an_algorithm() {
    let mut cases = Vec::new();
    for name in [
        "none",
        "None",
        "NONE",
        "nOnE",
        "noNE",
        "none ",
        " none",
        "n\u{f6}ne",
        "",
    ] {
        cases.push((
            format!("`{name}` without signature"),
            unsigned(name, ""),
            IdentifyTokenMalformed,
        ));
        cases.push((
            format!("`{name}` with a signature"),
            unsigned(name, "AAAA"),
            IdentifyAlgorithm,
        ));
    }
    assert_refused(&World::new(), cases);
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let rsa = rsa_jwk("rs");
    let n = rsa["n"].as_str().unwrap().to_owned();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{n}\n-----END PUBLIC KEY-----\n");
    let mut cases = Vec::new();
    for (what, secret) in [
        ("PEM", pem),
        ("modulus", n),
        ("JWK", rsa.to_string()),
        ("empty", String::new()),
    ] {
        for (name, algorithm) in [
            ("HS256", hmac::HMAC_SHA256),
            ("HS384", hmac::HMAC_SHA384),
            ("HS512", hmac::HMAC_SHA512),
        ] {
            let key = hmac::Key::new(algorithm, secret.as_bytes());
            let header = json!({"alg": name, "kid": "rs", "typ": "at+jwt"}).to_string();
            let token = token_by(header, claims().to_string(), |message| {
                hmac::sign(&key, message).as_ref().to_vec()
            });
            cases.push((format!("{name} by {what}"), token, IdentifyAlgorithm));
        }
    }
    assert_refused(&World::new(), cases);
}

fn with_signature(change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    token_by(header().to_string(), claims().to_string(), |message| {
        change(sign_es(&keyring().es, message))
    })
}

#[test]
fn a_signature_has_one_form() {
    let der = |raw: Vec<u8>| {
        [
            &[0x30, 0x44, 0x02, 0x20],
            &raw[..32],
            &[0x02, 0x20],
            &raw[32..],
        ]
        .concat()
    };
    let cases: Vec<(&str, String)> = vec![
        ("r = s = 0", with_signature(|_| vec![0; 64])),
        (
            "r = s = 1",
            with_signature(|_| {
                [
                    [&[0_u8; 31][..], &[1]].concat(),
                    [&[0_u8; 31][..], &[1]].concat(),
                ]
                .concat()
            }),
        ),
        ("all bits set", with_signature(|_| vec![0xff; 64])),
        (
            "r = 0",
            with_signature(|raw| [&[0; 32][..], &raw[32..]].concat()),
        ),
        (
            "s = 0",
            with_signature(|raw| [&raw[..32], &[0; 32][..]].concat()),
        ),
        (
            "halves swapped",
            with_signature(|raw| [&raw[32..], &raw[..32]].concat()),
        ),
        ("DER", with_signature(der)),
        (
            "a leading zero",
            with_signature(|raw| [&[0], raw.as_slice()].concat()),
        ),
        (
            "a trailing zero",
            with_signature(|raw| [raw.as_slice(), &[0]].concat()),
        ),
        (
            "zero-padded halves",
            with_signature(|raw| [&[0], &raw[..32], &[0], &raw[32..]].concat()),
        ),
        ("twice", with_signature(|raw| [raw.clone(), raw].concat())),
        ("one byte short", with_signature(|raw| raw[..63].to_vec())),
        ("half of it", with_signature(|raw| raw[..32].to_vec())),
        ("one byte", with_signature(|_| vec![0])),
        (
            "one bit flipped",
            with_signature(|mut raw| {
                raw[40] ^= 1;
                raw
            }),
        ),
        (
            "by another key",
            token_by(header().to_string(), claims().to_string(), |message| {
                sign_es(&keyring().foreign, message)
            }),
        ),
        (
            "of another message",
            token_by(header().to_string(), claims().to_string(), |_| {
                sign_es(&keyring().es, b"other")
            }),
        ),
    ];
    let named = cases
        .into_iter()
        .map(|(name, token)| (name.to_owned(), token, IdentifySignature));
    assert_refused(&World::new(), named.collect());
}

#[test]
fn a_signature_covers_header_and_payload() {
    let parts: Vec<String> = good().split('.').map(str::to_owned).collect();
    let other: Vec<String> = with_claims(json!({"sub": "mallory"}))
        .split('.')
        .map(str::to_owned)
        .collect();
    let header = b64(json!({"alg": "ES256", "kid": "es", "typ": "JWT"}).to_string());
    let cases = vec![
        (
            "another payload".to_owned(),
            format!("{}.{}.{}", parts[0], other[1], parts[2]),
            IdentifySignature,
        ),
        (
            "another header".to_owned(),
            format!("{header}.{}.{}", parts[1], parts[2]),
            IdentifySignature,
        ),
    ];
    assert_refused(&World::new(), cases);
}

/// A header and claims whose lengths leave tail bits, and the token with one of them set.
fn with_tail_bit(part: usize) -> String {
    let pad = |text: String| {
        let spaces = (4 - text.len() % 3) % 3;
        text + &" ".repeat(spaces)
    };
    let token = raw_token(pad(header().to_string()), pad(claims().to_string()));
    let world = World::new();
    assert_eq!(
        world.bearer(&token),
        None,
        "the twin without tail bits passes"
    );
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let last = parts[part].pop().unwrap();
    parts[part].push(char::from(u8::try_from(last).unwrap() + 1));
    parts.join(".")
}

#[test]
fn one_token_has_one_spelling() {
    let token = good();
    let parts: Vec<&str> = token.split('.').collect();
    let (h, p, s) = (parts[0], parts[1], parts[2]);
    let malformed: Vec<(&str, String)> = vec![
        ("tail bits of the header", with_tail_bit(0)),
        ("tail bits of the payload", with_tail_bit(1)),
        ("tail bits of the signature", with_tail_bit(2)),
        ("padding behind the signature", format!("{h}.{p}.{s}==")),
        ("one part", h.to_owned()),
        ("two parts", format!("{h}.{p}")),
        ("no signature", format!("{h}.{p}.")),
        ("no payload and no signature", format!("{h}..")),
        ("four parts", format!("{h}.{p}.{s}.{s}")),
        ("five parts, as JWE", format!("{h}.{p}.{s}.{s}.{s}")),
        ("a leading dot", format!(".{token}")),
        ("a trailing dot", format!("{token}.")),
        ("a plus sign", format!("{h}.{p}.+{}", &s[1..])),
        ("a slash", format!("{h}.{p}./{}", &s[1..])),
        ("only dots", "..".to_owned()),
        (
            "a header that is empty",
            raw_token("", claims().to_string()),
        ),
        (
            "a header that is a list",
            raw_token("[]", claims().to_string()),
        ),
        (
            "a header that is a string",
            raw_token("\"ES256\"", claims().to_string()),
        ),
        (
            "a header without alg",
            raw_token("{}", claims().to_string()),
        ),
        (
            "a header with a byte order mark",
            raw_token(format!("\u{feff}{}", header()), claims().to_string()),
        ),
        (
            "a header in Latin-1",
            raw_token(
                b"{\"alg\":\"ES256\",\"kid\":\"\xe9\"}",
                claims().to_string(),
            ),
        ),
        (
            "a header in UTF-16",
            raw_token(b"{\0}\0", claims().to_string()),
        ),
        (
            "a header with more behind it",
            raw_token(format!("{} x", header()), claims().to_string()),
        ),
        (
            "a header five deep",
            with_header(json!({"a": {"b": {"c": {"d": {}}}}})),
        ),
        (
            "alg twice",
            raw_token(
                r#"{"alg":"ES256","alg":"none","kid":"es","typ":"JWT"}"#,
                claims().to_string(),
            ),
        ),
        (
            "alg twice, once escaped",
            raw_token(
                r#"{"alg":"ES256","\u0061lg":"none","kid":"es","typ":"JWT"}"#,
                claims().to_string(),
            ),
        ),
        (
            "kid twice",
            raw_token(
                r#"{"alg":"ES256","kid":"es","kid":"rs","typ":"JWT"}"#,
                claims().to_string(),
            ),
        ),
        ("alg a number", with_header(json!({"alg": 256}))),
        ("alg a list", with_header(json!({"alg": ["ES256"]}))),
        ("kid a number", with_header(json!({"kid": 1}))),
        (
            "kid of 129 bytes",
            with_header(json!({"kid": "k".repeat(129)})),
        ),
        ("typ a list", with_header(json!({"typ": ["JWT"]}))),
        ("9 KiB", with_claims(json!({"pad": "x".repeat(9_000)}))),
        (
            "1 MB of header",
            with_header(json!({"pad": "x".repeat(1_000_000)})),
        ),
    ];
    let named = malformed
        .into_iter()
        .map(|(name, token)| (name.to_owned(), token, IdentifyTokenMalformed));
    assert_refused(&World::new(), named.collect());
}

#[test]
fn characters_outside_a_token_never_reach_the_parser() {
    let (world, token) = (World::new(), good());
    for bad in [
        format!("{token} "),
        format!(" {token}").replace('.', ". "),
        token.replacen('.', "\t.", 1),
        format!("{token}\n{token}"),
        format!("{token},{token}"),
        format!("\"{token}\""),
        json!({"payload": "e30", "signatures": []}).to_string(),
        json!({"protected": "e30", "payload": "e30", "signature": "AA"}).to_string(),
        token.replacen('.', "=.", 1),
        token.replacen('.', "\0.", 1),
        token.replacen('.', "?.", 1),
    ] {
        assert_eq!(
            world.bearer(&bad),
            Some(IdentifyCredentialMalformed),
            "{bad:?}"
        );
    }
    assert_eq!(world.bearer(&token), None);
}

#[test]
fn every_algorithm_of_the_entry_passes() {
    let world = World::new();
    let header = |alg: &str, kid: &str| json!({"alg": alg, "kid": kid, "typ": "JWT"}).to_string();
    let rs = token_by(header("RS256", "rs"), claims().to_string(), |message| {
        sign_rsa(&signature::RSA_PKCS1_SHA256, message)
    });
    let ed = token_by(header("EdDSA", "ed"), claims().to_string(), |message| {
        keyring().ed.sign(message).as_ref().to_vec()
    });
    assert_eq!(
        [world.bearer(rs), world.bearer(ed), world.bearer(good())],
        [None; 3]
    );
}

#[test]
fn a_key_is_bound_to_its_algorithm() {
    let header = |alg: &str, kid: &str| json!({"alg": alg, "kid": kid, "typ": "JWT"}).to_string();
    let rsa = |alg: &str, parameters| {
        token_by(header(alg, "rs"), claims().to_string(), |message| {
            sign_rsa(parameters, message)
        })
    };
    let es = |alg: &str, kid: &str| raw_token(header(alg, kid), claims().to_string());
    let cases: Vec<(&str, String, Code)> = vec![
        (
            "PS256 by a key for RS256",
            rsa("PS256", &signature::RSA_PSS_SHA256),
            IdentifyAlgorithm,
        ),
        (
            "RS512, which the entry does not allow",
            rsa("RS512", &signature::RSA_PKCS1_SHA512),
            IdentifyAlgorithm,
        ),
        (
            "PKCS#1 padding under a PSS name",
            rsa("PS256", &signature::RSA_PKCS1_SHA256),
            IdentifyAlgorithm,
        ),
        (
            "PSS padding under a PKCS#1 name",
            rsa("RS256", &signature::RSA_PSS_SHA256),
            IdentifySignature,
        ),
        (
            "SHA-512 under a SHA-256 name",
            rsa("RS256", &signature::RSA_PKCS1_SHA512),
            IdentifySignature,
        ),
        (
            "ES256 with the kid of an RSA key",
            es("ES256", "rs"),
            IdentifyAlgorithm,
        ),
        (
            "EdDSA with the kid of an EC key",
            es("EdDSA", "es"),
            IdentifyAlgorithm,
        ),
        ("ES384 on P-256", es("ES384", "es"), IdentifyAlgorithm),
        ("ES256K", es("ES256K", "es"), IdentifyAlgorithm),
        ("es256", es("es256", "es"), IdentifyAlgorithm),
        ("RS1", es("RS1", "rs"), IdentifyAlgorithm),
    ];
    assert_refused(
        &World::new(),
        cases
            .into_iter()
            .map(|(name, token, code)| (name.to_owned(), token, code))
            .collect(),
    );
}
