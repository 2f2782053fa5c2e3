//! The optimal search as bytes: its stack, and what is planned.
//!
//! A wakeup tree that was read may be as deep as its text is long, so it is written and read without recursion: each
//! branch is followed by its arms, each arm by its branches.

use super::ahead::Ahead;
use super::node::{Choice, Node, State};
use super::part::ELSEWHERE;
use super::touches::Touches;
use super::tree::{Arms, Branch, Step, TaskName, Tree};
use super::used::Used;
use crate::explore::frontier::{Coded, Reader, coded};
use crate::footprint::{Footprint, Known};
use std::sync::Arc;

coded! {
    State { eligible, chosen, sleep, plans, known, passed_over, explored },
    Choice { of, taken, plans, is_awake, explored },
    Step { task, touches, seen, choices },
    Used { touched, made },
}

impl Coded for Node {
    fn write(&self, out: &mut Vec<u8>) {
        matches!(self, Node::Task(_)).write(out);
        match self {
            Node::Task(state) => state.write(out),
            Node::Choice(choice) => choice.write(out),
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match bool::read(from)? {
            true => State::read(from).filter(|state| state.chosen < state.eligible.len()).map(Node::Task),
            false => Choice::read(from).filter(|choice| choice.is_whole()).map(Node::Choice),
        }
    }
}

impl Coded for TaskName {
    fn write(&self, out: &mut Vec<u8>) {
        matches!(self, TaskName::Known(_)).write(out);
        match self {
            TaskName::Known(task) => task.write(out),
            TaskName::Later(path) => path.write(out),
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match bool::read(from)? {
            true => Coded::read(from).map(TaskName::Known),
            false => Coded::read(from).map(|path| TaskName::Later(Box::new(path))),
        }
    }
}

impl Coded for Touches {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Touches::Exactly(footprint) => {
                out.push(0);
                footprint.write(out);
            }
            Touches::Perhaps { footprint, reaches } => {
                out.push(1);
                footprint.write(out);
                reaches.write(out);
            }
            Touches::Unnumbered { footprint, known } => {
                out.push(2);
                footprint.write(out);
                known.write(out);
            }
            Touches::Unknown => out.push(3),
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(match u32::read(from)? {
            0 => Touches::Exactly(Footprint::read(from)?),
            1 => Touches::Perhaps { footprint: Footprint::read(from)?, reaches: bool::read(from)? },
            2 => Touches::Unnumbered { footprint: Footprint::read(from)?, known: Known::read(from)? },
            3 => Touches::Unknown,
            _ => return None,
        })
    }
}

/// As it stands in a list: without what follows it.
fn write_branch(branch: &Branch, out: &mut Vec<u8>) {
    branch.steps().len().write(out);
    for (place, Step { task, touches, seen, choices }) in branch.steps().iter().enumerate() {
        if place == 0 { &branch.task } else { task }.write(out);
        touches.write(out);
        seen.write(out);
        choices.write(out);
    }
    branch.known.write(out);
    branch.used_later().write(out);
    branch.is_awake.write(out);
    branch.is_in_doubt.write(out);
    branch.part.filter(|name| *name >= ELSEWHERE).write(out);
}

fn read_branch(from: &mut Reader<'_>) -> Option<Branch> {
    let steps = Vec::read(from).filter(|steps: &Vec<Step>| !steps.is_empty())?;
    let (known, used) = (Coded::read(from)?, Option::<Used>::read(from)?);
    let mut branch = Branch::new(steps, known, used.map(Arc::new), Coded::read(from)?);
    (branch.is_in_doubt, branch.part) = (Coded::read(from)?, Coded::read(from)?);
    Some(branch)
}

/// What is still to be written, the next one last.
enum Left<'a> {
    Branch(&'a Branch),
    Arms(&'a [(Vec<u32>, Tree)]),
    Arm(&'a (Vec<u32>, Tree)),
}

fn write_all(next: Left<'_>, out: &mut Vec<u8>) {
    let mut left = vec![next];
    while let Some(next) = left.pop() {
        match next {
            Left::Branch(branch) => {
                write_branch(branch, out);
                left.push(Left::Arms(&branch.arms));
            }
            Left::Arms(arms) => {
                arms.len().write(out);
                left.extend(arms.iter().rev().map(Left::Arm));
            }
            Left::Arm((choices, tree)) => {
                choices.write(out);
                tree.len().write(out);
                left.extend(tree.iter().rev().map(Left::Branch));
            }
        }
    }
}

/// A list that is being read, and how many items it still lacks.
enum Open {
    /// What follows the last branch of the list around it.
    Arms(Arms, usize),
    /// What follows the last arm of the list around it.
    Tree(Tree, usize),
}

/// Reads a tree of so many branches.
fn read_tree(branches: usize, from: &mut Reader<'_>) -> Option<Tree> {
    let mut open = vec![Open::Tree(Tree::new(), branches)];
    loop {
        match open.last_mut()? {
            Open::Arms(_, 0) | Open::Tree(_, 0) => {
                let whole = open.pop()?;
                match (whole, open.last_mut()) {
                    (Open::Tree(tree, _), None) => return Some(tree),
                    (Open::Arms(arms, _), Some(Open::Tree(tree, _))) => tree.last_mut()?.arms = arms.into(),
                    (Open::Tree(tree, _), Some(Open::Arms(arms, _))) => arms.last_mut()?.1 = tree,
                    _ => return None,
                }
            }
            Open::Arms(arms, lacking) => {
                *lacking -= 1;
                arms.push((Coded::read(from)?, Tree::new()));
                open.push(Open::Tree(Tree::new(), from.length()?));
            }
            Open::Tree(tree, lacking) => {
                *lacking -= 1;
                tree.push(read_branch(from)?);
                open.push(Open::Arms(Arms::new(), from.length()?));
            }
        }
    }
}

impl Coded for Tree {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        self.iter().for_each(|branch| write_all(Left::Branch(branch), out));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        read_tree(from.length()?, from)
    }
}

impl Coded for Ahead {
    fn write(&self, out: &mut Vec<u8>) {
        matches!(self, Ahead::Along(..)).write(out);
        match self {
            Ahead::Arms(arms) => write_all(Left::Arms(arms), out),
            Ahead::Along(branch, taken) => {
                write_all(Left::Branch(branch), out);
                taken.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        if !bool::read(from)? {
            return Coded::read(from).map(Ahead::Arms);
        }
        let branch = read_tree(1, from)?.pop()?;
        let taken = Coded::read(from)?;
        let [first, _, ..] = branch.steps() else { return None };
        (taken <= first.choices.len()).then_some(Ahead::Along(branch, taken))
    }
}
