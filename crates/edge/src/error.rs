//! What stops the gateway process. One line each, shown to the operator as it stands.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the gateway process could not start, take a load, or wind down cleanly.
#[derive(Debug)]
pub enum Error {
    /// The address is held by another process, or may not be bound.
    Bind {
        /// What was asked for.
        address: SocketAddr,
        /// Why not.
        cause: io::Error,
    },
    /// Exchanges that were opened and never closed: ours, and never meant to be seen.
    Unbalanced {
        /// Exchanges opened.
        opened: u64,
        /// Exchanges closed.
        closed: u64,
    },
    /// The options are not what this build understands.
    Options(String),
    /// The Policy cannot be loaded.
    Policy(String),
    /// Another gateway process serves this state directory.
    SocketInUse(PathBuf),
    /// The control socket cannot be made.
    Socket {
        /// Its path.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A thread or a runtime could not be started.
    Start(io::Error),
}

impl Error {
    /// Exit code of the process: 2 for usage and config, 3 for what is broken.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Bind { .. } | Error::Options(_) | Error::Policy(_) | Error::SocketInUse(_) => 2,
            Error::Unbalanced { .. } | Error::Socket { .. } | Error::Start(_) => 3,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Bind { address, cause } if cause.kind() == io::ErrorKind::AddrInUse => {
                write!(
                    f,
                    "edge.address-in-use: another process listens on `{address}`"
                )
            }
            Error::Bind { address, cause } => {
                write!(f, "edge.bind: cannot listen on `{address}`: {cause}")
            }
            Error::Unbalanced { opened, closed } => write!(
                f,
                "edge.unbalanced: {opened} exchanges were opened and {closed} were closed"
            ),
            Error::Options(message) => write!(f, "edge.options: {message}"),
            Error::Policy(message) => f.write_str(message),
            Error::SocketInUse(path) => write!(
                f,
                "edge.socket-in-use: another gateway serves `{}`",
                path.display()
            ),
            Error::Socket { path, cause } => {
                write!(f, "edge.socket: cannot make `{}`: {cause}", path.display())
            }
            Error::Start(cause) => write!(f, "edge.start: {cause}"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_operator_can_mend_ends_with_2_and_the_rest_with_3() {
        let port = Error::Bind {
            address: SocketAddr::from(([127, 0, 0, 1], 80)),
            cause: io::ErrorKind::AddrInUse.into(),
        };
        assert_eq!(port.exit_code(), 2);
        assert_eq!(
            port.to_string(),
            "edge.address-in-use: another process listens on `127.0.0.1:80`"
        );
        assert_eq!(Error::Options("no".to_owned()).exit_code(), 2);
        assert_eq!(Error::Start(io::ErrorKind::Other.into()).exit_code(), 3);
    }
}
