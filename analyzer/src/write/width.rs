//! How many columns text takes on a terminal, and text broken between words.
//!
//! Wide characters take two columns and combining ones none, as `unicode-width` has it; the terminal decides in the
//! end.

use unicode_width::UnicodeWidthStr as _;

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
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let room = |lines: &[String]| if lines.len() == 1 { first } else { rest };
        let is_empty = lines.last().is_none_or(String::is_empty);
        let used = lines.last().map_or(0, |line| width(line));
        let fits = used + usize::from(!is_empty) + width(word) <= room(&lines);
        if !is_empty {
            if fits {
                push(&mut lines, ' ');
            } else {
                lines.push(String::new());
            }
        }
        for c in word.chars() {
            let used = lines.last().map_or(0, |line| width(line));
            if used > 0 && used + width(c.encode_utf8(&mut [0; 4])) > room(&lines) {
                lines.push(String::new());
            }
            push(&mut lines, c);
        }
    }
    lines
}

fn push(lines: &mut [String], c: char) {
    if let Some(line) = lines.last_mut() {
        line.push(c);
    }
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
