//! Items 9 to 13 of the normalisation checklist, each with its good-traffic twin.

use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::decision::{Location, Reason};
use crate::parse::{ParseRules, Parts, Request, parse_parts};

fn request(target: &str, fields: &[(&str, &str)], rules: &ParseRules) -> Request {
    let bounds = Bounds::default();
    let mut budget = Budget::new(&bounds);
    let fields = fields
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
    let parts = Parts {
        method: b"GET",
        target: target.as_bytes(),
        fields,
    };
    parse_parts(parts, rules, &bounds, &mut budget)
}

fn read(target: &str) -> Request {
    request(
        target,
        &[("Host", "api.example.com")],
        &ParseRules::default(),
    )
}

fn with(fields: &[(&str, &str)]) -> Request {
    let mut all = vec![("Host", "api.example.com")];
    all.extend_from_slice(fields);
    request("/", &all, &ParseRules::default())
}

fn codes(request: &Request) -> Vec<Code> {
    request.faults.iter().map(|reason| reason.code).collect()
}

fn decoded(request: &Request) -> Vec<&str> {
    request.segments().map(|segment| segment.decoded).collect()
}

fn relaxed(codes: &[Code]) -> ParseRules {
    ParseRules {
        relaxed: codes.iter().copied().collect(),
        hosts: Vec::new(),
    }
}

#[test]
fn item_9_encoded_separators_dots_and_percent_are_refused() {
    for (target, code) in [
        ("/a%2Fb", Code::ParseEncodedSlash),
        ("/a%2fb", Code::ParseEncodedSlash),
        ("/a%5Cb", Code::ParseEncodedBackslash),
        ("/a\\b", Code::ParseEncodedBackslash),
        ("/a%2Eb", Code::ParseEncodedDot),
        ("/a%00b", Code::ParseEncodedNul),
        ("/a%0d%0ab", Code::ParseEncodedNul),
        ("/a%7f", Code::ParseEncodedNul),
        ("/?q=%00", Code::ParseEncodedNul),
        ("/a%252Fb", Code::ParseEncodedPercent),
        ("/a%25", Code::ParseEncodedPercent),
        ("/a/../b", Code::ParseDotSegment),
        ("/a/./b", Code::ParseDotSegment),
        ("/%2e%2e/b", Code::ParseDotSegment),
        ("/a/..;/b", Code::ParseDotSegment),
        ("/a%C0%AEb", Code::ParseBadUtf8),
        ("/a%FF", Code::ParseBadUtf8),
        ("/?q=%C0%AF", Code::ParseBadUtf8),
        ("/a%zz", Code::ParseBadPercent),
        ("/a%u002e", Code::ParseBadPercent),
        ("/?q=%", Code::ParseBadPercent),
        ("/a#b", Code::ParseFragment),
        ("/a?b#c", Code::ParseFragment),
        ("//evil.example.com/a", Code::ParseDoubleSlash),
        ("/a//b", Code::ParseDoubleSlash),
        ("/a;v=1", Code::ParseSemicolon),
        ("a/b", Code::ParseBadTarget),
        ("*", Code::ParseBadTarget),
        ("/a\"b", Code::ParseBadTarget),
        ("/?q=<x>", Code::ParseBadQuery),
    ] {
        let request = read(target);
        assert!(
            codes(&request).contains(&code),
            "{target}: {:?}",
            request.faults
        );
        assert!(request.path().starts_with('/'), "{target}");
    }
}

#[test]
fn item_9_twin_honest_paths_and_queries_pass_unchanged() {
    for target in [
        "/",
        "/users/42",
        "/users/42/",
        "/files/report.v1.2.pdf",
        "/.well-known/openid",
        "/a%20b",
        "/caf%C3%A9",
        "/@me/a:b,c",
        "/a?x=1&y=2",
        "/a?next=/b/../c%2Fd&pct=100%25",
        "/a?filter[name]=x&ids=1|2",
        "/a?q=a+b%0Ac",
        "/a?",
        "/a?flag",
        "/a?e=%F0%9F%98%80",
        "/...",
    ] {
        let request = read(target);
        assert_eq!(codes(&request), [], "{target}");
        assert_eq!(request.target(), target);
        assert!(request.target_is_canonical());
    }
}

#[test]
fn item_9_one_canonical_path_is_given_to_every_stage() {
    let request = read("/%75sers/%7ejoe/caf%c3%a9?q=%61");
    assert_eq!(codes(&request), []);
    assert_eq!(request.path(), "/users/~joe/caf%C3%A9");
    assert_eq!(request.target(), "/users/~joe/caf%C3%A9?q=%61");
    assert_eq!(decoded(&request), ["users", "~joe", "caf\u{e9}"]);
    assert_eq!(request.query_values("q").collect::<Vec<_>>(), ["a"]);
    assert!(!request.target_is_canonical());
}

