//! One issuer, its keys, and an API that asks for its tokens.

use std::sync::{Arc, OnceLock};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use bartizan_core::budget::{Bounds, Budget};
use bartizan_core::codes::Code;
use bartizan_core::decision::Reason;
use bartizan_core::identify::credential::{CredentialView, Found};
use bartizan_core::identify::{Identified, Identity, OperationSecurity, Security, identify};
use bartizan_core::live::{Live, LiveParts};
use bartizan_core::policy::form::{
    ApiKeyForm, IssuerForm, LimitTableForm, RequirementForm, SchemeForm,
};
use bartizan_core::secret::Secret;
use bartizan_core::stamp::Stamp;
use bartizan_core::time::{ExchangeId, Now};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub const ISSUER: &str = "https://idp.example";
pub const NOW_S: u64 = 1_800_000_000;
pub const STAMP: Stamp = Stamp {
    exchange: ExchangeId(7),
    policy: [9; 32],
};

pub struct Keyring {
    pub es: EcdsaKeyPair,
    pub rs: RsaKeyPair,
    pub ed: Ed25519KeyPair,
    pub foreign: EcdsaKeyPair,
}

pub fn keyring() -> &'static Keyring {
    static RING: OnceLock<Keyring> = OnceLock::new();
    RING.get_or_init(|| {
        let ec = || EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (es, foreign) = (ec(), ec());
        let ed = Ed25519KeyPair::generate().unwrap();
        Keyring {
            es,
            rs: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            ed,
            foreign,
        }
    })
}

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn ec_jwk(pair: &EcdsaKeyPair, kid: &str) -> Value {
    let point = pair.public_key().as_ref();
    json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid, "x": b64(&point[1..33]), "y": b64(&point[33..])})
}

pub fn rsa_jwk(kid: &str) -> Value {
    // RSAPublicKey in DER: a sequence of n (257 bytes with its sign) and e = 65537.
    let der = keyring().rs.public_key().as_ref();
    let n = &der[9..265];
    json!({"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": b64(n), "e": "AQAB"})
}

pub fn ed_jwk(kid: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": kid, "x": b64(keyring().ed.public_key().as_ref())})
}

pub fn key_set(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

pub fn sign_es(pair: &EcdsaKeyPair, message: &[u8]) -> Vec<u8> {
    pair.sign(&SystemRandom::new(), message)
        .unwrap()
        .as_ref()
        .to_vec()
}

pub fn sign_rsa(parameters: &'static dyn signature::RsaEncoding, message: &[u8]) -> Vec<u8> {
    let pair = &keyring().rs;
    let mut out = vec![0; pair.public_modulus_len()];
    pair.sign(parameters, &SystemRandom::new(), message, &mut out)
        .unwrap();
    out
}

/// A token with exactly these texts as header and payload, signed by the issuer's ES256 key.
pub fn raw_token(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    token_by(header, payload, |message| sign_es(&keyring().es, message))
}

pub fn token_by(
    header: impl AsRef<[u8]>,
    payload: impl AsRef<[u8]>,
    sign: impl Fn(&[u8]) -> Vec<u8>,
) -> String {
    let signed = format!("{}.{}", b64(header), b64(payload));
    let signature = sign(signed.as_bytes());
    format!("{signed}.{}", b64(signature))
}

pub fn header() -> Value {
    json!({"alg": "ES256", "kid": "es", "typ": "at+jwt"})
}

pub fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "api", "sub": "alice", "iat": NOW_S - 10, "exp": NOW_S + 300, "scope": "read", "jti": "t1"})
}

/// A good token with some claims replaced; `Null` leaves a claim out.
pub fn with_claims(changes: Value) -> String {
    raw_token(header().to_string(), merged(claims(), changes).to_string())
}

/// A good token with some header members replaced.
pub fn with_header(changes: Value) -> String {
    raw_token(merged(header(), changes).to_string(), claims().to_string())
}

pub fn good() -> String {
    with_claims(json!({}))
}

fn merged(mut base: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            base.as_object_mut().unwrap().remove(name);
        } else {
            base[name] = value.clone();
        }
    }
    base
}

/// A Request as `identify` sees it.
#[derive(Default)]
pub struct Request {
    pub headers: Vec<(&'static str, Vec<u8>)>,
    pub query: Vec<(&'static str, Vec<u8>)>,
    pub cookies: Vec<(&'static str, Vec<u8>)>,
}

fn find<'a>(pairs: &'a [(&'static str, Vec<u8>)], name: &str) -> Found<'a> {
    let mut values = pairs.iter().filter(|pair| pair.0 == name);
    match (values.next(), values.next()) {
        (None, _) => Found::None,
        (Some((_, value)), None) => Found::One(value),
        _ => Found::Many,
    }
}

impl CredentialView for Request {
    fn header(&self, name: &str) -> Found<'_> {
        find(&self.headers, name)
    }
    fn query(&self, name: &str) -> Found<'_> {
        find(&self.query, name)
    }
    fn cookie(&self, name: &str) -> Found<'_> {
        find(&self.cookies, name)
    }
}

impl Request {
    pub fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name, value.as_ref().to_vec()));
        self
    }
    pub fn query(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.query.push((name, value.as_ref().to_vec()));
        self
    }
    pub fn cookie(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.cookies.push((name, value.as_ref().to_vec()));
        self
    }
    pub fn bearer(token: impl AsRef<str>) -> Self {
        Request::default().header("authorization", format!("Bearer {}", token.as_ref()))
    }
}

