//! `Checker`, the builder, and `check`.

use crate::check::{Clock, Environment, Level, Options, Outcome, Session, Strategy};
use gorace_analyzer::Code;
use gorace_analyzer::record::Program;
use std::panic::Location;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Runs `f` under every interleaving that the budget allows and panics with a report if something is wrong.
///
/// Short for `Checker::new().run(f).assert_clean()`, and it prints the verdict where nobody else does. Everything that
/// takes part is made inside `f`.
///
/// # Panics
/// If there is a finding.
///
/// ```
/// use gorace::sync::{Arc, atomic::{AtomicU32, Ordering}};
/// gorace::check(|| {
///     let n = Arc::new(AtomicU32::new(0));
///     let other = n.clone();
///     let handle = gorace::go!({ other.fetch_add(1, Ordering::SeqCst) });
///     n.fetch_add(1, Ordering::SeqCst);
///     handle.join().unwrap();
///     assert_eq!(n.load(Ordering::SeqCst), 2);
/// });
/// ```
#[track_caller]
#[inline]
pub fn check<F>(f: F)
where
    F: Fn() + Send + Sync + 'static,
{
    let outcome = Checker::new().run(f);
    outcome.assert_clean();
    outcome.tell();
}

/// How to check, and the check itself. Every setting has a `GORACE_` variable of the same name, which wins.
///
/// ```
/// let outcome = gorace::Checker::new().max_executions(100).run(|| {
///     let (tx, rx) = gorace::chan(0);
///     gorace::go!({ tx.send(1) });
///     assert_eq!(rx.recv(), Some(1));
/// });
/// outcome.assert_clean();
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is checked before `run`"]
pub struct Checker {
    options: Options,
}

impl Default for Checker {
    #[inline]
    fn default() -> Self {
        Checker::new()
    }
}

impl Checker {
    /// The built-in settings. The name is that of the current thread: libtest's is the test.
    #[inline]
    pub fn new() -> Self {
        let mut options = Options::default();
        // The command line has read them from a file that it has checked.
        options.apply(&Environment::defaults().unwrap_or_default(), Level::Defaults);
        let thread = std::thread::current();
        options.program = Program {
            package: std::env::var("CARGO_PKG_NAME").unwrap_or_default(),
            manifest_dir: std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default(),
            target: super::store::target_name(),
            test: thread.name().filter(|name| *name != "main").map(str::to_owned),
        };
        Checker { options }
    }

