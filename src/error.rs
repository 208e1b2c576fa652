//! One error type for the whole library: each condition a variant, each variant with the data that was found.

/// What can be wrong with an input.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Probabilities that are negative or do not sum to 1.
    #[error(
        "{found:?} is not a label distribution: at least two probabilities, each >= 0, with sum 1 are needed"
    )]
    NotADistribution {
        /// The probabilities as given.
        found: Vec<f64>,
    },
    /// A name that is not in a closed list.
    #[error("unknown {what} `{found}`; known: {}", allowed.join(", "))]
    UnknownName {
        /// What is named.
        what: &'static str,
        /// The name as given.
        found: String,
        /// The names that exist.
        allowed: Vec<&'static str>,
    },
}
