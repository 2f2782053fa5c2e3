//! `gorace merge` of a round: the shares of explorations, joined into one report, one verdict, and what is left.
//!
//! A share counts if it was run to its end: its file says so, and all that the file knows of is in its run's results. One
//! that was not is named, and can be run again: nothing of it was counted.

use crate::Exit;
use crate::error::{CliError, Outcome};
use crate::reports::write_whole;
use crate::rounds::{self, Joined, REST, RESUME, share_folder};
use crate::shard::keep_shortest;
use crate::store::Run;
use gorace_analyzer::record::{Record, RunResult};
use gorace_analyzer::verdict::{Stopped, Verdict};
use gorace_engine::Schedule;
use gorace_engine::explore::ResumeFile;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a round came to.
pub struct Round {
    pub results: Vec<RunResult>,
    pub records: Vec<Record>,
    /// What is left, to be kept once all was told.
    left: Vec<(PathBuf, ResumeFile)>,
}

/// Whether this is a round's folder.
pub fn is_round(folder: &Path) -> bool {
    folder.join(REST).is_dir()
}

/// One share of all tests, as it was left.
struct Share {
    results: Vec<RunResult>,
    records: Vec<Record>,
}

/// Joins the shares of a round; what is left is to be kept in the folder `left`.
///
/// # Errors
/// If a share is missing, there twice, of something else, or was not run to its end.
pub fn join(round: &Path, left: &Path) -> Outcome<Round> {
    let rests = rounds::of_folder(&round.join(REST).join(RESUME))?;
    let mut joined = Round { results: Vec::new(), records: Vec::new(), left: Vec::new() };
    let (mut lost, mut of_lost) = (BTreeSet::new(), 0);
    for (path, rest) in rests {
        let name = path.file_name().unwrap_or_default();
        let of = rest.share.map_or(0, |share| share.of);
        let mut files = Vec::new();
        for index in 1..=of {
            let folder = share_folder(round, index);
            let file = folder.join(RESUME).join(name);
            if !file.is_file() {
                return Err(CliError::new(Exit::Nothing, format!("share {index} of {of} is missing"))
                    .hint(format!("it was to be in {}", folder.display())));
            }
            let (path, file) = rounds::of_folder(&file)?.remove(0);
            fits(&rest, &file, &path)?;
            files.push((folder, file));
        }
        all_there(&files)?;
        let mut shares = Vec::new();
        for (index, (folder, file)) in (1..).zip(&files) {
            match Share::of(folder, file)? {
                Some(share) => shares.push(share),
                None => _ = lost.insert(index),
            }
        }
        of_lost = of;
        if lost.is_empty() {
            let files: Vec<&ResumeFile> = files.iter().map(|(_, file)| file).collect();
            let whole = rounds::join(&rest, &files).map_err(|error| rounds::damaged(&path, &error))?;
            joined.add(whole, &shares, left.join(name));
        }
    }
    if lost.is_empty() { Ok(joined) } else { Err(not_run(round, &lost, of_lost)) }
}

/// Elements were lost: which, and why if they said so.
fn not_run(round: &Path, lost: &BTreeSet<u32>, of: u32) -> CliError {
    let names: Vec<String> = lost.iter().map(u32::to_string).collect();
    let (s, were, its) = if lost.len() == 1 { ("", "was", "its") } else { ("s", "were", "their") };
    let message = format!("share{s} {} of {of} {were} not run to {its} end", names.join(", "));
    let error = CliError::new(Exit::Nothing, message);
    let why = lost.iter().find_map(|index| {
        let run = Run::at(&share_folder(round, *index)).ok()?;
        run.results().ok()?.into_iter().find_map(|result| result.misfit)
    });
    match why {
        Some(misfit) => error.hint(misfit.why),
        None => error.hint(format!("run them again, in {}: nothing of them was counted", round.display())),
    }
}

/// Whether the share is one of what `rest` is the rest of.
///
/// # Errors
/// If not, with the reason.
fn fits(rest: &ResumeFile, share: &ResumeFile, path: &Path) -> Outcome<()> {
    let refuse = |why: String| {
        Err(CliError::new(Exit::Diverged, format!("{} does not belong to this round: {why}", path.display()))
            .hint("run the share of this round, from what gorace split wrote"))
    };
    if share.program.0 != rest.program.0 {
        return refuse(format!("it is of `{}`, not of `{}`", share.program.1, rest.program.1));
    }
    for (name, value) in &rest.settings {
        let other = share.setting(name).unwrap_or("nothing");
        if other != value {
            return refuse(format!("it was explored with {name} = {other}, and the others with {value}"));
        }
    }
    let other_source = rest.beginning.sources.iter().find(|source| !share.beginning.sources.contains(source));
    if let Some((file, _)) = other_source {
        return refuse(format!("it is of another version of the program, in which {file} differs"));
    }
    if share.beginning.hash != rest.beginning.hash {
        return refuse(
            "it is of another version of the program, which does something else at first".to_owned(),
        );
    }
    match (share.share, rest.share) {
        (Some(one), Some(other)) if one.round == other.round && one.of == other.of => Ok(()),
        (None, _) => refuse("it is no share".to_owned()),
        _ => refuse("it is a share of another round".to_owned()),
    }
}

