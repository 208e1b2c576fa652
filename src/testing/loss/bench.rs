//! A loss on the bench: single examples in, single numbers out, and how far rounding may put them.

use super::case::{Case, ROWS};
use super::profile::{Dtype, Input, Kind, Profile, Reduction, Targets};
use super::reference::Entry;
use super::{Answer, Batch, Broken, Loss, Symptom, Target};
use crate::real::{Jet, Real, Row};
use crate::simplex::{Dense, Simplex};
use crate::tolerance;

/// One example of a batch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Example {
    /// `[a, b]` of a divergence; answers to the input and the attacked input for an objective (twice the same where there is none).
    pub(super) rows: [Vec<f64>; 2],
    pub(super) target: Option<Target>,
}

/// A loss that is being looked at.
pub(super) struct Bench<'a> {
    loss: &'a mut dyn Loss,
    profile: Profile,
    /// The entry and the factor that it is compared with beyond its own claim.
    pub(super) reference: Option<Reference>,
}

/// What a loss is a multiple of.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) entry: Entry,
    pub(super) scale: Scale,
}

/// A factor between a loss and an entry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// The same for every number of classes.
    Constant(f64),
    /// This number over the number of classes: a mean over the classes.
    PerClass(f64),
}

impl Scale {
    pub(super) fn at(self, classes: usize) -> f64 {
        match self {
            Self::Constant(factor) => factor,
            Self::PerClass(factor) => factor / classes as f64,
        }
    }

    /// The entry with this factor, in words: `kl`, `2 kl`, `1/K kl`.
    #[must_use]
    pub fn times(self, entry: &Entry) -> String {
        match self {
            Self::Constant(1.0) => entry.to_string(),
            Self::Constant(factor) => format!("{factor} {entry}"),
            Self::PerClass(factor) => format!("{factor}/K {entry}"),
        }
    }
}

impl<'a> Bench<'a> {
    pub(super) fn new(loss: &'a mut dyn Loss, profile: Profile) -> Self {
        Self { loss, profile, reference: None }
    }

    pub(super) fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(super) fn dtype(&self) -> Dtype {
        self.profile.arithmetic()
    }

    /// Example i of a case.
    pub(super) fn example(&self, case: &Case, i: usize) -> Example {
        match self.profile.kind() {
            Kind::Divergence => Example { rows: [case.row(i), case.row(i + 1)], target: None },
            Kind::Objective { targets, attacked } => {
                let clean = case.row(i);
                let second = if attacked { case.row(i + 1) } else { clean.clone() };
                let target = match targets {
                    Targets::Labels => Target::Label(case.label(i)),
                    Targets::Distributions => Target::Distribution(case.probabilities(i + 2)),
                };
                Example { rows: [clean, second], target: Some(target) }
            }
        }
    }

    /// All examples of a case.
    pub(super) fn examples(&self, case: &Case) -> Vec<Example> {
        (0..ROWS - 1).map(|i| self.example(case, i)).collect()
    }

    fn batch(&self, examples: &[Example], gradient: bool) -> Batch {
        let rows = |i: usize| examples.iter().map(|example| example.rows[i].clone()).collect();
        let second = match self.profile.kind() {
            Kind::Objective { attacked: false, .. } => vec![],
            _ => rows(1),
        };
        let targets = examples.iter().filter_map(|example| example.target.clone()).collect();
        Batch { first: rows(0), second, targets, gradient: gradient && self.profile.has_gradient() }
    }

    /// What the loss answers, checked for its shape.
    pub(super) fn answer(
        &mut self,
        examples: &[Example],
        gradient: bool,
    ) -> Result<Answer, Broken> {
        let batch = self.batch(examples, gradient);
        let answer =
            self.loss.evaluate(&batch).map_err(|broken| broken.at(&batch, self.dtype()))?;
        let expected = match self.profile.reduces_by() {
            Reduction::None => examples.len(),
            Reduction::Sum | Reduction::Mean => 1,
        };
        let wrong =
            |text: String| Broken::new(Symptom::Shape(text)).at(&batch, self.profile.arithmetic());
        if answer.losses.len() != expected {
            return Err(wrong(format!(
                "{} losses for {} examples; with the reduction `{}` there must be {expected}",
                answer.losses.len(),
                examples.len(),
                self.profile.reduces_by(),
            )));
        }
        if batch.gradient {
            let Some(gradient) = &answer.gradient else {
                return Err(wrong("no gradient, although it says that it gives one".into()));
            };
            for (found, rows) in gradient.iter().zip([&batch.first, &batch.second]) {
                let fits = found.len() == rows.len()
                    && found.iter().zip(rows).all(|(g, row)| g.len() == row.len());
                if !fits {
                    return Err(wrong("a gradient that is not of the shape of its input".into()));
                }
            }
        }
        Ok(answer)
    }

    /// The loss of one example, by itself.
    pub(super) fn value(&mut self, example: &Example) -> Result<f64, Broken> {
        Ok(self.answer(std::slice::from_ref(example), false)?.losses[0])
    }

