//! Which function a line is in.

use super::scan::{Part, is_identifier, is_word, parts};
use gorace_analyzer_core::Listed;

/// The name of the function around `line` (counted from 1) of `text`: the nearest `fn` above it whose body is
/// still open there. `None` outside of functions.
///
/// ```
/// use gorace_analyzer::source::enclosing_function;
/// let text = "fn outer() {\n    fn inner() {}\n    here();\n}\n";
/// assert_eq!(enclosing_function(text, 3).as_deref(), Some("outer"));
/// ```
pub fn enclosing_function(text: &str, line: u32) -> Option<String> {
    // Open functions with the brace depth outside of their bodies.
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut pending: Option<String> = None;
    let mut depth = 0_usize;
    for (i, source) in text.lines().enumerate().take(line as usize) {
        let last = i + 1 == line as usize;
        let code: Vec<char> =
            parts(source).into_iter().map(|(c, part)| if part == Part::Code { c } else { ' ' }).listed();
        let mut word = String::new();
        let mut after_fn = false;
        for c in code.into_iter().chain([' ']) {
            if is_word(c) {
                word.push(c);
                continue;
            }
            if after_fn && is_identifier(&word) {
                pending = Some(word.clone());
            }
            if !word.is_empty() {
                after_fn = word == "fn";
                word.clear();
            }
            match c {
                '{' => {
                    open.extend(pending.take().map(|name| (name, depth)));
                    depth += 1;
                }
                '}' => {
                    depth = depth.saturating_sub(1);
                    // A body that closes on the line itself still holds what stands before the brace.
                    if !last {
                        open.retain(|(_, outside)| *outside < depth);
                    }
                }
                ';' => pending = None,
                _ => {}
            }
        }
    }
    pending.or_else(|| open.pop().map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_innermost_open_body() {
        let text = "impl A {\n    pub fn get(&self) -> u8 {\n        1\n    }\n\n    fn two(\n        a: u8,\n    ) -> u8 {\n        // fn no() {\n        let s = \"fn also_no() {\";\n        f(|| {\n            2\n        })\n    }\n}\nconst X: u8 = 1;\nfn one() { two() }\n";
        let at = |line| enclosing_function(text, line);
        assert_eq!(at(3).as_deref(), Some("get"));
        assert_eq!(at(5), None);
        assert_eq!(at(7).as_deref(), Some("two"));
        assert_eq!(at(12).as_deref(), Some("two"));
        assert_eq!(at(16), None);
        assert_eq!(at(17).as_deref(), Some("one"));
    }
}
