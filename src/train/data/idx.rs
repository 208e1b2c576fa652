//! IDX files, gzipped or not.
//!
//! An IDX file is big-endian: two zero bytes, the type (8 for bytes), the number of axes, the length of each axis as 32 bits, the entries.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::{Dataset, Part, Source, unreadable, wrong};
use crate::error::Error;

/// Reads a part of MNIST or of Fashion-MNIST.
pub(super) fn read(source: Source, folder: &Path, part: Part) -> Result<Dataset, Error> {
    let [_, rows, columns] = source.shape();
    let [images, path] = files(folder, part);
    let (axes, pixels) = array(&images, 3)?;
    for (axis, (found, expected)) in axes[1..].iter().zip([rows, columns]).enumerate() {
        if *found != expected {
            let what = ["rows", "columns"][axis];
            let place = format!("byte {}", 8 + 4 * axis);
            return Err(wrong(
                &images,
                place,
                format!("found {found} {what}; {source} has {expected}"),
            ));
        }
    }
    let (counts, labels) = array(&path, 1)?;
    if counts[0] != axes[0] {
        let reason =
            format!("found {} labels; `{}` has {} images", counts[0], images.display(), axes[0]);
        return Err(wrong(&path, "byte 4", reason));
    }
    if let Some(i) = labels.iter().position(|label| usize::from(*label) >= source.classes()) {
        let reason = format!("found label {}; allowed: 0 to {}", labels[i], source.classes() - 1);
        return Err(wrong(&path, format!("byte {}", 8 + i), reason));
    }
    Dataset::new(pixels, labels, source.shape(), source.classes())
}

/// The files of images and of labels; the gzipped ones where only those are there.
pub(super) fn files(folder: &Path, part: Part) -> [PathBuf; 2] {
    let stem = match part {
        Part::Train => "train",
        Part::Test => "t10k",
    };
    ["images-idx3", "labels-idx1"].map(|what| {
        let plain = folder.join(format!("{stem}-{what}-ubyte"));
        if plain.exists() { plain } else { plain.with_extension("gz") }
    })
}

/// The lengths of the axes and the entries of an IDX file of bytes.
fn array(path: &Path, axes: u8) -> Result<(Vec<usize>, Vec<u8>), Error> {
    let file = BufReader::new(File::open(path).map_err(|error| unreadable(path, &error))?);
    if path.extension().is_some_and(|extension| extension == "gz") {
        parse(path, MultiGzDecoder::new(file), axes, " once unpacked")
    } else {
        parse(path, file, axes, "")
    }
}

fn parse(
    path: &Path,
    mut reader: impl Read,
    axes: u8,
    unpacked: &str,
) -> Result<(Vec<usize>, Vec<u8>), Error> {
    // No more is read than the header announces, and one byte.
    let mut take = |most: usize, from: usize| {
        let mut bytes = Vec::new();
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        match reader.by_ref().take(most).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => {
                let place = format!("byte {}{unpacked}", from + bytes.len());
                Err(wrong(path, place, format!("cannot be read further: {error}")))
            }
        }
    };
    let place = |offset: usize| format!("byte {offset}{unpacked}");
    let length = 4 + 4 * usize::from(axes);
    let header = take(length, 0)?;
    let magic = [0, 0, 8, axes];
    if header.len() >= 4 && header[..4] != magic {
        let reason = format!(
            "found {:02x?}; an IDX file of bytes with {axes} axes starts with {magic:02x?}",
            &header[..4]
        );
        return Err(wrong(path, place(0), reason));
    }
    if header.len() < length {
        let reason = format!("ends within the header, which is {length} bytes long");
        return Err(wrong(path, place(header.len()), reason));
    }
    let axis = |bytes: &[u8]| bytes.iter().fold(0_usize, |n, byte| (n << 8) | usize::from(*byte));
    let lengths: Vec<usize> = header[4..].chunks(4).map(axis).collect();
    let Some(size) = lengths.iter().try_fold(1_usize, |size, axis| size.checked_mul(*axis)) else {
        return Err(wrong(
            path,
            place(4),
            format!("found axes {lengths:?}, which no memory holds"),
        ));
    };
    if size == 0 {
        return Err(wrong(
            path,
            place(4),
            format!("found axes {lengths:?}; at least one entry is needed"),
        ));
    }
    let entries = take(size.saturating_add(1), length)?;
    if entries.len() < size {
        let reason = format!("the file ends here; {size} entries need {} bytes", length + size);
        return Err(wrong(path, place(length + entries.len()), reason));
    }
    if entries.len() > size {
        let reason = format!("found more after the {size} entries that the header announces");
        return Err(wrong(path, place(length + size), reason));
    }
    Ok((lengths, entries))
}
