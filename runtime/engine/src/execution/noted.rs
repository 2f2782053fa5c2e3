//! What the driver tells of a task beside its operations: panics, poison, exits and stacks that were used up.

use super::Execution;
use crate::task::State;
use gorace_analyzer_core::{Event, Frame, OpKind, Place, TaskEnd, TaskIx};

impl Execution {
    /// Records that `task` panicked at `place`, before its `Op::Exit`.
    pub fn note_panic(
        &mut self,
        task: TaskIx,
        message: String,
        place: Option<Frame>,
        misuse: Option<&'static str>,
    ) {
        let place = match place {
            Some(frame) => self.stack(vec![frame]),
            None => Place::Unknown,
        };
        self.append(task, OpKind::Panic, |event| event.place = place);
        self.tasks[task.at()].end = Some(TaskEnd::Panicked { message, place, taken: false, misuse });
    }

    /// Records that `task` ends itself at `place`, before its `Op::Exit`.
    pub fn note_goexit(&mut self, task: TaskIx, place: Place) {
        self.append(task, OpKind::Goexit, |event| event.place = place);
        // Main's is fatal once nobody is left to run.
        self.to_judge |= task == TaskIx(0);
    }

    /// Records that the unlock which `task` has just done poisoned its lock.
    pub fn note_poison(&mut self, task: TaskIx) {
        let own = |event: &&mut Event| event.task == task && event.op == OpKind::Unlock;
        if let Some(unlock) = self.trace.events.iter_mut().rev().find(own) {
            unlock.value = 1;
        }
    }

    /// Records that somebody was given `task`'s panic.
    pub fn take_panic(&mut self, task: TaskIx) {
        if let Some(TaskEnd::Panicked { taken, .. }) = &mut self.tasks[task.at()].end {
            *taken = true;
        }
    }

    /// Records that `owner` panics because `task` did, whose panic nobody was given: it is taken if `owner`'s is.
    pub fn pass_panic(&mut self, task: TaskIx, owner: TaskIx) {
        let slot = &mut *self.tasks[task.at()];
        if matches!(slot.end, Some(TaskEnd::Panicked { taken: false, .. })) {
            slot.passed_to = Some(owner);
        }
    }

    /// Whether `task` ended by a panic that nobody has taken, himself or those that it was passed to.
    fn is_untaken(&self, task: TaskIx) -> bool {
        let slot = &self.tasks[task.at()];
        let is_own = matches!(slot.end, Some(TaskEnd::Panicked { taken: false, .. }));
        // Who starts a scope is there before its tasks, so that this ends.
        is_own && slot.passed_to.filter(|owner| *owner < task).is_none_or(|owner| self.is_untaken(owner))
    }

    /// Panics that were passed on to somebody who caught them, or whose own was taken, are taken as well.
    pub(crate) fn settle_panics(&mut self) {
        for task in (0..self.tasks.len() as u32).map(TaskIx) {
            if self.tasks[task.at()].passed_to.is_some() && !self.is_untaken(task) {
                self.take_panic(task);
            }
        }
    }

    /// Records that `task`'s stack overflowed: it is gone, without having exited.
    pub fn note_overflow(&mut self, task: TaskIx) {
        self.tasks[task.at()].end = Some(TaskEnd::Overflowed);
        self.tasks[task.at()].state = State::Done;
        self.leave_ready(task);
    }
}
