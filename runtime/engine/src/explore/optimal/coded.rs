//! The optimal search as bytes: its stack, and what is planned.
//!
//! A wakeup tree may be as deep as an execution is long, so it is written and read without recursion: each
//! branch is followed by its arms, each arm by its branches.

use super::node::{Choice, Node, State};
use super::part::ELSEWHERE;
use super::touches::Touches;
use super::tree::{Arms, Branch, TaskName, Tree};
use crate::explore::frontier::{Coded, Reader, coded};
use crate::footprint::{Footprint, Known};
use gorace_analyzer_core::Listed;

coded! {
    State { eligible, chosen, sleep, plans, known, passed_over, explored },
    Choice { of, taken, plans, explored },
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
            false => Coded::read(from).map(TaskName::Later),
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

/// What is still to be written, the next one last.
enum Left<'a> {
    Branch(&'a Branch),
    Arm(&'a (Vec<u32>, Tree)),
}

fn write_branches(tree: &Tree, out: &mut Vec<u8>) {
    let mut left: Vec<_> = tree.iter().rev().map(Left::Branch).listed();
    while let Some(next) = left.pop() {
        match next {
            Left::Branch(Branch { task, touches, known, arms, is_awake, part }) => {
                task.write(out);
                touches.write(out);
                known.write(out);
                is_awake.write(out);
                part.filter(|name| *name >= ELSEWHERE).write(out);
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
                    (Open::Arms(arms, _), Some(Open::Tree(tree, _))) => tree.last_mut()?.arms = arms,
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
                let (task, touches) = Coded::read(from)?;
                let (known, is_awake) = Coded::read(from)?;
                let part = Coded::read(from)?;
                tree.push(Branch { task, touches, known, is_awake, arms: Arms::new(), part });
                open.push(Open::Arms(Arms::new(), from.length()?));
            }
        }
    }
}

impl Coded for Tree {
    fn write(&self, out: &mut Vec<u8>) {
        self.len().write(out);
        write_branches(self, out);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        read_tree(from.length()?, from)
    }
}
