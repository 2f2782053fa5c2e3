//! What a check leaves on disk: findings, results, and the schedules to try first next time.
//!
//! Files are written to a temporary name and renamed, so that nobody sees half of one. Nothing here may fail
//! a check: a folder that cannot be written is said once on stderr.

use crate::check::{Environment, Options, render};
use gorace_analyzer::Listed;
use gorace_analyzer::record::{Program, Record, RunResult};
use gorace_engine::{Schedule, Token};
use std::cell::Cell;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Once;

/// The name of the run's folder where nobody gave one.
const DEFAULT_RUN: &str = "cargo-test";

/// Where failing schedules are kept that everybody is to try first, and how each of the files begins.
const REGRESSIONS: &str = ".config/gorace-regressions";
const REGRESSIONS_FORMAT: &str = "# gorace regressions 1:";

/// Where this process keeps its files; `None` if it has no place.
pub(crate) struct Store {
    root: Option<PathBuf>,
    run: Option<String>,
    /// How many checks of the same thread came before: an ordinary test may hold several, and each leaves its result.
    pub before: u32,
}

thread_local! {
    static CHECKS: Cell<u32> = const { Cell::new(0) };
}

impl Store {
    pub fn new(options: &Options, environment: &Environment) -> Self {
        let root = match &environment.out_dir {
            _ if !options.store => None,
            Some(dir) => Some(PathBuf::from(dir)),
            None => target_dir().map(|target| target.join("gorace")),
        };
        Store { root, run: environment.run.clone(), before: CHECKS.replace(CHECKS.get() + 1) }
    }

    /// The failing schedules that were kept for the program: those that are committed, and those of this target folder.
    pub fn known(&self, program: &Program) -> Vec<Schedule> {
        let Some(root) = &self.root else { return Vec::new() };
        let key = program.key();
        // Whoever named the run has put them into the target folder.
        let committed = if self.run.is_none() { committed(program) } else { String::new() };
        let text = committed + &fs::read_to_string(known_file(root, key)).unwrap_or_default();
        let mut known = Vec::new();
        for token in text.lines().filter_map(|line| Token::parse(line).ok()).filter(|token| token.fits(key)) {
            if !known.contains(&token.schedule) {
                known.push(token.schedule);
            }
        }
        known
    }

    /// Keeps what a check came to. Without a run's name (plain `cargo test`) only findings are kept. Gives whether
    /// they can be read by others now.
    pub fn keep(&self, result: &RunResult, records: &[Record]) -> bool {
        let Some(root) = &self.root else { return false };
        if self.run.is_none() && records.is_empty() {
            return false;
        }
        let written = self.write(root, result, records);
        if let Err(error) = &written {
            static SAID: Once = Once::new();
            SAID.call_once(|| say(format_args!("cannot keep the results in {}: {error}", root.display())));
        }
        written.is_ok()
    }

    fn write(&self, root: &Path, result: &RunResult, records: &[Record]) -> io::Result<()> {
        let run = self.run.as_deref().unwrap_or(DEFAULT_RUN);
        let folder = root.join(run);
        fs::create_dir_all(&folder)?;
        for record in records {
            let file = folder.join(format!("{}.gtrace.json", record.facts.id));
            write_whole(&file, &render::record_file(record)?)?;
        }
        let key = result.program.key();
        self.keep_schedules(root, key, records)?;
        // Two processes may run tests of one name: a library's and a binary's, or examples of the documentation.
        let process = self.run.as_ref().map_or_else(String::new, |_| format!("-{}", std::process::id()));
        let nth = if self.before == 0 { String::new() } else { format!("-{}", self.before) };
        let name = format!("result-{key:016x}{process}{nth}.json");
        write_whole(&folder.join(name), &render::result_file(result)?)?;
        // Whoever named the run says which one is the latest.
        match self.run {
            None => write_whole(&root.join("latest"), format!("{run}\n").as_bytes()),
            Some(_) => Ok(()),
        }
    }

