//! Losses as people write them: the right ones raise no alarm, each of the wrong ones breaks the law that the documentation names.
#![cfg(feature = "testing")]

use score_workbench::claims::Verdict;
use score_workbench::divergence::Divergence;
use score_workbench::testing::loss::{
    Answer, Batch, Broken, Dtype, Entry, Generic, Input, LAWS, Loss, Profile, Reduction, Scale,
    Suite, Target, Targets,
};

type Rows<'a> = [&'a [f64]; 2];
type Value = Box<dyn Fn(Rows, usize) -> f64>;
type Reduce = fn(&[f64], usize) -> Vec<f64>;
type Slope = Box<dyn Fn(Rows, usize) -> [Vec<f64>; 2]>;

/// A loss with a formula for an example, and perhaps one for its gradient.
struct Own {
    profile: Profile,
    value: Value,
    slope: Option<Slope>,
    /// What becomes of the losses of a batch, where it is not what the profile says.
    reduce: Option<Reduce>,
}

impl Own {
    fn new(profile: Profile, value: impl Fn(Rows, usize) -> f64 + 'static) -> Self {
        Self { profile, value: Box::new(value), slope: None, reduce: None }
    }

    fn slope(self, slope: impl Fn(Rows, usize) -> [Vec<f64>; 2] + 'static) -> Self {
        Self { profile: self.profile.clone().with_gradient(), slope: Some(Box::new(slope)), ..self }
    }

    fn reduced(self, reduce: Reduce) -> Self {
        Self { reduce: Some(reduce), ..self }
    }
}

impl Loss for Own {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn evaluate(&mut self, batch: &Batch) -> Result<Answer, Broken> {
        let (mut losses, mut gradient) = (vec![], [vec![], vec![]]);
        let count = batch.first().len() as f64;
        let factor = match self.profile.reduces_by() {
            Reduction::Mean => 1.0 / count,
            _ => 1.0,
        };
        for (i, first) in batch.first().iter().enumerate() {
            let second = batch.second().get(i).unwrap_or(first);
            let label = batch.targets().get(i).and_then(Target::label).unwrap_or(0);
            losses.push((self.value)([first, second], label));
            if let (Some(slope), true) = (&self.slope, batch.wants_gradient()) {
                let [a, b] = slope([first, second], label);
                let scaled = |row: Vec<f64>| row.into_iter().map(|x| x * factor).collect();
                gradient[0].push(scaled(a));
                if !batch.second().is_empty() {
                    gradient[1].push(scaled(b));
                }
            }
        }
        let classes = batch.first()[0].len();
        let dtype = self.profile.arithmetic();
        let sum: f64 = losses.iter().sum();
        let losses = match (self.reduce, self.profile.reduces_by()) {
            (Some(reduce), _) => reduce(&losses, classes),
            (None, Reduction::None) => losses,
            (None, Reduction::Sum) => vec![dtype.round(sum)],
            (None, Reduction::Mean) => vec![dtype.round(sum / count)],
        };
        Ok(Answer { losses, gradient: batch.wants_gradient().then_some(gradient) })
    }
}

