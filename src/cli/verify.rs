//! `score verify`: the claims, checked on instances.

use std::path::PathBuf;

use clap::Args;
use score_workbench::catalogue::{PUBLISHED, Published};
use score_workbench::claims::{
    CLAIMS, Claim, Evidence, Finding, Problem, Proofs, Suite, Verdict, suite,
};
use score_workbench::error::Error;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::perturbation::Norm;
use score_workbench::quantity::Quantity;
use score_workbench::report::export::Summary;
use score_workbench::report::{self, export};

use super::arguments::{ClaimName, Divergences, Epsilons, Format, Pair, Sampling};
use super::exit::{Exit, Failure};
use super::output::{self, Table};

/// Check claims on a law and a model, or on the built-in suite
///
/// Each claim is evaluated for every divergence and radius, and is found to hold, to be refuted or
/// to be undecided, with the smallest slack of its inequalities. It is not-applicable where one of
/// its hypotheses is not met, such as theorem-1 for a divergence that is no metric: then it says
/// nothing, and a violation of its inequalities is an expected failure.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Claims to check; all of them if left out (see score list claims)
    #[arg(value_name = "CLAIM")]
    claims: Vec<ClaimName>,
    /// Data law: a name of the catalogue, or the path of a TOML file
    #[arg(long, value_name = "L")]
    law: Option<String>,
    /// Model: a name of the catalogue, or the path of a TOML file
    #[arg(long, value_name = "M")]
    model: Option<String>,
    /// Divergences, separated by commas, or all
    #[arg(long, value_name = "D,..|all", default_value = "all")]
    divergence: Divergences,
    /// Norm of the perturbations: linf, l2 or l1; on the line they are the same
    #[arg(long, value_name = "N", default_value_t)]
    norm: Norm,
    /// Radii of the perturbations, separated by commas, in the units of x
    #[arg(long, value_name = "E,..", allow_hyphen_values = true, default_value = "1/4,1")]
    epsilon: Epsilons,
    /// Prove verdicts by interval arithmetic also where two directions matter, which takes seconds to minutes a check; where one does, that is
    /// the default. Claims about derivatives, theorem-4, theorem-5 and score-gradient, stay estimated
    #[arg(long)]
    rigorous: bool,
    /// Estimate the risks in floating point, with their errors: faster, and no proof
    #[arg(long, conflicts_with = "rigorous")]
    estimate: bool,
    #[command(flatten)]
    sampling: Sampling,
    /// Write the report, a web page with its figures and their data, into this folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// text, json or csv
    #[arg(long, value_name = "F", default_value = "text")]
    format: Format,
    /// In text, one line for every instance however many there are
    #[arg(long)]
    all: bool,
}

const EXAMPLES: &str = "\
Exit codes: 0 all hold, 1 something is refuted, 2 error, 3 something is undecided.

Examples:
  score verify --report report
  score verify theorem-1 corollary-1 --law toy --model toy-linear --divergence l1 --epsilon 1
  score verify theorem-1 --law toy --model toy-bayes --divergence all --epsilon 1/4 --format csv";

/// With more findings than this, the text has one line a claim and problem, not one a finding.
const READABLE: usize = 40;

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let pair = arguments.pair()?;
    let suite = Suite {
        problems: match &pair {
            Some(pair) => vec![pair.problem(arguments.norm, arguments.sampling.draws()?)?],
            None => built_in(arguments.norm)?,
        },
        divergences: arguments.divergence.0.clone(),
        epsilons: arguments.epsilon.0.clone(),
        proofs: match (arguments.estimate, arguments.rigorous) {
            (true, _) => Proofs::None,
            (false, false) => Proofs::OnTheLine,
            (false, true) => Proofs::InThePlane,
        },
    };
    let claims: Vec<&'static Claim> = match &*arguments.claims {
        [] => CLAIMS.to_vec(),
        named => named.iter().map(|claim| claim.0).collect(),
    };
    let bar = output::progress(suite.parts(&claims), "checking");
    let findings = suite.verify(&claims, || bar.inc(1));
    bar.finish_and_clear();
    let findings = findings.map_err(|error| match pair {
        Some(pair) => Failure::argument(pair.to_string())(error),
        None => error.into(),
    })?;
    let terms = findings.iter().flat_map(|finding| &finding.check.terms);
    arguments.sampling.note(terms.map(|term| term.value));
    let summary = summary(&findings);
    output::write(&match arguments.format {
        Format::Text => text(&suite, &findings, arguments.all) + &summary + "\n",
        Format::Json => export::findings_json(&findings),
        Format::Csv => export::findings_csv(&findings),
    })?;
    if arguments.format != Format::Text {
        output::remark(&summary);
    }
    if let Some(folder) = &arguments.report {
        let spinner = output::spinner("drawing the report");
        // Beside the built-in suite; a report on one problem is about that.
        let published: &[Published] = if arguments.law.is_none() { &PUBLISHED } else { &[] };
        let page = report::write(folder, &suite, &findings, published);
        spinner.finish_and_clear();
        output::remark(&format!("report: {}", page?.display()));
    }
    Ok(Exit::of(&findings))
}

impl Arguments {
    /// The law and the model, where they are given.
    fn pair(&self) -> Result<Option<Pair>, Failure> {
        match (&self.law, &self.model) {
            (Some(law), Some(model)) => Ok(Some(Pair { law: law.clone(), model: model.clone() })),
            (Some(_), None) => Err(Failure::HalfAPair { found: "--law", missing: "--model" }),
            (None, Some(_)) => Err(Failure::HalfAPair { found: "--model", missing: "--law" }),
            (None, None) => Ok(None),
        }
    }
}

