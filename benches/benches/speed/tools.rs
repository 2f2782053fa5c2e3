//! The programs under each tool, and how each tool is asked to run them.

/// What one run of many executions came to.
#[derive(Clone, Copy)]
pub struct Run {
    /// How many executions.
    pub executions: u64,
    /// Scheduling steps of all of them, where the tool says so; else 0.
    pub steps: u64,
    /// How long it took.
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
gorace_benches::speed_programs!(on_loom, loom, super::loom::channel, super::loom::send, super::loom::recv);

pub mod gorace {
    //! gorace, through its public API.

    use super::Run;
    use gorace::check::{Strategy, Verdict};
    use gorace::{Checker, Receiver, Sender};
    use std::time::Duration;

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
        let checker = Checker::new().strategy(Strategy::Random).max_executions(executions);
        let outcome = checker.timeout(Duration::from_secs(600)).run(body);
        outcome.assert_clean();
        assert_eq!(outcome.executions, executions);
        Run { executions, steps: outcome.steps, seconds: outcome.elapsed.as_secs_f64() }
    }

    /// `None` if it does not finish within its budget.
    pub fn exhaustive(body: fn()) -> Option<Run> {
        let checker = Checker::new().strategy(Strategy::Exhaustive).max_executions(100_000);
        let outcome = checker.timeout(super::super::LOOM_CAP).run(body);
        outcome.assert_clean();
        let executions = outcome.executions + outcome.redundant;
        (outcome.verdict == Verdict::Verified).then_some(Run {
            executions,
            steps: outcome.steps,
            seconds: outcome.elapsed.as_secs_f64(),
        })
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
    use shuttle::scheduler::{RandomScheduler, Schedule, Scheduler, Task, TaskId};
    use shuttle::{Config, FailurePersistence, Runner};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::time::Instant;

    fn config() -> Config {
        let mut config = Config::new();
        config.failure_persistence = FailurePersistence::None;
        config
    }

    pub fn random(body: fn(), executions: u64) -> Run {
        let started = Instant::now();
        let runner = Runner::new(RandomScheduler::new_from_seed(0, executions as usize), config());
        assert_eq!(runner.run(body) as u64, executions);
        Run { executions, steps: 0, seconds: started.elapsed().as_secs_f64() }
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
    use loom::sync::mpsc::{Receiver, Sender};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::time::{Duration, Instant};

    /// Its only channel has no bound; the programs never fill theirs.
    pub fn channel() -> (Sender<u64>, Receiver<u64>) {
        loom::sync::mpsc::channel()
    }

    pub fn send(to: &Sender<u64>, message: u64) {
        to.send(message).expect("a receiver");
    }

    pub fn recv(from: &Receiver<u64>) -> u64 {
        from.recv().expect("a message")
    }

    /// `None` if it does not finish within `cap`.
    pub fn exhaustive(body: fn(), cap: Duration) -> Option<Run> {
        let executions = Arc::new(AtomicU64::new(0));
        let counter = executions.clone();
        let mut builder = loom::model::Builder::new();
        builder.max_duration = Some(cap);
        let started = Instant::now();
        builder.check(move || {
            counter.fetch_add(1, Relaxed);
            body();
        });
        let seconds = started.elapsed().as_secs_f64();
        (seconds < cap.as_secs_f64()).then_some(Run {
            executions: executions.load(Relaxed),
            steps: 0,
            seconds,
        })
    }
}
