//! What the first execution lets expect of others: pairs of operations that may come in the other order, and where
//! that is likely to be a bug.
//!
//! A pair is a prediction if its operations are of different tasks, depend on each other, and nothing but that they
//! did come in this order orders them: no causal edge and no program order. Each site pair is predicted once or
//! twice, what commonly goes wrong first: a wait and its notification, a send and a close, an increase of a
//! wait group and its wait; a second lock; a write after a read. Predictions are no findings: a directed execution
//! tries each, and only what happens in it counts. (As RaceFuzzer, Sen, PLDI 2008, and DeadlockFuzzer, Joshi, Park, Sen,
//! Naik, PLDI 2009, but for any pair that a search would reverse.)
//!
//! A pair that is not in the first execution is not predicted; strategies look for those.

use crate::dependency::AccessKind;
use crate::execution::Execution;
use crate::plan::Hold;
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::clock::VectorClock;
use gorace_analyzer_core::{EdgeKind, ObjIx, Place, TaskIx};

/// Longer executions are not looked at whole.
const DECISIONS: usize = 2_000;

/// Pairs that are looked at, at the most.
const PAIRS: usize = 50_000;

/// Predictions at the most.
const PREDICTIONS: usize = 100;

/// One access of an operation to an object.
#[derive(Clone, Copy)]
struct Access {
    object: ObjIx,
    kind: AccessKind,
    /// The operation, as an index into the decisions.
    at: usize,
    /// Whether it changes what its task has read before.
    is_reread: bool,
}

/// An operation, as predictions need it.
struct Operation {
    task: TaskIx,
    place: Place,
    /// How many events its task had before it.
    count: u32,
    /// How many operations its task had, it included.
    index: u32,
    /// What happens before it by causal edges and program order, itself included.
    clock: VectorClock,
    /// Whether its task holds a lock when it comes to it.
    holds: bool,
}

struct Candidate {
    rank: u32,
    sites: (Place, Place),
    first: usize,
    second: usize,
}

/// The predictions from an execution that is over and has recorded its footprints, the likeliest first.
pub(crate) fn predict(execution: &Execution) -> Vec<Hold> {
    let operations = operations(execution);
    let accesses = accesses(execution, &operations);
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut pairs = 0;
    'pairs: for (i, second) in accesses.iter().enumerate() {
        for first in accesses[..i].iter().filter(|first| first.object == second.object) {
            pairs += 1;
            if pairs > PAIRS {
                break 'pairs;
            }
            let (a, b) = (&operations[first.at], &operations[second.at]);
            let is_ordered = a.task == b.task || b.clock.get(a.task) >= a.index;
            if is_ordered || !first.kind.depends_on(second.kind) {
                continue;
            }
            let rank = rank(first, second.kind, a.holds);
            let new = Candidate { rank, sites: (a.place, b.place), first: first.at, second: second.at };
            add(&mut candidates, new);
        }
    }
    candidates.truncate(PREDICTIONS);
    let path = |task: TaskIx| execution.tasks[task.at()].path.clone();
    let hold = |candidate: &Candidate| {
        let (held, awaited) = (&operations[candidate.first], &operations[candidate.second]);
        Hold {
            task: path(held.task),
            count: held.count,
            until: path(awaited.task),
            until_count: awaited.count,
        }
    };
    candidates.iter().map(hold).listed()
}

/// Keeps, of each pair of sites, the pair whose operations come first and the last one that begins elsewhere; sorted
/// by rank, and then as they come.
fn add(candidates: &mut Vec<Candidate>, new: Candidate) {
    let of_sites: Vec<usize> = (0..candidates.len()).filter(|at| candidates[*at].sites == new.sites).listed();
    match of_sites[..] {
        [] => {}
        [only] if candidates[only].first != new.first => {}
        [_, last] if candidates[last].first == new.first => {
            candidates.remove(last);
        }
        _ => return,
    }
    let at = candidates.partition_point(|other| other.rank <= new.rank);
    candidates.insert(at, new);
}