/// Formulas as one would write them, without the care of the library, in an arithmetic.
macro_rules! plain {
    ($module:ident, $float:ty) => {
        #[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast, trivial_numeric_casts)]
        #[allow(clippy::cast_lossless)]
        mod $module {
            fn row(x: &[f64]) -> Vec<$float> {
                x.iter().map(|x| *x as $float).collect()
            }
            pub fn log_softmax(h: &[f64]) -> Vec<$float> {
                let h = row(h);
                let top = h.iter().copied().fold(<$float>::NEG_INFINITY, <$float>::max);
                let total: $float = h.iter().map(|h| (h - top).exp()).sum();
                h.iter().map(|h| h - top - total.ln()).collect()
            }
            pub fn softmax(h: &[f64]) -> Vec<$float> {
                let h = row(h);
                let top = h.iter().copied().fold(<$float>::NEG_INFINITY, <$float>::max);
                let total: $float = h.iter().map(|h| (h - top).exp()).sum();
                h.iter().map(|h| (h - top).exp() / total).collect()
            }
            fn relative_entropy(a: &[$float], b: &[$float]) -> $float {
                let term =
                    |(a, b): (&$float, &$float)| if *a == 0.0 { 0.0 } else { a * (a / b).ln() };
                a.iter().zip(b).map(term).sum()
            }
            pub fn kl(a: &[f64], b: &[f64]) -> f64 {
                f64::from(relative_entropy(&row(a), &row(b)))
            }
            pub fn jensen_shannon(a: &[f64], b: &[f64]) -> f64 {
                let (a, b) = (row(a), row(b));
                let m: Vec<$float> = a.iter().zip(&b).map(|(a, b)| (a + b) / 2.0).collect();
                let sum = relative_entropy(&a, &m) + relative_entropy(&b, &m);
                f64::from((sum / 2.0).max(0.0).sqrt())
            }
            pub fn hellinger(a: &[f64], b: &[f64]) -> f64 {
                let (a, b) = (row(a), row(b));
                let sum: $float =
                    a.iter().zip(&b).map(|(a, b)| (a.sqrt() - b.sqrt()).powi(2)).sum();
                f64::from((sum / 2.0).sqrt())
            }
            pub fn l1(a: &[f64], b: &[f64]) -> f64 {
                f64::from(row(a).iter().zip(row(b)).map(|(a, b)| (a - b).abs()).sum::<$float>())
            }
            pub fn l2(a: &[f64], b: &[f64]) -> f64 {
                let sum: $float = row(a).iter().zip(row(b)).map(|(a, b)| (a - b).powi(2)).sum();
                f64::from(sum.sqrt())
            }
            pub fn chi_squared(a: &[f64], b: &[f64]) -> f64 {
                let term =
                    |(a, b): (&$float, $float)| if *a == b { 0.0 } else { (a - b).powi(2) / b };
                f64::from(row(a).iter().zip(row(b)).map(term).sum::<$float>())
            }
            pub fn cross_entropy(h: &[f64], y: usize) -> f64 {
                f64::from(-log_softmax(h)[y])
            }
            pub fn cross_entropy_slope(h: &[f64], y: usize) -> Vec<f64> {
                let q = softmax(h);
                (0..q.len()).map(|k| f64::from(q[k]) - f64::from(u8::from(k == y))).collect()
            }
            pub fn smoothed(h: &[f64], y: usize, on: $float, off: $float) -> f64 {
                let ln_q = log_softmax(h);
                let term = |k: usize| if k == y { on * ln_q[k] } else { off * ln_q[k] };
                f64::from(-(0..ln_q.len()).map(term).sum::<$float>())
            }
            fn divergence(g: &[f64], h: &[f64]) -> $float {
                let (p, ln_p, ln_q) = (softmax(g), log_softmax(g), log_softmax(h));
                (0..p.len())
                    .map(|k| if p[k] == 0.0 { 0.0 } else { p[k] * (ln_p[k] - ln_q[k]) })
                    .sum()
            }
            pub fn kl_of_logits(g: &[f64], h: &[f64]) -> f64 {
                f64::from(divergence(g, h))
            }
            pub fn trades(clean: &[f64], attacked: &[f64], y: usize) -> f64 {
                f64::from(-log_softmax(clean)[y] + 6.0 * divergence(clean, attacked))
            }
            fn squares(p: &[$float], q: &[$float]) -> $float {
                p.iter().zip(q).map(|(p, q)| (p - q) * (p - q)).sum()
            }
            fn one_hot(y: usize, classes: usize) -> Vec<$float> {
                (0..classes).map(|k| if k == y { 1.0 } else { 0.0 }).collect()
            }
            pub fn lse(clean: &[f64], attacked: &[f64], y: usize, clip: $float) -> f64 {
                let (p, q) = (softmax(clean), softmax(attacked));
                let first = squares(&one_hot(y, p.len()), &p);
                f64::from(first + 4.0 * (squares(&p, &q) - clip).max(0.0))
            }
            /// The gradient of `lse` without a clip; `detached` leaves out what flows through p in the second term.
            pub fn lse_slope(
                clean: &[f64],
                attacked: &[f64],
                y: usize,
                detached: bool,
            ) -> [Vec<f64>; 2] {
                let (p, q) = (softmax(clean), softmax(attacked));
                let t = one_hot(y, p.len());
                let through = |c: Vec<$float>, p: &[$float]| -> Vec<f64> {
                    let mean: $float = c.iter().zip(p).map(|(c, p)| c * p).sum();
                    c.iter().zip(p).map(|(c, p)| f64::from(p * (c - mean))).collect()
                };
                let second = if detached { 0.0 } else { 8.0 };
                let c = (0..p.len()).map(|k| 2.0 * (p[k] - t[k]) + second * (p[k] - q[k]));
                let d = (0..p.len()).map(|k| 8.0 * (q[k] - p[k]));
                [through(c.collect(), &p), through(d.collect(), &q)]
            }
        }
    };
}

