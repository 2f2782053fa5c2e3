//! `gorace test`: `cargo test` with settings, and one summary of all checked tests behind it.

use crate::Exit;
use crate::args::Test as Args;
use crate::bound;
use crate::cargo;
use crate::child;
use crate::command::closing::{Closing, interrupted};
use crate::error::{CliError, Outcome};
use crate::gate::{Baseline, Judgement, Policy, Regressions, judge};
use crate::print::Printer;
use crate::setup::Setup;
use crate::tested::{Purpose, Tested, Tests, is_whole};
use std::time::Instant;

/// See the module.
pub fn test(args: Args) -> Outcome {
    let started = Instant::now();
    let setup = Setup::of(args.select.manifest.manifest_path.as_deref(), &args.configured, "default")?;
    bound::check(&args.explore, &setup.effective)?;
    if args.all {
        return every_test(&setup, &args);
    }
    let print = args.print.clone().with_environment();
    let printer = Printer::new(&print);
    let mut regressions = setup.regressions()?;
    let tests = Tests::build(&args, &setup, &print)?;
    regressions.seed(&tests.store.root)?;
    // Tests do not know the rules: where there are some, findings are judged here alone.
    let defer = !setup.config.rules.is_empty();
    let purpose = if defer { Purpose::ToJudge } else { Purpose::ToSee };
    let Tested { store, results, records, ran, code } = tests.run(purpose)?;
    if child::is_interrupted() {
        return Ok(interrupted(&printer, &results, &records, !defer, true));
    }
    nothing_ran(&args, results.is_empty(), code)?;
    let policy = Policy {
        baseline: &Baseline::none(),
        rules: &setup.config.rules,
        strict_baseline: false,
        require_complete: setup.effective.is_on("require-complete"),
        is_whole: is_whole(&args),
    };
    let mut judgement = judge(&results, &records, &ran, &policy);
    let misfits = results.iter().any(|result| result.misfit.is_some());
    judge_harness(&mut judgement, code, misfits || !defer && !records.is_empty());
    keep(&mut regressions, &records, &judgement)?;
    let wanted = setup.reports(&args.reports.report);
    let closing = Closing {
        setup: &setup,
        printer: &printer,
        store: &store,
        wanted,
        started,
        platform: None,
        told: !defer,
    };
    closing.close(&results, &records, &judgement)
}

/// No checked test ran: never a silent pass, but for a part of few tests, which others make up for.
///
/// # Errors
/// If none ran.
pub fn nothing_ran(args: &Args, none: bool, code: Option<i32>) -> Outcome<()> {
    if !none || code == Some(66) {
        return Ok(());
    }
    let is_part = crate::shard::asked(args.shard, &|name| std::env::var(name).ok()).is_some();
    if is_part && code == Some(0) {
        eprintln!("gorace: nothing ran: none of these tests is in this part, the other parts run them");
        return Ok(());
    }
    let filter =
        args.filter.as_ref().map_or_else(String::new, |filter| format!(" whose name contains `{filter}`"));
    Err(CliError::new(Exit::Nothing, format!("no #[gorace::checked_test]{filter} ran"))
        .hint("write #[gorace::checked_test] above a test, and give gorace the feature `check` in [dev-dependencies]"))
}

/// What the harness's exit code says beside the findings; `is_told` if they are why it is not 0.
pub fn judge_harness(judgement: &mut Judgement, code: Option<i32>, is_told: bool) {
    match code {
        Some(0) => {}
        // A watchdog ended a test binary.
        Some(66) => judgement.fail(Exit::Found),
        _ if is_told => {}
        _ => judgement.fail(Exit::TestFailed),
    }
}

/// `--all`: ordinary tests, through the zero-change door; checked ones, where there are any, through theirs before.
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
fn every_test(setup: &Setup, args: &Args) -> Outcome {
    let workspace = &setup.workspace;
    let users = workspace.candidates(args.select.package.as_deref())?;
    let users = if args.workspace { workspace.packages.iter().collect() } else { users };
    let has_checked = users.iter().any(|package| workspace.uses_gorace(&cargo::text(&package["name"])));
    let print = args.print.clone().with_environment();
    // Tests do not know the rules: where there are some, findings are judged here alone.
    let purpose = if setup.config.rules.is_empty() { Purpose::ToSee } else { Purpose::ToJudge };
    let checked = match has_checked {
        true => Some(Tests::build(args, setup, &print)?.run(purpose)?),
        false => None,
    };
    // The selection's own flags come with it.
    let own = crate::tested::flags(args).split_off(args.select.flags().len());
    crate::zero_change::test::test(setup, args, &own, checked)
}

/// Says that this cannot be done here.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")))]
fn every_test(_setup: &Setup, _args: &Args) -> Outcome {
    Err(CliError::new(Exit::BadConfiguration, "--all runs on x86_64-unknown-linux-gnu only"))
}

/// Keeps the schedules of what counts, for the next run and for whoever pulls the commit.
///
/// # Errors
/// If they cannot be written.
pub fn keep(
    regressions: &mut Regressions,
    records: &[gorace_analyzer::record::Record],
    judgement: &Judgement,
) -> Outcome<()> {
    let new = records.iter().zip(&judgement.standings).filter(|(_, standing)| standing.counts());
    for path in regressions.add(new.map(|(record, _)| record))? {
        eprintln!("gorace: kept a failing schedule in {}: commit it", path.display());
    }
    Ok(())
}
