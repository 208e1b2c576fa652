//! `score list`: what there is to work with.

use std::fmt::Write;
use std::str::FromStr;

use clap::Args;
use score_workbench::catalogue::{LAWS, MODELS, Witness, witnesses};
use score_workbench::claims::{CLAIMS, Evidence, Scope};
use score_workbench::divergence::{Divergence, Triangle};
use score_workbench::error::Error;

use super::arguments::unknown;
use super::exit::{Exit, Failure};
use super::output::{self, Table};

/// List the laws, models, divergences and claims that have a name, and the known counterexamples
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// laws, models, divergences, claims or witnesses; all five if left out
    #[arg(value_name = "KIND")]
    kind: Option<Kind>,
}

const EXAMPLES: &str = "\
Examples:
  score list
  score list laws
  score list claims";

/// A kind of thing that has names.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Laws,
    Models,
    Divergences,
    Claims,
    Witnesses,
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "laws" => Ok(Self::Laws),
            "models" => Ok(Self::Models),
            "divergences" => Ok(Self::Divergences),
            "claims" => Ok(Self::Claims),
            "witnesses" => Ok(Self::Witnesses),
            _ => {
                let allowed = ["laws", "models", "divergences", "claims", "witnesses"];
                Err(unknown("kind", name, &allowed))
            }
        }
    }
}

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let kinds = match arguments.kind {
        Some(kind) => vec![kind],
        None => vec![Kind::Laws, Kind::Models, Kind::Divergences, Kind::Claims, Kind::Witnesses],
    };
    let sections = kinds.into_iter().map(|kind| match kind {
        Kind::Laws => laws(),
        Kind::Models => models(),
        Kind::Divergences => divergences(),
        Kind::Claims => claims(),
        Kind::Witnesses => instances(),
    });
    output::write(&sections.collect::<Vec<_>>().join("\n"))?;
    Ok(Exit::Holds)
}

fn laws() -> String {
    let mut table = Table::new(["name", "law", "source"]);
    for entry in LAWS {
        table.row([entry.name(), entry.title(), entry.source()].map(Into::into));
    }
    output::heading("laws") + &table.render()
}

fn models() -> String {
    let mut table = Table::new(["name", "made for", "model", "source"]);
    for entry in MODELS {
        let law = entry.law().unwrap_or("");
        table.row([entry.name(), law, entry.title(), entry.source()].map(Into::into));
    }
    output::heading("models") + &table.render()
}

fn divergences() -> String {
    let mut table =
        Table::new(["name", "D(a, b)", "triangle inequality", "at most", "bounds by t = KL(a, b)"]);
    for divergence in Divergence::ALL {
        let facts = divergence.facts();
        let triangle = match facts.triangle {
            Triangle::Metric => "metric".to_owned(),
            Triangle::Relaxed(c0) => format!("relaxed, c0 = {c0}"),
            Triangle::None => "none".to_owned(),
        };
        let diameter = facts.diameter.map_or("inf".to_owned(), |diameter| format!("{diameter:.4}"));
        let bounds: Vec<_> = facts.bounds.iter().map(ToString::to_string).collect();
        table.row([
            facts.name.into(),
            facts.formula.into(),
            triangle.into(),
            diameter.into(),
            bounds.join(", ").into(),
        ]);
    }
    output::heading("divergences") + &table.render()
}

fn claims() -> String {
    let mut text = output::heading("claims");
    for (i, claim) in CLAIMS.iter().enumerate() {
        let scope = match claim.scope {
            Scope::Any => "every divergence".to_owned(),
            Scope::Only(divergence) => divergence.to_string(),
        };
        let hypotheses = match claim.hypotheses {
            [] => "none".to_owned(),
            hypotheses => hypotheses.join("; "),
        };
        let proof = match &claim.proof {
            Some(proof) => {
                let theorems = proof.theorems.join(", ");
                format!("{}, in Coq: {}\n    theorems    {theorems}", Evidence::Formal, proof.terms)
            }
            None => "not yet".to_owned(),
        };
        let gap = if i == 0 { "" } else { "\n" };
        let _ = writeln!(
            text,
            "{gap}  {}: {}\n    statement   {}\n    hypotheses  {hypotheses}\n    speaks of   {scope}\n    \
             source      {}\n    proof       {proof}",
            claim.name, claim.title, claim.statement, claim.reference
        );
    }
    text
}

fn instances() -> String {
    let mut table = Table::new(["claim", "inequality", "violated for", "law", "model", "epsilon"]);
    let same = |a: &Witness, b: &Witness| {
        (a.inequality(), a.law(), a.model()) == (b.inequality(), b.law(), b.model())
    };
    for group in witnesses().chunk_by(same) {
        let divergences: Vec<_> =
            group.iter().map(|witness| witness.divergence().to_string()).collect();
        table.row([
            group[0].claim().name.into(),
            group[0].inequality().into(),
            divergences.join(", ").into(),
            group[0].law().into(),
            group[0].model().into(),
            group[0].epsilon().to_string().into(),
        ]);
    }
    output::heading("witnesses") + &table.render()
}