plain!(double, f64);
plain!(single, f32);

fn on(input: Input) -> Profile {
    Profile::divergence("own", input)
}

fn probabilities() -> Profile {
    on(Input::Probabilities)
}

fn labels() -> Profile {
    Profile::objective("own", Targets::Labels)
}

fn claims(mut profile: Profile, claims: &[&str], denials: &[&str]) -> Profile {
    use score_workbench::testing::loss::Stance::{Claimed, Denied};
    for law in claims {
        profile = profile.say(law, Claimed).unwrap();
    }
    for law in denials {
        profile = profile.say(law, Denied).unwrap();
    }
    profile
}

const METRIC: [&str; 3] = ["separates", "symmetric", "triangle"];

/// Every correct loss, with what it is, and the name of the entry that it equals.
#[allow(clippy::too_many_lines, reason = "a list")]
fn right() -> Vec<(String, Box<dyn Loss>)> {
    let mut all: Vec<(String, Box<dyn Loss>)> = vec![];
    let mut add = |entry: &str, loss: Own| all.push((entry.into(), Box::new(loss)));
    let single = |profile: Profile| profile.dtype(Dtype::Float32);
    let kl = || {
        claims(
            probabilities(),
            &["separates", "kl-bound", "convex-first", "convex-second", "equals = kl"],
            &["symmetric", "triangle"],
        )
    };
    add("kl", Own::new(kl(), |[a, b], _| double::kl(a, b)));
    add("kl", Own::new(single(kl()), |[a, b], _| single::kl(a, b)));
    let distance = |entry: &str| claims(probabilities(), &[&METRIC[..], &[entry]].concat(), &[]);
    let js = || claims(distance("equals = jensen-shannon"), &["pinsker = 1/2"], &[]);
    add("jensen-shannon", Own::new(js(), |[a, b], _| double::jensen_shannon(a, b)));
    add("jensen-shannon", Own::new(single(js()), |[a, b], _| single::jensen_shannon(a, b)));
    let hellinger = || claims(distance("equals = hellinger"), &["pinsker = 1/2"], &[]);
    add("hellinger", Own::new(hellinger(), |[a, b], _| double::hellinger(a, b)));
    add("hellinger", Own::new(single(hellinger()), |[a, b], _| single::hellinger(a, b)));
    let l1 = || claims(distance("equals = l1"), &["pinsker", "convex-second"], &["kl-bound"]);
    add("l1", Own::new(l1(), |[a, b], _| double::l1(a, b)));
    add("l1", Own::new(single(l1()), |[a, b], _| single::l1(a, b)));
    let l2 = || claims(distance("equals = l2"), &["pinsker = 1", "convex-first"], &[]);
    add("l2", Own::new(l2().reduction(Reduction::Mean), |[a, b], _| double::l2(a, b)));
    add("l2", Own::new(single(l2()).reduction(Reduction::Sum), |[a, b], _| single::l2(a, b)));
    let chi = || {
        claims(
            probabilities(),
            &["separates", "convex-second", "equals = chi-squared"],
            &["kl-bound"],
        )
    };
    add("chi-squared", Own::new(chi(), |[a, b], _| double::chi_squared(a, b)));
    add("chi-squared", Own::new(single(chi()), |[a, b], _| single::chi_squared(a, b)));
    let of_logits = || claims(on(Input::Logits), &["kl-bound", "equals = kl"], &["symmetric"]);
    add("kl", Own::new(of_logits(), |[a, b], _| double::kl_of_logits(a, b)));
    add("kl", Own::new(single(of_logits()), |[a, b], _| single::kl_of_logits(a, b)));
    let ce = || {
        claims(labels(), &["zero-at-certainty", "proper", "convex", "equals = cross-entropy"], &[])
            .reduction(Reduction::Mean)
    };
    add(
        "cross-entropy",
        Own::new(ce(), |[h, _], y| double::cross_entropy(h, y))
            .slope(|[h, _], y| [double::cross_entropy_slope(h, y), vec![]]),
    );
    add(
        "cross-entropy",
        Own::new(single(ce()), |[h, _], y| single::cross_entropy(h, y))
            .slope(|[h, _], y| [single::cross_entropy_slope(h, y), vec![]]),
    );
    for (entry, on, off) in [
        ("cross-entropy smoothed(0.1, all)", 0.9 + 0.1 / 3.0, 0.1 / 3.0),
        ("cross-entropy smoothed(0.1, others)", 0.9, 0.05),
    ] {
        let smoothed = claims(labels(), &[&format!("equals = {entry}")], &["zero-at-certainty"])
            .classes(3..=3)
            .unwrap();
        add(entry, Own::new(smoothed.clone(), move |[h, _], y| double::smoothed(h, y, on, off)));
        #[allow(clippy::cast_possible_truncation, reason = "single precision is meant")]
        add(
            entry,
            Own::new(single(smoothed), move |[h, _], y| {
                single::smoothed(h, y, on as f32, off as f32)
            }),
        );
    }
    let trades = || {
        claims(
            labels().attacked(),
            &["zero-at-certainty", "equals = trades(cross-entropy, kl, 6)"],
            &[],
        )
    };
    add("trades(cross-entropy, kl, 6)", Own::new(trades(), |[g, h], y| double::trades(g, h, y)));
    add(
        "trades(cross-entropy, kl, 6)",
        Own::new(single(trades()), |[g, h], y| single::trades(g, h, y)),
    );
    let name = "trades(squared-error, squared-error, 4)";
    let lse = || {
        claims(
            labels().attacked(),
            &["zero-at-certainty", "proper", &format!("equals = {name}")],
            &["convex"],
        )
    };
    add(
        name,
        Own::new(lse(), |[g, h], y| double::lse(g, h, y, 0.0))
            .slope(|[g, h], y| double::lse_slope(g, h, y, false)),
    );
    add(
        name,
        Own::new(single(lse()), |[g, h], y| single::lse(g, h, y, 0.0))
            .slope(|[g, h], y| single::lse_slope(g, h, y, false)),
    );
    let name = "trades(squared-error, squared-error, 4) clip(0.1, robust)";
    let clipped =
        || claims(labels().attacked(), &["zero-at-certainty", &format!("equals = {name}")], &[]);
    add(name, Own::new(clipped(), |[g, h], y| double::lse(g, h, y, 0.1)));
    add(name, Own::new(single(clipped()), |[g, h], y| single::lse(g, h, y, 0.1)));
    // The entries themselves, with gradients by jets, of probabilities and of logits.
    for divergence in Divergence::ALL {
        for input in [Input::Probabilities, Input::Logits] {
            let own = on(input).equal_to(divergence.name()).unwrap();
            // The square of a ratio of e^1e4 is beyond every double.
            let own = if divergence == Divergence::ChiSquared {
                claims(own, &[], &["extreme-logits"])
            } else {
                own
            };
            // Slopes of a root are infinite where it is 0, and chi-squared is in the millions for logits of 10.
            let entry = Entry::Divergence { divergence, reversed: false, squared: false };
            let loss: Box<dyn Loss> = Box::new(Generic::new(own, entry));
            if input == Input::Probabilities || divergence != Divergence::ChiSquared {
                all.push((divergence.name().into(), loss));
            }
        }
    }
    for text in [
        "cross-entropy",
        "cross-entropy smoothed(0.1, others)",
        "pgd-at(kl) clip(0.5, robust)",
        "pgd-at(squared-error)",
        "trades(kl, kl, 6)",
        "trades(cross-entropy, jensen-shannon, 2.5) smoothed(0.05, all)",
        "trades(squared-error, squared-error, 4) clip(0.15, total)",
        "trades(squared-error, squared-error, 3) clip(0.2, robust)",
    ] {
        for targets in [Targets::Labels, Targets::Distributions] {
            let mut own = Profile::objective("own", targets).equal_to(text).unwrap();
            if text.starts_with("pgd") || text.starts_with("trades") {
                own = own.attacked();
            }
            let entry = Entry::Objective(text.parse().unwrap());
            all.push((text.into(), Box::new(Generic::new(own, entry))));
        }
    }
    all
}

