//! The risks of a problem in the directions that matter.

use std::sync::{Arc, OnceLock};

use super::directions::{Basis, components, doubles};
use super::exact::ExactPlane;
use super::projected;
use super::{PlaneExpansion, Reduction, agreement, expansion};
use crate::divergence::Divergence;
use crate::enclosure::{self, Effort, Enclosure};
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::{Ball, Norm, inner};
use crate::plane::{Body, Plane, PlaneLaw, PlaneModel};
use crate::quadrature::Estimate;
use crate::quantity::Quantity;
use crate::real::Interval;
use crate::risk::{Accuracies, Line, Risk};
use crate::span::{Draws, Own, Span};
use crate::tolerance;

/// A law and a model in any dimension, ready to be integrated in the directions that matter.
///
/// ```
/// use score_workbench::{divergence::Divergence, law::Law, model::Model, risk::Risk};
/// use score_workbench::perturbation::{Ball, Norm};
/// use score_workbench::space::Projected;
/// // The toy of the slides, turned into three dimensions: along u = (2, 1, 2) / 3 it is the toy, across it noise.
/// let law = Law::from_toml(r#"
///     kind = "gaussian-mixture"
///     [[classes]]
///     prior = "5/6"
///     [[classes.components]]
///     mean = ["-2/3", "-1/3", "-2/3"]
///     covariance = [["21/9", "6/9", "12/9"], ["6/9", "12/9", "6/9"], ["12/9", "6/9", "21/9"]]
///     [[classes]]
///     prior = "1/6"
///     components = [{ mean = ["2/3", "1/3", "2/3"], variance = 1 }]
/// "#, "law")?;
/// let model = Model::from_toml(
///     "kind = 'linear'\nweights = [['-2/3', '-1/3', '-2/3'], [0, 0, 0]]\nbias = [1, 0]", "model")?;
/// let found = Projected::new(&law, &model)?.risk(Risk::Score, Divergence::L1, &Ball::new(Norm::L2, "1".parse()?)?)?;
/// assert!((found.value - 0.38077615664129551).abs() < 1e-14);
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Projected {
    reduction: Reduction,
    engine: Engine,
    /// The model alone, for what needs no posterior.
    answers: Option<Box<Projected>>,
    /// The given problem, where it may be one of two directions that are known exactly, and that one once somebody has asked for it.
    given: Option<Arc<(Law, Model)>>,
    exact: OnceLock<Option<Arc<ExactPlane>>>,
}

#[derive(Clone, Debug)]
enum Engine {
    Line(Box<Line>),
    Plane(Box<Plane>),
    /// Three directions.
    Solid(Box<Span>),
    /// More, from a sample.
    Sample(Box<Span>, Draws),
}

impl Projected {
    /// Finds the directions, projects, and prepares.
    ///
    /// # Errors
    /// As [`Reduction::new`].
    pub fn new(law: &Law, model: &Model) -> Result<Self, Error> {
        Self::of(law, model, Reduction::new(law, model)?, None)
    }

    /// The same, with a sample of that many draws for what depends on more directions than are integrated over.
    ///
    /// # Errors
    /// As [`Reduction::new`], with up to [`tolerance::SAMPLED_DIRECTIONS`] directions.
    pub fn sampled(law: &Law, model: &Model, draws: Draws) -> Result<Self, Error> {
        let reduction = Reduction::at_most(law, model, tolerance::SAMPLED_DIRECTIONS)?;
        Self::of(law, model, reduction, Some(draws))
    }

    fn of(
        law: &Law,
        model: &Model,
        reduction: Reduction,
        draws: Option<Draws>,
    ) -> Result<Self, Error> {
        let engine = match (reduction.directions(), draws) {
            (0..=2, _) => Engine::new(&reduction)?,
            (3, _) => Engine::Solid(Box::new(span(law, model, &reduction)?)),
            (_, Some(draws)) => Engine::Sample(Box::new(span(law, model, &reduction)?), draws),
            (found, None) => {
                return Err(Error::TooManyDirections { found, most: tolerance::DIRECTIONS });
            }
        };
        let answers = match engine {
            Engine::Line(_) => None,
            _ => Self::of_model(law, model)?.map(Box::new),
        };
        let is_plane = matches!(engine, Engine::Plane(_)) && !reduction.is_exact();
        let may_be_exact = is_plane && reduction.dimension() <= tolerance::DENSE;
        let given = may_be_exact.then(|| Arc::new((law.clone(), model.clone())));
        Ok(Self { reduction, engine, answers, given, exact: OnceLock::new() })
    }

