//! The characters of one line, with strings, character literals and comments told from code.

/// What a character is part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    Code,
    Text,
    Comment,
}

/// The characters of `line`, each with what it is part of. A string or comment that began on an earlier line
/// is not known of.
pub(super) fn parts(line: &str) -> Vec<(char, Part)> {
    let chars: Vec<char> = line.chars().collect();
    let mut parts = Vec::with_capacity(chars.len());
    let mut i = 0;
    while i < chars.len() {
        let (end, part) = match chars[i] {
            '/' if chars.get(i + 1) == Some(&'/') => (chars.len(), Part::Comment),
            '/' if chars.get(i + 1) == Some(&'*') => (after_block(&chars, i + 2), Part::Comment),
            '"' => (after_string(&chars, i + 1), Part::Text),
            'r' if starts_raw(&chars, i) => (after_raw(&chars, i + 1), Part::Text),
            '\'' => match after_char(&chars, i) {
                Some(end) => (end, Part::Text),
                None => (i + 1, Part::Code),
            },
            _ => (i + 1, Part::Code),
        };
        parts.extend(chars[i..end].iter().map(|c| (*c, part)));
        i = end;
    }
    parts
}

fn after_block(chars: &[char], from: usize) -> usize {
    let end = (from..chars.len().saturating_sub(1)).find(|i| chars[*i] == '*' && chars[i + 1] == '/');
    end.map_or(chars.len(), |i| i + 2)
}

fn after_string(chars: &[char], from: usize) -> usize {
    let mut i = from;
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

fn starts_raw(chars: &[char], at: usize) -> bool {
    let word_before = at > 0 && (is_word(chars[at - 1])) && chars[at - 1] != 'b';
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    !word_before && chars.get(at + 1 + hashes) == Some(&'"')
}

fn after_raw(chars: &[char], from: usize) -> usize {
    let hashes = chars[from..].iter().take_while(|c| **c == '#').count();
    let body = from + hashes + 1;
    (body..chars.len())
        .find(|i| {
            let tail = &chars[i + 1..];
            chars[*i] == '"' && tail.len() >= hashes && tail[..hashes].iter().all(|c| *c == '#')
        })
        .map_or(chars.len(), |i| i + 1 + hashes)
}

/// The end of the character literal that begins at `at`; `None` for a lifetime.
fn after_char(chars: &[char], at: usize) -> Option<usize> {
    match (chars.get(at + 1)?, chars.get(at + 2)) {
        ('\\', _) => {
            let close = chars[at + 3..].iter().position(|c| *c == '\'')?;
            Some(at + 4 + close)
        }
        (_, Some('\'')) => Some(at + 3),
        _ => None,
    }
}

/// Whether `c` can stand inside an identifier.
pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// Whether `text` is one identifier.
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic()) && chars.all(is_word)
}
