//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).

use super::{Limits, Quota};
use crate::wire::number::write_decimal;

/// What a limit says of itself in both fields, made once: its quoted name, and its policy.
#[derive(Debug)]
pub(crate) struct Items {
    name: Box<[u8]>,
    policy: Box<[u8]>,
}

impl Items {
    /// Of a rate of `count` requests in `window_s` seconds.
    pub(crate) fn new(name: &str, count: u32, window_s: u64) -> Self {
        let name = quoted(name);
        let policy = format!("{name};q={count};w={window_s}");
        Items {
            name: name.into_bytes().into(),
            policy: policy.into_bytes().into(),
        }
    }
}

/// Appends the value of `RateLimit-Policy`; nothing where no rate was counted.
pub(crate) fn write_policy(limits: &Limits, quotas: &[Quota], out: &mut Vec<u8>) {
    write_list(limits, quotas, out, |items, _, out| {
        out.extend_from_slice(&items.policy);
    });
}

/// Appends the value of `RateLimit`; nothing where no rate was counted.
pub(crate) fn write_state(limits: &Limits, quotas: &[Quota], out: &mut Vec<u8>) {
    write_list(limits, quotas, out, |items, quota, out| {
        out.extend_from_slice(&items.name);
        out.extend_from_slice(b";r=");
        write_decimal(quota.remaining, out);
        out.extend_from_slice(b";t=");
        write_decimal(quota.reset_s, out);
    });
}

fn write_list(
    limits: &Limits,
    quotas: &[Quota],
    out: &mut Vec<u8>,
    write: impl Fn(&Items, &Quota, &mut Vec<u8>),
) {
    let mut is_first = true;
    for quota in quotas {
        let Some(items) = limits.items(quota.limit) else {
            continue;
        };
        if !std::mem::take(&mut is_first) {
            out.extend_from_slice(b", ");
        }
        write(items, quota, out);
    }
}

/// A String of RFC 9651 section 3.3.3; what it cannot hold is left out.
fn quoted(name: &str) -> String {
    let mut out = String::from("\"");
    for letter in name.chars().filter(|letter| (' '..='~').contains(letter)) {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::form::LimitForm;

    fn limit(name: &str) -> LimitForm {
        serde_json::from_value(serde_json::json!({
            "name": name, "per": ["address"], "everywhere": false,
            "quota": {"kind": "rate", "count": 100, "window_ms": 60_000, "burst": 100},
            "source": {"document": 0, "pointer": ""},
        }))
        .unwrap()
    }

    #[test]
    fn the_fields_are_lists_of_named_quotas() {
        let limits = Limits::compile(&[limit("p"), limit("a\"b\n")]).unwrap();
        let quota = |limit| Quota {
            limit,
            remaining: 42,
            reset_s: 12,
        };
        let (mut policy, mut state) = (Vec::new(), Vec::new());
        write_policy(&limits, &[quota(0), quota(1)], &mut policy);
        write_state(&limits, &[quota(0), quota(1)], &mut state);
        assert_eq!(policy, b"\"p\";q=100;w=60, \"a\\\"b\";q=100;w=60");
        assert_eq!(state, b"\"p\";r=42;t=12, \"a\\\"b\";r=42;t=12");
        state.clear();
        write_state(&limits, &[], &mut state);
        assert!(state.is_empty());
    }
}
