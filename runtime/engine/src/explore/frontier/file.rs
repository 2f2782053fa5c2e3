//! The file in which an exploration that was stopped keeps what is left to do.
//!
//! Grammar, version 9, lines of text: `gorace-resume 9`, then `program KEY TITLE`, `setting NAME VALUE` for each
//! setting on which the order of executions and what they show depends, `beginning HASH` (of the execution without a
//! deviation from the default rule), `source HASH FILE` for each file that this execution names, `last HASH TOKEN` (of
//! the execution run last), `limit NAME` for each limit met, `runs N` and `auxiliary N` so far, `schedule TOKEN` for
//! each finding so far, `search NUMBER EXECUTIONS REDUNDANT STEPS JOINED IN_VAIN MOST FRONTIER` for what is left and
//! each part of it that was given away (number 0 is what they are parts of; MOST is `-` if it is not bounded), and
//! `sum HASH` over all bytes before. Hashes and keys are FNV-1a in hexadecimal.
//!
//! Where it was divided, each file says which it is before the sum: `share I N ROUND todo` or `share I N ROUND done`, and
//! I is 0 for the file of what nobody was given.

use super::FrontierError;
use crate::{Schedule, Token};
use gorace_analyzer_core::finding::{FNV_START, fnv};
use gorace_analyzer_core::verdict::Limit;
use std::fmt;

const VERSION: &str = "9";
const FIRST_WORD: &str = "gorace-resume";

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ResumeFile {
    /// The program's key and what it is called.
    pub program: (u64, String),
    /// The settings on which the order of executions and what they show depends.
    pub settings: Vec<(String, String)>,
    /// What the program does at first.
    pub beginning: Beginning,
    /// The last schedule that was run, and what the program did in it.
    pub last: Option<(u64, Schedule)>,
    /// All that were met.
    pub limits: Vec<Limit>,
    /// Runs so far, each from where the one before was stopped.
    pub runs: u64,
    /// Executions beside the search.
    pub auxiliary: u64,
    /// The schedules of what was found so far.
    pub schedules: Vec<Schedule>,
    /// What is left, and its parts.
    pub searches: Vec<SearchLeft>,
    /// Which of the shares it is, if it was divided.
    pub share: Option<ShareOf>,
}

/// What a program does at first, and where that is written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Beginning {
    /// Equal if it does the same.
    pub hash: u64,
    /// Each file with the hash of its text.
    pub sources: Vec<(String, u64)>,
}

/// A search that was stopped.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchLeft {
    /// 0, or the part's number.
    pub number: u64,
    /// Complete executions.
    pub executions: u64,
    /// Executions begun and abandoned, or equivalent to an earlier one.
    pub redundant: u64,
    /// Events of all executions.
    pub steps: u64,
    /// Executions of parts that were taken over.
    pub joined: u64,
    /// Executions of parts that turned out to be none.
    pub in_vain: u64,
    /// No more executions than this are run before it is joined.
    pub most: Option<u64>,
    /// What [`Explorer::state`](crate::explore::Explorer::state) gave.
    pub state: String,
}

/// One file of several that what is left was divided into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ShareOf {
    /// Counted from 1; 0 for what nobody was given.
    pub index: u32,
    /// How many there are.
    pub of: u32,
    /// Equal in all that come of one division.
    pub round: u64,
    /// Whether somebody has run it.
    pub is_done: bool,
}

/// Why a text is no resume file.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ResumeFileError {
    /// It does not begin as one.
    NoResumeFile,
    /// It is of another version.
    Version(String),
    /// It was cut or changed.
    Damaged,
}

impl fmt::Display for ResumeFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResumeFileError::NoResumeFile => {
                write!(f, "expected a file that begins with `{FIRST_WORD}`: name another one")
            }
            ResumeFileError::Version(version) => write!(
                f,
                "expected version {VERSION}, got version {version}: go on with the gorace that wrote it"
            ),
            ResumeFileError::Damaged => f.write_str("it was cut or changed"),
        }
    }
}

impl std::error::Error for ResumeFileError {}

impl From<FrontierError> for ResumeFileError {
    fn from(_: FrontierError) -> Self {
        ResumeFileError::Damaged
    }
}

