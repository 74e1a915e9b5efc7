//! Options of the gateway process: the few it starts with, and those that come with each load.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::error::Error;

/// What `run` is given: where the state directory is. Everything else comes by `load`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// Directory of the control socket; must exist.
    pub state: PathBuf,
    /// Path of the control socket; `<state>/gateway.sock` unless written.
    pub socket: Option<PathBuf>,
}

impl Boot {
    /// Decodes JSON.
    ///
    /// # Errors
    /// `Error::Options` when a member is unknown, missing or of another type.
    pub fn decode(json: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(json).map_err(|fault| Error::Options(fault.to_string()))
    }

    /// Where the control socket stands.
    #[must_use]
    pub fn socket_path(&self) -> PathBuf {
        self.socket
            .clone()
            .unwrap_or_else(|| self.state.join("gateway.sock"))
    }
}

/// Options of one load. Members left out take their defaults.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// `http://host:port` of the API.
    #[serde(default)]
    pub upstream: String,
    /// The same of each API in the order of the Policy, where there are several.
    #[serde(default)]
    pub upstreams: Vec<String>,
    /// Where clients come in. Cannot change in a running gateway.
    #[serde(default = "loopback_any")]
    pub listen: SocketAddr,
    /// Where `/livez`, `/readyz` and `/metrics` are served. Cannot change in a running gateway.
    #[serde(default = "loopback_any")]
    pub admin: SocketAddr,
    /// Worker threads. Cannot change in a running gateway.
    #[serde(default = "one")]
    pub workers: usize,
    /// The state directory, as in `Boot`; taken so that one document can hold all options.
    #[serde(default, rename = "state")]
    pub _state: PathBuf,
    /// Deadlines.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// Upstream connections.
    #[serde(default)]
    pub pool: PoolOptions,
    /// Client connections.
    #[serde(default)]
    pub connections: ConnectionCaps,
    /// Events held when nobody takes them.
    #[serde(default = "ring")]
    pub ring: usize,
}

impl Options {
    /// `host:port` of each upstream, in the order of the Policy's APIs; one at least.
    ///
    /// # Errors
    /// `Error::Options` when one is not `http://host[:port]`; TLS to the API is not offered yet.
    pub fn authorities(&self) -> Result<Vec<String>, Error> {
        match self.upstreams.as_slice() {
            [] => Ok(vec![authority(&self.upstream)?]),
            all => all.iter().map(|url| authority(url)).collect(),
        }
    }

    /// Refuses what cannot be done.
    ///
    /// # Errors
    /// `Error::Options` with the member and its value.
    pub fn require_sound(&self) -> Result<(), Error> {
        self.authorities()?;
        if self.workers == 0 || self.workers > 256 {
            return Err(Error::Options(format!(
                "workers `{}` is not 1 to 256",
                self.workers
            )));
        }
        if self.pool.max_connections == 0 {
            return Err(Error::Options(
                "pool.max_connections `0` forwards nothing".to_owned(),
            ));
        }
        Ok(())
    }
}

fn authority(url: &str) -> Result<String, Error> {
    let wrong = || Error::Options(format!("upstream `{url}` is not `http://host:port`"));
    let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.is_empty() || authority.contains(['/', '?', '#', '@', ' ']) {
        return Err(wrong());
    }
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    let is_bare_v6 = authority.starts_with('[') && authority.ends_with(']');
    match has_port && !is_bare_v6 {
        true => Ok(authority.to_owned()),
        false if is_bare_v6 || !authority.contains(':') => Ok(format!("{authority}:80")),
        false => Err(wrong()),
    }
}

/// Deadlines in milliseconds (gateway guide, section 7). 0 is a deadline that has passed at once.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// Request head, first byte to end: 408.
    pub head_ms: u64,
    /// Idle client connection: closed.
    pub idle_ms: u64,
    /// Grace before the body rate counts: 408.
    pub body_ms: u64,
    /// Least rate after the grace, bytes a second, at which a client sends a body or takes a
    /// response: 408, or a reset.
    pub body_rate: u64,
    /// Whole Exchange, until its response has begun; a body that streams has its rate alone: 504.
    pub exchange_ms: u64,
    /// Connecting to the API: 502.
    pub connect_ms: u64,
    /// First byte of the response: 504.
    pub first_byte_ms: u64,
    /// Between two reads of the response, and the longest pause that a fast client may earn.
    pub gap_ms: u64,
    /// Between two reads of a response that is a stream of events.
    pub stream_idle_ms: u64,
    /// In-flight Exchanges after a stop.
    pub wind_down_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            head_ms: 5_000,
            idle_ms: 60_000,
            body_ms: 5_000,
            body_rate: 1_024,
            exchange_ms: 60_000,
            connect_ms: 2_000,
            first_byte_ms: 15_000,
            gap_ms: 30_000,
            stream_idle_ms: 300_000,
            wind_down_ms: 10_000,
        }
    }
}

/// Upstream connections of all workers together.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct PoolOptions {
    /// Open at once, split over the workers.
    pub max_connections: usize,
    /// Exchanges that may wait for one, per worker.
    pub queue: usize,
    /// How long they wait, milliseconds: then 503.
    pub queue_ms: u64,
    /// Unused connections are closed after this, milliseconds.
    pub idle_ms: u64,
}

impl Default for PoolOptions {
    fn default() -> Self {
        PoolOptions {
            max_connections: 1_024,
            queue: 64,
            queue_ms: 100,
            idle_ms: 4_000,
        }
    }
}

/// Caps of client connections; what is above is closed without an answer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConnectionCaps {
    /// Per IPv4 address or IPv6 /64 network; 256 unless written.
    pub per_address: Option<usize>,
    /// In all; 80 % of the file descriptors unless written.
    pub total: Option<usize>,
}

/// Milliseconds as a `Duration`.
pub(crate) fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

fn loopback_any() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

fn one() -> usize {
    1
}

fn ring() -> usize {
    65_536
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_upstream(upstream: &str) -> Options {
        serde_json::from_value(serde_json::json!({ "upstream": upstream })).unwrap()
    }

    #[test]
    fn an_upstream_is_a_plain_http_origin() {
        for (upstream, authority) in [
            ("http://127.0.0.1:8000", "127.0.0.1:8000"),
            ("http://api/", "api:80"),
            ("http://[::1]:81", "[::1]:81"),
            ("http://[::1]", "[::1]:80"),
        ] {
            let found = with_upstream(upstream).authorities().unwrap();
            assert_eq!(found, [authority]);
        }
        for upstream in [
            "https://api",
            "http://",
            "http://a/b",
            "http://u@a",
            "http://a:b",
            "a:1",
        ] {
            assert!(with_upstream(upstream).authorities().is_err(), "{upstream}");
        }
    }

    #[test]
    fn several_upstreams_stand_in_the_order_of_the_apis() {
        let json = serde_json::json!({ "upstreams": ["http://a", "http://b:81"] });
        let options: Options = serde_json::from_value(json).unwrap();
        assert_eq!(options.authorities().unwrap(), ["a:80", "b:81"]);
    }

    #[test]
    fn an_unknown_member_is_refused() {
        let json = br#"{"upstream":"http://a","timeouts":{"heads_ms":1}}"#;
        assert!(serde_json::from_slice::<Options>(json).is_err());
    }

    #[test]
    fn no_worker_is_refused() {
        let mut options = with_upstream("http://a");
        options.workers = 0;
        assert!(options.require_sound().is_err());
    }
}
