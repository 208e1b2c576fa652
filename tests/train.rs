//! `score train` as a process: what it writes, and that a training that is killed anywhere ends as if it had not been.
#![cfg(feature = "train")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Instant;

use ndarray_npy::WriteNpyExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use score_workbench::train::config::Config;
use score_workbench::train::metrics::{self, Line};
use score_workbench::train::training::{
    BEST, CHECKPOINT, LAST, Outcome, Progress, RESULT, Watch, train,
};
use tch::Device;

/// Writes noisy images with a bright band for each class, in the format of MNIST.
fn write_data(folder: &Path) {
    let mut generator = ChaCha8Rng::seed_from_u64(1);
    for (stem, n) in [("train", 400_u32), ("t10k", 60)] {
        let mut images =
            [&[0, 0, 8, 3][..], &n.to_be_bytes(), &28_u32.to_be_bytes(), &28_u32.to_be_bytes()]
                .concat();
        let mut labels = [&[0, 0, 8, 1][..], &n.to_be_bytes()].concat();
        for _ in 0..n {
            let label = u8::try_from(generator.next_u32() % 10).unwrap();
            labels.push(label);
            for i in 0..784_u32 {
                let bright = i / 28 / 3 == u32::from(label);
                let noise = generator.next_u32() % 100;
                images.push(u8::try_from(noise + if bright { 120 } else { 0 }).unwrap());
            }
        }
        fs::write(folder.join(format!("{stem}-images-idx3-ubyte")), images).unwrap();
        fs::write(folder.join(format!("{stem}-labels-idx1-ubyte")), labels).unwrap();
    }
}

/// Everything that has a state: averages, momentum, validation, a checkpoint in the middle of an epoch.
const CONFIG: &str = r#"seed = 5
epochs = 4
batch = 32
threads = 1
objective = "trades(cross-entropy, kl, 1)"
[data]
set = "mnist"
folder = "."
validation = 60
crop = 1
flip = true
[network]
architecture = "small-cnn"
[ball]
epsilon = "0.05"
[attack]
steps = 3
step = "0.05"
[optimiser]
lr = 0.1
nesterov = true
decay = 1e-4
clip = 1
[schedule]
kind = "one-cycle"
warmup = 0.25
per = "step"
[average]
decay = 0.9
warmup = 0.1
[evaluation]
steps = 4
step = "0.05"
batch = 25
[checkpoint]
every = 3
"#;