impl ResumeFile {
    /// Reads one.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, ResumeFileError> {
        let text = String::from_utf8_lossy(bytes);
        let first = text.lines().next().unwrap_or_default();
        match first.split_once(' ') {
            Some((FIRST_WORD, VERSION)) => {}
            Some((FIRST_WORD, version)) if text.contains('\n') => {
                return Err(ResumeFileError::Version(version.to_owned()));
            }
            _ if text.is_empty() || format!("{FIRST_WORD} {VERSION}").starts_with(&*text) => {
                return Err(ResumeFileError::Damaged);
            }
            _ => return Err(ResumeFileError::NoResumeFile),
        }
        let whole = text.strip_suffix('\n').and_then(|text| text.rsplit_once("sum "));
        // As it was written, to the letter: what `from_str_radix` reads alike is damage too.
        let is_whole =
            |(body, sum): &(&str, &str)| *sum == format!("{:016x}", fnv(FNV_START, body.as_bytes()));
        let (body, _) = whole.filter(is_whole).ok_or(ResumeFileError::Damaged)?;
        let mut file = ResumeFile::default();
        for line in body.lines().skip(1) {
            file.read_line(line).ok_or(ResumeFileError::Damaged)?;
        }
        Ok(file)
    }

    fn read_line(&mut self, line: &str) -> Option<()> {
        let (word, rest) = line.split_once(' ')?;
        match word {
            "program" => {
                let (key, title) = rest.split_once(' ')?;
                self.program = (hex(key)?, title.to_owned());
            }
            "setting" => {
                let (name, value) = rest.split_once(' ')?;
                self.settings.push((name.to_owned(), value.to_owned()));
            }
            "beginning" => self.beginning.hash = hex(rest)?,
            "source" => {
                let (hash, file) = rest.split_once(' ')?;
                self.beginning.sources.push((file.to_owned(), hex(hash)?));
            }
            "last" => {
                let (hash, token) = rest.split_once(' ')?;
                self.last = Some((hex(hash)?, token.parse().ok()?));
            }
            "limit" => self.limits.push(*Limit::ALL.iter().find(|limit| limit.word() == rest)?),
            "runs" => self.runs = rest.parse().ok()?,
            "auxiliary" => self.auxiliary = rest.parse().ok()?,
            "schedule" => self.schedules.push(rest.parse().ok()?),
            "search" => self.searches.push(SearchLeft::read(rest)?),
            "share" => self.share = Some(ShareOf::read(rest)?),
            _ => return None,
        }
        Some(())
    }

    /// What a setting was.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Complete executions so far, those of parts that were given away included.
    pub fn executions(&self) -> u64 {
        self.searches.iter().fold(0, |sum, search| sum.saturating_add(search.executions))
    }
}

impl fmt::Display for ResumeFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, title) = &self.program;
        let mut text = format!("{FIRST_WORD} {VERSION}\nprogram {key:016x} {title}\n");
        let mut line = |word: &str, rest: String| text.extend([word, " ", &rest, "\n"]);
        for (name, value) in &self.settings {
            line("setting", format!("{name} {value}"));
        }
        line("beginning", format!("{:016x}", self.beginning.hash));
        for (file, hash) in &self.beginning.sources {
            line("source", format!("{hash:016x} {file}"));
        }
        let token = |schedule: &Schedule| {
            Token { program: Some(*key as u32), schedule: schedule.clone() }.to_string()
        };
        if let Some((hash, schedule)) = &self.last {
            line("last", format!("{hash:016x} {}", token(schedule)));
        }
        for limit in &self.limits {
            line("limit", limit.word().to_owned());
        }
        line("runs", self.runs.to_string());
        line("auxiliary", self.auxiliary.to_string());
        for schedule in &self.schedules {
            line("schedule", token(schedule));
        }
        for SearchLeft { number, executions, redundant, steps, joined, in_vain, most, state } in
            &self.searches
        {
            let most = most.map_or("-".to_owned(), |most| most.to_string());
            let of_parts = format!("{joined} {in_vain} {most}");
            line("search", format!("{number} {executions} {redundant} {steps} {of_parts} {state}"));
        }
        if let Some(ShareOf { index, of, round, is_done }) = self.share {
            let word = if is_done { "done" } else { "todo" };
            line("share", format!("{index} {of} {round:016x} {word}"));
        }
        let sum = fnv(FNV_START, text.as_bytes());
        writeln!(f, "{text}sum {sum:016x}")
    }
}

impl SearchLeft {
    /// Counts what a part ran, which was taken over or was in vain.
    pub fn take(&mut self, part: SearchLeft, is_joined: bool) {
        let SearchLeft { executions, redundant, steps, .. } = part;
        let (of_all, in_vain) = if is_joined { (executions, 0) } else { (0, executions) };
        // What was read from a file may be anything.
        self.joined = self.joined.saturating_add(of_all).saturating_add(part.joined);
        self.in_vain = self.in_vain.saturating_add(in_vain).saturating_add(part.in_vain);
        self.executions = self.executions.saturating_add(of_all);
        self.redundant = self.redundant.saturating_add(redundant).saturating_add(in_vain);
        self.steps = self.steps.saturating_add(steps);
    }

    fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let mut number = || words.next()?.parse::<u64>().ok();
        let mut search = SearchLeft {
            number: number()?,
            executions: number()?,
            redundant: number()?,
            steps: number()?,
            joined: number()?,
            in_vain: number()?,
            ..SearchLeft::default()
        };
        search.most = match words.next()? {
            "-" => None,
            most => Some(most.parse().ok()?),
        };
        search.state = words.next()?.to_owned();
        words.next().is_none().then_some(search)
    }
}

impl ShareOf {
    fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let (index, of) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let round = hex(words.next()?)?;
        let is_done = match words.next()? {
            "done" => true,
            "todo" => false,
            _ => return None,
        };
        (index <= of && words.next().is_none()).then_some(ShareOf { index, of, round, is_done })
    }
}

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}
