//! Losses of one's own functions, and tests of them in one line.

use super::bench::distribution;
use super::profile::{Input, Kind, Profile};
use super::{Answer, Batch, Broken, Loss, Target};
use crate::real::{Jet, Row};
use crate::simplex::{Classes, Simplex};

/// A loss of a function of two rows; rows are probabilities or logits, as the profile says. It gives a number for each example,
/// whatever the profile says, and no gradient.
///
/// ```
/// use score_workbench::testing::loss::{Input, Profile, Stance, Suite, divergence};
/// let l1 = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum();
/// let profile = Profile::divergence("my l1", Input::Probabilities).say("triangle", Stance::Claimed)?;
/// Suite::default().cases(64).check(&mut divergence(profile, l1)).assert();
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
pub fn divergence(profile: Profile, f: impl FnMut(&[f64], &[f64]) -> f64) -> impl Loss {
    Function { profile, f }
}

struct Function<F> {
    profile: Profile,
    f: F,
}

impl<F: FnMut(&[f64], &[f64]) -> f64> Loss for Function<F> {
    fn profile(&self) -> &Profile {
        &self.profile
    }
    fn evaluate(&mut self, batch: &Batch) -> Result<Answer, Broken> {
        let dtype = self.profile.arithmetic();
        let rows = batch.first().iter().zip(batch.second());
        Ok(Answer {
            losses: rows.map(|(a, b)| dtype.round((self.f)(a, b))).collect(),
            gradient: None,
        })
    }
}

/// A formula over any arithmetic: values on doubles, gradients on jets, from one text.
pub trait Formula {
    /// The loss of one example: `(a, b)` of a divergence; the answers to the input and the attacked input of an objective (twice the
    /// same where there is none), and its target.
    fn eval<C: Classes>(
        &self,
        rows: [&Simplex<C>; 2],
        target: Option<&Simplex<C>>,
        classes: usize,
    ) -> C::Total;
}

impl Formula for super::Entry {
    fn eval<C: Classes>(
        &self,
        rows: [&Simplex<C>; 2],
        target: Option<&Simplex<C>>,
        classes: usize,
    ) -> C::Total {
        Self::eval(self, rows, target, classes)
    }
}

/// The loss of a [`Formula`]: a number for each example, with gradients by jets.
#[derive(Clone, Debug)]
pub struct Generic<F> {
    profile: Profile,
    formula: F,
}

impl<F: Formula> Generic<F> {
    /// The loss of this formula. Its profile is taken as it is, except that it has gradients.
    #[must_use]
    pub fn new(profile: Profile, formula: F) -> Self {
        Self { profile: profile.with_gradient(), formula }
    }
}

type Dual = Jet<f64, 2>;

impl<F: Formula> Loss for Generic<F> {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn evaluate(&mut self, batch: &Batch) -> Result<Answer, Broken> {
        let attacked = !matches!(self.profile.kind(), Kind::Objective { attacked: false, .. });
        let input = self.profile.inputs();
        let mut losses = vec![];
        let mut gradient = [vec![], vec![]];
        for (i, first) in batch.first().iter().enumerate() {
            let second = if attacked { &batch.second()[i] } else { first };
            let classes = first.len();
            let target = batch.targets().get(i).map(|target| target.row(classes));
            let plain = target.as_deref().map(|row| distribution(Input::Probabilities, row));
            let [p, q] = [first, second].map(|row| distribution(input, row));
            losses.push(self.formula.eval([&p, &q], plain.as_ref(), classes));
            if !batch.wants_gradient() {
                continue;
            }
            let fixed = |row: &[f64]| row.iter().map(|x| Dual::fixed(*x)).collect::<Row<Dual>>();
            let target =
                target.as_deref().map(|row| distribution(Input::Probabilities, &fixed(row)));
            for (by, rows) in gradient.iter_mut().enumerate().take(1 + usize::from(attacked)) {
                let slope = |k: usize| {
                    let lifted = |row: &[f64], varies: bool| {
                        let mut row = fixed(row);
                        if varies {
                            row[k] = Dual::variable(*row[k].value());
                        }
                        distribution(input, &row)
                    };
                    let [p, q] = if attacked {
                        [lifted(first, by == 0), lifted(second, by == 1)]
                    } else {
                        [lifted(first, true), lifted(second, true)]
                    };
                    self.formula.eval([&p, &q], target.as_ref(), classes).derivative(1)
                };
                rows.push((0..classes).map(slope).collect::<Vec<f64>>());
            }
        }
        Ok(Answer { losses, gradient: batch.wants_gradient().then_some(gradient) })
    }
}

/// A generic function `f(&Simplex<C>, &Simplex<C>) -> C::Total` as a loss with the given profile: see
/// [`loss_laws!`](crate::loss_laws).
#[macro_export]
macro_rules! formula {
    ($profile:expr, $function:ident) => {{
        struct Own;
        impl $crate::testing::loss::Formula for Own {
            fn eval<C: $crate::simplex::Classes>(
                &self,
                rows: [&$crate::simplex::Simplex<C>; 2],
                _: Option<&$crate::simplex::Simplex<C>>,
                _: usize,
            ) -> C::Total {
                $function(rows[0], rows[1])
            }
        }
        $crate::testing::loss::Generic::new($profile, Own)
    }};
}

/// A test that a loss is what its author takes it for: `loss_laws!(name, loss, claim: [..], deny: [..])`.
///
/// ```
/// use score_workbench::real::Real;
/// use score_workbench::simplex::{Classes, Simplex};
/// use score_workbench::testing::loss::{Input, Profile};
/// use score_workbench::{formula, loss_laws};
///
/// /// The triangular discrimination: `sum_k (p_k - q_k)^2 / (p_k + q_k)`.
/// fn triangular<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
///     p.zip(q, |a, b| {
///         let sum = a.p.clone() + b.p.clone();
///         Real::difference(a, b).square().over(&sum)
///     })
///     .sum()
/// }
///
/// loss_laws!(
///     triangular_discrimination_is_no_metric,
///     formula!(Profile::divergence("triangular", Input::Probabilities), triangular),
///     claim: ["separates", "symmetric", "triangle = 2", "kl-bound", "convex-first", "convex-second"],
///     deny: ["triangle"],
/// );
/// # fn main() {}
/// ```
///
/// A claim of a law with a constant and a denial of it with another are two claims; the last one of a law counts, so that above
/// `triangle` is denied.
#[macro_export]
macro_rules! loss_laws {
    ($name:ident, $loss:expr $(, claim: [$($claim:literal),* $(,)?])? $(, deny: [$($deny:literal),* $(,)?])? $(,)?) => {
        #[test]
        fn $name() {
            let suite = $crate::testing::loss::Suite::default()
                $($(.claim($claim))*)?
                $($(.deny($deny))*)?;
            suite.check(&mut $loss).assert();
        }
    };
}

impl Target {
    /// The label, where it is one.
    #[must_use]
    pub fn label(&self) -> Option<usize> {
        match self {
            Self::Label(label) => Some(*label),
            Self::Distribution(_) => None,
        }
    }
}
