//! The search: gives selections and takes back what they met.

use super::ahead::Ahead;
use super::estimate::Explored;
use super::happens_before::{Decision, HappensBefore};
use super::highest::Highest;
use super::kept::Kept;
use super::node::{Choice, Node, State};
use super::part::{Bottom, ELSEWHERE};
use super::reversal::{Context, Position, Reversal};
use super::shown::Shown;
use super::spare::Spare;
use super::tree::{Inserted, Tree, insert};
use crate::descent::Lists;
use crate::execution::{Execution, Rehearsed, Stage};
use crate::explore::frontier::{Coded, Reader};
use crate::plan::{NodeRecord, Selection, WakeOn};
use gorace_analyzer_core::Listed;
use std::cell::Cell;

/// See the module above.
#[derive(Debug, Default)]
pub struct Optimal {
    pub(super) stack: Vec<Node>,
    /// Where in the stack each decision who runs is.
    pub(super) tasks: Vec<usize>,
    /// What is planned to follow the stack.
    pub(super) ahead: Ahead,
    /// The part that explores the first leaf of that, if one does.
    pub(super) due: Option<u64>,
    pub(super) order: HappensBefore,
    /// Lists of states that were left.
    pub(super) left: Vec<Lists>,
    /// Where other orders are rehearsed.
    pub(super) stage: Stage,
    /// How many decisions of the execution in `order` are still those of the stack.
    pub(super) shared: Decision,
    /// Whether what the stack and what is ahead lead to was given to be run.
    pub(super) given: bool,
    pub(super) finished: bool,
    /// The traces so far.
    pub(super) traces: u64,
    /// Whether a sequence was planned that may lead to nothing, or hangs on what an operation touches elsewhere: then a part
    /// explored ahead of its turn may be in vain.
    pub(super) has_doubt: bool,
    /// Set if this is a part of another search.
    pub(super) part: Option<Box<Bottom>>,
    /// What it keeps executions in, if it is a part.
    pub(super) spare: Spare,
    /// The clocks of the execution that was looked at last of those that were kept.
    pub(super) laid_out: HappensBefore,
    /// As `shared`, of that execution. (Those of a part share all of the stack that it was given.)
    pub(super) laid: Decision,
    /// Where the last executions planned anything.
    pub(super) highest: Highest,
}

impl Coded for Optimal {
    fn write(&self, out: &mut Vec<u8>) {
        self.stack.write(out);
        self.ahead.write(out);
        self.traces.write(out);
        self.given.write(out);
        self.finished.write(out);
        self.has_doubt.write(out);
        self.due.filter(|name| *name >= ELSEWHERE).write(out);
        self.part.write(out);
    }

    /// What depends on the last execution is computed anew after the next one.
    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let stack = Vec::<Node>::read(from)?;
        let is_task = |at: &usize| matches!(stack[*at], Node::Task(_));
        let search = Optimal {
            tasks: (0..stack.len()).filter(is_task).listed(),
            stack,
            ahead: Coded::read(from)?,
            traces: from.count()?,
            given: Coded::read(from)?,
            finished: Coded::read(from)?,
            has_doubt: Coded::read(from)?,
            due: Coded::read(from)?,
            part: Coded::read(from)?,
            ..Optimal::default()
        };
        search.is_whole().then_some(search)
    }
}

impl Optimal {
    /// Whether everything was run.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// How many traces there seem to be.
    pub fn estimate(&self) -> f64 {
        match self.finished {
            true => self.traces as f64,
            false => self.stack.iter().rev().fold(1.0, |below, node| node.estimate(below)),
        }
    }

    /// How many decisions lead to the last execution's end, as far as they are kept.
    pub fn len(&self) -> usize {
        self.stack.len()
    }

    /// Whether this is a part of another search.
    pub fn is_part(&self) -> bool {
        self.part.is_some()
    }

    /// Whether it is a part that is not what it would have been in its turn: going on with it is in vain.
    pub fn is_in_vain(&self) -> bool {
        self.part.as_ref().is_some_and(|part| part.doubtful)
    }

    /// Ends a part that cannot be explored ahead of its turn.
    pub fn end_in_vain(&mut self) {
        if let Some(part) = &mut self.part {
            part.doubtful = true;
        }
    }