    /// The labels and the model, where the model depends on one direction: not with P, which may depend on others.
    fn of_model(law: &Law, model: &Model) -> Result<Option<Self>, Error> {
        let Law::GaussianMixture(mixture) = law;
        let origin = doubles(components(mixture)[0].mean());
        let Ok(Basis { rows, blur }) = Basis::of_model(model, &origin, 1) else { return Ok(None) };
        if rows.len() != 1 {
            return Ok(None);
        }
        let (law, model) = projected::problem(mixture, model, &rows)?;
        let reduction = Reduction::along(rows, blur, law, model);
        let (engine, exact) = (Engine::new(&reduction)?, OnceLock::new());
        Ok(Some(Self { engine, reduction, answers: None, given: None, exact }))
    }

    /// What became of the dimensions.
    #[must_use]
    pub fn reduction(&self) -> &Reduction {
        &self.reduction
    }

    /// The problem on the line.
    ///
    /// # Errors
    /// [`Error::NotOneDirection`] where two directions matter.
    pub fn line(&self) -> Result<&Line, Error> {
        match &self.engine {
            Engine::Line(line) => Ok(line),
            _ => Err(self.off_the_line()),
        }
    }

    /// Whether risks are known from a sample only.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        matches!(self.engine, Engine::Sample(..))
    }

    fn off_the_line(&self) -> Error {
        Error::NotOneDirection { found: self.reduction.directions() }
    }

    /// Whether risks can be enclosed: along one or two directions that are known exactly, in a ball whose image in the plane is not too flat for doubles.
    #[must_use]
    pub fn encloses(&self, ball: &Ball) -> bool {
        self.reduction.is_exact()
            || self.exact_plane().is_some_and(|exact| exact.around(ball).is_some())
    }

    /// The problem in the plane in exact numbers, where in doubles it is not the given one.
    fn exact_plane(&self) -> Option<&ExactPlane> {
        let find = || {
            let (law, model) = self.given.as_deref()?;
            ExactPlane::new(law, model).map(Arc::new)
        };
        self.exact.get_or_init(find).as_deref()
    }

    /// A risk, with what is known of it: estimated, or sampled where more directions matter than are integrated over.
    ///
    /// # Errors
    /// As [`risk`](Self::risk), and [`Error::Overflow`] for a draw that is not finite.
    pub fn quantity(
        &self,
        risk: Risk,
        divergence: Divergence,
        ball: &Ball,
    ) -> Result<Quantity, Error> {
        let Engine::Sample(span, draws) = &self.engine else {
            return self.risk(risk, divergence, ball).map(Quantity::from);
        };
        let mut drawn = span.drawn((risk, divergence), ball, *draws)?;
        let drift = self.drift() * drawn.value.abs();
        if drift.is_finite() {
            drawn.lower = (drawn.lower - drift).max(0.0);
            drawn.upper += drift;
        }
        Ok(drawn.into())
    }

    /// A risk, estimated.
    ///
    /// # Errors
    /// As [`Line::risk`] and [`Plane::risk`]; [`Error::OnlySampled`] where [`is_sampled`](Self::is_sampled) says so.
    pub fn risk(&self, risk: Risk, divergence: Divergence, ball: &Ball) -> Result<Estimate, Error> {
        let mut estimate = match &self.engine {
            Engine::Line(line) => {
                line.risk(risk, divergence, self.reduction.radius(ball).below().to_f64())?
            }
            Engine::Plane(plane) => plane.risk(risk, divergence, &self.reduction.body(ball)?)?,
            Engine::Solid(span) => span.estimate((risk, divergence), ball)?,
            Engine::Sample(..) => {
                return Err(Error::OnlySampled { directions: self.reduction.directions() });
            }
        };
        // An infinite risk has no error.
        if estimate.value.is_finite() {
            estimate.error += self.drift() * estimate.value.abs();
        }
        Ok(estimate)
    }

    /// What the error of the directions does to an average: the density moves by it, relative, times distances in standard deviations, of which
    /// all but 1e-18 of the mass have fewer than nine.
    fn drift(&self) -> f64 {
        self.reduction.blur() * tolerance::REACH
    }

    /// A risk, enclosed.
    ///
    /// # Errors
    /// As [`Line::risk`]; [`Error::NotEnclosed`] where [`encloses`](Self::encloses) says so.
    pub fn enclosure(
        &self,
        risk: Risk,
        divergence: Divergence,
        ball: &Ball,
        effort: Effort,
    ) -> Result<Enclosure, Error> {
        let not_enclosed = || Error::NotEnclosed { directions: self.reduction.directions() };
        if let Some(exact) = self.exact_plane() {
            let bodies = exact.around(ball).ok_or_else(not_enclosed)?;
            return Ok(between(&exact.plane, (risk, divergence), &bodies, effort));
        }
        if !self.reduction.is_exact() {
            return Err(not_enclosed());
        }
        let line = match &self.engine {
            Engine::Line(line) => line,
            Engine::Plane(plane) => {
                let bodies = in_the_plane(ball)?;
                return Ok(between(plane, (risk, divergence), &bodies, effort));
            }
            Engine::Solid(_) | Engine::Sample(..) => return Err(not_enclosed()),
        };
        let radius = self.reduction.radius(ball);
        let below = enclosure::risk(line, (risk, divergence, radius.below()), effort)?;
        if radius.is_exact() || risk == Risk::Standard {
            return Ok(below);
        }
        // The radius is irrational; risks do not decrease in it.
        let above = enclosure::risk(line, (risk, divergence, &radius.above()), effort)?;
        let interval = Interval::new(below.interval.lower(), above.interval.upper());
        let shortfall = below.shortfall.or(above.shortfall);
        Ok(Enclosure { interval, partition: None, shortfall })
    }

    /// What Theorem 4 says of a problem of two directions, where both log-odds are affine; `unit` is the ball of radius 1.
    pub(crate) fn expansion(&self, unit: &Ball) -> Result<PlaneExpansion, Error> {
        let Engine::Plane(_) = &self.engine else { return Err(self.off_the_line()) };
        let (law, model) = (self.reduction.law(), self.reduction.model());
        let mut found = expansion::expansion(law, model, &self.reduction.body(unit)?)
            .ok_or_else(|| self.off_the_line())?;
        found.coefficient.error += self.drift() * found.coefficient.value;
        Ok(found)
    }

    /// The accuracies of the model. Clean and robust accuracy ask for the labels and the model only, so that they are found on the line
    /// wherever the model depends on one direction.
    ///
    /// # Errors
    /// [`Error::NotOneDirection`] where it depends on more, and where the posterior and the model depend on two and do not both decide between
    /// half-planes: the self-consistent accuracy compares them.
    pub fn accuracies(&self, ball: &Ball) -> Result<Accuracies, Error> {
        let mut found = self.answered(ball)?;
        if self.reduction.directions() > 1 {
            // That of the line compares with the labels' law given one direction, not with P.
            let (law, model) = (self.reduction.law(), self.reduction.model());
            let own = agreement::probability(law, model, &self.reduction.body(ball)?);
            found.self_consistent = own.ok_or_else(|| self.off_the_line())?;
            found.self_consistent.error += self.drift();
        }
        Ok(found)
    }

    /// The clean and the robust accuracy alone.
    ///
    /// # Errors
    /// [`Error::NotOneDirection`] where the model depends on more than one direction.
    pub fn answers(&self, ball: &Ball) -> Result<[Estimate; 2], Error> {
        let Accuracies { clean, robust, .. } = self.answered(ball)?;
        Ok([clean, robust])
    }

    /// The accuracies on the line of the model.
    fn answered(&self, ball: &Ball) -> Result<Accuracies, Error> {
        let of = match &self.answers {
            Some(answers) => answers,
            None => self,
        };
        let mut found = of.line()?.accuracies(of.reduction.radius(ball).below().to_f64())?;
        for estimate in [&mut found.clean, &mut found.robust, &mut found.self_consistent] {
            estimate.error += of.drift();
        }
        Ok(found)
    }
}

