//! One error type for the whole library: each condition a variant, each variant with the data that
//! was found.

#[cfg(feature = "train")]
use std::fmt;

use crate::divergence::{Convexity, Divergence};
use crate::exact::Exact;
use crate::names::suggestion;
use crate::risk::Risk;

/// What can be wrong with an input.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Probabilities that are negative or do not sum to 1.
    #[error(
        "{found:?} is not a label distribution: at least two probabilities, each >= 0, with sum 1 are \
         needed"
    )]
    NotADistribution {
        /// The probabilities as given.
        found: Vec<f64>,
    },
    /// A text that is not a time.
    #[error(
        "found `{found}`, which is not a time; write a number above 0 with its unit, s or m: 60s, 2m"
    )]
    NotATime {
        /// The text as given, abridged.
        found: String,
    },
    /// A text that is not a whole number.
    #[error("found `{found}`; a whole number from 0 to {} is needed", u64::MAX)]
    NotACount {
        /// The text as given, abridged.
        found: String,
    },
    /// A divergence for a claim that speaks of another one only.
    #[error("found {found}; {claim} speaks of {only} only")]
    NotInScope {
        /// The name of the claim.
        claim: &'static str,
        /// The divergence as given.
        found: Divergence,
        /// The one that the claim speaks of.
        only: Divergence,
    },
    /// A text that is not a number.
    #[error(
        "found `{found}`, which is not a number; write an integer, a decimal or a fraction of the two: \
         4, -1.5, 1e-3, 5/6"
    )]
    NotANumber {
        /// The text as given, abridged.
        found: String,
    },
    /// A fraction whose denominator is zero.
    #[error("found `{found}`, whose denominator is zero; a fraction needs one that is not")]
    ZeroDenominator {
        /// The fraction as given, abridged.
        found: String,
    },
    /// A number that no double is near.
    #[error(
        "found `{found}`, which is outside the range of doubles; allowed are 0 and magnitudes \
         between 5e-324 and 1.797e308"
    )]
    OutOfRange {
        /// The number as given, abridged.
        found: String,
    },
    /// A name that is not in a closed list.
    #[error(
        "unknown {what} `{found}`{}; allowed: {}",
        suggestion(found, allowed),
        allowed.join(", ")
    )]
    Unknown {
        /// What was to be named.
        what: &'static str,
        /// The name as given.
        found: String,
        /// The names that exist.
        allowed: Vec<String>,
    },
    /// A list that must not be empty.
    #[error("found no {what}; at least one is needed")]
    Empty {
        /// What the list holds.
        what: &'static str,
    },
    /// Fewer of something than are needed.
    #[error("found {found} {what}; at least {least} needed")]
    TooFew {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are needed.
        least: usize,
    },
    /// Something infinite of which a finite one is needed.
    #[error("{what} is infinite: the model excludes a label; every p_theta(y|x) must be > 0")]
    Infinite {
        /// What is infinite.
        what: &'static str,
    },
    /// Fewer than two classes.
    #[error("found {found} class(es); classification needs at least 2")]
    TooFewClasses {
        /// How many there are.
        found: usize,
    },
    /// A number that has to be above 0.
    #[error("found {found}; {what} must be > 0")]
    NotPositive {
        /// What the number is.
        what: &'static str,
        /// The number.
        found: Exact,
    },
    /// A number that has to be at least 0.
    #[error("found {found}; {what} must be >= 0")]
    Negative {
        /// What the number is.
        what: &'static str,
        /// The number.
        found: Exact,
    },
    /// A number that may not be so large.
    #[error("found {found}; {what} must be <= {most}")]
    TooLarge {
        /// What the number is.
        what: &'static str,
        /// The number.
        found: Exact,
        /// The largest that is allowed.
        most: i32,
    },
    /// A constant for a law that has none.
    #[error(
        "found a constant for {law}, which has none; laws with one: triangle, kl-bound, pinsker"
    )]
    NoConstant {
        /// The law.
        law: &'static str,
    },
    /// A text that is no training objective.
    #[error(
        "found `{found}`, which is no objective; write cross-entropy, standard(D), pgd-at(D) or trades(D1, D2, beta), then \
         smoothed(s, all|others) and clip(c, robust|total) where needed"
    )]
    NotAnObjective {
        /// The text as given, abridged.
        found: String,
    },
    /// Priors, weights or probabilities that do not sum to 1.
    #[error(
        "found {what} that sum to {}; the sum must be 1 (exactly, or to 1e-12 and then they \
         are renormalised)",
        found.to_f64()
    )]
    SumNotOne {
        /// What is summed.
        what: &'static str,
        /// The sum.
        found: Exact,
    },
    /// Sizes that do not fit together.
    #[error("found {what} of length {found}; {expected} is needed to fit {reference}")]
    Shape {
        /// What has the wrong size.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The size that fits.
        expected: usize,
        /// What it has to fit.
        reference: &'static str,
    },
    /// Numbers that have to ascend and do not.
    #[error("found {what} {} before {}; they must ascend", found[0], found[1])]
    NotAscending {
        /// What the numbers are.
        what: &'static str,
        /// The first two neighbours that do not.
        found: Box<[Exact; 2]>,
    },
    /// A covariance that is not symmetric.
    #[error(
        "found a covariance with {} at [{row}][{column}] and {} at [{column}][{row}]; it must be \
         symmetric",
        found[0], found[1]
    )]
    NotSymmetric {
        /// Row of the entry above the diagonal, from 0.
        row: usize,
        /// Its column.
        column: usize,
        /// The entry above the diagonal and its mirror image.
        found: Box<[Exact; 2]>,
    },
    /// A covariance that is not positive definite.
    #[error("found {}; it must be positive definite", matrix(found))]
    NotPositiveDefinite {
        /// The covariance by rows, as doubles.
        found: Vec<Vec<f64>>,
    },
    /// Something of another dimension than 1 where the line is needed.
    #[error("found a {what} in dimension {found}; this is computed on the line, in dimension 1")]
    NotOnTheLine {
        /// What has that dimension.
        what: &'static str,
        /// The dimension.
        found: usize,
    },
    /// Something of another dimension than 2 where the plane is needed.
    #[error("found a {what} in dimension {found}; the plane has dimension 2")]
    NotInThePlane {
        /// What has that dimension.
        what: &'static str,
        /// The dimension.
        found: usize,
    },
    /// A vertex of a body without its mirror image.
    #[error(
        "found vertex {vertex} of a body at {found:?}, whose mirror image is not the vertex half a turn later; bodies are symmetric \
         about the origin"
    )]
    NotMirrored {
        /// Which vertex, from 0.
        vertex: usize,
        /// Where it is.
        found: [f64; 2],
    },
    /// A vertex where a polygon turns right.
    #[error(
        "found vertex {vertex} of a body at {found:?}, where the boundary turns right; vertices go counterclockwise around a convex body"
    )]
    NotConvexBody {
        /// Which vertex, from 0.
        vertex: usize,
        /// Where it is.
        found: [f64; 2],
    },
    /// A law and a model whose inputs have different dimensions.
    #[error(
        "the law is in dimension {law} and the model in dimension {model}; they must have the same"
    )]
    DimensionsDiffer {
        /// The dimension of the law.
        law: usize,
        /// The dimension of the model.
        model: usize,
    },
    /// A problem that depends on more directions than can be integrated over.
    #[error(
        "the law and the model depend on {found} directions at least; risks are computed for up to {most}{}",
        if *most <= crate::tolerance::DIRECTIONS { ", and sampled for more where asked (score risk --sample N)" } else { "" }
    )]
    TooManyDirections {
        /// How many were found before the search ended.
        found: usize,
        /// How many are allowed.
        most: usize,
    },
    /// A sample that is none.
    #[error("found {found} draws; a sample has at least {}", crate::tolerance::FEWEST_DRAWS)]
    TooFewDraws {
        /// How many.
        found: u64,
    },
    /// A risk that is known from a sample only, where an estimate is needed.
    #[error("{directions} directions of x matter here; risks are known from a sample only")]
    OnlySampled {
        /// How many directions matter.
        directions: usize,
    },
    /// More directions that matter than one, where one is needed.
    #[error("{found} directions of x matter here; this is computed along one")]
    NotOneDirection {
        /// How many matter.
        found: usize,
    },
    /// A risk that no interval proof covers.
    #[error(
        "risks are proved along one or two directions that are known exactly; here {}",
        match directions {
            1 => "one matters, which is known to rounding error",
            2 => "two matter, which are known to rounding error",
            _ => "more matter",
        }
    )]
    NotEnclosed {
        /// How many directions matter.
        directions: usize,
    },
    /// A dense matrix in too many dimensions.
    #[error(
        "found a full {what} in dimension {found}; allowed are {} dimensions, and more for covariances that are isotropic, diagonal, or of low \
         rank beside a diagonal",
        crate::tolerance::DENSE
    )]
    TooManyDimensions {
        /// What the matrix is.
        what: &'static str,
        /// The dimension.
        found: usize,
    },
    /// A matrix that has no inverse in doubles.
    #[error("the {what} has no inverse in floating point: its scales differ by more than 1e16")]
    Singular {
        /// What the matrix is.
        what: &'static str,
    },
    /// A divergence that is not convex in its second argument, where that is needed.
    #[error(
        "{divergence} is not convex in its second argument, so that the optimum cannot be certified; allowed: {}",
        convex().join(", ")
    )]
    NotConvex {
        /// The divergence.
        divergence: Divergence,
    },
    /// Another number of classes than two where two are needed.
    #[error("found {found} classes; optimal models are computed for 2 classes in this version")]
    NotTwoClasses {
        /// The number of classes.
        found: usize,
    },
    /// A radius so small against the law that no grid can follow it.
    #[error(
        "found epsilon {epsilon}, which is so small against the law that a grid would take more than {nodes} nodes; a larger one is needed"
    )]
    TooFine {
        /// The radius.
        epsilon: f64,
        /// How many nodes are allowed.
        nodes: usize,
    },
    /// A law and a model with different numbers of classes.
    #[error("the law has {law} classes and the model {model}; they must have the same number")]
    ClassesDiffer {
        /// The classes of the law.
        law: usize,
        /// The classes of the model.
        model: usize,
    },
    /// A radius that is no finite number at least 0.
    #[error("found epsilon {found}; a finite number >= 0 is needed")]
    Epsilon {
        /// The radius as given.
        found: f64,
    },
    /// A risk whose integrand leaves the range of doubles.
    #[error("{} for {divergence}: the integrand exceeds the largest double (1.8e308)", risk.symbol())]
    Overflow {
        /// The risk.
        risk: Risk,
        /// The divergence.
        divergence: Divergence,
    },
    /// A risk whose integrand does not fall far out.
    #[error(
        "{} for {divergence}: the integrand does not fall within 38 standard deviations; the risk is infinite or its mass is beyond",
        risk.symbol()
    )]
    NoTail {
        /// The risk.
        risk: Risk,
        /// The divergence.
        divergence: Divergence,
    },
    /// A risk that a certificate does not show.
    #[error("the {risk} risk for {divergence} is not among those that are shown")]
    NotShown {
        /// The risk.
        risk: Risk,
        /// The divergence.
        divergence: Divergence,
    },
    /// A claim that enclosures leave undecided.
    #[error("{claim} is undecided on this instance; only what is decided can be certified")]
    NotDecided {
        /// The claim.
        claim: &'static str,
    },
    /// A claim that speaks of more than enclosed risks.
    #[error("{claim} is decided by estimates, which no certificate can show")]
    NotCertified {
        /// The claim.
        claim: &'static str,
    },
    /// A certificate that cannot be made.
    #[error("no certificate can be made: {reason}")]
    Certificate {
        /// Why.
        reason: String,
    },
    /// A risk that no certificate for Coq covers.
    #[error(
        "found {found}, which no certificate for Coq covers; allowed are laws with two classes on the line, linear, quadratic and bayes \
         models, the divergences kl, l1, total-variation, l2, linf and squared-error, and log-odds up to 600"
    )]
    NotCertifiable {
        /// What is not covered.
        found: String,
    },
    /// Something wrong at a place in a file.
    #[error("{}{cause}", place(file, *line, key))]
    At {
        /// The file, or what stands for it.
        file: String,
        /// The line, from 1, where it is known.
        line: Option<usize>,
        /// The path of the key, such as `classes[1].prior`; empty for the whole file.
        key: String,
        /// What is wrong.
        cause: Box<Error>,
    },
    /// A file that cannot be read.
    #[error("cannot read the file `{path}`: {reason}")]
    Unreadable {
        /// The path of the file.
        path: String,
        /// What the operating system says.
        reason: String,
    },
    /// A file or folder that cannot be written.
    #[error("cannot write `{path}`: {reason}")]
    Unwritable {
        /// The path.
        path: String,
        /// What the operating system says.
        reason: String,
    },
    /// A file that a search cannot be continued from.
    #[error(
        "`{path}` is not the state of this search: {reason}; remove it or choose another folder"
    )]
    NotAState {
        /// The path of the file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file that is not text.
    #[error("the file `{path}` is not UTF-8 at byte {position}; a TOML document is")]
    NotUtf8 {
        /// The path of the file.
        path: String,
        /// The position of the first byte that does not belong, from 0.
        position: usize,
    },
    /// A document that is not TOML.
    #[error("not a TOML document: {reason}")]
    Syntax {
        /// What the parser says.
        reason: String,
    },
    /// A key that is not there.
    #[error("missing key `{key}`; found only: {}", or_none(found))]
    MissingKey {
        /// The key.
        key: &'static str,
        /// The keys that are there.
        found: Vec<String>,
    },
    /// None or several of some keys, of which there has to be one.
    #[error(
        "found of the keys {}: {}; exactly one of them is needed",
        allowed.join(", "),
        or_none(found)
    )]
    NotOneKey {
        /// Those that are there.
        found: Vec<String>,
        /// The keys.
        allowed: &'static [&'static str],
    },
    /// A value of the wrong type.
    #[error("found {found}; {expected} is needed")]
    WrongType {
        /// The type of the value.
        found: &'static str,
        /// The type that is needed.
        expected: &'static str,
    },
    /// A file that is not in the safetensors format.
    #[error("not a safetensors file: {reason}")]
    Tensors {
        /// What the parser says.
        reason: String,
    },
    /// A tensor that belongs to no layer.
    #[error("found tensor `{found}`; tensors come in pairs <name>.weight and <name>.bias")]
    TensorName {
        /// Its name.
        found: String,
    },
    /// A tensor that is not there.
    #[error(
        "missing tensor; found only: {}; tensors come in pairs <name>.weight and <name>.bias",
        or_none(found)
    )]
    TensorMissing {
        /// The tensors that are there.
        found: Vec<String>,
    },
    /// A tensor of the wrong number of axes.
    #[error("found shape {found:?}; {expected} is needed")]
    TensorShape {
        /// Its shape.
        found: Vec<usize>,
        /// The axes that are needed.
        expected: &'static str,
    },
    /// A tensor of entries that are not read.
    #[error("found entries of type {found}; allowed: F64, F32, F16, BF16")]
    TensorType {
        /// Their type.
        found: String,
    },
    /// A tensor's entry that is NaN or infinite.
    #[error("found {found}; every entry must be finite")]
    NotFinite {
        /// The entry.
        found: f64,
    },
    /// Logits that no attack can work with.
    #[cfg(feature = "train")]
    #[error(
        "image {image}: found logits that are not finite; attacks need a model whose logits are numbers"
    )]
    Logits {
        /// The place of the image, from 0.
        image: i64,
    },
    /// What libtorch says of something it could not do.
    #[cfg(feature = "train")]
    #[error("libtorch: {reason}")]
    Torch {
        /// Its message, without the trace of calls.
        reason: String,
    },
    /// A file of data that is not what it has to be.
    #[cfg(feature = "train")]
    #[error("`{path}`, {place}: {reason}")]
    Data {
        /// The path of the file.
        path: String,
        /// Where in it, such as `byte 16`.
        place: String,
        /// What is there, and what is needed.
        reason: String,
    },
    /// A value that a setting cannot have.
    #[cfg(feature = "train")]
    #[error("found {found}; {what} must be {allowed}")]
    NotAllowed {
        /// What is set.
        what: &'static str,
        /// The value as given.
        found: String,
        /// The values that are allowed.
        allowed: String,
    },
    /// A file that a training cannot be continued from, or that is no trained network.
    #[cfg(feature = "train")]
    #[error("`{path}` is not what a training of this version writes: {reason}")]
    NotACheckpoint {
        /// The path of the file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder with a training that is not to be continued, or not by these settings.
    #[cfg(feature = "train")]
    #[error(
        "`{path}` has {what} already{reason}; continue it, with the settings that it began with, or choose another folder"
    )]
    NotFree {
        /// The folder.
        path: String,
        /// What is in it.
        what: &'static str,
        /// What keeps it from being continued, if that was asked for.
        reason: String,
    },
    /// A loss or a weight that is no number any more.
    #[cfg(feature = "train")]
    #[error(
        "the loss or a weight is not finite in epoch {epoch}, by step {step}; a smaller rate or a clip of the gradient helps"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The step in it, from 1, at which this was noticed.
        step: usize,
    },
    /// A depth or a width that no wide residual network has.
    #[cfg(feature = "train")]
    #[error(
        "found wrn-{depth}-{width}; the depth must be 10, 16, 22, .. (6 n + 4) and the width at least 1"
    )]
    NotWide {
        /// The depth as given.
        depth: u16,
        /// The width as given.
        width: u16,
    },
    /// An objective with an attacked input, and nothing that attacks.
    #[cfg(feature = "train")]
    #[error("{objective} needs an attack, and there is none")]
    NoAttack {
        /// The objective.
        objective: String,
    },
    /// Images, logits or labels of a shape or type that does not fit.
    #[cfg(feature = "train")]
    #[error("found {what} of shape {found:?} and type {kind}; {expected} is needed")]
    Batch {
        /// What they are.
        what: &'static str,
        /// Their shape.
        found: Vec<i64>,
        /// Their type.
        kind: String,
        /// The shape and type that are needed.
        expected: String,
    },
    /// Tensors that are not those of a network.
    #[cfg(feature = "train")]
    #[error("not the weights of {network}: {differences}")]
    NotItsWeights {
        /// The network.
        network: String,
        /// What is wrong.
        differences: Box<Differences>,
    },
}

