//! Bayes models: `p_theta(y|x)` is the posterior of a law, `softmax(ln p(x, y))`.

use crate::law::Law;

/// The posterior of a law; of the data's own law, the self-consistent model.
#[derive(Clone, Debug, PartialEq)]
pub struct Bayes {
    law: Law,
}

impl Bayes {
    /// The posterior of `law`.
    #[must_use]
    pub fn new(law: Law) -> Self {
        Self { law }
    }

    /// The law whose posterior this is.
    #[must_use]
    pub fn law(&self) -> &Law {
        &self.law
    }
}
