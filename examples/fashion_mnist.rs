//! The theorems on a law that is fitted to images: two classes of Fashion-MNIST as normal distributions with one covariance, in 784 dimensions,
//! and a linear softmax model that is trained on the same images.
//!
//!     cargo run --release --example fashion_mnist
//!
//! The images are Debian's package dataset-fashion-mnist (or any folder with the four files, as an argument). Without them the example says so and ends.
//! With a second argument it writes the report on this law, all claims for l1 and kl, into that folder.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use argmin::core::{CostFunction, Error as ArgminError, Executor, Gradient, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use flate2::read::GzDecoder;
use score_workbench::claims::{CLAIMS, Claim, Problem, Proofs, Suite};
use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::{Class, Component, Covariance, GaussianMixture, Law};
use score_workbench::model::{Linear, Model};
use score_workbench::perturbation::{Ball, Norm};
use score_workbench::quantity::Quantity;
use score_workbench::report;
use score_workbench::risk::{Accuracies, Risk};

/// T-shirts and shirts, the two classes that are confused most.
const CLASSES: [u8; 2] = [0, 6];
const PIXELS: usize = 784;
/// What is added to every variance of the fitted law, of pixels between 0 and 1: some pixels at the border never change.
const RIDGE: f64 = 1e-2;
/// The weight of `|w|^2 / 2` in what the model is trained on, beside the mean loss of an image.
const DECAY: f64 = 1e-3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).unwrap_or("/usr/share/datasets/fashion-mnist".into());
    let read = |part: &str| images(Path::new(&folder), part);
    let (train, test) = match (read("train"), read("t10k")) {
        (Ok(train), Ok(test)) => (train, test),
        (Err(error), _) | (_, Err(error)) => {
            println!(
                "no Fashion-MNIST in {folder} ({error}); on Debian: apt-get install dataset-fashion-mnist"
            );
            return Ok(());
        }
    };
    let law = fitted(&train)?;
    let [w, b] = trained(&train)?;
    let right = test.iter().filter(|(x, y)| (dot(&w, x) + b[0] >= 0.0) == (*y == 0)).count();
    println!("{} images of two classes, {} to test on", train.len(), test.len());
    println!(
        "the trained model is right on {:.4} of the images to test on",
        right as f64 / test.len() as f64
    );
    let weights = vec![numbers(&w), vec![Exact::integer(0); PIXELS]];
    let model = Model::Linear(Linear::new(weights, numbers(&[b[0], 0.0]))?);

    let epsilon: Exact = "8/255".parse()?;
    let problem = Problem::new(("fitted", &law), ("trained", &model), Norm::Linf)?;
    println!("{}, linf, epsilon {epsilon}", problem.reduction().describe());
    let Accuracies { clean, robust, self_consistent } = problem.accuracies(&epsilon)?;
    println!(
        "on the fitted law: clean {:.6}, robust {:.6}, self-consistent {:.6}",
        clean.value, robust.value, self_consistent.value
    );
    for divergence in [Divergence::L1, Divergence::Kl] {
        for risk in Risk::ALL {
            let found = problem.risk(risk, divergence, epsilon.to_f64())?;
            println!(
                "{:10} {divergence}: {:.8} +- {:.0e}",
                risk.symbol(),
                found.value,
                found.error
            );
        }
    }
    for name in ["theorem-1", "corollary-1"] {
        let instance = problem.instance(Divergence::L1, Ball::new(Norm::Linf, epsilon.clone())?);
        let check = Claim::named(name)?.check(&instance)?;
        let slack = check.slack.map_or(f64::NAN, Quantity::value);
        println!("{name}: {}, {}, slack {slack:.6}", check.verdict, check.evidence);
    }
    if let Some(folder) = std::env::args().nth(2) {
        let suite = Suite {
            problems: vec![problem],
            divergences: vec![Divergence::L1, Divergence::Kl],
            epsilons: vec![epsilon],
            proofs: Proofs::None,
        };
        let findings = suite.verify(&CLAIMS, || {})?;
        report::write(Path::new(&folder), &suite, &findings, &[])?;
        println!("{folder}/index.html");
    }
    Ok(())
}

/// An image with pixels between 0 and 1, and which of the two classes it is of.
type Labelled = (Vec<f64>, usize);

