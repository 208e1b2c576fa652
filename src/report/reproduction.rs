//! The page of the paper's demonstration, made again.

use std::path::{Path, PathBuf};

use maud::{Markup, PreEscaped, html};

use super::data::{self, Table};
use super::figures::risk_ink;
use super::math::inline;
use super::page::document;
use super::plot::{BLUE, Figure, INK, Ink, Key, MUTED, Mark, ORANGE, Panel, Stroke, VERMILLION};
use super::{Drawing, files};
use crate::claims::Problem;
use crate::divergence::Divergence;
use crate::error::Error;
use crate::law::Law;
use crate::perturbation::Norm;
use crate::quadrature::Estimate;
use crate::reproduce::{DIVERGENCES, EPSILON, LAW, Objective, Outcome, RISKS};
use crate::risk::{Line, Risk};

/// The share of C below which a risk counts as all but zero.
const SMALL: f64 = 0.05;

/// Writes `index.html`, `figures/*.svg`, `data/*.csv` and `results.csv` about these outcomes to `folder`. Returns the path of
/// `index.html`.
///
/// # Errors
/// [`Error::Unwritable`]; and where a risk cannot be computed.
pub fn reproduction(folder: &Path, outcomes: &[Outcome]) -> Result<PathBuf, Error> {
    let law = Law::resolve(LAW)?;
    let mut sections = Vec::new();
    for divergence in DIVERGENCES {
        let of: Vec<&Outcome> =
            outcomes.iter().filter(|o| o.experiment.divergence == divergence).collect();
        if let Some(first) = of.first() {
            let line = Line::new(&law, &first.model)?;
            let variation = line.variation(divergence, EPSILON)?;
            sections.push(Section::new(folder, &law, divergence, variation, &of)?);
        }
    }
    files::write(folder, "results.csv", results(outcomes).csv())?;
    files::write(folder, "index.html", page(&sections))
}

/// The numbers of the page: an experiment in each row, its objective and divergence by their place in the lists.
fn results(outcomes: &[Outcome]) -> Table {
    let mut names = vec!["objective".to_owned(), "divergence".to_owned()];
    for risk in RISKS {
        names.extend([risk.name().to_owned(), format!("{risk}_error")]);
    }
    names.extend(["distance_l1", "distance_l1_error"].map(String::from));
    let rows = outcomes.iter().map(|outcome| {
        let place = |found: Option<usize>| found.map_or(f64::NAN, |i| i as f64);
        let experiment = outcome.experiment;
        let mut row = vec![
            place(Objective::ALL.iter().position(|o| *o == experiment.objective)),
            place(DIVERGENCES.iter().position(|d| *d == experiment.divergence)),
        ];
        for Estimate { value, error } in outcome.risks.iter().chain([&outcome.distance]) {
            row.extend([*value, *error]);
        }
        row
    });
    Table::new(names, rows.collect())
}

/// One divergence.
struct Section<'a> {
    divergence: Divergence,
    variation: Estimate,
    outcomes: Vec<&'a Outcome>,
    figures: Vec<(String, Markup)>,
}

impl<'a> Section<'a> {
    fn new(
        folder: &Path,
        law: &Law,
        divergence: Divergence,
        variation: Estimate,
        outcomes: &[&'a Outcome],
    ) -> Result<Self, Error> {
        let drawings = [curves(law, divergence, outcomes)?, training(divergence, outcomes)];
        let figures = drawings.into_iter().map(|drawing| {
            let written = drawing.write(folder, ("figures", "data"), "")?;
            Ok((written.element, drawing.caption))
        });
        let figures = figures.collect::<Result<_, Error>>()?;
        Ok(Self { divergence, variation, outcomes: outcomes.to_vec(), figures })
    }

    fn find(&self, objective: Objective) -> Option<&'a Outcome> {
        self.outcomes.iter().copied().find(|o| o.experiment.objective == objective)
    }

    /// Whether training on SCORE ends with both of its risks all but zero; `None` without that training.
    fn score_succeeds(&self) -> Option<bool> {
        let [standard, _, score] = self.find(Objective::Score)?.risks;
        let small = |risk: Estimate| risk.value + risk.error <= SMALL * self.variation.value;
        Some(small(standard) && small(score))
    }

    /// Whether PGD-AT ends with a smaller Madry risk than the posterior's, and away from it.
    fn madry_departs(&self) -> Option<bool> {
        let [standard, madry, score] = self.find(Objective::Madry)?.risks;
        let large = |risk: Estimate| risk.value - risk.error > SMALL * self.variation.value;
        let below = madry.value + madry.error < self.variation.value - self.variation.error;
        Some(below && large(standard) && large(score))
    }
}

