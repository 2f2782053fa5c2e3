//! What `gorace --version` says beside the version: the commit, where there is one, and the compiler.

use std::path::Path;
use std::process::Command;

fn first_line(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().map(|line| line.trim().to_owned())
}

/// Sets it for the crate.
pub fn set() {
    // A packaged crate carries its commit in a file of cargo's.
    let packaged = std::fs::read_to_string(".cargo_vcs_info.json").ok();
    let of_package =
        packaged.and_then(|text| Some(text.split_once("\"sha1\": \"")?.1.split('"').next()?.to_owned()));
    let commit = of_package.or_else(|| {
        // Where the branch stands: its change is what a new commit is.
        let head = first_line("git", &["rev-parse", "--git-path", "HEAD"])?;
        let branch = first_line("git", &["symbolic-ref", "-q", "HEAD"]);
        let branch = branch.and_then(|name| first_line("git", &["rev-parse", "--git-path", &name]));
        for file in [Some(head), branch].into_iter().flatten().filter(|file| Path::new(file).exists()) {
            println!("cargo::rerun-if-changed={file}");
        }
        first_line("git", &["rev-parse", "HEAD"])
    });
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let compiler = first_line(&rustc, &["--version"]).unwrap_or_else(|| "an unknown rustc".to_owned());
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let commit =
        commit.map_or_else(String::new, |commit| format!("commit {}, ", commit.get(..12).unwrap_or(&commit)));
    println!("cargo::rustc-env=GORACE_VERSION={version} ({commit}built with {compiler})");
}
