//! The log-odds of two classes as Coq has them: `q(x) + ln(1 + sum e^r) - ln(1 + sum e^s)` with polynomials of degree two.

use num_rational::BigRational;

use super::text::{list, number};
use crate::exact::Exact;
use crate::law::{Class, Component, GaussianMixture};
use crate::real::Real;

/// `a x^2 + b x + c + ln(r) / 2`.
#[derive(Clone, Debug, PartialEq)]
pub struct Quadratic {
    a: Exact,
    b: Exact,
    c: Exact,
    r: Exact,
}

/// `lead + ln(1 + sum exp above) - ln(1 + sum exp below)`: the log-odds of class 1.
#[derive(Clone, Debug, PartialEq)]
pub struct LogOdds {
    lead: Quadratic,
    above: Vec<Quadratic>,
    below: Vec<Quadratic>,
}

/// A weighted normal density: the prior times the weight, mean, variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Normal {
    pub mass: Exact,
    pub mean: Exact,
    pub variance: Exact,
}

impl Normal {
    pub fn new(class: &Class, component: &Component) -> Self {
        Self {
            mass: class.prior() * component.weight(),
            mean: component.mean()[0].clone(),
            variance: component.covariance().variance(0).into_owned(),
        }
    }

    /// `mass N(x; mean, variance)`.
    pub fn density(&self, x: f64) -> f64 {
        let (mean, variance) = (self.mean.to_f64(), self.variance.to_f64());
        self.peak() * (-(x - mean) * (x - mean) / (2.0 * variance)).exp()
    }

    /// The largest value of the density.
    pub fn peak(&self) -> f64 {
        self.mass.to_f64() / (2.0 * std::f64::consts::PI * self.variance.to_f64()).sqrt()
    }
}

/// The components of both classes of a mixture on the line.
pub fn normals(mixture: &GaussianMixture) -> Vec<Vec<Normal>> {
    let class = |class: &Class| class.components().iter().map(|c| Normal::new(class, c)).collect();
    mixture.classes().iter().map(class).collect()
}

impl Quadratic {
    pub fn polynomial(a: Exact, b: Exact, c: Exact) -> Self {
        Self { a, b, c, r: Exact::integer(1) }
    }

    /// The logarithm of the weighted density `d` over `c`.
    fn ratio(c: &Normal, d: &Normal) -> Self {
        let two = BigRational::from_integer(2.into());
        let half_precision = |n: &Normal| (&two * &*n.variance.ratio()).recip();
        let pull = |n: &Normal| &*n.mean.ratio() / &*n.variance.ratio();
        let rest = |n: &Normal| &*n.mean.ratio() * &*n.mean.ratio() * half_precision(n);
        let square = |n: &Normal| &*n.mass.ratio() * &*n.mass.ratio();
        Self {
            a: Exact::new(half_precision(c) - half_precision(d)),
            b: Exact::new(pull(d) - pull(c)),
            c: Exact::new(rest(c) - rest(d)),
            r: Exact::new(square(d) * &*c.variance.ratio() / (square(c) * &*d.variance.ratio())),
        }
    }

    /// `self - other` for polynomials.
    pub fn minus(&self, other: &Self) -> Self {
        Self::polynomial(&self.a - &other.a, &self.b - &other.b, &self.c - &other.c)
    }

    pub fn at(&self, x: f64) -> f64 {
        (self.a.to_f64() * x + self.b.to_f64()) * x + self.c.to_f64() + 0.5 * self.r.to_f64().ln()
    }

    /// The largest absolute value of the coefficients' polynomial at `|x| <= y`, as `size` in `proofs/mixtures.v`.
    fn size(&self, y: f64) -> f64 {
        let constant = self.c.to_f64() + 0.5 * self.r.to_f64().ln();
        (self.a.to_f64().abs() * y + self.b.to_f64().abs()) * y + constant.abs()
    }

    pub fn coq(&self) -> String {
        let mut constant = number(&self.c);
        if self.r != Exact::integer(1) {
            constant = format!("({constant} + ln {} / 2)", number(&self.r));
        }
        format!("Quadratic {} {} {constant}", number(&self.a), number(&self.b))
    }
}

impl LogOdds {
    /// Of the posterior of a mixture, given its classes.
    pub fn of_mixture(classes: &[Vec<Normal>]) -> Self {
        let others = |class: &[Normal]| -> Vec<Quadratic> {
            class[1..].iter().map(|other| Quadratic::ratio(&class[0], other)).collect()
        };
        Self {
            lead: Quadratic::ratio(&classes[0][0], &classes[1][0]),
            above: others(&classes[1]),
            below: others(&classes[0]),
        }
    }

    /// Of a softmax of two polynomials.
    pub fn of_logits(logits: &[Quadratic; 2]) -> Self {
        Self { lead: logits[1].minus(&logits[0]), above: Vec::new(), below: Vec::new() }
    }

    pub fn at(&self, x: f64) -> f64 {
        let excess = |terms: &[Quadratic]| terms.iter().map(|r| r.at(x).exp()).sum::<f64>().ln_1p();
        self.lead.at(x) + excess(&self.above) - excess(&self.below)
    }

    /// A bound of `|log-odds|` for `|x| <= y`, as `log_odds_size` in `proofs/mixtures.v`.
    pub fn size(&self, y: f64) -> f64 {
        let others: f64 = self.terms().skip(1).map(|q| q.size(y) + 1.0).sum();
        self.lead.size(y) + others
    }

    /// Every polynomial that is exponentiated.
    fn terms(&self) -> impl Iterator<Item = &Quadratic> {
        [&self.lead].into_iter().chain(&self.above).chain(&self.below)
    }

    /// The largest exponent that can come up for `|x| <= y`.
    pub fn exponent(&self, y: f64) -> f64 {
        self.terms().map(|q| q.size(y)).fold(0.0, f64::max).max(self.size(y).abs())
    }

    pub fn coq(&self) -> String {
        let terms = |terms: &[Quadratic]| list(terms.iter().map(Quadratic::coq));
        format!("LogOdds ({})\n  {} {}", self.lead.coq(), terms(&self.above), terms(&self.below))
    }
}

/// KL between distributions of two labels with these log-odds.
pub fn kl(h: f64, m: f64) -> f64 {
    // With the labels turned so that the numbers that nearly cancel are small.
    let (h, m) = if h > 0.0 { (-h, -m) } else { (h, m) };
    m.softplus() - h.softplus() - h.logistic() * (m - h)
}
