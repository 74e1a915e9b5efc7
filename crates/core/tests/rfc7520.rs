//! Examples of RFC 7520, RFC 7797 and RFC 8037: ours are accepted, the rest refused.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test reads vector files and fails loudly"
)]

mod common;

use bartizan_core::identify::jwk::{KeySet, SetFault};
use common::{accepts, vectors};
use serde_json::{Value, json};

fn example(file: &str) -> (Value, Value) {
    let file = vectors(file);
    let mut key = file
        .pointer("/input/key")
        .cloned()
        .expect("an example has a key");
    for private in ["d", "p", "q", "dp", "dq", "qi"] {
        key.as_object_mut()
            .expect("a key is an object")
            .remove(private);
    }
    (
        key,
        file.get("output")
            .cloned()
            .expect("an example has an output"),
    )
}

const OURS: [&str; 4] = [
    "jose-cookbook/jws/4_1.rsa_v15_signature.json",
    "jose-cookbook/jws/4_2.rsa-pss_signature.json",
    "jose-cookbook/jws/4_3.ecdsa_signature.json",
    "jose-cookbook/curve25519/jws.json",
];

#[test]
fn compact_examples_in_our_algorithms_are_accepted() {
    for file in OURS {
        let (key, output) = example(file);
        let token = output
            .get("compact")
            .and_then(Value::as_str)
            .expect("a compact form");
        assert!(accepts(token, &key), "{file}");
    }
}

#[test]
fn json_serializations_of_them_are_refused() {
    for file in OURS {
        let (key, output) = example(file);
        for form in ["json", "json_flat"] {
            let token = output.get(form).expect("both forms").to_string();
            assert!(!accepts(&token, &key), "{file} {form}");
        }
    }
}

#[test]
fn one_changed_letter_of_the_payload_is_refused() {
    for file in OURS {
        let (key, output) = example(file);
        let token = output
            .get("compact")
            .and_then(Value::as_str)
            .expect("a compact form");
        let (head, rest) = token.split_once('.').expect("three parts");
        let (first, rest) = (
            &rest.get(..1).expect("a payload"),
            rest.get(1..).expect("a payload"),
        );
        let other = if *first == "A" { "B" } else { "A" };
        assert!(!accepts(&format!("{head}.{other}{rest}"), &key), "{file}");
    }
}

#[test]
fn shared_secrets_are_no_issuer_keys() {
    for file in [
        "jose-cookbook/jws/4_4.hmac-sha2_integrity_protection.json",
        "jose-cookbook/jws/4_5.signature_with_detached_content.json",
        "jose-cookbook/rfc7797/4.2.hmac-sha2_b64_false.json",
    ] {
        let (key, _) = example(file);
        let set = json!({ "keys": [key] }).to_string();
        assert_eq!(
            KeySet::parse(set.as_bytes()).err(),
            Some(SetFault::Empty),
            "{file}"
        );
    }
}

#[test]
fn detached_and_unencoded_payloads_are_refused_even_with_the_right_secret() {
    for file in [
        "jose-cookbook/jws/4_5.signature_with_detached_content.json",
        "jose-cookbook/jws/4_6.protecting_specific_header_fields.json",
        "jose-cookbook/jws/4_7.protecting_content_only.json",
        "jose-cookbook/rfc7797/4.2.hmac-sha2_b64_false.json",
    ] {
        let (key, output) = example(file);
        for form in output.as_object().expect("forms").values() {
            let token = form
                .as_str()
                .map_or_else(|| form.to_string(), str::to_owned);
            assert!(!accepts(&token, &key), "{file}");
        }
    }
}

#[test]
fn public_key_examples_are_admitted_and_private_ones_are_not() {
    for name in ["3_1.ec_public_key", "3_3.rsa_public_key"] {
        let key = vectors(&format!("jose-cookbook/jwk/{name}.json"));
        assert!(
            KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()).is_ok(),
            "{name}"
        );
    }
    for name in [
        "3_2.ec_private_key",
        "3_4.rsa_private_key",
        "3_5.symmetric_key_mac_computation",
    ] {
        let key = vectors(&format!("jose-cookbook/jwk/{name}.json"));
        assert!(
            KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes()).is_err(),
            "{name}"
        );
    }
}
