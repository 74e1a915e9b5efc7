//! `Host` (RFC 9110 section 7.2): one plain host and port, equal to the authority of an
//! absolute-form target.

use memchr::memchr;

use crate::codes::Code;
use crate::decision::{Location, Place, Reason};
use crate::parse::request::Request;
use crate::parse::rules::{Faults, ParseRules};
use crate::parse::target::Authority;

/// A host and a port as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPort<'h> {
    /// Name, IPv4 address or bracketed IPv6 address; case kept, final dot taken off.
    pub name: &'h str,
    /// Port, where written.
    pub port: Option<u16>,
}

impl<'h> HostPort<'h> {
    /// Reads `host[:port]`. `None` for userinfo, an empty host, an empty or bad port, blanks,
    /// percent-encoding, and every octet that no host name or address holds.
    /// Underscores pass: names of container networks hold them.
    #[must_use]
    pub fn read(raw: &'h [u8]) -> Option<Self> {
        let text = std::str::from_utf8(raw).ok()?;
        let (name, port) = if text.starts_with('[') {
            let close = text.find(']')?;
            let (name, rest) = text.split_at_checked(close.checked_add(1)?)?;
            is_ipv6(name).then_some((name, rest))?
        } else {
            let end = memchr(b':', raw).unwrap_or(raw.len());
            let (name, rest) = text.split_at_checked(end)?;
            let name = name.strip_suffix('.').unwrap_or(name);
            is_name(name).then_some((name, rest))?
        };
        Some(HostPort {
            name,
            port: read_port(port)?,
        })
    }

    /// Whether both name the same place; `default` stands for an unwritten port.
    #[must_use]
    pub fn equals(&self, other: &HostPort<'_>, default: u16) -> bool {
        self.name.eq_ignore_ascii_case(other.name)
            && self.port.unwrap_or(default) == other.port.unwrap_or(default)
    }
}

fn is_ipv6(bracketed: &str) -> bool {
    let inner = bracketed
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    inner.is_some_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok())
}

/// Labels of 1 to 63 letters, digits, `-` and `_` with dots between. Cost: one pass.
fn is_name(name: &str) -> bool {
    let mut label = 0_usize;
    for byte in name.bytes() {
        label = match byte {
            b'.' if label > 0 => 0,
            b'-' | b'_' => label.saturating_add(1),
            _ if byte.is_ascii_alphanumeric() => label.saturating_add(1),
            _ => return false,
        };
        if label > 63 {
            return false;
        }
    }
    label > 0 && name.len() <= 253
}

fn read_port(text: &str) -> Option<Option<u16>> {
    match text.strip_prefix(':') {
        None => text.is_empty().then_some(None),
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse::<u16>().ok().map(Some)
        }
        Some(_) => None,
    }
}

/// Checks `Host` against itself, the authority of the target and the allowed hosts.
pub(crate) fn read_host(
    host: Option<&[u8]>,
    authority: Option<Authority<'_>>,
    rules: &ParseRules,
    request: &mut Request,
    faults: &mut Faults<'_>,
) {
    let named = || Place::named(Location::Header, "host");
    let raw = host.unwrap_or(&[]);
    let Some(read) = HostPort::read(raw) else {
        let reason = Reason::new(Code::ParseBadHost, named());
        faults.push(
            reason
                .value(&String::from_utf8_lossy(raw))
                .span(0, raw.len()),
        );
        return;
    };
    if let Some(authority) = authority {
        check_authority(&read, authority, faults);
    }
    let start = request.text.len();
    request.text.push_str(read.name);
    if let Some(name) = request.text.get_mut(start..) {
        name.make_ascii_lowercase();
    }
    request.host = crate::wire::head::Span {
        start: crate::parse::request::to_u32(start),
        end: crate::parse::request::to_u32(request.text.len()),
    };
    request.port = read.port;
    if !is_allowed(request.host(), read.port, &rules.hosts) {
        let reason = Reason::new(Code::ParseBadHost, named()).value(request.host());
        faults.push(
            reason
                .span(0, raw.len())
                .expected("a host that is configured"),
        );
    }
}

fn check_authority(host: &HostPort<'_>, authority: Authority<'_>, faults: &mut Faults<'_>) {
    let default = if authority.is_https { 443 } else { 80 };
    let code = match HostPort::read(authority.text) {
        None => Code::ParseBadHost,
        Some(other) if !host.equals(&other, default) => Code::ParseForeignAuthority,
        Some(_) => return,
    };
    let reason = Reason::new(code, Place::of(Location::Target));
    faults.push(reason.value(&String::from_utf8_lossy(authority.text)));
}

fn is_allowed(name: &str, port: Option<u16>, hosts: &[String]) -> bool {
    hosts.is_empty() || hosts.iter().any(|allowed| is_named(allowed, name, port))
}

/// Whether a configured host (`api.example.com`, `localhost:8080`) is the one of a Request. Without
/// a port it stands for the default ports.
pub(crate) fn is_named(configured: &str, name: &str, port: Option<u16>) -> bool {
    let is_default = matches!(port, None | Some(80 | 443));
    is_default && configured == name || allowed_with_port(configured, name, port)
}

fn allowed_with_port(allowed: &str, name: &str, port: Option<u16>) -> bool {
    let Some(written) = allowed
        .strip_prefix(name)
        .and_then(|rest| rest.strip_prefix(':'))
    else {
        return false;
    };
    port.is_some_and(|port| written.parse() == Ok(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_hosts_and_ports_are_read() {
        for (raw, name, port) in [
            ("example.com", "example.com", None),
            ("example.com.:8080", "example.com", Some(8080)),
            ("127.0.0.1:80", "127.0.0.1", Some(80)),
            ("[::1]:8443", "[::1]", Some(8443)),
            ("my_service-1", "my_service-1", None),
        ] {
            assert_eq!(
                HostPort::read(raw.as_bytes()),
                Some(HostPort { name, port }),
                "{raw}"
            );
        }
    }

    #[test]
    fn hosts_with_two_readings_are_refused() {
        for raw in [
            "",
            "user@example.com",
            "a:b@example.com",
            "example.com:",
            "example.com:x",
            "a b",
            "example.com:99999",
            "a..b",
            "[::1",
            "[::1]x",
            "%65xample.com",
            "a/b",
            "a,b",
            "a\\b",
            "example.com:80:80",
            ".",
            "h?x",
            "h#x",
            ".a",
            &"a".repeat(64),
            &"a.".repeat(128),
        ] {
            assert_eq!(HostPort::read(raw.as_bytes()), None, "{raw}");
        }
    }

    #[test]
    fn configured_hosts_are_compared_with_their_port() {
        let hosts = vec!["api.example.com".to_owned(), "localhost:8080".to_owned()];
        assert!(is_allowed("api.example.com", None, &hosts));
        assert!(is_allowed("api.example.com", Some(443), &hosts));
        assert!(is_allowed("localhost", Some(8080), &hosts));
        assert!(!is_allowed("api.example.com", Some(8443), &hosts));
        assert!(!is_allowed("localhost", None, &hosts));
        assert!(!is_allowed("evil.example.com", None, &hosts));
    }
}
