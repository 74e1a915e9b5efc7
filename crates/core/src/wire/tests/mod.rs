//! Dialogues with both readers.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "an overflow in a test is a failed test"
)]

mod limits;
mod requests;
mod responses;
mod splits;

use super::*;

/// What a reader made of one connection: whole messages as text, then the fault, if any.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) messages: Vec<String>,
    pub(super) fault: Option<WireFault>,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Feeds `bytes` in pieces of the given sizes (the last size repeats), then closes.
pub(super) fn read_requests(bytes: &[u8], pieces: &[usize], limits: Limits) -> Reading {
    let mut reader = RequestReader::new(limits);
    let mut reading = Reading::default();
    let mut open = String::new();
    for piece in cut(bytes, pieces) {
        let mut rest = piece;
        loop {
            let (used, event) = reader.read(rest);
            let taken = rest;
            rest = &rest[used..];
            match event {
                RequestEvent::More if rest.is_empty() => break,
                RequestEvent::More => assert!(used > 0, "no progress"),
                RequestEvent::Head(head) => {
                    let mut out = Vec::new();
                    head.write(&mut out, head.framing());
                    open = format!("{}{:?} ", text(&out), (head.version(), head.keep_alive()));
                }
                RequestEvent::Data(range) => open.push_str(&text(&taken[range])),
                RequestEvent::End(trailers) => {
                    trailers.fields().for_each(|(name, value)| {
                        open.push_str(&format!("|{}={}", text(name), text(value)));
                    });
                    reading.messages.push(std::mem::take(&mut open));
                    assert!(reader.start_next());
                }
                RequestEvent::Fault(fault) => {
                    reading.fault = Some(fault);
                    return reading;
                }
            }
        }
    }
    reading.fault = reader.close().err();
    reading
}

/// As `read_requests`, for the answer to one request with `method`.
pub(super) fn read_response(bytes: &[u8], method: &str, pieces: &[usize]) -> (Reading, bool) {
    let mut reader = ResponseReader::new(Limits::of_responses(&crate::budget::Bounds::default()));
    assert!(reader.expect(method.as_bytes()));
    let mut reading = Reading::default();
    let mut open = String::new();
    let mut left = 0;
    let mut pieces = cut(bytes, pieces);
    pieces.push(b"");
    for piece in pieces {
        let mut rest = piece;
        loop {
            let (used, event) = reader.read(rest);
            let taken = rest;
            rest = &rest[used..];
            match event {
                ResponseEvent::More => break,
                ResponseEvent::Interim(head) => open.push_str(&format!("({})", head.status())),
                ResponseEvent::Head(head) => {
                    open.push_str(&format!("{} {} ", head.status(), text(head.reason())));
                }
                ResponseEvent::Data(range) => open.push_str(&text(&taken[range])),
                ResponseEvent::End(_) => reading.messages.push(std::mem::take(&mut open)),
                ResponseEvent::Fault(fault) => {
                    reading.fault = Some(fault);
                    return (reading, false);
                }
            }
        }
        left += rest.len();
    }
    match reader.close() {
        ResponseEvent::End(_) => reading.messages.push(open),
        ResponseEvent::Fault(fault) => reading.fault = Some(fault),
        _ => {}
    }
    (reading, reader.is_reusable(left))
}

fn cut<'b>(bytes: &'b [u8], pieces: &[usize]) -> Vec<&'b [u8]> {
    let mut rest = bytes;
    let mut cut = Vec::new();
    let mut sizes = pieces.iter().chain(pieces.last().into_iter().cycle());
    while !rest.is_empty() {
        let size = sizes
            .next()
            .map_or(rest.len(), |size| (*size).clamp(1, rest.len()));
        let (piece, after) = rest.split_at_checked(size).unwrap();
        cut.push(piece);
        rest = after;
    }
    cut
}

pub(super) fn request_fault(bytes: &[u8]) -> Option<crate::codes::Code> {
    read_requests(bytes, &[], Limits::default())
        .fault
        .map(|fault| fault.code)
}
