//! What goes to standard output: reports, verdicts, the last line.

use crate::args::{Color, Format, Print};
use crate::cargo::Workspace;
use crate::gate::is_unfinished;
use crate::naming::Naming;
use crate::reports::words;
use gorace_analyzer::Code;
use gorace_analyzer::describe::describe_whole;
use gorace_analyzer::export::{CargoTarget, Paths, Run, Standing, cargo_message, github};
use gorace_analyzer::record::{Program, Record, RunResult};
use gorace_analyzer::source::Files;
use gorace_analyzer::verdict::{Grouped, Stopped};
use gorace_analyzer::write::colour::{self, Choice};
use gorace_analyzer::write::{TextOptions, go, json_finding, json_summary, json_total, text};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

/// How to print, decided once.
pub struct Printer {
    options: TextOptions,
    pub format: Format,
    pub times: bool,
}

impl Printer {
    pub fn new(print: &Print) -> Self {
        let choice = match print.color {
            Some(Color::Always) => Choice::Always,
            Some(Color::Never) => Choice::Never,
            Some(Color::Auto) | None => Choice::Auto,
        };
        let variable = |name: &str| std::env::var(name).ok();
        let colour = colour::decide(choice, &variable, io::stdout().is_terminal());
        Printer {
            options: TextOptions { width: 100, ascii: print.ascii, colour, verbose: print.verbose },
            format: print.message_format,
            times: !print.no_times,
        }
    }

    /// Prints reports, one after the other.
    pub fn records(&self, records: &[Record]) {
        self.found(&words(&[], records, vec![Standing::New; records.len()], None));
    }

    /// Prints the reports of the findings that count.
    pub fn found(&self, run: &Run<'_>) {
        if self.format == Format::Github {
            put(github(run, &paths(run)).as_bytes());
            return;
        }
        // Programs are told of all of them, and how each stands.
        let all = self.format == Format::Json;
        for found in run.findings.iter().filter(|found| all || found.standing.counts()) {
            let mut out = Vec::new();
            match self.format {
                Format::Json => out.extend((json_finding(found) + "\n").into_bytes()),
                Format::Cargo => {
                    let target = cargo_target(&found.record.program);
                    out.extend((cargo_message(found, &target) + "\n").into_bytes());
                }
                // Writing to memory does not fail.
                Format::Go => {
                    let _ = go(&found.report, self.options.verbose, &mut out);
                    out.push(b'\n');
                }
                Format::Human | Format::Github => {
                    let whole = self
                        .options
                        .verbose
                        .then(|| describe_whole(found.record, &sources(&found.record.program)));
                    let _ = text(whole.as_ref().unwrap_or(&found.report), &self.options, &mut out);
                    out.push(b'\n');
                }
            }
            put(&out);
        }
    }

    /// Says of each finding that does not count why.
    pub fn standings(&self, run: &Run<'_>, naming: Naming) {
        for found in &run.findings {
            let title = naming.name(&found.record.program);
            let code = found.report.code;
            match &found.standing {
                Standing::New => {}
                Standing::Known => self.line(&format!("{title}: {code} is in the baseline")),
                Standing::Allowed(reason) => self.line(&format!("{title}: {code} is allowed: {reason}")),
            }
        }
    }

    /// Prints the verdicts of those that are clean, and the summary, which is the last line.
    pub fn summary(&self, run: &Run<'_>) {
        let naming = Naming::of(run.results);
        run.results.iter().for_each(|result| self.result(result, naming));
        self.total(run, &[]);
    }

    /// Prints the verdict of one that is clean.
    pub fn result(&self, result: &RunResult, naming: Naming) {
        if self.format == Format::Json {
            put(format!("{}\n", json_summary(result)).as_bytes());
        }
        let title = naming.name(&result.program);
        for note in &result.notes {
            self.line(&format!("note: {title}: {note}"));
        }
        if is_unfinished(result) {
            return;
        }
        if let Some(misfit) = &result.misfit {
            self.line(&format!("note: {title}: {}", misfit.why));
        } else if result.findings.is_empty() {
            self.line(&format!("{title}: {}", verdict(result)));
        }
    }

    /// Prints the summary, which is the last line. `beside` counts, by words, the tests or programs that came to an end
    /// which is no finding with a trace; they are among the results.
    pub fn total(&self, run: &Run<'_>, beside: &[(&str, usize)]) {
        let line = match self.format {
            Format::Json => json_total(run),
            Format::Cargo => {
                let is_clean = run.new_findings().next().is_none() && beside.iter().all(|(_, n)| *n == 0);
                serde_json::json!({"reason": "build-finished", "success": is_clean}).to_string()
            }
            _ => last_line(run, beside),
        };
        put(format!("{line}\n").as_bytes());
    }

    /// Says something that is no part of what programs read: where they read standard output, people read standard error.
    pub fn aside(&self, line: &str) {
        if self.format.is_for_programs() {
            eprintln!("{line}");
        } else {
            put(format!("{line}\n").as_bytes());
        }
    }

    /// Says that the user interrupted, and what there was by then. Programs get the summary of that, as ever.
    pub fn interrupted(&self, run: &Run<'_>, of_tests: bool) {
        if self.format.is_for_programs() {
            self.total(run, &[("interruption", 1)]);
        }
        let count = |n: usize, word| format!("{n} {}", plural(word, n));
        // Those that were not begun leave a result, too.
        let explored = run.results.iter().filter(|result| result.executions > 0).count();
        let tests = if of_tests { count(explored, "test") + " explored, " } else { String::new() };
        let findings = count(run.findings.len(), "finding");
        self.aside(&format!("gorace: interrupted; {tests}{findings} so far"));
    }

