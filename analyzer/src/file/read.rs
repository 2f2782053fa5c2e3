//! Reading, with every index checked.

use crate::file::reader::{At, Read, ReadError};
use crate::finding::{Code, Finding, FindingKind, Fingerprint};
use crate::ids::{EventIx, ObjIx, TaskIx, TaskPath};
use crate::op::{EdgeKind, ObjectKind, OpKind, Order};
use crate::place::{Frame, Place};
use crate::record::{Facts, Misfit, Program, Record, RunResult};
use crate::trace::{Divergence, Edge, Ended, Event, ObjectInfo, TaskEnd, TaskInfo, Trace, Waiting};
use crate::verdict::{Limit, Stopped, Verdict};
use serde_json::Value;
use std::time::Duration;

/// Reads what [`write_record`](super::write_record) wrote.
///
/// # Errors
/// If the text is no whole file of this kind and version, or contradicts itself.
pub fn read_record(text: &str) -> Result<Record, ReadError> {
    let value = parse(text)?;
    let root = At::root(&value, "finding")?;
    let trace = trace(&root.get("trace")?)?;
    let sources = root.get("sources")?.list(|at| Ok((at.item(0)?.string()?, at.item(1)?.hex()?)))?;
    Ok(Record {
        program: program(&root.get("program")?)?,
        facts: facts(&root.get("facts")?)?,
        finding: finding(&root.get("finding")?, &trace)?,
        fingerprint: Fingerprint(root.get("fingerprint")?.hex()?),
        passing: root.get("passing")?.optional(self::trace)?,
        trace,
        sources,
    })
}

/// Reads what [`write_result`](super::write_result) wrote.
///
/// # Errors
/// If the text is no whole file of this kind and version.
pub fn read_result(text: &str) -> Result<RunResult, ReadError> {
    let value = parse(text)?;
    let root = At::root(&value, "result")?;
    let preemptions = root.get("preemptions")?.optional(At::small)?;
    let verdict = root.get("verdict")?.word("a verdict", |word| match (word, preemptions) {
        ("verified", _) => Some(Verdict::Verified),
        ("verified-up-to", Some(preemptions)) => Some(Verdict::VerifiedUpTo { preemptions }),
        ("tested", _) => Some(Verdict::Tested),
        ("failed", _) => Some(Verdict::Failed),
        _ => None,
    })?;
    let limit = |word: &str| Limit::ALL.iter().copied().find(|limit| limit.word() == word);
    // Earlier versions did not tell.
    let is_place = root.find("misplaced").map_or(Ok(false), |at| at.flag())?;
    Ok(RunResult {
        program: program(&root.get("program")?)?,
        verdict,
        limits: root.get("limits")?.list(|at| at.word("a limit", limit))?,
        stopped: root.get("stopped")?.word("what stopped the run", Stopped::from_word)?,
        executions: root.get("executions")?.number()?,
        redundant: root.get("redundant")?.number()?,
        auxiliary: root.get("auxiliary")?.number()?,
        steps: root.get("steps")?.number()?,
        elapsed: root.get("nanoseconds")?.optional(At::number)?.map(Duration::from_nanos),
        strategies: root.get("strategies")?.string()?,
        findings: root.get("findings")?.list(|at| at.string())?,
        notes: root.get("notes")?.list(|at| at.string())?,
        misfit: root.get("misfit")?.optional(|at| at.string())?.map(|why| Misfit { why, is_place }),
        interleavings: root.get("interleavings")?.optional(At::number)?,
        runs: root.get("runs")?.number()?,
        shard: match root.find("shard") {
            Some(at) => at.optional(|at| Ok((at.item(0)?.small()?, at.item(1)?.small()?)))?,
            None => None,
        },
    })
}

fn parse(text: &str) -> Read<Value> {
    serde_json::from_str(text).map_err(|error| ReadError::Syntax {
        line: error.line(),
        column: error.column(),
        what: error.to_string(),
    })
}

fn program(at: &At<'_>) -> Read<Program> {
    Ok(Program {
        package: at.get("package")?.printable()?,
        manifest_dir: at.get("manifest_dir")?.string()?,
        target: at.get("target")?.printable()?,
        test: at.get("test")?.optional(At::printable)?,
    })
}

fn facts(at: &At<'_>) -> Read<Facts> {
    let id = at.get("id")?;
    let hex = |text: &str| {
        (text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit())).then(|| text.to_owned())
    };
    let replayed = at.get("replayed")?;
    Ok(Facts {
        id: id.word("16 hex digits", hex)?,
        token: at.get("token")?.printable()?,
        strategy: at.get("strategy")?.printable()?,
        found_in: at.get("found_in")?.number()?,
        executions: at.get("executions")?.number()?,
        failing: at.get("failing")?.number()?,
        exhaustive: at.get("exhaustive")?.flag()?,
        stopped: at.get("stopped")?.word("what stopped the run", Stopped::from_word)?,
        elapsed: at.get("nanoseconds")?.optional(At::number)?.map(Duration::from_nanos),
        replayed: (replayed.item(0)?.small()?, replayed.item(1)?.small()?),
        // Older files do not say.
        minimal: at.find("minimal").is_some_and(|at| at.flag().unwrap_or(false)),
    })
}

