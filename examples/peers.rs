//! Values, error estimates and times of the risks on the slides' toy law, as JSON: the project's rows in the table of
//! `make peers`.
//!
//! ```text
//! cargo run --release --example peers
//! ```

use std::hint::black_box;
use std::time::Instant;

use score_workbench::divergence::Divergence;
use score_workbench::enclosure::{self, Effort};
use score_workbench::error::Error;
use score_workbench::law::Law;
use score_workbench::model::Model;
use score_workbench::quadrature::Estimate;
use score_workbench::quantity::Quantity;
use score_workbench::risk::{Line, Risk};

/// The radius of the perturbations, as in the slides.
const EPSILON: f64 = 1.0;
/// The width that enclosures are asked for: what Arb is asked for too.
const WIDTH: f64 = 1e-10;
/// Odd, so that the median is one of the measured times.
const REPETITIONS: usize = 101;

/// The last result of `compute` and its median time in nanoseconds.
fn measure<T>(compute: impl Fn() -> Result<T, Error>) -> Result<(T, u128), Error> {
    let mut last = compute()?;
    let mut times = Vec::with_capacity(REPETITIONS);
    for _ in 0..REPETITIONS {
        let start = Instant::now();
        last = black_box(compute()?);
        times.push(start.elapsed().as_nanos());
    }
    times.sort_unstable();
    Ok((last, times[REPETITIONS / 2]))
}

fn row(integral: &str, estimate: Estimate, median_ns: u128) -> serde_json::Value {
    let Estimate { value, error } = estimate;
    let median_ns = u64::try_from(median_ns).unwrap_or(u64::MAX);
    serde_json::json!({
        "integral": integral, "value": value, "error": error, "median_ns": median_ns,
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let law = Law::resolve("toy")?;
    let model = Model::resolve("toy-linear")?;
    let line = Line::new(&law, &model)?;
    let mut rows = Vec::new();
    for (name, divergence) in [("l1", Divergence::L1), ("kl", Divergence::Kl)] {
        // A user pays for the set-up too: it is inside the time.
        let (estimate, time) = measure(|| Line::new(&law, &model)?.score(divergence, EPSILON))?;
        rows.push(row(&format!("score {name}"), estimate, time));
        let (estimate, time) = measure(|| line.score(divergence, EPSILON))?;
        rows.push(row(&format!("score {name}, set up"), estimate, time));
        let (risks, time) = measure(|| Line::new(&law, &model)?.risks(divergence, EPSILON))?;
        rows.push(row(&format!("all four {name}"), risks.score, time));
        let (found, time) = measure(|| {
            let line = Line::new(&law, &model)?;
            enclosure::risk(&line, (Risk::Score, divergence, &"1".parse()?), Effort::to(WIDTH))
        })?;
        assert!(found.shortfall.is_none(), "as tight as asked");
        rows.push(row(
            &format!("score {name}, proved"),
            Quantity::from(found.interval).estimate(),
            time,
        ));
    }
    println!("{}", serde_json::to_string_pretty(&rows)?);
    Ok(())
}
