//! Property tests of any loss: what it is, which laws it obeys, and where it differs from the validated formulas.
//!
//! A loss is a divergence `D(a, b)` of two label distributions, or a training objective of a model's answers and a target. It implements
//! [`Loss`]: a batch in, losses and perhaps gradients out. [`Suite`] tries every law of [`LAWS`] on random batches, which shrink to
//! short decimals where a law fails, and looks for the entry of the catalogue that the loss equals. A loss in another language is a
//! subprocess that speaks a line protocol; `score check-loss` does the same with it (docs/check-loss.md).
//!
//! # A worked example
//!
//! TRADES with the clean answer detached in the second term is a classical mistake: every value is right, and the gradient is not.
//!
//! ```
//! use score_workbench::testing::loss::{Answer, Batch, Broken, Loss, Profile, Suite, Target, Targets};
//!
//! struct Detached(Profile);
//!
//! fn softmax(h: &[f64]) -> Vec<f64> {
//!     let top = h.iter().copied().fold(f64::MIN, f64::max);
//!     let total: f64 = h.iter().map(|h| (h - top).exp()).sum();
//!     h.iter().map(|h| (h - top).exp() / total).collect()
//! }
//!
//! impl Loss for Detached {
//!     fn profile(&self) -> &Profile {
//!         &self.0
//!     }
//!     fn evaluate(&mut self, batch: &Batch) -> Result<Answer, Broken> {
//!         let (mut losses, mut clean, mut attacked) = (vec![], vec![], vec![]);
//!         for ((h, g), target) in batch.first().iter().zip(batch.second()).zip(batch.targets()) {
//!             let (p, q, Target::Label(y)) = (softmax(h), softmax(g), target) else { unreachable!() };
//!             let second: f64 = p.iter().zip(&q).map(|(p, q)| (p - q).powi(2)).sum();
//!             let first: f64 = p.iter().enumerate().map(|(k, p)| (p - f64::from(u8::from(k == *y))).powi(2)).sum();
//!             losses.push(first + 4.0 * second);
//!             // d/dh_j of sum_k c_k p_k is p_j (c_j - sum_k c_k p_k).
//!             let through = |c: Vec<f64>, p: &[f64]| {
//!                 let mean: f64 = c.iter().zip(p).map(|(c, p)| c * p).sum();
//!                 c.iter().zip(p).map(|(c, p)| p * (c - mean)).collect::<Vec<f64>>()
//!             };
//!             let first = p.iter().enumerate().map(|(k, p)| 2.0 * (p - f64::from(u8::from(k == *y))));
//!             clean.push(through(first.collect(), &p)); // and nothing of the second term
//!             attacked.push(through(q.iter().zip(&p).map(|(q, p)| 8.0 * (q - p)).collect(), &q));
//!         }
//!         Ok(Answer { losses, gradient: Some([clean, attacked]) })
//!     }
//! }
//!
//! let profile = Profile::objective("LSE", Targets::Labels).attacked().with_gradient();
//! let report = Suite::default().check(&mut Detached(profile));
//! let refuted: Vec<_> = report.against_claims().map(|finding| finding.law.name).collect();
//! assert_eq!(refuted, ["gradient", "gradient-jets"]);
//! // Its values are those of SCORE's objective all the same.
//! assert_eq!(report.identified.entries[0].0.to_string(), "trades(squared-error, squared-error, 4)");
//! ```
//!
//! [`loss_laws!`](crate::loss_laws) makes a test of it in one line, [`divergence`] and [`formula!`](crate::formula) losses of functions.
//!
//! # What a verdict says
//!
//! A law *holds* where no counterexample was found: on so many random cases, which is evidence by sample and no proof. It is *refuted*
//! by a counterexample that is larger than what rounding explains ([`tolerance::LOSS`](crate::tolerance::LOSS)). It is *undecided* where
//! the time ran out or no case said anything. The same seed gives the same cases, whatever else is checked and however fast.
//!
//! docs/check-loss.md has the laws, and a table of common mistakes with the law that each of them breaks.

mod bench;
mod case;
mod identify;
mod laws;
#[cfg(feature = "train")]
mod module;
mod own;
#[cfg(feature = "cli")]
mod process;
mod profile;
#[cfg(feature = "cli")]
mod protocol;
mod reference;
mod suite;

use std::fmt;

pub use bench::Scale;
pub use identify::Identification;
pub use laws::{Constant, Counterexample, LAWS, Law};
#[cfg(feature = "train")]
pub use module::Module;
pub use own::{Formula, Generic, divergence};
#[cfg(feature = "cli")]
pub use process::Process;
pub use profile::{Dtype, Input, Kind, Profile, Reduction, Stance, Targets};
pub use reference::Entry;
pub use suite::{Finding, Report, Suite};

