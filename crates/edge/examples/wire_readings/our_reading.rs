//! What our codec reads.

use bartizan_core::budget::Bounds;
use bartizan_core::wire::{
    Limits, RequestEvent, RequestReader, ResponseEvent, ResponseReader, WireFault,
};

use crate::{Message, Reading, Side, Stream, lines, pieces, text};

pub(crate) fn read(stream: &Stream) -> Reading {
    match stream.side {
        Side::Request => read_requests(stream),
        Side::Response => read_response(stream),
    }
}

fn faulted(mut reading: Reading, fault: WireFault) -> Reading {
    reading.fault = Some(fault.code.name().to_owned());
    reading
}

/// Reads on until the client or the bytes end, as a server does.
fn read_requests(stream: &Stream) -> Reading {
    let mut reader = RequestReader::new(Limits::default());
    let mut reading = Reading::default();
    let mut open = Message::default();
    let mut keep_alive = true;
    for piece in pieces(stream) {
        let mut rest = piece.as_slice();
        loop {
            let (used, event) = reader.read(rest);
            let taken = rest;
            rest = rest.get(used..).unwrap_or_default();
            match event {
                RequestEvent::More => break,
                RequestEvent::Head(head) => {
                    keep_alive = head.keep_alive();
                    open.start = vec![text(head.method()), text(head.target())];
                    open.fields = lines(head.fields());
                }
                RequestEvent::Data(range) => {
                    open.body.push_str(&text(taken.get(range).unwrap()));
                }
                RequestEvent::End(trailers) => {
                    open.trailers = lines(trailers.fields());
                    reading.messages.push(std::mem::take(&mut open));
                    if !keep_alive {
                        return reading;
                    }
                    reader.start_next();
                }
                RequestEvent::Fault(fault) => return faulted(reading, fault),
            }
        }
    }
    // A message without body ends without another byte.
    if let (_, RequestEvent::End(_)) = reader.read(b"") {
        reading.messages.push(open);
        return reading;
    }
    match reader.close() {
        Err(fault) => faulted(reading, fault),
        Ok(()) => reading,
    }
}

fn read_response(stream: &Stream) -> Reading {
    let mut reader = ResponseReader::new(Limits::of_responses(&Bounds::default()));
    reader.expect(stream.method.as_bytes());
    let mut reading = Reading::default();
    let mut open = Message::default();
    for piece in pieces(stream) {
        let mut rest = piece.as_slice();
        loop {
            let (used, event) = reader.read(rest);
            let taken = rest;
            rest = rest.get(used..).unwrap_or_default();
            match event {
                ResponseEvent::More => break,
                ResponseEvent::Interim(_) => {}
                ResponseEvent::Head(head) => {
                    open.start = vec![head.status().to_string()];
                    open.fields = lines(head.fields());
                }
                ResponseEvent::Data(range) => {
                    open.body.push_str(&text(taken.get(range).unwrap()));
                }
                ResponseEvent::End(trailers) => {
                    open.trailers = lines(trailers.fields());
                    reading.messages.push(open);
                    return reading;
                }
                ResponseEvent::Fault(fault) => return faulted(reading, fault),
            }
        }
    }
    match reader.close() {
        ResponseEvent::End(_) => reading.messages.push(open),
        ResponseEvent::Fault(fault) => return faulted(reading, fault),
        _ => {}
    }
    reading
}
