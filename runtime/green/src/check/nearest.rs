//! The passing execution nearest to a failing one, to be shown beside it.
//!
//! The failing schedule is left at its last deviation, else at the one before, and so on, and goes on by the default rule:
//! what passes first has the longest beginning in common with it. Where none passes the search's first that did stands in.

use crate::check::confirm;
use crate::check::session::Session;
use gorace_analyzer::Trace;
use gorace_analyzer::trace::Ended;
use gorace_engine::Schedule;
use gorace_engine::explore::left_earlier;

/// See the module.
pub(crate) fn passing(session: &mut Session, schedule: Schedule) -> Option<Trace> {
    left_earlier(schedule).find_map(|schedule| {
        let run = confirm::replay(session, &schedule, true);
        (run.trace.ended == Ended::Quiescent && run.findings(session).is_empty()).then_some(run.trace)
    })
}

#[cfg(test)]
mod tests {
    use crate::check::{Environment, Options, Session, Strategy};
    use crate::sync::atomic::{AtomicU32, Ordering::SeqCst};
    use crate::sync::{Arc, Mutex};
    use crate::thread;
    use gorace_analyzer::record::Record;
    use gorace_analyzer::{OpKind, Trace};

    const STRATEGIES: [Strategy; 3] = [Strategy::Exhaustive, Strategy::Random, Strategy::Portfolio];

    fn found(strategy: Strategy, body: fn()) -> Record {
        let options = Options { strategy, store: false, ..Options::default() };
        let outcome = Session::new(options, Environment::default(), Arc::new(body)).run();
        outcome.records.into_iter().next().expect("a finding")
    }

    fn steps(trace: &Trace) -> Vec<(u32, OpKind)> {
        trace.events.iter().map(|event| (event.task.0, event.op)).collect()
    }

    /// Each task takes one lock; then the second, which the other holds, is asked for. The one that was interrupted between
    /// its two goes on there where nothing is wrong, and takes both.
    #[test]
    fn opposite_locks_part_at_the_switch_between_them() {
        for strategy in STRATEGIES {
            let record = found(strategy, || {
                let (a, b) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(0)));
                let (of_other, to_other) = (a.clone(), b.clone());
                let other = thread::spawn(move || {
                    let _b = to_other.lock().unwrap();
                    let _a = of_other.lock().unwrap();
                });
                {
                    let _a = a.lock().unwrap();
                    let _b = b.lock().unwrap();
                }
                other.join().unwrap();
            });
            let (failing, passing) = (steps(&record.trace), record.passing.as_ref().map(steps));
            let passing = passing.expect("one that passes");
            let switches: Vec<u32> = record.trace.forced_switches.iter().map(|at| at.0).collect();
            let [switch] = switches[..] else { panic!("one forced switch, but {switches:?}") };
            let common = failing.iter().zip(&passing).take_while(|(a, b)| a == b).count();
            assert_eq!(common, switch as usize, "{failing:?} {passing:?}");
            assert_eq!(passing[common].0, passing[common - 1].0, "goes on with the second lock");
            assert_eq!(passing[common].1, OpKind::Lock);
        }
    }

    /// The reader fails if it reads 1 and then 2: the writer runs first, is preempted between its stores, and preempts the
    /// reader between its loads. Without the last of these switches the reader goes on and reads 1 again. The first
    /// execution that passes is another one: the reader comes first and reads 0.
    #[test]
    fn of_three_switches_the_last_is_left_out() {
        for strategy in STRATEGIES {
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
            let reads = |trace: &Trace| -> Vec<u64> {
                trace
                    .events
                    .iter()
                    .filter(|event| event.op == OpKind::Load)
                    .map(|event| event.value)
                    .collect()
            };
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
