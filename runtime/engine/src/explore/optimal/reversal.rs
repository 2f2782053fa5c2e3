//! The sequence that runs the second event of a race before the first, compared with what is explored anyway.
//!
//! From the state before the race's first event `a`, it runs all that does not happen after `a`, in the order
//! in which it was run, and then the second event, `b`. It goes to the end of the execution: cut at `b`, it
//! would be mistaken for a sequence that others lead to (the paper's *notdep* ranges over all of it).
//!
//! It is not written out before it is planned: of each task it has some decisions one after the other, since what comes
//! later in a task happens after what comes earlier. Whatever goes past a step takes the first of a task's.

use super::happens_before::{Decision, HappensBefore, ROW};
use super::node::State;
use super::shown::Shown;
use super::touches::Touches;
use super::tree::{Branch, Step, Strays, TaskName};
use super::used::Used;
use crate::execution::Rehearsed;
use crate::footprint::{Footprint, Known};
use gorace_analyzer_core::{ObjIx, TaskIx};
use std::cell::OnceCell;

/// What is given all the time that a race is looked at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The execution that shows the race.
    pub shown: &'a dyn Shown,
    /// Its clocks.
    pub order: &'a HappensBefore,
    /// The alternatives that each decision took.
    pub choices: &'a dyn Fn(Decision) -> Vec<u32>,
    /// What the sequence touches, if that can be told; asked for only where it is in doubt.
    pub rehearsed: &'a dyn Fn() -> Option<Rehearsed>,
    /// The state before the race's first event,
    pub state: &'a State,
    /// which is this one.
    pub first: Decision,
    /// The race's second event.
    pub second: Decision,
}

/// What is left of the sequence on the way down a wakeup tree.
#[derive(Clone)]
pub struct Reversal<'a> {
    pub(super) context: Context<'a>,
    lines: Lines,
    /// For the first tasks: how many of its decisions come before the first that is left. No decision has as many
    /// before it as there are for a task that has none left.
    before: [u32; ROW],
    /// How many steps are left,
    left: usize,
    /// and whether any step was passed.
    is_at_state: bool,
    /// Whose steps were passed that are not part of it.
    strays: Strays,
    /// From which counters those took one away.
    pub(super) taken: Vec<ObjIx>,
    /// What the second event of the race touches where the first one has not been, as far as that is seen at once.
    second_touches: Touches,
    /// What all touch, once that was in doubt.
    rehearsed: OnceCell<Option<Rehearsed>>,
}

/// A task's decisions: places among all of its own.
#[derive(Clone, Copy, Default)]
struct Line {
    /// The first that is left of the sequence,
    next: u32,
    /// and the end of the sequence's.
    end: u32,
    /// How many steps of the task were passed that are not part of the sequence.
    beside: u32,
}

/// By task. Those of the first tasks lie in place: there is a reversal for each race.
#[derive(Clone)]
struct Lines {
    few: [Line; ROW],
    more: Vec<Line>,
}

impl Lines {
    /// That of a task; an empty one, if it has no decisions.
    fn of(&self, task: TaskIx) -> Line {
        let line = self.few.get(task.at()).or_else(|| self.more.get(task.at() - ROW));
        line.copied().unwrap_or_default()
    }

    fn of_mut(&mut self, task: TaskIx) -> Option<&mut Line> {
        self.few.get_mut(task.at()).or_else(|| self.more.get_mut(task.at() - ROW))
    }

    /// Each with its task.
    fn iter(&self) -> impl Iterator<Item = (TaskIx, &Line)> {
        (0..).map(TaskIx).zip(self.few.iter().chain(&self.more))
    }
}

