//! One part of a multipart body and what its head may say: no folding, each `Content-` field once,
//! no transfer encoding; in forms one plain `Content-Disposition` (RFC 7578).

use crate::codes::Code;
use crate::parse::fields::is_token;
use crate::parse::media::{MediaType, read_media, read_parameter};
use crate::parse::multipart::{MultipartFault, bad, fault};

/// Whether parts have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By their position alone: `Content-Disposition` is a field like others.
    Free,
    /// By the `name` of `Content-Disposition: form-data`, which each part has.
    Named,
}

/// One part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Field name; empty where parts have none.
    pub name: String,
    /// File name, where the part is a file of a form.
    pub filename: Option<String>,
    /// Its content type; `None` = none is written.
    pub media: Option<MediaType>,
    /// Where its head begins in the body.
    pub head: usize,
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

    /// Name and value of each field of its head.
    pub fn fields<'b>(&self, body: &'b [u8]) -> impl Iterator<Item = (&'b str, &'b str)> + Clone {
        let head = body.get(self.head..self.start.saturating_sub(4));
        let text = std::str::from_utf8(head.unwrap_or(&[])).unwrap_or("");
        text.split("\r\n").filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name, value.trim_matches([' ', '\t'])))
        })
    }
}

/// Reads one part. `[head, start, end]`: where its head and its content begin, and where it ends.
pub(super) fn read_part(
    body: &[u8],
    [head, start, end]: [usize; 3],
    naming: Naming,
) -> Result<Part, MultipartFault> {
    let bytes = body.get(head..start.saturating_sub(4)).unwrap_or(&[]);
    let text = std::str::from_utf8(bytes).map_err(|_| bad(head, "a part head in UTF-8"))?;
    let mut part = Part {
        name: String::new(),
        filename: None,
        media: None,
        head,
        start,
        end,
    };
    let mut seen: Vec<String> = Vec::new();
    let mut at = head;
    for line in text.split("\r\n").filter(|_| !text.is_empty()) {
        let (name, value) = read_line(line, at)?;
        let name = name.to_ascii_lowercase();
        if name.starts_with("content-") {
            if seen.contains(&name) {
                return Err(bad(at, "one of each field"));
            }
            read_content_field(&name, value, at, naming, &mut part)?;
            seen.push(name);
        }
        at = at.saturating_add(line.len()).saturating_add(2);
    }
    if naming == Naming::Named && !seen.iter().any(|name| name == "content-disposition") {
        return Err(bad(head, "a `Content-Disposition`"));
    }
    Ok(part)
}

/// Fields that say how a part is read (RFC 2045, RFC 7578 sections 4.2 to 4.8).
fn read_content_field(
    name: &str,
    value: &str,
    at: usize,
    naming: Naming,
    part: &mut Part,
) -> Result<(), MultipartFault> {
    match name {
        "content-disposition" if naming == Naming::Named => read_disposition(value, at, part),
        "content-type" => {
            part.media = Some(read_type(value, at)?);
            Ok(())
        }
        "content-length" => {
            let size = part.end.saturating_sub(part.start).to_string();
            (value == size)
                .then_some(())
                .ok_or(bad(at, "a `Content-Length` that is the size of the part"))
        }
        "content-transfer-encoding" | "content-encoding" => Err(bad(at, "no transfer encoding")),
        _ => Ok(()),
    }
}

fn read_type(value: &str, at: usize) -> Result<MediaType, MultipartFault> {
    read_media(value.as_bytes()).map_err(|(_, code)| match code {
        Code::ParseUnsupportedCharset => fault(code, at, "UTF-8"),
        _ => bad(at, "a plain content type"),
    })
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

    fn read(head: &str, content: &str, naming: Naming) -> Result<Part, MultipartFault> {
        let whole = format!("{head}\r\n\r\n{content}");
        let start = head.len().saturating_add(4);
        read_part(whole.as_bytes(), [0, start, whole.len()], naming)
    }

    #[test]
    fn a_part_without_a_name_says_what_it_likes() {
        let head = "Content-Type: application/json\r\nContent-ID: <a@b>\r\nX-Own:  1 ";
        let part = read(head, "{}", Naming::Free).unwrap();
        assert_eq!(part.media.as_ref().unwrap().essence(), "application/json");
        let whole = format!("{head}\r\n\r\n{{}}");
        let fields: Vec<_> = part.fields(whole.as_bytes()).collect();
        assert_eq!(fields[1..], [("Content-ID", "<a@b>"), ("X-Own", "1")]);
        let disposition = "Content-Disposition: attachment; filename*=UTF-8''x";
        assert_eq!(read(disposition, "1", Naming::Free).unwrap().name, "");
        assert_eq!(
            read(disposition, "1", Naming::Named).unwrap_err().code,
            Code::ParseBadMultipart
        );
    }

    #[test]
    fn a_part_without_a_head_has_no_fields() {
        let part = read_part(b"\r\n\r\nabc", [2, 4, 7], Naming::Free).unwrap();
        assert_eq!(
            (part.media.as_ref(), part.content(b"\r\n\r\nabc")),
            (None, &b"abc"[..])
        );
        assert_eq!(part.fields(b"\r\n\r\nabc").count(), 0);
        assert!(read_part(b"\r\n\r\nabc", [2, 4, 7], Naming::Named).is_err());
    }

    #[test]
    fn a_head_with_two_readings_is_refused_named_or_not() {
        let named = "Content-Disposition: form-data; name=a";
        for more in [
            "Content-Type: a/b\r\ncontent-type: a/b",
            "Content-ID: <a>\r\nContent-Id: <b>",
            "Content-Length: 4",
            "Content-Length: 03",
            "Content-Transfer-Encoding: base64",
            "Content-Encoding: gzip",
            "Content-Type: no type",
            "Content-Type: multipart/mixed",
            " folded: 1",
            "X : y",
            "no colon",
            "X: a\u{1}b",
        ] {
            for naming in [Naming::Free, Naming::Named] {
                let head = format!("{named}\r\n{more}");
                let found = read(&head, "abc", naming).unwrap_err();
                assert_eq!(found.code, Code::ParseBadMultipart, "{more}");
            }
        }
        for good in [
            "Content-Length: 3",
            "X-Own: 1\r\nX-Own: 2",
            "Content-ID: <a>",
        ] {
            let head = format!("{named}\r\n{good}");
            assert!(read(&head, "abc", Naming::Free).is_ok(), "{good}");
            assert!(read(&head, "abc", Naming::Named).is_ok(), "{good}");
        }
    }

    #[test]
    fn a_part_in_another_character_set_is_refused() {
        let found = read("Content-Type: text/plain; charset=utf-7", "a", Naming::Free);
        assert_eq!(found.unwrap_err().code, Code::ParseUnsupportedCharset);
        assert!(read("Content-Type: text/plain; charset=utf-8", "a", Naming::Free).is_ok());
    }
}
