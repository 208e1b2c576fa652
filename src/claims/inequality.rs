//! From inequalities between estimates to a verdict.

use super::{Check, Comparison, Evidence, Term, Verdict};
use crate::quadrature::Estimate;
use crate::tolerance;

/// The inequalities of a claim on one instance.
#[derive(Debug, Default)]
pub struct Inequalities {
    terms: Vec<Term>,
    comparisons: Vec<Comparison>,
}

impl Inequalities {
    /// Records a quantity that the claim speaks of.
    pub fn term(&mut self, name: &str, value: Estimate) {
        self.terms.push(Term { name: name.to_owned(), value });
    }

    /// Records `smaller <= larger` under a name.
    pub fn at_most(&mut self, name: &str, smaller: Estimate, larger: Estimate) {
        self.at_most_sum(name, smaller, 1.0, &[larger]);
    }

    /// Records `smaller <= factor (s_1 + s_2 + ..)` under a name.
    pub fn at_most_sum(&mut self, name: &str, smaller: Estimate, factor: f64, sum: &[Estimate]) {
        let larger = sum.iter().fold(Estimate::exact(0.0), |total, &s| total + s) * factor;
        let least = sum.iter().fold(f64::INFINITY, |least, s| least.min(factor * s.value));
        // Nothing exceeds infinity, not even infinity.
        let slack = if larger.value == f64::INFINITY { larger } else { larger - smaller };
        self.compare(name, slack, [smaller, larger].map(|side| side.value), least);
    }

    /// Records `left = right` under a name, as `-|left - right| >= 0`.
    pub fn equal(&mut self, name: &str, left: Estimate, right: Estimate) {
        let difference = left - right;
        let slack = Estimate { value: 0.0 - difference.value.abs(), ..difference };
        self.compare(name, slack, [left, right].map(|side| side.value), right.value);
    }

    fn compare(&mut self, name: &str, slack: Estimate, sides: [f64; 2], least: f64) {
        self.term(&format!("slack: {name}"), slack);
        self.comparisons.push(Comparison { name: name.to_owned(), slack, sides, least });
    }

    /// The verdict over all of them, each decided with the error of its own numbers.
    pub fn check(self) -> Check {
        let verdict = self.comparisons.iter().map(Comparison::verdict).max_by_key(|v| v.severity());
        let slacks = self.comparisons.iter().map(|comparison| comparison.slack);
        let slack = slacks.min_by(|a, b| a.value.total_cmp(&b.value));
        Check {
            verdict: verdict.unwrap_or(Verdict::NotApplicable),
            evidence: Evidence::Estimated,
            slack,
            terms: self.terms,
            comparisons: self.comparisons,
            note: None,
        }
    }

    /// The same where a hypothesis is not met: the claim says nothing, and a violation is what dropping the hypothesis
    /// allows.
    pub fn without_hypothesis(self, reason: &str) -> Check {
        let check = self.check();
        let outcome = match check.verdict {
            Verdict::Refuted => "; without it the inequalities may fail, and they do here",
            Verdict::Undecided => {
                "; the errors are too large to tell whether the inequalities hold here"
            }
            Verdict::Holds => "; the inequalities happen to hold here",
            Verdict::NotApplicable => "",
        };
        Check { verdict: Verdict::NotApplicable, note: Some(format!("{reason}{outcome}")), ..check }
    }
}

impl Comparison {
    /// A slack is decided where it exceeds its error. A tie, both sides equal to within an error that is at rounding level, is how
    /// the equality that every non-strict inequality allows looks in floating point: it holds, as estimated evidence.
    fn verdict(&self) -> Verdict {
        let Estimate { value, error } = self.slack;
        if value >= error
            || (value >= -error && error <= tolerance::EQUAL * (1.0 + self.sides[1].abs()))
        {
            Verdict::Holds
        } else if value < -error {
            Verdict::Refuted
        } else {
            Verdict::Undecided
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(value: f64, error: f64) -> Verdict {
        let slack = Estimate { value, error };
        Comparison { name: String::new(), slack, sides: [1.0; 2], least: 1.0 }.verdict()
    }

    #[test]
    fn a_slack_is_decided_against_its_error() {
        assert_eq!(decide(0.1, 1e-12), Verdict::Holds);
        assert_eq!(decide(-0.1, 1e-12), Verdict::Refuted);
        assert_eq!(decide(1e-16, 1e-15), Verdict::Holds, "a tie at rounding level");
        assert_eq!(decide(-1e-16, 1e-15), Verdict::Holds, "a tie at rounding level");
        assert_eq!(decide(1e-3, 1e-2), Verdict::Undecided);
        assert_eq!(decide(-1e-3, 1e-2), Verdict::Undecided);
        assert_eq!(decide(f64::INFINITY, 0.0), Verdict::Holds);
        assert_eq!(decide(f64::NAN, f64::NAN), Verdict::Undecided);
    }

    #[test]
    fn the_worst_inequality_decides() {
        let number = |value| Estimate { value, error: 1e-12 };
        let mut both = Inequalities::default();
        both.at_most("fine", number(1.0), number(2.0));
        both.at_most("violated", number(2.0), number(1.5));
        let check = both.check();
        assert_eq!((check.verdict, check.slack.map(|s| s.value)), (Verdict::Refuted, Some(-0.5)));
    }
}
