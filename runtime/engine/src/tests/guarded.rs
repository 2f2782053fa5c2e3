//! What is not judged because one mutex guards it has no race: against the analyzer's detector, which knows nothing of
//! guards. And random schedules of such programs, in which unlocks need not be decided, can be followed.

use crate::{Execution, Next, ObjectSpec, Op, PlainAccess, Plan, Selection, SplitMix64, Suspicion};
use gorace_analyzer_core::detect::RaceDetector;
use gorace_analyzer_core::{ObjIx, ObjectKind, OpKind, Place, TaskIx};

const MAIN: TaskIx = TaskIx(0);
const TASKS: usize = 3;

/// A step of a task; the number says which mutex, which cell.
#[derive(Clone, Copy, Debug)]
enum Act {
    Lock(usize),
    /// Whoever holds it.
    Unlock(usize),
    Wait(usize),
    Read(usize),
    Write(usize),
    /// The same, but stays inside until it leaves.
    StartRead(usize),
    StartWrite(usize),
    Leave(usize),
}

/// Mostly sections of a mutex in which a cell is accessed; now and then something else, as an access that lasts longer
/// than the section, or is within another one.
fn program(rng: &mut SplitMix64) -> Vec<Vec<Act>> {
    let mut task = || {
        let mut acts = Vec::new();
        for _ in 0..3 {
            // Each cell has its mutex, and now and then another one is taken.
            let cell = rng.below(2);
            let mutex = if rng.below(20) == 0 { 1 - cell } else { cell };
            let writes = rng.below(2) == 0;
            let access = if writes { Act::Write(cell) } else { Act::Read(cell) };
            let start = if writes { Act::StartWrite(cell) } else { Act::StartRead(cell) };
            match rng.below(50) {
                0 => acts.push(access),
                1 => acts.extend([Act::Unlock(mutex), Act::Lock(mutex), access, Act::Unlock(mutex)]),
                2 => acts.extend([Act::Lock(mutex), Act::Wait(mutex), access, Act::Unlock(mutex)]),
                3 => acts.extend([Act::Lock(mutex), Act::Unlock(mutex), access]),
                4..7 => acts.extend([Act::Lock(mutex), start, Act::Unlock(mutex), Act::Leave(cell)]),
                7 => acts.extend([start, Act::Lock(mutex), Act::Unlock(mutex), Act::Leave(cell)]),
                8..11 => {
                    acts.extend([Act::Lock(mutex), Act::StartRead(cell), Act::Unlock(mutex)]);
                    acts.extend([Act::Lock(mutex), Act::Read(cell), Act::Unlock(mutex), Act::Leave(cell)]);
                }
                11 => {
                    acts.extend([Act::Lock(mutex), Act::StartRead(cell), Act::Unlock(mutex)]);
                    acts.extend([Act::Read(cell), Act::Lock(mutex), Act::Leave(cell), Act::Unlock(mutex)]);
                }
                _ => acts.extend([Act::Lock(mutex), access, Act::Unlock(mutex)]),
            }
        }
        acts
    };
    (0..TASKS).map(|_| task()).collect()
}

/// Ends the last access of `task` to `cell`.
fn release(execution: &mut Execution, task: TaskIx, cell: ObjIx) {
    if !execution.release_newest(cell) {
        execution.release_among(task, cell);
    }
}

/// The program's objects, and how far each task is.
struct Run {
    mutexes: [ObjIx; 2],
    cells: [ObjIx; 2],
    condvar: ObjIx,
    acts: Vec<std::vec::IntoIter<Act>>,
    /// The mutex that a task takes again after its wait.
    again: Vec<Option<ObjIx>>,
    /// The cell that a task leaves as soon as it has been let in.
    leaves: Vec<Option<ObjIx>>,
    /// Whom each cell has inside.
    inside: [Vec<TaskIx>; 2],
    /// Accesses beside one of the same task, and beside one of another.
    nested: u32,
    beside: u32,
    unspawned: Vec<TaskIx>,
    /// Whether a mutex is unlocked by whoever holds it, at once if that need not be decided.
    guards: bool,
}

impl Run {
    /// Lets `task` run to its next operation.
    fn advance(&mut self, execution: &mut Execution, task: TaskIx) {
        if let (MAIN, Some(child)) = (task, self.unspawned.pop()) {
            return execution.arrive(task, Op::Spawn { child }, Place::Unknown);
        }
        if let Some(cell) = self.leaves[task.at()].take() {
            release(execution, task, cell);
        }
        if let Some(mutex) = self.again[task.at()].take() {
            return execution.arrive(task, Op::Lock { mutex }, Place::Unknown);
        }
        for act in self.acts[task.at()].by_ref() {
            let op = match act {
                Act::Lock(at) => Op::Lock { mutex: self.mutexes[at] },
                Act::Unlock(at)
                    if self.guards && execution.unlock_at_once(task, self.mutexes[at], Place::Unknown) =>
                {
                    continue;
                }
                Act::Unlock(at) => Op::Unlock { mutex: self.mutexes[at] },
                Act::Wait(at) => {
                    self.again[task.at()] = Some(self.mutexes[at]);
                    Op::Wait { condvar: self.condvar, mutex: self.mutexes[at] }
                }
                Act::Read(at) | Act::Write(at) | Act::StartRead(at) | Act::StartWrite(at) => {
                    let is_read = matches!(act, Act::Read(_) | Act::StartRead(_));
                    let op = if is_read { OpKind::Read } else { OpKind::Write };
                    let stays = matches!(act, Act::StartRead(_) | Act::StartWrite(_));
                    let cell = self.cells[at];
                    self.nested += u32::from(self.inside[at].contains(&task));
                    self.beside += u32::from(self.inside[at].iter().any(|other| *other != task));
                    if stays {
                        self.inside[at].push(task);
                    }
                    match execution.access(task, cell, op, Place::Unknown) {
                        PlainAccess::Granted if stays => continue,
                        PlainAccess::Granted => {
                            release(execution, task, cell);
                            continue;
                        }
                        PlainAccess::Wait => {
                            self.leaves[task.at()] = (!stays).then_some(cell);
                            return;
                        }
                        PlainAccess::Nested => panic!("a write within an access of its own"),
                    }
                }
                Act::Leave(at) => {
                    self.inside[at].retain(|other| *other != task);
                    release(execution, task, self.cells[at]);
                    continue;
                }
            };
            return execution.arrive(task, op, Place::Unknown);
        }
        execution.arrive(task, Op::Exit, Place::Unknown);
    }
}

