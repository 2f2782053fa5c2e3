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

    /// Records that nobody can be given `task`'s panic, whoever joins it.
    pub fn note_fatal(&mut self, task: TaskIx) {
        self.tasks[task.at()].is_fatal = true;
    }

    /// Records that somebody was given `task`'s panic.
    pub fn take_panic(&mut self, task: TaskIx) {
        if self.tasks[task.at()].is_fatal {
            return;
        }
        if let Some(TaskEnd::Panicked { taken, .. }) = &mut self.tasks[task.at()].end {
            *taken = true;
        }
    }

    /// Records that `owner` panics with `message` in the place of `task`, whose panic nobody was given: it is taken if
    /// `owner`'s is.
    pub fn pass_panic(&mut self, task: TaskIx, owner: TaskIx, message: &str) {
        let slot = &mut *self.tasks[task.at()];
        if matches!(slot.end, Some(TaskEnd::Panicked { taken: false, .. })) && !slot.is_fatal {
            slot.passed_to = Some((owner, message.to_owned()));
        }
    }

    /// Whether `task` ended by a panic that nobody has taken, himself or those that it was passed to.
    fn is_untaken(&self, task: TaskIx) -> bool {
        let slot = &self.tasks[task.at()];
        if !matches!(slot.end, Some(TaskEnd::Panicked { taken: false, .. })) {
            return false;
        }
        // Who starts a scope is there before its tasks, so that this ends.
        let Some((owner, passed)) = slot.passed_to.as_ref().filter(|(owner, _)| *owner < task) else {
            return true;
        };
        let is_it = |end: &TaskEnd| matches!(end, TaskEnd::Panicked { message, .. } if message == passed);
        self.tasks[owner.at()].end.as_ref().is_some_and(is_it) && self.is_untaken(*owner)
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
