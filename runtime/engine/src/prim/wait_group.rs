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
    /// Negative from an overdraw on, until enough is added.
    counter: i64,
    /// Whether it has ever been negative.
    overdrawn: bool,
    waiters: Vec<(TaskIx, EventIx)>,
    /// The last decrease by each task, or increase of a negative counter: what a wait comes after.
    dones: Vec<(TaskIx, EventIx)>,
}

impl State for WaitGroup {
    fn new(_initial: u64) -> Self {
        WaitGroup { counter: 0, overdrawn: false, waiters: Vec::new(), dones: Vec::new() }
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
            WaitGroupOp::Add { group, delta } => {
                let state = execution.wait_group_state(group);
                let after = state.counter.checked_add(delta).unwrap_or(-1);
                let both = |kinds: [K; 2]| Footprint::of(&kinds.map(|kind| Access::new(group, kind)));
                match (delta, after) {
                    // Once it has been too much, it matters who gets the counter back above zero.
                    (0.., _) if after < 0 || state.overdrawn => return both([K::WgAdd, K::WgOverdraw]),
                    (0.., _) => (group, K::WgAdd),
                    (_, ..0) => (group, K::WgOverdraw),
                    // With more than one at a time, two could be too many at any count.
                    (..=-2, _) => return both([K::WgLastDone, K::WgOverdraw]),
                    (_, 0) => (group, K::WgLastDone),
                    _ => (group, K::WgDone),
                }
            }
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
        let state = self.wait_group(group);
        state.counter = counter;
        state.overdrawn |= counter < 0;
        if delta < 0 || before < 0 {
            state.dones.retain(|(other, _)| *other != task);
            state.dones.push((task, event));
        }
        if counter < 0 {
            return self.complete(task, Reply::Misuse(NEGATIVE_COUNTER));
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
