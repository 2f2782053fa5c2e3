//! Schedule tokens: what a person copies from a report to run a schedule again.
//!
//! Grammar: `v1.`, `v2.` or `v3.`, and then base64url without padding over `program:u32le deviation* check:u32le`, where
//! `program` is the low half of the program's key and `check` is FNV-1a (folded to 32 bits) over all bytes before it.
//! Numbers without a width are varints.
//!
//! * Version 1: `deviation = tag:u8 path count (path op:u8 | taken)`, tag 0 a switch and 1 a choice,
//!   `path = length ordinal*` without main's leading 0.
//! * Version 2: `deviation = head path (path op:u8 sort:u16le | taken) nth line`, `head` twice the count and 1 more for
//!   a choice, and `taken` twice the alternative and the landmark's sort; `path` is the byte 0 for main, its ordinal and 1 more for a task that main starts as one of the first
//!   126, and else the byte 128 and a path of version 1. `sort`, `nth` and `line` are the landmark's.
//!
//! * Version 3: as version 2, but between the program and the deviations stands `shape:u32le`, the shape of the
//!   execution that the schedule was taken from: a program of another shape has changed.
//!
//! `v1.` alone is the default schedule of any program. A token names tasks and their operations by position and by
//! what they are, never by address or time. What the runtime marks is written as version 3; all are read, and written again as they were.

mod bytes;
mod v1;
mod v2;

use crate::base64url;
use crate::plan::Schedule;
use gorace_analyzer_core::finding::{FNV_START, fnv};
use std::fmt;

/// A schedule with the program that it belongs to.
///
/// ```
/// use gorace_engine::{Schedule, Token};
/// let token = Token { program: Some(7), schedule: Schedule::default() };
/// let text = token.to_string();
/// assert!(text.starts_with("v1."));
/// assert_eq!(Token::parse(&text), Ok(token));
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Token {
    /// The low half of the program's key; `None` in `v1.`, which fits every program.
    pub program: Option<u32>,
    /// The schedule.
    pub schedule: Schedule,
}

/// A token's schedule, whichever program it belongs to.
///
/// ```
/// use gorace_engine::Schedule;
/// assert_eq!("v1.".parse(), Ok(Schedule::default()));
/// assert!("v4.".parse::<Schedule>().is_err());
/// ```
impl std::str::FromStr for Schedule {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        Token::parse(text).map(|token| token.schedule)
    }
}

/// Why a text is no token.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TokenError {
    /// It does not start with `v1.`, `v2.` or `v3.`.
    Version(String),
    /// It is cut or has a wrong character.
    Damaged,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenError::Version(start) => {
                write!(f, "expected a schedule token that starts with `v1.`, `v2.` or `v3.`, got `{start}`")
            }
            TokenError::Damaged => {
                f.write_str("the schedule token is damaged: copy it again, whole, from the report")
            }
        }
    }
}

impl std::error::Error for TokenError {}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Schedule { deviations, marks, shape } = &self.schedule;
        let shape = self.program.and(*shape);
        let is_marked = !marks.is_empty() || shape.is_some();
        f.write_str(if shape.is_some() {
            "v3."
        } else if is_marked {
            "v2."
        } else {
            "v1."
        })?;
        let Some(program) = self.program else { return Ok(()) };
        let mut bytes = program.to_le_bytes().to_vec();
        bytes.extend(shape.into_iter().flat_map(u32::to_le_bytes));
        if is_marked {
            for (deviation, mark) in deviations.iter().zip(marks) {
                v2::write(&mut bytes, deviation, mark);
            }
        } else {
            for deviation in deviations {
                v1::write(&mut bytes, deviation);
            }
        }
        bytes.extend_from_slice(&check(&bytes).to_le_bytes());
        f.write_str(&base64url::encode(&bytes))
    }
}

impl Token {
    const VERSIONS: [&str; 3] = ["v1.", "v2.", "v3."];

    /// Whether a text starts as tokens do, whole or damaged.
    pub fn is_meant(text: &str) -> bool {
        Token::VERSIONS.iter().any(|version| text.starts_with(version))
    }

    /// Reads what `Display` writes.
    ///
    /// # Errors
    /// If the text is of another version, cut, or otherwise damaged.
    pub fn parse(text: &str) -> Result<Token, TokenError> {
        let text = text.trim();
        let version = Token::VERSIONS.iter().position(|version| text.starts_with(version));
        let Some(version) = version else {
            return Err(TokenError::Version(text.chars().take(8).collect()));
        };
        let body = &text[Token::VERSIONS[version].len()..];
        if body.is_empty() && version == 0 {
            return Ok(Token::default());
        }
        let bytes = base64url::decode(body).ok_or(TokenError::Damaged)?;
        let (bytes, sum) = bytes.split_last_chunk::<4>().ok_or(TokenError::Damaged)?;
        if u32::from_le_bytes(*sum) != check(bytes) {
            return Err(TokenError::Damaged);
        }
        let (program, mut rest) = bytes.split_first_chunk::<4>().ok_or(TokenError::Damaged)?;
        let mut schedule = Schedule::default();
        if version == 2 {
            let (shape, others) = rest.split_first_chunk::<4>().ok_or(TokenError::Damaged)?;
            (schedule.shape, rest) = (Some(u32::from_le_bytes(*shape)), others);
        }
        while !rest.is_empty() && version == 0 {
            schedule.deviations.push(v1::read(&mut rest).ok_or(TokenError::Damaged)?);
        }
        while !rest.is_empty() {
            let (deviation, mark) = v2::read(&mut rest).ok_or(TokenError::Damaged)?;
            schedule.deviations.push(deviation);
            schedule.marks.push(mark);
        }
        Ok(Token { program: Some(u32::from_le_bytes(*program)), schedule })
    }

    /// Whether the token was made by the program with this key.
    pub fn fits(&self, program_key: u64) -> bool {
        self.program.is_none_or(|program| program == program_key as u32)
    }
}

fn check(bytes: &[u8]) -> u32 {
    let hash = fnv(FNV_START, bytes);
    (hash ^ (hash >> 32)) as u32
}
