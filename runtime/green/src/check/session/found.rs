//! What a check has found so far.

use super::Session;
use gorace_analyzer::{Code, Listed};
use gorace_engine::Schedule;

impl Session {
    /// What was found so far.
    pub fn found(&self) -> impl Iterator<Item = Code> {
        self.seen.iter().flat_map(|seen| &seen.confirmed).map(|confirmed| confirmed.finding.kind.code())
    }

    /// The schedules that show what was found so far.
    pub fn schedules(&self) -> Vec<Schedule> {
        let confirmed = self.seen.iter().flat_map(|seen| &seen.confirmed);
        confirmed
            .filter(|confirmed| confirmed.replayed.0 > 0)
            .map(|confirmed| confirmed.schedule.clone())
            .listed()
    }
}
