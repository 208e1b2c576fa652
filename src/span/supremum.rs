//! The supremum over `z + B`: values that are attained, by ascent from many places.

use super::image::Image;
use super::{Own, Slope, Span};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::perturbation::{Ball, Norm};
use crate::plane::nested::Branch;
use crate::plane::{Body, Window};
use crate::real::{Real, Row, Traced};
use crate::risk::{Risk, Which};
use crate::simplex::{Dense, Simplex};

/// What a risk's window is, and how its supremum is taken.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Point,
    /// Of Madry's risk, the body that the model sees.
    Own(Body),
    /// All of it, with the directions that ascents begin in.
    Image {
        image: Image,
        starts: Vec<Vec<f64>>,
    },
}

/// The function under a supremum, ready to be maximised around any z.
pub(super) struct Supremum<'a> {
    pub span: &'a Span,
    pub risk: Risk,
    pub divergence: Divergence,
    rule: Rule<'a>,
}

enum Rule<'a> {
    Point,
    Own(&'a Own, Box<Window<'a>>),
    Search { image: &'a Image, starts: &'a [Vec<f64>] },
}

/// From how many of the starts there is an ascent.
const ASCENTS: usize = 3;

/// How many steps an ascent takes at most.
const STEPS: usize = 40;

/// An ascent ends where the slope promises less than this, relative to the value.
const ENOUGH: f64 = 1e-7;

/// Two directions to begin with are one where the cosine of their angle is above this.
const PARALLEL: f64 = 0.99;

impl Surroundings {
    /// Of a risk, for a ball.
    ///
    /// # Errors
    /// As [`Ball::image`].
    pub fn new(span: &Span, risk: Risk, ball: &Ball) -> Result<Self, Error> {
        let kind = if risk == Risk::Standard || ball.epsilon().is_zero() {
            Kind::Point
        } else if let Some(own) = span.reduced(risk, ball) {
            Kind::Own(ball.image([&own.rows[0], &own.rows[1]])?)
        } else {
            Kind::Image { image: span.image(ball), starts: span.starts(risk) }
        };
        Ok(Self { kind })
    }
}

impl Span {
    /// Directions in which logits part: for each pair of classes, at the mean of each component.
    fn starts(&self, risk: Risk) -> Vec<Vec<f64>> {
        let mut starts: Vec<Vec<f64>> = Vec::new();
        let mut add = |g: Vec<f64>| {
            let length = Norm::L2.length(&g);
            let unit: Vec<f64> = g.into_iter().map(|c| c / length).collect();
            let cosine = |other: &Vec<f64>| unit.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
            if length > 0.0 && starts.iter().all(|other| cosine(other).abs() < PARALLEL) {
                starts.push(unit);
            }
        };
        let mut which = vec![risk.second()];
        if risk == Risk::Score {
            which.push(Which::Data);
        }
        for normal in &self.normals {
            for &which in &which {
                let slopes = self.logit_slopes(which, &normal.mean);
                for (j, k) in crate::line::pairs(&(0..slopes.len()).collect::<Vec<_>>()) {
                    add(slopes[*j].iter().zip(&slopes[*k]).map(|(a, b)| a - b).collect());
                }
            }
        }
        starts
    }

    /// The gradient of each logit.
    fn logit_slopes(&self, which: Which, z: &[f64]) -> Vec<Vec<f64>> {
        let columns: Vec<Vec<f64>> = (0..self.directions())
            .map(|i| {
                let logits = self.slope.logits(which, &towards(z, i));
                logits.entries().iter().map(|h| h.coefficients()[1]).collect()
            })
            .collect();
        let finite = |c: f64| if c.is_finite() { c } else { 0.0 };
        let of = |k: usize| columns.iter().map(|column| finite(column[k])).collect();
        (0..columns[0].len()).map(of).collect()
    }
}

impl Own {
    /// What the model sees of z.
    fn seen(&self, z: &[f64]) -> [f64; 2] {
        [0, 1].map(|i| self.map[i].iter().zip(z).map(|(a, z)| a * z).sum())
    }
}

/// The line through z along a coordinate.
fn towards(z: &[f64], i: usize) -> Vec<Slope> {
    let at = |(j, c): (usize, &f64)| Slope::from_coefficients([*c, f64::from(u8::from(i == j))]);
    z.iter().enumerate().map(at).collect()
}

/// A distribution of doubles in another backend.
pub(super) fn lifted<R: Real>(
    p: &Simplex<Dense<f64>>,
    lift: impl Fn(f64) -> R,
) -> Simplex<Dense<R>> {
    let row = |row: &Dense<f64>| Row::from_fn(row.entries().len(), |k| lift(row.entries()[k]));
    Simplex::from_parts(row(p.probabilities()), row(p.log_probabilities()))
}

impl<'a> Supremum<'a> {
    pub fn new(
        span: &'a Span,
        (risk, divergence): (Risk, Divergence),
        surroundings: &'a Surroundings,
    ) -> Self {
        let rule = match (&surroundings.kind, &span.own) {
            (Kind::Own(body), Some(own)) => {
                Rule::Own(own, Box::new(Window::new(&own.plane, risk, divergence, body)))
            }
            (Kind::Image { image, starts }, _) => Rule::Search { image, starts },
            _ => Rule::Point,
        };
        Self { span, risk, divergence, rule }
    }

