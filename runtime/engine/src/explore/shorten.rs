//! Shortening a failing schedule: fewer forced switches, then fewer switches, then fewer other choices, then fewer steps.
//!
//! Delta debugging (Zeller, Hildebrandt, TSE 2002) over the schedule's deviations from the default rule:
//! halves are dropped, then quarters, down to single ones, as long as the same finding shows and the execution gets better.
//! To drop a switch is to let the running task go on. The result is short, not proven to be the shortest. Running the
//! candidates is the caller's.

use crate::plan::{Deviation, Schedule};
use gorace_analyzer_core::Trace;

/// Executions spent on one finding at the most.
const MAX_RUNS: u32 = 300;

/// Forced switches, switches, other choices, steps; and then what a token holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cost([usize; 5]);

impl Cost {
    /// What the execution of `schedule` that left `trace` costs a reader.
    pub fn of(trace: &Trace, schedule: &Schedule) -> Self {
        let switches = trace.events.windows(2).filter(|pair| pair[0].task != pair[1].task).count();
        let is_choice = |deviation: &&Deviation| matches!(deviation, Deviation::Choice { .. });
        let choices = schedule.deviations.iter().filter(is_choice).count();
        let deviations = schedule.deviations.len();
        Cost([trace.forced_switches.len(), switches, choices, trace.events.len(), deviations])
    }
}

/// The schedule left at its last deviation, at the one before, and so on, and then by the default rule: what passes first
/// of these has the longest beginning in common with it.
///
/// ```
/// use gorace_engine::Token;
/// use gorace_engine::explore::left_earlier;
/// let default_rule = Token::parse("v1.").unwrap().schedule;
/// assert_eq!(left_earlier(default_rule).count(), 0, "nothing can be left earlier");
/// ```
pub fn left_earlier(mut schedule: Schedule) -> impl Iterator<Item = Schedule> {
    /// As far as it is worth an execution each.
    const MOST: usize = 20;
    let one_less = move || {
        schedule.deviations.pop()?;
        schedule.marks.truncate(schedule.deviations.len());
        Some(schedule.clone())
    };
    std::iter::from_fn(one_less).take(MOST)
}

/// A schedule as short as could be found that still shows the finding, from one that was run and had this cost.
///
/// `attempt` follows a candidate loosely, and gives the schedule that came of it with its cost if that is below the one
/// given and the finding shows.
pub fn shorten(
    schedule: Schedule,
    cost: Cost,
    mut attempt: impl FnMut(Schedule, Cost) -> Option<(Schedule, Cost)>,
) -> Schedule {
    let (mut best, mut best_cost) = (schedule, cost);
    let mut runs = 0;
    let mut chunk = best.deviations.len();
    while chunk > 0 && runs < MAX_RUNS {
        let mut from = 0;
        let mut improved = false;
        while from < best.deviations.len() && runs < MAX_RUNS {
            let mut candidate = best.clone();
            let to = (from + chunk).min(candidate.deviations.len());
            candidate.deviations.drain(from..to);
            runs += 1;
            match attempt(candidate, best_cost) {
                Some(found) => {
                    (best, best_cost) = found;
                    improved = true;
                }
                None => from += chunk,
            }
        }
        chunk = if improved && chunk == 1 { 1 } else { chunk / 2 };
        chunk = chunk.min(best.deviations.len());
    }
    best
}

#[cfg(test)]
mod tests {
    use super::{Cost, shorten};
    use crate::plan::{Deviation, Schedule};
    use gorace_analyzer_core::{OpKind, TaskPath};

    fn schedule(counts: &[u32]) -> Schedule {
        let (task, to) = (TaskPath::main(), TaskPath::main().child(1));
        let switch = |count: &u32| Deviation::Switch {
            task: task.clone(),
            count: *count,
            to: to.clone(),
            op: OpKind::Lock,
        };
        Schedule { deviations: counts.iter().map(switch).collect(), marks: Vec::new(), shape: None }
    }

    fn counts(schedule: &Schedule) -> Vec<u32> {
        let count = |deviation: &Deviation| match deviation {
            Deviation::Switch { count, .. } | Deviation::Choice { count, .. } => *count,
        };
        schedule.deviations.iter().map(count).collect()
    }

    /// Without the second the execution has more forced switches: shorter as a schedule, worse to read.
    #[test]
    fn what_is_worse_is_not_taken_for_being_shorter() {
        let cost = |schedule: &Schedule| {
            let forced = if counts(schedule).contains(&2) { 1 } else { 5 };
            Cost([forced, 0, 0, 0, schedule.deviations.len()])
        };
        let whole = schedule(&[1, 2, 3]);
        let shortest = shorten(whole.clone(), cost(&whole), |candidate, than| {
            let found = cost(&candidate);
            (found < than).then_some((candidate, found))
        });
        assert_eq!(counts(&shortest), [2]);
    }
}
