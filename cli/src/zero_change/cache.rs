//! What is made once for all packages, in the user's cache folder: under a lock, and checked by its hash.

use crate::Exit;
pub use crate::cache::folder;
use crate::error::{CliError, Outcome};
use gorace_analyzer::finding::{FNV_START, fnv};
use nix::fcntl::{Flock, FlockArg};
use std::fs::{self, File};
use std::io;
use std::path::Path;

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
