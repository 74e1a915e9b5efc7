//! Keys, key sets, and which key a token may name.

use bartizan_core::codes::Code::{self, *};
use bartizan_core::identify::Identity;
use bartizan_core::identify::jwk::{KeySet, SetFault};
use serde_json::{Value, json};

use crate::world::*;

fn attacker_token(header_changes: Value) -> String {
    let mut head = header();
    head.as_object_mut()
        .unwrap()
        .extend(header_changes.as_object().unwrap().clone());
    token_by(head.to_string(), claims().to_string(), |message| {
        sign_es(&keyring().foreign, message)
    })
}

#[test]
fn a_key_that_the_token_brings_is_never_used() {
    let key = ec_jwk(&keyring().foreign, "es");
    let brought = [
        ("jwk", json!({ "jwk": key })),
        ("jku", json!({"jku": "https://evil.example/jwks"})),
        ("x5u", json!({"x5u": "https://evil.example/cert.pem"})),
        ("x5c", json!({"x5c": ["MIIB"]})),
        ("x5t", json!({"x5t": "AAAA"})),
        ("jku of ours", json!({"jku": "https://idp.example/jwks"})),
        (
            "jku to the metadata service",
            json!({"jku": "http://169.254.169.254/latest"}),
        ),
    ];
    let cases = brought.iter().map(|(name, change)| {
        (
            (*name).to_owned(),
            attacker_token(change.clone()),
            IdentifySignature,
        )
    });
    let world = World::new();
    assert_refused(&world, cases.collect());
    for (name, change) in brought {
        assert_eq!(
            world.bearer(with_header(change)),
            None,
            "{name} beside a good signature is not read"
        );
    }
}

#[test]
fn a_kid_is_an_opaque_name() {
    let kids = [
        "../../../../dev/null",
        "/dev/null",
        "es' OR '1'='1",
        "https://evil.example/jwks#es",
        "es\0",
        "ES",
        "es ",
        "",
        "%65s",
        "|| true",
        "\u{435}s",
        "$(id)",
    ];
    let case = |kid: &&str| {
        (
            format!("kid {kid:?}"),
            with_header(json!({ "kid": kid })),
            IdentifyKeyUnknown,
        )
    };
    assert_refused(&World::new(), kids.iter().map(case).collect());
}

/// The first bytes that make a key bad, and nothing else; `None` leaves a member out.
fn spoiled(key: Value, name: &str, value: Option<Value>) -> Value {
    let mut key = key;
    match value {
        Some(value) => key[name] = value,
        None => drop(key.as_object_mut().unwrap().remove(name)),
    }
    key
}

