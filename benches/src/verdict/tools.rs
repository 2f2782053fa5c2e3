//! How each tool is asked.

use crate::verdict::{Answer, Says, plain};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

crate::lock_programs!(locks_on_gorace, gorace);
crate::lock_programs!(locks_on_loom, loom);
crate::lock_programs!(locks_on_shuttle, shuttle);
crate::memory_programs!(memory_on_gorace, gorace, super::plain::Checked);
crate::memory_programs!(memory_on_loom, loom, super::plain::Looms);
crate::memory_programs!(memory_on_shuttle, shuttle, super::plain::Unchecked);

/// gorace, exhaustively.
pub fn gorace(body: fn()) -> Answer {
    use gorace::check::{Limit, Strategy};
    let outcome = gorace::Checker::new().strategy(Strategy::Exhaustive).keep_going(true).run(body);
    let words: Vec<_> = outcome.findings.iter().map(|finding| finding.code.word()).collect();
    let says = match words[..] {
        [] => Says::Clean,
        ["deadlock"] => Says::Deadlock,
        ["leak"] => Says::Leak,
        ["data_race"] => Says::Race,
        ["panic"] => Says::Assertion,
        _ => panic!("expected at most one kind of finding, got {words:?}"),
    };
    let limited = outcome.limits.contains(&Limit::WeakValues);
    Answer { says, executions: Some(outcome.executions), limited }
}

/// loom, exhaustively. A failure panics, or aborts the process.
pub fn loom(body: fn()) -> Answer {
    let executions = Arc::new(AtomicU64::new(0));
    let counter = executions.clone();
    loom::model(move || {
        counter.fetch_add(1, Relaxed);
        body();
    });
    Answer { says: Says::Clean, executions: Some(executions.load(Relaxed)), limited: false }
}

/// shuttle: its random scheduler, 1,000 executions, and then its depth-first one for the count. A failure
/// panics.
pub fn shuttle(body: fn()) -> Answer {
    use shuttle::scheduler::{DfsScheduler, RandomScheduler};
    use shuttle::{Config, FailurePersistence, Runner};
    /// Depth-first search is stopped here.
    const MOST: usize = 100_000;
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    Runner::new(RandomScheduler::new_from_seed(0, 1_000), config.clone()).run(body);
    let executions = Runner::new(DfsScheduler::new(Some(MOST), false), config).run(body);
    let executions = (executions < MOST).then_some(executions as u64);
    Answer { says: Says::Clean, executions, limited: false }
}
