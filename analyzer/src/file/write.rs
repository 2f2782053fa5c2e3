//! Writing.

use crate::file::SCHEMA;
use crate::file::json::{Json, list, object};
use crate::finding::FindingKind;
use crate::ids::{EventIx, TaskIx};
use crate::place::{Frame, Place};
use crate::record::{Program, Record, RunResult};
use crate::trace::{Divergence, Edge, Ended, Event, ObjectInfo, TaskEnd, TaskInfo, Trace, Waiting};
use crate::{Finding, Verdict};
use std::io::{self, Write};
use std::time::Duration;

/// Writes one finding.
///
/// # Errors
/// If `out` cannot be written.
pub fn write_record(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let facts = &record.facts;
    let source = |(file, hash): &(String, u64)| list([Json::from(file), format!("{hash:016x}").into()]);
    let value = object([
        ("schema", SCHEMA.into()),
        ("gorace", env!("CARGO_PKG_VERSION").into()),
        ("kind", "finding".into()),
        ("program", program(&record.program)),
        (
            "facts",
            object([
                ("id", (&facts.id).into()),
                ("token", (&facts.token).into()),
                ("strategy", (&facts.strategy).into()),
                ("found_in", facts.found_in.into()),
                ("executions", facts.executions.into()),
                ("failing", facts.failing.into()),
                ("exhaustive", facts.exhaustive.into()),
                ("stopped", facts.stopped.word().into()),
                ("nanoseconds", nanoseconds(facts.elapsed)),
                ("replayed", list([facts.replayed.0, facts.replayed.1])),
                ("minimal", facts.minimal.into()),
            ]),
        ),
        ("finding", finding(&record.finding)),
        ("fingerprint", record.fingerprint.to_string().into()),
        ("trace", trace(&record.trace)),
        ("passing", record.passing.as_ref().map_or(Json::Null, trace)),
        ("sources", list(record.sources.iter().map(source))),
    ]);
    writeln!(out, "{value}")
}

/// Writes one result.
///
/// # Errors
/// If `out` cannot be written.
pub fn write_result(result: &RunResult, out: &mut dyn Write) -> io::Result<()> {
    let preemptions = match result.verdict {
        Verdict::VerifiedUpTo { preemptions } => Some(preemptions),
        _ => None,
    };
    let value = object([
        ("schema", SCHEMA.into()),
        ("gorace", env!("CARGO_PKG_VERSION").into()),
        ("kind", "result".into()),
        ("program", program(&result.program)),
        ("verdict", result.verdict.word().into()),
        ("preemptions", preemptions.into()),
        ("limits", list(result.limits.iter().map(|limit| limit.word()))),
        ("stopped", result.stopped.word().into()),
        ("executions", result.executions.into()),
        ("redundant", result.redundant.into()),
        ("auxiliary", result.auxiliary.into()),
        ("steps", result.steps.into()),
        ("nanoseconds", nanoseconds(result.elapsed)),
        ("strategies", (&result.strategies).into()),
        ("findings", list(&result.findings)),
        ("notes", list(&result.notes)),
        ("misfit", result.misfit.as_ref().map(|misfit| &misfit.why).into()),
        ("misplaced", result.misfit.as_ref().is_some_and(|misfit| misfit.is_place).into()),
        ("interleavings", result.interleavings.into()),
        ("runs", result.runs.into()),
        ("shard", result.shard.map_or(Json::Null, |(index, of)| list([u64::from(index), u64::from(of)]))),
    ]);
    writeln!(out, "{value}")
}

fn nanoseconds(elapsed: Option<Duration>) -> Json {
    elapsed.map(|elapsed| elapsed.as_nanos() as u64).into()
}

fn program(program: &Program) -> Json {
    object([
        ("package", (&program.package).into()),
        ("manifest_dir", (&program.manifest_dir).into()),
        ("target", (&program.target).into()),
        ("test", program.test.as_ref().into()),
    ])
}

fn finding(finding: &Finding) -> Json {
    let tasks = |tasks: &[TaskIx]| list(tasks.iter().map(|task| task.0));
    let mut pairs = match &finding.kind {
        FindingKind::DataRace { first, second } => {
            vec![("first", first.0.into()), ("second", second.0.into())]
        }
        FindingKind::Deadlock { global, blocked, cycle } => {
            vec![("global", (*global).into()), ("blocked", tasks(blocked)), ("cycle", tasks(cycle))]
        }
        FindingKind::Leak { task } | FindingKind::Panic { task } => vec![("task", task.0.into())],
        FindingKind::Unordered { first, second, words } => {
            vec![("first", first.0.into()), ("second", second.0.into()), ("words", (*words).into())]
        }
        FindingKind::Misuse { task, words } => {
            vec![("task", task.0.into()), ("words", (*words).into())]
        }
        FindingKind::Livelock { running, max_steps } => {
            vec![("running", tasks(running)), ("max_steps", (*max_steps).into())]
        }
        FindingKind::Nondeterminism { step, expected, found, suspects } => vec![
            ("step", (*step).into()),
            ("expected", expected.into()),
            ("found", found.into()),
            ("suspects", list(suspects)),
        ],
        FindingKind::NothingExplored => Vec::new(),
    };
    pairs.push(("code", finding.kind.code().code().into()));
    pairs.push(("after_panic", finding.after_panic.into()));
    Json::Object(pairs)
}