fn bad_keys() -> Vec<(&'static str, Value)> {
    let ec = || ec_jwk(&keyring().foreign, "bad");
    let rsa = || rsa_jwk("bad");
    let ed = || ed_jwk("bad");
    let of = |key, name, value| spoiled(key, name, Some(value));
    let modulus = |bytes: usize, last: u8| {
        let mut n = vec![0xc5; bytes];
        n[bytes - 1] = last;
        json!(b64(n))
    };
    vec![
        ("use enc", of(ec(), "use", json!("enc"))),
        ("use a list", of(ec(), "use", json!(["sig"]))),
        ("key_ops encrypt", of(ec(), "key_ops", json!(["encrypt"]))),
        (
            "key_ops verify and decrypt",
            of(ec(), "key_ops", json!(["verify", "decrypt"])),
        ),
        ("key_ops sign alone", of(ec(), "key_ops", json!(["sign"]))),
        ("key_ops empty", of(ec(), "key_ops", json!([]))),
        ("key_ops a text", of(ec(), "key_ops", json!("verify"))),
        ("ES384 on P-256", of(ec(), "alg", json!("ES384"))),
        ("RS256 on an EC key", of(ec(), "alg", json!("RS256"))),
        ("ES256 on an RSA key", of(rsa(), "alg", json!("ES256"))),
        ("EdDSA on an RSA key", of(rsa(), "alg", json!("EdDSA"))),
        ("ES256 on an OKP key", of(ed(), "alg", json!("ES256"))),
        ("HS256 on an RSA key", of(rsa(), "alg", json!("HS256"))),
        ("alg none", of(rsa(), "alg", json!("none"))),
        ("alg RSA-OAEP", of(rsa(), "alg", json!("RSA-OAEP"))),
        ("alg a number", of(rsa(), "alg", json!(256))),
        (
            "P-384 with coordinates of P-256",
            of(spoiled(ec(), "alg", None), "crv", json!("P-384")),
        ),
        (
            "secp256k1",
            of(spoiled(ec(), "alg", None), "crv", json!("secp256k1")),
        ),
        ("no crv", spoiled(ec(), "crv", None)),
        (
            "a point off the curve",
            of(ec(), "y", json!(b64([7_u8; 32]))),
        ),
        (
            "the point of zeros",
            of(
                of(ec(), "x", json!(b64([0_u8; 32]))),
                "y",
                json!(b64([0_u8; 32])),
            ),
        ),
        (
            "x above the field",
            of(ec(), "x", json!(b64([0xff_u8; 32]))),
        ),
        ("x of 31 bytes", of(ec(), "x", json!(b64([1_u8; 31])))),
        ("x of 33 bytes", of(ec(), "x", json!(b64([0_u8; 33])))),
        (
            "x padded",
            of(ec(), "x", json!(format!("{}=", b64([1_u8; 32])))),
        ),
        ("no y", spoiled(ec(), "y", None)),
        ("kty in small letters", of(ec(), "kty", json!("ec"))),
        ("kty of another family", of(ec(), "kty", json!("RSA"))),
        ("no kty", spoiled(ec(), "kty", None)),
        (
            "a shared secret",
            json!({"kty": "oct", "kid": "bad", "alg": "HS256", "k": b64([1_u8; 32])}),
        ),
        ("RSA of 1024 bits", of(rsa(), "n", modulus(128, 1))),
        ("RSA of 2040 bits", of(rsa(), "n", modulus(255, 1))),
        ("RSA of 16384 bits", of(rsa(), "n", modulus(2_048, 1))),
        ("an even modulus", of(rsa(), "n", modulus(256, 2))),
        (
            "a modulus with a leading zero",
            of(rsa(), "n", json!(b64([0_u8; 257]))),
        ),
        ("an empty modulus", of(rsa(), "n", json!(""))),
        ("e = 1", of(rsa(), "e", json!("AQ"))),
        ("e = 3", of(rsa(), "e", json!("Aw"))),
        ("e = 17", of(rsa(), "e", json!("EQ"))),
        ("e = 65536", of(rsa(), "e", json!("AQAA"))),
        ("e with a leading zero", of(rsa(), "e", json!("AAEAAQ"))),
        ("e of 5 bytes", of(rsa(), "e", json!(b64([1, 0, 0, 0, 1])))),
        ("e empty", of(rsa(), "e", json!(""))),
        ("no e", spoiled(rsa(), "e", None)),
        ("Ed25519 of 31 bytes", of(ed(), "x", json!(b64([1_u8; 31])))),
        (
            "Ed25519 of order 1",
            of(
                ed(),
                "x",
                json!(b64([[1_u8].as_slice(), &[0; 31]].concat())),
            ),
        ),
        ("Ed25519 of order 4", of(ed(), "x", json!(b64([0_u8; 32])))),
        ("X25519", of(ed(), "crv", json!("X25519"))),
        ("Ed448", of(ed(), "crv", json!("Ed448"))),
        (
            "a published private half",
            of(ec(), "d", json!(b64([1_u8; 32]))),
        ),
        ("kid of 129 bytes", of(ec(), "kid", json!("k".repeat(129)))),
        ("kid a number", of(ec(), "kid", json!(1))),
        ("not an object", json!("key")),
        ("null", Value::Null),
    ]
}

#[test]
fn a_bad_key_is_dropped_alone_with_a_note() {
    let good = ec_jwk(&keyring().es, "es");
    for (name, bad) in bad_keys() {
        let set = KeySet::parse(key_set(&[bad.clone(), good.clone()]).as_bytes()).unwrap();
        assert_eq!((set.len(), set.dropped().len()), (1, 1), "{name}");
        assert_eq!(set.dropped()[0].index, 0, "{name}");
        assert_eq!(
            KeySet::parse(key_set(&[bad]).as_bytes()).err(),
            Some(SetFault::Empty),
            "{name}"
        );
    }
}

