//! Steps of one task that belong to one call.

use super::api::{self, Api};
use crate::zero_change::symbols::{Call, Whose};
use gorace_analyzer::{EventIx, ObjIx, OpKind, Place, TaskEnd, Trace};
use std::rc::Rc;

/// One event of the program, made of one or more steps.
#[derive(Clone, Debug)]
pub struct Group {
    /// The first step.
    pub first: EventIx,
    /// The step by which it was complete.
    pub last: EventIx,
    pub op: OpKind,
    /// The machine's object that it is about.
    pub object: Option<ObjIx>,
    /// The machine's object of a wait's mutex.
    pub other: Option<ObjIx>,
    /// The user's call.
    pub site: Option<Call>,
    /// Steps taken in.
    pub steps: Vec<EventIx>,
}

/// For each stack its calls.
pub type Stacks = [Rc<[Call]>];

/// The calls of an event's stack.
pub fn calls_at(stacks: &Stacks, place: Place) -> &[Call] {
    match place {
        Place::Stack(at) => stacks.get(at).map_or(&[], |calls| calls),
        Place::Code(_) | Place::Unknown => &[],
    }
}

/// Where a reader should look: the user's innermost call, else a dependency's.
pub fn site(calls: &[Call]) -> Option<Call> {
    let of = |whose: Whose| calls.iter().find(|call| call.whose == whose);
    of(Whose::User).or_else(|| of(Whose::Dependency)).cloned()
}

/// The groups of a trace, in the order of their first steps.
pub fn groups(trace: &Trace, stacks: &Stacks) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    // For each task the group that may go on.
    let mut open: Vec<Option<usize>> = vec![None; trace.tasks.len()];
    for (ix, event) in trace.indexed() {
        let calls = calls_at(stacks, event.place);
        if api::is_panic_count(calls) {
            continue;
        }
        let blocked = is_blocked_at(trace, ix);
        let (op, keeps) = match event.op {
            OpKind::Spawn | OpKind::Exit | OpKind::Join | OpKind::Fire | OpKind::Sleep | OpKind::Panic => {
                (event.op, true)
            }
            OpKind::Read | OpKind::Write => (event.op, true),
            OpKind::Now | OpKind::Yield => (event.op, false),
            _ => match api::of(calls) {
                Api::Op(op) => (op, true),
                Api::Atomic => (event.op, true),
                Api::Inner if blocked => (event.op, true),
                Api::Inner => (event.op, false),
            },
        };
        let task = event.task.at();
        let site = site(calls);
        let machine = is_machine(event.op);
        if let Some(at) = open[task] {
            let group = &mut groups[at];
            let goes_on =
                machine && is_call(op) && group.op == op && is_same_call(group, calls, trace, stacks, ix);
            let relocks = op == OpKind::Wait && goes_on && relocks(group, trace, stacks, ix);
            if goes_on && !relocks {
                group.last = ix;
                group.steps.push(ix);
                take_in(group, trace, stacks, ix);
                continue;
            }
            if relocks {
                // After the wait the mutex is taken again, by the same call.
                let mutex = event.object;
                let lock = Group {
                    first: ix,
                    last: ix,
                    op: OpKind::Lock,
                    object: mutex,
                    other: None,
                    site,
                    steps: vec![ix],
                };
                open[task] = Some(groups.len());
                groups.push(lock);
                continue;
            }
            let is_relock =
                group.op == OpKind::Lock && op == OpKind::Wait && same(group.site.as_ref(), site.as_ref());
            if is_relock && machine && event.object == group.object {
                group.last = ix;
                group.steps.push(ix);
                continue;
            }
        }
        open[task] = None;
        if !keeps {
            continue;
        }
        let object = event.object;
        let mut group = Group { first: ix, last: ix, op, object, other: None, site, steps: vec![ix] };
        if machine && is_call(op) {
            take_in(&mut group, trace, stacks, ix);
            open[task] = Some(groups.len());
        }
        groups.push(group);
    }
    for group in &mut groups {
        settle(group, trace);
    }
    groups
}

/// Whether a step is the machine's, and so perhaps part of a call.
fn is_machine(op: OpKind) -> bool {
    use OpKind::{CasFail, Fence, FutexWait, FutexWake, Load, Rmw, Store};
    matches!(op, Load | Store | Rmw | CasFail | Fence | FutexWait | FutexWake)
}

/// Whether an operation is a call's, and not the machine's.
fn is_call(op: OpKind) -> bool {
    !is_machine(op)
}

fn same(a: Option<&Call>, b: Option<&Call>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (&a.file, a.line, a.column) == (&b.file, b.line, b.column),
        _ => false,
    }
}

/// Whether a step is of the call that a group is: from the same line, reached in the same way, about the same lock.
fn is_same_call(group: &Group, calls: &[Call], trace: &Trace, stacks: &Stacks, ix: EventIx) -> bool {
    let before = calls_at(stacks, trace.event(group.last).place);
    let locks = api::inner_mutex(calls).is_some() && api::inner_mutex(before).is_some();
    let is_other_lock = locks
        && matches!(group.op, OpKind::Lock | OpKind::TryLock | OpKind::Unlock)
        && trace.event(ix).object != trace.event(group.last).object;
    same(site(before).as_ref(), site(calls).as_ref()) && callers(before) == callers(calls) && !is_other_lock
}

/// The calls that led to a stack's site.
fn callers(calls: &[Call]) -> &[Call] {
    let at = site(calls).and_then(|site| calls.iter().position(|call| *call == site));
    at.map_or(&[], |at| &calls[at + 1..])
}

fn is_blocked_at(trace: &Trace, ix: EventIx) -> bool {
    let task = trace.event(ix).task;
    matches!(&trace.task(task).end, TaskEnd::Blocked(waiting) if waiting.event() == ix)
}

/// Whether a step of a wait takes its mutex again.
fn relocks(group: &Group, trace: &Trace, stacks: &Stacks, ix: EventIx) -> bool {
    let waited = group.steps.iter().any(|step| trace.event(*step).op == OpKind::FutexWait);
    let calls = calls_at(stacks, trace.event(ix).place);
    waited && matches!(api::inner_mutex(calls), Some("lock" | "lock_contended" | "spin" | "try_lock"))
}

/// Notes what a step says of its group's objects.
fn take_in(group: &mut Group, trace: &Trace, stacks: &Stacks, ix: EventIx) {
    if group.op != OpKind::Wait {
        return;
    }
    let event = trace.event(ix);
    if api::inner_mutex(calls_at(stacks, event.place)).is_some() {
        group.other = group.other.or(event.object);
        if group.object == group.other {
            group.object = None;
        }
    } else {
        group.object = group.object.or(event.object);
    }
}

/// Tells attempts that failed from others.
fn settle(group: &mut Group, trace: &Trace) {
    let took = group.steps.iter().any(|step| trace.event(*step).op == OpKind::Rmw);
    group.op = match group.op {
        OpKind::TryLock if !took => OpKind::TryLockFail,
        OpKind::TryReadLock if !took => OpKind::TryReadLockFail,
        OpKind::TryWriteLock if !took => OpKind::TryWriteLockFail,
        op => op,
    };
}
