//! Shortening a failing schedule of a check, by the engine's search for a shorter one.

use crate::check::confirm;
use crate::check::session::Session;
use gorace_analyzer::key::Key;
use gorace_engine::explore::{Cost, shorten as shorten_by};
use gorace_engine::{Schedule, Selection};

/// A schedule as short as could be found that still shows the finding.
pub(crate) fn shorten(session: &mut Session, wanted: Key, schedule: &Schedule) -> Schedule {
    shorten_by(schedule, |candidate, is_better| {
        let run = confirm::run(session, Selection::FollowLoosely(candidate), false);
        let cost = Cost::of(&run.trace);
        let shows = is_better(&run.schedule, cost) && run.find(session, wanted).is_some();
        shows.then_some((run.schedule, cost))
    })
}