fn misuse(at: &At<'_>) -> Read<&'static str> {
    at.word("a known misuse", |word| crate::misuse::ALL.iter().copied().find(|known| *known == word))
}

fn finding(at: &At<'_>, trace: &Trace) -> Read<Finding> {
    let event = |key: &str| Ok(EventIx(at.get(key)?.index(trace.events.len())?));
    let task = |at: At<'_>| Ok(TaskIx(at.index(trace.tasks.len())?));
    let code = at.get("code")?;
    let kind = match code.word("a code", Code::parse)? {
        Code::DataRace => FindingKind::DataRace { first: event("first")?, second: event("second")? },
        Code::Deadlock => FindingKind::Deadlock {
            global: at.get("global")?.flag()?,
            blocked: at.get("blocked")?.list(task)?,
            cycle: at.get("cycle")?.list(task)?,
        },
        Code::Leak => FindingKind::Leak { task: task(at.get("task")?)? },
        Code::Panic => FindingKind::Panic { task: task(at.get("task")?)? },
        Code::Misuse if at.get("task").is_err() => FindingKind::Unordered {
            first: event("first")?,
            second: event("second")?,
            words: misuse(&at.get("words")?)?,
        },
        Code::Misuse => {
            FindingKind::Misuse { task: task(at.get("task")?)?, words: misuse(&at.get("words")?)? }
        }
        Code::Livelock => FindingKind::Livelock {
            running: at.get("running")?.list(task)?,
            max_steps: at.get("max_steps")?.number()?,
        },
        Code::Nondeterminism => FindingKind::Nondeterminism {
            step: at.get("step")?.small()?,
            expected: at.get("expected")?.string()?,
            found: at.get("found")?.string()?,
            suspects: at.get("suspects")?.list(|at| at.string())?,
        },
        Code::NothingExplored => FindingKind::NothingExplored,
        Code::Stalled => return code.fail("a code that a trace can show"),
    };
    if let FindingKind::Deadlock { blocked, .. } = &kind
        && blocked.is_empty()
        && crate::detect::main_goexit(trace).is_none()
    {
        return at.get("blocked")?.fail("at least one task, as main did not call goexit");
    }
    Ok(Finding { kind, after_panic: at.get("after_panic")?.flag()? })
}

fn trace(at: &At<'_>) -> Read<Trace> {
    let frame = |at: At<'_>| {
        Ok(Frame {
            file: at.item(0)?.printable()?,
            line: at.item(1)?.small()?,
            column: at.item(2)?.small()?,
            function: at.item(3)?.optional(At::printable)?,
            folded: at.find_item(4).map_or(Ok(false), |at| at.flag())?,
        })
    };
    let stacks: Vec<Vec<Frame>> = at.get("stacks")?.list(|stack| stack.list(frame))?;
    let place = |at: At<'_>| -> Read<Place> {
        Ok(at.optional(|at| at.index(stacks.len()))?.map_or(Place::Unknown, |at| Place::Stack(at as usize)))
    };
    let count = |key: &str| at.get(key)?.list(|_| Ok(())).map(|items| items.len());
    let (n_events, n_tasks, n_objects) = (count("events")?, count("tasks")?, count("objects")?);
    if n_tasks == 0 && n_events > 0 {
        return at.get("tasks")?.fail("at least main");
    }
    let task = |at: At<'_>| Ok(TaskIx(at.index(n_tasks)?));
    let event_ix = |at: At<'_>| Ok(EventIx(at.index(n_events)?));
    let object = |at: At<'_>| at.optional(|at| Ok(ObjIx::new(at.index(n_objects)?)));
    let event = |at: At<'_>| -> Read<Event> {
        let op = at.item(1)?.word("an operation", OpKind::from_word)?;
        let value = at.item(5)?;
        // These operations name a task by their value.
        let value = if matches!(op, OpKind::Spawn | OpKind::Join | OpKind::Unpark | OpKind::Wake) {
            u64::from(value.index(n_tasks)?)
        } else {
            value.number()?
        };
        Ok(Event {
            task: task(at.item(0)?)?,
            op,
            object: object(at.item(2)?)?,
            other: object(at.item(3)?)?,
            order: at.item(4)?.word("a memory order", Order::from_word)?,
            value,
            seen: at.item(6)?.number()?,
            place: place(at.item(7)?)?,
        })
    };
    let end = |at: At<'_>| -> Read<TaskEnd> {
        let event = || event_ix(at.get("event")?);
        Ok(match at.get("how")?.text()? {
            "finished" => TaskEnd::Finished,
            "overflowed" => TaskEnd::Overflowed,
            "running" => TaskEnd::Running,
            "panicked" => TaskEnd::Panicked {
                message: at.get("message")?.string()?,
                place: place(at.get("place")?)?,
                taken: at.get("taken")?.flag()?,
                misuse: at.get("misuse")?.optional(misuse)?,
            },
            "blocked" => TaskEnd::Blocked(Waiting::On { event: event()? }),
            "forever" => TaskEnd::Blocked(Waiting::Forever { event: event()? }),
            "select" => TaskEnd::Blocked(Waiting::Any {
                event: event()?,
                arms: at
                    .get("arms")?
                    .list(|arm| Ok((ObjIx::new(arm.item(0)?.index(n_objects)?), arm.item(1)?.flag()?)))?,
            }),
            _ => return at.get("how")?.fail("how a task ended"),
        })
    };
    let path = |at: At<'_>| at.word("a task's path such as 0.1", TaskPath::parse);
    let pair = |at: &At<'_>| Ok((task(at.item(0)?)?, event_ix(at.item(1)?)?));
    let tasks = at.get("tasks")?.list(|at| {
        Ok(TaskInfo {
            path: path(at.get("path")?)?,
            name: at.get("name")?.optional(At::string)?,
            spawned: at.get("spawned")?.optional(pair)?,
            detached: at.get("detached")?.flag()?,
            end: end(at.get("end")?)?,
        })
    })?;
    let objects = at.get("objects")?.list(|at| {
        Ok(ObjectInfo {
            kind: at.get("kind")?.word("a kind of object", ObjectKind::from_word)?,
            task: path(at.get("task")?)?,
            ordinal: at.get("ordinal")?.small()?,
            made: place(at.get("made")?)?,
            name: at.get("name")?.optional(At::string)?,
            type_name: at.get("type")?.string()?,
            held: at.get("held")?.list(|at| pair(&at))?,
            capacity: at.get("capacity")?.optional(At::number)?,
        })
    })?;
    let read = Trace {
        events: at.get("events")?.list(event)?.into(),
        edges: edges(&at.get("edges")?, n_events, n_tasks)?,
        tasks,
        objects,
        overlaps: at.get("overlaps")?.list(|at| Ok((event_ix(at.item(0)?)?, event_ix(at.item(1)?)?)))?,
        forced_switches: at.get("forced_switches")?.list(|at| Ok(EventIx(at.index(n_events + 1)?)))?,
        ended: at.get("ended")?.word("how the execution ended", |word| match word {
            "quiescent" => Some(Ended::Quiescent),
            "step_limit" => Some(Ended::StepLimit),
            "abandoned" => Some(Ended::Abandoned),
            "dropped" => Some(Ended::Dropped),
            "diverged" => Some(Ended::Diverged),
            _ => None,
        })?,
        divergence: at.get("divergence")?.optional(|at| {
            Ok(Divergence {
                step: at.item(0)?.small()?,
                expected: at.item(1)?.string()?,
                found: at.item(2)?.string()?,
            })
        })?,
        stacks,
    };
    spawned_earlier(at, &read)?;
    Ok(read)
}

