//! The refresher: key sets of all issuers, fetched on a thread of its own, so that neither a
//! worker nor an in-process mount ever waits for an issuer without having asked.

mod fetch;
mod schedule;
mod source;
mod tls;
mod url;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use bartizan_core::live::Live;
use bartizan_core::policy::Policy;
use bartizan_core::policy::form::KeySourceForm;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::options::ms;
use schedule::Schedule;
use source::{Found, Stamp};

/// How one issuer's keys stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyState {
    /// `good`, `failing` (an older set is in force) or `missing`.
    pub state: &'static str,
    /// Why, for the operator; empty when good.
    pub message: String,
    /// Usable keys in force.
    pub keys: usize,
}

type Board = Arc<Mutex<BTreeMap<String, KeyState>>>;

/// The running refresher. Dropping the last clone ends its thread.
#[derive(Clone, Debug)]
pub struct Refresher {
    requests: mpsc::UnboundedSender<Request>,
    board: Board,
}

#[derive(Debug)]
enum Request {
    Follow {
        policy: Arc<Policy>,
        live: Arc<Live>,
        done: oneshot::Sender<()>,
    },
    Refetch {
        issuer: usize,
        done: oneshot::Sender<()>,
    },
}

impl Refresher {
    /// Starts the thread. The key sets of all issuers of `policy` are fetched at once and put into
    /// `live` as they come.
    ///
    /// # Errors
    /// When the thread or its runtime cannot be made.
    pub fn spawn(policy: Arc<Policy>, live: Arc<Live>) -> io::Result<Self> {
        let (requests, receiver) = mpsc::unbounded_channel();
        let board = Board::default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let keeper = Keeper::new(Arc::clone(&policy), Arc::clone(&live), Arc::clone(&board));
        std::thread::Builder::new()
            .name("bartizan-keys".to_owned())
            .spawn(move || runtime.block_on(keeper.run(receiver)))?;
        Ok(Refresher { requests, board })
    }

