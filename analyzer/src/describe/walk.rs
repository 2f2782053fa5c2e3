//! An execution step by step, each with its line of source: for who wants to walk through it.

use super::Names;
use super::names::clean;
use crate::ids::EventIx;
use crate::record::Record;
use crate::source::Sources;

/// One step of an execution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WalkStep {
    /// `T1 transfer`.
    pub task: String,
    /// ``lock `a` ``.
    pub did: String,
    /// Whether another task could have gone on before it.
    pub forced: bool,
    /// Whether it waits there for ever.
    pub waits: bool,
    /// `src/bank.rs:12:29`, if it is known.
    pub place: Option<String>,
    /// The line of source, if it is still what it was.
    pub line: Option<String>,
}

/// All steps of a finding's execution.
pub fn walk(record: &Record, sources: &dyn Sources) -> Vec<WalkStep> {
    let names = Names::new(record, sources);
    let events = (0..record.trace.events.len()).map(|at| EventIx(at as u32));
    events.map(|event| step(&names, event)).collect()
}

fn step(names: &Names<'_>, event: EventIx) -> WalkStep {
    let frame = names.event_frame(event);
    let line = frame.as_ref().and_then(|frame| {
        let text = names.text(&frame.file)?;
        let line = text.lines().nth((frame.line as usize).checked_sub(1)?)?;
        Some(clean(line.trim()))
    });
    WalkStep {
        task: names.header(names.trace.event(event).task),
        did: names.event_text(event),
        forced: names.trace.forced_switches.contains(&event),
        waits: names.waits_at(event),
        place: frame.map(|frame| format!("{}:{}:{}", clean(&frame.file), frame.line, frame.column)),
        line,
    }
}
