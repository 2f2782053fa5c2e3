//! Running the tests of a selection: `cargo test` with settings, and what it left.

use crate::args::{Format, Print, Test as Args};
use crate::cargo::{self, Built, Workspace};
use crate::checking::Checking;
use crate::child;
use crate::error::Outcome;
use crate::gate::Ran;
use crate::progress::Progress;
use crate::settings;
use crate::setup::Setup;
use crate::shard::{self, Manifest};
use crate::store::Store;
use gorace_analyzer::record::{Record, RunResult};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What came of it.
pub struct Tested {
    pub store: Store,
    pub results: Vec<RunResult>,
    pub records: Vec<Record>,
    pub ran: Ran,
    /// The first exit code of a test binary, or of cargo, that was not 0; 66 before any other, since it is a finding.
    pub code: Option<i32>,
}

/// What they are run for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// A finding fails its test.
    ToSee,
    /// Findings fail no test: they are judged afterwards.
    ToJudge,
    /// Likewise, and nobody is there to be asked.
    Gate,
}

/// Builds the tests; they are run by [`Tests::run`].
pub struct Tests<'a> {
    args: &'a Args,
    setup: &'a Setup,
    print: &'a Print,
    flags: Vec<OsString>,
    checking: Checking,
    built: Vec<Built>,
    pub store: Store,
}

impl<'a> Tests<'a> {
    /// Builds them.
    ///
    /// # Errors
    /// If the build fails.
    pub fn build(args: &'a Args, setup: &'a Setup, print: &'a Print) -> Outcome<Self> {
        let workspace = &setup.workspace;
        let checking = checking(workspace, args);
        let mut flags = flags(args);
        flags.extend(checking.flags());
        let built = cargo::build_tests(&flags)?;
        let store = Store::of(&workspace.target_dir);
        Ok(Tests { args, setup, print, flags, checking, built, store })
    }

    /// Runs them.
    ///
    /// # Errors
    /// If a binary cannot be started, or what it left cannot be read.
    pub fn run(self, purpose: Purpose) -> Outcome<Tested> {
        let Tests { args, setup, print, flags, checking, built, store } = self;
        let run = store.new_run()?;
        let part = shard::chosen(args.shard, &|name| std::env::var(name).ok())?;
        if let Some(part) = part {
            let flags = settings::variables(&args.explore, print);
            let of_profile = setup.effective.variables();
            run.note_part(&Manifest::of(part, &setup.workspace.root, &|name| {
                let text = |value: &OsString| value.to_string_lossy().into_owned();
                let flag = flags.iter().find(|(flag, _)| *flag == name).map(|(_, value)| text(value));
                let usual = name.replacen("GORACE_", "GORACE_DEFAULT_", 1);
                let profile =
                    || of_profile.iter().find(|(key, _)| *key == usual).map(|(_, value)| text(value));
                flag.or_else(|| std::env::var(name).ok().filter(|value| !value.is_empty())).or_else(profile)
            }))?;
        }
        let resume = resume_folder(args, setup, &store);
        // Who asks for a folder wants to be told that it does not fit; a gate goes on by itself, and who says so is heard.
        let is_asked_for = args.resume.is_some() || !setup.effective.is_of_profile("resume");
        let anew = purpose == Purpose::Gate || !is_asked_for;
        let says = std::env::var_os("GORACE_RESUME_ANEW").is_some_and(|value| !value.is_empty());
        let commands = if checking.through.is_empty() {
            let mut command = cargo::passthrough("test", &flags);
            command.arg("--no-fail-fast").args(&args.filter);
            if !args.args.is_empty() {
                command.arg("--").args(&args.args);
            }
            vec![command]
        } else {
            // Cargo would run the tests of the members that are selected for their feature's sake, too.
            by_hand(&setup.workspace, args, built)
        };
        let mut code = Some(0);
        for mut command in commands {
            command.envs(setup.effective.variables());
            command.envs(settings::variables(&args.explore, print)).envs(run.variables(&store));
            match &resume {
                Some(folder) => command.env("GORACE_RESUME", folder),
                None => command.env_remove("GORACE_RESUME"),
            };
            command.envs((!says).then_some(("GORACE_RESUME_ANEW", if anew { "1" } else { "0" })));
            command.envs(part.map(|part| ("GORACE_SHARD", part.to_string())));
            if purpose != Purpose::ToSee {
                command.env("GORACE_DEFER", "1");
            }
            if print.message_format != Format::Human {
                // Standard output is for the reports; the harness's words go to standard error.
                command.stdout(Stdio::from(std::io::stderr()));
            }
            let progress = Progress::watch(&run.folder, "the tests", true);
            command.envs(progress.variable());
            let status = match &resume {
                Some(_) => child::run_stoppable(&mut command, &run.folder.join("stop")),
                None => child::run_visible(&mut command),
            };
            progress.end();
            let status = status?;
            code = graver(code, status.code());
        }
        store.finish(&run);
        let results = run.results()?;
        let records = run.records(&results)?;
        let ran = run.ran()?;
        Ok(Tested { store, results, records, ran, code })
    }
}

