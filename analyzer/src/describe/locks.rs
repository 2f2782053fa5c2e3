//! Which locks a task holds at an event, and whether to read only.

use crate::describe::Names;
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::OpKind;
use gorace_analyzer_core::Listed;

impl Names<'_> {
    /// The locks that the event's task holds there, oldest first, each with the event that took it.
    pub(crate) fn locks_held(&self, at: EventIx) -> Vec<(ObjIx, EventIx)> {
        let task = self.trace.event(at).task;
        let mut held: Vec<(ObjIx, EventIx)> = Vec::new();
        for (ix, event) in self.trace.indexed().take_while(|(ix, _)| *ix < at).filter(|(_, e)| e.task == task)
        {
            match (event.op, event.object, event.other) {
                (op, Some(lock), _) if op.takes_lock() => held.push((lock, ix)),
                // Who reads twice gives up twice. After a wait the mutex is taken by an event of its own.
                (OpKind::Unlock | OpKind::ReadUnlock, Some(lock), _) | (OpKind::Wait, _, Some(lock)) => {
                    if let Some(last) = held.iter().rposition(|(other, _)| *other == lock) {
                        held.remove(last);
                    }
                }
                _ => {}
            }
        }
        held
    }

    /// Whether `taken` took its lock to read, beside which others may read.
    pub(crate) fn is_to_read(&self, taken: EventIx) -> bool {
        matches!(self.trace.event(taken).op, OpKind::ReadLock | OpKind::TryReadLock)
    }

    /// `holding no lock`, ``holding `map` ``, ``holding `map` for reading``.
    pub(crate) fn holding(&self, at: EventIx) -> String {
        let words = |(lock, taken): &(ObjIx, EventIx)| {
            self.object(*lock) + if self.is_to_read(*taken) { " for reading" } else { "" }
        };
        let mut held: Vec<String> = self.locks_held(at).iter().map(words).listed();
        held.dedup();
        if held.is_empty() { "holding no lock".to_owned() } else { format!("holding {}", held.join(" and ")) }
    }

    /// The events that take or free `lock` around `at`, in the tasks that matter.
    pub(crate) fn lock_events(&self, lock: ObjIx, tasks: &[TaskIx]) -> Vec<EventIx> {
        let of_lock = |op: OpKind| op.takes_lock() || matches!(op, OpKind::Unlock | OpKind::ReadUnlock);
        self.trace
            .indexed()
            .filter(|(_, e)| e.object == Some(lock) && of_lock(e.op) && tasks.contains(&e.task))
            .map(|(ix, _)| ix)
            .listed()
    }

    /// One who has what the event waits for: the waiting task itself, if it is one of them.
    pub(crate) fn owner(&self, wait: EventIx) -> Option<TaskIx> {
        let event = self.trace.event(wait);
        let held = &self.trace.object(event.object?).held;
        let own = held.iter().find(|(owner, _)| *owner == event.task);
        own.or(held.first()).map(|(owner, _)| *owner)
    }

    /// Where `task` was spawned.
    pub(crate) fn spawn_of(&self, task: TaskIx) -> Option<EventIx> {
        self.trace.task(task).spawned.map(|(_, event)| event)
    }
}
