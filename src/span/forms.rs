//! Laws and models in `R^r`, compiled for a backend.
//!
//! Only differences of log densities matter to a posterior, so each component is written relative to the first one: where covariances are shared the
//! logits are affine, and intervals of them are tight.

use crate::error::Error;
use crate::exact::Exact;
use crate::law::{Class, Component, GaussianMixture, Law};
use crate::linalg::{self, PositiveDefinite};
use crate::model::{MlpOn, Model};
use crate::perturbation::inner;
use crate::real::{Real, Row};
use crate::risk::Which;
use crate::simplex::{Dense, Simplex};

/// A normal component in doubles.
#[derive(Clone, Debug)]
pub(super) struct Normal {
    /// The prior of its class times its weight there.
    pub mass: f64,
    pub mean: Vec<f64>,
    /// The lower triangular root of the covariance.
    pub root: Vec<Vec<f64>>,
    precision: Vec<Vec<f64>>,
    /// Whether its covariance is that of the first component.
    is_shared: bool,
}

impl Normal {
    /// The components of every class.
    pub fn of(mixture: &GaussianMixture) -> Result<Vec<Self>, Error> {
        let all =
            || mixture.classes().iter().flat_map(|c| c.components().iter().map(move |n| (c, n)));
        let first = all().next().expect("a class has a component").1;
        all().map(|(class, component)| Self::new(class, component, first)).collect()
    }

    fn new(class: &Class, component: &Component, first: &Component) -> Result<Self, Error> {
        let r = component.mean().len();
        let entry = |i, j| component.covariance().entry(i, j).to_f64();
        let singular = || Error::Singular { what: "covariance" };
        let root = linalg::cholesky(r, entry).ok_or_else(singular)?;
        let factor = PositiveDefinite::new(r, entry).ok_or_else(singular)?;
        let unit = |i: usize| (0..r).map(|j| f64::from(u8::from(i == j))).collect::<Vec<_>>();
        Ok(Self {
            mass: class.prior().to_f64() * component.weight().to_f64(),
            mean: component.mean().iter().map(Exact::to_f64).collect(),
            root,
            precision: (0..r).map(|i| factor.solve(&unit(i))).collect(),
            is_shared: component.covariance() == first.covariance(),
        })
    }

    fn ln_root_determinant(&self) -> f64 {
        self.root.iter().enumerate().map(|(i, row)| row[i].ln()).sum()
    }

    fn precision_times(&self, v: &[f64]) -> Vec<f64> {
        self.precision.iter().map(|row| inner(row, v)).collect()
    }

    /// `mean + root y`.
    pub fn spread(&self, y: &[f64]) -> Vec<f64> {
        self.mean.iter().zip(&self.root).map(|(m, row)| m + inner(row, y)).collect()
    }

    /// `ln N(z; mean, covariance)`.
    pub fn log_density(&self, z: &[f64]) -> f64 {
        let gap: Vec<f64> = z.iter().zip(&self.mean).map(|(z, m)| z - m).collect();
        let square = inner(&gap, &self.precision_times(&gap));
        -0.5 * (square + gap.len() as f64 * std::f64::consts::TAU.ln()) - self.ln_root_determinant()
    }

    /// `ln( mass N(z; mean, covariance) ) - ln N(z; first)` as a polynomial of z.
    fn relative_to(&self, first: &Self) -> Form<f64> {
        let r = self.mean.len();
        if self.is_shared {
            let gap: Vec<f64> = self.mean.iter().zip(&first.mean).map(|(a, b)| a - b).collect();
            let middle: Vec<f64> =
                self.mean.iter().zip(&first.mean).map(|(a, b)| 0.5 * (a + b)).collect();
            let linear = first.precision_times(&gap);
            let constant = self.mass.ln() - inner(&linear, &middle);
            return Form { square: None, linear, constant };
        }
        let [own, other] = [self, first].map(|n| n.precision_times(&n.mean));
        let half = &|i: usize, j: usize| 0.5 * (first.precision[i][j] - self.precision[i][j]);
        let square =
            |i: usize| (0..=i).map(move |j| if i == j { half(i, i) } else { 2.0 * half(i, j) });
        let constant = 0.5 * (inner(&other, &first.mean) - inner(&own, &self.mean));
        Form {
            square: Some((0..r).map(|i| square(i).collect()).collect()),
            linear: own.iter().zip(&other).map(|(a, b)| a - b).collect(),
            constant: self.mass.ln() + constant + first.ln_root_determinant()
                - self.ln_root_determinant(),
        }
    }
}

/// `z' A z + w . z + c`, A by its lower triangle with the entries beside the diagonal doubled; without it where it is affine.
#[derive(Clone, Debug)]
struct Form<R> {
    square: Option<Vec<Vec<R>>>,
    linear: Vec<R>,
    constant: R,
}

impl Form<f64> {
    fn affine(linear: Vec<f64>, constant: f64) -> Self {
        Self { square: None, linear, constant }
    }

    fn lifted<R: Real>(&self, like: &R) -> Form<R> {
        let row = |row: &Vec<f64>| row.iter().map(|c| lift(like, *c)).collect::<Vec<_>>();
        Form {
            square: self.square.as_ref().map(|rows| rows.iter().map(row).collect()),
            linear: row(&self.linear),
            constant: lift(like, self.constant),
        }
    }
}

fn lift<R: Real>(like: &R, c: f64) -> R {
    like.constant(&Exact::from_f64(c).expect("a finite number"))
}

