//! `score evaluate`: the same flags and images as the reference implementation, runs that are interrupted, what the command refuses.
//!
//! tests/parity/cascade.py says how the reference was made. The cases that take minutes, 512 images and the residual network, run by
//!
//! ```text
//! cargo test --features testing,train --test evaluate -- --ignored --nocapture
//! ```
#![cfg(feature = "train")]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Instant;

use score_workbench::error::Error;
use score_workbench::evaluate::attack::{Broken, Classifier, Quirk, Quirks};
use score_workbench::evaluate::record::{Record, STATE, Subject};
use score_workbench::evaluate::{Cascade, Found, Progress, Version, Warning, Workers, warnings};
use score_workbench::perturbation::Ball;
use score_workbench::train::data::{Dataset, Part, Source};
use score_workbench::train::network::{Architecture, BatchNorm, Network, Normalisation};
use sha2::{Digest, Sha256};
use tch::{Device, Tensor};

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity/cascade.safetensors");

/// libtorch's generator is the process's, and tests run side by side.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One run of the reference implementation.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    network: String,
    norm: String,
    epsilon: String,
    version: String,
    images: usize,
    batch: usize,
    iterations: usize,
    queries: usize,
    /// 0 for the version's.
    targets: u32,
    /// The digest of the logits of the clean images. Where ours is another, this processor rounds otherwise.
    logits: String,
    sha256: String,
}

impl Case {
    fn takes_minutes(&self) -> bool {
        self.images >= 64
    }
}

struct Reference {
    tensors: HashMap<String, Tensor>,
    cases: Vec<Case>,
}

impl Reference {
    fn open() -> Self {
        tch::set_num_threads(1);
        let bytes = fs::read(REFERENCE).unwrap();
        let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        let cases = &header.metadata().as_ref().unwrap()["cases"];
        let tensors = Tensor::read_safetensors(REFERENCE).unwrap().into_iter().collect();
        Self { tensors, cases: serde_json::from_str(cases).unwrap() }
    }

    /// The network of a case: as it is drawn from seed 0 but for what the file has.
    fn network(&self, case: &Case) -> Network {
        let architecture: Architecture = case.network.parse().unwrap();
        let normalisation = match architecture {
            Architecture::SmallCnn => Normalisation::none(1),
            _ => Normalisation::cifar_10(),
        };
        tch::manual_seed(0);
        let network = Network::new(architecture, 10, &normalisation, Device::Cpu).unwrap();
        let weights: Vec<_> = network
            .tensors()
            .iter()
            .map(|named| {
                let given = self.tensors.get(named.name()).unwrap_or(named.tensor());
                (named.name().to_owned(), given.copy())
            })
            .collect();
        network.assign(weights).unwrap();
        network
    }
}

/// The first test images; nothing where Fashion-MNIST is not installed.
fn data(count: usize) -> Option<Dataset> {
    let folder = Source::FashionMnist.installed()?;
    if !folder.exists() {
        println!("skipped: Fashion-MNIST is not in {}", folder.display());
        return None;
    }
    Some(Source::FashionMnist.read(&folder, Part::Test).unwrap().split(count).unwrap().0)
}

fn batch(data: &Dataset) -> (Tensor, Tensor) {
    let n = data.len();
    data.on(Device::Cpu).unwrap().range(0, n).unwrap()
}

/// Images of a case; for networks on colours in a frame of zeros, the mirrored and the transposed one as further channels.
fn images(case: &Case) -> Option<(Tensor, Tensor)> {
    let (x, y) = batch(&data(case.images)?);
    if case.network == "small-cnn" {
        return Some((x, y));
    }
    let x = x.constant_pad_nd([2, 2, 2, 2]);
    Some((Tensor::cat(&[&x, &x.flip([3]), &x.transpose(2, 3)], 1), y))
}

fn cascade(case: &Case, broken: Broken) -> Cascade {
    let ball = Ball::new(case.norm.parse().unwrap(), case.epsilon.parse().unwrap()).unwrap();
    Cascade {
        batch: case.batch,
        iterations: case.iterations,
        queries: case.queries,
        targets: (case.targets > 0).then_some(case.targets),
        broken,
        ..Cascade::new(ball, case.version.parse().unwrap())
    }
}

