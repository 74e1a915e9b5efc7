//! Our reading of forms and multipart bodies. One JSON line in for each body, one out:
//! `{"boundary": null | "XX", "is_named", "bytes"}` (no boundary = a form; `is_named`: parts have
//! names) to `{"entries", "fault"}`; bytes travel as text of code points 0 to 255. `tests/oracle/test_body_oracle.py` compares.
#![expect(
    clippy::unwrap_used,
    reason = "a tool of the tests: a broken line must stop it"
)]

use std::io::{BufRead, Write};

use bartizan_core::budget::{Bounds, Budget};
use bartizan_core::parse::CodeSet;
use bartizan_core::parse::form::read_form;
use bartizan_core::parse::multipart::read_multipart;
use bartizan_core::parse::part::Naming;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Body {
    boundary: Option<String>,
    is_named: bool,
    bytes: String,
}

#[derive(Serialize)]
struct Reading {
    /// Name, file name, content.
    entries: Vec<(String, Option<String>, String)>,
    fault: Option<&'static str>,
}

fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let body: Body = serde_json::from_str(&line.unwrap()).unwrap();
        let bytes = latin1(&body.bytes);
        let reading = match &body.boundary {
            None => form(&bytes),
            Some(boundary) if body.is_named => multipart(&bytes, boundary, Naming::Named),
            Some(boundary) => multipart(&bytes, boundary, Naming::Free),
        };
        writeln!(out, "{}", serde_json::to_string(&reading).unwrap()).unwrap();
    }
}

fn form(bytes: &[u8]) -> Reading {
    let bounds = Bounds::default();
    let (form, faults) = read_form(bytes, &CodeSet::new(), &bounds, &mut Budget::new(&bounds));
    let text = |value: &str| text(value.as_bytes());
    Reading {
        entries: form
            .pairs()
            .map(|pair| (text(pair.name), None, text(pair.value)))
            .collect(),
        fault: faults.first().map(|reason| reason.code.name()),
    }
}

fn multipart(bytes: &[u8], boundary: &str, naming: Naming) -> Reading {
    let bounds = Bounds::default();
    let mut budget = Budget::new(&bounds);
    match read_multipart(bytes, boundary, naming, &bounds, &mut budget) {
        Ok(parts) => Reading {
            entries: parts
                .iter()
                .map(|part| {
                    let file = part.filename.as_ref().map(|name| text(name.as_bytes()));
                    (text(part.name.as_bytes()), file, text(part.content(bytes)))
                })
                .collect(),
            fault: None,
        },
        Err(fault) => Reading {
            entries: Vec::new(),
            fault: Some(fault.code.name()),
        },
    }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect()
}

fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
