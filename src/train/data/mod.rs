//! Labelled images: files, splits, batches, crops and flips.
//!
//! | step | module |
//! |---|---|
//! | MNIST and Fashion-MNIST: IDX files | `idx` |
//! | CIFAR-10 and CIFAR-100: binary files | `cifar` |
//! | generated images: NumPy archives | `generated` |
//! | which images a step sees | [`batches`] |
//! | crops and flips, on the device | [`augment`] |
//!
//! Pixels are bytes until they are used, on the device too. Every file is checked to its last byte: its size against what its header or its format
//! says, each label against the number of classes.

pub mod augment;
pub mod batches;
mod cifar;
mod generated;
mod idx;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tch::{Device, Kind, Tensor};

use crate::error::Error;
use crate::names;
use crate::train::compute::upload;
use crate::train::random::size;

pub use generated::generated;

/// The data sets that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// LeCun, Cortes and Burges: handwritten digits, 28 x 28.
    Mnist,
    /// Xiao, Rasul and Vollgraf 2017: clothes, 28 x 28, in the format of MNIST.
    FashionMnist,
    /// Krizhevsky 2009: ten classes of objects, 3 x 32 x 32.
    Cifar10,
    /// Krizhevsky 2009: a hundred classes (the fine labels).
    Cifar100,
}

/// The part of a data set that a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What may be trained and validated on.
    Train,
    /// What is looked at in the end.
    Test,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mnist, Self::FashionMnist, Self::Cifar10, Self::Cifar100];

    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::FashionMnist => "fashion-mnist",
            Self::Cifar10 => "cifar-10",
            Self::Cifar100 => "cifar-100",
        }
    }

    /// Channels, rows and columns of an image.
    #[must_use]
    pub fn shape(self) -> [usize; 3] {
        match self {
            Self::Mnist | Self::FashionMnist => [1, 28, 28],
            Self::Cifar10 | Self::Cifar100 => [3, 32, 32],
        }
    }

    /// How many classes there are.
    #[must_use]
    pub fn classes(self) -> usize {
        if self == Self::Cifar100 { 100 } else { 10 }
    }

    /// How many images the files hold as they are published: training, test.
    #[must_use]
    pub fn sizes(self) -> [usize; 2] {
        let train = if matches!(self, Self::Mnist | Self::FashionMnist) { 60_000 } else { 50_000 };
        [train, 10_000]
    }

    /// Where a system package puts it.
    #[must_use]
    pub fn installed(self) -> Option<PathBuf> {
        (self == Self::FashionMnist).then(|| "/usr/share/datasets/fashion-mnist".into())
    }

    /// The files of a part in `folder`.
    #[must_use]
    pub fn files(self, folder: &Path, part: Part) -> Vec<PathBuf> {
        match self {
            Self::Mnist | Self::FashionMnist => idx::files(folder, part).into(),
            Self::Cifar10 | Self::Cifar100 => cifar::files(self, folder, part),
        }
    }

    /// Reads a part from the files in `folder`, under the names that they are published by: `train-images-idx3-ubyte` and its like, with or without
    /// `.gz`; `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`; `train.bin` and `test.bin`.
    ///
    /// # Errors
    /// [`Error::Unreadable`], and [`Error::Data`] for a file that is truncated, too long, corrupt or mislabelled.
    pub fn read(self, folder: &Path, part: Part) -> Result<Dataset, Error> {
        match self {
            Self::Mnist | Self::FashionMnist => idx::read(self, folder, part),
            Self::Cifar10 | Self::Cifar100 => cifar::read(self, folder, part),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Source {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|source| source.name() == name);
        found.ok_or_else(|| names::unknown("data set", name, Self::ALL.map(Self::name)))
    }
}

/// Labelled images, as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    pixels: Vec<u8>,
    labels: Vec<u8>,
    shape: [usize; 3],
    classes: usize,
}

