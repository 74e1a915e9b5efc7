//! Each rule of the client side, beside the good traffic nearest to it.

use super::read_response;
use crate::codes::Code::{self, *};

fn answer(bytes: &str, method: &str) -> (Result<String, Code>, bool) {
    let (reading, is_reusable) = read_response(bytes.as_bytes(), method, &[]);
    match reading.fault {
        Some(fault) => (Err(fault.code), is_reusable),
        None => (Ok(reading.messages.concat()), is_reusable),
    }
}

fn good(text: &str, is_reusable: bool) -> (Result<String, Code>, bool) {
    (Ok(text.to_owned()), is_reusable)
}

#[test]
fn each_framing_ends_where_it_says() {
    let length = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab";
    assert_eq!(answer(length, "GET"), good("200 OK ab", true));
    let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    assert_eq!(answer(chunks, "GET"), good("200 OK ab", true));
    assert_eq!(
        answer("HTTP/1.1 200 OK\r\n\r\nab", "GET"),
        good("200 OK ab", false)
    );
    assert_eq!(answer("HTTP/1.1 200\r\n\r\n", "GET"), good("200  ", false));
    let old = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab";
    assert_eq!(answer(old, "GET"), good("200 OK ab", false));
}

#[test]
fn answers_without_body_have_none_and_what_follows_is_not_theirs() {
    let promised = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(answer(promised, "HEAD"), good("200 OK ", true));
    assert_eq!(
        answer(&format!("{promised}ab"), "HEAD"),
        good("200 OK ", false)
    );
    assert_eq!(
        answer("HTTP/1.1 204 No Content\r\n\r\n", "GET"),
        good("204 No Content ", true)
    );
    let length = "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(answer(length, "GET"), good("304 Not Modified ", true));
    assert_eq!(
        answer(&format!("{length}ab"), "GET"),
        good("304 Not Modified ", false)
    );
    let zero = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answer(zero, "GET"), good("204 No Content ", true));
    let two = "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nab";
    assert_eq!(answer(two, "GET"), (Err(WireBadLength), false));
}

#[test]
fn bytes_after_the_response_end_the_connection() {
    let bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\n\r\n";
    assert_eq!(answer(bytes, "GET"), good("200 OK ab", false));
}

#[test]
fn two_readings_of_one_response_are_refused() {
    for (fields, code) in [
        (
            "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            WireLengthAndChunked,
        ),
        (
            "Content-Length: 2\r\nContent-Length: 2\r\n",
            WireDuplicateLength,
        ),
        ("Content-Length: 2, 2\r\n", WireBadLength),
        ("Transfer-Encoding: gzip\r\n", WireBadTransferEncoding),
        ("X: a\n", WireBareLineFeed),
        ("X: a\r\n b\r\n", WireObsoleteFold),
        ("X : a\r\n", WireBadField),
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\n{fields}\r\nab");
        assert_eq!(answer(&bytes, "GET").0, Err(code), "{fields:?}");
    }
    for line in [
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1  200 OK",
        "HTTP/1.1 099 A",
        "ICY 200 OK",
    ] {
        assert_eq!(
            answer(&format!("{line}\r\n\r\n"), "GET").0,
            Err(WireBadStatusLine),
            "{line}"
        );
    }
    assert_eq!(
        answer("HTTP/2.0 200 OK\r\n\r\n", "GET").0,
        Err(WireBadVersion)
    );
    let old = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(answer(old, "GET").0, Err(WireTransferEncodingIn10));
}

#[test]
fn a_truncated_body_is_a_fault() {
    for bytes in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        assert_eq!(answer(bytes, "GET").0, Err(WireTruncated), "{bytes:?}");
    }
}

#[test]
fn interim_responses_come_first_and_are_bounded() {
    let interims = |count: usize| {
        let early = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n".repeat(count);
        answer(&format!("{early}HTTP/1.1 204 Done\r\n\r\n"), "GET")
    };
    assert_eq!(
        interims(7),
        good(&format!("{}204 Done ", "(103)".repeat(7)), true)
    );
    assert_eq!(
        interims(8),
        good(&format!("{}204 Done ", "(103)".repeat(8)), true)
    );
    assert_eq!(interims(9).0, Err(WireTooManyInterim));
    let switch = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n";
    assert_eq!(answer(switch, "GET").0, Err(WireUpgradeRefused));
    let bodied = "HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n";
    assert_eq!(answer(bodied, "GET").0, Err(WireBadLength));
}
