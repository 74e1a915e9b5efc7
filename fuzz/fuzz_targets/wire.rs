//! Any bytes, any split: neither reader panics, stands still or gives another result than for the
//! same bytes as one piece. The first byte seeds the splits, the second the method.
#![no_main]

use bartizan_core::budget::Bounds;
use bartizan_core::wire::{
    Limits, RequestEvent, RequestReader, ResponseEvent, ResponseReader, WireFault,
};
use libfuzzer_sys::fuzz_target;

/// Everything that must not depend on splits: heads and bodies as text, and the fault.
#[derive(Debug, Default, PartialEq)]
struct Reading {
    bytes: Vec<u8>,
    fault: Option<WireFault>,
}

fuzz_target!(|input: &[u8]| {
    let [seed, method, bytes @ ..] = input else {
        return;
    };
    let method: &[u8] = if method & 1 == 0 { b"GET" } else { b"HEAD" };
    let pieces = split(bytes, *seed);
    assert_eq!(requests(&[bytes]), requests(&pieces));
    assert_eq!(response(&[bytes], method), response(&pieces, method));
});

fn split(bytes: &[u8], seed: u8) -> Vec<&[u8]> {
    let mut rest = bytes;
    let mut state = u32::from(seed);
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        let most = if seed & 1 == 0 { 3 } else { 40 };
        let size = (1 + (state >> 16) as usize % most).min(rest.len());
        let (piece, after) = rest.split_at(size);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn requests(pieces: &[&[u8]]) -> Reading {
    let mut reader = RequestReader::new(Limits::default());
    let mut reading = Reading::default();
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let (used, event) = reader.read(rest);
            let taken = rest;
            rest = &rest[used..];
            match event {
                RequestEvent::More => break,
                RequestEvent::Head(head) => head.write(&mut reading.bytes, head.framing()),
                RequestEvent::Data(range) => reading.bytes.extend_from_slice(&taken[range]),
                RequestEvent::End(trailers) => {
                    trailers
                        .fields()
                        .for_each(|(name, _)| reading.bytes.extend_from_slice(name));
                    reading.bytes.extend_from_slice(b"<end>");
                    assert!(reader.start_next());
                }
                RequestEvent::Fault(fault) => {
                    reading.fault = Some(fault);
                    return reading;
                }
            }
        }
        assert!(rest.is_empty(), "bytes were left without a fault");
    }
    reading.fault = reader.close().err();
    reading
}

fn response(pieces: &[&[u8]], method: &[u8]) -> Reading {
    let mut reader = ResponseReader::new(Limits::of_responses(&Bounds::default()));
    assert!(reader.expect(method));
    let mut reading = Reading::default();
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let (used, event) = reader.read(rest);
            let taken = rest;
            rest = &rest[used..];
            match event {
                ResponseEvent::More => break,
                ResponseEvent::Interim(head) | ResponseEvent::Head(head) => {
                    head.write(&mut reading.bytes, head.framing());
                }
                ResponseEvent::Data(range) => reading.bytes.extend_from_slice(&taken[range]),
                ResponseEvent::End(_) => reading.bytes.extend_from_slice(b"<end>"),
                ResponseEvent::Fault(fault) => {
                    reading.fault = Some(fault);
                    return reading;
                }
            }
        }
    }
    match reader.close() {
        ResponseEvent::End(_) => reading.bytes.extend_from_slice(b"<end>"),
        ResponseEvent::Fault(fault) => reading.fault = Some(fault),
        _ => {}
    }
    reading
}
