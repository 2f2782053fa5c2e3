//! An exhaustive search of any kind.

use super::frontier::{Coded, Reader};
use super::{Bounded, DepthFirst, Optimal};
use crate::execution::Execution;
use crate::plan::Selection;

/// See the module.
#[derive(Debug)]
pub(crate) enum Search {
    Optimal(Box<Optimal>),
    DepthFirst(DepthFirst),
    Bounded(Box<Bounded>),
}

impl Search {
    /// The search for this bound on preemptions.
    pub fn within(bound: Option<u32>) -> Self {
        match bound {
            None => Search::Optimal(Box::default()),
            Some(_) => Search::Bounded(Box::new(Bounded::up_to(bound))),
        }
    }

    /// Whether there is another execution.
    pub fn has_next(&mut self) -> bool {
        match self {
            Search::Optimal(search) => search.has_next(),
            Search::DepthFirst(search) => search.has_next(),
            Search::Bounded(search) => search.has_next(),
        }
    }

    /// The next execution; `None` when there is none left.
    pub fn next(&mut self) -> Option<Selection> {
        match self {
            Search::Optimal(search) => search.next(),
            Search::DepthFirst(search) => search.next(),
            Search::Bounded(search) => search.next(),
        }
    }

    /// Takes the execution that was asked for; whether it was new.
    pub fn absorb(&mut self, execution: &mut Execution, complete: bool) -> bool {
        match self {
            Search::Optimal(search) => search.absorb(execution, complete),
            Search::DepthFirst(search) => search.absorb(execution, complete),
            Search::Bounded(search) => search.absorb(execution, complete),
        }
    }

    /// Whether everything was run.
    pub fn is_finished(&self) -> bool {
        match self {
            Search::Optimal(search) => search.is_finished(),
            Search::DepthFirst(search) => search.is_finished(),
            Search::Bounded(search) => search.is_finished(),
        }
    }

    /// Its name, as printed.
    pub fn word(&self) -> &'static str {
        match self {
            Search::Optimal(_) => "dpor",
            Search::DepthFirst(_) => "depth-first",
            Search::Bounded(_) => "bounded",
        }
    }
}

impl Coded for Search {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Search::Optimal(search) => {
                out.push(0);
                search.write(out);
            }
            Search::DepthFirst(search) => {
                out.push(1);
                search.write(out);
            }
            Search::Bounded(search) => {
                out.push(2);
                search.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(match u32::read(from)? {
            0 => Search::Optimal(Coded::read(from)?),
            1 => Search::DepthFirst(Coded::read(from)?),
            2 => Search::Bounded(Coded::read(from)?),
            _ => return None,
        })
    }
}