/// Parents come before their children: whoever follows them upwards arrives at main.
fn spawned_earlier(at: &At<'_>, trace: &Trace) -> Read<()> {
    for (i, task) in trace.tasks.iter().enumerate() {
        if task.spawned.is_some_and(|(parent, _)| parent.at() >= i) {
            return at.get("tasks")?.item(i)?.get("spawned")?.fail("a parent that stands before its child");
        }
    }
    Ok(())
}

fn edges(at: &At<'_>, n_events: usize, n_tasks: usize) -> Read<Vec<Edge>> {
    let mut last = 0;
    let edges = at.list(|at| {
        let (from, until) = (at.item(0)?.index(n_events)?, at.item(3)?);
        let edge = Edge {
            from: EventIx(from),
            to: EventIx(at.item(1)?.index(n_events)?),
            task: TaskIx(at.item(2)?.index(n_tasks)?),
            at: until.small()?,
            kind: at.item(4)?.word("a kind of edge", EdgeKind::from_word)?,
        };
        // An edge takes effect after its source has happened.
        if edge.at <= from { until.fail("a number above the edge's source") } else { Ok(edge) }
    })?;
    for (i, edge) in edges.iter().enumerate() {
        if edge.at < last {
            return at.item(i)?.fail("an edge that takes effect no earlier than the one before it");
        }
        last = edge.at;
    }
    Ok(edges)
}
