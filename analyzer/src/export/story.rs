//! A finding as the page's data: the steps of the failing execution and of one that passes, what orders them, the places
//! that the report tells of, and the source around all of it.

use crate::describe::names::{clean, is_std, turns};
use crate::describe::{Names, Row};
use crate::export::{Found, Standing};
use crate::finding::FindingKind;
use crate::ids::{EventIx, ObjIx};
use crate::op::OpKind;
use crate::record::Record;
use crate::source::Sources;
use crate::trace::Trace;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Lines of source above and below each line that something happens in.
const AROUND: u32 = 12;
/// Characters of one line of source, at the most.
const WIDE: usize = 400;

/// See the module.
pub(super) fn story(found: &Found<'_>, sources: &dyn Sources) -> Value {
    let Found { record, report, standing } = found;
    let names = Names::new(record, sources);
    let told = told(found);
    let mut lines = Lines::default();
    let mut runs = vec![run(&names, &told, &mut lines)];
    if let Some(passing) = &record.passing {
        let passes = Record { trace: passing.clone(), passing: None, ..(*record).clone() };
        runs.push(run(&Names::new(&passes, sources), &HashMap::new(), &mut lines));
    }
    let mut places = report.places();
    // Those with a number in the order of their numbers; what has none comes where it came.
    let of_numbers: Vec<usize> =
        (0..places.len()).filter(|place| places[*place].1.number.is_some()).collect();
    let mut numbered: Vec<_> = of_numbers.iter().map(|place| places[*place]).collect();
    numbered.sort_by_key(|(_, mark)| mark.number);
    of_numbers.into_iter().zip(numbered).for_each(|(at, place)| places[at] = place);
    let places: Vec<Value> = places
        .into_iter()
        .map(|(snippet, mark)| {
            lines.want(&snippet.file, mark.line);
            json!({
                "number": mark.number,
                "label": mark.label,
                "file": clean(&snippet.file),
                "line": mark.line,
                "task": mark.task.0,
                "step": told.iter().find(|(_, number)| mark.number.is_some() && **number == mark.number).map(|(event, _)| event.0),
            })
        })
        .collect();
    let missing = match record.finding.kind {
        FindingKind::DataRace { first, second } | FindingKind::Unordered { first, second, .. } => {
            Some([first.0, second.0])
        }
        _ => None,
    };
    json!({
        "code": report.code.code(),
        "title": report.code.title(),
        "headline": report.headline,
        "go": report.go_words,
        "test": record.program.title(),
        "package": record.program.package,
        "replay": found.replay(),
        "why": report.why.as_ref().map(|(title, lines)| json!({"title": title, "lines": lines})),
        "waits": report.waits.as_ref().map(|(title, lines)| json!({"title": title, "lines": lines})),
        "help": report.help,
        "facts": report.facts,
        "standing": match standing {
            Standing::New => None,
            Standing::Known => Some("in the baseline".to_owned()),
            Standing::Allowed(reason) => Some(format!("allowed: {reason}")),
        },
        "text": found.text(),
        "places": places,
        "missing": missing,
        "end": report.timeline.iter().flat_map(|timeline| &timeline.rows).find_map(|row| match row {
            Row::End(words) => Some(words),
            _ => None,
        }),
        "runs": runs,
        "sources": lines.read(&names),
    })
}

/// The events that the report's timeline shows, each with its number.
fn told(found: &Found<'_>) -> HashMap<EventIx, Option<u8>> {
    let rows = found.report.timeline.iter().flat_map(|timeline| &timeline.rows);
    rows.filter_map(|row| match row {
        Row::Step { event, cell, .. } => Some((*event, cell.number)),
        _ => None,
    })
    .collect()
}

/// Texts that occur again and again, each once.
#[derive(Default)]
struct Interned {
    texts: Vec<String>,
    known: HashMap<String, usize>,
}

impl Interned {
    fn add(&mut self, text: String) -> usize {
        if let Some(at) = self.known.get(&text) {
            return *at;
        }
        self.texts.push(text.clone());
        self.known.insert(text, self.texts.len() - 1);
        self.texts.len() - 1
    }
}