#[test]
fn sound_keys_in_every_spelling_are_admitted() {
    let (ec, rsa) = (ec_jwk(&keyring().es, "a"), rsa_jwk("a"));
    for key in [
        spoiled(ec.clone(), "alg", None),
        spoiled(ec.clone(), "use", None),
        spoiled(ec.clone(), "kid", None),
        spoiled(ec.clone(), "key_ops", Some(json!(["verify"]))),
        spoiled(ec, "x5c", Some(json!(["MIIB"]))),
        spoiled(rsa.clone(), "alg", None),
        spoiled(rsa, "alg", Some(json!("PS512"))),
        ed_jwk("a"),
    ] {
        let set = KeySet::parse(key_set(std::slice::from_ref(&key)).as_bytes());
        assert!(set.is_ok_and(|set| set.dropped().is_empty()), "{key}");
    }
}

#[test]
fn a_set_is_bounded_and_strict() {
    let key = ec_jwk(&keyring().es, "es");
    let many: Vec<Value> = (0..10_000).map(|number| json!({ "kid": number })).collect();
    let hundred_and_one: Vec<Value> = (0..101).map(|number| json!({ "kid": number })).collect();
    let hundred: Vec<Value> = (0..99).map(|_| json!({})).chain([key.clone()]).collect();
    let fault = |text: &str| KeySet::parse(text.as_bytes()).err();
    assert_eq!(fault(&" ".repeat(10_000_000)), Some(SetFault::TooLarge));
    assert_eq!(
        fault(&json!({"keys": many}).to_string()),
        Some(SetFault::TooManyKeys)
    );
    assert_eq!(
        fault(&json!({"keys": hundred_and_one}).to_string()),
        Some(SetFault::TooManyKeys)
    );
    assert_eq!(fault(&json!({"keys": hundred}).to_string()), None);
    for text in [
        "",
        "[]",
        "{}",
        "null",
        r#"{"keys":{}}"#,
        r#"{"keys":[],"keys":[]}"#,
        "<html>",
        &key.to_string(),
    ] {
        assert_eq!(fault(text), Some(SetFault::Malformed), "{text}");
    }
    assert_eq!(fault(r#"{"keys":[]}"#), Some(SetFault::Empty));
}

#[test]
fn a_bad_set_leaves_the_good_one_in_place() {
    let world = World::new();
    for bytes in ["", "{}", r#"{"keys":[]}"#, "<html>"] {
        assert!(
            world
                .live
                .keys
                .replace(0, bytes.as_bytes(), at(NOW_S))
                .is_err()
        );
        assert_eq!(world.bearer(good()), None);
    }
}

fn without_kid() -> String {
    with_header(json!({"kid": null}))
}

#[test]
fn without_a_kid_exactly_one_key_must_fit() {
    let world = World::new();
    assert_eq!(world.bearer(without_kid()), None);
    let two = key_set(&[
        ec_jwk(&keyring().es, "es"),
        ec_jwk(&keyring().foreign, "other"),
    ]);
    world
        .live
        .keys
        .replace(0, two.as_bytes(), at(NOW_S))
        .unwrap();
    let fresh = with_header(json!({"kid": null, "x": 1}));
    assert_eq!(world.bearer(fresh), Some(IdentifyKeyUnknown));
    assert_eq!(world.bearer(good()), None);
}

#[test]
fn two_keys_of_one_name_are_both_out() {
    let world = World::new();
    let twins = key_set(&[
        ec_jwk(&keyring().es, "es"),
        ec_jwk(&keyring().foreign, "es"),
        ed_jwk("ed"),
    ]);
    let set = world
        .live
        .keys
        .replace(0, twins.as_bytes(), at(NOW_S))
        .unwrap();
    assert_eq!(set.dropped().len(), 2);
    assert_eq!(world.bearer(good()), Some(IdentifyKeyUnknown));
}

#[test]
fn one_kid_at_two_issuers_does_not_lend_its_key() {
    let other = issuer_form(json!({"id": "other", "issuer": "https://other.example"}));
    let world = World::with(
        &[issuer_form(json!({})), other],
        &[],
        &[vec![requirement(0, &[])]],
    );
    let set = key_set(&[ec_jwk(&keyring().foreign, "es")]);
    world
        .live
        .keys
        .replace(1, set.as_bytes(), at(NOW_S))
        .unwrap();
    let mut theirs = claims();
    theirs["iss"] = json!("https://other.example");
    let by = |payload: &Value, pair| {
        token_by(header().to_string(), payload.to_string(), |message| {
            sign_es(pair, message)
        })
    };
    assert_eq!(world.bearer(by(&theirs, &keyring().foreign)), None);
    assert_eq!(
        world.bearer(by(&theirs, &keyring().es)),
        Some(IdentifySignature)
    );
    assert_eq!(
        world.bearer(by(&claims(), &keyring().foreign)),
        Some(IdentifySignature)
    );
    assert_eq!(world.bearer(good()), None);
}

fn asks(world: &World, token: &str) -> bool {
    matches!(
        world.run(&Request::bearer(token), true),
        Identity::NeedKeys { issuer: 0, .. }
    )
}

#[test]
fn a_flood_of_unknown_kids_asks_twice_after_the_start_and_then_once_in_thirty_seconds() {
    let mut world = World::new();
    let flood = |number: u64| with_header(json!({"kid": format!("k{number}")}));
    for number in 0..2 {
        assert!(asks(&world, &flood(number)), "the keys may have changed");
        world.live.keys.failed(0, at(NOW_S));
    }
    for number in 2..100 {
        assert!(!asks(&world, &flood(number)));
        assert_eq!(world.bearer(flood(number)), Some(IdentifyKeyUnknown));
    }
    assert!(!asks(&world, &good()), "a known kid never asks");
    world.now_s = NOW_S + 29;
    assert!(!asks(&world, &flood(100)));
    world.now_s = NOW_S + 30;
    assert!(asks(&world, &flood(101)));
    world.live.keys.failed(0, at(NOW_S + 30));
    assert!(!asks(&world, &flood(102)));
}

#[test]
fn only_a_configured_issuer_and_a_wellformed_token_cause_a_look_up() {
    let mut world = World::new();
    world.now_s = NOW_S + 31;
    let stranger = with_claims(json!({"iss": "https://evil.example"}));
    assert!(!asks(&world, &stranger));
    assert!(!asks(&world, "a.b.c"));
    assert!(!asks(
        &world,
        &with_header(json!({"alg": "HS256", "kid": "new"}))
    ));
}

#[test]
fn rotation_takes_both_keys_and_a_removed_key_is_out_at_once() {
    let world = World::new();
    let new = token_by(
        json!({"alg": "ES256", "kid": "new", "typ": "JWT"}).to_string(),
        claims().to_string(),
        |message| sign_es(&keyring().foreign, message),
    );
    let both = key_set(&[
        ec_jwk(&keyring().es, "es"),
        ec_jwk(&keyring().foreign, "new"),
    ]);
    world
        .live
        .keys
        .replace(0, both.as_bytes(), at(NOW_S))
        .unwrap();
    assert_eq!([world.bearer(good()), world.bearer(&new)], [None; 2]);
    let old = good();
    assert_eq!(world.bearer(&old), None);
    let one = key_set(&[ec_jwk(&keyring().foreign, "new")]);
    world
        .live
        .keys
        .replace(0, one.as_bytes(), at(NOW_S))
        .unwrap();
    assert_eq!(
        world.bearer(&old),
        Some(IdentifyKeyUnknown),
        "also from the cache"
    );
    assert_eq!(world.bearer(&new), None);
}

#[test]
fn a_kid_that_moves_to_another_key_does_not_keep_old_tokens() {
    let (world, token) = (World::new(), good());
    assert_eq!(world.bearer(&token), None);
    let moved = key_set(&[ec_jwk(&keyring().foreign, "es")]);
    world
        .live
        .keys
        .replace(0, moved.as_bytes(), at(NOW_S))
        .unwrap();
    assert_eq!(world.bearer(&token), Some(IdentifySignature));
}

#[test]
fn without_keys_the_answer_is_unavailable_and_a_stale_set_ends_after_a_day() {
    let mut world = World::with(&[issuer_form(json!({}))], &[], &[vec![requirement(0, &[])]]);
    let long = |now_s: u64| with_claims(json!({"iat": now_s, "exp": now_s + 100}));
    world.now_s = NOW_S + 24 * 3_600;
    assert_eq!(world.bearer(long(world.now_s)), None);
    world.now_s += 1;
    assert_eq!(
        world.bearer(long(world.now_s)),
        Some(IdentifyKeysUnavailable)
    );
    assert_eq!(Code::IdentifyKeysUnavailable.status(), 503);
}