    /// How schedules are chosen.
    #[inline]
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        (self.options.strategy, self.options.strategy_from) = (strategy, Level::Code);
        self
    }

    /// At most so many executions are begun in the search, 20 000 if not set.
    ///
    /// # Panics
    /// If it is 0: nothing would be checked.
    #[track_caller]
    #[inline]
    pub fn max_executions(mut self, n: u64) -> Self {
        assert!(n > 0, "invalid max_executions: expected {}, got `0`", super::env::POSITIVE);
        self.options.max_executions = n;
        self
    }

    /// Only schedules with at most so many preemptions are explored: those with none first, then those with one, and so
    /// on, so that what is found first needs as few as any. A budget that ends it leaves a verdict up to the last number
    /// that was finished, and a bound that left nothing out is not spoken of. A preemption is a switch away from a task
    /// that could go on, other than where it yields. For the strategies [`Strategy::Auto`] and [`Strategy::Exhaustive`]:
    /// random ones keep no bound, and [`Checker::run`] refuses it beside one of them.
    ///
    /// ```
    /// use gorace::sync::atomic::{AtomicU32, Ordering::SeqCst};
    /// let outcome = gorace::Checker::new().name("bound").max_preemptions(0).run(|| {
    ///     let n = gorace::sync::Arc::new(AtomicU32::new(0));
    ///     let tasks = [n.clone(), n].map(|n| gorace::go!({ n.store(n.load(SeqCst) + 1, SeqCst) }));
    ///     tasks.map(|task| task.join().unwrap());
    /// });
    /// assert_eq!(outcome.summary(), "verified up to 0 preemptions (2 interleavings)");
    /// ```
    #[inline]
    pub fn max_preemptions(mut self, n: u32) -> Self {
        (self.options.max_preemptions, self.options.bound_from) = (Some(n), Level::Code);
        self
    }

    /// An execution is cut after so many steps, 200 000 if not set.
    ///
    /// # Panics
    /// If it is 0: nothing would be checked.
    #[track_caller]
    #[inline]
    pub fn max_steps(mut self, n: u64) -> Self {
        assert!(n > 0, "invalid max_steps: expected {}, got `0`", super::env::POSITIVE);
        self.options.max_steps = n;
        self
    }

    /// The search ends after this time, 30 s if not set.
    ///
    /// # Panics
    /// If it is zero: nothing would be checked.
    #[track_caller]
    #[inline]
    pub fn timeout(mut self, time: Duration) -> Self {
        assert!(
            !time.is_zero(),
            "invalid timeout: expected more than no time, such as `Duration::from_secs(30)`, got `0ns`"
        );
        self.options.timeout = time;
        self
    }

    /// When timers fire, [`Clock::Any`] if not set.
    #[inline]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.options.idle_clock = clock == Clock::Idle;
        self
    }

    /// Whether waits of condition variables, parked threads and pending futures may wake, and weak compare-exchanges
    /// fail, for no reason, as std allows them to; not if not set. Each is an explored choice, and none happens
    /// twice in a row at one object.
    #[inline]
    pub fn spurious(mut self, spurious: bool) -> Self {
        self.options.spurious = spurious;
        self
    }

    /// The seed of random strategies, 0 if not set.
    #[inline]
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = seed;
        self
    }

    /// Uses the whole budget even if something was found.
    #[inline]
    pub fn keep_going(mut self, keep_going: bool) -> Self {
        self.options.keep_going = keep_going;
        self
    }

    /// How many OS threads explore, 1 if not set. What comes of it is the same for any number: the same executions
    /// count, in the same order. Executions that were run in vain, because a share turned out to be another thread's or
    /// nobody's, count as redundant.
    ///
    /// Worth it where a check takes seconds: shared are the optimal search and random schedules, not the rounds within
    /// a bound on preemptions, nor what is searched depth-first. Objects that are made outside of the closure and
    /// used in it cannot be used by two executions at once: then one thread goes on.
    ///
    /// ```
    /// use gorace::sync::{Arc, Mutex};
    /// let run = |jobs| {
    ///     gorace::Checker::new().name("jobs").jobs(jobs).run(|| {
    ///         let n = Arc::new(Mutex::new(0));
    ///         let tasks = [(); 3].map(|()| n.clone()).map(|n| {
    ///             gorace::go!({ (0..3).for_each(|_| *n.lock().unwrap() += 1) })
    ///         });
    ///         tasks.map(|task| task.join().unwrap());
    ///     })
    /// };
    /// assert_eq!(run(2).summary(), "verified: all 1 680 interleavings");
    /// assert_eq!(run(2).summary(), run(1).summary());
    /// ```
    ///
    /// # Panics
    /// If it is 0, or more than 1024.
    #[track_caller]
    #[inline]
    pub fn jobs(mut self, jobs: usize) -> Self {
        assert!((1..=1024).contains(&jobs), "invalid jobs: expected {}, got `{jobs}`", super::env::JOBS);
        self.options.jobs = jobs;
        self
    }

    /// Makes this one piece of a search that takes several runs: if the budget stops it, what is left to do is kept in
    /// the file `path`, and the next run with that path goes on there, on this machine or on another. The pieces
    /// together run what one run would, and each reports all that was found so far. Once everything was run, the
    /// file is removed. [`Strategy::Auto`] is then [`Strategy::Exhaustive`].
    ///
    /// A file of another program, or of other settings, one that is damaged or of another version, and a program that
    /// has changed since are refused: nothing is run then, and [`Outcome::assert_clean`] says why. One run at a time
    /// goes on from a file: what another has left there meanwhile is kept, and that this one could not leave its own is
    /// said. `GORACE_RESUME` names a folder, in which each check of each test has a file of its own. With
    /// `GORACE_RESUME_ANEW=1` what does not fit any more is passed over.
    ///
    /// ```
    /// use gorace::sync::{Arc, Mutex};
    /// let file = std::env::temp_dir().join(format!("gorace-{}.resume", std::process::id()));
    /// let piece = || {
    ///     gorace::Checker::new().name("pieces").max_executions(4).resume(&file).run(|| {
    ///         let n = Arc::new(Mutex::new(0));
    ///         let tasks = [n.clone(), n.clone(), n].map(|n| gorace::go!({ *n.lock().unwrap() += 1 }));
    ///         tasks.map(|task| task.join().unwrap());
    ///     })
    /// };
    /// let first = piece();
    /// assert_eq!(first.executions, 4);
    /// assert!(file.exists());
    /// let second = piece();
    /// assert_eq!(second.executions, 2);
    /// assert_eq!(second.summary(), "verified over 2 runs: all 6 interleavings");
    /// assert!(!file.exists());
    /// ```
    #[inline]
    pub fn resume(mut self, path: impl AsRef<Path>) -> Self {
        self.options.resume = Some(path.as_ref().to_owned());
        self
    }

    /// Findings of these kinds, named by code or word, do not count.
    ///
    /// # Panics
    /// If there is no such kind.
    #[track_caller]
    #[inline]
    pub fn allow(mut self, kinds: &[&str]) -> Self {
        for kind in kinds {
            match Code::parse(kind) {
                Some(code) => self.options.allow.push(code),
                None => panic!("no finding is called `{kind}`"),
            }
        }
        self
    }

    /// The name in reports and files.
    #[inline]
    pub fn name(mut self, name: &str) -> Self {
        self.options.program.test = Some(name.to_owned());
        self
    }

    /// Runs `f` under schedule after schedule.
    ///
    /// # Panics
    /// If it is called inside an execution, a `GORACE_` variable has an invalid value, or there is a bound on preemptions
    /// beside a strategy that keeps none.
    #[track_caller]
    #[inline]
    pub fn run<F>(mut self, f: F) -> Outcome
    where
        F: Fn() + Send + Sync + 'static,
    {
        let environment = match Environment::read() {
            Ok(environment) => environment,
            Err(error) => panic!("{error}"),
        };
        self.options.apply(&environment, Level::Environment);
        if let Err(error) = self.options.check_bound() {
            panic!("{error}");
        }
        self.options.source = Location::caller().file();
        Session::new(self.options, environment, Arc::new(f)).run()
    }
}
