//! The page about trained image models.

use std::path::{Path, PathBuf};

use maud::{Markup, PreEscaped, html};

use super::data::Table;
use super::math::inline;
use super::page::document;
use super::plot::{CLASSES, Figure, Ink, Key, Mark, Panel, Stroke};
use super::{Drawing, files};
use crate::error::Error;
use crate::train::evaluate::{Mean, Proportion};
use crate::train::training::Outcome;

/// Writes `training.html`, its figures and their data about these outcomes, each with its name, to `folder`. Returns the path of the page.
///
/// # Errors
/// [`Error::Unwritable`].
pub fn training(folder: &Path, outcomes: &[(String, Outcome)]) -> Result<PathBuf, Error> {
    let mut settings: Vec<String> = Vec::new();
    for (_, outcome) in outcomes {
        if !settings.contains(&outcome.setting()) {
            settings.push(outcome.setting());
        }
    }
    let sections = settings.iter().enumerate().map(|(i, setting)| {
        let of = outcomes.iter().filter(|(_, outcome)| outcome.setting() == *setting);
        let of: Vec<&(String, Outcome)> = of.collect();
        let name = if i == 0 { "training".to_owned() } else { format!("training-{}", i + 1) };
        let drawing = drawing(name, setting, &of);
        let written = drawing.write(folder, ("figures", "data"), "")?;
        Ok(section(setting, &of, &written.element, &drawing.caption))
    });
    let sections = sections.collect::<Result<Vec<_>, Error>>()?;
    let content = html! { (lead()) @for section in &sections { (section) } };
    files::write(folder, "training.html", document("Trained image models", &content))
}

/// The columns of an interval: value, ends.
fn columns(name: &str) -> [String; 3] {
    [name.to_owned(), format!("{name}_low"), format!("{name}_high")]
}

const CLEAN: &str = "clean_accuracy";
const ROBUST: &str = "robust_accuracy";
const SQUARED: [&str; 2] = ["clean_squared_error", "robust_squared_error"];
const KL: [&str; 2] = ["clean_kl", "robust_kl"];

/// The numbers of the page: an outcome in each row.
fn numbers(outcomes: &[&(String, Outcome)]) -> Table {
    let names = [CLEAN, ROBUST, SQUARED[0], SQUARED[1], KL[0], KL[1]];
    let rows = outcomes.iter().map(|(_, outcome)| {
        let test = &outcome.test;
        let shares = test.accuracy.iter().map(|share| (share.value(), share.interval()));
        let risks = [test.squared_error, test.kl].concat();
        let risks = risks.into_iter().map(|mean| (mean.mean, mean.interval()));
        shares.chain(risks).flat_map(|(value, [low, high])| [value, low, high]).collect()
    });
    Table::new(names.into_iter().flat_map(columns).collect(), rows.collect())
}

fn ink(i: usize) -> Ink {
    CLASSES[i % CLASSES.len()]
}

/// Accuracies against each other, and the risks for the squared error.
fn drawing(name: String, setting: &str, outcomes: &[&(String, Outcome)]) -> Drawing {
    let table = numbers(outcomes);
    let keys = outcomes.iter().enumerate();
    let keys = keys.map(|(i, (name, _))| Key::Line(name.clone(), ink(i), Stroke::Solid)).collect();
    let panels = [
        scatter(&table, "accuracies", [CLEAN, ROBUST], ["clean accuracy", "accuracy under attack"]),
        scatter(&table, "risks for the squared error", SQUARED, ["risk", "risk under attack"]),
    ];
    Drawing {
        figure: Figure {
            description: format!(
                "{setting}: clean accuracy against accuracy under attack, and the risks for the squared error without and with attack, a cross with 95 % \
                 intervals for each training"
            ),
            keys,
            rows: vec![panels.into()],
        },
        tables: vec![(name.clone(), table)],
        caption: html! {
            "The trade-off. To the right is more accurate, up is more robust; of the risks less is better, so down and to the left. "
            "The arms of a cross are 95 % intervals over the test images."
        },
        name,
    }
}

