//! `security` of OpenAPI as written: alternatives, requirements together, anonymous, presence.

use bartizan_core::authorize::authorize;
use bartizan_core::codes::Code::{self, *};
use bartizan_core::identify::challenge::challenges;
use bartizan_core::identify::{PrincipalKind, Security};
use serde_json::{Value, json};

use crate::world::*;

fn world(alternatives: &[Vec<Value>]) -> World {
    World::of(issuer_form(json!({})), alternatives)
}

fn key() -> Request {
    Request::default().header("x-api-key", "key-of-ci")
}

#[test]
fn no_alternative_means_anonymous_and_reads_no_credential() {
    let open = world(&[]);
    for request in [Request::default(), Request::bearer("nonsense"), key()] {
        let identified = open.ask(&request).unwrap();
        assert_eq!(identified.principal().kind(), PrincipalKind::Anonymous);
        assert!(authorize(&identified, &open.security, &open.operation).is_ok());
    }
}

#[test]
fn an_optional_credential_that_is_bad_is_never_taken_for_none() {
    let optional = world(&[vec![requirement(0, &[])], vec![]]);
    assert_eq!(
        optional
            .ask(&Request::default())
            .unwrap()
            .principal()
            .kind(),
        PrincipalKind::Anonymous
    );
    assert_eq!(
        optional
            .ask(&Request::bearer(good()))
            .unwrap()
            .principal()
            .kind(),
        PrincipalKind::Token
    );
    assert_eq!(
        optional.bearer(with_claims(json!({"exp": 1}))),
        Some(IdentifyExpired)
    );
    assert_eq!(optional.bearer("nonsense"), Some(IdentifyTokenMalformed));
}

#[test]
fn either_alternative_will_do_and_each_credential_must_hold() {
    let either = world(&[vec![requirement(0, &[])], vec![requirement(1, &[])]]);
    assert_eq!(
        either
            .ask(&Request::bearer(good()))
            .unwrap()
            .principal()
            .kind(),
        PrincipalKind::Token
    );
    assert_eq!(
        either.ask(&key()).unwrap().principal().kind(),
        PrincipalKind::ApiKey
    );
    assert_eq!(
        either.code(&Request::default()),
        Some(IdentifyCredentialMissing)
    );
    assert_eq!(
        either.code(&key().header("authorization", "Bearer nonsense")),
        Some(IdentifyTokenMalformed)
    );
}

#[test]
fn requirements_of_one_alternative_are_all_needed() {
    let both = world(&[vec![requirement(0, &[]), requirement(1, &[])]]);
    let all = || key().header("authorization", format!("Bearer {}", good()));
    assert_eq!(
        both.ask(&all()).unwrap().principal().kind(),
        PrincipalKind::Token
    );
    assert_eq!(both.bearer(good()), Some(IdentifyUnsatisfied));
    assert_eq!(both.code(&key()), Some(IdentifyUnsatisfied));
    assert_eq!(
        both.code(&Request::default()),
        Some(IdentifyCredentialMissing)
    );
}

#[test]
fn two_tokens_conflict_unless_one_alternative_asks_for_both() {
    let two = || Request::bearer(good()).cookie("session", with_claims(json!({"sub": "bob"})));
    let either = world(&[vec![requirement(0, &[])], vec![requirement(3, &[])]]);
    assert_eq!(either.code(&two()), Some(IdentifyCredentialConflict));
    assert_eq!(
        either.code(&Request::default().cookie("session", good())),
        None
    );
    let both = world(&[vec![requirement(0, &[]), requirement(3, &[])]]);
    assert_eq!(both.code(&two()), None);
}

#[test]
fn presence_is_unverified_and_a_certificate_cannot_be_met() {
    let basic = world(&[vec![requirement(2, &["anything"])]]);
    let request = Request::default().header("authorization", "Basic YTpi");
    let identified = basic.ask(&request).unwrap();
    assert_eq!(identified.principal().kind(), PrincipalKind::Unverified);
    assert!(!identified.principal().is_proven() && identified.strip().is_empty());
    assert!(authorize(&identified, &basic.security, &basic.operation).is_ok());
    assert_eq!(
        basic.code(&Request::default()),
        Some(IdentifyCredentialMissing)
    );
    assert_eq!(
        world(&[vec![requirement(4, &[])]]).code(&Request::bearer(good())),
        Some(IdentifyCredentialMissing)
    );
}

#[test]
fn scopes_are_those_of_one_satisfied_alternative() {
    let scoped = |alternatives: &[Vec<Value>], request: Request| {
        let world = world(alternatives);
        let identified = world.ask(&request).unwrap();
        authorize(&identified, &world.security, &world.operation)
            .map(drop)
            .map_err(|reason| (reason.code, reason.expected))
    };
    let bearer = || Request::bearer(good());
    assert_eq!(scoped(&[vec![requirement(0, &["read"])]], bearer()), Ok(()));
    assert_eq!(
        scoped(
            &[
                vec![requirement(0, &["write"])],
                vec![requirement(0, &["read"])]
            ],
            bearer()
        ),
        Ok(())
    );
    assert_eq!(
        scoped(&[vec![requirement(0, &["write"])], vec![]], bearer()),
        Ok(()),
        "anonymous is an alternative"
    );
    let closest = [
        vec![requirement(0, &["a", "b"])],
        vec![requirement(0, &["read", "c"])],
    ];
    assert_eq!(
        scoped(&closest, bearer()),
        Err((AuthorizeScope, "scope `c`".to_owned()))
    );
    let both = [vec![requirement(0, &["read"]), requirement(1, &["write"])]];
    let all = key().header(
        "authorization",
        format!("Bearer {}", with_claims(json!({"scope": "read write"}))),
    );
    assert_eq!(
        scoped(&both, all),
        Err((AuthorizeScope, "scope `write`".to_owned())),
        "one credential does not answer for another"
    );
}

