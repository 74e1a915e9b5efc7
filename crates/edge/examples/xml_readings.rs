//! Our reading of XML. One JSON line in for each body, one out: `{"bytes"}` (text of code points 0
//! to 255) to `{"root", "fault"}`; an element is `[namespace, name, attributes, text, elements]`.
//! `tests/oracle/test_xml_oracle.py` compares.
#![expect(
    clippy::unwrap_used,
    reason = "a tool of the tests: a broken line must stop it"
)]

use std::io::{BufRead, Write};

use bartizan_core::budget::{Bounds, Budget};
use bartizan_core::parse::xml::{Element, XmlRules, read_xml};
use serde_json::{Value, json};

fn main() {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let body: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let bytes: Vec<u8> = body
            .get("bytes")
            .and_then(Value::as_str)
            .unwrap()
            .chars()
            .map(|letter| u8::try_from(u32::from(letter)).unwrap())
            .collect();
        writeln!(out, "{}", reading(&bytes)).unwrap();
    }
}

fn reading(bytes: &[u8]) -> Value {
    let bounds = Bounds::default();
    match read_xml(bytes, XmlRules::STRICT, &bounds, &mut Budget::new(&bounds)) {
        Ok(xml) => json!({"root": said(xml.root()), "fault": null}),
        Err(fault) => json!({"root": null, "fault": fault.code.name()}),
    }
}

fn said(element: Element<'_, '_>) -> Value {
    let attributes: Vec<Value> = element
        .attributes()
        .map(|one| json!([one.namespace.unwrap_or(""), one.name, one.value]))
        .collect();
    let inner: Vec<Value> = element.elements().map(said).collect();
    json!([
        element.namespace().unwrap_or(""),
        element.name(),
        attributes,
        element.text(),
        inner
    ])
}
