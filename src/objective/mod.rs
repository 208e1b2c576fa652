//! Training objectives: what a network is trained on, as expressions over the divergences.
//!
//! An [`Objective`] is a sum of at most two named parts of one example with label distribution t, model Q, input x and attacked input
//! x' in B(x); the maximum over B(x) is the attack's affair, the objective gets its point.
//!
//! | name | the objective | |
//! |---|---|---|
//! | `standard(D)` | `D(t, Q(x))` | `standard(cross-entropy)`, written `cross-entropy`, is what everybody trains on |
//! | `pgd-at(D)` | `D(t, Q(x'))` | Madry et al. 2018; with `squared-error` the SE form of SCORE |
//! | `trades(D1, D2, beta)` | `D1(t, Q(x)) + beta D2(Q(x), Q(x'))` | with kl twice TRADES (Zhang et al. 2019), with `squared-error` twice SCORE's LSE |
//!
//! Each may be followed by `smoothed(s, all)` or `smoothed(s, others)`, the label distribution that stands for a label, and by
//! `clip(c, robust)` or `clip(c, total)`, which put `max(. - c, 0)` around the term with x' or around the sum. [`Objective`] prints
//! these names and reads them; [`Objective::formula`] is the same as maths.
//!
//! The formulas are written once, over [`Classes`]: values on doubles, gradients on jets, training on a tensor backend.

use std::fmt;
use std::str::FromStr;

use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::names;
use crate::real::{Prob, Real};
use crate::simplex::{Classes, Simplex};

/// `-sum_k t_k ln q_k`, in `[0, inf]`: cross-entropy, in nats. It is `KL(t, q)` and the entropy of t, so the same for one-hot t.
pub fn cross_entropy<C: Classes>(t: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    t.zip(q, |t: Prob<C::Entry>, q| t.p.weigh(&-q.ln.clone())).sum()
}

/// `max(x - c, 0)`: below the bound c nothing is left to learn. At `x = c` a jet takes the side of `x > c`.
pub fn clipped<R: Real>(x: &R, c: &Exact) -> R {
    (x.clone() - x.constant(c)).max(&x.int(0))
}

/// What a label distribution and a model's answer are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discrepancy {
    /// [`cross_entropy`], which is no divergence: it is not 0 at equality.
    CrossEntropy,
    /// A divergence, the label's distribution first.
    Divergence(Divergence),
}

impl Discrepancy {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::CrossEntropy).chain(Divergence::ALL.map(Self::Divergence))
    }

    /// Its name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CrossEntropy => "cross-entropy",
            Self::Divergence(divergence) => divergence.name(),
        }
    }

    /// Its value.
    pub fn eval<C: Classes>(self, t: &Simplex<C>, q: &Simplex<C>) -> C::Total {
        match self {
            Self::CrossEntropy => cross_entropy(t, q),
            Self::Divergence(divergence) => divergence.eval(t, q),
        }
    }
}

impl FromStr for Discrepancy {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let unknown = || names::unknown("discrepancy", name, Self::all().map(Self::name));
        Self::all().find(|discrepancy| discrepancy.name() == name).ok_or_else(unknown)
    }
}

/// The label distribution that stands for a label y of K.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Smoothing {
    /// `(1 - s) e_y + s / K`: the share s is spread over all labels, y among them. What losses named "label smoothing" do.
    All(Exact),
    /// `1 - s` for y and `s / (K - 1)` for each of the others. What SCORE's LSE does.
    Others(Exact),
}

impl Smoothing {
    /// The share s.
    #[must_use]
    pub fn share(&self) -> &Exact {
        match self {
            Self::All(share) | Self::Others(share) => share,
        }
    }

    /// The smoothed target of K classes: `off + (on - off) t_k` of a target t, which is one-hot or any other.
    pub fn target<C: Classes>(&self, t: &Simplex<C>, classes: usize) -> Simplex<C> {
        let count = Exact::integer(i64::try_from(classes).unwrap_or(i64::MAX));
        let one = Exact::integer(1);
        let over = |divisor: &Exact| self.share().checked_div(divisor).unwrap_or(Exact::integer(0));
        let (off, on) = match self {
            Self::All(share) => (over(&count), &(&one - share) + &over(&count)),
            Self::Others(share) => (over(&(&count - &one)), &one - share),
        };
        t.affine(&off, &(&on - &off))
    }
}

/// Where the attacked input enters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nowhere.
    Standard,
    /// In place of the input.
    PgdAt,
    /// In a second term that ties Q(x') to Q(x), through which the gradient flows on both sides.
    Trades {
        /// What compares them.
        second: Divergence,
        /// The weight of that term.
        beta: Exact,
    },
}

/// What a clip is around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clipped {
    /// The term with x' (of TRADES before its weight).
    Robust,
    /// The sum.
    Total,
}

