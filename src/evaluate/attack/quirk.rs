//! What the reference implementation does oddly, and what it may be told to do instead. Robust accuracies are compared with the oddities in.

use std::fmt;
use std::str::FromStr;

use crate::error::Error;
use crate::names;

/// An oddity that can be put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quirk {
    /// APGD's first look at its step counts the first iteration as a rise of the loss where the loss is positive, since the table in which the loss before it
    /// is looked up is read from its other end. Put right, the loss at the start stands there. (linf and l2)
    FirstLook,
    /// Square never tries squares at the last row and column that they would fit. Put right, it does.
    Edge,
    /// The random numbers begin anew with every batch of every attack, so that images at the same place of their batches get the same noise. Put right, each
    /// batch of each attack has a seed of its own.
    SameNoise,
    /// APGD's momentum goes on across a return to the best point, along a step that was never made from there. Put right, it starts again from rest. (linf and l2)
    Momentum,
}

impl Quirk {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::FirstLook, Self::Edge, Self::SameNoise, Self::Momentum];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstLook => "first-look",
            Self::Edge => "edge",
            Self::SameNoise => "same-noise",
            Self::Momentum => "momentum",
        }
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Quirk {
    type Err = Error;

    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|quirk| quirk.name() == name)
            .ok_or_else(|| names::unknown("oddity", name, Self::ALL.map(Self::name)))
    }
}

/// Those that are put right; none of them unless it is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quirks(Vec<Quirk>);

impl Quirks {
    /// These, in any order.
    #[must_use]
    pub fn fixed(quirks: &[Quirk]) -> Self {
        let mut quirks = quirks.to_vec();
        quirks.sort_unstable();
        quirks.dedup();
        Self(quirks)
    }

    /// Whether this one is put right.
    #[must_use]
    pub fn fixes(&self, quirk: Quirk) -> bool {
        self.0.contains(&quirk)
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(Quirk::to_string).collect()
    }
}
