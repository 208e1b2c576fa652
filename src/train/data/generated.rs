//! Generated images: a NumPy archive (`.npz`) with `image` or `images`, bytes N x H x W x C, and `label` or `labels`, N whole numbers.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use ndarray_npy::{ReadNpyError, ReadNpyExt, ReadableElement};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Dataset, unreadable, wrong};
use crate::error::Error;

type Archive = ZipArchive<BufReader<File>>;

/// Reads generated images of `shape` (channels, rows, columns) with labels below `classes`.
///
/// # Errors
/// [`Error::Unreadable`], and [`Error::Data`] for an archive that is truncated or corrupt, or has images of another shape or labels that are no
/// classes.
pub fn generated(path: &Path, shape: [usize; 3], classes: usize) -> Result<Dataset, Error> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let length = file.metadata().map_err(|error| unreadable(path, &error))?.len();
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| {
        let reason =
            format!("no directory of a zip archive, which an .npz file ends with: {error}");
        wrong(path, format!("byte {length}"), reason)
    })?;
    let name = member(path, &archive, ["image.npy", "images.npy"])?;
    let images: ndarray::ArrayD<u8> = array(path, &mut archive, &name)?;
    let [channels, rows, columns] = shape;
    let expected = [rows, columns, channels];
    if images.ndim() != 4 || images.shape()[1..] != expected {
        let found = images.shape();
        let reason = format!("found shape {found:?}; [N, {rows}, {columns}, {channels}] is needed");
        return Err(wrong(path, name, reason));
    }
    let images =
        images.into_dimensionality::<ndarray::Ix4>().map_err(|error| wrong(path, &name, error))?;
    let label_name = member(path, &archive, ["label.npy", "labels.npy"])?;
    let labels = labels(path, &mut archive, &label_name)?;
    if labels.len() != images.shape()[0] {
        let reason =
            format!("found {} labels; {name} has {} images", labels.len(), images.shape()[0]);
        return Err(wrong(path, label_name, reason));
    }
    let class = |(i, label): (usize, &i64)| match u8::try_from(*label) {
        Ok(class) if usize::from(class) < classes => Ok(class),
        _ => {
            let reason = format!("found label {label}; allowed: 0 to {}", classes - 1);
            Err(wrong(path, format!("{label_name}, entry {i}"), reason))
        }
    };
    let labels = labels.iter().enumerate().map(class).collect::<Result<Vec<u8>, Error>>()?;
    if labels.is_empty() {
        return Err(wrong(path, name, "found no images; at least one is needed"));
    }
    let pixels = images.permuted_axes([0, 3, 1, 2]).iter().copied().collect();
    Dataset::new(pixels, labels, shape, classes)
}

/// The first of these names that is in the archive.
fn member(path: &Path, archive: &Archive, names: [&str; 2]) -> Result<String, Error> {
    let there: Vec<&str> = archive.file_names().collect();
    names.into_iter().find(|name| there.contains(name)).map(String::from).ok_or_else(|| {
        let mut there = there.clone();
        there.sort_unstable();
        let reason = format!(
            "found the members {}; {} or {} is needed",
            there.join(", "),
            names[0],
            names[1]
        );
        wrong(path, "the directory of the archive", reason)
    })
}

/// An array of the archive.
fn array<T: ReadableElement>(
    path: &Path,
    archive: &mut Archive,
    name: &str,
) -> Result<ndarray::ArrayD<T>, Error> {
    read(path, archive, name)?.map_err(|error| wrong(path, name, error))
}

/// An array of the archive; the inner error is the array's.
fn read<T: ReadableElement>(
    path: &Path,
    archive: &mut Archive,
    name: &str,
) -> Result<Result<ndarray::ArrayD<T>, ReadNpyError>, Error> {
    let member = archive.by_name(name).map_err(|error: ZipError| wrong(path, name, error))?;
    let place = format!("{name} at byte {}", member.data_start());
    match ndarray::ArrayD::read_npy(member) {
        Err(ReadNpyError::Io(error)) => Err(wrong(path, place, format!("cannot be read: {error}"))),
        other => Ok(other),
    }
}

