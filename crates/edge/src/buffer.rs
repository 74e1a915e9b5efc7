//! Bytes on their way: a receive side that owns nothing while idle, and a send side that puts
//! head and body into one write.

use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Bytes of one read: larger than nearly every message, so that tokio sees a short read and
/// skips the read that would say "nothing more".
const READ_BYTES: usize = 32 << 10;
/// Capacity that an idle connection may keep.
const KEEP_BYTES: usize = 2 << 10;
/// Capacity of a buffer that is lent again.
const LEND_MAX_BYTES: usize = 8 << 10;
/// Buffers that a worker keeps to lend.
const LEND_MAX: usize = 64;

/// Buffers of finished Exchanges, lent to the next ones of the same worker.
#[derive(Default)]
pub(crate) struct Spare(RefCell<Vec<Vec<u8>>>);

impl Spare {
    /// An empty buffer, with memory if there is some.
    pub(crate) fn lend(&self) -> Vec<u8> {
        self.0.borrow_mut().pop().unwrap_or_default()
    }

    /// Takes a buffer back, unless it is large or there are enough.
    pub(crate) fn keep(&self, mut bytes: Vec<u8>) {
        let mut kept = self.0.borrow_mut();
        if (1..=LEND_MAX_BYTES).contains(&bytes.capacity()) && kept.len() < LEND_MAX {
            bytes.clear();
            kept.push(bytes);
        }
    }
}

/// The read buffer of one worker, shared by all its connections.
pub(crate) struct Scratch(RefCell<Box<[u8]>>);

impl Scratch {
    pub(crate) fn new() -> Self {
        Scratch(RefCell::new(vec![0; READ_BYTES].into_boxed_slice()))
    }
}

/// Received bytes that are not consumed yet.
#[derive(Default)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    start: usize,
}

impl Inbox {
    /// As if these bytes had come.
    #[cfg(test)]
    pub(crate) fn holding(bytes: &[u8]) -> Self {
        Inbox {
            bytes: bytes.to_vec(),
            start: 0,
        }
    }

    /// An empty inbox in lent memory.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Inbox { bytes, start: 0 }
    }

    /// Its memory.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What is there.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start >= self.bytes.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len().saturating_sub(self.start)
    }

    /// Takes `count` bytes off the front.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count);
        if self.start >= self.bytes.len() {
            self.bytes.clear();
            self.start = 0;
        }
    }

    /// One read. `Ready(Ok(0))` is the end of the stream.
    pub(crate) fn poll_fill(
        &mut self,
        stream: &mut TcpStream,
        scratch: &Scratch,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut scratch = scratch.0.borrow_mut();
        let mut buffer = ReadBuf::new(&mut scratch);
        ready!(Pin::new(stream).poll_read(context, &mut buffer))?;
        let filled = buffer.filled();
        if self.start > 0 {
            self.bytes.drain(..self.start.min(self.bytes.len()));
            self.start = 0;
        }
        self.bytes.extend_from_slice(filled);
        Poll::Ready(Ok(filled.len()))
    }

    /// Gives large memory back while nothing is there.
    pub(crate) fn rest(&mut self) {
        if self.is_empty() && self.bytes.capacity() > KEEP_BYTES {
            self.bytes = Vec::new();
        }
    }
}

/// Bytes to be sent.
#[derive(Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
    /// Whether sent bytes are kept, so that `rewind` can send them again.
    pub(crate) is_replayable: bool,
}

impl Outbox {
    /// An empty outbox in lent memory.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Outbox {
            bytes,
            ..Outbox::default()
        }
    }

    /// Its memory.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Where to append.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        if self.is_empty() && !self.is_replayable {
            self.clear();
        }
        &mut self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sent >= self.bytes.len()
    }

    /// Whether no byte has reached the kernel.
    pub(crate) fn is_unsent(&self) -> bool {
        self.sent == 0
    }

    /// Bytes not sent yet.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len().saturating_sub(self.sent)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.sent = 0;
    }

    /// Starts over with the first byte. Only after `is_replayable` was set from the start.
    pub(crate) fn rewind(&mut self) {
        self.sent = 0;
    }

    /// Writes until all is sent or the socket is full; ready with the bytes sent by this call.
    pub(crate) fn poll_flush(
        &mut self,
        stream: &mut TcpStream,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut count = 0_usize;
        while let Some(rest) = self.bytes.get(self.sent..).filter(|rest| !rest.is_empty()) {
            let sent = match Pin::new(&mut *stream).poll_write(context, rest) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(sent)) => sent,
                Poll::Ready(Err(fault)) => return Poll::Ready(Err(fault)),
                Poll::Pending if count > 0 => return Poll::Ready(Ok(count)),
                Poll::Pending => return Poll::Pending,
            };
            self.sent = self.sent.saturating_add(sent);
            count = count.saturating_add(sent);
        }
        Poll::Ready(Ok(count))
    }

    /// Gives large memory back while nothing waits.
    pub(crate) fn rest(&mut self) {
        if self.is_empty() && self.bytes.capacity() > KEEP_BYTES {
            self.bytes = Vec::new();
            self.sent = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consumed_bytes_are_gone_and_large_memory_is_given_back() {
        let mut inbox = Inbox {
            bytes: vec![1; KEEP_BYTES.saturating_add(1)],
            start: 0,
        };
        inbox.consume(KEEP_BYTES);
        assert_eq!((inbox.len(), inbox.bytes()), (1, [1].as_slice()));
        inbox.consume(9);
        assert!(inbox.is_empty());
        inbox.rest();
        assert_eq!(inbox.bytes.capacity(), 0);
    }

    #[test]
    fn lent_memory_comes_back_empty_and_large_memory_does_not() {
        let spare = Spare::default();
        spare.keep(vec![1; 100]);
        spare.keep(vec![1; LEND_MAX_BYTES.saturating_add(1)]);
        let lent = spare.lend();
        assert!(lent.is_empty() && lent.capacity() >= 100);
        assert_eq!(spare.lend().capacity(), 0);
        (0..=LEND_MAX).for_each(|_| spare.keep(vec![1]));
        assert_eq!(spare.0.borrow().len(), LEND_MAX);
    }

    #[test]
    fn a_replayable_outbox_starts_over_and_another_forgets() {
        let mut outbox = Outbox {
            is_replayable: true,
            ..Outbox::default()
        };
        outbox.bytes().extend_from_slice(b"head");
        outbox.sent = 4;
        assert!(outbox.is_empty());
        outbox.rewind();
        assert_eq!(outbox.len(), 4);
        outbox.is_replayable = false;
        outbox.sent = 4;
        assert!(outbox.bytes().is_empty());
    }
}
