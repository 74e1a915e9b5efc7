//! Caps of client connections: in all, and per IPv4 address or IPv6 /64 network. Touched once per
//! connection, never per request.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Share of the file descriptors that clients may take: the rest is for upstream connections.
const SHARE: (usize, usize) = (4, 5);
/// Connections of one address unless written.
const PER_ADDRESS: usize = 256;

/// The table all workers share.
#[derive(Debug)]
pub(crate) struct Caps {
    open: Mutex<Open>,
    descriptors: usize,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// The right to one connection; given back on drop.
#[derive(Debug)]
pub(crate) struct Entry {
    caps: Arc<Caps>,
    network: IpAddr,
}

impl Caps {
    /// An empty table for a process with this many file descriptors.
    pub(crate) fn new(descriptors: usize) -> Arc<Self> {
        Arc::new(Caps {
            open: Mutex::default(),
            descriptors,
        })
    }

    /// Lets one connection in, or not.
    pub(crate) fn enter(
        self: &Arc<Self>,
        peer: IpAddr,
        per_address: Option<usize>,
        total: Option<usize>,
    ) -> Option<Entry> {
        let (part, whole) = SHARE;
        let share = self
            .descriptors
            .checked_div(whole)
            .unwrap_or(0)
            .saturating_mul(part);
        let network = network(peer);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let here = open.by_network.get(&network).copied().unwrap_or(0);
        if open.total >= total.unwrap_or(share) || here >= per_address.unwrap_or(PER_ADDRESS) {
            return None;
        }
        open.total = open.total.saturating_add(1);
        open.by_network.insert(network, here.saturating_add(1));
        drop(open);
        Some(Entry {
            caps: Arc::clone(self),
            network,
        })
    }

    /// Client connections open now.
    pub(crate) fn total(&self) -> usize {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .total
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut open = self
            .caps
            .open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        open.total = open.total.saturating_sub(1);
        if let Some(here) = open.by_network.get_mut(&self.network) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                open.by_network.remove(&self.network);
            }
        }
    }
}

/// IPv4 (also mapped into IPv6) as it is; IPv6 as its /64, which one caller holds whole.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_cannot_take_all_and_gives_back_what_it_took() {
        let caps = Caps::new(1_000);
        let enter = |peer: &str| caps.enter(peer.parse().unwrap(), Some(2), None);
        let first = enter("2001:db8::1").unwrap();
        let _second = enter("2001:db8::2").unwrap();
        assert!(enter("2001:db8::3").is_none());
        assert!(enter("2001:db8:0:1::1").is_some());
        drop(first);
        assert!(enter("2001:db8::3").is_some());
    }

    #[test]
    fn a_mapped_address_is_the_same_caller() {
        let caps = Caps::new(1_000);
        let _first = caps
            .enter("192.0.2.1".parse().unwrap(), Some(1), None)
            .unwrap();
        assert!(
            caps.enter("::ffff:192.0.2.1".parse().unwrap(), Some(1), None)
                .is_none()
        );
    }

    #[test]
    fn the_whole_is_bounded_by_the_file_descriptors() {
        let caps = Caps::new(5);
        let peers = (1..=5_u8).map(|last| IpAddr::from([192, 0, 2, last]));
        let entries: Vec<_> = peers
            .filter_map(|peer| caps.enter(peer, None, None))
            .collect();
        assert_eq!((entries.len(), caps.total()), (4, 4));
    }
}
