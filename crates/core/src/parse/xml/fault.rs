//! Why an XML body was refused, and which of it an owner may relax.

use crate::codes::Code;

/// Which refusals are relaxed for one Operation. Everything is strict unless said otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct XmlRules(u8);

const COMMENT: u8 = 1;
const DOCTYPE: u8 = 2;
const INCLUDE: u8 = 4;
const INSTRUCTION: u8 = 8;
const PROTOTYPE_KEY: u8 = 16;

impl XmlRules {
    /// Nothing is relaxed.
    pub const STRICT: XmlRules = XmlRules(0);

    /// Relaxes one code. `parse.xml-doctype` lets a DOCTYPE without declarations of its own
    /// through, never one that could declare an entity; `parse.xml-comment` reads the text as if
    /// the comment were not there. Codes without a second reading stay.
    #[must_use]
    pub fn relax(self, code: Code) -> Self {
        let bit = match code {
            Code::ParsePrototypeKey => PROTOTYPE_KEY,
            Code::ParseXmlComment => COMMENT,
            Code::ParseXmlDoctype => DOCTYPE,
            Code::ParseXmlInclude => INCLUDE,
            Code::ParseXmlInstruction => INSTRUCTION,
            _ => 0,
        };
        XmlRules(self.0 | bit)
    }

    pub(super) fn comments_pass(self) -> bool {
        self.0 & COMMENT != 0
    }

    pub(super) fn doctype_passes(self) -> bool {
        self.0 & DOCTYPE != 0
    }

    pub(super) fn includes_pass(self) -> bool {
        self.0 & INCLUDE != 0
    }

    pub(super) fn prototypes_pass(self) -> bool {
        self.0 & PROTOTYPE_KEY != 0
    }

    pub(super) fn instructions_pass(self) -> bool {
        self.0 & INSTRUCTION != 0
    }
}

/// Why an XML body was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlFault {
    /// See `read_xml`.
    pub code: Code,
    /// Bytes of the body that break the rule.
    pub span: (usize, usize),
    /// Names of the elements around it, as a JSON Pointer; empty where that is not known.
    pub pointer: String,
    /// What is allowed instead; never text out of the body.
    pub expected: &'static str,
}

impl XmlFault {
    pub(super) fn new(code: Code, span: (usize, usize), expected: &'static str) -> Self {
        XmlFault {
            code,
            span,
            pointer: String::new(),
            expected,
        }
    }

    pub(super) fn bad(span: (usize, usize), expected: &'static str) -> Self {
        Self::new(Code::ParseBadXml, span, expected)
    }

    /// The same, `base` bytes further on.
    pub(super) fn behind(mut self, base: usize) -> Self {
        let (start, end) = self.span;
        self.span = (start.saturating_add(base), end.saturating_add(base));
        self
    }

    pub(super) fn within(mut self, pointer: String) -> Self {
        self.pointer = pointer;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rules_with_a_second_reading_are_relaxed() {
        let rules = XmlRules::STRICT.relax(Code::ParseXmlDoctype);
        assert!(rules.doctype_passes() && !rules.includes_pass());
        assert!(!rules.instructions_pass() && !rules.comments_pass());
        for code in [Code::ParseBadXml, Code::ParseXmlLimit, Code::ParseBadJson] {
            assert_eq!(XmlRules::STRICT.relax(code), XmlRules::STRICT);
        }
    }
}
