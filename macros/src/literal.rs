//! Literals: what a string, a number or a truth value in the source stands for.
//!
//! The compiler has seen to it that a literal is well-formed: what it would not let through may get any answer.

use proc_macro2::{Span, TokenTree};

/// A string in quotes, raw or not.
pub struct Text {
    pub value: String,
    /// What follows the closing quote without a blank; empty in nearly all cases.
    pub suffix: String,
    pub span: Span,
}

/// The string that a token is.
pub fn text(token: &TokenTree) -> Option<Text> {
    let TokenTree::Literal(literal) = token else { return None };
    let source = literal.to_string();
    let (open, close) = (source.find('"')?, source.rfind('"')?);
    let (prefix, quoted, suffix) = (&source[..open], source.get(open + 1..close)?, &source[close + 1..]);
    // Bytes, characters and C strings have other prefixes.
    let (value, suffix) = match prefix.strip_prefix('r') {
        Some(hashes) => (quoted.to_owned(), suffix.strip_prefix(hashes)?),
        None if prefix.is_empty() => (unescape(quoted)?, suffix),
        None => return None,
    };
    Some(Text { value, suffix: suffix.to_owned(), span: literal.span() })
}

/// The whole number that a token is, in any of Rust's notations, without a suffix or with this one.
pub fn number(token: &TokenTree, suffix: &str) -> Option<u64> {
    let TokenTree::Literal(literal) = token else { return None };
    let source = literal.to_string();
    let digits = source.strip_suffix(suffix).unwrap_or(&source);
    let (digits, radix) = match digits.get(..2) {
        Some("0x") => (&digits[2..], 16),
        Some("0o") => (&digits[2..], 8),
        Some("0b") => (&digits[2..], 2),
        _ => (digits, 10),
    };
    u64::from_str_radix(&digits.replace('_', ""), radix).ok()
}

/// The truth value that a token is.
pub fn boolean(token: &TokenTree) -> Option<bool> {
    match token.to_string().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The string that is written so between quotes.
fn unescape(quoted: &str) -> Option<String> {
    let mut value = String::new();
    let mut rest = quoted.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        value.push(match rest.next()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            same @ ('\\' | '\'' | '"') => same,
            'x' => {
                let (digits, after) = rest.as_str().split_at_checked(2)?;
                rest = after.chars();
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            'u' => {
                let (digits, after) = rest.as_str().strip_prefix('{')?.split_once('}')?;
                rest = after.chars();
                char::from_u32(u32::from_str_radix(&digits.replace('_', ""), 16).ok()?)?
            }
            // The end of a line, which goes on at the next character that is no blank.
            '\n' | '\r' => {
                rest = rest.as_str().trim_start_matches([' ', '\t', '\n', '\r']).chars();
                continue;
            }
            _ => return None,
        });
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenStream;

    fn token(source: &str) -> TokenTree {
        let tokens: TokenStream = source.parse().unwrap();
        let mut trees = tokens.into_iter();
        let (Some(token), None) = (trees.next(), trees.next()) else { panic!("not one token: {source}") };
        token
    }

    /// The compiler says what each literal stands for.
    macro_rules! strings {
        ($($literal:literal)*) => { [$((stringify!($literal), $literal)),*] };
    }

    #[test]
    fn strings_mean_what_they_mean_to_the_compiler() {
        let cases = strings! {
            "" "auto" "a\"b\\c\'" "\n\r\t\0" "\x41\x7f" "\u{e9}\u{1F600}\u{1_0}" "é" "one \
             line" r"raw\n" r"" r#"with "quotes""# r##"with "# in it"##
        };
        for (source, expected) in cases {
            let text = text(&token(source)).unwrap_or_else(|| panic!("no string: {source}"));
            assert_eq!((text.value.as_str(), text.suffix.as_str()), (expected, ""), "{source}");
        }
    }

    #[test]
    fn a_suffix_is_no_part_of_the_string() {
        for (source, value, suffix) in [("\"a\"b", "a", "b"), ("r#\"a\"#_c", "a", "_c")] {
            let text = text(&token(source)).unwrap();
            assert_eq!((text.value.as_str(), text.suffix.as_str()), (value, suffix));
        }
    }

    #[test]
    fn what_is_no_string_is_told_from_one() {
        for source in ["b\"a\"", "br\"a\"", "c\"a\"", "cr#\"a\"#", "'\"'", "b'\"'", "7", "a", "{ \"a\" }"] {
            assert!(text(&token(source)).is_none(), "{source}");
        }
    }

    #[test]
    fn numbers_mean_what_they_mean_to_the_compiler() {
        let cases = [
            ("0", 0),
            ("1_000_", 1_000),
            ("0xff_u64", 0xff_u64),
            ("0o17", 0o17),
            ("0b1_01", 0b1_01),
            ("007", 7),
            ("5u64", 5u64),
            ("0x_64", 0x_64),
            ("18446744073709551615", 18446744073709551615),
        ];
        for (source, expected) in cases {
            assert_eq!(number(&token(source), "u64"), Some(expected), "{source}");
        }
        assert_eq!(number(&token("5u32"), "u32"), Some(5));
    }

    #[test]
    fn what_is_no_such_number_is_told_from_one() {
        for source in
            ["18446744073709551616", "1.0", "1e3", "5u32", "5f64", "0x1i8", "'7'", "\"7\"", "b'7'", "u64"]
        {
            assert_eq!(number(&token(source), "u64"), None, "{source}");
        }
    }

    #[test]
    fn there_are_two_truth_values() {
        assert_eq!(boolean(&token("true")), Some(true));
        assert_eq!(boolean(&token("false")), Some(false));
        for source in ["truth", "1", "\"true\"", "(true)", "True"] {
            assert_eq!(boolean(&token(source)), None, "{source}");
        }
    }
}