fn score(folder: &Path, out: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_score"));
    command.current_dir(folder).args(["train", "some.toml", "--out", out]).args(more);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The networks and the checkpoint byte by byte; what is measured, without how long it took.
fn remains(folder: &Path) -> (BTreeMap<&'static str, Vec<u8>>, Vec<Line>) {
    let files =
        [CHECKPOINT, BEST, LAST, RESULT].map(|name| (name, fs::read(folder.join(name)).unwrap()));
    let timeless = |line: Line| Line { images_per_second: 0.0, time: 0.0, ..line };
    (files.into(), metrics::read(folder).into_iter().map(timeless).collect())
}

/// Kills the process with SIGKILL; whether it was still at work.
fn killed(mut child: Child) -> bool {
    let at_work = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    at_work
}

#[test]
fn a_training_that_is_killed_anywhere_ends_as_one_that_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_data(folder);
    fs::write(folder.join("some.toml"), CONFIG).unwrap();
    let began = Instant::now();
    let table = succeeded(&score(folder, "whole", &["--report", "report"]).output().unwrap());
    let duration = began.elapsed();
    let page = fs::read_to_string(folder.join("report/training.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("trades(cross-entropy, kl, 1)"));
    let data = fs::read_to_string(folder.join("report/data/training.csv")).unwrap();
    assert!(
        data.starts_with("clean_accuracy,clean_accuracy_low,clean_accuracy_high,robust_accuracy,")
    );
    assert_eq!(data.lines().count(), 2);
    assert!(table.contains("60 test images") && table.contains("sampled"), "{table}");
    let whole = remains(&folder.join("whole/some"));
    assert_eq!(whole.1.len(), 4);
    assert!(whole.1[3].loss < whole.1[0].loss);
    let outcome: Outcome = serde_json::from_slice(&whole.0[RESULT]).unwrap();
    assert_eq!((outcome.images, outcome.test.accuracy[0].of), (340, 60));
    // It has learned something, so that there is something to be lost.
    assert!(outcome.test.accuracy[0].value() > 0.3, "{table}");

    let mut generator = ChaCha8Rng::seed_from_u64(u64::from(std::process::id()));
    let mut kills = 0;
    for _ in 0..4 {
        let share = f64::from(generator.next_u32() % 1000) / 1500.0;
        let child = score(folder, "killed", &["--resume"]).spawn().unwrap();
        sleep(duration.mul_f64(share));
        kills += u32::from(killed(child));
    }
    assert!(kills > 0, "no process was at work when it was killed");
    // Whatever half-written drafts there are, they are nobody's.
    succeeded(&score(folder, "killed", &["--resume"]).output().unwrap());
    let resumed = remains(&folder.join("killed/some"));
    assert_eq!(whole.1, resumed.1);
    for (name, bytes) in &whole.0 {
        assert!(*bytes == resumed.0[name], "{name} differs after {kills} kills");
    }
    // Once more changes nothing.
    assert_eq!(succeeded(&score(folder, "killed", &["--resume"]).output().unwrap()), table);

    // Another seed is another training; so the comparison above can fail.
    fs::write(folder.join("some.toml"), CONFIG.replace("seed = 5", "seed = 6")).unwrap();
    succeeded(&score(folder, "other", &[]).output().unwrap());
    assert!(remains(&folder.join("other/some")).0[LAST] != whole.0[LAST]);
    let refused = |out: &str, more: &[&str], expected: &str| {
        let output = score(folder, out, more).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(error.contains(expected) && error.lines().count() == 1, "{error}");
    };
    refused("whole", &["--resume"], "begun with other settings (seed)");
    refused("whole", &[], "has a training already");
    // Of images that have changed since, by one pixel.
    let images = folder.join("train-images-idx3-ubyte");
    let mut pixels = fs::read(&images).unwrap();
    pixels[1000] ^= 1;
    fs::write(&images, pixels).unwrap();
    fs::remove_file(folder.join("other/some").join(RESULT)).unwrap();
    refused("other", &["--resume"], "begun with other images");
    // A checkpoint that is cut.
    let path = folder.join("other/some").join(CHECKPOINT);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    refused("other", &["--resume"], "is not what a training of this version writes");
}

#[test]
fn a_loss_that_is_not_finite_ends_the_training() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_data(folder);
    let text = CONFIG
        .replace("lr = 0.1", "lr = 1e30")
        .replace("clip = 1\n", "")
        .replace("nesterov = true\n", "");
    fs::write(folder.join("some.toml"), text).unwrap();
    let output = score(folder, "out", &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("the loss or a weight is not finite in epoch 1, by step 10"), "{error}");
}

/// The loss of the only step is that of weights which are finite still.
#[test]
fn weights_that_are_not_finite_end_the_training() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_data(folder);
    let text = CONFIG
        .replace("epochs = 4", "epochs = 1")
        .replace("batch = 32", "batch = 340")
        .replace("lr = 0.1", "lr = 1e300");
    fs::write(folder.join("some.toml"), text).unwrap();
    let output = score(folder, "out", &[]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("a weight is not finite in epoch 1, by step 1"), "{error}");
    assert!(!folder.join("out/some").join(CHECKPOINT).exists());
}

