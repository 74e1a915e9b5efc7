//! What a strict parse refuses, and which of it an owner may relax.

use crate::codes::Code;

/// Which refusals are relaxed for one Operation. Everything is strict unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JsonRules(u8);

const DUPLICATE_KEY: u8 = 1;
const NUMBER: u8 = 2;
const PROTOTYPE_KEY: u8 = 4;

impl JsonRules {
    /// Nothing is relaxed.
    pub const STRICT: JsonRules = JsonRules(0);

    /// Relaxes one code. `parse.json-number` lets integers beyond 2^53 through, never a number
    /// that f64 cannot hold; `parse.duplicate-key` keeps both members (validation sees the first).
    /// Codes without a second reading to choose from (`parse.bad-json`, `parse.json-limit`) stay.
    #[must_use]
    pub fn relax(self, code: Code) -> Self {
        let bit = match code {
            Code::ParseDuplicateKey => DUPLICATE_KEY,
            Code::ParseJsonNumber => NUMBER,
            Code::ParsePrototypeKey => PROTOTYPE_KEY,
            _ => 0,
        };
        JsonRules(self.0 | bit)
    }

    pub(crate) fn duplicate_keys_pass(self) -> bool {
        self.0 & DUPLICATE_KEY != 0
    }

    pub(crate) fn large_integers_pass(self) -> bool {
        self.0 & NUMBER != 0
    }

    pub(crate) fn prototype_keys_pass(self) -> bool {
        self.0 & PROTOTYPE_KEY != 0
    }
}

/// Why a JSON text was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFault {
    /// `parse.bad-json`, `parse.duplicate-key`, `parse.json-number`, `parse.json-limit`,
    /// `parse.prototype-key` or `internal.budget`.
    pub code: Code,
    /// Bytes of the source that break the rule.
    pub span: (u32, u32),
    /// JSON Pointer of the value or member where it broke.
    pub pointer: String,
    /// What is allowed instead; never text out of the source.
    pub expected: &'static str,
}
