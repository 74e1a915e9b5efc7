//! Cookies of an API that never sees its public prefix: their `Path` is made the public one, so
//! that browsers send them to this API again, and to no other.

use bartizan_core::wire::ResponseHead;

const NAME: &str = "set-cookie";

/// Puts `prefix` before the `Path` of every cookie. One without `Path` gets the public one of its
/// request from the browser, and a `__Host-` cookie must keep `/` (RFC 6265bis, section 4.1.3.2).
/// Cost: O(head).
pub(super) fn make_public(head: &mut ResponseHead, prefix: &str) {
    if prefix.is_empty() || head.value(NAME).is_none() {
        return;
    }
    let public: Vec<Vec<u8>> = head
        .values(NAME)
        .map(|value| with_prefix(value, prefix))
        .collect();
    head.retain(|known, _| !known.eq_ignore_ascii_case(NAME.as_bytes()));
    for value in public {
        head.push(NAME.as_bytes(), &value);
    }
}

fn with_prefix(value: &[u8], prefix: &str) -> Vec<u8> {
    const HOST: &[u8] = b"__host-";
    let name = value.trim_ascii_start().get(..HOST.len());
    if name.is_some_and(|start| start.eq_ignore_ascii_case(HOST)) {
        return value.to_vec();
    }
    let mut parts = value.split(|byte| *byte == b';');
    let mut out = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        out.push(b';');
        match path_of(part) {
            Some(path) if !is_below(path, prefix) => {
                out.extend_from_slice(b" Path=");
                out.extend_from_slice(prefix.as_bytes());
                // `/shop` holds for itself and what is below it; `/shop/` not for itself.
                out.extend_from_slice(if path == b"/" { b"" } else { path });
            }
            _ => out.extend_from_slice(part),
        }
    }
    out
}

/// The value of a `Path` attribute that browsers take: one that begins with a slash.
fn path_of(part: &[u8]) -> Option<&[u8]> {
    let end = part.iter().position(|byte| *byte == b'=')?;
    let (name, value) = part.split_at_checked(end)?;
    let value = value.strip_prefix(b"=")?.trim_ascii();
    (name.trim_ascii().eq_ignore_ascii_case(b"path") && value.starts_with(b"/")).then_some(value)
}

fn is_below(path: &[u8], prefix: &str) -> bool {
    let rest = path.strip_prefix(prefix.as_bytes());
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bartizan_core::wire::Framing;

    fn public(prefix: &str, values: &[&str]) -> Vec<String> {
        let fields = values
            .iter()
            .map(|value| (&b"set-cookie"[..], value.as_bytes()));
        let mut head = ResponseHead::from_parts(200, fields, Framing::Empty).unwrap();
        make_public(&mut head, prefix);
        head.values("set-cookie")
            .map(|value| String::from_utf8(value.to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn the_path_of_a_cookie_is_made_the_public_one() {
        for (value, wanted) in [
            ("s=1; Path=/", "s=1; Path=/shop"),
            ("s=1; path=/a; HttpOnly", "s=1; Path=/shop/a; HttpOnly"),
            ("s=1;PATH = /a ;Secure", "s=1; Path=/shop/a;Secure"),
            ("s=1; Path=/shopping", "s=1; Path=/shop/shopping"),
        ] {
            assert_eq!(public("/shop", &[value]), [wanted]);
        }
    }

    #[test]
    fn what_is_right_or_not_ours_to_change_stays() {
        for value in [
            "s=1",
            "s=/x; HttpOnly",
            "path=/; Secure",
            "s=1; Path=/shop",
            "s=1; Path=/shop/a",
            "s=1; Path=a",
            "s=1; Path",
            "__Host-s=1; Secure; Path=/",
        ] {
            assert_eq!(public("/shop", &[value]), [value]);
        }
        assert_eq!(public("", &["s=1; Path=/"]), ["s=1; Path=/"]);
    }

    #[test]
    fn several_cookies_keep_their_order() {
        let found = public("/shop", &["a=1; Path=/", "b=2", "c=3; Path=/x"]);
        assert_eq!(found, ["a=1; Path=/shop", "b=2", "c=3; Path=/shop/x"]);
    }
}
