//! What is kept of a training: the network, and the course of its risks.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::model::Model;
use crate::report::files;

use super::{Budget, Experiment, Outcome};

const HEADER: &str = "steps,standard,madry,score\n";

/// Writes the network of an outcome, as safetensors and as the model file that reads them, and then the course of its training as CSV, to
/// `folder/networks`. The CSV comes last: where it is, the training is complete.
///
/// # Errors
/// [`Error::Unwritable`].
pub fn save(folder: &Path, outcome: &Outcome) -> Result<PathBuf, Error> {
    let (name, folder) = (outcome.experiment.to_string(), folder.join("networks"));
    if let Model::Mlp(mlp) = &outcome.model {
        let tensors = format!("{name}.safetensors");
        files::write(&folder, &tensors, mlp.to_safetensors())?;
        let activation = mlp.activation();
        let text = format!("kind = \"mlp\"\nactivation = \"{activation}\"\nfile = \"{tensors}\"\n");
        files::write(&folder, &format!("{name}.toml"), text)?;
    }
    let mut text = HEADER.to_owned();
    for (steps, [standard, madry, score]) in &outcome.trajectory {
        writeln!(text, "{steps},{standard},{madry},{score}").expect("a string takes any text");
    }
    files::write(&folder, &format!("{name}.csv"), text)
}

/// The outcome of an earlier run with this budget into the same folder, its risks computed again from the network; `None` where there is
/// none, or none that can be read.
#[must_use]
pub fn resume(folder: &Path, experiment: Experiment, budget: Budget) -> Option<Outcome> {
    let folder = folder.join("networks");
    let text = fs::read_to_string(folder.join(format!("{experiment}.csv"))).ok()?;
    let trajectory = text.strip_prefix(HEADER)?.lines().map(|line| {
        let mut fields = line.split(',');
        let steps = fields.next()?.parse().ok()?;
        let mut risk = || fields.next()?.parse().ok();
        Some((steps, [risk()?, risk()?, risk()?]))
    });
    let trajectory: Vec<(usize, [f64; 3])> = trajectory.collect::<Option<_>>()?;
    if trajectory.last()?.0 != budget.steps() {
        return None;
    }
    let path = folder.join(format!("{experiment}.toml"));
    let model = Model::resolve(&path.display().to_string()).ok()?;
    Outcome::new(experiment, model, trajectory).ok()
}
