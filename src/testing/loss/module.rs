//! A loss in a TorchScript file: called by libtorch, differentiated by autograd.

use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::path::Path;

use serde_json::{Map, Value, json};
use tch::{CModule, Device, TchError, Tensor};

use super::profile::{Dtype, Input, Kind, Profile, Reduction, Targets};
use super::{Answer, Batch, Broken, Loss, Symptom, Target, protocol};
use crate::error::Error;

/// The part of the file in which a module may say what it is: the greeting of the line protocol.
const GREETING: &str = "/extra/greeting";

/// What a module may take, in the order in which it is tried where nobody says: a module of two rows is a divergence.
const KINDS: [Kind; 5] = [
    Kind::Objective { targets: Targets::Labels, attacked: false },
    Kind::Objective { targets: Targets::Labels, attacked: true },
    Kind::Divergence,
    Kind::Objective { targets: Targets::Distributions, attacked: false },
    Kind::Objective { targets: Targets::Distributions, attacked: true },
];

/// The numbers of classes that are tried where nobody says; a module that takes the first two takes any.
const CLASSES: [usize; 6] = [4, 5, 10, 2, 100, 1000];

/// A loss in a TorchScript file.
///
/// Its `forward` takes tensors in the order of docs/check-loss.md: `(logits, target)`, `(logits, attacked, target)` or `(a, b)`. What it is
/// it says itself, in a part `greeting` of the file; what nobody says is found by trying. It runs in this process, with all that a module may
/// do to one: `score check-loss` runs it in another.
#[derive(Debug)]
pub struct Module {
    greeting: Map<String, Value>,
    profile: Profile,
    forward: CModule,
}

impl Module {
    /// Reads a file and tries what it takes. What is said, as `key=value` with the keys of a greeting, counts more than what the file says.
    ///
    /// ```no_run
    /// use score_workbench::testing::loss::{Module, Suite};
    /// let mut loss = Module::load("loss.pt".as_ref(), &["target=distributions".into()])?;
    /// Suite::default().claim("proper").check(&mut loss).assert();
    /// # Ok::<(), score_workbench::testing::loss::Broken>(())
    /// ```
    ///
    /// # Errors
    /// Where it is no TorchScript file, or no loss.
    pub fn load(file: &Path, said: &[String]) -> Result<Self, Broken> {
        Self::read(file, said).map_err(|reason| Broken::new(Symptom::Unfit(reason)))
    }

    fn read(file: &Path, said: &[String]) -> Result<Self, String> {
        let mut greeting = stored_greeting(file)?;
        for text in said {
            let (key, value) = protocol::said(text)?;
            greeting.insert(key, value);
        }
        let mut default = |key: &str, value: Value| {
            greeting.entry(key).or_insert(value);
        };
        default("protocol", protocol::VERSION.into());
        default("name", file.file_stem().unwrap_or_default().to_string_lossy().into());
        let mut sketch = greeting.clone();
        sketch.entry("kind").or_insert("objective".into());
        protocol::profile(&sketch).map_err(|reason| format!("greeting: {reason}"))?;
        tch::set_num_threads(1);
        // The optimiser compiles for each shape anew, and may round in another way once it has.
        tch::jit::f_set_graph_executor_optimize(false).map_err(reason)?;
        let forward = CModule::load_on_device(file, Device::Cpu).map_err(reason)?;
        let mut unknown = Unknown { forward, greeting };
        let profile = unknown.found_by_trying()?;
        Ok(Self { greeting: unknown.greeting, profile, forward: unknown.forward })
    }

    /// Speaks the line protocol for a file, on standard input and output, to the end of the input.
    ///
    /// # Errors
    /// Where nobody reads.
    pub fn serve(file: &Path, said: &[String]) -> io::Result<()> {
        // Whoever asks may be interrupted, and the module may never look at its input again.
        #[cfg(target_os = "linux")]
        let _ =
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
        let mut output = io::stdout();
        let mut module = match Self::read(file, said) {
            Ok(module) => module,
            Err(reason) => return writeln!(output, "{}", json!({ "error": reason })),
        };
        writeln!(output, "{}", Value::Object(module.greeting.clone()))?;
        for line in io::stdin().lock().lines() {
            let answer = protocol::batch(&module.profile, &line?).map_err(Broken::new);
            let answer = answer.and_then(|batch| module.evaluate(&batch));
            writeln!(output, "{}", protocol::reply(&module.profile, &answer))?;
            output.flush()?;
        }
        Ok(())
    }
}

impl Loss for Module {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn evaluate(&mut self, batch: &Batch) -> Result<Answer, Broken> {
        answer(&self.forward, &self.profile, batch)
            .map_err(|reason| Broken::new(Symptom::Refused(reason)))
    }
}

