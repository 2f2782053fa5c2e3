//! A check that goes on where an earlier one was stopped: the file that the one leaves for the other.
//!
//! What is left to do names tasks and objects by numbers, so that it means nothing to another program. That the
//! program is the same is seen by its key, its settings, the beginning and its source files, and in the end by the
//! search, which finds each step that it repeats as it was.

use crate::check::store::{try_place, write_for_good};
use crate::check::{Options, Strategy, render};
use gorace_analyzer::finding::{FNV_START, fnv};
use gorace_analyzer::record::Program;
use gorace_analyzer::{Code, Listed, Place, Trace};
use gorace_engine::explore::{Beginning, ResumeFile, ResumeFileError};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Where a check keeps what is left to do, and what an earlier one kept there.
pub(crate) struct Resume {
    path: PathBuf,
    /// The hash of the file as it was found, if there was one.
    found: Option<u64>,
    /// What an earlier check left, if there was one.
    pub kept: Option<ResumeFile>,
}

/// Why a check cannot go on from a file, or leave one.
#[derive(Debug)]
pub(crate) enum ResumeError {
    Io(io::Error),
    File(ResumeFileError),
    OtherProgram(String),
    OtherSetting { name: String, then: String, now: String },
    Changed(String),
    Taken,
}

impl fmt::Display for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResumeError::Io(error) => return write!(f, "it cannot be read or written: {error}"),
            ResumeError::Taken => {
                let why = "somebody else has changed it meanwhile; one run at a time can go on from it";
                return f.write_str(why);
            }
            ResumeError::File(error @ ResumeFileError::NoResumeFile) => return error.fmt(f),
            ResumeError::File(error) => error.fmt(f)?,
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
        match self {
            ResumeError::File(ResumeFileError::Damaged) | ResumeError::Changed(_) => true,
            ResumeError::OtherSetting { name, then, now } => name != GORACE || is_before(then, now),
            _ => false,
        }
    }
}

impl ResumeError {
    /// Whether the place is why, and not what is there.
    pub fn is_of_place(&self) -> bool {
        matches!(self, ResumeError::Io(_))
    }
}

impl From<io::Error> for ResumeError {
    fn from(error: io::Error) -> Self {
        ResumeError::Io(error)
    }
}

impl From<ResumeFileError> for ResumeError {
    fn from(error: ResumeFileError) -> Self {
        ResumeError::File(error)
    }
}

/// The setting that is the version of gorace.
const GORACE: &str = "gorace";

/// The setting on which random schedules depend.
const SEED: &str = "seed";

/// Whether a version came before another one; of what is no plain version nobody knows.
fn is_before(then: &str, now: &str) -> bool {
    let numbers =
        |version: &str| version.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>();
    numbers(then).zip(numbers(now)).is_some_and(|(then, now)| then < now)
}

type Result<T> = std::result::Result<T, ResumeError>;

/// The check's own file in a folder of all. A test may hold several checks, and a library's test may be called as a
/// binary's is: of that the program's key says nothing.
pub(crate) fn in_folder(folder: &Path, options: &Options, before: u32) -> PathBuf {
    let key = options.program.key();
    // Versions before 6 knew no other name. What they left is refused, and not passed over.
    let earlier = folder.join(format!("{key:016x}.resume"));
    if before == 0 && earlier.exists() {
        return earlier;
    }
    let source = fnv(FNV_START, options.source.as_bytes()) as u32;
    let nth = if before == 0 { String::new() } else { format!("-{before}") };
    folder.join(format!("{key:016x}-{source:08x}{nth}.resume"))
}

