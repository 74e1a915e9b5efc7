//! The address of the client: the peer of the connection, or what trusted proxies tell of it.

use std::net::IpAddr;

/// A network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: u128,
    bits: u32,
}

fn number(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(four) => four.to_ipv6_mapped().to_bits(),
        IpAddr::V6(six) => six.to_bits(),
    }
}

impl Network {
    /// Reads `10.0.0.0/8`, `::1` and the like.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text
            .split_once('/')
            .map_or((text, None), |(a, p)| (a, Some(p)));
        let address: IpAddr = address.parse().ok()?;
        let offset = if address.is_ipv4() { 96 } else { 0 };
        let most = 128_u32.saturating_sub(offset);
        let prefix = prefix
            .map_or(Some(most), |text| text.parse().ok())
            .filter(|bits| *bits <= most)?;
        let bits = prefix.saturating_add(offset);
        Some(Network {
            base: number(address) & mask(bits),
            bits,
        })
    }

    /// Whether the address lies in it; IPv4-mapped addresses count as IPv4.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        number(address) & mask(self.bits) == self.base
    }
}

fn mask(bits: u32) -> u128 {
    u128::MAX
        .checked_shl(128_u32.saturating_sub(bits))
        .unwrap_or(0)
}

/// The client's address: `forwarded` (all `X-Forwarded-For` values in order) is read from right to
/// left as long as the one who vouches is trusted; the first untrusted address is the client. What
/// cannot be read ends the walk at its last trusted address.
///
/// Cost: O(addresses x networks).
#[must_use]
pub fn client_address<'h>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'h [u8]>,
    trusted: &[Network],
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut client = peer.to_canonical();
    if !is_trusted(client) {
        return client;
    }
    for value in forwarded.rev() {
        for part in value.rsplit(|byte| *byte == b',') {
            let text = std::str::from_utf8(part).unwrap_or("").trim();
            let Ok(address) = text.parse::<IpAddr>() else {
                return client;
            };
            client = address.to_canonical();
            if !is_trusted(client) {
                return client;
            }
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let trusted: Vec<Network> = trusted
            .iter()
            .map(|text| Network::parse(text).unwrap())
            .collect();
        let values: Vec<&[u8]> = forwarded.iter().map(|text| text.as_bytes()).collect();
        client_address(peer.parse().unwrap(), values.into_iter(), &trusted).to_string()
    }

    #[test]
    fn nobody_is_believed_by_default() {
        assert_eq!(client("10.0.0.1", &["9.9.9.9"], &[]), "10.0.0.1");
    }

    #[test]
    fn the_first_untrusted_address_from_the_right_is_the_client() {
        let trusted = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(
            client("10.0.0.1", &["1.1.1.1, 9.9.9.9, 10.2.3.4"], &trusted),
            "9.9.9.9"
        );
        assert_eq!(
            client("10.0.0.1", &["1.1.1.1", "9.9.9.9", "fd00::5"], &trusted),
            "9.9.9.9"
        );
        assert_eq!(client("::ffff:10.0.0.1", &["9.9.9.9"], &trusted), "9.9.9.9");
        assert_eq!(client("8.8.8.8", &["9.9.9.9"], &trusted), "8.8.8.8");
    }

    #[test]
    fn what_cannot_be_read_ends_the_walk() {
        assert_eq!(
            client("10.0.0.1", &["9.9.9.9, unknown, 10.0.0.2"], &["10.0.0.0/8"]),
            "10.0.0.2"
        );
    }

    #[test]
    fn bad_networks_are_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "::/129",
            "10.0.0/8",
            "host/8",
            "10.0.0.0/x",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
        assert!(
            Network::parse("0.0.0.0/0")
                .unwrap()
                .holds("1.2.3.4".parse().unwrap())
        );
        assert!(
            !Network::parse("0.0.0.0/0")
                .unwrap()
                .holds("::1".parse().unwrap())
        );
    }
}
