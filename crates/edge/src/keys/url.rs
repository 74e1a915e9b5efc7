//! The few URLs that keys may come from: HTTPS, or plain HTTP where nobody can listen in.

use std::net::IpAddr;

/// A checked URL of a key source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyUrl {
    /// Whether it is HTTPS.
    pub(crate) is_tls: bool,
    /// Whether plain HTTP may go to other machines: `danger_allow_http`.
    pub(crate) is_anywhere: bool,
    /// Host without brackets.
    pub(crate) host: String,
    /// Port, written or default.
    pub(crate) port: u16,
    /// `Host` value.
    pub(crate) authority: String,
    /// Path and query, starting with `/`.
    pub(crate) target: String,
}

impl KeyUrl {
    /// Checks and splits a URL.
    ///
    /// # Errors
    /// One sentence when it is malformed, holds credentials or a fragment, or is plain `http:` to
    /// another machine without `danger_allow_http`.
    pub(crate) fn parse(url: &str, danger_allow_http: bool) -> Result<Self, String> {
        let (is_tls, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(format!("`{url}` is neither an `https:` nor an `http:` URL")),
        };
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let is_printable = url.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_printable || authority.is_empty() || url.contains(['@', '#', '\\']) {
            return Err(format!("`{url}` is not a plain URL"));
        }
        let (host, port) = split_port(authority, if is_tls { 443 } else { 80 })
            .ok_or_else(|| format!("`{url}` has no valid host and port"))?;
        if !is_tls && !danger_allow_http && !is_loopback(&host) {
            return Err(format!(
                "`{url}` would fetch keys in plain text; use `https:` or write `danger_allow_http: true`"
            ));
        }
        let slash = if target.starts_with('/') { "" } else { "/" };
        Ok(KeyUrl {
            is_tls,
            is_anywhere: danger_allow_http,
            host,
            port,
            authority: authority.to_owned(),
            target: format!("{slash}{target}"),
        })
    }

    /// Whether `other` is on the same scheme, host and port.
    pub(crate) fn is_same_origin(&self, other: &KeyUrl) -> bool {
        (self.is_tls, &self.host, self.port) == (other.is_tls, &other.host, other.port)
    }

    /// The URL that a `Location` value means; a path stays on this origin.
    pub(crate) fn join(&self, location: &str) -> Result<KeyUrl, String> {
        match location.starts_with('/') && !location.starts_with("//") {
            true => Ok(KeyUrl {
                target: location.to_owned(),
                ..self.clone()
            }),
            false => KeyUrl::parse(location, self.is_anywhere),
        }
    }
}

/// Whether a host name or address can only be this machine.
fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn split_port(authority: &str, default: u16) -> Option<(String, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, port)
        }
        None => match authority.find(':') {
            Some(colon) => authority.split_at_checked(colon)?,
            None => (authority, ""),
        },
    };
    let port = match port.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
        Some(_) => return None,
        None if port.is_empty() => default,
        None => return None,
    };
    (!host.is_empty()).then(|| (host.to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_in_plain_text_only_from_this_machine() {
        for good in [
            "https://a/x",
            "http://127.0.0.1:1/x",
            "http://localhost/",
            "http://[::1]/x",
        ] {
            assert!(KeyUrl::parse(good, false).is_ok(), "{good}");
        }
        for bad in [
            "http://a/x",
            "http://10.0.0.1/",
            "http://127.0.0.1.evil.example/",
            "ftp://a",
        ] {
            assert!(KeyUrl::parse(bad, false).is_err(), "{bad}");
        }
        assert!(KeyUrl::parse("http://a/x", true).is_ok());
    }

    #[test]
    fn a_url_is_split_as_written() {
        let url = KeyUrl::parse("https://Idp.example:8443/keys?a=1", false).unwrap();
        assert_eq!((url.host.as_str(), url.port), ("idp.example", 8443));
        assert_eq!(
            (url.authority.as_str(), url.target.as_str()),
            ("Idp.example:8443", "/keys?a=1")
        );
        assert_eq!(KeyUrl::parse("https://a?b", false).unwrap().target, "/?b");
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        for bad in [
            "https://u@a/",
            "https://a/#b",
            "https://a:b/",
            "https:///x",
            "https://a b/",
            "https://a\\b",
            "https://[::1",
            "https://a:1:2/",
        ] {
            assert!(KeyUrl::parse(bad, true).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_redirect_leaves_the_origin_only_by_name() {
        let url = KeyUrl::parse("https://a/x", false).unwrap();
        assert!(url.is_same_origin(&url.join("/y").unwrap()));
        assert!(!url.is_same_origin(&url.join("https://b/y").unwrap()));
        assert!(url.join("//b/y").is_err());
    }
}
