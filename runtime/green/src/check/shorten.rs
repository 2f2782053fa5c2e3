//! Shortening a failing schedule: fewer forced switches, then fewer switches, then fewer steps.
//!
//! Delta debugging (Zeller, Hildebrandt, TSE 2002) over the schedule's deviations from the default rule:
//! halves are dropped, then quarters, down to single ones, as long as the same finding shows. The result is
//! short, not proven to be the shortest.

use crate::check::confirm::{self, Run};
use crate::check::key::Key;
use crate::check::session::Session;
use gorace_engine::{Schedule, Selection};

/// Executions spent on one finding at the most.
const MAX_RUNS: u32 = 300;

/// A schedule as short as could be found that still shows the finding.
pub(crate) fn shorten(session: &mut Session, wanted: Key, schedule: &Schedule) -> Schedule {
    let mut best = schedule.clone();
    let mut best_cost = None;
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
            let run = confirm::run(session, Selection::FollowLoosely(candidate), false);
            let shorter = run.schedule.deviations.len() < best.deviations.len();
            let cost = cost(&run);
            if shorter && best_cost.is_none_or(|best| cost <= best) && run.find(session, wanted).is_some() {
                best = run.schedule;
                best_cost = Some(cost);
                improved = true;
            } else {
                from += chunk;
            }
        }
        chunk = if improved && chunk == 1 { 1 } else { chunk / 2 };
        chunk = chunk.min(best.deviations.len());
    }
    best
}

/// Forced switches, switches, steps.
fn cost(run: &Run) -> (usize, usize, usize) {
    let events = &run.trace.events;
    let switches = events.windows(2).filter(|pair| pair[0].task != pair[1].task).count();
    (run.trace.forced_switches.len(), switches, events.len())
}
