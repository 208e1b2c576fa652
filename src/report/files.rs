//! Writing files so that a reader never meets half of one.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Writes `contents` to `folder/name`, making the folder where it is missing: first to a file beside it, which then takes its name.
///
/// # Errors
/// [`Error::Unwritable`] with what the operating system says.
pub fn write(folder: &Path, name: &str, contents: impl AsRef<[u8]>) -> Result<PathBuf, Error> {
    let path = folder.join(name);
    let unwritable = |path: &Path, error: &std::io::Error| Error::Unwritable {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    // The process in the name keeps two runs into one folder apart.
    let draft = folder.join(format!(".{name}.{}", std::process::id()));
    fs::write(&draft, contents).and_then(|()| fs::rename(&draft, &path)).map_err(|error| {
        // The draft may never have come to be; the first error is the one to report.
        let _ = fs::remove_file(&draft);
        unwritable(&path, &error)
    })?;
    Ok(path)
}
