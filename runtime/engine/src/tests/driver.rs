//! Runs a [`Program`] on the engine.

mod words;

use super::program::{self, Outcome, Program, SelectArm, Stmt, TICKS, Val, next_of, own_context};
use crate::explore::{Budget, Class, Explorer, Strategy};
use crate::{
    Arm, BarrierOp, ContextOp, Execution, FinishOp, MpscOp, Next, ObjectSpec, OnceEnd, OnceOp, Op, ParkOp,
    Plan, Reply, RmwKind, RwLockOp, TimerEffect, TimerOp, WaitGroupOp, Width, WordOp, trace_key,
};
use gorace_analyzer_core::trace::Ended;
use gorace_analyzer_core::{ObjIx, ObjectKind, Order, Place, TaskIx};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

const WIDTH: Width = Width { bits: 64, signed: true };

/// What a search met.
#[derive(Debug, Default)]
pub struct Explored {
    pub outcomes: BTreeSet<Outcome>,
    pub complete: u64,
    pub redundant: u64,
    /// Complete executions that left some task waiting.
    pub stuck: u64,
    pub keys: BTreeMap<u64, Outcome>,
}

/// One execution, and how it ended.
pub fn run(execution: &mut Execution, plan: &Plan, program: &Program) -> (Outcome, Ended) {
    let mut tasks = Tasks::start(execution, plan, program);
    loop {
        match execution.next() {
            Next::End(ended) => return (tasks.outcome(execution), ended),
            Next::Resume(task) => tasks.resume(execution, task),
        }
    }
}

/// The code between two operations of all tasks.
pub struct Tasks<'p> {
    program: &'p Program,
    objects: Objects,
    results: Vec<Vec<Val>>,
    /// What each task has arrived at.
    last: Vec<Option<Stmt>>,
    poisoned: Vec<bool>,
    /// The words' contents.
    memory: Vec<i64>,
    /// Whether each task waits on a word at which it has looked.
    waits: Vec<bool>,
    rw_poisoned: Vec<bool>,
    spawned: usize,
    contexts_known: usize,
}

impl<'p> Tasks<'p> {
    /// Begins an execution, up to main's first operation.
    pub fn start(execution: &mut Execution, plan: &Plan, program: &'p Program) -> Self {
        execution.begin(plan);
        execution.record_footprints();
        let count = program.tasks.len();
        (0..count).for_each(|_| _ = execution.new_task(TaskIx(0), None));
        if program.counts_tasks() {
            (1..=count as u32).for_each(|task| _ = execution.new_task(TaskIx(task), None));
        }
        let mut register = |kind, initial| register(execution, TaskIx(0), kind, initial);
        let unused = |kind, initial| Lazy { kind, initial, object: Cell::new(None) };
        let all = |n, kind| (0..n).map(|_| unused(kind, 0)).collect();
        let objects = Objects {
            registers: program.registers.iter().map(|x| unused(ObjectKind::Atomic, *x as u64)).collect(),
            locks: all(program.locks, ObjectKind::Mutex),
            condvars: (1..=program.condvars)
                .map(|i| unused(ObjectKind::Condvar, u64::from(i == program.condvars)))
                .collect(),
            channels: program.channels.iter().map(|c| unused(ObjectKind::Channel, *c as u64)).collect(),
            rwlocks: all(program.rwlocks, ObjectKind::RwLock),
            onces: all(program.onces, ObjectKind::Once),
            barriers: program.barriers.iter().map(|n| unused(ObjectKind::Barrier, *n as u64)).collect(),
            groups: all(program.groups, ObjectKind::WaitGroup),
            pipe: register(ObjectKind::Channel, program.pipe),
            timer: register(ObjectKind::Timer, 1),
            function: register(ObjectKind::Timer, 0),
            period: program.is_ticker.then_some(10),
            contexts: (0..own_context(count))
                .map(|x| match x {
                    0 | 1 => Lazy {
                        object: Cell::new(Some(register(ObjectKind::Context, 0))),
                        ..unused(ObjectKind::Context, 0)
                    },
                    _ => unused(ObjectKind::Context, 0),
                })
                .collect(),
            tokens: all(count, ObjectKind::Parker),
            wakers: all(count, ObjectKind::Waker),
            words: all(program.words, ObjectKind::Word),
        };
        if program.times_out {
            objects.channels[TICKS].object.set(Some(objects.timer));
            (0..2).for_each(|x| objects.channels[TICKS + 1 + x].object.set(objects.contexts[x].object.get()));
        }
        if program.is_known {
            objects.all().for_each(|object| _ = object.get(execution, TaskIx(0)));
        }
        (1..count).for_each(|_| execution.add_sender(objects.pipe));
        let mut tasks = Tasks {
            program,
            objects,
            results: vec![Vec::new(); count],
            last: vec![None; count],
            poisoned: vec![false; program.locks],
            memory: vec![0; program.words],
            waits: vec![false; count],
            rw_poisoned: vec![false; program.rwlocks],
            spawned: 0,
            contexts_known: 0,
        };
        tasks.arrive_main(execution);
        tasks
    }

