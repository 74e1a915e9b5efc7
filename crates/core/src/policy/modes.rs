//! Which controls stand in shadow.

use std::collections::BTreeMap;

use super::form::Mode;
use crate::decision::Stage;

/// A set of controls in shadow: one bit per stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modes(u16);

/// Not one of the seven controls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownControl(pub String);

impl Modes {
    fn bit(stage: Stage) -> u16 {
        1_u16.checked_shl(u32::from(stage as u8)).unwrap_or(0)
    }

    /// These modes with those of `form` laid over them.
    ///
    /// # Errors
    /// `UnknownControl` for a name that is not one of `Stage::CONTROLS`.
    pub fn overlaid(self, form: &BTreeMap<String, Mode>) -> Result<Self, UnknownControl> {
        form.iter().try_fold(self, |modes, (name, mode)| {
            let stage = Stage::CONTROLS
                .into_iter()
                .find(|stage| stage.name() == name);
            let bit = Self::bit(stage.ok_or_else(|| UnknownControl(name.clone()))?);
            Ok(match mode {
                Mode::Enforce => Modes(modes.0 & !bit),
                Mode::Shadow => Modes(modes.0 | bit),
            })
        })
    }

    /// Whether this control stands in shadow. Stages that are no controls never do.
    #[must_use]
    pub fn is_shadow(self, stage: Stage) -> bool {
        self.0 & Self::bit(stage) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_layer_wins_and_leaves_the_rest() {
        let all: BTreeMap<String, Mode> = Stage::CONTROLS
            .iter()
            .map(|stage| (stage.name().to_owned(), Mode::Shadow))
            .collect();
        let modes = Modes::default().overlaid(&all).unwrap();
        let one = BTreeMap::from([("limit".to_owned(), Mode::Enforce)]);
        let modes = modes.overlaid(&one).unwrap();
        assert!(!modes.is_shadow(Stage::Limit) && modes.is_shadow(Stage::Inspect));
    }

    #[test]
    fn wire_and_decide_are_no_controls() {
        let wire = BTreeMap::from([("wire".to_owned(), Mode::Shadow)]);
        assert_eq!(
            Modes::default().overlaid(&wire),
            Err(UnknownControl("wire".to_owned()))
        );
    }
}
