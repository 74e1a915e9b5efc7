//! Where credentials travel, and how many there are.

use bartizan_core::codes::Code::*;
use serde_json::json;

use crate::world::*;

#[test]
fn there_is_exactly_one_credential() {
    let world = World::new();
    let bearer = || Request::bearer(good());
    for (name, request) in [
        (
            "two Authorization",
            bearer().header("authorization", format!("Bearer {}", good())),
        ),
        (
            "Bearer and Basic",
            bearer().header("authorization", "Basic YTpi"),
        ),
        ("header and query", bearer().query("access_token", good())),
        (
            "header and an empty query token",
            bearer().query("access_token", ""),
        ),
        (
            "header and two query tokens",
            bearer()
                .query("access_token", "a")
                .query("access_token", "b"),
        ),
    ] {
        assert_eq!(
            world.code(&request),
            Some(IdentifyCredentialConflict),
            "{name}"
        );
    }
    assert_eq!(
        world.code(&bearer().query("page", "2").cookie("theme", "dark")),
        None
    );
}

#[test]
fn a_credential_has_the_form_of_its_scheme() {
    let world = World::new();
    for value in [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer a,b",
        "Bearer \"a\"",
        "Bearer =",
        "bearer \u{e4}",
    ] {
        let request = Request::default().header("authorization", value);
        assert_eq!(
            world.code(&request),
            Some(IdentifyCredentialMalformed),
            "{value:?}"
        );
    }
    for scheme in ["Bearer ", "bearer ", "BEARER ", "Bearer  "] {
        let request = Request::default().header("authorization", format!("{scheme}{}", good()));
        assert_eq!(world.code(&request), None, "{scheme:?}");
    }
}

#[test]
fn another_place_or_scheme_is_no_credential() {
    let world = World::new();
    for (name, request) in [
        ("nothing", Request::default()),
        (
            "only a query token",
            Request::default().query("access_token", good()),
        ),
        (
            "only a cookie",
            Request::default().cookie("session", good()),
        ),
        (
            "another header",
            Request::default().header("x-access-token", good()),
        ),
        (
            "a proxy header",
            Request::default().header("proxy-authorization", format!("Bearer {}", good())),
        ),
        (
            "a forwarded identity",
            Request::default().header("x-user", "alice"),
        ),
        (
            "Basic",
            Request::default().header("authorization", "Basic YTpi"),
        ),
        (
            "Token",
            Request::default().header("authorization", format!("Token {}", good())),
        ),
        (
            "no scheme",
            Request::default().header("authorization", good()),
        ),
        (
            "a tab",
            Request::default().header("authorization", format!("Bearer\t{}", good())),
        ),
        (
            "an empty value",
            Request::default().header("authorization", ""),
        ),
    ] {
        assert_eq!(
            world.code(&request),
            Some(IdentifyCredentialMissing),
            "{name}"
        );
    }
}

#[test]
fn api_keys_are_exact_single_and_current() {
    let mut world = World::of(issuer_form(json!({})), &[vec![requirement(1, &[])]]);
    let key = |value: &str| Request::default().header("x-api-key", value);
    for value in ["key-of-cI", "key-of-ci2", "ey-of-ci", "ci", "*", "' OR 1=1"] {
        assert_eq!(world.code(&key(value)), Some(IdentifyUnknownKey), "{value}");
    }
    let digest = api_keys("pass")[0].digest.clone();
    assert_eq!(
        world.code(&key(&digest)),
        Some(IdentifyUnknownKey),
        "the stored digest is no key"
    );
    assert_eq!(
        world.code(&key("key-of-ci").header("x-api-key", "key-of-ci")),
        Some(IdentifyCredentialConflict)
    );
    assert_eq!(world.code(&key("")), Some(IdentifyCredentialMalformed));
    assert_eq!(
        world.code(&Request::default().query("x-api-key", "key-of-ci")),
        Some(IdentifyCredentialMissing)
    );
    let identified = world.ask(&key("key-of-ci")).unwrap();
    assert_eq!(identified.principal().subject(), "ci");
    world.now_s = NOW_S + 60;
    assert_eq!(world.code(&key("key-of-ci")), Some(IdentifyExpired));
}

#[test]
fn no_reason_holds_anything_of_the_credential() {
    let world = World::new();
    let canary = "canaryCANARYcanary";
    for token in [
        canary.to_owned(),
        format!("{canary}.{canary}.{canary}"),
        with_header(json!({"kid": canary})),
        with_claims(json!({"aud": canary, "iss": canary})),
    ] {
        for reason in world.ask(&Request::bearer(&token)).unwrap_err() {
            let text = format!("{reason:?}");
            assert!(!text.contains(canary) && reason.value.is_none(), "{text}");
        }
    }
}
