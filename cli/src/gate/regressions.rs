//! Failing schedules that are kept: a bug that was found once is tried first from then on.
//!
//! A folder of small files to be committed, one a test. A file's first line names the format and its version, the next
//! ones the test, and each other one is a code and a schedule token. Before a run they are put where checks look for
//! known schedules; after it those of new findings are added. Nothing is ever taken out: a schedule that stays behind is
//! a test that the bug does not come back, and one that does not fit any more costs one execution.

use crate::Exit;
use crate::error::{CliError, Outcome};
use crate::reports::write_whole;
use gorace_analyzer::Code;
use gorace_analyzer::record::{Program, Record};
use gorace_engine::Token;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const FORMAT: &str = "# gorace regressions ";
const VERSION: u32 = 1;
/// Schedules of one test, at the most: the newest.
const KEPT: usize = 20;

/// See the module.
#[derive(Debug)]
pub struct Regressions {
    folder: Option<PathBuf>,
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    program: Program,
    schedules: Vec<(Code, String)>,
}

impl Regressions {
    /// Reads the folder; nothing if there is none. Without a folder nothing is kept.
    ///
    /// # Errors
    /// If a file is no whole file of this version.
    pub fn load(folder: Option<&Path>) -> Outcome<Self> {
        let Some(folder) = folder else { return Ok(Regressions { folder: None, files: Vec::new() }) };
        let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut paths: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|extension| extension == "txt")).collect();
        paths.sort();
        let mut files = Vec::new();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(|error| error.to_string());
            let read = text.and_then(|text| read(&text)).map_err(|what| {
                let message = format!("{}: {what}", path.display());
                CliError::new(Exit::BadConfiguration, message).hint("correct the file, or remove it")
            });
            files.push(read?);
        }
        Ok(Regressions { folder: Some(folder.to_owned()), files })
    }

    /// Puts the schedules where checks look for what to try first, before those that are there already.
    ///
    /// # Errors
    /// If that cannot be written.
    pub fn seed(&self, store: &Path) -> Outcome<()> {
        for file in &self.files {
            let known = store.join("known").join(format!("{:016x}.tokens", file.program.key()));
            let there = fs::read_to_string(&known).unwrap_or_default();
            let mut tokens: Vec<&str> = file.schedules.iter().map(|(_, token)| token.as_str()).collect();
            for token in there.lines() {
                if !tokens.contains(&token) {
                    tokens.push(token);
                }
            }
            write_whole(&known, (tokens.join("\n") + "\n").as_bytes())?;
        }
        Ok(())
    }

    /// Adds the schedules of findings that have none yet; gives the files that were changed.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn add<'r>(&mut self, records: impl Iterator<Item = &'r Record>) -> Outcome<Vec<PathBuf>> {
        let Some(folder) = self.folder.clone() else { return Ok(Vec::new()) };
        let mut changed: Vec<usize> = Vec::new();
        for record in records {
            let code = record.finding.kind.code();
            // That executions do not repeat, or that there was none, is shown by no schedule.
            if record.facts.replayed.0 == 0 {
                continue;
            }
            let key = record.program.key();
            let at = self.files.iter().position(|file| file.program.key() == key).unwrap_or_else(|| {
                self.files.push(File { program: record.program.clone(), schedules: Vec::new() });
                self.files.len() - 1
            });
            let schedules = &mut self.files[at].schedules;
            if schedules.iter().all(|(_, token)| *token != record.facts.token) {
                schedules.insert(0, (code, record.facts.token.clone()));
                schedules.truncate(KEPT);
                changed.push(at);
            }
        }
        changed.sort_unstable();
        changed.dedup();
        let paths = changed.into_iter().map(|at| {
            let file = &self.files[at];
            let path = folder.join(file.name());
            write_whole(&path, file.text().as_bytes()).map(|()| path)
        });
        paths.collect()
    }
}

impl File {
    /// A name that every file system takes, and that tells people which test it is.
    fn name(&self) -> String {
        let Program { package, target, test, .. } = &self.program;
        let words = format!("{package}-{target}-{}", test.as_deref().unwrap_or(""));
        let tame = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '-' };
        let name: String = words.chars().map(tame).take(80).collect();
        format!("{name}-{:08x}.txt", self.program.key() as u32)
    }

    fn text(&self) -> String {
        let Program { package, target, test, .. } = &self.program;
        let mut text = format!(
            "{FORMAT}{VERSION}: failing schedules of a test, run before all others; commit this file\n"
        );
        let _ = writeln!(text, "package {package}\ntarget {target}\ntest {}", test.as_deref().unwrap_or(""));
        for (code, token) in &self.schedules {
            let _ = writeln!(text, "{code} {token}");
        }
        text
    }
}

