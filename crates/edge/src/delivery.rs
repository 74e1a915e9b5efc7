//! Events on their way to the control process. A batch counts as delivered when the other end has
//! read it off the socket, not when we wrote it: a killed control process loses nothing, because
//! the batch under way is sent again to its successor (ids tell a repeated Event).

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;

use bartizan_core::event::Event;
use socket2::SockRef;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;

use crate::frame::{Report, encode};
use crate::os::unread_bytes;
use crate::ring::{Backlog, Taken};

/// Events in one batch.
const BATCH_MAX: usize = 4_096;

/// The joined control process, the backlog and the batch under way.
pub(crate) struct Delivery {
    link: Option<Link>,
    backlog: Backlog<Event>,
    batch: Option<Batch>,
    delivered: u64,
}

struct Link {
    id: u64,
    stream: OwnedWriteHalf,
    out: Vec<u8>,
    sent: usize,
}

struct Batch {
    frame: Vec<u8>,
    count: u64,
    is_sent: bool,
}

impl Delivery {
    /// Nobody is joined yet.
    pub(crate) fn new(capacity: usize) -> Self {
        Delivery {
            link: None,
            backlog: Backlog::new(capacity),
            batch: None,
            delivered: 0,
        }
    }

    /// Changes how many Events may wait.
    pub(crate) fn resize(&mut self, capacity: usize) {
        self.backlog.resize(capacity);
    }

    /// A control process joins; an earlier one is left.
    pub(crate) fn join(&mut self, id: u64, stream: OwnedWriteHalf) {
        self.leave();
        self.link = Some(Link {
            id,
            stream,
            out: Vec::new(),
            sent: 0,
        });
    }

    /// The control process `id` is gone, unless another one joined already.
    pub(crate) fn left(&mut self, id: u64) {
        if self.link.as_ref().is_some_and(|link| link.id == id) {
            self.leave();
        }
    }

    fn leave(&mut self) {
        self.link = None;
        if let Some(batch) = &mut self.batch {
            batch.is_sent = false;
        }
    }

    /// Whether a control process is joined.
    pub(crate) fn is_joined(&self) -> bool {
        self.link.is_some()
    }

    /// Whether `id` is the joined one.
    pub(crate) fn is_link(&self, id: u64) -> bool {
        self.link.as_ref().is_some_and(|link| link.id == id)
    }

    /// Puts a report behind what is to be sent; nobody joined = nobody told.
    pub(crate) fn report(&mut self, kind: Report, payload: &[u8]) {
        if let Some(link) = &mut self.link {
            link.out.extend_from_slice(&encode(kind, payload));
        }
    }

    /// Adds one Event to the backlog.
    pub(crate) fn push(&mut self, event: Event, is_notable: bool) {
        self.backlog.push(event, is_notable);
    }

    /// Adds Events of which only the number is left.
    pub(crate) fn count(&mut self, events: usize) {
        self.backlog.count(events);
    }

    /// (delivered, dropped here, held here).
    pub(crate) fn counts(&self) -> (u64, u64, u64) {
        let under_way = self.batch.as_ref().map_or(0, |batch| batch.count);
        let held = u64::try_from(self.backlog.len())
            .unwrap_or(u64::MAX)
            .saturating_add(under_way);
        (self.delivered, self.backlog.dropped(), held)
    }

    /// Whether a joined control process still has something to get.
    pub(crate) fn is_pending(&self) -> bool {
        let has_output = self.link.as_ref().is_some_and(|link| !link.out.is_empty());
        self.link.is_some() && (has_output || self.batch.is_some() || self.backlog.len() > 0)
    }

    /// Sends what can be sent without waiting. Cost: O(batch) and some system calls.
    pub(crate) fn advance(&mut self) {
        self.confirm();
        self.offer();
        let broken = self.link.as_mut().is_some_and(|link| link.write().is_err());
        if broken {
            self.leave();
        }
    }

    /// Waits until more can be written; for ever when nothing waits to be written.
    pub(crate) async fn writable(&self) {
        match self.link.as_ref().filter(|link| !link.out.is_empty()) {
            Some(link) => drop(link.stream.writable().await),
            None => std::future::pending().await,
        }
    }

    /// Counts the batch under way as delivered once the other end has read every byte.
    fn confirm(&mut self) {
        let is_sent = self.batch.as_ref().is_some_and(|batch| batch.is_sent);
        let is_read = self.link.as_ref().is_some_and(Link::is_read);
        if is_sent && is_read {
            let count = self.batch.take().map_or(0, |batch| batch.count);
            self.delivered = self.delivered.saturating_add(count);
        }
    }

