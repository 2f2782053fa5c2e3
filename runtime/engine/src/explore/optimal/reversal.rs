//! The sequence that runs the second event of a race before the first, compared with what is explored anyway.
//!
//! From the state before the race's first event `a`, it runs all that does not happen after `a`, in the order
//! in which it was run, and then the second event, `b`. It goes to the end of the execution: cut at `b`, it
//! would be mistaken for a sequence that others lead to (the paper's *notdep* ranges over all of it).

use super::happens_before::{Decision, HappensBefore};
use super::node::State;
use super::shown::Shown;
use super::touches::Touches;
use super::tree::{Arms, Branch, TaskName};
use crate::footprint::Footprint;
use gorace_analyzer_core::TaskIx;

/// What is given all the time that a race is looked at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The execution that shows the race.
    pub shown: &'a dyn Shown,
    /// Its clocks.
    pub order: &'a HappensBefore,
    /// The alternatives that each decision took.
    pub choices: &'a dyn Fn(Decision) -> Vec<u32>,
    /// The state before the race's first event,
    pub state: &'a State,
    /// which is this one.
    pub first: Decision,
    /// The race's second event.
    pub second: Decision,
}

impl Context<'_> {
    /// What the second event touches when it comes after `others`, but not after the first.
    fn second_touches(&self, others: &[Decision]) -> Touches {
        let Context { order, state, first, second, .. } = self;
        let here = order.footprint(*second);
        if order.is_fixed(*second) {
            return Touches::Exactly(here.clone());
        }
        let task = order.task(*second);
        let is_next = others.iter().all(|k| order.task(*k) != task) && order.task(*first) != task;
        let reaches = order.reaches(*second);
        let Some(pending) = state.pending(task).filter(|_| is_next) else {
            return Touches::Perhaps { footprint: here.clone(), reaches };
        };
        let later = pending.later();
        let is_met = others.iter().any(|k| order.footprint(*k).depends_on(&later));
        match later == *pending && !is_met {
            true => Touches::Exactly(later),
            false => Touches::Perhaps { footprint: here.with(pending), reaches },
        }
    }
}

/// What is left of the sequence on the way down a wakeup tree.
#[derive(Clone)]
pub struct Reversal<'a> {
    context: Context<'a>,
    sequence: Vec<Decision>,
    /// What the second event of the race touches where the first one has not been.
    second_touches: Touches,
    /// The tasks whose steps were passed.
    passed: Vec<TaskIx>,
    /// Those of these steps that were of the sequence.
    matched: Vec<Decision>,
}

/// Where a step stands in some order of a sequence, or of what extends it.
#[derive(Clone, Copy)]
pub enum Position {
    /// It may be first, and is this one.
    At(usize),
    /// It may be first; its task is not in the sequence, and it depends on nothing there.
    Beside(TaskIx),
    /// It is not first.
    Later,
    /// It may or may not be first: what the second event of the race touches where the first one has not been
    /// is not known.
    Unsure,
}

impl<'a> Reversal<'a> {
    /// The whole sequence.
    pub fn new(context: Context<'a>) -> Self {
        let Context { order, first, second, .. } = context;
        let mut sequence = Vec::with_capacity(order.len() - first);
        sequence.extend((first + 1..order.len()).filter(|k| *k != second && !order.is_before(first, *k)));
        let second_touches = context.second_touches(&sequence);
        sequence.push(second);
        Reversal { context, sequence, second_touches, passed: Vec::new(), matched: Vec::new() }
    }

    /// Whether it can be run: the second event may be the clock's, which needs a timer.
    pub fn is_feasible(&self) -> bool {
        let Context { shown, order, state, second, .. } = self.context;
        let clock = order.task(second);
        if shown.clock() != Some(clock) || state.pending(clock).is_some() || state.passed_over {
            return true;
        }
        let started = self.sequence.iter().map(|k| shown.started_by(order.event(*k))).sum::<usize>();
        started >= self.sequence.iter().filter(|k| order.task(**k) == clock).count()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.sequence.is_empty()
    }

    /// How many steps are left.
    pub fn len(&self) -> usize {
        self.sequence.len()
    }

    /// The alternatives that a step takes. The last event, in whose place another one may come, chooses anew.
    pub fn choices(&self, place: usize) -> Vec<u32> {
        match self.sequence[place] {
            decision if decision == self.context.second => Vec::new(),
            decision => (self.context.choices)(decision),
        }
    }

    /// A step as part of a tree.
    pub fn branch(&self, place: usize, arms: Arms, is_awake: bool) -> Branch {
        let Context { shown, order, state, second, .. } = self.context;
        let decision = self.sequence[place];
        let task = order.task(decision);
        let touches = match decision == second {
            true => self.second_touches.clone(),
            false => Touches::Exactly(order.footprint(decision).clone()),
        };
        let task = match task.0 < state.known.tasks {
            true => TaskName::Known(task),
            false => TaskName::Later(shown.path(task).clone()),
        };
        Branch { task, touches, known: state.known, arms, is_awake, part: None }
    }

