//! Named laws and models.
//!
//! Each is a file of the repository's folder `catalogue/`, which is also where to look for examples
//! of the file formats. The command line, the tests, the benches and the docs use them by name.
//! [`known_values`] has the risks of every model on its law, computed apart from this library;
//! [`Entry::known`] picks those of an entry. [`PUBLISHED`] has the accuracies that the literature states of classifiers on its laws. [`witnesses`] are instances that violate an inequality.
//!
//! ```
//! use score_workbench::law::Law;
//! use score_workbench::model::Model;
//! let law = Law::resolve("toy")?;
//! let model = Model::resolve("toy-linear")?;
//! assert_eq!((law.classes(), model.classes()), (2, 2));
//! let error = Law::resolve("toi").unwrap_err().to_string();
//! assert!(error.contains("did you mean `toy`?"));
//! # Ok::<(), score_workbench::error::Error>(())
//! ```

mod known;
mod published;
mod witness;

use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::error::Error;

pub use known::{Known, known_values};
pub use published::{PUBLISHED, Published};
pub use witness::{Witness, witnesses};

use published::{BHAGOJI, DOBRIBAN, SCHMIDT, TSIPRAS, ZHANG};

const SLIDES: &str = "slides of Pang, Lin, Yang, Zhu, Yan, Robustness and Accuracy Could Be \
                      Reconcilable by (Proper) Definition, ICML 2022 (arXiv 2202.10103)";
const OWN: &str = "made for this workbench";

/// A named law or model.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    name: &'static str,
    title: &'static str,
    source: &'static str,
    law: Option<&'static str>,
    text: &'static str,
}

impl Entry {
    /// The name by which it is found.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it is, in one line.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Where it is from.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// For a model, the law of the catalogue that it is meant for.
    #[must_use]
    pub fn law(&self) -> Option<&'static str> {
        self.law
    }

    /// The file.
    #[must_use]
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// The known values in which it is the law or the model.
    pub fn known(&self) -> impl Iterator<Item = &'static Known> {
        let is_model = self.law.is_some();
        let name = self.name;
        known_values()
            .iter()
            .filter(move |known| name == if is_model { known.model() } else { known.law() })
    }
}

/// A name or a number in a file, looked up or read.
fn named<'de, D: Deserializer<'de>, T: FromStr<Err = Error>>(from: D) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

macro_rules! law {
    ($name:literal, $title:literal, $source:expr) => {
        Entry {
            name: $name,
            title: $title,
            source: $source,
            law: None,
            text: include_str!(concat!("../../catalogue/laws/", $name, ".toml")),
        }
    };
}

macro_rules! model {
    ($name:literal, $law:literal, $title:literal, $source:expr) => {
        Entry {
            name: $name,
            title: $title,
            source: $source,
            law: Some($law),
            text: include_str!(concat!("../../catalogue/models/", $name, ".toml")),
        }
    };
}

/// Every named law.
pub const LAWS: &[Entry] = &[
    law!("toy", "5/6 N(-1, 4) against 1/6 N(1, 1)", SLIDES),
    law!("symmetric", "N(-1, 1) against N(1, 1), equal priors", OWN),
    law!("three-classes", "a narrow class between two wide ones", OWN),
    law!("four-classes", "four classes, two with the same mean", OWN),
    law!("two-modes", "a class with two components", OWN),
    law!("needle", "variance 1e-4 beside variance 100", OWN),
    law!("rare", "a class of prior 1e-12", OWN),
    law!("twins", "two identical classes", OWN),
    law!("witness-theorem-1", "N(0, 1) against N(1, 1), equal priors", OWN),
    law!("tsipras", "a strong feature and 100 weak ones", TSIPRAS),
    law!("schmidt", "N(+-theta, 25 I) in 100 dimensions", SCHMIDT),
    law!("bhagoji", "N(+-mu, I) in 8 dimensions, mu on several scales", BHAGOJI),
    law!("dobriban", "4/5 N(mu, I) against 1/5 N(-mu, I) in 16 dimensions", DOBRIBAN),
    law!("zhang", "narrow classes that alternate along the line", ZHANG),
];

