//! Each rule of the server side, beside the good traffic nearest to it.

use super::{read_requests, request_fault};
use crate::codes::Code::{self, *};
use crate::wire::{Limits, RequestEvent, RequestReader};

const REFUSED: &[(&str, Code)] = &[
    ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", WireBadRequestLine),
    ("GET / HTTP/1.1\nHost: a\r\n\r\n", WireBareLineFeed),
    ("GET / HTTP/1.1\r\nHost: a\n\r\n", WireBareLineFeed),
    ("GET / HTTP/1.1\r\nHost: a\r\n\n", WireBareLineFeed),
    ("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", WireBadField),
    (
        "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
        WireObsoleteFold,
    ),
    ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", WireObsoleteFold),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", WireBadField),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", WireBadField),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n\r\n",
        WireBadField,
    ),
    ("GET / HTTP/1.1\r\nHost: a\r\nX(y): a\r\n\r\n", WireBadField),
    ("GET / HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n", WireBadField),
    ("GET / HTTP/1.1\r\nHost: a\r\nnocolon\r\n\r\n", WireBadField),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        WireDuplicateHost,
    ),
    ("GET / HTTP/1.1\r\n\r\n", WireMissingHost),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", WireBadRequestLine),
    ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", WireBadRequestLine),
    ("GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", WireBadRequestLine),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", WireBadRequestLine),
    ("GET /\r\nHost: a\r\n\r\n", WireBadRequestLine),
    ("GET\r\nHost: a\r\n\r\n", WireBadRequestLine),
    ("GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", WireBadRequestLine),
    (
        "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n",
        WireBadRequestLine,
    ),
    ("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", WireBadMethod),
    ("\x16\x03\x01", WireBadMethod),
    ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", WireBadVersion),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", WireBadRequestLine),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", WireBadVersion),
    (
        "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n",
        WireMethodRefused,
    ),
    ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", WireMethodRefused),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n",
        WireUpgradeRefused,
    ),
    (
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
        WireUpgradeRefused,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n",
        WireBadExpectation,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
        WireBadLength,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nx",
        WireBadLength,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx",
        WireBadLength,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1 1\r\n\r\nx",
        WireBadLength,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
        WireBadLength,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nx",
        WireBadLength,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        WireDuplicateLength,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        WireLengthAndChunked,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        WireLengthAndChunked,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        WireBadTransferEncoding,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
        WireBadTransferEncoding,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
        WireBadTransferEncoding,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        WireBadTransferEncoding,
    ),
    (
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        WireTransferEncodingIn10,
    ),
    (
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab",
        WireTruncated,
    ),
    ("GET / HTTP/1.1\r\nHost: a\r\n", WireTruncated),
];

const PASSED: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /a?b=%20&c[]=1;2#x HTTP/1.1\r\nhost:a\r\n\r\n",
    "GET /{id}?ids=1|2&q=<x> HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "PURGE / HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: \t a\tb \u{e9} \t\r\nY:\r\nZ:  \r\nX: again\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX-Upgrade: h2c\r\nConnection: close\r\n\r\n",
];

#[test]
fn each_rule_refuses_with_its_code() {
    for (bytes, code) in REFUSED {
        assert_eq!(request_fault(bytes.as_bytes()), Some(*code), "{bytes:?}");
    }
}

#[test]
fn good_traffic_nearby_passes() {
    for bytes in PASSED {
        let reading = read_requests(bytes.as_bytes(), &[], Limits::default());
        assert_eq!(
            (reading.fault, reading.messages.len()),
            (None, 1),
            "{bytes:?}"
        );
    }
}

fn chunked(body: &str) -> Result<String, Code> {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let reading = read_requests(format!("{head}{body}").as_bytes(), &[], Limits::default());
    match reading.fault {
        Some(fault) => Err(fault.code),
        None => Ok(reading.messages[0].rsplit(") ").next().unwrap().to_owned()),
    }
}

#[test]
fn chunks_have_one_reading() {
    for body in [
        " 3\r\nabc\r\n0\r\n\r\n",
        "3 \r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "+3\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nabcxx0\r\n\r\n",
        "3\rxabc\r\n0\r\n\r\n",
        "00000000000000003\r\nabc\r\n0\r\n\r\n",
        "1\r\na\r\nffffffffffffffff\r\n",
        "3;\r\nabc\r\n0\r\n\r\n",
        "3; a\r\nabc\r\n0\r\n\r\n",
        "3;a=\r\nabc\r\n0\r\n\r\n",
        "3;a=\"b\r\nabc\r\n0\r\n\r\n",
        "3;a\rb\r\nabc\r\n0\r\n\r\n",
    ] {
        assert_eq!(chunked(body), Err(WireBadChunk), "{body:?}");
    }
    for body in [
        "3\nabc\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n",
        "3;a\nabc\r\n0\r\n\r\n",
    ] {
        assert_eq!(chunked(body), Err(WireBareLineFeed), "{body:?}");
    }
    assert_eq!(chunked("3\r\nabc\r\n"), Err(WireTruncated));
    assert_eq!(chunked("3\r\nabc\r\n0\r\n\r\n"), Ok("abc".into()));
    assert_eq!(
        chunked("003\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"),
        Ok("abc0123456789".into())
    );
}

