//! Claims, kinds of tokens, times.

use bartizan_core::codes::Code::{self, *};
use serde_json::{Value, json};

use crate::world::*;

fn refuse(cases: Vec<(&str, String, Code)>) {
    assert_refused(
        &World::new(),
        cases
            .into_iter()
            .map(|(name, token, code)| (name.to_owned(), token, code))
            .collect(),
    );
}

fn exp(text: &str) -> String {
    let payload = format!(r#"{{"iss":"{ISSUER}","aud":"api","sub":"alice","exp":{text}}}"#);
    raw_token(header().to_string(), payload)
}

#[test]
fn only_access_tokens_pass() {
    let kinds = [
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "oauth-authz-req+jwt",
        "id+jwt",
        "rt+jwt",
        "JOSE",
        "jwt+at",
        "at+jwt ",
        "client-authentication+jwt",
        "token-introspection+jwt",
        "application/dpop+jwt",
        "",
    ];
    let mut cases: Vec<(&str, String, Code)> = kinds
        .iter()
        .map(|kind| {
            (
                *kind,
                with_header(json!({ "typ": kind })),
                IdentifyTokenType,
            )
        })
        .collect();
    let listed = issuer_form(json!({"types": [""]}));
    let world_without = World::of(listed, &[vec![requirement(0, &[])]]);
    let untyped = with_header(json!({"typ": null}));
    assert_eq!(
        world_without.bearer(&untyped),
        None,
        "an empty `types` entry"
    );
    cases.push((
        "no typ",
        with_header(json!({"typ": null})),
        IdentifyTokenType,
    ));
    let plain = |changes: Value| {
        let mut payload = claims();
        payload
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        raw_token(
            json!({"alg": "ES256", "kid": "es", "typ": "JWT"}).to_string(),
            payload.to_string(),
        )
    };
    for (name, changes) in [
        ("an ID token by nonce", json!({"nonce": "n"})),
        ("an ID token by at_hash", json!({"at_hash": "x"})),
        ("an ID token by c_hash", json!({"c_hash": "x"})),
        ("an ID token by token_use", json!({"token_use": "id"})),
        ("an ID token by typ", json!({"typ": "ID"})),
        ("a refresh token", json!({"typ": "Refresh"})),
        ("an offline token", json!({"typ": "Offline"})),
        ("a logout token by typ", json!({"typ": "Logout"})),
        (
            "a logout token by events",
            json!({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}),
        ),
        (
            "a proof",
            json!({"htm": "GET", "htu": "https://api.example/"}),
        ),
        (
            "a request object",
            json!({"response_type": "code", "client_id": "c"}),
        ),
    ] {
        cases.push((name, plain(changes), IdentifyTokenType));
    }
    refuse(cases);
    let world = World::new();
    let twins = [
        json!({"typ": "Bearer", "nonce": "n"}),
        json!({"token_use": "access"}),
        json!({"client_id": "c"}),
    ];
    twins
        .into_iter()
        .for_each(|twin| assert_eq!(world.bearer(plain(twin.clone())), None, "{twin}"));
    for kind in ["at+jwt", "AT+JWT", "application/at+jwt", "JWT", "jwt"] {
        assert_eq!(
            world.bearer(with_header(json!({ "typ": kind }))),
            None,
            "{kind}"
        );
    }
}

#[test]
fn the_audience_is_ours_and_only_ours() {
    let aud = |value: Value| with_claims(json!({ "aud": value }));
    refuse(vec![
        ("foreign", aud(json!("other")), IdentifyAudience),
        (
            "foreign beside ours",
            aud(json!(["api", "other"])),
            IdentifyAudience,
        ),
        ("none", aud(Value::Null), IdentifyAudience),
        ("an empty list", aud(json!([])), IdentifyAudience),
        ("an empty text", aud(json!("")), IdentifyAudience),
        ("in capitals", aud(json!("API")), IdentifyAudience),
        ("with a slash", aud(json!("api/")), IdentifyAudience),
        ("with a space", aud(json!(" api")), IdentifyAudience),
        ("two words", aud(json!("api other")), IdentifyAudience),
        ("a prefix", aud(json!("ap")), IdentifyAudience),
        ("a number", aud(json!(1)), IdentifyTokenMalformed),
        (
            "an object",
            aud(json!({"api": true})),
            IdentifyTokenMalformed,
        ),
        (
            "a list of numbers",
            aud(json!(["api", 1])),
            IdentifyTokenMalformed,
        ),
        (
            "a nested list",
            aud(json!([["api"]])),
            IdentifyTokenMalformed,
        ),
        ("true", aud(json!(true)), IdentifyTokenMalformed),
    ]);
    let contains = World::of(
        issuer_form(json!({"audience_rule": "contains"})),
        &[vec![requirement(0, &[])]],
    );
    assert_eq!(contains.bearer(aud(json!(["api", "other"]))), None);
    assert_eq!(
        contains.bearer(aud(json!(["other"]))),
        Some(IdentifyAudience)
    );
    let any = World::of(
        issuer_form(json!({"audience_rule": "any"})),
        &[vec![requirement(0, &[])]],
    );
    assert_eq!(any.bearer(aud(Value::Null)), None);
}

#[test]
fn the_issuer_is_exact() {
    let iss = |value: Value| with_claims(json!({ "iss": value }));
    refuse(vec![
        (
            "a slash",
            iss(json!("https://idp.example/")),
            IdentifyUnknownIssuer,
        ),
        (
            "capitals",
            iss(json!("https://IDP.example")),
            IdentifyUnknownIssuer,
        ),
        (
            "HTTP",
            iss(json!("http://idp.example")),
            IdentifyUnknownIssuer,
        ),
        (
            "a longer host",
            iss(json!("https://idp.example.evil")),
            IdentifyUnknownIssuer,
        ),
        (
            "a path",
            iss(json!("https://idp.example/evil")),
            IdentifyUnknownIssuer,
        ),
        (
            "a look-alike",
            iss(json!("https://\u{131}dp.example")),
            IdentifyUnknownIssuer,
        ),
        ("empty", iss(json!("")), IdentifyUnknownIssuer),
        ("missing", iss(Value::Null), IdentifyTokenMalformed),
        ("a list", iss(json!([ISSUER])), IdentifyTokenMalformed),
        ("a number", iss(json!(1)), IdentifyTokenMalformed),
        (
            "twice",
            raw_token(
                header().to_string(),
                format!(r#"{{"iss":"{ISSUER}","iss":"x","aud":"api","sub":"a","exp":1800000100}}"#),
            ),
            IdentifyTokenMalformed,
        ),
    ]);
}

#[test]
fn the_issuer_of_a_token_is_told_where_it_is_a_plain_address() {
    let told = |iss: &str| {
        let request = Request::bearer(with_claims(json!({ "iss": iss })));
        let reasons = World::new().ask(&request).unwrap_err();
        (reasons[0].value.clone(), reasons[0].expected.to_string())
    };
    let (value, expected) = told("https://idp.example/");
    assert_eq!(value.as_deref(), Some("https://idp.example/"));
    assert_eq!(
        expected,
        "issuer `https://idp.example`; only the `/` at the end differs"
    );
    let (value, expected) = told("https://other.example/realms/a");
    assert_eq!(value.as_deref(), Some("https://other.example/realms/a"));
    assert_eq!(expected, "a token of a configured issuer");
    for odd in [
        "urn:idp",
        "https://user:pass@idp.example",
        "https://idp.example?key=1",
        "",
    ] {
        assert_eq!(told(odd).0, None, "{odd}");
    }
}

#[test]
fn times_are_whole_seconds_and_now_is_between_them() {
    let claim = |name: &str, value: Value| with_claims(json!({ name: value }));
    refuse(vec![
        (
            "exp missing",
            claim("exp", Value::Null),
            IdentifyTokenMalformed,
        ),
        (
            "exp a string",
            exp("\"1800000100\""),
            IdentifyTokenMalformed,
        ),
        ("exp a float", exp("1800000100.5"), IdentifyTokenMalformed),
        ("exp with .0", exp("1800000100.0"), IdentifyTokenMalformed),
        ("exp with an exponent", exp("18e8"), IdentifyTokenMalformed),
        ("exp negative", exp("-1"), IdentifyTokenMalformed),
        ("exp null", exp("null"), IdentifyTokenMalformed),
        ("exp true", exp("true"), IdentifyTokenMalformed),
        ("exp a list", exp("[1800000100]"), IdentifyTokenMalformed),
        ("exp NaN", exp("NaN"), IdentifyTokenMalformed),
        ("exp Infinity", exp("Infinity"), IdentifyTokenMalformed),
        (
            "exp 2^64",
            exp("18446744073709551616"),
            IdentifyTokenMalformed,
        ),
        ("exp 1e400", exp("1e400"), IdentifyTokenMalformed),
        (
            "exp with a leading zero",
            exp("01800000100"),
            IdentifyTokenMalformed,
        ),
        ("exp 2^63", exp("9223372036854775808"), IdentifyLifetime),
        (
            "exp 2^64 - 1",
            exp("18446744073709551615"),
            IdentifyLifetime,
        ),
        (
            "exp in milliseconds",
            exp("1800000100000"),
            IdentifyLifetime,
        ),
        (
            "exp twice",
            exp("1800000100,\"exp\":1800000200"),
            IdentifyTokenMalformed,
        ),
        ("exp 0", exp("0"), IdentifyExpired),
        (
            "exp a second ago",
            claim("exp", json!(NOW_S - 1)),
            IdentifyExpired,
        ),
        ("exp now", claim("exp", json!(NOW_S)), IdentifyExpired),
        (
            "nbf in 11 s",
            claim("nbf", json!(NOW_S + 11)),
            IdentifyNotYetValid,
        ),
        (
            "nbf a string",
            claim("nbf", json!("0")),
            IdentifyTokenMalformed,
        ),
        (
            "nbf a float",
            claim("nbf", json!(0.5)),
            IdentifyTokenMalformed,
        ),
        (
            "iat in 11 s",
            claim("iat", json!(NOW_S + 11)),
            IdentifyIssuedAhead,
        ),
        (
            "iat a string",
            claim("iat", json!("0")),
            IdentifyTokenMalformed,
        ),
        (
            "a life of more than an hour",
            with_claims(json!({"iat": NOW_S - 3_500, "exp": NOW_S + 101})),
            IdentifyLifetime,
        ),
        (
            "a life without iat",
            with_claims(json!({"iat": null, "exp": NOW_S + 3_601})),
            IdentifyLifetime,
        ),
    ]);
    let world = World::new();
    for good in [
        claim("exp", json!(NOW_S + 1)),
        claim("nbf", json!(NOW_S + 10)),
        claim("iat", json!(NOW_S + 10)),
        with_claims(json!({"iat": NOW_S - 3_500, "exp": NOW_S + 100})),
        with_claims(json!({"iat": null})),
    ] {
        assert_eq!(world.bearer(good), None);
    }
}

#[test]
fn skew_moves_each_edge_and_never_beyond_a_minute() {
    let world = World::of(
        issuer_form(json!({"skew_s": 60})),
        &[vec![requirement(0, &[])]],
    );
    let claim = |name: &str, value: u64| world.bearer(with_claims(json!({ name: value })));
    assert_eq!(
        [
            claim("exp", NOW_S - 59),
            claim("nbf", NOW_S + 60),
            claim("iat", NOW_S + 60)
        ],
        [None; 3]
    );
    assert_eq!(claim("exp", NOW_S - 60), Some(IdentifyExpired));
    assert_eq!(claim("nbf", NOW_S + 61), Some(IdentifyNotYetValid));
    assert_eq!(claim("iat", NOW_S + 61), Some(IdentifyIssuedAhead));
}

#[test]
fn the_subject_is_one_plain_text() {
    let sub = |value: Value| with_claims(json!({ "sub": value }));
    refuse(vec![
        ("missing", sub(Value::Null), IdentifyTokenMalformed),
        ("empty", sub(json!("")), IdentifyTokenMalformed),
        ("a number", sub(json!(7)), IdentifyTokenMalformed),
        ("a list", sub(json!(["alice"])), IdentifyTokenMalformed),
        (
            "257 bytes",
            sub(json!("a".repeat(257))),
            IdentifyTokenMalformed,
        ),
        ("a NUL", sub(json!("alice\0")), IdentifyTokenMalformed),
        (
            "a line end",
            sub(json!("alice\r\nX-Admin: 1")),
            IdentifyTokenMalformed,
        ),
        (
            "jti a number",
            with_claims(json!({"jti": 1})),
            IdentifyTokenMalformed,
        ),
        (
            "scope a number",
            with_claims(json!({"scope": 1})),
            IdentifyTokenMalformed,
        ),
        (
            "scope a list of numbers",
            with_claims(json!({"scope": [1]})),
            IdentifyTokenMalformed,
        ),
        (
            "scope an object",
            with_claims(json!({"scope": {"read": true}})),
            IdentifyTokenMalformed,
        ),
    ]);
    let world = World::new();
    let named = |name: &str| {
        world
            .ask(&Request::bearer(sub(json!(name))))
            .unwrap()
            .principal()
            .clone()
    };
    assert_ne!(named("alice"), named("\u{430}lice"));
    assert_ne!(named("alice"), named("Alice"));
    assert_eq!(named("alice").subject(), "alice");
}

#[test]
fn extensions_bindings_and_nested_tokens_are_refused() {
    let nested = good();
    refuse(vec![
        (
            "crit",
            with_header(json!({"crit": ["exp"]})),
            IdentifyHeaderRefused,
        ),
        (
            "an empty crit",
            with_header(json!({"crit": []})),
            IdentifyHeaderRefused,
        ),
        (
            "b64 false",
            with_header(json!({"b64": false, "crit": ["b64"]})),
            IdentifyHeaderRefused,
        ),
        (
            "b64 true",
            with_header(json!({"b64": true})),
            IdentifyHeaderRefused,
        ),
        (
            "zip",
            with_header(json!({"zip": "DEF"})),
            IdentifyHeaderRefused,
        ),
        (
            "enc",
            with_header(json!({"enc": "A256GCM"})),
            IdentifyHeaderRefused,
        ),
        (
            "a huge p2c",
            with_header(json!({"p2c": 2_147_483_647_u32})),
            IdentifyHeaderRefused,
        ),
        (
            "cty JWT",
            with_header(json!({"cty": "JWT"})),
            IdentifyHeaderRefused,
        ),
        (
            "a nested token",
            raw_token(header().to_string(), &nested),
            IdentifyTokenMalformed,
        ),
        (
            "claims that are a list",
            raw_token(header().to_string(), "[]"),
            IdentifyTokenMalformed,
        ),
        (
            "claims that are empty",
            raw_token(header().to_string(), ""),
            IdentifyTokenMalformed,
        ),
        (
            "claims in Latin-1",
            raw_token(header().to_string(), b"{\"iss\":\"\xe9\"}"),
            IdentifyTokenMalformed,
        ),
        (
            "claims 17 deep",
            with_claims(json!({"a": deep(16)})),
            IdentifyTokenMalformed,
        ),
        (
            "bound by cnf.jkt",
            with_claims(json!({"cnf": {"jkt": "x"}})),
            IdentifyBinding,
        ),
        (
            "bound by cnf.x5t#S256",
            with_claims(json!({"cnf": {"x5t#S256": "x"}})),
            IdentifyBinding,
        ),
        (
            "an empty cnf",
            with_claims(json!({"cnf": {}})),
            IdentifyBinding,
        ),
    ]);
    assert_eq!(
        World::new().bearer(with_claims(json!({"a": deep(15)}))),
        None
    );
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, _| json!([inner]))
}
