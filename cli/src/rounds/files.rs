//! Resume files in folders, and explorers for what is in them.

use crate::Exit;
use crate::error::{CliError, Outcome};
use gorace_engine::explore::{Budget, Explorer, ResumeFile, ResumeFileError, SearchLeft, Strategy};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Where in a share's folder its files are.
pub const RESUME: &str = "resume";
/// The folder of what nobody was given.
pub const REST: &str = "rest";

/// The folder of a share, counted from 1.
pub fn share_folder(round: &Path, index: u32) -> PathBuf {
    round.join(index.to_string())
}

/// The resume files in a folder, by name, or the one that is named itself.
///
/// # Errors
/// If there is none, or one is damaged.
pub fn of_folder(place: &Path) -> Outcome<Vec<(PathBuf, ResumeFile)>> {
    let mut paths = if place.is_dir() {
        let entries = fs::read_dir(place).into_iter().flatten().flatten();
        let is_one = |path: &PathBuf| path.extension() == Some(OsStr::new(RESUME));
        entries.map(|entry| entry.path()).filter(is_one).collect()
    } else {
        vec![place.to_owned()]
    };
    paths.sort();
    if paths.is_empty() {
        return Err(CliError::new(Exit::Nothing, format!("{} holds no resume file", place.display()))
            .hint("gorace test --resume leaves one for each test that its budget stopped"));
    }
    paths.into_iter().map(|path| read(&path).map(|file| (path, file))).collect()
}

fn read(path: &Path) -> Outcome<ResumeFile> {
    let bytes = fs::read(path).map_err(|error| {
        CliError::new(Exit::BadConfiguration, format!("cannot read {}: {error}", path.display()))
    })?;
    ResumeFile::parse(&bytes).map_err(|error| damaged(path, &error))
}

/// The error about a file that is not what it should be.
pub fn damaged(path: &Path, error: &ResumeFileError) -> CliError {
    CliError::new(Exit::BadConfiguration, format!("cannot read the resume file {}: {error}", path.display()))
}

/// An explorer that stands where a search was stopped. It is asked and divided, and runs nothing.
///
/// # Errors
/// If the file does not say how it was explored, or its state is none.
pub fn explorer(file: &ResumeFile, search: &SearchLeft) -> Result<Explorer, ResumeFileError> {
    let setting = |name: &str| file.setting(name).ok_or(ResumeFileError::Damaged);
    let number = |name: &str| setting(name)?.parse::<u64>().map_err(|_| ResumeFileError::Damaged);
    let strategy = Strategy::from_word(setting("strategy")?).ok_or(ResumeFileError::Damaged)?;
    let max_preemptions = match setting("max_preemptions")? {
        "none" => None,
        bound => Some(bound.parse().map_err(|_| ResumeFileError::Damaged)?),
    };
    let budget = Budget {
        max_executions: u64::MAX,
        max_preemptions,
        max_steps: number("max_steps")?,
        idle_clock: setting("clock")? == "idle",
        spurious: setting("spurious")? == "true",
        after_finding: None,
    };
    let mut explorer = Explorer::new(strategy, number("seed")?, budget, Vec::new());
    explorer.resume(&search.state)?;
    Ok(explorer)
}
