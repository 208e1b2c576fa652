//! Instances that violate an inequality.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};

use super::named;
use crate::claims::{Claim, Comparison, Problem};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::Model;
use crate::perturbation::{Ball, Norm};

/// A law and a model of the catalogue that violate an inequality of a claim for a divergence that does not satisfy the claim's
/// hypotheses.
#[derive(Clone, Debug)]
pub struct Witness {
    claim: &'static Claim,
    inequality: String,
    divergence: Divergence,
    law: String,
    model: String,
    epsilon: Exact,
}

/// The file: an instance for several divergences at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    witnesses: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    claim: String,
    inequality: String,
    #[serde(deserialize_with = "all_named")]
    divergences: Vec<Divergence>,
    law: String,
    model: String,
    #[serde(deserialize_with = "named")]
    epsilon: Exact,
}

#[derive(Deserialize)]
struct Named(#[serde(deserialize_with = "named")] Divergence);

fn all_named<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Divergence>, D::Error> {
    let names = Vec::<Named>::deserialize(from)?;
    Ok(names.into_iter().map(|Named(divergence)| divergence).collect())
}

impl Witness {
    /// The claim.
    #[must_use]
    pub fn claim(&self) -> &'static Claim {
        self.claim
    }

    /// The inequality, as [`Comparison::name`].
    #[must_use]
    pub fn inequality(&self) -> &str {
        &self.inequality
    }

    /// The divergence.
    #[must_use]
    pub fn divergence(&self) -> Divergence {
        self.divergence
    }

    /// The name of the law.
    #[must_use]
    pub fn law(&self) -> &str {
        &self.law
    }

    /// The name of the model.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The radius, in the units of x.
    #[must_use]
    pub fn epsilon(&self) -> &Exact {
        &self.epsilon
    }

    /// The inequality on the instance, computed now, as an estimate.
    ///
    /// ```
    /// use score_workbench::catalogue;
    /// for witness in catalogue::witnesses() {
    ///     let slack = witness.comparison()?.expect("an inequality of the claim").slack;
    ///     assert!(slack.value() < -1e9 * slack.error());
    /// }
    /// # Ok::<(), score_workbench::error::Error>(())
    /// ```
    ///
    /// # Errors
    /// None but a mistake in the catalogue; `None` is one, too.
    pub fn comparison(&self) -> Result<Option<Comparison>, Error> {
        let (law, model) = (Law::resolve(&self.law)?, Model::resolve(&self.model)?);
        let norm = Norm::default();
        let problem = Problem::new((&self.law, &law), (&self.model, &model), norm)?;
        let ball = Ball::new(norm, self.epsilon.clone())?;
        let check = self.claim.check(&problem.instance(self.divergence, ball))?;
        Ok(check.comparisons.into_iter().find(|comparison| comparison.name == self.inequality))
    }
}

/// The witnesses of the catalogue, from `catalogue/witnesses.toml`.
#[must_use]
pub fn witnesses() -> &'static [Witness] {
    static WITNESSES: LazyLock<Vec<Witness>> = LazyLock::new(|| {
        let text = include_str!("../../catalogue/witnesses.toml");
        let file: File =
            toml::from_str(text).expect("the catalogue's witnesses, which a test reads");
        let group = |group: Group| {
            let claim = Claim::named(&group.claim).expect("a claim, which a test finds");
            group.divergences.into_iter().map(move |divergence| Witness {
                claim,
                inequality: group.inequality.clone(),
                divergence,
                law: group.law.clone(),
                model: group.model.clone(),
                epsilon: group.epsilon.clone(),
            })
        };
        file.witnesses.into_iter().flat_map(group).collect()
    });
    &WITNESSES
}
