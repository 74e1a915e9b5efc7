//! A gateway on loopback with a scripted upstream, a raw client and a control process, each in a
//! few lines. Every wait is bounded.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "tests fail by panicking; not every test file uses every helper"
)]

pub mod client;
pub mod control;
pub mod form;
pub mod upstream;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use client::Client;
use control::{Control, Frame};
pub use form::form;
use serde_json::{Value, json};

/// Longest wait for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running gateway with its control process.
pub struct Gate {
    pub state: PathBuf,
    pub options: Value,
    pub address: String,
    pub admin: String,
    pub control: Option<Control>,
    thread: Option<JoinHandle<Result<(), bartizan_edge::Error>>>,
}

impl Gate {
    /// Starts a gateway before `upstream` with the default options.
    pub fn new(upstream: &str) -> Gate {
        Gate::with(upstream, json!({}))
    }

    /// Starts a gateway with these options on top of the defaults.
    pub fn with(upstream: &str, more: Value) -> Gate {
        let mut options = json!({ "upstream": format!("http://{upstream}") });
        for (name, value) in more.as_object().unwrap() {
            options[name] = value.clone();
        }
        let mut gate = Gate::boot(options);
        let mut control = Control::join(&gate.state);
        control.load(&gate.options, &form("first"));
        control.expect(Frame::Loaded);
        let listening = control.expect(Frame::Listening);
        gate.address = listening["address"].as_str().unwrap().to_owned();
        gate.admin = listening["admin"].as_str().unwrap().to_owned();
        gate.control = Some(control);
        gate
    }

    /// Starts the process without any load.
    pub fn boot(options: Value) -> Gate {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("bartizan-edge-{}-{count}", std::process::id());
        let state = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&state).unwrap();
        let boot = json!({ "state": state }).to_string();
        let thread = std::thread::spawn(move || bartizan_edge::run(boot.as_bytes()));
        let (address, admin) = (String::new(), String::new());
        Gate {
            state,
            options,
            address,
            admin,
            control: None,
            thread: Some(thread),
        }
    }

    /// A new client connection.
    pub fn client(&self) -> Client {
        Client::connect(&self.address)
    }

    /// The control process.
    pub fn control(&mut self) -> &mut Control {
        self.control.as_mut().unwrap()
    }

    /// Waits for `count` Events in all.
    pub fn events(&mut self, count: usize) -> Vec<Value> {
        self.control().events(count)
    }

    /// A page of the admin listener: (status line, body).
    pub fn page(&self, target: &str) -> (u16, String) {
        let mut client = Client::connect(&self.admin);
        client.send(&format!("GET {target} HTTP/1.1\r\nhost: admin\r\n\r\n"));
        let response = client.response();
        (response.status, response.text())
    }

    /// Winds down over the control link and gives what `run` gave.
    pub fn stop(mut self) -> Result<(), bartizan_edge::Error> {
        self.control().stop();
        self.wait()
    }

    /// Waits for the end of the process.
    pub fn wait(&mut self) -> Result<(), bartizan_edge::Error> {
        let thread = self.thread.take().unwrap();
        until(|| thread.is_finished().then_some(()));
        let _ = std::fs::remove_dir_all(&self.state);
        thread.join().unwrap()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if let Some(control) = self.control.as_mut().filter(|_| self.thread.is_some()) {
            control.stop();
        }
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

/// Waits until `found` gives something.
pub fn until<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE * 2;
    loop {
        if let Some(value) = found() {
            return value;
        }
        assert!(Instant::now() < end, "nothing came in time");
        std::thread::sleep(Duration::from_millis(2));
    }
}
