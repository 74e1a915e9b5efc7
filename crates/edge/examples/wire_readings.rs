//! Two readings of the same bytes: ours and hyper's. One JSON line in for each stream, one out:
//! `{"side": "request" | "response", "method", "bytes", "cuts"}` to
//! `{"ours": Reading, "hyper": Reading}`; bytes travel as text of code points 0 to 255. Everything
//! happens in memory. `tests/oracle/test_wire_oracle.py` compares, and adds h11's reading.
#![expect(
    clippy::unwrap_used,
    reason = "a tool of the tests: a broken line must stop it"
)]

use std::cell::RefCell;
use std::io::{BufRead, Write};
use std::rc::Rc;

use serde::{Deserialize, Serialize};

#[path = "wire_readings/hyper_reading.rs"]
mod hyper_reading;
#[path = "wire_readings/our_reading.rs"]
mod our_reading;

/// One stream of bytes and how it is cut.
#[derive(Deserialize)]
pub(crate) struct Stream {
    side: Side,
    /// The request that a response answers.
    method: String,
    bytes: String,
    /// Sizes of the pieces; the rest comes as one.
    cuts: Vec<usize>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Side {
    Request,
    Response,
}

/// One whole message.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Message {
    /// Method and target, or the status.
    start: Vec<String>,
    fields: Vec<(String, String)>,
    body: String,
    trailers: Vec<(String, String)>,
}

/// What one reader made of a stream.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Reading {
    /// The whole messages, in order.
    messages: Vec<Message>,
    /// Why the reading ended, if not well: our code, or the other reader's words.
    fault: Option<String>,
}

pub(crate) type Shared = Rc<RefCell<Reading>>;

#[derive(Serialize)]
struct Readings {
    ours: Reading,
    hyper: Reading,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let stream: Stream = serde_json::from_str(&line.unwrap()).unwrap();
        let readings = Readings {
            ours: our_reading::read(&stream),
            hyper: runtime.block_on(hyper_reading::read(&stream)),
        };
        serde_json::to_writer(&mut out, &readings).unwrap();
        out.write_all(b"\n").unwrap();
    }
}

/// The pieces of a stream.
pub(crate) fn pieces(stream: &Stream) -> Vec<Vec<u8>> {
    let bytes: Vec<u8> = stream
        .bytes
        .chars()
        .map(|char| u8::try_from(u32::from(char)).unwrap())
        .collect();
    let mut rest = bytes.as_slice();
    let mut pieces = Vec::new();
    for cut in &stream.cuts {
        if let Some((piece, after)) = rest.split_at_checked((*cut).max(1)) {
            pieces.push(piece.to_vec());
            rest = after;
        }
    }
    pieces.push(rest.to_vec());
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// Bytes as text of code points 0 to 255.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Field lines with names in lower case.
pub(crate) fn lines<'f>(
    fields: impl Iterator<Item = (&'f [u8], &'f [u8])>,
) -> Vec<(String, String)> {
    fields
        .map(|(name, value)| (text(name).to_ascii_lowercase(), text(value)))
        .collect()
}