    /// The names of the parts of this search that are explored elsewhere.
    pub fn parts_elsewhere(&self) -> Vec<u64> {
        let planned = self.stack.iter().flat_map(|node| match node {
            Node::Task(state) => state.plans.as_slice(),
            Node::Choice(_) => &[],
        });
        let names = planned.filter_map(|branch| branch.part).chain(self.due);
        names.filter(|name| *name >= ELSEWHERE).collect()
    }

    /// Whether a sequence was planned that may lead to nothing, or hangs on what an operation touches elsewhere.
    pub fn has_doubt(&self) -> bool {
        self.has_doubt
    }

    /// Whether there is another execution.
    pub fn has_next(&mut self) -> bool {
        if self.given {
            self.finished = !self.advance();
            self.given = false;
        }
        !self.finished
    }

    /// The next execution; `None` when there is none left.
    #[allow(
        clippy::should_implement_trait,
        reason = "a step of a machine, not an iterator: what it gives depends on what is fed in between"
    )]
    pub fn next(&mut self) -> Option<Selection> {
        if !self.has_next() {
            return None;
        }
        self.given = true;
        let state = self.stack.iter().rev().find_map(|node| match node {
            Node::Task(state) => Some(state),
            Node::Choice(_) => None,
        });
        let sleep = state.map_or(Vec::new(), |state| state.sleep.clone());
        let mut prefix = Vec::with_capacity(self.stack.len());
        self.stack.iter().for_each(|node| prefix.push(node.step()));
        let wakeup = self.ahead.first_path();
        Some(Selection::Search { prefix, sleep, lead: Vec::new(), wakeup, wake_on: WakeOn::Dependence })
    }

    /// Moves the deepest node that has something left to explore to it, dropping what is below; whether there
    /// is one.
    fn advance(&mut self) -> bool {
        let bottom = self.part.as_ref().map_or(0, |part| part.bottom);
        while let Some(node) = self.stack.get_mut(bottom..).and_then(<[Node]>::last_mut) {
            node.explored().next(self.traces);
            if let Some((ahead, due)) = node.advance() {
                (self.ahead, self.due) = (ahead, due);
                self.shared = self.shared.min(self.tasks.len() - 1);
                self.laid = self.laid.min(self.tasks.len() - 1);
                return true;
            }
            if let Some(Node::Task(state)) = self.stack.pop() {
                self.tasks.pop();
                self.left.push([state.eligible, state.sleep]);
            }
        }
        false
    }

    /// Takes the execution that [`Optimal::next`] asked for, and plans what its races lead to; whether it was new.
    pub fn absorb(&mut self, execution: &mut Execution, complete: bool) -> bool {
        let mut ahead = std::mem::take(&mut self.ahead);
        self.due = None;
        let mut records = execution.take_nodes();
        self.give_room(execution, records.len());
        let path = self.is_at_start_of_part().then(|| records.clone());
        let mut ahead_for = 0;
        for record in records.drain(..) {
            ahead_for += usize::from(!ahead.is_empty());
            ahead = self.push(record, ahead, execution);
        }
        execution.reuse_nodes(records);
        if let Some(path) = path {
            self.begin_part(path, ahead_for, execution, complete);
        }
        self.traces += u64::from(complete);
        // What was abandoned is equivalent to something whose races were looked at.
        if complete {
            let mut order = std::mem::take(&mut self.order);
            order.analyze(execution, self.shared);
            self.shared = order.len();
            let look = Look::of(execution, &order);
            self.plan_all(&look);
            self.drop_led(&look);
            self.order = order;
        }
        complete
    }

    /// Gives an execution as many lists as it has used. What is left over is for what is taken over.
    fn give_room(&mut self, execution: &mut Execution, used: usize) {
        let from = self.left.len().saturating_sub(used);
        execution.reuse(self.left.drain(from..));
    }

    /// Plans what the races lead to, and the alternatives that were not taken.
    fn plan_all(&mut self, look: &Look<'_>) {
        self.highest.begin();
        for race in look.order.races() {
            self.reverse_unless_led(look, *race);
        }
        for decision in 0..look.order.len() {
            self.choose_otherwise(look, decision);
        }
    }

    /// Adds a node to the stack: gives what is planned to follow it.
    pub(super) fn push(&mut self, record: NodeRecord, ahead: Ahead, shown: &dyn Shown) -> Ahead {
        match record {
            NodeRecord::Choice { of, taken } => {
                let state = self.tasks.last().and_then(|at| self.stack.get(*at)?.state());
                let is_awake = state.is_none_or(State::wakes_all);
                let (choice, below) = Choice::new(of, taken, ahead, is_awake, Explored::from(self.traces));
                self.stack.push(Node::Choice(choice));
                below
            }
            NodeRecord::Task { eligible, chosen, sleep, known, passed_over, broken, .. } => {
                let mut state = State {
                    eligible,
                    chosen: chosen as usize,
                    sleep,
                    plans: Tree::new(),
                    known,
                    passed_over,
                    explored: Explored::from(self.traces),
                };
                let below = state.continue_plan(ahead, shown);
                if broken {
                    state.plan_all();
                }
                self.tasks.push(self.stack.len());
                self.stack.push(Node::Task(state));
                below
            }
        }
    }

    /// Plans what a race leads to, unless it is seen at once that somebody who sleeps leads there: mostly somebody does.
    pub(super) fn reverse_unless_led(&mut self, look: &Look<'_>, race: (Decision, Decision)) {
        let state = self.stack[self.tasks[race.0]].state();
        let mut asleep = state.iter().flat_map(|state| &state.sleep).map(|(task, _)| *task);
        if !asleep.any(|task| look.order.leads_to_reversal(task, race)) {
            self.reverse(look, race);
        }
    }

    /// Plans what a race leads to.
    fn reverse(&mut self, look: &Look<'_>, race: (Decision, Decision)) {
        let (Look { shown, order, kept, .. }, (first, second)) = (*look, race);
        let at = self.tasks[first];
        let Node::Task(state) = &mut self.stack[at] else { return };
        let mut plans = std::mem::take(&mut state.plans);
        let Node::Task(state) = &self.stack[at] else { return };
        let choices = |decision| kept.map_or_else(|| self.choices(decision), |kept| kept.choices(decision));
        let hangs_on_state = Cell::new(false);
        let rehearsed = || {
            hangs_on_state.set(true);
            self.rehearse(look, (first, second))
        };
        let context =
            Context { shown, order, choices: &choices, rehearsed: &rehearsed, state, first, second };
        let planned = plan(&mut plans, context);
        let Node::Task(state) = &mut self.stack[at] else { return };
        state.plans = plans;
        match planned {
            Planned::Nothing => {}
            Planned::Sequence(inserted) => {
                self.has_doubt |= inserted.planned && (!inserted.whole || hangs_on_state.get());
                if inserted.planned {
                    self.highest.note(at);
                }
                self.note_above(at, (first, second), inserted, look)
            }
            Planned::Everything => {
                state.plan_all();
                self.note_doubt(at);
            }
        }
    }

    /// Plans the alternatives that a decision did not take, where somebody sleeps.
    pub(super) fn choose_otherwise(&mut self, look: &Look<'_>, decision: Decision) {
        if !self.has_other_choices(decision) {
            return;
        }
        let Look { shown, order, kept, .. } = *look;
        let at = self.tasks[decision];
        let Some(state) = self.stack[at].state() else { return };
        let choices = |decision| kept.map_or_else(|| self.choices(decision), |kept| kept.choices(decision));
        let context = Context {
            shown,
            order,
            choices: &choices,
            rehearsed: &|| self.rehearse(look, (decision, decision)),
            state,
            first: decision,
            second: decision,
        };
        let Some((tree, awake)) = after_other_choice(context) else { return };
        if plan_others(&mut self.stack[at + 1..], &tree) {
            self.has_doubt |= !awake;
            let inserted = Inserted { planned: true, whole: awake, ..Inserted::NOT };
            self.note_above(at, (decision, decision), inserted, look);
        }
    }

    /// Whether a decision did not take all alternatives, where somebody sleeps.
    pub(super) fn has_other_choices(&self, decision: Decision) -> bool {
        let is_left = |node: &Node| matches!(node, Node::Choice(choice) if choice.has_others());
        self.choice_nodes(self.tasks[decision]).iter().any(is_left)
    }

    /// What the sequence that reverses a race touches; `None` if it cannot be run.
    pub(super) fn rehearse(&self, look: &Look<'_>, race: (Decision, Decision)) -> Option<Rehearsed> {
        let (Look { order, execution, .. }, (first, second)) = (*look, race);
        let is_moved = |k: &Decision| *k != second && !order.is_before(first, *k);
        let mut moved: Vec<Decision> = (0..first).collect();
        moved.extend((first + 1..order.len()).filter(is_moved));
        moved.push(second);
        self.stage.rehearse(execution?, &moved, first, |decision| self.choices(decision))
    }

    /// What was chosen within the decision at this place.
    fn choice_nodes(&self, at: usize) -> &[Node] {
        let rest = &self.stack[at + 1..];
        let choices = rest.iter().take_while(|node| matches!(node, Node::Choice(_))).count();
        &rest[..choices]
    }

    /// The alternatives that a decision took.
    pub(super) fn choices(&self, decision: Decision) -> Vec<u32> {
        let after = self.stack[self.tasks[decision] + 1..].iter();
        let choices = after.map_while(|node| match node {
            Node::Choice(choice) => Some(choice.now()),
            Node::Task(_) => None,
        });
        choices.listed()
    }
}

