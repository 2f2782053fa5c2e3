//! The passing execution nearest to a failing one, to be shown beside it.
//!
//! As the library door has it: the failing schedule is left at its last deviation, else at the one before, and so on, and
//! goes on by the default rule. What passes first has the longest beginning in common with it.

use super::session::Session;
use crate::error::Outcome;
use gorace_analyzer::Trace;
use gorace_engine::Schedule;
use gorace_engine::explore::left_earlier;
use gorace_inject::wire::How;

/// See the module; `None` if none of them passes.
///
/// # Errors
/// If the program is gone.
pub fn passing(session: &mut Session, schedule: Schedule) -> Outcome<Option<Trace>> {
    for schedule in left_earlier(schedule) {
        if let Some(raw) = session.run(0, How::FollowLoosely(schedule), false)? {
            let (trace, findings) = session.findings(&raw);
            if findings.is_empty() {
                return Ok(Some(trace));
            }
        }
    }
    Ok(None)
}
