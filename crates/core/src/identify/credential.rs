//! Finding credentials in a Request: exactly one for each scheme, or a named refusal.

use std::net::IpAddr;

use super::refusal::Refusal;
use super::security::{Carrier, Scheme};
use crate::codes::Code;
use crate::policy::form::Verify;

/// What a Request holds under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// Nothing.
    None,
    /// One value, decoded.
    One(&'a [u8]),
    /// More than one.
    Many,
}

/// The view of a Request that `identify` needs. Header names are asked for in lower case; values
/// are without surrounding blanks; query and cookie values are decoded.
pub trait CredentialView {
    /// The header of this name.
    fn header(&self, name: &str) -> Found<'_>;
    /// The query parameter of this name.
    fn query(&self, name: &str) -> Found<'_>;
    /// The cookie of this name.
    fn cookie(&self, name: &str) -> Found<'_>;
    /// Address of the client; `None` where nobody knows it.
    fn client(&self) -> Option<IpAddr> {
        None
    }
}

/// The credential of `scheme`, if it is there.
///
/// # Errors
/// `identify.credential-conflict` for two, `identify.credential-malformed` for an empty one or,
/// with `Authorization`, one that is not a single token (RFC 9110 section 11.2).
pub(crate) fn present<'a>(
    view: &'a dyn CredentialView,
    scheme: &Scheme,
) -> Result<Option<&'a [u8]>, Refusal> {
    let found = match &scheme.carrier {
        Carrier::Authorization(name) => return authorization(view, name, scheme.verify),
        Carrier::Certificate => return Ok(None),
        Carrier::Cookie(name) => view.cookie(name),
        Carrier::Header(name) => view.header(name),
        Carrier::Query(name) => view.query(name),
    };
    match found {
        Found::None => Ok(None),
        Found::Many => Err(conflict()),
        Found::One([]) => Err(malformed()),
        Found::One(value) => Ok(Some(value)),
    }
}

fn authorization<'a>(
    view: &'a dyn CredentialView,
    scheme: &str,
    verify: Verify,
) -> Result<Option<&'a [u8]>, Refusal> {
    let value = match view.header("authorization") {
        Found::None => return Ok(None),
        Found::Many => return Err(conflict()),
        Found::One(value) => value,
    };
    let end = value
        .iter()
        .position(|byte| *byte == b' ')
        .unwrap_or(value.len());
    let name = value.get(..end).unwrap_or_default();
    if !name.eq_ignore_ascii_case(scheme.as_bytes()) {
        return Ok(None);
    }
    let credential = value.get(end..).unwrap_or_default().trim_ascii_start();
    let whole = match verify {
        Verify::Presence => !credential.is_empty(),
        Verify::ApiKey | Verify::Token => is_token68(credential),
    };
    if !whole {
        return Err(malformed());
    }
    if verify == Verify::Token && scheme == "bearer" && view.query("access_token") != Found::None {
        return Err(conflict());
    }
    Ok(Some(credential))
}

/// RFC 9110 section 11.2: letters, digits, `-._~+/`, then any number of `=`.
fn is_token68(value: &[u8]) -> bool {
    let end = value
        .iter()
        .rposition(|byte| *byte != b'=')
        .map_or(0, |at| at.saturating_add(1));
    let body = value.get(..end).unwrap_or_default();
    !body.is_empty() && body.iter().fold(true, |all, byte| all & is_word(*byte))
}

/// A letter, a digit or one of `-._~+/`. Written without branches: a token is long, and this
/// becomes a few vector instructions.
fn is_word(byte: u8) -> bool {
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `-`, `.`, `/` and the digits are neighbours.
    let is_digit_or_dot = byte.wrapping_sub(b'-') <= 12;
    is_letter | is_digit_or_dot | (byte == b'_') | (byte == b'~') | (byte == b'+')
}

pub(crate) fn conflict() -> Refusal {
    Refusal::new(
        Code::IdentifyCredentialConflict,
        "exactly one credential, in one place",
    )
}

fn malformed() -> Refusal {
    Refusal::new(
        Code::IdentifyCredentialMalformed,
        "one credential in the form of its scheme",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_word_is_known() {
        for byte in 0..=u8::MAX {
            let plain = byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
            assert_eq!(is_word(byte), plain, "{byte}");
        }
    }

    #[test]
    fn a_token68_is_one_word() {
        for good in [&b"abc.def-_~+/"[..], b"YWxh==", b"a"] {
            assert!(is_token68(good));
        }
        for bad in [
            &b""[..],
            b"==",
            b"a b",
            b"a,b",
            b"a=b",
            b"a\tb",
            b"\"a\"",
            b"\xc3\xa4",
        ] {
            assert!(!is_token68(bad));
        }
    }
}
