//! What a loss says of itself: its kind, its inputs, its arithmetic, and which laws it claims.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::reference::Entry;
use crate::error::Error;
use crate::names;

/// What a loss is a function of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `D(a, b)` of two label distributions.
    Divergence,
    /// A training objective of a model's answer, of its answer to an attacked input where `attacked`, and of a target.
    Objective {
        /// What a target is.
        targets: Targets,
        /// Whether there is an answer to an attacked input.
        attacked: bool,
    },
}

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    /// The number of a class, from 0.
    Labels,
    /// A label distribution.
    Distributions,
}

/// How label distributions are given to the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// As probabilities.
    Probabilities,
    /// As logits, whose softmax they are.
    Logits,
}

/// What the loss makes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// One number for each example.
    None,
    /// Their sum.
    Sum,
    /// Their sum over the number of examples; `mean` and `batchmean` alike.
    Mean,
}

/// The arithmetic of the loss: what its inputs are rounded to, and how exact its answers can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// Doubles.
    Float64,
    /// Single precision.
    Float32,
    /// Half precision with 11 bits.
    Float16,
    /// Half precision with 8 bits.
    Bfloat16,
}

/// What is said of a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// It holds.
    Claimed,
    /// It does not.
    Denied,
    /// Nothing.
    Open,
}

