//! The Request as `identify` sees it: exactly one value for each name, or none, or many.

use std::net::IpAddr;

use crate::identify::credential::{CredentialView, Found};
use crate::parse::Request;
use crate::wire::head::RequestHead;

/// Head and canonical view of one Request.
pub(super) struct View<'x> {
    pub(super) head: &'x RequestHead,
    pub(super) request: &'x Request,
    pub(super) client: IpAddr,
}

fn only<'v>(mut values: impl Iterator<Item = &'v [u8]>) -> Found<'v> {
    match (values.next(), values.next()) {
        (None, _) => Found::None,
        (Some(value), None) => Found::One(value),
        (Some(_), Some(_)) => Found::Many,
    }
}

impl CredentialView for View<'_> {
    fn header(&self, name: &str) -> Found<'_> {
        only(
            self.head
                .fields()
                .filter(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()))
                .map(|(_, value)| value),
        )
    }

    fn query(&self, name: &str) -> Found<'_> {
        only(
            self.request
                .pairs()
                .filter(|pair| pair.name == name)
                .map(|pair| pair.value.as_bytes()),
        )
    }

    fn client(&self) -> Option<IpAddr> {
        Some(self.client)
    }

    fn cookie(&self, name: &str) -> Found<'_> {
        only(
            self.request
                .cookies()
                .filter(|cookie| cookie.name == name)
                .map(|cookie| cookie.value.as_bytes()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Bounds, Budget};
    use crate::parse::{ParseRules, parse_head};
    use crate::wire::head::Framing;

    fn looked_up(target: &str, fields: &[(&str, &str)], find: impl Fn(&View<'_>)) {
        let pairs = fields
            .iter()
            .map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let host = [(&b"host"[..], &b"a"[..])];
        let head = RequestHead::from_parts(
            b"GET",
            target.as_bytes(),
            host.into_iter().chain(pairs),
            Framing::Empty,
        )
        .unwrap();
        let bounds = Bounds::default();
        let mut budget = Budget::new(&bounds);
        let request = parse_head(&head, &ParseRules::default(), &bounds, &mut budget);
        find(&View {
            client: std::net::Ipv4Addr::LOCALHOST.into(),
            head: &head,
            request: &request,
        });
    }

    #[test]
    fn one_credential_is_found_decoded_wherever_it_travels() {
        let fields = [("X-API-Key", "k"), ("Cookie", "sid=s")];
        looked_up("/?token=a%2Bb", &fields, |view| {
            assert!(matches!(view.header("x-api-key"), Found::One(b"k")));
            assert!(matches!(view.query("token"), Found::One(b"a+b")));
            assert!(matches!(view.cookie("sid"), Found::One(b"s")));
        });
    }

    #[test]
    fn two_values_of_one_name_are_many_and_never_the_first() {
        let fields = [
            ("X-API-Key", "k"),
            ("x-api-key", "k"),
            ("Cookie", "sid=s; sid=t"),
        ];
        looked_up("/?token=a&token=", &fields, |view| {
            assert!(matches!(view.header("X-Api-Key"), Found::Many));
            assert!(matches!(view.query("token"), Found::Many));
            assert!(matches!(view.cookie("sid"), Found::Many));
        });
    }

    #[test]
    fn names_of_pairs_and_cookies_keep_their_case() {
        looked_up("/?Token=a", &[("Cookie", "SID=s")], |view| {
            assert!(matches!(view.query("token"), Found::None));
            assert!(matches!(view.cookie("sid"), Found::None));
            assert!(matches!(view.header("authorization"), Found::None));
        });
    }
}
