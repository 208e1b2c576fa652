//! Data sets read from files in their published formats, and files that are refused.
#![cfg(feature = "train")]

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use score_workbench::error::Error;
use score_workbench::train::data::{Dataset, Part, Source};

fn idx(axes: &[u32], entries: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, u8::try_from(axes.len()).unwrap()];
    bytes.extend(axes.iter().flat_map(|axis| axis.to_be_bytes()));
    bytes.extend(entries);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "train-labels-idx1-ubyte";

fn pixels(images: usize) -> Vec<u8> {
    (0..images * 784).map(|i| u8::try_from(i % 251).unwrap()).collect()
}

/// Reads the training part from these two files.
fn read(names: [&str; 2], images: &[u8], labels: &[u8]) -> Result<Dataset, Error> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(names[0]), images).unwrap();
    fs::write(folder.path().join(names[1]), labels).unwrap();
    Source::FashionMnist.read(folder.path(), Part::Train)
}

#[test]
fn idx_files_are_read_plain_and_gzipped() {
    let (images, labels) = (idx(&[3, 28, 28], &pixels(3)), idx(&[3], &[9, 0, 4]));
    let plain = read([IMAGES, LABELS], &images, &labels).unwrap();
    assert_eq!((plain.len(), plain.labels(), plain.pixels()), (3, &[9, 0, 4][..], &pixels(3)[..]));
    let names = [format!("{IMAGES}.gz"), format!("{LABELS}.gz")];
    let packed = read([&names[0], &names[1]], &gzip(&images), &gzip(&labels)).unwrap();
    assert_eq!(packed, plain);
}

#[test]
fn idx_files_that_are_wrong_are_refused_with_file_place_and_reason() {
    let (images, labels) = (idx(&[3, 28, 28], &pixels(3)), idx(&[3], &[9, 0, 4]));
    let check = |images: &[u8], labels: &[u8], file: &str, at: &str, text: &str| {
        let error = read([IMAGES, LABELS], images, labels).unwrap_err();
        let Error::Data { path, place, reason } = &error else { panic!("{error}") };
        assert!(path.ends_with(file), "{error}");
        assert_eq!(place, at, "{error}");
        assert!(reason.contains(text), "{error}");
    };
    check(&images[..2000], &labels, IMAGES, "byte 2000", "2352 entries need 2368 bytes");
    check(&images[..9], &labels, IMAGES, "byte 9", "header");
    check(
        &[&images[..], &[7]].concat(),
        &labels,
        IMAGES,
        "byte 2368",
        "more after the 2352 entries",
    );
    check(&labels, &labels, IMAGES, "byte 0", "3 axes");
    check(b"\x89PNG\r\n\x1a\n........", &labels, IMAGES, "byte 0", "IDX");
    check(&idx(&[3, 28, 14], &pixels(3)[..1176]), &labels, IMAGES, "byte 12", "found 14 columns");
    check(&idx(&[0, 28, 28], &[]), &labels, IMAGES, "byte 4", "at least one entry");
    check(&idx(&[u32::MAX; 3], &[]), &labels, IMAGES, "byte 4", "no memory");
    check(&images, &idx(&[2], &[9, 0]), LABELS, "byte 4", "found 2 labels");
    check(&images, &idx(&[3], &[9, 0, 10]), LABELS, "byte 10", "found label 10; allowed: 0 to 9");
}

#[test]
fn gzipped_files_that_are_wrong_are_refused() {
    let (images, labels) = (idx(&[3, 28, 28], &pixels(3)), idx(&[3], &[9, 0, 4]));
    let (images_gz, labels_gz) = (format!("{IMAGES}.gz"), format!("{LABELS}.gz"));
    let refused = |packed: &[u8], text: &str| {
        let error = read([&images_gz, &labels_gz], packed, &gzip(&labels)).unwrap_err().to_string();
        assert!(error.contains(IMAGES) && error.contains("once unpacked"), "{error}");
        assert!(error.contains(text), "{error}");
    };
    let packed = gzip(&images);
    refused(&packed[..packed.len() / 2], "cannot be read further");
    // The checksum at the end of a gzip file.
    let mut flipped = packed.clone();
    let at = flipped.len() - 6;
    flipped[at] ^= 1;
    refused(&flipped, "cannot be read further");
    refused(&gzip(&images[..2000]), "2352 entries need 2368 bytes");
    refused(&images, "cannot be read further");
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Source::Mnist.read(folder.path(), Part::Test).unwrap_err().to_string();
    assert!(error.contains("t10k-images-idx3-ubyte.gz"), "{error}");
    let error = Source::Cifar100.read(folder.path(), Part::Test).unwrap_err().to_string();
    assert!(error.contains("test.bin"), "{error}");
}

/// Files of the published size, as far as a test part goes.
#[test]
fn cifar_files_of_the_published_format_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for (source, name, coarse) in
        [(Source::Cifar10, "test_batch.bin", 0), (Source::Cifar100, "test.bin", 1)]
    {
        let classes = source.classes();
        let record = |i: usize| {
            let mut record = vec![0; coarse + 1 + 3072];
            record[coarse] = u8::try_from(i % classes).unwrap();
            record[coarse + 1] = u8::try_from(i / 256).unwrap();
            record[coarse + 3072] = u8::try_from(i % 256).unwrap();
            record
        };
        let bytes: Vec<u8> = (0..10_000).flat_map(record).collect();
        let path = folder.path().join(name);
        fs::write(&path, &bytes).unwrap();
        let data = source.read(folder.path(), Part::Test).unwrap();
        assert_eq!((data.len(), data.shape()), (10_000, [3, 32, 32]));
        assert_eq!(usize::from(data.labels()[1234]), 1234 % classes);
        let image = &data.pixels()[1234 * 3072..1235 * 3072];
        assert_eq!((image[0], image[3071]), (4, 210));
        fs::write(&path, &bytes[..bytes.len() - bytes.len() / 10_000]).unwrap();
        assert!(matches!(source.read(folder.path(), Part::Test), Err(Error::Data { .. })));
    }
}

/// The real thing, where it is installed.
#[test]
fn fashion_mnist_is_what_was_published() {
    let folder = Source::FashionMnist.installed().unwrap();
    if !Path::new(&folder).exists() {
        eprintln!("skipped: {} is not there (scripts/setup-fashion-mnist.sh)", folder.display());
        return;
    }
    for (part, size) in [Part::Train, Part::Test].into_iter().zip(Source::FashionMnist.sizes()) {
        let data = Source::FashionMnist.read(&folder, part).unwrap();
        assert_eq!(data.len(), size);
        let of =
            |class: usize| data.labels().iter().filter(move |label| usize::from(**label) == class);
        for class in 0..10 {
            assert_eq!(of(class).count(), size / 10);
        }
    }
}
