//! The control process: joins the socket, loads, takes reports.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};

use super::{PATIENCE, until};

/// Kinds of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    Loaded = 10,
    Refused = 11,
    Events = 12,
    Listening = 13,
    Keys = 14,
    Counters = 15,
}

pub struct Control {
    stream: UnixStream,
    /// Every Event so far.
    pub events: Vec<Value>,
    /// How many Events were handed on, those included that came as a number alone.
    pub told: usize,
    /// The last counts.
    pub counters: Value,
}

impl Control {
    /// Joins the gateway of this state directory, as soon as it is there.
    pub fn join(state: &Path) -> Control {
        let path = state.join("gateway.sock");
        let stream = until(|| UnixStream::connect(&path).ok());
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut control = Control {
            stream,
            events: Vec::new(),
            told: 0,
            counters: Value::Null,
        };
        control.send(5, &[1]);
        control
    }

    /// Sends a load.
    pub fn load(&mut self, options: &Value, form: &Value) {
        let payload = json!({ "options": options, "form": form, "secrets": {} });
        self.send(1, payload.to_string().as_bytes());
    }

    /// Sends a stop; a gateway that is gone already is fine.
    pub fn stop(&mut self) {
        let _ = self.stream.write_all(&[0, 0, 0, 1, 2]);
    }

    /// Sends any frame.
    pub fn send(&mut self, kind: u8, payload: &[u8]) {
        let length = u32::try_from(payload.len() + 1).unwrap();
        self.stream.write_all(&length.to_be_bytes()).unwrap();
        self.stream.write_all(&[kind]).unwrap();
        self.stream.write_all(payload).unwrap();
    }

    /// The next report of this kind; Events and counts on the way are kept.
    pub fn expect(&mut self, wanted: Frame) -> Value {
        loop {
            let (kind, payload) = self.read().expect("the gateway left");
            if kind == wanted as u8 {
                return payload;
            }
        }
    }

    /// Waits for `count` Events in all.
    pub fn events(&mut self, count: usize) -> Vec<Value> {
        while self.events.len() < count {
            self.read().expect("the gateway left");
        }
        self.events.clone()
    }

    /// Reads one report; `None` at the end.
    pub fn read(&mut self) -> Option<(u8, Value)> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).ok()?;
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut frame).unwrap();
        let (kind, payload) = (frame[0], &frame[1..]);
        if kind == Frame::Events as u8 {
            self.take_events(payload);
            return Some((kind, Value::Null));
        }
        let payload: Value = serde_json::from_slice(payload).unwrap();
        if kind == Frame::Counters as u8 {
            self.counters = payload.clone();
        }
        Some((kind, payload))
    }

    fn take_events(&mut self, payload: &[u8]) {
        let number =
            |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap()) as usize;
        let text = std::str::from_utf8(&payload[8..]).unwrap();
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        // Clean ones that nobody reads along come as a number.
        assert!(lines.len() <= number(0));
        self.told += number(0);
        assert!(number(4) <= lines.len());
        self.events.extend(lines);
    }
}
