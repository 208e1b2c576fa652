//! The laws on which a trade-off between robustness and accuracy was found: what it is a trade-off of.

use std::borrow::Cow;

use maud::{Markup, html};
use rayon::prelude::*;

use super::export::{double, line};
use super::math::inline;
use crate::catalogue::Published;
use crate::claims::{Check, Claim, Problem};
use crate::divergence::Divergence;
use crate::error::Error;
use crate::law::Law;
use crate::model::Model;
use crate::quadrature::Estimate;
use crate::quantity::Quantity;
use crate::real::Interval;
use crate::risk::Risk;
use crate::tolerance;

/// A classifier of the literature beside the posterior of its law.
#[derive(Debug)]
pub struct Row {
    published: &'static Published,
    reduced: String,
    /// Clean and robust: of the classifier, and of the posterior where it decides along one direction.
    accuracies: [Option<[Estimate; 2]>; 2],
    /// `R_Madry^kl` and `R_SCORE^kl`, of the classifier and of the posterior.
    risks: [[Estimate; 2]; 2],
    /// What became of [`CLAIMS`], for l1.
    checks: [Check; 3],
}

/// The claims that are checked on each; their divergence has to be a metric.
const CLAIMS: [&str; 3] = ["theorem-1", "corollary-1", "theorem-4"];
const METRIC: Divergence = Divergence::L1;

/// The rows, each computed.
pub fn rows(published: &'static [Published]) -> Result<Vec<Row>, Error> {
    published.par_iter().map(row).collect()
}

fn row(published: &'static Published) -> Result<Row, Error> {
    let ball = published.ball()?;
    let law = Law::resolve(published.law())?;
    let model = Model::resolve(published.model())?;
    let problem = Problem::new((published.law(), &law), (published.model(), &model), ball.norm())?;
    let risk = |risk| problem.known(risk, Divergence::Kl, ball.epsilon()).map(Quantity::estimate);
    let [model, own] = problem.projections();
    // R_Madry of the posterior is C, which is a matter of the law alone; its R_SCORE is computed like any other.
    let of_own = own.risk(Risk::Score, Divergence::Kl, &ball)?;
    let risks = [[risk(Risk::Madry)?, risk(Risk::Score)?], [risk(Risk::Variation)?, of_own]];
    let accuracies = [model.answers(&ball).ok(), own.answers(&ball).ok()];
    let reduced = model.reduction().describe();
    let instance = problem.instance(METRIC, ball).enclosed_in_the_plane_to(tolerance::WIDEST);
    let [a, b, c] = CLAIMS.map(|name| Claim::named(name)?.check(&instance));
    Ok(Row { published, reduced, accuracies, risks, checks: [a?, b?, c?] })
}

/// The name of the table's file.
pub const FILE: &str = "literature.csv";

/// A header, then one line a classifier.
pub fn csv(rows: &[Row]) -> String {
    let header = [
        "law",
        "model",
        "norm",
        "epsilon",
        "clean",
        "robust",
        "robust_published",
        "madry_kl",
        "score_kl",
        "posterior_clean",
        "posterior_robust",
        "posterior_madry_kl",
        "posterior_score_kl",
        "theorem_1_l1",
        "theorem_1_l1_slack",
        "corollary_1_l1",
        "corollary_1_l1_slack",
        "theorem_4_l1",
        "theorem_4_l1_slack",
    ];
    let mut csv = line(&header.map(Cow::from));
    for Row { published, accuracies, risks, checks, .. } in rows {
        let Ok(ball) = published.ball() else { continue };
        let accuracy = |of: usize, which: usize| -> Cow<str> {
            accuracies[of].map_or("".into(), |found| double(found[which].value))
        };
        let risk = |of: usize, which: usize| double(risks[of][which].value);
        let checks = checks.iter().flat_map(|check| -> [Cow<str>; 2] {
            let slack = check.slack.map_or("".into(), |slack| double(at_least(slack)));
            [check.verdict.to_string().into(), slack]
        });
        let numbers = [
            published.law().into(),
            published.model().into(),
            ball.norm().name().into(),
            ball.epsilon().to_string().into(),
            accuracy(0, 0),
            accuracy(0, 1),
            double(published.accuracies()[1]),
            risk(0, 0),
            risk(0, 1),
            accuracy(1, 0),
            accuracy(1, 1),
            risk(1, 0),
            risk(1, 1),
        ];
        csv += &line(&numbers.into_iter().chain(checks).collect::<Vec<_>>());
    }
    csv
}