impl<R: Real> Form<R> {
    fn at(&self, z: &[R]) -> R {
        let mut sum = self.constant.clone();
        for (i, (z_i, w)) in z.iter().zip(&self.linear).enumerate() {
            let mut factor = w.clone();
            if let Some(rows) = &self.square {
                for (a, z_j) in rows[i].iter().zip(z) {
                    factor = factor + a.clone() * z_j.clone();
                }
            }
            sum = sum + factor * z_i.clone();
        }
        sum
    }
}

/// The logits of a law or of a model.
#[derive(Clone, Debug)]
enum Logits<R> {
    /// For each class the logarithm of a sum of exponentials of polynomials.
    Forms(Vec<Vec<Form<R>>>),
    Network(MlpOn<R>),
    Constant(Dense<R>),
}

impl<R: Real> Logits<R> {
    fn at(&self, z: &[R]) -> Dense<R> {
        match self {
            Self::Forms(classes) => {
                Dense::new(Row::from_fn(classes.len(), |k| match classes[k].as_slice() {
                    [only] => only.at(z),
                    forms => {
                        let terms = Row::from_fn(forms.len(), |j| forms[j].at(z));
                        R::softmax(&terms).log_total
                    }
                }))
            }
            Self::Network(network) => network.logits(z),
            Self::Constant(logits) => logits.clone(),
        }
    }
}

impl Logits<f64> {
    fn of_law(mixture: &GaussianMixture, normals: &[Normal]) -> Self {
        let mut rest = normals.iter().map(|normal| normal.relative_to(&normals[0]));
        let class = |class: &Class| rest.by_ref().take(class.components().len()).collect();
        Self::Forms(mixture.classes().iter().map(class).collect())
    }

    fn of_model(model: &Model) -> Result<Self, Error> {
        let doubles = |row: &Vec<Exact>| row.iter().map(Exact::to_f64).collect::<Vec<_>>();
        Ok(match model {
            Model::Linear(model) => {
                let forms = model.weights().iter().zip(model.bias());
                let form =
                    |(w, b): (&Vec<Exact>, &Exact)| vec![Form::affine(doubles(w), b.to_f64())];
                Self::Forms(forms.map(form).collect())
            }
            Model::Quadratic(model) => {
                let form = |k: usize| {
                    let matrix = &model.matrices()[k];
                    let entry = |i: usize, j: usize| {
                        let twice = (&matrix[i][j] + &matrix[j][i]).to_f64();
                        if i == j { 0.5 * twice } else { twice }
                    };
                    let rows = (0..matrix.len()).map(|i| (0..=i).map(|j| entry(i, j)).collect());
                    let rows: Vec<Vec<f64>> = rows.collect();
                    let square = rows.iter().flatten().any(|a| *a != 0.0).then_some(rows);
                    let linear = doubles(&model.weights()[k]);
                    vec![Form { square, linear, constant: model.bias()[k].to_f64() }]
                };
                Self::Forms((0..model.classes()).map(form).collect())
            }
            Model::Bayes(model) => {
                let Law::GaussianMixture(mixture) = model.law();
                Self::of_law(mixture, &Normal::of(mixture)?)
            }
            Model::Mlp(model) => Self::Network(model.compiled(&0.0)),
            Model::Constant(model) => {
                let p = model.probabilities();
                Self::Constant(Dense::new(Row::from_fn(p.len(), |k| p[k].to_f64().ln())))
            }
            Model::Piecewise(_) => return Err(Error::NotOnTheLine { what: "law", found: 3 }),
        })
    }

    fn lifted<R: Real>(&self, model: &Model, like: &R) -> Logits<R> {
        match (self, model) {
            (Self::Network(_), Model::Mlp(model)) => Logits::Network(model.compiled(like)),
            (Self::Constant(_), Model::Constant(model)) => {
                let p = model.probabilities();
                let ln = |k: usize| like.constant(&p[k]).ln();
                Logits::Constant(Dense::new(Row::from_fn(p.len(), ln)))
            }
            (Self::Forms(classes), _) => {
                let class = |forms: &Vec<Form<f64>>| forms.iter().map(|f| f.lifted(like)).collect();
                Logits::Forms(classes.iter().map(class).collect())
            }
            _ => unreachable!("logits are lifted with their own model"),
        }
    }

    fn is_at_most_linear(&self) -> bool {
        match self {
            Self::Forms(classes) => classes.iter().flatten().all(|form| form.square.is_none()),
            Self::Network(_) | Self::Constant(_) => true,
        }
    }
}

/// A law and a model in one backend.
#[derive(Clone, Debug)]
pub(super) struct Compiled<R> {
    law: Logits<R>,
    model: Logits<R>,
}

impl<R: Real> Compiled<R> {
    /// Logits whose softmax is P or Q.
    pub fn logits(&self, which: Which, z: &[R]) -> Dense<R> {
        match which {
            Which::Data => self.law.at(z),
            Which::Model => self.model.at(z),
        }
    }

    pub fn labels(&self, which: Which, z: &[R]) -> Simplex<Dense<R>> {
        Simplex::from_logits(&self.logits(which, z))
    }
}

impl Compiled<f64> {
    pub fn new(
        mixture: &GaussianMixture,
        normals: &[Normal],
        model: &Model,
    ) -> Result<Self, Error> {
        Ok(Self { law: Logits::of_law(mixture, normals), model: Logits::of_model(model)? })
    }

    /// The same in another backend.
    pub fn lifted<R: Real>(&self, model: &Model, like: &R) -> Compiled<R> {
        Compiled { law: self.law.lifted(model, like), model: self.model.lifted(model, like) }
    }

    /// Whether the logits grow like |z| at most.
    pub fn is_at_most_linear(&self, which: Which) -> bool {
        match which {
            Which::Data => self.law.is_at_most_linear(),
            Which::Model => self.model.is_at_most_linear(),
        }
    }
}
