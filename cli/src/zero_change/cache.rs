//! The user's cache folder: what is made once for all packages.

use crate::Exit;
use crate::error::{CliError, Outcome};
use gorace_analyzer::finding::{FNV_START, fnv};
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

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

/// The error for a cache that cannot be written.
pub fn unwritable(folder: &Path, error: &io::Error) -> CliError {
    CliError::new(Exit::BadConfiguration, format!("cannot write to the cache {}: {error}", folder.display()))
        .hint("name another folder with the variable XDG_CACHE_HOME")
}

/// A lock that other gorace processes respect, for as long as it lives.
///
/// # Errors
/// If the folder cannot be written.
pub fn lock(folder: &Path, name: &str) -> Outcome<Flock<File>> {
    let file = fs::create_dir_all(folder).and_then(|()| File::create(folder.join(name)));
    let file = file.map_err(|error| unwritable(folder, &error))?;
    Flock::lock(file, FlockArg::LockExclusive)
        .map_err(|(_, error)| unwritable(folder, &io::Error::from_raw_os_error(error as i32)))
}

/// The hash of a file's bytes; `None` if it cannot be read.
pub fn hash(path: &Path) -> Option<u64> {
    fs::read(path).ok().map(|bytes| fnv(FNV_START, &bytes))
}
