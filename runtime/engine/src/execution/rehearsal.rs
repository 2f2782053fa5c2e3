//! What operations touch in another order than the one in which they were run: they are performed again, without the
//! program.
//!
//! Between two operations of a task runs the user's code; but what it asked for is known, and is the same after the
//! same past. So an order of operations of which each keeps its past can be rehearsed on a second execution that has
//! the first one's numbers of tasks and objects from its start on. What is recorded for it is recorded for searches only.

use super::Execution;
use crate::footprint::Footprint;
use crate::op::{Arm, Op, Reply};
use crate::plan::{Plan, Selection, WakeOn, WakeupStep};
use crate::task::State;
use gorace_analyzer_core::{EventIx, Listed, ObjIx, Place, TaskIx};
use std::cell::RefCell;
use std::fmt;

/// What a task asked for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    task: TaskIx,
    op: Op,
    /// The answer to what it asked for before.
    answered: Reply,
    /// Of a select.
    arms: Box<[Arm]>,
}

/// What a task's code did to the execution's state beside its operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Aside {
    /// One more sender of this channel.
    Sender(ObjIx),
    /// It waits on a word.
    Wait { word: ObjIx, bits: u32, nanos: Option<u64> },
}

/// All that was asked for. There is an [`Asked`] for each decision.
#[derive(Debug, Default)]
pub(super) struct Script {
    asked: Vec<Asked>,
    /// Each with its task, and how many decisions there were.
    asides: Vec<(TaskIx, usize, Aside)>,
}

impl Script {
    pub fn clear(&mut self) {
        self.asked.clear();
        self.asides.clear();
    }
}

/// What operations touched in their new order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rehearsed {
    /// Of those before the last one, those that touched something else than in the order that was run.
    pub others: Vec<(usize, Footprint)>,
    /// The last one.
    pub last: Footprint,
    /// Those of the others on which it depends though what it touches does not show it: it is the clock's, and they took
    /// away the effect of a timer that could fire.
    pub after: Vec<usize>,
}

/// A second execution, made when it is needed first.
#[derive(Default)]
pub(crate) struct Stage(RefCell<Option<Box<Execution>>>);

impl Stage {
    /// Rehearses these decisions of the execution that was `run`, in this order, with these `choices`; none if one of them
    /// cannot be run there. The last one is not performed. What those before `settled` touch is not looked at.
    pub fn rehearse(
        &self,
        run: &Execution,
        order: &[usize],
        settled: usize,
        choices: impl Fn(usize) -> Vec<u32>,
    ) -> Option<Rehearsed> {
        let mut stage = self.0.borrow_mut();
        stage.get_or_insert_default().rehearse(run, order, settled, choices)
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").finish_non_exhaustive()
    }
}

impl Execution {
    /// Notes what `task` asks for: its operation is about to be performed.
    pub(super) fn note_asked(&mut self, task: TaskIx) {
        let Execution { tasks, script, .. } = self;
        let slot = &tasks[task.at()];
        let arms = if let Op::Select { .. } = slot.op { slot.arms.as_slice().into() } else { Box::default() };
        script.asked.push(Asked { task, op: slot.op, answered: slot.reply, arms });
    }

    /// The operation of a decision.
    pub(crate) fn asked(&self, decision: usize) -> Op {
        self.script.asked[decision].op
    }

    /// What the task of a decision was answered before it.
    pub(crate) fn answered(&self, decision: usize) -> Reply {
        self.script.asked[decision].answered
    }

    /// Notes what the running task does, if the execution is recorded.
    #[inline]
    pub(crate) fn note_aside(&mut self, aside: Aside) {
        if self.record {
            self.push_aside(aside);
        }
    }

    #[inline(never)]
    fn push_aside(&mut self, aside: Aside) {
        // Whoever runs has been taken from the list of those who are to run.
        let runs =
            |at: &usize| self.tasks[*at].state == State::Local && !self.local.contains(TaskIx(*at as u32));
        if let Some(at) = (0..self.tasks.len()).find(runs) {
            self.script.asides.push((TaskIx(at as u32), self.script.asked.len(), aside));
        }
    }

