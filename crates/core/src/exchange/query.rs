//! The query as a record may show it: every pair by its name, values masked as values of reasons
//! are.

use crate::decision::{Location, Place};
use crate::mask::{is_shown, looks_like_token};
use crate::parse::Request;

/// Longest query written down before it is cut, in bytes.
const MAX_BYTES: usize = 256;
const MASKED: &str = "[masked]";

/// Names and values decoded, in their order; what comes behind the bound is left out.
/// is_known: whether a name may be shown; hides: whether a place must not be. Cost: O(query),
/// bounded.
pub(super) fn shown_query(
    request: &Request,
    is_known: impl Fn(&str) -> bool,
    hides: impl Fn(&Place) -> bool,
) -> Box<str> {
    let mut shown = String::new();
    for pair in request.pairs() {
        if shown.len() > MAX_BYTES {
            break;
        }
        if !shown.is_empty() {
            shown.push('&');
        }
        if looks_like_token(pair.name) || !is_known(pair.name) {
            shown.push_str(MASKED);
            continue;
        }
        shown.push_str(pair.name);
        if !pair.has_value {
            continue;
        }
        shown.push('=');
        let place = Place::named(Location::Query, pair.name.to_owned());
        let is_plain =
            pair.value.is_empty() || !is_json(pair.value) && is_shown(&place, pair.value, &hides);
        shown.push_str(if is_plain { pair.value } else { MASKED });
    }
    crate::event::shown_cut(&shown)
}

/// Members of an object or list have names of their own, which may mark a secret.
fn is_json(value: &str) -> bool {
    let text = value.trim_start();
    text.starts_with('{') && text != "{}" || text.starts_with('[') && text != "[]"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Bounds, Budget};
    use crate::parse::{ParseRules, parse_head};
    use crate::wire::head::{Framing, RequestHead};

    fn shown(target: &str) -> String {
        let host = [(&b"host"[..], &b"a"[..])];
        let head =
            RequestHead::from_parts(b"GET", target.as_bytes(), host, Framing::Empty).unwrap();
        let bounds = Bounds::default();
        let mut budget = Budget::new(&bounds);
        let request = parse_head(&head, &ParseRules::default(), &bounds, &mut budget);
        let is_known = |name: &str| !name.contains('[');
        shown_query(&request, is_known, |place| place.name == "email").into()
    }

    #[test]
    fn names_and_values_are_shown_decoded_in_their_order() {
        assert_eq!(shown("/a?x=1&flag&name=%41nn&x="), "x=1&flag&name=Ann&x=");
        assert_eq!(shown("/a"), "");
        assert_eq!(shown("/a?"), "");
    }

    #[test]
    fn what_is_secret_by_its_name_its_look_or_the_description_is_masked() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";
        assert_eq!(
            shown(&format!(
                "/a?password=p&email=a@b&next={token}&{token}&q={{%22pin%22:1"
            )),
            "password=[masked]&email=[masked]&next=[masked]&[masked]&q=[masked]"
        );
    }

    #[test]
    fn grants_signatures_and_addresses_that_hold_them_are_masked() {
        assert_eq!(
            shown("/cb?code=4uTh0r&state=x&sig=a%2Fb%3D&next=https://a.test/?code=4uTh0r"),
            "code=[masked]&state=x&sig=[masked]&next=[masked]"
        );
        assert_eq!(shown("/a?country_code=DE"), "country_code=DE");
    }

    #[test]
    fn a_name_that_may_tell_something_is_left_out_with_its_value() {
        assert_eq!(shown("/a?x=1&of[ann@a.test]=2"), "x=1&[masked]");
    }

    #[test]
    fn a_long_query_is_cut() {
        let long = shown(&format!("/a?x={}", "y ".repeat(400).replace(' ', "+")));
        assert!(long.len() <= MAX_BYTES);
    }
}
