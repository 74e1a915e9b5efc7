//! What may be shown of a value that came out of a message. Applied by `record` to every value
//! before an Event leaves the core; nothing unmasked is ever written.

use crate::codes::Code;
use crate::decision::{Location, Place, Reason};

/// Name parts that mark a secret, in lower case without separators.
const SECRET_PARTS: &[&str] = &[
    "apikey",
    "auth",
    "bearer",
    "cardnumber",
    "cookie",
    "credential",
    "creditcard",
    "csrf",
    "cvc",
    "cvv",
    "iban",
    "jwt",
    "otp",
    "pan",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "pincode",
    "privatekey",
    "pwd",
    "secret",
    "session",
    "signature",
    "ssn",
    "token",
    "xsrf",
];

/// Short parts that only count as a whole word.
const WHOLE_WORDS: &[&str] = &[
    "auth", "cvc", "cvv", "iban", "jwt", "otp", "pan", "pin", "pwd", "ssn",
];

/// Whether a parameter, header or member of this name is likely to hold a secret.
///
/// Cost: O(length of the name x 28).
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let joined: String = words.concat();
    SECRET_PARTS.iter().any(|part| {
        if WHOLE_WORDS.contains(part) {
            words.iter().any(|word| word == part)
        } else {
            joined.contains(part)
        }
    }) || joined.ends_with("authorization")
}

/// Splits at separators and at lower-to-upper borders; lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for letter in name.chars() {
        let starts = letter.is_uppercase() && lower_before;
        lower_before = letter.is_lowercase() || letter.is_ascii_digit();
        if !letter.is_alphanumeric() || starts {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// Whether any name on the way to this place marks a secret.
#[must_use]
pub fn is_secret_place(place: &Place) -> bool {
    place.location == Location::Cookie
        || is_secret_name(&place.name)
        || place.pointer.split('/').any(is_secret_name)
}

/// Whether a value at a place may be shown: no name on its way marks a secret, it does not look
/// like one, and the description does not hide it.
pub(crate) fn is_shown(place: &Place, value: &str, hides: impl Fn(&Place) -> bool) -> bool {
    !(is_secret_place(place) || looks_like_token(value) || hides(place))
}

/// Replaces the value of a secret place by its length; a value that looks like a token goes too.
/// hides: whether the API description takes a place out of every record.
pub fn mask(reason: &mut Reason, hides: impl Fn(&Place) -> bool) {
    let Some(value) = reason.value.as_mut() else {
        return;
    };
    // Audience, kind and life of a token whose signature holds open nothing.
    if matches!(
        reason.code,
        Code::IdentifyAudience | Code::IdentifyLifetime | Code::IdentifyTokenType
    ) {
        return;
    }
    // An issuer stands in a place of secrets and is none, unless it looks like one.
    let is_issuer = reason.code == Code::IdentifyUnknownIssuer;
    let may_stay = if is_issuer {
        !looks_like_token(value) && !hides(&reason.place)
    } else {
        is_shown(&reason.place, value, hides)
    };
    if !may_stay {
        *value = format!("[masked, {} bytes]", value.len());
    }
}

/// Long unbroken runs of token letters: JWTs, API keys, hashes, session ids.
pub(crate) fn looks_like_token(value: &str) -> bool {
    value
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.+/=".contains(letter)))
        .any(|run| {
            run.len() >= 24
                && run.bytes().any(|byte| byte.is_ascii_digit())
                && run.bytes().any(|byte| byte.is_ascii_alphabetic())
                && !run.contains('/')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(place: Place, value: &str) -> String {
        let mut reason = Reason::new(Code::InspectBodySchema, place).value(value);
        mask(&mut reason, |_| false);
        reason.value.unwrap()
    }

    #[test]
    fn a_place_that_the_description_hides_is_shown_by_length_alone() {
        let place = Place::at(Location::Body, "/email");
        let mut reason = Reason::new(Code::InspectBodySchema, place).value("ann@a.test");
        mask(&mut reason, |place| place.pointer == "/email");
        assert_eq!(reason.value.unwrap(), "[masked, 10 bytes]");
    }

    #[test]
    fn secret_names_are_told_in_every_spelling() {
        for name in [
            "password",
            "newPassword",
            "X-Api-Key",
            "api_key",
            "access_token",
            "card-number",
            "PIN",
            "Authorization",
            "Set-Cookie",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "email",
            "spinner",
            "author",
            "company",
            "description",
            "capital",
            "opinion",
            "panel",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_value_below_a_secret_name_is_shown_by_length_alone() {
        assert_eq!(
            masked(Place::at(Location::Body, "/user/password"), "hunter2"),
            "[masked, 7 bytes]"
        );
        assert_eq!(
            masked(Place::named(Location::Cookie, "theme"), "dark"),
            "[masked, 4 bytes]"
        );
    }

    #[test]
    fn audience_kind_and_life_of_a_token_are_shown_and_nothing_else_of_it() {
        let shown = |code| {
            let place = Place::named(Location::Header, "authorization");
            let mut reason = Reason::new(code, place).value("orders");
            mask(&mut reason, |_| false);
            reason.value.unwrap()
        };
        for code in [
            Code::IdentifyAudience,
            Code::IdentifyLifetime,
            Code::IdentifyTokenType,
        ] {
            assert_eq!(shown(code), "orders");
        }
        assert_eq!(shown(Code::IdentifyUnknownIssuer), "orders");
        assert_eq!(shown(Code::IdentifySignature), "[masked, 6 bytes]");
    }

    #[test]
    fn a_plain_value_stays_readable() {
        assert_eq!(
            masked(Place::at(Location::Body, "/email"), "not-an-email"),
            "not-an-email"
        );
    }

    #[test]
    fn a_value_that_looks_like_a_token_is_masked_under_any_name() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";
        assert!(masked(Place::named(Location::Query, "next"), token).starts_with("[masked"));
    }
}
