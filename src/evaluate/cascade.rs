//! Attacks one after the other, each on what is left: the robust accuracy of AutoAttack.

use std::fmt;
use std::str::FromStr;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::attack::{
    Apgd, Broken, Classifier, Fab, Goal, Quirk, Quirks, Square, cross_entropy, labels, margin,
    positions, top,
};
use super::workers::Workers;
use crate::error::Error;
use crate::perturbation::{Ball, Norm};
use crate::train::random::{self, size};
use crate::train::{self, BatchNorm, Start};

/// One attack of the cascade, with the reference implementation's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Attack {
    /// [`Apgd`] on the cross-entropy.
    ApgdCe,
    /// [`Apgd`] on the difference of logits ratio.
    ApgdDlr,
    /// [`Apgd`] towards one label at a time.
    ApgdT,
    /// [`Fab`] towards the nearest boundary.
    Fab,
    /// [`Fab`] towards one label at a time.
    FabT,
    /// [`Square`].
    Square,
    /// Projected gradient ascent from a uniform start with steps of a quarter of the radius (`linf` and `l2`).
    Pgd {
        /// How many steps.
        steps: u32,
        /// What it climbs.
        climbs: Climbs,
    },
}

/// What [`Attack::Pgd`] climbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Climbs {
    /// The cross-entropy, `ce`.
    CrossEntropy,
    /// The margin `max_{i != y} z_i - z_y` of Carlini and Wagner, up to 0, `cw`. Its gradient vanishes where the label is wrong.
    Margin,
}

impl Attack {
    /// AutoAttack's.
    pub const ALL: [Self; 6] =
        [Self::ApgdCe, Self::ApgdDlr, Self::ApgdT, Self::Fab, Self::FabT, Self::Square];

    /// How many classes it needs.
    #[must_use]
    pub fn least_classes(self) -> usize {
        match self {
            Self::ApgdT => 4,
            Self::ApgdDlr => 3,
            _ => 2,
        }
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::ApgdCe => f.write_str("apgd-ce"),
            Self::ApgdDlr => f.write_str("apgd-dlr"),
            Self::ApgdT => f.write_str("apgd-t"),
            Self::Fab => f.write_str("fab"),
            Self::FabT => f.write_str("fab-t"),
            Self::Square => f.write_str("square"),
            Self::Pgd { steps, climbs: Climbs::CrossEntropy } => write!(f, "pgd-{steps}-ce"),
            Self::Pgd { steps, climbs: Climbs::Margin } => write!(f, "pgd-{steps}-cw"),
        }
    }
}

impl FromStr for Attack {
    type Err = Error;

    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    fn from_str(name: &str) -> Result<Self, Error> {
        if let Some(attack) = Self::ALL.into_iter().find(|attack| attack.to_string() == name) {
            return Ok(attack);
        }
        let pgd = name.strip_prefix("pgd-").and_then(|rest| rest.split_once('-'));
        let pgd = pgd.and_then(|(steps, climbs)| {
            let climbs = match climbs {
                "ce" => Climbs::CrossEntropy,
                "cw" => Climbs::Margin,
                _ => return None,
            };
            steps.parse().ok().filter(|steps| *steps > 0).map(|steps| Self::Pgd { steps, climbs })
        });
        pgd.ok_or_else(|| {
            let names = Version::NAMES.map(str::to_owned).into_iter();
            let names = names.chain(Self::ALL.map(|attack| attack.to_string()));
            let names = names.chain(["pgd-STEPS-ce".into(), "pgd-STEPS-cw".into()]);
            Error::Unknown { what: "attack", found: name.into(), allowed: names.collect() }
        })
    }
}

impl From<Attack> for String {
    fn from(attack: Attack) -> Self {
        attack.to_string()
    }
}

impl TryFrom<String> for Attack {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        name.parse()
    }
}

/// Which attacks, in which order, and how long: a version of AutoAttack, or a list of one's own with the standard version's parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// apgd-ce, apgd-t, fab-t, square; in l1 with 5 restarts of the first and 5 targets of the second, both with larger radii before.
    Standard,
    /// apgd-ce, apgd-dlr, fab (5 restarts each), square, apgd-t, fab-t.
    Plus,
    /// apgd-ce and apgd-dlr with gradients averaged over 20 samples, for models that are random.
    Rand,
    /// These.
    Custom(Vec<Attack>),
}

