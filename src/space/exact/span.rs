//! A few rows, what can be written by them, and the law and the model as functions of `z = U (x - m)`.

use super::matrices::{image, inverse, product};
use super::named::{all, is_diagonal, of_law, of_model};
use super::products::inner;
use crate::exact::Exact;
use crate::law::{Class, Component, Covariance, GaussianMixture, Law};
use crate::model::{Bayes, Constant, Layer, Linear, Mlp, Model, Quadratic};

/// In this many dimensions covariances that differ are compared entry by entry.
const ENTRIES: usize = 64;

/// Independent rows U.
pub(super) struct Span {
    dimension: usize,
    rows: Vec<Vec<Exact>>,
    /// As many coordinates in which the rows are independent, and the inverse of what they are there: row n is that of coordinate n.
    pivots: Vec<usize>,
    inverse: Vec<Vec<Exact>>,
}

impl Span {
    fn empty(dimension: usize) -> Self {
        Self { dimension, rows: vec![], pivots: vec![], inverse: vec![] }
    }

    /// Of the first directions that the model and the law name, `most` of them; nothing where their numbers are too long.
    pub fn new(mixture: &GaussianMixture, model: &Model, most: usize) -> Option<Self> {
        let mut span = Self::empty(mixture.dimension());
        let mut directions = of_model(model).chain(of_law(mixture));
        while span.directions() < most
            && let Some(direction) = directions.next()
        {
            span.add(direction.entries(span.dimension)?)?;
        }
        Some(span)
    }

    /// How many rows there are, r.
    pub fn directions(&self) -> usize {
        self.rows.len()
    }

    /// Adds a row, unless it can be written by the others.
    pub fn add(&mut self, row: Vec<Exact>) -> Option<()> {
        if let Err(pivot) = self.written(|i| row[i].clone()) {
            self.rows.push(row);
            self.pivots.push(pivot);
            self.inverse = self.at_pivots()?;
        }
        Some(())
    }

    fn at_pivots(&self) -> Option<Vec<Vec<Exact>>> {
        let column = |i: &usize| self.rows.iter().map(|row| row[*i].clone()).collect();
        inverse(&self.pivots.iter().map(column).collect::<Vec<_>>())
    }

    /// `t U` at a coordinate.
    fn at(&self, t: &[Exact], i: usize) -> Exact {
        dot(t, self.rows.iter().map(|row| &row[i]))
    }

    /// The t with `other = t U`, or a coordinate in which it is not that of the t that the pivots say.
    fn written(&self, other: impl Fn(usize) -> Exact) -> Result<Vec<Exact>, usize> {
        let at: Vec<Exact> = self.pivots.iter().map(|i| other(*i)).collect();
        let t = self.by_pivots(&at);
        match (0..self.dimension).find(|i| self.at(&t, *i) != other(*i)) {
            Some(i) => Err(i),
            None => Ok(t),
        }
    }

    /// The t with these values of `t U` at the pivots.
    fn by_pivots(&self, at: &[Exact]) -> Vec<Exact> {
        let t = |j: usize| dot(at, self.inverse.iter().map(|row| &row[j]));
        (0..self.directions()).map(t).collect()
    }

    /// The t with `other = t U`, if there is one.
    fn coordinates(&self, other: impl Fn(usize) -> Exact) -> Option<Vec<Exact>> {
        self.written(other).ok()
    }

    /// Whether the posterior of a mixture depends on `U x` only: whether all components have the same law given it.
    fn carries_law(&self, mixture: &GaussianMixture) -> bool {
        let components: Vec<&Component> = all(mixture).collect();
        let (first, rest) = components.split_first().expect("a class has a component");
        let gap = |c: &Component, i: usize| &c.mean()[i] - &first.mean()[i];
        if rest.iter().all(|c| c.covariance() == first.covariance()) {
            // x given U x has the same law if the means differ along Sigma U'.
            let mut images = Self::empty(self.dimension);
            let added = self
                .rows
                .iter()
                .try_for_each(|row| images.add(image(first.covariance(), row)?.into_owned()));
            return added.is_some()
                && rest.iter().all(|c| images.coordinates(|i| gap(c, i)).is_some());
        }
        let matters = |i: &usize| self.rows.iter().any(|row| !row[*i].is_zero());
        let r = self.directions();
        if components.iter().all(|c| is_diagonal(c.covariance()))
            && (0..self.dimension).filter(matters).take(r + 1).count() == r
        {
            // Independent coordinates, and as many that matter as there are rows.
            return (0..self.dimension).filter(|i| !matters(i)).all(|i| {
                let variance = |c: &Component| c.covariance().variance(i).into_owned();
                rest.iter().all(|c| gap(c, i).is_zero() && variance(c) == variance(first))
            });
        }
        self.dimension <= ENTRIES
            && self.conditional(first).is_some_and(|given| {
                rest.iter().all(|c| self.conditional(c).as_ref() == Some(&given))
            })
    }

