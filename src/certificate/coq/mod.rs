//! Certificates for Coq: one risk of one law and one model as a theorem, in a file that `coqc` checks against `proofs/`.
//!
//! The file states that the risk, an improper integral over the whole line with a genuine supremum inside, is within a stated distance
//! of a stated number, and proves it. What this program knows is in the file as data: where the line is cut off, where the function under
//! the supremum turns, the integral over each cell. All of it is checked; a wrong number, or a turning point that was missed, makes
//! `coqc` refuse the file.
//!
//! | risk | under the supremum, monotone between the listed points |
//! |---|---|
//! | standard | nothing |
//! | SCORE | `Q_1 - P_1`, for kl the divergence itself |
//! | Madry, C | the log-odds of Q, of P |

mod measure;
mod odds;
mod pieces;
mod text;

use std::fmt::Write;

use crate::divergence::Divergence;
use crate::error::Error;
use crate::exact::Exact;
use crate::law::Law;
use crate::model::Model;
use crate::risk::{Line, Risk};

use measure::Measure;
use odds::{LogOdds, Normal, Quadratic, normals};
use pieces::{Cell, Choice, Pieces, Problem};
use text::{list, number};

/// The Coq file that states and proves the risk, up to `width`.
///
/// Covered are laws with two classes in one dimension, linear, quadratic and Bayes models, and the divergences kl, l1, total-variation, l2,
/// linf and squared-error. `epsilon` is in the units of x.
///
/// ```
/// use score_workbench::{certificate::coq, divergence::Divergence, law::Law, model::Model, risk::Risk};
/// let (law, model) = (Law::resolve("toy")?, Model::resolve("toy-linear")?);
/// let text = coq::theorem(&law, &model, Risk::Score, Divergence::Kl, &"1".parse()?, &"1e-6".parse()?)?;
/// assert!(text.contains("exists r, R_score law model (kl two) 1 r /\\ Rabs (r - 0.26635403)"));
/// # Ok::<(), score_workbench::error::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotCertifiable`] for what is not covered, and where logits grow too steeply for Coq's floating point;
/// [`Error::Negative`] and [`Error::NotPositive`] for an `epsilon` and a `width` that are none; and as [`Line::risk`].
pub fn theorem(
    law: &Law,
    model: &Model,
    risk: Risk,
    divergence: Divergence,
    epsilon: &Exact,
    width: &Exact,
) -> Result<String, Error> {
    if epsilon.is_negative() {
        return Err(Error::Negative { what: "epsilon", found: epsilon.clone() });
    }
    if !width.is_positive() {
        return Err(Error::NotPositive { what: "width", found: width.clone() });
    }
    let line = Line::new(law, model)?;
    let measure = Measure::new(divergence)?;
    let Law::GaussianMixture(mixture) = law;
    let classes = normals(mixture);
    if classes.len() != 2 {
        return Err(not_certifiable(format!("{} classes", classes.len())));
    }
    let h = LogOdds::of_mixture(&classes);
    let second = Second::new(model)?;
    let m = if risk == Risk::Variation { h.clone() } else { second.odds.clone() };
    let epsilon = if risk == Risk::Standard { Exact::integer(0) } else { epsilon.clone() };
    let problem = Problem { classes, h, m, measure, risk, epsilon, width: width.clone() };
    let pieces = Pieces::new(&problem, &line)?;
    Ok(file(&problem, &pieces, &second))
}

fn not_certifiable(found: impl Into<String>) -> Error {
    Error::NotCertifiable { found: found.into() }
}

/// The model in Coq, and its log-odds.
struct Second {
    /// The definitions that the model needs, and the model.
    definitions: String,
    odds: LogOdds,
    /// The proof that these are its log-odds.
    proof: &'static str,
}

