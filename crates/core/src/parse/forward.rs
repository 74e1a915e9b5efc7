//! The head that goes on to the API: canonical target, no hop-by-hop fields, nothing by which a
//! client could speak in the name of a proxy or of us, forwarding fields from a clean slate.

use std::io::Write;
use std::net::IpAddr;

use crate::parse::fields::{OVERRIDES, is_one_of, must_reach};
use crate::parse::request::Request;
use crate::wire::head::RequestHead;
use crate::wire::number::write_decimal;

/// Who asked, as we tell the API.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'o> {
    /// Address of the client, behind trusted proxies.
    pub client: IpAddr,
    /// `http` or `https`, as the client spoke to us.
    pub scheme: &'o str,
}

/// How much is rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// The canonical form, for a Request that is allowed.
    Canonical,
    /// A fault stands in shadow: the bytes as sent, but for fields of the connection and our own.
    Original,
}

/// What was done to one part of the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    /// Several `Cookie` fields became one.
    Joined,
    /// A field of the connection was taken out (RFC 9110 section 7.6.1).
    RemovedHop,
    /// A field that only a proxy or we may send was taken out.
    RemovedSpoofed,
    /// The target was replaced by its canonical form.
    Rewritten,
    /// A field was set by us.
    Set,
}

/// Fields of the connection, and those that the codec writes or answers itself.
const HOP: [&str; 12] = [
    "connection",
    "content-length",
    "expect",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Fields that tell who asks or what was asked, and `Proxy` (HTTPoxy, CVE-2016-5385).
const SPOOFED: [&str; 8] = [
    "forwarded",
    "proxy",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-real-ip",
];

const SPOOFED_PREFIXES: [&str; 3] = ["x-bartizan-", "x-forwarded-", "x-user"];

/// Rewrites `head` for the API.
///
/// The body framing is the driver's: `head.write` gets it. Cost: O(head).
pub fn forward_head(
    head: &mut RequestHead,
    request: &Request,
    origin: &Origin<'_>,
    rewrite: Rewrite,
) {
    rewrite_head(head, request, origin, rewrite, &mut |_, _| {});
}

/// `forward_head` that notes what it does, in order; the target is named `:target`.
fn rewrite_head(
    head: &mut RequestHead,
    request: &Request,
    origin: &Origin<'_>,
    rewrite: Rewrite,
    note: &mut impl FnMut(Action, &[u8]),
) {
    let named = named_by_connection(head);
    let is_canonical = rewrite == Rewrite::Canonical;
    head.retain(|name, _| match fate(name, &named, is_canonical) {
        Some(action) => {
            note(action, name);
            false
        }
        None => true,
    });
    if !is_canonical {
        return;
    }
    if !request.target_is_canonical() && head.set_target(request.target().as_bytes()) {
        note(Action::Rewritten, b":target");
    }
    join_cookies(head, note);
    set_forwarding(head, request, origin, note);
}

/// Lower-case names in `Connection`, without those that must reach the API.
fn named_by_connection(head: &RequestHead) -> Vec<String> {
    let mut named = Vec::new();
    for value in head.values("connection") {
        if value.eq_ignore_ascii_case(b"keep-alive") || value.eq_ignore_ascii_case(b"close") {
            continue;
        }
        for piece in value.split(|byte| *byte == b',') {
            let name = piece.trim_ascii();
            if !name.is_empty() && !must_reach(name) {
                named.push(String::from_utf8_lossy(name).to_ascii_lowercase());
            }
        }
    }
    named
}

/// Why a field is taken out; `None` = it goes on.
fn fate(name: &[u8], named: &[String], is_canonical: bool) -> Option<Action> {
    let is_named = || {
        let mut named = named.iter();
        named.any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
    };
    if is_one_of(name, &HOP).is_some() || is_named() {
        return Some(Action::RemovedHop);
    }
    if starts(name, "x-bartizan-") {
        return Some(Action::RemovedSpoofed);
    }
    if !is_canonical || is(name, "x-user-agent") {
        return None;
    }
    let is_spoofed = is_one_of(name, &SPOOFED).is_some()
        || is_one_of(name, &OVERRIDES).is_some()
        || SPOOFED_PREFIXES.iter().any(|prefix| starts(name, prefix));
    is_spoofed.then_some(Action::RemovedSpoofed)
}

fn is(name: &[u8], known: &str) -> bool {
    name.eq_ignore_ascii_case(known.as_bytes())
}

fn starts(name: &[u8], prefix: &str) -> bool {
    name.get(..prefix.len())
        .is_some_and(|head| is(head, prefix))
}

/// Crumbs become one field (RFC 9113 section 8.2.3), so that no API reads only the first.
fn join_cookies(head: &mut RequestHead, note: &mut impl FnMut(Action, &[u8])) {
    if head.values("cookie").nth(1).is_none() {
        return;
    }
    let joined = head.values("cookie").collect::<Vec<_>>().join(&b"; "[..]);
    head.retain(|name, _| !is(name, "cookie"));
    if head.push(b"Cookie", &joined) {
        note(Action::Joined, b"cookie");
    }
}

/// `Forwarded` (RFC 7239), its older kin, and `Via` (RFC 9110 section 7.6.3).
fn set_forwarding(
    head: &mut RequestHead,
    request: &Request,
    origin: &Origin<'_>,
    note: &mut impl FnMut(Action, &[u8]),
) {
    let client = origin.client.to_canonical();
    let (open, close): (&[u8], &[u8]) = match client {
        IpAddr::V4(_) => (b"for=", b";host=\""),
        IpAddr::V6(_) => (b"for=\"[", b"]\";host=\""),
    };
    let scheme = origin.scheme.as_bytes();
    let mut text = Vec::with_capacity(request.host().len().saturating_add(64));
    write_address(client, &mut text);
    let address_len = text.len();
    write_host(request, &mut text);
    let (address, host) = text.split_at_checked(address_len).unwrap_or_default();
    let node: [&[u8]; 6] = [open, address, close, host, b"\";proto=", scheme];
    let lines: [(&'static [u8], &[&[u8]]); 5] = [
        (b"Forwarded", &node),
        (b"X-Forwarded-For", &[address]),
        (b"X-Forwarded-Host", &[host]),
        (b"X-Forwarded-Proto", &[scheme]),
        (b"Via", &[b"1.1 bartizan"]),
    ];
    for (name, parts) in lines {
        let write = |out: &mut Vec<u8>| parts.iter().for_each(|part| out.extend_from_slice(part));
        let is_empty = parts.iter().all(|part| part.is_empty());
        if !is_empty && head.push_with(name, write) {
            note(Action::Set, name);
        }
    }
}

/// Every request has one of these: four numbers need no formatting machinery.
fn write_address(address: IpAddr, out: &mut Vec<u8>) {
    match address {
        IpAddr::V4(address) => {
            for (index, octet) in address.octets().into_iter().enumerate() {
                if index > 0 {
                    out.push(b'.');
                }
                write_decimal(u64::from(octet), out);
            }
        }
        // Writing to a Vec cannot fail.
        IpAddr::V6(address) => drop(write!(out, "{address}")),
    }
}

/// The host, and its port as written.
fn write_host(request: &Request, out: &mut Vec<u8>) {
    out.extend_from_slice(request.host().as_bytes());
    if let Some(port) = request.port() {
        out.push(b':');
        write_decimal(u64::from(port), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Bounds, Budget};
    use crate::parse::{ParseRules, parse_head};
    use crate::wire::head::Framing;

    type Changes = Vec<(Action, String)>;

    fn forwarded(target: &str, fields: &[(&str, &str)], rewrite: Rewrite) -> (Changes, String) {
        let mut all = vec![("Host", "api.example.com:8080")];
        all.extend_from_slice(fields);
        let fields = all
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let mut head =
            RequestHead::from_parts(b"GET", target.as_bytes(), fields, Framing::Empty).unwrap();
        let bounds = Bounds::default();
        let request = parse_head(
            &head,
            &ParseRules::default(),
            &bounds,
            &mut Budget::new(&bounds),
        );
        let origin = Origin {
            client: "::ffff:192.0.2.7".parse().unwrap(),
            scheme: "http",
        };
        let mut changes = Vec::new();
        let mut note = |action, name: &[u8]| {
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            changes.push((action, name));
        };
        rewrite_head(&mut head, &request, &origin, rewrite, &mut note);
        let mut out = Vec::new();
        head.write(&mut out, Framing::Empty);
        (changes, String::from_utf8(out).unwrap())
    }

    fn names(changes: &Changes, action: Action) -> Vec<&str> {
        changes
            .iter()
            .filter(|(done, _)| *done == action)
            .map(|(_, name)| name.as_str())
            .collect()
    }

    #[test]
    fn item_11_internal_fields_never_come_from_a_client() {
        let spoofed = [
            "X-User-Id",
            "X-User",
            "X-Real-IP",
            "X-Original-URL",
            "X-Rewrite-URL",
            "X-HTTP-Method-Override",
            "Proxy",
            "X-Bartizan-Principal",
            "Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Prefix",
            "Via",
        ];
        let fields: Vec<_> = spoofed.iter().map(|name| (*name, "spoofed")).collect();
        let (changes, sent) = forwarded("/", &fields, Rewrite::Canonical);
        assert!(!sent.contains("spoofed"), "{sent}");
        assert_eq!(names(&changes, Action::RemovedSpoofed).len(), spoofed.len());
        for line in [
            "Forwarded: for=192.0.2.7;host=\"api.example.com:8080\";proto=http\r\n",
            "X-Forwarded-For: 192.0.2.7\r\n",
            "X-Forwarded-Host: api.example.com:8080\r\n",
            "X-Forwarded-Proto: http\r\n",
            "Via: 1.1 bartizan\r\n",
        ] {
            assert!(sent.contains(line), "{line}");
        }
    }

    #[test]
    fn item_11_twin_honest_fields_go_on_in_order() {
        let fields = [
            ("Authorization", "Bearer x"),
            ("X-User-Agent", "grpc"),
            ("X-Request-ID", "1"),
            ("Accept", "*/*"),
            ("traceparent", "00-1-2-01"),
        ];
        let (changes, sent) = forwarded("/a?b=1", &fields, Rewrite::Canonical);
        assert!(sent.starts_with(
            "GET /a?b=1 HTTP/1.1\r\nHost: api.example.com:8080\r\nAuthorization: Bearer x\r\n\
             X-User-Agent: grpc\r\nX-Request-ID: 1\r\nAccept: */*\r\ntraceparent: 00-1-2-01\r\n"
        ));
        assert!(changes.iter().all(|(action, _)| *action == Action::Set));
    }

    #[test]
    fn item_12_fields_of_the_connection_stay_behind_and_ours_cannot_be_named() {
        let fields = [
            (
                "Connection",
                "keep-alive, X-Hop, X-Forwarded-For, Authorization",
            ),
            ("X-Hop", "1"),
            ("Authorization", "Bearer x"),
            ("TE", "trailers"),
            ("Keep-Alive", "timeout=5"),
        ];
        let (changes, sent) = forwarded("/", &fields, Rewrite::Canonical);
        assert_eq!(
            names(&changes, Action::RemovedHop),
            ["connection", "x-hop", "te", "keep-alive"]
        );
        assert!(sent.contains("Authorization: Bearer x\r\n"));
        assert!(sent.contains("X-Forwarded-For: 192.0.2.7\r\n"));
    }

    #[test]
    fn item_9_the_canonical_target_is_forwarded() {
        let (changes, sent) = forwarded("/%7Ea/%2fb?q=%61", &[], Rewrite::Canonical);
        assert!(
            sent.starts_with("GET /~a/%2Fb?q=%61 HTTP/1.1\r\n"),
            "{sent}"
        );
        assert_eq!(names(&changes, Action::Rewritten), [":target"]);
        let (_, sent) = forwarded("http://api.example.com:8080/a", &[], Rewrite::Canonical);
        assert!(sent.starts_with("GET /a HTTP/1.1\r\nHost: api.example.com:8080\r\n"));
    }

    #[test]
    fn a_shadowed_fault_sends_the_original_on() {
        let fields = [
            ("X-Real-IP", "1"),
            ("X-Bartizan-Principal", "x"),
            ("Connection", "close"),
        ];
        let (changes, sent) = forwarded("/%7Ea", &fields, Rewrite::Original);
        assert!(sent.starts_with("GET /%7Ea HTTP/1.1\r\n") && sent.contains("X-Real-IP: 1"));
        assert!(!sent.contains("Via") && !sent.contains("Bartizan") && !sent.contains("close"));
        assert_eq!(changes.len(), 2);
    }

    #[test]
    fn an_address_reads_as_the_standard_library_writes_it() {
        for text in ["0.0.0.0", "10.9.100.255", "2001:db8::1", "::"] {
            let mut out = Vec::new();
            write_address(text.parse().unwrap(), &mut out);
            assert_eq!(out, text.as_bytes());
        }
    }

    #[test]
    fn cookie_crumbs_are_joined() {
        let fields = [("Cookie", "a=1"), ("Accept", "x/y"), ("cookie", "b=2")];
        let (changes, sent) = forwarded("/", &fields, Rewrite::Canonical);
        assert!(sent.contains("Cookie: a=1; b=2\r\n"));
        assert_eq!(names(&changes, Action::Joined), ["cookie"]);
    }
}
