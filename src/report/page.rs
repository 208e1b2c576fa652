//! The page.

use std::cmp::Ordering;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::literature;
use super::math::{display, inline};
use super::plot;
use super::tiers::{self, Row};
use crate::catalogue::{self, Witness};
use crate::claims::{
    CLAIMS, Claim, Comparison, Evidence, Finding, Problem, Proofs, Suite, Verdict,
};
use crate::divergence::{Bound, Divergence, Inequality, Scale, Triangle};
use crate::exact::Exact;
use crate::quantity::Quantity;
use crate::risk::{Accuracies, Risk};

/// A figure on the page and the file names of it and of its data.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The SVG element.
    pub element: String,
    /// What is to be seen in it.
    pub caption: Markup,
    /// The name of the SVG file in `figures/`.
    pub figure: String,
    /// The names of the CSV files in `data/`.
    pub data: Vec<String>,
}

/// A problem with its figures and its table of risks.
#[derive(Debug)]
pub struct Section<'a> {
    /// The law and the model.
    pub problem: &'a Problem,
    /// The figures, in order.
    pub figures: Vec<Shown>,
    /// The radius of the risks.
    pub epsilon: &'a Exact,
    /// The risks for each divergence, in the order of [`Risk::ALL`].
    pub risks: Vec<(Divergence, [Quantity; 4])>,
    /// The accuracies of the model's likeliest class at that radius, where they are found along one direction.
    pub accuracies: Option<Accuracies>,
}

/// How a finding is counted and coloured: its verdict, with the expected failures set apart. In the order in which a reader wants to see
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Refuted,
    Undecided,
    /// A hypothesis is not met, and an inequality is violated.
    ExpectedFailure,
    Holds,
    NotApplicable,
}

impl Outcome {
    const ALL: [Self; 5] =
        [Self::Holds, Self::Refuted, Self::Undecided, Self::ExpectedFailure, Self::NotApplicable];

    fn of(finding: &Finding) -> Self {
        match finding.check.verdict {
            Verdict::Holds => Self::Holds,
            Verdict::Refuted => Self::Refuted,
            Verdict::Undecided => Self::Undecided,
            Verdict::NotApplicable => match finding.check.slack {
                Some(slack) if slack.is_negative() == Some(true) => Self::ExpectedFailure,
                _ => Self::NotApplicable,
            },
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Holds => Verdict::Holds.name(),
            Self::Refuted => Verdict::Refuted.name(),
            Self::Undecided => Verdict::Undecided.name(),
            Self::ExpectedFailure => "expected failure",
            Self::NotApplicable => Verdict::NotApplicable.name(),
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
            Self::ExpectedFailure => "expected",
            Self::NotApplicable => "none",
        }
    }

    fn badge(self) -> Markup {
        html! { span class=(format!("badge {}", self.class())) { (self.name()) } }
    }
}

fn count(findings: &[&Finding], outcome: Outcome) -> usize {
    findings.iter().filter(|finding| Outcome::of(finding) == outcome).count()
}

/// The whole page.
pub fn page(
    suite: &Suite,
    findings: &[Finding],
    sections: &[Section],
    witnesses: &[(&Witness, Comparison)],
    tiers: &[Row],
    literature: &[literature::Row],
) -> String {
    let all: Vec<&Finding> = findings.iter().collect();
    let (first, rest) = sections.split_at(sections.len().min(1));
    let content = html! {
        (summary(suite, &all, (!tiers.is_empty(), !literature.is_empty())))
        (setting())
        @for section in first { (instance(section, true)) }
        section #claims {
            h2 { "The claims" }
            @for claim in CLAIMS { (a_claim(claim, &all)) }
        }
        @if !literature.is_empty() { (literature::section(literature)) }
        @if !tiers.is_empty() { (both_tiers(tiers)) }
        (counterexamples(witnesses))
        @if !rest.is_empty() {
            section #problems {
                h2 { "The other problems" }
                p { "Each opens to its figures and its table of risks." }
                @for section in rest { (instance(section, false)) }
            }
        }
        footer {
            p {
                "score-workbench " (env!("CARGO_PKG_VERSION"))
                ". Every figure is also in " code { "figures/" } " as SVG, and its data in "
                code { "data/" } " as CSV."
            }
        }
    };
    document("Verification report", &content)
}