fn sha(tensor: &Tensor) -> String {
    let mut bytes = vec![0; tensor.numel() * 4];
    tensor.contiguous().copy_data_u8(&mut bytes, tensor.numel());
    Sha256::digest(&bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The final images of a cascade, and how it ended.
fn attacked(cascade: &Cascade, network: &Network, x: &Tensor, y: &Tensor) -> (Tensor, Progress) {
    let model = |images: &Tensor| network.logits(images, BatchNorm::Evaluate);
    attacked_by(&mut Workers::One(&model), cascade, network, x, y)
}

fn attacked_by(
    workers: &mut Workers,
    cascade: &Cascade,
    network: &Network,
    x: &Tensor,
    y: &Tensor,
) -> (Tensor, Progress) {
    let _frozen = network.frozen().unwrap();
    let adversarial = x.copy();
    let mut keep = |_: &Progress, found: Option<&Found>| {
        if let Some(found) = found {
            let _ = adversarial.shallow_clone().index_copy_(0, &found.places, &found.images);
        }
        Ok(())
    };
    let end = cascade.run(workers, x, y, Progress::default(), &mut keep).unwrap();
    (adversarial, end)
}

/// Runs a case and compares the flags after each attack; with [`Broken::Kept`] the images too, to the bit. On a processor that rounds the logits of the clean
/// images otherwise than the one that made the reference, one flag in twenty may differ, and images are not compared.
fn compare(reference: &Reference, case: &Case, broken: Broken) {
    let Some((x, y)) = images(case) else { return };
    let network = reference.network(case);
    let logits = |from: i64, to: i64| {
        tch::no_grad(|| network.logits(&x.slice(0, from, to, 1), BatchNorm::Evaluate)).unwrap()
    };
    let (n, step) = (x.size()[0], i64::try_from(case.batch).unwrap());
    let starts = (0..n).step_by(case.batch);
    let logits: Vec<_> = starts.map(|from| logits(from, n.min(from + step))).collect();
    let is_same = sha(&Tensor::cat(&logits, 0)) == case.logits;
    let (adversarial, end) = attacked(&cascade(case, broken), &network, &x, &y);
    assert!(!end.done.is_empty());
    for done in &end.done {
        let flags = &reference.tensors[&format!("{}.{}", case.name, done.attack)];
        let flags: Vec<bool> =
            Vec::<u8>::try_from(flags).unwrap().iter().map(|flag| *flag == 1).collect();
        let differ = done.robust.iter().zip(&flags).filter(|(a, b)| a != b).count();
        println!(
            "{} {}: {} robust, {differ} differ, {:.1} s, {broken:?}",
            case.name,
            done.attack,
            flags.iter().filter(|flag| **flag).count(),
            done.seconds
        );
        assert!(differ <= if is_same { 0 } else { case.images.div_ceil(20) }, "{}", case.name);
    }
    if broken == Broken::Kept && is_same {
        assert_eq!(sha(&adversarial), case.sha256, "{}: other images", case.name);
    } else if !is_same {
        println!("{}: this processor rounds otherwise; images are not compared", case.name);
    }
}

#[test]
fn flags_and_images_are_the_reference_implementations() {
    let _alone = alone();
    let reference = Reference::open();
    for norm in ["linf", "l2", "l1"] {
        for version in ["standard", "plus", "rand", "fab-t"] {
            let mut cases = reference.cases.iter().filter(|case| !case.takes_minutes());
            let case = cases.find(|case| case.norm == norm && case.version == version).unwrap();
            compare(&reference, case, Broken::Kept);
            compare(&reference, case, Broken::Dropped);
        }
    }
}

#[test]
#[ignore = "takes many minutes"]
fn flags_of_512_images_are_the_reference_implementations() {
    let _alone = alone();
    let reference = Reference::open();
    for case in reference.cases.iter().filter(|case| case.images >= 512) {
        compare(&reference, case, Broken::Dropped);
        compare(&reference, case, Broken::Kept);
    }
}

#[test]
#[ignore = "takes many minutes"]
fn flags_of_a_residual_network_are_the_reference_implementations() {
    let _alone = alone();
    let reference = Reference::open();
    let cases = reference.cases.iter().filter(|case| case.network == "preact-resnet-18");
    assert!(cases.clone().count() > 0);
    for case in cases {
        compare(&reference, case, Broken::Dropped);
        compare(&reference, case, Broken::Kept);
    }
}

/// The comparison can fail: another seed gives other images, and so does noise of each batch's own.
#[test]
fn another_seed_is_noticed() {
    let _alone = alone();
    let reference = Reference::open();
    let case = &reference.cases[0];
    let Some((x, y)) = images(case) else { return };
    let network = reference.network(case);
    let version = "apgd-ce".parse().unwrap();
    let plain = Cascade { version, ..cascade(case, Broken::Kept) };
    let images = |cascade: &Cascade| attacked(cascade, &network, &x, &y).0;
    let found = images(&plain);
    assert!(images(&plain).equal(&found));
    assert!(!images(&Cascade { seed: 1, ..plain.clone() }).equal(&found));
    let quirks = Quirks::fixed(&[Quirk::SameNoise]);
    assert!(!images(&Cascade { quirks, ..plain }).equal(&found));
}

/// On three threads, every attack, with a random number for everything that it draws.
#[test]
fn batches_side_by_side_give_the_same_images() {
    let _alone = alone();
    let reference = Reference::open();
    let case = reference.cases.iter().find(|case| case.name == "small-cnn-l2-standard-24").unwrap();
    let Some((x, y)) = images(case) else { return };
    let network = reference.network(case);
    let version = "pgd-3-ce,apgd-ce,apgd-dlr,apgd-t,fab,fab-t,square".parse().unwrap();
    let cascade = cascade(case, Broken::Dropped);
    let cascade = Cascade {
        version,
        batch: 3,
        iterations: 5,
        queries: 20,
        restarts: Some(2),
        quirks: Quirks::fixed(&[Quirk::SameNoise]),
        ..cascade
    };
    let worker = |_| -> Box<dyn Classifier + Send> {
        let network = network.share().unwrap();
        Box::new(move |images: &Tensor| network.logits(images, BatchNorm::Evaluate))
    };
    let mut workers: Vec<_> = (0..3).map(worker).collect();
    let (expected, alone) = attacked(&cascade, &network, &x, &y);
    let (found, together) =
        attacked_by(&mut Workers::Many(&mut workers), &cascade, &network, &x, &y);
    let flags = |progress: Progress| -> Vec<_> {
        progress.done.into_iter().map(|done| done.robust).collect()
    };
    assert!(found.equal(&expected));
    assert_eq!(flags(together), flags(alone));
}

/// A batch normalisation in training mode, in a network as they are trained.
#[test]
fn statistics_of_the_batch_are_noticed() {
    let _alone = alone();
    tch::set_num_threads(1);
    tch::manual_seed(0);
    let wide = Architecture::Wrn { depth: 10, width: 1 };
    let network = Network::new(wide, 10, &Normalisation::cifar_10(), Device::Cpu).unwrap();
    let x = Tensor::rand([6, 3, 32, 32], (tch::Kind::Float, Device::Cpu));
    let y = Tensor::zeros([6], (tch::Kind::Int64, Device::Cpu));
    let ball = Ball::new("linf".parse().unwrap(), "0.1".parse().unwrap()).unwrap();
    let cascade = Cascade::new(ball, Version::Standard);
    let doubts = |mode| {
        let model = |images: &Tensor| network.logits(images, mode);
        warnings::before(&cascade, &model, &x, &y).unwrap()
    };
    assert_eq!(doubts(BatchNorm::Evaluate), []);
    assert!(matches!(doubts(BatchNorm::Batch)[..], [Warning::DependsOnBatch { .. }]));
}

#[test]
fn an_evaluation_that_is_interrupted_after_any_batch_ends_with_the_same_flags() {
    let _alone = alone();
    let reference = Reference::open();
    let Some(data) = data(24) else { return };
    let case = &reference.cases[0];
    let network = reference.network(case);
    let cascade =
        Cascade { iterations: 10, queries: 20, batch: 7, ..cascade(case, Broken::Dropped) };
    let subject = Subject::new(Path::new(REFERENCE), ("fashion-mnist", &data), &cascade).unwrap();
    let (x, y) = batch(&data);
    let model = |images: &Tensor| network.logits(images, BatchNorm::Evaluate);
    let (mut workers, start) = (Workers::One(&model), Progress::default());
    let whole = cascade.run(&mut workers, &x, &y, start, &mut |_, _| Ok(())).unwrap();
    let flags = |progress: &Progress| -> Vec<_> {
        progress.done.iter().map(|done| (done.attack.to_string(), done.robust.clone())).collect()
    };

    let folder = tempfile::tempdir().unwrap();
    let stop = || Error::Empty { what: "rest of this run" };
    let mut interruptions = 0;
    let resumed = loop {
        let mut record = Record::open(folder.path(), subject.clone(), interruptions > 0).unwrap();
        // Each run computes one batch more than was there, then its model fails.
        let calls = std::cell::Cell::new(0);
        let batches = std::cell::Cell::new(0);
        let failing = |images: &Tensor| {
            calls.set(calls.get() + 1);
            if batches.get() > 0 { Err(stop()) } else { model(images) }
        };
        let run = record.run(&cascade, &mut Workers::One(&failing), &x, &y, |_, found| {
            batches.set(batches.get() + usize::from(found.is_some()));
        });
        match run {
            Ok(progress) => break progress.clone(),
            Err(error) => assert_eq!(error, stop()),
        }
        interruptions += 1;
        assert!(interruptions < 100, "it never ends");
    };
    assert!(interruptions > 5, "only {interruptions} interruptions");
    assert_eq!(flags(&resumed), flags(&whole));

    // Every broken image is on disk, and breaks the model.
    let record = Record::open(folder.path(), subject.clone(), true).unwrap();
    let (places, images) = record.adversarial().unwrap();
    let clean = resumed.clean.as_ref().unwrap();
    let broken =
        clean.iter().zip(&resumed.robust).filter(|(clean, robust)| **clean && !**robust).count();
    assert_eq!(places.len(), broken);
    for (place, image) in places.iter().zip(&images) {
        let label = model(&image.unsqueeze(0)).unwrap().argmax(1, false).int64_value(&[0]);
        assert_ne!(label, y.int64_value(&[*place]));
    }
    drop(record);

    let refused = Record::open(folder.path(), subject.clone(), false).unwrap_err().to_string();
    assert!(refused.contains("has an evaluation already"), "{refused}");
    let other = Subject { seed: 1, ..subject };
    let refused = Record::open(folder.path(), other, true).unwrap_err().to_string();
    assert!(refused.contains("of another model, other images or other attacks"), "{refused}");
}

/// The weights of the small network, as a file of their own.
fn weights(folder: &Path, change: impl Fn(&str, Tensor) -> Tensor) -> PathBuf {
    let reference = Reference::open();
    let network = reference.network(&reference.cases[0]);
    let path = folder.join("weights.safetensors");
    let tensors: Vec<_> = network
        .tensors()
        .iter()
        .map(|named| (named.name(), change(named.name(), named.tensor().detach())))
        .collect();
    Tensor::write_safetensors(&tensors, &path).unwrap();
    path
}

fn score(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_score"));
    command.current_dir(folder).arg("evaluate").args(arguments.split_whitespace());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn succeeded(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

const SHORT: &str = "weights.safetensors --architecture small-cnn --data fashion-mnist --epsilon 0.1 --images 20 --batch 4 --iterations 5 --queries 10 --threads 1 --format json";

#[test]
fn an_evaluation_that_is_killed_anywhere_ends_with_the_same_flags() {
    if data(1).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    weights(folder, |_, tensor| tensor);
    let began = Instant::now();
    let whole = succeeded(
        &score(folder, &format!("{SHORT} --out whole --report report")).output().unwrap(),
    );
    let duration = began.elapsed();
    let page = fs::read_to_string(folder.join("report/evaluation.html")).unwrap();
    assert!(
        page.contains("The images that were changed most") && page.contains("-adversarial.png")
    );

    // Its batches are attacked side by side, three at a time.
    let resume = format!("{SHORT} --out killed --resume --workers 3");
    let mut kills = 0;
    for share in [0.25, 0.4, 0.3, 0.5] {
        let mut child = score(folder, &resume).spawn().unwrap();
        sleep(duration.mul_f64(share));
        kills += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(kills > 0 && folder.join("killed").join(STATE).exists(), "nothing was interrupted");
    let resumed = succeeded(&score(folder, &resume).output().unwrap());
    let timeless = |mut result: serde_json::Value| {
        for attack in result["attacks"].as_array_mut().unwrap() {
            attack.as_object_mut().unwrap().remove("seconds");
        }
        result
    };
    assert_eq!(whole["attacks"].as_array().unwrap().len(), 4);
    assert_eq!(whole["attacks"][3]["robust"].as_array().unwrap().len(), 20);
    assert_eq!(timeless(whole), timeless(resumed), "after {kills} kills");

    let other = score(folder, &resume.replace("--queries 10", "--queries 11")).output().unwrap();
    let text = String::from_utf8(other.stderr).unwrap();
    assert!(!other.status.success() && text.contains("other attacks"), "{text}");
}

/// The command is linked with another BLAS than libtorch's too, for LAPACK. libtorch has to compute with its own, as it does in this process, which has no other.
#[test]
fn the_command_finds_the_same_images_as_the_library() {
    let _alone = alone();
    let reference = Reference::open();
    let Some(data) = data(24) else { return };
    // In l2 every bit of a gradient is in the image.
    let case = reference.cases.iter().find(|case| case.name == "small-cnn-l2-standard-24").unwrap();
    let network = reference.network(case);
    let cascade = Cascade { iterations: 5, queries: 10, ..cascade(case, Broken::Kept) };
    let (x, y) = batch(&data);
    let (expected, _) = attacked(&cascade, &network, &x, &y);

    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = weights(folder, |_, tensor| tensor);
    let arguments = format!("{SHORT} --keep-broken --out out")
        .replace("--epsilon 0.1", &format!("--norm l2 --epsilon {}", case.epsilon))
        .replace("--images 20", "--images 24")
        .replace("--batch 4", "--batch 16");
    succeeded(&score(folder, &arguments).output().unwrap());
    let subject = Subject::new(&path, ("fashion-mnist", &data), &cascade).unwrap();
    let record = Record::open(&folder.join("out"), subject, true).unwrap();
    let (places, images) = record.adversarial().unwrap();
    assert!(!places.is_empty());
    let found = x.copy();
    for (place, image) in places.iter().zip(&images) {
        found.get(*place).copy_(image);
    }
    assert!(found.equal(&expected), "by up to {:?}", (found - expected).abs().max());
}

#[test]
fn what_cannot_be_evaluated_is_refused_in_one_line() {
    if data(1).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    weights(folder, |_, tensor| tensor);
    fs::write(
        folder.join("cut.safetensors"),
        &fs::read(folder.join("weights.safetensors")).unwrap()[..5000],
    )
    .unwrap();
    let refused = |arguments: &str, text: &str| {
        let output = score(folder, arguments).output().unwrap();
        let found = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments}: {found}");
        assert!(found.contains(text), "{arguments}: {found}");
        assert!(!found.contains("panicked"), "{arguments}: {found}");
    };
    refused(&SHORT.replace("weights", "absent"), "absent.safetensors");
    refused(&SHORT.replace("weights", "cut"), "cut.safetensors");
    refused(&SHORT.replace("small-cnn", "preact-resnet-18"), "the channels of the images");
    refused(&SHORT.replace(" --architecture small-cnn", ""), "weights.safetensors");
    refused(&SHORT.replace("--batch 4", "--batch 0"), "--batch");
    refused(&SHORT.replace("--epsilon 0.1", "--epsilon 0"), "epsilon");
    refused(&SHORT.replace("--images 20", "--images 0"), "--images");
    refused(&SHORT.replace("--images 20", "--images 10001"), "10001");
    refused(&format!("{SHORT} --attack pgd-40-cw --norm l1"), "l1");
    refused(&format!("{SHORT} --attack apgd-de"), "did you mean `apgd-ce`");
    refused(&format!("{SHORT} --fix edges"), "did you mean `edge`");
    refused(&format!("{SHORT} --targets 0"), "--targets");
    weights(folder, |name, tensor| if name == "logits.bias" { tensor * f64::NAN } else { tensor });
    refused(SHORT, "logits that are not finite");
}

/// One image, balls without and with everything in them, and a network without gradients: numbers that are known.
#[test]
fn extremes_have_the_numbers_that_they_must_have() {
    let _alone = alone();
    if data(1).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    weights(folder, |_, tensor| tensor);
    let mut runs = 0;
    let mut result = |arguments: &str| {
        runs += 1;
        succeeded(&score(folder, &format!("{arguments} --out {runs}")).output().unwrap())
    };
    let tiny = result(&SHORT.replace("--epsilon 0.1", "--epsilon 1e-9"));
    assert_eq!(tiny["robust-accuracy"], tiny["clean-accuracy"]);
    assert_eq!(result(&SHORT.replace("--epsilon 0.1", "--epsilon 100"))["robust-accuracy"], 0.0);
    let one = result(&SHORT.replace("--images 20", "--images 1"));
    assert_eq!(one["clean"].as_array().unwrap().len(), 1);
    // Logits that do not depend on the image: no attack breaks one, and there is no gradient to be seen.
    weights(folder, |name, tensor| if name == "logits.weight" { tensor * 0.0 } else { tensor });
    let flat = result(SHORT);
    assert_eq!(flat["robust-accuracy"], flat["clean-accuracy"]);
    assert!(flat["warnings"].to_string().contains("no gradient"), "{}", flat["warnings"]);
}
