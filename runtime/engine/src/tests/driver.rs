//! Runs a [`Program`] on the engine.

mod objects;
mod operations;
mod words;

use objects::Objects;
use operations::value;

use super::program::{Outcome, Program, Stmt, Val, next_of, own_context};
use crate::explore::{Budget, Class, Explorer, Strategy};
use crate::{Coming, ContextOp, Execution, Next, Op, Plan, Reply, Selection, trace_key};
use gorace_analyzer_core::trace::Ended;
use gorace_analyzer_core::{Place, TaskIx};
use std::collections::{BTreeMap, BTreeSet};

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

/// What most tests run: no clock of its own, nobody woken for nothing.
pub fn plan(selection: Selection) -> Plan {
    Plan { selection, max_steps: 10_000, idle_clock: false, spurious: false }
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

/// As [`run`], but no footprints are recorded, so that a random plan has nothing to consider but its choices. With `guards`
/// locks are released by whoever holds them, and so at once if that need not be decided.
pub fn run_plainly(
    execution: &mut Execution,
    plan: &Plan,
    program: &Program,
    guards: bool,
) -> (Outcome, Ended) {
    execution.begin(plan);
    let mut tasks = Tasks::of(execution, program);
    (tasks.is_plain, tasks.guards) = (true, guards);
    tasks.arrive_main(execution);
    loop {
        let next = match tasks.arrived.take() {
            Some(task) => execution.go_on_from(task),
            None => execution.next_with_code(),
        };
        match next {
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
    is_plain: bool,
    guards: bool,
    /// Who is still to stand ready, for [`Execution::go_on_from`].
    arrived: Option<TaskIx>,
}

impl<'p> Tasks<'p> {
    /// Begins an execution, up to main's first operation.
    pub fn start(execution: &mut Execution, plan: &Plan, program: &'p Program) -> Self {
        execution.begin(plan);
        execution.record_footprints();
        let mut tasks = Tasks::of(execution, program);
        tasks.arrive_main(execution);
        tasks
    }

    fn of(execution: &mut Execution, program: &'p Program) -> Self {
        let count = program.tasks.len();
        (0..count).for_each(|_| _ = execution.new_task(TaskIx(0), None));
        if program.counts_tasks() {
            (1..=count as u32).for_each(|task| _ = execution.new_task(TaskIx(task), None));
        }
        let objects = Objects::of(execution, program);
        (1..count).for_each(|_| execution.add_sender(objects.pipe));
        Tasks {
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
            is_plain: false,
            guards: false,
            arrived: None,
        }
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
        if !self.program.loops {
            execution.come_in(task, Coming::Counting);
        }
        let op = match &self.last[at] {
            Some(stmt) => self.objects.op(execution, task, stmt),
            None => Op::Exit,
        };
        if !self.is_plain {
            return execution.arrive(task, op, Place::Unknown);
        }
        // Not what a panic releases, which poisons.
        let by_guard = self.guards && matches!(self.last[at], Some(Stmt::Unlock(_)));
        if let Op::Unlock { mutex } = op
            && by_guard
            && execution.unlock_at_once(task, mutex, Place::Unknown)
        {
            self.last[at] = None;
            self.results[at].push(Val::Unit);
            return self.resume(execution, task);
        }
        execution.intend(task, op, Place::Unknown);
        self.arrived = Some(task);
    }

    pub fn outcome(self, execution: &Execution) -> Outcome {
        let done = (1..=self.results.len() as u32).map(|task| execution.is_done(TaskIx(task))).collect();
        Outcome { results: self.results, done }
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
