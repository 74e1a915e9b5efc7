//! The XML declaration: version 1.0, encoding UTF-8, in exactly one form.

use super::fault::XmlFault;
use crate::codes::Code;

/// Where the document goes on behind its declaration; 0 without one.
///
/// # Errors
/// `parse.unsupported-charset` for another encoding than UTF-8, `parse.bad-xml` for everything that
/// is not `<?xml version="1.0" encoding=".." standalone=".."?>`, the last two of them optional.
/// Source: XML 1.0 section 2.8; version 1.1 has other characters and other line ends.
pub(super) fn check(text: &str) -> Result<usize, XmlFault> {
    let Some(rest) = text.strip_prefix("<?xml ") else {
        return Ok(0);
    };
    let bad = |expected| XmlFault::bad((0, 6), expected);
    let (inner, _) = rest
        .split_once("?>")
        .ok_or_else(|| bad("the end of the XML declaration"))?;
    let end = inner.len().saturating_add(8);
    let mut left = pairs(inner)
        .ok_or_else(|| bad("an XML declaration"))?
        .into_iter();
    let mut next = left.next();
    if next != Some(("version", "1.0")) {
        return Err(bad("version 1.0"));
    }
    next = left.next();
    if let Some(("encoding", encoding)) = next {
        if !encoding.eq_ignore_ascii_case("utf-8") {
            let code = Code::ParseUnsupportedCharset;
            return Err(XmlFault::new(code, (0, end), "UTF-8"));
        }
        next = left.next();
    }
    if let Some(("standalone", "yes" | "no")) = next {
        next = left.next();
    }
    match next {
        None => Ok(end),
        Some(_) => Err(bad("`encoding`, then `standalone`, and nothing else")),
    }
}

/// `name="value"` with blanks between them.
fn pairs(text: &str) -> Option<Vec<(&str, &str)>> {
    let blank = [' ', '\t', '\r', '\n'];
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches(blank);
    while !rest.is_empty() {
        let (name, value) = rest.split_once('=')?;
        let value = value.trim_start_matches(blank);
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, behind) = value.get(1..)?.split_once(quote)?;
        found.push((name.trim_end_matches(blank), value));
        rest = behind.trim_start_matches(blank);
        if !rest.is_empty() && rest.len() == behind.len() {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_honest_declaration_passes_and_its_end_is_told() {
        for text in [
            "<?xml version=\"1.0\"?>",
            "<?xml version='1.0' encoding='utf-8'?>",
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\" ?>",
            "<?xml  version = \"1.0\"\r\n standalone='no'?>",
        ] {
            assert_eq!(check(&format!("{text}<a/>")), Ok(text.len()), "{text}");
        }
        assert_eq!(check("<a/>"), Ok(0));
    }

    #[test]
    fn another_encoding_or_version_is_refused() {
        for name in ["UTF-16", "utf-7", "ISO-8859-1", "utf8", "", "UTF-8 "] {
            let text = format!("<?xml version=\"1.0\" encoding=\"{name}\"?><a/>");
            assert_eq!(
                check(&text).unwrap_err().code,
                Code::ParseUnsupportedCharset,
                "{name}"
            );
        }
        for text in [
            "<?xml version=\"1.1\"?>",
            "<?xml encoding=\"UTF-8\"?>",
            "<?xml version=\"1.0\"encoding=\"UTF-8\"?>",
            "<?xml version=\"1.0\" standalone=\"maybe\"?>",
            "<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?>",
            "<?xml version=\"1.0\" other=\"1\"?>",
            "<?xml version=\"1.0\"",
            "<?xml version=1.0?>",
            "<?xml ?>",
        ] {
            assert_eq!(check(text).unwrap_err().code, Code::ParseBadXml, "{text}");
        }
    }
}