impl Version {
    const NAMES: [&'static str; 3] = ["standard", "plus", "rand"];

    /// The attacks in their order.
    #[must_use]
    pub fn attacks(&self) -> Vec<Attack> {
        match self {
            Self::Standard => vec![Attack::ApgdCe, Attack::ApgdT, Attack::FabT, Attack::Square],
            Self::Plus => vec![
                Attack::ApgdCe,
                Attack::ApgdDlr,
                Attack::Fab,
                Attack::Square,
                Attack::ApgdT,
                Attack::FabT,
            ],
            Self::Rand => vec![Attack::ApgdCe, Attack::ApgdDlr],
            Self::Custom(attacks) => attacks.clone(),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Standard => f.write_str(Self::NAMES[0]),
            Self::Plus => f.write_str(Self::NAMES[1]),
            Self::Rand => f.write_str(Self::NAMES[2]),
            Self::Custom(attacks) => {
                f.write_str(&attacks.iter().map(Attack::to_string).collect::<Vec<_>>().join(","))
            }
        }
    }
}

impl FromStr for Version {
    type Err = Error;

    /// A version's name, or the names of attacks with commas between them.
    ///
    /// # Errors
    /// [`Error::Unknown`] with the names that exist.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "standard" => Ok(Self::Standard),
            "plus" => Ok(Self::Plus),
            "rand" => Ok(Self::Rand),
            list => list.split(',').map(str::parse).collect::<Result<_, _>>().map(Self::Custom),
        }
    }
}

/// The evaluation of one model on one set of images.
#[derive(Clone, Debug)]
pub struct Cascade {
    /// The ball around each image.
    pub ball: Ball,
    /// The attacks.
    pub version: Version,
    /// How many images are attacked at once. The noise of a batch depends on its size.
    pub batch: usize,
    /// The seed of the random numbers, which begin anew with every batch of every attack, as in the reference implementation.
    pub seed: i64,
    /// Iterations of APGD and FAB; 100 in AutoAttack.
    pub iterations: usize,
    /// Queries of Square; 5000 in AutoAttack.
    pub queries: usize,
    /// Runs of APGD and FAB where they do not aim; the version's if it is not said. With 5 a list of attacks does what the reference implementation's custom
    /// version does.
    pub restarts: Option<usize>,
    /// At how many labels targeted attacks aim; the version's if it is not said.
    pub targets: Option<u32>,
    /// What is not computed since it cannot change a flag.
    pub broken: Broken,
    /// What is done otherwise than in the reference implementation.
    pub quirks: Quirks,
}

/// Hears of the state after each batch, and of what the batch has found.
pub type Report<'a> = &'a mut dyn FnMut(&Progress, Option<&Found>) -> Result<(), Error>;

impl Cascade {
    /// AutoAttack with its own parameters, in batches of 250 and with the seed 0.
    #[must_use]
    pub fn new(ball: Ball, version: Version) -> Self {
        Self {
            ball,
            version,
            batch: 250,
            seed: 0,
            iterations: 100,
            queries: 5000,
            restarts: None,
            targets: None,
            broken: Broken::Dropped,
            quirks: Quirks::default(),
        }
    }
}

/// How far an evaluation has come; what is written to disk after every batch, and what a resumed run goes on from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Progress {
    /// Which images are classified correctly without an attack; `None` before that is known.
    pub clean: Option<Vec<bool>>,
    /// Which are still classified correctly.
    pub robust: Vec<bool>,
    /// The attacks that are through.
    pub done: Vec<Done>,
    /// The attack that is under way.
    pub current: Option<Current>,
}

/// An attack that is through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Done {
    /// Which one.
    pub attack: Attack,
    /// Which images are still classified correctly after it.
    pub robust: Vec<bool>,
    /// How long it took, over all runs, in seconds.
    pub seconds: f64,
    /// Points whose gradient was 0 at some start, where the attack looks (APGD on a DLR loss).
    pub without_gradient: i64,
}

/// An attack that is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Current {
    /// Which one.
    pub attack: Attack,
    /// The images that it attacks, those still robust when it began.
    pub images: Vec<i64>,
    /// How many of them are through.
    pub through: usize,
    /// As in [`Done`].
    pub seconds: f64,
    /// As in [`Done`].
    pub without_gradient: i64,
}

/// The adversarial images that a batch has found.
#[derive(Debug)]
pub struct Found {
    /// By which attack.
    pub attack: Attack,
    /// For which images, `[M]`.
    pub places: Tensor,
    /// The images `[M, C, H, W]`.
    pub images: Tensor,
    /// How many images the batch had.
    pub of: usize,
}

/// A batch.
struct Job {
    /// Which images.
    places: Vec<i64>,
    /// The seed of its random numbers.
    seed: i64,
}

