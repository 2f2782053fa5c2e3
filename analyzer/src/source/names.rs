//! What a line of source calls the thing that it makes, and which function a line is in.

use crate::source::line;

/// The name of the object that is made at `column` (in characters, counted from 1) of `line`: the binding,
/// static or field that it becomes.
///
/// ```
/// use gorace_analyzer::source::object_name;
/// assert_eq!(object_name("let (a, b) = (Mutex::new(1), Mutex::new(2));", 30).as_deref(), Some("b"));
/// assert_eq!(object_name("    hits: Shared::new(0),", 11).as_deref(), Some("hits"));
/// ```
pub fn object_name(line: &str, column: u32) -> Option<String> {
    let skip = column.saturating_sub(1) as usize;
    let at = line.char_indices().nth(skip).map_or(line.len(), |(at, _)| at);
    let before = &line[..at];
    if let Some((_, binding)) = split_last_word(before, "let") {
        return pattern_name(binding);
    }
    for keyword in ["static", "const"] {
        if let Some((_, binding)) = split_last_word(before, keyword) {
            return identifier(binding.trim_start().trim_start_matches("mut "));
        }
    }
    field_name(before)
}

/// Splits behind the last occurrence of `word` as a word of its own.
fn split_last_word<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let at = text.rfind(&format!("{word} "))?;
    let own = text[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
    own.then(|| (&text[..at], &text[at + word.len() + 1..]))
}

/// The name in `x: T = ..`, `mut x = ..` or `(a, b) = (.., ..`.
fn pattern_name(binding: &str) -> Option<String> {
    let binding = binding.trim_start();
    let Some(tuple) = binding.strip_prefix('(') else {
        return identifier(binding.strip_prefix("mut ").unwrap_or(binding));
    };
    let (names, value) = tuple.split_once(')')?;
    let names: Vec<String> = names.split(',').filter_map(|name| identifier(name.trim().trim_start_matches("mut "))).collect();
    let value = value.trim_start().trim_start_matches('=').trim_start();
    match value.strip_prefix('(') {
        Some(values) => names.get(top_level_commas(values)).cloned(),
        None => Some(names.join(", ")).filter(|all| !all.is_empty()),
    }
}

fn top_level_commas(text: &str) -> usize {
    let (mut depth, mut commas) = (0_i32, 0);
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
    }
    commas
}

/// The field in `field: T::new(` or `self.field = T::new(`, the last one before the point.
fn field_name(before: &str) -> Option<String> {
    let bytes = before.as_bytes();
    let is_single = |at: usize, c: u8| bytes[at] == c && bytes.get(at + 1) != Some(&c) && (at == 0 || bytes[at - 1] != c);
    let at = (0..bytes.len()).rev().find(|&at| {
        is_single(at, b':') || (is_single(at, b'=') && bytes.get(at + 1) != Some(&b'>') && at > 0 && !b"!<>+-*/".contains(&bytes[at - 1]))
    })?;
    let left = before[..at].trim_end();
    let start = left.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1);
    identifier(&left[start..])
}

/// The identifier that `text` starts with.
fn identifier(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let name = &text[..end];
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) && name != "_").then(|| name.to_owned())
}

/// The name of the function that holds line `number` (counted from 1), by indentation.
///
/// ```
/// use gorace_analyzer::source::enclosing_fn;
/// let text = "fn transfer() {\n    a.lock();\n}\n";
/// assert_eq!(enclosing_fn(text, 2).as_deref(), Some("transfer"));
/// ```
pub fn enclosing_fn(text: &str, number: u32) -> Option<String> {
    let own = indentation(line(text, number)?);
    let above: Vec<&str> = text.lines().take(number.saturating_sub(1) as usize).collect();
    above.iter().rev().find_map(|line| {
        let (before, after) = split_last_word(line, "fn")?;
        let is_code = !before.contains("//") && !before.contains('"');
        (is_code && indentation(line) < own).then(|| identifier(after.trim_start())).flatten()
    })
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::{enclosing_fn, object_name};

    #[test]
    fn names_what_a_line_makes() {
        for (line, made, name) in [
            ("let a = Arc::new(Mutex::new(0));", "Mutex", Some("a")),
            ("let mut hits: Shared<u64> = Shared::new(0);", "Shared::", Some("hits")),
            ("let (tx, rx) = gorace::chan(0);", "gorace", Some("tx, rx")),
            ("static TOTAL: Mutex<u32> = Mutex::new(0);", "Mutex::", Some("TOTAL")),
            ("        self.keep = Mutex::new(0);", "Mutex", Some("keep")),
            ("    Bank { a: Mutex::new(1), b: Mutex::new(2) }", "Mutex::new(2)", Some("b")),
            ("    Mutex::new(0)", "Mutex", None),
            ("let _ = Mutex::new(0);", "Mutex", None),
            ("if a == b { f(Mutex::new(0)) }", "Mutex", None),
        ] {
            let column = line[..line.find(made).unwrap_or(0)].chars().count() as u32 + 1;
            assert_eq!(object_name(line, column).as_deref(), name, "{line}");
        }
    }

    #[test]
    fn finds_the_function_around() {
        let text = "impl Bank {\n    fn transfer(&self) {\n        // fn of(\n        go!({\n            self.a.lock();\n        });\n    }\n}\n";
        assert_eq!(enclosing_fn(text, 5).as_deref(), Some("transfer"));
        assert_eq!(enclosing_fn(text, 1), None);
        assert_eq!(enclosing_fn(text, 99), None);
    }
}