    fn keep_schedules(&self, root: &Path, key: u64, records: &[Record]) -> io::Result<()> {
        const KEPT: usize = 50;
        let file = known_file(root, key);
        // What says that executions do not repeat, or that there was none, is shown by no schedule.
        let replayed = records.iter().filter(|record| record.facts.replayed.0 > 0);
        let mut tokens: Vec<&str> = replayed.map(|record| record.facts.token.as_str()).listed();
        if tokens.is_empty() {
            return Ok(());
        }
        let before = fs::read_to_string(&file).unwrap_or_default();
        tokens.extend(before.lines().filter(|line| !line.is_empty()));
        let mut kept: Vec<&str> = Vec::new();
        for token in tokens {
            if !kept.contains(&token) && kept.len() < KEPT {
                kept.push(token);
            }
        }
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        write_whole(&file, (kept.join("\n") + "\n").as_bytes())
    }
}

fn known_file(root: &Path, key: u64) -> PathBuf {
    root.join("known").join(format!("{key:016x}.tokens"))
}

/// The schedules that `gorace test` and `gorace ci` have kept for everybody, a line each: in the program's package or a
/// folder above it. The command line writes the file, and refuses what is wrong with it; here that is said.
fn committed(program: &Program) -> String {
    let folders = Path::new(&program.manifest_dir).ancestors().map(|folder| folder.join(REGRESSIONS));
    let Some(folder) = folders.into_iter().find(|folder| folder.is_dir()) else { return String::new() };
    let end = format!("-{:08x}.txt", program.key() as u32);
    let mut tokens = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().ends_with(&end) {
            continue;
        }
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        if !text.starts_with(REGRESSIONS_FORMAT) {
            let path = entry.path();
            say(format_args!("passed over {}: expected `{REGRESSIONS_FORMAT}`", path.display()));
            continue;
        }
        for line in text.lines() {
            tokens.extend([line.rsplit(' ').next().unwrap_or_default(), "\n"]);
        }
    }
    tokens
}

/// Tells whoever runs the tests. Not `eprintln!`: libtest captures that, and shows it only if the test fails.
pub(crate) fn say(words: fmt::Arguments<'_>) {
    // There is nobody to tell that nobody can be told.
    let _ = writeln!(io::stderr(), "gorace: {words}");
}

/// Writes a file whole or not at all. If the machine stops soon after, it may be lost: so is the run.
pub(crate) fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(file, |temporary| fs::write(temporary, bytes))
}

/// Writes a file whole or not at all, and for good: what is in it took long to come by.
pub(crate) fn write_for_good(file: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(file, |temporary| {
        let mut written = fs::File::create(temporary)?;
        written.write_all(bytes)?;
        written.sync_all()
    })
}

/// Whether a file can be written there; none is left.
pub(crate) fn try_place(file: &Path) -> io::Result<()> {
    // One byte would fit into many a full disk.
    const BYTES: [u8; 1 << 12] = [0; 1 << 12];
    let temporary = temporary(file);
    let written = fs::write(&temporary, BYTES);
    let removed = fs::remove_file(&temporary);
    written.and(removed)
}

fn replace(file: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let temporary = temporary(file);
    let written = write(&temporary).and_then(|()| fs::rename(&temporary, file));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// A name beside it that nobody else uses.
fn temporary(file: &Path) -> PathBuf {
    let thread = std::thread::current().id();
    file.with_extension(format!("tmp-{}-{thread:?}", std::process::id()))
}

/// Cargo's target folder, found from the running executable: the ancestor that cargo marked.
fn target_dir() -> Option<PathBuf> {
    let exe = std::env::current_exe().ok()?;
    exe.ancestors().skip(1).find(|dir| dir.join("CACHEDIR.TAG").is_file()).map(Path::to_owned)
}

/// The cargo target's name: the executable's, without the hash that cargo appends to tests.
pub(crate) fn target_name() -> String {
    let exe = std::env::current_exe().ok();
    let stem = exe.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
    let stem = stem.unwrap_or_default();
    match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            name.to_owned()
        }
        _ => stem,
    }
}
