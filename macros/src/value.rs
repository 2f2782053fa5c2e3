//! The values that options take: each kind read from its tokens, with an error that says what it takes.

use crate::codes::{self, CODES};
use crate::cursor::Cursor;
use crate::error::{Error, Result};
use crate::literal::{self, Text};
use crate::signature::extent;
use crate::suggest::{did_you_mean, list};
use proc_macro2::{Delimiter, LexError, TokenStream, TokenTree};
use quote::TokenStreamExt;
use std::ops::RangeInclusive;

/// Strategies that `strategy` takes; PCT with any depth from 1.
const STRATEGIES: &[&str] =
    &["auto", "exhaustive", "portfolio", "random", "pos", "surw", "urw", "pct", "pct(3)"];

/// Clocks that `clock` takes.
const CLOCKS: &[&str] = &["any", "idle"];

/// The tokens of one option's value; there is at least one.
pub struct Value {
    /// The option's name, for messages.
    pub key: &'static str,
    /// Everything between `=` and the comma.
    pub tokens: TokenStream,
}

impl Value {
    /// `true` or `false`.
    pub fn boolean(&self) -> Result<bool> {
        let boolean = self.token().and_then(|token| literal::boolean(&token));
        boolean.ok_or_else(|| self.wrong("`true` or `false`"))
    }

    /// A whole number in `range`, in any of Rust's notations, with the suffix or without.
    pub fn number(&self, range: RangeInclusive<u64>, suffix: &str) -> Result<u64> {
        match self.token().and_then(|token| literal::number(&token, suffix)) {
            Some(number) if range.contains(&number) => Ok(number),
            _ => Err(self.wrong(&format!("a whole number from {} to {}", range.start(), range.end()))),
        }
    }

    /// One of the strategies.
    pub fn strategy(&self) -> Result<String> {
        let text =
            self.string(&format!("a strategy in quotes, one of {}", list(STRATEGIES.iter().copied())))?;
        let chosen = text.value;
        let depth = chosen.strip_prefix("pct(").and_then(|rest| rest.strip_suffix(')'));
        let is_depth = |depth: &str| depth.parse::<u32>().is_ok_and(|depth| depth > 0);
        if STRATEGIES.contains(&chosen.as_str()) || depth.is_some_and(is_depth) {
            return Ok(chosen);
        }
        let valid = list(STRATEGIES.iter().copied());
        let hint = did_you_mean(&chosen, STRATEGIES.iter().copied());
        Err(Error::new(text.span, format!("unknown strategy `{chosen}`{hint}; the strategies are {valid}")))
    }

    /// One of the clocks.
    pub fn clock(&self) -> Result<String> {
        let valid = list(CLOCKS.iter().copied());
        let text = self.string(&format!("a clock in quotes, one of {valid}"))?;
        let chosen = text.value;
        if CLOCKS.contains(&chosen.as_str()) {
            return Ok(chosen);
        }
        let hint = did_you_mean(&chosen, CLOCKS.iter().copied());
        Err(Error::new(text.span, format!("unknown clock `{chosen}`{hint}; the clocks are {valid}")))
    }

    /// A duration above zero: digits, then `ms`, `s`, `m` or nothing for seconds.
    pub fn duration(&self) -> Result<String> {
        let expected = "a duration in quotes, such as `\"500ms\"`, `\"30s\"` or `\"2m\"`";
        let text = self.string(expected)?;
        let chosen = text.value;
        let digits = chosen.len() - chosen.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = chosen.split_at(digits);
        match number.parse::<u64>() {
            Ok(0) => Err(Error::new(text.span, format!("`{}` must be longer than nothing", self.key))),
            Ok(_) if ["", "ms", "s", "m"].contains(&unit) => Ok(chosen),
            _ => Err(Error::new(text.span, format!("`{}` takes {expected}; found `{chosen}`", self.key))),
        }
    }

    /// The code of one finding.
    pub fn code(&self) -> Result<&'static str> {
        code(&self.string("a finding in quotes, such as `\"deadlock\"` or `\"GR0002\"`")?)
    }

    /// The codes of a list of findings.
    pub fn codes(&self) -> Result<Vec<&'static str>> {
        let wrong = || self.wrong("a list of findings, such as `[\"leak\", \"GR0004\"]`");
        let mut tokens = self.tokens.clone().into_iter();
        let (Some(TokenTree::Group(group)), None) = (tokens.next(), tokens.next()) else {
            return Err(wrong());
        };
        if group.delimiter() != Delimiter::Bracket {
            return Err(wrong());
        }
        let mut input = Cursor::new(group.stream());
        let mut texts = Vec::new();
        while let Some(token) = input.token() {
            texts.push(literal::text(&token).ok_or_else(wrong)?);
            if input.punct(',').is_none() && !input.is_empty() {
                return Err(wrong());
            }
        }
        texts.iter().map(code).collect()
    }

    /// A path, in quotes because that is how other attributes take theirs.
    pub fn path(&self) -> Result<TokenStream> {
        let expected = "a path in quotes, such as `\"my_crate::gorace\"`";
        let text = self.string(expected)?;
        let path = &text.value;
        let segment = |s: &str| {
            s.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && s.chars().all(|c| c.is_alphanumeric() || c == '_')
        };
        if !path.strip_prefix("::").unwrap_or(path).split("::").all(segment) {
            return Err(Error::new(text.span, format!("`{}` takes {expected}; found `{path}`", self.key)));
        }
        if !text.suffix.is_empty() {
            let message = format!("unexpected suffix `{}` on string literal", text.suffix);
            return Err(Error::new(text.span, message));
        }
        let words: TokenStream = path.parse().map_err(|e: LexError| Error::new(text.span, e.to_string()))?;
        let mut tokens = TokenStream::new();
        for mut word in words {
            word.set_span(text.span);
            tokens.append(word);
        }
        Ok(tokens)
    }

    fn string(&self, expected: &str) -> Result<Text> {
        self.token().and_then(|token| literal::text(&token)).ok_or_else(|| self.wrong(expected))
    }

    /// The only token, if it is only one.
    fn token(&self) -> Option<TokenTree> {
        let mut input = Cursor::new(self.tokens.clone());
        let token = input.token();
        if input.token().is_none() { token } else { None }
    }

    fn wrong(&self, expected: &str) -> Error {
        // Tokens print with a blank behind a sign that the user did not write.
        let found = self.tokens.to_string().replace("- ", "-");
        Error::new(extent(&self.tokens), format!("`{}` takes {expected}; found `{found}`", self.key))
    }
}

fn code(text: &Text) -> Result<&'static str> {
    let chosen = &text.value;
    codes::parse(chosen).ok_or_else(|| {
        let hint = did_you_mean(chosen, CODES.iter().flat_map(|(code, word)| [*word, *code]));
        let valid =
            CODES.iter().map(|(code, word)| format!("`{word}` ({code})")).collect::<Vec<_>>().join(", ");
        Error::new(text.span, format!("unknown finding `{chosen}`{hint}; the findings are {valid}"))
    })
}