/// Whether each share is there once.
///
/// # Errors
/// If not.
fn all_there(files: &[(PathBuf, ResumeFile)]) -> Outcome<()> {
    let of = files.len();
    for number in 1..=of as u32 {
        let is_it = |file: &ResumeFile| file.share.is_some_and(|share| share.index == number);
        let mut places = files.iter().filter(|(_, file)| is_it(file));
        match (places.next(), places.next()) {
            (Some(_), None) => {}
            (Some((one, _)), Some((other, _))) => {
                let (one, other) = (one.display(), other.display());
                let message = format!("share {number} of {of} is there twice: in {one} and in {other}");
                return Err(CliError::new(Exit::Diverged, message));
            }
            _ => return Err(CliError::new(Exit::Nothing, format!("share {number} of {of} is missing"))),
        }
    }
    Ok(())
}

impl Share {
    /// What the share's last run left of this test; `None` if it was not run to its end.
    fn of(folder: &Path, file: &ResumeFile) -> Outcome<Option<Self>> {
        let is_done = file.share.is_some_and(|share| share.is_done);
        let Some(name) = fs::read_to_string(folder.join("latest")).ok().filter(|_| is_done) else {
            return Ok(None);
        };
        let run = Run { name: String::new(), folder: folder.join(name.trim()) };
        let results = run.results()?.into_iter().filter(|result| result.program.key() == file.program.0);
        // What a run left that was killed says nothing.
        let results: Vec<RunResult> =
            results.filter(|result| result.stopped != Stopped::Interrupted).collect();
        let records = run.records(&results)?;
        let is_known = |schedule: &Schedule| {
            records.iter().any(|record| record.facts.token.parse().as_ref() == Ok(schedule))
        };
        // A test that expects its finding keeps none.
        let has_failed = results.iter().any(|result| result.verdict == Verdict::Failed);
        let knows_all = !has_failed || file.schedules.iter().all(is_known);
        Ok((!results.is_empty() && knows_all).then_some(Share { results, records }))
    }
}

impl Round {
    fn add(&mut self, whole: Joined, shares: &[Share], left: PathBuf) {
        let (executions, redundant, steps) = (whole.executions(), whole.redundant(), whole.steps());
        let Joined { mut file, is_complete, verdict, interleavings } = whole;
        let Some(first) = shares.first().and_then(|share| share.results.first()).cloned() else { return };
        let all = || shares.iter().flat_map(|share| &share.results);
        let mut records: Vec<Record> = Vec::new();
        for record in shares.iter().flat_map(|share| &share.records) {
            keep_shortest(&mut records, record);
        }
        let has_found = !records.is_empty();
        if has_found {
            file.schedules = records.iter().filter_map(|record| record.facts.token.parse().ok()).collect();
        }
        let notes = match is_complete {
            true => Vec::new(),
            false => {
                vec![format!("what is left to do is kept in {}: gorace split divides it", left.display())]
            }
        };
        self.results.push(RunResult {
            verdict: if has_found { Verdict::Failed } else { verdict },
            limits: file.limits.clone(),
            stopped: if is_complete { Stopped::Complete } else { Stopped::MaxExecutions },
            executions,
            redundant,
            auxiliary: file.auxiliary,
            steps,
            elapsed: all().map(|result| result.elapsed).max().flatten(),
            strategies: all()
                .max_by_key(|result| result.executions)
                .map_or_else(String::new, |result| result.strategies.clone()),
            findings: records.iter().map(|record| record.facts.id.clone()).collect(),
            notes,
            misfit: all().find_map(|result| result.misfit.clone()),
            interleavings,
            ..first
        });
        self.records.extend(records);
        if !is_complete {
            self.left.push((left, file));
        }
    }

    /// Keeps what is left, or nothing if nothing is.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep_left(&self, folder: &Path) -> Outcome<()> {
        let mut old = rounds::of_folder(folder).unwrap_or_default();
        old.retain(|(path, _)| self.left.iter().all(|(new, _)| new != path));
        for (path, file) in &self.left {
            write_whole(path, file.to_string().as_bytes())?;
        }
        for (path, _) in old {
            fs::remove_file(&path).map_err(|error| {
                CliError::new(Exit::BadConfiguration, format!("cannot remove {}: {error}", path.display()))
            })?;
        }
        if self.left.is_empty() {
            // It may not be there, or hold something else.
            let _ = fs::remove_dir(folder);
        }
        Ok(())
    }
}
