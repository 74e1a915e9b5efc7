//! Any header and payload, and any bytes as a token: one token has one spelling, what its header
//! says is what serde_json reads there, and without the private key nothing verifies.
#![no_main]

use std::sync::OnceLock;

use bartizan_core::identify::jwk::KeySet;
use bartizan_core::identify::jws::Compact;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// A key set of the RFCs: ES256 and RS256 of RFC 7515 appendix A, Ed25519 of RFC 8037 appendix A.
const KEYS: &str = r#"{"keys": [
{"kty": "EC", "crv": "P-256", "kid": "ec", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
 "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},
{"kty": "RSA", "kid": "rsa", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
{"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

const REFUSED: [&str; 6] = ["crit", "b64", "enc", "zip", "p2c", "cty"];

fn keys() -> &'static KeySet {
    static KEYS_READ: OnceLock<KeySet> = OnceLock::new();
    KEYS_READ.get_or_init(|| KeySet::parse(KEYS.as_bytes()).expect("our own set"))
}

fuzz_target!(|input: &[u8]| {
    let _ = KeySet::parse(input);
    assert_token(input);
    let mut parts = input.splitn(2, |byte| *byte == b'\n');
    let (header, rest) = (parts.next().unwrap_or_default(), parts.next());
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (payload, signature) = rest
        .unwrap_or_default()
        .split_at(rest.map_or(0, |rest| rest.len() / 2));
    let token = format!(
        "{}.{}.{}",
        encode(header),
        encode(payload),
        encode(signature)
    );
    assert_token(token.as_bytes());
});

fn assert_token(token: &[u8]) {
    let Ok(compact) = Compact::split(token) else {
        return;
    };
    let spelled: Vec<String> = token
        .split(|byte| *byte == b'.')
        .map(|part| URL_SAFE_NO_PAD.encode(URL_SAFE_NO_PAD.decode(part).expect("base64url")))
        .collect();
    assert_eq!(spelled.join(".").as_bytes(), token);

    let header = URL_SAFE_NO_PAD.decode(&spelled[0]).expect("base64url");
    let header: Value = serde_json::from_slice(&header).expect("a header that serde_json reads");
    let header = header.as_object().expect("an object");
    assert!(REFUSED.iter().all(|name| !header.contains_key(*name)));
    assert_eq!(header.get("alg"), Some(&compact.algorithm().name().into()));
    assert_eq!(header.get("kid").and_then(Value::as_str), compact.kid());
    assert!(compact.verify(keys()).is_err(), "a signature without a key");
}