/// One execution. A step is `[task, text, object, file, line, number, flags, takes, frees]`, -1 for none; of the flags 1 is
/// a wait that never ends, 2 a forced switch, 4 a step that the report shows.
fn run(names: &Names<'_>, told: &HashMap<EventIx, Option<u8>>, lines: &mut Lines) -> Value {
    let trace = names.trace;
    let forced: BTreeSet<EventIx> = trace.forced_switches.iter().copied().collect();
    let (mut texts, mut files) = (Interned::default(), Interned::default());
    let mut steps: Vec<Value> = Vec::with_capacity(trace.events.len());
    for (ix, event) in trace.indexed() {
        let frame = names.event_frame(ix).filter(|frame| !is_std(&frame.file) && !event.op.is_end());
        let place = frame.map(|frame| {
            lines.want(&frame.file, frame.line);
            (files.add(clean(&frame.file)), frame.line)
        });
        let (takes, frees) = locks(trace, ix);
        let flags = u8::from(names.waits_at(ix))
            | u8::from(forced.contains(&ix)) << 1
            | u8::from(told.contains_key(&ix)) << 2;
        steps.push(json!([
            event.task.0,
            texts.add(names.event_text(ix)),
            index(event.object),
            place.map_or(-1, |(file, _)| file as i64),
            place.map_or(0, |(_, line)| line),
            told.get(&ix).copied().flatten().unwrap_or(0),
            flags,
            index(takes),
            index(frees),
        ]));
    }
    let mut kinds = Interned::default();
    let edges: Vec<Value> = trace
        .edges
        .iter()
        .map(|edge| {
            let kind = kinds.add(edge.kind.word().to_owned());
            json!([edge.from.0, edge.to.0, edge.task.0, edge.at, kind])
        })
        .collect();
    let tasks: Vec<Value> = (0..trace.tasks.len() as u32)
        .map(|task| {
            let task = crate::TaskIx(task);
            let info = trace.task(task);
            json!({
                "header": names.header(task),
                "path": info.path.to_string(),
                "spawned": info.spawned.map_or(-1, |(_, event)| i64::from(event.0)),
            })
        })
        .collect();
    let objects: Vec<String> =
        (0..trace.objects.len() as u32).map(|object| names.object(ObjIx::new(object))).collect();
    json!({
        "steps": steps, "texts": texts.texts, "files": files.texts, "edges": edges, "kinds": kinds.texts,
        "tasks": tasks, "objects": objects,
    })
}

fn index(object: Option<ObjIx>) -> i64 {
    object.map_or(-1, |object| i64::from(object.number()))
}

/// The lock that an event takes, and the one that it gives back.
fn locks(trace: &Trace, event: EventIx) -> (Option<ObjIx>, Option<ObjIx>) {
    let this = trace.event(event);
    match this.op {
        op if op.takes_lock() => (this.object, None),
        OpKind::Unlock | OpKind::ReadUnlock => (None, this.object),
        OpKind::Wait => (None, this.other),
        _ => (None, None),
    }
}

/// The lines of source that are shown.
#[derive(Default)]
struct Lines(BTreeMap<String, BTreeSet<u32>>);

impl Lines {
    fn want(&mut self, file: &str, line: u32) {
        if line > 0 && !is_std(file) {
            self.0.entry(file.to_owned()).or_default().insert(line);
        }
    }

    /// By file, `[line, text]` each.
    fn read(&self, names: &Names<'_>) -> Value {
        let shown = |wanted: &BTreeSet<u32>, line: u32| {
            wanted.range(line.saturating_sub(AROUND)..=line + AROUND).next().is_some()
        };
        let mut files = serde_json::Map::new();
        for (file, wanted) in &self.0 {
            let Some(text) = names.text(file) else { continue };
            let rows = text.lines().zip(1..).filter(|(_, line)| shown(wanted, *line));
            let rows: Vec<Value> = rows.map(|(row, line)| json!([line, tame(row)])).collect();
            files.insert(clean(file), Value::from(rows));
        }
        Value::Object(files)
    }
}

/// A line of source in which nothing turns the direction of writing or ends the line.
fn tame(row: &str) -> String {
    row.chars()
        .take(WIDE)
        .map(|c| match c {
            '\t' => '\t',
            c if c.is_control() => ' ',
            c if turns(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}
