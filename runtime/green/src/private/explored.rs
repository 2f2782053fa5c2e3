//! How a `#[checked_test]` and an explored `#[main]` run.

use crate::check::env::{self as settings, attribute};
use crate::check::{Clock, Environment, Level, Options, Outcome, Session, Strategy};
use crate::private::TestSpec;
use gorace_analyzer::Code;
use gorace_analyzer::Listed;
use gorace_analyzer::record::Program;
use std::fmt::Debug;
use std::future::Future;
use std::panic::Location;
use std::process::exit;
use std::sync::Arc;

/// What a checked test may return: `()` or a `Result` whose error counts as a panic.
pub trait TestReturn {
    /// Panics if this is an error.
    fn report(self);
}

impl TestReturn for () {
    fn report(self) {}
}

impl<T: TestReturn, E: Debug> TestReturn for Result<T, E> {
    #[track_caller]
    fn report(self) {
        match self {
            Ok(value) => value.report(),
            Err(error) => panic!("returned Err: {error:?}"),
        }
    }
}

/// Runs a checked test.
///
/// # Panics
/// With the report, if there is a finding, or none where one is expected.
#[track_caller]
pub fn run_test<R: TestReturn + 'static>(spec: TestSpec, body: fn() -> R) {
    run_test_with(spec, body);
}

/// Runs a checked test whose body has captured its arguments.
///
/// # Panics
/// As [`run_test`].
#[track_caller]
pub fn run_test_with<R: TestReturn, F>(spec: TestSpec, body: F)
where
    F: Fn() -> R + Send + Sync + 'static,
{
    let environment = match Environment::read() {
        Ok(environment) => environment,
        Err(error) => panic!("{error}"),
    };
    let mut options = match options(&spec, &environment) {
        Ok(options) => options,
        Err(error) => panic!("{error}"),
    };
    // Another process has it.
    if environment.shard.is_some_and(|(part, of)| !options.take_part(part, of)) {
        return;
    }
    let outcome = Session::new(options, environment, Arc::new(move || body().report())).run();
    judge(&spec, &outcome);
    outcome.tell();
}

/// Runs an async checked test.
///
/// # Panics
/// As [`run_test`].
#[track_caller]
pub fn run_async_test<R, F>(spec: TestSpec, body: fn() -> F)
where
    R: TestReturn,
    F: Future<Output = R> + 'static,
{
    let test = Location::caller();
    run_test_with(spec, move || crate::future::block_on_at(body(), test));
}

/// Runs a main: once, or under `gorace run` under every interleaving, ending the process.
#[track_caller]
pub fn run_main<R: TestReturn + 'static>(spec: TestSpec, body: fn() -> R) -> R {
    let explores = std::env::var_os("GORACE_EXPLORE").is_some_and(|value| value == "1");
    if !explores {
        return crate::thread::run_main(body);
    }
    let refuse = |message: String| -> ! {
        eprintln!("error: {message}");
        exit(78)
    };
    let environment = match Environment::read() {
        Ok(environment) => environment,
        Err(error) => refuse(error.to_string()),
    };
    let mut options = match options(&spec, &environment) {
        Ok(options) => options,
        Err(error) => refuse(error.to_string()),
    };
    options.program.test = None;
    let outcome = Session::new(options, environment, Arc::new(move || body().report())).run();
    if let Some(misfit) = &outcome.misfit {
        eprintln!("error: {}", misfit.why);
    }
    // As the command line has it.
    let found = outcome.findings.iter().map(|finding| match finding.code {
        Code::NothingExplored => 4,
        Code::Nondeterminism => 65,
        _ => 66,
    });
    exit(match (found.max(), &outcome.misfit) {
        (Some(code), _) => code,
        (None, Some(misfit)) if misfit.is_place => 78,
        (None, Some(_)) => 65,
        (None, None) => 0,
    })
}

#[track_caller]
fn options(spec: &TestSpec, environment: &Environment) -> Result<Options, crate::check::SettingError> {
    let mut options = Options { source: Location::caller().file(), ..Options::default() };
    options.apply(&Environment::defaults()?, Level::Defaults);
    let path = format!("{}::{}", spec.module, spec.name);
    let in_crate = path.split_once("::").map_or(path.as_str(), |(_, rest)| rest);
    options.program = Program {
        package: spec.package.to_owned(),
        manifest_dir: spec.manifest_dir.to_owned(),
        target: crate::check::target_name(),
        // A case of rstest is a test of its own: libtest's thread has its whole name.
        test: Some(
            std::thread::current()
                .name()
                .filter(|name| name.contains(in_crate))
                .unwrap_or(in_crate)
                .to_owned(),
        ),
    };
    if let Some(text) = spec.strategy {
        options.strategy = attribute("strategy", text, Strategy::WORDS, Strategy::from_word)?;
        options.strategy_from = Level::Code;
    }
    if let Some(text) = spec.timeout {
        options.timeout = attribute("timeout", text, settings::DURATION, settings::duration)?;
    }
    if let Some(text) = spec.clock {
        options.idle_clock = attribute("clock", text, settings::CLOCKS, settings::clock)? == Clock::Idle;
    }
    options.max_executions = spec.max_executions.unwrap_or(options.max_executions).max(1);
    if spec.max_preemptions.is_some() {
        (options.max_preemptions, options.bound_from) = (spec.max_preemptions, Level::Code);
    }
    options.max_steps = spec.max_steps.unwrap_or(options.max_steps).max(1);
    options.jobs = spec.jobs.map_or(options.jobs, |jobs| jobs as usize);
    options.seed = spec.seed.unwrap_or(options.seed);
    options.keep_going |= spec.keep_going;
    options.spurious |= spec.spurious;
    options.expect = spec.expect.and_then(Code::parse);
    options.allow = spec.allow.iter().filter_map(|kind| Code::parse(kind)).listed();
    options.apply(environment, Level::Environment);
    options.check_bound()?;
    Ok(options)
}

/// Panics where the test is, as far as anybody can see.
#[track_caller]
fn judge(spec: &TestSpec, outcome: &Outcome) {
    match spec.expect {
        None => outcome.assert_clean(),
        Some(kind) => {
            outcome.expect(kind);
            let expected = Code::parse(kind);
            if outcome.findings.iter().any(|finding| Some(finding.code) != expected) {
                panic!("expected only `{kind}`, found more\n{}", outcome.report());
            }
        }
    }
}
