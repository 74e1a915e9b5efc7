//! What a cached token must not carry over.

use bartizan_core::authorize::authorize;
use bartizan_core::codes::Code::*;
use bartizan_core::identify::revocation::RevocationForm;
use bartizan_core::live::{Live, LiveParts};
use bartizan_core::policy::form::LimitTableForm;
use serde_json::{Value, json};

use crate::world::*;

#[test]
fn a_hit_does_not_skip_the_scope_of_another_operation() {
    let world = World::of(issuer_form(json!({})), &[vec![requirement(0, &["read"])]]);
    let token = good();
    let identified = world.ask(&Request::bearer(&token)).unwrap();
    assert!(authorize(&identified, &world.security, &world.operation).is_ok());
    let admin = operation(&world.security, &[vec![requirement(0, &["admin"])]]);
    let world = World {
        operation: admin,
        ..world
    };
    let identified = world.ask(&Request::bearer(&token)).unwrap();
    let reason = authorize(&identified, &world.security, &world.operation).unwrap_err();
    assert_eq!(
        (reason.code, reason.expected.as_str()),
        (AuthorizeScope, "scope `admin`")
    );
    assert_eq!(world.live.tokens.len(), 1, "both were hits of one entry");
}

/// The same cache and keys under another issuer entry, as after a swap of the Policy.
fn swapped(world: World, changes: Value) -> World {
    let issuers = [issuer_form(changes)];
    let security = bartizan_core::identify::Security::compile(&schemes(), &issuers, &[]).unwrap();
    let parts = LiveParts {
        security: &security,
        api_keys: &[],
        pepper: None,
        limit_table: LimitTableForm { slots: 64 },
        seed: [1; 16],
    };
    let live = Live::build(parts, Some(&world.live)).unwrap();
    let operation = operation(&security, &[vec![requirement(0, &[])]]);
    World {
        security,
        operation,
        live: live.into(),
        now_s: world.now_s,
    }
}

#[test]
fn a_hit_does_not_outlive_a_change_of_the_entry() {
    let token = good();
    for (changes, code) in [
        (json!({"audiences": ["other"]}), IdentifyAudience),
        (json!({"lifetime_max_s": 60}), IdentifyLifetime),
        (json!({"algorithms": ["RS256"]}), IdentifyAlgorithm),
        (json!({"subject_claim": "email"}), IdentifyTokenMalformed),
        (
            json!({"issuer": "https://other.example"}),
            IdentifyUnknownIssuer,
        ),
    ] {
        let world = World::new();
        assert_eq!(world.bearer(&token), None);
        assert_eq!(
            swapped(world, changes.clone()).bearer(&token),
            Some(code),
            "{changes}"
        );
    }
}

#[test]
fn an_unrelated_swap_keeps_keys_and_tokens() {
    let (world, token) = (World::new(), good());
    assert_eq!(world.bearer(&token), None);
    let world = swapped(
        world,
        json!({"source": {"document": 0, "pointer": "/auth/issuers/9"}}),
    );
    assert_eq!(world.live.tokens.len(), 1);
    assert_eq!(world.bearer(&token), None);
}

#[test]
fn a_hit_is_refused_from_the_second_it_expires() {
    let (mut world, token) = (World::new(), good());
    for (now_s, code) in [
        (NOW_S, None),
        (NOW_S + 299, None),
        (NOW_S + 300, Some(IdentifyExpired)),
        (NOW_S + 301, Some(IdentifyExpired)),
    ] {
        world.now_s = now_s;
        assert_eq!(world.bearer(&token), code, "{now_s}");
    }
}

#[test]
fn a_hit_is_refused_when_the_clock_goes_back_before_its_time() {
    let (mut world, token) = (World::new(), with_claims(json!({"nbf": NOW_S})));
    assert_eq!(world.bearer(&token), None);
    world.now_s = NOW_S - 11;
    assert_eq!(world.bearer(&token), Some(IdentifyNotYetValid));
}