/// The problems of the built-in suite, under this norm.
fn built_in(norm: Norm) -> Result<Vec<Problem>, Error> {
    let problems = suite()?.problems;
    if norm == Norm::default() {
        return Ok(problems);
    }
    let under_norm = |problem: &Problem| {
        let (law, model) = (problem.law(), problem.model());
        Problem::new((law, &Law::resolve(law)?), (model, &Model::resolve(model)?), norm)
    };
    problems.iter().map(under_norm).collect()
}

/// The findings as tables, one a problem.
fn text(suite: &Suite, findings: &[Finding], all: bool) -> String {
    let all = all || findings.len() <= READABLE;
    let same = |a: &Finding, b: &Finding| (&a.law, &a.model) == (&b.law, &b.model);
    let tables = findings.chunk_by(same).map(|findings| {
        let Finding { law, model, ball, .. } = &findings[0];
        let problem = suite.problems.iter().find(|p| (p.law(), p.model()) == (law, model));
        let reduced = problem.map_or(String::new(), |problem| {
            let reduction = problem.reduction();
            output::reduced((reduction.dimension(), reduction.directions()))
        });
        let heading = format!("law {law}, model {model}, norm {}{reduced}", ball.norm());
        let table = if all { every(findings) } else { by_claim(findings) };
        output::heading(&heading) + &table + "\n"
    });
    tables.collect::<String>() + &formal(findings)
}

/// Which claims have a proof of the general statement besides.
fn formal(findings: &[Finding]) -> String {
    let checked = |claim: &Claim| findings.iter().any(|finding| finding.claim.name == claim.name);
    let proved = CLAIMS.into_iter().filter(|claim| claim.proof.is_some() && checked(claim));
    let names: Vec<_> = proved.map(|claim| claim.name).collect();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "{} besides, in Coq: the general statements of {}\n",
        Evidence::Formal,
        names.join(", ")
    )
}

/// One line a finding.
fn every<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> String {
    let mut table =
        Table::new(["claim", "divergence", "epsilon", "verdict", "evidence", "slack", "note"]);
    for finding in findings {
        table.row([
            finding.claim.name.into(),
            finding.divergence.to_string().into(),
            finding.ball.epsilon().to_string().into(),
            finding.check.verdict.into(),
            finding.check.evidence.to_string().into(),
            slack(finding).into(),
            note(finding).into(),
        ]);
    }
    table.render()
}

/// One line a claim: its worst instance. Where several are refuted or undecided, each of those
/// gets a line as well.
fn by_claim(findings: &[Finding]) -> String {
    let headings =
        ["claim", "verdict", "evidence", "instances", "smallest slack", "found at", "note"];
    let mut table = Table::new(headings);
    let mut bad = Vec::new();
    for claim in CLAIMS {
        let of_claim = || findings.iter().filter(|finding| finding.claim.name == claim.name);
        let value = |finding: &Finding| finding.check.slack.map_or(f64::NAN, Quantity::value);
        let severest_first = |finding: &&Finding| finding.check.verdict.severity();
        let Some(verdict) = of_claim().max_by_key(severest_first).map(|f| f.check.verdict) else {
            continue;
        };
        let worst = of_claim().filter(|finding| finding.check.verdict == verdict);
        let smallest = worst.clone().min_by(|a, b| value(a).total_cmp(&value(b)));
        let Some(finding) = smallest else { continue };
        let summary = Summary::new(of_claim());
        let present = Verdict::ALL.into_iter().filter(|verdict| summary.count(*verdict) > 0);
        let counts = present.map(|verdict| format!("{} {verdict}", summary.count(verdict)));
        table.row([
            claim.name.into(),
            verdict.into(),
            finding.check.evidence.to_string().into(),
            counts.collect::<Vec<_>>().join(", ").into(),
            slack(finding).into(),
            format!("{}, epsilon {}", finding.divergence, finding.ball.epsilon()).into(),
            note(finding).into(),
        ]);
        let is_bad = matches!(verdict, Verdict::Refuted | Verdict::Undecided);
        if is_bad && worst.clone().count() > 1 {
            bad.extend(worst);
        }
    }
    let lines = if bad.is_empty() { String::new() } else { "\n".to_owned() + &every(bad) };
    table.render() + &lines
}

fn slack(finding: &Finding) -> String {
    let shown = |slack: Quantity| match slack.sample() {
        Some(_) => output::quantity(slack, 4),
        None => output::estimate(slack.estimate(), 4),
    };
    finding.check.slack.map_or(String::new(), shown)
}

fn note(finding: &Finding) -> &str {
    finding.check.note.as_deref().unwrap_or("")
}

/// The number of each verdict, in words.
fn summary(findings: &[Finding]) -> String {
    let summary = Summary::new(findings);
    let [holds, refuted, undecided, not_applicable] =
        Verdict::ALL.map(|verdict| summary.count(verdict));
    let meaning = match (not_applicable, summary.expected_failures()) {
        (0, _) => String::new(),
        (_, 0) => format!(" ({NOT_APPLICABLE})"),
        (_, failures) => {
            format!(" ({NOT_APPLICABLE}; its inequalities fail in {failures} of them, as they may)")
        }
    };
    format!(
        "{} checks: {holds} hold, {refuted} refuted, {undecided} undecided, {not_applicable} \
         not-applicable{meaning}",
        summary.total()
    )
}

/// What that verdict means.
const NOT_APPLICABLE: &str = "a hypothesis of the claim is not met, so it says nothing there";
