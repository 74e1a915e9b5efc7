//! Any body: the parts lie in order inside it, none holds the boundary, and what they say, written
//! down plainly, is read as the same parts; parts with names are also parts without.
#![no_main]

use bartizan_core::budget::{Bounds, Budget};
use bartizan_core::parse::multipart::read_multipart;
use bartizan_core::parse::part::{Naming, Part};
use libfuzzer_sys::fuzz_target;

const BOUNDARY: &str = "XX";

fuzz_target!(|input: &[u8]| {
    let Ok(free) = read(input, Naming::Free) else {
        assert!(read(input, Naming::Named).is_err());
        return;
    };
    let Ok(parts) = read(input, Naming::Named) else {
        return;
    };
    let places = |parts: &[Part]| parts.iter().map(|p| (p.start, p.end)).collect::<Vec<_>>();
    assert_eq!(places(&free), places(&parts));
    let bounds = Bounds::default();
    assert!(parts.len() <= bounds.parts_max as usize);
    let mut after = 0;
    for part in &parts {
        assert!(after < part.start && part.start <= part.end && part.end < input.len());
        after = part.end;
        let content = part.content(input);
        assert!(!content.windows(6).any(|window| window == b"\r\n--XX"));
    }
    let plain = written(&parts, input);
    let again = read(&plain, Naming::Named).expect("our own writing");
    assert!(
        again
            .iter()
            .map(|part| said(part, &plain))
            .eq(parts.iter().map(|part| said(part, input)))
    );
});

fn read(body: &[u8], naming: Naming) -> Result<Vec<Part>, ()> {
    let bounds = Bounds::default();
    read_multipart(body, BOUNDARY, naming, &bounds, &mut Budget::new(&bounds)).map_err(drop)
}

fn said<'p>(part: &'p Part, body: &'p [u8]) -> (&'p str, Option<&'p str>, &'p [u8]) {
    (&part.name, part.filename.as_deref(), part.content(body))
}

fn written(parts: &[Part], body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        let file = part.filename.as_ref();
        let file = file.map_or_else(String::new, |name| format!("; filename=\"{name}\""));
        let head = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{}\"{file}\r\n\r\n",
            part.name
        );
        out.extend_from_slice(head.as_bytes());
        out.extend_from_slice(part.content(body));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    out
}