/// Checks right losses in turn, each time with another seed; of all runs those that leave `part` over `parts`.
fn raise_no_alarm(runs: u64, cases: usize, (part, parts): (u64, u64)) {
    let mut losses = right();
    let count = losses.len() as u64;
    for run in (0..runs).filter(|run| run % parts == part) {
        let (entry, loss) = &mut losses[usize::try_from(run % count).unwrap()];
        let report = Suite::default().seed(run).cases(cases).laws_only().check(loss.as_mut());
        // Few cases may have no counterexample to what is denied.
        let enough = report.verdict() == Verdict::Holds
            || cases < 100 && report.verdict() == Verdict::Undecided;
        assert!(
            report.broken.is_none() && enough,
            "run {run}, {entry}, {:?}:\n{report}",
            report.profile
        );
    }
}

#[test]
fn right_losses_raise_no_alarm() {
    raise_no_alarm(right().len() as u64, 100, (0, 1));
}

#[test]
#[ignore = "takes many minutes; the short version runs always"]
fn right_losses_raise_no_alarm_in_ten_thousand_runs() {
    const THREADS: u64 = 4;
    std::thread::scope(|scope| {
        for part in 0..THREADS {
            scope.spawn(move || raise_no_alarm(10_000, 32, (part, THREADS)));
        }
    });
}

