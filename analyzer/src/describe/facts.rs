//! The last lines of a report: how it was found, how to replay it. And what every description needs to begin.

use crate::describe::{InGo, Mark, Names, Report, Snippet};
use crate::ids::{EventIx, TaskIx};
use crate::record::PREDICTION;
use crate::verdict::{Counted, Grouped, Stopped};
use crate::{Code, Frame};

/// A report with nothing but its headline.
pub(crate) fn begin(code: Code, headline: String) -> Report {
    Report {
        code,
        headline,
        go_words: None,
        in_go: InGo::default(),
        snippets: Vec::new(),
        waits: None,
        spawned: None,
        timeline: None,
        why: None,
        help: Vec::new(),
        facts: Vec::new(),
        replay: String::new(),
        accesses: Vec::new(),
    }
}

impl Report {
    /// Adds a place: to the last snippet if that shows the same file nearby and the place has no title of its
    /// own, else as a new one.
    pub(crate) fn add(&mut self, names: &Names<'_>, title: Option<String>, frame: &Frame, mark: Mark) {
        const NEARBY: u32 = 12;
        if let (None, Some(last)) = (&title, self.snippets.last_mut()) {
            let near = last.marks.iter().any(|other| other.line.abs_diff(mark.line) <= NEARBY);
            if last.file == frame.file && near {
                last.marks.push(mark);
                return;
            }
        }
        let text = names.text(&frame.file);
        self.snippets.push(Snippet { title, file: frame.file.clone(), text, marks: vec![mark] });
    }

    /// Adds an event's place; nothing if it is not known.
    pub(crate) fn add_event(
        &mut self,
        names: &Names<'_>,
        title: Option<String>,
        event: EventIx,
        (number, label, primary): (Option<u8>, String, bool),
    ) {
        let Some(frame) = names.event_frame(event) else { return };
        let this = names.trace.event(event);
        if number.is_some() {
            self.accesses.push((this.task, this.op.word(), frame.clone()));
        }
        let mark = Mark { line: frame.line, column: frame.column, number, label, task: this.task, primary };
        self.add(names, title, &frame, mark);
    }

    /// Shows the user's call that led to an event in a dependency.
    pub(crate) fn add_caller(&mut self, names: &Names<'_>, event: EventIx) {
        let Some(frame) = names.caller(event) else { return };
        let task = names.trace.event(event).task;
        let label = format!("called from here by {}", names.task(task));
        let (line, column) = (frame.line, frame.column);
        let mark = Mark { line, column, number: None, label, task, primary: false };
        self.add(names, None, &frame, mark);
    }

    /// Shows where tasks were spawned, in one snippet where they stand close together.
    pub(crate) fn add_spawns(&mut self, names: &Names<'_>, tasks: &[TaskIx], words: &str) {
        let mut title = Some(format!("spawned: {words}"));
        for task in tasks {
            let Some(event) = names.spawn_of(*task) else { continue };
            let Some(frame) = names.event_frame(event) else { continue };
            let label = format!("T{} starts here", task.0);
            let mark = Mark {
                line: frame.line,
                column: frame.column,
                number: None,
                label,
                task: *task,
                primary: false,
            };
            self.add(names, title.take(), &frame, mark);
        }
    }
}

/// Adds what is the same for every code.
pub(crate) fn complete(names: &Names<'_>, report: &mut Report) {
    let facts = &names.record.facts;
    let mut found = String::new();
    let what = if facts.exhaustive { "exhaustive" } else { facts.strategy.as_str() };
    let complete = match facts.stopped {
        Stopped::Complete if facts.exhaustive => "complete".to_owned(),
        // To say in how many executions the finding shows.
        Stopped::Finding if facts.executions > facts.found_in => {
            "went on for a while after the first finding".to_owned()
        }
        Stopped::Finding => "stopped after the first finding".to_owned(),
        other => other.word().to_owned(),
    };
    let mut how = vec![what.to_owned(), complete];
    if let Some(elapsed) = facts.elapsed {
        how.push(duration(elapsed));
    }
    if facts.strategy == "replay" {
        found.push_str("found again by replaying its schedule");
    } else if facts.strategy == PREDICTION {
        // How the search went on says nothing of it.
        found.push_str("predicted from the first execution, and found in one that holds a task back");
    } else if facts.found_in == 0 && facts.executions == 0 {
        found.push_str("found by a schedule known from an earlier run");
    } else if facts.found_in == 0 {
        found.push_str(&format!(
            "found by a schedule known from an earlier run, in none of {} ({})",
            Counted(facts.executions, "execution"),
            how.join(", ")
        ));
    } else {
        found.push_str(&format!(
            "found in execution {} of {} ({})",
            Grouped(facts.found_in),
            Grouped(facts.executions.max(facts.found_in)),
            how.join(", ")
        ));
    }
    let (again, of) = facts.replayed;
    if of > 0 {
        let s = if of == 1 { "" } else { "s" };
        found.push_str(&format!("; replayed {again} of {of} time{s}"));
    }
    report.facts.push(found);
    // Of a panic the headline tells it.
    let is_told = report.code == Code::Panic && facts.failing < facts.executions;
    if facts.failing > 0 && facts.executions > 1 && !is_told {
        let s = if facts.failing == 1 { "s" } else { "" };
        report.facts.push(format!(
            "{} of the {} executions show{s} it",
            Grouped(facts.failing),
            Grouped(facts.executions)
        ));
    }
    if names.record.finding.after_panic {
        report.facts.push(
            "after the panic of another task in the same execution: it may be that panic's consequence"
                .to_owned(),
        );
    }
    report.replay.clone_from(&facts.id);
}

fn duration(elapsed: std::time::Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    if seconds < 0.1 { format!("{:.0} ms", (seconds * 1000.0).max(1.0)) } else { format!("{seconds:.1} s") }
}
