//! Media types (RFC 9110 section 8.3) and media ranges.

use crate::codes::Code;
use crate::parse::fields::is_token;

/// A parsed `Content-Type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    essence: String,
    boundary: Option<String>,
    has_charset: bool,
}

impl MediaType {
    /// `type/subtype` in lower case, without parameters.
    #[must_use]
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// The multipart boundary, where given.
    #[must_use]
    pub fn boundary(&self) -> Option<&str> {
        self.boundary.as_deref()
    }

    /// Whether a charset was given (it is UTF-8 or US-ASCII then, or a fault was reported).
    #[must_use]
    pub fn has_charset(&self) -> bool {
        self.has_charset
    }

    /// `application/json`, or `+json` behind any type (RFC 6839).
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.essence == "application/json" || self.essence.ends_with("+json")
    }

    /// `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn is_form(&self) -> bool {
        self.essence == "application/x-www-form-urlencoded"
    }

    /// Any `multipart/...`.
    #[must_use]
    pub fn is_multipart(&self) -> bool {
        self.essence.starts_with("multipart/")
    }

    /// XML and `+xml`.
    #[must_use]
    pub fn is_xml(&self) -> bool {
        is_xml(&self.essence)
    }

    /// Any `text/...`.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.essence.starts_with("text/")
    }

    /// How closely a declared range names this type: 3 exact, 2 `application/json` for a type with
    /// `+json`, 1 `type/*`, 0 `*/*`; `None` when it does not. Ranges are lower case without parameters.
    #[must_use]
    pub fn fits(&self, range: &str) -> Option<u8> {
        if range == self.essence {
            return Some(3);
        }
        if range == "*/*" {
            return Some(0);
        }
        if range == "application/json" && self.essence.ends_with("+json") {
            return Some(2);
        }
        let kind = range.strip_suffix("/*")?;
        let mine = self.essence.split('/').next().unwrap_or("");
        (kind == mine).then_some(1)
    }

    /// The closest of several declared ranges. Cost: O(ranges).
    pub fn closest<'f, T>(
        &self,
        ranges: impl IntoIterator<Item = (&'f str, T)>,
    ) -> Option<(&'f str, T)> {
        let mut best: Option<(u8, (&'f str, T))> = None;
        for (range, item) in ranges {
            let Some(score) = self.fits(range) else {
                continue;
            };
            if best.as_ref().is_none_or(|(held, _)| score > *held) {
                best = Some((score, (range, item)));
            }
        }
        best.map(|(_, found)| found)
    }
}

/// Whether a type or range names XML: `application/xml`, `text/xml`, `+xml` (RFC 7303).
#[must_use]
pub fn is_xml(essence: &str) -> bool {
    matches!(essence, "application/xml" | "text/xml") || essence.ends_with("+xml")
}

/// Reads one `Content-Type` value.
///
/// # Errors
/// The best-effort type where there is one, and the code: `parse.bad-content-type` (not
/// `type/subtype`, a malformed or repeated parameter, a multipart type without a usable boundary)
/// or `parse.unsupported-charset` (any charset but UTF-8 and its subset US-ASCII).
/// Source: RFC 9110 section 8.3.1; boundary: RFC 2046 section 5.1.1.
pub fn read_media(value: &[u8]) -> Result<MediaType, (Option<MediaType>, Code)> {
    let malformed = |media: Option<MediaType>| (media, Code::ParseBadContentType);
    let text = std::str::from_utf8(value).map_err(|_| malformed(None))?;
    let (essence, rest) = text
        .split_at_checked(text.find(';').unwrap_or(text.len()))
        .unwrap_or((text, ""));
    let essence = essence.trim_matches([' ', '\t']);
    let is_essence = essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| is_token(kind.as_bytes()) && is_token(subtype.as_bytes()));
    if !is_essence || essence.contains('*') {
        return Err(malformed(None));
    }
    let mut media = MediaType {
        essence: essence.to_ascii_lowercase(),
        boundary: None,
        has_charset: false,
    };
    match read_parameters(rest, &mut media) {
        Ok(()) if media.is_multipart() && media.boundary.is_none() => Err(malformed(Some(media))),
        Ok(()) => Ok(media),
        Err(code) => Err((Some(media), code)),
    }
}

fn read_parameters(text: &str, media: &mut MediaType) -> Result<(), Code> {
    let mut rest = text;
    let mut names: Vec<String> = Vec::new();
    while let Some(next) = read_parameter(rest)? {
        rest = next.rest;
        let Some((name, value)) = next.pair else {
            continue;
        };
        if names.iter().any(|seen| seen.eq_ignore_ascii_case(name)) {
            return Err(Code::ParseBadContentType);
        }
        names.push(name.to_owned());
        if name.eq_ignore_ascii_case("charset") {
            media.has_charset = true;
            if !is_utf8_name(&value) {
                return Err(Code::ParseUnsupportedCharset);
            }
        } else if name.eq_ignore_ascii_case("boundary") && media.is_multipart() {
            if !is_boundary(&value) {
                return Err(Code::ParseBadContentType);
            }
            media.boundary = Some(value);
        }
    }
    Ok(())
}