    /// Main spawns all tasks and exits; none of its operations depends on any other.
    fn arrive_main(&mut self, execution: &mut Execution) {
        // The contexts first: nothing of that depends on anything either.
        let known = self.contexts_known;
        self.contexts_known += 1;
        if known < own_context(0) {
            let context = self.objects.contexts[known].get(execution, TaskIx(0));
            let parent = (known > 0).then(|| self.objects.contexts[known - 1].get(execution, TaskIx(0)));
            return execution.arrive(TaskIx(0), ContextOp::New { context, parent }.into(), Place::Unknown);
        }
        self.spawned += 1;
        let is_left = self.spawned <= self.program.tasks.len() - usize::from(self.program.is_last_called);
        let op = if is_left { Op::Spawn { child: TaskIx(self.spawned as u32) } } else { Op::Exit };
        execution.arrive(TaskIx(0), op, Place::Unknown);
    }

    /// Runs `task`'s code up to its next operation.
    pub fn resume(&mut self, execution: &mut Execution, task: TaskIx) {
        if execution.is_done(task) {
            return;
        }
        let Some(at) = task.at().checked_sub(1) else { return self.arrive_main(execution) };
        if at >= self.results.len() {
            return execution.arrive(task, Op::Exit, Place::Unknown);
        }
        if self.begins_to_wait(execution, task) {
            return;
        }
        if let Some(stmt) = self.last[at].take() {
            let value = match stmt {
                Stmt::WordRead(_)
                | Stmt::WordWrite(..)
                | Stmt::WordAdd(..)
                | Stmt::WordWait(..)
                | Stmt::WordWaitTimeout(..) => self.settle(execution, task, &stmt),
                Stmt::Panic(_) => Val::Misuse,
                Stmt::IsPoisoned(m) => Val::Bool(self.poisoned[m]),
                Stmt::TryLock(_) if execution.reply(task) == Reply::Flag(false) => Val::WouldBlock,
                Stmt::Lock(m) | Stmt::TryLock(m) => Val::Locked(self.poisoned[m]),
                Stmt::TryRead(_) | Stmt::TryWrite(_) if execution.reply(task) == Reply::Flag(false) => {
                    Val::WouldBlock
                }
                Stmt::TryRead(r) | Stmt::TryWrite(r) | Stmt::ReadLock(r) | Stmt::WriteLock(r) => {
                    Val::Locked(self.rw_poisoned[r])
                }
                Stmt::IsRwPoisoned(r) => Val::Bool(self.rw_poisoned[r]),
                Stmt::OnceForce(_) if execution.reply(task) != Reply::Flag(false) => {
                    Val::Locked(execution.reply(task) == Reply::Value(1))
                }
                // What matters of a tick is that it came.
                Stmt::TryTick | Stmt::Tick if matches!(execution.reply(task), Reply::Value(_)) => Val::Unit,
                Stmt::ContextErr(_) => match execution.reply(task) {
                    Reply::Value(value) => Val::Int(ContextOp::answer(value).0 as i64),
                    other => panic!("an answer, not {other:?}"),
                },
                Stmt::WgAdd(..) if !matches!(execution.reply(task), Reply::Misuse(_)) => Val::Unit,
                _ => value(&stmt, execution.reply(task)),
            };
            self.results[at].push(value);
            match stmt {
                Stmt::ClearPoison(m) => self.poisoned[m] = false,
                Stmt::Panic(m) => self.poisoned[m] = true,
                Stmt::ClearRwPoison(r) => self.rw_poisoned[r] = false,
                Stmt::PanicUnlock(r) if self.results[at].last() == Some(&Val::Unit) => {
                    self.rw_poisoned[r] = true;
                }
                Stmt::Assume(_, value) if self.results[at].last() != Some(&Val::Int(value)) => {
                    return execution.drop_it(task);
                }
                _ => {}
            }
        }
        self.last[at] = next_of(self.program, at, &self.results[at]);
        let op = match &self.last[at] {
            Some(stmt) => self.objects.op(execution, task, stmt),
            None => Op::Exit,
        };
        execution.arrive(task, op, Place::Unknown);
    }

