//! The life of the gateway process: wait for a load, serve, swap, wind down.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use serde_json::json;
use tokio::net::UnixStream;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::admin;
use crate::error::Error;
use crate::frame::{Command, Report, decode};
use crate::generation::Generation;
use crate::listen;
use crate::load;
use crate::options::ms;
use crate::service::Service;
use crate::socket::ControlSocket;
use crate::worker::{self, Stage};

/// How often Events are moved on, milliseconds.
const DRAIN_MS: u64 = 20;
/// How often counts and key states are told, in drains.
const DRAINS_A_SECOND: u64 = 50;
/// How long the last Events may take to be read after the wind-down, milliseconds.
const FAREWELL_MS: u64 = 2_000;
/// How long cut connections may take to close, milliseconds.
const CUT_MS: u64 = 1_000;

/// What a control process said, or that it left (`None`).
struct Inbound {
    link: u64,
    command: Option<(Command, Vec<u8>)>,
}

struct Gateway {
    service: Rc<Service>,
    inbound: mpsc::Sender<Inbound>,
    links: u64,
    seed: [u8; 16],
    loading: Option<JoinHandle<Result<Generation, Error>>>,
    waiting: Vec<Vec<u8>>,
    /// Keys and revocations that came before anything is served.
    standing: Vec<Vec<u8>>,
    stage: watch::Sender<Stage>,
    done: mpsc::Sender<()>,
    addresses: Option<(SocketAddr, SocketAddr)>,
    wind_down_ms: u64,
}

/// Serves until `stop`, SIGTERM or SIGINT, then winds down.
///
/// # Errors
/// Whatever stops the process before that; `Error::Unbalanced` after it.
pub(crate) async fn run(socket_path: &Path) -> Result<(), Error> {
    let socket = ControlSocket::bind(socket_path)?;
    let mut signals = Signals::new().map_err(Error::Start)?;
    let (inbound, mut inbox) = mpsc::channel(4);
    let (done, mut all_done) = mpsc::channel(1);
    let mut gateway = Gateway::new(inbound, done);
    let service = Rc::clone(&gateway.service);
    let mut drains = interval(Duration::from_millis(DRAIN_MS));
    drains.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut count = 0_u64;
    loop {
        tokio::select! {
            joined = socket.accept() => gateway.join(joined),
            Some(inbound) = inbox.recv() => {
                if gateway.take(inbound) {
                    break;
                }
            }
            loaded = settled(&mut gateway.loading) => gateway.settle(loaded).await?,
            () = writable(&service) => service.delivery.borrow_mut().advance(),
            _ = drains.tick() => {
                count = count.wrapping_add(1);
                gateway.tick(count);
            }
            () = signals.any() => break,
        }
    }
    gateway.wind_down(&mut all_done, &mut signals).await
}