/// Every named model.
pub const MODELS: &[Entry] = &[
    model!("toy-linear", "toy", "softmax(1 - x, 0)", OWN),
    model!("toy-bayes", "toy", "the posterior of toy", SLIDES),
    model!("toy-quadratic", "toy", "the posterior of toy as a quadratic", OWN),
    model!("toy-tanh", "toy", "a tanh network of three units", OWN),
    model!("toy-relu", "toy", "a relu network with kinks at -1, 0.5 and 2", OWN),
    model!("steep", "symmetric", "softmax(-1e4 x, 0)", OWN),
    model!("three-linear", "three-classes", "three straight logits", OWN),
    model!("three-bayes", "three-classes", "the posterior of three-classes", OWN),
    model!("three-silu", "three-classes", "a silu network of two units", OWN),
    model!("four-linear", "four-classes", "four straight logits", OWN),
    model!("coin", "symmetric", "probabilities 1/2 and 1/2 everywhere", OWN),
    model!("tsipras-average", "tsipras", "the mean of the weak features", TSIPRAS),
    model!("tsipras-strong", "tsipras", "the strong feature", TSIPRAS),
    model!("schmidt-linear", "schmidt", "along theta, half as sure as the posterior", SCHMIDT),
    model!("bhagoji-robust", "bhagoji", "the most robust classifier for linf and 1/4", BHAGOJI),
    model!("dobriban-robust", "dobriban", "the most robust classifier for l2 and 1/2", DOBRIBAN),
    model!("zhang-bayes", "zhang", "the posterior of zhang", ZHANG),
    model!("zhang-constant", "zhang", "the same answer everywhere", ZHANG),
    model!("witness-theorem-1-lower", "witness-theorem-1", "softmax(-x, 0)", OWN),
    model!("witness-theorem-1-variation", "witness-theorem-1", "softmax(-x / 2, 0)", OWN),
];

/// The entry of this name.
#[must_use]
pub fn find(entries: &'static [Entry], name: &str) -> Option<&'static Entry> {
    entries.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::law::Law;
    use crate::model::Model;
    use crate::simplex::{Classes, Simplex};
    use crate::space::Reduction;

    #[test]
    fn every_law_reads_without_a_note() {
        for entry in LAWS {
            let law = Law::resolve(entry.name).unwrap();
            assert_eq!(law.notes().len(), 0, "{}", entry.name);
        }
    }

    #[test]
    fn every_model_fits_its_law() {
        for entry in MODELS {
            let model = Model::resolve(entry.name).unwrap();
            let law = Law::resolve(entry.law.unwrap()).unwrap();
            assert_eq!(model.classes(), law.classes(), "{}", entry.name);
            assert!(model.notes().is_empty());
            assert!(Reduction::new(&law, &model).is_ok(), "{}", entry.name);
        }
    }

    #[test]
    fn names_are_unique() {
        for entries in [LAWS, MODELS] {
            for entry in entries {
                assert_eq!(entries.iter().filter(|other| other.name == entry.name).count(), 1);
            }
        }
    }

    #[test]
    fn toy_quadratic_is_the_posterior_of_toy() {
        let [bayes, quadratic] = ["toy-bayes", "toy-quadratic"].map(|name| {
            let model = Model::resolve(name).unwrap().line(&0.0).unwrap();
            move |x: f64| Simplex::from_logits(&model.logits(&x)).probabilities().clone()
        });
        for n in -100..=100 {
            let x = 0.1 * f64::from(n);
            let gap = Classes::combine([&bayes(x), &quadratic(x)], |[a, b]| (a - b).abs()).max();
            assert!(gap < 1e-14, "{gap} at {x}");
        }
    }
}
