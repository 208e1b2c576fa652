//! What makes a robust accuracy doubtful: the reference implementation's checks, and one that it lacks.

use std::fmt;

use serde::{Serialize, Serializer};
use tch::{Kind, Tensor, no_grad};

use super::attack::{Classifier, top};
use super::cascade::{Attack, Cascade, Progress, Version};
use crate::error::Error;
use crate::train::random::size;

/// A reason to doubt.
#[derive(Clone, Debug, PartialEq)]
pub enum Warning {
    /// The same images get different logits.
    Random {
        /// The largest distance between logits, each divided by their length.
        distance: f64,
    },
    /// The outputs are probabilities, whose gradients vanish where they saturate.
    Probabilities,
    /// Logits of an image depend on the other images of its batch, as with a batch normalisation in training mode.
    DependsOnBatch {
        /// By how much, relative to the largest logit.
        change: f64,
    },
    /// There are fewer labels to aim at than the attack takes.
    FewClasses {
        /// The attack.
        attack: Attack,
        /// How many there are.
        targets: i64,
        /// How many it takes.
        wanted: i64,
    },
    /// Some gradients are 0 where a gradient attack starts.
    WithoutGradient {
        /// The attack.
        attack: Attack,
        /// At how many images of a batch, at most.
        images: i64,
    },
    /// Square, which sees no gradients, broke more than the other attacks had left.
    SquareWins {
        /// By this share of the images.
        by: f64,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Random { distance } => write!(
                f,
                "the model is random: logits of the same images are up to {distance:.1e} apart. Attacks that see one draw overstate its robustness; use --attack rand"
            ),
            Self::Probabilities => f.write_str(
                "the outputs look like probabilities. Attacks need logits: the gradients of probabilities vanish where they saturate",
            ),
            Self::DependsOnBatch { change } => write!(
                f,
                "logits depend on the other images of the batch (by {change:.1e} of the largest). A batch normalisation in training mode does that; then no image has a robustness of its own"
            ),
            Self::FewClasses { attack, targets, wanted } => {
                write!(f, "{attack} aims at {targets} labels, which is all there are, in place of {wanted}")
            }
            Self::WithoutGradient { attack, images } => write!(
                f,
                "{attack}: {images} images of a batch had no gradient at the start. Gradient attacks cannot find what they cannot see"
            ),
            Self::SquareWins { by } => write!(
                f,
                "square broke another {:.2} % of the images, although it sees no gradients. The gradients mislead; the robust accuracy is probably overstated",
                100.0 * by
            ),
        }
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Logits of the same images, divided by their length, may differ by this.
const SAME: f64 = 1e-4;
/// How far from 0, from 1 and from the sum 1 a probability may be.
const PROBABILITY: f64 = 1e-5;
/// Another batch changes the rounding of logits, relative to the largest, by less than this.
const ROUNDED: f64 = 1e-3;
/// The share of images that Square may break alone.
const ALONE: f64 = 0.002;
/// How often the same images are shown.
const SHOWN: usize = 5;

/// What can be said before any attack, from the first batch.
///
/// # Errors
/// [`Error::TooFew`] for fewer classes than an attack is defined for.
pub fn before(
    cascade: &Cascade,
    model: &dyn Classifier,
    images: &Tensor,
    y: &Tensor,
) -> Result<Vec<Warning>, Error> {
    let n = images.size()[0].min(size(cascade.batch));
    let (x, y) = (images.narrow(0, 0, n), y.narrow(0, 0, n));
    let see = |x: &Tensor| no_grad(|| model.logits(x));
    let logits = see(&x)?;
    let classes = logits.size()[1];
    let mut warnings = vec![];
    for attack in cascade.version.attacks() {
        let least = attack.least_classes();
        let found = usize::try_from(classes).unwrap_or(0);
        if found < least {
            let what = "classes for an attack on the ratio of logits";
            return Err(Error::TooFew { what, found, least });
        }
        let wanted = cascade.targets(attack);
        if wanted > classes - 1 {
            warnings.push(Warning::FewClasses { attack, targets: classes - 1, wanted });
        }
    }
    if cascade.version != Version::Rand {
        let mut distance: f64 = 0.0;
        let mut differ = false;
        let mut shown = vec![logits.copy()];
        for _ in 1..SHOWN {
            shown.push(see(&x)?);
        }
        for (i, a) in shown.iter().enumerate() {
            for b in &shown[..i] {
                distance = distance.max(largest(&length(&(unit(a) - unit(b)))));
                differ |= correct(a, &y) != correct(b, &y);
            }
        }
        if differ || distance > SAME {
            warnings.push(Warning::Random { distance });
        }
    }
    let sums = logits.sum_dim_intlist(Some(&[1i64][..]), false, Kind::Float);
    if largest(&logits) < 1.0 + PROBABILITY
        && -largest(&-&logits) > -PROBABILITY
        && largest(&(sums - 1.0).abs()) < PROBABILITY
    {
        warnings.push(Warning::Probabilities);
    }
    if n > 1 {
        let alone = see(&x.narrow(0, 0, 1))?;
        let change = largest(&(alone - logits.narrow(0, 0, 1)).abs())
            / largest(&logits.abs()).max(f64::MIN_POSITIVE);
        // A random model has been told of already.
        let is_random = warnings.iter().any(|warning| matches!(warning, Warning::Random { .. }));
        if change > ROUNDED && !is_random {
            warnings.push(Warning::DependsOnBatch { change });
        }
    }
    Ok(warnings)
}

/// What can be said when all attacks are through.
#[must_use]
pub fn after(progress: &Progress) -> Vec<Warning> {
    let mut warnings: Vec<_> = progress
        .done
        .iter()
        .filter(|done| done.without_gradient > 0)
        .map(|done| Warning::WithoutGradient { attack: done.attack, images: done.without_gradient })
        .collect();
    let robust = |robust: &[bool]| robust.iter().filter(|robust| **robust).count();
    if let Some(place) = progress.done.iter().position(|done| done.attack == Attack::Square)
        && place > 0
    {
        let (before, square) = (&progress.done[place - 1].robust, &progress.done[place].robust);
        let by = (robust(before) - robust(square)) as f64 / square.len() as f64;
        if by > ALONE {
            warnings.push(Warning::SquareWins { by });
        }
    }
    warnings
}

fn length(rows: &Tensor) -> Tensor {
    rows.square().sum_dim_intlist(Some(&[1i64][..]), true, Kind::Float).sqrt()
}

fn unit(logits: &Tensor) -> Tensor {
    logits / (length(logits) + 1e-10)
}

fn largest(numbers: &Tensor) -> f64 {
    numbers.max().double_value(&[])
}

fn correct(logits: &Tensor, y: &Tensor) -> i64 {
    top(logits).eq_tensor(y).sum(Kind::Int64).int64_value(&[])
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tch::Device;

    use super::super::Workers;
    use super::*;
    use crate::perturbation::{Ball, Norm};

    fn warnings(classes: i64, model: impl Fn(&Tensor) -> Result<Tensor, Error>) -> Vec<Warning> {
        tch::set_num_threads(1);
        let images = Tensor::linspace(0.0, 1.0, 8 * 4 * classes, (Kind::Float, Device::Cpu))
            .view([8, classes, 2, 2]);
        let y = Tensor::zeros([8], (Kind::Int64, Device::Cpu));
        let ball = Ball::new(Norm::Linf, "0.1".parse().unwrap()).unwrap();
        before(&Cascade::new(ball, Version::Standard), &model, &images, &y).unwrap()
    }

    fn logits(x: &Tensor) -> Tensor {
        x.mean_dim(&[2i64, 3][..], false, Kind::Float) * 9.0
    }

    #[test]
    fn a_plain_model_is_not_doubted() {
        assert_eq!(warnings(10, |x| Ok(logits(x))), []);
    }

    #[test]
    fn a_random_model_is() {
        let draw = Cell::new(0.0);
        let found = warnings(10, |x| {
            draw.set(draw.get() + 0.1);
            Ok(logits(x) + Tensor::arange(10, (Kind::Float, Device::Cpu)) * draw.get())
        });
        assert!(
            matches!(found[..], [Warning::Random { distance }] if distance > 0.01),
            "{found:?}"
        );
    }

    #[test]
    fn probabilities_are_not_logits() {
        let found = warnings(10, |x| Ok(logits(x).softmax(1, Kind::Float)));
        assert_eq!(found, [Warning::Probabilities]);
    }

    #[test]
    fn a_model_that_looks_at_its_batch_is_found() {
        let found = warnings(10, |x| {
            let logits = logits(x);
            Ok(&logits - logits.mean_dim(&[0i64][..], true, Kind::Float))
        });
        assert!(matches!(found[..], [Warning::DependsOnBatch { .. }]), "{found:?}");
    }

    #[test]
    fn few_classes_are_said_and_fewer_refused() {
        let found = warnings(5, |x| Ok(logits(x)));
        let few = |attack| Warning::FewClasses { attack, targets: 4, wanted: 9 };
        assert_eq!(found, [few(Attack::ApgdT), few(Attack::FabT)]);
        let images = Tensor::zeros([2, 3, 2, 2], (Kind::Float, Device::Cpu));
        let y = Tensor::zeros([2], (Kind::Int64, Device::Cpu));
        let ball = Ball::new(Norm::Linf, "0.1".parse().unwrap()).unwrap();
        let cascade = Cascade::new(ball, Version::Standard);
        let refused = before(&cascade, &|x: &Tensor| Ok(logits(x)), &images, &y).unwrap_err();
        assert!(matches!(refused, Error::TooFew { found: 3, least: 4, .. }));
    }

    /// What the warnings that come after the attacks say of a linear model of pixels.
    fn doubts(seen: impl Fn(&Tensor) -> Tensor) -> Vec<Warning> {
        tch::set_num_threads(1);
        let options = (Kind::Float, Device::Cpu);
        let drawn = || (Tensor::randn([36, 4], options), Tensor::rand([60, 1, 6, 6], options));
        let (weights, images) = crate::train::random::seeded(1, drawn);
        let images = images * 0.6 + 0.2;
        let model = |x: &Tensor| Ok(seen(x).view([-1, 36]).matmul(&weights));
        let y = top(&model(&images).unwrap());
        let ball = Ball::new(Norm::Linf, "0.08".parse().unwrap()).unwrap();
        let attacks = Version::Custom(vec![Attack::ApgdDlr, Attack::Square]);
        let cascade =
            Cascade { iterations: 20, queries: 300, batch: 60, ..Cascade::new(ball, attacks) };
        let (mut workers, start) = (Workers::One(&model), Progress::default());
        after(&cascade.run(&mut workers, &images, &y, start, &mut |_, _| Ok(())).unwrap())
    }

    #[test]
    fn a_model_that_hides_its_gradient_is_found_by_square() {
        assert_eq!(doubts(Tensor::shallow_clone), []);
        let found = doubts(|x| (x * 20.0).round() / 20.0);
        let flat = Warning::WithoutGradient { attack: Attack::ApgdDlr, images: 60 };
        assert!(
            matches!(&found[..], [first, Warning::SquareWins { .. }] if *first == flat),
            "{found:?}"
        );
    }

    #[test]
    fn square_alone_and_flat_gradients_are_noticed() {
        let done = |attack, robust: usize, without_gradient| super::super::Done {
            attack,
            robust: (0..100).map(|i| i < robust).collect(),
            seconds: 0.0,
            without_gradient,
        };
        let through = |done| Progress { done, ..Progress::default() };
        let progress = through(vec![done(Attack::ApgdT, 50, 3), done(Attack::Square, 50, 0)]);
        assert_eq!(
            after(&progress),
            [Warning::WithoutGradient { attack: Attack::ApgdT, images: 3 }]
        );
        let progress = through(vec![done(Attack::ApgdCe, 50, 0), done(Attack::Square, 49, 0)]);
        assert_eq!(after(&progress), [Warning::SquareWins { by: 0.01 }]);
    }
}