    /// The law of x given `U x = t` is `N(mean + t slopes, spread)`: the mean, the slopes and the rows of the spread.
    fn conditional(&self, component: &Component) -> Option<Vec<Vec<Exact>>> {
        let (d, covariance) = (self.dimension, component.covariance());
        let column = |j: usize| (0..d).map(|i| covariance.entry(i, j).into_owned()).collect();
        let columns: Vec<Vec<Exact>> = (0..d).map(column).collect();
        let images = self.rows.iter().map(|row| columns.iter().map(|c| dot(row, c)).collect());
        let images: Vec<Vec<Exact>> = images.collect();
        let own = images.iter().map(|image| self.rows.iter().map(|row| dot(row, image)).collect());
        let solved = inverse(&own.collect::<Vec<_>>())?;
        let slope = |by: &Vec<Exact>| {
            (0..d).map(|i| dot(by, images.iter().map(|image| &image[i]))).collect()
        };
        let slopes: Vec<Vec<Exact>> = solved.iter().map(slope).collect();
        let means = self.rows.iter().map(|row| dot(row, component.mean()));
        let means: Vec<Exact> = means.collect();
        let given = |of: &Exact, i: usize, by: &[Exact]| {
            of - &dot(by, slopes.iter().map(|slope| &slope[i]))
        };
        let mean = (0..d).map(|i| given(&component.mean()[i], i, &means)).collect();
        let spread = (0..d).map(|j| {
            let by: Vec<Exact> = images.iter().map(|image| image[j].clone()).collect();
            (0..d).map(|i| given(&columns[j][i], i, &by)).collect()
        });
        Some(std::iter::once(mean).chain(slopes.iter().cloned()).chain(spread).collect())
    }

    /// Makes the rows nearly uncorrelated and of a variance between 1 and 4: the same problem in small numbers.
    fn tidy(&mut self, covariance: &Covariance) -> Option<()> {
        for n in 0..self.directions() {
            let (done, rest) = self.rows.split_at_mut(n);
            let row = &mut rest[0];
            for other in &*done {
                let common = product(other, covariance, row)?;
                let share = common.checked_div(&product(other, covariance, other)?)?.to_f64();
                let share = Exact::from_f64(share)?;
                *row = row.iter().zip(other).map(|(b, a)| b - &(&share * a)).collect();
            }
            // An even exponent: half of it is that of the scale.
            let variance = product(row, covariance, row)?.to_f64();
            let exponent = -variance.log2().div_euclid(2.0);
            if exponent.is_nan() || exponent.abs() > 500.0 {
                return None;
            }
            let scale = Exact::from_f64(exponent.exp2())?;
            *row = row.iter().map(|c| c * &scale).collect();
        }
        self.inverse = self.at_pivots()?;
        Some(())
    }

    /// The problem as a function of z, if it is one, with rows that give z small numbers.
    pub fn project(mut self, mixture: &GaussianMixture, model: &Model) -> Option<Projection> {
        if !self.carries_law(mixture) {
            return None;
        }
        let first = all(mixture).next()?;
        self.tidy(first.covariance())?;
        let origin = self.rows.iter().map(|row| inner(row.iter(), first.mean().iter()));
        let origin = origin.collect::<Option<_>>()?;
        let frame = Frame { span: self, origin };
        let law = frame.mixture(mixture)?;
        let model = frame.model(model, (mixture, &law))?;
        Some(Projection { rows: frame.span.rows, law, model })
    }
}

/// What became of a law and a model.
pub(super) struct Projection {
    pub rows: Vec<Vec<Exact>>,
    pub law: GaussianMixture,
    pub model: Model,
}

/// Rows and the place of z = 0: `U x = z + origin`.
struct Frame {
    span: Span,
    origin: Vec<Exact>,
}

impl Frame {
    /// The law of z.
    fn mixture(&self, mixture: &GaussianMixture) -> Option<GaussianMixture> {
        let rows = &self.span.rows;
        let covariance = |covariance: &Covariance| {
            let entry = |i: usize, j: usize| product(&rows[i], covariance, &rows[j]);
            let row = |i: usize| (0..rows.len()).map(|j| entry(i, j)).collect::<Option<Vec<_>>>();
            Some(match rows.len() {
                1 => Covariance::Isotropic(entry(0, 0)?),
                r => Covariance::Full((0..r).map(row).collect::<Option<_>>()?),
            })
        };
        let first = all(mixture).next()?.covariance();
        let of_first = covariance(first)?;
        let component = |component: &Component| {
            let mean = |(row, origin): (&Vec<Exact>, &Exact)| {
                Some(&inner(row.iter(), component.mean().iter())? - origin)
            };
            let mean = rows.iter().zip(&self.origin).map(mean).collect::<Option<_>>()?;
            let covariance = match component.covariance() {
                own if own == first => of_first.clone(),
                own => covariance(own)?,
            };
            Component::new(component.weight().clone(), mean, covariance).ok()
        };
        let class = |class: &Class| {
            let components = class.components().iter().map(component).collect::<Option<_>>()?;
            Class::new(class.prior().clone(), components).ok()
        };
        let classes = mixture.classes().iter().map(class).collect::<Option<_>>()?;
        GaussianMixture::new(classes).ok()
    }