    fn offer(&mut self) {
        let Some(link) = &mut self.link else { return };
        if self.batch.is_none() && self.backlog.len() > 0 {
            self.batch = Some(Batch::new(&self.backlog.take(BATCH_MAX)));
        }
        if let Some(batch) = self.batch.as_mut().filter(|batch| !batch.is_sent) {
            link.out.extend_from_slice(&batch.frame);
            batch.is_sent = true;
        }
    }
}

impl Link {
    fn write(&mut self) -> io::Result<()> {
        while let Some(rest) = self.out.get(self.sent..).filter(|rest| !rest.is_empty()) {
            match self.stream.try_write(rest) {
                Ok(count) => self.sent = self.sent.saturating_add(count),
                Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(fault) => return Err(fault),
            }
        }
        self.out.clear();
        self.sent = 0;
        Ok(())
    }

    /// Whether the other end lives and has read every byte. The order matters: the kernel also
    /// forgets unread bytes when the other end dies.
    fn is_read(&self) -> bool {
        let stream = self.stream.as_ref();
        self.out.is_empty() && unread_bytes(stream.as_fd()) == Some(0) && is_alive(stream)
    }
}

fn is_alive(stream: &UnixStream) -> bool {
    let peeked = SockRef::from(stream).peek(&mut [MaybeUninit::uninit()]);
    matches!(peeked, Err(fault) if fault.kind() == io::ErrorKind::WouldBlock)
}

impl Batch {
    /// Payload: u32 count of all, u32 notable, the notable Events as JSON lines, then others: as
    /// many as are whole.
    fn new(taken: &Taken<Event>) -> Self {
        let Taken {
            notable,
            ordinary,
            counted,
        } = taken;
        let whole = notable.len().saturating_add(ordinary.len());
        let count = whole.saturating_add(*counted);
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes();
        let mut payload = Vec::with_capacity(whole.saturating_mul(512).saturating_add(8));
        payload.extend_from_slice(&number(count));
        payload.extend_from_slice(&number(notable.len()));
        for event in notable.iter().chain(ordinary) {
            event.to_json(&mut payload);
            payload.push(b'\n');
        }
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        Batch {
            frame: encode(Report::Events, &payload),
            count,
            is_sent: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::testing::{event, worker};

    fn joined(delivery: &mut Delivery, id: u64) -> UnixStream {
        let (ours, theirs) = UnixStream::pair().unwrap();
        delivery.join(id, ours.into_split().1);
        theirs
    }

    #[tokio::test]
    async fn a_batch_is_delivered_once_it_was_read_and_not_before() {
        let worker = worker();
        let mut delivery = Delivery::new(8);
        let mut theirs = joined(&mut delivery, 1);
        delivery.push(event(&worker), true);
        delivery.advance();
        delivery.advance();
        assert_eq!(delivery.counts(), (0, 0, 1));
        assert!(theirs.read(&mut [0; 64 << 10]).await.unwrap() > 0);
        delivery.advance();
        assert_eq!(delivery.counts(), (1, 0, 0));
        assert!(!delivery.is_pending());
    }

    #[tokio::test]
    async fn what_is_only_counted_is_delivered_as_a_number() {
        let worker = worker();
        let mut delivery = Delivery::new(8);
        let mut theirs = joined(&mut delivery, 1);
        delivery.push(event(&worker), true);
        delivery.count(5);
        delivery.advance();
        let mut frame = [0; 64 << 10];
        let read = theirs.read(&mut frame).await.unwrap();
        // Length, kind, count of all, count of notable ones, one line.
        assert_eq!(frame[5..13], [0, 0, 0, 6, 0, 0, 0, 1]);
        assert_eq!(
            frame[..read].iter().filter(|byte| **byte == b'\n').count(),
            1
        );
        delivery.advance();
        assert_eq!(delivery.counts(), (6, 0, 0));
    }

    #[tokio::test]
    async fn a_batch_that_nobody_read_goes_to_the_successor() {
        let worker = worker();
        let mut delivery = Delivery::new(8);
        let gone = joined(&mut delivery, 1);
        delivery.push(event(&worker), true);
        delivery.advance();
        drop(gone);
        delivery.advance();
        assert_eq!(delivery.counts(), (0, 0, 1));
        let mut theirs = joined(&mut delivery, 2);
        delivery.left(1);
        assert!(delivery.is_joined(), "only its own leaving counts");
        delivery.advance();
        assert!(theirs.read(&mut [0; 64 << 10]).await.unwrap() > 0);
        delivery.advance();
        assert_eq!(delivery.counts(), (1, 0, 0));
    }

    #[test]
    fn without_a_control_process_the_backlog_is_bounded_and_counted() {
        let worker = worker();
        let mut delivery = Delivery::new(2);
        (0..5).for_each(|_| delivery.push(event(&worker), true));
        let (delivered, dropped, held) = delivery.counts();
        assert_eq!((delivered, dropped + held), (0, 5));
        assert!(held <= 2);
    }
}
