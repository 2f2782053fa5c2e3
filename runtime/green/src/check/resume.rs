//! A check that goes on where an earlier one was stopped: the file that the one leaves for the other.
//!
//! Grammar, version 1, lines of text: `gorace-resume 1`, then `program KEY TITLE`, `setting NAME VALUE` for each
//! setting on which the order of executions depends, `beginning HASH` (of the execution without a deviation from the
//! default rule), `last HASH TOKEN` (of the execution run last), `source HASH FILE` for each file that this execution names, `limit NAME` for each limit met,
//! `runs N` and `executions N` so far, `schedule TOKEN` for each finding so far, `frontier TEXT`, and `sum HASH` over all bytes
//! before. Hashes and keys are FNV-1a in hexadecimal.
//!
//! What is left to do names tasks and objects by numbers, so that it means nothing to another program. That the
//! program is the same is seen by its key, its settings, the beginning and its source files, and in the end by the
//! search, which finds each step that it repeats as it was.

use crate::check::store::write_whole;
use crate::check::{Options, render};
use gorace_analyzer::finding::{FNV_START, fnv};
use gorace_analyzer::record::Program;
use gorace_analyzer::verdict::Limit;
use gorace_analyzer::{Place, Trace};
use gorace_engine::{Schedule, Token};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

const VERSION: &str = "1";
const FIRST_WORD: &str = "gorace-resume";

/// Where a check keeps what is left to do, and what an earlier one kept there.
pub(crate) struct Resume {
    path: PathBuf,
    /// What an earlier check left, if there was one.
    pub kept: Option<Kept>,
}

/// What a check leaves.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Kept {
    pub beginning: Beginning,
    pub limits: Vec<Limit>,
    pub runs: u64,
    /// Complete executions so far.
    pub executions: u64,
    /// The schedules of what was found so far.
    pub schedules: Vec<Schedule>,
    /// The last schedule that was run, and what the program did in it.
    pub last: Option<(u64, Schedule)>,
    pub frontier: String,
    /// Its key and what it is called.
    pub program: (u64, String),
    pub settings: Vec<(String, String)>,
}

/// What a program does at first, and where that is written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Beginning {
    /// Equal if it does the same.
    pub hash: u64,
    sources: Vec<(String, u64)>,
}

/// Why a check cannot go on from a file, or leave one.
#[derive(Debug)]
pub(crate) enum ResumeError {
    Io(io::Error),
    NoResumeFile,
    Version(String),
    Damaged,
    OtherProgram(String),
    OtherSetting { name: String, then: String, now: String },
    Changed(String),
}

impl fmt::Display for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResumeError::Io(error) => return write!(f, "it cannot be read or written: {error}"),
            ResumeError::NoResumeFile => {
                return write!(f, "expected a file that begins with `{FIRST_WORD}`: name another one");
            }
            ResumeError::Version(version) => write!(
                f,
                "expected version {VERSION}, got version {version}: go on with the gorace that wrote it"
            )?,
            ResumeError::Damaged => f.write_str("it was cut or changed")?,
            ResumeError::OtherProgram(title) => write!(f, "it belongs to `{title}`")?,
            ResumeError::OtherSetting { name, then, now } => {
                write!(f, "it was left by a run with {name} = {then}, and this one has {now}")?;
            }
            ResumeError::Changed(what) => write!(f, "the program has changed since: {what}")?,
        }
        // `{:#}` is for who begins anew.
        if f.alternate() { Ok(()) } else { f.write_str("; remove it to begin anew") }
    }
}

impl ResumeError {
    /// Whether the file was left by a run that this one does not go on with, and nothing that is of use to anybody else.
    pub fn is_stale(&self) -> bool {
        matches!(self, ResumeError::Damaged | ResumeError::OtherSetting { .. } | ResumeError::Changed(_))
    }
}

impl From<io::Error> for ResumeError {
    fn from(error: io::Error) -> Self {
        ResumeError::Io(error)
    }
}

type Result<T> = std::result::Result<T, ResumeError>;

impl Resume {
    /// Looks for what an earlier check of the same program with the same settings left at `path`.
    pub fn open(path: &Path, options: &Options) -> Result<Self> {
        let kept = match std::fs::read(path) {
            Ok(bytes) => {
                let kept = Kept::parse(&bytes)?;
                kept.check(&options.program, &settings(options))?;
                Some(kept)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        // Before anything is run: what is explored and cannot be kept is lost.
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)?,
            _ => {}
        }
        Ok(Resume { path: path.to_owned(), kept })
    }

    /// Begins at `path`, whatever an earlier check left there.
    pub fn anew(path: &Path) -> Self {
        Resume { path: path.to_owned(), kept: None }
    }