/// A training objective of one example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objective {
    first: Discrepancy,
    form: Form,
    smoothing: Option<Smoothing>,
    clip: Option<(Exact, Clipped)>,
}

impl Objective {
    /// `D(t, Q(x))`.
    #[must_use]
    pub fn standard(first: Discrepancy) -> Self {
        Self { first, form: Form::Standard, smoothing: None, clip: None }
    }

    /// `D(t, Q(x'))`.
    #[must_use]
    pub fn pgd_at(first: Discrepancy) -> Self {
        Self { form: Form::PgdAt, ..Self::standard(first) }
    }

    /// `D1(t, Q(x)) + beta D2(Q(x), Q(x'))`.
    ///
    /// # Errors
    /// [`Error::Negative`] for beta < 0.
    pub fn trades(first: Discrepancy, second: Divergence, beta: Exact) -> Result<Self, Error> {
        if beta.is_negative() {
            return Err(Error::Negative { what: "beta", found: beta });
        }
        Ok(Self { form: Form::Trades { second, beta }, ..Self::standard(first) })
    }

    /// The same with smoothed labels.
    ///
    /// # Errors
    /// [`Error::Negative`] for a share below 0, [`Error::TooLarge`] for one above 1.
    pub fn smoothed(self, smoothing: Smoothing) -> Result<Self, Error> {
        let share = smoothing.share();
        if share.is_negative() {
            return Err(Error::Negative { what: "share", found: share.clone() });
        } else if *share > Exact::integer(1) {
            return Err(Error::TooLarge { what: "share", found: share.clone(), most: 1 });
        }
        Ok(Self { smoothing: Some(smoothing), ..self })
    }

    /// The same with a clip.
    ///
    /// # Errors
    /// [`Error::Negative`] for a bound below 0.
    pub fn clip(self, bound: Exact, on: Clipped) -> Result<Self, Error> {
        if bound.is_negative() {
            return Err(Error::Negative { what: "bound", found: bound });
        }
        Ok(Self { clip: Some((bound, on)), ..self })
    }

    /// Whether it has an attacked input.
    #[must_use]
    pub fn is_adversarial(&self) -> bool {
        self.form != Form::Standard
    }

    /// Whether the input as it is enters.
    #[must_use]
    pub fn has_clean(&self) -> bool {
        self.form != Form::PgdAt
    }

    /// What compares labels and answers.
    #[must_use]
    pub fn first(&self) -> Discrepancy {
        self.first
    }

    /// Where the attacked input enters.
    #[must_use]
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// How labels are smoothed.
    #[must_use]
    pub fn smoothing(&self) -> Option<&Smoothing> {
        self.smoothing.as_ref()
    }

    /// The objective of one example: t its label distribution (before smoothing), `clean` = Q(x), `attacked` = Q(x'); all of
    /// `classes` labels.
    ///
    /// ```
    /// use score_workbench::objective::Objective;
    /// use score_workbench::simplex::{Dense, Simplex};
    /// let lse: Objective = "trades(squared-error, squared-error, 4)".parse()?;
    /// let t = Simplex::from_probabilities(&[1.0, 0.0])?;
    /// let [clean, attacked] = [1.0, 0.5].map(|h| Simplex::from_logits(&Dense::new([h, 0.0])));
    /// assert!((lse.eval(&t, &clean, &attacked, 2) - 0.2390093485927114).abs() < 1e-15);
    /// assert_eq!(lse.formula(), "squared-error(t, Q(x)) + 4 squared-error(Q(x), Q(x'))");
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    pub fn eval<C: Classes>(
        &self,
        t: &Simplex<C>,
        clean: &Simplex<C>,
        attacked: &Simplex<C>,
        classes: usize,
    ) -> C::Total {
        self.eval_target(&self.target(t, classes), clean, attacked)
    }

    /// The label distribution that the objective uses for t: smoothed, or t itself.
    pub fn target<C: Classes>(&self, t: &Simplex<C>, classes: usize) -> Simplex<C> {
        match &self.smoothing {
            Some(smoothing) => smoothing.target(t, classes),
            None => t.clone(),
        }
    }

    /// The objective of a label distribution t that is smoothed already.
    pub fn eval_target<C: Classes>(
        &self,
        t: &Simplex<C>,
        clean: &Simplex<C>,
        attacked: &Simplex<C>,
    ) -> C::Total {
        let clip = |on: Clipped, x: C::Total| match &self.clip {
            Some((bound, at)) if *at == on => clipped(&x, bound),
            _ => x,
        };
        let robust = |term| clip(Clipped::Robust, term);
        let sum = match &self.form {
            Form::Standard => self.first.eval(t, clean),
            Form::PgdAt => robust(self.first.eval(t, attacked)),
            Form::Trades { second, beta } => {
                let robust = robust(second.eval(clean, attacked));
                let beta = robust.constant(beta);
                self.first.eval(t, clean) + beta * robust
            }
        };
        clip(Clipped::Total, sum)
    }

