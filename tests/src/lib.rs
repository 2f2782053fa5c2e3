//! What end-to-end tests share: the binary under test, and folders to try it in.

mod unmodified;

pub use unmodified::Unmodified;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The workspace's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The `gorace` binary, built once for all tests of a process.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        // The workspace, and an example of it: then nothing is built again that `cargo test --workspace` has built.
        let output = Command::new(env!("CARGO"))
            .args(["build", "--workspace", "--bin", "gorace", "--example", "bank_transfer"])
            .args(["--message-format=json", "--quiet"])
            .current_dir(root())
            .output();
        let output = output.unwrap_or_else(|error| panic!("cannot run cargo: {error}"));
        assert!(output.status.success(), "the CLI builds: {}", String::from_utf8_lossy(&output.stderr));
        let messages = String::from_utf8_lossy(&output.stdout).into_owned();
        let marker = "\"executable\":\"";
        let found = messages.lines().filter_map(|line| line.split_once(marker)).find_map(|(_, rest)| {
            let path = rest.split('"').next()?;
            path.ends_with("gorace")
                .then(|| PathBuf::from(path))
                .filter(|path| path.file_name() == Some("gorace".as_ref()))
        });
        found.unwrap_or_else(|| panic!("cargo named no binary `gorace`: {messages}"))
    })
}

/// A call of `gorace` without colours and without the caller's own settings.
pub fn gorace() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GORACE") || name == "RUST_BACKTRACE" {
            command.env_remove(name);
        }
    }
    command.env("GORACE_COLOR", "never").env_remove("GITHUB_ACTIONS").current_dir(root());
    command
}

/// What a call printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Ran {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a command to its end.
///
/// # Panics
/// If it cannot be started.
pub fn run(command: &mut Command) -> Ran {
    command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}")).into()
}

/// A crate of somebody else's, in a folder of its own outside of the workspace.
pub struct Crate {
    folder: TempDir,
}

impl Crate {
    /// A library crate with the three lines of set-up that the README asks for.
    ///
    /// # Panics
    /// If the folder cannot be written.
    pub fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary folder: {error}"));
        let gorace = root().join("runtime/green");
        let gorace = gorace.display();
        let made = Crate { folder };
        made.write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ngorace = {{ path = \"{gorace}\" }}\n\n\
                 [dev-dependencies]\ngorace = {{ path = \"{gorace}\", features = [\"check\"] }}\n\n[workspace]\n"
            ),
        );
        made
    }

    /// Writes a file of the crate.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        let folder = path.parent().unwrap_or(self.path());
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&path, text))
            .unwrap_or_else(|error| panic!("cannot write {file}: {error}"));
    }

    /// The crate's folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `cargo` in the crate's folder; all such crates share one target folder, so that dependencies are built once.
    pub fn cargo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command
            .args(args)
            .current_dir(self.path())
            .env("CARGO_TARGET_DIR", shared_target())
            .env("GORACE_COLOR", "never");
        for name in ["GORACE_OUT_DIR", "GORACE_RUN", "RUST_BACKTRACE"] {
            command.env_remove(name);
        }
        command
    }

    /// `gorace` in the crate's folder.
    pub fn gorace(&self, args: &[&str]) -> Command {
        let mut command = gorace();
        command.args(args).current_dir(self.path()).env("CARGO_TARGET_DIR", shared_target());
        command
    }
}

/// A target folder beside the workspace's own.
pub fn shared_target() -> PathBuf {
    binary().ancestors().nth(2).unwrap_or(Path::new("target")).join("end-to-end")
}

/// The page for Go programmers: each of its snippets is a documentation test.
#[cfg(doctest)]
#[doc = include_str!("../../docs/GO.md")]
pub struct GoPage;

/// The pages that say how to do something.
#[cfg(doctest)]
mod how_to {
    #[doc = include_str!("../../docs/how-to/write-a-test.md")]
    pub struct WriteATest;
    #[doc = include_str!("../../docs/how-to/large-programs.md")]
    pub struct LargePrograms;
    #[doc = include_str!("../../docs/how-to/keep-quiet.md")]
    pub struct KeepQuiet;
}

/// The README: what it shows of the library compiles.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
