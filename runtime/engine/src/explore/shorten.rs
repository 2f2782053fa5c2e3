//! Shortening a failing schedule: fewer forced switches, then fewer switches, then fewer steps.
//!
//! Delta debugging (Zeller, Hildebrandt, TSE 2002) over the schedule's deviations from the default rule:
//! halves are dropped, then quarters, down to single ones, as long as the same finding shows. The result is
//! short, not proven to be the shortest. Running the candidates is the caller's.

use crate::plan::Schedule;
use gorace_analyzer_core::Trace;

/// Executions spent on one finding at the most.
const MAX_RUNS: u32 = 300;

/// Forced switches, switches, steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cost(usize, usize, usize);

impl Cost {
    /// What the execution costs a reader.
    pub fn of(trace: &Trace) -> Self {
        let switches = trace.events.windows(2).filter(|pair| pair[0].task != pair[1].task).count();
        Cost(trace.forced_switches.len(), switches, trace.events.len())
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

/// A schedule as short as could be found that still shows the finding.
///
/// `attempt` follows a candidate loosely and gives the schedule that came of it, its cost, and, if it is asked since both
/// are an improvement, whether the finding shows.
pub fn shorten(
    schedule: &Schedule,
    mut attempt: impl FnMut(Schedule, &dyn Fn(&Schedule, Cost) -> bool) -> Option<(Schedule, Cost)>,
) -> Schedule {
    let mut best = schedule.clone();
    let mut best_cost: Option<Cost> = None;
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
            let length = best.deviations.len();
            let is_better = |found: &Schedule, cost: Cost| {
                found.deviations.len() < length && best_cost.is_none_or(|best| cost <= best)
            };
            match attempt(candidate, &is_better) {
                Some((found, cost)) => {
                    (best, best_cost) = (found, Some(cost));
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
