//! How many columns text takes on a terminal, and text broken between words.
//!
//! Wide characters take two columns and combining ones none, as `unicode-width` has it; the terminal decides in the
//! end.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The columns that `text` takes; escapes for colours take none.
pub(super) fn width(text: &str) -> usize {
    if !text.contains('\u{1b}') {
        return text.width();
    }
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default().width();
    // A style ends at its `m`.
    first + pieces.map(|piece| piece.split_once('m').map_or(0, |(_, text)| text.width())).sum::<usize>()
}

/// `text` in lines of at most `first` and then `rest` columns, broken at spaces; a word that is longer than its line
/// is broken too.
pub(super) fn wrapped(text: &str, first: usize, rest: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for word in text.split(' ') {
        let length = width(word);
        let room = |lines: &[String]| if lines.is_empty() { first } else { rest };
        if used > 0 {
            if used + 1 + length <= room(&lines) {
                line.push(' ');
                used += 1;
            } else {
                (line, used) = (next(&mut lines, line), 0);
            }
        }
        if length <= room(&lines) {
            line.push_str(word);
            used += length;
            continue;
        }
        for c in word.chars() {
            let columns = c.width().unwrap_or(0);
            if used > 0 && used + columns > room(&lines) {
                (line, used) = (next(&mut lines, line), 0);
            }
            line.push(c);
            used += columns;
        }
    }
    lines.push(line);
    lines
}

/// Ends `line`; gives the next one.
fn next(lines: &mut Vec<String>, line: String) -> String {
    lines.push(line);
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_take_no_columns_and_wide_characters_two() {
        for (text, columns) in
            [("abc", 3), ("\u{1b}[1m\u{1b}[31mabc\u{1b}[0m d", 5), ("漢字", 4), ("e\u{301}", 1)]
        {
            assert_eq!(width(text), columns, "{text:?}");
        }
    }

    #[test]
    fn breaks_between_words_and_within_words_that_are_too_long() {
        assert_eq!(wrapped("aa bb cc", 5, 2), ["aa bb", "cc"]);
        assert_eq!(wrapped("aa bbbbb c", 4, 3), ["aa", "bbb", "bb", "c"]);
        assert_eq!(wrapped("漢字漢", 4, 4), ["漢字", "漢"]);
        assert_eq!(wrapped("", 4, 4), [""]);
    }
}
