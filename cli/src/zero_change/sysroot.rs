//! The instrumented standard library: made from the toolchain's own bitcode, once for each toolchain.
//!
//! Std's libraries carry the bitcode that they were compiled from. Core, alloc and std are instrumented and packed
//! again; everything else of the toolchain is linked to. Made under a lock, and moved to its place when whole.

use super::cache;
use super::llvm::Llvm;
use super::toolchain::{TARGET, Toolchain, unusable};
use crate::Exit;
use crate::error::{CliError, Outcome};
use ar_archive_writer::{ArchiveKind, DEFAULT_OBJECT_READER, NewArchiveMember, write_archive_to_stream};
use object::{Object as _, ObjectSection as _};
use std::fs;
use std::io::{self, Cursor, Read as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// The crates whose code takes part in synchronisation.
const CRATES: [&str; 3] = ["core", "alloc", "std"];
/// Counted up when what is made changes.
const VERSION: u32 = 1;
/// The list of what was made, each file with its hash: its last file.
const MANIFEST: &str = "gorace-manifest";

/// The folder for rustc's `--sysroot`; made if it is not there, or damaged.
///
/// # Errors
/// If the toolchain lacks what is needed, or the cache cannot be written.
pub fn prepare(toolchain: &Toolchain) -> Outcome<PathBuf> {
    let cache = cache::folder()?;
    let name = format!("std-{VERSION}-{}", &toolchain.commit[..toolchain.commit.len().min(16)]);
    let folder = cache.join(&name);
    if is_whole(&folder) {
        return Ok(folder);
    }
    let _lock = cache::lock(&cache, &format!("{name}.lock"))?;
    // Another process may have made it meanwhile.
    if is_whole(&folder) {
        return Ok(folder);
    }
    if folder.exists() {
        eprintln!(
            "gorace: the instrumented standard library in {} is damaged: making it anew",
            folder.display()
        );
        fs::remove_dir_all(&folder).map_err(|error| cache::unwritable(&folder, &error))?;
    }
    let llvm = toolchain.llvm()?;
    let llvm = Llvm::load(&llvm)
        .map_err(|why| unusable(&toolchain.version, &format!("its LLVM cannot be loaded: {why}")))?;
    eprintln!("gorace: instrumenting the standard library of {} (once, some seconds)", toolchain.version);
    let temporary = cache.join(format!("tmp-{}-{name}", std::process::id()));
    let made = make(toolchain, &llvm, &temporary);
    let moved = made
        .and_then(|()| fs::rename(&temporary, &folder).map_err(|error| cache::unwritable(&folder, &error)));
    if moved.is_err() {
        // What is left of it is only untidy.
        let _ = fs::remove_dir_all(&temporary);
    }
    moved.map(|()| folder)
}

fn is_whole(folder: &Path) -> bool {
    let Ok(manifest) = fs::read_to_string(folder.join(MANIFEST)) else { return false };
    let mut lines = 0;
    manifest.lines().filter(|line| !line.is_empty()).all(|line| {
        lines += 1;
        let known =
            line.split_once(' ').and_then(|(hash, path)| Some((u64::from_str_radix(hash, 16).ok()?, path)));
        known.is_some_and(|(hash, path)| cache::hash(&folder.join(path)) == Some(hash))
    }) && lines == CRATES.len()
}

fn make(toolchain: &Toolchain, llvm: &Llvm, folder: &Path) -> Outcome<()> {
    let failed = |error: io::Error| cache::unwritable(folder, &error);
    let below = Path::new("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(folder.join(&below)).map_err(failed)?;
    let mut manifest = String::new();
    let entries = fs::read_dir(toolchain.libraries()).map_err(|error| {
        unusable(&toolchain.version, &format!("it has no standard library for {TARGET}: {error}"))
    })?;
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let made = folder.join(&below).join(&name);
        let is_ours =
            name.ends_with(".rlib") && CRATES.iter().any(|one| name.starts_with(&format!("lib{one}-")));
        if !is_ours {
            symlink(&path, &made).map_err(failed)?;
            continue;
        }
        let rlib = instrumented(llvm, &path)
            .map_err(|why| unusable(&toolchain.version, &format!("{name} cannot be instrumented: {why}")))?;
        fs::write(&made, rlib).map_err(failed)?;
        let hash = cache::hash(&made)
            .ok_or_else(|| CliError::new(Exit::Internal, format!("cannot read {} again", made.display())))?;
        manifest.push_str(&format!("{hash:016x} {}\n", below.join(&name).display()));
    }
    // What else rustc looks for in its sysroot: linkers.
    let own = toolchain.sysroot.join("lib/rustlib").join(TARGET);
    for entry in fs::read_dir(own).into_iter().flatten().flatten() {
        if entry.file_name() != "lib" {
            symlink(entry.path(), folder.join("lib/rustlib").join(TARGET).join(entry.file_name()))
                .map_err(failed)?;
        }
    }
    fs::write(folder.join(MANIFEST), manifest).map_err(failed)
}

/// The library with each object instrumented from its bitcode.
fn instrumented(llvm: &Llvm, rlib: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    fs::File::open(rlib)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .map_err(|error| error.to_string())?;
    let archive = object::read::archive::ArchiveFile::parse(&*bytes).map_err(|error| error.to_string())?;
    let mut members = Vec::new();
    let mut met_bitcode = false;
    for member in archive.members() {
        let member = member.map_err(|error| error.to_string())?;
        let name = String::from_utf8_lossy(member.name()).into_owned();
        let data = member.data(&*bytes).map_err(|error| error.to_string())?;
        let data = match bitcode(data) {
            Some(bitcode) => {
                met_bitcode = true;
                llvm.instrument(bitcode, c"x86_64-unknown-linux-gnu").map_err(|why| format!("LLVM: {why}"))?
            }
            None => data.to_vec(),
        };
        members.push(NewArchiveMember::new(data, &DEFAULT_OBJECT_READER, name));
    }
    if !met_bitcode {
        return Err("it has no bitcode in it".to_owned());
    }
    let mut out = Cursor::new(Vec::new());
    write_archive_to_stream(&mut out, &members, ArchiveKind::Gnu, false, None)
        .map_err(|error| error.to_string())?;
    Ok(out.into_inner())
}

fn bitcode(object: &[u8]) -> Option<&[u8]> {
    let file = object::File::parse(object).ok()?;
    let bitcode = file.section_by_name(".llvmbc")?.data().ok()?;
    (bitcode.len() > 4).then_some(bitcode)
}
