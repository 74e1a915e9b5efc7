//! Which parse rules are relaxed, and the bounded list of faults.

use crate::codes::Code;
use crate::decision::{Place, Reason};

/// A set of codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CodeSet([u64; 4]);

impl CodeSet {
    /// The empty set.
    #[must_use]
    pub fn new() -> Self {
        CodeSet::default()
    }

    fn place(code: Code) -> (usize, u64) {
        let index = code as usize;
        (
            index >> 6,
            1_u64
                .checked_shl(u32::try_from(index & 63).unwrap_or(0))
                .unwrap_or(0),
        )
    }

    /// Adds one code.
    pub fn add(&mut self, code: Code) {
        let (word, bit) = Self::place(code);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// Whether it is in the set.
    #[must_use]
    pub fn contains(&self, code: Code) -> bool {
        let (word, bit) = Self::place(code);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Adds all of another set.
    pub fn add_all(&mut self, other: &CodeSet) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }
}

impl FromIterator<Code> for CodeSet {
    fn from_iter<I: IntoIterator<Item = Code>>(codes: I) -> Self {
        let mut set = CodeSet::new();
        codes.into_iter().for_each(|code| set.add(code));
        set
    }
}

/// How strict the parser is.
#[derive(Clone, Debug, Default)]
pub struct ParseRules {
    /// Codes whose fault is not reported: the thing is allowed and has its obvious reading.
    pub relaxed: CodeSet,
    /// Hosts that `Host` may name: lower case, `name` (port 80, 443 or none) or `name:port`;
    /// empty = any.
    pub hosts: Vec<String>,
}

impl ParseRules {
    /// Rules from the names of the Policy form.
    ///
    /// # Errors
    /// The first name that is not a code of class Content.
    pub fn from_names<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<CodeSet, String> {
        names.into_iter().map(content_code).collect()
    }

    /// Whether this code is relaxed.
    #[must_use]
    pub fn relaxes(&self, code: Code) -> bool {
        self.relaxed.contains(code)
    }
}

fn content_code(name: &str) -> Result<Code, String> {
    Code::named(name)
        .filter(|code| code.class() == crate::codes::Class::Content)
        .ok_or_else(|| name.to_owned())
}

/// The faults of one message, bounded.
#[derive(Debug)]
pub struct Faults<'r> {
    relaxed: &'r CodeSet,
    most: u32,
    /// What was found, in the order it was found.
    pub list: Vec<Reason>,
}

impl<'r> Faults<'r> {
    /// None yet; at most `max` are kept.
    #[must_use]
    pub fn new(relaxed: &'r CodeSet, max: u32) -> Self {
        Faults {
            relaxed,
            most: max,
            list: Vec::new(),
        }
    }

    /// Adds a fault with nothing more known.
    pub fn add(&mut self, code: Code, place: Place) {
        self.push(Reason::new(code, place));
    }

    /// Adds a fault unless it is relaxed; of a full list, that there are more.
    pub fn push(&mut self, reason: Reason) {
        if !self.relaxed.contains(reason.code) {
            reason.tell(&mut self.list, self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::Location;

    #[test]
    fn a_set_holds_exactly_what_was_added() {
        for code in Code::ALL {
            let set: CodeSet = [*code].into_iter().collect();
            assert!(
                Code::ALL
                    .iter()
                    .all(|other| set.contains(*other) == (other == code))
            );
        }
    }

    #[test]
    fn only_content_codes_can_be_relaxed_by_name() {
        assert!(ParseRules::from_names(["parse.encoded-slash"]).is_ok());
        assert_eq!(
            ParseRules::from_names(["wire.bad-chunk"]),
            Err("wire.bad-chunk".to_owned())
        );
        assert!(ParseRules::from_names(["parse.nonsense"]).is_err());
    }

    #[test]
    fn faults_are_bounded_and_relaxed_ones_are_left_out() {
        let relaxed: CodeSet = [Code::ParseSemicolon].into_iter().collect();
        let mut faults = Faults::new(&relaxed, 1);
        faults.add(Code::ParseSemicolon, Place::of(Location::Target));
        assert!(faults.list.is_empty());
        for code in [
            Code::ParseBadHost,
            Code::ParseBadHost,
            Code::ParseFragment,
            Code::ParseFragment,
        ] {
            faults.add(code, Place::of(Location::Target));
        }
        let told: Vec<(Code, bool)> = faults
            .list
            .iter()
            .map(|reason| (reason.code, reason.is_untold()))
            .collect();
        let host = Code::ParseBadHost;
        assert_eq!(
            told,
            [(host, false), (host, true), (Code::ParseFragment, true)]
        );
    }
}
