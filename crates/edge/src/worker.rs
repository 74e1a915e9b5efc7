//! One worker: a thread with its own listener, runtime, upstream pool, timer wheel and Event ring.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::TcpListener as StdListener;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::Guard;
use bartizan_core::event::Event;
use bartizan_core::policy::ApiIndex;
use bartizan_core::wire::Buffers;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::buffer::{Scratch, Spare};
use crate::caps::Caps;
use crate::clock::Clock;
use crate::connection::Connection;
use crate::counters::Counters;
use crate::deadline::{TICK_MS, Wheel};
use crate::generation::{Generation, Generations};
use crate::ids::Ids;
use crate::journal::Journal;
use crate::keys::Refresher;
use crate::options::Options;
use crate::upstream::{Endpoint, Pool};
use crate::window::Window;

/// Buffers of finished heads that a worker keeps.
const BUFFERS_MAX: usize = 64;

/// What all threads of the gateway share.
pub(crate) struct Shared {
    pub(crate) clock: Arc<Clock>,
    pub(crate) generations: Generations,
    pub(crate) caps: Arc<Caps>,
    pub(crate) keys: Refresher,
    pub(crate) window: Window,
    pub(crate) workers: Vec<Desk>,
}

/// The part of one worker that the service thread looks at.
pub(crate) struct Desk {
    pub(crate) counters: Arc<Counters>,
    pub(crate) journal: Journal,
}

/// How far the wind-down has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Connections are accepted.
    Serving,
    /// No new connection, no further request on an old one.
    WindingDown,
    /// What is in flight is cut.
    Ended,
}

/// A pool for each API, in the order of the Policy; APIs of one upstream share theirs.
type Pools = Vec<Rc<Pool>>;

/// The state of one worker, shared by its connections.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) wheel: Rc<Wheel>,
    pub(crate) scratch: Scratch,
    pub(crate) spare: Spare,
    pub(crate) ids: Ids,
    stage: Cell<Stage>,
    open: Cell<usize>,
    number: usize,
    pools: RefCell<(u64, Pools)>,
    buffers: RefCell<Vec<Buffers>>,
}

/// Starts the thread. It ends after `Stage::Ended`, or after `Stage::WindingDown` once nothing is
/// in flight, and drops `done` then.
///
/// # Errors
/// When the runtime or the thread cannot be made.
pub(crate) fn spawn(
    shared: Arc<Shared>,
    number: usize,
    listener: StdListener,
    stage: watch::Receiver<Stage>,
    done: tokio::sync::mpsc::Sender<()>,
) -> io::Result<()> {
    let builder = std::thread::Builder::new().name(format!("bartizan-w{number}"));
    builder.spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build_local(tokio::runtime::LocalOptions::default());
        if let Ok(runtime) = runtime {
            runtime.block_on(serve(shared, number, listener, stage));
        }
        drop(done);
    })?;
    Ok(())
}