/// A page that needs no other file.
pub fn document(title: &str, content: &Markup) -> String {
    let style = format!(
        "{}\n@media (prefers-color-scheme: dark) {{\n{}}}\n",
        include_str!("style.css"),
        plot::style()
    );
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " \u{b7} score-workbench" }
                style { (PreEscaped(style)) }
            }
            body { main { (content) } }
        }
    }
    .into_string()
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn summary(suite: &Suite, findings: &[&Finding], (tiers, literature): (bool, bool)) -> Markup {
    let claims = CLAIMS.iter().filter(|claim| of_claim(findings, claim).next().is_some()).count();
    let epsilons: Vec<String> = suite.epsilons.iter().map(Exact::to_string).collect();
    let counts = Outcome::ALL.map(|outcome| (outcome, count(findings, outcome)));
    let of = |outcome| count(findings, outcome);
    html! {
        header {
            p.eyebrow { "score-workbench \u{b7} verification report" }
            h1 { "Robustness and accuracy, reconciled: the theory of SCORE, checked on instances" }
            p.lead {
                (plural(claims, "claim was", "claims were")) " checked on "
                (plural(suite.problems.len(), "problem", "problems")) " (a data law with a model), "
                (plural(suite.divergences.len(), "divergence", "divergences")) " and \u{3b5} = "
                (list(&epsilons)) ": " (plural(findings.len(), "finding", "findings")) ". "
                @if of(Outcome::Refuted) + of(Outcome::Undecided) == 0 {
                    "Wherever its hypotheses are met, every claim holds. "
                } @else {
                    strong {
                        (of(Outcome::Refuted)) " refuted, " (of(Outcome::Undecided)) " undecided."
                    }
                    " "
                }
                @if of(Outcome::ExpectedFailure) > 0 {
                    "Where a hypothesis is dropped, as the triangle inequality is for kl, "
                    (plural(of(Outcome::ExpectedFailure), "finding shows", "findings show"))
                    " the inequality failing, as it is expected to. "
                }
                @if suite.proofs != Proofs::None {
                    "The risks behind these verdicts are integrals, each enclosed between two bounds that are proved."
                } @else {
                    "The risks behind these verdicts are integrals computed to about rounding error, each with an error estimate."
                }
            }
            div.tiles {
                @for (outcome, number) in counts {
                    div class=(format!("tile {}", outcome.class())) {
                        div.number { (number) }
                        div.what { (outcome.name()) }
                    }
                }
            }
            (glance(suite, findings))
            nav {
                a href="#setting" { "The setting" }
                a href="#first" { "One instance in pictures" }
                a href="#claims" { "The claims" }
                @if literature { a href="#literature" { "The literature\u{2019}s laws" } }
                @if tiers { a href="#tiers" { "Estimated and proved" } }
                a href="#counterexamples" { "Counterexamples" }
                @if suite.problems.len() > 1 { a href="#problems" { "The other problems" } }
            }
        }
    }
}

fn of_claim<'a>(
    findings: &'a [&'a Finding],
    claim: &'a Claim,
) -> impl Iterator<Item = &'a Finding> {
    findings.iter().copied().filter(|finding| std::ptr::eq(finding.claim, claim))
}

