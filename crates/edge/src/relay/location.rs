//! Redirects to the address of the API, rewritten for the public one: a reference without an
//! origin leads to wherever the client came in. The prefix that the API never sees comes back.

use bartizan_core::wire::ResponseHead;

const NAMES: [&str; 2] = ["location", "content-location"];

/// Takes the origin of the API out of `Location` and `Content-Location`. `authority`: its
/// `host:port`; `prefix`: what was cut off the path for it, or nothing. Cost: O(head).
pub(super) fn make_public(head: &mut ResponseHead, authority: &str, prefix: &str) {
    for name in NAMES {
        let Some(value) = head.value(name) else {
            continue;
        };
        let below = without_origin(value, authority);
        if let Some(public) = with_prefix(value, below, prefix) {
            head.retain(|known, _| !known.eq_ignore_ascii_case(name.as_bytes()));
            head.push(name.as_bytes(), &public);
        }
    }
}

/// The reference below the origin; `None` where it leads elsewhere or has no origin.
fn without_origin(value: &[u8], authority: &str) -> Option<Vec<u8>> {
    let (scheme, rest) = value.split_at_checked("http://".len())?;
    if !scheme.eq_ignore_ascii_case(b"http://") {
        return None;
    }
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'))
        .unwrap_or(rest.len());
    let (written, below) = rest.split_at_checked(end)?;
    let written = std::str::from_utf8(written).ok()?;
    if !is_same(written, authority) {
        return None;
    }
    // `//x` would name another host, and an empty reference the page itself.
    let below = below.trim_ascii_end();
    let slashes = below.iter().take_while(|byte| **byte == b'/').count();
    let below = below.get(slashes..).unwrap_or_default();
    Some([b"/", below].concat())
}

/// What the client is told; `None` where the reference is right as it is. `below`: without the
/// origin of the API, where it had that.
fn with_prefix(value: &[u8], below: Option<Vec<u8>>, prefix: &str) -> Option<Vec<u8>> {
    let is_path = value.starts_with(b"/") && !value.starts_with(b"//");
    if prefix.is_empty() || (below.is_none() && !is_path) {
        return below;
    }
    let path = below.unwrap_or_else(|| value.to_vec());
    let after = path.strip_prefix(prefix.as_bytes());
    let has_prefix =
        after.is_some_and(|rest| matches!(rest.first(), None | Some(b'/' | b'?' | b'#')));
    match has_prefix {
        true => Some(path),
        false => Some([prefix.as_bytes(), &path].concat()),
    }
}

/// Whether both name the same place; on a loopback host by any of its names.
fn is_same(written: &str, authority: &str) -> bool {
    let (host, port) = parts(written);
    let (known, known_port) = parts(authority);
    let is_loopback = |host: &str| {
        ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .any(|name| host.eq_ignore_ascii_case(name))
    };
    port == known_port
        && (host.eq_ignore_ascii_case(known) || is_loopback(host) && is_loopback(known))
}

fn parts(authority: &str) -> (&str, &str) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "80"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bartizan_core::wire::Framing;

    fn public(value: &str, authority: &str) -> String {
        behind("", value, authority)
    }

    fn behind(prefix: &str, value: &str, authority: &str) -> String {
        let fields = [(&b"location"[..], value.as_bytes())];
        let mut head = ResponseHead::from_parts(302, fields, Framing::Empty).unwrap();
        make_public(&mut head, authority, prefix);
        String::from_utf8(head.value("location").unwrap().to_vec()).unwrap()
    }

    #[test]
    fn a_redirect_to_the_address_of_the_api_leads_to_the_public_one() {
        for (value, wanted) in [
            ("http://api:8000/a?b#c", "/a?b#c"),
            ("HTTP://API:8000", "/"),
            ("http://api:8000?b", "/?b"),
            ("http://api:8000//evil.example/a", "/evil.example/a"),
        ] {
            assert_eq!(public(value, "api:8000"), wanted, "{value}");
        }
        assert_eq!(public("http://api/a", "api:80"), "/a");
        assert_eq!(public("http://localhost:81/a", "127.0.0.1:81"), "/a");
        assert_eq!(public("http://127.0.0.1/a", "[::1]:80"), "/a");
    }

    #[test]
    fn the_prefix_that_the_api_never_sees_comes_back() {
        for (value, wanted) in [
            ("http://api:8000/a", "/shop/a"),
            ("/a?b", "/shop/a?b"),
            ("/shop/a", "/shop/a"),
            ("/shopping", "/shop/shopping"),
            ("http://api:8000", "/shop/"),
            ("a", "a"),
            ("//elsewhere.example/a", "//elsewhere.example/a"),
            ("https://elsewhere.example/a", "https://elsewhere.example/a"),
        ] {
            assert_eq!(behind("/shop", value, "api:8000"), wanted, "{value}");
        }
    }

    #[test]
    fn a_redirect_elsewhere_stays_as_it_is() {
        for value in [
            "/a",
            "a",
            "https://api:8000/a",
            "http://api:8001/a",
            "http://api.example:8000/a",
            "http://user@api:8000/a",
            "//api:8000/a",
        ] {
            assert_eq!(public(value, "api:8000"), value);
        }
    }
}