    /// Says that what was found does not show again.
    pub fn not_again(&self) {
        self.aside(
            "warning: the first finding did not show again in a fresh process: the program depends on something outside",
        );
    }

    /// Prints a line that only people want.
    pub fn line(&self, line: &str) {
        if !self.format.is_for_programs() {
            put(format!("{line}\n").as_bytes());
        }
    }
}

/// How files are named, for the repository of the run's programs.
fn paths(run: &Run<'_>) -> Paths {
    let manifest = run.findings.first().map(|found| PathBuf::from(&found.record.program.manifest_dir));
    let workspace = manifest.and_then(|folder| Workspace::load(Some(&folder.join("Cargo.toml"))).ok());
    workspace.map(|workspace| workspace.paths()).unwrap_or_default()
}

/// What cargo says of a program's target; the little that the program says itself, if it is not there any more.
fn cargo_target(program: &Program) -> CargoTarget {
    let manifest = Path::new(&program.manifest_dir).join("Cargo.toml");
    let workspace = Workspace::load(Some(&manifest)).ok();
    workspace.and_then(|workspace| workspace.cargo_target(program)).unwrap_or_else(|| CargoTarget {
        package_id: program.package.clone(),
        manifest_path: manifest.display().to_string(),
        target: serde_json::json!({
            "kind": ["bin"], "crate_types": ["bin"], "name": program.target, "src_path": manifest, "edition": "2024",
        }),
    })
}

/// The program's source, as it is on the disk now.
pub fn sources(program: &Program) -> Files {
    Files::new(&program.manifest_dir, |path| std::fs::read_to_string(path).ok())
}

/// The verdict in words.
fn verdict(result: &RunResult) -> String {
    result.summary().to_string()
}

/// `gorace: 1 deadlock in 1 of 14 tests; 3 122 executions + 8 redundant, 90 011 steps, 11 complete, 3 stopped before the end; 4.1 s`
fn last_line(run: &Run<'_>, beside: &[(&str, usize)]) -> String {
    let Run { results, elapsed, .. } = run;
    let records: Vec<&Record> = run.new_findings().map(|found| found.record).collect();
    let mut line = "gorace: ".to_owned();
    let mut kinds = Vec::new();
    for code in Code::ALL {
        let n = records.iter().filter(|record| record.finding.kind.code() == *code).count();
        if n > 0 {
            kinds.push(format!("{n} {}", plural(code.title(), n)));
        }
    }
    for (word, n) in beside.iter().filter(|(_, n)| *n > 0) {
        kinds.push(format!("{n} {}", plural(word, *n)));
    }
    let is_program = results.iter().all(|result| result.program.test.is_none());
    let has_one =
        |result: &&RunResult| records.iter().any(|record| result.findings.contains(&record.facts.id));
    let failed = results.iter().filter(has_one).count() + beside.iter().map(|(_, n)| n).sum::<usize>();
    let unit = plural(if is_program { "program" } else { "test" }, results.len());
    if kinds.is_empty() {
        let known = results.iter().any(|result| !result.findings.is_empty());
        let _ = write!(line, "no {}findings in {} {unit}", if known { "new " } else { "" }, results.len());
    } else if results.len() == 1 {
        line.push_str(&kinds.join(", "));
    } else {
        let _ = write!(line, "{} in {failed} of {} {unit}", kinds.join(", "), results.len());
    }
    let sum = |part: fn(&RunResult) -> u64| results.iter().map(part).sum::<u64>();
    let count = |n: u64, word| format!("{} {}", Grouped(n), plural(word, n as usize));
    let _ = write!(line, "; {}", count(sum(|result| result.executions), "execution"));
    let redundant = sum(|result| result.redundant);
    if redundant > 0 {
        let _ = write!(line, " + {} redundant", Grouped(redundant));
    }
    let _ = write!(line, ", {}", count(sum(|result| result.steps), "step"));
    let is_complete = |result: &&RunResult| result.stopped == Stopped::Complete && !result.is_unexplored();
    let complete = results.iter().filter(is_complete).count();
    let unexplored = results.iter().filter(|result| result.is_unexplored()).count();
    let stopped = results.len() - complete - unexplored;
    if let [result] = results {
        let _ = write!(line, ", {}", result.end());
    } else {
        let _ = write!(line, ", {complete} complete, {stopped} stopped before the end");
        if unexplored > 0 {
            let _ = write!(line, ", {unexplored} not explored");
        }
    }
    if let Some(elapsed) = elapsed {
        let _ = write!(line, "; {:.1} s", elapsed.as_secs_f64());
    }
    line
}

fn plural(word: &str, n: usize) -> String {
    match (n, word.strip_suffix('y')) {
        (1, _) => word.to_owned(),
        _ if word == "crash" => "crashes".to_owned(),
        _ if word.ends_with("sm") || word.ends_with("ed") => word.to_owned(),
        _ => format!("{word}s"),
    }
}

/// Writes to standard output. A reader that went away wants no more, and no complaint; what was found decides
/// the exit code all the same.
pub fn put(bytes: &[u8]) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(bytes).and_then(|()| out.flush())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        eprintln!("gorace: cannot write to standard output: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_counted_as_english_has_it() {
        let two = |word| plural(word, 2);
        assert_eq!([two("misuse"), two("data race"), two("crash")], ["misuses", "data races", "crashes"]);
        assert_eq!(
            [two("stalled"), two("uncontrolled nondeterminism")],
            ["stalled", "uncontrolled nondeterminism"]
        );
        assert_eq!(plural("misuse", 1), "misuse");
    }
}
