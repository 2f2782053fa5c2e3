//! `gorace list`, `gorace show` and `gorace clean`: what earlier runs left.

use crate::Exit;
use crate::args::{Clean, Manifest, Show, Stored};
use crate::cargo::Workspace;
use crate::error::{CliError, Outcome};
use crate::print::{Printer, put, sources};
use crate::store::{self, Store};
use gorace_analyzer::describe::describe;
use std::path::PathBuf;

fn of_package(manifest: &Manifest) -> Outcome<Store> {
    Ok(Store::of(&Workspace::load(manifest.manifest_path.as_deref())?.target_dir))
}

/// Lists the stored findings, newest first.
pub fn list(args: &Stored) -> Outcome {
    let store = of_package(&args.select)?;
    let findings = store.findings();
    for (id, path) in &findings {
        match store.find(path.as_os_str()) {
            Ok(record) => {
                let report = describe(&record, &sources(&record.program));
                let line = format!(
                    "{}  {}  {}: {}\n",
                    &id[..8.min(id.len())],
                    report.code,
                    record.program.title(),
                    report.headline
                );
                put(line.as_bytes());
            }
            Err(error) => error.print(),
        }
    }
    if findings.is_empty() {
        put(b"no stored findings\n");
    }
    Ok(Exit::Clean)
}

/// Prints a stored finding's report.
pub fn show(args: Show) -> Outcome {
    let record = store::read(&store::locate(args.select.manifest_path.as_deref(), &args.what)?)?;
    Printer::new(&args.print.with_environment()).records(&[record]);
    Ok(Exit::Clean)
}

/// Removes all that gorace stored: for this package, or for all.
pub fn clean(args: &Clean) -> Outcome {
    let mut folders: Vec<PathBuf> = Vec::new();
    if args.all {
        folders.push(crate::cache::folder()?);
    }
    match of_package(&args.select) {
        Ok(store) => folders.push(store.root),
        // What is kept for all packages can be removed from anywhere.
        Err(error) if folders.is_empty() => return Err(error),
        Err(_) => {}
    }
    let mut removed = false;
    for folder in folders {
        match std::fs::remove_dir_all(&folder) {
            Ok(()) => {
                removed = true;
                put(format!("removed {}\n", folder.display()).as_bytes());
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let message = format!("cannot remove {}: {error}", folder.display());
                return Err(CliError::new(Exit::BadConfiguration, message));
            }
        }
    }
    if !removed {
        put(b"nothing is stored\n");
    }
    Ok(Exit::Clean)
}
