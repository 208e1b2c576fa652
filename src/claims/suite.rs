//! Checking many claims on many instances, and the built-in suite.

use rayon::prelude::*;

use super::{Check, Claim, Problem, Scope};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::{Ball, Norm};
use crate::tolerance;

/// A claim, the instance it was checked on, and the outcome.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The claim.
    pub claim: &'static Claim,
    /// The name of the law.
    pub law: String,
    /// The name of the model.
    pub model: String,
    /// The divergence.
    pub divergence: Divergence,
    /// The perturbation ball.
    pub ball: Ball,
    /// The outcome.
    pub check: Check,
}

/// The problems, divergences and radii of the built-in suite.
#[derive(Debug)]
pub struct Suite {
    /// Laws with models.
    pub problems: Vec<Problem>,
    /// The divergences that each is checked for.
    pub divergences: Vec<Divergence>,
    /// The radii, in the units of x.
    pub epsilons: Vec<Exact>,
    /// Which verdicts are proved.
    pub proofs: Proofs,
}

/// Which verdicts are proved by enclosures, and not estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proofs {
    /// None.
    None,
    /// Those on problems of one direction.
    OnTheLine,
    /// Those of two directions as well, which take seconds to minutes each.
    InThePlane,
}

/// Pairs of a catalogue law and a catalogue model that the built-in suite checks: the slides' toy against each kind of model, more
/// classes, the hard cases for the numerics, and two of the literature's laws in many dimensions, each in its norm.
const SUITE: [(&str, &str, Norm); 12] = [
    ("toy", "toy-linear", Norm::Linf),
    ("toy", "toy-bayes", Norm::Linf),
    ("toy", "toy-tanh", Norm::Linf),
    ("toy", "toy-relu", Norm::Linf),
    ("symmetric", "coin", Norm::Linf),
    ("two-modes", "toy-linear", Norm::Linf),
    ("twins", "toy-linear", Norm::Linf),
    ("three-classes", "three-linear", Norm::Linf),
    ("three-classes", "three-silu", Norm::Linf),
    ("four-classes", "four-linear", Norm::Linf),
    ("schmidt", "schmidt-linear", Norm::Linf),
    ("dobriban", "dobriban-robust", Norm::L2),
];

/// The built-in suite: every claim, every divergence, on laws and models of the catalogue.
///
/// # Errors
/// None but a mistake in the catalogue.
pub fn suite() -> Result<Suite, Error> {
    let problems = SUITE.into_iter().map(|(law, model, norm)| {
        let pair = (Law::resolve(law)?, Model::resolve(model)?);
        Problem::new((law, &pair.0), (model, &pair.1), norm)
    });
    Ok(Suite {
        problems: problems.collect::<Result<_, Error>>()?,
        divergences: Divergence::ALL.to_vec(),
        epsilons: vec!["1/4".parse()?, "1".parse()?],
        proofs: Proofs::OnTheLine,
    })
}

impl Suite {
    /// The instances that `claims` are checked on, problem by problem and divergence by divergence. A claim that speaks of one
    /// divergence only joins the instances of that divergence, asked for or not.
    fn tasks(&self, claims: &[&'static Claim]) -> Vec<(&Problem, Divergence, Vec<&'static Claim>)> {
        let divergences = Divergence::ALL.into_iter().map(|divergence| {
            let asked = self.divergences.contains(&divergence);
            let speaks_of_it = |claim: &&&'static Claim| match claim.scope {
                Scope::Any => asked,
                Scope::Only(only) => only == divergence,
            };
            (divergence, claims.iter().filter(speaks_of_it).copied().collect::<Vec<_>>())
        });
        let divergences: Vec<_> = divergences.filter(|(_, claims)| !claims.is_empty()).collect();
        let tasks = self.problems.iter().flat_map(|problem| {
            divergences
                .iter()
                .map(move |(divergence, claims)| (problem, *divergence, claims.clone()))
        });
        tasks.collect()
    }

    /// How many times [`verify`](Self::verify) reports that a part is done.
    #[must_use]
    pub fn parts(&self, claims: &[&'static Claim]) -> usize {
        self.tasks(claims).len()
    }

    /// Checks `claims` on every problem, divergence and radius, in parallel; `done` is called after each part. The findings come
    /// problem by problem, then divergence by divergence, radius by radius, claim by claim; they do not depend on the number of threads.
    ///
    /// # Errors
    /// The first risk that cannot be computed.
    pub fn verify(
        &self,
        claims: &[&'static Claim],
        done: impl Fn() + Sync,
    ) -> Result<Vec<Finding>, Error> {
        let tasks = self.tasks(claims);
        let findings = tasks.par_iter().map(|(problem, divergence, claims)| {
            let mut findings = Vec::new();
            for epsilon in &self.epsilons {
                let ball = Ball::new(problem.norm(), epsilon.clone())?;
                let instance = problem.instance(*divergence, ball.clone());
                let instance = match self.proofs {
                    Proofs::None => instance,
                    Proofs::OnTheLine => instance.enclosed_to(tolerance::WIDEST),
                    Proofs::InThePlane => instance.enclosed_in_the_plane_to(tolerance::WIDEST),
                };
                for claim in claims {
                    let check = match claim.check(&instance) {
                        Err(error @ Error::Overflow { .. }) => Check::out_of_range(&error),
                        check => check?,
                    };
                    findings.push(Finding {
                        claim,
                        law: problem.law().to_owned(),
                        model: problem.model().to_owned(),
                        divergence: *divergence,
                        ball: ball.clone(),
                        check,
                    });
                }
            }
            done();
            Ok(findings)
        });
        Ok(findings.collect::<Result<Vec<_>, Error>>()?.concat())
    }
}