/// Labels of one of the types that NumPy is likely to have chosen.
fn labels(path: &Path, archive: &mut Archive, name: &str) -> Result<Vec<i64>, Error> {
    fn flat<T: Copy + Into<i64>>(array: &ndarray::ArrayD<T>) -> Option<Vec<i64>> {
        (array.ndim() == 1).then(|| array.iter().map(|label| (*label).into()).collect())
    }
    let found = if let Ok(array) = read::<i64>(path, archive, name)? {
        flat(&array)
    } else if let Ok(array) = read::<i32>(path, archive, name)? {
        flat(&array)
    } else {
        flat(&array::<u8>(path, archive, name)?)
    };
    found.ok_or_else(|| wrong(path, name, "found more than one axis; [N] is needed"))
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, Write};

    use ndarray::{Array, Array1, Array4};
    use ndarray_npy::{WritableElement, WriteNpyExt};
    use zip::write::FileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    fn add<T: WritableElement, D: ndarray::Dimension>(
        writer: &mut ZipWriter<impl Write + Seek>,
        name: &str,
        array: &Array<T, D>,
        method: CompressionMethod,
    ) {
        writer.start_file(name, FileOptions::default().compression_method(method)).unwrap();
        array.write_npy(writer).unwrap();
    }

    fn images(n: usize) -> Array4<u8> {
        Array4::from_shape_fn((n, 4, 5, 3), |(i, row, column, channel)| {
            u8::try_from(i * 60 + channel * 20 + row * 5 + column).unwrap()
        })
    }

    fn archive(images: &Array4<u8>, labels: &Array1<i64>, method: CompressionMethod) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(vec![]);
        let mut writer = ZipWriter::new(&mut bytes);
        add(&mut writer, "image.npy", images, method);
        add(&mut writer, "label.npy", labels, method);
        writer.finish().unwrap();
        drop(writer);
        bytes.into_inner()
    }

    fn parse(bytes: &[u8]) -> Result<Dataset, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.npz");
        std::fs::write(&path, bytes).unwrap();
        generated(&path, [3, 4, 5], 10)
    }

    #[test]
    fn channels_come_first_afterwards() {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let data = parse(&archive(&images(3), &Array1::from(vec![9, 0, 4]), method)).unwrap();
            assert_eq!(data.labels(), [9, 0, 4]);
            assert_eq!(data.pixels(), (0..180).collect::<Vec<u8>>());
        }
    }

    #[test]
    fn labels_may_be_bytes() {
        let mut bytes = std::io::Cursor::new(vec![]);
        let mut writer = ZipWriter::new(&mut bytes);
        add(&mut writer, "images.npy", &images(2), CompressionMethod::Stored);
        add(&mut writer, "labels.npy", &Array1::from(vec![1_u8, 2]), CompressionMethod::Stored);
        writer.finish().unwrap();
        drop(writer);
        assert_eq!(parse(&bytes.into_inner()).unwrap().labels(), [1, 2]);
    }

    #[test]
    fn what_is_no_such_archive_is_refused_with_its_place() {
        let stored = CompressionMethod::Stored;
        let good = archive(&images(3), &Array1::from(vec![9, 0, 4]), stored);
        let message = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
        let refused = |bytes: &[u8], texts: &[&str]| {
            let message = message(bytes);
            for text in texts {
                assert!(message.contains(text), "{message}: no {text}");
            }
        };
        refused(&good[..good.len() - 30], &[&format!("byte {}", good.len() - 30), "zip"]);
        // A pixel that has changed: the archive's checksum notices.
        let mut bad = good.clone();
        bad[250] ^= 1;
        refused(&bad, &["image.npy at byte", "checksum"]);
        let labels = |labels: Vec<i64>| archive(&images(3), &Array1::from(labels), stored);
        refused(&labels(vec![9, 10, 4]), &["label.npy, entry 1", "found label 10", "0 to 9"]);
        refused(&labels(vec![9, -1, 4]), &["label.npy, entry 1", "found label -1"]);
        refused(&labels(vec![9, 1]), &["label.npy", "found 2 labels", "3 images"]);
        let flat = Array4::zeros((3, 4, 5, 1));
        refused(
            &archive(&flat, &Array1::zeros(3), stored),
            &["image.npy", "[3, 4, 5, 1]", "[N, 4, 5, 3]"],
        );
    }
}
