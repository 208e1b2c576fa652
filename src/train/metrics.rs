//! What is written down in the course of a training: a line of JSON an epoch, and the same for TensorBoard.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::evaluate::Evaluation;
use super::{events, store};
use crate::error::Error;

/// The file of lines.
pub const METRICS: &str = "metrics.jsonl";
/// The file for TensorBoard. Its name has what TensorBoard looks for.
pub const EVENTS: &str = "events.out.tfevents.score";

/// An epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The epoch, from 1.
    pub epoch: usize,
    /// How many steps there have been in all.
    pub step: usize,
    /// The rate of its last step.
    pub lr: f64,
    /// The momentum of its last step.
    pub momentum: f64,
    /// The mean loss of its images, each when it was trained on.
    pub loss: f64,
    /// The accuracy on those, where the objective looks at them: on the images, on what the attack of the training made of them.
    pub train: [Option<f64>; 2],
    /// What the network, averaged if it is, does on the images for validation, if it was looked at.
    pub validation: Option<Evaluation>,
    /// Images trained on a second.
    pub images_per_second: f64,
    /// When the line was written, in seconds since 1970.
    pub time: f64,
}

impl Line {
    /// The numbers with the names that TensorBoard shows.
    fn scalars(&self) -> Vec<(String, f64)> {
        let mut scalars = vec![
            ("train/loss".to_owned(), self.loss),
            ("train/lr".to_owned(), self.lr),
            ("train/momentum".to_owned(), self.momentum),
            ("train/images_per_second".to_owned(), self.images_per_second),
        ];
        let kinds = ["clean", "robust"];
        for (kind, accuracy) in kinds.iter().zip(self.train) {
            scalars.extend(accuracy.map(|accuracy| (format!("train/{kind}_accuracy"), accuracy)));
        }
        if let Some(found) = &self.validation {
            for (i, kind) in kinds.iter().enumerate() {
                scalars.push((format!("validation/{kind}_accuracy"), found.accuracy[i].value()));
                scalars.push((
                    format!("validation/{kind}_squared_error"),
                    found.squared_error[i].mean,
                ));
                scalars.push((format!("validation/{kind}_kl"), found.kl[i].mean));
            }
        }
        scalars
    }
}

/// The seconds since 1970.
#[must_use]
pub fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// The two files of a training.
#[derive(Debug)]
pub(super) struct Log {
    lines: (PathBuf, File),
    events: (PathBuf, File),
}

impl Log {
    /// The files in `folder`, cut back to what was known after `step` steps.
    pub fn open(folder: &Path, step: usize) -> Result<Self, Error> {
        let (mut text, mut records) = (String::new(), events::header(now()));
        for line in read(folder).into_iter().filter(|line| line.step <= step) {
            text += &json(&line);
            records.extend(events::scalars(line.time, line.step, &line.scalars()));
        }
        let open = |name, contents: &[u8]| {
            let path = store::write(folder, name, contents)?;
            let file = OpenOptions::new().append(true).open(&path);
            file.map_err(|error| store::unwritable(&path, &error)).map(|file| (path, file))
        };
        Ok(Self { lines: open(METRICS, text.as_bytes())?, events: open(EVENTS, &records)? })
    }

    /// Adds a line.
    pub fn add(&mut self, line: &Line) -> Result<(), Error> {
        let record = events::scalars(line.time, line.step, &line.scalars());
        for ((path, file), bytes) in
            [(&mut self.lines, json(line).into_bytes()), (&mut self.events, record)]
        {
            let written = file.write_all(&bytes).and_then(|()| file.sync_data());
            written.map_err(|error| store::unwritable(path, &error))?;
        }
        Ok(())
    }
}

/// The lines in a folder, as far as they are whole.
#[must_use]
pub fn read(folder: &Path) -> Vec<Line> {
    let text = fs::read(folder.join(METRICS)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
}

fn json(line: &Line) -> String {
    serde_json::to_string(line).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(epoch: usize) -> Line {
        let (loss, lr, momentum) = (1.0 / epoch as f64, 0.1, 0.9);
        Line {
            epoch,
            step: 10 * epoch,
            lr,
            momentum,
            loss,
            train: [Some(0.5), None],
            validation: None,
            images_per_second: 7.0,
            time: 1.0,
        }
    }

    #[test]
    fn a_log_that_is_continued_forgets_what_is_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut log = Log::open(folder, 0).unwrap();
        (1..=3).for_each(|epoch| log.add(&line(epoch)).unwrap());
        let whole = fs::read(folder.join(EVENTS)).unwrap();
        // A process killed while it writes leaves half a line.
        let mut file = OpenOptions::new().append(true).open(folder.join(METRICS)).unwrap();
        file.write_all(b"{\"epoch\":4,\"st").unwrap();
        let mut log = Log::open(folder, 20).unwrap();
        assert_eq!(read(folder), [line(1), line(2)]);
        log.add(&line(3)).unwrap();
        assert_eq!(read(folder), [1, 2, 3].map(line));
        // Apart from the time in its first record the file is what it was.
        let again = fs::read(folder.join(EVENTS)).unwrap();
        let first = events::header(1.0).len();
        assert!(again[first..] == whole[first..]);
    }
}
