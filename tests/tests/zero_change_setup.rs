//! The zero-change door where nothing is set up: from a bare binary and an empty cache on, in workspaces of others, with their
//! flags, and without a trace in what is theirs.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use gorace_tests::{Ran, Unmodified, binary, run};
use std::path::Path;
use std::process::{Command, Stdio};

/// A race that `--cfg wanted` asks for.
const MAIN: &str = "static mut COUNT: u64 = 0;\nfn count() {\n    if cfg!(wanted) { unsafe { COUNT += 1 } }\n}\n\
    fn main() {\n    let other = std::thread::spawn(count);\n    count();\n    other.join().unwrap();\n}\n";

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}

/// A workspace of two packages, each with a program and an example; the flags are those of its configuration.
fn workspace(folder: &Path) {
    let package = |name: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\nbuild = \"build.rs\"\n"
        )
    };
    // What runs on the host is none of ours: with our flags it could not be linked.
    let build = "fn main() { println!(\"cargo::rustc-check-cfg=cfg(wanted)\"); std::thread::spawn(|| ()).join().unwrap() }\n";
    let (one, two) = (package("one"), package("two"));
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\nresolver = \"3\"\n"),
        (".cargo/config.toml", "[build]\nrustflags = [\"--cfg\", \"wanted\"]\n"),
        ("one/Cargo.toml", &one),
        ("one/build.rs", build),
        ("one/src/main.rs", MAIN),
        ("two/Cargo.toml", &two),
        ("two/build.rs", build),
        ("two/src/bin/first.rs", MAIN),
        ("two/src/bin/second.rs", "fn main() {}\n"),
        ("two/examples/shown.rs", MAIN),
    ];
    write(folder, &files);
}

fn has_race(ran: &Ran, place: &str) {
    assert_eq!(ran.code, Some(66), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("error[GR0001]: data race on `COUNT`"), "{}", ran.stdout);
    assert!(ran.stdout.contains(place), "{place}: {}", ran.stdout);
}

#[test]
fn programs_of_a_workspace_are_named_as_for_cargo() {
    let folder = tempfile::tempdir().expect("a folder");
    workspace(folder.path());
    let explore = |within: &str, more: &[&str]| {
        let args = [&["run", "--max-executions", "10", "--timeout", "1h", "--no-times"], more].concat();
        let mut command = Unmodified("plain").gorace(&args);
        run(command.current_dir(folder.path().join(within)).env_remove("CARGO_TARGET_DIR"))
    };
    has_race(&explore("", &["-p", "one"]), "one/src/main.rs:3:");
    has_race(&explore("one", &[]), "one/src/main.rs:3:");
    has_race(&explore("two", &["--bin", "first"]), "two/src/bin/first.rs:3:");
    has_race(&explore("", &["--example", "shown"]), "two/examples/shown.rs:3:");
    let several = explore("two", &[]);
    assert_eq!(several.code, Some(2), "{}{}", several.stdout, several.stderr);
    assert!(several.stderr.contains("first, second"), "{}", several.stderr);
    // What was built is not built again, with or without a lock file that may change.
    let again = explore("", &["--example", "shown", "--locked", "--offline"]);
    has_race(&again, "two/examples/shown.rs:3:");
    assert!(!again.stderr.contains("Compiling"), "{}", again.stderr);
    // All that is ours lies in one folder.
    let target = std::fs::read_dir(folder.path().join("target")).expect("there is one").flatten();
    let names: Vec<String> = target.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(names, ["gorace"]);
}

/// As after `cargo install`: the binary and nothing beside it; two at once, and one that finds damage.
#[test]
fn a_cold_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let gorace = folder.path().join("bin/gorace");
    std::fs::create_dir_all(folder.path().join("bin")).expect("made");
    std::fs::copy(binary(), &gorace).expect("copied");
    write(folder.path(), &[("counts.rs", &MAIN.replace("cfg!(wanted)", "true"))]);
    let start = || {
        let mut command = Command::new(&gorace);
        command.args(["run", "counts.rs", "--max-executions", "10", "--no-times", "--color", "never"]);
        for name in ["CARGO_TARGET_DIR", "GORACE_OUT_DIR", "RUSTFLAGS"] {
            command.env_remove(name);
        }
        command.env("XDG_CACHE_HOME", folder.path().join("cache")).current_dir(folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("gorace starts")
    };
    let end = |one: std::process::Child| Ran::from(one.wait_with_output().expect("it ends"));
    let made = "gorace: instrumenting the standard library of rustc";
    let both: Vec<Ran> = [start(), start()].into_iter().map(end).collect();
    both.iter().for_each(|ran| has_race(ran, "counts.rs:3:"));
    assert_eq!(both.iter().filter(|ran| ran.stderr.contains(made)).count(), 1, "{both:?}");
    let warm = end(start());
    has_race(&warm, "counts.rs:3:");
    assert!(!warm.stderr.contains(made) && !warm.stderr.contains("Compiling"), "{}", warm.stderr);
    // A byte of the instrumented library is another one.
    let cache = std::fs::read_dir(folder.path().join("cache/gorace")).expect("made").flatten();
    let std = cache.map(|entry| entry.path()).find(|path| path.join("gorace-manifest").is_file());
    let libraries = std.expect("the library").join("lib/rustlib/x86_64-unknown-linux-gnu/lib");
    let entries = std::fs::read_dir(libraries).expect("read").flatten().map(|entry| entry.path());
    let is_std = |path: &std::path::PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libstd-"))
    };
    let library = entries.filter(is_std).find(|path| !path.is_symlink()).expect("std");
    let mut bytes = std::fs::read(&library).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&library, bytes).expect("written");
    let mended = end(start());
    has_race(&mended, "counts.rs:3:");
    assert!(mended.stderr.contains("is damaged: making it anew"), "{}", mended.stderr);
}
