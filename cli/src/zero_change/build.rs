//! Building the program by cargo, instrumented, in a target folder of its own.

use super::library;
use super::sysroot;
use super::toolchain::{TARGET, Toolchain};
use super::wrapper;
use crate::Exit;
use crate::args::Select;
use crate::cargo::{self, Built, Target, Workspace};
use crate::error::{CliError, Outcome};
use gorace_analyzer::finding::fnv;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Builds one program; gives its executable.
///
/// # Errors
/// If this system or the toolchain cannot do it, or the build fails.
pub fn program(workspace: &Workspace, select: &Select, target: &Target) -> Outcome<PathBuf> {
    let flags: [OsString; 4] = [
        "-p".into(),
        target.package.clone().into(),
        format!("--{}", target.kind).into(),
        target.name.clone().into(),
    ];
    let built = build(workspace, select, &target.manifest_dir, "build", &flags)?;
    let is_it = |built: &Built| built.name == target.name && built.manifest_dir == target.manifest_dir;
    built.into_iter().find(is_it).map(|built| built.executable).ok_or_else(|| {
        CliError::new(Exit::Internal, format!("cargo built no executable for `{}`", target.name))
    })
}

/// Builds the test binaries that the flags select.
///
/// # Errors
/// As [`program`].
pub fn tests(workspace: &Workspace, select: &Select, flags: &[OsString]) -> Outcome<Vec<Built>> {
    let mut all: Vec<OsString> = vec!["--no-run".into()];
    all.extend_from_slice(flags);
    let mut built = build(workspace, select, &workspace.root, "test", &all)?;
    built.retain(|built| built.is_test);
    Ok(built)
}

fn build(
    workspace: &Workspace,
    select: &Select,
    folder: &Path,
    subcommand: &str,
    flags: &[OsString],
) -> Outcome<Vec<Built>> {
    let toolchain = Toolchain::find(folder)?;
    check_target()?;
    let sysroot = sysroot::prepare(&toolchain)?;
    let library = library::folder()?;
    let itself = std::env::current_exe().map_err(|error| {
        CliError::new(Exit::Internal, format!("cannot find gorace's own binary: {error}"))
    })?;
    let mut command = cargo::cargo();
    command.arg(subcommand).args(select.flags()).args(flags).args(["--target", TARGET]);
    // What is built with other flags, by another toolchain or for another library, must not be taken for this.
    let commit = &toolchain.commit[..toolchain.commit.len().min(8)];
    let key = format!("{commit}-{:016x}", fnv(library::version(), &wrapper::version().to_le_bytes()));
    command.arg("--target-dir").arg(workspace.target_dir.join("gorace").join("zero").join(key));
    if let Some(inner) = std::env::var_os("RUSTC_WRAPPER").filter(|inner| !inner.is_empty()) {
        command.env(wrapper::INNER, inner);
    }
    command.env("RUSTC_WRAPPER", itself).env(wrapper::SYSROOT, sysroot).env(wrapper::LIBRARY, library);
    // The toolchain's libraries have no bitcode for that once they are instrumented.
    let own = select.profile.as_ref().map(|name| name.to_uppercase().replace('-', "_"));
    for profile in ["DEV", "RELEASE", "TEST", "BENCH"].into_iter().chain(own.as_deref()) {
        command.env(format!("CARGO_PROFILE_{profile}_LTO"), "off");
    }
    cargo::built_by(command)
}

/// Whether the user asks for a target that cannot be used.
fn check_target() -> Outcome<()> {
    match std::env::var("CARGO_BUILD_TARGET") {
        Ok(target) if !target.is_empty() && target != TARGET => Err(CliError::new(
            Exit::BadConfiguration,
            format!(
                "unmodified programs run under gorace on {TARGET} only, and CARGO_BUILD_TARGET is {target}"
            ),
        )
        .hint("unset it: env -u CARGO_BUILD_TARGET gorace ..")),
        _ => Ok(()),
    }
}
