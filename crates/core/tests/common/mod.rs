//! Outside vectors, read in place: `../shared/vectors` beside the repository, or
//! `BARTIZAN_VECTORS`.

use std::path::PathBuf;

use bartizan_core::identify::jwk::{KeySet, Symmetry};
use bartizan_core::identify::jws::Compact;
use serde_json::{Value, json};

/// One vector file as JSON.
pub fn vectors(file: &str) -> Value {
    let bytes = std::fs::read(folder().join(file)).expect("the outside vectors are there");
    serde_json::from_slice(&bytes).expect("a vector file is JSON")
}

fn folder() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    std::env::var_os("BARTIZAN_VECTORS").map_or_else(beside, PathBuf::from)
}

/// Whether the product's verifier accepts `token` under this key or key set.
pub fn accepts(token: &str, keys: &Value) -> bool {
    let keys = match keys.get("keys") {
        Some(Value::Array(keys)) => keys.clone(),
        _ => vec![keys.clone()],
    };
    let shared = keys.iter().any(|key| key.get("kty") == Some(&json!("oct")));
    let symmetry = if shared {
        Symmetry::Symmetric
    } else {
        Symmetry::Asymmetric
    };
    let set = json!({ "keys": keys }).to_string();
    let Ok(set) = KeySet::parse_of(set.as_bytes(), symmetry) else {
        return false;
    };
    Compact::split(token.as_bytes())
        .and_then(|compact| compact.verify(&set).map(<[u8]>::to_vec))
        .is_ok()
}
