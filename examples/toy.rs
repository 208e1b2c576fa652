//! The toy law of the SCORE slides, 5/6 N(-1, 4) against 1/6 N(1, 1), and the model p(0|x) = sigmoid(1 - x), at eps = 1: the four
//! risks, Theorem 1's band around `R_SCORE`, which holds for l1 and promises nothing for kl, and what becomes of both robust risks when
//! the model is the data's own posterior.

use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::law::Law;
use score_workbench::model::{Bayes, Model};
use score_workbench::risk::{Line, Risk};

const EPSILON: f64 = 1.0;

fn main() -> Result<(), Error> {
    let law = Law::resolve("toy")?;
    let model = Line::new(&law, &Model::resolve("toy-linear")?)?;
    let posterior = Line::new(&law, &Model::Bayes(Bayes::new(law.clone())))?;
    for divergence in [Divergence::Kl, Divergence::L1] {
        let facts = divergence.facts();
        println!("{} = {}, eps = {EPSILON}", facts.name, facts.formula);
        let risks = model.risks(divergence, EPSILON)?;
        let own = posterior.risks(divergence, EPSILON)?;
        println!("  {:12} {:>20} {:>8}   {:>20}", "", "toy-linear", "error", "the posterior");
        for risk in Risk::ALL {
            let (found, own) = (risks.get(risk), own.get(risk));
            let symbol = risk.symbol();
            println!(
                "  {symbol:12} {:20.15} {:8.0e}   {:20.15}",
                found.value, found.error, own.value
            );
        }
        let (madry, c) = (risks.madry.value, risks.variation.value);
        let (low, high) = ((madry - c).abs(), madry + c);
        let score = risks.score.value;
        let place = if (low..=high).contains(&score) { "in" } else { "outside" };
        let promise = if divergence.is_metric() { "as it must for a metric" } else { "no metric" };
        println!(
            "  Theorem 1: R_SCORE = {score:.6} lies {place} [{low:.6}, {high:.6}] ({promise})"
        );
        println!(
            "  self-consistency: the posterior has R_SCORE = {:e}; its R_Madry is C, {} the one of toy-linear\n",
            own.score.value,
            if own.madry.value > madry { "above" } else { "below" }
        );
    }
    Ok(())
}
