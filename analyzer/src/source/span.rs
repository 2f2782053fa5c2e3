//! From the point that `#[track_caller]` gives to the expression that a reader should look at.

use super::scan::{Part, is_word, parts};
use std::ops::Range;

/// How far a span goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// The name and its balanced brackets.
    Call,
    /// The name and its first argument if that is no closure or block, for a spawn: what is run says nothing about
    /// the call.
    FirstArgument,
}

/// The span, in characters of `line`, that begins at `column` (counted from 1): an identifier or path, `!`, a
/// turbofish, and the balanced brackets after it; at least one character, at most up to the end of the line.
/// `None` if the line has no such column.
///
/// ```
/// use gorace_analyzer::source::{grow, Reach};
/// assert_eq!(grow("self.hits.with(|h| f(\")\", *h)).abs();", 11, Reach::Call), Some(10..30));
/// ```
pub fn grow(line: &str, column: u32, reach: Reach) -> Option<Range<usize>> {
    let chars = parts(line);
    let start = (column as usize).checked_sub(1)?;
    if start >= chars.len() {
        return None;
    }
    let code = |i: usize| chars.get(i).filter(|(_, part)| *part == Part::Code).map(|(c, _)| *c);
    let mut i = start;
    while matches!(code(i), Some('*' | '&' | '!' | '-')) {
        i += 1;
    }
    loop {
        while code(i).is_some_and(is_word) {
            i += 1;
        }
        if (code(i), code(i + 1)) != (Some(':'), Some(':')) {
            break;
        }
        i += 2;
        if code(i) == Some('<') {
            i = balanced(&code, chars.len(), i, ('<', '>')).unwrap_or(i);
        }
    }
    if i > start && code(i) == Some('!') && matches!(code(i + 1), Some('(' | '[' | '{' | ' ')) {
        i += 1;
    }
    if reach == Reach::Call
        && let Some(end) = loop_head(&chars, start, i)
    {
        return Some(start..end);
    }
    let open = i;
    if reach == Reach::FirstArgument && i > start && code(i) == Some('(') && is_body(&chars[i + 1..]) {
        return Some(start..i);
    }
    let end = match code(i) {
        Some('(') => balanced(&code, chars.len(), i, ('(', ')')),
        Some('[') => balanced(&code, chars.len(), i, ('[', ']')),
        _ => Some(i),
    };
    let end = match (reach, comma(&code, end.unwrap_or(chars.len()), open)) {
        (Reach::FirstArgument, Some(comma)) => comma,
        _ => end.unwrap_or_else(|| end_of_code(&chars)),
    };
    Some(start..end.max(start + 1))
}

/// The end of `for x in xs` before the body, if the word from `start` to `end` is that `for`.
fn loop_head(chars: &[(char, Part)], start: usize, end: usize) -> Option<usize> {
    let is_for = chars[start..end].iter().map(|(c, _)| *c).eq("for".chars());
    let body = chars.iter().rposition(|(c, part)| *c == '{' && *part == Part::Code).filter(|_| is_for)?;
    chars[..body]
        .iter()
        .rposition(|(c, _)| !c.is_whitespace())
        .map(|last| last + 1)
        .filter(|last| *last > end)
}

/// Whether a closure or a block begins here.
fn is_body(chars: &[(char, Part)]) -> bool {
    let text: String = chars.iter().map(|(c, _)| *c).collect();
    let text = text.trim_start();
    text.starts_with(['{', '|']) || ["move |", "move {", "async "].iter().any(|word| text.starts_with(word))
}

