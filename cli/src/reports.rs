//! `--report FORMAT[=PATH]`: the files that a run leaves for other tools.

use crate::Exit;
use crate::cargo::Workspace;
use crate::error::{CliError, Outcome};
use crate::print::sources;
use crate::suggest;
use gorace_analyzer::describe::describe;
use gorace_analyzer::export::{Found, Run, Standing, gitlab, html, junit, sarif, summary};
use gorace_analyzer::record::{Record, RunResult};
use gorace_analyzer::source::Sources;
use gorace_analyzer::write::{json_finding, json_summary, json_total};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A format of whole runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Gitlab,
    Html,
    Json,
    Junit,
    Markdown,
    Sarif,
}

/// Each with its name on the command line and the name of its file where none is given: what the readers of the
/// format look for.
const FORMATS: [(Format, &str, &str); 6] = [
    (Format::Gitlab, "gitlab", "gl-code-quality-report.json"),
    (Format::Html, "html", "gorace.html"),
    (Format::Json, "json", "gorace.jsonl"),
    (Format::Junit, "junit", "junit.xml"),
    (Format::Markdown, "markdown", "summary.md"),
    (Format::Sarif, "sarif", "gorace.sarif"),
];

/// A file that is wanted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    pub format: Format,
    /// Where; `None` for the usual place.
    pub path: Option<PathBuf>,
}

/// Reads `FORMAT` or `FORMAT=PATH`.
pub fn wanted(text: &str) -> Result<Wanted, String> {
    let (name, path) = text.split_once('=').map_or((text, None), |(name, path)| (name, Some(path)));
    let Some((format, ..)) = FORMATS.iter().find(|(_, known, _)| *known == name) else {
        let known = FORMATS.iter().map(|(_, known, _)| *known);
        return Err(format!("no report is called `{name}`; {}", suggest::did_you_mean(name, known)));
    };
    match path {
        Some("") => Err(format!("expected a path behind `{name}=`")),
        path => Ok(Wanted { format: *format, path: path.map(PathBuf::from) }),
    }
}

impl Wanted {
    /// In the usual place.
    pub fn usual(format: Format) -> Self {
        Wanted { format, path: None }
    }
}

/// Words the findings of a run, each as it stands.
pub fn words<'a>(
    results: &'a [RunResult],
    records: &'a [Record],
    standings: Vec<Standing>,
    elapsed: Option<Duration>,
) -> Run<'a> {
    let found = |(record, standing): (&'a Record, Standing)| Found {
        record,
        report: describe(record, &sources(&record.program)),
        standing,
    };
    let findings = records.iter().zip(standings).map(found).collect();
    Run { results, findings, complaints: Vec::new(), elapsed }
}

/// Writes the files; gives where they are.
///
/// # Errors
/// If one cannot be written.
pub fn write(run: &Run<'_>, wanted: &[Wanted], workspace: &Workspace, usual: &Path) -> Outcome<Vec<PathBuf>> {
    let mut written = Vec::new();
    for Wanted { format, path } in wanted {
        let name = FORMATS.iter().find(|(known, ..)| known == format).map_or("report", |(.., name)| name);
        let path = path.clone().unwrap_or_else(|| usual.join(name));
        write_whole(&path, content(run, *format, workspace).as_bytes())?;
        written.push(path);
    }
    Ok(written)
}

fn content(run: &Run<'_>, format: Format, workspace: &Workspace) -> String {
    let paths = &workspace.paths();
    let of = |found: &Found<'_>| -> Box<dyn Sources> { Box::new(sources(&found.record.program)) };
    match format {
        Format::Gitlab => format!("{:#}\n", gitlab(run, paths)),
        Format::Junit => junit(run, &|program| workspace.test_binary(program)),
        Format::Markdown => summary(run),
        Format::Sarif => format!("{:#}\n", sarif(run, paths, &of)),
        Format::Html => html(run, &of),
        Format::Json => {
            let findings = run.findings.iter().map(json_finding);
            let summaries = run.results.iter().map(json_summary);
            let total = json_total(run);
            findings.chain(summaries).chain([total]).map(|line| line + "\n").collect()
        }
    }
}

/// Writes a file so that nobody sees half of it, and that what was there stays if it cannot be written.
///
/// # Errors
/// If it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Outcome<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!("{name}.tmp-{}", std::process::id()));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let written = folder
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::File::create(&temporary))
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        // It may not be there.
        let _ = fs::remove_file(&temporary);
        CliError::new(Exit::BadConfiguration, format!("cannot write {}: {error}", path.display()))
    })
}
