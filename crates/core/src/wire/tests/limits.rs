//! Each limit at n-1, n and n+1.

use super::read_requests;
use crate::codes::Code::{self, *};
use crate::wire::{Framing, Limits, RequestHead};

const LIMITS: Limits = Limits {
    line_max: 64,
    head_max: 256,
    field_max: 32,
    fields_max: 4,
    interim_max: 8,
};

/// `build(n)` has exactly `n` of what is limited; the same result is asked of whole and dripped bytes.
fn check(n: usize, code: Code, build: impl Fn(usize) -> String) {
    for (size, expected) in [(n - 1, None), (n, None), (n + 1, Some(code))] {
        let bytes = build(size);
        for pieces in [&[][..], &[1]] {
            let reading = read_requests(bytes.as_bytes(), pieces, LIMITS);
            assert_eq!(
                reading.fault.map(|fault| fault.code),
                expected,
                "{size}: {bytes:?}"
            );
        }
    }
}

#[test]
fn request_line() {
    check(64, WireTargetTooLong, |size| {
        format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(size - 14))
    });
}

#[test]
fn head() {
    check(256, WireHeadTooLarge, |size| {
        let lines = format!(
            "GET / HTTP/1.1\r\nHost: a\r\n{}: 1\r\n\r\n",
            "X".repeat(size - 32)
        );
        assert_eq!(lines.len(), size);
        lines
    });
}

#[test]
fn value() {
    check(32, WireFieldTooLarge, |size| {
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX:   {}  \r\n\r\n",
            "a".repeat(size)
        )
    });
}

#[test]
fn fields() {
    check(4, WireTooManyFields, |size| {
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\n{}\r\n",
            "X: 1\r\n".repeat(size - 1)
        )
    });
}

#[test]
fn trailers() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    check(4, WireTooManyFields, |size| {
        format!("{head}{}\r\n", "X: 1\r\n".repeat(size))
    });
    check(256, WireHeadTooLarge, |size| {
        format!("{head}{}: 1\r\n\r\n", "X".repeat(size - 7))
    });
}

#[test]
fn parts_have_the_same_limits_as_bytes() {
    for (size, passes) in [(32, true), (33, false)] {
        let value = vec![b'a'; size];
        let fields = [(&b"Host"[..], &b"a"[..]), (b"X", &value)];
        let head = RequestHead::from_parts_within(&LIMITS, b"GET", b"/", fields, Framing::Empty);
        assert_eq!(head.is_ok(), passes);
    }
}
