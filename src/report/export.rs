//! Results for programs: JSON and CSV.
//!
//! Numbers are written with the fewest digits that read back to the same double. In JSON a number
//! with its error is `{ "value": .., "error": .. }`; an infinite one is the string `"inf"` or
//! `"-inf"`, and one that is undefined (the difference of two infinities) is `null`. In CSV, value
//! and error are two columns, and those three are `inf`, `-inf` and `NaN`.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::claims::{Check, Evidence, Finding, Term, Verdict};
use crate::divergence::Divergence;
use crate::exact::Exact;
use crate::optimal::Optimum;
use crate::perturbation::Norm;
use crate::quadrature::Estimate;
use crate::risk::{Risk, Risks};

/// The risks of one law and model for some divergences and radii.
#[derive(Clone, Debug)]
pub struct RiskTable {
    /// The name of the law.
    pub law: String,
    /// The name of the model.
    pub model: String,
    /// The norm of the perturbation balls.
    pub norm: Norm,
    /// The results.
    pub rows: Vec<RiskRow>,
}

/// The risks for one divergence and radius.
#[derive(Clone, Debug)]
pub struct RiskRow {
    /// The divergence.
    pub divergence: Divergence,
    /// The radius, in the units of x.
    pub epsilon: Exact,
    /// The four risks.
    pub risks: Risks,
}

impl RiskTable {
    /// One JSON object: the setting, and a list of results.
    #[must_use]
    pub fn json(&self) -> String {
        #[derive(serde::Serialize)]
        struct Table<'a> {
            law: &'a str,
            model: &'a str,
            norm: &'a str,
            results: Vec<Row>,
        }
        #[derive(serde::Serialize)]
        struct Row {
            divergence: &'static str,
            epsilon: f64,
            standard: Number,
            madry: Number,
            score: Number,
            variation: Number,
        }
        let results = self.rows.iter().map(|row| Row {
            divergence: row.divergence.name(),
            epsilon: row.epsilon.to_f64(),
            standard: Number(row.risks.standard),
            madry: Number(row.risks.madry),
            score: Number(row.risks.score),
            variation: Number(row.risks.variation),
        });
        pretty(&Table {
            law: &self.law,
            model: &self.model,
            norm: self.norm.name(),
            results: results.collect(),
        })
    }

    /// A header, then one line a result.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut header: Vec<Cow<str>> =
            ["law", "model", "norm", "divergence", "epsilon"].map(Cow::from).into();
        for risk in Risk::ALL {
            header.extend([risk.name().into(), format!("{risk}_error").into()]);
        }
        let mut csv = line(&header);
        for row in &self.rows {
            let mut fields: Vec<Cow<str>> = vec![
                (&self.law).into(),
                (&self.model).into(),
                self.norm.name().into(),
                row.divergence.name().into(),
                double(row.epsilon.to_f64()),
            ];
            for risk in Risk::ALL {
                let Estimate { value, error } = row.risks.get(risk);
                fields.extend([double(value), double(error)]);
            }
            csv += &line(&fields);
        }
        csv
    }
}

/// The most robust models of one law for some divergences and radii.
#[derive(Clone, Debug)]
pub struct OptimumTable {
    /// The name of the law.
    pub law: String,
    /// The results.
    pub rows: Vec<OptimumRow>,
}

/// The most robust model for one divergence and radius.
#[derive(Clone, Debug)]
pub struct OptimumRow {
    /// The divergence.
    pub divergence: Divergence,
    /// The radius, in the units of x.
    pub epsilon: Exact,
    /// The model, and the bounds of the smallest risk.
    pub optimum: Optimum,
}

impl OptimumTable {
    /// One JSON object: the setting, and a list of results.
    #[must_use]
    pub fn json(&self) -> String {
        #[derive(serde::Serialize)]
        struct Table<'a> {
            law: &'a str,
            risk: &'static str,
            results: Vec<Row>,
        }
        #[derive(serde::Serialize)]
        struct Row {
            divergence: &'static str,
            epsilon: f64,
            upper: Number,
            lower: Number,
            gap: f64,
            variation: Number,
            evidence: &'static str,
            knots: usize,
        }
        let results = self.rows.iter().map(|row| Row {
            divergence: row.divergence.name(),
            epsilon: row.epsilon.to_f64(),
            upper: Number(row.optimum.upper()),
            lower: Number(row.optimum.lower()),
            gap: row.optimum.relative_gap(),
            variation: Number(row.optimum.variation()),
            evidence: Evidence::Estimated.name(),
            knots: row.optimum.knots(),
        });
        pretty(&Table { law: &self.law, risk: Risk::Madry.name(), results: results.collect() })
    }

    /// A header, then one line a result.
    #[must_use]
    pub fn csv(&self) -> String {
        let header = [
            "law",
            "risk",
            "divergence",
            "epsilon",
            "upper",
            "upper_error",
            "lower",
            "lower_error",
            "gap",
            "variation",
            "variation_error",
            "evidence",
            "knots",
        ];
        let mut csv = line(&header.map(Cow::from));
        for row in &self.rows {
            let optimum = &row.optimum;
            let mut fields: Vec<Cow<str>> = vec![
                (&self.law).into(),
                Risk::Madry.name().into(),
                row.divergence.name().into(),
                double(row.epsilon.to_f64()),
            ];
            for bound in [optimum.upper(), optimum.lower()] {
                fields.extend([double(bound.value), double(bound.error)]);
            }
            fields.push(double(optimum.relative_gap()));
            fields.extend([double(optimum.variation().value), double(optimum.variation().error)]);
            fields.extend([Evidence::Estimated.name().into(), optimum.knots().to_string().into()]);
            csv += &line(&fields);
        }
        csv
    }
}

