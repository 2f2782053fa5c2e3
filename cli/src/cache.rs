//! The user's cache folder: what is kept for all packages, and where findings lie that no package at hand has.

use crate::Exit;
use crate::error::{CliError, Outcome};
use gorace_analyzer::finding::{FNV_START, fnv};
use std::path::{Path, PathBuf};

const STORES: &str = "stores";

/// Where it is.
///
/// # Errors
/// If the user has no home.
pub fn folder() -> Outcome<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let root = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    root.map(|root| root.join("gorace")).ok_or_else(|| {
        CliError::new(
            Exit::BadConfiguration,
            "there is no folder for caches: neither XDG_CACHE_HOME nor HOME is set",
        )
        .hint("set XDG_CACHE_HOME to a folder that can be written")
    })
}

/// Notes a store that cargo would not lead to from the current folder, so that its findings are found by their ids.
pub fn note_store(root: &Path) {
    let Ok(folder) = folder().map(|folder| folder.join(STORES)) else { return };
    let file = folder.join(format!("{:016x}", fnv(FNV_START, root.as_os_str().as_encoded_bytes())));
    // Without it a replay has to be told where to look, by `--manifest-path`.
    let _ = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(file, root.display().to_string()));
}

/// The stores that were noted and are still there.
pub fn stores() -> Vec<PathBuf> {
    let notes = folder().map(|cache| std::fs::read_dir(cache.join(STORES)));
    let notes = notes.into_iter().flatten().flatten().flatten();
    let roots = notes.filter_map(|note| std::fs::read_to_string(note.path()).ok()).map(PathBuf::from);
    let mut roots: Vec<PathBuf> = roots.filter(|root| root.is_dir()).collect();
    roots.sort();
    roots
}
