//! The programs under each tool, and how each tool is asked to run them.

/// What one run of many executions came to.
#[derive(Clone, Copy)]
pub struct Run {
    /// How many executions.
    pub executions: u64,
    /// Scheduling steps of all of them, where the tool says so; else 0.
    pub steps: u64,
    /// How long it took, in the thread's processor time.
    pub seconds: f64,
}

impl Run {
    /// Executions a second.
    pub fn rate(&self) -> f64 {
        self.executions as f64 / self.seconds
    }

    /// Seconds a step.
    pub fn step(&self) -> f64 {
        self.seconds / self.steps as f64
    }
}

gorace_benches::speed_programs!(
    on_gorace,
    gorace,
    super::gorace::channel,
    super::gorace::send,
    super::gorace::recv
);
gorace_benches::speed_programs!(
    on_shuttle,
    shuttle,
    super::mpsc::channel,
    super::mpsc::send,
    super::mpsc::recv
);
gorace_benches::proof_programs!(gorace_proofs, gorace);
gorace_benches::proof_programs!(loom_proofs, loom);

pub mod gorace {
    //! gorace, through its public API.

    use super::Run;
    use crate::cpu;
    use gorace::check::{Strategy, Verdict};
    use gorace::{Checker, Receiver, Sender};
    use std::time::{Duration, Instant};

    pub fn channel() -> (Sender<u64>, Receiver<u64>) {
        gorace::chan(4)
    }

    #[track_caller]
    pub fn send(to: &Sender<u64>, message: u64) {
        to.send(message);
    }

    #[track_caller]
    pub fn recv(from: &Receiver<u64>) -> u64 {
        from.recv().expect("a message")
    }

    pub fn random(body: fn(), executions: u64) -> Run {
        let checker =
            Checker::new().strategy(Strategy::Random).max_executions(executions).max_steps(10_000_000);
        let (outcome, seconds) = cpu::time(|| checker.timeout(Duration::from_secs(600)).run(body));
        outcome.assert_clean();
        assert_eq!(outcome.executions, executions);
        Run { executions, steps: outcome.steps, seconds }
    }

    /// Every interleaving. A deadlock is counted and not looked into.
    ///
    /// # Panics
    /// If there are not as many interleavings as theory says, or some execution was begun in vain.
    pub fn exhaustive(body: fn(), interleavings: u64) -> Run {
        let checker = Checker::new().strategy(Strategy::Exhaustive).max_executions(u64::MAX);
        let checker = checker.allow(&["deadlock"]).timeout(Duration::from_secs(3_600));
        let (outcome, seconds) = cpu::time(|| checker.run(body));
        outcome.assert_clean();
        assert_eq!((outcome.verdict, outcome.executions), (Verdict::Verified, interleavings));
        assert_eq!(outcome.redundant, 0);
        Run { executions: interleavings, steps: outcome.steps, seconds }
    }

    /// Seconds of wall time until so many threads have run every interleaving.
    ///
    /// # Panics
    /// If there are not as many interleavings as theory says, or more than a twentieth was begun in vain.
    pub fn by_threads(body: fn(), interleavings: u64, threads: usize) -> f64 {
        let checker = Checker::new().strategy(Strategy::Exhaustive).max_executions(u64::MAX).jobs(threads);
        let start = Instant::now();
        let outcome = checker.timeout(Duration::from_secs(3_600)).run(body);
        let seconds = start.elapsed().as_secs_f64();
        outcome.assert_clean();
        assert_eq!((outcome.verdict, outcome.executions), (Verdict::Verified, interleavings));
        assert!(outcome.redundant * 20 <= interleavings, "{outcome:?}");
        seconds
    }
}

mod mpsc {
    //! Std's bounded channel, in shuttle's copy.

    use shuttle::sync::mpsc::{Receiver, SyncSender, sync_channel};

    pub fn channel() -> (SyncSender<u64>, Receiver<u64>) {
        sync_channel(4)
    }

    pub fn send(to: &SyncSender<u64>, message: u64) {
        to.send(message).expect("a receiver");
    }

    pub fn recv(from: &Receiver<u64>) -> u64 {
        from.recv().expect("a message")
    }
}

pub mod shuttle {
    //! shuttle's random scheduler.

    use super::Run;
    use crate::cpu;
    use shuttle::scheduler::{RandomScheduler, Schedule, Scheduler, Task, TaskId};
    use shuttle::{Config, FailurePersistence, Runner};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    fn config() -> Config {
        let mut config = Config::new();
        config.failure_persistence = FailurePersistence::None;
        config
    }

    pub fn random(body: fn(), executions: u64) -> Run {
        let runner = Runner::new(RandomScheduler::new_from_seed(0, executions as usize), config());
        let (run, seconds) = cpu::time(|| runner.run(body));
        assert_eq!(run as u64, executions);
        Run { executions, steps: 0, seconds }
    }

    /// Its scheduling steps an execution, counted apart from what is timed.
    pub fn steps(body: fn(), executions: u64) -> f64 {
        let counted = Arc::new(AtomicU64::new(0));
        let scheduler = RandomScheduler::new_from_seed(0, executions as usize);
        Runner::new(Counting { scheduler, counted: counted.clone() }, config()).run(body);
        counted.load(Relaxed) as f64 / executions as f64
    }

    struct Counting {
        scheduler: RandomScheduler,
        counted: Arc<AtomicU64>,
    }

    impl Scheduler for Counting {
        fn new_execution(&mut self) -> Option<Schedule> {
            self.scheduler.new_execution()
        }

        fn next_task(&mut self, ready: &[&Task], current: Option<TaskId>, yielding: bool) -> Option<TaskId> {
            self.counted.fetch_add(1, Relaxed);
            self.scheduler.next_task(ready, current, yielding)
        }

        fn next_u64(&mut self) -> u64 {
            self.scheduler.next_u64()
        }
    }
}

pub mod loom {
    //! loom, exhaustively.

    use super::Run;
    use crate::cpu;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::time::{Duration, Instant};

    /// All that it did until it had finished, or until `cap`; whether it had finished.
    ///
    /// What its documentation offers for speed is used: no locations, no log, no checkpoints, no more threads than
    /// it needs. A bound on preemptions is not: with it, it proves nothing.
    pub fn exhaustive(body: fn(), cap: Duration) -> (Run, bool) {
        let executions = Arc::new(AtomicU64::new(0));
        let counter = executions.clone();
        let mut builder = loom::model::Builder::new();
        (builder.location, builder.log, builder.checkpoint_file) = (false, false, None);
        builder.max_duration = Some(cap);
        // It looks at the time so often.
        builder.checkpoint_interval = 100;
        let started = Instant::now();
        let ((), seconds) = cpu::time(|| {
            builder.check(move || {
                counter.fetch_add(1, Relaxed);
                body();
            });
        });
        (Run { executions: executions.load(Relaxed), steps: 0, seconds }, started.elapsed() < cap)
    }
}
