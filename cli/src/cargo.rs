//! Cargo: what is in the workspace, and how to build it.

use crate::args::Select;
use crate::child;
use crate::error::{CliError, Outcome};
use crate::{Exit, suggest};
use gorace_analyzer::export::{CargoTarget, Paths};
use gorace_analyzer::record::Program;
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What `cargo metadata` says.
pub struct Workspace {
    /// The target folder.
    pub target_dir: PathBuf,
    /// The workspace's folder.
    pub root: PathBuf,
    pub(crate) packages: Vec<Value>,
    default_members: Vec<String>,
}

/// A program to build: a package and one of its targets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    pub package: String,
    pub manifest_dir: PathBuf,
    /// `bin` or `example`.
    pub kind: &'static str,
    pub name: String,
}

pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// If there is no workspace; cargo's own words say why.
    pub fn load(manifest_path: Option<&Path>) -> Outcome<Self> {
        let mut command = cargo();
        command.args(["metadata", "--format-version", "1", "--no-deps"]);
        if let Some(path) = manifest_path {
            command.arg("--manifest-path").arg(path);
        }
        let output = command.stderr(Stdio::piped()).output().map_err(no_cargo)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.trim().trim_start_matches("error: ").to_owned();
            return Err(CliError::new(Exit::BuildFailed, said)
                .hint("run gorace in a cargo package, or pass --manifest-path"));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| {
            CliError::new(Exit::Internal, format!("cargo metadata printed no JSON: {error}"))
        })?;
        let list = |key: &str| metadata[key].as_array().cloned().unwrap_or_default();
        Ok(Workspace {
            target_dir: PathBuf::from(text(&metadata["target_directory"])),
            root: PathBuf::from(text(&metadata["workspace_root"])),
            packages: list("packages"),
            default_members: list("workspace_default_members").iter().map(text).collect(),
        })
    }

    /// The program that the flags select.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn select(&self, package: Option<&str>, bin: Option<&str>, example: Option<&str>) -> Outcome<Target> {
        let packages = self.candidates(package)?;
        let (kind, wanted) = match (bin, example) {
            (_, Some(name)) => ("example", Some(name)),
            (name, None) => ("bin", name),
        };
        // A named target may be in any member, an unnamed one only in those that cargo would run.
        let everywhere: Vec<&Value> = self.packages.iter().collect();
        let searched = if wanted.is_some() && package.is_none() { &everywhere } else { &packages };
        let all: Vec<Target> = searched.iter().flat_map(|package| targets(package, kind)).collect();
        let Some(wanted) = wanted else { return only(&packages, all) };
        let mut found: Vec<Target> = all.iter().filter(|target| target.name == wanted).cloned().collect();
        match found.len() {
            1 => Ok(found.swap_remove(0)),
            0 => {
                let names = all.iter().map(|target| target.name.as_str());
                let mut error =
                    CliError::new(Exit::BadCommandLine, format!("no {kind} is called `{wanted}`"));
                let near = suggest::near(wanted, names);
                error = if near.is_empty() {
                    error.hint(format!("gorace run --{kind} NAME takes one of: {}", names_of(&all)))
                } else {
                    error.hint(format!("did you mean `{}`?", near.join("` or `")))
                };
                Err(error)
            }
            _ => {
                Err(CliError::new(Exit::BadCommandLine, format!("several packages have a {kind} `{wanted}`"))
                    .hint("say which with -p PACKAGE"))
            }
        }
    }

    /// How files are named for the host of the repository.
    pub fn paths(&self) -> Paths {
        let repository = self.root.ancestors().find(|folder| folder.join(".git").exists());
        Paths::new(repository.unwrap_or(&self.root), &self.root)
    }

    /// What cargo says of a program's target.
    pub fn cargo_target(&self, program: &Program) -> Option<CargoTarget> {
        let package = self.packages.iter().find(|package| text(&package["name"]) == program.package)?;
        // The executable of a library's tests has the library's name, in which no `-` is left.
        let name =
            |target: &&Value| text(&target["name"]).replace('-', "_") == program.target.replace('-', "_");
        let target = package["targets"].as_array()?.iter().find(name)?;
        Some(CargoTarget {
            package_id: text(&package["id"]),
            manifest_path: text(&package["manifest_path"]),
            target: target.clone(),
        })
    }

    /// What nextest calls the binary that a program is in: its package's own tests by the package alone.
    pub fn test_binary(&self, program: &Program) -> String {
        let package = &program.package;
        let target = self.cargo_target(program).map(|found| found.target).unwrap_or_default();
        let name = target["name"].as_str().unwrap_or(&program.target);
        match target["kind"][0].as_str() {
            Some(kind @ ("bin" | "example" | "bench")) => format!("{package}::{kind}/{name}"),
            None | Some("test") => format!("{package}::{name}"),
            // A library, of whatever kind.
            Some(_) => package.clone(),
        }
    }

    /// The file that a target is made from.
    pub fn source_of(&self, target: &Target) -> Option<PathBuf> {
        let package = self.packages.iter().find(|package| text(&package["name"]) == target.package)?;
        let all = package["targets"].as_array()?;
        let found = all.iter().find(|other| text(&other["name"]) == target.name)?;
        Some(PathBuf::from(text(&found["src_path"])))
    }

    /// The folder of a package.
    pub fn folder(&self, package: &str) -> Option<PathBuf> {
        let package = self.packages.iter().find(|other| text(&other["name"]) == package)?;
        PathBuf::from(text(&package["manifest_path"])).parent().map(Path::to_owned)
    }

    pub(crate) fn candidates(&self, package: Option<&str>) -> Outcome<Vec<&Value>> {
        let Some(name) = package else {
            let defaults =
                self.packages.iter().filter(|package| self.default_members.contains(&text(&package["id"])));
            return Ok(defaults.collect());
        };
        let found: Vec<&Value> =
            self.packages.iter().filter(|package| text(&package["name"]) == name).collect();
        if found.is_empty() {
            let names: Vec<String> = self.packages.iter().map(|package| text(&package["name"])).collect();
            let error = CliError::new(Exit::BadCommandLine, format!("no package is called `{name}`"));
            let near = suggest::near(name, names.iter().map(String::as_str));
            let hint = if near.is_empty() { &names.join("`, `") } else { &near.join("` or `") };
            return Err(error.hint(format!("the workspace has `{hint}`")));
        }
        Ok(found)
    }
}