    /// The term without x', where there is one: what says how well the model fits the labels.
    pub fn clean_term<C: Classes>(&self, t: &Simplex<C>, clean: &Simplex<C>) -> Option<C::Total> {
        self.has_clean().then(|| self.first.eval(t, clean))
    }

    /// The term with x', where there is one, without its clip and its weight: what the attack maximises, `clean` held fixed.
    pub fn robust_term<C: Classes>(
        &self,
        t: &Simplex<C>,
        clean: &Simplex<C>,
        attacked: &Simplex<C>,
    ) -> Option<C::Total> {
        match &self.form {
            Form::Standard => None,
            Form::PgdAt => Some(self.first.eval(t, attacked)),
            Form::Trades { second, .. } => Some(second.eval(clean, attacked)),
        }
    }

    /// The objective as maths.
    #[must_use]
    pub fn formula(&self) -> String {
        let t = match &self.smoothing {
            None => "t".into(),
            Some(Smoothing::All(s)) => format!("(1 - {s}) t + {s}/K"),
            Some(Smoothing::Others(s)) => format!("(1 - {s}) t + {s} (1 - t)/(K - 1)"),
        };
        let clip = |on: Clipped, text: String| match &self.clip {
            Some((bound, at)) if *at == on => format!("max({text} - {bound}, 0)"),
            _ => text,
        };
        let first = self.first.name();
        clip(
            Clipped::Total,
            match &self.form {
                Form::Standard => format!("{first}({t}, Q(x))"),
                Form::PgdAt => clip(Clipped::Robust, format!("{first}({t}, Q(x'))")),
                Form::Trades { second, beta } => {
                    let robust = clip(Clipped::Robust, format!("{second}(Q(x), Q(x'))"));
                    format!("{first}({t}, Q(x)) + {beta} {robust}")
                }
            },
        )
    }
}

/// The name that [`FromStr`] reads.
impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let first = self.first.name();
        match &self.form {
            Form::Standard if self.first == Discrepancy::CrossEntropy => f.write_str(first)?,
            Form::Standard => write!(f, "standard({first})")?,
            Form::PgdAt => write!(f, "pgd-at({first})")?,
            Form::Trades { second, beta } => write!(f, "trades({first}, {second}, {beta})")?,
        }
        match &self.smoothing {
            None => {}
            Some(Smoothing::All(share)) => write!(f, " smoothed({share}, all)")?,
            Some(Smoothing::Others(share)) => write!(f, " smoothed({share}, others)")?,
        }
        match &self.clip {
            None => Ok(()),
            Some((bound, Clipped::Robust)) => write!(f, " clip({bound}, robust)"),
            Some((bound, Clipped::Total)) => write!(f, " clip({bound}, total)"),
        }
    }
}

const NAMES: [&str; 6] = ["cross-entropy", "standard", "pgd-at", "trades", "smoothed", "clip"];

impl FromStr for Objective {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut objective: Option<Self> = None;
        for part in parts(text) {
            let (name, arguments) = match part.trim_end_matches(')').split_once('(') {
                Some((name, list)) => (name.trim(), list.split(',').map(str::trim).collect()),
                None => (part, vec![]),
            };
            let unreadable = || Error::NotAnObjective { found: text.chars().take(80).collect() };
            objective = Some(match (objective, name, arguments.as_slice()) {
                (None, "cross-entropy", []) => Self::standard(Discrepancy::CrossEntropy),
                (None, "standard", [first]) => Self::standard(first.parse()?),
                (None, "pgd-at", [first]) => Self::pgd_at(first.parse()?),
                (None, "trades", [first, second, beta]) => {
                    Self::trades(first.parse()?, second.parse()?, beta.parse()?)?
                }
                (Some(objective), "smoothed", [share, "all"]) => {
                    objective.smoothed(Smoothing::All(share.parse()?))?
                }
                (Some(objective), "smoothed", [share, "others"]) => {
                    objective.smoothed(Smoothing::Others(share.parse()?))?
                }
                (Some(objective), "clip", [bound, "robust"]) => {
                    objective.clip(bound.parse()?, Clipped::Robust)?
                }
                (Some(objective), "clip", [bound, "total"]) => {
                    objective.clip(bound.parse()?, Clipped::Total)?
                }
                _ if !NAMES.contains(&name) => {
                    return Err(names::unknown("objective", name, NAMES));
                }
                _ => return Err(unreadable()),
            });
        }
        objective.ok_or_else(|| Error::NotAnObjective { found: String::new() })
    }
}

/// The words of a name: `trades(kl, kl, 6)`, `clip(0.1, robust)`.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (vec![], 0_i32, 0);
    for (i, c) in text.char_indices() {
        depth += i32::from(c == '(') - i32::from(c == ')');
        if (c.is_whitespace() || c == ')') && depth == 0 {
            let end = i + c.len_utf8();
            parts.push(&text[start..end]);
            start = end;
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests;
