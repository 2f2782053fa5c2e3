//! Sequences that were planned in doubt are dropped once an execution shows that something explored before leads there.
//!
//! Whether an earlier step `q` of a wakeup tree leads to a sequence cannot always be told when the sequence is planned: the two
//! may use one object or two, where no execution so far had both. Then it is planned beside `q`. By the time its turn has come,
//! all that `q` leads to is explored. If that is the sequence as well, some execution after `q` has shown it: the sequence's
//! tasks do its steps there, each as the next of its task, and what happens before a step comes before `q` or is an earlier one
//! of them. So the steps could all be run before `q`, and do what they would do without it: the execution is equivalent to one
//! that begins with the sequence, and to one that begins with `q`. In its turn `q` sleeps, and the sequence is left out as the
//! paper leaves out what somebody who sleeps leads to.
//!
//! Nothing is believed here of what operations would touch elsewhere, and what no execution shows is not dropped. Nor is a
//! sequence whose last operation chooses: which alternative it takes is not planned, and `q` may commute with one of them only.
//! Executions from before the sequence was planned need not be looked at: whoever sleeps at its state by then could run there in
//! the execution that it was planned after, which shows whether they commute.

use super::happens_before::{Decision, HappensBefore};
use super::node::Node;
use super::search::{Look, Optimal};
use super::shown::Shown;
use super::tree::{Branch, Step, TaskName, Tree};
use gorace_analyzer_core::TaskIx;

impl Optimal {
    /// Drops what was planned in doubt and what this execution, which was just taken, leads to.
    pub(super) fn drop_led(&mut self, look: &Look<'_>) {
        if !self.has_doubt {
            return;
        }
        for first in 0..look.order.len().min(self.tasks.len()) {
            let Node::Task(state) = &mut self.stack[self.tasks[first]] else { continue };
            if !state.is_in_doubt() {
                continue;
            }
            let mut plans = std::mem::take(&mut state.plans);
            let choices =
                |decision| look.kept.map_or_else(|| self.choices(decision), |kept| kept.choices(decision));
            let mut led = After::new(look, &choices, first).leaves(&plans);
            led.sort_unstable();
            // From the last one on, so that the places of the others stay as they are.
            led.iter().rev().for_each(|way| remove(&mut plans, way));
            if let Node::Task(state) = &mut self.stack[self.tasks[first]] {
                state.plans = plans;
            }
        }
    }
}

/// The way to a leaf: after which arm of the branch above, and its place in what follows that.
type Way = Vec<(usize, usize)>;

/// What an execution shows after one of its decisions, and how far a sequence was found there.
struct After<'a> {
    shown: &'a dyn Shown,
    order: &'a HappensBefore,
    /// The alternatives that each decision took.
    choices: &'a dyn Fn(Decision) -> Vec<u32>,
    first: Decision,
    /// By task, how many steps were found,
    found: Vec<usize>,
    /// and whose they are, in their order.
    whose: Vec<TaskIx>,
}

impl<'a> After<'a> {
    fn new(look: &Look<'a>, choices: &'a dyn Fn(Decision) -> Vec<u32>, first: Decision) -> Self {
        let Look { shown, order, .. } = *look;
        After { shown, order, choices, first, found: vec![0; order.lines().tasks()], whose: Vec::new() }
    }

    /// The leaves that it leads to, of those planned in doubt.
    fn leaves(&mut self, tree: &Tree) -> Vec<Way> {
        let in_doubt = tree.iter().enumerate().filter(|(_, branch)| branch.is_in_doubt);
        let mut left: Vec<_> = in_doubt.map(|(place, branch)| (vec![(0, place)], branch, 0)).collect();
        let mut led = Vec::new();
        while let Some((way, branch, found)) = left.pop() {
            self.go_back(found);
            let Some(last) = self.follow(branch) else { continue };
            if branch.arms.is_empty() && self.takes(last, &[]) {
                led.push(way);
                continue;
            }
            for (arm, (choices, below)) in branch.arms.iter().enumerate() {
                if self.takes(last, choices) {
                    let to = |place| [way.as_slice(), &[(arm, place)]].concat();
                    left.extend(below.iter().enumerate().map(|(at, next)| (to(at), next, self.whose.len())));
                }
            }
        }
        led
    }

    /// Finds the steps of a branch, if they come next; the last of them.
    fn follow(&mut self, branch: &Branch) -> Option<Decision> {
        let mut last: Option<(Decision, &Step)> = None;
        for (place, step) in branch.steps().iter().enumerate() {
            if last.is_some_and(|(last, step)| !self.takes(last, &step.choices)) {
                return None;
            }
            last = Some((self.find(if place == 0 { &branch.task } else { &step.task })?, step));
        }
        last.map(|(last, _)| last)
    }

    /// Whether a decision takes these alternatives here.
    fn takes(&self, decision: Decision, choices: &[u32]) -> bool {
        (self.choices)(decision) == choices
    }

    /// Finds a step, if it comes next.
    fn find(&mut self, name: &TaskName) -> Option<Decision> {
        let After { order, first, .. } = *self;
        let task = match name {
            TaskName::Known(task) => *task,
            TaskName::Later(path) => self.shown.named(path)?,
        };
        let own = order.task(first);
        if task == own {
            return None;
        }
        let before = |task: TaskIx| order.lines().so_far(task, first) - usize::from(task == own);
        let next = before(task) + self.found.get(task.at())?;
        let next = *order.lines().line(task).get(next)?;
        let is_found = |(other, found): (TaskIx, &usize)| {
            other == task || order.count(other, next) as usize <= before(other) + found
        };
        (0..).map(TaskIx).zip(&self.found).all(is_found).then(|| {
            self.found[task.at()] += 1;
            self.whose.push(task);
            next
        })
    }

    /// Goes back to where so many steps were found.
    fn go_back(&mut self, to: usize) {
        for task in self.whose.drain(to..) {
            self.found[task.at()] -= 1;
        }
    }
}

/// Removes a leaf, and what is above it and leads nowhere then.
fn remove(tree: &mut Tree, mut way: &[(usize, usize)]) {
    while let Some(((arm, place), above)) = way.split_last() {
        let Some(branch) = branch_at(tree, above) else {
            tree.remove(*place);
            return;
        };
        let arms = branch.arms.to_mut();
        arms[*arm].1.remove(*place);
        if !arms[*arm].1.is_empty() {
            return;
        }
        arms.remove(*arm);
        if !arms.is_empty() {
            return;
        }
        way = above;
    }
}

/// The branch to which a way leads; `None` above all of them.
fn branch_at<'t>(tree: &'t mut Tree, way: &[(usize, usize)]) -> Option<&'t mut Branch> {
    let ((_, place), below) = way.split_first()?;
    let down =
        |branch: &'t mut Branch, (arm, place): &(usize, usize)| &mut branch.arms.to_mut()[*arm].1[*place];
    Some(below.iter().fold(&mut tree[*place], down))
}
