//! The library that goes into programs: carried by this binary, laid out where programs find it.

use super::cache;
use crate::error::Outcome;
use gorace_analyzer::finding::{FNV_START, fnv};
use std::fs;
use std::path::PathBuf;

const BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.so"));

/// Its name for the linker.
pub const NAME: &str = "gorace_inject";

/// Its version: what was built with another one is built anew.
pub fn version() -> u64 {
    fnv(FNV_START, BYTES)
}

/// The folder that holds it, and nothing else.
///
/// # Errors
/// If it cannot be written.
pub fn folder() -> Outcome<PathBuf> {
    let folder = cache::folder()?.join(format!("library-{:016x}", version()));
    let file = folder.join(format!("lib{NAME}.so"));
    if cache::hash(&file) != Some(version()) {
        let _lock = cache::lock(&cache::folder()?, "library.lock")?;
        let temporary = folder.join(format!("tmp-{}", std::process::id()));
        let written = fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&temporary, BYTES))
            .and_then(|()| fs::rename(&temporary, &file));
        written.map_err(|error| cache::unwritable(&folder, &error))?;
    }
    Ok(folder)
}