/// In dimension 2 the body has the numbers of the ball, which are taken as exact: those of the doubles on either side of the radius.
fn in_the_plane(ball: &Ball) -> Result<[Body; 2], Error> {
    let nearest = ball.epsilon().to_f64();
    let is_double = ball.epsilon().as_double().is_some();
    let ends =
        if is_double { [nearest; 2] } else { [nearest.next_down().max(0.0), nearest.next_up()] };
    let body = |epsilon: f64| {
        let radius = Exact::from_f64(epsilon).ok_or(Error::Epsilon { found: epsilon })?;
        Ball::new(ball.norm(), radius)?.image([&[1.0, 0.0], &[0.0, 1.0]])
    };
    Ok([body(ends[0])?, body(ends[1])?])
}

/// A risk for a body between these two; risks do not decrease in it.
fn between(
    plane: &Plane,
    (risk, divergence): (Risk, Divergence),
    [inside, outside]: &[Body; 2],
    effort: Effort,
) -> Enclosure {
    let of = |body| plane.enclosure(risk, divergence, body, effort);
    let (below, above) = if inside == outside || risk == Risk::Standard {
        let both = of(inside);
        (both.clone(), both)
    } else {
        rayon::join(|| of(inside), || of(outside))
    };
    let interval = Interval::new(below.interval.lower(), above.interval.upper());
    Enclosure { interval, partition: None, shortfall: below.shortfall.or(above.shortfall) }
}

