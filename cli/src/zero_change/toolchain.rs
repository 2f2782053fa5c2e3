//! The toolchain that builds the program, and whether it has what the zero-change door needs.

use crate::Exit;
use crate::error::{CliError, Outcome};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The one target that is supported.
pub const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A Rust toolchain.
pub struct Toolchain {
    /// Its root: `lib/rustlib` is in it.
    pub sysroot: PathBuf,
    /// What rustc says of itself: `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub version: String,
    /// The commit that it was built from.
    pub commit: String,
}

impl Toolchain {
    /// The one that cargo uses in `folder`.
    ///
    /// # Errors
    /// If there is none, or it cannot be used.
    pub fn find(folder: &Path) -> Outcome<Self> {
        let said = ask(folder, &["-vV"])?;
        let line = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let version = said.lines().next().unwrap_or_default().to_owned();
        if line("host: ").as_deref() != Some(TARGET) {
            let host = line("host: ").unwrap_or_default();
            return Err(CliError::new(
                Exit::BadConfiguration,
                format!(
                    "unmodified programs run under gorace on {TARGET} only, and this toolchain is for {host}"
                ),
            )
            .hint("use the library door: cargo add gorace, then put #[gorace::main] above main"));
        }
        let sysroot = PathBuf::from(ask(folder, &["--print", "sysroot"])?.trim());
        let commit = line("commit-hash: ").filter(|hash| hash.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(commit) = commit else {
            return Err(unusable(&version, "it does not say which commit it was built from"));
        };
        Ok(Toolchain { sysroot, version, commit })
    }

    /// The folder of its compiled standard library.
    pub fn libraries(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(TARGET).join("lib")
    }

    /// Its LLVM.
    ///
    /// # Errors
    /// If it has none of its own.
    pub fn llvm(&self) -> Outcome<PathBuf> {
        let entries = std::fs::read_dir(self.sysroot.join("lib")).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                name.is_some_and(|name| name.starts_with("libLLVM") && name.contains(".so"))
            })
            .collect();
        found.sort();
        found.pop().ok_or_else(|| unusable(&self.version, "it has no shared libLLVM"))
    }
}

/// The error for a toolchain that cannot be used.
pub fn unusable(version: &str, why: &str) -> CliError {
    CliError::new(Exit::BadConfiguration, format!("{version} cannot be used for unmodified programs: {why}"))
        .hint("install one by rustup: rustup toolchain install stable, then cargo +stable gorace run ..")
}

/// Asks the rustc that cargo would use.
fn ask(folder: &Path, args: &[&str]) -> Outcome<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&rustc).args(args).current_dir(folder).output();
    let output = output.map_err(|error| {
        CliError::new(Exit::BuildFailed, format!("cannot run {}: {error}", rustc.to_string_lossy()))
            .hint("install Rust, or name rustc with the variable RUSTC")
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(CliError::new(Exit::BuildFailed, said));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
