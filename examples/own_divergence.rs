//! A divergence of one's own is one generic function: the power divergence of order 3/2 (Cressie and Read 1984),
//! `D(p, q) = (4/3) sum_k p_k ((p_k / q_k)^(1/2) - 1)`, evaluated on doubles, differentiated on jets, and searched for violations of
//! the triangle inequality, by itself and under a square root, on random triples of label distributions.

use proptest::array::uniform3;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use score_workbench::real::{Jet, Real};
use score_workbench::simplex::{Classes, Dense, Simplex};

/// In logarithms, through `exp_m1`, so that ratios close to 1 keep their digits; a class with p = 0 adds nothing.
fn power<C: Classes>(p: &Simplex<C>, q: &Simplex<C>) -> C::Total {
    let term = p.zip(q, |a, b| {
        let half = (a.ln.clone() - b.ln.clone()) / a.ln.int(2);
        a.p.weigh(&half.exp_m1())
    });
    let sum = term.sum();
    sum.clone() * sum.int(4) / sum.int(3)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let p = Simplex::from_probabilities(&[0.7, 0.2, 0.1])?;
    let q = Simplex::from_probabilities(&[0.5, 0.25, 0.25])?;
    println!("D(p, q) = {:.15}, D(q, p) = {:.15}", power(&p, &q), power(&q, &p));

    // D(softmax(0.3, 0), softmax(t, 0)): value, slope and curvature in t in one run of the same text.
    let at = |t: f64| {
        let [p, q] = [Jet::fixed(0.3), Jet::<f64, 3>::variable(t)]
            .map(|logit| Simplex::from_logits(&Dense::new([logit, Jet::fixed(0.0)])));
        power(&p, &q)
    };
    let (jet, h) = (at(0.4), 1e-4);
    let difference = (at(0.4 + h).value() - at(0.4 - h).value()) / (2.0 * h);
    println!("D = {:.9}, D' = {:.9}", jet.value(), jet.derivative(1));
    println!("D'' = {:.9}, and D' by a difference {difference:.9}\n", jet.derivative(2));

    let mut runner = TestRunner::deterministic();
    let mut worst = [("D(a, c) <= D(a, b) + D(b, c)", f64::INFINITY, [0.0; 3]); 2];
    worst[1].0 = "the same for the square root of D";
    for _ in 0..20_000 {
        let tree =
            uniform3(-4.0..4.0).new_tree(&mut runner).map_err(|reason| reason.to_string())?;
        let [a, b, c] = tree.current().map(|t| Simplex::from_logits(&Dense::new([t, 0.0])));
        let [ac, ab, bc] = [power(&a, &c), power(&a, &b), power(&b, &c)];
        let slacks = [ab + bc - ac, ab.sqrt() + bc.sqrt() - ac.sqrt()];
        for ((_, smallest, triple), slack) in worst.iter_mut().zip(slacks) {
            if slack < *smallest {
                *smallest = slack;
                *triple = [&a, &b, &c].map(|s| s.probabilities().entries()[0]);
            }
        }
    }
    for (name, slack, triple) in worst {
        let verdict = if slack < 0.0 { "violated" } else { "not violated" };
        println!("{name}: {verdict}, smallest slack {slack:.4}");
        println!("  where a, b, c give the first of two classes {triple:.3?}");
    }
    Ok(())
}