    /// Compares what the program does at first with what it did then.
    pub fn compare(&self, now: &Beginning) -> Result<()> {
        let Some(Kept { beginning: then, .. }) = &self.kept else { return Ok(()) };
        let differs = |(file, hash): &&(String, u64)| {
            now.sources.iter().any(|(other, now)| other == file && now != hash)
        };
        if let Some((file, _)) = then.sources.iter().find(differs) {
            return Err(ResumeError::Changed(format!("{file} is another one")));
        }
        if then.hash != now.hash {
            return Err(ResumeError::Changed("its first schedule does something else".to_owned()));
        }
        Ok(())
    }

    /// Leaves what is left to do, whole or not at all.
    pub fn leave(&self, kept: Kept, options: &Options) -> Result<()> {
        // What a line holds has no line breaks.
        let title = options.program.title().replace(char::is_control, " ");
        let program = (options.program.key(), title);
        let kept = Kept { program, settings: settings(options), ..kept };
        Ok(write_whole(&self.path, kept.to_string().as_bytes())?)
    }

    /// Nothing is left to do: so is the file.
    pub fn finish(&self) -> Result<()> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// The settings on which the order of executions depends.
fn settings(options: &Options) -> Vec<(String, String)> {
    let bound = options.max_preemptions.map_or_else(|| "none".to_owned(), |bound| bound.to_string());
    [
        ("strategy", options.strategy.to_string()),
        ("seed", options.seed.to_string()),
        ("max_preemptions", bound),
        ("max_steps", options.max_steps.to_string()),
        ("clock", if options.idle_clock { "idle" } else { "any" }.to_owned()),
        ("spurious", options.spurious.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

impl Beginning {
    /// What the execution that gave `trace` shows of the program.
    pub fn of(program: &Program, trace: &Trace) -> Self {
        let frame = |hash, place: Place| match trace.frames(place).into_iter().next() {
            Some(frame) => {
                let position = [frame.line.to_le_bytes(), frame.column.to_le_bytes()];
                fnv(fnv(hash, frame.file.as_bytes()), &position.concat())
            }
            None => hash,
        };
        let hash = trace.events.iter().fold(FNV_START, |hash, event| {
            let task = event.task.0.to_le_bytes();
            frame(fnv(fnv(hash, &task), event.op.word().as_bytes()), event.place)
        });
        Beginning { hash, sources: render::source_hashes(program, trace) }
    }
}

impl fmt::Display for Kept {
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
        line("executions", self.executions.to_string());
        for schedule in &self.schedules {
            line("schedule", token(schedule));
        }
        line("frontier", self.frontier.clone());
        let sum = fnv(FNV_START, text.as_bytes());
        writeln!(f, "{text}sum {sum:016x}")
    }
}

impl Kept {
    fn parse(bytes: &[u8]) -> Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let first = text.lines().next().unwrap_or_default();
        match first.split_once(' ') {
            Some((FIRST_WORD, VERSION)) => {}
            Some((FIRST_WORD, version)) if text.contains('\n') => {
                return Err(ResumeError::Version(version.to_owned()));
            }
            _ if text.is_empty() || format!("{FIRST_WORD} {VERSION}").starts_with(&*text) => {
                return Err(ResumeError::Damaged);
            }
            _ => return Err(ResumeError::NoResumeFile),
        }
        let whole = text.strip_suffix('\n').and_then(|text| text.rsplit_once("sum "));
        let is_whole = |(body, sum): &(&str, &str)| hex(sum) == Some(fnv(FNV_START, body.as_bytes()));
        let (body, _) = whole.filter(is_whole).ok_or(ResumeError::Damaged)?;
        let mut kept = Kept::default();
        for line in body.lines().skip(1) {
            kept.read_line(line).ok_or(ResumeError::Damaged)?;
        }
        Ok(kept)
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
            "last" => {
                let (hash, token) = rest.split_once(' ')?;
                self.last = Some((hex(hash)?, token.parse().ok()?));
            }
            "source" => {
                let (hash, file) = rest.split_once(' ')?;
                self.beginning.sources.push((file.to_owned(), hex(hash)?));
            }
            "limit" => self.limits.push(*Limit::ALL.iter().find(|limit| limit.word() == rest)?),
            "runs" => self.runs = rest.parse().ok()?,
            "executions" => self.executions = rest.parse().ok()?,
            "schedule" => self.schedules.push(rest.parse().ok()?),
            "frontier" => self.frontier = rest.to_owned(),
            _ => return None,
        }
        Some(())
    }

    fn check(&self, program: &Program, settings: &[(String, String)]) -> Result<()> {
        if self.program.0 != program.key() {
            return Err(ResumeError::OtherProgram(self.program.1.clone()));
        }
        for (name, now) in settings {
            let then = self.settings.iter().find(|(other, _)| other == name);
            match then {
                Some((_, then)) if then == now => {}
                Some((_, then)) => {
                    let (name, then, now) = (name.clone(), then.clone(), now.clone());
                    return Err(ResumeError::OtherSetting { name, then, now });
                }
                None => return Err(ResumeError::Damaged),
            }
        }
        Ok(())
    }
}

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}
