//! Log densities and logits in the plane, compiled for a backend: the leaf formulas.

use smallvec::SmallVec;

use crate::exact::Exact;
use crate::law::{Component, GaussianMixture, Law, ln_two_pi};
use crate::model::{MlpOn, Model};
use crate::real::{Real, Row};
use crate::risk::Which;
use crate::simplex::{Dense, Simplex};

/// A weighted normal density in the plane. With the lower triangular root of the precision,
/// `ln( mass N(x; mean, covariance) ) = ln_peak - (u^2 + v^2) / 2`, `u = a (x_0 - mean_0)`, `v = b (x_0 - mean_0) + c (x_1 - mean_1)`.
#[derive(Clone, Debug)]
pub(super) struct ComponentOn<R> {
    pub mean: [R; 2],
    root: [R; 3],
    pub ln_peak: R,
}

impl<R: Real> ComponentOn<R> {
    fn new(prior: &Exact, component: &Component, like: &R) -> Self {
        let mass = like.constant(&(prior * component.weight()));
        let mean = [0, 1].map(|i| like.constant(&component.mean()[i]));
        let zero = Exact::integer(0);
        let entry = |i, j| component.covariance().entry(i, j);
        let [v, cross, w] = [entry(0, 0), entry(0, 1), entry(1, 1)];
        let [v, cross, w] = [&*v, &*cross, &*w];
        // What is left of the second variance once the first coordinate is known; exactly, since it can cancel.
        let rest = cross.checked_div(v).map_or_else(|| w.clone(), |slope| w - &(&slope * cross));
        let (ln_v, ln_rest) = (like.constant(v).ln(), like.constant(&rest).ln());
        let one = like.int(1);
        let root_of = |variance: &Exact| one.clone() / like.constant(variance).sqrt();
        let c = root_of(&rest);
        let slope = cross.checked_div(v).unwrap_or(zero.clone());
        let b = -(like.constant(&slope) * c.clone());
        let two = like.int(2);
        let ln_peak = mass.ln() - (ln_v + ln_rest) / two - ln_two_pi(like);
        Self { mean, root: [root_of(v), b, c], ln_peak }
    }

    fn log_density(&self, x: &[R; 2]) -> R {
        let [a, b, c] = &self.root;
        let [s, t] = [0, 1].map(|i| x[i].clone() - self.mean[i].clone());
        let u = a.clone() * s.clone();
        let v = b.clone() * s + c.clone() * t;
        let two = u.int(2);
        self.ln_peak.clone() - (u.square() + v.square()) / two
    }
}

impl ComponentOn<f64> {
    /// The lower triangular root of the covariance, by rows: `x = mean + root y` with y standard.
    pub fn spread(&self) -> [[f64; 2]; 2] {
        let [a, b, c] = self.root;
        [[1.0 / a, 0.0], [-b / (a * c), 1.0 / c]]
    }

    /// How many standard deviations away a point is.
    pub fn distance(&self, x: [f64; 2]) -> f64 {
        let [a, b, c] = self.root;
        let [s, t] = [x[0] - self.mean[0], x[1] - self.mean[1]];
        (a * s).hypot(b * s + c * t)
    }

    /// The inverse of the covariance times a vector.
    pub fn precision_times(&self, [s, t]: [f64; 2]) -> [f64; 2] {
        let [a, b, c] = self.root;
        let (u, v) = (a * s, b * s + c * t);
        [a * u + b * v, c * v]
    }
}

/// A law in the plane with its constants compiled for one backend.
#[derive(Clone, Debug)]
pub(super) struct LawOn<R> {
    classes: Row<SmallVec<[ComponentOn<R>; 1]>>,
}

impl<R: Real> LawOn<R> {
    pub fn new(mixture: &GaussianMixture, like: &R) -> Self {
        let class = |class: &crate::law::Class| {
            class.components().iter().map(|c| ComponentOn::new(class.prior(), c, like)).collect()
        };
        Self { classes: mixture.classes().iter().map(class).collect() }
    }