#[test]
fn right_losses_are_recognised() {
    for (entry, mut loss) in right() {
        let report = Suite::default().cases(1).check(loss.as_mut());
        let found: Vec<String> =
            report.identified.entries.iter().map(|(entry, _)| entry.to_string()).collect();
        assert!(
            found.contains(&entry),
            "{entry}: {found:?} {:?} {:?}",
            report.identified.note,
            report.profile
        );
    }
}

/// The wrong losses: what is wrong, in the words of the documentation, the loss, and the law that catches it.
#[allow(clippy::too_many_lines, reason = "a list")]
fn wrong() -> Vec<(&'static str, Own, &'static str)> {
    let attacked = |entry: &str| claims(labels().attacked(), &["zero-at-certainty", entry], &[]);
    let clipped = || attacked("equals = trades(squared-error, squared-error, 4) clip(0.1, robust)");
    let squares = |clean: &[f64], attacked: &[f64], y: usize| {
        let first = double::lse(clean, clean, y, 0.0);
        (first, (double::lse(clean, attacked, y, 0.0) - first) / 4.0)
    };
    vec![
        (
            "a wrong sign",
            Own::new(labels(), |[h, _], y| -double::cross_entropy(h, y)),
            "non-negative",
        ),
        (
            "a missing logarithm",
            Own::new(labels(), |[h, _], y| -double::softmax(h)[y]),
            "non-negative",
        ),
        (
            "a missing logarithm",
            Own::new(probabilities(), |[a, b], _| a.iter().zip(b).map(|(a, b)| a * (a - b)).sum()),
            "non-negative",
        ),
        (
            "the sum for the mean",
            Own::new(labels().reduction(Reduction::Mean), |[h, _], y| double::cross_entropy(h, y))
                .reduced(|losses, _| vec![losses.iter().sum()]),
            "reduction",
        ),
        (
            "batchmean over the wrong axis",
            Own::new(probabilities().reduction(Reduction::Mean), |[a, b], _| double::kl(a, b))
                .reduced(|losses, classes| vec![losses.iter().sum::<f64>() / classes as f64]),
            "reduction",
        ),
        (
            "the mean over all elements",
            Own::new(claims(probabilities(), &["equals = kl"], &[]), |[a, b], _| {
                double::kl(a, b) / a.len() as f64
            }),
            "equals",
        ),
        (
            "a softmax twice",
            Own::new(claims(labels(), &["zero-at-certainty"], &[]), |[h, _], y| {
                double::cross_entropy(&double::softmax(h), y)
            }),
            "zero-at-certainty",
        ),
        (
            "a softmax twice",
            Own::new(claims(labels(), &["proper"], &[]), |[h, _], y| {
                double::cross_entropy(&double::softmax(h), y)
            }),
            "proper",
        ),
        (
            "the arguments of KL exchanged",
            Own::new(claims(probabilities(), &["kl-bound"], &[]), |[a, b], _| double::kl(b, a)),
            "kl-bound",
        ),
        (
            "the arguments of KL exchanged",
            Own::new(claims(probabilities(), &["equals = kl"], &[]), |[a, b], _| double::kl(b, a)),
            "equals",
        ),
        (
            "label smoothing off by K/(K - 1)",
            Own::new(
                claims(labels(), &["equals = cross-entropy smoothed(0.1, all)"], &[]),
                |[h, _], y| double::smoothed(h, y, 0.9, 0.1 / (h.len() - 1) as f64),
            ),
            "equals",
        ),
        (
            "a detached target",
            Own::new(labels().attacked(), |[g, h], y| double::lse(g, h, y, 0.0))
                .slope(|[g, h], y| double::lse_slope(g, h, y, true)),
            "gradient",
        ),
        (
            "a detached target",
            Own::new(labels().attacked().dtype(Dtype::Float32), |[g, h], y| {
                single::lse(g, h, y, 0.0)
            })
            .slope(|[g, h], y| single::lse_slope(g, h, y, true)),
            "gradient",
        ),
        (
            "`min(D, c)` for `max(D - c, 0)`",
            Own::new(clipped(), move |[g, h], y| {
                let (first, second) = squares(g, h, y);
                first + 4.0 * second.min(0.1)
            }),
            "equals",
        ),
        (
            "`max(c - D, 0)` for it",
            Own::new(clipped(), move |[g, h], y| {
                let (first, second) = squares(g, h, y);
                first + 4.0 * (0.1 - second).max(0.0)
            }),
            "zero-at-certainty",
        ),
        (
            "`ln` of a softmax",
            Own::new(on(Input::Logits), |[g, h], _| {
                let (p, q) = (double::softmax(g), double::softmax(h));
                p.iter().zip(&q).map(|(p, q)| p * (p.ln() - q.ln())).sum()
            }),
            "extreme-logits",
        ),
        (
            "`p ln p` without its limit",
            Own::new(probabilities(), |[a, b], _| {
                a.iter().zip(b).map(|(a, b)| a * (a / b).ln()).sum()
            }),
            "boundary",
        ),
        (
            "an inner cast to single precision",
            Own::new(probabilities(), |[a, b], _| single::kl(a, b)),
            "dtype",
        ),
        (
            "a weight that depends on the class",
            Own::new(labels(), |[h, _], y| (1.0 + y as f64) * double::cross_entropy(h, y)),
            "permutation",
        ),
        (
            "a penalty on the logits",
            Own::new(labels(), |[h, _], y| double::cross_entropy(h, y) + 1e-3 * h[y] * h[y]),
            "shift",
        ),
        (
            "the constant of Pinsker's inequality",
            Own::new(claims(probabilities(), &["pinsker = 1/2"], &[]), |[a, b], _| {
                double::l1(a, b)
            }),
            "pinsker",
        ),
    ]
}

