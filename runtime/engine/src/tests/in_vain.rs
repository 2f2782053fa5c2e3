//! Programs in which the search once began executions in vain, one for each cause: as many executions as traces.
//!
//! How many there are follows from theory, and is what the depth-first search finds, which shares its dependency table.

use super::generate::{self, Theme};
use super::optimal::{depth_first, optimal};
use super::program::Stmt::*;
use super::program::{Knowledge, Program, SelectArm, Stmt, guarded, line};

#[track_caller]
fn assert_each_once(program: &Program, traces: usize) {
    let expected = depth_first(program).expect("few executions");
    assert_eq!(expected.keys.len(), traces, "depth-first: {}", program.text);
    let found = optimal(program).expect("few executions");
    assert!(found.keys == expected.keys, "other traces: {}", program.text);
    assert_eq!((found.complete, found.redundant), (traces as u64, 0), "{}", program.text);
}

fn program(name: &str, lines: Vec<Vec<Stmt>>) -> Program {
    Program::new(name, lines.into_iter().map(line).collect())
}

/// Where a task sleeps, an alternative that wakes nobody is a part of what was explored.
#[test]
fn choices_beside_a_sleeper() {
    // The write and the increment in both orders, or the write alone.
    let park = program("park", vec![vec![Write(0, 1)], vec![Park, Add(0, 1)]]);
    assert_each_once(&Program { spurious: true, ..park }, 3);
}

/// What an operation touches where the race's first event has not been, as in whether an attempt succeeds there.
#[test]
fn second_events_that_touch_something_else() {
    let attempts = [
        guarded(vec![(Lock(0), None), (Unlock(0), None)]),
        line(vec![TryLock(0), IsPoisoned(0)]),
        guarded(vec![(TryLock(0), None), (Unlock(0), Some(0)), (TryLock(0), None)]),
    ];
    assert_each_once(&Program::new("mutex", attempts.to_vec()), 43);
    let attempts = vec![
        vec![WriteLock(0)],
        vec![TryRead(0), TryWrite(0)],
        vec![WriteLock(0), WriteUnlock(0)],
        vec![WriteLock(0), WriteUnlock(0), ReadLock(0)],
    ];
    assert_each_once(&program("read-write lock", attempts), 249);
    let counters = vec![vec![WgAdd(0, 2)], vec![WgAdd(0, -1)], vec![WgAdd(0, -1)], vec![WgAdd(0, -1)]];
    assert_each_once(&program("wait group", counters), 10);
    // Where others have taken away since, what took away one of several would take away the last, or too many. The 646 and
    // 1,851 interleavings of these are 40 and 110 traces: enumerated by a script that shares nothing with the engine, and
    // joined where two neighbours that are independent in their state change places.
    let counters = vec![
        vec![WgAdd(0, 1)],
        vec![WgAdd(0, 2), WgAdd(0, -1), WgAdd(0, -1)],
        vec![Cas(1, 0, 3)],
        vec![WgAdd(0, -1), Read(1), WgAdd(0, 2)],
    ];
    let known = |counters| Program { known: Knowledge::Numbers, ..program("wait group", counters) };
    assert_each_once(&known(counters), 40);
    let counters = vec![
        vec![WgAdd(0, -1), WgAdd(0, 1)],
        vec![WgAdd(0, 2), WgAdd(0, -1)],
        vec![WgWait(0), WgAdd(0, -1), Add(1, 1)],
        vec![Read(1), WgAdd(0, 1)],
    ];
    assert_each_once(&known(counters), 110);
    // And what is not of the sequence and was gone past has taken away as well: 4,815 interleavings, counted in the same way.
    let counters = vec![
        vec![WgAdd(0, -1), WgAdd(0, -1), Cas(1, 0, 1)],
        vec![WgAdd(0, -1), WgAdd(0, -1), WgAdd(0, -1), Read(1)],
        vec![WgAdd(0, 2), WgAdd(0, -1), WgAdd(0, 2), WgAdd(0, 2), WgAdd(0, -1), WgAdd(0, -1)],
    ];
    assert_each_once(&known(counters), 163);
    // What was added since is there to be taken: 62,880 and 2,361 interleavings.
    let counters = vec![
        vec![Add(1, 1)],
        vec![Write(1, 2), Read(1), WgAdd(0, -1)],
        vec![WgWait(0), WgWait(0), WgWait(0), Write(0, 3)],
        vec![WgAdd(0, 2), Add(0, 1), WgAdd(0, -1), WgAdd(0, 1), WgAdd(0, -1)],
    ];
    assert_each_once(&known(counters), 81);
    let counters = vec![
        vec![WgAdd(0, -1), Read(1), WgAdd(0, 2)],
        vec![Add(1, 1), WgAdd(0, -1)],
        vec![WgAdd(0, 1), WgAdd(0, 2), WgAdd(0, -1)],
        vec![WgAdd(0, -1)],
    ];
    assert_each_once(&known(counters), 149);
    let ended = vec![vec![PipeRecv, PipeTryRecv], vec![DropSender, Write(1, 2)], vec![PipeTrySend(20)]];
    assert_each_once(&program("pipe", ended), 4);
    let select = Select(vec![SelectArm::Recv(0), SelectArm::Send(0, 111)], false);
    let selects = vec![vec![Send(0, 0), Recv(1)], vec![Len(1), select], vec![Recv(1)]];
    assert_each_once(&program("select", selects), 6);
    let contexts =
        vec![vec![ContextErr(1), Cancel(0)], vec![Done(1), TryDone(0)], vec![Cancel(0), Cancel(1)]];
    assert_each_once(&program("contexts", contexts), 23);
    let timers = vec![vec![StopTimer, NotifyAll(0)], vec![Wait(0, 0)], vec![Sleep(20)]];
    assert_each_once(&program("timers", timers), 4);
}

