//! The upstream connections of one worker: kept alive, checked before reuse, bounded, with a
//! short queue in front.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::counters::Counters;
use crate::options::{Options, PoolOptions, ms};

/// What one request earns for retries, what one retry costs, and how much is kept at most.
const RETRY_EARNED: u32 = 1;
const RETRY_COST: u32 = 5;
const RETRIES_MAX: u32 = 50;

/// Where the API is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// `host:port`.
    pub(crate) authority: String,
    fixed: Option<SocketAddr>,
}

impl Endpoint {
    pub(crate) fn new(authority: String) -> Self {
        let fixed = authority.parse().ok();
        Endpoint { authority, fixed }
    }

    /// Opens one connection.
    ///
    /// # Errors
    /// `Unavailable::Connect` when it is refused or takes longer than `timeout_ms`.
    pub(crate) async fn connect(&self, timeout_ms: u64) -> Result<TcpStream, Unavailable> {
        let connecting = async {
            match self.fixed {
                Some(address) => TcpStream::connect(address).await,
                None => TcpStream::connect(&self.authority).await,
            }
        };
        let stream = tokio::time::timeout(ms(timeout_ms), connecting).await;
        let stream = stream
            .ok()
            .and_then(Result::ok)
            .ok_or(Unavailable::Connect)?;
        stream.set_nodelay(true).map_err(|_| Unavailable::Connect)?;
        Ok(stream)
    }
}

/// Why there is no upstream connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// It cannot be reached in time.
    Connect,
    /// Too many wait already, or this one waited too long.
    Queue,
}

/// The connections of one worker to one endpoint.
pub(crate) struct Pool {
    endpoint: Endpoint,
    options: PoolOptions,
    connect_ms: u64,
    limit: usize,
    in_use: Cell<usize>,
    retries: Cell<u32>,
    idle: RefCell<VecDeque<Idle>>,
    waiting: RefCell<VecDeque<oneshot::Sender<Permit>>>,
    counters: Arc<Counters>,
}

struct Idle {
    stream: TcpStream,
    until_ms: u64,
}

/// The right to one connection; given back on drop.
struct Permit(Rc<Pool>);

/// One connection in use.
pub(crate) struct Lease {
    /// The connection.
    pub(crate) stream: TcpStream,
    /// Whether it has carried an Exchange before: only then a close is a race.
    pub(crate) is_reused: bool,
    permit: Permit,
}

impl Pool {
    /// An empty pool; `workers` share the maximum.
    pub(crate) fn new(
        endpoint: Endpoint,
        options: PoolOptions,
        connect_ms: u64,
        workers: usize,
        counters: Arc<Counters>,
    ) -> Rc<Self> {
        let limit = options
            .max_connections
            .checked_div(workers)
            .unwrap_or(0)
            .max(1);
        Rc::new(Pool {
            endpoint,
            options,
            connect_ms,
            limit,
            in_use: Cell::new(0),
            retries: Cell::new(RETRIES_MAX),
            idle: RefCell::default(),
            waiting: RefCell::default(),
            counters,
        })
    }

    /// A connection: a live idle one, else a new one. `fresh` never takes an idle one.
    ///
    /// # Errors
    /// `Unavailable`, after at most the queue time and the connect time.
    pub(crate) async fn checkout(
        self: &Rc<Self>,
        now_ms: u64,
        fresh: bool,
    ) -> Result<Lease, Unavailable> {
        if !fresh {
            let earned = self.retries.get().saturating_add(RETRY_EARNED);
            self.retries.set(earned.min(RETRIES_MAX));
        }
        let permit = match self.permit() {
            Some(permit) => permit,
            None => self.wait().await?,
        };
        if !fresh && let Some(stream) = self.take_idle(now_ms) {
            return Ok(Lease {
                stream,
                is_reused: true,
                permit,
            });
        }
        let stream = self.endpoint.connect(self.connect_ms).await?;
        self.counters.upstream_opened.add(1);
        Ok(Lease {
            stream,
            is_reused: false,
            permit,
        })
    }

    /// Whether these options ask for the very pool that this is.
    pub(crate) fn serves(&self, authority: &str, options: &Options) -> bool {
        authority == self.endpoint.authority
            && options.pool == self.options
            && options.timeouts.connect_ms == self.connect_ms
    }

    /// Whether one more request may be sent a second time: at most one of five, and a few at once,
    /// so that an API that falls over is not pushed by what we repeat.
    pub(crate) fn may_retry(&self) -> bool {
        let left = self.retries.get().checked_sub(RETRY_COST);
        self.retries.set(left.unwrap_or(self.retries.get()));
        left.is_some()
    }

    /// Closes what was idle for too long.
    pub(crate) fn sweep(&self, now_ms: u64) {
        let mut idle = self.idle.borrow_mut();
        while idle.front().is_some_and(|first| first.until_ms <= now_ms) {
            idle.pop_front();
        }
    }

    /// Connections in use.
    pub(crate) fn in_use(&self) -> usize {
        self.in_use.get()
    }

    /// Connections kept for later.
    pub(crate) fn idle(&self) -> usize {
        self.idle.borrow().len()
    }

    fn permit(self: &Rc<Self>) -> Option<Permit> {
        let in_use = self.in_use.get();
        (in_use < self.limit).then(|| {
            self.in_use.set(in_use.saturating_add(1));
            Permit(Rc::clone(self))
        })
    }