fn objective_ink(objective: Objective) -> (Ink, Stroke) {
    match objective {
        Objective::Standard => (MUTED, Stroke::Dashed),
        Objective::Madry => (VERMILLION, Stroke::Solid),
        Objective::Trades => (ORANGE, Stroke::Solid),
        Objective::Score => (BLUE, Stroke::Dashed),
    }
}

/// How many points a curve has.
const POINTS: usize = 400;

/// The probability of class 0 under the data and under each network.
fn curves(law: &Law, divergence: Divergence, outcomes: &[&Outcome]) -> Result<Drawing, Error> {
    let lines = outcomes.iter().map(|outcome| Line::new(law, &outcome.model));
    let lines = lines.collect::<Result<Vec<_>, Error>>()?;
    let first = Problem::new((LAW, law), ("", &outcomes[0].model), Norm::default())?;
    let own = first.line()?;
    let (from, to) = data::view(own, EPSILON);
    let rows = (0..=POINTS).map(|i| {
        let x = from + (to - from) * i as f64 / POINTS as f64;
        let mut row = vec![x, own.posterior(x).probabilities().entries()[0]];
        row.extend(lines.iter().map(|line| line.model(x).probabilities().entries()[0]));
        row
    });
    let mut names = vec!["x".to_owned(), data::posterior(0)];
    names.extend(outcomes.iter().map(|outcome| outcome.experiment.objective.name().to_owned()));
    let table = Table::new(names, rows.collect());
    let x = table.column("x");
    let points =
        |name: &str| -> Vec<(f64, f64)> { x.iter().copied().zip(table.column(name)).collect() };
    let mut marks = vec![Mark::Line(points(&data::posterior(0)), INK, Stroke::Solid)];
    let mut keys = vec![Key::Line(format!("data, {}", data::posterior(0)), INK, Stroke::Solid)];
    for outcome in outcomes {
        let objective = outcome.experiment.objective;
        let (ink, stroke) = objective_ink(objective);
        marks.push(Mark::Line(points(objective.name()), ink, stroke));
        keys.push(Key::Line(objective.title().to_owned(), ink, stroke));
    }
    let panel = Panel {
        title: format!("D = {divergence}"),
        x_label: "x".into(),
        y_label: "probability of y = 0".into(),
        x: (from, to),
        y: (0.0, 1.02),
        y_names: vec![],
        height: 320,
        marks,
    };
    let description = format!(
        "the probability of class 0 against x, under the data and under networks trained on each objective with {divergence}"
    );
    Ok(Drawing {
        name: format!("curves-{divergence}"),
        figure: Figure { description, keys, rows: vec![vec![panel]] },
        tables: vec![(format!("curves-{divergence}"), table)],
        caption: html! { "What each network says of class 0 after training, and what is so." },
    })
}

/// The three risks along each training, on the grid of the training.
fn training(divergence: Divergence, outcomes: &[&Outcome]) -> Drawing {
    let table = |outcome: &Outcome| {
        let rows = outcome
            .trajectory
            .iter()
            .map(|(steps, risks)| [vec![*steps as f64], risks.to_vec()].concat());
        let names = ["steps"].into_iter().chain(RISKS.map(Risk::name)).map(String::from);
        Table::new(names.collect(), rows.collect())
    };
    let tables: Vec<(String, Table)> = outcomes
        .iter()
        .map(|outcome| (format!("training-{}", outcome.experiment), table(outcome)))
        .collect();
    let late = tables.iter().flat_map(|(_, table)| {
        let from = table.rows().len().min(5);
        RISKS.into_iter().flat_map(move |risk| table.column(risk.name())[from - 1..].to_vec())
    });
    let height = 1.1 * late.fold(0.0, f64::max);
    let panels = tables.iter().zip(outcomes).map(|((_, table), outcome)| {
        let steps = table.column("steps");
        let line = |risk: Risk| {
            let points = steps.iter().copied().zip(table.column(risk.name())).collect();
            Mark::Line(points, risk_ink(risk), Stroke::Solid)
        };
        Panel {
            title: outcome.experiment.objective.title().to_owned(),
            x_label: "steps".into(),
            y_label: "risk".into(),
            x: (0.0, steps.last().copied().unwrap_or(1.0)),
            y: (0.0, if height > 0.0 { height } else { 1.0 }),
            y_names: vec![],
            height: 240,
            marks: RISKS.map(line).into(),
        }
    });
    let panels: Vec<Panel> = panels.collect();
    let key = |risk: Risk| Key::Line(risk.symbol().to_owned(), risk_ink(risk), Stroke::Solid);
    Drawing {
        name: format!("training-{divergence}"),
        figure: Figure {
            description: format!(
                "the three risks for {divergence} along the training on each objective"
            ),
            keys: RISKS.map(key).into(),
            rows: panels.chunks(2).map(<[Panel]>::to_vec).collect(),
        },
        tables,
        caption: html! {
            "The risks along the training, on the grid that is trained on; the last point is after L-BFGS. The numbers of the table are computed to "
            "rounding error instead."
        },
    }
}

