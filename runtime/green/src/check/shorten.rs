//! Shortening a failing schedule: fewer forced switches, then fewer switches, then fewer other choices, then fewer
//! steps.
//!
//! First what each task does is moved together ([`super::rearrange`]), then deviations are dropped
//! ([`gorace_engine::explore::shorten`]). The result is short; whether it is the shortest, see [`super::minimal`].

use crate::check::confirm::{self, Run};
use crate::check::minimal::Wanted;
use crate::check::rearrange::rearrange;
use crate::check::session::Session;
use gorace_engine::explore::{self, Cost};
use gorace_engine::{Schedule, Selection};

/// An execution as short as could be found that still shows the finding. The schedule must be one that was run.
pub(crate) fn shorten(session: &mut Session, wanted: &mut Wanted, schedule: Schedule) -> Run {
    let best = confirm::run(session, Selection::Follow(schedule), false);
    let mut best = rearrange(session, wanted, best);
    let (schedule, cost_so_far) = (best.schedule.clone(), cost(&best));
    explore::shorten(schedule, cost_so_far, |candidate, than| {
        let run = confirm::run(session, Selection::FollowLoosely(candidate), false);
        if cost(&run) >= than || wanted.find(session, &run.trace).is_none() {
            return None;
        }
        best = run;
        Some((best.schedule.clone(), cost(&best)))
    });
    best
}

/// What the execution costs a reader.
pub(crate) fn cost(run: &Run) -> Cost {
    Cost::of(&run.trace, &run.schedule)
}