    /// Its gradient by both rows; the second is empty where there is none.
    pub(super) fn gradient(&mut self, example: &Example) -> Result<(f64, [Vec<f64>; 2]), Broken> {
        let answer = self.answer(std::slice::from_ref(example), true)?;
        let mut rows = answer.gradient.unwrap_or_default().into_iter();
        let mut row = || rows.next().and_then(|mut rows| rows.pop()).unwrap_or_default();
        Ok((answer.losses[0], [row(), row()]))
    }

    /// The label distribution that a row stands for.
    pub(super) fn labels(&self, row: &[f64]) -> Simplex<Dense<f64>> {
        distribution(self.profile.inputs(), row)
    }

    /// How a label distribution is given to the loss, rounded to its arithmetic.
    pub(super) fn native(&self, p: &[f64]) -> Vec<f64> {
        let native = |p: &f64| match self.profile.inputs() {
            Input::Probabilities => self.dtype().round(*p),
            Input::Logits => self.dtype().round(p.ln()),
        };
        p.iter().map(native).collect()
    }

    /// The value of an entry at an example.
    pub(super) fn evaluated(&self, entry: &Entry, example: &Example) -> f64 {
        let [first, second] = [0, 1].map(|i| self.labels(&example.rows[i]));
        let target = example.target.as_ref().map(|target| target.labels(first.classes()));
        entry.eval([&first, &second], target.as_ref(), first.classes())
    }

    /// The derivative of an entry by entry k of row `by`: on logits the coordinate, on probabilities towards k and away from `from`.
    pub(super) fn slope(
        &self,
        entry: &Entry,
        example: &Example,
        (by, k, from): (usize, usize, usize),
    ) -> f64 {
        let lifted = |i: usize| {
            let entry = |j: usize| {
                let value = example.rows[i][j];
                let towards = f64::from(i8::from(j == k));
                let slope = match self.profile.inputs() {
                    Input::Logits => towards,
                    Input::Probabilities => towards - f64::from(i8::from(j == from)),
                };
                Jet::from_coefficients([value, if i == by { slope } else { 0.0 }])
            };
            distribution(
                self.profile.inputs(),
                &(0..example.rows[i].len()).map(entry).collect::<Vec<_>>(),
            )
        };
        let [first, second] = [0, 1].map(lifted);
        let classes = example.rows[0].len();
        let target = example.target.as_ref().map(|target| {
            let row: Vec<Jet<f64, 2>> = target.row(classes).into_iter().map(Jet::fixed).collect();
            distribution(Input::Probabilities, &row)
        });
        entry.eval([&first, &second], target.as_ref(), classes).derivative(1)
    }

    /// How far the loss of an example of about this size may be from what it should be: see [`tolerance::LOSS`].
    pub(super) fn slack(&self, example: &Example, value: f64) -> f64 {
        let mut condition = 0.0_f64;
        for row in &example.rows {
            for x in row {
                let size = match self.profile.inputs() {
                    Input::Logits => 2.0 * x.abs(),
                    Input::Probabilities if *x > 0.0 => x.ln().abs(),
                    Input::Probabilities => 0.0,
                };
                condition = condition.max(size);
            }
        }
        let classes = example.rows[0].len() as f64;
        let unit = tolerance::LOSS * self.dtype().rounding();
        unit * classes * (1.0 + condition) * value.abs().max(1.0)
    }
}

/// Whether two numbers agree within an error, or their squares do: what is a root has the error of a root.
pub(super) fn agree(x: f64, y: f64, slack: f64) -> bool {
    x == y || (x - y).abs() <= slack || (x * x - y * y).abs() <= slack && x * y >= 0.0
}

/// How far a value may be off if it, or its square, has this error.
pub(super) fn blur(value: f64, slack: f64) -> f64 {
    slack.max((value * value + slack).sqrt() - value.abs())
}

/// Whether `x <= y` within an error of both, or of their squares.
pub(super) fn at_most(x: f64, y: f64, slack: f64) -> bool {
    x <= y || agree(x, y, slack)
}

pub(super) fn distribution<R: Real>(input: Input, row: &[R]) -> Simplex<Dense<R>> {
    let row: Row<R> = row.iter().cloned().collect();
    match input {
        Input::Logits => Simplex::from_logits(&Dense::new(row)),
        Input::Probabilities => {
            let ln_p = row.map(Real::ln);
            Simplex::from_parts(row, ln_p)
        }
    }
}

impl Simplex<Dense<f64>> {
    fn classes(&self) -> usize {
        self.probabilities().entries().len()
    }
}

impl Target {
    /// The label distribution of the target.
    pub(super) fn row(&self, classes: usize) -> Vec<f64> {
        match self {
            Self::Label(label) => (0..classes).map(|k| f64::from(u8::from(k == *label))).collect(),
            Self::Distribution(row) => row.clone(),
        }
    }

    pub(super) fn labels(&self, classes: usize) -> Simplex<Dense<f64>> {
        distribution(Input::Probabilities, &self.row(classes))
    }
}