async fn serve(
    shared: Arc<Shared>,
    number: usize,
    listener: StdListener,
    mut stage: watch::Receiver<Stage>,
) {
    let Some(worker) = Worker::new(shared, number) else {
        return;
    };
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    let mut turns = tokio::time::interval(Duration::from_millis(TICK_MS));
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut listener = Some(listener);
    loop {
        tokio::select! {
            accepted = accept(listener.as_ref()) => worker.take(accepted),
            _ = turns.tick() => worker.turn(),
            _ = stage.changed() => {}
        }
        worker.enter(*stage.borrow());
        if worker.stage() > Stage::Serving {
            listener = None;
            if worker.open.get() == 0 {
                return;
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<tokio::net::TcpStream> {
    match listener {
        Some(listener) => {
            let accepted = listener.accept().await.map(|(stream, _)| stream);
            if accepted.is_err() {
                // Out of file descriptors: trying again at once would spin.
                tokio::time::sleep(Duration::from_millis(TICK_MS)).await;
            }
            accepted
        }
        None => std::future::pending().await,
    }
}

impl Worker {
    /// The state of worker `number`; `None` when there is no such worker.
    pub(crate) fn new(shared: Arc<Shared>, number: usize) -> Option<Rc<Self>> {
        let counters = Arc::clone(&shared.workers.get(number)?.counters);
        let generation = shared.generations.current();
        let workers = shared.workers.len();
        let pools = make_pools(&generation.options, workers, &counters, &[])?;
        let entry = (generation.number, pools);
        drop(generation);
        Some(Rc::new(Worker {
            wheel: Wheel::new(Arc::clone(&shared.clock)),
            scratch: Scratch::new(),
            spare: Spare::default(),
            ids: Ids::new(),
            stage: Cell::new(Stage::Serving),
            open: Cell::new(0),
            number,
            pools: RefCell::new(entry),
            buffers: RefCell::default(),
            counters,
            shared,
        }))
    }

    /// What is in force now.
    pub(crate) fn generation(&self) -> Guard<Arc<Generation>> {
        self.shared.generations.current()
    }

    /// How far the wind-down has come.
    pub(crate) fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// Memory for the next head, from a message that is done.
    pub(crate) fn buffers(&self) -> Buffers {
        self.buffers.borrow_mut().pop().unwrap_or_default()
    }

    /// Takes the memory of a message that is done: idle connections hold none.
    pub(crate) fn keep_buffers(&self, buffers: Buffers) {
        let mut kept = self.buffers.borrow_mut();
        if kept.len() < BUFFERS_MAX {
            kept.push(buffers);
        }
    }

    /// Hands over the closing Event of one Exchange.
    pub(crate) fn record(&self, event: Event) {
        if let Some(desk) = self.shared.workers.get(self.number) {
            desk.journal.record(event);
        }
    }

    /// The pool of an API of a Generation: the same one as long as its upstream and the options
    /// are. `None` where the Generation names no upstream for it.
    pub(crate) fn pool(&self, generation: &Generation, api: ApiIndex) -> Option<Rc<Pool>> {
        let mut current = self.pools.borrow_mut();
        if current.0 != generation.number {
            let workers = self.shared.workers.len();
            let made = make_pools(&generation.options, workers, &self.counters, &current.1);
            *current = (generation.number, made.unwrap_or_default());
        }
        current.1.get(usize::from(api)).map(Rc::clone)
    }

    fn take(self: &Rc<Self>, accepted: io::Result<tokio::net::TcpStream>) {
        let Ok(stream) = accepted else { return };
        let Ok(peer) = stream.peer_addr() else { return };
        let caps = self.generation().options.connections.clone();
        let entry = self
            .shared
            .caps
            .enter(peer.ip(), caps.per_address, caps.total);
        let Some(entry) = entry.filter(|_| stream.set_nodelay(true).is_ok()) else {
            self.counters.refused.add(1);
            return;
        };
        self.counters.accepted.add(1);
        self.open.set(self.open.get().saturating_add(1));
        let worker = Rc::clone(self);
        tokio::task::spawn_local(async move {
            let leaving = Leaving(Rc::clone(&worker));
            Connection::new(worker, stream, peer.ip().to_canonical())
                .serve()
                .await;
            drop((entry, leaving));
        });
    }

    fn turn(&self) {
        self.wheel.advance();
        let pools = self.pools.borrow().1.clone();
        let (mut in_use, mut idle) = (0_usize, 0_usize);
        let mut seen: Vec<*const Pool> = Vec::with_capacity(pools.len());
        for pool in &pools {
            if seen.contains(&Rc::as_ptr(pool)) {
                continue;
            }
            seen.push(Rc::as_ptr(pool));
            pool.sweep(self.wheel.now_ms());
            in_use = in_use.saturating_add(pool.in_use());
            idle = idle.saturating_add(pool.idle());
        }
        self.counters
            .upstream_in_use
            .set(u64::try_from(in_use).unwrap_or(0));
        self.counters
            .upstream_idle
            .set(u64::try_from(idle).unwrap_or(0));
    }

    fn enter(&self, stage: Stage) {
        if stage > self.stage.get() {
            self.stage.set(stage);
            self.wheel.wake_all();
        }
    }
}

/// Pools for the upstreams of these options; those of `old` that serve them stay.
fn make_pools(
    options: &Options,
    workers: usize,
    counters: &Arc<Counters>,
    old: &[Rc<Pool>],
) -> Option<Pools> {
    let mut made: Pools = Vec::new();
    for authority in options.authorities().ok()? {
        let kept = made
            .iter()
            .chain(old)
            .find(|pool| pool.serves(&authority, options))
            .map(Rc::clone);
        made.push(kept.unwrap_or_else(|| {
            Pool::new(
                Endpoint::new(authority),
                options.pool.clone(),
                options.timeouts.connect_ms,
                workers,
                Arc::clone(counters),
            )
        }));
    }
    Some(made)
}

/// Counts the connection out, however its task ends.
struct Leaving(Rc<Worker>);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get().saturating_sub(1));
        self.0.counters.ended.add(1);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{generation, worker};

    #[test]
    fn a_swap_keeps_the_pool_unless_its_options_changed() {
        let worker = worker();
        let first = worker.pool(&worker.generation(), 0).unwrap();
        let swapped = |number: u64, more: &serde_json::Value| {
            let next = generation("two", more);
            worker.pool(&Generation { number, ..next }, 0).unwrap()
        };
        assert!(Rc::ptr_eq(&first, &swapped(2, &json!({}))));
        let other = swapped(3, &json!({ "pool": { "queue": 1 } }));
        assert!(!Rc::ptr_eq(&first, &other));
        let elsewhere = swapped(4, &json!({ "upstream": "http://127.0.0.1:2" }));
        assert!(!Rc::ptr_eq(&other, &elsewhere));
    }

    #[test]
    fn the_stage_only_goes_on() {
        let worker = worker();
        worker.enter(Stage::WindingDown);
        worker.enter(Stage::Serving);
        assert_eq!(worker.stage(), Stage::WindingDown);
    }

    #[test]
    fn a_worker_keeps_a_bounded_number_of_buffers() {
        let worker = worker();
        (0..1_000).for_each(|_| worker.keep_buffers(Buffers::default()));
        assert_eq!(worker.buffers.borrow().len(), BUFFERS_MAX);
    }
}
