//! Condition variables: a set of waiters, any of which a `notify_one` may wake.

use crate::execution::Execution;
use crate::op::Reply;
use crate::prim::State;
use crate::task::Wait;
use gorace_analyzer_core::misuse::UNLOCK_OF_UNLOCKED;
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, OpKind, TaskIx};

#[derive(Debug)]
pub(crate) struct Condvar {
    waiters: Vec<(TaskIx, EventIx)>,
    /// Whether whoever waits longest is woken first, as Go's `sync.Cond` promises; else any may be.
    pub fifo: bool,
}

impl State for Condvar {
    fn new(initial: u64) -> Self {
        Condvar { waiters: Vec::new(), fifo: initial != 0 }
    }

    fn renew(&mut self, initial: u64) {
        let Condvar { waiters, fifo } = self;
        waiters.clear();
        *fifo = initial != 0;
    }
}

impl Condvar {
    /// `waiter` waits no more.
    pub fn forget(&mut self, waiter: TaskIx) {
        self.waiters.retain(|(task, _)| *task != waiter);
    }
}

impl Execution {
    pub(crate) fn wait(&mut self, task: TaskIx, condvar: ObjIx, mutex: ObjIx) {
        // Go's conditions, which wake in line, have no spurious wake-ups.
        let spurious = !self.condvar_state(condvar).fifo && self.is_let_down(task, condvar, true);
        let event = self.append_inlined(task, OpKind::Wait, |e| {
            (e.object, e.other, e.value) = (Some(condvar), Some(mutex), u64::from(spurious));
        });
        if self.is_free(mutex) {
            return self.complete(task, Reply::Misuse(UNLOCK_OF_UNLOCKED));
        }
        if spurious {
            // Whoever wakes later, unnotified, does no more than to lock later.
            self.release(task, mutex, event);
            return self.complete(task, Reply::Unit);
        }
        // In the order of their identities, so that an alternative names the same waiter in equivalent traces.
        let Condvar { waiters, fifo } = self.condvar_state(condvar);
        let place = if *fifo {
            waiters.len()
        } else {
            waiters.partition_point(|(other, _)| self.task_path(*other) < self.task_path(task))
        };
        self.condvar(condvar).waiters.insert(place, (task, event));
        self.block(task, Wait::On, event);
        self.release(task, mutex, event);
    }

    pub(crate) fn notify_one(&mut self, task: TaskIx, condvar: ObjIx) {
        let waiting = self.condvar(condvar).waiters.len() as u32;
        let taken =
            if waiting > 1 && !self.condvar(condvar).fifo { self.pick_alternative(task, waiting) } else { 0 };
        let event = self.append_inlined(task, OpKind::NotifyOne, |e| e.object = Some(condvar));
        if waiting > 0 {
            let waiter = self.condvar(condvar).waiters.remove(taken as usize);
            self.wake(waiter, event);
        }
        self.complete(task, Reply::Unit);
    }

    pub(crate) fn notify_all(&mut self, task: TaskIx, condvar: ObjIx) {
        let event = self.append(task, OpKind::NotifyAll, |e| e.object = Some(condvar));
        let mut waiters = std::mem::take(&mut self.condvar(condvar).waiters);
        for waiter in waiters.drain(..) {
            self.wake(waiter, event);
        }
        self.condvar(condvar).waiters = waiters;
        self.complete(task, Reply::Unit);
    }

    fn wake(&mut self, (waiter, arrived): (TaskIx, EventIx), event: EventIx) {
        self.edge(event, arrived, waiter, EdgeKind::Notify);
        self.overtake_timer(waiter);
        self.complete(waiter, Reply::Unit);
    }
}
