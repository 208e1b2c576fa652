//! Results for programs: JSON and CSV.
//!
//! Numbers are written with the fewest digits that read back to the same double. In JSON a number
//! with its error is `{ "value": .., "error": .. }`, an enclosed one `{ "lower": .., "upper": .. }`, a sampled one `{ "value": .., "error": ..,
//! "lower": .., "upper": .., "confidence": .., "draws": .., "interval": .. }`; an infinite one is the string `"inf"` or
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
use crate::quantity::Quantity;
use crate::real::Interval;
use crate::risk::{Accuracies, Risk};
use crate::score_matching::{Plan, Sampled, Study};
use crate::span::Drawn;

/// The risks of one law and model for some divergences and radii.
#[derive(Clone, Debug)]
pub struct RiskTable {
    /// The name of the law.
    pub law: String,
    /// The name of the model.
    pub model: String,
    /// The norm of the perturbation balls.
    pub norm: Norm,
    /// The dimension of x and how many directions of it matter.
    pub dimensions: (usize, usize),
    /// The results.
    pub rows: Vec<RiskRow>,
    /// The accuracies of the model for each radius, where they are asked for; empty where they are not.
    pub accuracies: Vec<AccuracyRow>,
}

/// The accuracies for one radius; no divergence enters.
#[derive(Clone, Debug)]
pub struct AccuracyRow {
    /// The radius, in the units of x.
    pub epsilon: Exact,
    /// The three accuracies.
    pub accuracies: Accuracies,
}

/// The risks for one divergence and radius.
#[derive(Clone, Debug)]
pub struct RiskRow {
    /// The divergence.
    pub divergence: Divergence,
    /// The radius, in the units of x.
    pub epsilon: Exact,
    /// The risks in the order of [`Risk::ALL`].
    pub risks: [Quantity; 4],
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
            #[serde(skip_serializing_if = "Option::is_none")]
            dimension: Option<usize>,
            #[serde(skip_serializing_if = "Option::is_none")]
            directions: Option<usize>,
            results: Vec<Row<'a>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            accuracies: Vec<Accuracy>,
        }
        #[derive(serde::Serialize)]
        #[serde(rename_all = "kebab-case")]
        struct Accuracy {
            epsilon: f64,
            clean: Number,
            robust: Number,
            self_consistent: Number,
        }
        #[derive(serde::Serialize)]
        struct Row<'a> {
            divergence: &'static str,
            epsilon: f64,
            #[serde(flatten)]
            risks: Risks<'a>,
        }
        let results = self.rows.iter().map(|row| Row {
            divergence: row.divergence.name(),
            epsilon: row.epsilon.to_f64(),
            risks: Risks(&row.risks),
        });
        let accuracies = self.accuracies.iter().map(|row| Accuracy {
            epsilon: row.epsilon.to_f64(),
            clean: Number(row.accuracies.clean.into()),
            robust: Number(row.accuracies.robust.into()),
            self_consistent: Number(row.accuracies.self_consistent.into()),
        });
        pretty(&Table {
            law: &self.law,
            model: &self.model,
            norm: self.norm.name(),
            dimension: (self.dimensions.0 > 1).then_some(self.dimensions.0),
            directions: (self.dimensions.0 > 1).then_some(self.dimensions.1),
            results: results.collect(),
            accuracies: accuracies.collect(),
        })
    }

    /// Whether the risks are enclosed: all of them are, or none.
    fn is_enclosed(&self) -> bool {
        self.rows.iter().all(|row| row.risks.iter().all(|risk| risk.enclosure().is_some()))
    }

    /// A header, then one line a result: value and error of each risk, or lower and upper bound; then value and error of the
    /// accuracies of its radius, where there are any.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut header: Vec<Cow<str>> =
            ["law", "model", "norm", "divergence", "epsilon"].map(Cow::from).into();
        for risk in Risk::ALL {
            let [first, second] =
                if self.is_enclosed() { ["_lower", "_upper"] } else { ["", "_error"] };
            header.extend([format!("{risk}{first}").into(), format!("{risk}{second}").into()]);
        }
        if !self.accuracies.is_empty() {
            for name in Accuracies::NAMES {
                header.extend([name.into(), format!("{name}_error").into()]);
            }
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
            fields.extend(row.risks.iter().flat_map(|risk| match risk.enclosure() {
                Some(interval) => [double(interval.lower()), double(interval.upper())],
                None => [double(risk.value()), double(risk.error())],
            }));
            if let Some(own) = self.accuracies.iter().find(|own| own.epsilon == row.epsilon) {
                for Estimate { value, error } in own.accuracies.all() {
                    fields.extend([double(value), double(error)]);
                }
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
            upper: Number(row.optimum.upper().into()),
            lower: Number(row.optimum.lower().into()),
            gap: row.optimum.relative_gap(),
            variation: Number(row.optimum.variation().into()),
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
            let violated =
                finding.check.slack.is_some_and(|slack| slack.is_negative() == Some(true));
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
        let Check { verdict, evidence, slack, terms, note, .. } = &finding.check;
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
            slack.map_or("".into(), |slack| double(slack.value())),
            slack.map_or("".into(), |slack| double(slack.error())),
            note.as_deref().unwrap_or("").into(),
        ]);
    }
    csv
}