impl Second {
    fn new(model: &Model) -> Result<Self, Error> {
        let zero = || Exact::integer(0);
        let polynomials = |quadratics: [Quadratic; 2]| {
            let logits = list(quadratics.iter().map(Quadratic::coq));
            Self {
                definitions: format!("Definition model : R -> nat -> R :=\n  softmax {logits}.\n"),
                odds: LogOdds::of_logits(&quadratics),
                proof: "softmax_odds model m",
            }
        };
        match model {
            Model::Linear(linear) if linear.classes() == 2 => {
                let (w, b) = (linear.weights(), linear.bias());
                Ok(polynomials(
                    [0, 1].map(|k| Quadratic::polynomial(zero(), w[k][0].clone(), b[k].clone())),
                ))
            }
            Model::Quadratic(quadratic) if quadratic.classes() == 2 => {
                let (a, w, b) = (quadratic.matrices(), quadratic.weights(), quadratic.bias());
                Ok(polynomials([0, 1].map(|k| {
                    Quadratic::polynomial(a[k][0][0].clone(), w[k][0].clone(), b[k].clone())
                })))
            }
            Model::Bayes(bayes) if bayes.law().classes() == 2 => {
                let Law::GaussianMixture(mixture) = bayes.law();
                let classes = normals(mixture);
                Ok(Self {
                    definitions: format!(
                        "{}Lemma other_two : two_classes other.\nProof. two_classes. Qed.\n\
                         Definition model : R -> nat -> R := posterior other.\n",
                        mixture_definition("other", &classes),
                    ),
                    odds: LogOdds::of_mixture(&classes),
                    proof: "unfold model; posterior_odds other m other_two",
                })
            }
            Model::Linear(_) | Model::Quadratic(_) | Model::Bayes(_) => {
                Err(not_certifiable(format!("{} classes", model.classes())))
            }
            _ => Err(not_certifiable("a model of another kind")),
        }
    }
}

fn mixture_definition(name: &str, classes: &[Vec<Normal>]) -> String {
    let component = |c: &Normal| {
        format!("Component {} {} {}", number(&c.mass), number(&c.mean), number(&c.variance))
    };
    let class = |class: &Vec<Normal>| list(class.iter().map(component));
    let classes: Vec<String> = classes.iter().map(class).collect();
    format!("Definition {name} : mixture :=\n  [{}].\n", classes.join(";\n   "))
}

/// The whole file.
fn file(problem: &Problem, pieces: &Pieces, second: &Second) -> String {
    let Problem { classes, h, m, measure, risk, epsilon, width } = problem;
    let (coq, divergence) = (measure.coq(), measure.divergence());
    let (e, symbol) = (number(epsilon), risk.symbol());
    let value = number(&pieces.value);
    let statement = match risk {
        Risk::Standard => format!("R_standard law model ({divergence}) r"),
        Risk::Madry => format!("R_madry law model ({divergence}) {e} r"),
        Risk::Score => format!("R_score law model ({divergence}) {e} r"),
        Risk::Variation => format!("C law ({divergence}) {e} r"),
    };
    let mut out = String::new();
    let radius =
        if *risk == Risk::Standard { String::new() } else { format!(", epsilon = {epsilon}") };
    let _ = write!(
        out,
        "(** {symbol} for {}{radius}, of the law and the model below: within {width} of {value}.\n\
         \x20   A component is Component mass mean variance, a logit Quadratic a b c for a x^2 + b x + c;\n\
         \x20   h and m are the log-odds of class 1 under the law and under the second argument of the divergence. *)\n\
         From Score Require Import certificates.\nOpen Scope R_scope.\n\n",
        measure.name(),
    );
    out += &mixture_definition("law", classes);
    if *risk != Risk::Variation {
        out += &second.definitions;
    }
    let _ = write!(
        out,
        "\nDefinition h : log_odds := {}.\nDefinition m : log_odds := {}.\n\n\
         Lemma law_two : two_classes law.\nProof. two_classes. Qed.\n\
         Lemma h_odds x : at_log_odds (posterior law x) (log_odds_at h x).\n\
         Proof. posterior_odds law h law_two. Qed.\n",
        h.coq(),
        m.coq(),
    );
    let (model, proof) = match risk {
        Risk::Variation => ("(posterior law)", "exact (h_odds x)"),
        _ => ("model", second.proof),
    };
    let _ = write!(
        out,
        "Lemma m_odds x : at_log_odds ({model} x) (log_odds_at m x).\nProof. {proof}. Qed.\n\n",
    );
    let (theorem, integral) = if *risk == Risk::Standard {
        standard(&mut out, pieces, coq);
        ("standard_risk", "integral".to_owned())
    } else {
        suprema(&mut out, problem, pieces, coq);
        let theorem = if *risk == Risk::Score { "score_risk" } else { "madry_risk" };
        (theorem, joined(pieces.cells.len()))
    };
    let (b, rate) = (number(&pieces.reach), number(&pieces.rate));
    let _ = write!(
        out,
        "Theorem certificate :\n  exists r, {statement} /\\ Rabs (r - {value}) <= {}.\nProof.\n\
         certify ({theorem} law {coq} h m {e} {b} {rate} law_two h_odds) {model} m_odds\n  {integral}.\nQed.\n",
        number(width),
    );
    out
}

