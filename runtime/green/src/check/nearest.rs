//! The passing execution nearest to a failing one, to be shown beside it: the failing schedule without one of its deviations.
//!
//! What differs between the two is then little more than what decides. The last deviation is left out first, so that they part as
//! late as can be. Where no single one decides there is none, and the first execution that passed stands in.

use crate::check::confirm;
use crate::check::session::Session;
use gorace_analyzer::Trace;
use gorace_analyzer::trace::Ended;
use gorace_engine::{Schedule, Selection};

/// Executions spent on it at the most.
const MAX_RUNS: usize = 20;

/// See the module.
pub(crate) fn passing(session: &mut Session, failing: &Schedule) -> Option<Trace> {
    for left_out in (0..failing.deviations.len()).rev().take(MAX_RUNS) {
        let mut candidate = failing.clone();
        candidate.deviations.remove(left_out);
        let run = confirm::run(session, Selection::FollowLoosely(candidate), false);
        if run.trace.ended == Ended::Quiescent && run.findings(session).is_empty() {
            // Once more, with the places that the report has.
            return Some(confirm::replay(session, &run.schedule, true).trace);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::check::{Environment, Options, Session, Strategy};
    use crate::sync::Arc;
    use crate::sync::atomic::{AtomicU32, Ordering::SeqCst};
    use crate::thread;
    use gorace_analyzer::record::Record;
    use gorace_analyzer::{OpKind, Trace};

    fn found(strategy: Strategy, body: fn()) -> Record {
        let options = Options { strategy, store: false, ..Options::default() };
        let outcome = Session::new(options, Environment::default(), Arc::new(body)).run();
        outcome.records.into_iter().next().expect("a finding")
    }

    /// What was read, in order.
    fn reads(trace: &Trace) -> Vec<u64> {
        trace.events.iter().filter(|event| event.op == OpKind::Load).map(|event| event.value).collect()
    }

    /// The reader fails if it reads 1 and then 2: the writer runs first, is preempted between its stores, and preempts the
    /// reader between its loads. Without the last of these switches the reader goes on and reads 1 again. The first
    /// execution that passes is another one: the reader comes first and reads 0.
    #[test]
    fn the_two_part_at_the_last_switch() {
        for strategy in [Strategy::Exhaustive, Strategy::Random, Strategy::Portfolio] {
            let record = found(strategy, || {
                let x = Arc::new(AtomicU32::new(0));
                let read = x.clone();
                let reader = thread::spawn(move || {
                    let (first, second) = (read.load(SeqCst), read.load(SeqCst));
                    assert!((first, second) != (1, 2));
                });
                let writer = thread::spawn(move || {
                    x.store(1, SeqCst);
                    x.store(2, SeqCst);
                });
                reader.join().unwrap();
                writer.join().unwrap();
            });
            assert_eq!(reads(&record.trace), [1, 2]);
            assert_eq!(reads(record.passing.as_ref().expect("one that passes")), [1, 1]);
        }
    }

    #[test]
    fn what_always_fails_has_none() {
        let record = found(Strategy::Exhaustive, || {
            let x = Arc::new(AtomicU32::new(0));
            let other = x.clone();
            let task = thread::spawn(move || other.store(1, SeqCst));
            x.store(2, SeqCst);
            task.join().unwrap();
            panic!("whatever comes first");
        });
        assert!(record.passing.is_none());
    }
}
