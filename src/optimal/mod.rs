//! The most robust model in the sense of Madry et al., with a certificate of how far from optimal it can be.
//!
//! # The problem
//!
//! `R_Madry(Q) = E_x sup_{u in B(x)} D(P(x), Q(u))` is convex in the function Q wherever `b -> D(a, b)` is convex: a supremum and a
//! mean of convex functions. Its minimiser is in general not P. That is the paradox which SCORE resolves: on the slides' toy law some Q
//! has a smaller `R_Madry` than the law's own posterior.
//!
//! # Two bounds
//!
//! *Above.* Any model will do. The one that is found is a [`Piecewise`] model, and its risk is computed by
//! [`Line`], like that of any other model.
//!
//! *Below.* A kernel moves the mass at x to points `u` of its ball: `pi(du|x)`. The supremum is at least the mean over the kernel, so for
//! every Q
//!
//! ```text
//! R_Madry(Q)  >=  E_x int pi(du|x) D(P(x), Q(u))  >=  int min_q [ sum over the mass that came to u of D(P(x), q) ] du
//! ```
//!
//! and the right side has no model in it: one minimum over a label distribution for each u. Any kernel gives a bound, on the
//! continuous problem; that the best kernel closes the gap is the duality of the convex problem.
//!
//! # How both are found
//!
//! | step | module |
//! |---|---|
//! | a grid that repeats with period eps, so that the window of a node ends at nodes | `grid` |
//! | the problem on the grid, the maximum replaced by a smooth one with the barrier's weights | `smooth` |
//! | Newton's method along the barrier's path; the Hessian has the width of two windows | `newton` |
//! | the weights on the grid, spread to a kernel that moves each cell affinely onto cells of its window | `dual` |
//!
//! The grid is halved until the two bounds are as close as was asked. What the grid and the solver leave out makes the bounds worse, never
//! wrong; both are integrals with an error estimate, so the evidence is *estimated*. An enclosure of the two integrals for the same model and
//! the same kernel would make it *enclosed*.

mod banded;
mod dual;
mod grid;
mod newton;
mod smooth;

use crate::divergence::{Convexity, Divergence};
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::{Bayes, Model, Piecewise};
use crate::quadrature::Estimate;
use crate::risk::Line;
use crate::tolerance;

use grid::Grid;
use newton::Barrier;
use smooth::Smooth;

/// A model whose `R_Madry` is within a known distance of the smallest possible.
#[derive(Clone, Debug)]
pub struct Optimum {
    model: Model,
    upper: Estimate,
    lower: Estimate,
    variation: Estimate,
    knots: usize,
}

impl Optimum {
    /// The model that was found.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// `R_Madry` of the model: an upper bound of the smallest `R_Madry`.
    #[must_use]
    pub fn upper(&self) -> Estimate {
        self.upper
    }

    /// A lower bound of every model's `R_Madry`, by duality.
    #[must_use]
    pub fn lower(&self) -> Estimate {
        self.lower
    }

    /// C, which is `R_Madry` of the law's own posterior.
    #[must_use]
    pub fn variation(&self) -> Estimate {
        self.variation
    }

    /// The number of knots of the model; 0 where it is the law's own posterior.
    #[must_use]
    pub fn knots(&self) -> usize {
        self.knots
    }

    /// By how much at most the model's risk exceeds the smallest one, both errors included; at least 0.
    #[must_use]
    pub fn gap(&self) -> f64 {
        let gap = self.upper - self.lower;
        (gap.value + gap.error).max(0.0)
    }

    /// The [`gap`](Self::gap) relative to the model's risk; 0 where that risk is 0 as far as its error can tell.
    #[must_use]
    pub fn relative_gap(&self) -> f64 {
        if self.upper.value <= self.upper.error { 0.0 } else { self.gap() / self.upper.value }
    }

    /// By how much the law's own posterior is less robust than the model: `C - R_Madry(Q)`.
    #[must_use]
    pub fn excess(&self) -> Estimate {
        self.variation - self.upper
    }
}

