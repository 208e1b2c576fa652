//! The posterior of a law on images: what stands in for P where a law was fitted to them.

use tch::{Device, Kind, Tensor};

use super::attack::Classifier;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::{Component, Covariance, Law};
use crate::train::random::size;

/// `ln p_d(x, y)` of a Gaussian mixture for batches of images, up to a constant: logits whose softmax is the posterior. Pixels are the law's coordinates in the
/// order of the image (channel, row, column); computed in double precision.
#[derive(Debug)]
pub struct Posterior {
    classes: Vec<Vec<Normal>>,
    dimension: i64,
}

/// A component: its mean, the lower triangle L with `L L' = covariance`, and `ln(prior weight / det L)`.
#[derive(Debug)]
struct Normal {
    mean: Tensor,
    lower: Tensor,
    constant: f64,
}

impl Posterior {
    /// The posterior of this law.
    ///
    /// # Errors
    /// [`Error::Torch`] for a covariance that is singular to rounding.
    pub fn new(law: &Law, device: Device) -> Result<Self, Error> {
        let Law::GaussianMixture(mixture) = law;
        let classes = mixture.classes().iter().map(|class| {
            let of = |component| Normal::new(class.prior(), component, device);
            class.components().iter().map(of).collect::<Result<Vec<_>, Error>>()
        });
        Ok(Self {
            classes: classes.collect::<Result<_, Error>>()?,
            dimension: size(law.dimension()),
        })
    }
}

impl Normal {
    fn new(prior: &Exact, component: &Component, device: Device) -> Result<Self, Error> {
        let numbers = |numbers: &[Exact]| {
            Tensor::from_slice(&numbers.iter().map(Exact::to_f64).collect::<Vec<_>>())
        };
        let d = component.mean().len();
        let covariance = match component.covariance() {
            Covariance::Full(rows) => {
                Tensor::stack(&rows.iter().map(|row| numbers(row)).collect::<Vec<_>>(), 0)
            }
            Covariance::Diagonal(variances) => numbers(variances).diag(0),
            Covariance::Isotropic(variance) => numbers(&vec![variance.clone(); d]).diag(0),
            Covariance::LowRank { diagonal, factor } => {
                let factor =
                    Tensor::stack(&factor.iter().map(|row| numbers(row)).collect::<Vec<_>>(), 0);
                factor.matmul(&factor.tr()) + numbers(diagonal).diag(0)
            }
        };
        let lower = covariance.f_linalg_cholesky(false)?;
        let det = lower.diagonal(0, 0, 1).log().sum(Kind::Double).double_value(&[]);
        let constant = prior.to_f64().ln() + component.weight().to_f64().ln() - det;
        let mean = numbers(component.mean()).unsqueeze(1).to_device(device);
        Ok(Self { mean, lower: lower.to_device(device), constant })
    }

    /// Of points `[d, N]`, `[N]`.
    fn log_density(&self, x: &Tensor) -> Result<Tensor, Error> {
        let white = self.lower.f_linalg_solve_triangular(&(x - &self.mean), false, true, false)?;
        Ok(white.square().sum_dim_intlist(Some(&[0i64][..]), false, Kind::Double) * -0.5
            + self.constant)
    }
}

impl Classifier for Posterior {
    fn logits(&self, images: &Tensor) -> Result<Tensor, Error> {
        let x = images.f_reshape([images.size()[0], -1])?.to_kind(Kind::Double).tr();
        if x.size()[0] != self.dimension {
            let usize = |n: i64| usize::try_from(n).unwrap_or(0);
            let (found, expected) = (usize(self.dimension), usize(x.size()[0]));
            let reference = "the pixels of an image";
            return Err(Error::Shape { what: "the law's inputs", found, expected, reference });
        }
        let of = |class: &Vec<Normal>| {
            let all = class.iter().map(|normal| normal.log_density(&x));
            let all = Tensor::stack(&all.collect::<Result<Vec<_>, Error>>()?, 0);
            Ok::<_, Error>(all.logsumexp(&[0i64][..], false))
        };
        let classes = self.classes.iter().map(of).collect::<Result<Vec<_>, Error>>()?;
        let joint = Tensor::stack(&classes, 1);
        // The largest one out, before digits are given up.
        Ok((&joint - joint.amax(&[1i64][..], true)).to_kind(Kind::Float))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::{Class, GaussianMixture};

    #[test]
    fn it_is_the_posterior_of_the_line() {
        tch::set_num_threads(1);
        let law = Law::resolve("toy").unwrap();
        let points = [-3.0f32, -0.5, 0.0, 1.25];
        let images = Tensor::from_slice(&points).view([4, 1, 1, 1]);
        let found = Posterior::new(&law, Device::Cpu).unwrap().logits(&images).unwrap();
        let line = law.line(&0.0).unwrap();
        for (i, x) in (0..).zip(points) {
            let joint = line.log_joint(&f64::from(x));
            let expected = joint.entries()[1] - joint.entries()[0];
            let row = found.get(i);
            let difference = row.double_value(&[1]) - row.double_value(&[0]);
            assert!((difference - expected).abs() < 1e-6, "{x}: {difference} and {expected}");
        }
    }

    /// The same law with its covariance written in three ways; one law of another size is refused.
    #[test]
    fn covariances_of_every_form() {
        let e = |text: &str| text.parse::<Exact>().unwrap();
        let rows = |rows: [[&str; 2]; 2]| rows.map(|row| row.map(e).to_vec()).to_vec();
        let forms = [
            Covariance::Full(rows([["2", "1"], ["1", "3/2"]])),
            Covariance::LowRank {
                diagonal: vec![e("1"), e("1/2")],
                factor: vec![vec![e("1")], vec![e("1")]],
            },
        ];
        let images = Tensor::from_slice(&[0.2f32, 0.9, 0.5, 0.1]).view([2, 1, 1, 2]);
        let found = forms.map(|covariance| {
            let class = |mean: [&str; 2], prior, covariance| {
                let mean = mean.map(e).to_vec();
                Class::new(e(prior), vec![Component::new(e("1"), mean, covariance).unwrap()])
                    .unwrap()
            };
            let other = Covariance::Diagonal(vec![e("1"), e("2")]);
            let classes =
                vec![class(["0", "1"], "1/4", covariance), class(["1", "0"], "3/4", other)];
            let law = Law::GaussianMixture(GaussianMixture::new(classes).unwrap());
            let posterior = Posterior::new(&law, Device::Cpu).unwrap();
            assert!(posterior.logits(&images.view([4, 1, 1, 1])).is_err());
            posterior.logits(&images).unwrap()
        });
        let gap = (&found[0] - &found[1]).abs().max().double_value(&[]);
        assert!(gap < 1e-6, "{gap}");
        // By hand for x = (0.2, 0.9): Q = [[3/2, -1], [-1, 2]] / 2, det 2; and diag(1, 2).
        let first = -0.5 * (0.75 * 0.04 + 0.2 * 0.1 + 0.01) - 0.5 * 2f64.ln() + 0.25f64.ln();
        let second = -0.5 * (0.64 + 0.81 / 2.0) - 0.5 * 2f64.ln() + 0.75f64.ln();
        let row = found[0].get(0);
        let difference = row.double_value(&[0]) - row.double_value(&[1]);
        assert!(
            (difference - (first - second)).abs() < 1e-6,
            "{difference} and {}",
            first - second
        );
    }
}