/// A cross for each row: the intervals of two quantities.
fn scatter(table: &Table, title: &str, names: [&str; 2], labels: [&str; 2]) -> Panel {
    let [x, y] = names.map(|name| columns(name).map(|name| table.column(&name)));
    let [range_x, range_y] = [&x, &y].map(|[_, low, high]| range(low, high));
    let (wide, high) = ((range_x.1 - range_x.0) / 100.0, (range_y.1 - range_y.0) / 100.0);
    let marks = (0..table.rows().len()).flat_map(|i| {
        let ([x, x_low, x_high], [y, y_low, y_high]) = (&x, &y);
        let centre = [x[i] - wide, x[i] + wide, y[i] - high, y[i] + high];
        [
            Mark::Line(vec![(x_low[i], y[i]), (x_high[i], y[i])], ink(i), Stroke::Solid),
            Mark::Line(vec![(x[i], y_low[i]), (x[i], y_high[i])], ink(i), Stroke::Solid),
            Mark::Block(centre, ink(i), String::new()),
        ]
    });
    Panel {
        title: title.into(),
        x_label: labels[0].into(),
        y_label: labels[1].into(),
        x: range_x,
        y: range_y,
        y_names: vec![],
        height: 360,
        marks: marks.collect(),
    }
}

/// What the intervals span, with room.
fn range(low: &[f64], high: &[f64]) -> (f64, f64) {
    let least = low.iter().copied().fold(f64::INFINITY, f64::min);
    let most = high.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let room = (0.08 * (most - least)).max(1e-3);
    ((least - room).max(0.0), most + room)
}

fn lead() -> Markup {
    html! {
        header {
            p.eyebrow { "score-workbench \u{b7} image models" }
            h1 { "What an objective does to accuracy and robustness, on images" }
            p.lead {
                "Networks of one architecture, trained on one set of images with the objectives that the theorems are checked on. On images a classifier that is "
                "made robust has so far become less accurate; how much so depends on what it is trained on."
            }
            p {
                "All numbers are " strong { "sampled" } ": the test images are a sample of a law that nobody knows, and the 95 % intervals speak of that "
                "sample (Wilson's for accuracies, normal ones for means). The attack finds some point of the ball and not the worst one, so accuracies under "
                "attack are too high and risks under attack too low by what a better attack would find. With labels in the place of "
                (inline("p_d(y|x)")) ", the risks are stand-ins for " (inline(r"R_{\text{Standard}}")) " and " (inline(r"R_{\text{Madry}}"))
                ": they include what the labels themselves leave open."
            }
        }
    }
}

fn section(
    setting: &str,
    outcomes: &[&(String, Outcome)],
    figure: &str,
    caption: &Markup,
) -> Markup {
    html! {
        section {
            h2 { (setting) }
            figure { (PreEscaped(figure)) figcaption { (caption) } }
            div.scroll {
                table.numbers {
                    thead {
                        tr {
                            th scope="col" { "trained on" }
                            th scope="col" { "clean accuracy" }
                            th scope="col" { "robust accuracy" }
                            th scope="col" { "squared error" }
                            th scope="col" { "robust squared error" }
                            th scope="col" { "kl (nats)" }
                            th scope="col" { "robust kl (nats)" }
                        }
                    }
                    tbody {
                        @for (name, outcome) in outcomes {
                            tr {
                                th scope="row" { (name) }
                                @for share in outcome.test.accuracy { td { (percent(share)) } }
                                @for mean in [outcome.test.squared_error, outcome.test.kl].concat() { td { (risk(mean)) } }
                            }
                        }
                    }
                }
            }
            ul {
                @for (name, outcome) in outcomes {
                    li {
                        strong { (name) } ": " code { (outcome.objective) } ", which is the " (outcome.formula) "; " (outcome.images) " images, " (outcome.epochs) " epochs, seed "
                        (outcome.seed) "; epoch " (outcome.best.epoch) " was the best on the images for validation."
                    }
                }
            }
        }
    }
}

fn percent(share: Proportion) -> String {
    let [low, high] = share.interval();
    format!("{:.1}\u{a0}% [{:.1},\u{a0}{:.1}]", 100.0 * share.value(), 100.0 * low, 100.0 * high)
}

fn risk(mean: Mean) -> String {
    let [low, high] = mean.interval();
    format!("{:.4}\u{a0}\u{b1}\u{a0}{:.4}", mean.mean, (high - low) / 2.0)
}
