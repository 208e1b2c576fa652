//! What a search for violations found, for programs: JSON and CSV, with the conventions of [`export`](super::export).

use std::borrow::Cow;
use std::path::PathBuf;

use super::export::{Number, double, line, pretty};
use crate::claims::Claim;
use crate::perturbation::Norm;
use crate::refute::{self, Outcome};

/// What a search for violations of a claim ended with.
#[derive(Clone, Debug)]
pub struct Refutation<'a> {
    /// The claim.
    pub claim: &'static Claim,
    /// The seed of the search.
    pub seed: u64,
    /// How many restarts it took.
    pub restarts: usize,
    /// What became of each inequality.
    pub outcomes: &'a [Outcome],
    /// The folder that each instance was written to, if any.
    pub folders: &'a [Option<PathBuf>],
}

impl<'a> Refutation<'a> {
    /// One JSON object: the search, and a list of inequalities with the instance that violates each or comes closest. Laws and models
    /// are the tables of their files.
    #[must_use]
    pub fn json(&self) -> String {
        #[derive(serde::Serialize)]
        struct Document<'a> {
            claim: &'a str,
            seed: u64,
            restarts: usize,
            inequalities: Vec<Entry<'a>>,
            summary: Counts,
        }
        #[derive(serde::Serialize)]
        #[serde(rename_all = "kebab-case")]
        struct Counts {
            violated: usize,
            proved: usize,
            not_violated: usize,
        }
        #[derive(serde::Serialize)]
        struct Entry<'a> {
            divergence: &'a str,
            inequality: &'a str,
            /// Why the claim does not say that it holds; null where it does.
            dropped: Option<&'a str>,
            verdict: &'a str,
            evidence: &'a str,
            slack: Option<Number>,
            relative: Option<f64>,
            tightness: Option<f64>,
            norm: &'a str,
            epsilon: Option<f64>,
            law: Option<serde_json::Value>,
            model: Option<serde_json::Value>,
            folder: Option<String>,
        }
        let table = |text: &str| toml::from_str(text).ok();
        let entry = |(outcome, folder): (&'a Outcome, &Option<PathBuf>)| {
            let instance = outcome.instance.as_ref();
            Entry {
                divergence: outcome.goal.divergence().name(),
                inequality: outcome.goal.inequality(),
                dropped: outcome.goal.dropped(),
                verdict: outcome.verdict(),
                evidence: refute::evidence(outcome.violation()).name(),
                slack: instance.map(|instance| Number(instance.slack())),
                relative: instance.map(refute::Instance::relative),
                tightness: instance.map(|instance| instance.tightness),
                norm: Norm::default().name(),
                epsilon: instance.map(|instance| instance.candidate.epsilon.to_f64()),
                law: instance.and_then(|instance| table(&instance.candidate.law.to_toml())),
                model: instance.and_then(|instance| table(&instance.candidate.model.to_toml())),
                folder: folder.as_ref().map(|folder| folder.display().to_string()),
            }
        };
        let violations = || self.outcomes.iter().filter_map(Outcome::violation);
        let violated = violations().count();
        pretty(&Document {
            claim: self.claim.name,
            seed: self.seed,
            restarts: self.restarts,
            inequalities: self.outcomes.iter().zip(self.folders).map(entry).collect(),
            summary: Counts {
                violated,
                proved: violations().filter(refute::Violation::is_proved).count(),
                not_violated: self.outcomes.len() - violated,
            },
        })
    }

    /// A header, then one line an inequality.
    #[must_use]
    pub fn csv(&self) -> String {
        let header = [
            "claim",
            "divergence",
            "inequality",
            "verdict",
            "evidence",
            "slack",
            "slack_error",
            "relative",
            "tightness",
            "norm",
            "epsilon",
            "law",
            "model",
        ];
        let mut csv = line(&header.map(Cow::from));
        for outcome in self.outcomes {
            let instance = outcome.instance.as_ref();
            let number = |of: fn(&refute::Instance) -> f64| {
                instance.map_or("".into(), |instance| double(of(instance)))
            };
            let words = |of: fn(&refute::Candidate) -> String| {
                instance.map_or("".into(), |instance| of(&instance.candidate).into())
            };
            csv += &line(&[
                self.claim.name.into(),
                outcome.goal.divergence().name().into(),
                outcome.goal.inequality().into(),
                outcome.verdict().into(),
                refute::evidence(outcome.violation()).name().into(),
                number(|instance| instance.slack().value()),
                number(|instance| instance.slack().error()),
                number(refute::Instance::relative),
                number(|instance| instance.tightness),
                Norm::default().name().into(),
                number(|instance| instance.candidate.epsilon.to_f64()),
                words(|candidate| refute::describe_law(&candidate.law)),
                words(|candidate| refute::describe_model(&candidate.model)),
            ]);
        }
        csv
    }
}
