//! Tries the laws on random cases, shrinks what fails, and says what was found.

use std::fmt::{self, Write};
use std::time::{Duration, Instant};

use proptest::strategy::{BoxedStrategy, Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::bench::{Bench, Reference};
use super::case::{Case, cases};
use super::identify::{Identification, identify};
use super::laws::{Counterexample, LAWS, Law, Seen};
use super::profile::{Profile, Stance};
use super::{Broken, Loss};
use crate::claims::{Evidence, Verdict};
use crate::error::Error;

/// How a loss is checked: with which seed, on how many cases, for how long at most.
///
/// ```
/// use score_workbench::testing::loss::{Input, Profile, Suite, divergence};
/// // The "divergence" of somebody who forgot the logarithm.
/// let wrong = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * (a - b)).sum();
/// let mut loss = divergence(Profile::divergence("no logarithm", Input::Probabilities), wrong);
/// let report = Suite::default().cases(64).check(&mut loss);
/// let broken: Vec<_> = report.against_claims().map(|finding| finding.law.name).collect();
/// assert_eq!(broken, ["non-negative", "boundary"]);
/// ```
#[derive(Clone, Debug)]
pub struct Suite {
    seed: u64,
    cases: usize,
    budget: Option<Duration>,
    identifies: bool,
    said: Vec<(String, Stance)>,
}

impl Default for Suite {
    /// Seed 0, 256 cases of each law, however long they take.
    fn default() -> Self {
        Self { seed: 0, cases: 256, budget: None, identifies: true, said: vec![] }
    }
}

/// How many cases of a law are tried before the next law has its turn.
const ROUND: usize = 16;

/// How many cases are tried for one that says something.
const PATIENCE: usize = 4;

/// How many steps a counterexample may shrink by.
const SHRINKS: usize = 600;

/// What became of a law.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The law.
    pub law: &'static Law,
    /// What was said of it.
    pub stance: Stance,
    /// The constant in it, where it has one.
    pub constant: Option<f64>,
    /// What was found.
    pub verdict: Verdict,
    /// How many cases said something.
    pub cases: usize,
    /// How many said nothing: infinite values, kinks, slopes below rounding.
    pub silent: usize,
    /// The largest value found of the constant that the law needs.
    pub measured: Option<f64>,
    /// Where it fails.
    pub counterexample: Option<Counterexample>,
    /// Why it is undecided or says nothing.
    pub note: Option<String>,
}

impl Finding {
    /// How well the verdict is founded: by a sample.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence::Sampled
    }

    /// What the finding is as an answer to what was said: a claim holds, is refuted or undecided; a denial holds where there is a
    /// counterexample and is undecided where none was found; of what is open there is nothing to say.
    #[must_use]
    pub fn answer(&self) -> Verdict {
        match (self.stance, self.verdict) {
            (Stance::Open, _) | (_, Verdict::NotApplicable) => Verdict::NotApplicable,
            (Stance::Claimed, verdict) => verdict,
            (Stance::Denied, Verdict::Refuted) => Verdict::Holds,
            (Stance::Denied, _) => Verdict::Undecided,
        }
    }
}

/// What was found out about a loss.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it says of itself.
    pub profile: Profile,
    /// The seed of the cases.
    pub seed: u64,
    /// How many cases each law was to be tried on.
    pub cases: usize,
    /// What became of each law.
    pub findings: Vec<Finding>,
    /// What it equals.
    pub identified: Identification,
    /// Why the check ended early, where the loss had no answer.
    pub broken: Option<Broken>,
}

impl Suite {
    /// The same with another seed.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same with this many cases of each law, at least one.
    #[must_use]
    pub fn cases(self, cases: usize) -> Self {
        Self { cases: cases.max(1), ..self }
    }

    /// The same with a time after which laws that are not done are undecided.
    #[must_use]
    pub fn budget(self, budget: Duration) -> Self {
        Self { budget: Some(budget), ..self }
    }

    /// The same without a search for the entry that the loss equals: laws only.
    #[must_use]
    pub fn laws_only(self) -> Self {
        Self { identifies: false, ..self }
    }

