//! `target/gorace/`: a folder a run, and in it a file a finding and a file a result.

use crate::Exit;
use crate::cache;
use crate::cargo::Workspace;
use crate::error::{CliError, Outcome};
use crate::gate::Ran;
use crate::reports::write_whole;
use crate::shard::Manifest;
use crate::started::Started;
use gorace_analyzer::file::{read_record, read_result};
use gorace_analyzer::record::{Record, RunResult};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const FINDING: &str = ".gtrace.json";
const PART: &str = "shard";
const RESUME: &str = "resume";

/// All runs of one target folder.
pub struct Store {
    pub root: PathBuf,
}

/// One run's folder.
pub struct Run {
    pub name: String,
    pub folder: PathBuf,
}

impl Store {
    pub fn of(target_dir: &Path) -> Self {
        let root = std::env::var_os("GORACE_OUT_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from);
        // The program may run in another folder than we do.
        let absolute = root.map(|root| std::path::absolute(&root).unwrap_or(root));
        Store { root: absolute.unwrap_or_else(|| target_dir.join("gorace")) }
    }

    /// Where searches that were stopped keep what is left to do.
    pub fn resume_folder(&self) -> PathBuf {
        self.root.join(RESUME)
    }

    /// A folder for a new run, writable, in which it says how it was started.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn new_run(&self) -> Outcome<Run> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let name = format!("{:x}-{}", now.as_millis(), std::process::id());
        let folder = self.root.join(&name);
        let hint = "name a folder that can be written with the variable GORACE_OUT_DIR";
        fs::create_dir_all(&folder).map_err(|error| {
            CliError::new(Exit::BadConfiguration, format!("cannot write to {}: {error}", self.root.display()))
                .hint(hint)
        })?;
        let started = Started::now();
        started.keep(&folder).map_err(|error| error.hint(hint))?;
        if started.is_elsewhere() {
            cache::note_store(&self.root);
        }
        Ok(Run { name, folder })
    }

    /// Makes `run` the one that `latest` names; forgets runs that are old.
    pub fn finish(&self, run: &Run) {
        const KEPT: usize = 50;
        // That an old run stays, or the name of the latest is not updated, is no reason to fail.
        let _ = fs::write(self.root.join("latest"), format!("{}\n", run.name));
        let mut runs = self.runs();
        runs.retain(|run| run.name.contains('-') && run.name != "cargo-test" && !run.is_under_way());
        runs.sort_by(|a, b| a.name.cmp(&b.name));
        let old = runs.len().saturating_sub(KEPT);
        for run in &runs[..old] {
            let _ = fs::remove_dir_all(&run.folder);
        }
    }