#[test]
fn chunk_extensions_are_dropped_within_their_bound() {
    assert_eq!(
        chunked("3;a;b=c;d=\"e \\\" f\"\r\nabc\r\n0;z\r\n\r\n"),
        Ok("abc".into())
    );
    let extended = |len: usize| chunked(&format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(len)));
    assert_eq!(extended(254), Ok("a".into()));
    assert_eq!(extended(255), Ok("a".into()));
    assert_eq!(extended(256), Err(WireBadChunk));
    let many =
        |chunks: usize| chunked(&format!("{}0\r\n\r\n", "1;xxxxxxx\r\na\r\n".repeat(chunks)));
    assert_eq!(many(2_048), Ok("a".repeat(2_048)));
    assert_eq!(many(2_049), Err(WireBadChunk));
}

#[test]
fn trailers_are_checked_like_heads_and_cannot_frame() {
    assert_eq!(
        chunked("0\r\nDigest: x\r\nGrpc-Status: 0\r\n\r\n"),
        Ok("|Digest=x|Grpc-Status=0".into())
    );
    for name in [
        "Content-Length",
        "transfer-encoding",
        "Host",
        "Authorization",
        "Set-Cookie",
    ] {
        assert_eq!(
            chunked(&format!("0\r\n{name}: 1\r\n\r\n")),
            Err(WireBadTrailer)
        );
    }
    assert_eq!(chunked("0\r\nX: a\n\r\n"), Err(WireBareLineFeed));
    assert_eq!(chunked("0\r\n X: a\r\n\r\n"), Err(WireObsoleteFold));
    assert_eq!(chunked("0\r\nX: a\0\r\n\r\n"), Err(WireBadField));
}

#[test]
fn pipelined_requests_are_given_one_by_one() {
    let bytes = b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    let reading = read_requests(bytes, &[], Limits::default());
    assert_eq!((reading.fault, reading.messages.len()), (None, 2));
    let mut reader = RequestReader::new(Limits::default());
    let (used, _) = reader.read(bytes);
    assert!(!reader.start_next());
    let (data, _) = reader.read(&bytes[used..]);
    let rest = &bytes[used + data..];
    assert!(matches!(reader.read(rest), (0, RequestEvent::End(_))));
    assert!(matches!(reader.read(rest), (0, RequestEvent::More)));
    assert!(reader.start_next());
}

#[test]
fn keep_alive_follows_version_and_connection() {
    for (version, connection, keeps) in [
        ("1.1", "", true),
        ("1.1", "Connection: Close\r\n", false),
        ("1.1", "Connection: x, close , keep-alive\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: Keep-Alive\r\n", true),
        (
            "1.0",
            "Connection: keep-alive\r\nConnection: close\r\n",
            false,
        ),
    ] {
        let bytes = format!("GET / HTTP/{version}\r\nHost: a\r\n{connection}\r\n");
        let mut reader = RequestReader::new(Limits::default());
        match reader.read(bytes.as_bytes()) {
            (_, RequestEvent::Head(head)) => assert_eq!(head.keep_alive(), keeps, "{bytes:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_wait_for_100_needs_a_body_and_http_11() {
    for (version, length, waits) in [("1.1", "3", true), ("1.1", "0", false), ("1.0", "3", false)] {
        let bytes = format!(
            "PUT / HTTP/{version}\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        );
        match RequestReader::new(Limits::default()).read(bytes.as_bytes()) {
            (_, RequestEvent::Head(head)) => assert_eq!(head.expects_continue(), waits),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn memory_given_back_is_used_again() {
    let bytes = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut reader = RequestReader::new(Limits::default());
    let mut read = || match reader.read(bytes) {
        (_, RequestEvent::Head(head)) => {
            let at = head.target().as_ptr();
            reader.recycle(head.into_buffers());
            reader.read(b"");
            assert!(reader.start_next());
            at
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(read(), read());
}

#[test]
fn after_a_fault_nothing_is_read() {
    let mut reader = RequestReader::new(Limits::default());
    let first = reader.read(b"GET / HTTP/1.1\nHost: a\r\n\r\n");
    assert!(matches!(first, (0, RequestEvent::Fault(fault)) if fault.at == 14));
    let second = reader.read(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(matches!(second, (0, RequestEvent::Fault(fault)) if fault.at == 14));
    assert!(!reader.start_next());
}
