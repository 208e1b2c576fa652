//! Compares the operations on intervals with true values of 300 and more bits.
//!
//!     score-inclusion fuzz POINTS [OPERATION]   that many random points for each operation, or one; fails where anything is not enclosed
//!     score-inclusion vectors POINTS            writes points with their true values, for the tests of the library

mod draw;
mod truth;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use draw::Draw;
use score_workbench::real::inclusion::{OPERATIONS, Operation};
use truth::truth;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let points = |text: &str| text.parse::<f64>().ok().filter(|n| *n >= 1.0).map(|n| n as u64);
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["fuzz", n] => points(n).map(|n| fuzz(n, None)),
        ["fuzz", n, only] if Operation::named(only).is_some() => {
            points(n).map(|n| fuzz(n, Some(only)))
        }
        ["vectors", n] => points(n).map(vectors),
        _ => None,
    }
    .unwrap_or_else(|| {
        eprintln!("usage: score-inclusion fuzz POINTS [OPERATION] | vectors POINTS");
        ExitCode::from(2)
    })
}

/// Points that are drawn together, from one seed.
const BATCH: u64 = 10_000;

fn fuzz(points: u64, only: Option<&str>) -> ExitCode {
    let mut failures = 0;
    println!("{:22}{:>12}{:>12}{:>10}{:>8}", "operation", "points", "violations", "widest", "s");
    let chosen = |operation: &Operation| only.is_none_or(|name| name == operation.name);
    for (place, operation) in OPERATIONS.iter().enumerate().filter(|(_, o)| chosen(o)) {
        let start = Instant::now();
        let (next, wrong, widest) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let batches = points.div_ceil(BATCH);
        let threads = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        let batch = next.fetch_add(1, Ordering::Relaxed);
                        if batch >= batches {
                            break;
                        }
                        let mut draw = Draw((place as u64) << 40 | batch);
                        for _ in 0..BATCH.min(points - batch * BATCH) {
                            match checked(operation, &draw.point(operation)) {
                                Ok(excess) => {
                                    widest.fetch_max(excess, Ordering::Relaxed);
                                }
                                Err(message) => {
                                    if wrong.fetch_add(1, Ordering::Relaxed) < 5 {
                                        println!("{message}");
                                    }
                                }
                            }
                        }
                    }
                });
            }
        });
        let (wrong, widest) = (wrong.into_inner(), widest.into_inner());
        let widest = operation.ulps.map_or(String::from("-"), |_| widest.to_string());
        let seconds = start.elapsed().as_secs_f64();
        println!("{:22}{points:>12}{wrong:>12}{widest:>10}{seconds:>8.1}", operation.name);
        failures += wrong;
    }
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn checked(operation: &Operation, point: &[f64]) -> Result<u64, String> {
    operation.check(point, truth(operation.name, point)).map_err(|violation| violation.to_string())
}

fn vectors(points: u64) -> ExitCode {
    println!(
        "# Written by tests/inclusion: operation, point, the doubles on both sides of the true value; doubles by their bits."
    );
    for (place, operation) in OPERATIONS.iter().enumerate() {
        let mut draw = Draw((place as u64) << 40);
        for _ in 0..points {
            let point = draw.point(operation);
            let truth = truth(operation.name, &point);
            let mut line = operation.name.to_owned();
            for x in point.into_iter().chain([truth.lower(), truth.upper()]) {
                let _ = write!(line, " {:x}", x.to_bits());
            }
            println!("{line}");
        }
    }
    ExitCode::SUCCESS
}
