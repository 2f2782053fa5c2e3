//! The name of an object, from the line that made it.

use super::scan::{Part, is_identifier, is_word, parts};
use gorace_analyzer_core::Listed;

/// How many lines above the constructor are looked at when it stands on a line of its own.
const LINES_ABOVE: u32 = 2;

/// The variable or field that the value made at `line`, `column` (both counted from 1) of `text` was given to.
///
/// It is what stands left of the nearest `=` or `:` before the constructor: `hits` of `hits: Shared::new(0)`,
/// `tx, rx` of `let (tx, rx) = chan(1)`, `b` of the second element of `let (a, b) = (.., ..)`. `None` if there is no such thing, or if it is more than names.
///
/// ```
/// use gorace_analyzer::source::object_name;
/// assert_eq!(object_name("static HITS: Shared<u64> = Shared::new(0);", 1, 28).as_deref(), Some("HITS"));
/// ```
pub fn object_name(text: &str, line: u32, column: u32) -> Option<String> {
    let own: Vec<char> = super::line(text, line)?.chars().listed();
    let mut before: String = own.get(..(column as usize).checked_sub(1)?)?.iter().collect();
    for above in 1..=LINES_ABOVE {
        if !before.trim().is_empty() || line <= above {
            break;
        }
        before = format!("{} {}", super::line(text, line - above)?, before);
    }
    let code: Vec<char> =
        parts(&before).into_iter().filter(|(_, p)| *p == Part::Code).map(|(c, _)| c).listed();
    let (at, sign) = (0..code.len()).rev().find_map(|i| sign(&code, i).map(|sign| (i, sign)))?;
    // Another statement or a closure's body lies between: the value is not what was given.
    if code[at..].iter().any(|c| matches!(c, ';' | '}')) || !is_given(&code[at + 1..]) {
        return None;
    }
    let place = place_within(&code[at + 1..]);
    let left: String = code[..at].iter().collect();
    let left = left.trim_end();
    match (sign, after_keyword(left)) {
        ('=', Some(pattern)) => {
            let names = pattern_names(pattern)?;
            let own = element(&code[at + 1..]).and_then(|element| names.get(element).copied());
            let given = |name: &&str| *name != "_";
            let (is_taken_apart, own) = (names.len() > 1, own.filter(|_| names.len() > 1));
            let names: Vec<&str> = own.map_or(names, |own| vec![own]).into_iter().filter(given).listed();
            let place = if is_taken_apart { String::new() } else { place };
            (!names.is_empty()).then(|| names.join(", ") + &place)
        }
        _ => last_identifier(left).map(|name| name + &place),
    }
}

/// Whether what is made behind `after` is what the name was given, or an element of it that a closure makes.
fn is_given(after: &[char]) -> bool {
    let text: String = after.iter().collect();
    let Some((before, body)) = text.rsplit_once('|') else { return true };
    let Some((before, _)) = before.rsplit_once('|') else { return false };
    let makes_elements = ["map(", "from_fn("].iter().any(|call| before.trim_end().ends_with(call));
    makes_elements && !before.contains('|') && !body.contains('{')
}

/// Where in tuples and arrays the end of `after` is: `.1` for `(a, `, `[0]` for `[` or `vec![`.
fn place_within(after: &[char]) -> String {
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut before = None;
    for c in after.iter().copied().filter(|c| !c.is_whitespace()) {
        match c {
            '(' if before.is_some_and(|b| is_word(b) || matches!(b, '>' | '!' | ')')) => open.push(('f', 0)),
            '(' => open.push(('(', 0)),
            '[' if before.is_some_and(|b| is_word(b) || b == ')') => open.push(('f', 0)),
            '[' => open.push(('[', 0)),
            '{' => open.push(('f', 0)),
            ')' | ']' | '}' => _ = open.pop(),
            ',' => {
                if let Some((_, element)) = open.last_mut() {
                    *element += 1;
                }
            }
            _ => {}
        }
        before = Some(c);
    }
    let place = open.into_iter().map(|(kind, element)| match kind {
        '(' => format!(".{element}"),
        '[' => format!("[{element}]"),
        _ => String::new(),
    });
    place.collect()
}

/// The position within a tuple or array that opens right after the `=`.
fn element(after: &[char]) -> Option<usize> {
    let open = after.iter().position(|c| !c.is_whitespace()).filter(|i| matches!(after[*i], '(' | '['))?;
    let (mut depth, mut element) = (0, 0);
    for c in &after[open + 1..] {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => element += 1,
            _ => {}
        }
    }
    Some(element)
}

/// The `=` of an assignment or the `:` of a field, if that is what stands at `i`.
fn sign(code: &[char], i: usize) -> Option<char> {
    let before = i.checked_sub(1).map(|i| code[i]);
    let after = code.get(i + 1).copied();
    match code[i] {
        '=' if !matches!(after, Some('=' | '>')) && !before.is_some_and(|c| "=<>!+-*/%&|^".contains(c)) => {
            Some('=')
        }
        ':' if before != Some(':') && after != Some(':') => Some(':'),
        _ => None,
    }
}