/// What a file says of the module in it; nothing where it says nothing.
fn stored_greeting(file: &Path) -> Result<Map<String, Value>, String> {
    let needed = "needed: what `torch.jit.save` writes of a scripted or traced module";
    let bytes = File::open(file).map_err(|error| error.to_string())?;
    let mut archive = zip::ZipArchive::new(bytes)
        .map_err(|_| format!("found a file that is no zip archive; {needed}"))?;
    let parts: Vec<String> = archive.file_names().map(String::from).collect();
    if !parts.iter().any(|part| part.contains("/code/")) {
        return Err(format!("found an archive without code, as `torch.save` writes it; {needed}"));
    }
    let Some(part) = parts.iter().find(|part| part.ends_with(GREETING)) else {
        return Ok(Map::new());
    };
    let mut text = String::new();
    let mut part = archive.by_name(part).map_err(|error| error.to_string())?;
    part.read_to_string(&mut text).map_err(|error| format!("greeting: {error}"))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(greeting)) => Ok(greeting),
        _ => Err("greeting: found a part of the file that is no JSON object".into()),
    }
}

/// A module of which not everything is known.
struct Unknown {
    forward: CModule,
    greeting: Map<String, Value>,
}

/// Which of the things that a module may be it is.
#[derive(Clone, Copy)]
struct Guess {
    kind: Kind,
    dtype: Dtype,
    classes: usize,
}

impl Unknown {
    /// Completes the greeting with what the module answers to.
    fn found_by_trying(&mut self) -> Result<Profile, String> {
        let (guess, losses) = self.first_that_works()?;
        let Guess { kind, mut dtype, classes } = guess;
        if dtype == Dtype::Float32 && losses.kind() == tch::Kind::Double && !self.says("dtype") {
            dtype = Dtype::Float64;
        }
        let guess = Guess { dtype, ..guess };
        if let (false, false) = (self.says("classes"), self.takes_any_number_of_classes(guess)) {
            self.greeting.insert("classes".into(), classes.into());
        }
        let batch = example(guess);
        let reduction = match losses.numel() {
            n if n == batch.first.len() => Reduction::None,
            _ => self.reduction(guess)?,
        };
        let input = match kind {
            Kind::Divergence if self.is_of_logits(guess)? => Input::Logits,
            Kind::Divergence => Input::Probabilities,
            Kind::Objective { .. } => Input::Logits,
        };
        let mut default = |key: &str, value: Value| {
            self.greeting.entry(key).or_insert(value);
        };
        match kind {
            Kind::Divergence => default("kind", "divergence".into()),
            Kind::Objective { targets, attacked } => {
                default("kind", "objective".into());
                default("target", targets.name().into());
                default("attacked", attacked.into());
            }
        }
        default("dtype", dtype.name().into());
        default("reduction", reduction.name().into());
        default("input", input.name().into());
        default("gradient", true.into());
        let profile = protocol::profile(&self.greeting)?;
        let batch = Batch { gradient: profile.has_gradient(), ..batch };
        answer(&self.forward, &profile, &batch)?;
        Ok(profile)
    }

    fn says(&self, key: &str) -> bool {
        self.greeting.contains_key(key)
    }

    fn first_that_works(&self) -> Result<(Guess, Tensor), String> {
        let text = |key: &str| self.greeting.get(key).and_then(Value::as_str);
        let fits = |kind: &Kind| match kind {
            Kind::Divergence => {
                text("kind") != Some("objective") && !self.says("target") && !self.says("attacked")
            }
            Kind::Objective { targets, attacked } => {
                text("kind") != Some("divergence")
                    && text("target").is_none_or(|said| said == targets.name())
                    && self.greeting.get("attacked").is_none_or(|said| said == &json!(attacked))
            }
        };
        let dtypes = match text("dtype").and_then(|said| said.parse().ok()) {
            None => vec![Dtype::Float32, Dtype::Float64],
            Some(said) => vec![said],
        };
        let counts = match self.greeting.get("classes") {
            None => CLASSES.to_vec(),
            Some(said) => {
                let least = said.as_u64().or_else(|| said.get(0)?.as_u64());
                vec![usize::try_from(least.unwrap_or(4)).unwrap_or(4).max(2)]
            }
        };
        let mut reasons = vec![];
        for kind in KINDS.into_iter().filter(fits) {
            let mut first = None;
            for dtype in &dtypes {
                for classes in &counts {
                    let guess = Guess { kind, dtype: *dtype, classes: *classes };
                    match self.losses(guess, &example(guess)) {
                        Ok(losses) => return Ok((guess, losses)),
                        Err(reason) => first.get_or_insert(reason),
                    };
                }
            }
            reasons.extend(first.map(|reason| (arguments(kind), reason)));
        }
        // That the number of arguments is wrong says little where another attempt says more.
        if reasons.iter().any(|(_, reason)| !counts_arguments(reason)) {
            reasons.retain(|(_, reason)| !counts_arguments(reason));
        }
        reasons.dedup();
        let reasons: Vec<String> =
            reasons.iter().map(|(tried, reason)| format!("forward{tried}: {reason}")).collect();
        Err(format!("no loss with what was tried: {}", reasons.join("; ")))
    }