/// The integral over the truncated line.
fn standard(out: &mut String, pieces: &Pieces, coq: &str) {
    let b = number(&pieces.reach);
    for Cell { integral, width, .. } in &pieces.cells {
        let _ = write!(
            out,
            "Lemma integral : standard_integral law {coq} h m (- {b}) {b} {} {}.\n\
             Proof. integrate. Qed.\n\n",
            number(integral),
            number(width),
        );
    }
}

/// The monotone pieces of the function under the supremum, and the cells.
fn suprema(out: &mut String, problem: &Problem, pieces: &Pieces, coq: &str) {
    let e = number(&problem.epsilon);
    let (g, slope, cells) = if problem.risk == Risk::Score {
        let g = format!("score_level {coq} h m");
        (g, format!("is_derive_score_level {coq} h m"), "score_cells")
    } else {
        ("log_odds_at m".to_owned(), "is_derive_log_odds m".to_owned(), "madry_cells")
    };
    let _ = write!(
        out,
        "(** Monotone between these points, up to the slack. *)\n\
         Definition slack : R := {}.\nDefinition g : R -> R := {g}.\n",
        number(&pieces.slack),
    );
    for (i, piece) in pieces.monotone.iter().enumerate() {
        let direction = if piece.rises { "rises" } else { "falls" };
        let _ = write!(
            out,
            "Lemma piece_{i} : near_monotone g slack {} {}.\nProof. {direction} ({slope}) {}. Qed.\n",
            number(&piece.from),
            number(&piece.to),
            number(&piece.slope),
        );
    }
    for (i, node) in pieces.nodes.iter().enumerate() {
        let _ = write!(
            out,
            "Lemma node_{i} : Rabs (g {} - {}) <= slack.\nProof. node. Qed.\n",
            number(&node.at),
            number(&node.level),
        );
    }
    let _ = write!(
        out,
        "\n(** The integrals over the cells. *)\n\
         Notation cells := ({cells} law {coq} h m {e} slack).\n",
    );
    for (i, cell) in pieces.cells.iter().enumerate() {
        let used = cell.pieces().map(|i| format!("pose proof piece_{i}."));
        let nodes = cell.nodes.clone().map(|i| format!("pose proof node_{i}."));
        let facts = used.chain(nodes).collect::<Vec<_>>().join(" ");
        let inside = pieces.nodes[cell.nodes.clone()].iter();
        let inside = inside.map(|node| format!("({}, {})", number(&node.at), number(&node.level)));
        let _ = write!(
            out,
            "Lemma cell_{i} : cells {} {} {} {}.\nProof.\n{facts}\n{} {} {}.\nQed.\n",
            number(&cell.from),
            number(&cell.to),
            number(&cell.integral),
            number(&cell.width),
            &cells[..cells.len() - 1],
            if cell.nodes.is_empty() { "(@nil (R * R))".to_owned() } else { list(inside) },
            match cell.choice {
                Choice::Lower => "Lower".to_owned(),
                Choice::Upper => "Upper".to_owned(),
                Choice::Node(i) => format!("(Node {})", number(&pieces.nodes[i].level)),
            },
        );
    }
    out.push('\n');
}

/// The cells joined into one.
fn joined(cells: usize) -> String {
    let last = format!("cell_{}", cells - 1);
    (0..cells - 1).rev().fold(last, |rest, i| format!("(cut cell_{i} {rest})"))
}
