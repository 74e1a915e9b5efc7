//! What the strict parser takes, serde_json takes too and reads as the same value; each node of the
//! tape is found again by its pointer, inside the node that holds it.
#![no_main]

use bartizan_core::budget::{Bounds, Budget};
use bartizan_core::parse::json::{JsonRules, Kind, NodeId, Tape, parse_json};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|input: &[u8]| {
    let bounds = Bounds::default();
    let parsed = parse_json(
        input,
        &JsonRules::STRICT,
        &bounds,
        &mut Budget::new(&bounds),
    );
    match parsed {
        Ok(tape) => {
            let theirs: Value = serde_json::from_slice(input).expect("serde_json refuses it");
            assert_same(&tape.value(tape.root()), &theirs);
            assert_found_again(&tape, tape.root());
        }
        Err(fault) => assert!(fault.span.0 <= fault.span.1, "{fault:?}"),
    }
});

/// serde_json rounds some decimals to a neighbour; two readings of a number lie one step apart.
fn assert_same(ours: &Value, theirs: &Value) {
    match (ours, theirs) {
        (Value::Array(ours), Value::Array(theirs)) => {
            assert_eq!(ours.len(), theirs.len());
            ours.iter()
                .zip(theirs)
                .for_each(|(ours, theirs)| assert_same(ours, theirs));
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            assert!(ours.keys().eq(theirs.keys()));
            ours.values()
                .zip(theirs.values())
                .for_each(|(ours, theirs)| assert_same(ours, theirs));
        }
        (Value::Number(ours), Value::Number(theirs)) => {
            let (ours, theirs) = (ours.as_f64().unwrap(), theirs.as_f64().unwrap());
            let step = (ours.to_bits() as i64).wrapping_sub(theirs.to_bits() as i64);
            assert!(
                ours == theirs || step.abs() <= 1,
                "{ours:e} is not {theirs:e}"
            );
        }
        _ => assert_eq!(ours, theirs),
    }
}

fn assert_found_again(tape: &Tape, node: NodeId) {
    assert_eq!(tape.resolve(&tape.pointer(node)), Some(node));
    let children: Vec<NodeId> = match tape.kind(node) {
        Kind::Array => tape.elements(node).collect(),
        Kind::Object => tape.members(node).map(|(_, value)| value).collect(),
        _ => return,
    };
    assert_eq!(tape.count(node), children.len());
    let (start, end) = tape.span(node);
    for child in children.into_iter().take(64) {
        let (first, last) = tape.span(child);
        assert!(start < first && last < end);
        assert_found_again(tape, child);
    }
}
