//! All data-plane IO of Bartizan: listeners, workers, upstream connections, key refresh and the
//! control link. It decides nothing: every verdict comes from `bartizan-core`.

mod buffer;
mod clock;
mod counters;
mod deadline;
mod error;
mod frame;
mod listen;
mod options;
mod os;
mod ring;
mod upstream;

pub use error::Error;
