//! A JSON value with the path that led to it, so that an error can say where.

use serde_json::Value;
use std::fmt;

/// Why a file could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// It is no JSON, or was cut short.
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What the parser said.
        what: String,
    },
    /// It is a newer version than this program knows.
    Newer {
        /// The file's.
        schema: u64,
    },
    /// Something in it is not what it should be.
    Content {
        /// Where: `trace.events[3]`.
        at: String,
        /// What was expected.
        expected: String,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Syntax { line, column, what } => {
                write!(f, "expected whole JSON, got an error at line {line}, column {column}: {what}")
            }
            ReadError::Newer { schema } => {
                write!(f, "expected schema {} or older, got {schema}: update gorace", super::SCHEMA)
            }
            ReadError::Content { at, expected } => write!(f, "expected {expected} at `{at}`"),
        }
    }
}

impl std::error::Error for ReadError {}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct At<'v> {
    value: &'v Value,
    path: String,
}

pub(crate) type Read<T> = Result<T, ReadError>;

impl<'v> At<'v> {
    /// The root of a file of this kind.
    pub fn root(value: &'v Value, kind: &str) -> Read<Self> {
        let root = At { value, path: String::new() };
        let schema = root.get("schema")?.number()?;
        if schema > super::SCHEMA {
            return Err(ReadError::Newer { schema });
        }
        let found = root.get("kind")?;
        if found.text()? != kind {
            return found.fail(&format!("the kind `{kind}`"));
        }
        Ok(root)
    }

    pub fn fail<T>(&self, expected: &str) -> Read<T> {
        let at = if self.path.is_empty() { "the root".to_owned() } else { self.path.clone() };
        Err(ReadError::Content { at, expected: expected.to_owned() })
    }

    pub fn get(&self, key: &str) -> Read<At<'v>> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        match self.value.get(key) {
            Some(value) => Ok(At { value, path }),
            None => At { value: self.value, path }.fail("a value"),
        }
    }

    /// A key that may be missing.
    pub fn find(&self, key: &str) -> Option<At<'v>> {
        self.value.get(key).and_then(|_| self.get(key).ok())
    }

    pub fn item(&self, index: usize) -> Read<At<'v>> {
        let path = format!("{}[{index}]", self.path);
        match self.value.get(index) {
            Some(value) => Ok(At { value, path }),
            None => At { value: self.value, path }.fail("an element"),
        }
    }

    /// An item that may be missing.
    pub fn find_item(&self, index: usize) -> Option<At<'v>> {
        self.value.get(index).and_then(|_| self.item(index).ok())
    }

    pub fn list<T>(&self, read: impl Fn(At<'v>) -> Read<T>) -> Read<Vec<T>> {
        let Some(items) = self.value.as_array() else { return self.fail("a list") };
        (0..items.len()).map(|index| read(self.item(index)?)).collect()
    }

    pub fn optional<T>(&self, read: impl FnOnce(&At<'v>) -> Read<T>) -> Read<Option<T>> {
        if self.value.is_null() { Ok(None) } else { read(self).map(Some) }
    }

    pub fn text(&self) -> Read<&'v str> {
        self.value.as_str().map_or_else(|| self.fail("a text"), Ok)
    }

    pub fn string(&self) -> Read<String> {
        self.text().map(str::to_owned)
    }

    /// A text that is printed as it is: nothing in it moves the cursor or turns the direction of writing.
    pub fn printable(&self) -> Read<String> {
        let text = self.text()?;
        if crate::describe::names::clean(text) == text {
            Ok(text.to_owned())
        } else {
            self.fail("a text without control characters")
        }
    }

    pub fn number(&self) -> Read<u64> {
        self.value.as_u64().map_or_else(|| self.fail("a number from 0 on"), Ok)
    }

    pub fn small(&self) -> Read<u32> {
        let number = self.number()?;
        u32::try_from(number).map_or_else(|_| self.fail("a number below 2^32"), Ok)
    }

    /// An index into a table of `len` entries.
    pub fn index(&self, len: usize) -> Read<u32> {
        let index = self.small()?;
        if (index as usize) < len { Ok(index) } else { self.fail(&format!("an index below {len}")) }
    }

    pub fn flag(&self) -> Read<bool> {
        self.value.as_bool().map_or_else(|| self.fail("true or false"), Ok)
    }

    pub fn hex(&self) -> Read<u64> {
        u64::from_str_radix(self.text()?, 16).map_or_else(|_| self.fail("16 hex digits"), Ok)
    }

    /// A word that stands for something.
    pub fn word<T>(&self, what: &str, parse: impl FnOnce(&str) -> Option<T>) -> Read<T> {
        let text = self.text()?;
        parse(text).map_or_else(|| self.fail(&format!("{what}, not `{text}`")), Ok)
    }
}
