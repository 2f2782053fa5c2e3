//! Locks and unlocks in straight lines, where plain random choices are all that is to be considered.
//!
//! They do what [`Execution::lock`] and [`Execution::unlock`] do, and nothing if there is more to it than that: somebody who
//! waits, a search that looks, no room for the event. They call nothing, so that nothing needs to be kept for a call.

use crate::execution::{Chosen, Execution, Instead};
use crate::op::Op;
use crate::prim::Object;
use crate::task::State as TaskState;
use gorace_analyzer_core::{Event, EventIx, ObjIx, OpKind, Place, TaskIx};

impl Execution {
    /// Keeps the random choice of `task`, and performs what it has come to if that is to lock a mutex which is free; whether
    /// it is. As [`Execution::lock`], in one straight line, where nothing but random choices is to be considered.
    #[inline(always)]
    pub(crate) fn locks_at_once(&mut self, task: TaskIx) -> bool {
        debug_assert!(!self.record && self.idle_rounds == 0 && self.clock.task.is_none(), "nothing else");
        let Execution { tasks, objects, trace, raw, ready, last, .. } = self;
        let slot = &mut *tasks[task.at()];
        let at = trace.events.len() as u32;
        let instead = Instead::Ready(ready.early());
        raw.push(Chosen { at, last: *last, to: task, op: slot.kind, instead });
        let Op::Lock { mutex } = slot.op else { return false };
        let state = objects[mutex.at()].state.mutex();
        if state.owner().is_some() {
            return false;
        }
        let Some(next) = trace.events.claim_room() else { return false };
        *last = task;
        let seen = u64::from(state.unlocked);
        state.set_owner(Some((task, EventIx(at))));
        slot.last_locked = Some(mutex);
        slot.complete_unasked();
        let event = Event { object: Some(mutex), ..Event::new(task, OpKind::Lock, slot.place) };
        *next = Event { seen, ..event };
        true
    }

    /// The running `task` comes to unlock `mutex` at `place`: does that at once, without a choice of who runs, if a choice
    /// would tell nothing; whether it did. There is no answer to it.
    ///
    /// That is so if the task has done nothing since it took the mutex but access plain memory, nobody but who holds it
    /// unlocks it, and nobody has come to an [`Op::TryLock`] or [`Op::ClearPoison`] in this execution. What others could do
    /// between the lock and the unlock, they could have done before the lock: a lock, which waits, comes to the same as one
    /// after the unlock, and nothing else bears on both. (A release moves to the left: Lipton, CACM 1975.) Who is to be
    /// between them with an attempt can have come to it before the lock, so that random choices still come to all traces.
    /// Whoever follows the schedule finds a decision here, and takes the default or the choice that is kept.
    pub fn unlock_at_once(&mut self, task: TaskIx, mutex: ObjIx, place: Place) -> bool {
        if !self.unlocks_without_choice(task, mutex) {
            return false;
        }
        if !self.unlock_in_line(task, mutex, place) {
            self.unlock_to_another(task, mutex, place);
        }
        true
    }

    /// As [`Execution::unlock_at_once`], if the task was chosen last, so that nobody waits for the mutex: in one straight
    /// line, without a call, so that nothing needs to be kept for one. Else nothing is done.
    #[inline(always)]
    pub fn unlock_in_line(&mut self, task: TaskIx, mutex: ObjIx, place: Place) -> bool {
        if !self.unlocks_without_choice(task, mutex) || self.last != task {
            return false;
        }
        let Execution { tasks, objects, trace, .. } = self;
        let event = EventIx(trace.events.len() as u32);
        let Some(slot) = tasks.get_mut(task.at()).map(|slot| &mut **slot) else { return false };
        let Some(Object::Mutex(state)) = objects.get_mut(mutex) else { return false };
        let Some(next) = trace.events.claim_room() else { return false };
        debug_assert!(state.owner().is_some_and(|(owner, _)| owner == task), "only who holds it unlocks it");
        debug_assert!(state.queue.is_empty(), "whoever waits has come to it since then");
        state.set_owner(None);
        state.set_unlocked(event);
        slot.does_not_spin();
        slot.last_locked = None;
        *next = Event { object: Some(mutex), ..Event::new(task, OpKind::Unlock, place) };
        true
    }

    /// Whether an unlock by the running `task` is no choice.
    #[inline(always)]
    fn unlocks_without_choice(&self, task: TaskIx, mutex: ObjIx) -> bool {
        let Some(slot) = self.tasks.get(task.at()) else { return false };
        if !matches!(slot.op, Op::Lock { mutex: locked } if locked == mutex)
            || slot.last_locked != Some(mutex)
        {
            return false;
        }
        if !self.plain.is_of_few(&self.trace) || self.looks_at_locks {
            return false;
        }
        // Else somebody has code to run first, who waited for memory within the lock and was let in with others.
        self.local.is_empty()
    }

    /// As [`Execution::unlock_at_once`], where that lets another task in, or is a choice to be kept.
    #[inline(never)]
    fn unlock_to_another(&mut self, task: TaskIx, mutex: ObjIx, place: Place) {
        if self.last != task {
            self.keep_choice(task, OpKind::Unlock);
            self.last = task;
        }
        let slot = &mut *self.tasks[task.at()];
        slot.come_to(Op::Unlock { mutex }, place);
        slot.state = TaskState::Performing;
        self.unlock(task, mutex);
    }
}
