//! Laws and models as files: TOML documents, or the same tables in JSON.
//!
//! Numbers are read exactly as they are written, whether as numbers or as strings. Every error
//! names the file, the line where there is one, the key, what was found and what is allowed.

pub(crate) mod document;
mod read;
mod tensors;
mod write;

use std::path::Path;

use crate::catalogue::{self, Entry, LAWS, MODELS};
use crate::error::Error;
use crate::law::Law;
use crate::model::{Mlp, Model};
use crate::names;

use document::Document;

impl Law {
    /// The law of this name in the [catalogue], or else the one in the file at
    /// this path.
    ///
    /// # Errors
    /// [`Error::Unknown`] for what is neither, [`Error::Unreadable`], and [`Error::At`] for what is
    /// wrong inside the file.
    pub fn resolve(argument: &str) -> Result<Self, Error> {
        resolve("law", LAWS, argument, Path::new(""), read::law)
    }

    /// Reads a law from the TOML document `text`; `name` is what errors call it.
    ///
    /// # Errors
    /// [`Error::At`].
    pub fn from_toml(text: &str, name: &str) -> Result<Self, Error> {
        read::law(&Document::toml(text, name, Path::new(""))?.root())
    }

    /// Reads a law from a JSON table; `name` is what errors call it.
    ///
    /// # Errors
    /// [`Error::At`].
    pub fn from_json(value: &serde_json::Value, name: &str) -> Result<Self, Error> {
        read::law(&Document::json(value, name).root())
    }

    /// The law as a TOML document that reads back to the same law, every number exactly.
    #[must_use]
    pub fn to_toml(&self) -> String {
        write::law(self)
    }
}

impl Mlp {
    /// The layers as a safetensors file, `<n>.weight` (out x in) and `<n>.bias` (out) with n from 0, each number as its nearest double.
    #[must_use]
    pub fn to_safetensors(&self) -> Vec<u8> {
        tensors::bytes(self)
    }
}

impl Model {
    /// The model of this name in the [catalogue], or else the one in the file at
    /// this path.
    ///
    /// # Errors
    /// [`Error::Unknown`] for what is neither, [`Error::Unreadable`], and [`Error::At`] for what is
    /// wrong inside the file.
    pub fn resolve(argument: &str) -> Result<Self, Error> {
        resolve("model", MODELS, argument, Path::new(""), read::model)
    }

    /// Reads a model from the TOML document `text`; `name` is what errors call it. Paths in it are
    /// relative to the working directory.
    ///
    /// # Errors
    /// [`Error::At`].
    pub fn from_toml(text: &str, name: &str) -> Result<Self, Error> {
        read::model(&Document::toml(text, name, Path::new(""))?.root())
    }

    /// Reads a model from a JSON table; `name` is what errors call it. Paths in it are relative to
    /// the working directory.
    ///
    /// # Errors
    /// [`Error::At`].
    pub fn from_json(value: &serde_json::Value, name: &str) -> Result<Self, Error> {
        read::model(&Document::json(value, name).root())
    }

    /// The model as a TOML document that reads back to the same model, every number exactly. Files
    /// that it was read from are not referred to: everything is inline.
    #[must_use]
    pub fn to_toml(&self) -> String {
        write::model(self)
    }
}

/// Reads the catalogue entry that is named, or the file at the path `argument`, relative to
/// `folder`.
fn resolve<T>(
    what: &'static str,
    entries: &'static [Entry],
    argument: &str,
    folder: &Path,
    read: impl Fn(&document::Cursor) -> Result<T, Error>,
) -> Result<T, Error> {
    if let Some(entry) = catalogue::find(entries, argument) {
        let name = format!("catalogue/{what}s/{}.toml", entry.name());
        return read(&Document::toml(entry.text(), &name, Path::new(""))?.root());
    }
    let path = folder.join(argument);
    if !argument.contains(['/', '.', '\\']) && !path.exists() {
        let allowed = entries.iter().map(Entry::name).chain(["the path of a TOML file"]);
        return Err(names::unknown(what, argument, allowed));
    }
    let name = path.display().to_string();
    let bytes = bytes_of(&path)?;
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| Error::NotUtf8 { path: name.clone(), position: error.valid_up_to() })?;
    read(&Document::toml(text, &name, path.parent().unwrap_or(Path::new("")))?.root())
}

/// The bytes of a file.
fn bytes_of(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::Unreadable {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}