fn read(text: &str) -> Result<File, String> {
    let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let first = lines.next().map_or("", |(line, _)| line);
    let version =
        first.strip_prefix(FORMAT).and_then(|rest| rest.split(':').next()?.trim().parse::<u32>().ok());
    match version {
        Some(version) if version > VERSION => {
            return Err(format!("line 1: expected version {VERSION} or older, got {version}: update gorace"));
        }
        Some(_) => {}
        None => return Err(format!("line 1: expected `{FORMAT}{VERSION}`")),
    }
    let mut field = |name: &str| {
        let (line, number) = lines.next().unwrap_or(("", 0));
        let value =
            line.strip_prefix(name).and_then(|rest| rest.strip_prefix(' ').or(rest.is_empty().then_some("")));
        value.map(str::to_owned).ok_or_else(|| match number {
            0 => format!("expected a line `{name} ..`, got the end of the file"),
            _ => format!("line {number}: expected `{name} ..`"),
        })
    };
    let (package, target, test) = (field("package")?, field("target")?, field("test")?);
    let test = Some(test).filter(|test| !test.is_empty());
    let program = Program { package, target, test, ..Program::default() };
    let key = program.key();
    let schedule = |(line, number): (&str, usize)| {
        let (code, token) = line.split_once(' ').unwrap_or((line, ""));
        let code =
            Code::parse(code).ok_or_else(|| format!("line {number}: expected a code such as GR0001"))?;
        let parsed = Token::parse(token).map_err(|error| format!("line {number}: {error}"))?;
        // The default schedule's token, which names no program, is what is left of one that was cut.
        if parsed.program.is_none() || !parsed.fits(key) {
            return Err(format!("line {number}: the schedule token belongs to another test"));
        }
        Ok((code, token.to_owned()))
    };
    Ok(File { program, schedules: lines.map(schedule).collect::<Result<_, String>>()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gorace_engine::Schedule;

    fn file() -> File {
        let program = Program {
            package: "p".to_owned(),
            target: "t".to_owned(),
            test: Some("a::b".to_owned()),
            ..Program::default()
        };
        let token = Token { program: Some(program.key() as u32), schedule: Schedule::default() };
        File { schedules: vec![(Code::Deadlock, token.to_string())], program }
    }

    #[test]
    fn what_was_written_is_read_again() {
        let read_back = read(&file().text()).expect("it is whole");
        assert_eq!((&read_back.program, &read_back.schedules), (&file().program, &file().schedules));
        assert_eq!(file().name(), format!("p-t-a--b-{:08x}.txt", file().program.key() as u32));
    }

    #[test]
    fn damaged_files_are_errors_with_their_line_or_are_read() {
        crate::damage::each(&file().text(), |text| {
            if let Err(error) = read(text) {
                assert!(
                    error.starts_with("line ") || error.contains("the end of the file"),
                    "{error}\n{text}"
                );
            }
        });
    }

    #[test]
    fn what_is_none_is_refused_with_its_line() {
        let whole = file().text();
        let token = &file().schedules[0].1;
        for (from, to, expected) in [
            ("regressions 1", "regressions 2", "line 1: expected version 1 or older, got 2"),
            ("# gorace", "# other", "line 1: expected `# gorace regressions 1`"),
            ("target", "traget", "line 3: expected `target ..`"),
            ("GR0002", "GR2000", "line 5: expected a code"),
            ("test a::b", "test a::c", "line 5: the schedule token belongs to another test"),
            (token.as_str(), "v1.x", "line 5: "),
        ] {
            let error = read(&whole.replacen(from, to, 1)).expect_err(expected);
            assert!(error.contains(expected), "{error}");
        }
        // Without its last line's end it is still whole.
        for end in 0..whole.len() - 1 {
            // A cut at a line's end leaves fewer schedules; anywhere else it is an error.
            let cut = read(&whole[..end]);
            assert!(cut.is_err() || cut.is_ok_and(|file| file.schedules.is_empty()), "cut at {end}");
        }
    }
}