/// What the documentation says that catches what.
fn documented() -> Vec<(&'static str, Vec<&'static str>)> {
    let (_, table) =
        include_str!("../docs/check-loss.md").split_once("## What catches what").unwrap();
    let rows = table.split("\n## ").next().unwrap().lines().filter(|row| row.starts_with("| "));
    let cells = rows.map(|row| row.trim_matches('|').split_once(" | ").unwrap());
    let laws = |cell: &'static str| {
        cell.split(';').next().unwrap().split(", ").map(|law| law.trim().trim_matches('`'))
    };
    cells.skip(1).map(|(mistake, cell)| (mistake.trim(), laws(cell).collect())).collect()
}

#[test]
fn the_documentation_names_what_is_tested_and_nothing_else() {
    let mut said: Vec<_> = documented()
        .into_iter()
        .flat_map(|(mistake, laws)| laws.into_iter().map(move |law| (mistake, law)))
        .collect();
    // Of PyTorch only: scripts/wrappers.py has it.
    said.retain(|(mistake, _)| *mistake != "a softmax over the batch");
    let mut tested: Vec<_> = wrong().into_iter().map(|(mistake, _, law)| (mistake, law)).collect();
    said.sort_unstable();
    tested.sort_unstable();
    tested.dedup();
    assert_eq!(said, tested);
}