/// Claims by divergences.
fn glance(suite: &Suite, findings: &[&Finding]) -> Markup {
    let columns: Vec<Divergence> = Divergence::ALL
        .into_iter()
        .filter(|d| suite.divergences.contains(d) || findings.iter().any(|f| f.divergence == *d))
        .collect();
    html! {
        p.note {
                    "For each claim and divergence, how many findings hold, of how many. "
                    span.badge.expected { "n\u{d7}" }
                    " counts the expected failures where a hypothesis is not met; a dot: nothing is claimed."
                }
        div.scroll {
            table.glance {
                thead {
                    tr {
                        th scope="col" { "claim" }
                        @for divergence in &columns { th scope="col" { (divergence) } }
                    }
                }
                tbody {
                    @for claim in CLAIMS {
                        @let own: Vec<&Finding> = of_claim(findings, claim).collect();
                        @if !own.is_empty() {
                            tr {
                                th scope="row" { a href=(format!("#{}", claim.name)) { (claim.name) } }
                                @for divergence in &columns {
                                    @let here: Vec<&Finding> =
                                        own.iter().copied().filter(|f| f.divergence == *divergence).collect();
                                    (cell(&here))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn cell(findings: &[&Finding]) -> Markup {
    let of = |outcome| count(findings, outcome);
    let applicable = of(Outcome::Holds) + of(Outcome::Refuted) + of(Outcome::Undecided);
    let (class, text) = if findings.is_empty() {
        ("none", String::new())
    } else if of(Outcome::Refuted) > 0 {
        ("refuted", format!("{} refuted", of(Outcome::Refuted)))
    } else if of(Outcome::Undecided) > 0 {
        ("undecided", format!("{} undecided", of(Outcome::Undecided)))
    } else if applicable > 0 {
        ("holds", format!("{}/{applicable}", of(Outcome::Holds)))
    } else if of(Outcome::ExpectedFailure) > 0 {
        ("expected", format!("{}\u{d7}", of(Outcome::ExpectedFailure)))
    } else {
        ("none", "\u{b7}".into())
    };
    html! { td class=(class) { (text) } }
}

/// The definitions of the four risks: name, formula, meaning.
const RISKS: [(&str, &str, &str); 4] = [
    (
        "Standard",
        r"R_{\text{Standard}}^{D} = \mathbb{E}_{x}\; D\bigl(P(x), Q(x)\bigr)",
        "how far the model is from the data, on average",
    ),
    (
        "Madry",
        r"R_{\text{Madry}}^{D} = \mathbb{E}_{x} {\sup_{u \in B(x)}}\, D\bigl(P(x), Q(u)\bigr)",
        "the target stays at x while the input moves",
    ),
    (
        "SCORE",
        r"R_{\text{SCORE}}^{D} = \mathbb{E}_{x} {\sup_{u \in B(x)}}\, D\bigl(P(u), Q(u)\bigr)",
        "the target moves with the input",
    ),
    (
        "Variation",
        r"C^{D} = \mathbb{E}_{x} {\sup_{u \in B(x)}}\, D\bigl(P(x), P(u)\bigr)",
        "how much the data's own labels change within a ball; no model in it",
    ),
];

const GRADES: [(Evidence, &str); 4] = [
    (Evidence::Formal, "a machine-checked proof of the general statement"),
    (
        Evidence::Enclosed,
        "an interval proof for the instance: the true number is between two bounds",
    ),
    (Evidence::Estimated, "floating point, with an error estimate that is honest but no proof"),
    (Evidence::Sampled, "a random sample, with a confidence interval"),
];

fn setting() -> Markup {
    html! {
        section #setting {
            h2 { "The setting" }
            p {
                "A " strong { "law" } " " (inline(r"p_d(x, y)")) " on inputs " (inline(r"x \in \mathbb{R}^d"))
                " and labels " (inline(r"y \in \{0, \dots, K-1\}")) " has the input density " (inline(r"p_d(x)"))
                " and the posterior " (inline(r"P(x) = (p_d(y \mid x))_y")) ". A " strong { "model" } " is another map to label distributions, "
                (inline(r"Q(x) = (p_\theta(y \mid x))_y")) ". An adversary moves the input within a ball"
            }
            (display(r"B(x) = \{\, u : \lVert u - x \rVert_p \le \varepsilon \,\},"))
            p {
                "and a " strong { "divergence" } " " (inline(r"D(a, b) \ge 0")) ", " (inline(r"D(a, a) = 0"))
                ", compares label distributions. The four risks are"
            }
            dl.risks {
                @for (name, tex, meaning) in RISKS {
                    dt { (name) }
                    dd { (display(tex)) span.meaning { (meaning) } }
                }
            }
            p {
                "Without a superscript D is the relative entropy, kl. The paper\u{2019}s point: " (inline(r"R_{\text{SCORE}}"))
                " is zero exactly where the model agrees with the data, so the most accurate model is also the most robust one; "
                (inline(r"R_{\text{Madry}}")) " is not minimised there."
            }
            (divergences())
            div.columns {
                div {
                    h3 { "Grades of evidence" }
                    p {
                        "Every verdict carries the grade of what it rests on, the best first. A grade is never promoted: "
                        "an estimate, however good, is no proof."
                    }
                    dl.grades {
                        @for (evidence, meaning) in GRADES {
                            dt { (evidence) }
                            dd { (meaning) }
                        }
                    }
                }
                div {
                    h3 { "Verdicts" }
                    dl.grades {
                        dt { (Outcome::Holds.badge()) }
                        dd { "every inequality of the claim holds by more than the error of its numbers, or with equality to within rounding" }
                        dt { (Outcome::Refuted.badge()) }
                        dd { "an inequality is violated by more than the error; the instance is a witness" }
                        dt { (Outcome::Undecided.badge()) }
                        dd { "the error is too large to tell" }
                        dt { (Outcome::ExpectedFailure.badge()) }
                        dd { "a hypothesis is not met, so the claim says nothing; the inequality was evaluated all the same, and fails" }
                        dt { (Outcome::NotApplicable.badge()) }
                        dd { "a hypothesis is not met, and the inequality happens to hold or cannot be written down" }
                    }
                }
            }
        }
    }
}

fn divergences() -> Markup {
    html! {
        h3 { "Divergences" }
        div.scroll {
            table.divergences {
                thead {
                    tr {
                        th scope="col" { "name" }
                        th scope="col" { (inline("D(a, b)")) }
                        th scope="col" { "triangle inequality" }
                        th scope="col" { "bounds by " (inline(r"t = \mathrm{KL}(a, b)")) }
                    }
                }
                tbody {
                    @for divergence in Divergence::ALL {
                        @let facts = divergence.facts();
                        tr {
                            th scope="row" { (divergence) }
                            td { (inline(facts.tex)) }
                            td {
                                @match facts.triangle {
                                    Triangle::Metric => { "yes: a metric" },
                                    Triangle::Relaxed(c0) => { "with a factor " (c0) },
                                    Triangle::None => { "no" },
                                }
                            }
                            td {
                                @for (i, bound) in facts.bounds.iter().enumerate() {
                                    @if i > 0 { ", " }
                                    (inline(&bound_tex(*bound)))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A bound by t = KL(a, b) in LaTeX.
fn bound_tex(bound: Bound) -> String {
    let Scale(numerator, denominator) = bound.scale;
    let (argument, root) = match bound.inequality {
        Inequality::Pinsker => ("t", true),
        Inequality::BretagnolleHuber => ("1 - e^{-t}", true),
        Inequality::PinskerSquared => ("t", false),
        Inequality::BretagnolleHuberSquared => ("1 - e^{-t}", false),
    };
    let scaled = match (numerator, denominator) {
        (1, 1) => argument.to_owned(),
        (s, 1) if argument == "t" => format!("{s} t"),
        (s, 1) => format!("{s} ({argument})"),
        (s, r) if argument == "t" => format!(r"\tfrac{{{s}}}{{{r}}} t"),
        (s, r) => format!(r"\tfrac{{{s}}}{{{r}}} ({argument})"),
    };
    if root { format!(r"\sqrt{{{scaled}}}") } else { scaled }
}

fn described(entries: &'static [catalogue::Entry], name: &str) -> Markup {
    html! {
        strong { (name) }
        @if let Some(entry) = catalogue::find(entries, name) { ": " (entry.title()) }
    }
}

fn instance(section: &Section, open: bool) -> Markup {
    let problem = section.problem;
    let name = format!("{} \u{b7} {}", problem.law(), problem.model());
    let body = html! {
        p {
            "Law " (described(catalogue::LAWS, problem.law())) ". Model "
            (described(catalogue::MODELS, problem.model())) ". "
            (problem.reduction().law().classes()) " classes."
            @if problem.reduction().dimension() > 1 { " " (problem.reduction().describe()) "." }
        }
        @for shown in &section.figures { (figure(shown)) }
        (risks_table(section))
        @if let Some(drawn) = section.risks.iter().flat_map(|(_, risks)| risks).find_map(|risk| risk.sample()) {
            p.note {
                "Risks with four digits are sampled, from " (drawn.draws) " draws; the error is the distance to the farther end of an interval "
                "that misses the risk with probability " (drawn.doubt) " at most."
            }
        }
        (accuracies(section))
    };
    if open {
        html! { section #first { h2 { "One instance in pictures: " (name) } (body) } }
    } else {
        html! { details.problem { summary { (name) } (body) } }
    }
}

fn figure(shown: &Shown) -> Markup {
    html! {
        figure {
            div.scroll.plot { (PreEscaped(&shown.element)) }
            figcaption {
                (shown.caption)
                " "
                span.files {
                    "figures/" (shown.figure)
                    @for name in &shown.data { ", data/" (name) }
                }
            }
        }
    }
}

fn risks_table(section: &Section) -> Markup {
    html! {
        p.note {
                    "The risks at \u{3b5} = " (section.epsilon)
                    ", in nats for kl and reverse-kl, in square roots of nats for jensen-shannon; the error is the largest estimate of the row."
                }
        div.scroll {
            table.numbers {
                thead {
                    tr {
                        th scope="col" { "divergence" }
                        @for (_, tex) in SYMBOLS { th scope="col" { (inline(tex)) } }
                        th scope="col" { "error" }
                    }
                }
                tbody {
                    @for (divergence, risks) in &section.risks {
                        @let error = risks.iter().map(|risk| risk.error()).fold(0.0, f64::max);
                        tr {
                            th scope="row" { (divergence) }
                            @for (risk, _) in SYMBOLS {
                                @let value = risks[risk as usize];
                                @let digits = if value.sample().is_some() { 4 } else { 8 };
                                td { (number(value.value(), digits)) }
                            }
                            td { (magnitude(error)) }
                        }
                    }
                }
            }
        }
    }
}

/// What the likeliest class of the model is worth.
fn accuracies(section: &Section) -> Markup {
    let Some(Accuracies { clean, robust, self_consistent }) = section.accuracies else {
        return html! {};
    };
    html! {
        p.note {
            "The likeliest class under the model is right with probability " (number(clean.value, 8))
            " (clean accuracy); it is so in the whole ball with probability " (number(robust.value, 8))
            " (robust accuracy), and it is that of the data in the whole ball with probability "
            (number(self_consistent.value, 8)) " (self-consistent robust accuracy)."
        }
    }
}

const SYMBOLS: [(Risk, &str); 4] = [
    (Risk::Standard, r"R_{\text{Standard}}"),
    (Risk::Madry, r"R_{\text{Madry}}"),
    (Risk::Score, r"R_{\text{SCORE}}"),
    (Risk::Variation, "C"),
];

/// How many refuted or undecided findings are shown before the rest is folded.
const UNFOLDED: usize = 20;

/// What a table shows unfolded: the worst finding for each divergence, and what went wrong.
fn foremost<'a>(sorted: &[&'a Finding]) -> Vec<&'a Finding> {
    let mut seen = Vec::new();
    let mut wrong = 0;
    let kept = sorted.iter().copied().filter(|finding| {
        let new = !seen.contains(&finding.divergence);
        seen.push(finding.divergence);
        let failed = Outcome::of(finding) <= Outcome::Undecided;
        wrong += usize::from(failed);
        new || (failed && wrong <= UNFOLDED)
    });
    kept.collect()
}

fn a_claim(claim: &'static Claim, findings: &[&Finding]) -> Markup {
    let mut own: Vec<&Finding> = of_claim(findings, claim).collect();
    own.sort_by(|a, b| worst(a, b));
    let largest = own
        .iter()
        .filter_map(|finding| finding.check.slack)
        .map(|slack| slack.value().abs())
        .filter(|value| value.is_finite())
        .fold(0.0, f64::max);
    let shown = foremost(&own);
    html! {
        article id=(claim.name) {
            h3 { (claim.title) " " code { (claim.name) } }
            (display(claim.tex))
            dl.claim {
                @if !claim.hypotheses.is_empty() {
                    dt { "Needs" }
                    dd { (inequality(&claim.hypotheses.join("; "))) }
                }
                dt { "Dropped" }
                dd { (inequality(claim.dropped)) }
                dt { "Source" }
                dd { (claim.reference) }
                @if let Some(proof) = &claim.proof {
                    dt { "Proof" }
                    dd {
                        (Evidence::Formal) ", the general statement in Coq: " (proof.terms)
                        details {
                            summary { (proof.theorems.len()) " theorems" }
                            @for (i, theorem) in proof.theorems.iter().enumerate() {
                                @if i > 0 { ", " }
                                code { (theorem) }
                            }
                        }
                    }
                }
            }
            @if own.is_empty() {
                p { "Not checked in this run." }
            } @else {
                p.counts {
                    @for outcome in Outcome::ALL {
                        @let number = count(&own, outcome);
                        @if number > 0 { span { (outcome.badge()) " " (number) } " " }
                    }
                }
                p.note { "The worst finding for each divergence, the worst first:" }
                (findings_table(&shown, largest))
                @if shown.len() < own.len() {
                    details {
                        summary { "All " (own.len()) " findings" }
                        (findings_table(&own, largest))
                    }
                }
            }
        }
    }
}

/// The name of the file in `data/` with the risks in both tiers.
pub const TIERS: &str = "tiers.csv";

/// The risks that are estimated and enclosed, problem by problem; the first is unfolded.
fn both_tiers(rows: &[Row]) -> Markup {
    let compared = rows.iter().filter_map(Row::agrees).count();
    let apart: Vec<&Row> = rows.iter().filter(|row| row.agrees() == Some(false)).collect();
    let wide: Vec<&Row> = rows.iter().filter(|row| row.shortfall.is_some()).collect();
    let of_problem = |a: &Row, b: &Row| (&a.law, &a.model) == (&b.law, &b.model);
    html! {
        section #tiers {
            h2 { "Estimated and proved" }
            p {
                "Two ways to a risk that share the formulas and little else: Gauss\u{2013}Kronrod quadrature with an error estimate, and interval "
                "arithmetic over cells, whose bounds are proved. Bounds were asked to be " (magnitude(tiers::WIDTH)) " apart. Of "
                (plural(compared, "risk", "risks")) " that have both, "
                @if apart.is_empty() { "all agree: the estimate, give or take its error, meets the bounds." }
                @else { strong { (apart.len()) " disagree." } }
                @if !wide.is_empty() {
                    " " (plural(wide.len(), "enclosure is", "enclosures are")) " wider than asked; the table says why."
                }
            }
            @for (i, group) in rows.chunk_by(of_problem).enumerate() {
                @let name = format!("{} \u{b7} {}", group[0].law, group[0].model);
                @if i == 0 { h3 { (name) } (tiers_table(group)) }
                @else { details.problem { summary { (name) } (tiers_table(group)) } }
            }
            p.note { span.files { "data/" (TIERS) } }
        }
    }
}

fn tiers_table(rows: &[Row]) -> Markup {
    html! {
        div.scroll {
            table.numbers {
                thead {
                    tr {
                        th scope="col" { "divergence" }
                        th scope="col" { "\u{3b5}" }
                        th scope="col" { "risk" }
                        th scope="col" { "estimate" }
                        th scope="col" { "error" }
                        th scope="col" { "lower bound" }
                        th scope="col" { "upper bound" }
                        th scope="col" { "width" }
                    }
                }
                tbody {
                    @for row in rows {
                        @let symbol = SYMBOLS.iter().find(|(risk, _)| *risk == row.risk).map_or("", |found| found.1);
                        tr {
                            th scope="row" { (row.divergence) }
                            td { (row.epsilon) }
                            td { (inline(symbol)) }
                            td { (number(row.estimate.value, 8)) }
                            td { (magnitude(row.estimate.error)) }
                            td { (bound(row.interval.lower(), -1.0)) }
                            td { (bound(row.interval.upper(), 1.0)) }
                            td {
                                (magnitude(row.width()))
                                @if row.agrees() == Some(false) { " " span.badge.refuted { "disagrees" } }
                                @if let Some(shortfall) = row.shortfall { div.note { (shortfall) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A bound with two digits more than the width asks for, moved to `direction` (-1 down, 1 up) where rounding to these digits went the other
/// way: what is printed is a bound.
fn bound(value: f64, direction: f64) -> String {
    const DIGITS: usize = 8;
    if value == 0.0 || !value.is_finite() {
        return number(value, 8);
    }
    let written = |value: f64| format!("{value:.DIGITS$}");
    let exactly = |text: &str| text.parse::<Exact>().ok();
    let text = written(value);
    let passed =
        match exactly(&text).zip(Exact::from_f64(value)).map(|(text, value)| text.cmp(&value)) {
            Some(Ordering::Less) => direction > 0.0,
            Some(Ordering::Greater) => direction < 0.0,
            _ => false,
        };
    if passed {
        written(value + direction * 1e-8_f64.max(f64::EPSILON * value.abs()))
    } else {
        text
    }
}

/// What the catalogue's witnesses violate, computed for this page.
fn counterexamples(witnesses: &[(&Witness, Comparison)]) -> Markup {
    html! {
        section #counterexamples {
            h2 { "Counterexamples" }
            p {
                "Instances on which an inequality of a claim fails for a divergence that does not satisfy the claim\u{2019}s "
                "hypotheses: what dropping them costs. " code { "score refute" } " searches for more. The share is the slack "
                "relative to the larger side; the numbers are estimates, and their errors are too small to matter."
            }
            div.scroll {
                table.findings {
                    thead {
                        tr {
                            th scope="col" { "claim" }
                            th scope="col" { "inequality" }
                            th scope="col" { "D" }
                            th scope="col" { "law \u{b7} model" }
                            th scope="col" { "\u{3b5}" }
                            th scope="col" { "left side" }
                            th scope="col" { "right side" }
                            th scope="col" { "slack" }
                            th scope="col" { "share" }
                        }
                    }
                    tbody {
                        @for (witness, comparison) in witnesses {
                            @let [left, right] = comparison.sides;
                            @let slack = comparison.slack;
                            tr {
                                td { a href=(format!("#{}", witness.claim().name)) { (witness.claim().name) } }
                                td { (inequality(witness.inequality())) }
                                td { (witness.divergence()) }
                                td { (witness.law()) " \u{b7} " (witness.model()) }
                                td { (witness.epsilon()) }
                                td { (number(left, 4)) }
                                td { (number(right, 4)) }
                                td.slack {
                                    (number(slack.value(), 4))
                                    span.error { " \u{b1} " (magnitude(slack.error())) }
                                }
                                td { (number(100.0 * slack.value() / left.max(right), 3)) " %" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The worst first: by outcome, then by slack.
fn worst(a: &Finding, b: &Finding) -> Ordering {
    let slack = |finding: &Finding| finding.check.slack.map_or(f64::INFINITY, Quantity::value);
    Outcome::of(a).cmp(&Outcome::of(b)).then(slack(a).total_cmp(&slack(b)))
}

/// The slack of this size has no bar, and every factor of ten above it adds the same length.
const SHORTEST: f64 = 1e-6;

fn findings_table(findings: &[&Finding], largest: f64) -> Markup {
    html! {
        div.scroll {
            table.findings {
                thead {
                    tr {
                        th scope="col" { "law \u{b7} model" }
                        th scope="col" { "D" }
                        th scope="col" { "\u{3b5}" }
                        th scope="col" { "verdict, evidence" }
                        th scope="col" { "slack" }
                        @if largest > SHORTEST {
                            th scope="col" { "log scale, 10\u{207b}\u{2076} to " (number(largest, 2)) }
                        }
                        th scope="col" { "tightest inequality" }
                    }
                }
                tbody { @for finding in findings { (row(finding, largest)) } }
            }
        }
    }
}

fn row(finding: &Finding, largest: f64) -> Markup {
    let check = &finding.check;
    let tightest = check.slack.and_then(|slack| {
        let is_it = |value: Quantity| value.value().total_cmp(&slack.value()) == Ordering::Equal;
        let named =
            check.terms.iter().find(|term| term.name.starts_with("slack: ") && is_it(term.value));
        named.map(|term| term.name.trim_start_matches("slack: "))
    });
    // Where there is an inequality to show, why the claim does not apply is the same for the whole divergence and said above.
    let note = check.note.as_ref();
    let note = note.filter(|_| tightest.is_none() || check.verdict != Verdict::NotApplicable);
    html! {
        tr {
            td { (finding.law) " \u{b7} " (finding.model) }
            td { (finding.divergence) }
            td { (finding.ball.epsilon()) }
            td { (Outcome::of(finding).badge()) " " span.note { (check.evidence) } }
            td.slack {
                @if let Some(slack) = check.slack {
                    // Digits below the error say nothing.
                    @if slack.value().abs() <= slack.error() { "0" } @else { (number(slack.value(), 4)) }
                    @if slack.error() > 0.0 { span.error { " \u{b1} " (magnitude(slack.error())) } }
                } @else { "\u{2013}" }
            }
            @if largest > SHORTEST {
                td.bar { @if let Some(slack) = check.slack { (bar(slack.value(), largest)) } }
            }
            td.tightest {
                @if let Some(tightest) = tightest { (inequality(tightest)) }
                @if let Some(note) = note { div.note { (inequality(note)) } }
            }
        }
    }
}

/// The slack on a logarithmic scale, to the left where it is negative.
fn bar(slack: f64, largest: f64) -> Markup {
    let span = (largest / SHORTEST).log10().max(1.0);
    let share = ((slack.abs() / SHORTEST).log10() / span).clamp(0.0, 1.0);
    let class = if slack < 0.0 { "negative" } else { "positive" };
    html! {
        @if share > 0.0 { span class=(class) style=(format!("width:{:.1}%", 100.0 * share)) {} }
    }
}

/// A text of the claims with signs instead of their ASCII forms.
fn inequality(text: &str) -> Markup {
    let text = text.replace("<=", "\u{2264}").replace(">=", "\u{2265}").replace("sqrt", "\u{221a}");
    let text =
        text.replace("epsilon", "\u{3b5}").replace("eps", "\u{3b5}").replace(" - ", " \u{2212} ");
    let mut parts = text.split_inclusive(['_', '^']).peekable();
    let mut shift = None;
    let mut pieces = Vec::new();
    while let Some(part) = parts.next() {
        let next = part.chars().last().filter(|c| parts.peek().is_some() && matches!(c, '_' | '^'));
        let part = if next.is_some() { &part[..part.len() - 1] } else { part };
        let inside = |c: char| c.is_alphanumeric() || c == '+' || c == '-';
        let end = if shift.is_some() { part.find(|c| !inside(c)).unwrap_or(part.len()) } else { 0 };
        pieces.push((shift, part[..end].to_owned(), part[end..].to_owned()));
        shift = next;
    }
    html! {
        @for (shift, moved, rest) in &pieces {
            @match shift {
                Some('_') => { sub { (moved) } },
                Some(_) => { sup { (moved) } },
                None => {},
            }
            (rest)
        }
    }
}

/// A number with so many significant digits.
pub(super) fn number(value: f64, digits: u8) -> String {
    if value.is_nan() {
        return "beyond doubles".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "\u{221e}".into() } else { "\u{2212}\u{221e}".into() };
    }
    let size = value.abs();
    if size == 0.0 {
        "0".into()
    } else if (1e-4..1e5).contains(&size) {
        let scientific = format!("{size:e}");
        let exponent = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
        let after = usize::try_from(i32::from(digits) - 1 - exponent).unwrap_or(0);
        format!("{value:.after$}").replace('-', "\u{2212}")
    } else {
        power_of_ten(&format!("{value:.*e}", usize::from(digits.saturating_sub(1).min(3))))
    }
}

/// A number of which only the order matters.
fn magnitude(value: f64) -> String {
    if value == 0.0 {
        "0".into()
    } else if value.is_nan() {
        "\u{2013}".into()
    } else {
        power_of_ten(&format!("{value:.0e}"))
    }
}

/// Writes `2e-16` as two times ten to a power.
fn power_of_ten(scientific: &str) -> String {
    const RAISED: [char; 10] = [
        '\u{2070}', '\u{b9}', '\u{b2}', '\u{b3}', '\u{2074}', '\u{2075}', '\u{2076}', '\u{2077}',
        '\u{2078}', '\u{2079}',
    ];
    let raised = |c: char| c.to_digit(10).map_or('\u{207b}', |digit| RAISED[digit as usize]);
    match scientific.split_once('e') {
        Some((mantissa, exponent)) => {
            let exponent: String = exponent.chars().map(raised).collect();
            format!("{}\u{d7}10{exponent}", mantissa.replace('-', "\u{2212}"))
        }
        None => scientific.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(number(-0.380_776_156, 4), "\u{2212}0.3808");
        assert_eq!(number(123.456, 4), "123.5");
        assert_eq!(number(f64::INFINITY, 4), "\u{221e}");
        assert_eq!(number(0.0, 4), "0");
        assert_eq!(magnitude(3.2e-16), "3\u{d7}10\u{207b}\u{b9}\u{2076}");
    }

    #[test]
    fn printed_bounds_are_bounds() {
        assert_eq!((bound(0.1, -1.0), bound(0.1, 1.0)), ("0.10000000".into(), "0.10000001".into()));
        assert_eq!((bound(0.0, -1.0), bound(f64::INFINITY, 1.0)), ("0".into(), "\u{221e}".into()));
        for value in [1e-12, 0.123456785, 0.380776156641, 7.25, 1234.567, 3e9 + 0.1] {
            let [lower, upper] =
                [-1.0, 1.0].map(|direction| bound(value, direction).parse::<Exact>().unwrap());
            let value = Exact::from_f64(value).unwrap();
            assert!(
                lower <= value && value <= upper && (&upper - &lower).to_f64() < 1e-5,
                "{lower} {value} {upper}"
            );
        }
    }

    #[test]
    fn subscripts_and_superscripts_are_set() {
        let text = inequality("(C - R_SCORE)_+^2 / 2 <= R_Madry^kl").into_string();
        let expected = "(C \u{2212} R<sub>SCORE</sub>)<sub>+</sub><sup>2</sup> / 2 \u{2264} \
                        R<sub>Madry</sub><sup>kl</sup>";
        assert_eq!(text, expected);
        assert_eq!(inequality("no_").into_string(), "no_");
    }

    #[test]
    fn bars_grow_with_the_slack_and_show_its_sign() {
        assert_eq!(bar(0.0, 1.0).into_string(), "");
        assert!(bar(1.0, 1.0).into_string().contains("width:100.0%"));
        assert!(bar(1e-3, 1.0).into_string().contains("width:50.0%"));
        assert!(bar(-1.0, 1.0).into_string().contains("negative"));
    }

    #[test]
    fn every_bound_is_a_formula() {
        for bound in Divergence::ALL.iter().flat_map(|divergence| divergence.facts().bounds) {
            let text = inline(&bound_tex(*bound)).into_string();
            assert!(text.contains("<math") && !text.contains("merror"), "{text}");
        }
    }
}
