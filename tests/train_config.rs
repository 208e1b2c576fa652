//! Settings of trainings: the recipes, and files that are refused.
#![cfg(feature = "train")]

use std::path::{Path, PathBuf};

use score_workbench::train::config::Config;
use score_workbench::train::data::Source;

fn recipes() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recipes");
    let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let folders = folders.filter(|path| path.is_dir());
    let files = folders
        .flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    files
}

#[test]
fn every_recipe_is_valid() {
    let recipes = recipes();
    let of =
        |name: &str| recipes.iter().filter(|path| path.parent().unwrap().ends_with(name)).count();
    assert_eq!([of("fashion-mnist"), of("cifar-10"), of("cifar-100")], [4, 7, 2]);
    for path in recipes {
        let config = Config::open(&path).unwrap_or_else(|error| panic!("{error}"));
        let folder = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
        assert_eq!(config.source(), folder.parse::<Source>().unwrap());
        // Its name says what it trains.
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if folder != "fashion-mnist" {
            assert!(stem.starts_with(&config.architecture().to_string()), "{stem}");
        }
        assert!(!stem.contains("trades") || config.objective().to_string().starts_with("trades"));
    }
}

const GOOD: &str = r#"epochs = 3
batch = 16
objective = "pgd-at(cross-entropy)"
[data]
set = "mnist"
folder = "somewhere"
validation = 100
[network]
architecture = "small-cnn"
[ball]
epsilon = "0.1"
[attack]
steps = 2
step = "0.05"
[optimiser]
lr = 0.1
[schedule]
kind = "constant"
[evaluation]
steps = 2
step = "0.05"
"#;

/// What is said of the good file with one text replaced.
fn refused(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    let text = GOOD.replacen(from, to, 1);
    Config::from_toml(&text, "some.toml", Path::new("")).expect_err(&text).to_string()
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_is_allowed() {
    Config::from_toml(GOOD, "some.toml", Path::new("")).unwrap();
    let cases = [
        ("epochs = 3\n", "", "some.toml:1: missing key `epochs`"),
        (
            "epochs = 3",
            "epochs = 0",
            "some.toml:1: epochs: found 0; the number of epochs must be a whole number from 1",
        ),
        ("epochs = 3", "epochs = 2.5", "found 2.5"),
        ("epochs = 3", "epoch = 3", "unknown key `epoch` (did you mean `epochs`?)"),
        ("batch = 16", "batch = 60000", "from 1 to 59900, the number of images to train on"),
        (
            "pgd-at(cross-entropy)",
            "pgd-at(cross-entropi)",
            "some.toml:3: objective: unknown discrepancy `cross-entropi`",
        ),
        ("pgd-at(cross-entropy)", "pgd-at(reverse-kl)", "must be finite for sure labels"),
        ("pgd-at(cross-entropy)", "pgd-at(kl) smoothed(2, all)", "share must be <= 1"),
        ("pgd-at(cross-entropy)", "cross-entropy", "[attack] must be left out"),
        ("[attack]\nsteps = 2\nstep = \"0.05\"\n", "", "missing key `attack`"),
        (
            "set = \"mnist\"",
            "set = \"imagenet\"",
            "some.toml:5: data.set: unknown data set `imagenet`",
        ),
        ("folder = \"somewhere\"\n", "", "missing key `folder`"),
        ("validation = 100", "validation = 0", "data.validation: found 0"),
        ("validation = 100", "validation = 60000", "from 1 to 59999"),
        ("validation = 100", "validation = 100\ntrain = 59901", "from 1 to 59900"),
        ("validation = 100", "validation = 100\ncrop = 29", "data.crop: found 29"),
        (
            "validation = 100",
            "validation = 100\nflip = 1",
            "found a number; true or false is needed",
        ),
        (
            "validation = 100",
            "validation = 100\ngenerated = { file = \"a.npz\", fraction = 1 }",
            "data.generated.fraction: found 1",
        ),
        ("small-cnn", "preact-resnet-18", "one for images of [1, 28, 28], which mnist has"),
        ("small-cnn", "lenet", "unknown architecture `lenet`"),
        (
            "small-cnn\"",
            "small-cnn\"\nnormalisation = \"cifar-10\"",
            "unknown normalisation `cifar-10`",
        ),
        ("small-cnn\"", "small-cnn\"\ntracking = 0", "network.tracking: found 0"),
        ("epsilon = \"0.1\"", "epsilon = \"-0.1\"", "ball.epsilon: found"),
        (
            "epsilon = \"0.1\"",
            "epsilon = \"0.1\"\nnorm = \"l1\"",
            "ball.norm: unknown norm of an attack",
        ),
        ("steps = 2", "steps = 0", "attack.steps: found 0"),
        ("step = \"0.05\"", "step = \"0\"", "attack.step: found 0"),
        ("steps = 2", "start = \"noise\"\nsteps = 2", "unknown start `noise`"),
        ("steps = 2", "start = \"normal\"\nsteps = 2", "missing key `deviation`"),
        ("steps = 2", "deviation = 1\nsteps = 2", "left out unless start"),
        ("steps = 2", "batch-norm = \"eval\"\nsteps = 2", "unknown batch-norm `eval`"),
        (
            "[evaluation]",
            "[compute]\nprecision = \"half\"\n[evaluation]",
            "unknown precision `half`",
        ),
        (
            "[evaluation]",
            "[compute]\nlayout = \"channel-last\"\n[evaluation]",
            "unknown layout `channel-last` (did you mean `channels-last`?)",
        ),
        ("[evaluation]", "[compute]\ngraphs = true\n[evaluation]", "(did you mean `graph`?)"),
        ("[evaluation]", "[compute]\ngraph = \"on\"\n[evaluation]", "true or false is needed"),
        ("lr = 0.1", "lr = 0", "optimiser.lr: found 0; the rate must be above 0"),
        ("lr = 0.1", "lr = 0.1\nmomentum = 1", "optimiser.momentum: found 1"),
        ("lr = 0.1", "lr = 0.1\nclip = 0", "optimiser.clip: found 0"),
        ("lr = 0.1", "lr = 0.1\nundecayed = [1]", "optimiser.undecayed[0]: found a number"),
        ("\"constant\"", "\"cosin\"", "unknown schedule `cosin` (did you mean `cosine`?)"),
        ("\"constant\"", "\"constant\"\nfactor = 1", "unknown key `factor`"),
        (
            "\"constant\"",
            "\"step\"\nmilestones = [3]\nfactor = 0.1",
            "below the number of epochs, 3",
        ),
        ("\"constant\"", "\"piecewise\"\npoints = [[1, 1], [1, 0]]", "ascending"),
        ("\"constant\"", "\"one-cycle\"\nwarmup = 2", "schedule.warmup: found 2"),
        (
            "[evaluation]\nsteps = 2",
            "[evaluation]\nsteps = 2\nevery = 0",
            "evaluation.every: found 0",
        ),
        ("[evaluation]", "[average]\ndecay = 1\n[evaluation]", "average.decay: found 1"),
        ("[evaluation]", "[awp]\ngamma = -1\n[evaluation]", "awp.gamma: found -1"),
        ("[evaluation]", "[checkpoint]\nevery = 0\n[evaluation]", "checkpoint.every: found 0"),
    ];
    for (from, to, expected) in cases {
        let error = refused(from, to);
        assert!(error.contains(expected) && error.starts_with("some.toml"), "{to}: {error}");
    }
}
