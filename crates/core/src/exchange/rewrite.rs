//! The head that goes on: canonical target, a clean slate of forwarding headers, and the identity
//! headers that only we set.

use super::Exchange;
use crate::codes::Class;
use crate::decision::{Decision, Stage};
use crate::identify::security::Carrier;
use crate::parse::Request;
use crate::parse::forward::{Origin, Rewrite, forward_head};
use crate::policy::Api;
use crate::wire::head::RequestHead;

impl Exchange {
    /// Rewrites the head for the API. A shadowed content fault keeps target and fields as they
    /// came: what has two readings is not given a third by us.
    pub(super) fn rewrite(&self, head: &mut RequestHead, decision: &Decision) {
        let is_faithful = decision
            .reasons
            .iter()
            .any(|reason| reason.code.class() == Class::Content);
        let Some(request) = &self.request else { return };
        let rewrite = if is_faithful {
            Rewrite::Original
        } else {
            Rewrite::Canonical
        };
        let origin = Origin {
            client: self.peer,
            scheme: "http",
        };
        forward_head(head, request, &origin, rewrite);
        if !is_faithful {
            if self.is_decoded {
                head.retain(|name, _| !name.eq_ignore_ascii_case(b"content-encoding"));
            }
            self.ask_for_what_can_be_read(head);
            self.strip_credentials(head);
            self.name_principal(head);
        }
        self.strip_prefix(head, request);
    }

    /// The prefix by which the API was chosen, where it is not its own. A target that does not
    /// plainly begin with it is sent in its canonical form.
    fn strip_prefix(&self, head: &mut RequestHead, request: &Request) {
        let api = self.api.and_then(|index| self.policy.api(index));
        let Some(prefix) = api.map(Api::stripped).filter(|prefix| !prefix.is_empty()) else {
            return;
        };
        let sent = String::from_utf8_lossy(head.target()).into_owned();
        let rest = without_prefix(&sent, prefix)
            .or_else(|| without_prefix(request.target(), prefix))
            .unwrap_or_else(|| "/".to_owned());
        head.set_target(rest.as_bytes());
        head.push(b"x-forwarded-prefix", prefix.as_bytes());
    }

    /// A response that is looked at is asked for as a whole, and a stream of items as it is: the
    /// API may ignore ranges and must be able to do without codings (RFC 9110, sections 12.5.3
    /// and 14.2).
    fn ask_for_what_can_be_read(&self, head: &mut RequestHead) {
        let Some(operation) = self
            .operation
            .and_then(|index| self.policy.operation(index))
        else {
            return;
        };
        let (is_whole, has_items) = (
            operation.responses.is_whole(),
            operation.responses.has_items(),
        );
        if !is_whole && !has_items || self.policy.modes_of(self.operation).is_shadow(Stage::Shape) {
            return;
        }
        head.retain(|name, _| {
            let is = |other: &[u8]| name.eq_ignore_ascii_case(other);
            !(is(b"range") || is(b"if-range") || has_items && is(b"accept-encoding"))
        });
    }

    /// Credentials that the API must not see.
    fn strip_credentials(&self, head: &mut RequestHead) {
        for index in &self.stripped {
            if let Some(scheme) = self.policy.security.scheme(*index) {
                strip(head, scheme.carrier(), self.request.as_deref());
            }
        }
    }

    /// Who asks, for the API: set by us alone, where identify is enforced.
    fn name_principal(&self, head: &mut RequestHead) {
        if self
            .policy
            .modes_of(self.operation)
            .is_shadow(Stage::Identify)
        {
            return;
        }
        let Some(principal) = self
            .principal
            .as_ref()
            .filter(|principal| principal.is_proven())
        else {
            return;
        };
        let kind = principal.kind().name();
        head.push_with(b"x-bartizan-principal", |out| {
            write_plain(principal.subject(), out);
        });
        head.push_with(b"x-bartizan-principal-kind", |out| {
            out.extend_from_slice(kind.as_bytes());
        });
        if !principal.issuer().is_empty() {
            head.push_with(b"x-bartizan-issuer", |out| {
                write_plain(principal.issuer(), out);
            });
        }
        if !principal.scopes().is_empty() {
            head.push_with(b"x-bartizan-scopes", |out| {
                write_scopes(principal.scopes(), out);
            });
        }
    }
}