/// Of two exit codes the one that says more; `None` is a signal.
fn graver(before: Option<i32>, now: Option<i32>) -> Option<i32> {
    let is_stall = |code| code == Some(66);
    if before == Some(0) || (is_stall(now) && !is_stall(before)) { now } else { before }
}

/// Where searches that are stopped keep what is left to do, if they do: absolute, since tests run in the folder of their
/// package.
fn resume_folder(args: &Args, setup: &Setup, store: &Store) -> Option<PathBuf> {
    let folder = match &args.resume {
        Some(named) => named.clone().unwrap_or_else(|| store.resume_folder()),
        None if setup.effective.text("resume") == "none" => return None,
        None => setup.path("resume"),
    };
    Some(std::path::absolute(&folder).unwrap_or(folder))
}

/// Whether all tests of the workspace's default members are to run, so that one that does not is missed.
pub fn is_whole(args: &Args) -> bool {
    let Args { filter, select, lib, test, shard: flag, args, .. } = args;
    filter.is_none()
        && select.package.is_none()
        && !lib
        && test.is_empty()
        && shard::asked(*flag, &|name| std::env::var(name).ok()).is_none()
        && args.is_empty()
}

/// How checking is turned on in what is selected; not at all where nothing depends on gorace, which is said later.
fn checking(workspace: &Workspace, args: &Args) -> Checking {
    match &args.select.package {
        Some(package) if !args.workspace => workspace.checking(package).unwrap_or_default(),
        _ if args.workspace => workspace.checking_of_all(&workspace.packages.iter().collect::<Vec<_>>()),
        _ => workspace.candidates(None).map(|all| workspace.checking_of_all(&all)).unwrap_or_default(),
    }
}

/// The package's own test binaries, run as cargo runs them. Documentation tests are left out.
fn by_hand(workspace: &Workspace, args: &Args, built: Vec<Built>) -> Vec<Command> {
    let Some(package) = &args.select.package else { return Vec::new() };
    let Some(folder) = workspace.folder(package) else { return Vec::new() };
    let own = built.into_iter().filter(|built| built.manifest_dir == folder);
    own.map(|built| {
        let mut command = Command::new(built.executable);
        command.args(&args.filter).args(&args.args).current_dir(&folder);
        command.env("CARGO_PKG_NAME", package).env("CARGO_MANIFEST_DIR", &folder);
        command
    })
    .collect()
}

/// Cargo's flags of the selection.
pub fn flags(args: &Args) -> Vec<OsString> {
    let mut flags = args.select.flags();
    if let Some(package) = &args.select.package {
        flags.extend(["-p".into(), package.into()]);
    }
    if args.workspace {
        flags.push("--workspace".into());
    }
    if args.lib {
        flags.push("--lib".into());
    }
    for test in &args.test {
        flags.extend(["--test".into(), test.into()]);
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::graver;

    #[test]
    fn a_stall_is_graver_than_a_failure_and_what_came_first_stays() {
        let all = |codes: &[Option<i32>]| {
            let mut gravest = Some(0);
            codes.iter().for_each(|now| gravest = graver(gravest, *now));
            gravest
        };
        assert_eq!(all(&[Some(0), Some(0)]), Some(0));
        for codes in [[66, 101], [101, 66], [66, 0], [0, 66]] {
            assert_eq!(all(&codes.map(Some)), Some(66), "{codes:?}");
        }
        assert_eq!(all(&[Some(101), Some(0), Some(100)]), Some(101));
        assert_eq!(all(&[None, Some(101)]), None);
    }
}