/// An execution and its clocks.
#[derive(Clone, Copy)]
pub(super) struct Look<'a> {
    pub shown: &'a dyn Shown,
    pub order: &'a HappensBefore,
    /// While it is there; without it nothing can be rehearsed.
    pub execution: Option<&'a Execution>,
    /// What is kept of it, if it is not on the stack.
    pub kept: Option<&'a Kept>,
}

impl<'a> Look<'a> {
    /// One that is there and on the stack.
    pub fn of(execution: &'a Execution, order: &'a HappensBefore) -> Self {
        Look { shown: execution, order, execution: Some(execution), kept: None }
    }

    /// One of which this is kept.
    pub fn of_kept(kept: &'a Kept, order: &'a HappensBefore) -> Self {
        Look { shown: kept, order, execution: None, kept: Some(kept) }
    }
}

/// What was planned for a race.
pub(super) enum Planned {
    /// Nothing: somebody who sleeps leads there, or nothing does.
    Nothing,
    /// The sequence that reverses it, unless that was planned before.
    Sequence(Inserted),
    /// All that can run is to be tried: whoever the sequence begins with was passed over.
    Everything,
}

/// Plans the sequence that reverses a race.
pub(super) fn plan(plans: &mut Tree, context: Context<'_>) -> Planned {
    let state = context.state;
    let reversal = Reversal::new(context);
    if !reversal.is_feasible() {
        return Planned::Nothing;
    }
    let mut awake = true;
    for (task, footprint) in &state.sleep {
        match reversal.position_of_sleeper(*task, footprint) {
            Position::At(_) | Position::Beside(..) => return Planned::Nothing,
            Position::Unsure => awake = false,
            Position::Later => {}
        }
    }
    if reversal.first_task().is_none_or(|task| state.pending(task).is_none()) {
        return Planned::Everything;
    }
    Planned::Sequence(insert(plans, reversal, awake))
}

