//! Words of memory: waiting as `futex(2)` has it, and what orders what, as C11 has it.

use crate::{Execution, Next, ObjectSpec, Op, Plan, Reply, Schedule, Selection, Settled, TimerOp, WordOp};
use gorace_analyzer_core::trace::Ended;
use gorace_analyzer_core::{EdgeKind, ObjIx, ObjectKind, OpKind, Order, Place, TaskEnd, TaskIx};

const MAIN: TaskIx = TaskIx(0);

fn begin() -> (Execution, ObjIx) {
    let selection = Selection::Follow(Schedule::default());
    let mut execution = Execution::default();
    execution.begin(&Plan { selection, max_steps: 100, idle_clock: true, spurious: false });
    let spec =
        ObjectSpec { kind: ObjectKind::Word, made: Place::Unknown, name: None, type_name: || "", initial: 0 };
    let word = execution.register(MAIN, spec);
    (execution, word)
}

/// Lets `task` perform `op`; whoever goes on then.
fn step(execution: &mut Execution, task: TaskIx, op: impl Into<Op>) -> Next {
    execution.arrive(task, op.into(), Place::Unknown);
    execution.next()
}

/// A child of main, which has been started and runs.
fn child(execution: &mut Execution) -> TaskIx {
    let child = execution.new_task(MAIN, None);
    assert_eq!(step(execution, MAIN, Op::Spawn { child }), Next::Resume(MAIN));
    child
}

#[test]
fn who_waits_goes_on_when_woken() {
    let (mut execution, word) = begin();
    let other = child(&mut execution);
    // Main looks, and waits: the child runs, wakes it, and goes on first.
    assert_eq!(step(&mut execution, MAIN, WordOp::Wait { word }), Next::Resume(other));
    assert_eq!(step(&mut execution, other, Op::Yield), Next::Resume(MAIN));
    execution.wait_on(MAIN, word, 1, None);
    assert!(execution.is_awaited(word));
    assert_eq!(execution.next(), Next::Resume(other));
    // With other bits nobody is meant.
    assert_eq!(step(&mut execution, other, WordOp::Wake { word, most: 1, bits: 2 }), Next::Resume(other));
    assert_eq!(execution.reply(other), Reply::Value(0));
    assert_eq!(step(&mut execution, other, WordOp::Wake { word, most: 9, bits: 3 }), Next::Resume(other));
    assert_eq!(execution.reply(other), Reply::Value(1));
    assert_eq!(step(&mut execution, other, Op::Exit), Next::Resume(MAIN));
    assert_eq!(execution.reply(MAIN), Reply::Flag(false));
    assert!(!execution.is_awaited(word));
}

#[test]
fn who_waits_for_so_long_goes_on_then() {
    let (mut execution, word) = begin();
    assert_eq!(step(&mut execution, MAIN, WordOp::Wait { word }), Next::Resume(MAIN));
    execution.wait_on(MAIN, word, 1, Some(5_000));
    assert_eq!(execution.next(), Next::Resume(MAIN));
    assert_eq!(execution.reply(MAIN), Reply::Flag(true));
    assert!(!execution.is_awaited(word));
    assert_eq!(step(&mut execution, MAIN, TimerOp::Now), Next::Resume(MAIN));
    assert_eq!(execution.reply(MAIN), Reply::Value(5_000));
}

#[test]
fn who_waits_for_nobody_is_blocked_at_the_end() {
    let (mut execution, word) = begin();
    assert_eq!(step(&mut execution, MAIN, WordOp::Wait { word }), Next::Resume(MAIN));
    execution.wait_on(MAIN, word, 1, None);
    assert_eq!(execution.next(), Next::End(Ended::Quiescent));
    assert!(matches!(execution.trace().tasks[0].end, TaskEnd::Blocked(_)));
}

#[test]
fn a_read_is_of_the_last_store_and_what_failed_is_no_store() {
    let (mut execution, word) = begin();
    let order = Order::SeqCst;
    let mut settled = |op: WordOp, settled: Settled| {
        assert_eq!(step(&mut execution, MAIN, op), Next::Resume(MAIN));
        execution.settle_word(MAIN, word, settled);
    };
    settled(WordOp::Load { word, order }, Settled::Read(0));
    settled(WordOp::Store { word, order }, Settled::Wrote(1));
    settled(WordOp::Update { word, order }, Settled::Failed(1, Order::Relaxed));
    settled(WordOp::Update { word, order }, Settled::Updated(1, 2));
    settled(WordOp::Load { word, order }, Settled::Read(2));
    let trace = execution.trace();
    let seen: Vec<(OpKind, u64, u64)> = trace.events.iter().map(|e| (e.op, e.value, e.seen)).collect();
    use OpKind::{CasFail, Load, Rmw, Store};
    assert_eq!(seen, [(Load, 0, 0), (Store, 1, 0), (CasFail, 1, 0), (Rmw, 2, 1), (Load, 2, 0)]);
    assert_eq!(trace.events[2].order, Order::Relaxed);
    let edges: Vec<(u32, u32)> = trace.edges.iter().map(|edge| (edge.from.0, edge.to.0)).collect();
    assert_eq!(edges, [(1, 2), (1, 3), (3, 4)]);
    assert!(trace.edges.iter().all(|edge| edge.kind == EdgeKind::ReadsFrom));
}