/// The images of the two classes in the files of one part.
fn images(folder: &Path, part: &str) -> io::Result<Vec<Labelled>> {
    let read = |name: &str, header: usize| -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = File::open(folder.join(format!("{part}-{name}-ubyte.gz")))?;
        GzDecoder::new(file).read_to_end(&mut bytes)?;
        let short = || io::Error::new(io::ErrorKind::UnexpectedEof, "a file without its header");
        Ok(bytes.get(header..).ok_or_else(short)?.to_vec())
    };
    let (pixels, labels) = (read("images-idx3", 16)?, read("labels-idx1", 8)?);
    let all = pixels.chunks_exact(PIXELS).zip(labels);
    let ours = all.filter_map(|(image, label)| {
        let class = CLASSES.iter().position(|class| *class == label)?;
        Some((image.iter().map(|pixel| f64::from(*pixel) / 255.0).collect(), class))
    });
    Ok(ours.collect())
}

fn numbers(row: &[f64]) -> Vec<Exact> {
    row.iter().map(|x| Exact::from_f64(*x).expect("finite")).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Normal classes with the images' means, their pooled covariance plus the ridge, and their frequencies.
fn fitted(images: &[Labelled]) -> Result<Law, Error> {
    let mut means = [vec![0.0; PIXELS], vec![0.0; PIXELS]];
    let mut counts = [0_u32; 2];
    for (x, y) in images {
        counts[*y] += 1;
        means[*y].iter_mut().zip(x).for_each(|(m, x)| *m += x);
    }
    for (mean, count) in means.iter_mut().zip(counts) {
        for m in mean {
            *m /= f64::from(count);
        }
    }
    let mut scatter = vec![vec![0.0; PIXELS]; PIXELS];
    for (x, y) in images {
        let gap: Vec<f64> = x.iter().zip(&means[*y]).map(|(x, m)| x - m).collect();
        for (i, row) in scatter.iter_mut().enumerate().filter(|(i, _)| gap[*i] != 0.0) {
            row[i..].iter_mut().zip(&gap[i..]).for_each(|(s, g)| *s += gap[i] * g);
        }
    }
    let entry = |i: usize, j: usize| {
        let ridge = if i == j { RIDGE } else { 0.0 };
        let pooled = scatter[i.min(j)][i.max(j)] / images.len() as f64;
        Exact::from_f64(pooled + ridge).expect("finite")
    };
    let rows: Vec<Vec<Exact>> =
        (0..PIXELS).map(|i| (0..PIXELS).map(|j| entry(i, j)).collect()).collect();
    let class = |k: usize| {
        let covariance = Covariance::Full(rows.clone());
        let component = Component::new(Exact::integer(1), numbers(&means[k]), covariance)?;
        Class::new(format!("{}/{}", counts[k], images.len()).parse()?, vec![component])
    };
    Ok(Law::GaussianMixture(GaussianMixture::new(vec![class(0)?, class(1)?])?))
}

/// The weights and the bias that minimise the mean cross-entropy plus the decay.
fn trained(images: &[Labelled]) -> Result<[Vec<f64>; 2], ArgminError> {
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), 10).with_tolerance_grad(1e-6)?;
    let start = vec![0.0; PIXELS + 1];
    let result = Executor::new(Regression(images), solver)
        .configure(|state| state.param(start).max_iters(500))
        .run()?;
    let mut weights = result.state().get_best_param().cloned().unwrap_or_default();
    let bias = weights.split_off(PIXELS);
    Ok([weights, bias])
}

/// Logistic regression on images; the last parameter is the bias.
struct Regression<'a>(&'a [Labelled]);

impl Regression<'_> {
    fn margin(x: &[f64], y: usize, parameters: &[f64]) -> f64 {
        let t = dot(x, parameters) + parameters[PIXELS];
        if y == 0 { t } else { -t }
    }
}

impl CostFunction for Regression<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, parameters: &Vec<f64>) -> Result<f64, ArgminError> {
        let loss = |(x, y): &Labelled| {
            let t = Self::margin(x, *y, parameters);
            (-t).max(0.0) + (-t.abs()).exp().ln_1p()
        };
        let mean = self.0.iter().map(loss).sum::<f64>() / self.0.len() as f64;
        let weights = &parameters[..PIXELS];
        Ok(mean + 0.5 * DECAY * dot(weights, weights))
    }
}

impl Gradient for Regression<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, parameters: &Vec<f64>) -> Result<Vec<f64>, ArgminError> {
        let mut gradient = vec![0.0; PIXELS + 1];
        for (x, y) in self.0 {
            let t = Self::margin(x, *y, parameters);
            let sign = if *y == 0 { 1.0 } else { -1.0 };
            let slope = -sign / (1.0 + t.exp()) / self.0.len() as f64;
            gradient.iter_mut().zip(x).for_each(|(g, x)| *g += slope * x);
            gradient[PIXELS] += slope;
        }
        gradient.iter_mut().zip(&parameters[..PIXELS]).for_each(|(g, w)| *g += DECAY * w);
        Ok(gradient)
    }
}