#[test]
fn scope_words_and_lists_mean_the_same() {
    let world = world(&[vec![requirement(0, &["read", "write"])]]);
    for changes in [
        json!({"scope": "write read"}),
        json!({"scope": ["read", "write"]}),
        json!({"scope": null, "scp": ["read", "write"]}),
    ] {
        let identified = world
            .ask(&Request::bearer(with_claims(changes.clone())))
            .unwrap();
        assert!(
            authorize(&identified, &world.security, &world.operation).is_ok(),
            "{changes}"
        );
    }
    for changes in [
        json!({"scope": "readwrite"}),
        json!({"scope": "read,write"}),
        json!({"scope": "READ WRITE"}),
        json!({"scope": "", "scp": ["read", "write"]}),
    ] {
        let identified = world
            .ask(&Request::bearer(with_claims(changes.clone())))
            .unwrap();
        assert!(
            authorize(&identified, &world.security, &world.operation).is_err(),
            "{changes}"
        );
    }
}

#[test]
fn stripped_credentials_are_named_also_where_nobody_asked_for_them() {
    let issuer = || [issuer_form(json!({"upstream_credential": "strip"}))];
    let closed = World::with(&issuer(), &api_keys("strip"), &[vec![requirement(0, &[])]]);
    let request = || key().header("authorization", format!("Bearer {}", good()));
    assert_eq!(closed.ask(&request()).unwrap().strip(), [0, 1]);
    let open = World::with(&issuer(), &api_keys("strip"), &[]);
    assert_eq!(open.ask(&request()).unwrap().strip(), [0, 1]);
    assert_eq!(open.ask(&Request::default()).unwrap().strip(), [0_u16; 0]);
    let passing = World::with(&[issuer_form(json!({}))], &api_keys("pass"), &[]);
    assert_eq!(passing.ask(&request()).unwrap().strip(), [0_u16; 0]);
}

#[test]
fn the_challenge_helps_and_tells_no_reason() {
    let world = world(&[
        vec![requirement(0, &["write", "read"])],
        vec![requirement(2, &[])],
        vec![requirement(1, &[])],
    ]);
    let of = |code: Code| challenges(&world.security, &world.operation, code);
    let others = [
        "ApiKey realm=\"api\", in=\"header\", name=\"x-api-key\"",
        "Basic realm=\"api\", charset=\"UTF-8\"",
    ];
    assert_eq!(
        of(IdentifyCredentialMissing),
        ["Bearer realm=\"api\"", others[0], others[1]]
    );
    let invalid = of(IdentifySignature);
    assert_eq!(invalid[0], "Bearer realm=\"api\", error=\"invalid_token\"");
    for code in [
        IdentifyExpired,
        IdentifyAudience,
        IdentifyUnknownIssuer,
        IdentifyRevoked,
        IdentifyKeyUnknown,
        IdentifyTokenMalformed,
    ] {
        assert_eq!(of(code), invalid, "{code:?} looks like any other");
    }
    assert_eq!(
        of(AuthorizeScope)[0],
        "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"read write\""
    );
    assert_eq!(
        of(IdentifyCredentialConflict)[0],
        "Bearer realm=\"api\", error=\"invalid_request\""
    );
    assert_eq!(of(IdentifyKeysUnavailable), Vec::<String>::new());
    assert_eq!(of(LimitRate), Vec::<String>::new());
}

#[test]
fn entries_that_would_be_unsafe_do_not_load() {
    for changes in [
        json!({"algorithms": ["HS256"]}),
        json!({"algorithms": ["none"]}),
        json!({"algorithms": []}),
        json!({"algorithms": ["ES256K"]}),
        json!({"audiences": []}),
        json!({"skew_s": 61}),
        json!({"types": ["dpop+jwt"]}),
        json!({"types": ["Logout+JWT"]}),
        json!({"issuer": ""}),
    ] {
        let fault =
            Security::compile(&schemes(), &[issuer_form(changes.clone())], &[]).unwrap_err();
        assert_eq!(fault.source.pointer, "/auth/issuers/0", "{changes}");
    }
    let twice = [issuer_form(json!({})), issuer_form(json!({"id": "second"}))];
    assert!(Security::compile(&schemes(), &twice, &[]).is_err());
}

#[test]
fn the_proof_belongs_to_its_exchange_and_policy() {
    let world = world(&[vec![requirement(0, &[])]]);
    let identified = world.ask(&Request::bearer(good())).unwrap();
    let authorized = authorize(&identified, &world.security, &world.operation).unwrap();
    assert_eq!([identified.stamp(), authorized.stamp()], [STAMP; 2]);
}