/// One JSON object: the setting of a study of sampled gradients, and a list of results. A sampled number is
/// `{ "mean": .., "standard-error": .. }`.
#[must_use]
pub fn gradient_json(law: &str, model: &str, plan: &Plan, study: &Study) -> String {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Document<'a> {
        law: &'a str,
        model: &'a str,
        sets: usize,
        noise: f64,
        seed: u64,
        evidence: &'static str,
        signal: Number,
        exact: Number,
        results: Vec<Row>,
    }
    #[derive(serde::Serialize)]
    struct Row {
        samples: usize,
        method: &'static str,
        error: Drawn,
        averaged: Drawn,
        variance: Drawn,
    }
    #[derive(serde::Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Drawn {
        mean: f64,
        standard_error: f64,
    }
    let drawn = |Sampled { mean, standard_error }| Drawn { mean, standard_error };
    let results = study.rows.iter().map(|row| Row {
        samples: row.samples,
        method: row.method.name(),
        error: drawn(row.error),
        averaged: drawn(row.averaged),
        variance: drawn(row.variance),
    });
    pretty(&Document {
        law,
        model,
        sets: plan.sets,
        noise: plan.noise.to_f64(),
        seed: plan.seed,
        evidence: Evidence::Sampled.name(),
        signal: Number(study.signal.into()),
        exact: Number(study.exact.into()),
        results: results.collect(),
    })
}

/// A header, then one line for each size of the data sets and each method.
#[must_use]
pub fn gradient_csv(law: &str, model: &str, study: &Study) -> String {
    let header = [
        "law",
        "model",
        "samples",
        "method",
        "error",
        "error_standard_error",
        "averaged",
        "averaged_standard_error",
        "variance",
        "variance_standard_error",
        "exact",
        "signal",
    ];
    let mut csv = line(&header.map(Cow::from));
    for row in &study.rows {
        csv += &line(&[
            law.into(),
            model.into(),
            row.samples.to_string().into(),
            row.method.name().into(),
            double(row.error.mean),
            double(row.error.standard_error),
            double(row.averaged.mean),
            double(row.averaged.standard_error),
            double(row.variance.mean),
            double(row.variance.standard_error),
            double(study.exact.value),
            double(study.signal.value),
        ]);
    }
    csv
}

/// A number with its error or its bounds, in JSON.
pub(super) struct Number(pub Quantity);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (value, error) = (self.0.value(), self.0.error());
        if value.is_infinite() && error == 0.0 {
            return serializer.serialize_str(&double(value));
        }
        if let Some(drawn) = self.0.sample().filter(|_| !value.is_nan()) {
            return sample(serializer, &drawn);
        }
        match self.0.enclosure() {
            Some(Interval::ENTIRE) => serializer.serialize_none(),
            Some(i) => pair(serializer, ("lower", i.lower()), ("upper", i.upper())),
            None if value.is_nan() => serializer.serialize_none(),
            None => pair(serializer, ("value", value), ("error", error)),
        }
    }
}

fn pair<S: Serializer>(serializer: S, a: (&str, f64), b: (&str, f64)) -> Result<S::Ok, S::Error> {
    let mut pair = serializer.serialize_map(Some(2))?;
    for (name, value) in [a, b] {
        if value.is_finite() {
            pair.serialize_entry(name, &value)?;
        } else {
            pair.serialize_entry(name, &double(value))?;
        }
    }
    pair.end()
}

/// What a sample says: as an estimate, and the interval, with the probability that it contains the number at least.
fn sample<S: Serializer>(serializer: S, drawn: &Drawn) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    let numbers = [
        ("value", drawn.value),
        ("error", drawn.error()),
        ("lower", drawn.lower),
        ("upper", drawn.upper),
    ];
    for (name, value) in numbers {
        if value.is_finite() {
            map.serialize_entry(name, &value)?;
        } else {
            map.serialize_entry(name, &double(value))?;
        }
    }
    map.serialize_entry("confidence", &(1.0 - drawn.doubt))?;
    map.serialize_entry("draws", &drawn.draws)?;
    map.serialize_entry("interval", drawn.interval.name())?;
    map.end()
}

/// The four risks by name.
struct Risks<'a>(&'a [Quantity; 4]);

impl Serialize for Risks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = Risk::ALL.iter().zip(self.0);
        serializer.collect_map(named.map(|(risk, value)| (risk.name(), Number(*value))))
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
pub(super) fn pretty(value: &impl Serialize) -> String {
    // Only maps whose keys are no strings cannot be written, and there are none.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// The fewest digits that read back to the same double.
pub(super) fn double(value: f64) -> Cow<'static, str> {
    format!("{value:?}").into()
}

/// A line of CSV; fields with a comma, a quote or a line break are quoted (RFC 4180).
pub(super) fn line(fields: &[Cow<str>]) -> String {
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
        serde_json::to_string(&Number(Estimate { value, error }.into())).unwrap()
    }

    #[test]
    fn numbers_read_back_and_infinities_have_names() {
        assert_eq!(json(0.1, 5e-324), r#"{"value":0.1,"error":5e-324}"#);
        assert_eq!(json(f64::INFINITY, 0.0), r#""inf""#);
        assert_eq!(json(f64::NEG_INFINITY, 0.0), r#""-inf""#);
        assert_eq!(json(f64::NAN, f64::NAN), "null");
        assert_eq!(json(1.0, f64::INFINITY), r#"{"value":1.0,"error":"inf"}"#);
        let enclosed = |lower, upper| {
            serde_json::to_string(&Number(Interval::new(lower, upper).into())).unwrap()
        };
        assert_eq!(enclosed(0.1, 0.5), r#"{"lower":0.1,"upper":0.5}"#);
        assert_eq!(enclosed(0.1, f64::INFINITY), r#"{"lower":0.1,"upper":"inf"}"#);
        assert_eq!(enclosed(f64::INFINITY, f64::INFINITY), r#""inf""#);
    }

    #[test]
    fn fields_with_separators_are_quoted() {
        let fields = ["plain", "a,b", "say \"x\"", "two\nlines", ""].map(Cow::from);
        assert_eq!(line(&fields), "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\n");
    }
}