/// Waits until the control process can take more.
#[allow(
    clippy::await_holding_refcell_ref,
    reason = "select! drops this wait before a handler borrows again; admin pages only read"
)]
async fn writable(service: &Service) {
    service.delivery.borrow().writable().await;
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Signals {
            terminate,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn any(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

async fn settled(
    loading: &mut Option<JoinHandle<Result<Generation, Error>>>,
) -> Result<Generation, Error> {
    let Some(handle) = loading else {
        return std::future::pending().await;
    };
    let built = handle.await;
    *loading = None;
    built.unwrap_or_else(|_| {
        Err(Error::Policy(
            "the policy could not be built: internal fault".to_owned(),
        ))
    })
}

impl Gateway {
    fn new(inbound: mpsc::Sender<Inbound>, done: mpsc::Sender<()>) -> Self {
        let mut seed = [0_u8; 16];
        // Without randomness the table still works; only its hashes could be guessed.
        let _ = SystemRandom::new().fill(&mut seed);
        Gateway {
            service: Service::new(),
            inbound,
            links: 0,
            seed,
            loading: None,
            waiting: Vec::new(),
            standing: Vec::new(),
            stage: watch::Sender::new(Stage::Serving),
            done,
            addresses: None,
            wind_down_ms: 0,
        }
    }

    fn tick(&self, count: u64) {
        self.service.drain();
        if count.is_multiple_of(DRAINS_A_SECOND) {
            self.service.second();
        }
    }

    fn join(&mut self, joined: std::io::Result<UnixStream>) {
        let Ok(stream) = joined else { return };
        self.links = self.links.saturating_add(1);
        let (link, inbound) = (self.links, self.inbound.clone());
        let (mut read, write) = stream.into_split();
        self.service.watch(false);
        self.service.delivery.borrow_mut().join(link, write);
        // INVARIANT: before any Event, so that who joins knows what its predecessor was given.
        self.service.report_counters();
        self.service.forget_shown();
        tokio::task::spawn_local(async move {
            while let Ok(Some(command)) = decode(&mut read).await {
                if inbound
                    .send(Inbound {
                        link,
                        command: Some(command),
                    })
                    .await
                    .is_err()
                {
                    return;
                }
            }
            let _ = inbound
                .send(Inbound {
                    link,
                    command: None,
                })
                .await;
        });
    }

    /// True when the gateway shall stop.
    fn take(&mut self, inbound: Inbound) -> bool {
        if !self.service.delivery.borrow().is_link(inbound.link) {
            return false;
        }
        match inbound.command {
            Some((Command::Load, payload)) => {
                self.waiting.insert(0, payload);
                self.load_next();
                false
            }
            Some((Command::Stop, _)) => true,
            Some((Command::Stand, payload)) => {
                self.stand(payload);
                false
            }
            Some((Command::Capture, payload)) => {
                if let Some(shared) = self.service.shared() {
                    shared.window.order(&payload);
                }
                false
            }
            Some((Command::Watch, payload)) => {
                self.service.watch(payload.first() == Some(&1));
                false
            }
            None => {
                self.service.watch(false);
                self.service.delivery.borrow_mut().left(inbound.link);
                if let Some(shared) = self.service.shared() {
                    shared.window.order(b"");
                }
                false
            }
        }
    }

    /// INVARIANT: what came before the first load is in force before the first connection.
    fn stand(&mut self, payload: Vec<u8>) {
        match self.service.shared() {
            Some(shared) => {
                let live = Arc::clone(&shared.generations.current().live);
                self.service.stand(&live, &payload);
            }
            None => self.standing.push(payload),
        }
        self.service.delivery.borrow_mut().advance();
    }

    /// Builds on a thread of its own: a large Policy takes longer than Events should wait.
    fn load_next(&mut self) {
        if self.loading.is_some() {
            return;
        }
        let Some(payload) = self.waiting.pop() else {
            return;
        };
        let before = self
            .service
            .shared()
            .map(|shared| Arc::clone(&shared.generations.current()));
        let seed = self.seed;
        self.loading = Some(tokio::task::spawn_blocking(move || {
            load::build(&payload, before.as_deref(), seed)
        }));
    }

    /// Puts a built Generation in force, or says why not. An error ends the process: only when
    /// nothing is served yet.
    async fn settle(&mut self, built: Result<Generation, Error>) -> Result<(), Error> {
        let is_first = self.service.shared().is_none();
        let applied = match built {
            Ok(generation) => self.apply(generation).await,
            Err(error) => Err(error),
        };
        match applied {
            Ok(loaded) => self.report_loaded(&loaded),
            Err(error) => {
                self.service
                    .report(Report::Refused, &json!({ "error": error.to_string() }));
                self.service.delivery.borrow_mut().advance();
                if is_first && matches!(error, Error::Bind { .. } | Error::Start(_)) {
                    return Err(error);
                }
            }
        }
        self.load_next();
        Ok(())
    }

    async fn apply(&mut self, generation: Generation) -> Result<serde_json::Value, Error> {
        let loaded = json!({
            "hash": generation.policy.hash_hex(),
            "generation": generation.number,
        });
        let wind_down_ms = generation.options.timeouts.wind_down_ms;
        match self.service.shared().map(Arc::clone) {
            Some(shared) => self.service.swap(&shared, generation).await?,
            None => {
                for payload in self.standing.drain(..) {
                    self.service.stand(&generation.live, &payload);
                }
                self.start(generation)?;
            }
        }
        self.wind_down_ms = wind_down_ms;
        Ok(loaded)
    }

    fn start(&mut self, first: Generation) -> Result<(), Error> {
        let options = Arc::clone(&first.options);
        let listeners = listen::bind(options.listen, options.workers)?;
        let admin = listen::bind(options.admin, 1)?;
        let address = |listener: Option<&TcpListener>| {
            listener
                .and_then(|listener| listener.local_addr().ok())
                .unwrap_or(options.listen)
        };
        self.addresses = Some((address(listeners.first()), address(admin.first())));
        let shared = self.service.start(first)?;
        for (number, listener) in listeners.into_iter().enumerate() {
            let (stage, done) = (self.stage.subscribe(), self.done.clone());
            worker::spawn(Arc::clone(&shared), number, listener, stage, done)
                .map_err(Error::Start)?;
        }
        for listener in admin {
            tokio::task::spawn_local(admin::serve(Rc::clone(&self.service), listener));
        }
        Ok(())
    }

    fn report_loaded(&self, loaded: &serde_json::Value) {
        self.service.report(Report::Loaded, loaded);
        if let Some((address, admin)) = self.addresses {
            let payload = json!({ "address": address.to_string(), "admin": admin.to_string() });
            self.service.report(Report::Listening, &payload);
        }
        self.service.delivery.borrow_mut().advance();
    }

    /// No new connection; what is in flight is finished; then the last Events go out.
    async fn wind_down(
        self,
        all_done: &mut mpsc::Receiver<()>,
        signals: &mut Signals,
    ) -> Result<(), Error> {
        let Gateway {
            service,
            stage,
            done,
            wind_down_ms,
            ..
        } = self;
        drop(done);
        service.stage.set(Stage::WindingDown);
        stage.send_replace(Stage::WindingDown);
        let mut is_done = finish(&service, all_done, wind_down_ms, Some(signals)).await;
        if !is_done {
            stage.send_replace(Stage::Ended);
            is_done = finish(&service, all_done, CUT_MS, None).await;
        }
        farewell(&service).await;
        let (opened, closed) = service.exchanges();
        match is_done && opened != closed {
            true => Err(Error::Unbalanced { opened, closed }),
            false => Ok(()),
        }
    }
}

/// Waits for all workers, and goes on moving Events. False when the time is up, or on a second
/// signal.
async fn finish(
    service: &Service,
    all_done: &mut mpsc::Receiver<()>,
    within_ms: u64,
    mut signals: Option<&mut Signals>,
) -> bool {
    let end = Instant::now()
        .checked_add(ms(within_ms))
        .unwrap_or_else(Instant::now);
    loop {
        let again = async {
            match signals.as_mut() {
                Some(signals) => signals.any().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = all_done.recv() => return true,
            () = tokio::time::sleep_until(end) => return false,
            () = again => return false,
            () = tokio::time::sleep(ms(DRAIN_MS)) => service.drain(),
        }
    }
}

/// The last batch and the last counts; what nobody takes any more is dropped with the process.
async fn farewell(service: &Service) {
    let end = Instant::now()
        .checked_add(ms(FAREWELL_MS))
        .unwrap_or_else(Instant::now);
    service.drain();
    settle_delivery(service, end).await;
    service.report_counters();
    settle_delivery(service, end).await;
}

async fn settle_delivery(service: &Service, end: Instant) {
    loop {
        service.drain();
        if !service.delivery.borrow().is_pending() || Instant::now() >= end {
            return;
        }
        tokio::time::sleep(ms(2)).await;
    }
}
