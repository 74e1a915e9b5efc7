use super::*;
use crate::decision::Standing;

/// A policy whose one Operation streams users. `slot`: where the schema stands.
fn streaming(kind: &str, slot: &str) -> Value {
    let source = json!({"document": 1, "pointer": "/200"});
    let mut read = operation("GET", "/users");
    read["responses"] = json!({"200": {"headers": [], "source": source, "content": {
        kind: {"schema": null, slot: "1#/User", "encoding": {}, "source": source}}}});
    let mut form = shop();
    form["operations"] = json!([read]);
    form
}

/// What goes out for a stream that comes in these pieces; `None`: it is broken off.
fn streamed(play: &mut Play, kind: &str, pieces: &[&str]) -> Option<Vec<String>> {
    forwarded(play.head("GET", "/users", &[], 0));
    let fields = [(&b"content-type"[..], kind.as_bytes())];
    let head = ResponseHead::from_parts(200, fields, Framing::Chunked).unwrap();
    let (Reply::Stream(_) | Reply::Head(_)) = play.exchange.reply_head(head, NOW) else {
        return None;
    };
    let mut out = Vec::new();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    for piece in pieces {
        match play.exchange.reply_chunk(piece.as_bytes()) {
            Reply::Send(bytes) => out.push(text(bytes)),
            Reply::Pass => out.push((*piece).to_owned()),
            _ => return None,
        }
    }
    match play.exchange.reply_end() {
        Reply::Finish(bytes) => out.push(text(bytes)),
        Reply::Done => {}
        _ => return None,
    }
    Some(out)
}

const LINES: &str = "application/x-ndjson";
const EVENTS: &str = "text/event-stream";

#[test]
fn each_event_goes_out_as_soon_as_it_is_whole_without_what_is_undeclared() {
    let mut play = Play::new(&streaming(EVENTS, "data"));
    let pieces = [
        "data: {\"name\":\"a\"}\n",
        "\ndata: {\"name\":\"b\",\"hash\":1}\n\n: hi",
        "\n\n",
    ];
    let out = streamed(&mut play, EVENTS, &pieces).unwrap();
    let wanted = [
        "",
        "data: {\"name\":\"a\"}\n\ndata: {\"name\":\"b\"}\n\n",
        ": hi\n\n",
        "",
    ];
    assert_eq!(out, wanted);
    let event = play.close();
    assert_eq!(event.findings[0].place.pointer, "/1/data/hash");
}

#[test]
fn the_last_line_needs_no_end_and_an_item_that_cannot_be_read_is_left_out() {
    let mut play = Play::new(&streaming(LINES, "item"));
    let pieces = ["{\"name\":\"a\"}\n{no\n{\"name\":", "\"b\"}"];
    let out = streamed(&mut play, LINES, &pieces).unwrap();
    assert_eq!(out, ["{\"name\":\"a\"}\n", "", "{\"name\":\"b\"}"]);
    assert_eq!(
        play.close().findings[0].code.name(),
        "shape.body-unreadable"
    );
}

#[test]
fn a_breach_is_recorded_or_leaves_the_item_out_as_set() {
    let bad = ["{\"name\":7}\n", "{\"name\":\"b\"}\n"];
    let mut play = Play::new(&streaming(LINES, "item"));
    assert_eq!(streamed(&mut play, LINES, &bad).unwrap()[..2], bad);
    assert_eq!(play.close().findings[0].code.name(), "shape.body-schema");
    let mut form = streaming(LINES, "item");
    form["shape"]["breach"] = json!("refuse");
    let mut play = Play::new(&form);
    assert_eq!(streamed(&mut play, LINES, &bad).unwrap()[..2], ["", bad[1]]);
}

#[test]
fn in_shadow_a_stream_goes_on_as_it_came_and_is_looked_at() {
    let mut form = streaming(LINES, "item");
    form["controls"]["shape"] = json!("shadow");
    let mut play = Play::new(&form);
    let pieces = ["{\"name\":\"a\",\"hash\":1}\n{no\n"];
    assert_eq!(streamed(&mut play, LINES, &pieces).unwrap(), pieces);
    let event = play.close();
    assert_eq!(event.findings.len(), 2);
    assert!(
        event
            .findings
            .iter()
            .all(|found| found.standing == Standing::Shadow)
    );
}

#[test]
fn findings_of_an_endless_stream_are_bounded() {
    let mut play = Play::new(&streaming(LINES, "item"));
    let line = "{\"name\":\"a\",\"hash\":1}\n";
    let out = streamed(&mut play, LINES, &vec![line; 200]).unwrap();
    assert!(out[..200].iter().all(|item| item == "{\"name\":\"a\"}\n"));
    assert_eq!(play.close().findings.len(), 32);
}

#[test]
fn an_item_beyond_its_bound_ends_the_stream() {
    let mut form = streaming(LINES, "item");
    form["bounds"]["item_max_bytes"] = json!(20);
    let mut play = Play::new(&form);
    assert_eq!(
        streamed(&mut play, LINES, &["{\"name\":\"a\"}\n", &"x".repeat(21)]),
        None
    );
    assert_eq!(play.close().findings[0].code.name(), "shape.too-large");
    let mut play = Play::new(&form);
    assert!(
        streamed(
            &mut play,
            LINES,
            &["{\"name\":\"a\"}\n", "{\"name\":\"b\"}\n"]
        )
        .is_some()
    );
}

#[test]
fn a_stream_that_is_looked_at_is_asked_for_without_coding() {
    let mut play = Play::new(&streaming(EVENTS, "data"));
    let asked = [
        ("accept-encoding", "gzip"),
        ("range", "bytes=0-9"),
        ("accept", "*/*"),
    ];
    let Step::Forward(forward) = play.head("GET", "/users", &asked, 0) else {
        panic!()
    };
    let head = forward.into_parts().0;
    assert_eq!(head.value("accept-encoding"), None);
    assert_eq!(head.value("accept"), Some(&b"*/*"[..]));
    let fields = [
        (&b"content-type"[..], EVENTS.as_bytes()),
        (b"content-encoding", b"gzip"),
    ];
    let head = ResponseHead::from_parts(200, fields, Framing::Chunked).unwrap();
    let Reply::Replace(answer) = play.exchange.reply_head(head, NOW) else {
        panic!()
    };
    assert_eq!(answer.status, 502);
}