fn names_of(targets: &[Target]) -> String {
    let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    if names.is_empty() { "(there is none)".to_owned() } else { names.join(", ") }
}

/// The one binary that `cargo run` would run.
fn only(packages: &[&Value], mut all: Vec<Target>) -> Outcome<Target> {
    if all.len() > 1
        && let [package] = packages
        && let Some(default) = package["default_run"].as_str()
    {
        all.retain(|target| target.name == default);
    }
    match all.len() {
        1 => Ok(all.swap_remove(0)),
        0 => Err(CliError::new(Exit::BadCommandLine, "there is no binary to run")
            .hint("name an example with --example NAME, or a package with -p PACKAGE")),
        _ => Err(CliError::new(Exit::BadCommandLine, "there is more than one binary to run")
            .hint(format!("say which with --bin NAME: {}", names_of(&all)))),
    }
}

fn targets(package: &Value, kind: &'static str) -> Vec<Target> {
    let manifest = PathBuf::from(text(&package["manifest_path"]));
    let all = package["targets"].as_array().cloned().unwrap_or_default();
    let is_kind =
        |target: &Value| target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k == kind));
    all.iter()
        .filter(|target| is_kind(target))
        .map(|target| Target {
            package: text(&package["name"]),
            manifest_dir: manifest.parent().unwrap_or(Path::new("")).to_owned(),
            kind,
            name: text(&target["name"]),
        })
        .collect()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn no_cargo(error: std::io::Error) -> CliError {
    CliError::new(Exit::BuildFailed, format!("cannot run cargo: {error}"))
        .hint("install Rust, or name cargo with the variable CARGO")
}

impl Select {
    /// Cargo's flags, as they were given.
    pub fn flags(&self) -> Vec<OsString> {
        let mut flags: Vec<OsString> = Vec::new();
        if let Some(path) = &self.manifest.manifest_path {
            flags.extend(["--manifest-path".into(), path.into()]);
        }
        for features in &self.features {
            flags.extend(["--features".into(), features.into()]);
        }
        let switches = [
            (self.all_features, "--all-features"),
            (self.no_default_features, "--no-default-features"),
            (self.release, "--release"),
            (self.locked, "--locked"),
            (self.offline, "--offline"),
        ];
        flags.extend(switches.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag.into()));
        if let Some(profile) = &self.profile {
            flags.extend(["--profile".into(), profile.into()]);
        }
        flags
    }
}