fn revoke(world: &World, kind: &str, issuer: &str, name: &str) {
    let mut entry = json!({"kind": kind, "issuer": issuer, "name": name, "until_s": NOW_S + 300});
    if kind == "subject" {
        entry["before_s"] = json!(NOW_S);
    }
    let entries: Vec<RevocationForm> = serde_json::from_value(json!([entry])).unwrap();
    world.live.revocations.revoke(&entries, NOW_S);
}

#[test]
fn a_hit_is_refused_once_revoked() {
    let (world, token) = (World::new(), good());
    let other = with_claims(json!({"jti": "t2"}));
    assert_eq!([world.bearer(&token), world.bearer(&other)], [None; 2]);
    revoke(&world, "token", "main", "t1");
    assert_eq!(world.bearer(&token), Some(IdentifyRevoked));
    assert_eq!(
        world.bearer(&other),
        None,
        "another token of the subject lives on"
    );
    revoke(&world, "subject", "main", "alice");
    assert_eq!(world.bearer(&other), Some(IdentifyRevoked));
    let bob = with_claims(json!({"sub": "bob", "jti": "t3"}));
    assert_eq!(world.bearer(bob), None);
}

#[test]
fn a_revocation_of_another_issuer_or_kind_does_not_touch_it() {
    let (world, token) = (World::new(), good());
    revoke(&world, "token", "other", "t1");
    revoke(&world, "token", "main", "alice");
    revoke(&world, "subject", "main", "t1");
    assert_eq!(world.bearer(&token), None);
}

#[test]
fn refused_tokens_are_not_kept() {
    let world = World::new();
    let bad = token_by(header().to_string(), claims().to_string(), |message| {
        sign_es(&keyring().foreign, message)
    });
    assert_eq!(world.bearer(bad), Some(IdentifySignature));
    assert!(world.live.tokens.is_empty());
}

#[test]
fn neither_hit_nor_key_makes_an_issuer_believed_by_an_api_that_it_is_not_for() {
    let token = good();
    for (warm, issuers, code) in [
        (true, Some(vec![]), Some(IdentifyUnknownIssuer)),
        (false, Some(vec![1]), Some(IdentifyUnknownIssuer)),
        (true, Some(vec![1, 0]), None),
        (true, None, None),
    ] {
        let world = World::new();
        if warm {
            assert_eq!(world.bearer(&token), None);
        }
        let mut forms = schemes();
        forms[0].issuers = issuers.clone();
        let entries = [issuer_form(json!({}))];
        let security = bartizan_core::identify::Security::compile(&forms, &entries, &[]).unwrap();
        let operation = operation(&security, &[vec![requirement(0, &[])]]);
        let world = World {
            security,
            operation,
            ..world
        };
        assert_eq!(world.bearer(&token), code, "{issuers:?}");
    }
}

#[test]
fn a_token_for_one_api_is_none_for_another_of_the_same_issuer() {
    let shared = || issuer_form(json!({"audiences": ["api", "bank"], "audience_rule": "contains"}));
    let at = |world: World, own: &[&str]| {
        let mut forms = schemes();
        let source = json!({"document": 0, "pointer": "/apis/1/audience"});
        let audience = json!({"any_of": own, "source": source});
        forms[0].audience = serde_json::from_value(audience).unwrap();
        let security =
            bartizan_core::identify::Security::compile(&forms, &[shared()], &[]).unwrap();
        let operation = operation(&security, &[vec![requirement(0, &[])]]);
        World {
            security,
            operation,
            ..world
        }
    };
    let world = World::of(shared(), &[vec![requirement(0, &[])]]);
    let both = with_claims(json!({"aud": ["bank", "api"]}));
    for token in [&good(), &both] {
        assert_eq!(world.bearer(token), None);
    }
    let world = at(world, &["bank"]);
    let reason = world.ask(&Request::bearer(good())).unwrap_err();
    assert_eq!(
        (reason[0].code, reason[0].expected.as_str()),
        (IdentifyAudience, "audience `bank`")
    );
    assert_eq!(reason[0].source.pointer, "/apis/1/audience");
    assert_eq!(world.bearer(&both), None);
    assert_eq!(at(world, &["other", "api"]).bearer(good()), None);
}