    async fn wait(self: &Rc<Self>) -> Result<Permit, Unavailable> {
        if self.waiting.borrow().len() >= self.options.queue {
            return Err(Unavailable::Queue);
        }
        let (sender, receiver) = oneshot::channel();
        self.waiting.borrow_mut().push_back(sender);
        let waited = tokio::time::timeout(ms(self.options.queue_ms), receiver).await;
        self.waiting
            .borrow_mut()
            .retain(|waiting| !waiting.is_closed());
        waited.ok().and_then(Result::ok).ok_or(Unavailable::Queue)
    }

    /// The newest idle connection that is neither old, closed nor readable.
    fn take_idle(&self, now_ms: u64) -> Option<TcpStream> {
        let mut idle = self.idle.borrow_mut();
        while let Some(candidate) = idle.pop_back() {
            if candidate.until_ms > now_ms && is_quiet(&candidate.stream) {
                return Some(candidate.stream);
            }
            self.counters.upstream_stale.add(1);
        }
        None
    }
}

/// Whether nothing came in since the last response: neither an end, nor bytes without a question.
/// Cost: no system call unless the kernel reported something.
fn is_quiet(stream: &TcpStream) -> bool {
    let read = stream.try_read(&mut [0]);
    matches!(read, Err(fault) if fault.kind() == std::io::ErrorKind::WouldBlock)
}

impl Lease {
    /// `host:port` of the API.
    pub(crate) fn authority(&self) -> &str {
        &self.permit.0.endpoint.authority
    }

    /// Keeps the connection for the next Exchange. Only after a whole response to a wholly sent
    /// request: anything else would desynchronise it (Pingora, CVE-2025-4366).
    pub(crate) fn keep(self, now_ms: u64) {
        let pool = Rc::clone(&self.permit.0);
        let until_ms = now_ms.saturating_add(pool.options.idle_ms);
        if pool.idle.borrow().len() < pool.limit {
            pool.idle.borrow_mut().push_back(Idle {
                stream: self.stream,
                until_ms,
            });
        }
    }
}

impl Drop for Permit {
    /// Hands the right to the first that waits, else gives it back.
    fn drop(&mut self) {
        let next = || self.0.waiting.borrow_mut().pop_front();
        while let Some(waiting) = next() {
            if !waiting.is_closed() {
                // One thread: the receiver cannot vanish between the question and the send.
                let _ = waiting.send(Permit(Rc::clone(&self.0)));
                return;
            }
        }
        self.0.in_use.set(self.0.in_use.get().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    async fn pool(limit: usize, queue: usize) -> (Rc<Pool>, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = Endpoint::new(listener.local_addr().unwrap().to_string());
        let options = PoolOptions {
            max_connections: limit,
            queue,
            queue_ms: 50,
            idle_ms: 1_000,
        };
        (
            Pool::new(endpoint, options, 1_000, 1, Arc::default()),
            listener,
        )
    }

    #[tokio::test]
    async fn a_kept_connection_is_used_again_until_it_is_old() {
        let (pool, _listener) = pool(2, 0).await;
        pool.checkout(0, false).await.unwrap().keep(0);
        let again = pool.checkout(10, false).await.unwrap();
        assert!(again.is_reused);
        again.keep(10);
        assert!(!pool.checkout(1_010, false).await.unwrap().is_reused);
        assert_eq!((pool.in_use(), pool.idle()), (0, 0));
    }

    #[tokio::test]
    async fn a_connection_that_spoke_or_ended_is_not_used_again() {
        let (pool, listener) = pool(2, 0).await;
        pool.checkout(0, false).await.unwrap().keep(0);
        let (mut theirs, _) = listener.accept().await.unwrap();
        theirs.write_all(b"x").await.unwrap();
        tokio::time::sleep(ms(20)).await;
        let second = pool.checkout(0, false).await.unwrap();
        assert!(!second.is_reused);
        second.keep(0);
        drop(listener.accept().await.unwrap());
        tokio::time::sleep(ms(20)).await;
        assert!(!pool.checkout(0, false).await.unwrap().is_reused);
        assert_eq!(pool.counters.upstream_stale.read(), 2);
    }

    #[tokio::test]
    async fn the_queue_is_short_in_length_and_time() {
        let (pool, _listener) = pool(1, 1).await;
        let lease = pool.checkout(0, false).await.unwrap();
        let (first, second) = tokio::join!(pool.checkout(0, false), pool.checkout(0, false));
        assert_eq!(first.err(), Some(Unavailable::Queue));
        assert_eq!(second.err(), Some(Unavailable::Queue));
        let (waiting, ()) = tokio::join!(pool.checkout(0, false), async {
            tokio::task::yield_now().await;
            lease.keep(0);
        });
        assert!(waiting.unwrap().is_reused);
        assert_eq!(pool.in_use(), 0);
    }

    #[tokio::test]
    async fn one_request_of_five_may_be_sent_again_and_a_few_at_once() {
        let (pool, _listener) = pool(2, 0).await;
        assert_eq!((0..20).filter(|_| pool.may_retry()).count(), 10);
        for _ in 0..4 {
            drop(pool.checkout(0, false).await);
        }
        assert!(!pool.may_retry());
        drop(pool.checkout(0, false).await);
        assert!(pool.may_retry() && !pool.may_retry());
        drop(pool.checkout(0, true).await);
        assert!(!pool.may_retry());
    }

    #[tokio::test]
    async fn an_unreachable_upstream_is_named_so() {
        let (pool, listener) = pool(1, 1).await;
        drop(listener);
        assert_eq!(
            pool.checkout(0, false).await.err(),
            Some(Unavailable::Connect)
        );
    }
}
