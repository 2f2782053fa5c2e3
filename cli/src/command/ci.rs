//! `gorace ci`: the tests as a gate. It takes what `gorace test` takes, goes by the profile `ci` and the baseline, and
//! writes what the platform reads.
//!
//! Findings fail no test here: they are kept, and judged when all have run. So a failing test is one that fails for
//! another reason, and no known finding hides it.

use crate::Exit;
use crate::args::{Annotations, Ci as Args, Format, Gate};
use crate::bound;
use crate::child;
use crate::command::closing::{Closing, interrupted};
use crate::command::test::{judge_harness, keep, nothing_ran};
use crate::error::{CliError, Outcome};
use crate::gate::{Baseline, Judgement, Platform, Policy, Ran, judge};
use crate::print::Printer;
use crate::reports::Wanted;
use crate::setup::Setup;
use crate::tested::{Purpose, Tested, Tests, is_whole};
use gorace_analyzer::Code;
use gorace_analyzer::record::{Record, RunResult};
use std::time::Instant;

/// See the module.
pub fn ci(args: Args) -> Outcome {
    let started = Instant::now();
    let Args { test: args, gate } = args;
    if std::env::var_os("GORACE_REPLAY").is_some_and(|token| !token.is_empty()) {
        let message = "GORACE_REPLAY is set: the gate would run one schedule of each test";
        return Err(CliError::new(Exit::BadConfiguration, message).hint("env -u GORACE_REPLAY gorace ci"));
    }
    let setup = Setup::of(args.select.manifest.manifest_path.as_deref(), &args.configured, "ci")?;
    bound::check(&args.explore, &setup.effective)?;
    let print = args.print.clone().with_environment();
    let printer = Printer::new(&print);
    let whole = is_whole(&args);
    if gate.write_baseline && !whole {
        return Err(CliError::new(Exit::BadCommandLine, "a baseline is written from a run of all tests")
            .hint("leave out what selects some of them: a filter, -p, --lib, --test, arguments behind --")
            .hint("with --shard: gorace merge DIR.. --write-baseline"));
    }
    let baseline = Baseline::load(&setup.path("baseline"))?;
    let mut regressions = setup.regressions()?;
    let tests = Tests::build(&args, &setup, &print)?;
    regressions.seed(&tests.store.root)?;
    let Tested { store, results, records, ran, code } = tests.run(Purpose::Gate)?;
    if child::is_interrupted() {
        return Ok(interrupted(&printer, &results, &records, false, true));
    }
    // Where tests are expected, each that is missing is told.
    let is_told = whole && !baseline.tests().is_empty();
    nothing_ran(&args, results.is_empty() && !is_told, code)?;
    let mut judgement = judge(&results, &records, &ran, &policy(&setup, &gate, &baseline, whole));
    judge_harness(&mut judgement, code, results.iter().any(|result| result.misfit.is_some()));
    if gate.write_baseline {
        return write_baseline(&setup, &results, &records, &ran, code);
    }
    keep(&mut regressions, &records, &judgement)?;
    let platform = platform(&setup, &gate, printer.format);
    let mut wanted = setup.reports(&args.reports.report);
    if wanted.is_empty() {
        let here = Platform::detect(&|name| std::env::var(name).ok());
        wanted.extend(here.formats().iter().copied().map(Wanted::usual));
    }
    let closing =
        Closing { setup: &setup, printer: &printer, store: &store, wanted, started, platform, told: false };
    closing.close(&results, &records, &judgement)
}

/// What the gate goes by: flags, else the configuration.
pub fn policy<'a>(setup: &'a Setup, gate: &Gate, baseline: &'a Baseline, is_whole: bool) -> Policy<'a> {
    Policy {
        baseline,
        rules: &setup.config.rules,
        strict_baseline: gate.strict_baseline || setup.effective.is_on("strict-baseline"),
        require_complete: gate.require_complete || setup.effective.is_on("require-complete"),
        is_whole,
    }
}

/// Whom to annotate for; nobody, if the reports are annotations already.
pub fn platform(setup: &Setup, gate: &Gate, format: Format) -> Option<Platform> {
    let here = Platform::detect(&|name| std::env::var(name).ok());
    let wanted = gate.annotations.unwrap_or(match setup.effective.text("annotations") {
        "none" => Annotations::None,
        "github" => Annotations::Github,
        _ => Annotations::Auto,
    });
    match wanted {
        Annotations::None => None,
        Annotations::Github => Some(Platform::Github),
        Annotations::Auto => Some(here),
    }
    .filter(|_| format == Format::Human)
}

/// Writes what is known from now on: all that was found and is not allowed.
///
/// # Errors
/// If the run is not one to build on, or the file cannot be written.
pub fn write_baseline(
    setup: &Setup,
    results: &[RunResult],
    records: &[Record],
    ran: &Ran,
    code: Option<i32>,
) -> Outcome {
    let none = Baseline::none();
    let policy = Policy {
        baseline: &none,
        rules: &setup.config.rules,
        strict_baseline: false,
        require_complete: false,
        is_whole: true,
    };
    let judgement = judge(results, records, ran, &policy);
    let explored_nothing = records.iter().find(|record| record.finding.kind.code() == Code::NothingExplored);
    if let Some(record) = explored_nothing {
        let message = format!("`{}` explored nothing, which no baseline can hold", record.program.title());
        return Err(CliError::new(Exit::Nothing, message).hint("gorace explain GR0008"));
    }
    if code != Some(0) || !judgement.errors.is_empty() {
        for error in &judgement.errors {
            eprintln!("error: {error}");
        }
        return Err(CliError::new(
            Exit::TestFailed,
            "a baseline is written from a run in which nothing else fails",
        ));
    }
    let counted = records.iter().zip(&judgement.standings).filter(|(_, standing)| standing.counts());
    let baseline = Baseline::of(&setup.path("baseline"), counted.map(|(record, _)| record), ran);
    baseline.write()?;
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let (findings, tests) = (count(baseline.len(), "finding"), count(baseline.tests().len(), "test"));
    eprintln!("gorace: wrote {}: {findings}, {tests}; commit it", baseline.path.display());
    Ok(Exit::Clean)
}

/// What a run that was put together is judged as.
pub fn judged(
    setup: &Setup,
    gate: &Gate,
    results: &[RunResult],
    records: &[Record],
    ran: &Ran,
    is_whole: bool,
) -> Outcome<Judgement> {
    let baseline = Baseline::load(&setup.path("baseline"))?;
    Ok(judge(results, records, ran, &policy(setup, gate, &baseline, is_whole)))
}