impl Cascade {
    /// Whether every attack is defined for this ball.
    ///
    /// # Errors
    /// [`Error::NotPositive`] for a radius of 0, [`Error::Unknown`] for projected gradient ascent in l1.
    pub fn check(&self) -> Result<(), Error> {
        if !self.ball.epsilon().is_positive() {
            return Err(Error::NotPositive { what: "epsilon", found: self.ball.epsilon().clone() });
        }
        for attack in self.version.attacks() {
            if let Attack::Pgd { steps, .. } = attack {
                self.pgd_in_ball(steps)?;
            }
        }
        Ok(())
    }

    /// Goes on from `progress` to the end. `report` is called after the clean pass (without images) and after every batch, in their order; what it is given
    /// is enough to resume.
    ///
    /// # Errors
    /// What a model or `report` returns.
    pub fn run(
        &self,
        workers: &mut Workers,
        images: &Tensor,
        y: &Tensor,
        mut progress: Progress,
        report: Report,
    ) -> Result<Progress, Error> {
        if progress.clean.is_none() {
            let clean = self.clean(workers.first(), images, y)?;
            progress.robust.clone_from(&clean);
            progress.clean = Some(clean);
            report(&progress, None)?;
        }
        for attack in self.version.attacks().into_iter().skip(progress.done.len()) {
            let robust = progress.robust.iter().enumerate().filter(|(_, robust)| **robust);
            let left: Vec<_> = robust.map(|(i, _)| size(i)).collect();
            let mut current = progress.current.take().unwrap_or(Current {
                attack,
                images: left,
                through: 0,
                seconds: 0.0,
                without_gradient: 0,
            });
            let jobs = self.jobs(&current, progress.done.len());
            let mut before = Instant::now();
            let work = |job: &Job, model: &dyn Classifier, images: &Tensor, y: &Tensor| {
                self.batch(attack, job, model, images, y)
            };
            workers.each(&jobs, (images, y), work, |job, given| {
                let (found, without_gradient) = given?;
                for place in Vec::<i64>::try_from(&found.places)? {
                    if let Some(robust) =
                        usize::try_from(place).ok().and_then(|i| progress.robust.get_mut(i))
                    {
                        *robust = false;
                    }
                }
                current.through += job.places.len();
                let now = Instant::now();
                current.seconds += (now - before).as_secs_f64();
                before = now;
                current.without_gradient = current.without_gradient.max(without_gradient);
                progress.current = Some(current.clone());
                report(&progress, Some(&found))
            })?;
            progress.current = None;
            let Current { seconds, without_gradient, .. } = current;
            progress.done.push(Done {
                attack,
                robust: progress.robust.clone(),
                seconds,
                without_gradient,
            });
            report(&progress, None)?;
        }
        Ok(progress)
    }

    /// The batches that are left of an attack, the n-th of the cascade.
    fn jobs(&self, current: &Current, n: usize) -> Vec<Job> {
        let starts = (current.through..current.images.len()).step_by(self.batch);
        let job = |from: usize| Job {
            places: current.images[from..].iter().take(self.batch).copied().collect(),
            seed: self.seed_of(n, from),
        };
        starts.map(job).collect()
    }

    /// What one attack finds in one batch, and how many gradients were 0.
    fn batch(
        &self,
        attack: Attack,
        job: &Job,
        model: &dyn Classifier,
        images: &Tensor,
        y: &Tensor,
    ) -> Result<(Found, i64), Error> {
        let places = Tensor::from_slice(&job.places).to_device(images.device());
        let (x, y) = (images.index_select(0, &places), y.index_select(0, &places));
        let (adversarial, without_gradient) = self.attack(attack, model, &x, &y, job.seed)?;
        let broken = positions(&labels(model, &adversarial)?.ne_tensor(&y));
        let found = Found {
            attack,
            places: places.index_select(0, &broken),
            images: adversarial.index_select(0, &broken),
            of: job.places.len(),
        };
        Ok((found, without_gradient))
    }

    /// The seed of a batch that begins at this image of this attack.
    fn seed_of(&self, attack: usize, from: usize) -> i64 {
        if !self.quirks.fixes(Quirk::SameNoise) {
            return self.seed;
        }
        // The generator takes 32 bits. An odd factor keeps places apart, and spreads them.
        let place = (size(attack) << 16) + size(from / self.batch);
        self.seed.wrapping_add(place.wrapping_mul(0x9E37_79B9))
    }

