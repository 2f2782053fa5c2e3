//! Contexts, as Go's `context`: a tree whose nodes are cancelled with all that is below them, in one step.
//!
//! A node is the channel of its `done`; cancelling closes it.

use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::Primitive;
use gorace_analyzer_core::{EdgeKind, EventIx, ObjIx, OpKind, TaskIx};

/// Cancelled by a call.
pub(crate) const CANCELED: u64 = 1;
/// Cancelled by its deadline.
pub(crate) const DEADLINE: u64 = 2;

/// An operation on a context.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the fields are the operands")]
pub enum ContextOp {
    /// Makes `context` known, below `parent`: cancelled at once if that is.
    New { context: ObjIx, parent: Option<ObjIx> },
    /// Cancels; replies whether it was not cancelled before.
    Cancel { context: ObjIx },
    /// Replies with [`ContextOp::answer`]'s two halves: how it was cancelled, and by the cancelling of whom.
    Err { context: ObjIx },
    /// Starts `task` once `context` is cancelled.
    After { context: ObjIx, task: TaskIx },
    /// Does not start it after all; replies whether that was in time.
    StopAfter { context: ObjIx, task: TaskIx },
}

impl ContextOp {
    /// From the value that [`ContextOp::Err`] replies with: 0 not cancelled, 1 by a call, 2 by a deadline; and
    /// the context that was cancelled, at which the cause is to be found.
    pub fn answer(value: u64) -> (u64, ObjIx) {
        (value & 3, ObjIx::new((value >> 2) as u32))
    }
}

/// A node of the tree.
#[derive(Debug, Default)]
pub(crate) struct Node {
    children: Vec<ObjIx>,
    /// How, through which node, and by which event.
    canceled: Option<(u64, ObjIx, EventIx)>,
    after: Vec<TaskIx>,
}

/// The nodes, each at its channel's number.
#[derive(Debug, Default)]
pub(crate) struct Contexts(Vec<Node>);

impl Contexts {
    pub fn get(&self, context: ObjIx) -> Option<&Node> {
        self.0.get(context.at())
    }

