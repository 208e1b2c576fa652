//! How a command ends: exit codes, and the errors of the command line.

use std::io;
use std::process::ExitCode;

use score_workbench::claims::{Finding, Verdict};
use score_workbench::error::Error;
use score_workbench::testing::loss::Broken;

/// The exit codes, for programs to depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything that applies holds; of a search for violations, one is proved.
    Holds = 0,
    /// Something is refuted.
    Refuted = 1,
    /// The input is wrong, or something cannot be computed or written.
    Error = 2,
    /// Nothing is refuted, but something is undecided; of a search for violations, none is proved.
    Undecided = 3,
}

impl Exit {
    /// The exit code of findings.
    pub fn of(findings: &[Finding]) -> Self {
        let any = |verdict| findings.iter().any(|finding| finding.check.verdict == verdict);
        if any(Verdict::Refuted) {
            Self::Refuted
        } else if any(Verdict::Undecided) {
            Self::Undecided
        } else {
            Self::Holds
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something wrong with the value of an argument.
    #[error("{argument}: {cause}")]
    Argument {
        /// Which.
        argument: String,
        /// What is wrong.
        cause: Error,
    },
    /// A risk that cannot be computed.
    #[error(transparent)]
    Computation(#[from] Error),
    /// A file that is no certificate.
    #[error("{file}: not a certificate that this version reads: {reason}")]
    NoCertificate {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// One of `--law` and `--model` without the other.
    #[error("found {found} without {missing}; give both, or neither for the built-in suite")]
    HalfAPair {
        /// The one that is there.
        found: &'static str,
        /// The other one.
        missing: &'static str,
    },
    /// A loss that has no answer.
    #[error("the loss: {0}")]
    Loss(#[from] Broken),
    /// A loss in a TorchScript file that has no answer.
    #[cfg(feature = "train")]
    #[error("{file}: {broken}")]
    Module {
        /// The file.
        file: String,
        /// What is wrong.
        broken: Box<Broken>,
    },
    /// What a module is to be, for a loss that is none.
    #[cfg(feature = "train")]
    #[error(
        "--set: found a command; it says what it is in its greeting, a TorchScript file (.pt) need not"
    )]
    NoModule,
    /// A loss in a TorchScript file, without libtorch.
    #[cfg(not(feature = "train"))]
    #[error(
        "found {file}; TorchScript needs libtorch: build with `--features train`, or write a command that calls it"
    )]
    TorchScript {
        /// The file.
        file: String,
    },
    /// Words after the file of a module, which takes none.
    #[error("found {found} after {file}; options of check-loss stand before the file")]
    AfterModule {
        /// The file.
        file: String,
        /// The first word after it.
        found: String,
    },
    /// Standard output that cannot be written.
    #[error("cannot write to standard output: {0}")]
    Output(io::Error),
}

impl Failure {
    /// Wraps what is wrong with an argument.
    pub fn argument(argument: impl Into<String>) -> impl FnOnce(Error) -> Self {
        let argument = argument.into();
        move |cause| Self::Argument { argument, cause }
    }
}

#[cfg(test)]
mod tests {
    use score_workbench::claims::{CLAIMS, Check, Evidence};
    use score_workbench::divergence::Divergence;
    use score_workbench::exact::Exact;
    use score_workbench::perturbation::{Ball, Norm};

    use super::*;

    fn exit(verdicts: &[Verdict]) -> Exit {
        let finding = |verdict: &Verdict| Finding {
            claim: CLAIMS[0],
            law: String::new(),
            model: String::new(),
            divergence: Divergence::Kl,
            ball: Ball::new(Norm::Linf, Exact::integer(1)).unwrap(),
            check: Check {
                verdict: *verdict,
                evidence: Evidence::Estimated,
                slack: None,
                terms: vec![],
                comparisons: vec![],
                note: None,
            },
        };
        Exit::of(&verdicts.iter().map(finding).collect::<Vec<_>>())
    }

    #[test]
    fn the_worst_verdict_decides() {
        use Verdict::{Holds, NotApplicable, Refuted, Undecided};
        assert_eq!(exit(&[]), Exit::Holds);
        assert_eq!(exit(&[Holds, NotApplicable]), Exit::Holds);
        assert_eq!(exit(&[Holds, Undecided, NotApplicable]), Exit::Undecided);
        assert_eq!(exit(&[Undecided, Refuted, Holds]), Exit::Refuted);
    }
}