/// The problem in the span of its directions; and in the plane that the model by itself depends on, if it is no more.
fn span(law: &Law, model: &Model, reduction: &Reduction) -> Result<Span, Error> {
    let Law::GaussianMixture(mixture) = law;
    let rows = reduction.rows().expect("several directions are found in doubles");
    let origin = doubles(components(mixture)[0].mean());
    let own = match Basis::of_model(model, &origin, 2) {
        Ok(Basis { rows: seen, .. }) if (1..=2).contains(&seen.len()) => {
            let second = seen.get(1).cloned().unwrap_or_else(|| across(&seen[0], rows));
            let seen = [seen[0].clone(), second];
            let (law, model) = projected::problem(mixture, model, &seen)?;
            let Law::GaussianMixture(mixture) = law;
            let plane = Plane::new(PlaneLaw::new(mixture)?, PlaneModel::new(model)?)?;
            let map = [0, 1].map(|i| rows.iter().map(|row| inner(&seen[i], row)).collect());
            Some(Own { plane, rows: seen, map })
        }
        _ => None,
    };
    Span::new(reduction.law(), reduction.model(), rows.to_vec(), own)
}

/// A direction of length 1 in the span of orthonormal rows, orthogonal to another one in it.
fn across(other: &[f64], rows: &[Vec<f64>]) -> Vec<f64> {
    let along = |row: &Vec<f64>| inner(row, other);
    let nearest = |a: &&Vec<f64>, b: &&Vec<f64>| along(a).abs().total_cmp(&along(b).abs());
    let row = rows.iter().min_by(nearest).expect("a span has directions");
    let by = along(row);
    let rest: Vec<f64> = row.iter().zip(other).map(|(r, o)| r - by * o).collect();
    let length = Norm::L2.length(&rest);
    rest.into_iter().map(|c| c / length).collect()
}

impl Engine {
    /// Along two directions at most.
    fn new(reduction: &Reduction) -> Result<Self, Error> {
        let (law, model) = (reduction.law(), reduction.model());
        if reduction.directions() <= 1 {
            let line = Line::new(law, model)?.blurred(reduction.blur());
            return Ok(Self::Line(Box::new(line)));
        }
        let Law::GaussianMixture(mixture) = law;
        let law = PlaneLaw::new(mixture.clone())?;
        let plane = Plane::new(law, PlaneModel::new(model.clone())?)?;
        Ok(Self::Plane(Box::new(plane)))
    }
}
