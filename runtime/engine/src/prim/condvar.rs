//! Condition variables: a set of waiters, any of which a `notify_one` may wake.

use crate::execution::Execution;
use crate::op::Reply;
use crate::prim::State;
use gorace_analyzer::{EdgeKind, EventIx, ObjIx, OpKind, TaskIx, Waiting};

#[derive(Debug, Default)]
pub(crate) struct Condvar {
    waiters: Vec<(TaskIx, EventIx)>,
}

impl State for Condvar {
    fn new(_initial: u64) -> Self {
        Condvar::default()
    }
}

impl Execution {
    pub(crate) fn wait(&mut self, task: TaskIx, condvar: ObjIx, mutex: ObjIx) {
        let event = self.append(task, OpKind::Wait, |e| {
            (e.object, e.other) = (Some(condvar), Some(mutex));
        });
        // In the order of their identities, so that an alternative names the same waiter in equivalent traces.
        let waiters = &self.condvar_state(condvar).waiters;
        let place = waiters.partition_point(|(other, _)| self.task_path(*other) < self.task_path(task));
        self.condvar(condvar).waiters.insert(place, (task, event));
        self.block(task, Waiting::On { event });
        self.release(task, mutex, event);
    }

    pub(crate) fn notify_one(&mut self, task: TaskIx, condvar: ObjIx) {
        let waiting = self.condvar(condvar).waiters.len() as u32;
        let taken = if waiting > 1 { self.pick_alternative(task, waiting) } else { 0 };
        let event = self.append(task, OpKind::NotifyOne, |e| e.object = Some(condvar));
        if waiting > 0 {
            let waiter = self.condvar(condvar).waiters.remove(taken as usize);
            self.wake(waiter, event);
        }
        self.complete(task, Reply::Unit);
    }

    pub(crate) fn notify_all(&mut self, task: TaskIx, condvar: ObjIx) {
        let event = self.append(task, OpKind::NotifyAll, |e| e.object = Some(condvar));
        for waiter in std::mem::take(&mut self.condvar(condvar).waiters) {
            self.wake(waiter, event);
        }
        self.complete(task, Reply::Unit);
    }

    fn wake(&mut self, (waiter, arrived): (TaskIx, EventIx), event: EventIx) {
        self.edge(event, arrived, waiter, EdgeKind::Notify);
        self.complete(waiter, Reply::Unit);
    }
}