/// Where a step stands in some order of a sequence, or of what extends it.
#[derive(Clone, Copy)]
pub enum Position {
    /// It may be first, and is this one.
    At(Decision),
    /// It may be first; its task is not in the sequence, and it depends on nothing there. If it takes one away from a counter,
    /// from which.
    Beside(TaskIx, Option<ObjIx>),
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
        let mut reversal = Reversal {
            context,
            lines: Lines { few: [Line::default(); ROW], more: Vec::new() },
            before: [u32::MAX; ROW],
            left: 0,
            is_at_state: true,
            strays: Strays::default(),
            taken: Vec::new(),
            second_touches: Touches::Unknown,
            rehearsed: OnceCell::new(),
        };
        for task in (0..order.lines().tasks()).map(|task| TaskIx(task as u32)) {
            let line = order.lines().line(task);
            let start = order.lines().so_far(task, first);
            let end = match task == order.task(second) {
                true => order.index(second) as usize,
                false => start + line[start..].iter().take_while(|k| !order.is_before(first, **k)).count(),
            };
            reversal.left += end - start;
            let (next, end) = (start as u32, end as u32);
            let line = Line { next, end, beside: 0 };
            match reversal.lines.of_mut(task) {
                Some(own) => *own = line,
                None => reversal.lines.more.push(line),
            }
            reversal.note_before(task);
        }
        reversal.second_touches = reversal.touches_of_second();
        reversal
    }

    fn note_before(&mut self, task: TaskIx) {
        let Line { next, end, .. } = self.lines.of(task);
        if let Some(before) = self.before.get_mut(task.at()) {
            *before = if next < end { next } else { u32::MAX };
        }
    }

    /// What the second event touches when it comes after the others, but not after the first.
    fn touches_of_second(&self) -> Touches {
        let Context { order, state, second, .. } = self.context;
        let here = order.footprint(second);
        if order.is_fixed(second) {
            return Touches::Exactly(here.clone());
        }
        let task = order.task(second);
        let is_next = self.first_of(task) == Some(second) && order.task(self.context.first) != task;
        let reaches = order.reaches(second);
        let Some(pending) = state.pending(task).filter(|_| is_next) else {
            return Touches::Perhaps { footprint: here.clone(), reaches };
        };
        let later = pending.later();
        let is_met = self.others().any(|k| order.footprint(k).depends_on(&later));
        match later == *pending && !is_met {
            true => Touches::Exactly(later),
            false => Touches::Perhaps { footprint: here.with(pending), reaches },
        }
    }

    fn rehearsed(&self) -> Option<&Rehearsed> {
        self.rehearsed.get_or_init(self.context.rehearsed).as_ref()
    }

    /// Whether the second event depends on what touches `other`, if that can be told.
    fn second_depends_on(&self, other: &Footprint) -> Option<bool> {
        let depends = self.second_touches.depends_on(other, |_, _| true);
        depends.or_else(|| self.rehearsed().map(|rehearsed| rehearsed.last.depends_on(other)))
    }

    /// Whether the second event depends on another one, if that can be told.
    fn second_depends_on_step(&self, k: Decision) -> Option<bool> {
        let depends = self.second_depends_on(self.touches(k));
        let is_certain = depends == Some(true) || !self.context.order.may_have_ended(self.context.second);
        let ended = || self.rehearsed().map(|rehearsed| rehearsed.after.contains(&k));
        if is_certain { depends } else { ended() }
    }

    /// What one that is not the second event touches where the first one has not been.
    fn touches(&self, k: Decision) -> &Footprint {
        let as_run = self.context.order.footprint(k);
        // What others take away of a counter shows in who takes away the last of it; all else is as it was.
        if !as_run.goes_by_others() {
            return as_run;
        }
        let others = self.rehearsed().map_or(&[][..], |rehearsed| &rehearsed.others);
        others.iter().find(|(other, _)| *other == k).map_or(as_run, |(_, touches)| touches)
    }

    /// Whether it can be run: the second event may be the clock's, which needs a timer.
    pub fn is_feasible(&self) -> bool {
        let Context { shown, order, state, second, .. } = self.context;
        let clock = order.task(second);
        if shown.clock() != Some(clock) || state.pending(clock).is_some() || state.passed_over {
            return true;
        }
        let started = self.steps().map(|k| shown.started_by(order.event(k))).sum::<usize>();
        started >= self.steps().filter(|k| order.task(*k) == clock).count()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Whose steps it went past that are not part of it.
    pub fn strays(&self) -> Strays {
        self.strays
    }

    /// Those that are left, in their order, without the second event.
    fn others(&self) -> impl Iterator<Item = Decision> + '_ {
        let Context { order, first, second, .. } = self.context;
        (first + 1..order.len()).filter(move |k| *k != second && self.is_left(*k))
    }

    /// Those that are left, in their order.
    fn steps(&self) -> impl Iterator<Item = Decision> + '_ {
        let second = self.context.second;
        self.others().chain(Some(second).filter(|second| self.is_left(*second)))
    }

    pub(super) fn is_left(&self, k: Decision) -> bool {
        let Line { next, end, .. } = self.line_of(k);
        (next + 1..=end).contains(&self.context.order.index(k))
    }

    /// Whether it is one of the sequence, gone past or not.
    pub(super) fn is_part(&self, k: Decision) -> bool {
        let Context { order, first, .. } = self.context;
        k > first && order.index(k) <= self.line_of(k).end
    }

    fn line_of(&self, k: Decision) -> Line {
        self.lines.of(self.context.order.task(k))
    }

    /// The first step of a task.
    fn first_of(&self, task: TaskIx) -> Option<Decision> {
        let Line { next, end, .. } = self.lines.of(task);
        (next < end).then(|| self.context.order.lines().line(task)[next as usize])
    }

    /// The task of the first step.
    pub fn first_task(&self) -> Option<TaskIx> {
        self.steps().next().map(|k| self.context.order.task(k))
    }

    /// The sequence as a branch without siblings.
    pub fn branch(&self, is_awake: bool) -> Branch {
        let known = self.context.state.known;
        let mut steps = self.context.order.steps.borrow_mut();
        steps.extend(self.steps().map(|k| self.step(k)));
        // What was used is asked for only where a step touches what nobody knew; it is much to keep.
        let is_asked_for = steps.iter().any(|step| step.is_later(known));
        let used = is_asked_for.then(|| self.context.order.used());
        Branch::new(steps.drain(..), known, used, is_awake)
    }

    fn planned_touches(&self) -> Touches {
        if let Touches::Exactly(_) = &self.second_touches {
            return self.second_touches.clone();
        }
        let rehearsed = self.rehearsed().map(|rehearsed| Touches::Exactly(rehearsed.last.clone()));
        rehearsed.unwrap_or_else(|| self.second_touches.clone())
    }

    fn step(&self, k: Decision) -> Step {
        let Context { shown, order, choices, state, second, .. } = self.context;
        let task = order.task(k);
        let (touches, choices) = match k == second {
            // In whose place another one may come: it chooses anew.
            true => (self.planned_touches(), Vec::new()),
            false => (Touches::Exactly(self.touches(k).clone()), choices(k)),
        };
        let task = match task.0 < state.known.tasks {
            true => TaskName::Known(task),
            false => TaskName::Later(Box::new(shown.path(task).clone())),
        };
        Step { task, touches, seen: order.seen(k), choices: choices.into() }
    }

    /// Where a step that was planned when this was known stands.
    ///
    /// All this was `used` in the execution that it was planned after, whose numbers it has.
    pub fn position(&self, name: &TaskName, step: &Step, used: Option<&Used>, known: Known) -> Position {
        let task = match name {
            TaskName::Known(task) => Some(*task),
            TaskName::Later(path) => self.context.shown.named(path),
        };
        let Some(task) = task else { return Position::Unsure };
        if let Some(first) = self.first_of(task) {
            return self.position_of_step(first);
        }
        let pending = self.context.state.pending(task).filter(|_| self.is_at_state);
        if let Some(pending) = pending {
            return self.position_beside(task, pending);
        }
        match self.as_numbered_here(task, step, known) {
            Touches::Exactly(touched) => self.position_beside(task, &touched),
            other => self.position_in_doubt(task, &other, used, |k| self.depends_as_planned(step, k, used)),
        }
    }

    /// Where the step of a task stands that sleeps at the state, and would touch `footprint` there.
    pub fn position_of_sleeper(&self, task: TaskIx, footprint: &Footprint) -> Position {
        match self.first_of(task) {
            Some(step) => self.position_of_step(step),
            None => self.position_beside(task, footprint),
        }
    }

    /// Where the step of a task stands that has none in the sequence, and touches this.
    fn position_beside(&self, task: TaskIx, touched: &Footprint) -> Position {
        let Context { order, first, second, .. } = self.context;
        let later = touched.later();
        let of_second = if self.is_left(second) { self.second_depends_on(&later) } else { Some(false) };
        let counter = touched.takes_from();
        if of_second == Some(true) || counter.is_some_and(|counter| self.is_too_much(counter)) {
            return Position::Later;
        }
        for access in later.accesses() {
            let touching = order.lines().touching(access.object).iter().rev().copied();
            let mut touching =
                touching.take_while(|k| *k > first).filter(|k| *k != second && self.is_left(*k));
            if touching.any(|k| self.touches(k).depends_on(&later)) {
                return Position::Later;
            }
        }
        if of_second.is_some() { Position::Beside(task, counter) } else { Position::Unsure }
    }

    /// The same, where it is not known what it touches; `depends` may know more of its dependency on a step.
    fn position_in_doubt(
        &self,
        task: TaskIx,
        touches: &Touches,
        used: Option<&Used>,
        depends: impl Fn(Decision) -> Option<bool>,
    ) -> Position {
        let mut position = Position::Beside(task, None);
        for k in self.steps() {
            let may_be_one = |a, b| used.is_none_or(|used| used.made(a).may_be(self.context.order.made(b)));
            let known = self.touched(k).and_then(|touched| touches.depends_on(touched, may_be_one));
            match known.or_else(|| depends(k)) {
                Some(true) => return Position::Later,
                Some(false) => {}
                None => position = Position::Unsure,
            }
        }
        position
    }

    /// Whether a planned step depends on `k`, if that was done in the execution that it was planned after, in which all this
    /// was `used`: the task's code had seen the same, and so it is the same operation.
    fn depends_as_planned(&self, step: &Step, k: Decision, used: Option<&Used>) -> Option<bool> {
        let seen = self.context.order.seen(k);
        let (_, there) = used?.touched.iter().find(|(other, _)| *other == seen)?;
        let Touches::Exactly(own) = &step.touches else { return None };
        Some(own.depends_on(&self.touched(k)?.at_objects_of(there)?))
    }

    /// What one of the steps touches where the first event has not been, if that can be told.
    pub(super) fn touched(&self, k: Decision) -> Option<&Footprint> {
        match k == self.context.second && !self.context.order.is_fixed(k) {
            true => self.rehearsed().map(|rehearsed| &rehearsed.last),
            false => Some(self.touches(k)),
        }
    }

    /// Where the step stands that is the first of its task.
    fn position_of_step(&self, step: Decision) -> Position {
        let Context { order, second, .. } = self.context;
        if step != second || order.is_fixed(second) {
            return if self.is_after_others(step) { Position::Later } else { Position::At(step) };
        }
        let task = order.task(second);
        let lets_on = |(other, line): (TaskIx, &Line)| {
            other != task && line.next < line.end && order.base_count(other, second) > line.next
        };
        if self.lines.iter().any(lets_on) {
            return Position::Later;
        }
        let mut position = Position::At(second);
        for k in self.others() {
            match self.second_depends_on_step(k) {
                Some(true) => return Position::Later,
                Some(false) => {}
                None => position = Position::Unsure,
            }
        }
        position
    }

    /// Whether a step of another task happens before `step`: then the first of that task does.
    fn is_after_others(&self, step: Decision) -> bool {
        let Context { order, .. } = self.context;
        let own = order.task(step);
        let (at_hand, first) = match order.row(step) {
            Some(row) => {
                let known = row.iter().zip(&self.before).map(|(count, before)| u32::from(count > before));
                // The step itself is one of them.
                (known.sum::<u32>() > u32::from(own.at() < ROW), ROW)
            }
            None => (false, 0),
        };
        at_hand
            || self.lines.iter().skip(first).any(|(other, line)| {
                other != own && line.next < line.end && order.count(other, step) > line.next
            })
    }

    /// What a planned step touches, in the numbers of the execution at hand.
    ///
    /// Objects of which nobody knew at the state have been numbered in the order in which they were first used.
    /// The same operation of the same task, whose code has seen the same, used the same ones here.
    fn as_numbered_here(&self, task: TaskIx, step: &Step, known: Known) -> Touches {
        let Context { order, first, .. } = self.context;
        let line = self.lines.of(task);
        // The race's first event is its task's first that may be beside the sequence.
        let at = (line.next + line.beside).checked_sub(u32::from(task == order.task(first)));
        let here = at.and_then(|at| order.lines().line(task).get(at as usize).copied());
        let here = here.filter(|here| order.seen(*here) == step.seen);
        step.touches.renumbered(known, here.map(|here| order.footprint(here)))
    }

    /// Goes past a step that is not part of the sequence and comes before it, and takes one away from this counter.
    pub fn pass(&mut self, task: TaskIx, counter: Option<ObjIx>) {
        self.is_at_state = false;
        self.strays.add(task);
        self.taken.extend(counter);
        if let Some(line) = self.lines.of_mut(task) {
            line.beside += 1;
        }
    }

    /// Goes past a step of the sequence, the first of its task. The alternatives that it takes, unless it chooses anew.
    pub fn take(&mut self, step: Decision) -> Option<Vec<u32>> {
        let task = self.context.order.task(step);
        self.is_at_state = false;
        self.left -= 1;
        if let Some(line) = self.lines.of_mut(task) {
            line.next += 1;
        }
        self.note_before(task);
        (step != self.context.second).then(|| (self.context.choices)(step))
    }
}
