//! Formulas of one variable, which the tests evaluate on several backends.

use score_workbench::divergence::Divergence;
use score_workbench::exact::Exact;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::real::Real;
use score_workbench::simplex::{Dense, Simplex};
use score_workbench::testing;

/// A formula of one variable, for any backend.
pub trait Formula {
    fn at<R: Real>(&self, x: &R) -> R;
}

/// `D(softmax(h + x h'), softmax(b + x b'))`.
#[derive(Debug)]
pub struct BetweenLogits<'a> {
    pub divergence: Divergence,
    pub first: [&'a [f64]; 2],
    pub second: [&'a [f64]; 2],
}

impl Formula for BetweenLogits<'_> {
    fn at<R: Real>(&self, x: &R) -> R {
        let double = |value: f64| x.constant(&Exact::from_f64(value).expect("finite"));
        let labels = |[start, slope]: [&[f64]; 2]| {
            let entry = |(h, s): (&f64, &f64)| double(*h) + double(*s) * x.clone();
            Simplex::from_logits(&Dense::new(
                start.iter().zip(slope).map(entry).collect::<Vec<_>>(),
            ))
        };
        self.divergence.eval(&labels(self.first), &labels(self.second))
    }
}

/// `ln p_d(x, y = k)`.
#[derive(Debug)]
pub struct LogJoint<'a>(pub &'a Law, pub usize);

impl Formula for LogJoint<'_> {
    fn at<R: Real>(&self, x: &R) -> R {
        self.0.line(x).expect("a law on the line").log_joint(x).entries()[self.1].clone()
    }
}

/// Logit k of a model.
#[derive(Debug)]
pub struct Logit<'a>(pub &'a Model, pub usize);

impl Formula for Logit<'_> {
    fn at<R: Real>(&self, x: &R) -> R {
        self.0.line(x).expect("a model on the line").logits(x).entries()[self.1].clone()
    }
}

/// `D(P(x), Q(x))`.
#[derive(Debug)]
pub struct Pointwise<'a>(pub &'a testing::Case);

impl Formula for Pointwise<'_> {
    fn at<R: Real>(&self, x: &R) -> R {
        let law = self.0.law.line(x).expect("a law on the line").log_joint(x);
        let model = self.0.model.line(x).expect("a model on the line").logits(x);
        let (p, q) = (Simplex::from_logits(&law), Simplex::from_logits(&model));
        self.0.divergence.eval(&p, &q)
    }
}