    pub fn outcome(self, execution: &Execution) -> Outcome {
        let done = (1..=self.results.len() as u32).map(|task| execution.is_done(TaskIx(task))).collect();
        Outcome { results: self.results, done }
    }
}

struct Objects {
    registers: Vec<Lazy>,
    locks: Vec<Lazy>,
    condvars: Vec<Lazy>,
    channels: Vec<Lazy>,
    rwlocks: Vec<Lazy>,
    onces: Vec<Lazy>,
    barriers: Vec<Lazy>,
    groups: Vec<Lazy>,
    pipe: ObjIx,
    timer: ObjIx,
    /// The timer that starts the last task.
    function: ObjIx,
    /// Of the timer.
    period: Option<u64>,
    contexts: Vec<Lazy>,
    tokens: Vec<Lazy>,
    wakers: Vec<Lazy>,
    words: Vec<Lazy>,
}

/// An object that becomes known, and gets its number, when some task first comes to use it.
struct Lazy {
    kind: ObjectKind,
    initial: u64,
    object: Cell<Option<ObjIx>>,
}

impl Lazy {
    fn get(&self, execution: &mut Execution, task: TaskIx) -> ObjIx {
        let object = self.object.get().unwrap_or_else(|| register(execution, task, self.kind, self.initial));
        self.object.set(Some(object));
        object
    }
}

fn register(execution: &mut Execution, task: TaskIx, kind: ObjectKind, initial: u64) -> ObjIx {
    // Landmarks tell objects apart by their types.
    let type_name: fn() -> &'static str = match kind {
        ObjectKind::Atomic => || "atomic",
        ObjectKind::Mutex => || "mutex",
        ObjectKind::Channel => || "channel",
        _ => || "other",
    };
    let made = Place::Unknown;
    execution.register(task, ObjectSpec { kind, made, name: None, type_name, initial })
}

impl Objects {
    fn all(&self) -> impl Iterator<Item = &Lazy> {
        let locks = self.locks.iter().chain(&self.rwlocks).chain(&self.onces).chain(&self.condvars);
        let others = self
            .channels
            .iter()
            .chain(&self.barriers)
            .chain(&self.groups)
            .chain(&self.tokens)
            .chain(&self.wakers)
            .chain(&self.contexts);
        self.registers.iter().chain(&self.words).chain(locks).chain(others)
    }

