//! Wait groups, as Go's `sync.WaitGroup`: a counter, and those who wait until it is zero.

use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::{Primitive, State};
use crate::task::Wait;
use gorace_analyzer_core::misuse::NEGATIVE_COUNTER;
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, OpKind, TaskIx};

/// An operation on a wait group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitGroupOp {
    /// Adds to the counter; below zero it is a misuse, and so is what is too much for it.
    Add {
        /// The wait group.
        group: ObjIx,
        /// How much; negative for `done`.
        delta: i64,
    },
    /// Waits until the counter is zero.
    Wait {
        /// The wait group.
        group: ObjIx,
    },
}

#[derive(Debug)]
pub(crate) struct WaitGroup {
    counter: i64,
    waiters: Vec<(TaskIx, EventIx)>,
    /// The last decrease by each task: what a wait comes after.
    dones: Vec<(TaskIx, EventIx)>,
}

impl State for WaitGroup {
    fn new(_initial: u64) -> Self {
        WaitGroup { counter: 0, waiters: Vec::new(), dones: Vec::new() }
    }
}

impl Primitive for WaitGroupOp {
    fn kind(self) -> OpKind {
        match self {
            WaitGroupOp::Add { delta, .. } if delta < 0 => OpKind::WgDone,
            WaitGroupOp::Add { .. } => OpKind::WgAdd,
            WaitGroupOp::Wait { .. } => OpKind::WgWait,
        }
    }

    fn footprint(self, execution: &Execution, _task: TaskIx) -> Footprint {
        use AccessKind as K;
        let (group, kind) = match self {
            WaitGroupOp::Wait { group } => (group, K::WgWait),
            WaitGroupOp::Add { group, delta } if delta < 0 => {
                match execution.wait_group_state(group).counter.wrapping_add(delta) {
                    ..0 => (group, K::WgOverdraw),
                    // With more than one at a time, two could be too many at any count.
                    _ if delta < -1 => {
                        let both = [K::WgLastDone, K::WgOverdraw];
                        return Footprint::of(&both.map(|kind| Access::new(group, kind)));
                    }
                    0 => (group, K::WgLastDone),
                    _ => (group, K::WgDone),
                }
            }
            // Too much for the counter: it matters who comes first.
            WaitGroupOp::Add { group, delta }
                if execution.wait_group_state(group).counter.checked_add(delta).is_none() =>
            {
                (group, K::WgOverdraw)
            }
            WaitGroupOp::Add { group, .. } => (group, K::WgAdd),
        };
        Footprint::one(Access::new(group, kind))
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        match self {
            WaitGroupOp::Add { group, delta } => execution.wait_group_add(task, group, delta),
            WaitGroupOp::Wait { group } => execution.wait_group_wait(task, group),
        }
    }
}

impl Execution {
    fn wait_group_add(&mut self, task: TaskIx, group: ObjIx, delta: i64) {
        let before = self.wait_group(group).counter;
        // What is too much for the counter wraps round, as Go's does, and so is negative.
        let counter = before.wrapping_add(delta);
        let op = if delta < 0 { OpKind::WgDone } else { OpKind::WgAdd };
        let event = self.append(task, op, |e| {
            (e.object, e.value, e.seen) = (Some(group), counter as u64, before as u64);
        });
        self.written(task, group);
        // Whether that is ordered with every wait is for the detectors to say.
        self.to_judge |= before == 0 && delta > 0 && self.tasks.len() > 1;
        if counter < 0 {
            return self.complete(task, Reply::Misuse(NEGATIVE_COUNTER));
        }
        let state = self.wait_group(group);
        state.counter = counter;
        if delta < 0 {
            state.dones.retain(|(other, _)| *other != task);
            state.dones.push((task, event));
        }
        if counter == 0 {
            for (waiter, waited) in std::mem::take(&mut self.wait_group(group).waiters) {
                self.wait_group_release(waiter, waited, group);
            }
        }
        self.complete(task, Reply::Value(counter as u64));
    }

    fn wait_group_wait(&mut self, task: TaskIx, group: ObjIx) {
        let event = self.append(task, OpKind::WgWait, |e| e.object = Some(group));
        self.block(task, Wait::On, event);
        if self.wait_group(group).counter == 0 {
            self.wait_group_release(task, event, group);
        } else {
            self.wait_group(group).waiters.push((task, event));
        }
    }

    fn wait_group_release(&mut self, waiter: TaskIx, waited: EventIx, group: ObjIx) {
        for (_, done) in self.wait_group(group).dones.clone() {
            self.edge(done, waited, waiter, EdgeKind::Done);
        }
        self.complete(waiter, Reply::Unit);
    }
}
