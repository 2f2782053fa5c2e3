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
    let name = package_name(&stem);
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

/// A name that cargo takes for a package, as near to the file's as can be.
fn package_name(stem: &str) -> String {
    /// Folders of cargo's own, beside the programs.
    const TAKEN: [&str; 4] = ["build", "deps", "examples", "incremental"];
    let name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let is_bad = name.starts_with(|c: char| c.is_ascii_digit()) || TAKEN.contains(&name.as_str());
    if is_bad { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::package_name;

    #[test]
    fn names_that_cargo_refuses_are_changed() {
        assert_eq!(package_name("counter"), "counter");
        assert_eq!(package_name("a b-c"), "a_b_c");
        assert_eq!(package_name("1race"), "_1race");
        assert_eq!(package_name("build"), "_build");
    }
}