/// Interns files and stacks while a trace is written.
#[derive(Default)]
struct Stacks {
    stacks: Vec<Vec<Frame>>,
}

impl Stacks {
    fn place(&mut self, trace: &Trace, place: Place) -> Json {
        let frames = trace.whole_stack(place);
        if frames.is_empty() {
            return Json::Null;
        }
        let at = self.stacks.iter().position(|stack| *stack == frames).unwrap_or_else(|| {
            self.stacks.push(frames);
            self.stacks.len() - 1
        });
        (at as u64).into()
    }
}

fn trace(trace: &Trace) -> Json {
    let mut stacks = Stacks::default();
    let event = |event: &Event| {
        list([
            event.task.0.into(),
            event.op.word().into(),
            event.object.map(|object| object.number()).into(),
            event.other.map(|object| object.number()).into(),
            event.order.word().into(),
            event.value.into(),
            event.seen.into(),
            stacks.place(trace, event.place),
        ])
    };
    let events = list(trace.events.iter().map(event));
    let edge = |edge: &Edge| {
        let indices = [edge.from.0, edge.to.0, edge.task.0, edge.at].map(Json::from);
        list(indices.into_iter().chain([edge.kind.word().into()]))
    };
    let pair = |(task, event): (TaskIx, EventIx)| list([task.0, event.0]);
    let task = |task: &TaskInfo| {
        object([
            ("path", task.path.to_string().into()),
            ("name", task.name.as_ref().into()),
            ("spawned", task.spawned.map(pair).into()),
            ("detached", task.detached.into()),
            ("end", end(&mut stacks, trace, &task.end)),
        ])
    };
    let tasks = list(trace.tasks.iter().map(task));
    let of_object = |of: &ObjectInfo| {
        object([
            ("kind", of.kind.word().into()),
            ("task", of.task.to_string().into()),
            ("ordinal", of.ordinal.into()),
            ("made", stacks.place(trace, of.made)),
            ("name", of.name.as_ref().into()),
            ("type", (&of.type_name).into()),
            ("held", list(of.held.iter().copied().map(pair))),
            ("capacity", of.capacity.into()),
        ])
    };
    let objects = list(trace.objects.iter().map(of_object));
    let ended = match trace.ended {
        Ended::Quiescent => "quiescent",
        Ended::StepLimit => "step_limit",
        Ended::Abandoned => "abandoned",
        Ended::Dropped => "dropped",
        Ended::Diverged => "diverged",
    };
    let frame = |frame: &Frame| {
        let Frame { file, line, column, function, folded } = frame;
        let known = [file.into(), (*line).into(), (*column).into(), Json::from(function.as_ref())];
        list(known.into_iter().chain(folded.then(|| true.into())))
    };
    let divergence = |at: &Divergence| list([at.step.into(), (&at.expected).into(), Json::from(&at.found)]);
    object([
        ("events", events),
        ("edges", list(trace.edges.iter().map(edge))),
        ("tasks", tasks),
        ("objects", objects),
        ("stacks", list(stacks.stacks.iter().map(|stack| list(stack.iter().map(frame))))),
        ("overlaps", list(trace.overlaps.iter().map(|(a, b)| list([a.0, b.0])))),
        ("forced_switches", list(trace.forced_switches.iter().map(|event| event.0))),
        ("ended", ended.into()),
        ("divergence", trace.divergence.as_ref().map(divergence).into()),
    ])
}

fn end(stacks: &mut Stacks, trace: &Trace, end: &TaskEnd) -> Json {
    let how = |how: &'static str| ("how", Json::from(how));
    match end {
        TaskEnd::Finished => object([how("finished")]),
        TaskEnd::Overflowed => object([how("overflowed")]),
        TaskEnd::Running => object([how("running")]),
        TaskEnd::Panicked { message, place, taken, misuse } => object([
            how("panicked"),
            ("message", message.into()),
            ("place", stacks.place(trace, *place)),
            ("taken", (*taken).into()),
            ("misuse", (*misuse).into()),
        ]),
        TaskEnd::Blocked(Waiting::On { event }) => object([how("blocked"), ("event", event.0.into())]),
        TaskEnd::Blocked(Waiting::Forever { event }) => object([how("forever"), ("event", event.0.into())]),
        TaskEnd::Blocked(Waiting::Any { event, arms }) => object([
            how("select"),
            ("event", event.0.into()),
            (
                "arms",
                list(arms.iter().map(|(channel, send)| list([Json::from(channel.number()), (*send).into()]))),
            ),
        ]),
    }
}
