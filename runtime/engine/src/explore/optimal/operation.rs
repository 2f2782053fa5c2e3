//! A decision's operation, and how much of it could have been different in another state.

use super::happens_before::Decision;
use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::Footprint;
use crate::op::Op;
use gorace_analyzer_core::{Event, EventIx, ObjIx, ObjectKind, OpKind, TaskIx};
use std::num::NonZeroU16;

/// See the module.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its event.
    pub event: EventIx,
    /// Whose it is.
    pub task: TaskIx,
    /// Which of the decisions of its task, from 1 on.
    pub index: u32,
    /// What it touched.
    pub footprint: Footprint,
    /// What it is.
    pub(super) op: OpKind,
    /// Whether it is about a context: a deadline that has passed cancels at once.
    pub(super) of_context: bool,
    /// Whether it is a compare-exchange: it may fail.
    pub(super) compares: bool,
    /// What the counter was before it that it adds to or takes from, and how much that is, if it does. More than fits is as
    /// much as fits.
    pub(super) counted: Option<(u16, NonZeroU16)>,
    /// Names what its task's code had seen before: see [`Seen`](super::seen::Seen).
    pub seen: u64,
}

impl Operation {
    /// The operation of this decision, and its event.
    pub fn of(execution: &Execution, decision: Decision, event: EventIx) -> Self {
        let footprint = execution.footprints()[event.at()].clone();
        let of = execution.trace.event(event);
        let is_context = |object: ObjIx| execution.objects[object.at()].kind() == ObjectKind::Context;
        let of_context = of.object.is_some_and(is_context);
        let compares = matches!(execution.asked(decision), Op::CompareExchange { .. });
        let counts = matches!(of.op, OpKind::WgAdd | OpKind::WgDone);
        let by = (of.value as i64).wrapping_sub(of.seen as i64).unsigned_abs();
        let fit = |count: u64| count.try_into().unwrap_or(u16::MAX);
        let counted = NonZeroU16::new(fit(by)).filter(|_| counts).map(|by| (fit(of.seen), by));
        let Event { task, op, .. } = *of;
        Operation { event, task, index: 0, footprint, op, of_context, compares, counted, seen: 0 }
    }

    /// Whether it may touch other objects in another state, even if there are no selects.
    pub fn reaches_far(&self) -> bool {
        matches!(self.op, OpKind::Fire | OpKind::Cancel | OpKind::NewContext | OpKind::AfterFunc)
            || self.op == OpKind::Arm && self.of_context
    }

    /// Whether it touches the same in every state that its task's past leads to. `has_selects` says whether there
    /// are any: who completes one withdraws it from its other channels.
    pub fn is_fixed(&self, has_selects: bool) -> bool {
        use OpKind as K;
        match self.op {
            K::Spawn | K::Finish | K::Exit | K::Join | K::IsFinished | K::Yield | K::Choose | K::Fence => {
                true
            }
            K::Load | K::Store | K::Lock | K::IsPoisoned | K::ClearPoison => true,
            K::NotifyOne | K::NotifyAll | K::ReadLock | K::WriteLock | K::BarrierWait => true,
            K::OnceBegin | K::OnceEnd | K::OnceWait | K::OnceGet => true,
            K::WgWait | K::Park | K::Unpark => true,
            // What is too much in one state may not be so in another.
            K::WgAdd => !self.footprint.accesses().any(|access| access.kind == AccessKind::WgOverdraw),
            K::Await | K::Wake | K::NumGoroutine | K::ContextErr | K::StopAfterFunc => true,
            K::Sleep | K::Now | K::StopTimer | K::ResetTimer | K::FutexWait | K::FutexWake => true,
            K::Arm => !self.of_context,
            K::Rmw => !self.compares,
            K::Send | K::Recv | K::Close | K::Len | K::DropSender | K::DropReceiver => !has_selects,
            // Who releases what is his does so in all of these states.
            K::Unlock | K::ReadUnlock | K::Wait => {
                let is_foreign =
                    |kind| matches!(kind, AccessKind::ForeignUnlock | AccessKind::ForeignRwUnlock);
                !self.footprint.accesses().any(|access| is_foreign(access.kind))
            }
            _ => false,
        }
    }
}