/// An operation is the same one where its task's code has seen the same, whatever happened before that told it nothing.
#[test]
fn objects_that_are_known_again() {
    let notified = vec![
        vec![NotifyOne(0), Add(1, 1)],
        vec![NotifyAll(1), Write(0, 2), Wait(0, 0)],
        vec![NotifyOne(1), Read(1), NotifyOne(0), NotifyOne(1)],
    ];
    assert_each_once(&program("told nothing", notified), 22);
}

/// Two operations that no longer come together did so in the execution that one of them was planned after.
#[test]
fn objects_that_were_told_apart() {
    let once = Program { known: Knowledge::Nothing, ..generate::program(Theme::Onces, 500_977) };
    assert_each_once(&once, 147);
    let tokens = vec![vec![Park], vec![Unpark(0), Park], vec![Park, Unpark(3)], vec![Unpark(2)]];
    assert_each_once(&Program { spurious: true, ..program("tokens", tokens) }, 18);
}

/// Which of two locks an operation takes is shown late, unless it is known where they were made.
pub(super) fn two_locks() -> Program {
    let locks = vec![
        guarded(vec![(TryLock(1), None), (Unlock(1), Some(0)), (TryLock(1), None), (Read(0), None)]),
        guarded(vec![(TryLock(0), None), (Unlock(0), Some(0)), (Lock(1), None), (Unlock(1), None)]),
        line(vec![Lock(0), Cas(1, 0, 3), Unlock(0)]),
        line(vec![Lock(1), Unlock(1)]),
    ];
    Program { known: Knowledge::Places, ..Program::new("two locks", locks) }
}

/// And whom a waker wakes.
pub(super) fn whose_wakers() -> Program {
    Program { known: Knowledge::Places, ..generate::longer_program(Theme::Wakers, 20_113_006, 1) }
}

/// Where objects are made tells them apart before they are used.
#[test]
fn objects_that_were_made_elsewhere() {
    // 214,871 and 73,920 interleavings, enumerated by scripts that share nothing with the engine, and joined where two
    // neighbours change places that are independent by the design's table.
    assert_each_once(&two_locks(), 120);
    assert_each_once(&whose_wakers(), 40);
}

/// In which it is shown only after sequences were planned that what is explored before leads to them.
pub(super) fn told_apart_late() -> Program {
    Program { known: Knowledge::Nothing, ..generate::longer_program(Theme::Pipes, 20_232_059, 2) }
}

/// Which objects two operations use may show only once all is explored that one of them leads to.
#[test]
fn objects_that_are_told_apart_late() {
    // Nobody lets go, and each lock has one task that tries it. Who comes first at the register, and who at the read-write lock.
    let attempts = vec![
        vec![(Cas(0, 0, 1), None), (TryLock(0), None)],
        vec![(WriteLock(0), None)],
        vec![(Write(0, 1), None)],
        vec![(WriteLock(0), None), (TryLock(1), Some(0))],
    ];
    let attempts = Program::new("attempts", attempts.into_iter().map(guarded).collect());
    for known in Knowledge::ALL {
        assert_each_once(&Program { known, ..attempts.clone() }, 4);
    }
    // Of those who wake others at the second word each may be the first; at the first word somebody waits before he is woken, and
    // then until his time is up, or for ever.
    let words = vec![
        vec![WordWake(1, 1)],
        vec![WordWake(1, 2)],
        vec![WordWake(0, 2), WordRead(1)],
        vec![WordWait(0, 0), WordWaitTimeout(0, 0, 10)],
    ];
    assert_each_once(&program("words", words), 4);
    let late = told_apart_late();
    let found = optimal(&late).expect("few executions");
    assert_eq!((found.complete, found.redundant), (found.keys.len() as u64, 0), "{}", late.text);
}

/// Two operations that may use one object are not taken to use two: else a sequence is planned below one that does not commute
/// with it.
#[test]
fn objects_that_may_be_one() {
    // Nobody lets go. Who comes first at the read-write lock decides whether the second task tries the lock, and who comes first
    // at the register whether the third one does. So 1, 2, 2 or 3 tasks try it, one of which is the first.
    let attempts = vec![
        vec![(TryWrite(0), None)],
        vec![(TryRead(0), None), (TryLock(1), Some(0))],
        vec![(Read(0), None), (TryLock(1), Some(0))],
        vec![(Cas(0, 0, 1), None), (TryLock(1), Some(0))],
    ];
    let attempts = Program::new("attempts", attempts.into_iter().map(guarded).collect());
    for known in Knowledge::ALL {
        assert_each_once(&Program { known, ..attempts.clone() }, 8);
    }
}
