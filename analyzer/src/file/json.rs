//! JSON to be written: a tree of values, printed without blanks.
//!
//! Our own forty lines, because a whole library for this would be a third of what a user's test build compiles.
//! What it writes is read by `serde_json`, which is the judge of it in the tests.

use gorace_analyzer_core::Listed;
use std::fmt::{self, Write as _};

/// A value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Json {
    Null,
    Flag(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

/// An object with these keys.
pub(crate) fn object<const N: usize>(pairs: [(&'static str, Json); N]) -> Json {
    Json::Object(pairs.into())
}

/// A list of these.
pub(crate) fn list<T: Into<Json>>(items: impl IntoIterator<Item = T>) -> Json {
    Json::List(items.into_iter().map(Into::into).listed())
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Json::Flag(flag)
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Json::Number(number.into())
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Json::Number(number)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::Text(text.to_owned())
    }
}

impl From<&String> for Json {
    fn from(text: &String) -> Self {
        Json::Text(text.clone())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Json::Text(text)
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Json::Null, Into::into)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Flag(flag) => write!(f, "{flag}"),
            Json::Number(number) => write!(f, "{number}"),
            Json::Text(text) => quoted(text, f),
            Json::List(items) => {
                f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i > 0 { "," } else { "" })?;
                }
                f.write_char(']')
            }
            Json::Object(pairs) => {
                f.write_char('{')?;
                for (i, (key, value)) in pairs.iter().enumerate() {
                    write!(f, "{}\"{key}\":{value}", if i > 0 { "," } else { "" })?;
                }
                f.write_char('}')
            }
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if c < ' ' => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

#[cfg(all(test, feature = "files"))]
mod tests {
    use super::{Json, list, object};

    #[test]
    fn another_library_reads_it() {
        let text: String = (0..0x300).filter_map(char::from_u32).chain(['\u{2028}', '\u{1f980}']).collect();
        let value = object([
            ("text", (&text).into()),
            ("empty", "".into()),
            ("number", u64::MAX.into()),
            ("flags", list([true, false])),
            ("none", Json::Null),
            ("nested", list([list([1_u32, 2]), Json::List(Vec::new()), object([])])),
        ]);
        let read: serde_json::Value = serde_json::from_str(&value.to_string()).expect("it is JSON");
        let expected = serde_json::json!({
            "text": text, "empty": "", "number": u64::MAX, "flags": [true, false], "none": null,
            "nested": [[1, 2], [], {}],
        });
        assert_eq!(read, expected);
    }
}
