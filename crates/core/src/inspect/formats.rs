//! Formats of the OpenAPI format registry that the schema engine does not know itself.
//!
//! Numeric ones cannot be told to the engine as string formats: they are checked by a keyword of
//! our own that the schemas are given beside `format`.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use jsonschema::json::{JsonNumber, Node};
use jsonschema::{Keyword, ValidationError, ValidationOptions};
use serde_json::Value;

use super::node::{TapeJson, TapeNode};
use super::walk;

/// The keyword that holds a numeric format.
pub(crate) const NUMERIC: &str = "x-bartizan-numeric-format";

/// Bounds of a numeric format: integers lie within, and `f64` values too.
#[derive(Clone, Copy)]
struct Within {
    low: i128,
    high: i128,
    whole: bool,
}

fn within(format: &str) -> Option<Within> {
    let bits = |low: i128, high: i128| {
        Some(Within {
            low,
            high,
            whole: true,
        })
    };
    match format {
        "int8" => bits(i128::from(i8::MIN), i128::from(i8::MAX)),
        "int16" => bits(i128::from(i16::MIN), i128::from(i16::MAX)),
        "int32" => bits(i128::from(i32::MIN), i128::from(i32::MAX)),
        "int64" => bits(i128::from(i64::MIN), i128::from(i64::MAX)),
        "uint8" => bits(0, i128::from(u8::MAX)),
        "uint16" => bits(0, i128::from(u16::MAX)),
        "uint32" => bits(0, i128::from(u32::MAX)),
        "uint64" => bits(0, i128::from(u64::MAX)),
        "double-int" => bits(-9_007_199_254_740_991, 9_007_199_254_740_991),
        "float" => Some(Within {
            low: i128::MIN,
            high: i128::MAX,
            whole: false,
        }),
        _ => None,
    }
}

/// Whether the format is a numeric one with bounds.
pub(crate) fn is_numeric(format: &str) -> bool {
    within(format).is_some()
}

struct NumericFormat {
    bounds: Within,
    single: bool,
}

impl NumericFormat {
    fn holds(&self, node: TapeNode<'_>) -> bool {
        let Some(number) = node.as_number() else {
            return true;
        };
        let value = number.as_f64().unwrap_or(f64::NAN);
        if self.single {
            return value.abs() <= f64::from(f32::MAX);
        }
        if let Ok(whole) = number.as_str().parse::<i128>() {
            return (self.bounds.low..=self.bounds.high).contains(&whole);
        }
        // `1.0` is an integer to JSON Schema; what has a fraction is left to `type`.
        !self.bounds.whole || in_f64(value, self.bounds)
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "bounds of a range test on values that are f64 already"
)]
fn in_f64(value: f64, bounds: Within) -> bool {
    value >= bounds.low as f64 && value <= bounds.high as f64
}

impl<'i> Keyword<'i, TapeJson> for NumericFormat {
    fn validate(&self, instance: TapeNode<'i>) -> Result<(), ValidationError<'i>> {
        if self.holds(instance) {
            Ok(())
        } else {
            Err(ValidationError::custom("out of range"))
        }
    }

    fn is_valid(&self, instance: TapeNode<'i>) -> bool {
        self.holds(instance)
    }
}

/// Engine options with our formats, patterns on the linear engine where they can be, and a cap on
/// backtracking where they cannot.
pub(crate) fn with_formats<'i>(
    options: ValidationOptions<'i, std::sync::Arc<dyn jsonschema::Retrieve>, TapeJson>,
) -> ValidationOptions<'i, std::sync::Arc<dyn jsonschema::Retrieve>, TapeJson> {
    options
        .should_validate_formats(true)
        .should_ignore_unknown_formats(true)
        .with_format("byte", is_base64)
        .with_format("base64url", is_base64url)
        .with_format("char", |text: &str| text.chars().count() == 1)
        .with_keyword(NUMERIC, |_, value, _| {
            let format = value.as_str().unwrap_or("");
            let bounds = within(format).unwrap_or(Within {
                low: i128::MIN,
                high: i128::MAX,
                whole: false,
            });
            Ok(Box::new(NumericFormat {
                bounds,
                single: format == "float",
            }))
        })
}