/// The position after the bracket that closes the one at `open`.
fn balanced(
    code: &impl Fn(usize) -> Option<char>,
    len: usize,
    open: usize,
    (left, right): (char, char),
) -> Option<usize> {
    let mut depth = 0_usize;
    for i in open..len {
        match code(i) {
            Some(c) if c == left => depth += 1,
            // The arrow of a closure's or a function's type is no bracket.
            Some(c) if c == right && !(right == '>' && code(i - 1) == Some('-')) => {
                depth -= 1;
                if depth == 0 {
                    return Some(i + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// The first comma directly inside the bracket at `open`.
fn comma(code: &impl Fn(usize) -> Option<char>, end: usize, open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for i in open..end {
        match code(i) {
            Some('(' | '[' | '{') => depth += 1,
            Some(')' | ']' | '}') => depth = depth.saturating_sub(1),
            Some(',') if depth == 1 => return Some(i),
            _ => {}
        }
    }
    None
}

fn end_of_code(chars: &[(char, Part)]) -> usize {
    chars.iter().rposition(|(c, part)| *part != Part::Comment && !c.is_whitespace()).map_or(0, |i| i + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grown(line: &str, column: u32, reach: Reach) -> String {
        let span = grow(line, column, reach).expect("the column is in the line");
        line.chars().skip(span.start).take(span.len()).collect()
    }

    #[test]
    fn brackets_in_strings_chars_and_comments_do_not_count() {
        assert_eq!(
            grown(r#"f(")", ')', '\'', /* ) */ 1) + 2"#, 1, Reach::Call),
            r#"f(")", ')', '\'', /* ) */ 1)"#
        );
        assert_eq!(grown(r##"f(r#"")"#, 1);"##, 1, Reach::Call), r##"f(r#"")"#, 1)"##);
        assert_eq!(grown("f::<'a, T>(x) // )", 1, Reach::Call), "f::<'a, T>(x)");
    }

    #[test]
    fn an_open_bracket_is_capped_at_the_end_of_the_code() {
        assert_eq!(grown("    spawn(move || { // go", 5, Reach::Call), "spawn(move || {");
    }

    #[test]
    fn macros_paths_and_operators_grow() {
        assert_eq!(grown("    assert_eq!(a.get(), 2);", 5, Reach::Call), "assert_eq!(a.get(), 2)");
        assert_eq!(grown("let h = gorace::thread::spawn(f);", 9, Reach::Call), "gorace::thread::spawn(f)");
        assert_eq!(grown("let n = *guard + 1;", 9, Reach::Call), "*guard");
        assert_eq!(grown("a + b", 3, Reach::Call), "+");
        assert_eq!(grown("é.lock()", 3, Reach::Call), "lock()");
    }

    #[test]
    fn a_spawn_ends_at_its_first_comma() {
        assert_eq!(
            grown("let t = go_named(\"a, b\", move || f(1, 2));", 9, Reach::FirstArgument),
            "go_named(\"a, b\""
        );
        assert_eq!(grown("let t = spawn(read_line(1));", 9, Reach::FirstArgument), "spawn(read_line(1))");
    }

    #[test]
    fn of_a_spawn_what_is_run_is_left_out() {
        for (line, span) in [
            ("spawn(move || f(1, 2));", "spawn"),
            ("scope.spawn(|| f());", "spawn"),
            ("gorace::go!({ f(1, 2) });", "gorace::go!"),
            ("spawn(async move { f() });", "spawn"),
        ] {
            let column = line.find("spawn").map_or(1, |at| at as u32 + 1);
            assert_eq!(grown(line, column, Reach::FirstArgument), span, "{line}");
        }
    }

    #[test]
    fn of_a_loop_the_head_is_told() {
        assert_eq!(grown("    for job in &queue { // {", 5, Reach::Call), "for job in &queue");
        assert_eq!(grown("for_each(f);", 1, Reach::Call), "for_each(f)");
        assert_eq!(grown("    for job in", 5, Reach::Call), "for");
    }

    #[test]
    fn a_column_outside_of_the_line_is_none() {
        assert_eq!(grow("ab", 3, Reach::Call), None);
        assert_eq!(grow("ab", 0, Reach::Call), None);
        assert_eq!(grow("", 1, Reach::Call), None);
    }
}