    pub fn node(&mut self, context: ObjIx) -> &mut Node {
        if self.0.len() <= context.at() {
            self.0.resize_with(context.at() + 1, Node::default);
        }
        &mut self.0[context.at()]
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl Primitive for ContextOp {
    fn kind(self) -> OpKind {
        match self {
            ContextOp::New { .. } => OpKind::NewContext,
            ContextOp::Cancel { .. } => OpKind::Cancel,
            ContextOp::Err { .. } => OpKind::ContextErr,
            ContextOp::After { .. } => OpKind::AfterFunc,
            ContextOp::StopAfter { .. } => OpKind::StopAfterFunc,
        }
    }

    fn footprint(self, execution: &Execution, task: TaskIx) -> Footprint {
        use AccessKind as K;
        match self {
            ContextOp::New { parent: None, .. } => Footprint::NONE,
            ContextOp::After { context, .. } if execution.cancelled_by(context).is_some() => {
                Footprint::of(&[Access::new(context, K::ContextErr), Access::to_all_tasks(K::Spawn)])
            }
            ContextOp::New { parent: Some(context), .. }
            | ContextOp::Err { context }
            | ContextOp::After { context, .. } => Footprint::one(Access::new(context, K::ContextErr)),
            ContextOp::StopAfter { context, task: after } => {
                Footprint::of(&[Access::new(context, K::ContextErr), Access::to_task(after, K::SetTimer)])
            }
            ContextOp::Cancel { context } => {
                let mut accesses = Vec::new();
                execution.cancel_accesses(task, context, &mut accesses);
                Footprint::of_set(&accesses)
            }
        }
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        let kind = self.kind();
        match self {
            ContextOp::New { context, parent } => {
                let event = execution.append(task, kind, |e| (e.object, e.other) = (Some(context), parent));
                execution.contexts.node(context);
                if let Some(parent) = parent {
                    execution.contexts.node(parent).children.push(context);
                    if let Some((how, through, cancelled)) = execution.contexts.node(parent).canceled {
                        execution.edge(cancelled, event, task, EdgeKind::Close);
                        execution.cancel_below(task, context, event, how, through);
                    }
                }
                execution.complete(task, Reply::Unit);
            }
            ContextOp::Cancel { context } => {
                let event = execution.append(task, kind, |e| e.object = Some(context));
                let is_first = execution.contexts.node(context).canceled.is_none();
                execution.cancel_tree(task, context, event, CANCELED);
                execution.complete(task, Reply::Flag(is_first));
            }
            ContextOp::Err { context } => {
                let canceled = execution.contexts.node(context).canceled;
                let value = canceled.map_or(0, |(how, through, _)| how | u64::from(through.number()) << 2);
                let event =
                    execution.append(task, kind, |e| (e.object, e.value) = (Some(context), value & 3));
                if let Some((_, _, by)) = canceled {
                    execution.edge(by, event, task, EdgeKind::Close);
                }
                execution.saw_again(task, context, value);
                execution.complete(task, Reply::Value(value));
            }
            ContextOp::After { context, task: after } => {
                let event = execution.append(task, kind, |e| e.object = Some(context));
                execution.tasks[after.at()].spawned = Some((task, event));
                match execution.contexts.node(context).canceled {
                    None => execution.contexts.node(context).after.push(after),
                    Some((_, _, by)) => execution.start_after(after, by, event),
                }
                execution.complete(task, Reply::Unit);
            }
            ContextOp::StopAfter { context, task: after } => {
                execution.append(task, kind, |e| e.object = Some(context));
                let waiting = &mut execution.contexts.node(context).after;
                let before = waiting.len();
                waiting.retain(|other| *other != after);
                let prevented = waiting.len() < before;
                execution.complete(task, Reply::Flag(prevented));
            }
        }
    }
}

impl Execution {
    /// What cancelling `context` touches: each node that is not cancelled yet, and whoever waits for it.
    pub(crate) fn cancel_accesses(&self, task: TaskIx, context: ObjIx, accesses: &mut Vec<Access>) {
        let mut pending = vec![context];
        while let Some(context) = pending.pop() {
            accesses.extend(self.channel_footprint(task, context, AccessKind::Close).accesses());
            let Some(node) = self.contexts.get(context).filter(|node| node.canceled.is_none()) else {
                continue;
            };
            if !node.after.is_empty() {
                accesses.push(Access::to_all_tasks(AccessKind::Spawn));
            }
            pending.extend(node.children.iter().rev());
        }
    }

    /// Who cancelled `context`.
    pub(crate) fn cancelled_by(&self, context: ObjIx) -> Option<EventIx> {
        self.contexts.get(context)?.canceled.map(|(_, _, event)| event)
    }

    /// Cancels `context` and all below it, by `event` of `task`.
    pub(crate) fn cancel_tree(&mut self, task: TaskIx, context: ObjIx, event: EventIx, how: u64) {
        self.cancel_below(task, context, event, how, context);
    }

    /// A node before those below it, by a list and not by recursion: this runs on a task's stack, whatever the depth.
    fn cancel_below(&mut self, task: TaskIx, context: ObjIx, event: EventIx, how: u64, through: ObjIx) {
        let mut pending = vec![context];
        while let Some(context) = pending.pop() {
            let node = self.contexts.node(context);
            if node.canceled.is_some() {
                continue;
            }
            node.canceled = Some((how, through, event));
            pending.extend(node.children.iter().rev());
            let after = std::mem::take(&mut node.after);
            self.disarm(context);
            self.written(task, context);
            self.channel(context).closers.push(event);
            self.end_channel(context, event);
            self.settle(context);
            for after in after {
                let registered = self.tasks[after.at()].spawned.map_or(event, |(_, event)| event);
                self.start_after(after, event, registered);
            }
        }
    }

    /// `after` comes after the cancelling and after whoever registered it.
    fn start_after(&mut self, after: TaskIx, cancelled: EventIx, registered: EventIx) {
        for from in [cancelled, registered] {
            self.edge(from, from, after, EdgeKind::Spawn);
        }
        self.start(after);
    }
}
