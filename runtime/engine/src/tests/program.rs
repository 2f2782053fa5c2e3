//! A small language for concurrent programs, as data: what the engine and the reference both run.

use std::rc::Rc;

/// One operation. Registers, locks, condvars and channels are numbered from 0, each kind on its own; so are
/// read-write locks, onces, barriers and wait groups.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stmt {
    Read(usize),
    Write(usize, i64),
    Add(usize, i64),
    Cas(usize, i64, i64),
    /// Goes on only if the register has this value; else nothing of the execution counts.
    Assume(usize, i64),
    Lock(usize),
    /// A misuse if nobody holds it, whoever does.
    Unlock(usize),
    TryLock(usize),
    /// Panics; this mutex is released, and poisoned, on the way.
    Panic(usize),
    IsPoisoned(usize),
    ClearPoison(usize),
    /// Condvar, mutex. The program itself locks again. The last condvar wakes in the order of waiting.
    Wait(usize, usize),
    NotifyOne(usize),
    NotifyAll(usize),
    Send(usize, i64),
    Recv(usize),
    TrySend(usize, i64),
    TryRecv(usize),
    Close(usize),
    Len(usize),
    Select(Vec<SelectArm>, bool),
    Join(usize),
    /// Its closure is done: what follows are destructors. Once a task.
    Finish,
    /// Waits for the end of this one's closure.
    Await(usize),
    /// Starts the task's own child, which does nothing. Once a task.
    SpawnChild,
    CountTasks,
    IsFinished(usize),
    Choose(u32),
    ReadLock(usize),
    WriteLock(usize),
    TryRead(usize),
    TryWrite(usize),
    ReadUnlock(usize),
    WriteUnlock(usize),
    /// Releases it as a panic of its writer's does that somebody takes: poisoned.
    PanicUnlock(usize),
    IsRwPoisoned(usize),
    ClearRwPoison(usize),
    OnceBegin(usize),
    /// Also if it is poisoned.
    OnceForce(usize),
    OnceEnd(usize, OnceEnd),
    OnceGet(usize),
    /// Ends with its being poisoned, too.
    OnceWait(usize),
    OnceWaitForce(usize),
    Barrier(usize),
    Yield,
    WgAdd(usize, i64),
    WgWait(usize),
    /// At a pipe: task 0 receives, each other task has one sender.
    PipeSend(i64),
    PipeRecv,
    PipeRecvTimeout(u64),
    PipeTrySend(i64),
    PipeTryRecv,
    /// A select over the pipe and a default.
    PipePoll,
    DropSender,
    DropReceiver,
    Sleep(u64),
    Now,
    /// Channel `TIMER`'s timer.
    Arm(u64),
    StopTimer,
    /// Starts it anew, if it was started ever.
    ResetTimer(u64),
    /// Starts the timer that starts the last task.
    AfterFunc(u64),
    StopFunc,
    /// Looks for a tick.
    TryTick,
    Tick,
    WaitTimeout(usize, usize, u64),
    ParkTimeout(u64),
    /// Contexts: 1 is below 0, and each task may make one of its own below these.
    Cancel(usize),
    /// Sets this one's deadline, so long from now.
    Deadline(usize, u64),
    ContextErr(usize),
    /// Makes the task's own, [`own_context`], below this one. Once a task.
    NewContext(usize),
    /// Starts the last task once this one is cancelled.
    AfterCancel(usize),
    /// Does not, after all.
    StopAfterCancel(usize),
    /// Whether `done` is closed.
    TryDone(usize),
    Done(usize),
    Park,
    /// Unparks this task.
    Unpark(usize),
    /// Is pending until its waker was called since it was so last.
    Poll,
    /// Calls this task's waker.
    Wake(usize),
    /// Words of the program's own memory, as `futex(2)` has them.
    WordRead(usize),
    WordWrite(usize, i64),
    WordAdd(usize, i64),
    /// Waits if the word has this value,
    WordWait(usize, i64),
    /// for so long at the most.
    WordWaitTimeout(usize, i64, u64),
    /// Wakes so many at the most.
    WordWake(usize, usize),
}

/// The timer's channel, if a program [`times_out`](Program::times_out); those after it are the contexts'.
pub const TICKS: usize = 2;

/// The context that a task makes.
pub fn own_context(task: usize) -> usize {
    2 + task
}

/// How an initialisation ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OnceEnd {
    Done,
    Reset,
    Poisoned,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelectArm {
    Send(usize, i64),
    Recv(usize),
}

/// What an operation gave.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Val {
    Unit,
    Int(i64),
    Bool(bool),
    /// A lock was taken, or an initialisation forced: whether it was poisoned.
    Locked(bool),
    Closed,
    WouldBlock,
    /// The task panics, and does nothing more.
    Misuse,
    Arm(u32, Option<i64>),
    Default,
}