/// The section of the page.
pub fn section(rows: &[Row]) -> Markup {
    let number = |estimate: Estimate| {
        if estimate.value.abs() <= estimate.error {
            "0".to_owned()
        } else {
            format!("{:.4}", estimate.value)
        }
    };
    let accuracy = |found: Option<[Estimate; 2]>, which: usize| {
        found.map_or("\u{2013}".to_owned(), |found| number(found[which]))
    };
    html! {
        section #literature {
            h2 { "The laws on which the trade-off was found" }
            p {
                "Five laws of the literature, each with a classifier whose accuracies are published in closed form, beside the law\u{2019}s own posterior P. "
                "Counted in right answers under perturbations, the accurate model need not be the most robust one. Its "
                (inline(r"R_{\text{SCORE}}")) " is 0 on every one of them: what is traded for robustness is the requirement that the answer stay the same "
                "where the truth does not. Risks are for kl, in nats, in all the dimensions of the law; "
                a href={ "data/" (FILE) } { "data" } "."
            }
            div.scroll { table {
                thead { tr {
                    th scope="col" { "law" } th scope="col" { "classifier" } th scope="col" { "ball" }
                    th scope="col" { "clean" } th scope="col" { "robust" } th scope="col" { "published" }
                    th scope="col" { (inline(r"R_{\text{Madry}}")) } th scope="col" { (inline(r"R_{\text{SCORE}}")) }
                    th scope="col" { "P: clean" } th scope="col" { "P: robust" }
                    th scope="col" { "P: " (inline(r"R_{\text{Madry}}")) } th scope="col" { "P: " (inline(r"R_{\text{SCORE}}")) }
                } }
                tbody { @for row in rows { tr {
                    td title=(row.published.source()) { (row.published.law()) " (" (row.reduced) ")" }
                    td { (row.published.model()) }
                    td { @if let Ok(ball) = row.published.ball() { (ball.norm()) " " (ball.epsilon()) } }
                    td { (accuracy(row.accuracies[0], 0)) }
                    td { (accuracy(row.accuracies[0], 1)) }
                    td title=(row.published.formula()) { (format!("{:.4}", row.published.accuracies()[1])) }
                    td { (number(row.risks[0][0])) }
                    td { (number(row.risks[0][1])) }
                    td { (accuracy(row.accuracies[1], 0)) }
                    td { (accuracy(row.accuracies[1], 1)) }
                    td { (number(row.risks[1][0])) }
                    td { (number(row.risks[1][1])) }
                } } }
            } }
            p {
                "And the theorems say of them what they say of every law. Here they are checked in the same balls for l1, which is a metric: "
                "the verdict, by how much the claim holds at least, and how well that is founded. Where two directions matter, enclosures are no tighter "
                "than it takes to decide."
            }
            div.scroll { table {
                thead { tr {
                    th scope="col" { "law" } th scope="col" { "classifier" }
                    @for name in CLAIMS { th scope="col" { (name) } }
                } }
                tbody { @for row in rows { tr {
                    td { (row.published.law()) }
                    td { (row.published.model()) }
                    @for check in &row.checks { td title=[check.note.as_deref()] {
                        (check.verdict)
                        @if let Some(slack) = check.slack { " by " (super::page::number(at_least(slack), 3)) ", " (check.evidence) }
                    } }
                } } }
            } }
        }
    }
}

/// What a slack is at least, where it is enclosed: the interval is as wide as the verdict allows.
fn at_least(slack: Quantity) -> f64 {
    slack.enclosure().map_or(slack.value(), Interval::lower)
}
