//! From inequalities between numbers to a verdict.

use super::{Check, Comparison, Evidence, Term, Verdict};
use crate::quantity::Quantity;
use crate::tolerance;

/// The inequalities of a claim on one instance.
#[derive(Debug, Default)]
pub struct Inequalities {
    terms: Vec<Term>,
    comparisons: Vec<Comparison>,
}

impl Inequalities {
    /// Records a quantity that the claim speaks of.
    pub fn term(&mut self, name: &str, value: impl Into<Quantity>) {
        self.terms.push(Term { name: name.to_owned(), value: value.into() });
    }

    /// Records `smaller <= larger` under a name.
    pub fn at_most(
        &mut self,
        name: &str,
        smaller: impl Into<Quantity>,
        larger: impl Into<Quantity>,
    ) {
        self.at_most_sum(name, smaller.into(), 1, &[larger.into()]);
    }

    /// Records `smaller <= factor (s_1 + s_2 + ..)` under a name.
    pub fn at_most_sum(&mut self, name: &str, smaller: Quantity, factor: i32, sum: &[Quantity]) {
        let larger = sum.iter().fold(Quantity::zero(), |total, &s| total + s) * factor;
        let least = sum.iter().map(|&s| (s * factor).value()).fold(f64::INFINITY, f64::min);
        // Nothing exceeds infinity, not even infinity.
        let unbounded = larger.value() == f64::INFINITY && larger.error() == 0.0;
        let slack = if unbounded { larger } else { larger - smaller };
        let sides = [smaller, larger].map(Quantity::value);
        self.compare(Comparison { name: name.to_owned(), slack, sides, least, equation: false });
    }

    /// Records `left = right` under a name, as `-|left - right| >= 0`.
    pub fn equal(&mut self, name: &str, left: impl Into<Quantity>, right: impl Into<Quantity>) {
        let (left, right) = (left.into(), right.into());
        let slack = (left - right).minus_absolute();
        let sides = [left, right].map(Quantity::value);
        let least = right.value();
        self.compare(Comparison { name: name.to_owned(), slack, sides, least, equation: true });
    }

    fn compare(&mut self, comparison: Comparison) {
        self.term(&format!("slack: {}", comparison.name), comparison.slack);
        self.comparisons.push(comparison);
    }

    /// The verdict over all of them, each decided with the error of its own numbers.
    pub fn check(self) -> Check {
        let verdict = self.comparisons.iter().map(Comparison::verdict).max_by_key(|v| v.severity());
        let slacks = || self.comparisons.iter().map(|comparison| comparison.slack);
        let slack = slacks().min_by(|a, b| a.value().total_cmp(&b.value()));
        let enclosed = self.terms.iter().all(|term| term.value.enclosure().is_some());
        let sampled = self.terms.iter().any(|term| term.value.sample().is_some());
        Check {
            verdict: verdict.unwrap_or(Verdict::NotApplicable),
            evidence: match (enclosed, sampled) {
                (true, _) => Evidence::Enclosed,
                (_, true) => Evidence::Sampled,
                _ => Evidence::Estimated,
            },
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
    /// A slack is decided where it exceeds its error. An equation holds to within an error that is small. So does, for estimates, an
    /// inequality: a tie is how the equality that every non-strict inequality allows looks in floating point.
    fn verdict(&self) -> Verdict {
        let (value, error) = (self.slack.value(), self.slack.error());
        let enclosed = self.slack.enclosure().is_some();
        let width = if enclosed { tolerance::EQUATION } else { tolerance::EQUAL };
        let close = value >= -error && error <= width * (1.0 + self.sides[1].abs());
        let may_tie = self.equation || !enclosed;
        match self.slack.is_negative() {
            Some(false) => Verdict::Holds,
            Some(true) => Verdict::Refuted,
            None if may_tie && close => Verdict::Holds,
            None => Verdict::Undecided,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quadrature::Estimate;
    use crate::real::Interval;

    fn verdict(slack: impl Into<Quantity>, equation: bool) -> Verdict {
        let slack = slack.into();
        Comparison { name: String::new(), slack, sides: [1.0; 2], least: 1.0, equation }.verdict()
    }

    fn decide(value: f64, error: f64) -> Verdict {
        verdict(Estimate { value, error }, false)
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
    fn an_enclosure_decides_only_what_it_shows() {
        let decide = |lower, upper, equation| verdict(Interval::new(lower, upper), equation);
        assert_eq!(decide(0.0, 1.0, false), Verdict::Holds);
        assert_eq!(decide(-1.0, -1e-300, false), Verdict::Refuted);
        assert_eq!(decide(-1e-300, 1.0, false), Verdict::Undecided);
        assert_eq!(decide(-1e-12, 1e-12, false), Verdict::Undecided, "a tie is not proved");
        assert_eq!(decide(-1e-12, 0.0, true), Verdict::Holds, "an equation, to its width");
        assert_eq!(decide(-1e-3, 0.0, true), Verdict::Undecided);
    }

    #[test]
    fn the_worst_inequality_decides() {
        let number = |value| Estimate { value, error: 1e-12 };
        let mut both = Inequalities::default();
        both.at_most("fine", number(1.0), number(2.0));
        both.at_most("violated", number(2.0), number(1.5));
        let check = both.check();
        assert_eq!(
            (check.verdict, check.slack.map(Quantity::value)),
            (Verdict::Refuted, Some(-0.5))
        );
    }
}
