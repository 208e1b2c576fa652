//! The binary files of CIFAR-10 and CIFAR-100: records of one label (two in CIFAR-100: coarse, fine) and 3072 bytes, the red, green and blue planes.

use std::path::{Path, PathBuf};

use super::{Dataset, Part, Source, unreadable, wrong};
use crate::error::Error;

/// Reads a part of CIFAR-10 or of CIFAR-100.
pub(super) fn read(source: Source, folder: &Path, part: Part) -> Result<Dataset, Error> {
    let (layout, records) = match (source, part) {
        (Source::Cifar100, Part::Train) => (&COARSE[..], 50_000),
        (Source::Cifar100, Part::Test) => (&COARSE[..], 10_000),
        _ => (&PLAIN[..], 10_000),
    };
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for path in files(source, folder, part) {
        file(&path, layout, records, &mut pixels, &mut labels)?;
    }
    Dataset::new(pixels, labels, source.shape(), source.classes())
}

/// The files of a part.
pub(super) fn files(source: Source, folder: &Path, part: Part) -> Vec<PathBuf> {
    match (source, part) {
        (Source::Cifar100, Part::Train) => vec![folder.join("train.bin")],
        (Source::Cifar100, Part::Test) => vec![folder.join("test.bin")],
        (_, Part::Train) => (1..=5).map(|n| folder.join(format!("data_batch_{n}.bin"))).collect(),
        (_, Part::Test) => vec![folder.join("test_batch.bin")],
    }
}

/// How many classes each label of a record has; the last label is the one.
const PLAIN: [u8; 1] = [10];
const COARSE: [u8; 2] = [20, 100];
/// The bytes of an image.
const IMAGE: usize = 3 * 32 * 32;

/// Adds the records of one file.
fn file(
    path: &Path,
    layout: &[u8],
    records: usize,
    pixels: &mut Vec<u8>,
    labels: &mut Vec<u8>,
) -> Result<(), Error> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error))?;
    let record = layout.len() + IMAGE;
    let size = records * record;
    if bytes.len() < size {
        let reason = format!("the file ends here; {records} records of {record} bytes need {size}");
        return Err(wrong(path, format!("byte {}", bytes.len()), reason));
    }
    if bytes.len() > size {
        let reason = format!(
            "found more after the {records} records of {record} bytes that such a file has"
        );
        return Err(wrong(path, format!("byte {size}"), reason));
    }
    pixels.reserve(records * IMAGE);
    for (i, entry) in bytes.chunks(record).enumerate() {
        let (of, image) = entry.split_at(layout.len());
        for (j, (label, classes)) in of.iter().zip(layout).enumerate() {
            if label >= classes {
                let reason =
                    format!("found label {label} in record {i}; allowed: 0 to {}", classes - 1);
                return Err(wrong(path, format!("byte {}", i * record + j), reason));
            }
        }
        labels.extend(of.last());
        pixels.extend(image);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(layout: &[u8], records: usize) -> Vec<u8> {
        let record = |i: usize| {
            let labels = layout.iter().map(move |classes| u8::try_from(i).unwrap() % classes);
            labels.chain((0..IMAGE).map(move |j| u8::try_from((i + j) % 251).unwrap()))
        };
        (0..records).flat_map(record).collect()
    }

    fn parse(bytes: &[u8], layout: &[u8], count: usize) -> Result<(Vec<u8>, Vec<u8>), Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.bin");
        std::fs::write(&path, bytes).unwrap();
        let (mut pixels, mut labels) = (vec![], vec![]);
        file(&path, layout, count, &mut pixels, &mut labels).map(|()| (pixels, labels))
    }

    #[test]
    fn records_are_taken_apart() {
        for layout in [&PLAIN[..], &COARSE[..]] {
            let (pixels, labels) = parse(&records(layout, 25), layout, 25).unwrap();
            let fine = *layout.last().unwrap();
            assert_eq!(labels, (0..25).map(|i| i % fine).collect::<Vec<u8>>());
            assert_eq!(pixels.len(), 25 * IMAGE);
            assert_eq!(pixels[3 * IMAGE + 5], 8);
        }
    }

    #[test]
    fn what_is_no_such_file_is_refused_with_its_place() {
        let good = records(&COARSE, 4);
        let place = |bytes: &[u8]| match parse(bytes, &COARSE, 4).unwrap_err() {
            Error::Data { place, .. } => place,
            error => panic!("{error}"),
        };
        assert_eq!(place(&good[..good.len() - 1]), format!("byte {}", good.len() - 1));
        // A file that is cut between two records is no shorter data set.
        assert_eq!(place(&good[..3 * (2 + IMAGE)]), format!("byte {}", 3 * (2 + IMAGE)));
        assert_eq!(place(&[&good[..], &[0]].concat()), format!("byte {}", good.len()));
        for (j, label) in [(0, 20), (1, 100)] {
            let mut bad = good.clone();
            bad[2 * (2 + IMAGE) + j] = label;
            assert_eq!(place(&bad), format!("byte {}", 2 * (2 + IMAGE) + j));
        }
    }
}
