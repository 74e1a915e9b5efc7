//! Any target and fields: the canonical view is a fixed point, and a view without a fault is read
//! the same way by whoever gets it next. The first line is the target, the others are fields.
#![no_main]

use bartizan_core::budget::{Bounds, Budget};
use bartizan_core::parse::{ParseRules, Parts, Request, parse_parts};
use libfuzzer_sys::fuzz_target;

type Field<'f> = (&'f [u8], &'f [u8]);

fuzz_target!(|input: &[u8]| {
    let mut lines = input.split(|byte| *byte == b'\n');
    let target = lines.next().unwrap_or_default();
    let fields: Vec<Field<'_>> = lines.filter_map(field).take(100).collect();
    let request = parse(target, &fields);
    assert!(request.path().starts_with('/'));
    assert!(request.target().is_ascii());
    assert_spans(&request, target);

    let again = parse(request.target().as_bytes(), &fields);
    assert_eq!(again.target(), request.target(), "not a fixed point");
    assert!(again.target_is_canonical());
    assert!(decoded(&again) == decoded(&request), "two readings");
    if request.faults.is_empty() {
        assert_eq!(again.faults, []);
        assert!(again.pairs().map(named).eq(request.pairs().map(named)));
    }
});

fn parse(target: &[u8], fields: &[Field<'_>]) -> Request {
    let bounds = Bounds::default();
    let parts = Parts {
        method: b"GET",
        target,
        fields: fields.iter().copied(),
    };
    let mut budget = Budget::new(&bounds);
    parse_parts(parts, &ParseRules::default(), &bounds, &mut budget)
}

fn field(line: &[u8]) -> Option<Field<'_>> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    Some((&line[..colon], &line[colon + 1..]))
}

fn decoded(request: &Request) -> Vec<&str> {
    request.segments().map(|segment| segment.decoded).collect()
}

fn named<'r>(pair: bartizan_core::parse::request::Pair<'r>) -> (&'r str, &'r str, bool) {
    (pair.name, pair.value, pair.has_value)
}

/// Each fault of the target points into it.
fn assert_spans(request: &Request, target: &[u8]) {
    for fault in &request.faults {
        let Some((start, end)) = fault.span else {
            continue;
        };
        assert!(start <= end, "{fault:?}");
        if fault.place.location == bartizan_core::decision::Location::Target {
            assert!(end as usize <= target.len().max(1), "{fault:?}");
        }
    }
}