    fn op(&self, execution: &mut Execution, task: TaskIx, stmt: &Stmt) -> Op {
        let order = Order::SeqCst;
        match *stmt {
            Stmt::Read(x) | Stmt::Assume(x, _) => {
                Op::Load { object: self.registers[x].get(execution, task), order }
            }
            Stmt::Write(x, value) => {
                Op::Store { object: self.registers[x].get(execution, task), value: value as u64, order }
            }
            Stmt::Add(x, by) => {
                let (object, operand) = (self.registers[x].get(execution, task), by as u64);
                Op::Rmw { object, kind: RmwKind::Add, operand, width: WIDTH, order }
            }
            Stmt::Cas(x, expected, new) => {
                let (object, expected, new) =
                    (self.registers[x].get(execution, task), expected as u64, new as u64);
                Op::CompareExchange { object, expected, new, success: order, failure: order, weak: true }
            }
            Stmt::Lock(m) => Op::Lock { mutex: self.locks[m].get(execution, task) },
            Stmt::Unlock(m) | Stmt::Panic(m) => Op::Unlock { mutex: self.locks[m].get(execution, task) },
            Stmt::IsPoisoned(m) => Op::IsPoisoned { mutex: self.locks[m].get(execution, task) },
            Stmt::ClearPoison(m) => Op::ClearPoison { mutex: self.locks[m].get(execution, task) },
            Stmt::TryLock(m) => Op::TryLock { mutex: self.locks[m].get(execution, task) },
            Stmt::Wait(c, m) => Op::Wait {
                condvar: self.condvars[c].get(execution, task),
                mutex: self.locks[m].get(execution, task),
            },
            Stmt::NotifyOne(c) => Op::NotifyOne { condvar: self.condvars[c].get(execution, task) },
            Stmt::NotifyAll(c) => Op::NotifyAll { condvar: self.condvars[c].get(execution, task) },
            Stmt::Send(c, value) => {
                Op::Send { channel: self.channels[c].get(execution, task), handle: value as u64 }
            }
            Stmt::Recv(c) => Op::Recv { channel: self.channels[c].get(execution, task) },
            Stmt::TrySend(c, value) => {
                Op::TrySend { channel: self.channels[c].get(execution, task), handle: value as u64 }
            }
            Stmt::TryRecv(c) => Op::TryRecv { channel: self.channels[c].get(execution, task) },
            Stmt::Close(c) => Op::Close { channel: self.channels[c].get(execution, task) },
            Stmt::Len(c) => Op::Len { channel: self.channels[c].get(execution, task) },
            Stmt::Select(ref arms, default) => {
                let mut arm = |arm: &SelectArm| match *arm {
                    SelectArm::Send(c, value) => {
                        Arm { channel: Some(self.channels[c].get(execution, task)), send: Some(value as u64) }
                    }
                    SelectArm::Recv(c) => {
                        Arm { channel: Some(self.channels[c].get(execution, task)), send: None }
                    }
                };
                let arms: Vec<Arm> = arms.iter().map(&mut arm).collect();
                execution.set_arms(task, arms);
                Op::Select { default }
            }
            Stmt::Finish => FinishOp::Finish.into(),
            Stmt::Await(task) => FinishOp::Await { task: TaskIx(task as u32 + 1) }.into(),
            Stmt::Join(task) => Op::Join { task: TaskIx(task as u32 + 1) },
            Stmt::IsFinished(task) => Op::IsFinished { task: TaskIx(task as u32 + 1) },
            Stmt::SpawnChild => Op::Spawn { child: TaskIx(task.0 + self.tokens.len() as u32) },
            Stmt::CountTasks => Op::CountTasks,
            Stmt::Choose(n) => Op::Choose { n },
            Stmt::ReadLock(r) => RwLockOp::Read { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::WriteLock(r) => RwLockOp::Write { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::TryRead(r) => RwLockOp::TryRead { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::TryWrite(r) => RwLockOp::TryWrite { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::ReadUnlock(r) => RwLockOp::ReadUnlock { lock: self.rwlocks[r].get(execution, task) }.into(),
            Stmt::IsRwPoisoned(r) => {
                RwLockOp::IsPoisoned { lock: self.rwlocks[r].get(execution, task) }.into()
            }
            Stmt::ClearRwPoison(r) => {
                RwLockOp::ClearPoison { lock: self.rwlocks[r].get(execution, task) }.into()
            }
            Stmt::WriteUnlock(r) | Stmt::PanicUnlock(r) => {
                RwLockOp::WriteUnlock { lock: self.rwlocks[r].get(execution, task) }.into()
            }
            Stmt::OnceBegin(o) => {
                OnceOp::Begin { once: self.onces[o].get(execution, task), force: false }.into()
            }
            Stmt::OnceForce(o) => {
                OnceOp::Begin { once: self.onces[o].get(execution, task), force: true }.into()
            }
            Stmt::OnceWait(o) => {
                OnceOp::Wait { once: self.onces[o].get(execution, task), force: false }.into()
            }
            Stmt::OnceWaitForce(o) => {
                OnceOp::Wait { once: self.onces[o].get(execution, task), force: true }.into()
            }
            Stmt::OnceEnd(o, end) => {
                let end = match end {
                    program::OnceEnd::Done => OnceEnd::Done,
                    program::OnceEnd::Reset => OnceEnd::Reset,
                    program::OnceEnd::Poisoned => OnceEnd::Poisoned,
                };
                OnceOp::End { once: self.onces[o].get(execution, task), end }.into()
            }
            Stmt::OnceGet(o) => OnceOp::Get { once: self.onces[o].get(execution, task) }.into(),
            Stmt::Barrier(b) => BarrierOp { barrier: self.barriers[b].get(execution, task) }.into(),
            Stmt::WgAdd(g, delta) => {
                WaitGroupOp::Add { group: self.groups[g].get(execution, task), delta }.into()
            }
            Stmt::WgWait(g) => WaitGroupOp::Wait { group: self.groups[g].get(execution, task) }.into(),
            Stmt::PipeSend(value) => Op::Send { channel: self.pipe, handle: value as u64 },
            Stmt::PipeRecv => Op::Recv { channel: self.pipe },
            Stmt::PipeRecvTimeout(nanos) => TimerOp::RecvTimeout { channel: self.pipe, nanos }.into(),
            Stmt::PipeTrySend(value) => Op::TrySend { channel: self.pipe, handle: value as u64 },
            Stmt::PipeTryRecv => Op::TryRecv { channel: self.pipe },
            Stmt::PipePoll => {
                execution.set_arms(task, [Arm { channel: Some(self.pipe), send: None }]);
                Op::Select { default: true }
            }
            Stmt::DropSender => MpscOp::DropSender { channel: self.pipe }.into(),
            Stmt::DropReceiver => MpscOp::DropReceiver { channel: self.pipe }.into(),
            Stmt::Now => TimerOp::Now.into(),
            Stmt::Sleep(nanos) => TimerOp::Sleep { nanos }.into(),
            Stmt::Arm(nanos) => {
                let effect = TimerEffect::Tick { period: self.period };
                TimerOp::Arm { timer: self.timer, nanos, effect }.into()
            }
            Stmt::StopTimer => TimerOp::Stop { timer: self.timer }.into(),
            Stmt::ResetTimer(nanos) => TimerOp::Reset { timer: self.timer, nanos, start: None }.into(),
            Stmt::AfterFunc(nanos) => {
                let effect = TimerEffect::Start(TaskIx(self.tokens.len() as u32));
                TimerOp::Arm { timer: self.function, nanos, effect }.into()
            }
            Stmt::StopFunc => TimerOp::Stop { timer: self.function }.into(),
            Stmt::TryTick => Op::TryRecv { channel: self.timer },
            Stmt::Tick => Op::Recv { channel: self.timer },
            Stmt::WaitTimeout(c, m, nanos) => {
                let (condvar, mutex) =
                    (self.condvars[c].get(execution, task), self.locks[m].get(execution, task));
                TimerOp::WaitTimeout { condvar, mutex, nanos }.into()
            }
            Stmt::ParkTimeout(nanos) => {
                TimerOp::ParkTimeout { token: self.tokens[task.at() - 1].get(execution, task), nanos }.into()
            }
            Stmt::Cancel(x) => ContextOp::Cancel { context: self.contexts[x].get(execution, task) }.into(),
            Stmt::Deadline(x, nanos) => {
                let effect = TimerEffect::Cancel;
                TimerOp::Arm { timer: self.contexts[x].get(execution, task), nanos, effect }.into()
            }
            Stmt::ContextErr(x) => ContextOp::Err { context: self.contexts[x].get(execution, task) }.into(),
            Stmt::NewContext(parent) => {
                let parent = Some(self.contexts[parent].get(execution, task));
                let context = self.contexts[own_context(task.at() - 1)].get(execution, task);
                ContextOp::New { context, parent }.into()
            }
            Stmt::AfterCancel(x) => {
                let (context, last) =
                    (self.contexts[x].get(execution, task), TaskIx(self.tokens.len() as u32));
                ContextOp::After { context, task: last }.into()
            }
            Stmt::StopAfterCancel(x) => {
                let (context, last) =
                    (self.contexts[x].get(execution, task), TaskIx(self.tokens.len() as u32));
                ContextOp::StopAfter { context, task: last }.into()
            }
            Stmt::TryDone(x) => Op::TryRecv { channel: self.contexts[x].get(execution, task) },
            Stmt::Done(x) => Op::Recv { channel: self.contexts[x].get(execution, task) },
            Stmt::Park => {
                ParkOp::Park { token: self.tokens[task.at() - 1].get(execution, task), future: false }.into()
            }
            Stmt::Unpark(other) => {
                let (token, owner) = (self.tokens[other].get(execution, task), TaskIx(other as u32 + 1));
                ParkOp::Unpark { token, owner, future: false }.into()
            }
            Stmt::Poll => {
                ParkOp::Park { token: self.wakers[task.at() - 1].get(execution, task), future: true }.into()
            }
            Stmt::Wake(other) => {
                let (token, owner) = (self.wakers[other].get(execution, task), TaskIx(other as u32 + 1));
                ParkOp::Unpark { token, owner, future: true }.into()
            }
            Stmt::WordRead(w) => WordOp::Load { word: self.words[w].get(execution, task), order }.into(),
            Stmt::WordWrite(w, _) => WordOp::Store { word: self.words[w].get(execution, task), order }.into(),
            Stmt::WordAdd(w, _) => WordOp::Update { word: self.words[w].get(execution, task), order }.into(),
            Stmt::WordWait(w, _) | Stmt::WordWaitTimeout(w, ..) => {
                WordOp::Wait { word: self.words[w].get(execution, task) }.into()
            }
            Stmt::WordWake(w, most) => {
                WordOp::Wake { word: self.words[w].get(execution, task), most: most as u32, bits: 1 }.into()
            }
        }
    }
}

fn value(stmt: &Stmt, reply: Reply) -> Val {
    match (stmt, reply) {
        (Stmt::Cas(..), Reply::Seen(_, done)) => Val::Bool(done),
        (Stmt::Arm(_) | Stmt::AfterFunc(_) | Stmt::Deadline(..), _) => Val::Unit,
        (_, Reply::Unit) => Val::Unit,
        (_, Reply::Value(value)) => Val::Int(value as i64),
        (_, Reply::Flag(flag)) => Val::Bool(flag),
        (_, Reply::Closed) => Val::Closed,
        (_, Reply::WouldBlock) => Val::WouldBlock,
        (_, Reply::Arm(arm, handle)) => Val::Arm(arm, handle.map(|handle| handle as i64)),
        (_, Reply::Default) => Val::Default,
        (_, Reply::Misuse(_)) => Val::Misuse,
        (stmt, Reply::Seen(..)) => panic!("{stmt:?} gave {reply:?}"),
    }
}

/// Runs `program` under `strategy`.
pub fn explore(program: &Program, strategy: Strategy, bound: Option<u32>, executions: u64) -> Explored {
    explore_from(program, strategy, 1, bound, executions)
}

/// As [`explore`], from a given seed.
pub fn explore_from(
    program: &Program,
    strategy: Strategy,
    seed: u64,
    bound: Option<u32>,
    executions: u64,
) -> Explored {
    let budget = Budget {
        max_executions: executions,
        max_preemptions: bound,
        max_steps: 10_000,
        idle_clock: false,
        spurious: program.spurious,
        after_finding: None,
    };
    let mut explorer = Explorer::new(strategy, seed, budget, Vec::new());
    let mut execution = Execution::default();
    let mut explored = Explored::default();
    while let Some(plan) = explorer.next() {
        let (outcome, ended) = run(&mut execution, &plan, program);
        assert_ne!(ended, Ended::Diverged, "{}: {:?}", program.text, execution.divergence);
        assert!(!execution.cut_spins(), "{}: spins", program.text);
        let class = explorer.absorb(&mut execution, ended);
        if class == Class::Redundant {
            explored.redundant += 1;
            continue;
        }
        explored.complete += 1;
        explored.stuck += u64::from(outcome.done.contains(&false));
        let known = explored.keys.entry(trace_key(&execution)).or_insert_with(|| outcome.clone());
        assert_eq!(*known, outcome, "equal traces, different ends: {}", program.text);
        explored.outcomes.insert(outcome);
    }
    explored
}

/// Every interleaving.
pub fn exhaust(program: &Program) -> Explored {
    explore(program, Strategy::Exhaustive, None, u64::MAX)
}
