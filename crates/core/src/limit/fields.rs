//! `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers).

use super::Quota;

/// Values of `RateLimit-Policy` and `RateLimit`; `None` when no rate was counted.
#[must_use]
pub fn fields(quotas: &[Quota]) -> Option<(String, String)> {
    if quotas.is_empty() {
        return None;
    }
    let policy = |quota: &Quota| {
        format!(
            "{};q={};w={}",
            quoted(&quota.name),
            quota.count,
            quota.window_s
        )
    };
    let state = |quota: &Quota| {
        format!(
            "{};r={};t={}",
            quoted(&quota.name),
            quota.remaining,
            quota.reset_s
        )
    };
    let join =
        |item: &dyn Fn(&Quota) -> String| quotas.iter().map(item).collect::<Vec<_>>().join(", ");
    Some((join(&policy), join(&state)))
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

    #[test]
    fn the_fields_are_lists_of_named_quotas() {
        let quota = |name: &str| Quota {
            name: name.into(),
            count: 100,
            window_s: 60,
            remaining: 42,
            reset_s: 12,
        };
        let (policy, state) = fields(&[quota("p"), quota("a\"b\n")]).unwrap();
        assert_eq!(policy, "\"p\";q=100;w=60, \"a\\\"b\";q=100;w=60");
        assert_eq!(state, "\"p\";r=42;t=12, \"a\\\"b\";r=42;t=12");
        assert_eq!(fields(&[]), None);
    }
}