/// Findings end tasks by unwinding, whatever the profile says.
fn unwinding(command: &mut Command) {
    for profile in ["DEV", "RELEASE"] {
        command.env(format!("CARGO_PROFILE_{profile}_PANIC"), "unwind");
    }
}

/// An executable that cargo built.
pub struct Built {
    /// Its target's name.
    pub name: String,
    pub executable: PathBuf,
    /// Its package's folder.
    pub manifest_dir: PathBuf,
    /// Whether it is a test. `cargo test` builds programs and examples too, and runs none of them.
    pub is_test: bool,
}

/// Builds with cargo and gives the executables that it names. Diagnostics go to standard error as cargo prints
/// them.
///
/// # Errors
/// If the build fails.
pub fn build(subcommand: &[&str], flags: &[OsString]) -> Outcome<Vec<Built>> {
    let mut command = cargo();
    command.args(subcommand).args(flags);
    unwinding(&mut command);
    built_by(command)
}

/// As [`build`], by `cargo test`: the tests alone.
///
/// # Errors
/// If the build fails.
pub fn build_tests(flags: &[OsString]) -> Outcome<Vec<Built>> {
    let mut built = build(&["test", "--no-run"], flags)?;
    built.retain(|built| built.is_test);
    Ok(built)
}

/// Of these test binaries those that may have the test: built into its target, in its package, and, if there are several,
/// with it among their tests. Where none has, as of a check with a name of its own, it may be any.
pub fn with_test(built: Vec<Built>, program: &Program) -> Vec<Built> {
    let is_it = |built: &Built| {
        stem(&built.executable) == program.target && built.manifest_dir == Path::new(&program.manifest_dir)
    };
    let same: Vec<Built> = built.into_iter().filter(is_it).collect();
    if same.len() < 2 {
        return same;
    }
    let name = program.test.as_deref().unwrap_or_default();
    let has_it = |built: &Built| built.tests(&["--exact", name]).is_ok_and(|names| !names.is_empty());
    let (with, without): (Vec<Built>, Vec<Built>) = same.into_iter().partition(has_it);
    if with.is_empty() { without } else { with }
}

impl Built {
    /// The names of a test binary's tests that these arguments select, as its harness lists them.
    ///
    /// # Errors
    /// If it cannot be run, or does not list them.
    pub fn tests(&self, args: &[&str]) -> Outcome<Vec<String>> {
        let mut command = Command::new(&self.executable);
        command.args(["--list", "--format", "terse"]).args(args);
        let output =
            command.current_dir(&self.manifest_dir).stdin(Stdio::null()).output().map_err(|error| {
                CliError::new(Exit::Internal, format!("cannot run {}: {error}", self.executable.display()))
            })?;
        if !output.status.success() {
            child::note_end(output.status);
            return Err(CliError::new(
                Exit::TestFailed,
                format!("{} does not list its tests: only libtest's harness is supported", self.name),
            )
            .hint("leave it out: --lib, or --test NAME"));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
    }
}

/// What this call of cargo builds: its executables.
///
/// # Errors
/// If the build fails.
pub fn built_by(mut command: Command) -> Outcome<Vec<Built>> {
    command.arg("--message-format=json-render-diagnostics");
    let output = command.stderr(Stdio::inherit()).stdin(Stdio::null()).output().map_err(no_cargo)?;
    if !output.status.success() {
        child::note_end(output.status);
        // Cargo has said it all.
        return Err(CliError::new(Exit::BuildFailed, ""));
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(artifacts
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter_map(|message| {
            let manifest = PathBuf::from(text(&message["manifest_path"]));
            Some(Built {
                name: text(&message["target"]["name"]),
                executable: PathBuf::from(message["executable"].as_str()?),
                manifest_dir: manifest.parent().unwrap_or(Path::new("")).to_owned(),
                is_test: message["profile"]["test"] == true,
            })
        })
        .collect())
}

/// A `cargo` that is to run with its output passed through.
pub fn passthrough(subcommand: &str, flags: &[OsString]) -> Command {
    let mut command = cargo();
    command.arg(subcommand).args(flags);
    unwinding(&mut command);
    command
}

/// The name of an executable's target, without the hash that cargo appends to tests.
pub fn stem(executable: &Path) -> String {
    let stem = executable.file_stem().map(OsStr::to_string_lossy).unwrap_or_default().into_owned();
    match stem.rsplit_once('-') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            name.to_owned()
        }
        _ => stem,
    }
}