/// A loss under test.
pub trait Loss {
    /// What it says of itself.
    fn profile(&self) -> &Profile;
    /// The losses of a batch, and their gradients where the batch asks for them.
    ///
    /// # Errors
    /// Where it has no answer.
    fn evaluate(&mut self, batch: &Batch) -> Result<Answer, Broken>;
}

/// Examples for a loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    first: Vec<Vec<f64>>,
    second: Vec<Vec<f64>>,
    targets: Vec<Target>,
    gradient: bool,
}

impl Batch {
    /// A row for each example: a of a divergence, the answer to the input of an objective; probabilities or logits.
    #[must_use]
    pub fn first(&self) -> &[Vec<f64>] {
        &self.first
    }

    /// A row for each example: b of a divergence, the answer to the attacked input of an objective, nothing where it has none.
    #[must_use]
    pub fn second(&self) -> &[Vec<f64>] {
        &self.second
    }

    /// A target for each example of an objective.
    #[must_use]
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// Whether gradients are asked for.
    #[must_use]
    pub fn wants_gradient(&self) -> bool {
        self.gradient
    }
}

/// What an example should have been answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// The number of a class, from 0.
    Label(usize),
    /// Probabilities.
    Distribution(Vec<f64>),
}

/// What a loss makes of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// One number, or one for each example where nothing is reduced.
    pub losses: Vec<f64>,
    /// The gradient of the sum of `losses` by both rows of each example, in the shape of the batch.
    pub gradient: Option<[Vec<Vec<f64>>; 2]>,
}

/// A loss that has no answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// What is wrong.
    pub symptom: Symptom,
    /// The end of what it wrote to its standard error.
    pub standard_error: String,
    /// The batch that it had no answer to, abridged; empty before the first one.
    pub batch: String,
    /// The law that the batch was for, where it was for one.
    pub law: Option<&'static str>,
}

/// What is wrong with a loss that has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Symptom {
    /// A command that cannot be started.
    #[error("cannot start `{command}`: {reason}")]
    Start {
        /// The command.
        command: String,
        /// What the operating system says.
        reason: String,
    },
    /// A first line that does not describe a loss.
    #[error("its first line does not describe a loss: {0}")]
    Greeting(String),
    /// No first line in time.
    #[error(
        "no first line within {seconds} s: before anything is asked, a loss prints what it is, {{\"protocol\": 1, \"kind\": ..}}"
    )]
    Unannounced {
        /// The time.
        seconds: f64,
    },
    /// No answer in time.
    #[error("no answer within {seconds} s")]
    Silent {
        /// The time.
        seconds: f64,
    },
    /// A process that ended before its input did.
    #[error("it ended ({status}) instead of answering")]
    Ended {
        /// How.
        status: String,
    },
    /// A line that is no answer.
    #[error("found `{line}` on its standard output; {expected}")]
    Garbage {
        /// The line, abridged.
        line: String,
        /// What is needed there.
        expected: String,
    },
    /// Output that nobody asked for.
    #[error(
        "found `{line}` on its standard output, which nobody asked for; each batch has one line of answer"
    )]
    Unasked {
        /// The line, abridged.
        line: String,
    },
    /// A line without an end.
    #[error("found more than {bytes} bytes without the end of a line on its standard output")]
    Endless {
        /// How many were read.
        bytes: usize,
    },
    /// An answer of the wrong shape.
    #[error("found {0}")]
    Shape(String),
    /// What is said of it instead of a greeting.
    #[error("{0}")]
    Unfit(String),
    /// What it said instead of an answer.
    #[error("it gives no answer: {0}")]
    Refused(String),
}

impl Broken {
    /// A loss with this symptom.
    #[must_use]
    pub fn new(symptom: Symptom) -> Self {
        Self { symptom, standard_error: String::new(), batch: String::new(), law: None }
    }

    fn at(mut self, batch: &Batch, dtype: Dtype) -> Self {
        if self.batch.is_empty() {
            let row = |row: &Vec<f64>| {
                let row: Vec<String> = row.iter().map(|x| dtype.shown(*x)).collect();
                format!("[{}]", row.join(", "))
            };
            let first: Vec<String> = batch.first.iter().map(row).collect();
            let second: Vec<String> = batch.second.iter().map(row).collect();
            let text = format!("{} {}", first.join(" "), second.join(" "));
            self.batch = text.trim().chars().take(300).collect();
        }
        self
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.symptom)?;
        if !self.batch.is_empty() {
            let law = self.law.map_or(String::new(), |law| format!(", for the law `{law}`,"));
            write!(f, "; the batch{law} was {}", self.batch)?;
        }
        if !self.standard_error.is_empty() {
            write!(f, "; its standard error ends with: {}", self.standard_error)?;
        }
        Ok(())
    }
}

impl std::error::Error for Broken {}
