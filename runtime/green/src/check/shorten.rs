//! Shortening a failing schedule: fewer forced switches, then fewer switches, then fewer other choices, then fewer
//! steps.
//!
//! First what each task does is moved together ([`super::rearrange`]). Then delta debugging (Zeller, Hildebrandt, TSE
//! 2002) over the schedule's deviations from the default rule: halves are dropped, then quarters, down to single ones,
//! as long as the same finding shows and the execution gets no worse. To drop a switch is to let the running task go
//! on. The result is short; whether it is the shortest, see [`super::minimal`].

use crate::check::confirm::{self, Run};
use crate::check::minimal::Wanted;
use crate::check::rearrange::rearrange;
use crate::check::session::Session;
use gorace_engine::{Deviation, Schedule, Selection};

/// Executions spent on dropping deviations at the most.
const MAX_RUNS: u32 = 300;

/// An execution as short as could be found that still shows the finding. The schedule must be one that was run.
pub(crate) fn shorten(session: &mut Session, wanted: &mut Wanted, schedule: Schedule) -> Run {
    let best = confirm::run(session, Selection::Follow(schedule), false);
    let mut best = rearrange(session, wanted, best);
    let mut runs = 0;
    let mut chunk = best.schedule.deviations.len();
    while chunk > 0 && runs < MAX_RUNS {
        let mut from = 0;
        let mut improved = false;
        while from < best.schedule.deviations.len() && runs < MAX_RUNS {
            let mut candidate = best.schedule.clone();
            let to = (from + chunk).min(candidate.deviations.len());
            candidate.deviations.drain(from..to);
            runs += 1;
            let run = confirm::run(session, Selection::FollowLoosely(candidate), false);
            if cost(&run) < cost(&best) && wanted.find(session, &run.trace).is_some() {
                best = run;
                improved = true;
            } else {
                from += chunk;
            }
        }
        chunk = if improved && chunk == 1 { 1 } else { chunk / 2 };
        chunk = chunk.min(best.schedule.deviations.len());
    }
    best
}

/// Forced switches, switches, other choices, steps; and then what a token holds.
pub(crate) fn cost(run: &Run) -> [usize; 5] {
    let events = &run.trace.events;
    let switches = events.windows(2).filter(|pair| pair[0].task != pair[1].task).count();
    let deviations = &run.schedule.deviations;
    let is_choice = |deviation: &&Deviation| matches!(deviation, Deviation::Choice { .. });
    let choices = deviations.iter().filter(is_choice).count();
    [run.trace.forced_switches.len(), switches, choices, events.len(), deviations.len()]
}