fn page(sections: &[Section]) -> String {
    let content = html! { (lead(sections)) @for section in sections { (part(section)) } };
    document("The toy demonstration, made again", &content)
}

fn lead(sections: &[Section]) -> Markup {
    let count = |found: Vec<bool>| (found.iter().filter(|yes| **yes).count(), found.len());
    let (score, scores) = count(sections.iter().filter_map(Section::score_succeeds).collect());
    let (madry, madries) = count(sections.iter().filter_map(Section::madry_departs).collect());
    html! {
        header {
            p.eyebrow { "score-workbench \u{b7} the paper's toy demonstration" }
            h1 { "Trained on SCORE a network learns the data's posterior; trained on the old robust error it does not" }
            p.lead {
                "A tanh network 1-100-100-2 is trained from one seed on the law 5/6 N(\u{2212}1, 4) against 1/6 N(1, 1), \u{3b5} = 1, on the "
                "integrals themselves: Adam, then L-BFGS, differentiated through the maximiser. "
            }
            p {
                "The slides claim that training on SCORE ends on " (inline("p_d(y|x)")) " with "
                (inline(r"R_{\text{SCORE}}")) " and " (inline(r"R_{\text{Standard}}"))
                " near 0: borne out for " strong { (score) " of " (scores) }
                " divergences, where both are at most a twentieth of the law's own variation C. "
                "They claim that robust training (PGD-AT) does not: borne out for " strong { (madry) " of " (madries) }
                ", where it ends with a smaller " (inline(r"R_{\text{Madry}}"))
                " than the posterior's own, which is C, and with both other risks above that."
            }
        }
    }
}

fn part(section: &Section) -> Markup {
    let Section { divergence, variation, outcomes, figures, .. } = section;
    html! {
        section id=(divergence) {
            h2 { "D = " (divergence) }
            @if let (Some(yes), Some(outcome)) = (section.score_succeeds(), section.find(Objective::Score)) {
                p {
                    "SCORE: " @if yes { span.badge.holds { "borne out" } } @else { span.badge.refuted { "not borne out" } }
                    " It ends with R_SCORE = " (short(outcome.risks[2])) " and R_Standard = " (short(outcome.risks[0]))
                    ", against C = " (short(*variation)) "."
                }
            }
            @if let (Some(yes), Some(outcome)) = (section.madry_departs(), section.find(Objective::Madry)) {
                p {
                    "PGD-AT: " @if yes { span.badge.holds { "borne out" } } @else { span.badge.refuted { "not borne out" } }
                    " It ends with R_Madry = " (short(outcome.risks[1])) ", against C = " (short(*variation))
                    " of the posterior; its probabilities differ from the data's by " (short(outcome.distance))
                    " in mean l1 distance."
                }
            }
            div.scroll {
                table.numbers {
                    thead {
                        tr {
                            th scope="col" { "trained on" }
                            @for risk in RISKS { th scope="col" { (risk.symbol()) } }
                            th scope="col" { "mean l1 distance to the posterior" }
                        }
                    }
                    tbody {
                        @for outcome in outcomes {
                            tr {
                                th scope="row" { (outcome.experiment.objective.title()) }
                                @for risk in outcome.risks { td { (short(risk)) } }
                                td { (short(outcome.distance)) }
                            }
                        }
                    }
                }
            }
            @for (element, caption) in figures {
                figure { (PreEscaped(element)) figcaption { (caption) } }
            }
        }
    }
}

/// Four digits; the errors of these numbers are at rounding level.
fn short(estimate: Estimate) -> String {
    let Estimate { value, error } = estimate;
    if value.abs() >= 1e-3 { format!("{value:.4}") } else { format!("{:.2e}", value.max(error)) }
}