    /// The same with a claim, in place of what the loss says itself: the name of a law, `triangle = 2` for one with a constant,
    /// `equals = trades(kl, kl, 6)`.
    #[must_use]
    pub fn claim(self, law: &str) -> Self {
        self.say(law, Stance::Claimed)
    }

    /// The same with a denial.
    #[must_use]
    pub fn deny(self, law: &str) -> Self {
        self.say(law, Stance::Denied)
    }

    /// The same with a law left open.
    #[must_use]
    pub fn leave_open(self, law: &str) -> Self {
        self.say(law, Stance::Open)
    }

    fn say(mut self, law: &str, stance: Stance) -> Self {
        self.said.push((law.into(), stance));
        self
    }

    /// The profile of a loss with what this suite says of it.
    ///
    /// # Errors
    /// Where a law, its constant or an entry does not exist.
    pub fn applied(&self, mut profile: Profile) -> Result<Profile, Error> {
        for (law, stance) in &self.said {
            profile = profile.say(law, *stance)?;
        }
        Ok(profile)
    }

    /// Checks a loss.
    ///
    /// # Panics
    /// Where a claim or denial names no law: see [`Self::applied`], which says so as an error.
    pub fn check(&self, loss: &mut dyn Loss) -> Report {
        let profile = self.applied(loss.profile().clone());
        let profile = profile.unwrap_or_else(|error| panic!("{error}"));
        let within =
            |share: u32| self.budget.and_then(|budget| Instant::now().checked_add(budget / share));
        let deadline = within(1);
        let mut bench = Bench::new(loss, profile);
        let mut report = Report {
            profile: bench.profile().clone(),
            seed: self.seed,
            cases: self.cases,
            findings: vec![],
            identified: Identification::default(),
            broken: None,
        };
        if self.identifies {
            // A loss that is slow is to have time left for its laws.
            match identify(&mut bench, self.seed, within(4)) {
                Ok(identified) => report.identified = identified,
                Err(broken) => report.broken = Some(broken),
            }
        }
        let found = report.identified.entries.first().cloned();
        bench.reference = found.map(|(entry, scale)| Reference { entry, scale });
        let mut trials: Vec<Trial> = LAWS.iter().map(|law| Trial::new(law, &bench, self)).collect();
        while report.broken.is_none() && trials.iter().any(|trial| !trial.done(self.cases)) {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                break;
            }
            for trial in &mut trials {
                if let Err(broken) = trial.round(&mut bench, self.cases, deadline) {
                    report.broken = Some(Broken { law: Some(trial.law.name), ..broken });
                    break;
                }
            }
        }
        let ended = if report.broken.is_some() { "the loss broke" } else { "the time ran out" };
        report.findings =
            trials.into_iter().map(|trial| trial.finding(self.cases, ended)).collect();
        report
    }
}