    fn losses(&self, guess: Guess, batch: &Batch) -> Result<Tensor, String> {
        losses(&self.forward, guess.dtype, batch).map(|(losses, _)| losses)
    }

    fn takes_any_number_of_classes(&self, guess: Guess) -> bool {
        CLASSES[..2].iter().all(|classes| {
            let guess = Guess { classes: *classes, ..guess };
            self.losses(guess, &example(guess)).is_ok()
        })
    }

    /// What one number for a batch is, from an example alone and twice the same.
    fn reduction(&self, guess: Guess) -> Result<Reduction, String> {
        let of = |count: usize| -> Result<f64, String> {
            let mut batch = example(guess);
            for rows in [&mut batch.first, &mut batch.second] {
                rows.truncate(1);
                *rows = rows.iter().cycle().take(rows.len() * count).cloned().collect();
            }
            batch.targets.truncate(1);
            let targets = batch.targets.iter().cycle().take(batch.targets.len() * count);
            batch.targets = targets.cloned().collect();
            numbers(&self.losses(guess, &batch)?).map(|losses| losses.iter().sum())
        };
        let [one, two] = [of(1)?, of(2)?];
        let is_sum = (two - 2.0 * one).abs() < (two - one).abs();
        Ok(if is_sum { Reduction::Sum } else { Reduction::Mean })
    }

    /// Whether nothing changes when a number is added to all of a row.
    fn is_of_logits(&self, guess: Guess) -> Result<bool, String> {
        let batch = example(guess);
        let mut moved = batch.clone();
        moved.first.iter_mut().flatten().for_each(|x| *x += 1.0);
        let [before, after] = [&batch, &moved].map(|batch| self.losses(guess, batch));
        let [before, after] = [numbers(&before?)?, numbers(&after?)?];
        let same = |(x, y): (&f64, &f64)| (x - y).abs() <= 1e-3 * x.abs();
        Ok(before.iter().zip(&after).all(same))
    }
}

/// Three examples whose rows may be probabilities and logits.
fn example(guess: Guess) -> Batch {
    let row = |i: usize| -> Vec<f64> {
        let weights: Vec<usize> =
            (0..guess.classes).map(|k| 1 + (3 * i + k * (k + i)) % 7).collect();
        let total: usize = weights.iter().sum();
        weights.iter().map(|weight| *weight as f64 / total as f64).collect()
    };
    let rows = |from: usize| (from..from + 3).map(row).collect::<Vec<_>>();
    let (second, targets) = match guess.kind {
        Kind::Divergence => (rows(3), vec![]),
        Kind::Objective { targets, attacked } => {
            let target = |i: usize| match targets {
                Targets::Labels => Target::Label(i % guess.classes),
                Targets::Distributions => Target::Distribution(row(6 + i)),
            };
            (if attacked { rows(3) } else { vec![] }, (0..3).map(target).collect())
        }
    };
    Batch { first: rows(0), second, targets, gradient: false }
}

fn arguments(kind: Kind) -> &'static str {
    match kind {
        Kind::Divergence => "(a, b)",
        Kind::Objective { attacked: false, .. } => "(logits, target)",
        Kind::Objective { attacked: true, .. } => "(logits, attacked, target)",
    }
}

/// Whether libtorch says that a function takes another number of arguments.
fn counts_arguments(reason: &str) -> bool {
    reason.starts_with("forward() ")
}