/// A target without its first segments; `None` where it does not begin with them.
fn without_prefix(target: &str, prefix: &str) -> Option<String> {
    let rest = target.strip_prefix(prefix)?;
    match rest.chars().next() {
        None => Some("/".to_owned()),
        Some('/') => Some(rest.to_owned()),
        Some('?') => Some(format!("/{rest}")),
        Some(_) => None,
    }
}

fn strip(head: &mut RequestHead, carrier: &Carrier, request: Option<&Request>) {
    match carrier {
        Carrier::Authorization(_) => drop_field(head, b"authorization"),
        Carrier::Header(name) => drop_field(head, name.as_bytes()),
        Carrier::Cookie(name) => strip_cookie(head, name),
        Carrier::Query(name) => strip_query(head, name, request),
        Carrier::Certificate => {}
    }
}

fn drop_field(head: &mut RequestHead, name: &[u8]) {
    head.retain(|known, _| !known.eq_ignore_ascii_case(name));
}

/// Takes one cookie out of all `Cookie` fields; the others stay as they were.
fn strip_cookie(head: &mut RequestHead, name: &str) {
    let is_named = |crumb: &[u8]| {
        let known = crumb.split(|byte| *byte == b'=').next().unwrap_or_default();
        known.trim_ascii() == name.as_bytes()
    };
    let kept: Vec<Vec<u8>> = head
        .values("cookie")
        .map(|value| {
            let crumbs = value.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            crumbs
                .filter(|crumb| !is_named(crumb))
                .collect::<Vec<_>>()
                .join(&b"; "[..])
        })
        .filter(|value| !value.is_empty())
        .collect();
    drop_field(head, b"cookie");
    for value in kept {
        head.push(b"cookie", &value);
    }
}

/// Takes every pair of one decoded name out of the query.
fn strip_query(head: &mut RequestHead, name: &str, request: Option<&Request>) {
    let Some(request) = request else { return };
    let Some(query) = request.query() else { return };
    let names: Vec<bool> = request.pairs().map(|pair| pair.name == name).collect();
    let raw = query.split('&').filter(|piece| !piece.is_empty());
    let kept: Vec<&str> = raw
        .zip(names)
        .filter(|(_, is_named)| !is_named)
        .map(|(piece, _)| piece)
        .collect();
    let mut target = request.path().to_owned();
    if !kept.is_empty() {
        target.push('?');
        target.push_str(&kept.join("&"));
    }
    head.set_target(target.as_bytes());
}

fn write_scopes(scopes: &[Box<str>], out: &mut Vec<u8>) {
    for (index, scope) in scopes.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        write_plain(scope, out);
    }
}

/// A header value out of a claim: visible ASCII as it is, everything else percent-encoded, so that
/// no two subjects give the same value.
fn write_plain(text: &str, out: &mut Vec<u8>) {
    let is_plain = |byte: u8| (0x20..0x7f).contains(&byte) & (byte != b'%');
    if text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
        return out.extend_from_slice(text.as_bytes());
    }
    for byte in text.bytes() {
        if is_plain(byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::write_plain;

    #[test]
    fn a_subject_cannot_break_out_of_its_header() {
        let plain = |text: &str| {
            let mut out = Vec::new();
            write_plain(text, &mut out);
            out
        };
        assert_eq!(plain("a b|c"), b"a b|c");
        assert_eq!(plain("x\r\nEvil: 1"), b"x%0D%0AEvil: 1");
        assert_eq!(plain("100%"), b"100%25");
        assert_eq!(plain("\u{e9}"), b"%C3%A9");
    }
}