#[test]
fn every_wrong_loss_breaks_the_law_that_the_documentation_names() {
    for (name, mut loss, law) in wrong() {
        for seed in 0..2 {
            let report = Suite::default().seed(seed).cases(96).check(&mut loss);
            let found: Vec<&str> =
                report.against_claims().map(|finding| finding.law.name).collect();
            assert!(found.contains(&law), "{name}: {found:?}, not {law}");
            let finding = report.findings.iter().find(|finding| finding.law.name == law).unwrap();
            let counterexample = finding.counterexample.as_ref().unwrap();
            if seed == 0 {
                println!("{name}: {found:?}\n{counterexample}");
            }
            assert!(report.to_string().contains(&format!("own: {law}: claimed, refuted")));
        }
    }
}

#[test]
fn counterexamples_are_short() {
    for (name, mut loss, law) in wrong() {
        let report = Suite::default().cases(96).check(&mut loss);
        let finding = report.findings.iter().find(|finding| finding.law.name == law).unwrap();
        for (input, value) in &finding.counterexample.as_ref().unwrap().inputs {
            // A billionth and what is left of 1 take their digits.
            let longest = if law == "boundary" { 60 } else { 24 };
            assert!(value.len() <= longest, "{name}: {input} = {value}");
        }
    }
}

#[test]
fn what_a_wrong_loss_equals_is_said() {
    let named = |law: &str, index: usize| {
        let mut found = wrong();
        found.retain(|(name, ..)| *name == law);
        let (_, mut loss, _) = found.swap_remove(index);
        let report = Suite::default().cases(1).check(&mut loss);
        report.identified.text(&report.profile)
    };
    assert_eq!(
        named("label smoothing off by K/(K - 1)", 0).unwrap(),
        "cross-entropy smoothed(0.1, others)"
    );
    assert_eq!(named("the arguments of KL exchanged", 0).unwrap(), "reverse-kl");
    assert_eq!(named("batchmean over the wrong axis", 0).unwrap(), "1/K kl, mean over the batch");
    assert_eq!(named("a wrong sign", 0).unwrap(), "-1 cross-entropy");
    for nothing in ["a softmax twice", "`min(D, c)` for `max(D - c, 0)`"] {
        assert_eq!(named(nothing, 0), None, "{nothing}");
    }
}

