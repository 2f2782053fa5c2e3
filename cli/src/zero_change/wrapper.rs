//! This binary as cargo's `RUSTC_WRAPPER`: it adds our flags to the units that are built for the target.
//!
//! Build scripts and proc macros are built for the host, without `--target`, and stay as they are. The user's own flags
//! stay too: ours come after them.

use super::library;
use crate::Exit;
use gorace_analyzer::finding::{FNV_START, fnv};
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that makes this binary a wrapper: the instrumented sysroot.
pub const SYSROOT: &str = "GORACE_WRAPPER_SYSROOT";
/// The folder of the library that goes into programs.
pub const LIBRARY: &str = "GORACE_WRAPPER_LIBRARY";
/// A wrapper that the user has.
pub const INNER: &str = "GORACE_WRAPPER_INNER";

/// Rustix otherwise makes system calls by itself, past the functions that we replace. Cargo has to know it too, for
/// rustix's dependencies.
const LIBC: &str = "--cfg=rustix_use_libc";

/// What each executable is linked with.
const CANARY: &str = concat!(include_str!("canary.in.rs"), "\n", include_str!("accesses.in.rs"));

/// Whether cargo has called this binary as a wrapper.
pub fn is_wanted() -> bool {
    std::env::var_os(SYSROOT).is_some()
}

/// Becomes rustc.
pub fn run(args: &[OsString]) -> Exit {
    let Some((rustc, args)) = args.get(1..).and_then(<[OsString]>::split_first) else {
        eprintln!("error: expected rustc and its arguments");
        return Exit::Internal;
    };
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default();
    let (sysroot, folder) = (PathBuf::from(variable(SYSROOT)), PathBuf::from(variable(LIBRARY)));
    let mut command = match variable(INNER) {
        inner if inner.is_empty() => Command::new(rustc),
        inner => {
            let mut command = Command::new(inner);
            command.arg(rustc);
            command
        }
    };
    command.args(args);
    for name in [SYSROOT, LIBRARY, INNER, "RUSTC_WRAPPER"] {
        command.env_remove(name);
    }
    let unit = Unit { args };
    if unit.is_question() {
        command.arg(LIBC);
    } else if unit.is_for_target() {
        let flags = flags(&sysroot);
        command.args(&flags).args(unit.debugging());
        if unit.is_linked() {
            match unit.canary(rustc, &flags) {
                Ok(canary) => command.args(linking(&folder, &canary)),
                Err(why) => {
                    eprintln!("error: gorace cannot compile its canary: {why}");
                    return Exit::Internal;
                }
            };
        }
    }
    let error = command.exec();
    eprintln!("error: cannot run {}: {error}", rustc.to_string_lossy());
    Exit::BuildFailed
}

/// What instruments a unit. Each of these is needed: without `forceattrs` builds without optimisation have no plain
/// access instrumented, and without the last volatile accesses, which check themselves, are taken for plain ones.
fn flags(sysroot: &Path) -> Vec<OsString> {
    let mut flags: Vec<OsString> = vec!["--sysroot".into(), sysroot.into()];
    flags.extend(FIXED.map(OsString::from));
    flags
}

const FIXED: [&str; 7] = [
    "-Cpasses=forceattrs tsan-module tsan",
    "-Cllvm-args=-force-attribute=sanitize_thread",
    "-Cllvm-args=-tsan-distinguish-volatile=1",
    "-Clto=off",
    "-Cstrip=none",
    LIBC,
    "--check-cfg=cfg(rustix_use_libc)",
];

const DEBUGGING: &str = "-Cdebuginfo=limited";

/// A number for how units are compiled: cargo does not know it, and what was compiled otherwise must not be taken.
pub fn version() -> u64 {
    let parts = FIXED.iter().chain([&DEBUGGING, &CANARY]);
    parts.fold(FNV_START, |hash, part| fnv(hash, part.as_bytes()))
}

