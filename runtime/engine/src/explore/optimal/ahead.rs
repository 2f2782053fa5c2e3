//! What is planned to follow a step, taken apart as the decisions after it come.

use super::tree::{Arms, Branch, Step, TaskName, Tree};
use crate::plan::WakeupStep;

/// See the module.
#[derive(Clone, Debug)]
pub enum Ahead {
    /// By the alternatives that the step takes.
    Arms(Arms),
    /// The step is the first of several of a branch, and so many of the alternatives that it takes there were taken.
    Along(Branch, usize),
}

impl Default for Ahead {
    /// Nothing.
    fn default() -> Self {
        Ahead::Arms(Arms::new())
    }
}

impl Ahead {
    /// What follows the first step of a branch.
    pub fn of(mut branch: Branch) -> Self {
        match branch.steps().len() {
            1 => Ahead::Arms(branch.arms.take()),
            _ => Ahead::Along(branch, 0),
        }
    }

    /// Whether nothing is planned.
    pub fn is_empty(&self) -> bool {
        matches!(self, Ahead::Arms(arms) if arms.is_empty())
    }

    /// The same by alternatives.
    pub fn arms(self) -> Arms {
        match self {
            Ahead::Arms(arms) => arms,
            Ahead::Along(branch, taken) => {
                let choices = branch.steps()[0].choices[taken..].to_vec();
                match branch.without_first() {
                    Ok(rest) => vec![(choices, vec![rest])],
                    Err(arms) => arms,
                }
            }
        }
    }

    /// What follows if the step takes this alternative next; and the others.
    pub fn choose(self, alternative: u32) -> (Ahead, Arms) {
        let mut arms = match self {
            Ahead::Along(branch, taken) if branch.steps()[0].choices.get(taken) == Some(&alternative) => {
                return (Ahead::Along(branch, taken + 1), Arms::new());
            }
            other => other.arms(),
        };
        (Ahead::Arms(take_alternative(&mut arms, alternative)), arms)
    }

    /// What follows if the step takes no more alternatives: one branch, or several.
    pub fn branches(self) -> Result<Branch, Tree> {
        match self {
            Ahead::Along(branch, taken) if taken == branch.steps()[0].choices.len() => {
                branch.without_first().map_err(|_| Tree::new())
            }
            Ahead::Along(..) => Err(Tree::new()),
            Ahead::Arms(arms) => {
                let chosen = arms.into_iter().find(|(choices, _)| choices.is_empty());
                Err(chosen.map_or(Tree::new(), |(_, tree)| tree))
            }
        }
    }

    /// As [`Branch::branching`], of the step that this follows.
    pub fn branching(&self) -> usize {
        match self {
            Ahead::Arms(arms) => branching(0, arms),
            Ahead::Along(branch, _) => branch.branching(),
        }
    }

    /// The steps to the leaf that is explored first.
    pub fn first_path(&self) -> Vec<WakeupStep> {
        let mut path = Vec::new();
        let mut arms: &[(Vec<u32>, Tree)] = match self {
            Ahead::Arms(arms) => arms,
            Ahead::Along(branch, taken) => {
                let steps = branch.steps();
                path.extend(steps[0].choices[*taken..].iter().copied().map(WakeupStep::Choice));
                along(&steps[1].task, &steps[1..], &mut path);
                &branch.arms
            }
        };
        while let Some((choices, tree)) = arms.first() {
            path.extend(choices.iter().copied().map(WakeupStep::Choice));
            let Some(branch) = tree.first() else { break };
            branch.append_to(&mut path);
            arms = &branch.arms;
        }
        path
    }
}

/// How many decisions these steps are, without what the last one takes.
fn decisions(steps: &[Step]) -> usize {
    let choices = steps.iter().rev().skip(1).map(|step| step.choices.len());
    steps.len() + choices.sum::<usize>()
}

/// As [`Branch::branching`], for what follows so many decisions.
fn branching(mut after: usize, mut arms: &[(Vec<u32>, Tree)]) -> usize {
    let mut last = 0;
    while let Some((choices, tree)) = arms.first()
        && let Some(branch) = tree.first()
    {
        after += choices.len();
        if arms.len() > 1 || tree.len() > 1 {
            last = after + 1;
        }
        after += decisions(branch.steps());
        arms = &branch.arms;
    }
    last
}

/// Takes out what follows this alternative. What follows whatever is taken follows each.
pub fn take_alternative(arms: &mut Arms, alternative: u32) -> Arms {
    let mut below = Arms::new();
    let mut at = 0;
    while let Some((choices, tree)) = arms.get(at) {
        match choices.first() {
            Some(first) if *first == alternative => {
                let (mut choices, tree) = arms.remove(at);
                below.push((choices.split_off(1), tree));
            }
            Some(_) => at += 1,
            None => {
                below.push((Vec::new(), tree.clone()));
                at += 1;
            }
        }
    }
    below
}

impl Branch {
    /// Appends its steps to a path, without what the last one takes.
    pub fn append_to(&self, path: &mut Vec<WakeupStep>) {
        along(&self.task, self.steps(), path);
    }

    /// The same without the first step; with what that takes, if it is not the last one.
    pub fn append_after_first(&self, path: &mut Vec<WakeupStep>) {
        if let [first, second, ..] = self.steps() {
            path.extend(first.choices.iter().copied().map(WakeupStep::Choice));
            along(&second.task, &self.steps()[1..], path);
        }
    }

    /// How many decisions come after the first to the last one, on the way to the leaf that is explored first, from whose state
    /// anything else is planned. 0, if there is none.
    pub fn branching(&self) -> usize {
        match self.steps() {
            [first, rest @ ..] if !rest.is_empty() => {
                branching(first.choices.len() + decisions(rest), &self.arms)
            }
            _ => branching(0, &self.arms),
        }
    }

    /// How many decisions lead to the leaf that is explored first.
    pub fn first_len(&self) -> usize {
        let (mut branch, mut len) = (self, decisions(self.steps()));
        while let Some((choices, tree)) = branch.arms.first()
            && let Some(next) = tree.first()
        {
            len += choices.len() + decisions(next.steps());
            branch = next;
        }
        len
    }

    /// The mark of the leaf that is explored first.
    pub fn first_mark(&self) -> Option<u64> {
        let mut branch = self;
        loop {
            if branch.part.is_some() {
                return branch.part;
            }
            branch = branch.arms.first()?.1.first()?;
        }
    }
}

/// Appends the steps of a branch, the first of whose tasks has this name, without what the last one takes.
fn along(first: &TaskName, steps: &[Step], path: &mut Vec<WakeupStep>) {
    for (place, step) in steps.iter().enumerate() {
        path.push(match if place == 0 { first } else { &step.task } {
            TaskName::Known(task) => WakeupStep::Task(*task),
            TaskName::Later(name) => WakeupStep::Named((**name).clone()),
        });
        if place + 1 < steps.len() {
            path.extend(step.choices.iter().copied().map(WakeupStep::Choice));
        }
    }
}
