//! The pure heart of Bartizan: bytes, time and look-ups come in as arguments; Decisions, bytes to
//! send and Events go out. No socket, clock, file, environment, randomness, Python or panic.
#![forbid(unsafe_code)]

pub mod answer;
pub mod authorize;
pub mod budget;
pub mod codes;
pub mod cors;
pub mod csrf;
pub mod decision;
pub mod event;
pub mod exchange;
pub mod identify;
pub mod inspect;
pub mod json_out;
pub mod limit;
pub mod live;
pub mod mask;
pub mod normalize;
pub mod operation;
pub mod parse;
pub mod peer;
pub mod policy;
pub mod proof;
pub mod replay;
pub mod secret;
pub mod shape;
pub mod stamp;
pub mod time;
pub mod wire;
