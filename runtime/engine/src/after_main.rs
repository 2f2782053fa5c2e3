//! What may go on when main has returned: tasks that are only slow.
//!
//! Judged by happens-before, not by the order of one schedule: a task counts if nothing makes its end come
//! before main's, whichever of the two came first here.

use crate::execution::Execution;
use crate::task::{State, Task};
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::detect::main_goexit;
use gorace_analyzer_core::{EventIx, OpKind, Place, TaskIx};

impl Execution {
    /// The tasks that may have something to do when main returns, and came to their end all the same. Giving
    /// back what it holds is nothing to do: a task that main has heard the last of is about to end. None if main
    /// ended itself: it has not returned, and the others are meant to go on.
    pub fn outlived_main(&mut self) -> Vec<TaskIx> {
        let may_outlive = |task: &Task| !task.joined_by_main && !task.detached;
        let Some(returned) =
            self.tasks[0].exit.filter(|_| self.tasks[1..].iter().any(|task| may_outlive(task)))
        else {
            return Vec::new();
        };
        self.settle_edges();
        self.count_events();
        let known = self.known_to_main(returned);
        let tasks = (1..self.tasks.len() as u32).map(TaskIx);
        let outlived: Vec<TaskIx> = tasks.filter(|task| self.outlived(*task, &known)).listed();
        // `goexit` ends main and is no return: in Go the others then go on.
        let returned = outlived.is_empty() || main_goexit(&self.trace).is_none();
        if returned { outlived } else { Vec::new() }
    }

    fn outlived(&self, task: TaskIx, known: &[u32]) -> bool {
        let slot = &self.tasks[task.at()];
        let Some((parent, spawned)) = slot.spawned else { return false };
        // What a timer or a cancelling starts may start later as well.
        let was_there = spawned.0 < known[parent.at()] && self.trace.events[spawned.at()].op == OpKind::Spawn;
        let is_known = |event: EventIx| event.0 < known[task.at()];
        if !was_there || slot.detached || slot.end.is_some() || slot.state != State::Done {
            return false;
        }
        if slot.exit.is_none_or(is_known) || slot.finish.is_some_and(is_known) {
            return false;
        }
        // With nothing but its end to show, its code was still to run for all that main knew.
        let unknown = &self.trace.events[known[task.at()] as usize..];
        slot.count == 1 + u32::from(slot.finish.is_some())
            || unknown.iter().any(|event| event.task == task && !gives_back(event.op))
    }

    /// For each task, the number up to which its events happen before main's return.
    fn known_to_main(&self, returned: EventIx) -> Vec<u32> {
        let mut known = vec![0; self.tasks.len()];
        known[0] = returned.0 + 1;
        // The clock is no task of the program's: each timer carries what its starter knew, and no more.
        let mut fired: Vec<EventIx> = Vec::new();
        for edge in self.trace.edges.iter().rev() {
            let applies = match self.tasks[edge.task.at()].is_clock() {
                true => fired.contains(&edge.to),
                false if edge.gathers() => edge.at <= known[edge.task.at()],
                false => edge.at < known[edge.task.at()],
            };
            let from = self.trace.events[edge.from.at()];
            match from.op {
                _ if !applies => {}
                OpKind::Fire => fired.push(edge.from),
                _ => known[from.task.at()] = known[from.task.at()].max(edge.from.0 + 1),
            }
        }
        known
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
        OpKind::Finish
            | OpKind::Exit
            | OpKind::Unlock
            | OpKind::ReadUnlock
            | OpKind::DropSender
            | OpKind::DropReceiver
    )
}
