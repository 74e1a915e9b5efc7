//! One `load` of the control process: options, Policy form and secrets, all or nothing.

use std::sync::Arc;

use bartizan_core::live::{Live, LiveParts};
use bartizan_core::policy::Policy;
use bartizan_core::secret::Secret;
use serde::Deserialize;

use crate::error::Error;
use crate::generation::Generation;
use crate::options::Options;

/// Secrets that come with a load; never printed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Secrets {
    api_key_pepper: Option<String>,
}

/// Builds a Generation. Key sets, verified tokens and limits of `before` live on. `seed` keys the
/// hashes of the limit table. Cost: O(form), some milliseconds per hundred operations.
///
/// # Errors
/// `Error::Options` or `Error::Policy`; nothing has changed then.
pub(crate) fn build(
    json: &[u8],
    before: Option<&Generation>,
    seed: [u8; 16],
) -> Result<Generation, Error> {
    let malformed = || Error::Options("the load is not a JSON object".to_owned());
    let (mut options, mut form, mut secrets) = (None, None, Secrets::default());
    for (name, value) in members(json).ok_or_else(malformed)? {
        match name {
            b"options" => options = Some(decode::<Options>(value)?),
            b"form" => form = Some(value),
            b"secrets" => secrets = decode(value)?,
            _ => return Err(Error::Options("the load has an unknown member".to_owned())),
        }
    }
    let options = options.ok_or_else(|| Error::Options("the load has no `options`".to_owned()))?;
    options.require_sound()?;
    let form = form.ok_or_else(|| Error::Options("the load has no `form`".to_owned()))?;
    let policy = Policy::load(form).map_err(|fault| Error::Policy(fault.message))?;
    let pepper = secrets
        .api_key_pepper
        .map(|pepper| Secret::new(pepper.into_bytes()));
    let parts = LiveParts {
        security: policy.security(),
        api_keys: policy.api_keys(),
        pepper: pepper.as_ref(),
        limit_table: policy.limit_table(),
        seed,
    };
    let live = Live::build(parts, before.map(|before| &*before.live))
        .map_err(|fault| Error::Policy(fault.message))?;
    Ok(Generation {
        policy: Arc::new(policy),
        live: Arc::new(live),
        options: Arc::new(options),
        number: before.map_or(1, |before| before.number.saturating_add(1)),
    })
}

fn decode<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Error> {
    serde_json::from_slice(json).map_err(|fault| Error::Options(fault.to_string()))
}

/// Members of a JSON object as (name, raw bytes of the value). The Policy hash is that of the very
/// bytes the form was compiled to, so the form is cut out, not parsed and written again.
/// `None` for what is not an object, or has escapes in a name.
fn members(json: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut rest = json
        .trim_ascii()
        .strip_prefix(b"{")?
        .strip_suffix(b"}")?
        .trim_ascii();
    let mut members = Vec::new();
    while !rest.is_empty() {
        let after_quote = rest.strip_prefix(b"\"")?;
        let end = after_quote
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\'))?;
        let (name, after) = after_quote.split_at_checked(end)?;
        let value = after
            .strip_prefix(b"\"")?
            .trim_ascii_start()
            .strip_prefix(b":")?;
        let end = value_end(value);
        let (value, after) = value.split_at_checked(end)?;
        members.push((name, value.trim_ascii()));
        rest = after.strip_prefix(b",").unwrap_or(after).trim_ascii_start();
    }
    Some(members)
}

/// Index of the comma that ends a value, or the length.
fn value_end(value: &[u8]) -> usize {
    let (mut depth, mut is_string, mut is_escaped) = (0_u32, false, false);
    for (index, byte) in value.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_string => is_escaped = true,
            b'"' => is_string = !is_string,
            _ if is_string => {}
            b'{' | b'[' => depth = depth.saturating_add(1),
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return index,
            _ => {}
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_cut_out_byte_for_byte() {
        let json =
            br#" {"options" : {"a":"}\",{"}, "form":{"b" : [1, {"c":"\\"}]} ,"secrets":{}} "#;
        let found = members(json).unwrap();
        let value = |index: usize| std::str::from_utf8(found[index].1).unwrap();
        assert_eq!(found[1].0, b"form");
        assert_eq!(value(0), r#"{"a":"}\",{"}"#);
        assert_eq!(value(1), r#"{"b" : [1, {"c":"\\"}]}"#);
        assert_eq!(value(2), "{}");
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for json in [&b"[]"[..], b"", b"{1}", br#"{"a"}"#] {
            assert!(members(json).is_none(), "{json:?}");
        }
        assert_eq!(members(b"{}").unwrap().len(), 0);
    }
}