/// Whether the name is UTF-8 or a subset of it.
#[must_use]
pub fn is_utf8_name(name: &str) -> bool {
    ["utf-8", "utf8", "us-ascii"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// `bchars`, 1 to 70, not ending in a blank: RFC 2046 section 5.1.1.
fn is_boundary(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 70
        && !text.ends_with(' ')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte))
}

pub(crate) struct Parameter<'p> {
    pub(crate) pair: Option<(&'p str, String)>,
    pub(crate) rest: &'p str,
}

/// The next `; name=value` of `text`; `None` at its end. Empty parameters (`;;`, a last `;`) give
/// no pair. Values are tokens or quoted strings (RFC 9110 section 5.6.6).
pub(crate) fn read_parameter(text: &str) -> Result<Option<Parameter<'_>>, Code> {
    let bad = Code::ParseBadContentType;
    let text = text.trim_start_matches([' ', '\t']);
    if text.is_empty() {
        return Ok(None);
    }
    let text = text
        .strip_prefix(';')
        .ok_or(bad)?
        .trim_start_matches([' ', '\t']);
    if text.is_empty() || text.starts_with(';') {
        return Ok(Some(Parameter {
            pair: None,
            rest: text,
        }));
    }
    let (name, value) = text.split_once('=').ok_or(bad)?;
    if !is_token(name.as_bytes()) {
        return Err(bad);
    }
    if let Some(quoted) = value.strip_prefix('"') {
        let (value, rest) = read_quoted(quoted).ok_or(bad)?;
        return Ok(Some(Parameter {
            pair: Some((name, value)),
            rest,
        }));
    }
    let end = value.find([';', ' ', '\t']).unwrap_or(value.len());
    let (value, rest) = value.split_at_checked(end).ok_or(bad)?;
    if !is_token(value.as_bytes()) {
        return Err(bad);
    }
    Ok(Some(Parameter {
        pair: Some((name, value.to_owned())),
        rest,
    }))
}

/// The rest of a quoted string behind its first quote, unescaped (RFC 9110 section 5.6.4).
pub(crate) fn read_quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, text.get(at.checked_add(1)?..)?)),
            '\\' => value.push(letters.next()?.1),
            control if control.is_control() && control != '\t' => return None,
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(text: &str) -> MediaType {
        read_media(text.as_bytes()).unwrap()
    }

    fn code(text: &str) -> Code {
        read_media(text.as_bytes()).unwrap_err().1
    }

    #[test]
    fn honest_content_types_are_read() {
        assert_eq!(
            media("Application/JSON; charset=UTF-8").essence(),
            "application/json"
        );
        assert!(media("application/problem+json").is_json());
        assert!(media("text/plain;charset=\"utf-8\"").is_text());
        assert!(media("application/x-www-form-urlencoded;").is_form());
        let form = media("multipart/form-data; boundary=----WebKitFormBoundaryX1");
        assert_eq!(form.boundary(), Some("----WebKitFormBoundaryX1"));
        assert_eq!(
            media("multipart/form-data; boundary=\"a b\"").boundary(),
            Some("a b")
        );
    }

    #[test]
    fn other_character_sets_are_refused() {
        for charset in [
            "utf-7",
            "ibm037",
            "utf-16",
            "iso-8859-1",
            "\"UTF-7\"",
            "cp037",
        ] {
            let text = format!("application/json; charset={charset}");
            assert_eq!(code(&text), Code::ParseUnsupportedCharset, "{text}");
        }
    }

    #[test]
    fn content_types_with_two_readings_are_refused() {
        for text in [
            "",
            "json",
            "application/",
            "application/json, text/html",
            "a/b c",
            "*/*",
            "application/json; charset=utf-8; charset=utf-7",
            "application/json; charset",
            "application/json; =x",
            "application/json; charset=\"utf-8",
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=a; boundary=b",
            "multipart/form-data; boundary=\"a\\\"b\"",
            "a/b; x=\"\u{1}\"",
        ] {
            assert_eq!(code(text), Code::ParseBadContentType, "{text}");
        }
        let long = format!("multipart/form-data; boundary={}", "a".repeat(71));
        assert_eq!(code(&long), Code::ParseBadContentType);
    }

    #[test]
    fn the_closest_range_wins() {
        let ranges = [("*/*", 0), ("application/*", 1), ("application/json", 2)];
        assert_eq!(
            media("application/json").closest(ranges),
            Some(("application/json", 2))
        );
        assert_eq!(media("application/hal+json").closest(ranges).unwrap().1, 2);
        assert_eq!(media("application/xml").closest(ranges).unwrap().1, 1);
        assert_eq!(media("image/png").closest(ranges).unwrap().1, 0);
        assert_eq!(media("image/png").closest([("text/*", 0)]), None);
    }
}
