//! What may be shown of a value that came out of a message. Applied by `record` to every value
//! before an Event leaves the core; nothing unmasked is ever written.

use crate::codes::Code;
use crate::decision::{Location, Place, Reason};

/// Name parts that mark a secret, in lower case without separators.
const SECRET_PARTS: &[&str] = &[
    "apikey",
    "assertion",
    "auth",
    "bearer",
    "cardnumber",
    "cookie",
    "credential",
    "creditcard",
    "csrf",
    "cvc",
    "cvv",
    "hmac",
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
    "samlresponse",
    "secret",
    "session",
    "sig",
    "signature",
    "ssn",
    "token",
    "xsrf",
];

/// Short parts that only count as a whole word.
const WHOLE_WORDS: &[&str] = &[
    "auth", "cvc", "cvv", "hmac", "iban", "jwt", "otp", "pan", "pin", "pwd", "sig", "ssn",
];

/// Whether a parameter, header or member of this name is likely to hold a secret.
///
/// Cost: O(length of the name x 32).
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

/// In a query this name holds what an identity provider gives for a token (RFC 6749 section 4.1.2).
fn is_grant(name: &str) -> bool {
    name.eq_ignore_ascii_case("code")
}

/// Whether any name on the way to this place marks a secret.
#[must_use]
pub fn is_secret_place(place: &Place) -> bool {
    place.location == Location::Cookie
        || (place.location == Location::Query && is_grant(&place.name))
        || is_secret_name(&place.name)
        || place.pointer.split('/').any(is_secret_name)
}

/// Whether a value at a place may be shown: no name on its way marks a secret, it does not look
/// like one, and the description does not hide it.
pub(crate) fn is_shown(place: &Place, value: &str, hides: impl Fn(&Place) -> bool) -> bool {
    !(is_secret_place(place) || looks_like_token(value) || tells_secret(value) || hides(place))
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

/// Whether a value names a secret inside: an address with a telling query or a password before its
/// host, a form, settings.
fn tells_secret(value: &str) -> bool {
    let pairs = value.split(['?', '&', ';', '#', ',', ' ']);
    let is_named = pairs
        .filter_map(|pair| pair.split_once('='))
        .any(|(name, value)| !value.is_empty() && (is_grant(name) || is_secret_name(name)));
    let after_scheme = value.split_once("://").map_or("", |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or("");
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    is_named || user.contains(':')
}

/// Long unbroken runs of token letters: JWTs, API keys, hashes, session ids, Base64.
pub(crate) fn looks_like_token(value: &str) -> bool {
    value
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || "-_.+/=".contains(letter)))
        .any(|run| match run.contains('/') {
            false => is_long_mix(run),
            // Paths and media types hold slashes, and so does Base64.
            true => {
                (run.ends_with('=') && is_long_mix(run)) || run.split('/').any(is_long_mix_of_cases)
            }
        })
}

fn is_long_mix(run: &str) -> bool {
    run.len() >= 24
        && run.bytes().any(|byte| byte.is_ascii_digit())
        && run.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_long_mix_of_cases(run: &str) -> bool {
    is_long_mix(run)
        && run.bytes().any(|byte| byte.is_ascii_lowercase())
        && run.bytes().any(|byte| byte.is_ascii_uppercase())
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
            "sig",
            "SAMLResponse",
            "client_assertion",
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
            "signal",
            "design",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn what_a_value_tells_of_a_secret_inside_is_masked_with_it() {
        let shown =
            |value: &str| is_shown(&Place::named(Location::Query, "next"), value, |_| false);
        for value in [
            "https://app.test/cb?code=4uTh0r",
            "https://app.test/#access_token=abc",
            "https://ann:hunter2@db.test/x",
            "user=ann password=hunter2",
            "9aB+c/dEfGhIjKlMnOpQrStUvWxYz01234567890abc=",
            "4/0AX4XfWhQz7bLk2PnT9cYvR5mEs",
        ] {
            assert!(!shown(value), "{value}");
        }
        for value in [
            "https://app.test/orders?page=2&password=",
            "https://app.test:8443/a@b/c",
            "/v1/users/550e8400-e29b-41d4-a716-446655440000",
            "application/vnd.example.product.v2+json",
            "a=b",
        ] {
            assert!(shown(value), "{value}");
        }
    }

    #[test]
    fn a_code_is_a_secret_in_a_query_alone() {
        assert_eq!(
            masked(Place::named(Location::Query, "code"), "4uTh0r"),
            "[masked, 6 bytes]"
        );
        assert_eq!(masked(Place::at(Location::Body, "/code"), "DE"), "DE");
        assert_eq!(
            masked(Place::named(Location::Query, "country_code"), "DE"),
            "DE"
        );
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
