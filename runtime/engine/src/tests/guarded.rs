//! What is not judged because one mutex guards it has no race: against the analyzer's detector, which knows nothing of
//! guards.

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
}

/// Mostly sections of a mutex in which a cell is accessed; now and then something else.
fn program(rng: &mut SplitMix64) -> Vec<Vec<Act>> {
    let mut task = || {
        let mut acts = Vec::new();
        for _ in 0..3 {
            // Each cell has its mutex, and now and then another one is taken.
            let cell = rng.below(2);
            let mutex = if rng.below(20) == 0 { 1 - cell } else { cell };
            let access = if rng.below(2) == 0 { Act::Read(cell) } else { Act::Write(cell) };
            match rng.below(40) {
                0 => acts.push(access),
                1 => acts.extend([Act::Unlock(mutex), Act::Lock(mutex), access, Act::Unlock(mutex)]),
                2 => acts.extend([Act::Lock(mutex), Act::Wait(mutex), access, Act::Unlock(mutex)]),
                3 => acts.extend([Act::Lock(mutex), Act::Unlock(mutex), access]),
                _ => acts.extend([Act::Lock(mutex), access, Act::Unlock(mutex)]),
            }
        }
        acts
    };
    (0..TASKS).map(|_| task()).collect()
}

/// The program's objects, and how far each task is.
struct Run {
    mutexes: [ObjIx; 2],
    cells: [ObjIx; 2],
    condvar: ObjIx,
    acts: Vec<std::vec::IntoIter<Act>>,
    /// The mutex that a task takes again after its wait.
    again: Vec<Option<ObjIx>>,
    unspawned: Vec<TaskIx>,
}

impl Run {
    /// Lets `task` run to its next operation.
    fn advance(&mut self, execution: &mut Execution, task: TaskIx) {
        if let (MAIN, Some(child)) = (task, self.unspawned.pop()) {
            return execution.arrive(task, Op::Spawn { child }, Place::Unknown);
        }
        if let Some(mutex) = self.again[task.at()].take() {
            return execution.arrive(task, Op::Lock { mutex }, Place::Unknown);
        }
        for act in self.acts[task.at()].by_ref() {
            let op = match act {
                Act::Lock(at) => Op::Lock { mutex: self.mutexes[at] },
                Act::Unlock(at) => Op::Unlock { mutex: self.mutexes[at] },
                Act::Wait(at) => {
                    self.again[task.at()] = Some(self.mutexes[at]);
                    Op::Wait { condvar: self.condvar, mutex: self.mutexes[at] }
                }
                Act::Read(at) | Act::Write(at) => {
                    let op = if matches!(act, Act::Read(_)) { OpKind::Read } else { OpKind::Write };
                    let access = execution.access(task, self.cells[at], op, Place::Unknown);
                    assert_eq!(access, PlainAccess::Granted, "none is open when another begins");
                    execution.release_access(task, self.cells[at]);
                    continue;
                }
            };
            return execution.arrive(task, op, Place::Unknown);
        }
        execution.arrive(task, Op::Exit, Place::Unknown);
    }
}

fn run(execution: &mut Execution, acts: Vec<Vec<Act>>, seed: u64) {
    let selection = Selection::Random { seed, index: 0 };
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
    let mut run = Run { mutexes, cells, condvar, acts, again: vec![None; TASKS], unspawned };
    run.advance(execution, MAIN);
    while let Next::Resume(task) = execution.next() {
        if !execution.is_done(task) {
            run.advance(execution, task);
        }
    }
}

#[test]
fn what_one_mutex_guards_has_no_race() {
    let mut execution = Execution::default();
    let mut detector = RaceDetector::default();
    let (mut quiet, mut guarded, mut racy) = (0, 0, 0);
    for seed in 0..20_000 {
        let program = program(&mut SplitMix64::new(seed));
        run(&mut execution, program.clone(), seed);
        let has_race = !detector.races(&execution.history()).is_empty();
        let is_quiet = execution.suspicion() == Suspicion::None;
        assert!(!(is_quiet && has_race), "{seed}: {program:?}");
        quiet += u32::from(is_quiet);
        guarded += u32::from(is_quiet && execution.shared_guarded);
        racy += u32::from(has_race);
    }
    assert!(quiet > 1_000 && guarded > 1_000 && racy > 1_000, "{quiet}, {guarded}, {racy}");
}
