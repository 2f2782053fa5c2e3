//! `gorace export`: a stored finding in another form.

use crate::Exit;
use crate::args::{Export as Args, ExportFormat};
use crate::cargo::Workspace;
use crate::error::Outcome;
use crate::print::{put, sources};
use crate::reports::{words, write_whole};
use crate::store;
use gorace_analyzer::export::{Found, Paths, Standing, chrome, dot, html, sarif};
use gorace_analyzer::source::Sources;
use gorace_analyzer::write::json_finding;

/// See the module.
pub fn export(args: &Args) -> Outcome {
    let workspace = Workspace::load(args.select.manifest_path.as_deref());
    let records = [store::read(&store::locate(args.select.manifest_path.as_deref(), &args.what)?)?];
    let run = words(&[], &records, vec![Standing::New], None);
    let of = |found: &Found<'_>| -> Box<dyn Sources> { Box::new(sources(&found.record.program)) };
    let paths = workspace.map_or_else(|_| Paths::default(), |workspace| workspace.paths());
    let mut text = String::new();
    for found in &run.findings {
        text.push_str(&match args.format {
            ExportFormat::Html => html(&run, &of),
            ExportFormat::Chrome => format!("{}\n", chrome(found, &*of(found))),
            ExportFormat::Dot => dot(found, &*of(found)),
            ExportFormat::Sarif => format!("{:#}\n", sarif(&run, &paths, &of)),
            ExportFormat::Json => json_finding(found) + "\n",
        });
    }
    match &args.output {
        Some(path) => write_whole(path, text.as_bytes())?,
        None => put(text.as_bytes()),
    }
    Ok(Exit::Clean)
}
