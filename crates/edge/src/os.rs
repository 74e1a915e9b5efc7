//! The three questions to the kernel that no safe interface of our crates answers.
#![allow(
    unsafe_code,
    reason = "two ioctl and rlimit calls without pointers that outlive the call"
)]

use std::os::fd::{AsRawFd, BorrowedFd};

/// Bytes of ours that the other end of a stream socket has not read (Unix) or confirmed (TCP).
/// `None` when the kernel does not tell. Cost: one system call.
pub(crate) fn unread_bytes(socket: BorrowedFd<'_>) -> Option<usize> {
    let mut count: libc::c_int = 0;
    // SAFETY: TIOCOUTQ writes one `int` to the pointer, which is valid for the call.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut count) };
    (result == 0).then(|| usize::try_from(count).unwrap_or(0))
}

/// Raises the soft limit of file descriptors to the hard one and gives it.
/// The old soft limit stays, and is given, where the kernel refuses.
pub(crate) fn raise_descriptors() -> usize {
    let mut limit = libc::rlimit {
        rlim_cur: 1_024,
        rlim_max: 1_024,
    };
    // SAFETY: both calls read or write one `rlimit` that is valid for the call.
    let soft = unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) != 0 {
            return 1_024;
        }
        let soft = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        match libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) {
            0 => limit.rlim_max,
            _ => soft,
        }
    };
    usize::try_from(soft).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn what_the_other_end_read_is_no_longer_counted() {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        assert_eq!(unread_bytes(ours.as_fd()), Some(0));
        ours.write_all(b"abc").unwrap();
        assert!(unread_bytes(ours.as_fd()).unwrap() > 0);
        theirs.read_exact(&mut [0; 3]).unwrap();
        assert_eq!(unread_bytes(ours.as_fd()), Some(0));
    }
}