/// What is to follow an operation if it takes another alternative than it did, and whether it is certain that nobody
/// sleeps then; `None` if somebody who sleeps leads there.
///
/// All that does not happen after it comes after that alternative as well. It is the sequence that "reverses" two events
/// that exclude each other, which are both this one.
pub(super) fn after_other_choice(context: Context<'_>) -> Option<(Tree, bool)> {
    let Context { order, state, first, .. } = context;
    let reversal = Reversal::new(context);
    let (task, footprint) = (order.task(first), order.footprint(first));
    let mut awake = true;
    for (other, touched) in &state.sleep {
        if *other == task || touched.depends_on(footprint) {
            continue;
        }
        match reversal.position_of_sleeper(*other, touched) {
            Position::At(_) | Position::Beside(..) => return None,
            Position::Unsure => awake = false,
            Position::Later => {}
        }
    }
    let branch = (!reversal.is_empty()).then(|| reversal.branch(awake));
    Some((branch.into_iter().collect(), awake))
}

/// Plans the other alternatives of the choices with which this begins; whether any was new.
pub(super) fn plan_others(nodes: &mut [Node], tree: &Tree) -> bool {
    let mut any = false;
    for node in nodes {
        let Node::Choice(choice) = node else { break };
        any |= choice.has_others() && choice.plan_others(tree);
    }
    any
}
