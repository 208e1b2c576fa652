//! A small document tree that TOML and JSON share, and a cursor that knows where in it one is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::error::Error;
use crate::exact::Exact;
use crate::names;

use super::tensors;

/// A document with what its errors have to say of it.
pub(crate) struct Document {
    name: String,
    folder: PathBuf,
    text: Option<String>,
    root: Node,
}

struct Node {
    value: Value,
    /// Where it starts in the text, in bytes.
    offset: usize,
}

enum Value {
    Table(BTreeMap<String, Node>),
    Array(Vec<Node>),
    /// A number as it is written.
    Number(String),
    Text(String),
    Boolean(
        #[cfg_attr(not(feature = "train"), expect(dead_code, reason = "only trainings have them"))]
        bool,
    ),
    /// Something that no key takes; the kind of thing it is.
    Other(&'static str),
}

impl Document {
    /// Parses TOML; paths in the document are relative to `folder`.
    pub fn toml(text: &str, name: &str, folder: &Path) -> Result<Self, Error> {
        let table = DeTable::parse(text).map_err(|error| Error::At {
            file: name.into(),
            line: error.span().map(|span| line_of(text, span.start)),
            key: String::new(),
            cause: Box::new(Error::Syntax { reason: error.message().trim().replace('\n', ", ") }),
        })?;
        let value = from_toml_table(table.into_inner());
        let root = Node { value, offset: 0 };
        Ok(Self { name: name.into(), folder: folder.into(), text: Some(text.into()), root })
    }

    /// Takes over a JSON value.
    pub fn json(value: &serde_json::Value, name: &str) -> Self {
        let root = from_json(value);
        Self { name: name.into(), folder: PathBuf::new(), text: None, root }
    }

    /// A cursor at the whole document.
    pub fn root(&self) -> Cursor<'_> {
        Cursor { document: self, node: &self.root, key: String::new() }
    }
}

/// The number of the line that holds the byte at `offset`, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

fn from_toml_table(table: DeTable) -> Value {
    let entry = |(key, value): (toml::Spanned<_>, toml::Spanned<DeValue>)| {
        let key: std::borrow::Cow<str> = key.into_inner();
        (key.into_owned(), from_toml(value))
    };
    Value::Table(table.into_iter().map(entry).collect())
}

fn from_toml(value: toml::Spanned<DeValue>) -> Node {
    let offset = value.span().start;
    let value = match value.into_inner() {
        DeValue::Table(table) => from_toml_table(table),
        DeValue::Array(array) => Value::Array(array.into_iter().map(from_toml).collect()),
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Float(number) => Value::Number(number.as_str().replace('_', "")),
        DeValue::Integer(number) => Value::Number(
            // Hexadecimal, octal or binary; one that does not fit is left to be refused as it is
            // written.
            match i128::from_str_radix(number.as_str(), number.radix()) {
                Ok(value) => value.to_string(),
                Err(_) => number.as_str().replace('_', ""),
            },
        ),
        DeValue::Boolean(value) => Value::Boolean(value),
        DeValue::Datetime(_) => Value::Other("a date"),
    };
    Node { value, offset }
}

fn from_json(value: &serde_json::Value) -> Node {
    let value = match value {
        serde_json::Value::Object(table) => {
            Value::Table(table.iter().map(|(key, value)| (key.clone(), from_json(value))).collect())
        }
        serde_json::Value::Array(array) => Value::Array(array.iter().map(from_json).collect()),
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Number(number) => Value::Number(number.to_string()),
        serde_json::Value::Bool(value) => Value::Boolean(*value),
        serde_json::Value::Null => Value::Other("null"),
    };
    Node { value, offset: 0 }
}

/// A node with its key path.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    document: &'a Document,
    node: &'a Node,
    key: String,
}

