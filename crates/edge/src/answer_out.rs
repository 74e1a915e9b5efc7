//! Answers of ours as bytes.

use std::io::Write as _;

use bartizan_core::answer::Answer;
use bartizan_core::wire::usual_reason;

/// What of the request decides how any response to it is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked {
    /// HEAD: no response body.
    pub(crate) is_head: bool,
    /// HTTP/1.0: no chunks, and keep-alive must be said.
    pub(crate) is_10: bool,
    /// The client wants to go on with this connection.
    pub(crate) keep_alive: bool,
    /// The client waits for 100 before it sends the body.
    pub(crate) expects: bool,
    /// The method may be sent twice (RFC 9110, section 9.2.2).
    pub(crate) is_idempotent: bool,
}

/// What `Connection` must say; `None` where the version's own default is meant.
pub(crate) fn connection_field(asked: Asked, is_closing: bool) -> Option<&'static str> {
    match (is_closing, asked.is_10) {
        (true, _) => Some("close"),
        (false, true) => Some("keep-alive"),
        (false, false) => None,
    }
}

/// Appends a whole answer. `unix_s` gives its `Date`.
pub(crate) fn write(
    out: &mut Vec<u8>,
    answer: &Answer,
    asked: Asked,
    is_closing: bool,
    unix_s: u64,
) {
    // Writing to a Vec cannot fail.
    let _ = write!(
        out,
        "HTTP/1.1 {} {}\r\n",
        answer.status,
        usual_reason(answer.status)
    );
    for (name, value) in &answer.fields {
        let _ = write!(out, "{name}: {value}\r\n");
    }
    if !matches!(answer.status, 204 | 304) {
        let _ = write!(out, "content-length: {}\r\n", answer.body.len());
    }
    if let Some(value) = connection_field(asked, is_closing) {
        let _ = write!(out, "connection: {value}\r\n");
    }
    write_date(out, unix_s);
    out.extend_from_slice(b"\r\n");
    if !asked.is_head && !matches!(answer.status, 204 | 304) {
        out.extend_from_slice(&answer.body);
    }
}

/// `Date` in the form of RFC 9110, section 5.6.7.
fn write_date(out: &mut Vec<u8>, unix_s: u64) {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (days, second) = (unix_s / 86_400, unix_s % 86_400);
    let (year, month, day) = civil(days);
    let name = |names: &[&'static str], index: u64| {
        usize::try_from(index)
            .ok()
            .and_then(|index| names.get(index).copied())
            .unwrap_or("")
    };
    let _ = write!(
        out,
        "date: {}, {day:02} {} {year:04} {:02}:{:02}:{:02} GMT\r\n",
        name(&DAYS, days % 7),
        name(&MONTHS, month),
        second / 3_600,
        second / 60 % 60,
        second % 60,
    );
}

/// Days since the epoch to (year, month from 0, day from 1).
fn civil(mut days: u64) -> (u64, u64, u64) {
    let mut year = 1970_u64;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        match days.checked_sub(length) {
            Some(rest) => days = rest,
            None => break,
        }
        year = year.saturating_add(1);
    }
    let february = if is_leap(year) { 29 } else { 28 };
    for (month, length) in (0..).zip([31_u64, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
        match days.checked_sub(length) {
            Some(rest) => days = rest,
            None => return (year, month, days.saturating_add(1)),
        }
    }
    (year, 11, 31)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Asked = Asked {
        is_head: false,
        is_10: false,
        keep_alive: true,
        expects: false,
        is_idempotent: true,
    };

    fn written(answer: &Answer, asked: Asked, is_closing: bool) -> String {
        let mut out = Vec::new();
        write(&mut out, answer, asked, is_closing, 784_111_777);
        String::from_utf8(out).unwrap()
    }

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            fields: vec![("a", "b".to_owned())],
            body: body.into(),
            close: false,
        }
    }

    #[test]
    fn an_answer_is_framed_and_dated() {
        assert_eq!(
            written(&answer(404, "no"), ASKED, true),
            "HTTP/1.1 404 Not Found\r\na: b\r\ncontent-length: 2\r\nconnection: close\r\n\
             date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nno"
        );
    }

    #[test]
    fn head_gets_the_length_without_the_body_and_204_neither() {
        let head = written(
            &answer(404, "no"),
            Asked {
                is_head: true,
                ..ASKED
            },
            false,
        );
        assert!(head.contains("content-length: 2\r\n") && head.ends_with("\r\n\r\n"));
        assert!(!written(&answer(204, ""), ASKED, false).contains("content-length"));
    }

    #[test]
    fn an_old_client_is_told_that_the_connection_stays() {
        let old = Asked {
            is_10: true,
            ..ASKED
        };
        assert!(written(&answer(200, ""), old, false).contains("connection: keep-alive\r\n"));
    }

    #[test]
    fn leap_days_are_days() {
        assert_eq!(civil(11_016), (2000, 1, 29));
        assert_eq!(civil(20_782), (2026, 10, 25));
    }
}