#[test]
fn item_9_relaxed_rules_give_the_obvious_reading() {
    let rules = relaxed(&[Code::ParseEncodedSlash, Code::ParseEncodedPercent]);
    let slash = request("/files/a%2fb%2525", &[("Host", "x")], &rules);
    assert_eq!(codes(&slash), []);
    assert_eq!(slash.path(), "/files/a%2Fb%2525");
    assert_eq!(decoded(&slash), ["files", "a/b%25"]);
    let rules = relaxed(&[Code::ParseSemicolon, Code::ParseDoubleSlash]);
    let other = request("//a;b=1//", &[("Host", "x")], &rules);
    assert_eq!(codes(&other), []);
    assert_eq!(decoded(&other), ["", "a;b=1", "", ""]);
}

#[test]
fn item_9_every_fault_is_reported_with_its_span() {
    let request = read("/a%2Fb/%5c?x=%zz");
    let found: Vec<_> = request
        .faults
        .iter()
        .map(|r| (r.code, r.span.unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            (Code::ParseEncodedSlash, (2, 5)),
            (Code::ParseEncodedBackslash, (7, 10)),
            (Code::ParseBadPercent, (13, 16)),
        ]
    );
    let query: &Reason = &request.faults[2];
    assert_eq!(
        (query.place.location, query.place.name.as_ref()),
        (Location::Query, "x")
    );
}

#[test]
fn item_9_absolute_form_passes_only_when_it_equals_host() {
    let host = [("Host", "api.example.com")];
    for target in [
        "http://api.example.com/a",
        "HTTP://API.example.com:80/a",
        "http://api.example.com/a",
    ] {
        let request = request(target, &host, &ParseRules::default());
        assert_eq!(
            (codes(&request), request.target()),
            (vec![], "/a"),
            "{target}"
        );
    }
    assert_eq!(read("http://api.example.com").target(), "/");
    assert_eq!(read("http://api.example.com?x=1").target(), "/?x=1");
    for (target, code) in [
        ("http://evil.example.com/a", Code::ParseForeignAuthority),
        ("http://api.example.com:81/a", Code::ParseForeignAuthority),
        ("http://api.example.com@evil.com/", Code::ParseBadHost),
        ("ftp://api.example.com/", Code::ParseBadTarget),
    ] {
        assert!(codes(&read(target)).contains(&code), "{target}");
    }
}

#[test]
fn item_10_host_is_single_plain_and_configured() {
    for host in [
        "user@api.example.com",
        "a b",
        "",
        "api.example.com:x",
        "a/b",
        "a,b",
    ] {
        let request = request("/", &[("Host", host)], &ParseRules::default());
        assert_eq!(codes(&request), [Code::ParseBadHost], "{host}");
    }
    let twice = with(&[("host", "evil.example.com")]);
    assert_eq!(codes(&twice), [Code::ParseDuplicateSingleton]);
    assert_eq!(twice.host(), "api.example.com");
    let rules = ParseRules {
        hosts: vec!["api.example.com".into()],
        ..ParseRules::default()
    };
    assert_eq!(
        codes(&request("/", &[("Host", "other")], &rules)),
        [Code::ParseBadHost]
    );
}

#[test]
fn item_10_twin_honest_hosts_pass() {
    for (host, name, port) in [
        ("API.Example.com", "api.example.com", None),
        ("127.0.0.1:8080", "127.0.0.1", Some(8080)),
        ("[::1]:80", "[::1]", Some(80)),
    ] {
        let request = request("/", &[("Host", host)], &ParseRules::default());
        assert_eq!(
            (codes(&request), request.host(), request.port()),
            (vec![], name, port)
        );
    }
}

#[test]
fn item_11_underscores_duplicates_and_overrides_are_refused() {
    for (fields, code) in [
        (vec![("X_User", "1")], Code::ParseUnderscoreField),
        (vec![("Content_Length", "1")], Code::ParseUnderscoreField),
        (
            vec![("Authorization", "a"), ("authorization", "b")],
            Code::ParseDuplicateSingleton,
        ),
        (
            vec![("Content-Type", "a/b"), ("Content-Type", "a/b")],
            Code::ParseDuplicateSingleton,
        ),
        (
            vec![("Origin", "a"), ("Origin", "b")],
            Code::ParseDuplicateSingleton,
        ),
        (
            vec![("Range", "bytes=0-1"), ("Range", "bytes=2-3")],
            Code::ParseDuplicateSingleton,
        ),
        (
            vec![("X-HTTP-Method-Override", "DELETE")],
            Code::ParseMethodOverride,
        ),
        (
            vec![("X-Original-URL", "/admin")],
            Code::ParseMethodOverride,
        ),
        (vec![("x-rewrite-url", "/admin")], Code::ParseMethodOverride),
    ] {
        assert_eq!(codes(&with(&fields)), [code], "{fields:?}");
    }
}

