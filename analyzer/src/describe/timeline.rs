//! The interleaving: the steps that matter, one column a task.

use crate::describe::by_event::ByEvent;
use crate::describe::{Cell, Column, Names, Row, Timeline};
use crate::ids::TaskIx;
use crate::op::OpKind;
use gorace_analyzer_core::Listed;

/// Columns at the most: more do not fit a terminal.
const COLUMNS: usize = 4;

/// A trace of no more steps is shown whole: leaving steps out would hide more than it clears.
const SMALL: usize = 12;

/// What to show.
pub(crate) struct Wanted {
    /// The tasks that matter, without their spawners.
    pub tasks: Vec<TaskIx>,
    /// The events that matter, with the number they have in the prose, if they have one.
    pub events: ByEvent<Option<u8>>,
    /// What is said behind some of them.
    pub remarks: ByEvent<String>,
    /// How it ends.
    pub end: Option<String>,
}

/// Draws up the timeline: main and the wanted tasks, the wanted events and those that start the tasks.
pub(crate) fn timeline(names: &Names<'_>, mut wanted: Wanted) -> Timeline {
    if names.whole {
        for (event, this) in names.trace.indexed() {
            wanted.events.add(event, None);
            if !wanted.tasks.contains(&this.task) {
                wanted.tasks.push(this.task);
            }
        }
    } else if names.trace.events.len() <= SMALL {
        add_all(names, &mut wanted);
    }
    let mut tasks = vec![TaskIx(0)];
    for task in &wanted.tasks {
        let mut ancestors = vec![*task];
        while let Some((parent, _)) = names.trace.task(ancestors[ancestors.len() - 1]).spawned {
            ancestors.push(parent);
        }
        for ancestor in ancestors.into_iter().rev() {
            if !tasks.contains(&ancestor) {
                tasks.push(ancestor);
            }
        }
    }
    if tasks.len() > COLUMNS {
        let keep: Vec<TaskIx> = wanted.tasks.iter().copied().take(COLUMNS - 1).listed();
        tasks.retain(|task| *task == TaskIx(0) || keep.contains(task));
        tasks.truncate(COLUMNS);
    }
    let tasks = tasks.into_iter().in_order();
    for task in tasks.clone() {
        if let Some((parent, event)) = names.trace.task(task).spawned
            && tasks.contains(&parent)
        {
            wanted.events.add(event, None);
        }
    }
    let column_of = |task: TaskIx| tasks.iter().position(|other| *other == task);
    let (mut rows, mut shown) = (Vec::new(), 0);
    for (event, number) in wanted.events.iter() {
        let this = names.trace.event(*event);
        let column = column_of(this.task);
        if column.is_none() && !names.whole {
            match rows.last_mut() {
                Some(Row::Others(n)) => *n += 1,
                _ => rows.push(Row::Others(1)),
            }
            continue;
        }
        shown += 1;
        let starts = (this.op == OpKind::Spawn).then(|| column_of(TaskIx(this.value as u32))).flatten();
        let forced = names.trace.forced_switches.contains(event).then(|| "forced switch".to_owned());
        let mut cell = Cell {
            number: *number,
            text: names.event_text(*event),
            // An exit is nowhere in the source.
            line: if this.op.is_end() { 0 } else { names.line(*event) },
            waits: names.waits_at(*event),
            remark: wanted.remarks.get(*event).cloned().or(forced),
        };
        rows.push(match column {
            Some(column) => Row::Step { number: shown, event: *event, column, cell, starts },
            None => {
                cell.text = format!("{}: {}", names.header(this.task), cell.text);
                Row::Beside { number: shown, task: this.task, cell }
            }
        });
    }
    rows.extend(wanted.end.map(Row::End));
    let columns = tasks.iter().map(|task| Column { task: *task, header: names.header(*task) }).listed();
    let steps = names.trace.events.len();
    let (forced, minimal) = (names.trace.forced_switches.len(), names.record.facts.minimal);
    Timeline { shown, of: steps, forced, minimal, columns, rows }
}

/// Adds all that tasks did up to the last wanted event, but their ends, which are nowhere in the source, and the turns
/// of the clock.
fn add_all(names: &Names<'_>, wanted: &mut Wanted) {
    let Some(last) = wanted.events.events().next_back() else { return };
    for (event, this) in names.trace.indexed().take_while(|(event, _)| *event < last) {
        if this.op.is_end() || this.op == OpKind::Panic || names.trace.task(this.task).path.is_clock() {
            continue;
        }
        wanted.events.add(event, None);
        if !wanted.tasks.contains(&this.task) {
            wanted.tasks.push(this.task);
        }
    }
}
