//! The control socket: one path per state directory, mode 0600, our own user only.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream as Probe;
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixStream};

use crate::error::Error;

/// The bound socket; its file goes when this is dropped.
pub(crate) struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    uid: u32,
}

impl ControlSocket {
    /// Binds `path`. A file left by a dead gateway is replaced.
    ///
    /// # Errors
    /// `Error::SocketInUse` when a gateway answers there, `Error::Socket` when it cannot be made.
    pub(crate) fn bind(path: &Path) -> Result<Self, Error> {
        if Probe::connect(path).is_ok() {
            return Err(Error::SocketInUse(path.to_owned()));
        }
        Self::place(path).map_err(|cause| Error::Socket {
            path: path.to_owned(),
            cause,
        })
    }

    /// Binds beside the path and moves it there, so that it never stands with a wider mode.
    fn place(path: &Path) -> io::Result<Self> {
        let beside = path.with_extension(format!("sock.{}", std::process::id()));
        let _ = fs::remove_file(&beside);
        let listener = UnixListener::bind(&beside)?;
        fs::set_permissions(&beside, fs::Permissions::from_mode(0o600))?;
        let uid = fs::metadata(&beside)?.uid();
        fs::rename(&beside, path)?;
        Ok(ControlSocket {
            listener,
            path: path.to_owned(),
            uid,
        })
    }

    /// The next control process of our own user (or root). Others are closed at once.
    pub(crate) async fn accept(&self) -> io::Result<UnixStream> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            let peer = stream.peer_cred()?.uid();
            if peer == self.uid || peer == 0 {
                return Ok(stream);
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_living_gateway_keeps_its_socket_and_a_dead_one_loses_it() {
        let folder = std::env::temp_dir().join(format!("bartizan-socket-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("gateway.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let socket = ControlSocket::bind(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert!(matches!(
            ControlSocket::bind(&path),
            Err(Error::SocketInUse(_))
        ));
        let (joined, _) = tokio::join!(socket.accept(), UnixStream::connect(&path));
        joined.unwrap();
        drop(socket);
        assert!(!path.exists());
        fs::remove_dir(&folder).unwrap();
    }
}