#[test]
fn nothing_starts_before_the_files_of_every_training_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_data(folder);
    fs::write(folder.join("some.toml"), CONFIG).unwrap();
    let text = CONFIG.replace("folder = \".\"", "folder = \"elsewhere\"");
    fs::write(folder.join("other.toml"), text).unwrap();
    let output = score(folder, "out", &["other.toml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("elsewhere/train-images-idx3-ubyte"), "{error}");
    assert!(error.lines().count() == 1 && !folder.join("out").exists(), "{error}");
    let text = CONFIG.replace("validation = 60", "validation = 60\ntrain = 1000");
    fs::write(folder.join("some.toml"), text).unwrap();
    let error = String::from_utf8(score(folder, "out", &[]).output().unwrap().stderr).unwrap();
    assert!(error.contains("training images: found 400; the settings need 1060"), "{error}");
}

/// Another precision and layout from the file on: it learns, and what it writes lies in memory's usual order.
#[test]
fn a_training_in_bfloat16_with_channels_last_goes_on_bit_for_bit_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_data(folder);
    let settings = "[compute]\nprecision = \"bf16\"\nlayout = \"channels-last\"\n[evaluation]";
    let text = CONFIG.replace("[evaluation]", settings);
    let config = Config::from_toml(&text, "some.toml", folder).unwrap();
    let whole = folder.join("whole");
    let outcome = train(&config, &whole, false, Device::Cpu, &mut Silent).unwrap();
    assert!(outcome.test.accuracy[0].value() > 0.3, "{outcome:?}");
    let stopped = folder.join("stopped");
    let until = std::panic::AssertUnwindSafe(|| {
        train(&config, &stopped, false, Device::Cpu, &mut Stops(3))
    });
    std::panic::catch_unwind(until).unwrap_err();
    train(&config, &stopped, true, Device::Cpu, &mut Silent).unwrap();
    assert!(remains(&whole) == remains(&stopped), "what is left differs");
    // In single precision it ends elsewhere: the setting does something.
    let single = Config::from_toml(CONFIG, "some.toml", folder).unwrap();
    let error = train(&single, &whole, true, Device::Cpu, &mut Silent).unwrap_err().to_string();
    assert!(error.contains("begun with other settings ([compute])"), "{error}");
    train(&single, &folder.join("single"), false, Device::Cpu, &mut Silent).unwrap();
    let ends = ["whole", "single"].map(|name| fs::read(folder.join(name).join(LAST)).unwrap());
    assert_eq!(ends[0].len(), ends[1].len());
    assert!(ends[0] != ends[1]);
}

/// Stops as a process does that is killed: without a word, in this epoch.
struct Stops(usize);

impl Watch for Stops {
    fn note(&mut self, _: &str) {}
    fn step(&mut self, at: &Progress) {
        assert!(at.epoch < self.0, "stopped");
    }
    fn evaluating(&mut self, _: usize, _: usize) {}
    fn epoch(&mut self, _: &Line) {}
}

struct Silent;

impl Watch for Silent {
    fn note(&mut self, text: &str) {
        panic!("{text}");
    }
    fn step(&mut self, _: &Progress) {}
    fn evaluating(&mut self, _: usize, _: usize) {}
    fn epoch(&mut self, _: &Line) {}
}

/// An archive of `n` images of one grey, all of class 7.
fn write_generated(path: &Path, n: usize) {
    let mut writer = zip::ZipWriter::new(fs::File::create(path).unwrap());
    let options = zip::write::FileOptions::default();
    writer.start_file("image.npy", options).unwrap();
    ndarray::Array4::<u8>::from_elem((n, 28, 28, 1), 128).write_npy(&mut writer).unwrap();
    writer.start_file("label.npy", options).unwrap();
    ndarray::Array1::<i64>::from_elem(n, 7).write_npy(&mut writer).unwrap();
    writer.finish().unwrap();
}

#[test]
fn generated_images_are_mixed_in_and_weights_perturbed() {
    tch::set_num_threads(1);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_data(folder);
    write_generated(&folder.join("generated.npz"), 50);
    let text = CONFIG
        .replace("epochs = 4", "epochs = 2")
        .replace("trades(cross-entropy, kl, 1)", "pgd-at(cross-entropy)")
        .replace(
            "[network]",
            "counted = 400\ngenerated = { file = \"generated.npz\", fraction = 0.7 }\n[network]",
        )
        .replace("[optimiser]", "[awp]\ngamma = 0.005\nfrom = 1\n[optimiser]")
        .replace("[average]\ndecay = 0.9\nwarmup = 0.1\n", "");
    let config = Config::from_toml(&text, "some.toml", folder).unwrap();
    let outcome = train(&config, &folder.join("out"), false, Device::Cpu, &mut Silent).unwrap();
    assert_eq!(outcome.images, 340);
    // 13 steps of 10 real and 22 generated images: ceil(400 / 32).
    let lines = metrics::read(&folder.join("out"));
    assert_eq!(lines.iter().map(|line| line.step).collect::<Vec<_>>(), [13, 26]);
    assert_eq!(lines[0].train[0], None);
    // Two thirds of what it sees is class 7, and it knows that soon.
    assert!(lines[1].train[1].unwrap() > 0.5, "{lines:?}");
    // Images of another shape are refused before anything is written.
    fs::remove_dir_all(folder.join("out")).unwrap();
    fs::write(folder.join("generated.npz"), b"PK").unwrap();
    let error = train(&config, &folder.join("out"), false, Device::Cpu, &mut Silent).unwrap_err();
    assert!(error.to_string().contains("generated.npz"), "{error}");
    assert!(!folder.join("out").join(CHECKPOINT).exists());
}