    /// `ln p_d(x, y = k)` for every class k; its softmax is P(x), its log-sum-exp `ln p_d(x)`.
    pub fn log_joint(&self, x: &[R; 2]) -> Dense<R> {
        Dense::new(self.classes.map(|class| match class.as_slice() {
            [component] => component.log_density(x),
            components => {
                let terms = Row::from_fn(components.len(), |j| components[j].log_density(x));
                R::softmax(&terms).log_total
            }
        }))
    }

    /// The components of every class.
    pub fn components(&self) -> impl Iterator<Item = &ComponentOn<R>> {
        self.classes.iter().flatten()
    }
}

/// A model in the plane with its constants compiled for one backend.
#[derive(Clone, Debug)]
pub(super) enum ModelOn<R> {
    /// `w . x + b`.
    Affine(Row<[R; 3]>),
    /// `x' A x + w . x + b`: the coefficients of `x_0^2`, `x_0 x_1`, `x_1^2`, `x_0`, `x_1`, 1.
    Quadratic(Row<[R; 6]>),
    Posterior(LawOn<R>),
    Network(MlpOn<R>),
    Constant(Dense<R>),
}

impl<R: Real> ModelOn<R> {
    /// A model of inputs in the plane.
    pub fn new(model: &Model, like: &R) -> Self {
        match model {
            Model::Linear(model) => Self::Affine(Row::from_fn(model.classes(), |k| {
                let w = &model.weights()[k];
                [&w[0], &w[1], &model.bias()[k]].map(|c| like.constant(c))
            })),
            Model::Quadratic(model) => Self::Quadratic(Row::from_fn(model.classes(), |k| {
                let (a, w) = (&model.matrices()[k], &model.weights()[k]);
                let mixed = &a[0][1] + &a[1][0];
                [&a[0][0], &mixed, &a[1][1], &w[0], &w[1], &model.bias()[k]]
                    .map(|c| like.constant(c))
            })),
            Model::Bayes(model) => {
                let Law::GaussianMixture(mixture) = model.law();
                Self::Posterior(LawOn::new(mixture, like))
            }
            Model::Mlp(model) => Self::Network(model.compiled(like)),
            Model::Constant(model) => {
                let p = model.probabilities();
                Self::Constant(Dense::new(Row::from_fn(p.len(), |k| like.constant(&p[k]).ln())))
            }
            Model::Piecewise(_) => unreachable!("a piecewise model has inputs on the line"),
        }
    }

    /// The logits at x.
    pub fn logits(&self, x: &[R; 2]) -> Dense<R> {
        let [s, t] = x;
        match self {
            Self::Affine(rows) => Dense::new(
                rows.map(|[a, b, c]| a.clone() * s.clone() + b.clone() * t.clone() + c.clone()),
            ),
            Self::Quadratic(rows) => Dense::new(rows.map(|[ss, st, tt, a, b, c]| {
                (ss.clone() * s.clone() + a.clone()) * s.clone()
                    + (st.clone() * s.clone() + tt.clone() * t.clone() + b.clone()) * t.clone()
                    + c.clone()
            })),
            Self::Posterior(law) => law.log_joint(x),
            Self::Network(network) => network.logits(x),
            Self::Constant(logits) => logits.clone(),
        }
    }
}

/// A law and a model in one backend.
#[derive(Clone, Debug)]
pub(super) struct Compiled<R> {
    pub law: LawOn<R>,
    pub model: ModelOn<R>,
}

impl<R: Real> Compiled<R> {
    pub fn logits(&self, which: Which, x: &[R; 2]) -> Dense<R> {
        match which {
            Which::Data => self.law.log_joint(x),
            Which::Model => self.model.logits(x),
        }
    }

    pub fn labels(&self, which: Which, x: &[R; 2]) -> Simplex<Dense<R>> {
        Simplex::from_logits(&self.logits(which, x))
    }
}