/// How likely it is that the other order is a bug; lower is likelier.
fn rank(access: &Access, second: AccessKind, holds: bool) -> u32 {
    use AccessKind as K;
    let first = access.kind;
    let is_either = |one: &[K], other: &[K]| {
        one.contains(&first) && other.contains(&second) || other.contains(&first) && one.contains(&second)
    };
    let waits = [K::Wait, K::WaitInLine, K::Park];
    let wakes = [K::NotifyOne, K::NotifyAll, K::Unpark];
    if is_either(&waits, &wakes)
        || is_either(&[K::Send, K::TrySend, K::Poll, K::Close], &[K::Close, K::DropReceiver])
        || is_either(&[K::WgAdd], &[K::WgWait, K::WgDone])
    {
        return 0;
    }
    match first {
        K::Lock | K::ReadLock | K::WriteLock if holds => 1,
        K::Write | K::Update if access.is_reread => 2,
        _ => 3,
    }
}

fn operations(execution: &Execution) -> Vec<Operation> {
    let trace = &execution.trace;
    let tasks = execution.tasks.len();
    let mut operations: Vec<Operation> = Vec::new();
    let (mut known, mut counts, mut holds) =
        (vec![VectorClock::default(); tasks], vec![0; tasks], vec![0_u32; tasks]);
    // The last operation of each task, and the one that each event belongs to.
    let mut last = vec![None; tasks];
    let mut led: Vec<Option<usize>> = Vec::new();
    let mut edges = trace.edges.iter().filter(|edge| edge.kind != EdgeKind::ReadsFrom).peekable();
    for event in execution.decisions().iter().take(DECISIONS) {
        for earlier in &trace.events[led.len()..event.at()] {
            counts[earlier.task.at()] += 1;
            led.push(last[earlier.task.at()]);
        }
        while let Some(edge) = edges.next_if(|edge| edge.at <= event.0) {
            if let Some(Some(from)) = led.get(edge.from.at()) {
                known[edge.task.at()].join(&operations[*from].clock);
            }
            if edge.kind == EdgeKind::Barrier && !edge.gathers() {
                // What whoever opened it has just learned of the others.
                let opener = known[trace.events[edge.from.at()].task.at()].clone();
                known[edge.task.at()].join(&opener);
            }
        }
        let Some(this) = trace.events.get(event.at()) else { break };
        let task = this.task;
        let index = known[task.at()].get(task) + 1;
        known[task.at()].set(task, index);
        last[task.at()] = Some(operations.len());
        let (clock, holds_now) = (known[task.at()].clone(), holds[task.at()] > 0);
        operations.push(Operation {
            task,
            place: this.place,
            count: counts[task.at()],
            index,
            clock,
            holds: holds_now,
        });
        for access in execution.footprints()[event.at()].accesses() {
            let held = &mut holds[task.at()];
            *held = (*held + u32::from(takes_a_lock(access.kind)))
                .saturating_sub(u32::from(gives_a_lock(access.kind)));
        }
    }
    operations
}

fn takes_a_lock(kind: AccessKind) -> bool {
    use AccessKind as K;
    matches!(kind, K::Lock | K::TryLock | K::ReadLock | K::TryReadLock | K::WriteLock | K::TryWriteLock)
}

fn gives_a_lock(kind: AccessKind) -> bool {
    use AccessKind as K;
    matches!(kind, K::Unlock | K::ReadUnlock | K::WriteUnlock)
}

fn accesses(execution: &Execution, operations: &[Operation]) -> Vec<Access> {
    let mut accesses: Vec<Access> = Vec::new();
    for (at, (event, operation)) in execution.decisions().iter().zip(operations).enumerate() {
        let footprint = &execution.footprints()[event.at()];
        for access in footprint.accesses() {
            let (object, kind) = (access.object, access.kind);
            let changes = matches!(kind, AccessKind::Write | AccessKind::Update);
            let is_reread = changes
                && accesses.iter().any(|earlier| {
                    earlier.kind == AccessKind::Read
                        && earlier.object == object
                        && operations[earlier.at].task == operation.task
                });
            accesses.push(Access { object, kind, at, is_reread });
        }
    }
    accesses
}
