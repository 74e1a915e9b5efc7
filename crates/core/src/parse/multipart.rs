//! `multipart/form-data` (RFC 7578, RFC 2046 section 5.1), strict: exact boundary lines, nothing
//! before or after, no folding, one plain `Content-Disposition` a part, no transfer encoding.

use memchr::memmem;

use crate::budget::{Bounds, Budget};
use crate::codes::Code;
use crate::parse::fields::is_token;
use crate::parse::media::{MediaType, read_media, read_parameter};
use crate::parse::request::to_usize;

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Field name.
    pub name: String,
    /// File name, where the part is a file.
    pub filename: Option<String>,
    /// Its content type; `None` = `text/plain`.
    pub media: Option<MediaType>,
    /// Byte range of its content in the body.
    pub start: usize,
    /// One past the content.
    pub end: usize,
}

impl Part {
    /// Its content.
    #[must_use]
    pub fn content<'b>(&self, body: &'b [u8]) -> &'b [u8] {
        body.get(self.start..self.end).unwrap_or(&[])
    }
}

/// Why a multipart body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultipartFault {
    /// `parse.bad-multipart`, `parse.query-limit` (too many parts), `parse.unsupported-charset`
    /// or `internal.budget`.
    pub code: Code,
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
    bounds: &Bounds,
    budget: &mut Budget,
) -> Result<Vec<Part>, MultipartFault> {
    budget.take(body.len()).map_err(|_| MultipartFault {
        code: Code::InternalBudget,
        at: 0,
        expected: "a smaller body",
    })?;
    let delimiter = format!("\r\n--{boundary}");
    let opening = delimiter.get(2..).unwrap_or("").as_bytes();
    let finder = memmem::Finder::new(opening);
    if !body.starts_with(opening) {
        return Err(bad(0, "the boundary as the first line"));
    }
    let mut parts = Vec::new();
    let mut at = opening.len();
    loop {
        let rest = body.get(at..).unwrap_or(&[]);
        if let Some(tail) = rest.strip_prefix(b"--") {
            return finish(tail, at, parts);
        }
        if !rest.starts_with(b"\r\n") {
            return Err(bad(at, "CRLF behind the boundary"));
        }
        if parts.len() >= to_usize(bounds.parts_max) {
            return Err(MultipartFault {
                code: Code::ParseQueryLimit,
                at,
                expected: "fewer parts",
            });
        }
        let start = at.saturating_add(2);
        let content = read_head_end(body, at, bounds)?;
        let end = read_content_end(body, content, &finder)?;
        let head = body.get(start..content.saturating_sub(4)).unwrap_or(&[]);
        parts.push(read_part(head, start, content, end)?);
        at = end.saturating_add(delimiter.len());
    }
}

fn bad(at: usize, expected: &'static str) -> MultipartFault {
    MultipartFault {
        code: Code::ParseBadMultipart,
        at,
        expected,
    }
}

/// Behind the closing boundary only one line end may stand, as some clients send.
fn finish(tail: &[u8], at: usize, parts: Vec<Part>) -> Result<Vec<Part>, MultipartFault> {
    match tail {
        b"" | b"\r\n" => Ok(parts),
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

fn read_part(
    head: &[u8],
    start: usize,
    content: usize,
    end: usize,
) -> Result<Part, MultipartFault> {
    let text = std::str::from_utf8(head).map_err(|_| bad(start, "a part head in UTF-8"))?;
    let mut part = Part {
        name: String::new(),
        filename: None,
        media: None,
        start: content,
        end,
    };
    let mut is_named = false;
    let mut is_typed = false;
    let mut at = start;
    for line in text.split("\r\n") {
        let (name, value) = read_line(line, at)?;
        if name.eq_ignore_ascii_case("content-disposition") && !is_named {
            is_named = true;
            read_disposition(value, at, &mut part)?;
        } else if name.eq_ignore_ascii_case("content-type") && !is_typed {
            is_typed = true;
            part.media = Some(
                read_media(value.as_bytes()).map_err(|(_, code)| match code {
                    Code::ParseUnsupportedCharset => MultipartFault {
                        code,
                        at,
                        expected: "UTF-8",
                    },
                    _ => bad(at, "a plain content type"),
                })?,
            );
        } else if let Some(expected) = refused_field(name) {
            return Err(bad(at, expected));
        }
        at = at.saturating_add(line.len()).saturating_add(2);
    }
    if is_named {
        Ok(part)
    } else {
        Err(bad(start, "a `Content-Disposition`"))
    }
}

fn read_line(line: &str, at: usize) -> Result<(&str, &str), MultipartFault> {
    if line.starts_with([' ', '\t']) {
        return Err(bad(at, "no folded lines"));
    }
    if line
        .bytes()
        .any(|byte| byte < 0x20 && byte != b'\t' || byte == 0x7f)
    {
        return Err(bad(at, "no bare line ends or control characters"));
    }
    match line.split_once(':') {
        Some((name, value)) if is_token(name.as_bytes()) => {
            Ok((name, value.trim_matches([' ', '\t'])))
        }
        _ => Err(bad(at, "`name: value`")),
    }
}

/// Fields that change how a part is read, or are there twice (RFC 7578 sections 4.7 and 4.8).
fn refused_field(name: &str) -> Option<&'static str> {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if is("content-transfer-encoding") || is("content-encoding") {
        return Some("no transfer encoding");
    }
    (is("content-disposition") || is("content-type")).then_some("one of each field")
}

fn read_disposition(value: &str, at: usize, part: &mut Part) -> Result<(), MultipartFault> {
    let end = value.find(';').unwrap_or(value.len());
    let (kind, mut rest) = value.split_at_checked(end).unwrap_or((value, ""));
    if !kind
        .trim_matches([' ', '\t'])
        .eq_ignore_ascii_case("form-data")
    {
        return Err(bad(at, "`form-data`"));
    }
    let mut name = None;
    while !rest.is_empty() {
        let Some(next) = read_browser_parameter(rest).ok_or(bad(at, "`name=\"value\"`"))? else {
            break;
        };
        rest = next.1;
        let (key, text) = next.0;
        let slot = match key.to_ascii_lowercase().as_str() {
            "name" => &mut name,
            "filename" => &mut part.filename,
            _ => return Err(bad(at, "only `name` and `filename`")),
        };
        if slot.is_some() || text.contains("=?") {
            return Err(bad(at, "each parameter once, without RFC 2047 words"));
        }
        *slot = Some(text);
    }
    part.name = name.ok_or(bad(at, "a `name`"))?;
    Ok(())
}

type Named<'p> = ((&'p str, String), &'p str);

/// The next parameter. Quoted as browsers do (WHATWG HTML, multipart/form-data encoding): `"`, CR
/// and LF are percent-encoded, so a backslash has two readings; a tab before a name hides the
/// parameter from some readers. Both are refused.
fn read_browser_parameter(text: &str) -> Option<Option<Named<'_>>> {
    let parameter = read_parameter(text).ok()?;
    let Some(parameter) = parameter else {
        return Some(None);
    };
    let pair = parameter.pair?;
    let consumed = text.len().checked_sub(parameter.rest.len())?;
    if text.get(..consumed)?.contains(['\\', '\t']) {
        return None;
    }
    Some(Some((pair, parameter.rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<Part>, MultipartFault> {
        let bounds = Bounds::default();
        read_multipart(body.as_bytes(), "XX", &bounds, &mut Budget::new(&bounds))
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