/// Minimises `R_Madry^D` over all models of a law with two classes on the line, until the relative gap is at most `gap` or the grid is as
/// fine as it may be; [`Optimum::relative_gap`] says how far it came. `epsilon` is in the units of x.
///
/// ```
/// use score_workbench::{divergence::Divergence, law::Law, optimal};
/// let optimum = optimal::madry(&Law::resolve("toy")?, Divergence::Kl, &"1".parse()?, 1e-2)?;
/// assert!(optimum.lower().value > 0.0590 && optimum.upper().value < 0.0598);
/// // The law's own posterior is not the most robust model.
/// assert!(optimum.excess().value > 0.017);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotConvex`] for a divergence that is not convex in its second argument, [`Error::NotTwoClasses`], [`Error::NotOnTheLine`],
/// [`Error::TooFine`] where the radius is so small against the law that no grid can follow it, and those of [`Line::risk`].
pub fn madry(
    law: &Law,
    divergence: Divergence,
    epsilon: &Exact,
    gap: f64,
) -> Result<Optimum, Error> {
    if divergence.facts().convexity == Convexity::None {
        return Err(Error::NotConvex { divergence });
    }
    if law.classes() != 2 {
        return Err(Error::NotTwoClasses { found: law.classes() });
    }
    let own = Model::Bayes(Bayes::new(law.clone()));
    let radius = epsilon.to_f64();
    let variation = Line::new(law, &own)?.variation(divergence, radius)?;
    // Nothing varies, so that the posterior itself has no risk; also where what is left of C is rounding.
    if variation.value <= variation.error {
        let lower = Estimate { value: 0.0, error: 0.0 };
        return Ok(Optimum { model: own, upper: variation, lower, variation, knots: 0 });
    }
    let mut grid = Grid::new(&law.line(&0.0)?, radius)?;
    let mut start: Option<(Vec<f64>, f64)> = None;
    let mut best: Option<Optimum> = None;
    loop {
        let smooth = Smooth::new(law, divergence, &grid)?;
        let begin = variation.value * tolerance::BARRIER_START;
        let (logits, from) = start.unwrap_or_else(|| (smooth.start().to_vec(), begin));
        let barrier = Barrier { from, open: tolerance::BARRIER_SHARE * gap };
        let solution = barrier.solve(&smooth, logits);
        let model = model(grid.nodes(), &solution.logits)?;
        let upper = Line::new(law, &model)?.madry(divergence, radius)?;
        let enough = tolerance::DUAL_SHARE * gap * upper.value;
        let lower = dual::bound(law, divergence, &grid, &solution.kernel, enough)?;
        let found = Optimum { model, upper, lower, variation, knots: grid.nodes().len() };
        let better = best.as_ref().is_none_or(|best| found.gap() < best.gap());
        if better {
            best = Some(found);
        }
        let next = grid.halved();
        let done = best.as_ref().is_some_and(|best| best.relative_gap() <= gap);
        if done || !next.is_affordable() {
            break;
        }
        let again = solution.barrier * tolerance::BARRIER_AGAIN;
        start = Some((grid::with_middles(&solution.logits), again));
        grid = next;
    }
    // The loop has run at least once.
    best.ok_or(Error::Empty { what: "grid" })
}

/// The piecewise model with logits `(h, 0)` at the nodes, its numbers rounded to short decimals: it is read by people, and any model bounds
/// the optimum.
fn model(nodes: &[f64], logits: &[f64]) -> Result<Model, Error> {
    let short = |x: f64| format!("{x:.9e}").parse::<Exact>();
    let knots = nodes.iter().map(|&x| format!("{x:.12e}").parse()).collect::<Result<_, _>>()?;
    let row = |&h: &f64| Ok(vec![short(h)?, Exact::integer(0)]);
    let rows = logits.iter().map(row).collect::<Result<_, Error>>()?;
    Ok(Model::Piecewise(Piecewise::new(knots, rows)?))
}