fn answer(forward: &CModule, profile: &Profile, batch: &Batch) -> Result<Answer, String> {
    let (losses, inputs) = losses(forward, profile.arithmetic(), batch)?;
    let reduced = losses.numel() == 1 && losses.dim() <= 1;
    let fits = match profile.reduces_by() {
        Reduction::None => losses.size() == [count(batch)] || count(batch) == 1 && reduced,
        Reduction::Sum | Reduction::Mean => reduced,
    };
    if !fits {
        return Err(format!(
            "found a loss of shape {:?} for {} examples; with the reduction `{}` it must be {}",
            losses.size(),
            count(batch),
            profile.reduces_by(),
            if profile.reduces_by() == Reduction::None {
                format!("[{}]", count(batch))
            } else {
                "one number".into()
            },
        ));
    }
    let gradient = if batch.gradient {
        if !losses.requires_grad() {
            return Err(
                "found a loss without a gradient: it is detached from its inputs (`gradient=false` leaves gradients out)".into(),
            );
        }
        let slopes = Tensor::f_run_backward(&[&losses], &inputs, false, false).map_err(reason)?;
        let slope = |(slope, rows): (&Tensor, &Vec<Vec<f64>>)| -> Result<Vec<Vec<f64>>, String> {
            // What does not matter to the loss has no slope.
            if slope.defined() {
                let slope = numbers(slope)?;
                Ok(slope.chunks(rows[0].len()).map(<[f64]>::to_vec).collect())
            } else {
                Ok(rows.iter().map(|row| vec![0.0; row.len()]).collect())
            }
        };
        let mut rows = slopes.iter().zip([&batch.first, &batch.second]).map(slope);
        let mut row = || rows.next().unwrap_or_else(|| Ok(vec![]));
        Some([row()?, row()?])
    } else {
        None
    };
    Ok(Answer { losses: numbers(&losses)?, gradient })
}

fn count(batch: &Batch) -> i64 {
    i64::try_from(batch.first.len()).unwrap_or(i64::MAX)
}

/// What the module makes of a batch, and the tensors that it was given for its rows.
fn losses(forward: &CModule, dtype: Dtype, batch: &Batch) -> Result<(Tensor, Vec<Tensor>), String> {
    let kind = match dtype {
        Dtype::Float64 => tch::Kind::Double,
        Dtype::Float32 => tch::Kind::Float,
        Dtype::Float16 => tch::Kind::Half,
        Dtype::Bfloat16 => tch::Kind::BFloat16,
    };
    let matrix = |rows: Vec<&[f64]>| -> Result<Tensor, TchError> {
        let entries = rows.concat();
        Tensor::f_from_slice(&entries)?.f_reshape([count(batch), -1])?.f_to_kind(kind)
    };
    let (mut inputs, mut rest) = (vec![], vec![]);
    for rows in [&batch.first, &batch.second].into_iter().filter(|rows| !rows.is_empty()) {
        let tensor = matrix(rows.iter().map(Vec::as_slice).collect()).map_err(reason)?;
        inputs.push(tensor.f_set_requires_grad(batch.gradient).map_err(reason)?);
    }
    if !batch.targets.is_empty() {
        let labels = batch.targets.iter().filter_map(Target::label);
        let labels: Vec<i64> = labels.filter_map(|label| i64::try_from(label).ok()).collect();
        let row = |target: &'_ Target| match target {
            Target::Distribution(row) => row.clone(),
            Target::Label(_) => vec![],
        };
        let rows: Vec<Vec<f64>> = batch.targets.iter().map(row).collect();
        rest.push(
            if labels.is_empty() {
                matrix(rows.iter().map(Vec::as_slice).collect())
            } else {
                Tensor::f_from_slice(&labels)
            }
            .map_err(reason)?,
        );
    }
    let arguments: Vec<&Tensor> = inputs.iter().chain(&rest).collect();
    let losses = forward.forward_ts(&arguments).map_err(reason)?;
    match losses.f_kind() {
        Ok(tch::Kind::Double | tch::Kind::Float | tch::Kind::Half | tch::Kind::BFloat16) => {}
        Ok(kind) => {
            return Err(format!(
                "found a loss of type {kind:?}; floating-point numbers are needed"
            ));
        }
        Err(error) => return Err(reason(error)),
    }
    Ok((losses, inputs))
}

fn numbers(tensor: &Tensor) -> Result<Vec<f64>, String> {
    let flat =
        tensor.f_detach().and_then(|flat| flat.f_to_kind(tch::Kind::Double)?.f_reshape([-1]));
    flat.and_then(|flat| Vec::try_from(&flat)).map_err(reason)
}

/// What libtorch says of something it cannot do, on one line; of code that fails, the error and the line of `forward` that it is in.
fn reason(error: TchError) -> String {
    let text = match Error::from(error) {
        Error::Torch { reason } => reason,
        other => other.to_string(),
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let trace = lines.iter().rposition(|line| line.starts_with("Traceback of TorchScript"));
    let (Some(trace), Some(last)) = (trace, lines.last()) else {
        return lines.join(" ");
    };
    let marked = lines[trace..].windows(2).find(|pair| pair[1].ends_with("<--- HERE"));
    match marked.map(|pair| pair[0]).filter(|line| !line.contains("prim.RaiseException")) {
        Some(line) => format!("{last}, in `{line}`"),
        None => (*last).into(),
    }
}
