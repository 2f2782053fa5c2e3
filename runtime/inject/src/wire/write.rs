//! Writing a trace: a line a thing, words between blanks, text with its blanks escaped.

use super::call_text;
use super::trace::{Access, Owner, Panic, RawTrace, Target};
use gorace_analyzer_core::trace::Ended;
use gorace_analyzer_core::{ObjIx, Place, TaskEnd, Waiting};
use gorace_engine::Token;
use std::fmt::Write as _;

/// Nothing, where a number may be.
pub(super) const NONE: &str = "-";

impl RawTrace {
    /// The trace as text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        // Writing to memory does not fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let trace = &self.trace;
        writeln!(out, "ended {}", ended(trace.ended))?;
        writeln!(out, "schedule {}", Token { program: Some(0), schedule: self.schedule.clone() })?;
        for stack in &self.stacks {
            write!(out, "stack")?;
            stack.iter().try_for_each(|pc| write!(out, " {pc:x}"))?;
            writeln!(out)?;
        }
        for task in &trace.tasks {
            let spawned =
                task.spawned.map_or("- -".to_owned(), |(by, event)| format!("{} {}", by.0, event.0));
            let name = task.name.as_deref().map_or(NONE.to_owned(), escaped);
            let end = end(&task.end);
            writeln!(out, "task {} {name} {spawned} {} {end}", task.path, u8::from(task.detached))?;
        }
        for (object, target) in trace.objects.iter().zip(&self.owners) {
            writeln!(
                out,
                "object {} {} {} {}",
                object.kind.word(),
                object.task,
                object.ordinal,
                owner(*target)
            )?;
        }
        for event in &trace.events {
            let object =
                |object: Option<ObjIx>| object.map_or(NONE.to_owned(), |object| object.number().to_string());
            writeln!(
                out,
                "event {} {} {} {} {} {} {}",
                event.task.0,
                event.op.word(),
                object(event.object),
                event.order.word(),
                event.value,
                event.seen,
                place(event.place)
            )?;
        }
        for edge in &trace.edges {
            let (from, to, task) = (edge.from.0, edge.to.0, edge.task.0);
            writeln!(out, "edge {from} {to} {task} {} {}", edge.at, edge.kind.word())?;
        }
        for switch in &trace.forced_switches {
            writeln!(out, "switch {}", switch.0)?;
        }
        if let Some(at) = &trace.divergence {
            writeln!(out, "divergence {} {} {}", at.step, escaped(&at.expected), escaped(&at.found))?;
        }
        for (first, second) in &self.races {
            writeln!(out, "race {} {}", access(first), access(second))?;
        }
        for Panic { task, raised, unwound, said, joined } in &self.panics {
            writeln!(out, "panic {task} {raised} {unwound} {} {}", escaped(said), u8::from(*joined))?;
        }
        for call in &self.calls {
            write!(out, "call")?;
            call_text::write(out, call)?;
            writeln!(out)?;
        }
        writeln!(out, "stderr {}", escaped(&self.stderr))?;
        if let Some(code) = self.exit_code {
            writeln!(out, "exit {code}")?;
        }
        if let Some(how) = &self.ended_by {
            writeln!(out, "by {}", escaped(how))?;
        }
        writeln!(out, "end")
    }
}

pub(super) fn ended(ended: Ended) -> &'static str {
    match ended {
        Ended::Quiescent => "quiescent",
        Ended::StepLimit => "step_limit",
        Ended::Abandoned => "abandoned",
        Ended::Dropped => "dropped",
        Ended::Diverged => "diverged",
    }
}

fn end(end: &TaskEnd) -> String {
    match end {
        TaskEnd::Finished => "finished".to_owned(),
        TaskEnd::Overflowed => "overflowed".to_owned(),
        TaskEnd::Running => "running".to_owned(),
        TaskEnd::Panicked { message, place: at, taken, .. } => {
            format!("panicked {} {} {}", escaped(message), place(*at), u8::from(*taken))
        }
        TaskEnd::Blocked(waiting @ Waiting::On { .. }) => format!("blocked {}", waiting.event().0),
        TaskEnd::Blocked(waiting) => format!("forever {}", waiting.event().0),
    }
}

fn place(place: Place) -> String {
    match place {
        Place::Stack(stack) => stack.to_string(),
        Place::Code(_) | Place::Unknown => NONE.to_owned(),
    }
}

fn owner(target: Target) -> String {
    let address = target.address;
    match target.owner {
        Owner::Static(at) => format!("{address} static {at} 0"),
        Owner::Heap { offset, stack } => format!("{address} heap {offset} {stack}"),
        Owner::Stack(task) => format!("{address} stack {} 0", task.0),
        Owner::Unknown => format!("{address} unknown 0 0"),
    }
}

fn access(access: &Access) -> String {
    let Access { task, after, at, op, kind, stack, target, size } = access;
    format!("{} {after} {at} {} {kind} {stack} {size} {}", task.0, op.word(), owner(*target))
}

/// Text as one word.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            ' ' => out.push_str("\\s"),
            c if c.is_whitespace() || c.is_control() => _ = write!(out, "\\u{:x};", u32::from(c)),
            c => out.push(c),
        }
    }
    out
}