    /// The model as a function of z, of which the law is known.
    fn model(
        &self,
        model: &Model,
        (mixture, law): (&GaussianMixture, &GaussianMixture),
    ) -> Option<Model> {
        Some(match model {
            Model::Constant(constant) => {
                Model::Constant(Constant::new(constant.probabilities().to_vec()).ok()?)
            }
            Model::Piecewise(_) => return None,
            Model::Bayes(bayes) => {
                let Law::GaussianMixture(other) = bayes.law();
                let own = match other {
                    other if other == mixture => law.clone(),
                    other if self.span.carries_law(other) => self.mixture(other)?,
                    _ => return None,
                };
                Model::Bayes(Bayes::new(Law::GaussianMixture(own)))
            }
            Model::Linear(linear) => {
                let slopes = self.slopes(linear.weights())?;
                let bias = slopes.iter().zip(linear.bias()).map(|(t, b)| self.moved(t, b));
                let bias = bias.collect();
                Model::Linear(Linear::new(slopes, bias).ok()?)
            }
            Model::Quadratic(quadratic) => self.quadratic(quadratic)?,
            Model::Mlp(mlp) => {
                let first = &mlp.layers()[0];
                let unit = |row: &Vec<Exact>| self.span.coordinates(|i| row[i].clone());
                let units = first.weights().iter().map(unit).collect::<Option<Vec<_>>>()?;
                let bias = units.iter().zip(first.bias()).map(|(t, b)| self.moved(t, b)).collect();
                let first = Layer::new(units, bias).ok()?;
                let layers = std::iter::once(first).chain(mlp.layers()[1..].iter().cloned());
                Model::Mlp(Mlp::new(mlp.activation(), layers.collect()).ok()?)
            }
        })
    }

    /// `b + t . origin`.
    fn moved(&self, t: &[Exact], b: &Exact) -> Exact {
        b + &dot(t, &self.origin)
    }

    /// The `t_k` with `w_k - w_0 = t_k U`.
    fn slopes(&self, weights: &[Vec<Exact>]) -> Option<Vec<Vec<Exact>>> {
        let slope = |row: &Vec<Exact>| self.span.coordinates(|i| &row[i] - &weights[0][i]);
        weights.iter().map(slope).collect()
    }

    /// With `A_k - A_0 = U' M_k U` for the symmetric parts: `(z + o)' M_k (z + o) + t_k . (z + o) + b_k`.
    fn quadratic(&self, model: &Quadratic) -> Option<Model> {
        let slopes = self.slopes(model.weights())?;
        let (mut matrices, mut weights, mut bias) = (vec![], vec![], vec![]);
        for (k, (t, b)) in slopes.iter().zip(model.bias()).enumerate() {
            let curvature = self.curvature(model, k)?;
            let along: Vec<Exact> = curvature.iter().map(|row| dot(row, &self.origin)).collect();
            let twice = |m: &Exact| m + m;
            weights.push(t.iter().zip(&along).map(|(t, m)| t + &twice(m)).collect());
            bias.push(&self.moved(t, b) + &dot(&along, &self.origin));
            matrices.push(curvature);
        }
        Some(Model::Quadratic(Quadratic::new(matrices, weights, bias).ok()?))
    }

    /// The symmetric M with `A_k - A_0 = U' M U` for the symmetric parts, if there is one.
    fn curvature(&self, model: &Quadratic, k: usize) -> Option<Vec<Vec<Exact>>> {
        let half = Exact::from_f64(0.5)?;
        let entry = |i: usize, j: usize| {
            let twice = |matrix: &[Vec<Exact>]| &matrix[i][j] + &matrix[j][i];
            let matrices = model.matrices();
            &half * &(&twice(&matrices[k]) - &twice(&matrices[0]))
        };
        let span = &self.span;
        // Column p of A is U' times column p of M U.
        let columns = span.pivots.iter().map(|p| {
            span.by_pivots(&span.pivots.iter().map(|i| entry(*i, *p)).collect::<Vec<_>>())
        });
        let columns: Vec<Vec<Exact>> = columns.collect();
        let row = |m: usize| {
            span.by_pivots(&columns.iter().map(|column| column[m].clone()).collect::<Vec<_>>())
        };
        let curvature: Vec<Vec<Exact>> = (0..span.directions()).map(row).collect();
        let mirrored = |m: usize, l: usize| curvature[m][l] == curvature[l][m];
        let is_symmetric = (0..curvature.len()).all(|m| (0..m).all(|l| mirrored(m, l)));
        let fits = (0..span.dimension).all(|i| {
            let t: Vec<Exact> = curvature.iter().map(|row| span.at(row, i)).collect();
            (i..span.dimension).all(|j| span.at(&t, j) == entry(i, j))
        });
        (is_symmetric && fits).then_some(curvature)
    }
}

/// The inner product of short rows.
fn dot<'a>(a: &[Exact], b: impl IntoIterator<Item = &'a Exact>) -> Exact {
    let terms = a.iter().zip(b).map(|(a, b)| a * b);
    terms.reduce(|sum, term| &sum + &term).unwrap_or_else(|| Exact::integer(0))
}
