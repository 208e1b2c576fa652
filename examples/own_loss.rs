//! A loss of one's own, checked against the table of laws: SCORE's squared error with its gradient by hand, once right and once with the
//! clean answer detached in the second term. The values of both are the same.

use score_workbench::testing::loss::{
    Answer, Batch, Broken, Loss, Profile, Report, Suite, Target, Targets,
};

/// `|e_y - p|^2 + 4 |p - q|^2` for p = softmax(logits) and q = softmax(attacked).
struct SquaredError {
    profile: Profile,
    detached: bool,
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = logits.iter().map(|h| (h - top).exp()).sum();
    logits.iter().map(|h| (h - top).exp() / total).collect()
}

/// From the gradient by p = softmax(h) to that by h: `p_j (c_j - sum_k c_k p_k)`.
fn through_softmax(by_p: &[f64], p: &[f64]) -> Vec<f64> {
    let mean: f64 = by_p.iter().zip(p).map(|(c, p)| c * p).sum();
    by_p.iter().zip(p).map(|(c, p)| p * (c - mean)).collect()
}

impl Loss for SquaredError {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn evaluate(&mut self, batch: &Batch) -> Result<Answer, Broken> {
        let (mut losses, mut gradient) = (vec![], [vec![], vec![]]);
        let rows = batch.first().iter().zip(batch.second());
        for ((logits, attacked), label) in
            rows.zip(batch.targets().iter().filter_map(Target::label))
        {
            let (p, q) = (softmax(logits), softmax(attacked));
            let first: Vec<f64> =
                p.iter().enumerate().map(|(k, p)| p - f64::from(u8::from(k == label))).collect();
            let second: Vec<f64> = p.iter().zip(&q).map(|(p, q)| p - q).collect();
            let square = |row: &[f64]| row.iter().map(|x| x * x).sum::<f64>();
            losses.push(square(&first) + 4.0 * square(&second));
            let weight = if self.detached { 0.0 } else { 8.0 };
            let by_p: Vec<f64> =
                first.iter().zip(&second).map(|(f, s)| 2.0 * f + weight * s).collect();
            let by_q: Vec<f64> = second.iter().map(|s| -8.0 * s).collect();
            gradient[0].push(through_softmax(&by_p, &p));
            gradient[1].push(through_softmax(&by_q, &q));
        }
        Ok(Answer { losses, gradient: Some(gradient) })
    }
}

fn report(detached: bool) -> Result<Report, score_workbench::error::Error> {
    let profile = Profile::objective("my squared error", Targets::Labels)
        .attacked()
        .with_gradient()
        .equal_to("trades(squared-error, squared-error, 4)")?;
    Ok(Suite::default().claim("proper").check(&mut SquaredError { profile, detached }))
}

fn main() -> Result<(), score_workbench::error::Error> {
    for detached in [false, true] {
        let report = report(detached)?;
        let entry = report.identified.text(&report.profile).unwrap_or("nothing".into());
        println!("detached: {detached}; equals {entry}");
        for finding in &report.findings {
            println!(
                "  {:17}  {:8}  {:14}  {:3} cases",
                finding.law.name, finding.stance, finding.verdict, finding.cases
            );
        }
        println!(
            "{}",
            if report.against_claims().count() == 0 { String::new() } else { report.to_string() }
        );
    }
    Ok(())
}
