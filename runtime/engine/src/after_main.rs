//! What went on when main had returned: tasks that were only slow.

use crate::execution::Execution;
use crate::task::State;
use gorace_analyzer_core::{EventIx, OpKind, Place, TaskIx};

impl Execution {
    /// The tasks that had something to do when main returned, and came to their end all the same. Giving
    /// back what it holds is nothing to do: a task that main has heard the last of is about to end.
    pub fn outlived_main(&self) -> Vec<TaskIx> {
        let Some(returned) = self.tasks[0].exit else { return Vec::new() };
        let tasks = (1..self.tasks.len() as u32).map(TaskIx);
        tasks.filter(|task| self.outlived(*task, returned)).collect()
    }

    fn outlived(&self, task: TaskIx, returned: EventIx) -> bool {
        let slot = &self.tasks[task.at()];
        let was_there = slot.spawned.is_some_and(|(_, spawned)| spawned < returned);
        let ended_later = slot.exit.is_some_and(|exit| exit > returned);
        if !was_there || !ended_later || slot.detached || slot.end.is_some() || slot.state != State::Done {
            return false;
        }
        // With nothing but its end to show, its code was still to run for all that main knew.
        let after = &self.trace.events[returned.at()..];
        slot.count == 1 || after.iter().any(|event| event.task == task && !gives_back(event.op))
    }

    /// Whether main slept.
    pub fn main_slept(&self) -> bool {
        self.trace.events.iter().any(|event| event.task == TaskIx(0) && event.op == OpKind::Sleep)
    }

    /// Where `task` was started.
    pub fn spawn_place(&self, task: TaskIx) -> Place {
        let spawned = self.tasks[task.at()].spawned;
        spawned.map_or(Place::Unknown, |(_, event)| self.trace.events[event.at()].place)
    }
}

fn gives_back(op: OpKind) -> bool {
    matches!(
        op,
        OpKind::Exit | OpKind::Unlock | OpKind::ReadUnlock | OpKind::DropSender | OpKind::DropReceiver
    )
}
