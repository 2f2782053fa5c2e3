//! `gorace replay` of a test: builds its target and runs the recorded schedule there.
//!
//! A library, its binary and a file in `tests/` may have one name, and cargo names them in no order. What is known of a
//! test is its target's name and its own: where that fits several, each replays the schedule, and whichever shows best
//! what was recorded is the one that was meant.

use super::{Fit, Replayed, Wanted};
use crate::Exit;
use crate::args::{Print, Select};
use crate::cargo::{self, Built, Workspace};
use crate::child;
use crate::command::run;
use crate::error::{CliError, Outcome};
use crate::settings;
use crate::store::Store;
use gorace_analyzer::record::Record;
use std::ffi::OsString;
use std::process::Command;

impl Wanted {
    /// See the module.
    pub(super) fn test(
        &self,
        record: &Record,
        workspace: &Workspace,
        select: &Select,
        store: &Store,
    ) -> Outcome<Replayed> {
        let defaults = self.defaults(select)?;
        #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
        if !workspace.uses_gorace(&record.program.package) {
            let explore = self.explore();
            let again = self.again_under(&explore, &defaults);
            let built = crate::zero_change::test::build_again(workspace, select, &record.program)?;
            return best(built, record, |built| {
                crate::zero_change::test::replay(workspace, built, record, store, &again)
            });
        }
        let mut flags = select.flags();
        flags.extend(["-p".into(), record.program.package.clone().into()]);
        flags.extend(workspace.checking(&record.program.package)?.flags());
        best(cargo::build_tests(&flags)?, record, |built| self.run_test(built, record, store, &defaults))
    }

    fn run_test(
        &self,
        built: &Built,
        record: &Record,
        store: &Store,
        defaults: &[(String, OsString)],
    ) -> Outcome<Replayed> {
        let run = store.new_run()?;
        let mut command = Command::new(&built.executable);
        command.arg("--exact").args(&record.program.test).arg("--nocapture");
        command.current_dir(&record.program.manifest_dir);
        command.envs(settings::variables(&self.explore(), &Print::default()));
        command.envs(defaults.iter().map(|(name, value)| (name, value)));
        command.env("GORACE_REPLAY", &record.facts.token).envs(run.variables(store));
        // As cargo has it: a check that was started by hand takes its name from these.
        command
            .env("CARGO_PKG_NAME", &record.program.package)
            .env("CARGO_MANIFEST_DIR", &record.program.manifest_dir);
        let ended = child::run_hidden(&mut command, false)?;
        let results = run.results()?;
        Ok((run, results, ended.how()))
    }
}

/// The replay that shows best what was recorded, of all binaries that have the test.
fn best(
    built: Vec<Built>,
    record: &Record,
    replay: impl Fn(&Built) -> Outcome<Replayed>,
) -> Outcome<Replayed> {
    let mut best: Option<(Likeness, Replayed)> = None;
    for built in cargo::with_test(built, &record.program) {
        let new = replay(&built)?;
        let likeness = Likeness::of(&new, record)?;
        let worse = match &best {
            Some((known, _)) if *known >= likeness => Some(new),
            _ => best.replace((likeness, new)).map(|(_, replayed)| replayed),
        };
        if let Some((run, ..)) = worse {
            run::remove(&run.folder);
        }
    }
    let gone = || {
        let target = &record.program.target;
        CliError::new(Exit::Diverged, format!("there is no test target `{target}` any more"))
    };
    best.map(|(_, replayed)| replayed).ok_or_else(gone)
}

/// How much of what was recorded a replay shows, most important first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Likeness {
    /// Whether anything was run.
    has_run: bool,
    shows_same: bool,
    fit: Fit,
    shows_alike: bool,
}

impl Likeness {
    fn of((run, results, _): &Replayed, recorded: &Record) -> Outcome<Self> {
        let records = run.records(results)?;
        let fit = results.first().map_or(Fit::Diverged, Fit::of);
        Ok(Likeness {
            has_run: !results.is_empty(),
            shows_same: records.iter().any(|record| record.fingerprint == recorded.fingerprint),
            fit,
            shows_alike: fit.found(recorded, &records).is_some(),
        })
    }
}
