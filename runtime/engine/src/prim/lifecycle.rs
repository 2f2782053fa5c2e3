//! Spawn, exit, join, yield, the number of tasks, and explored inputs.

use crate::execution::{Execution, push};
use crate::footprint::ALL_TASKS;
use crate::op::Reply;
use crate::task::{State, Task, Waiters};
use gorace_analyzer_core::{EdgeKind, Event, EventIx, OpKind, TaskIx};

impl Execution {
    pub(crate) fn spawn(&mut self, task: TaskIx, child: TaskIx) {
        let event = self.append_inlined(task, OpKind::Spawn, |e| e.value = u64::from(child.0));
        self.tasks[child.at()].spawned = Some((task, event));
        self.edge(event, event, child, EdgeKind::Spawn);
        self.start(child);
        let slot = &mut *self.tasks[task.at()];
        slot.does_not_spin();
        slot.complete_now(Reply::Unit);
        if self.yielded > 0 {
            self.let_look_again(ALL_TASKS);
        }
    }

    pub(crate) fn exit(&mut self, task: TaskIx) {
        let Execution { tasks, trace, .. } = self;
        let slot = &mut *tasks[task.at()];
        let event = Event::new(task, OpKind::Exit, slot.place);
        let event = push(trace, event);
        (slot.state, slot.exit) = (State::Done, Some(event));
        slot.does_not_spin();
        self.idle_rounds = 0;
        let (has_joiners, is_awaited) = (!slot.joiners.is_empty(), !slot.awaited_by.is_empty());
        if self.yielded > 0 {
            self.let_look_again(ALL_TASKS);
        }
        if is_awaited {
            self.let_go_on(task, event, |task| &mut task.awaited_by);
        }
        if has_joiners {
            self.let_go_on(task, event, |task| &mut task.joiners);
        }
    }

    /// Those of this list of `task`'s who wait for this end of it go on.
    pub(super) fn let_go_on(&mut self, task: TaskIx, ended: EventIx, list: fn(&mut Task) -> &mut Waiters) {
        let mut waiting = std::mem::take(list(&mut self.tasks[task.at()]));
        for (waiter, arrived) in waiting.drain(..) {
            self.let_join(task, ended, waiter, arrived);
            self.complete(waiter, Reply::Unit);
        }
        // Nobody waits for it any more: what is allocated is for the next task.
        *list(&mut self.tasks[task.at()]) = waiting;
    }

    pub(crate) fn join(&mut self, task: TaskIx, target: TaskIx) {
        self.wait_for_end(task, target, self.tasks[target.at()].exit, |task| &mut task.joiners);
    }

    /// `task` waits for an end of `target`, if it has not come to that yet, in this list of its.
    #[inline(always)]
    pub(super) fn wait_for_end(
        &mut self,
        task: TaskIx,
        target: TaskIx,
        ended: Option<EventIx>,
        list: fn(&mut Task) -> &mut Waiters,
    ) {
        let event = self.append_inlined(task, OpKind::Join, |e| e.value = u64::from(target.0));
        if let Some(ended) = ended {
            self.let_join(target, ended, task, event);
            self.tasks[task.at()].complete_now(Reply::Unit);
        } else {
            list(&mut self.tasks[target.at()]).push((task, event));
            self.tasks[task.at()].wait_now(event);
        }
    }

    /// `joiner`'s join comes after this end of `task`.
    fn let_join(&mut self, task: TaskIx, ended: EventIx, joiner: TaskIx, join: EventIx) {
        self.tasks[task.at()].joined_by_main |= joiner == TaskIx(0);
        self.edge(ended, join, joiner, EdgeKind::Join);
    }

    pub(crate) fn is_finished(&mut self, task: TaskIx, target: TaskIx) {
        let finished = self.tasks[target.at()].finished();
        let event = self.append(task, OpKind::IsFinished, |e| e.value = u64::from(finished.is_some()));
        if let Some(finished) = finished {
            self.edge(finished, event, task, EdgeKind::Join);
        }
        self.complete(task, Reply::Flag(finished.is_some()));
    }

    pub(crate) fn count_tasks(&mut self, task: TaskIx) {
        let lives =
            |task: &Task| task.finished().is_none() && !matches!(task.state, State::Made) && !task.is_clock();
        let number = self.tasks.iter().filter(|task| lives(task)).count() as u64;
        self.append(task, OpKind::NumGoroutine, |e| e.value = number);
        self.saw_again(task, ALL_TASKS, number);
        self.complete(task, Reply::Value(number));
    }

    pub(crate) fn yield_now(&mut self, task: TaskIx) {
        self.append(task, OpKind::Yield, |_| {});
        self.step_back(task);
        self.complete(task, Reply::Unit);
    }

    pub(crate) fn choose(&mut self, task: TaskIx, n: u32) {
        let taken = self.pick_alternative(task, n);
        self.append(task, OpKind::Choose, |e| e.value = u64::from(taken));
        self.complete(task, Reply::Value(u64::from(taken)));
    }
}
