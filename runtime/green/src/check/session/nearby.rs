//! A replay in a program that was edited: if the schedule shows nothing, those near it are tried.
//!
//! Whether one of them is the schedule that was meant is seen by what it shows: any finding of an execution is true.

use super::Session;
use crate::check::observe::Observation;
use gorace_analyzer::FindingKind;
use gorace_analyzer::key::Key;
use gorace_engine::explore::Class;
use gorace_engine::{Plan, Schedule, Selection};

impl Session {
    /// Runs the schedules near the one that was replayed by `plan` until one shows something, and gives that; its
    /// execution is still to be torn down.
    pub(super) fn look_nearby(&mut self, plan: &Plan) -> Vec<(FindingKind, Key, Schedule)> {
        let Selection::Follow(schedule) = &plan.selection else { return Vec::new() };
        for nearby in schedule.nearby() {
            self.tear_down();
            self.cx.foreign = None;
            self.cx.special.set_backtraces(true);
            let ended = self.execute(&Plan { selection: Selection::Follow(nearby), ..plan.clone() });
            self.cx.special.set_backtraces(false);
            let (execution, detectors) = (&mut self.cx.exec, &mut self.detectors);
            let observation = Observation::of(execution, detectors, &self.options, ended);
            if observation.met.is_empty() {
                self.auxiliary += 1;
            } else {
                return self.take(observation, Class::Auxiliary);
            }
        }
        Vec::new()
    }
}
