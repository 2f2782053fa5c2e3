//! Builds the library that is loaded into unmodified programs, so that the binary carries it.
//!
//! A crate of three lines makes a `cdylib` of `gorace-inject`, with the same cargo, in a target folder of its own. What
//! it builds is on only one kind of system; elsewhere the binary carries nothing, and says so when it is asked.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAME: &str = "gorace_inject_library";

/// What it is made of, of ours.
const PACKAGES: [&str; 3] = ["gorace-inject", "gorace-engine", "gorace-analyzer-core"];

/// Builds it, or leaves an empty file where it is not supported.
pub fn embed() {
    let variable = |name: &str| env::var(name).unwrap_or_default();
    let out = PathBuf::from(variable("OUT_DIR"));
    let library = out.join("library.so");
    let is_supported = variable("CARGO_CFG_TARGET_OS") == "linux"
        && variable("CARGO_CFG_TARGET_ARCH") == "x86_64"
        && variable("CARGO_CFG_TARGET_ENV") == "gnu";
    // On docs.rs there is no network, and nobody runs the binary.
    if is_supported && env::var_os("DOCS_RS").is_none() {
        build(&out, &library);
    } else {
        write(&library, "");
    }
}

fn build(out: &Path, library: &Path) {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let source = here.join("../runtime/inject");
    // In the workspace the source is beside us, elsewhere the registry has it, or cargo unpacked it already.
    let dependency = if source.is_dir() {
        for folder in ["runtime/inject", "runtime/engine", "analyzer/core"] {
            println!("cargo::rerun-if-changed={}", here.join("..").join(folder).join("src").display());
        }
        let source = source.canonicalize().unwrap_or(source);
        format!("path = {:?}", source.display().to_string())
    } else {
        format!("version = {:?}", format!("={}", env!("CARGO_PKG_VERSION")))
    };
    let package = out.join("library");
    if let Err(error) = fs::create_dir_all(package.join("src")) {
        panic!("cannot make {}: {error}", package.display());
    }
    let manifest = format!(
        "[package]\nname = \"gorace-inject-library\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [lib]\nname = \"{NAME}\"\ncrate-type = [\"cdylib\"]\n\
         [dependencies]\ngorace-inject = {{ {dependency}, features = [\"runtime\"] }}\n\
         [profile.release]\npanic = \"abort\"\nstrip = true\nlto = true\ncodegen-units = 1\n[workspace]\n\
         [patch.crates-io]\n{}",
        unpacked(&here)
    );
    write(&package.join("Cargo.toml"), &manifest);
    write(&package.join("src/lib.rs"), "pub use gorace_inject::wire;\n");
    let lock = here.join("../Cargo.lock");
    if lock.is_file() {
        // The versions that the workspace has: nothing new is fetched.
        let _ = fs::copy(lock, package.join("Cargo.lock"));
    }
    let target = out.join("library-target");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--release", "--quiet", "--manifest-path"]).arg(package.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(&target);
    // What is meant for the outer build, or for code that is to be instrumented, is not for this one.
    for name in [
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTFLAGS",
        "CARGO_BUILD_TARGET",
    ] {
        cargo.env_remove(name);
    }
    cargo.env_remove("CARGO_TARGET_DIR");
    match cargo.status() {
        Ok(status) if status.success() => {}
        Ok(status) => panic!("cannot build the library for unmodified programs: cargo ended with {status}"),
        Err(error) => panic!("cannot run cargo: {error}"),
    }
    let built = target.join("release").join(format!("lib{NAME}.so"));
    if let Err(error) = fs::copy(&built, library) {
        panic!("cannot copy {}: {error}", built.display());
    }
}

/// Cargo unpacks packages beside each other: ours are dependencies of this one, and so they are there. This is how it
/// is built from its package before any of them is in the registry.
fn unpacked(here: &Path) -> String {
    let folder = |name| here.join("..").join(format!("{name}-{}", env!("CARGO_PKG_VERSION")));
    let entry = |name| {
        let folder = folder(name).canonicalize().ok()?;
        Some(format!("{name} = {{ path = {:?} }}\n", folder.display().to_string()))
    };
    PACKAGES.into_iter().filter_map(entry).collect()
}

fn write(path: &Path, text: &str) {
    if let Err(error) = fs::write(path, text) {
        panic!("cannot write {}: {error}", path.display());
    }
}
