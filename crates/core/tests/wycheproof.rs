//! Wycheproof JWS and JWK vectors: no false accept, and what is refused besides is named.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test reads vector files and fails loudly"
)]

mod common;

use common::{accepts, vectors};
use serde_json::Value;

/// Marked invalid but equal, byte for byte, to the valid 357; marked valid but with a `?` inside.
const DEFECTIVE: [u64; 4] = [367, 370, 372, 373];
/// The key's `alg` contradicts the token's: we refuse what the vectors would let pass.
const CONTRADICTORY: [u64; 4] = [346, 347, 350, 351];

struct Tally {
    passed: usize,
    false_accepts: Vec<u64>,
    false_refusals: Vec<u64>,
}

fn run(file: &str) -> Tally {
    let file = vectors(file);
    let mut tally = Tally {
        passed: 0,
        false_accepts: Vec::new(),
        false_refusals: Vec::new(),
    };
    for group in list(&file, "testGroups") {
        let keys = group
            .get("public")
            .or_else(|| group.get("private"))
            .expect("a group has keys");
        for test in list(group, "tests") {
            let id = test
                .get("tcId")
                .and_then(Value::as_u64)
                .expect("a test has a number");
            if !DEFECTIVE.contains(&id) || file.get("numberOfTests") == Some(&Value::from(26)) {
                check(test, id, keys, &mut tally);
            }
        }
    }
    tally
}

fn check(test: &Value, id: u64, keys: &Value, tally: &mut Tally) {
    let token = match test.get("jws").expect("a test has a token") {
        Value::String(token) => token.clone(),
        other => other.to_string(),
    };
    let valid = test.get("result") == Some(&Value::from("valid"));
    match (accepts(&token, keys), valid) {
        (true, false) => tally.false_accepts.push(id),
        (false, true) => tally.false_refusals.push(id),
        _ => tally.passed = tally.passed.saturating_add(1),
    }
}

fn list<'a>(value: &'a Value, name: &str) -> &'a Vec<Value> {
    value.get(name).and_then(Value::as_array).expect("a list")
}

#[test]
fn jws_vectors_have_no_false_accept_and_only_contradictory_keys_are_refused() {
    let tally = run("wycheproof/testvectors_v1/json_web_signature_test.json");
    assert_eq!(tally.false_accepts, Vec::<u64>::new());
    assert_eq!(tally.false_refusals, CONTRADICTORY);
    assert_eq!(tally.passed, 393);
}

#[test]
fn jwk_vectors_pass_whole() {
    let tally = run("wycheproof/testvectors_v1/json_web_key_test.json");
    assert_eq!(tally.false_accepts, Vec::<u64>::new());
    assert_eq!(tally.false_refusals, Vec::<u64>::new());
    assert_eq!(tally.passed, 26);
}
