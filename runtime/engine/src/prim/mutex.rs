//! Mutexes: granted in the order of arrival, never reentrant.

mod at_once;

use crate::AccessKind;
use crate::execution::{Execution, push};
use crate::op::Reply;
use crate::prim::State;
use crate::task::State as TaskState;
use gorace_analyzer_core::misuse::UNLOCK_OF_UNLOCKED;
use gorace_analyzer_core::{Edge, EdgeKind, Event, EventIx, ObjIx, OpKind, TaskIx};
use std::collections::VecDeque;

/// In few words: each is a store at each lock or unlock.
#[derive(Debug)]
pub(crate) struct Mutex {
    /// `task:32 event:32`: who holds it, and the event that took it; [`NOBODY`] if nobody does.
    holder: u64,
    queue: VecDeque<(TaskIx, EventIx)>,
    /// The number of events up to the last release, itself included; 0 before there is one.
    unlocked: u32,
}

const NOBODY: u64 = u64::MAX;

impl Mutex {
    #[inline(always)]
    fn owner(&self) -> Option<(TaskIx, EventIx)> {
        let (owner, taken) = (TaskIx((self.holder >> 32) as u32), EventIx(self.holder as u32));
        (self.holder != NOBODY).then_some((owner, taken))
    }

    #[inline(always)]
    fn set_owner(&mut self, owner: Option<(TaskIx, EventIx)>) {
        self.holder = owner.map_or(NOBODY, |(owner, taken)| u64::from(owner.0) << 32 | u64::from(taken.0));
    }

    /// The last release, which comes before whoever locks next.
    #[inline(always)]
    fn unlocked(&self) -> Option<EventIx> {
        self.unlocked.checked_sub(1).map(EventIx)
    }

    #[inline(always)]
    fn set_unlocked(&mut self, event: EventIx) {
        self.unlocked = event.0 + 1;
    }
}

impl State for Mutex {
    fn new(_initial: u64) -> Self {
        Mutex { holder: NOBODY, queue: VecDeque::new(), unlocked: 0 }
    }

    fn renew(&mut self, _initial: u64) {
        let Mutex { holder, queue, unlocked } = self;
        (*holder, *unlocked) = (NOBODY, 0);
        queue.clear();
    }

    fn holders(&self) -> Vec<(TaskIx, EventIx)> {
        Vec::from_iter(self.owner())
    }
}

impl Execution {
    /// Whether `task` holds `mutex`.
    #[inline]
    pub(crate) fn holds(&self, task: TaskIx, mutex: ObjIx) -> bool {
        self.mutex_state(mutex).owner().is_some_and(|(owner, _)| owner == task)
    }

    pub(crate) fn is_free(&self, mutex: ObjIx) -> bool {
        self.mutex_state(mutex).owner().is_none()
    }

    /// Anybody may unlock, as in Go; what that gives then depends on who locked meanwhile.
    pub(crate) fn unlock_kind(&self, task: TaskIx, mutex: ObjIx) -> AccessKind {
        if self.holds(task, mutex) { AccessKind::Unlock } else { AccessKind::ForeignUnlock }
    }

    #[inline(always)]
    pub(crate) fn lock(&mut self, task: TaskIx, mutex: ObjIx) -> TaskState {
        let Execution { tasks, objects, trace, .. } = self;
        let slot = &mut *tasks[task.at()];
        let state = objects[mutex.at()].state.mutex();
        let event = Event { object: Some(mutex), ..Event::new(task, OpKind::Lock, slot.place) };
        // To look costs less than to write.
        if self.idle_rounds > 0 {
            self.idle_rounds = 0;
        }
        if state.owner().is_some() {
            let event = push(trace, event);
            state.queue.push_back((task, event));
            slot.wait_now(event);
            return TaskState::Blocked;
        }
        // Said in the event, and made an edge of if anybody looks: see `Execution::settle_edges`.
        let seen = if self.record { 0 } else { u64::from(state.unlocked) };
        let event = push(trace, Event { seen, ..event });
        state.set_owner(Some((task, event)));
        slot.last_locked = Some(mutex);
        slot.complete_unasked();
        if self.record
            && let Some(unlocked) = state.unlocked()
        {
            self.edge(unlocked, event, task, EdgeKind::Unlock);
        }
        TaskState::Local
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

    #[inline(always)]
    pub(crate) fn unlock(&mut self, task: TaskIx, mutex: ObjIx) -> TaskState {
        let Execution { tasks, objects, trace, local, .. } = self;
        let slot = &mut *tasks[task.at()];
        let event = Event { object: Some(mutex), ..Event::new(task, OpKind::Unlock, slot.place) };
        let event = push(trace, event);
        self.idle_rounds = 0;
        let state = objects[mutex.at()].state.mutex();
        if state.owner().is_none_or(|(owner, _)| owner != task) {
            self.unlock_of_others(task, mutex, event);
            return TaskState::Local;
        }
        state.set_unlocked(event);
        if slot.last_locked == Some(mutex) {
            slot.last_locked = None;
        }
        slot.does_not_spin();
        slot.complete_now(Reply::Unit);
        let next = state.queue.pop_front();
        state.set_owner(next);
        if let Some((next, arrived)) = next {
            let waiter = &mut *tasks[next.at()];
            waiter.last_locked = Some(mutex);
            waiter.wake(Reply::Unit);
            local.push(next);
            let at = trace.events.len() as u32;
            trace.edges.push(Edge { from: event, to: arrived, task: next, at, kind: EdgeKind::Unlock });
        }
        if self.yielded > 0 {
            self.let_look_again(mutex);
        }
        TaskState::Local
    }

    /// As [`Execution::unlock`], by whoever does not hold it.
    #[cold]
    fn unlock_of_others(&mut self, task: TaskIx, mutex: ObjIx, event: EventIx) {
        if self.is_free(mutex) {
            return self.complete(task, Reply::Misuse(UNLOCK_OF_UNLOCKED));
        }
        self.release(task, mutex, event);
        self.complete(task, Reply::Unit);
    }

    /// Frees `mutex` by `event` of `task` and lets the first in the queue in.
    pub(crate) fn release(&mut self, task: TaskIx, mutex: ObjIx, event: EventIx) {
        let state = self.objects[mutex.at()].state.mutex();
        let owner = state.owner().map(|(owner, _)| owner);
        state.set_owner(None);
        state.set_unlocked(event);
        let next = state.queue.pop_front();
        // What the owner did is not before the next one's if it was another task's.
        self.unguarded |= owner != Some(task);
        let owner = &mut self.tasks[owner.unwrap_or(task).at()];
        if owner.last_locked == Some(mutex) {
            owner.last_locked = None;
        }
        if let Some((next, arrived)) = next {
            self.grant(next, mutex, arrived);
            self.complete(next, Reply::Unit);
        }
        self.written(task, mutex);
    }

    #[inline]
    fn grant(&mut self, task: TaskIx, mutex: ObjIx, event: EventIx) {
        let state = self.mutex(mutex);
        state.set_owner(Some((task, event)));
        let unlocked = state.unlocked();
        self.tasks[task.at()].last_locked = Some(mutex);
        if let Some(unlocked) = unlocked {
            self.edge(unlocked, event, task, EdgeKind::Unlock);
        }
    }
}
