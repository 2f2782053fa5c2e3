//! Mutexes: granted in the order of arrival, never reentrant.

use crate::AccessKind;
use crate::execution::Execution;
use crate::op::Reply;
use crate::prim::State;
use crate::task::Wait;
use gorace_analyzer_core::misuse::UNLOCK_OF_UNLOCKED;
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, OpKind, TaskIx};
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(crate) struct Mutex {
    /// Who holds it, and the event that took it.
    pub owner: Option<(TaskIx, EventIx)>,
    queue: VecDeque<(TaskIx, EventIx)>,
    unlocked: Option<EventIx>,
}

impl State for Mutex {
    fn new(_initial: u64) -> Self {
        Mutex::default()
    }

    fn holders(&self) -> &[(TaskIx, EventIx)] {
        self.owner.as_slice()
    }
}

impl Execution {
    /// Whether `task` holds `mutex`.
    #[inline]
    pub(crate) fn holds(&self, task: TaskIx, mutex: ObjIx) -> bool {
        self.mutex_state(mutex).owner.is_some_and(|(owner, _)| owner == task)
    }

    pub(crate) fn is_free(&self, mutex: ObjIx) -> bool {
        self.mutex_state(mutex).owner.is_none()
    }

    /// Anybody may unlock, as in Go; what that gives then depends on who locked meanwhile.
    pub(crate) fn unlock_kind(&self, task: TaskIx, mutex: ObjIx) -> AccessKind {
        if self.holds(task, mutex) { AccessKind::Unlock } else { AccessKind::ForeignUnlock }
    }

    pub(crate) fn lock(&mut self, task: TaskIx, mutex: ObjIx) {
        let event = self.append(task, OpKind::Lock, |e| e.object = Some(mutex));
        if self.is_free(mutex) {
            self.grant(task, mutex, event);
            self.complete(task, Reply::Unit);
        } else {
            self.mutex(mutex).queue.push_back((task, event));
            self.block(task, Wait::On, event);
        }
    }

    pub(crate) fn try_lock(&mut self, task: TaskIx, mutex: ObjIx) {
        let free = self.is_free(mutex);
        let op = if free { OpKind::TryLock } else { OpKind::TryLockFail };
        let event = self.append(task, op, |e| e.object = Some(mutex));
        if free {
            self.grant(task, mutex, event);
        } else {
            self.saw_again(task, mutex, 0);
        }
        self.complete(task, Reply::Flag(free));
    }

    pub(crate) fn unlock(&mut self, task: TaskIx, mutex: ObjIx) {
        let event = self.append(task, OpKind::Unlock, |e| e.object = Some(mutex));
        if self.is_free(mutex) {
            return self.complete(task, Reply::Misuse(UNLOCK_OF_UNLOCKED));
        }
        self.release(task, mutex, event);
        self.complete(task, Reply::Unit);
    }

    /// Frees `mutex` by `event` of `task` and lets the first in the queue in.
    pub(crate) fn release(&mut self, task: TaskIx, mutex: ObjIx, event: EventIx) {
        if !self.holds(task, mutex) {
            // What the owner did is not before the next one's then.
            self.unguarded = true;
        }
        let state = self.mutex(mutex);
        state.owner = None;
        state.unlocked = Some(event);
        if let Some((next, arrived)) = state.queue.pop_front() {
            self.grant(next, mutex, arrived);
            self.complete(next, Reply::Unit);
        }
        self.written(task, mutex);
    }

    fn grant(&mut self, task: TaskIx, mutex: ObjIx, event: EventIx) {
        let state = self.mutex(mutex);
        state.owner = Some((task, event));
        self.tasks[task.at()].last_locked = Some(mutex);
        let state = self.mutex(mutex);
        if let Some(unlocked) = state.unlocked {
            self.edge(unlocked, event, task, EdgeKind::Unlock);
        }
    }
}
