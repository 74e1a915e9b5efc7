//! Listeners: one per worker on one address, so that the kernel spreads the connections.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::error::Error;

/// Connections that may wait to be accepted, per listener.
const BACKLOG: i32 = 1_024;

/// `count` listeners on `address`; port 0 picks a free one that all share.
///
/// # Errors
/// `Error::Bind` when the address is taken, also by another gateway that shares its ports.
pub(crate) fn bind(address: SocketAddr, count: usize) -> Result<Vec<TcpListener>, Error> {
    let fail = |cause| Error::Bind { address, cause };
    let address = probe(address).map_err(fail)?;
    (0..count)
        .map(|_| open(address, true).map_err(fail))
        .collect()
}

/// Binds without sharing first: a shared port would silently split the traffic with another
/// gateway of the same user. Gives the real port.
fn probe(address: SocketAddr) -> io::Result<SocketAddr> {
    open(address, false)?.local_addr()
}

fn open(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_share_one_port_and_others_cannot() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let ours = bind(any, 2).unwrap();
        let address = ours[0].local_addr().unwrap();
        assert_eq!(ours[1].local_addr().unwrap(), address);
        let refused = bind(address, 1).unwrap_err();
        assert!(
            refused.to_string().starts_with("edge.address-in-use"),
            "{refused}"
        );
    }
}