/// What follows the last `let`, `static` or `const` of `left`, if no statement ends after it.
fn after_keyword(left: &str) -> Option<&str> {
    let at = ["let ", "static ", "const "].into_iter().filter_map(|word| {
        let at = left.rfind(word)?;
        let free = !left[..at].chars().next_back().is_some_and(is_word);
        free.then_some(at + word.len())
    });
    let rest = &left[at.max()?..];
    // The `;` of an array's type ends nothing.
    let mut depth = 0_i32;
    let ends = |c: char| {
        depth += i32::from(c == '[') - i32::from(c == ']');
        matches!(c, '{' | '}') || (c == ';' && depth == 0)
    };
    (!rest.contains(ends)).then_some(rest)
}

/// The names of a pattern with an optional type behind it.
fn pattern_names(pattern: &str) -> Option<Vec<&str>> {
    let chars: Vec<char> = pattern.chars().listed();
    let colon = (0..chars.len()).find(|i| sign(&chars, *i) == Some(':'));
    let end = colon.map_or(pattern.len(), |colon| chars[..colon].iter().map(|c| c.len_utf8()).sum());
    let pattern = pattern[..end].trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    let names: Vec<&str> = pattern
        .split(',')
        .map(|name| name.trim().trim_start_matches("ref ").trim_start_matches("mut ").trim())
        .filter(|name| !name.is_empty())
        .listed();
    names.iter().all(|name| *name == "_" || is_identifier(name)).then_some(names)
}

fn last_identifier(left: &str) -> Option<String> {
    let from = left.char_indices().rev().take_while(|(_, c)| is_word(*c)).last()?.0;
    let name = &left[from..];
    is_identifier(name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of what is made at the `@` of `text`.
    fn named(text: &str) -> Option<String> {
        let at = text.find('@').expect("an @ marks the constructor");
        let line = text[..at].matches('\n').count() as u32 + 1;
        let column = text[..at].rsplit('\n').next().unwrap_or("").chars().count() as u32 + 1;
        object_name(&text.replace('@', ""), line, column)
    }

    #[test]
    fn names_left_of_the_constructor() {
        for (text, name) in [
            ("let hits = @Shared::new(0);", "hits"),
            ("let mut hits: Shared<u64> = @Shared::new(0);", "hits"),
            ("let (tx, rx) = @chan(1);", "tx, rx"),
            ("let (tx, _) = @chan(1);", "tx"),
            ("let (a, b, c) = (Arc::new(M::new((0, 0))), Arc::new(@M::new(0)), x);", "b"),
            ("let (_, b) = (M::new(0), @M::new(0));", "b"),
            ("let [a, b] = [M::new(0), @M::new(0)];", "b"),
            ("let (mut tx, rx): (A<u8>, B) = @chan(1);", "tx, rx"),
            ("    hits: @Shared::new(0),", "hits"),
            ("let a = Arc::new(S { hits: @Shared::new(0) });", "hits"),
            ("let a = Arc::new(@Mutex::new(0));", "a"),
            ("self.keep = @tx.clone();", "keep"),
            ("let m = Arc::new(\n    @Mutex::new(0),\n);", "m"),
            ("pub static HITS: Shared<u64> = @Shared::new(0);", "HITS"),
            ("let outlet = 1; let b = @Mutex::new(0);", "b"),
            ("let s = \"x = y\"; let c = @Mutex::new(0);", "c"),
            ("let pair = Arc::new((Mutex::new(0), @Condvar::new()));", "pair.1"),
            ("let pair = (@Mutex::new(0), 1);", "pair.0"),
            ("in_use: [A::new(false), @A::new(false)],", "in_use[1]"),
            ("let all = vec![@M::new(0), M::new(0)];", "all[0]"),
            ("let grid = [[M::new(0)], [M::new(0), @M::new(f(1, 2))]];", "grid[1][1]"),
            ("let forks: Vec<_> = (0..3).map(|_| Arc::new(@Mutex::new(()))).collect();", "forks"),
            ("let forks: [M; 3] = std::array::from_fn(|_| @M::new(()));", "forks"),
        ] {
            assert_eq!(named(text).as_deref(), Some(name), "{text}");
        }
    }

    #[test]
    fn no_name_where_none_is_given() {
        for text in [
            "@Mutex::new(0)",
            "foo(@Mutex::new(0))",
            "let pool = Pool::new(|| @Mutex::new(()));",
            "let all = xs.map(|x| { f(@Mutex::new(x)) });",
            "let a = 1; f(@Mutex::new(0))",
            "let Some(x) = @f() else { return };",
            "a == @b()",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn a_place_outside_of_the_text_is_none() {
        assert_eq!(object_name("let a = b;", 9, 1), None);
        assert_eq!(object_name("let a = b;", 1, 99), None);
        assert_eq!(object_name("let a = b;", 0, 0), None);
    }
}