    /// Where the first step of `branch` stands.
    pub fn position(&self, branch: &Branch) -> Position {
        let shown = self.context.shown;
        let task = match &branch.task {
            TaskName::Known(task) => Some(*task),
            TaskName::Later(path) => shown.named(path),
        };
        let Some(task) = task else { return Position::Unsure };
        let pending = self.context.state.pending(task).filter(|_| self.passed.is_empty());
        self.position_of(task, || match pending {
            Some(pending) => Touches::Exactly(pending.clone()),
            None => self.as_numbered_here(task, branch),
        })
    }

    /// Where the step of a task stands that sleeps at the state, and would touch `footprint` there.
    pub fn position_of_sleeper(&self, task: TaskIx, footprint: &Footprint) -> Position {
        self.position_of(task, || Touches::Exactly(footprint.clone()))
    }

    fn position_of(&self, task: TaskIx, touches: impl Fn() -> Touches) -> Position {
        let Context { order, second, .. } = self.context;
        if let Some(at) = self.sequence.iter().position(|k| order.task(*k) == task) {
            return self.position_of_step(at);
        }
        let touches = match touches() {
            Touches::Exactly(touched) => Touches::Exactly(touched.later()),
            other => other,
        };
        let mut position = Position::Beside(task);
        for k in self.sequence.iter().copied() {
            let depends = match &touches {
                Touches::Exactly(later) if k == second => self.second_touches.depends_on(later),
                Touches::Exactly(later) => self.depends_on(k, later),
                _ if k == second && !order.is_fixed(second) => None,
                _ => touches.depends_on(order.footprint(k)),
            };
            match depends {
                Some(true) => return Position::Later,
                Some(false) => {}
                None => position = Position::Unsure,
            }
        }
        position
    }

    /// Where the step stands that is the first of its task.
    fn position_of_step(&self, at: usize) -> Position {
        let Context { order, second, .. } = self.context;
        let earlier = &self.sequence[..at];
        let step = self.sequence[at];
        if step != second || order.is_fixed(second) {
            let is_later = earlier.iter().any(|k| order.is_before(*k, step));
            return if is_later { Position::Later } else { Position::At(at) };
        }
        if earlier.iter().any(|k| order.lets_on(*k, second)) {
            return Position::Later;
        }
        let mut position = Position::At(at);
        for k in earlier {
            match self.second_touches.depends_on(order.footprint(*k)) {
                Some(true) => return Position::Later,
                Some(false) => {}
                None => position = Position::Unsure,
            }
        }
        position
    }

    /// Whether `k` depends on `footprint`; `None` if that is not known, since `k` was the last decrease of a wait
    /// group and would be one before without those that are not part of the sequence.
    fn depends_on(&self, k: Decision, footprint: &Footprint) -> Option<bool> {
        let Context { order, first, .. } = self.context;
        let touched = order.footprint(k);
        if !touched.depends_on(footprint) {
            return Some(false);
        }
        let left_out = |other: Decision| {
            order.is_before(first, other) && order.footprint(other).later().depends_on(touched)
        };
        let certain = touched.earlier().depends_on(footprint) || !(first..k).any(left_out);
        certain.then_some(true)
    }

    /// What `branch` touches, in the numbers of the execution at hand.
    ///
    /// Objects of which nobody knew at the state have been numbered in the order in which they were first used.
    /// The same operation of the same task, after the same past, used the same ones here.
    fn as_numbered_here(&self, task: TaskIx, branch: &Branch) -> Touches {
        let Context { order, first, .. } = self.context;
        let passed = self.passed.iter().filter(|passed| **passed == task).count();
        let is_new = |k: Decision, here| order.lets_on(k, here) && !self.matched.contains(&k);
        let has_same_past = |here: &Decision| !(first..*here).any(|k| is_new(k, *here));
        let here = order.nth_after(task, first, passed).filter(has_same_past);
        branch.touches.renumbered(branch.known, here.map(|here| order.footprint(here)))
    }

    /// Goes past a step that is not part of the sequence and comes before it.
    pub fn pass(&mut self, task: TaskIx) {
        // At once as much as a descent may need: growing step by step is a good part of a large search's time.
        self.passed.reserve(self.sequence.len() + 1);
        self.passed.push(task);
    }

    /// Goes past a step of the sequence. The alternatives that it takes, unless it chooses anew.
    pub fn take(&mut self, place: usize) -> Option<Vec<u32>> {
        let choices = self.choices(place);
        let decision = self.sequence.remove(place);
        self.pass(self.context.order.task(decision));
        self.matched.reserve(self.sequence.len() + 1);
        self.matched.push(decision);
        (decision != self.context.second).then_some(choices)
    }

    /// The task of a step that is left.
    pub fn task(&self, place: usize) -> TaskIx {
        self.context.order.task(self.sequence[place])
    }
}