/// Schemes: 0 bearer token, 1 API key in `x-api-key`, 2 Basic (presence), 3 token in a cookie,
/// 4 client certificate.
pub fn schemes() -> Vec<SchemeForm> {
    let scheme = |name: &str, credential: Value, verify: &str| json!({"name": name, "credential": credential, "verify": verify, "source": {"document": 1, "pointer": format!("/components/securitySchemes/{name}")}});
    serde_json::from_value(json!([
        scheme(
            "bearer",
            json!({"in": "authorization", "scheme": "bearer"}),
            "token"
        ),
        scheme(
            "key",
            json!({"in": "header", "name": "x-api-key"}),
            "api-key"
        ),
        scheme(
            "basic",
            json!({"in": "authorization", "scheme": "basic"}),
            "presence"
        ),
        scheme(
            "session",
            json!({"in": "cookie", "name": "session"}),
            "token"
        ),
        scheme("mtls", json!({"in": "certificate"}), "presence"),
    ]))
    .unwrap()
}

pub fn issuer_form(changes: Value) -> IssuerForm {
    let base = json!({
        "id": "main", "issuer": ISSUER, "keys": {"from": "url", "url": "https://idp.example/jwks"},
        "algorithms": ["ES256", "RS256", "PS256", "EdDSA"], "audiences": ["api"], "audience_rule": "all-listed",
        "types": [], "skew_s": 0, "lifetime_max_s": 3600, "subject_claim": "sub",
        "scope_claims": ["scope", "scp"], "upstream_credential": "pass", "source": {"document": 0, "pointer": "/auth/issuers/0"},
    });
    serde_json::from_value(merged(base, changes)).unwrap()
}

pub fn pepper() -> Secret {
    Secret::new(b"a pepper of 16 bytes or more".to_vec())
}

pub fn api_keys(upstream: &str) -> Vec<ApiKeyForm> {
    let digest = bartizan_core::identify::api_key::hash_api_key(&pepper(), b"key-of-ci");
    serde_json::from_value(json!([{"id": "ci", "digest": digest, "scopes": ["read"], "expires_s": NOW_S + 60, "upstream_credential": upstream, "source": {"document": 0, "pointer": "/auth/api_keys/keys/0"}}])).unwrap()
}

pub struct World {
    pub security: Security,
    pub operation: OperationSecurity,
    pub live: Arc<Live>,
    pub now_s: u64,
}

pub fn requirement(scheme: u16, scopes: &[&str]) -> Value {
    json!({"scheme": scheme, "scopes": scopes, "source": {"document": 1, "pointer": "/security/0"}})
}

pub fn at(now_s: u64) -> Now {
    Now {
        unix_ms: now_s * 1_000,
        mono_us: now_s * 1_000_000,
    }
}

impl World {
    /// One issuer with ES256, RS256 and EdDSA keys; the Operation asks for its bearer token.
    pub fn new() -> Self {
        Self::of(issuer_form(json!({})), &[vec![requirement(0, &[])]])
    }

    pub fn of(issuer: IssuerForm, alternatives: &[Vec<Value>]) -> Self {
        Self::with(&[issuer], &api_keys("pass"), alternatives)
    }

    pub fn with(issuers: &[IssuerForm], keys: &[ApiKeyForm], alternatives: &[Vec<Value>]) -> Self {
        let security = Security::compile(&schemes(), issuers, keys).unwrap();
        let pepper = pepper();
        let parts = LiveParts {
            security: &security,
            api_keys: keys,
            pepper: Some(&pepper),
            limit_table: LimitTableForm { slots: 64 },
            seed: [1; 16],
        };
        let live = Arc::new(Live::build(parts, None).unwrap());
        let set = key_set(&[ec_jwk(&keyring().es, "es"), rsa_jwk("rs"), ed_jwk("ed")]);
        live.keys.replace(0, set.as_bytes(), at(NOW_S)).unwrap();
        let operation = operation(&security, alternatives);
        World {
            security,
            operation,
            live,
            now_s: NOW_S,
        }
    }

    pub fn run(&self, request: &Request, may_ask: bool) -> Identity {
        let mut budget = Budget::new(&Bounds::default());
        let declared = (&self.security, &self.operation);
        identify(
            request,
            declared,
            &self.live,
            STAMP,
            (at(self.now_s), may_ask),
            &mut budget,
        )
    }

    pub fn ask(&self, request: &Request) -> Result<Identified, Vec<Reason>> {
        match self.run(request, false) {
            Identity::Identified(identified) => Ok(identified),
            Identity::Refused(reasons) => Err(reasons),
            Identity::NeedKeys { .. } => panic!("no look-up was allowed"),
        }
    }

    pub fn code(&self, request: &Request) -> Option<Code> {
        self.ask(request).err().map(|reasons| reasons[0].code)
    }

    pub fn bearer(&self, token: impl AsRef<str>) -> Option<Code> {
        self.code(&Request::bearer(token))
    }
}

pub fn operation(security: &Security, alternatives: &[Vec<Value>]) -> OperationSecurity {
    let forms: Vec<Vec<RequirementForm>> = serde_json::from_value(json!(alternatives)).unwrap();
    security.operation(&forms).unwrap()
}

/// Each case is refused with its code, and the good token passes before and after.
pub fn assert_refused(world: &World, cases: Vec<(String, String, Code)>) {
    assert_eq!(world.bearer(good()), None, "the twin passes");
    for (name, token, code) in cases {
        assert_eq!(world.bearer(&token), Some(code), "{name}");
    }
    assert_eq!(world.bearer(good()), None, "the twin still passes");
}
