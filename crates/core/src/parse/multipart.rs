//! Multipart bodies (RFC 2046 section 5.1, RFC 7578), strict: exact boundary lines, nothing before
//! or after. What a part may say of itself: `part`.

use memchr::memmem;

use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::parse::part::{Naming, Part, read_part};
use crate::parse::request::to_usize;

/// Why a multipart body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultipartFault {
    /// `parse.bad-multipart`, `parse.query-limit` (too many parts), `parse.unsupported-charset`
    /// or `internal.budget`.
    pub code: Code,
    /// Parts that stand whole before it.
    pub part: usize,
    /// Byte of the body.
    pub at: usize,
    /// What is expected instead.
    pub expected: &'static str,
}

/// Reads a whole body with the boundary of its `Content-Type`.
///
/// # Errors
/// The first fault. Cost: O(bytes), drawn from `budget`.
pub fn read_multipart(
    body: &[u8],
    boundary: &str,
    naming: Naming,
    bounds: &Bounds,
    budget: &mut Budget,
) -> Result<Vec<Part>, MultipartFault> {
    let mut parts = Vec::new();
    match read_parts(body, boundary, naming, &mut parts, bounds, budget) {
        Ok(()) => Ok(parts),
        Err(fault) => Err(MultipartFault {
            part: parts.len(),
            ..fault
        }),
    }
}

fn read_parts(
    body: &[u8],
    boundary: &str,
    naming: Naming,
    parts: &mut Vec<Part>,
    bounds: &Bounds,
    budget: &mut Budget,
) -> Result<(), MultipartFault> {
    budget
        .take(body.len())
        .map_err(|_| fault(Code::InternalBudget, 0, "a smaller body"))?;
    let delimiter = format!("\r\n--{boundary}");
    let opening = delimiter.get(2..).unwrap_or("").as_bytes();
    let finder = memmem::Finder::new(opening);
    if !body.starts_with(opening) {
        return Err(bad(0, "the boundary as the first line"));
    }
    let mut at = opening.len();
    loop {
        let rest = body.get(at..).unwrap_or(&[]);
        if let Some(tail) = rest.strip_prefix(b"--") {
            return finish(tail, at);
        }
        if !rest.starts_with(b"\r\n") {
            return Err(bad(at, "CRLF behind the boundary"));
        }
        if parts.len() >= to_usize(bounds.parts_max) {
            return Err(fault(Code::ParseQueryLimit, at, "fewer parts"));
        }
        let start = at.saturating_add(2);
        let content = read_head_end(body, at, bounds)?;
        let end = read_content_end(body, content, &finder)?;
        parts.push(read_part(body, [start, content, end], naming)?);
        at = end.saturating_add(delimiter.len());
    }
}

pub(super) fn fault(code: Code, at: usize, expected: &'static str) -> MultipartFault {
    MultipartFault {
        code,
        part: 0,
        at,
        expected,
    }
}

pub(super) fn bad(at: usize, expected: &'static str) -> MultipartFault {
    fault(Code::ParseBadMultipart, at, expected)
}

/// Behind the closing boundary only one line end may stand, as some clients send.
fn finish(tail: &[u8], at: usize) -> Result<(), MultipartFault> {
    match tail {
        b"" | b"\r\n" => Ok(()),
        _ => Err(bad(
            at.saturating_add(2),
            "nothing behind the closing boundary",
        )),
    }
}

/// Where the content of the part starts whose boundary line ends at `at`.
fn read_head_end(body: &[u8], at: usize, bounds: &Bounds) -> Result<usize, MultipartFault> {
    let most = to_usize(bounds.part_head_max_bytes).saturating_add(4);
    let rest = body.get(at..).unwrap_or(&[]);
    let window = rest.get(..most).unwrap_or(rest);
    memmem::find(window, b"\r\n\r\n")
        .map(|found| at.saturating_add(found).saturating_add(4))
        .ok_or(bad(at, "an empty line behind a short part head"))
}