impl<'a> Cursor<'a> {
    /// The folder that paths in the document are relative to.
    pub fn folder(&self) -> &'a Path {
        &self.document.folder
    }

    /// The error `cause`, at this place. An error that already has a place, in a file that this one
    /// refers to, keeps it.
    pub fn error(&self, cause: Error) -> Error {
        if matches!(cause, Error::At { .. }) {
            return cause;
        }
        Error::At {
            file: self.document.name.clone(),
            line: self.document.text.as_ref().map(|text| line_of(text, self.node.offset)),
            key: self.key.clone(),
            cause: Box::new(cause),
        }
    }

    /// The error `cause` of what this table describes, at the key it is about if there is one.
    pub fn blame(&self, cause: Error) -> Error {
        let about: &[&str] = match &cause {
            Error::NotPositive { what, .. }
            | Error::Negative { what, .. }
            | Error::Shape { what, .. }
            | Error::Empty { what }
            | Error::NotAscending { what, .. }
            | Error::SumNotOne { what, .. } => &[what, "layers", "file"],
            Error::NotSymmetric { .. } | Error::NotPositiveDefinite { .. } => &["covariance"],
            Error::TooFewClasses { .. } => {
                &["weights", "layers", "file", "probabilities", "logits"]
            }
            _ => &[],
        };
        match about.iter().find_map(|key| self.get(key)) {
            Some(cursor) => cursor.error(cause),
            None => self.error(cause),
        }
    }

    fn wrong_type(&self, expected: &'static str) -> Error {
        let found = match self.node.value {
            Value::Table(_) => "a table",
            Value::Array(_) => "an array",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::Boolean(_) => "a boolean",
            Value::Other(kind) => kind,
        };
        self.error(Error::WrongType { found, expected })
    }

    fn table(&self) -> Result<&'a BTreeMap<String, Node>, Error> {
        match &self.node.value {
            Value::Table(table) => Ok(table),
            _ => Err(self.wrong_type("a table")),
        }
    }

    fn at(&self, key: &str, node: &'a Node) -> Self {
        let dot = if self.key.is_empty() { "" } else { "." };
        Self { document: self.document, node, key: format!("{}{dot}{key}", self.key) }
    }

    /// Whether this is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.node.value, Value::Table(_))
    }

    /// Whether this is a number, or a string that may hold one.
    pub fn is_number(&self) -> bool {
        matches!(self.node.value, Value::Number(_) | Value::Text(_))
    }

    /// Checks that this is a table that has no other keys than these.
    pub fn allow(&self, allowed: &[&str]) -> Result<(), Error> {
        match self.table()?.iter().find(|(key, _)| !allowed.contains(&key.as_str())) {
            None => Ok(()),
            Some((key, node)) => {
                let cause = names::unknown("key", key, allowed.iter().copied());
                Err(self.at(key, node).error(cause))
            }
        }
    }

    /// The value of a key, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<Self> {
        let node = self.table().ok()?.get(key)?;
        Some(self.at(key, node))
    }

    /// The value of a key that must be there.
    pub fn require(&self, key: &'static str) -> Result<Self, Error> {
        let table = self.table()?;
        self.get(key).ok_or_else(|| {
            self.error(Error::MissingKey { key, found: table.keys().cloned().collect() })
        })
    }

    /// The only one of several keys that is there.
    pub fn require_one(
        &self,
        allowed: &'static [&'static str],
    ) -> Result<(&'static str, Self), Error> {
        let mut present = allowed.iter().filter_map(|key| Some((*key, self.get(key)?)));
        if let (Some(only), None) = (present.next(), present.next()) {
            return Ok(only);
        }
        let found = allowed.iter().filter(|key| self.get(key).is_some());
        Err(self
            .error(Error::NotOneKey { found: found.map(ToString::to_string).collect(), allowed }))
    }

    /// The elements of an array.
    pub fn items(&self) -> Result<Vec<Self>, Error> {
        let Value::Array(array) = &self.node.value else {
            return Err(self.wrong_type("an array"));
        };
        let item =
            |(i, node)| Self { document: self.document, node, key: format!("{}[{i}]", self.key) };
        Ok(array.iter().enumerate().map(item).collect())
    }

    /// A string, where `expected` is allowed.
    pub fn text(&self, expected: &'static str) -> Result<&'a str, Error> {
        match &self.node.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.wrong_type(expected)),
        }
    }

    /// A boolean.
    #[cfg(feature = "train")]
    pub fn boolean(&self) -> Result<bool, Error> {
        match self.node.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(self.wrong_type("true or false")),
        }
    }

    /// A number, or a string that holds one.
    pub fn number(&self) -> Result<Exact, Error> {
        match &self.node.value {
            Value::Number(text) | Value::Text(text) => {
                text.parse().map_err(|error| self.error(error))
            }
            _ => Err(self.wrong_type("a number, or a string holding one")),
        }
    }

    /// An array of numbers, or a table that says which tensor of which safetensors file holds them: `{ file = "law.safetensors", tensor =
    /// "mean" }`.
    pub fn numbers(&self) -> Result<Vec<Exact>, Error> {
        if self.is_table() {
            return Ok(self.tensor(1, "[d]")?.0);
        }
        self.items()?.iter().map(Self::number).collect()
    }

    /// An array of arrays of numbers, or such a table.
    pub fn matrix(&self) -> Result<Vec<Vec<Exact>>, Error> {
        if self.is_table() {
            let (numbers, shape) = self.tensor(2, "[rows, columns]")?;
            return Ok(numbers.chunks(shape[1].max(1)).map(<[Exact]>::to_vec).collect());
        }
        self.items()?.iter().map(Self::numbers).collect()
    }

    /// The tensor that this table refers to, with its shape; the name may be left out where the file holds but one.
    fn tensor(
        &self,
        rank: usize,
        expected: &'static str,
    ) -> Result<(Vec<Exact>, Vec<usize>), Error> {
        self.allow(&["file", "tensor"])?;
        let file = self.require("file")?;
        let path = self.folder().join(file.text("a string")?);
        let name = self.get("tensor");
        let text = name.as_ref().map(|name| name.text("a string")).transpose()?;
        let found = tensors::tensor(&path, text, rank, expected);
        found.map_err(|error| name.as_ref().unwrap_or(&file).error(error))
    }
}