#[test]
fn factors_and_means_over_the_classes_are_found() {
    let found = |f: fn(&[f64], &[f64]) -> f64| {
        let mut loss = Own::new(probabilities(), move |[a, b], _| f(a, b));
        let report = Suite::default().cases(1).check(&mut loss);
        report.identified.entries.into_iter().next().unwrap()
    };
    let (entry, scale) = found(|a, b| double::kl(a, b) / std::f64::consts::LN_2);
    assert_eq!(entry.to_string(), "kl");
    let Scale::Constant(factor) = scale else { panic!("{scale:?}") };
    assert!((factor * std::f64::consts::LN_2 - 1.0).abs() < 1e-12);
    let (entry, scale) = found(|a, b| double::l2(a, b).powi(2) / a.len() as f64);
    assert_eq!((entry.to_string().as_str(), scale), ("squared-error", Scale::PerClass(1.0)));
    let (entry, _) = found(|a, b| double::jensen_shannon(a, b).powi(2));
    assert_eq!(entry.to_string(), "squared(jensen-shannon)");
    let (entry, scale) = found(|a, b| 0.5 * double::chi_squared(b, a));
    assert_eq!(
        (entry.to_string().as_str(), scale),
        ("reversed(chi-squared)", Scale::Constant(0.5))
    );
}

#[test]
fn the_documentation_lists_the_laws_as_they_are() {
    let documentation = include_str!("../docs/check-loss.md");
    for law in &LAWS {
        let (name, statement) = (law.name, law.statement);
        let row = format!("| `{name}` | {statement} | {} | {} |\n", law.unless_said(), law.scope());
        assert!(documentation.contains(&row), "{row}");
    }
}

#[test]
fn denials_need_a_counterexample() {
    let mut right =
        Own::new(claims(probabilities(), &[], &["triangle"]), |[a, b], _| double::kl(a, b));
    assert_eq!(Suite::default().check(&mut right).verdict(), Verdict::Holds);
    let mut wrong =
        Own::new(claims(probabilities(), &[], &["triangle"]), |[a, b], _| double::l1(a, b));
    let report = Suite::default().check(&mut wrong);
    assert_eq!(report.verdict(), Verdict::Undecided);
    assert!(
        report
            .to_string()
            .contains("own: triangle: denied, but no counterexample was found (256 cases, seed 0)")
    );
}

#[test]
fn the_smallest_relaxed_constant_is_approached() {
    let mut loss = Own::new(probabilities(), |[a, b], _| double::l2(a, b).powi(2));
    let report = Suite::default().check(&mut loss);
    let triangle = report.findings.iter().find(|finding| finding.law.name == "triangle").unwrap();
    assert_eq!(triangle.verdict, Verdict::Refuted);
    let constant = triangle.measured.unwrap();
    assert!((1.99..=2.0 + 1e-9).contains(&constant), "{constant}");
    assert_eq!(triangle.cases, 256);
}

#[test]
fn the_same_seed_gives_the_same_report_and_another_one_another() {
    let report = |seed: u64| {
        let mut loss = Own::new(probabilities(), |[a, b], _| double::kl(a, b));
        let report = Suite::default().seed(seed).cases(40).check(&mut loss);
        report
            .findings
            .iter()
            .map(|f| (f.cases, f.measured, f.counterexample.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(report(1), report(1));
    assert_ne!(report(1), report(2));
}

#[test]
fn without_time_nothing_is_decided() {
    let mut loss = Own::new(probabilities(), |[a, b], _| double::kl(a, b));
    let report = Suite::default().budget(std::time::Duration::from_nanos(1)).check(&mut loss);
    assert_eq!(report.verdict(), Verdict::Undecided);
    let finite = &report.findings[0];
    assert_eq!(finite.note.as_deref(), Some("the time ran out after 0 of 256 cases"));
}

#[test]
fn a_loss_that_answers_in_the_wrong_shape_is_broken() {
    let mut loss = Own::new(probabilities(), |[a, b], _| double::kl(a, b))
        .reduced(|losses, _| vec![losses[0]; 2]);
    let report = Suite::default().check(&mut loss);
    let broken = report.broken.unwrap().to_string();
    assert!(broken.starts_with("found 2 losses for 1 examples; with the reduction `none` there must be 1; the batch was ["), "{broken}");
}

score_workbench::loss_laws!(
    total_variation_is_a_metric,
    Own::new(probabilities(), |[a, b], _| double::l1(a, b) / 2.0),
    claim: ["symmetric", "triangle", "separates", "pinsker = 1/2", "equals = total-variation"],
);