    /// Follows another Policy and its Live from now on. Resolves when it does.
    pub fn follow(&self, policy: Arc<Policy>, live: Arc<Live>) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        let _ = self.requests.send(Request::Follow { policy, live, done });
        receiver
    }

    /// Fetches the keys of one issuer (index in the Policy) again. Resolves with `Ok` when they
    /// are in force; with an error when they could not be had. Single flight: whoever asks
    /// meanwhile waits for the same fetch. How often this may happen, the core decides.
    pub fn refetch(&self, issuer: usize) -> oneshot::Receiver<()> {
        let (done, receiver) = oneshot::channel();
        let _ = self.requests.send(Request::Refetch { issuer, done });
        receiver
    }

    /// The state of every issuer, by id.
    #[must_use]
    pub fn states(&self) -> BTreeMap<String, KeyState> {
        self.board
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What is known about one issuer. Dropped senders tell waiting Asks that the fetch failed.
struct Kept {
    id: String,
    issuer: String,
    source: KeySourceForm,
    schedule: Schedule,
    stamp: Option<Stamp>,
    waiting: Vec<oneshot::Sender<()>>,
    is_fetching: bool,
}

impl Kept {
    /// Whether the same keys serve both entries, as `Keys::new` sees it.
    fn is_same(&self, other: &Kept) -> bool {
        self.issuer == other.issuer && format!("{:?}", self.source) == format!("{:?}", other.source)
    }
}

type Fetched = (usize, Result<Found, String>);

struct Keeper {
    clock: Clock,
    live: Arc<Live>,
    issuers: Vec<Kept>,
    board: Board,
    fetches: JoinSet<Fetched>,
}

impl Keeper {
    fn new(policy: Arc<Policy>, live: Arc<Live>, board: Board) -> Self {
        let (clock, fetches) = (Clock::new(), JoinSet::new());
        let mut keeper = Keeper {
            clock,
            live: Arc::clone(&live),
            issuers: Vec::new(),
            board,
            fetches,
        };
        keeper.follow(&policy, live);
        keeper
    }

    async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        loop {
            self.start_due();
            let pause = ms(self.pause_ms());
            tokio::select! {
                request = requests.recv() => match request {
                    Some(request) => self.take(request),
                    None => return,
                },
                Some(Ok((index, found))) = self.fetches.join_next() => self.settle(index, found),
                () = tokio::time::sleep(pause) => self.clock.adjust(),
            }
        }
    }

    fn take(&mut self, request: Request) {
        match request {
            Request::Follow { policy, live, done } => {
                self.follow(&policy, live);
                let _ = done.send(());
            }
            Request::Refetch { issuer, done } => {
                if let Some(kept) = self.issuers.get_mut(issuer) {
                    kept.waiting.push(done);
                    self.start(issuer);
                }
            }
        }
    }

    /// Entries that stayed keep their schedule: their sets are in the new Live already. Fetches
    /// under way belong to the old entries and start anew.
    fn follow(&mut self, policy: &Policy, live: Arc<Live>) {
        self.fetches = JoinSet::new();
        self.live = live;
        let before = std::mem::take(&mut self.issuers);
        self.issuers = policy
            .security()
            .issuers()
            .iter()
            .map(|issuer| Kept {
                id: issuer.id().to_owned(),
                issuer: issuer.issuer().to_owned(),
                source: issuer.key_source().clone(),
                schedule: Schedule::default(),
                stamp: None,
                waiting: Vec::new(),
                is_fetching: false,
            })
            .collect();
        for kept in &mut self.issuers {
            if let Some(old) = before
                .iter()
                .find(|old| old.is_same(kept) && !old.is_fetching)
            {
                kept.schedule = old.schedule.clone();
                kept.stamp = old.stamp;
            }
        }
        self.show_only_known();
    }

    fn show_only_known(&self) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.retain(|id, _| self.issuers.iter().any(|kept| kept.id == *id));
        for kept in &self.issuers {
            let missing = || KeyState {
                state: "missing",
                ..KeyState::default()
            };
            board.entry(kept.id.clone()).or_insert_with(missing);
        }
    }

    fn start_due(&mut self) {
        let now_ms = self.clock.elapsed_ms();
        for index in 0..self.issuers.len() {
            if self
                .issuers
                .get(index)
                .is_some_and(|kept| kept.schedule.next_ms() <= now_ms)
            {
                self.start(index);
            }
        }
    }

    fn start(&mut self, index: usize) {
        let Some(kept) = self.issuers.get_mut(index).filter(|kept| !kept.is_fetching) else {
            return;
        };
        kept.is_fetching = true;
        let (issuer, source, stamp) = (kept.issuer.clone(), kept.source.clone(), kept.stamp);
        self.fetches
            .spawn(async move { (index, source::read(&issuer, &source, stamp).await) });
    }

    fn settle(&mut self, index: usize, found: Result<Found, String>) {
        let now_ms = self.clock.elapsed_ms();
        let accepted = found.and_then(|found| self.accept(index, found, now_ms));
        let number = u16::try_from(index).unwrap_or(u16::MAX);
        let has_set = self.live.keys.current(number, self.clock.now()).is_some();
        let Some(kept) = self.issuers.get_mut(index) else {
            return;
        };
        kept.is_fetching = false;
        let waiting = std::mem::take(&mut kept.waiting);
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = board.entry(kept.id.clone()).or_default();
        match accepted {
            Ok(keys) => {
                let keys = keys.unwrap_or(shown.keys);
                *shown = KeyState {
                    state: "good",
                    message: String::new(),
                    keys,
                };
                for waiting in waiting {
                    let _ = waiting.send(());
                }
            }
            Err(message) => {
                kept.schedule.failed(now_ms);
                self.live.keys.failed(number, self.clock.now());
                let (state, keys) = if has_set {
                    ("failing", shown.keys)
                } else {
                    ("missing", 0)
                };
                *shown = KeyState {
                    state,
                    message,
                    keys,
                };
            }
        }
    }

    /// The number of keys now in force, or `None` when nothing changed.
    fn accept(&mut self, index: usize, found: Found, now_ms: u64) -> Result<Option<usize>, String> {
        let Some(kept) = self.issuers.get_mut(index) else {
            return Ok(None);
        };
        let Found::Set {
            bytes,
            max_age_s,
            stamp,
        } = found
        else {
            kept.schedule.looked(now_ms);
            return Ok(None);
        };
        let number = u16::try_from(index).unwrap_or(u16::MAX);
        let set = self
            .live
            .keys
            .replace(number, &bytes, self.clock.now())
            .map_err(|fault| fault.title().to_owned())?;
        match stamp {
            Some(_) => kept.schedule.looked(now_ms),
            None => kept.schedule.fetched(now_ms, max_age_s),
        }
        kept.stamp = stamp;
        Ok(Some(set.len()))
    }

    fn pause_ms(&self) -> u64 {
        let idle = self.issuers.iter().filter(|kept| !kept.is_fetching);
        let next_ms = idle.map(|kept| kept.schedule.next_ms()).min();
        let now_ms = self.clock.elapsed_ms();
        next_ms.map_or(60_000, |next| next.saturating_sub(now_ms).clamp(1, 60_000))
    }
}
