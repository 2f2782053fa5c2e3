//! Schedule tokens: what a person copies from a report to run a schedule again.
//!
//! Grammar, version 1: `v1.` and then base64url without padding over
//! `program:u32le deviation* check:u32le`, where `program` is the low half of the program's key, `check` is
//! FNV-1a (folded to 32 bits) over all bytes before it, and
//! `deviation = tag:u8 path count:varint (path op:u8 | taken:varint)`, tag 0 a switch and 1 a choice,
//! `path = length:varint ordinal:varint*` without main's leading 0. `v1.` alone is the default schedule of
//! any program. A token names tasks and their operations by position, never by address or time.

use crate::plan::{Deviation, Schedule};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_analyzer_core::{OpKind, TaskPath};
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

/// Why a text is no token.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum TokenError {
    /// It does not start with `v1.`.
    Version(String),
    /// It is cut or has a wrong character.
    Damaged,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenError::Version(start) => {
                write!(f, "expected a schedule token that starts with `v1.`, got `{start}`")
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
        f.write_str("v1.")?;
        let Some(program) = self.program else { return Ok(()) };
        let mut bytes = program.to_le_bytes().to_vec();
        for deviation in &self.schedule.deviations {
            write_deviation(&mut bytes, deviation);
        }
        bytes.extend_from_slice(&check(&bytes).to_le_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl Token {
    /// Reads what `Display` writes.
    ///
    /// # Errors
    /// If the text is of another version, cut, or otherwise damaged.
    pub fn parse(text: &str) -> Result<Token, TokenError> {
        let text = text.trim();
        let Some(body) = text.strip_prefix("v1.") else {
            return Err(TokenError::Version(text.chars().take(8).collect()));
        };
        if body.is_empty() {
            return Ok(Token::default());
        }
        let bytes = URL_SAFE_NO_PAD.decode(body).map_err(|_| TokenError::Damaged)?;
        let (bytes, sum) = bytes.split_last_chunk::<4>().ok_or(TokenError::Damaged)?;
        if u32::from_le_bytes(*sum) != check(bytes) {
            return Err(TokenError::Damaged);
        }
        let (program, mut rest) = bytes.split_first_chunk::<4>().ok_or(TokenError::Damaged)?;
        let mut deviations = Vec::new();
        while !rest.is_empty() {
            deviations.push(read_deviation(&mut rest).ok_or(TokenError::Damaged)?);
        }
        Ok(Token { program: Some(u32::from_le_bytes(*program)), schedule: Schedule { deviations } })
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

fn write_deviation(bytes: &mut Vec<u8>, deviation: &Deviation) {
    match deviation {
        Deviation::Switch { task, count, to, op } => {
            bytes.push(0);
            write_path(bytes, task);
            write_varint(bytes, *count);
            write_path(bytes, to);
            bytes.push(*op as u8);
        }
        Deviation::Choice { task, count, taken } => {
            bytes.push(1);
            write_path(bytes, task);
            write_varint(bytes, *count);
            write_varint(bytes, *taken);
        }
    }
}

fn read_deviation(rest: &mut &[u8]) -> Option<Deviation> {
    let tag = read_byte(rest)?;
    let task = read_path(rest)?;
    let count = read_varint(rest)?;
    match tag {
        0 => {
            let to = read_path(rest)?;
            let op = *OpKind::ALL.get(usize::from(read_byte(rest)?))?;
            Some(Deviation::Switch { task, count, to, op })
        }
        1 => Some(Deviation::Choice { task, count, taken: read_varint(rest)? }),
        _ => None,
    }
}

fn write_path(bytes: &mut Vec<u8>, path: &TaskPath) {
    let ordinals = &path.ordinals()[1..];
    write_varint(bytes, ordinals.len() as u32);
    ordinals.iter().for_each(|ordinal| write_varint(bytes, *ordinal));
}

fn read_path(rest: &mut &[u8]) -> Option<TaskPath> {
    let len = read_varint(rest)?;
    let mut path = TaskPath::main();
    for _ in 0..len {
        path = path.child(read_varint(rest)?);
    }
    Some(path)
}

fn write_varint(bytes: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn read_varint(rest: &mut &[u8]) -> Option<u32> {
    let mut value = 0_u32;
    for shift in [0, 7, 14, 21, 28] {
        let byte = read_byte(rest)?;
        value |= u32::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn read_byte(rest: &mut &[u8]) -> Option<u8> {
    let (first, others) = rest.split_first()?;
    *rest = others;
    Some(*first)
}