    fn runs(&self) -> Vec<Run> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let is_run = |entry: &fs::DirEntry| {
            entry.path().is_dir() && ![OsStr::new("known"), OsStr::new(RESUME)].contains(&&*entry.file_name())
        };
        let folders = entries.filter(is_run);
        folders
            .map(|entry| Run { name: entry.file_name().to_string_lossy().into_owned(), folder: entry.path() })
            .collect()
    }

    /// All stored findings, newest run first, each id once.
    pub fn findings(&self) -> Vec<(String, PathBuf)> {
        let mut files: Vec<(SystemTime, String, PathBuf)> = Vec::new();
        for run in self.runs() {
            for (id, path) in run.finding_files() {
                let written = fs::metadata(&path).and_then(|data| data.modified()).unwrap_or(UNIX_EPOCH);
                files.push((written, id, path));
            }
        }
        files.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        for (_, id, path) in files {
            if found.iter().all(|(other, _)| *other != id) {
                found.push((id, path));
            }
        }
        found
    }

    /// The finding that `what` names: a file, `latest`, or a unique prefix of an id.
    ///
    /// # Errors
    /// If there is none, or more than one, or its file is damaged.
    pub fn find(&self, what: &OsStr) -> Outcome<Record> {
        read(&self.locate(what)?)
    }

    /// The file of the finding that `what` names.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn locate(&self, what: &OsStr) -> Outcome<PathBuf> {
        let path = Path::new(what);
        if path.is_file() {
            return Ok(path.to_owned());
        }
        let text = what.to_string_lossy();
        let all = self.findings();
        if text == "latest" {
            let latest = fs::read_to_string(self.root.join("latest")).unwrap_or_default();
            let folder = self.root.join(latest.trim());
            let of_latest = all.iter().find(|(_, path)| path.parent() == Some(folder.as_path()));
            let Some((_, path)) = of_latest else {
                return Err(CliError::new(Exit::Nothing, "the latest run has no finding")
                    .hint("gorace list shows the findings of earlier runs"));
            };
            return Ok(path.clone());
        }
        let matching: Vec<&(String, PathBuf)> = all.iter().filter(|(id, _)| id.starts_with(&*text)).collect();
        match matching.as_slice() {
            [(_, path)] => Ok(path.clone()),
            [] => Err(CliError::new(Exit::Nothing, format!("no stored finding is called `{text}`"))
                .hint("gorace list shows what is stored; a trace file or a schedule token is accepted too, as a report shows it")),
            several => {
                let ids: Vec<&str> = several.iter().map(|(id, _)| id.as_str()).collect();
                Err(CliError::new(Exit::BadCommandLine, format!("`{text}` is the beginning of several ids"))
                    .hint(format!("they are: {}", ids.join(", "))))
            }
        }
    }
}

impl Run {
    /// Whether the process that made it may still write to it.
    fn is_under_way(&self) -> bool {
        #[cfg(unix)]
        {
            let process = self.name.rsplit('-').next().and_then(|number| number.parse().ok());
            process.is_some_and(|number| {
                nix::sys::signal::kill(nix::unistd::Pid::from_raw(number), None).is_ok()
            })
        }
        #[cfg(not(unix))]
        false
    }

    /// The run in `folder`, or the latest one of the store there.
    ///
    /// # Errors
    /// If there is neither.
    pub fn at(folder: &Path) -> Outcome<Self> {
        let latest = fs::read_to_string(folder.join("latest")).ok();
        let run = latest.as_ref().map_or_else(|| folder.to_owned(), |name| folder.join(name.trim()));
        let run = Run { name: String::new(), folder: run };
        // A part of few tests may have none.
        if !run.folder.is_dir() || (latest.is_none() && run.results()?.is_empty()) {
            let message = format!("{} holds no results", folder.display());
            return Err(CliError::new(Exit::Nothing, message)
                .hint("name what a shard left in target/gorace, or the run's folder in it"));
        }
        Ok(run)
    }