/// RFC 4648 section 4; line ends are let through, as OpenAPI 2.0 tools write them.
fn is_base64(text: &str) -> bool {
    if text.bytes().any(|byte| matches!(byte, b'\r' | b'\n')) {
        let joined: String = text
            .chars()
            .filter(|letter| !matches!(letter, '\r' | '\n'))
            .collect();
        return STANDARD.decode(joined).is_ok();
    }
    STANDARD.decode(text).is_ok()
}

/// RFC 4648 section 5, with or without padding.
fn is_base64url(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok() || URL_SAFE.decode(text).is_ok()
}

/// Gives every schema node with a numeric `format` our keyword beside it.
pub(crate) fn mark(schema: &mut Value) {
    walk::change(schema, &mut |map| {
        let numeric = map
            .get("format")
            .and_then(Value::as_str)
            .filter(|format| is_numeric(format));
        if let Some(format) = numeric.map(str::to_owned) {
            map.insert(NUMERIC.to_owned(), Value::String(format));
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::budget::{Bounds, Budget};
    use crate::inspect::testing::{Dialect, Single};
    use crate::parse::json::{JsonRules, parse_json};

    fn fits(format: &str, text: &str) -> bool {
        let mut schema = json!({ "format": format });
        mark(&mut schema);
        let schema = Single::build(&schema, Dialect::Draft202012Formats, &[]).unwrap();
        let (bounds, rules) = (
            Bounds::default(),
            JsonRules::STRICT.relax(crate::codes::Code::ParseJsonNumber),
        );
        let mut budget = Budget::new(&bounds);
        let tape = parse_json(text.as_bytes(), &rules, &bounds, &mut budget).unwrap();
        schema.judge(&tape).0
    }

    #[test]
    fn whole_numbers_fit_up_to_their_bounds() {
        for (format, low, high, beyond) in [
            ("int8", "-128", "127", "128"),
            ("int32", "-2147483648", "2147483647", "2147483648"),
            (
                "int64",
                "-9223372036854775808",
                "9223372036854775807",
                "9223372036854775808",
            ),
            ("uint8", "0", "255", "-1"),
            (
                "uint64",
                "0",
                "18446744073709551615",
                "18446744073709551616",
            ),
            (
                "double-int",
                "-9007199254740991",
                "9007199254740991",
                "9007199254740992",
            ),
        ] {
            assert!(fits(format, low) && fits(format, high), "{format}");
            assert!(!fits(format, beyond), "{format} {beyond}");
        }
        assert!(fits("int32", "1e3") && !fits("int32", "1e10"));
        assert!(
            fits("int32", "\"not a number\""),
            "another type is left alone"
        );
    }

    #[test]
    fn a_float_fits_what_single_precision_holds() {
        assert!(fits("float", "3.4e38") && !fits("float", "3.5e38"));
        assert!(fits("double", "1e308"), "nothing beyond JSON's own bounds");
    }

    #[test]
    fn base64_is_read_with_line_ends_and_base64url_with_and_without_padding() {
        assert!(fits("byte", "\"YWJj\"") && fits("byte", r#""YW\r\nJj""#));
        assert!(!fits("byte", "\"YWJ\"") && !fits("byte", "\"YW-_\""));
        assert!(fits("base64url", "\"YW-_\"") && fits("base64url", "\"YQ==\""));
        assert!(fits("base64url", "\"YQ\"") && !fits("base64url", "\"YW+/\""));
    }

    #[test]
    fn a_char_is_one_code_point() {
        assert!(fits("char", "\"\u{e9}\"") && !fits("char", "\"ab\"") && !fits("char", "\"\""));
    }

    #[test]
    fn only_numeric_formats_are_given_our_keyword() {
        let mut schema = json!({"format": "int32", "properties": {"a": {"format": "date"}}});
        mark(&mut schema);
        assert_eq!(
            schema,
            json!({"format": "int32", NUMERIC: "int32", "properties": {"a": {"format": "date"}}})
        );
        assert!(is_numeric("float") && !is_numeric("date-time"));
    }
}