impl Resume {
    /// Looks for what an earlier check of the same program with the same settings left at `path`.
    pub fn open(path: &Path, options: &Options) -> Result<Self> {
        let bytes = read(path)?;
        let kept = match &bytes {
            Some(bytes) => {
                let kept = ResumeFile::parse(bytes)?;
                check(&kept, options)?;
                Some(kept)
            }
            None => None,
        };
        // Before anything is run: what is explored and cannot be kept is lost.
        match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)?,
            _ => {}
        }
        try_place(path)?;
        Ok(Resume { path: path.to_owned(), found: bytes.as_deref().map(hash), kept })
    }

    /// Begins at `path`, whatever an earlier check left there.
    pub fn anew(path: &Path) -> Result<Self> {
        try_place(path)?;
        Ok(Resume { path: path.to_owned(), found: read(path)?.as_deref().map(hash), kept: None })
    }

    /// Compares what the program does at first with what it did then.
    pub fn compare(&self, now: &Beginning) -> Result<()> {
        let Some(ResumeFile { beginning: then, .. }) = &self.kept else { return Ok(()) };
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

    /// Leaves what is left to do, whole or not at all, and not in place of what another run has left meanwhile.
    pub fn leave(&self, kept: ResumeFile, options: &Options) -> Result<()> {
        // What a line holds has no line breaks.
        let title = options.program.title().replace(char::is_control, " ");
        let program = (options.program.key(), title);
        let kept = ResumeFile { program, settings: settings(options), ..kept };
        if !self.is_as_found()? {
            return Err(ResumeError::Taken);
        }
        Ok(write_for_good(&self.path, kept.to_string().as_bytes())?)
    }

    /// Nothing is left to do: so is the file, unless it is another run's by now.
    pub fn finish(&self) -> Result<()> {
        if !self.is_as_found()? {
            return Ok(());
        }
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn is_as_found(&self) -> Result<bool> {
        Ok(read(&self.path)?.as_deref().map(hash) == self.found)
    }
}

/// What the file holds, if there is one.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn hash(bytes: &[u8]) -> u64 {
    fnv(FNV_START, bytes)
}

/// The settings on which the order of executions depends, and what they are taken to show.
fn settings(options: &Options) -> Vec<(String, String)> {
    let mut allow: Vec<String> = options.allow.iter().map(Code::to_string).listed();
    allow.sort_unstable();
    allow.dedup();
    let bound = options.max_preemptions.map_or_else(|| "none".to_owned(), |bound| bound.to_string());
    [
        (GORACE, env!("CARGO_PKG_VERSION").to_owned()),
        ("strategy", options.strategy.to_string()),
        (SEED, if uses_seed(options) { options.seed } else { 0 }.to_string()),
        ("max_preemptions", bound),
        ("max_steps", options.max_steps.to_string()),
        ("stack_size", options.stack_size.to_string()),
        ("clock", if options.idle_clock { "idle" } else { "any" }.to_owned()),
        ("spurious", options.spurious.to_string()),
        ("allow", if allow.is_empty() { "none".to_owned() } else { allow.join(",") }),
        ("shard", options.shard.map_or_else(|| "none".to_owned(), |(part, of)| format!("{part}/{of}"))),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// What the execution that gave `trace` shows of the program.
pub(crate) fn beginning(program: &Program, trace: &Trace) -> Beginning {
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

/// Whether anything is drawn.
fn uses_seed(options: &Options) -> bool {
    options.strategy != Strategy::Exhaustive
}

/// Whether the file is about this program and these settings.
fn check(file: &ResumeFile, options: &Options) -> Result<()> {
    if file.program.0 != options.program.key() {
        return Err(ResumeError::OtherProgram(file.program.1.clone()));
    }
    for (name, now) in &settings(options) {
        match file.setting(name) {
            Some(then) if then == now => {}
            // Nothing that is searched depends on it, whatever it was.
            Some(_) if name == SEED && !uses_seed(options) => {}
            Some(then) => {
                let (name, then, now) = (name.clone(), then.to_owned(), now.clone());
                return Err(ResumeError::OtherSetting { name, then, now });
            }
            None => return Err(ResumeFileError::Damaged.into()),
        }
    }
    Ok(())
}