    /// The body, where its boundary and inside are searched by ascent: what is found is a bound from below only.
    pub fn searched(&self) -> Option<&'a Image> {
        match self.rule {
            Rule::Search { image, .. } => Some(image),
            _ => None,
        }
    }

    /// The supremum for the z with posterior p, or what of it was found.
    pub fn at(&self, z: &[f64], p: &Simplex<Dense<f64>>) -> f64 {
        match &self.rule {
            Rule::Point => self.value(z, p),
            Rule::Own(own, window) => window.supremum(own.seen(z), p.clone()).0,
            Rule::Search { image, starts } => self.search(image, starts, z, p).0,
        }
    }

    /// The same with the formula that it comes from.
    pub fn with_branch(&self, z: &[f64], p: &Simplex<Dense<f64>>) -> (f64, Branch) {
        match &self.rule {
            Rule::Point => self.traced(z, p),
            Rule::Own(own, window) => window.supremum(own.seen(z), p.clone()),
            Rule::Search { image, starts } => {
                let (value, place) = self.search(image, starts, z, p);
                (value, self.traced(&place, p).1)
            }
        }
    }

    /// What is under the supremum, and the signs that its formula takes.
    fn traced(&self, u: &[f64], p: &Simplex<Dense<f64>>) -> (f64, Branch) {
        let u: Vec<Traced> = u.iter().map(|c| Traced::new(*c)).collect();
        let b = self.span.traced.logits(self.risk.second(), &u);
        let same = matches!(self.risk, Risk::Standard | Risk::Score);
        let h = same.then(|| self.span.traced.logits(Which::Data, &u));
        let q = Simplex::from_logits(&b);
        let p = h.as_ref().map_or_else(|| lifted(p, Traced::new), Simplex::from_logits);
        let found = self.divergence.eval(&p, &q);
        // Of two classes a distance has a kink where P = Q, and roots of sums do not show it.
        let margin = match (h.as_ref().map(Dense::entries), b.entries()) {
            (Some([h0, h1]), [b0, b1]) => (h0.value() - h1.value()) - (b0.value() - b1.value()),
            _ => f64::INFINITY,
        };
        let kind = found.path() ^ u64::from(margin >= 0.0);
        (found.value(), Branch { kind, margin, ..Branch::default() })
    }

    /// What is under the supremum.
    pub fn value(&self, u: &[f64], p: &Simplex<Dense<f64>>) -> f64 {
        let q = self.span.value.labels(self.risk.second(), u);
        if self.risk == Risk::Score {
            self.divergence.eval(&self.span.value.labels(Which::Data, u), &q)
        } else {
            self.divergence.eval(p, &q)
        }
    }

    fn gradient(&self, u: &[f64], p: &Simplex<Dense<Slope>>) -> Vec<f64> {
        let slope = |i: usize| {
            let line = towards(u, i);
            let q = self.span.slope.labels(self.risk.second(), &line);
            let value = if self.risk == Risk::Score {
                self.divergence.eval(&self.span.slope.labels(Which::Data, &line), &q)
            } else {
                self.divergence.eval(p, &q)
            };
            value.coefficients()[1]
        };
        (0..u.len()).map(slope).collect()
    }

    fn search(
        &self,
        image: &Image,
        starts: &[Vec<f64>],
        z: &[f64],
        p: &Simplex<Dense<f64>>,
    ) -> (f64, Vec<f64>) {
        let place = |v: Vec<f64>, sign: f64| -> Vec<f64> {
            z.iter().zip(v).map(|(z, v)| z + sign * v).collect()
        };
        let mut places = vec![z.to_vec()];
        for g in starts {
            places.extend([1.0, -1.0].map(|sign| place(image.farthest(g), sign)));
        }
        let valued = |u: Vec<f64>| (self.value(&u, p), u);
        let mut places: Vec<(f64, Vec<f64>)> = places.into_iter().map(valued).collect();
        places.sort_by(|a, b| b.0.total_cmp(&a.0));
        let slopes = lifted(p, Slope::fixed);
        let ascents = places.into_iter().take(ASCENTS);
        let ascents = ascents.map(|(value, u)| self.ascend(image, (z, p, &slopes), u, value));
        ascents.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or((0.0, z.to_vec()))
    }

    /// Steps towards the point of the body that is farthest along the gradient, shorter ones where that is no gain (Frank and Wolfe).
    fn ascend(
        &self,
        image: &Image,
        (z, p, slopes): (&[f64], &Simplex<Dense<f64>>, &Simplex<Dense<Slope>>),
        mut u: Vec<f64>,
        mut best: f64,
    ) -> (f64, Vec<f64>) {
        for _ in 0..STEPS {
            let gradient = self.gradient(&u, slopes);
            if gradient.iter().any(|g| !g.is_finite()) {
                break;
            }
            let far = image.farthest(&gradient);
            let step: Vec<f64> =
                far.iter().zip(z).zip(&u).map(|((far, z), u)| z + far - u).collect();
            let promised: f64 = gradient.iter().zip(&step).map(|(g, s)| g * s).sum();
            if promised <= ENOUGH * best {
                break;
            }
            let mut share = 1.0;
            let mut next = None;
            // The best of the shares that gain anything, from long to short.
            while share > 1e-3 {
                let at: Vec<f64> = u.iter().zip(&step).map(|(u, s)| u + share * s).collect();
                let value = self.value(&at, p);
                match &next {
                    Some((known, _)) if value <= *known => break,
                    None if value <= best => {}
                    _ => next = Some((value, at)),
                }
                share *= 0.5;
            }
            let Some((value, at)) = next else { break };
            (best, u) = (value, at);
        }
        (best, u)
    }
}
