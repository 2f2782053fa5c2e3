//! The name of an object that a derived `Default` made: the place is the derive, and the type tells the field.

use super::scan::{Part, is_word, parts};
use gorace_analyzer_core::Listed;

/// Lines of a struct that are looked at.
const LINES: usize = 60;

/// The field that holds what `derive(Default)` at `line` (counted from 1) of `text` made, an object of type
/// `type_name` as [`std::any::type_name`] prints it. `None` if it is no derive, or if several fields may be meant.
///
/// ```
/// use gorace_analyzer::source::derived_field;
/// let text = "#[derive(Default)]\nstruct Inbox {\n    lock: Mutex<()>,\n    arrived: Condvar,\n}\n";
/// assert_eq!(derived_field(text, 1, "gorace::sync::condvar::Condvar").as_deref(), Some("arrived"));
/// ```
pub fn derived_field(text: &str, line: u32, type_name: &str) -> Option<String> {
    let mut fields = derived_fields(text, line, type_name).into_iter();
    let first = fields.next()?;
    fields.next().is_none().then_some(first)
}

/// The fields that may be meant: as [`derived_field`], for a type that several fields have.
pub fn derived_fields(text: &str, line: u32, type_name: &str) -> Vec<String> {
    let Some(above) = (line as usize).checked_sub(1) else { return Vec::new() };
    let mut lines = text.lines().skip(above).take(LINES).map(code);
    let is_derive = |derive: String| derive.contains("derive(") && derive.contains("Default");
    if !lines.next().is_some_and(is_derive) || !lines.any(|line| line.trim_end().ends_with('{')) {
        return Vec::new();
    }
    let fields: Vec<(String, String)> =
        lines.take_while(|line| line.trim() != "}").filter_map(|line| field(&line)).listed();
    let wanted = without_paths(type_name);
    let fitting = |fits: &dyn Fn(&str) -> bool| -> Vec<String> {
        fields.iter().filter(|(_, ty)| fits(ty)).map(|(name, _)| name.clone()).listed()
    };
    let exact = fitting(&|ty| ty == wanted);
    // A type may have another name here than the compiler has for it: then what is outermost has to do.
    if exact.is_empty() { fitting(&|ty| outermost(ty) == outermost(&wanted)) } else { exact }
}

/// The line without comments and texts.
fn code(line: &str) -> String {
    parts(line).into_iter().filter(|(_, part)| *part == Part::Code).map(|(c, _)| c).collect()
}

/// `lock: Mutex<()>,`
fn field(line: &str) -> Option<(String, String)> {
    let (left, ty) = line.trim().split_once(": ")?;
    let name = left.rsplit(' ').next()?;
    name.chars().all(is_word).then(|| (name.to_owned(), without_paths(ty.trim_end_matches(','))))
}

/// `Mutex<Option<u16>>` for `gorace::sync::mutex::Mutex<core::option::Option<u16>>`.
fn without_paths(ty: &str) -> String {
    let mut short = String::new();
    for c in ty.chars().filter(|c| !c.is_whitespace()) {
        short.push(c);
        if short.ends_with("::") {
            let path = short.trim_end_matches("::");
            let from = path.char_indices().rev().take_while(|(_, c)| is_word(*c)).last();
            short.truncate(from.map_or(path.len(), |(at, _)| at));
        }
    }
    short
}

fn outermost(ty: &str) -> &str {
    ty.split('<').next().unwrap_or(ty)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
#[derive(Clone, Default)]
pub struct Hub<T> {
    // watchers: Mutex<u8>,
    pub watchers: sync::Mutex<Option<u16>>,
    left: Mutex<bool>, // who left
    pub(crate) any: Condvar,
    table: RwLock<Table<T>>,
    one: Once,
    two: Once,
}

#[derive(Debug)]
struct Other {
    any: Condvar,
}
";

    #[test]
    fn the_type_tells_the_field() {
        for (ty, name) in [
            ("gorace::sync::mutex::Mutex<core::option::Option<u16>>", Some("watchers")),
            ("gorace::sync::mutex::Mutex<bool>", Some("left")),
            ("gorace::sync::condvar::Condvar", Some("any")),
            ("gorace::sync::rwlock::RwLock<alloc::vec::Vec<u8>>", Some("table")),
            // Either of two, or none.
            ("gorace::sync::mutex::Mutex<u64>", None),
            ("gorace::sync::once::Once", None),
            ("gorace::sync::mutex::Mutex<u8>", None),
            ("gorace::sync::barrier::Barrier", None),
        ] {
            assert_eq!(derived_field(TEXT, 2, ty).as_deref(), name, "{ty}");
        }
    }

    #[test]
    fn fields_of_one_type_are_all_told() {
        assert_eq!(derived_fields(TEXT, 2, "gorace::sync::once::Once"), ["one", "two"]);
        assert_eq!(derived_fields(TEXT, 3, "gorace::sync::once::Once"), [""; 0]);
    }

    #[test]
    fn nothing_is_told_where_no_default_is_derived() {
        for line in [0, 1, 3, 13, 99] {
            assert_eq!(derived_field(TEXT, line, "gorace::sync::condvar::Condvar"), None, "{line}");
        }
    }
}
