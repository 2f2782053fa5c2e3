//! Barriers: whoever arrives waits until all have; the last one is the leader. Then it starts anew.

use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::{Primitive, State};
use crate::task::Wait;
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, OpKind, TaskIx};

/// Arrives at a barrier; replies whether the task is the leader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BarrierOp {
    /// The barrier.
    pub barrier: ObjIx,
}

#[derive(Debug)]
pub(crate) struct Barrier {
    size: usize,
    arrived: Vec<(TaskIx, EventIx)>,
}

impl State for Barrier {
    fn new(initial: u64) -> Self {
        Barrier { size: initial as usize, arrived: Vec::new() }
    }
}

impl Primitive for BarrierOp {
    fn kind(self) -> OpKind {
        OpKind::BarrierWait
    }

    fn footprint(self, _execution: &Execution, _task: TaskIx) -> Footprint {
        Footprint::one(Access::new(self.barrier, AccessKind::BarrierWait))
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        let event = execution.append(task, OpKind::BarrierWait, |e| e.object = Some(self.barrier));
        execution.block(task, Wait::On, event);
        let state = execution.barrier(self.barrier);
        state.arrived.push((task, event));
        if state.arrived.len() < state.size {
            return;
        }
        let arrived = std::mem::take(&mut state.arrived);
        let others = || arrived.iter().filter(|(user, _)| *user != task);
        // By way of the last one, who learns of all before the others learn of it: an edge for each pair would be millions.
        for (_, came) in others() {
            execution.edge(*came, event, task, EdgeKind::Barrier);
        }
        for (user, waited) in others() {
            execution.edge(event, *waited, *user, EdgeKind::Barrier);
        }
        for (user, _) in &arrived {
            execution.complete(*user, Reply::Flag(*user == task));
        }
    }
}
