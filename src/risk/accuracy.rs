//! How often a model answers right, also under perturbations.

use super::line::{Line, Which};
use super::region::{self, End, Region};
use crate::error::Error;
use crate::quadrature::Estimate;

/// The accuracies of the classifier `argmax_y p_theta(y|x)` for perturbations of one radius.
///
/// ```text
/// clean           P( argmax Q(x) = y )
/// robust          P( argmax Q(u) = y            for all u in B(x) )
/// self-consistent P( argmax Q(u) = argmax P(u)  for all u in B(x) )
/// ```
///
/// Of classes that are equally likely on a whole interval the first is the answer; single points at which the answer changes belong to the
/// regions on both sides, so that a boundary that is only touched is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accuracies {
    /// `P(argmax Q(x) = y)`
    pub clean: Estimate,
    /// `P(argmax Q(u) = y for all u in B(x))`
    pub robust: Estimate,
    /// `P(argmax Q(u) = argmax P(u) for all u in B(x))`: 1 for the data's own posterior
    pub self_consistent: Estimate,
}

impl Accuracies {
    /// The names in files, in the order of the fields.
    pub const NAMES: [&'static str; 3] = ["clean", "robust", "self-consistent"];

    /// The three, in the order of [`NAMES`](Self::NAMES).
    #[must_use]
    pub fn all(&self) -> [Estimate; 3] {
        [self.clean, self.robust, self.self_consistent]
    }
}

impl Line {
    /// The accuracies; `epsilon` in the units of x.
    ///
    /// The regions in which a class is the likeliest are isolated by the crossings of logits, and their probabilities are sums of normal
    /// distribution functions: nothing is integrated numerically.
    ///
    /// ```
    /// use score_workbench::{law::Law, model::Model, risk::Line};
    /// // N(-1, 1) against N(1, 1), and the classifier whose boundary is at 0.
    /// let line = Line::new(&Law::resolve("symmetric")?, &Model::resolve("steep")?)?;
    /// let found = line.accuracies(0.5)?;
    /// assert!((found.clean.value - 0.8413447460685429).abs() < 1e-15); // Phi(1)
    /// assert!((found.robust.value - 0.6914624612740131).abs() < 1e-15); // Phi(1/2)
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Epsilon`] for an `epsilon` that is negative or not finite.
    pub fn accuracies(&self, epsilon: f64) -> Result<Accuracies, Error> {
        if !(epsilon >= 0.0 && epsilon.is_finite()) {
            return Err(Error::Epsilon { found: epsilon });
        }
        let (from, to) = self.hull();
        let range = (from - epsilon, to + epsilon);
        let law = self.line_law();
        let model = region::changes(self, Which::Model, range);
        let (mut clean, mut robust) = (Estimate::exact(0.0), Estimate::exact(0.0));
        for k in 0..self.classes() {
            let answers = |x| region::likeliest(self, Which::Model, x) == k;
            let region = Region::between(&model, range, answers);
            clean = clean + region.probability(law.class(k));
            robust = robust + region.eroded(epsilon).probability(law.class(k));
        }
        let mut both: Vec<End> = region::changes(self, Which::Data, range);
        both.extend(model);
        both.sort_by(|a, b| a.at.total_cmp(&b.at));
        let agrees =
            |x| region::likeliest(self, Which::Data, x) == region::likeliest(self, Which::Model, x);
        let agreement = Region::between(&both, range, agrees);
        let self_consistent = agreement.eroded(epsilon).probability(law.components());
        Ok(Accuracies { clean, robust, self_consistent })
    }
}
