//! A worded finding: plain data, ready to be drawn.

use crate::describe::InGo;
use crate::ids::{EventIx, TaskIx};
use crate::{Code, Frame};
use std::rc::Rc;

/// One report.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// `GR0001` ..
    pub code: Code,
    /// The first line: what, where, who.
    pub headline: String,
    /// Go's own words for it, if it has some.
    pub go_words: Option<&'static str>,
    /// The whole of it in Go's form.
    pub in_go: InGo,
    /// The source, most important first.
    pub snippets: Vec<Snippet>,
    /// Who waits for whom: a title (`wait-for cycle`) and a line for each.
    pub waits: Option<(&'static str, Vec<String>)>,
    /// Where the tasks were spawned, if no snippet shows it.
    pub spawned: Option<String>,
    /// The interleaving.
    pub timeline: Option<Timeline>,
    /// Why it is a bug: a title (`why unordered`) and lines.
    pub why: Option<(&'static str, Vec<String>)>,
    /// What may help; absent if no known pattern fits.
    pub help: Vec<String>,
    /// How it was found, one fact a line.
    pub facts: Vec<String>,
    /// What `gorace replay` takes.
    pub replay: String,
    /// Where it shows, most important first: for editors and scripts.
    pub accesses: Vec<(TaskIx, &'static str, Frame)>,
}

/// A piece of source with what happened there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snippet {
    /// What introduces it (`conflicts with: ..`); the first one has none.
    pub title: Option<String>,
    /// The file as the compiler saw it.
    pub file: String,
    /// The file's text; `None`: only the place can be shown.
    pub text: Option<Rc<str>>,
    /// What happened, in order of importance.
    pub marks: Vec<Mark>,
}

/// One place in a snippet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Counted from 1.
    pub line: u32,
    /// In characters, counted from 1; 0 if not known.
    pub column: u32,
    /// ① .. as in the prose and the timeline.
    pub number: Option<u8>,
    /// What happened.
    pub label: String,
    /// Whose it was: decides the colour.
    pub task: TaskIx,
    /// Whether it is what the snippet is about.
    pub primary: bool,
}

/// The interleaving as columns of tasks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline {
    /// The steps that are shown, of how many.
    pub shown: usize,
    /// All steps of the execution.
    pub of: usize,
    /// Switches away from a task that could have gone on.
    pub forced: usize,
    /// Whether a completed search shows that the finding needs as many.
    pub minimal: bool,
    /// One a task.
    pub columns: Vec<Column>,
    /// In order.
    pub rows: Vec<Row>,
}

/// A task's column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// Whose.
    pub task: TaskIx,
    /// `T1 transfer`.
    pub header: String,
}

/// One step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Row {
    /// Something that a task did.
    Step {
        /// Counted from 1 within the timeline.
        number: usize,
        /// Which event of the trace it is.
        event: EventIx,
        /// Whose column.
        column: usize,
        /// What.
        cell: Cell,
        /// The column of the task that starts by it.
        starts: Option<usize>,
    },
    /// Steps that are left out.
    Folded(usize),
    /// Steps of tasks that have no column.
    Others(usize),
    /// A step of a task that has no column, where all steps are shown.
    Beside {
        /// Counted from 1 within the timeline.
        number: usize,
        /// Whose.
        task: TaskIx,
        /// ``T5 worker: lock `a` ``
        cell: Cell,
    },
    /// How it ends: `nothing can run`.
    End(String),
}

/// What stands in a timeline's cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cell {
    /// ① ..
    pub number: Option<u8>,
    /// ``lock `a` ``
    pub text: String,
    /// `:21`; 0 if not known.
    pub line: u32,
    /// The task waits from here on.
    pub waits: bool,
    /// Something to be said behind it: `unordered with 5`.
    pub remark: Option<String>,
}