/// The random numbers of a purpose: those of no other, whatever else is drawn.
pub(super) fn runner(seed: u64, purpose: &str) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    for (i, byte) in purpose.bytes().enumerate() {
        // Names that agree in their beginnings differ in their ends.
        let place = 8 + i % 24;
        bytes[place] = u8::wrapping_add(bytes[place].rotate_left(3), byte);
    }
    let config = Config { failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// A law that is being tried.
struct Trial {
    law: &'static Law,
    stance: Stance,
    constant: f64,
    silent: Option<&'static str>,
    runner: TestRunner,
    cases: BoxedStrategy<Case>,
    tried: usize,
    told: usize,
    measured: Option<f64>,
    counterexample: Option<Counterexample>,
}

impl Trial {
    fn new(law: &'static Law, bench: &Bench, suite: &Suite) -> Self {
        let profile = bench.profile();
        let (stance, constant) = law.stance(profile);
        Self {
            law,
            stance,
            constant,
            silent: law.silent(bench),
            runner: runner(suite.seed, law.name),
            cases: cases(profile, law.flavour()),
            tried: 0,
            told: 0,
            measured: None,
            counterexample: None,
        }
    }

    /// Whether there is nothing left to try: a law with a constant is measured on all cases.
    fn done(&self, cases: usize) -> bool {
        let measures = self.law.constant.is_some();
        self.silent.is_some()
            || self.counterexample.is_some() && !measures
            || self.told >= cases
            || self.tried >= PATIENCE * cases
    }

    fn round(
        &mut self,
        bench: &mut Bench,
        cases: usize,
        deadline: Option<Instant>,
    ) -> Result<(), Broken> {
        let over = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
        for _ in 0..ROUND {
            if self.done(cases) || over() {
                break;
            }
            let mut tree =
                self.cases.new_tree(&mut self.runner).expect("strategies that do not reject");
            self.tried += 1;
            let seen = self.law.check(bench, &tree.current(), self.constant)?;
            let (measured, failure) = match seen {
                Seen::Nothing => continue,
                Seen::Holds(measured) => (measured, None),
                Seen::Fails(counterexample, measured) => (measured, Some(counterexample)),
            };
            self.told += 1;
            self.measured = match (self.measured, measured) {
                (Some(a), Some(b)) => Some(a.max(b)),
                (a, b) => a.or(b),
            };
            if let (None, Some(first)) = (&self.counterexample, failure) {
                let mut smallest = first;
                let mut steps = 0;
                let mut more = tree.simplify();
                while more && steps < SHRINKS && !over() {
                    steps += 1;
                    more = match self.law.check(bench, &tree.current(), self.constant)? {
                        Seen::Fails(counterexample, _) => {
                            smallest = counterexample;
                            tree.simplify()
                        }
                        Seen::Holds(_) | Seen::Nothing => tree.complicate(),
                    };
                }
                self.counterexample = Some(smallest);
            }
        }
        Ok(())
    }

    fn finding(self, cases: usize, ended: &str) -> Finding {
        let done = self.done(cases);
        let (verdict, note) = match (&self.counterexample, self.silent) {
            (_, Some(reason)) => (Verdict::NotApplicable, Some(reason.to_owned())),
            (Some(_), None) => (Verdict::Refuted, None),
            (None, None) if !done => {
                (Verdict::Undecided, Some(format!("{ended} after {} of {cases} cases", self.told)))
            }
            (None, None) if self.told == 0 => {
                (Verdict::Undecided, Some("no case said anything".to_owned()))
            }
            (None, None) => (Verdict::Holds, None),
        };
        let constant = self.law.constant.map(|_| self.constant);
        Finding {
            law: self.law,
            stance: self.stance,
            constant,
            verdict,
            cases: self.told,
            silent: self.tried - self.told,
            measured: self.measured,
            counterexample: self.counterexample,
            note,
        }
    }
}

impl Report {
    /// The claims that are refuted.
    pub fn against_claims(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.answer() == Verdict::Refuted)
    }

    /// The worst answer to what was said.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let answers = self.findings.iter().map(Finding::answer);
        answers.max_by_key(|answer| answer.severity()).unwrap_or(Verdict::NotApplicable)
    }

    /// For tests: passes where the loss answered throughout and everything that was said of it holds.
    ///
    /// # Panics
    /// With this report where not.
    pub fn assert(&self) {
        let good = self.broken.is_none()
            && matches!(self.verdict(), Verdict::Holds | Verdict::NotApplicable);
        assert!(good, "{self}");
    }
}

/// What contradicts what was said, law by law, with counterexamples.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if let Some(broken) = &self.broken {
            writeln!(f, "{}: {broken}", self.profile.name())?;
        }
        for finding in &self.findings {
            let said = match (finding.stance, finding.answer()) {
                (_, Verdict::Holds | Verdict::NotApplicable) => continue,
                (Stance::Denied, _) => "denied, but no counterexample was found",
                (_, Verdict::Undecided) => "claimed, undecided",
                _ => "claimed, refuted",
            };
            writeln!(
                f,
                "{}: {}: {said} ({} cases, seed {})",
                self.profile.name(),
                finding.law.name,
                finding.cases,
                self.seed
            )?;
            writeln!(f, "  {}", finding.law.statement)?;
            if let Some(counterexample) = &finding.counterexample {
                write!(f, "{counterexample}")?;
            }
            if let Some(note) = &finding.note {
                writeln!(f, "  {note}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let width = self.inputs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut text = String::new();
        for (name, value) in &self.inputs {
            let _ = writeln!(text, "    {name:width$}  {value}");
        }
        writeln!(f, "{text}    {}", self.found)
    }
}
