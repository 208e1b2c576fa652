use super::*;
use crate::real::Jet;
use crate::simplex::Dense;

fn objective(text: &str) -> Objective {
    text.parse().unwrap()
}

fn one_hot(label: usize, classes: usize) -> Simplex<Dense<f64>> {
    let row: Vec<f64> = (0..classes).map(|k| f64::from(u8::from(k == label))).collect();
    Simplex::from_probabilities(&row).unwrap()
}

fn softmax(logits: [f64; 3]) -> Simplex<Dense<f64>> {
    Simplex::from_logits(&Dense::new(logits))
}

#[test]
fn names_are_read_as_they_are_printed() {
    for name in [
        "cross-entropy",
        "cross-entropy smoothed(0.1, all)",
        "standard(squared-error)",
        "pgd-at(kl) clip(0.5, robust)",
        "trades(kl, kl, 6)",
        "trades(squared-error, squared-error, 4) smoothed(0.1, others) clip(0.1, robust)",
        "trades(cross-entropy, jensen-shannon, 0.5) clip(0.25, total)",
    ] {
        assert_eq!(objective(name).to_string(), name);
    }
    assert_eq!(
        objective("  trades( kl,kl , 12/2 )clip(1/4,total)").to_string(),
        "trades(kl, kl, 6) clip(0.25, total)"
    );
}

#[test]
fn what_is_no_objective_is_said() {
    let error = |text: &str| text.parse::<Objective>().unwrap_err().to_string();
    assert!(error("trdes(kl, kl, 6)").contains("(did you mean `trades`?)"));
    assert!(error("trades(kl, k, 6)").contains("unknown divergence `k`"));
    assert!(error("trades(kl, kl)").contains("found `trades(kl, kl)`"));
    assert!(error("").contains("found ``"));
    assert!(error("smoothed(0.1, all)").contains("found `smoothed(0.1, all)`"));
    assert!(error("trades(kl, kl, -1)").contains("beta must be >= 0"));
    assert!(error("cross-entropy smoothed(1.5, all)").contains("share must be <= 1"));
    assert!(error("pgd-at(kl) clip(-1, robust)").contains("bound must be >= 0"));
}

#[test]
fn values_are_those_of_the_formulas() {
    let (t, clean, attacked) =
        (one_hot(1, 3), softmax([0.5, 1.0, -1.0]), softmax([1.0, 0.25, 0.0]));
    let [q, r] = [&clean, &attacked].map(|s| s.probabilities().entries().to_vec());
    let at = |name: &str| objective(name).eval(&t, &clean, &attacked, 3);
    let square = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let kl: f64 = q.iter().zip(&r).map(|(a, b)| a * (a / b).ln()).sum();
    let lse = square(&[0.0, 1.0, 0.0], &q) + 4.0 * square(&q, &r);
    let smoothed = |on: f64, off: f64| -(off * q[0].ln() + on * q[1].ln() + off * q[2].ln());
    let entropy = |on: f64, off: f64| -on * on.ln() - 2.0 * off * off.ln();
    for (name, expected) in [
        ("cross-entropy", -q[1].ln()),
        ("standard(kl)", -q[1].ln()),
        ("pgd-at(squared-error)", square(&[0.0, 1.0, 0.0], &r)),
        ("trades(kl, kl, 6)", -q[1].ln() + 6.0 * kl),
        ("trades(squared-error, squared-error, 4)", lse),
        ("trades(squared-error, squared-error, 4) clip(0.25, total)", lse - 0.25),
        ("trades(squared-error, squared-error, 4) clip(2, total)", 0.0),
        ("trades(squared-error, squared-error, 4) clip(1, robust)", lse - 4.0 * square(&q, &r)),
        ("trades(squared-error, squared-error, 4) clip(0.0625, robust)", lse - 0.25),
        ("cross-entropy smoothed(0.3, all)", smoothed(0.8, 0.1)),
        ("cross-entropy smoothed(0.2, others)", smoothed(0.8, 0.1)),
        ("standard(kl) smoothed(0.2, others)", smoothed(0.8, 0.1) - entropy(0.8, 0.1)),
    ] {
        assert!((at(name) - expected).abs() < 1e-14, "{name}: {} and not {expected}", at(name));
    }
}

#[test]
fn the_gradient_flows_through_both_arguments_of_the_second_term() {
    let trades = objective("trades(kl, kl, 6)");
    let at = |x: f64| {
        let fixed =
            |row: [f64; 3]| Simplex::from_logits(&Dense::new(row.map(Jet::<f64, 2>::fixed)));
        let clean = Dense::new([Jet::variable(x), Jet::fixed(1.0), Jet::fixed(-1.0)]);
        let t = fixed([0.0, 3.0, 1.0]);
        trades.eval(&t, &Simplex::from_logits(&clean), &fixed([1.0, 0.25, 0.0]), 3)
    };
    let difference = (at(0.5 + 1e-5).value() - at(0.5 - 1e-5).value()) / 2e-5;
    assert!((at(0.5).derivative(1) - difference).abs() < 1e-9);
}
