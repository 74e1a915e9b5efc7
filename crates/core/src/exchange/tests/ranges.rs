use super::*;

/// A policy with JSON at `/users/7` and a download at `/file`.
fn library() -> Value {
    let source = json!({"document": 1, "pointer": "/200"});
    let mut file = operation("GET", "/file");
    let content = |kind: &str| json!({kind: {"schema": null, "encoding": {}, "source": source}});
    file["responses"] = json!({
        "200": {"headers": [], "source": source, "content": content("application/pdf")},
        "default": {"headers": [], "source": source, "content": content("application/json")},
    });
    let mut form = shop();
    form["shape"]["breach"] = json!("refuse");
    form["operations"].as_array_mut().unwrap().push(file);
    form
}

fn asked(form: &Value, target: &str, fields: &[(&str, &str)]) -> (Play, RequestHead) {
    let mut play = Play::new(form);
    let Step::Forward(forward) = play.head("GET", target, fields, 0) else {
        panic!()
    };
    (play, forward.into_parts().0)
}

fn answered(play: &mut Play, status: u16, kind: &str) -> Reply {
    let fields = [(&b"content-type"[..], kind.as_bytes()), (b"etag", b"\"1\"")];
    let head = ResponseHead::from_parts(status, fields, Framing::Length(4)).unwrap();
    play.exchange.reply_head(head, NOW)
}

const RANGE: [(&str, &str); 2] = [("range", "bytes=0-3"), ("if-range", "\"1\"")];

#[test]
fn a_part_of_a_download_is_asked_for_and_passes_as_it_comes() {
    for kind in ["application/pdf", "multipart/byteranges; boundary=x"] {
        let (mut play, head) = asked(&library(), "/file", &RANGE);
        assert_eq!(head.value("range"), Some(&b"bytes=0-3"[..]));
        assert_eq!(head.value("if-range"), Some(&b"\"1\""[..]));
        let Reply::Head(head) = answered(&mut play, 206, kind) else {
            panic!("{kind}")
        };
        assert_eq!(head.value("etag"), Some(&b"\"1\""[..]));
        assert!(matches!(play.exchange.reply_chunk(b"%PDF"), Reply::Pass));
        assert!(play.close().findings.is_empty());
    }
}

#[test]
fn what_http_itself_answers_to_conditions_needs_no_declaration() {
    for status in [304, 412, 416] {
        let mut form = library();
        form["operations"][3]["responses"]
            .as_object_mut()
            .unwrap()
            .remove("default");
        let (mut play, _) = asked(&form, "/file", &RANGE);
        assert!(
            !matches!(answered(&mut play, status, "text/plain"), Reply::Replace(_)),
            "{status}"
        );
        let (mut play, _) = asked(&form, "/file", &RANGE);
        assert!(matches!(
            answered(&mut play, 409, "text/plain"),
            Reply::Replace(_)
        ));
    }
}

#[test]
fn json_that_is_looked_at_is_asked_for_as_a_whole() {
    let (_, head) = asked(&library(), "/users/7", &RANGE);
    assert_eq!((head.value("range"), head.value("if-range")), (None, None));
    let mut form = library();
    form["controls"]["shape"] = json!("shadow");
    let (_, head) = asked(&form, "/users/7", &RANGE);
    assert!(head.value("range").is_some(), "shadow changes nothing");
}

#[test]
fn a_part_of_json_that_came_all_the_same_is_not_let_out_unseen() {
    let (mut play, _) = asked(&library(), "/users/7", &[]);
    assert!(matches!(
        answered(&mut play, 206, "application/json"),
        Reply::Replace(_)
    ));
    assert_eq!(
        play.close().findings[0].code.name(),
        "shape.body-unreadable"
    );
    let mut form = library();
    form["shape"]["fields"] = json!("pass");
    let (mut play, _) = asked(&form, "/users/7", &[]);
    assert!(matches!(
        answered(&mut play, 206, "application/json"),
        Reply::Head(_)
    ));
}