    /// Notes which part this is, and of what.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note_part(&self, manifest: &Manifest) -> Outcome<()> {
        write_whole(&self.folder.join(PART), manifest.to_string().as_bytes())
    }

    /// Which part this is, if it is one.
    ///
    /// # Errors
    /// If the file about it is damaged.
    pub fn manifest(&self) -> Outcome<Option<Manifest>> {
        let path = self.folder.join(PART);
        if !path.is_file() {
            return Ok(None);
        }
        let manifest = Manifest::parse(&read_text(&path)?);
        manifest.map(Some).map_err(|misread| {
            let words = format!("{} is not what gorace wrote: {misread}", path.display());
            CliError::new(Exit::BadConfiguration, words).hint("run the part again, with this gorace")
        })
    }

    fn finding_files(&self) -> Vec<(String, PathBuf)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut files: Vec<(String, PathBuf)> = entries
            .filter_map(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                name.strip_suffix(FINDING).map(|id| (id.to_owned(), entry.path()))
            })
            .collect();
        files.sort();
        files
    }

    /// The run's results, by package, target and test.
    ///
    /// # Errors
    /// If a file is damaged.
    pub fn results(&self) -> Outcome<Vec<RunResult>> {
        let mut results: Vec<RunResult> = self.left()?.into_iter().map(|(_, result)| result).collect();
        results.sort_by_key(|result| (result.order(), result.executions, result.steps));
        Ok(results)
    }

    /// The tests that left a result, and in how many binaries each is.
    ///
    /// # Errors
    /// If a file is damaged.
    pub fn ran(&self) -> Outcome<Ran> {
        let left = self.left()?;
        Ok(Ran::of(left.iter().map(|(process, result)| (&result.program, process.as_str()))))
    }

    /// All results, each with the process that left it.
    fn left(&self) -> Outcome<Vec<(String, RunResult)>> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut left = Vec::new();
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("result-")) {
            let path = entry.path();
            if path.extension() == Some(OsStr::new("json")) {
                let text = read_text(&path)?;
                let result = read_result(&text).map_err(|error| damaged(&path, &error))?;
                // `result-KEY-PROCESS`, and a number where the process has left several of a test.
                let name = path.file_stem().map(OsStr::to_string_lossy).unwrap_or_default();
                left.push((name.split('-').nth(2).unwrap_or_default().to_owned(), result));
            }
        }
        Ok(left)
    }

    /// The findings that `results` name, in that order.
    ///
    /// # Errors
    /// If a file is missing or damaged.
    pub fn records(&self, results: &[RunResult]) -> Outcome<Vec<Record>> {
        let ids = results.iter().flat_map(|result| &result.findings);
        ids.map(|id| read(&self.folder.join(format!("{id}{FINDING}")))).collect()
    }

    /// The variables that make a program write here.
    pub fn variables(&self, store: &Store) -> [(&'static str, OsString); 2] {
        [("GORACE_OUT_DIR", store.root.clone().into()), ("GORACE_RUN", self.name.clone().into())]
    }
}

fn read_text(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| {
        CliError::new(Exit::BadConfiguration, format!("cannot read {}: {error}", path.display()))
    })
}

fn damaged(path: &Path, error: &gorace_analyzer::file::ReadError) -> CliError {
    CliError::new(Exit::BadConfiguration, format!("{} is not what gorace wrote: {error}", path.display()))
        .hint("remove it, and run the program again")
}

/// The file of the finding that `what` names: in the package at hand, else in a store that was noted.
///
/// # Errors
/// If there is none, or more than one.
pub fn locate(manifest_path: Option<&Path>, what: &OsStr) -> Outcome<PathBuf> {
    if Path::new(what).is_file() {
        return Ok(what.into());
    }
    let workspace = Workspace::load(manifest_path);
    let found = workspace.and_then(|workspace| Store::of(&workspace.target_dir).locate(what));
    // Each store has a latest run of its own.
    if found.is_ok() || what == "latest" {
        return found;
    }
    let elsewhere = cache::stores().into_iter().find_map(|root| Store { root }.locate(what).ok());
    elsewhere.map_or(found, Ok)
}

/// The finding in a file.
///
/// # Errors
/// If it is damaged.
pub fn read(path: &Path) -> Outcome<Record> {
    read_record(&read_text(path)?).map_err(|error| damaged(path, &error))
}

#[cfg(all(test, unix))]
mod tests {
    use super::Store;

    /// More runs than are kept, beginning with one whose process lives: this one.
    #[test]
    fn a_run_that_is_under_way_is_not_forgotten() {
        let folder = std::env::temp_dir().join(format!("gorace-store-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("made");
        let store = Store { root: folder.clone() };
        let own = folder.join(format!("0-{}", std::process::id()));
        std::fs::create_dir(&own).expect("made");
        for number in 1..60 {
            // Beyond the largest number of a process that Linux gives.
            std::fs::create_dir(folder.join(format!("{number}-99999999"))).expect("made");
        }
        let run = store.new_run().expect("writable");
        store.finish(&run);
        let left = std::fs::read_dir(&folder).expect("read").flatten().filter(|entry| entry.path().is_dir());
        assert!(own.is_dir() && run.folder.is_dir());
        assert_eq!(left.count(), 52, "fifty that are over, and two that are not");
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
