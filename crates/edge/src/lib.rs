//! All data-plane IO of Bartizan: listeners, workers, upstream connections, key refresh and the
//! control link. It decides nothing: every verdict comes from `bartizan-core`.

mod admin;
mod answer_out;
mod buffer;
mod caps;
mod clock;
mod connection;
mod counters;
mod deadline;
mod delivery;
mod error;
mod frame;
mod gateway;
mod generation;
mod ids;
mod journal;
mod keys;
mod listen;
mod load;
mod metrics;
mod open;
mod options;
mod os;
mod pace;
mod relay;
mod repeats;
mod ring;
mod service;
mod socket;
#[cfg(test)]
mod testing;
mod upload;
mod upstream;
mod window;
mod worker;

pub use error::Error;
pub use keys::{KeyState, Refresher};

/// Runs the gateway process until it is wound down by `stop`, SIGTERM or SIGINT.
///
/// `options_json`: `{"state": "<directory>"}`, and `"socket"` where the control socket is not
/// `<state>/gateway.sock`. Everything else comes over that socket. Blocks the calling thread, which
/// becomes the service thread; the interpreter lock, if any, must be released first.
///
/// # Errors
/// `Error`: one line for the operator, with its exit code.
pub fn run(options_json: &[u8]) -> Result<(), Error> {
    let boot = options::Boot::decode(options_json)?;
    quiet_panics();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())
        .map_err(Error::Start)?;
    runtime.block_on(gateway::run(&boot.socket_path()))
}

/// Every panic is caught and becomes a deny. Its message could hold parts of a request, so only
/// the place is told.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            eprintln!(
                "bartizan: internal fault at {}:{}",
                place.file(),
                place.line()
            );
        }
    }));
}