/// How many accesses were beside one of the same task, and beside one of another.
fn run(execution: &mut Execution, acts: Vec<Vec<Act>>, selection: Selection, guards: bool) -> (u32, u32) {
    // Whoever waits is woken for no reason now and then, since nobody notifies.
    execution.begin(&Plan { selection, max_steps: 1_000, idle_clock: true, spurious: true });
    let mut register = |kind| {
        let (made, type_name) = (Place::Unknown, (|| "") as fn() -> &'static str);
        execution.register(MAIN, ObjectSpec { kind, made, name: None, type_name, initial: 0 })
    };
    let mutexes = [register(ObjectKind::Mutex), register(ObjectKind::Mutex)];
    let cells = [register(ObjectKind::Cell), register(ObjectKind::Cell)];
    let condvar = register(ObjectKind::Condvar);
    let unspawned = (1..TASKS).map(|_| execution.new_task(MAIN, None)).collect();
    let acts = acts.into_iter().map(Vec::into_iter).collect();
    let (again, leaves, inside) = (vec![None; TASKS], vec![None; TASKS], Default::default());
    let mut run =
        Run { mutexes, cells, condvar, acts, again, leaves, inside, nested: 0, beside: 0, unspawned, guards };
    run.advance(execution, MAIN);
    while let Next::Resume(task) = execution.next() {
        if !execution.is_done(task) {
            run.advance(execution, task);
        }
    }
    (run.nested, run.beside)
}

#[test]
fn what_one_mutex_guards_has_no_race() {
    let mut execution = Execution::default();
    let mut detector = RaceDetector::default();
    let (mut quiet, mut guarded, mut racy) = (0, 0, 0);
    let (mut quiet_nested, mut quiet_beside, mut overlapped) = (0, 0, 0);
    for seed in 0..20_000 {
        let program = program(&mut SplitMix64::new(seed));
        let random = Selection::Random { seed, index: 0 };
        let (nested, beside) = run(&mut execution, program.clone(), random, false);
        let has_race = !detector.races(&execution.history()).is_empty();
        let is_quiet = execution.suspicion() == Suspicion::None;
        assert!(!(is_quiet && has_race), "{seed}: {program:?}");
        quiet += u32::from(is_quiet);
        guarded += u32::from(is_quiet && execution.shared_guarded);
        racy += u32::from(has_race);
        quiet_nested += u32::from(is_quiet && nested > 0);
        quiet_beside += u32::from(is_quiet && beside > 0);
        overlapped += u32::from(!execution.history().overlaps.is_empty());
    }
    assert!(quiet > 1_000 && guarded > 1_000 && racy > 1_000, "{quiet}, {guarded}, {racy}");
    let long = [quiet_nested, quiet_beside, overlapped];
    assert!(long.iter().all(|times| *times > 100), "{long:?}");
}

/// Whether each task unlocks what it holds, and nothing else.
fn holds_what_it_unlocks(acts: &[Act]) -> bool {
    let mut held = Vec::new();
    acts.iter().all(|act| match act {
        Act::Lock(mutex) => {
            held.push(*mutex);
            true
        }
        Act::Unlock(mutex) => {
            held.iter().position(|other| other == mutex).map(|at| held.swap_remove(at)).is_some()
        }
        _ => true,
    })
}

/// Accesses that wait within a lock, too: those who are let in together have code to run before anything is decided.
#[test]
fn schedules_that_do_not_decide_all_unlocks_are_followed() {
    let mut execution = Execution::default();
    let (mut followed, mut overlapped) = (0, 0);
    for seed in 0..20_000 {
        let program = program(&mut SplitMix64::new(seed));
        if !program.iter().all(|acts| holds_what_it_unlocks(acts)) {
            continue;
        }
        run(&mut execution, program.clone(), Selection::Random { seed, index: 0 }, true);
        let (trace, schedule) = (execution.trace().clone(), execution.schedule());
        run(&mut execution, program.clone(), Selection::Follow(schedule), false);
        assert_eq!(trace, *execution.trace(), "{seed}: {program:?}");
        followed += 1;
        overlapped += u32::from(trace.overlaps.len() > 1);
    }
    assert!(followed > 10_000 && overlapped > 50, "{followed}, {overlapped}");
}