#[test]
fn item_11_twin_honest_fields_pass() {
    let request = with(&[
        ("Accept", "a/b"),
        ("Accept", "c/d"),
        ("Accept-Language", "de"),
        ("Accept-Language", "en"),
        ("If-Match", "\"a\""),
        ("If-Match", "\"b\""),
        ("X-Request-ID", "1"),
        ("User-Agent", "curl"),
        ("Cookie", "a=1"),
        ("Cookie", "b=2"),
        ("Content-Type", "application/json"),
    ]);
    assert_eq!(codes(&request), []);
    assert_eq!(request.cookies().count(), 2);
    assert!(request.media().unwrap().is_json());
}

#[test]
fn item_12_connection_may_not_name_what_must_reach_the_api() {
    for name in [
        "Authorization",
        "X-Bartizan-Principal",
        "cookie",
        "close, host",
        "X-Forwarded-For",
        "content-type",
        "keep-alive, X-Real-IP",
        "Proxy",
        "a b",
    ] {
        assert_eq!(
            codes(&with(&[("Connection", name)])),
            [Code::ParseConnectionNames],
            "{name}"
        );
    }
}

#[test]
fn item_12_twin_honest_connection_values_pass() {
    for value in [
        "close",
        "keep-alive",
        "Keep-Alive, TE",
        "upgrade",
        "X-My-Hop",
        "close,",
        "",
    ] {
        assert_eq!(codes(&with(&[("Connection", value)])), [], "{value}");
    }
}

#[test]
fn item_13_character_sets_and_boundaries_with_two_readings_are_refused() {
    for (value, code) in [
        (
            "application/json; charset=utf-7",
            Code::ParseUnsupportedCharset,
        ),
        (
            "application/x-www-form-urlencoded; charset=ibm037",
            Code::ParseUnsupportedCharset,
        ),
        (
            "multipart/form-data; boundary=a; boundary=b",
            Code::ParseBadContentType,
        ),
        ("multipart/form-data", Code::ParseBadContentType),
        (
            "multipart/form-data; boundary=a, text/plain",
            Code::ParseBadContentType,
        ),
    ] {
        let request = with(&[("Content-Type", value)]);
        assert_eq!(codes(&request), [code], "{value}");
        assert_eq!(request.faults[0].place.name, "content-type");
    }
    assert_eq!(
        codes(&with(&[("Content-Encoding", "gzip, br")])),
        [Code::ParseUnsupportedCoding]
    );
    assert_eq!(
        codes(&with(&[("Content-Encoding", "compress")])),
        [Code::ParseUnsupportedCoding]
    );
}

#[test]
fn item_13_twin_repeated_query_names_stay_visible_to_the_contract() {
    let request = read("/?id=1&id=2&x&y=&a%3Db=c%26d");
    let pairs: Vec<_> = request
        .pairs()
        .map(|p| (p.name, p.value, p.has_value))
        .collect();
    assert_eq!(
        pairs,
        [
            ("id", "1", true),
            ("id", "2", true),
            ("x", "", false),
            ("y", "", true),
            ("a=b", "c&d", true),
        ]
    );
    assert_eq!(request.pairs().next().unwrap().span, (2, 6));
    assert_eq!(codes(&request), []);
    assert_eq!(codes(&with(&[("Content-Encoding", "gzip")])), []);
}

#[test]
fn cookies_have_bounds_and_a_strict_shape() {
    let good = with(&[("Cookie", "a=1; b=\"x y\"; c={\"k\":1}; d=; e=a=b;")]);
    assert_eq!(codes(&good), []);
    let found: Vec<_> = good.cookies().map(|c| (c.name, c.value)).collect();
    assert_eq!(
        found,
        [
            ("a", "1"),
            ("b", "x y"),
            ("c", "{\"k\":1}"),
            ("d", ""),
            ("e", "a=b")
        ]
    );
    for value in ["nameless", "=x", "a=\"b; c=d\"", "a=\u{1}", "a =b"] {
        assert!(
            codes(&with(&[("Cookie", value)])).contains(&Code::ParseBadCookie),
            "{value}"
        );
    }
    let many = (0..65)
        .map(|n| format!("c{n}=1"))
        .collect::<Vec<_>>()
        .join("; ");
    assert_eq!(codes(&with(&[("Cookie", &many)])), [Code::ParseCookieLimit]);
    let most = (0..64)
        .map(|n| format!("c{n}=1"))
        .collect::<Vec<_>>()
        .join("; ");
    assert_eq!(codes(&with(&[("Cookie", &most)])), []);
}

#[test]
fn pairs_are_bounded_at_n_and_n_plus_one() {
    let query = |n: usize| format!("/?{}", vec!["a=1"; n].join("&"));
    assert_eq!(codes(&read(&query(256))), []);
    assert_eq!(codes(&read(&query(257))), [Code::ParseQueryLimit]);
}
