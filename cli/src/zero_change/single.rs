//! A program of one file: the package around it, in the user's cache.

use super::cache;
use crate::Exit;
use crate::error::{CliError, Outcome};
use gorace_analyzer::finding::{FNV_START, fnv};
use std::path::{Path, PathBuf};

/// The Cargo.toml of a package whose one program is this file.
///
/// # Errors
/// If there is no such file, or the cache cannot be written.
pub fn single_file(file: &Path) -> Outcome<PathBuf> {
    let bad = |why: &str| {
        CliError::new(
            Exit::BadCommandLine,
            format!("expected a file with a Rust program, got {}: {why}", file.display()),
        )
        .hint("gorace run path/to/program.rs; a program of the package at hand is named by --bin NAME")
    };
    let absolute = std::fs::canonicalize(file).map_err(|error| bad(&error.to_string()))?;
    if !absolute.is_file() || absolute.extension().is_none_or(|extension| extension != "rs") {
        return Err(bad("it is no file that ends in .rs"));
    }
    let stem = absolute.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let key = fnv(FNV_START, absolute.as_os_str().as_encoded_bytes());
    let folder = cache::folder()?.join("single").join(format!("{key:016x}"));
    let manifest = folder.join("Cargo.toml");
    let text = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[[bin]]\nname = \"{name}\"\npath = {:?}\n\n[workspace]\n",
        absolute.display().to_string()
    );
    // Cargo goes by the time of the file.
    if std::fs::read_to_string(&manifest).ok().as_deref() != Some(&text) {
        let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&manifest, text));
        written.map_err(|error| cache::unwritable(&folder, &error))?;
    }
    Ok(manifest)
}

/// The packages of all programs of one file that were run.
pub fn single_files() -> Vec<PathBuf> {
    let entries = cache::folder().map(|cache| std::fs::read_dir(cache.join("single")));
    entries.into_iter().flatten().flatten().flatten().map(|entry| entry.path()).collect()
}
