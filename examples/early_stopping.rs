//! The overfitting floor. By Corollary 1 a self-consistent model, `R_SCORE^l1 = 0`, has `R_Madry^kl >= (C^l1)^2 / 2`: training that
//! pushes `R_Madry` below this floor has gone too far, and can be stopped before.
//!
//! The law is N(-1, 1) against N(1, 1), whose posterior is sigmoid(-2x); the models are sigmoid(-s x) of increasing sharpness s.
//! `R_Madry` is smallest for the model that says nothing, s = 0. Only s = 2 is self-consistent, far above the floor: to stay above
//! it is necessary, not sufficient.

use score_workbench::divergence::Divergence;
use score_workbench::error::Error;
use score_workbench::exact::Exact;
use score_workbench::law::Law;
use score_workbench::model::{Linear, Model};
use score_workbench::risk::Line;

const EPSILON: f64 = 2.0;

/// sigmoid(-s x), as logits -s x and 0.
fn of_sharpness(s: &str) -> Result<Model, Error> {
    let slope: Exact = format!("-{s}").parse()?;
    let zero = || Exact::integer(0);
    let linear = Linear::new(vec![vec![slope], vec![zero()]], vec![zero(), zero()])?;
    Ok(Model::Linear(linear))
}

fn main() -> Result<(), Error> {
    let law = Law::resolve("symmetric")?;
    println!("law symmetric, models sigmoid(-s x), eps {EPSILON}\n");
    println!("     s   R_Madry^kl   floor   R_SCORE^l1   at least");
    for s in ["0", "0.25", "0.5", "0.75", "1", "1.25", "1.5", "2", "3", "5"] {
        let line = Line::new(&law, &of_sharpness(s)?)?;
        let variation = line.variation(Divergence::L1, EPSILON)?;
        let madry = line.madry(Divergence::Kl, EPSILON)?;
        let score = line.score(Divergence::L1, EPSILON)?;
        let floor = variation.map_increasing(|c| c * c / 2.0);
        // What Corollary 1 leaves of R_SCORE: C - sqrt(2 R_Madry).
        let least = f64::max(0.0, variation.value - (2.0 * madry.value).sqrt());
        let below = madry.value + madry.error < floor.value - floor.error;
        let verdict = if below { "   ruled out from self-consistency" } else { "" };
        println!(
            "{s:>6}   {:10.4}  {:6.4}   {:10.4}     {least:6.4}{verdict}",
            madry.value, floor.value, score.value
        );
    }
    Ok(())
}