    /// Which images are classified correctly.
    ///
    /// # Errors
    /// [`Error::Logits`], and what the model returns.
    fn clean(
        &self,
        model: &dyn Classifier,
        images: &Tensor,
        y: &Tensor,
    ) -> Result<Vec<bool>, Error> {
        let n = images.size()[0];
        let mut clean = Vec::new();
        for from in (0..n).step_by(self.batch) {
            let count = size(self.batch).min(n - from);
            let logits = tch::no_grad(|| model.logits(&images.narrow(0, from, count)))?;
            let unusable = positions(&logits.isfinite().all_dim(1, false).logical_not());
            if unusable.numel() > 0 {
                return Err(Error::Logits { image: from + unusable.int64_value(&[0]) });
            }
            let correct = top(&logits).eq_tensor(&y.narrow(0, from, count));
            clean.extend(Vec::<bool>::try_from(&correct)?);
        }
        Ok(clean)
    }

    /// At how many labels of a clean image a targeted attack aims, if there are as many; 0 for the others.
    pub(super) fn targets(&self, attack: Attack) -> i64 {
        let standard = match attack {
            Attack::ApgdT if self.ball.norm() == Norm::L1 && self.version != Version::Plus => 5,
            Attack::ApgdT | Attack::FabT => 9,
            _ => return 0,
        };
        self.targets.map_or(standard, i64::from)
    }

    /// One batch of one attack: images, and how many gradients were 0.
    fn attack(
        &self,
        attack: Attack,
        model: &dyn Classifier,
        x: &Tensor,
        y: &Tensor,
        seed: i64,
    ) -> Result<(Tensor, i64), Error> {
        let Self { iterations, broken, ref quirks, .. } = *self;
        let (norm, epsilon) = (self.ball.norm(), self.ball.epsilon().to_f64());
        let is_plus = self.version == Version::Plus;
        // The other versions know nothing of l1.
        let is_l1 = norm == Norm::L1 && !is_plus && self.version != Version::Rand;
        let apgd = |goal| Apgd {
            norm,
            epsilon,
            iterations,
            restarts: self.restarts.unwrap_or(if is_plus || is_l1 { 5 } else { 1 }),
            goal,
            samples: if self.version == Version::Rand { 20 } else { 1 },
            larger_radii: is_l1,
            broken,
            quirks: quirks.clone(),
        };
        let fab = |targets: Option<i64>| Fab {
            norm,
            epsilon,
            iterations,
            restarts: match targets {
                Some(_) => 1,
                None => self.restarts.unwrap_or(if is_plus { 5 } else { 1 }),
            },
            targets,
            broken,
        };
        let others = tch::no_grad(|| model.logits(&x.narrow(0, 0, 1)))?.size()[1] - 1;
        let targets = self.targets(attack).min(others);
        let goal = match attack {
            Attack::ApgdCe => Goal::CrossEntropy,
            Attack::ApgdDlr => Goal::Dlr,
            Attack::ApgdT => Goal::Targeted { targets },
            Attack::Fab => return Ok((fab(None).attack(model, x, y, seed)?, 0)),
            Attack::FabT => return Ok((fab(Some(targets)).attack(model, x, y, seed)?, 0)),
            Attack::Pgd { steps, climbs } => {
                return Ok((self.pgd(model, x, y, seed, (steps, climbs))?, 0));
            }
            Attack::Square => {
                let queries = self.queries;
                let square = Square { norm, epsilon, queries, broken, quirks: quirks.clone() };
                return Ok((square.attack(model, x, y, seed)?, 0));
            }
        };
        let attacked = apgd(goal).attack(model, x, y, seed)?;
        Ok((attacked.images, attacked.without_gradient))
    }

    fn pgd(
        &self,
        model: &dyn Classifier,
        x: &Tensor,
        y: &Tensor,
        seed: i64,
        (steps, climbs): (u32, Climbs),
    ) -> Result<Tensor, Error> {
        let pgd = self.pgd_in_ball(steps)?;
        let drawn = random::seeded(seed, || pgd.draw(x))?;
        pgd.climb(x, &drawn, |images| {
            let logits = model.logits(images)?;
            Ok(match climbs {
                Climbs::CrossEntropy => cross_entropy(&logits, y),
                Climbs::Margin => (-margin(&logits, y)).clamp_max(0.0),
            })
        })
    }

    fn pgd_in_ball(&self, steps: u32) -> Result<train::Attack, Error> {
        let step = self.ball.epsilon() * &"1/4".parse()?;
        let ball = self.ball.clone();
        train::Attack::new(ball, Start::Uniform, step, steps, 1, BatchNorm::Evaluate)
    }
}