/// Implements reading and printing by a table of names.
macro_rules! named {
    ($type:ident, $what:literal, [$($name:literal => $value:path),+ $(,)?]) => {
        impl $type {
            /// The name in files, in the protocol and on the command line.
            #[must_use]
            pub fn name(self) -> &'static str {
                let names = [$(($name, $value)),+];
                names.iter().find(|(_, value)| *value == self).map_or("", |(name, _)| name)
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                let names = [$(($name, $value)),+];
                let found = names.iter().find(|(name, _)| *name == text);
                let unknown = || names::unknown($what, text, names.map(|(name, _)| name));
                found.map(|(_, value)| *value).ok_or_else(unknown)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

named!(Targets, "target", ["labels" => Targets::Labels, "distributions" => Targets::Distributions]);
named!(Input, "input", ["probabilities" => Input::Probabilities, "logits" => Input::Logits]);
named!(Reduction, "reduction", [
    "none" => Reduction::None, "sum" => Reduction::Sum, "mean" => Reduction::Mean, "batchmean" => Reduction::Mean,
]);
named!(Dtype, "dtype", [
    "float64" => Dtype::Float64, "float32" => Dtype::Float32, "float16" => Dtype::Float16, "bfloat16" => Dtype::Bfloat16,
]);
named!(Stance, "stance", ["claimed" => Stance::Claimed, "denied" => Stance::Denied, "open" => Stance::Open]);

impl Dtype {
    /// The number of bits of a significand.
    #[must_use]
    pub fn bits(self) -> i32 {
        match self {
            Self::Float64 => 53,
            Self::Float32 => 24,
            Self::Float16 => 11,
            Self::Bfloat16 => 8,
        }
    }

    /// Half a unit in the last place of 1: the relative error of one rounding.
    #[must_use]
    pub fn rounding(self) -> f64 {
        f64::powi(2.0, -self.bits())
    }

    /// The nearest number with so many bits. Limits of the exponent are not looked at: no input comes near them.
    #[must_use]
    pub fn round(self, x: f64) -> f64 {
        match self {
            Self::Float64 => x,
            #[allow(clippy::cast_possible_truncation, reason = "rounding is what is meant")]
            Self::Float32 => f64::from(x as f32),
            Self::Float16 | Self::Bfloat16 => {
                // Adding and subtracting a large multiple leaves the leading bits, rounded to nearest.
                let scaled = x * (f64::powi(2.0, 53 - self.bits()) + 1.0);
                let rounded = scaled - (scaled - x);
                if rounded.is_finite() { rounded } else { x }
            }
        }
    }

    /// A number of this type in as few digits as identify it.
    #[must_use]
    pub fn shown(self, x: f64) -> String {
        let shortest = match self {
            Self::Float64 => format!("{x}"),
            #[allow(clippy::cast_possible_truncation, reason = "x is a number of this type")]
            Self::Float32 => format!("{}", x as f32),
            Self::Float16 | Self::Bfloat16 => {
                let digits = (0..9).map(|digits| format!("{x:.digits$}"));
                let mut same =
                    digits.filter(|text| text.parse().is_ok_and(|y: f64| self.round(y) == x));
                same.next().unwrap_or_else(|| format!("{x}"))
            }
        };
        if shortest == "-0" { "0".into() } else { shortest }
    }
}

/// What a loss says of itself.
///
/// ```
/// use score_workbench::testing::loss::{Dtype, Input, Profile, Reduction, Stance, Targets};
/// let profile = Profile::objective("my TRADES", Targets::Labels)
///     .attacked()
///     .reduction(Reduction::Mean)
///     .dtype(Dtype::Float32)
///     .classes(2..=10)?
///     .say("proper", Stance::Denied)?
///     .equal_to("trades(kl, kl, 6)")?;
/// assert_eq!(profile.name(), "my TRADES");
/// assert!(Profile::divergence("mine", Input::Logits).say("symetric", Stance::Claimed).is_err());
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Profile {
    name: String,
    kind: Kind,
    input: Input,
    reduction: Reduction,
    dtype: Dtype,
    classes: RangeInclusive<usize>,
    gradient: bool,
    said: Vec<(String, Stance, Option<f64>)>,
    equals: Option<Entry>,
}

/// The numbers of classes that are tried where the loss does not limit them.
const CLASSES: RangeInclusive<usize> = 2..=10;

impl Profile {
    fn new(name: &str, kind: Kind, input: Input) -> Self {
        Self {
            name: name.into(),
            kind,
            input,
            reduction: Reduction::None,
            dtype: Dtype::Float64,
            classes: CLASSES,
            gradient: false,
            said: vec![],
            equals: None,
        }
    }

    /// A divergence: doubles, a number for each example, any number of classes, no gradient, unless told otherwise.
    #[must_use]
    pub fn divergence(name: &str, input: Input) -> Self {
        Self::new(name, Kind::Divergence, input)
    }

    /// A training objective of logits, with the same defaults and no attacked input.
    #[must_use]
    pub fn objective(name: &str, targets: Targets) -> Self {
        Self::new(name, Kind::Objective { targets, attacked: false }, Input::Logits)
    }

    /// An objective with an attacked input. Divergences have none, and stay as they are.
    #[must_use]
    pub fn attacked(self) -> Self {
        let kind = match self.kind {
            Kind::Divergence => Kind::Divergence,
            Kind::Objective { targets, .. } => Kind::Objective { targets, attacked: true },
        };
        Self { kind, ..self }
    }

    /// The same with another way to give label distributions to it.
    #[must_use]
    pub fn input(self, input: Input) -> Self {
        Self { input, ..self }
    }

    /// The same with another reduction.
    #[must_use]
    pub fn reduction(self, reduction: Reduction) -> Self {
        Self { reduction, ..self }
    }

    /// The same with another arithmetic.
    #[must_use]
    pub fn dtype(self, dtype: Dtype) -> Self {
        Self { dtype, ..self }
    }

    /// The same for these numbers of classes only.
    ///
    /// # Errors
    /// [`Error::TooFewClasses`] for less than two; [`Error::Empty`] for none.
    pub fn classes(self, classes: RangeInclusive<usize>) -> Result<Self, Error> {
        if classes.is_empty() {
            Err(Error::Empty { what: "number of classes" })
        } else if *classes.start() < 2 {
            Err(Error::TooFewClasses { found: *classes.start() })
        } else {
            Ok(Self { classes, ..self })
        }
    }

    /// The same with gradients in its answers.
    #[must_use]
    pub fn with_gradient(self) -> Self {
        Self { gradient: true, ..self }
    }

    /// What is said of a law, in place of what was said before. A law with a constant takes it behind its name: `triangle = 2`.
    ///
    /// # Errors
    /// [`Error::Unknown`] for a law that does not exist, [`Error::NotANumber`] for a constant that is none.
    pub fn say(mut self, law: &str, stance: Stance) -> Result<Self, Error> {
        let (name, constant) = match law.split_once('=') {
            Some((name, constant)) if name.trim() == "equals" => {
                return if stance == Stance::Claimed {
                    self.equal_to(constant.trim())
                } else {
                    Err(Error::NotANumber { found: constant.trim().into() })
                };
            }
            Some((name, constant)) => {
                let constant: crate::exact::Exact = constant.trim().parse()?;
                (name.trim(), Some(constant.to_f64()))
            }
            None => (law, None),
        };
        let law = super::laws::Law::named(name)?;
        if constant.is_some() && law.constant.is_none() {
            return Err(Error::NoConstant { law: law.name });
        }
        self.said.retain(|(said, ..)| said != name);
        self.said.push((name.into(), stance, constant));
        Ok(self)
    }

    /// The claim that it equals an entry of the catalogue: the name of a divergence for divergences, `reversed(D)` for one with its
    /// arguments exchanged, the name of an [`Objective`](crate::objective::Objective) for objectives.
    ///
    /// # Errors
    /// Where there is no such entry.
    pub fn equal_to(self, entry: &str) -> Result<Self, Error> {
        Ok(Self { equals: Some(Entry::named(entry, self.kind)?), ..self })
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is a function of.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// How label distributions are given to it.
    #[must_use]
    pub fn inputs(&self) -> Input {
        self.input
    }

    /// What it makes of a batch.
    #[must_use]
    pub fn reduces_by(&self) -> Reduction {
        self.reduction
    }

    /// Its arithmetic.
    #[must_use]
    pub fn arithmetic(&self) -> Dtype {
        self.dtype
    }

    /// The numbers of classes that it works for.
    #[must_use]
    pub fn class_counts(&self) -> &RangeInclusive<usize> {
        &self.classes
    }

    /// Whether its answers have gradients.
    #[must_use]
    pub fn has_gradient(&self) -> bool {
        self.gradient
    }

    /// The entry that it claims to equal.
    #[must_use]
    pub fn equals(&self) -> Option<&Entry> {
        self.equals.as_ref()
    }

    /// What is said of a law, and the constant that comes with it; `None` where nothing is.
    #[must_use]
    pub fn said(&self, law: &str) -> Option<(Stance, Option<f64>)> {
        let said = self.said.iter().find(|(said, ..)| said == law);
        said.map(|(_, stance, constant)| (*stance, *constant))
    }
}
