//! Two graphs in Graphviz's language: happens-before, a cluster a task, and who waits for whom at the end.

use crate::describe::{Names, Row, reason};
use crate::detect::waits_for;
use crate::export::Found;
use crate::finding::FindingKind;
use crate::ids::{EventIx, TaskIx};
use crate::source::Sources;
use crate::trace::TaskEnd;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Steps that are drawn; of longer executions those that the report shows.
const STEPS: usize = 300;

/// Happens-before of the finding's execution, and, if tasks wait at its end, a second graph of who waits for whom.
pub fn dot(found: &Found<'_>, sources: &dyn Sources) -> String {
    let names = Names::new(found.record, sources);
    let mut graphs = happens_before(found, &names);
    let blocked: Vec<TaskIx> = (0..names.trace.tasks.len() as u32)
        .map(TaskIx)
        .filter(|task| matches!(names.trace.task(*task).end, TaskEnd::Blocked(_)))
        .collect();
    if !blocked.is_empty() {
        graphs.push('\n');
        graphs.push_str(&wait_for(&names, &blocked));
    }
    graphs
}

fn happens_before(found: &Found<'_>, names: &Names<'_>) -> String {
    let trace = names.trace;
    let mut numbers: BTreeMap<EventIx, Option<u8>> = BTreeMap::new();
    for row in found.report.timeline.iter().flat_map(|timeline| &timeline.rows) {
        if let Row::Step { event, cell, .. } = row {
            numbers.insert(*event, cell.number);
        }
    }
    let is_drawn = |event: EventIx| trace.events.len() <= STEPS || numbers.contains_key(&event);
    let mut graph =
        String::from("digraph happens_before {\n  rankdir=TB; node [shape=box, fontname=monospace];\n");
    for task in 0..trace.tasks.len() as u32 {
        let own: Vec<EventIx> = trace
            .indexed()
            .filter(|(event, this)| this.task == TaskIx(task) && is_drawn(*event))
            .map(|(event, _)| event)
            .collect();
        let _ = writeln!(
            graph,
            "  subgraph cluster_{task} {{\n    label={};",
            quoted(&names.header(TaskIx(task)))
        );
        for event in &own {
            let number = numbers.get(event).copied().flatten();
            let mark = number.map_or_else(String::new, |number| format!("({number}) "));
            let words = format!("{}. {mark}{}", event.0 + 1, names.event_text(*event));
            let style = if number.is_some() { ", style=bold, color=red" } else { "" };
            let _ = writeln!(graph, "    e{} [label={}{style}];", event.0, quoted(&words));
        }
        for pair in own.windows(2) {
            let _ = writeln!(graph, "    e{} -> e{};", pair[0].0, pair[1].0);
        }
        graph.push_str("  }\n");
    }
    for edge in trace.edges.iter().filter(|edge| trace.event(edge.from).task != edge.task) {
        // Into the first thing that the task does once the edge holds.
        let from = if edge.gathers() { edge.to.at() } else { edge.at as usize };
        let later = trace.indexed().skip(from);
        let target = later.into_iter().find(|(event, this)| this.task == edge.task && is_drawn(*event));
        if let Some((target, _)) = target.filter(|_| is_drawn(edge.from)) {
            let (from, kind) = (edge.from.0, quoted(edge.kind.word()));
            let _ = writeln!(graph, "  e{from} -> e{} [color=blue, label={kind}];", target.0);
        }
    }
    if let FindingKind::DataRace { first, second } | FindingKind::Unordered { first, second, .. } =
        found.record.finding.kind
    {
        let style = "dir=none, style=dashed, color=red, label=\"nothing orders these\"";
        let _ = writeln!(graph, "  e{} -> e{} [{style}];", first.0, second.0);
    }
    graph + "}\n"
}

fn wait_for(names: &Names<'_>, blocked: &[TaskIx]) -> String {
    let mut graph = String::from("digraph wait_for {\n  node [shape=box, fontname=monospace];\n");
    for task in blocked {
        let owners = waits_for(names.trace, *task);
        let label = match owners.is_empty() {
            true => format!("{}\nwaits {}", names.header(*task), names.waiting_text(*task)),
            false => names.header(*task),
        };
        let _ = writeln!(graph, "  t{} [label={}];", task.0, quoted(&label));
        for owner in owners {
            if !blocked.contains(&owner) {
                let _ = writeln!(graph, "  t{} [label={}];", owner.0, quoted(&names.header(owner)));
            }
            let _ =
                writeln!(graph, "  t{} -> t{} [label={}];", task.0, owner.0, quoted(&reason(names, *task)));
        }
    }
    graph + "}\n"
}

/// A string of the language: within quotes nothing but quotes and backslashes means anything.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
