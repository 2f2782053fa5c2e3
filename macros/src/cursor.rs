//! A place in a list of tokens, read from the front.
//!
//! The compiler puts invisible delimiters (`Delimiter::None`) around what a `macro_rules` macro was given. Who asks
//! for a certain token is shown through them, as the compiler's own parser is; who takes whatever comes, or all
//! that is left, gets them as they stand.

use crate::error::{Error, Result};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// What is left of a list of tokens.
pub struct Cursor {
    /// Backwards: the next one is the last.
    rest: Vec<TokenTree>,
}

impl Cursor {
    /// At the first of `tokens`.
    pub fn new(tokens: TokenStream) -> Self {
        let mut cursor = Cursor { rest: Vec::new() };
        cursor.put_before(tokens);
        cursor
    }

    /// Whether nothing is left, not even an invisible group.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether the next token is `character`, by itself or at the start of a longer sign.
    pub fn at_punct(&self, character: char) -> bool {
        matches!(self.first(), Some(TokenTree::Punct(p)) if p.as_char() == character)
    }

    /// Takes the next token if it is `character`.
    pub fn punct(&mut self, character: char) -> Option<TokenTree> {
        if self.at_punct(character) { self.token() } else { None }
    }

    /// Takes the next token if it is an identifier or a keyword.
    pub fn ident(&mut self) -> Option<Ident> {
        let Some(TokenTree::Ident(ident)) = self.first() else { return None };
        self.token();
        Some(ident)
    }

    /// Takes the next token if it is the keyword `word`; `r#word` is none.
    pub fn keyword(&mut self, word: &str) -> Option<Ident> {
        match self.first() {
            Some(TokenTree::Ident(ident)) if ident == word => self.ident(),
            _ => None,
        }
    }

    /// Takes the next token, which has to be a group in `delimiter`; else the error says that `expected` was.
    pub fn group(&mut self, delimiter: Delimiter, expected: &str) -> Result<Group> {
        match self.first() {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => {
                self.token();
                Ok(group)
            }
            _ => Err(self.error(format!("expected {expected}"))),
        }
    }

    /// The next token, which stays.
    pub fn first(&self) -> Option<TokenTree> {
        self.rest.iter().rev().find_map(first_visible)
    }

    /// Takes the next token.
    pub fn token(&mut self) -> Option<TokenTree> {
        while let Some(tree) = self.rest.pop() {
            match tree {
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                    self.put_before(group.stream());
                }
                visible => return Some(visible),
            }
        }
        None
    }

    /// Takes what stands in invisible delimiters, as a `vis` fragment of a macro does even if it is empty.
    pub fn invisible_group(&mut self) -> Option<TokenTree> {
        match self.rest.last() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => self.rest.pop(),
            _ => None,
        }
    }

    /// Takes the next token or invisible group.
    pub fn tree(&mut self) -> Option<TokenTree> {
        self.rest.pop()
    }

    /// All that is left.
    pub fn into_trees(mut self) -> Vec<TokenTree> {
        self.rest.reverse();
        self.rest
    }

    /// `message` at the next token, at its opening delimiter if it is a group.
    pub fn error(&self, message: String) -> Error {
        match self.rest.last() {
            Some(TokenTree::Group(group)) => Error::new(group.span_open(), message),
            Some(tree) => Error::new(tree.span(), message),
            None => Error::new(Span::call_site(), format!("unexpected end of input, {message}")),
        }
    }

    fn put_before(&mut self, tokens: TokenStream) {
        let from = self.rest.len();
        self.rest.extend(tokens);
        self.rest[from..].reverse();
    }
}

fn first_visible(tree: &TokenTree) -> Option<TokenTree> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            group.stream().into_iter().find_map(|tree| first_visible(&tree))
        }
        visible => Some(visible.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tokens` as a `macro_rules` macro passes them on.
    fn invisible(tokens: TokenStream) -> TokenStream {
        TokenTree::Group(Group::new(Delimiter::None, tokens)).into()
    }

    fn cursor(text: &str) -> Cursor {
        Cursor::new(text.parse().unwrap())
    }

    #[test]
    fn tokens_come_in_order_and_only_if_asked_for() {
        let mut cursor = cursor("pub ( x ) => fn");
        assert!(cursor.keyword("fn").is_none() && cursor.punct('=').is_none());
        assert_eq!(cursor.keyword("pub").unwrap().to_string(), "pub");
        assert!(cursor.ident().is_none());
        assert_eq!(cursor.group(Delimiter::Parenthesis, "").unwrap().stream().to_string(), "x");
        assert!(cursor.punct('>').is_none() && cursor.punct('=').is_some() && cursor.punct('>').is_some());
        assert_eq!(cursor.ident().unwrap().to_string(), "fn");
        assert!(cursor.is_empty() && cursor.token().is_none() && cursor.tree().is_none());
    }

    #[test]
    fn a_raw_identifier_is_no_keyword() {
        let mut cursor = cursor("r#fn");
        assert!(cursor.keyword("fn").is_none());
        assert_eq!(cursor.ident().unwrap().to_string(), "r#fn");
    }

    #[test]
    fn who_asks_for_a_token_looks_through_invisible_delimiters() {
        let mut tokens = invisible(TokenStream::new());
        tokens.extend(invisible(invisible("a ,".parse().unwrap())));
        tokens.extend("b".parse::<TokenStream>().unwrap());
        let mut cursor = Cursor::new(tokens);
        assert_eq!(cursor.first().unwrap().to_string(), "a");
        assert!(!cursor.at_punct(','));
        assert_eq!(cursor.ident().unwrap().to_string(), "a");
        assert!(cursor.punct(',').is_some());
        assert_eq!(cursor.token().unwrap().to_string(), "b");
        assert!(cursor.is_empty());
    }

    #[test]
    fn who_takes_what_comes_gets_them_as_they_stand() {
        let mut tokens = invisible("a b".parse().unwrap());
        tokens.extend(invisible("c".parse().unwrap()));
        let mut cursor = Cursor::new(tokens);
        assert!(matches!(cursor.tree(), Some(TokenTree::Group(g)) if g.stream().to_string() == "a b"));
        let rest = cursor.into_trees();
        assert!(matches!(&rest[..], [TokenTree::Group(g)] if g.stream().to_string() == "c"));
    }

    #[test]
    fn an_error_says_when_nothing_is_left() {
        assert_eq!(cursor("a").error("expected b".to_owned()).messages(), ["expected b"]);
        let at_the_end = cursor("").group(Delimiter::Brace, "curly braces").err().unwrap();
        assert_eq!(at_the_end.messages(), ["unexpected end of input, expected curly braces"]);
    }
}