    /// See [`Stage::rehearse`].
    fn rehearse(
        &mut self,
        run: &Execution,
        order: &[usize],
        settled: usize,
        choices: impl Fn(usize) -> Vec<u32>,
    ) -> Option<Rehearsed> {
        let (last, before) = order.split_last()?;
        // There may be others than before.
        let choices = before.iter().flat_map(|decision| choices(*decision)).map(WakeupStep::Choice).collect();
        self.set_stage(run, choices);
        let mut rehearsed = Rehearsed { others: Vec::new(), last: Footprint::NONE, after: Vec::new() };
        self.go_on(run, TaskIx(0), None);
        let mut events = Vec::with_capacity(before.len());
        // The decisions after which their task has run its code.
        let mut gone_on = Vec::with_capacity(before.len());
        for (place, decision) in before.iter().enumerate() {
            let task = self.stand_before(run, *decision)?;
            if place >= settled {
                let touches = self.footprint(task);
                if run.footprints[run.decisions[*decision].at()] != touches {
                    rehearsed.others.push((*decision, touches));
                }
            }
            self.leave_ready(task);
            events.push(EventIx(self.trace.events.len() as u32));
            if self.perform(task) {
                self.go_on(run, task, Some(*decision));
                gone_on.push(*decision);
            }
            while let Some(next) = self.local.pop() {
                let since = before[..place].iter().rev().find(|other| run.script.asked[**other].task == next);
                // Whoever began to wait on a word after it had looked is back in the middle of the same code.
                if since.is_none_or(|since| !gone_on.contains(since)) {
                    self.go_on(run, next, since.copied());
                    gone_on.extend(since);
                }
            }
        }
        let task = self.stand_before(run, *last)?;
        rehearsed.last = self.footprint(task);
        if self.clock.task == Some(task) {
            // The event of each decision, and those that led to others.
            let decision = |by: EventIx| before[events.partition_point(|event| *event <= by) - 1];
            rehearsed.after = self.takers_of_next().into_iter().map(decision).listed();
        }
        Some(rehearsed)
    }

    /// All that there was in `run` is there from the start, and nothing has happened.
    fn set_stage(&mut self, run: &Execution, choices: Vec<WakeupStep>) {
        let (prefix, sleep) = (Vec::new(), Vec::new());
        let selection = Selection::Search {
            prefix,
            sleep,
            lead: Vec::new(),
            wakeup: choices,
            wake_on: WakeOn::Dependence,
        };
        let (idle_clock, spurious) = (run.clock.idle, run.spurious);
        self.begin(&Plan { selection, max_steps: u64::MAX, idle_clock, spurious });
        self.record = false;
        for task in &run.tasks[1..] {
            self.add_task(task.path.clone(), None);
        }
        self.clock.task = run.clock.task;
        for object in run.objects.iter() {
            self.objects.add(object.spec, object.task, object.ordinal);
        }
    }

    /// `task`, whose last decision was `since`, runs its code up to its next operation.
    fn go_on(&mut self, run: &Execution, task: TaskIx, since: Option<usize>) {
        let begin = since.map_or(0, |since| since + 1);
        let is_next = |asked: &Asked| asked.task == task;
        let end = run.script.asked[begin..].iter().position(is_next).map(|after| begin + after);
        let is_its = |(by, at, _): &&(TaskIx, usize, Aside)| {
            *by == task && *at >= begin && end.is_none_or(|end| *at <= end)
        };
        for (.., aside) in run.script.asides.iter().filter(is_its) {
            match *aside {
                Aside::Sender(channel) => self.add_sender(channel),
                Aside::Wait { word, bits, nanos } => self.wait_on(task, word, bits, nanos),
            }
        }
    }

    /// The decision's task arrives at its operation; which task that is, if it can.
    fn stand_before(&mut self, run: &Execution, decision: usize) -> Option<TaskIx> {
        let Asked { task, op, arms, .. } = run.script.asked.get(decision)?;
        if self.clock.task == Some(*task) {
            return (self.tasks[task.at()].state == State::Ready).then_some(*task);
        }
        if self.tasks[task.at()].state != State::Local {
            return None;
        }
        self.intend(*task, *op, Place::Unknown);
        self.set_arms(*task, arms.iter().copied());
        self.tasks[task.at()].state = State::Ready;
        Some(*task)
    }
}