/// What links our library, before the C library: as a library of the unit's own, never as an argument of the linker,
/// which would come last. At a fixed address, so that statics are where they were.
fn linking(folder: &Path, canary: &Path) -> Vec<OsString> {
    let joined = |start: &str, path: &Path| {
        let mut text = OsString::from(start);
        text.push(path);
        text
    };
    vec![
        joined("-Lnative=", folder),
        format!("-ldylib={}", library::NAME).into(),
        joined("-Clink-arg=-Wl,-rpath,", folder),
        joined("-Clink-arg=", canary),
        "-Crelocation-model=static".into(),
    ]
}

/// One call of rustc.
struct Unit<'a> {
    args: &'a [OsString],
}

impl Unit<'_> {
    /// The values of a flag, however it is written.
    fn values(&self, flag: &str) -> impl Iterator<Item = String> + '_ {
        let (apart, joined) = (flag.to_owned(), format!("{flag}="));
        self.args.iter().enumerate().filter_map(move |(at, arg)| {
            let arg = arg.to_string_lossy();
            if *arg == *apart {
                return self.args.get(at + 1).map(|value| value.to_string_lossy().into_owned());
            }
            arg.strip_prefix(&joined).map(str::to_owned)
        })
    }

    /// The values of a codegen option.
    fn options(&self, name: &str) -> Vec<String> {
        let start = format!("{name}=");
        let apart = self.values("-C").filter_map(|value| value.strip_prefix(&start).map(str::to_owned));
        let joined = self.args.iter().filter_map(|arg| {
            let arg = arg.to_string_lossy();
            arg.strip_prefix("-C").and_then(|value| value.strip_prefix(&start)).map(str::to_owned)
        });
        apart.chain(joined).collect()
    }

    fn has(&self, flag: &str) -> bool {
        self.args.iter().any(|arg| arg == flag)
    }

    fn is_for_target(&self) -> bool {
        self.values("--target").next().is_some()
    }

    /// Whether cargo only asks what the target is like.
    fn is_question(&self) -> bool {
        self.is_for_target() && self.values("--crate-name").any(|name| name == "___")
    }

    fn is_linked(&self) -> bool {
        self.has("--test") || self.values("--crate-type").any(|kind| kind == "bin")
    }

    /// Lines and the paths of functions, inlined ones too, if the profile leaves them out: what a step is part of is told by
    /// those paths, which tables of lines alone do not have.
    fn debugging(&self) -> Option<&'static str> {
        let given = self.options("debuginfo");
        let has_paths = |level: &String| matches!(level.as_str(), "1" | "2" | "limited" | "full");
        (!given.last().is_some_and(has_paths) && !self.has("-g")).then_some(DEBUGGING)
    }

    /// Compiles the canary as this unit is compiled; gives the object.
    fn canary(&self, rustc: &OsStr, flags: &[OsString]) -> Result<PathBuf, String> {
        let out = self.values("--out-dir").next().ok_or("there is no --out-dir")?;
        let name = self.values("--crate-name").next().unwrap_or_default();
        let extra = self.options("extra-filename").pop().unwrap_or_default();
        let source = Path::new(&out).join(format!("{name}{extra}.gorace_canary.rs"));
        let object = source.with_extension("o");
        std::fs::write(&source, CANARY).map_err(|error| error.to_string())?;
        let level = self.options("opt-level").pop().unwrap_or_else(|| "0".to_owned());
        let mut command = Command::new(rustc);
        command.args(["--edition=2024", "--crate-type=lib", "--crate-name=gorace_canary", "--emit=obj"]);
        command.arg(format!("-Copt-level={level}")).args(flags).arg("-o").arg(&object).arg(&source);
        for name in [SYSROOT, LIBRARY, INNER, "RUSTC_WRAPPER"] {
            command.env_remove(name);
        }
        match command.status() {
            Ok(status) if status.success() => Ok(object),
            Ok(status) => Err(status.to_string()),
            Err(error) => Err(error.to_string()),
        }
    }
}
