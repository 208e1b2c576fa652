//! `score evaluate`: the same flags and images as the reference implementation, and runs that are interrupted.
//!
//! tests/parity/cascade.py says how the reference was made.
#![cfg(feature = "train")]

use std::collections::HashMap;
use std::path::Path;

use score_workbench::error::Error;
use score_workbench::evaluate::attack::Broken;
use score_workbench::evaluate::record::{Record, Subject};
use score_workbench::evaluate::{Cascade, Found, Progress};
use score_workbench::perturbation::Ball;
use score_workbench::train::data::{Dataset, Part, Source};
use score_workbench::train::network::{Architecture, BatchNorm, Network, Normalisation};
use sha2::{Digest, Sha256};
use tch::{Device, Tensor};

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity/cascade.safetensors");

/// One run of the reference implementation.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    norm: String,
    epsilon: String,
    version: String,
    images: usize,
    batch: usize,
    queries: usize,
    sha256: String,
}

struct Reference {
    tensors: HashMap<String, Tensor>,
    cases: Vec<Case>,
    network: Network,
}

impl Reference {
    fn open() -> Self {
        tch::set_num_threads(1);
        let bytes = std::fs::read(REFERENCE).unwrap();
        let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
        let cases = &header.metadata().as_ref().unwrap()["cases"];
        let tensors: HashMap<_, _> =
            Tensor::read_safetensors(REFERENCE).unwrap().into_iter().collect();
        let network =
            Network::new(Architecture::SmallCnn, 10, &Normalisation::none(1), Device::Cpu).unwrap();
        let weights: Vec<_> = network
            .tensors()
            .iter()
            .map(|named| (named.name().to_owned(), tensors[named.name()].shallow_clone()))
            .collect();
        network.assign(weights).unwrap();
        Self { tensors, cases: serde_json::from_str(cases).unwrap(), network }
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

fn cascade(case: &Case, broken: Broken) -> Cascade {
    let ball = Ball::new(case.norm.parse().unwrap(), case.epsilon.parse().unwrap()).unwrap();
    Cascade {
        batch: case.batch,
        queries: case.queries,
        broken,
        ..Cascade::new(ball, case.version.parse().unwrap())
    }
}

/// Runs a case and compares; with [`Broken::Kept`] the images too, to the bit.
fn compare(reference: &Reference, case: &Case, broken: Broken) {
    let Some(data) = data(case.images) else { return };
    let (x, y) = batch(&data);
    let adversarial = x.copy();
    let model = |images: &Tensor| reference.network.logits(images, BatchNorm::Evaluate);
    let mut keep = |_: &Progress, found: Option<&Found>| {
        if let Some(found) = found {
            let _ = adversarial.shallow_clone().index_copy_(0, &found.places, &found.images);
        }
        Ok(())
    };
    let end = cascade(case, broken).run(&model, &x, &y, Progress::default(), &mut keep).unwrap();
    for done in &end.done {
        let flags = &reference.tensors[&format!("{}.{}", case.name, done.attack)];
        let flags: Vec<bool> =
            Vec::<u8>::try_from(flags).unwrap().iter().map(|flag| *flag == 1).collect();
        assert_eq!(done.robust, flags, "{} after {}, {broken:?}", case.name, done.attack);
        println!("{} {}: {:.1} s, {broken:?}", case.name, done.attack, done.seconds);
    }
    if broken == Broken::Dropped {
        return;
    }
    let mut bytes = vec![0; x.numel() * 4];
    adversarial.copy_data_u8(&mut bytes, x.numel());
    let digest = Sha256::digest(&bytes);
    let digest = digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    if digest == case.sha256 {
        return;
    }
    // Another processor rounds otherwise: then the images have to agree closely, as far as the file has them.
    if let Some(images) = reference.tensors.get(&format!("{}.images", case.name)) {
        let gap = (&adversarial - images.to_kind(tch::Kind::Float)).abs();
        let far = gap.gt(1e-3).sum(tch::Kind::Int64).int64_value(&[]);
        assert!(far == 0, "{}: {far} pixels are not the reference's", case.name);
    } else {
        println!("{}: the images are not the reference's to the bit", case.name);
    }
}

#[test]
fn flags_and_images_are_the_reference_implementations() {
    let reference = Reference::open();
    for case in reference.cases.iter().filter(|case| case.images < 100) {
        compare(&reference, case, Broken::Kept);
        compare(&reference, case, Broken::Dropped);
    }
}

/// Minutes: AutoAttack as it is, on 512 images.
#[test]
#[ignore = "takes many minutes"]
fn flags_of_512_images_are_the_reference_implementations() {
    let reference = Reference::open();
    for case in reference.cases.iter().filter(|case| case.images >= 100) {
        compare(&reference, case, Broken::Dropped);
        compare(&reference, case, Broken::Kept);
    }
}

/// The reference can tell: another seed gives other images, another momentum other flags at last.
#[test]
fn another_seed_is_noticed() {
    let reference = Reference::open();
    let case = &reference.cases[0];
    let Some(data) = data(case.images) else { return };
    let (x, y) = batch(&data);
    let model = |images: &Tensor| reference.network.logits(images, BatchNorm::Evaluate);
    let images = |seed| {
        let adversarial = x.copy();
        let cascade = Cascade { seed, queries: 5, ..cascade(case, Broken::Kept) };
        let mut keep = |_: &Progress, found: Option<&Found>| {
            if let Some(found) = found {
                let _ = adversarial.shallow_clone().index_copy_(0, &found.places, &found.images);
            }
            Ok(())
        };
        cascade.run(&model, &x, &y, Progress::default(), &mut keep).unwrap();
        adversarial
    };
    assert!(images(0).equal(&images(0)));
    assert!(!images(0).equal(&images(1)));
}

#[test]
fn an_evaluation_that_is_interrupted_after_any_batch_ends_with_the_same_flags() {
    let reference = Reference::open();
    let Some(data) = data(24) else { return };
    let case = &reference.cases[0];
    let cascade =
        Cascade { iterations: 10, queries: 20, batch: 7, ..cascade(case, Broken::Dropped) };
    let subject = Subject::new(Path::new(REFERENCE), ("fashion-mnist", &data), &cascade).unwrap();
    let (x, y) = batch(&data);
    let model = |images: &Tensor| reference.network.logits(images, BatchNorm::Evaluate);
    let whole = cascade.run(&model, &x, &y, Progress::default(), &mut |_, _| Ok(())).unwrap();
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
        let run = record.run(&cascade, &failing, &x, &y, |_, found| {
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