/// How many findings have each verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    counts: [usize; Verdict::ALL.len()],
    expected_failures: usize,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn new<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            let verdict = finding.check.verdict;
            summary.counts[verdict as usize] += 1;
            let violated = finding.check.slack.is_some_and(|slack| slack.value < -slack.error);
            if verdict == Verdict::NotApplicable && violated {
                summary.expected_failures += 1;
            }
        }
        summary
    }

    /// How many findings have this verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.counts[verdict as usize]
    }

    /// How many findings there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.counts.iter().sum()
    }

    /// How many of those that are not applicable violate the inequalities, as they may.
    #[must_use]
    pub fn expected_failures(&self) -> usize {
        self.expected_failures
    }
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(Verdict::ALL.map(|verdict| (verdict.name(), self.count(verdict))))
    }
}

/// One JSON object: a list of findings, and the number of each verdict.
#[must_use]
pub fn findings_json(findings: &[Finding]) -> String {
    #[derive(serde::Serialize)]
    struct Document<'a> {
        claims: Vec<Entry<'a>>,
        summary: Summary,
    }
    #[derive(serde::Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Entry<'a> {
        claim: &'static str,
        law: &'a str,
        model: &'a str,
        divergence: &'static str,
        norm: &'static str,
        epsilon: f64,
        verdict: &'static str,
        evidence: &'static str,
        /// The grade of the general statement, which is no grade of the instance's numbers.
        general_statement: Option<&'static str>,
        slack: Option<Number>,
        terms: Terms<'a>,
        note: Option<&'a str>,
    }
    let claims = findings.iter().map(|finding| {
        let Check { verdict, evidence, slack, terms, note } = &finding.check;
        Entry {
            claim: finding.claim.name,
            law: &finding.law,
            model: &finding.model,
            divergence: finding.divergence.name(),
            norm: finding.ball.norm().name(),
            epsilon: finding.ball.epsilon().to_f64(),
            verdict: verdict.name(),
            evidence: evidence.name(),
            general_statement: finding.claim.proof.map(|_| Evidence::Formal.name()),
            slack: slack.map(Number),
            terms: Terms(terms),
            note: note.as_deref(),
        }
    });
    pretty(&Document { claims: claims.collect(), summary: Summary::new(findings) })
}

/// A header, then one line a finding; the terms are in the JSON form only.
#[must_use]
pub fn findings_csv(findings: &[Finding]) -> String {
    let header = [
        "claim",
        "law",
        "model",
        "divergence",
        "norm",
        "epsilon",
        "verdict",
        "evidence",
        "slack",
        "slack_error",
        "note",
    ];
    let mut csv = line(&header.map(Cow::from));
    for finding in findings {
        let Check { verdict, evidence, slack, note, .. } = &finding.check;
        csv += &line(&[
            finding.claim.name.into(),
            (&finding.law).into(),
            (&finding.model).into(),
            finding.divergence.name().into(),
            finding.ball.norm().name().into(),
            double(finding.ball.epsilon().to_f64()),
            verdict.name().into(),
            evidence.name().into(),
            slack.map_or("".into(), |slack| double(slack.value)),
            slack.map_or("".into(), |slack| double(slack.error)),
            note.as_deref().unwrap_or("").into(),
        ]);
    }
    csv
}

/// A number with its error, in JSON.
struct Number(Estimate);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Estimate { value, error } = self.0;
        if value.is_nan() {
            return serializer.serialize_none();
        }
        if value.is_infinite() {
            return serializer.serialize_str(&double(value));
        }
        let mut pair = serializer.serialize_map(Some(2))?;
        pair.serialize_entry("value", &value)?;
        if error.is_finite() {
            pair.serialize_entry("error", &error)?;
        } else {
            pair.serialize_entry("error", &double(error))?;
        }
        pair.end()
    }
}

/// The terms of a check: an object from name to number, in their order.
struct Terms<'a>(&'a [Term]);

impl Serialize for Terms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|term| (&term.name, Number(term.value))))
    }
}

/// Indented JSON with a newline at the end.
fn pretty(value: &impl Serialize) -> String {
    // Only maps whose keys are no strings cannot be written, and there are none.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// The fewest digits that read back to the same double.
fn double(value: f64) -> Cow<'static, str> {
    format!("{value:?}").into()
}

/// A line of CSV; fields with a comma, a quote or a line break are quoted (RFC 4180).
fn line(fields: &[Cow<str>]) -> String {
    let quoted = fields.iter().map(|field| {
        if field.contains([',', '"', '\n', '\r']) {
            Cow::from(format!("\"{}\"", field.replace('"', "\"\"")))
        } else {
            Cow::from(field.as_ref())
        }
    });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: f64, error: f64) -> String {
        serde_json::to_string(&Number(Estimate { value, error })).unwrap()
    }

    #[test]
    fn numbers_read_back_and_infinities_have_names() {
        assert_eq!(json(0.1, 5e-324), r#"{"value":0.1,"error":5e-324}"#);
        assert_eq!(json(f64::INFINITY, 0.0), r#""inf""#);
        assert_eq!(json(f64::NEG_INFINITY, 0.0), r#""-inf""#);
        assert_eq!(json(f64::NAN, f64::NAN), "null");
        assert_eq!(json(1.0, f64::INFINITY), r#"{"value":1.0,"error":"inf"}"#);
    }

    #[test]
    fn fields_with_separators_are_quoted() {
        let fields = ["plain", "a,b", "say \"x\"", "two\nlines", ""].map(Cow::from);
        assert_eq!(line(&fields), "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\n");
    }
}