impl Dataset {
    /// Images of `shape` (channels, rows, columns), channel by channel and row by row, and a label for each.
    ///
    /// # Errors
    /// [`Error::Shape`] where there are not as many images as labels, or a label is no class.
    pub fn new(
        pixels: Vec<u8>,
        labels: Vec<u8>,
        shape: [usize; 3],
        classes: usize,
    ) -> Result<Self, Error> {
        let expected = labels.len() * shape.iter().product::<usize>();
        if pixels.len() != expected {
            let found = pixels.len();
            return Err(Error::Shape { what: "pixels", found, expected, reference: "the labels" });
        }
        if let Some(label) = labels.iter().find(|label| usize::from(**label) >= classes) {
            let found = label.to_string();
            let allowed = (0..classes).map(|class| class.to_string()).collect();
            return Err(Error::Unknown { what: "class", found, allowed });
        }
        Ok(Self { pixels, labels, shape, classes })
    }

    /// How many images there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Channels, rows and columns of an image.
    #[must_use]
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// How many classes there are.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The labels.
    #[must_use]
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// The bytes of the images.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// A checksum of images and labels, continued from that of others: whether they are those of another time, damage aside.
    #[must_use]
    pub(super) fn checksum(&self, others: u32) -> u32 {
        crc32c::crc32c_append(crc32c::crc32c_append(others, &self.pixels), &self.labels)
    }

    /// The first `first` images, and the rest.
    ///
    /// # Errors
    /// [`Error::TooFew`] where there are not so many.
    pub fn split(mut self, first: usize) -> Result<(Self, Self), Error> {
        if first > self.len() {
            return Err(Error::TooFew { what: "images", found: self.len(), least: first });
        }
        let size: usize = self.shape.iter().product();
        let pixels = self.pixels.split_off(first * size);
        let labels = self.labels.split_off(first);
        let rest = Self { pixels, labels, ..self };
        Ok((self, rest))
    }

    /// The images on a device.
    ///
    /// # Errors
    /// [`Error::Torch`] where they do not fit there.
    pub fn on(&self, device: Device) -> Result<Images, Error> {
        let [channels, rows, columns] = self.shape;
        let shape = [self.len(), channels, rows, columns].map(size);
        let pixels =
            Tensor::f_from_data_size(&self.pixels, &shape, Kind::Uint8)?.f_to_device(device)?;
        let labels: Vec<i64> = self.labels.iter().map(|label| i64::from(*label)).collect();
        let labels = Tensor::f_from_slice(&labels)?.f_to_device(device)?;
        Ok(Images { pixels, labels, classes: self.classes })
    }
}

/// Labelled images on a device: bytes `[N, C, H, W]` and labels `[N]`.
#[derive(Debug)]
pub struct Images {
    pixels: Tensor,
    labels: Tensor,
    classes: usize,
}

impl Images {
    /// How many images there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.size().first().map_or(0, |n| usize::try_from(*n).unwrap_or(0))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many classes there are.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Where they are.
    #[must_use]
    pub fn device(&self) -> Device {
        self.pixels.device()
    }

    /// The bytes.
    pub fn pixels(&self) -> &Tensor {
        &self.pixels
    }

    /// The images with these numbers: bytes and labels.
    ///
    /// # Errors
    /// [`Error::Torch`] for a number that no image has.
    pub fn take(&self, numbers: &[i64]) -> Result<(Tensor, Tensor), Error> {
        let numbers = upload(&Tensor::f_from_slice(numbers)?, self.device())?;
        Ok((self.pixels.f_index_select(0, &numbers)?, self.labels.f_index_select(0, &numbers)?))
    }

    /// The images `from..to` as floats in [0, 1], and their labels.
    ///
    /// # Errors
    /// [`Error::Torch`] where there are not so many.
    pub fn range(&self, from: usize, to: usize) -> Result<(Tensor, Tensor), Error> {
        let (from, length) = (size(from), size(to) - size(from));
        let pixels = floats(&self.pixels.f_narrow(0, from, length)?)?;
        Ok((pixels, self.labels.f_narrow(0, from, length)?))
    }
}

/// Bytes as floats in [0, 1].
///
/// # Errors
/// [`Error::Torch`].
pub fn floats(pixels: &Tensor) -> Result<Tensor, Error> {
    Ok(pixels.f_to_kind(Kind::Float)?.f_div_scalar(255.0)?)
}

/// The error for a place in a file of data.
fn wrong(path: &Path, place: impl fmt::Display, reason: impl fmt::Display) -> Error {
    Error::Data {
        path: path.display().to_string(),
        place: place.to_string(),
        reason: reason.to_string(),
    }
}

/// The error for a file that the system does not hand over.
pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::Unreadable { path: path.display().to_string(), reason: error.to_string() }
}