/// How tensors differ from those of a network.
#[cfg(feature = "train")]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    /// The tensors that are not there.
    pub missing: Vec<String>,
    /// The tensors that the network does not have.
    pub extra: Vec<String>,
    /// The tensors of another shape: name, shape found, shape needed.
    pub misshapen: Vec<(String, Vec<i64>, Vec<i64>)>,
}

/// How many names of one sort an error lists.
#[cfg(feature = "train")]
const LISTED: usize = 5;

#[cfg(feature = "train")]
impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let list = |what: &str, names: Vec<String>| {
            let shown = names.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>();
            let more = names.len() - shown.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            (!shown.is_empty()).then(|| format!("{what} {}{more}", shown.join(", ")))
        };
        let shape = |(name, found, needed): &(String, Vec<i64>, Vec<i64>)| {
            format!("{name} {found:?} instead of {needed:?}")
        };
        let parts = [
            list("missing", self.missing.clone()),
            list("unknown", self.extra.clone()),
            list("of another shape", self.misshapen.iter().map(shape).collect()),
        ];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
    }
}

/// `file:line: key: `, as far as they are known.
fn place(file: &str, line: Option<usize>, key: &str) -> String {
    let line = line.map_or(String::new(), |line| format!(":{line}"));
    let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
    format!("{file}{line}: {key}")
}

/// A matrix that a line can hold, or its size.
fn matrix(rows: &[Vec<f64>]) -> String {
    let d = rows.len();
    if d <= 4 { format!("covariance {rows:?}") } else { format!("a {d} x {d} covariance") }
}

/// The names of the divergences that are convex in their second argument.
fn convex() -> Vec<&'static str> {
    let convex = |divergence: &Divergence| divergence.facts().convexity != Convexity::None;
    Divergence::ALL.into_iter().filter(convex).map(Divergence::name).collect()
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}