/// Where the content that starts at `content` ends: at the CRLF before the next boundary. A boundary
/// behind a bare line end, or right behind the head, is one for some readers and content for others.
fn read_content_end(
    body: &[u8],
    content: usize,
    finder: &memmem::Finder<'_>,
) -> Result<usize, MultipartFault> {
    let rest = body.get(content..).unwrap_or(&[]);
    for found in finder.find_iter(rest) {
        let before = rest.get(..found).unwrap_or(&[]);
        if let Some(inside) = before.strip_suffix(b"\r\n") {
            return Ok(content.saturating_add(inside.len()));
        }
        if matches!(before.last(), None | Some(b'\r' | b'\n')) {
            let at = content.saturating_add(found);
            return Err(bad(at, "CRLF before the boundary"));
        }
    }
    Err(bad(body.len(), "the closing boundary"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<Part>, MultipartFault> {
        let bounds = Bounds::default();
        let mut budget = Budget::new(&bounds);
        read_multipart(body.as_bytes(), "XX", Naming::Named, &bounds, &mut budget)
    }

    fn part(head: &str, content: &str) -> String {
        format!("--XX\r\n{head}\r\n\r\n{content}\r\n--XX--\r\n")
    }

    const NAMED: &str = "Content-Disposition: form-data; name=\"a\"";

    #[test]
    fn honest_forms_are_read() {
        let body = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XX\r\n\
            content-disposition: form-data; name=\"f\"; filename=\"r\u{e9}sum\u{e9}; v2.pdf\"\r\n\
            Content-Type: application/pdf\r\n\r\n%PDF\r\n\r\n--X\r\n--XX\r\n\
            Content-Disposition: form-data; name=e\r\n\r\n\r\n--XX--";
        let parts = read(body).unwrap();
        let found: Vec<_> = parts
            .iter()
            .map(|part| {
                (
                    part.name.as_str(),
                    std::str::from_utf8(part.content(body.as_bytes())).unwrap(),
                )
            })
            .collect();
        assert_eq!(found, [("a", "1"), ("f", "%PDF\r\n\r\n--X"), ("e", "")]);
        assert_eq!(
            parts[1].filename.as_deref(),
            Some("r\u{e9}sum\u{e9}; v2.pdf")
        );
        assert_eq!(
            parts[1].media.as_ref().unwrap().essence(),
            "application/pdf"
        );
        assert_eq!(read("--XX--\r\n"), Ok(vec![]));
    }

    #[test]
    fn item_13_bodies_with_two_readings_are_refused() {
        for body in [
            String::new(),
            part(NAMED, "1").replace("\r\n", "\n"),
            format!("preamble\r\n{}", part(NAMED, "1")),
            format!("\r\n{}", part(NAMED, "1")),
            format!("{}epilogue", part(NAMED, "1")),
            part(NAMED, "1").replace("--XX--", "--XX"),
            part(NAMED, "1").replacen("--XX\r\n", "--XX \r\n", 1),
            part(NAMED, "1").replacen("--XX\r\n", "--XXY\r\n", 1),
            part(NAMED, "1\n--XX"),
            part(NAMED, "1\r--XX\r\n"),
            part(NAMED, "--XX\r\n"),
            part(NAMED, "").replace("\r\n\r\n\r\n", "\r\n\r\n"),
            part("Content-Disposition: form-data;\r\n name=\"a\"", "1"),
            part(&format!("{NAMED}\r\n{NAMED}"), "1"),
            part(
                "Content-Disposition: form-data; name=\"a\"; name=\"b\"",
                "1",
            ),
            part(
                "Content-Disposition: form-data; name=\"a\"; filename=\"b\"; filename=\"c\"",
                "1",
            ),
            part(
                "Content-Disposition: form-data; name=\"a\"; filename*=UTF-8''x",
                "1",
            ),
            part(
                "Content-Disposition: form-data; name=\"=?utf-8?B?YQ==?=\"",
                "1",
            ),
            part("Content-Disposition: form-data; name=\"a\\\"b\"", "1"),
            part("Content-Disposition: form-data; name='a", "1").replace("'a", "\"a"),
            part("Content-Disposition: attachment; name=\"a\"", "1"),
            part("Content-Disposition: form-data; name=a;\tfilename=b", "1"),
            part("Content-Disposition: form-data", "1"),
            part("Content-Type: text/plain", "1"),
            part(
                &format!("{NAMED}\r\nContent-Transfer-Encoding: base64"),
                "MQ==",
            ),
            part(
                &format!("{NAMED}\r\nContent-Type: a/b\r\nContent-Type: a/b"),
                "1",
            ),
            part(&format!("{NAMED}\nX: y"), "1"),
            part(&format!("{NAMED}\r\nX : y"), "1"),
            part(&format!("{NAMED}\r\nX: {}", "y".repeat(5_000)), "1"),
        ] {
            let fault = read(&body).unwrap_err();
            assert_eq!(fault.code, Code::ParseBadMultipart, "{body}");
        }
    }

    #[test]
    fn the_letters_of_a_boundary_inside_a_line_are_content() {
        let body = part(NAMED, "a--XX--\r\n-- XX\r\n--X");
        let parts = read(&body).unwrap();
        assert_eq!(
            parts[0].content(body.as_bytes()),
            b"a--XX--\r\n-- XX\r\n--X"
        );
    }

    #[test]
    fn parts_without_names_are_read_in_order_and_a_fault_tells_which() {
        let read = |body: &str| {
            let bounds = Bounds::default();
            let mut budget = Budget::new(&bounds);
            read_multipart(body.as_bytes(), "XX", Naming::Free, &bounds, &mut budget)
        };
        let body = "--XX\r\n\r\nfirst\r\n--XX\r\nContent-Type: application/json\r\n\r\n{}\r\n\
            --XX\r\n\r\n\r\n--XX--\r\n";
        let parts = read(body).unwrap();
        let found: Vec<_> = parts
            .iter()
            .map(|part| part.content(body.as_bytes()))
            .collect();
        assert_eq!(found, [&b"first"[..], b"{}", b""]);
        let fault = read(&body.replace("application/json", "")).unwrap_err();
        assert_eq!((fault.code, fault.part), (Code::ParseBadMultipart, 1));
    }

    #[test]
    fn item_13_a_charset_in_any_part_must_be_utf8() {
        for charset in ["utf-7", "ibm037", "iso-2022-jp"] {
            let head = format!("{NAMED}\r\nContent-Type: text/plain; charset={charset}");
            let first = part(&head, "1").replace("--XX--\r\n", &part(NAMED, "2"));
            assert_eq!(
                read(&first).unwrap_err().code,
                Code::ParseUnsupportedCharset
            );
        }
        let head = format!("{NAMED}\r\nContent-Type: text/plain; charset=utf-8");
        assert_eq!(read(&part(&head, "1")).unwrap().len(), 1);
    }

    #[test]
    fn parts_are_bounded_at_n_and_n_plus_one() {
        let body = |n: usize| {
            let one = format!("--XX\r\n{NAMED}\r\n\r\n1\r\n");
            format!("{}--XX--", one.repeat(n))
        };
        assert_eq!(read(&body(64)).unwrap().len(), 64);
        assert_eq!(read(&body(65)).unwrap_err().code, Code::ParseQueryLimit);
    }
}
