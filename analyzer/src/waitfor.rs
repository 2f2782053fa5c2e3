//! The wait-for graph of a trace's end: who waits for whom, and why.
//!
//! For explaining: what *is* a deadlock is decided by [`crate::detect`], which needs no graph library.
//! Strongly connected components are petgraph's (Tarjan 1972).

use crate::describe::Names;
use crate::detect::waits_for;
use crate::ids::TaskIx;
use crate::op::OpKind;
use crate::trace::{TaskEnd, Trace};
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// Tasks as nodes; an edge from each blocked task to the one that could let it go on.
#[derive(Debug)]
pub struct WaitFor {
    graph: DiGraph<TaskIx, ()>,
}

impl WaitFor {
    /// The graph of `trace`'s end.
    pub fn of(trace: &Trace) -> Self {
        let mut graph = DiGraph::new();
        let nodes: Vec<NodeIndex> =
            (0..trace.tasks.len() as u32).map(|task| graph.add_node(TaskIx(task))).collect();
        for task in (0..trace.tasks.len() as u32).map(TaskIx) {
            if let Some(owner) = waits_for(trace, task) {
                graph.add_edge(nodes[task.at()], nodes[owner.at()], ());
            }
        }
        WaitFor { graph }
    }

    /// The sets of tasks that wait for each other in a circle, each sorted.
    pub fn knots(&self) -> Vec<Vec<TaskIx>> {
        let is_knot = |component: &Vec<NodeIndex>| {
            component.len() > 1 || self.graph.contains_edge(component[0], component[0])
        };
        let mut knots: Vec<Vec<TaskIx>> = tarjan_scc(&self.graph)
            .into_iter()
            .filter(is_knot)
            .map(|component| component.into_iter().map(|node| self.graph[node]).collect())
            .collect();
        knots.iter_mut().for_each(|knot: &mut Vec<TaskIx>| knot.sort_unstable());
        knots.sort();
        knots
    }

    /// One line for the cycle and one for each task that is stuck behind something.
    pub(crate) fn lines(&self, names: &Names<'_>, blocked: &[TaskIx], cycle: &[TaskIx]) -> Vec<String> {
        let knots = self.knots();
        let mut lines = Vec::new();
        if !cycle.is_empty() {
            let mut line = names.header(cycle[0]);
            for (i, task) in cycle.iter().enumerate() {
                let next = cycle[(i + 1) % cycle.len()];
                line.push_str(&format!(" --[{}]--> {}", reason(names, *task), names.header(next)));
            }
            lines.push(line);
        }
        for task in blocked.iter().filter(|task| !cycle.contains(task)) {
            let line = match waits_for(names.trace, *task) {
                Some(owner) => {
                    let stuck = if cycle.is_empty() || knots.iter().any(|knot| knot.contains(task)) {
                        ""
                    } else {
                        "   (stuck behind it, not part of a cycle)"
                    };
                    format!(
                        "{} --[{}]--> {}{stuck}",
                        names.header(*task),
                        reason(names, *task),
                        names.header(owner)
                    )
                }
                None => format!("{} waits {}", names.header(*task), names.waiting_text(*task)),
            };
            lines.push(line);
        }
        if lines.len() > 8 {
            let more = lines.len() - 7;
            lines.truncate(7);
            lines.push(format!("and {more} more"));
        }
        lines
    }
}

/// `lock b`, `join`.
fn reason(names: &Names<'_>, task: TaskIx) -> String {
    let TaskEnd::Blocked(waiting) = &names.trace.task(task).end else { return String::new() };
    let event = names.trace.event(waiting.event());
    match (event.op, event.object) {
        (OpKind::Lock, Some(lock)) => format!("lock {}", names.object(lock).trim_matches('`')),
        (op, _) => op.word().to_owned(),
    }
}