impl Val {
    /// Whether it is what was asked for, or a number that is not 0.
    pub fn is_given(self) -> bool {
        match self {
            Val::Unit | Val::Locked(_) | Val::Arm(..) => true,
            Val::Bool(is_so) => is_so,
            Val::Int(value) => value != 0,
            Val::Closed | Val::WouldBlock | Val::Misuse | Val::Default => false,
        }
    }

    pub fn int(self) -> i64 {
        match self {
            Val::Int(value) => value,
            other => panic!("expected a number, got {other:?}"),
        }
    }
}

/// A task: from what its operations gave so far, the next one.
pub type Task = Rc<dyn Fn(&[Val]) -> Option<Stmt>>;

#[derive(Clone)]
pub struct Program {
    pub text: String,
    pub tasks: Vec<Task>,
    /// The registers' first values.
    pub registers: Vec<i64>,
    pub locks: usize,
    pub condvars: usize,
    /// The channels' capacities.
    pub channels: Vec<usize>,
    pub rwlocks: usize,
    pub onces: usize,
    /// How many each barrier waits for.
    pub barriers: Vec<usize>,
    pub groups: usize,
    pub words: usize,
    /// Whether waits may wake, and compare-exchanges fail, for no reason, but never twice in a row at one object.
    pub spurious: bool,
    /// Whether the channels from [`TICKS`] on are the timer's and the contexts', so that selects can wait for these.
    pub times_out: bool,
    /// Whether the last task is one that a timer starts, or a context once it is cancelled.
    pub is_last_called: bool,
    /// Whether the timer is a ticker: beyond the reference, since its bounds go by the schedule.
    pub is_ticker: bool,
    /// What is known of an object that nobody has used.
    pub known: Knowledge,
    /// The pipe's capacity; `u64::MAX` for one without a limit.
    pub pipe: u64,
    /// Whether a task may come to a state again: what it did before does not count. Else each has as many states as steps.
    pub loops: bool,
}

/// What is known of objects before they are used.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Knowledge {
    /// Nothing: whoever comes first makes one known, and all were made at one place.
    Nothing,
    /// Where it was made: the objects of a kind each at a place of their own. Else as before.
    Places,
    /// All: they have the same numbers in all executions.
    Numbers,
}

impl Knowledge {
    pub const ALL: [Knowledge; 3] = [Knowledge::Nothing, Knowledge::Places, Knowledge::Numbers];

    /// Each in turn.
    pub fn nth(n: u64) -> Self {
        Knowledge::ALL[(n % 3) as usize]
    }
}

/// How a program ended: what each task's operations gave, and whether it ran to its end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Outcome {
    pub results: Vec<Vec<Val>>,
    pub done: Vec<bool>,
}

impl Program {
    pub fn new(text: impl Into<String>, tasks: Vec<Task>) -> Self {
        Program {
            text: text.into(),
            tasks,
            registers: vec![0; 8],
            locks: 6,
            condvars: 3,
            channels: vec![0, 1],
            rwlocks: 3,
            onces: 2,
            barriers: vec![2],
            groups: 2,
            words: 2,
            pipe: 1,
            spurious: false,
            times_out: false,
            is_last_called: false,
            is_ticker: false,
            known: Knowledge::Nothing,
            loops: false,
        }
    }

    /// Whether it matters when main starts the tasks, and when their children exit.
    pub fn counts_tasks(&self) -> bool {
        ["CountTasks", "SpawnChild"].iter().any(|stmt| self.text.contains(stmt))
    }

    pub fn has_timers(&self) -> bool {
        ["Sleep(", "Arm(", "Timeout(", "Deadline(", "AfterFunc("].iter().any(|stmt| self.text.contains(stmt))
    }

    pub fn with_registers(mut self, registers: &[i64]) -> Self {
        self.registers = registers.to_vec();
        self
    }

    pub fn with_channels(mut self, channels: &[usize]) -> Self {
        self.channels = channels.to_vec();
        self
    }
}

/// The next operation of task `at`, given what the ones before gave.
pub fn next_of(program: &Program, at: usize, results: &[Val]) -> Option<Stmt> {
    if results.last() == Some(&Val::Misuse) {
        return None;
    }
    (program.tasks[at])(results)
}

/// A straight line of operations.
pub fn line(stmts: Vec<Stmt>) -> Task {
    Rc::new(move |results| stmts.get(results.len()).cloned())
}

/// A line in which each operation may depend on what an earlier one gave: what it asked for, or a number that is not 0.
pub fn guarded(stmts: Vec<(Stmt, Option<usize>)>) -> Task {
    Rc::new(move |results| {
        let mut given = results.iter();
        let mut at: Vec<Option<Val>> = Vec::new();
        for (stmt, guard) in &stmts {
            if guard.is_some_and(|guard| !at[guard].is_some_and(Val::is_given)) {
                at.push(None);
                continue;
            }
            match given.next() {
                Some(value) => at.push(Some(*value)),
                None => return Some(stmt.clone()),
            }
        }
        None
    })
}
