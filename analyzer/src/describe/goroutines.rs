//! What Go's runtime and race detector would print of a finding, as data: the goroutines with their states, and
//! the two accesses of a race.
//!
//! Source: Go's `runtime/traceback.go` for the dump, `runtime/runtime2.go` (`waitReasonStrings`) for the words,
//! ThreadSanitizer's Go reports for races. Left out is what does not exist here: addresses and offsets. Task T0 is
//! goroutine 1, as Go's main is. What Go has no word for waits in a `semacquire`, as Go's own sleeping does.

use crate::FindingKind;
use crate::describe::Names;
use crate::describe::names::clean;
use crate::ids::{EventIx, TaskIx};
use crate::misuse::as_go_prints;
use crate::op::OpKind;
use crate::place::{Frame, Place};
use crate::trace::{TaskEnd, Waiting};
use gorace_analyzer_core::Listed;

/// A finding in Go's form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InGo {
    /// `fatal error: all goroutines are asleep - deadlock!`, `panic: ..`; for a race `WARNING: DATA RACE`.
    pub lead: String,
    /// A race's two accesses, the later one first, as Go has them.
    pub race: Vec<Access>,
    /// The goroutines that have not ended; of a race, those that took part, main left out.
    pub goroutines: Vec<Goroutine>,
}

/// One access of a race.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Access {
    /// `Write at hits by goroutine 2`
    pub title: String,
    /// Where, innermost first.
    pub stack: Vec<Call>,
}

/// One goroutine of a dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Goroutine {
    /// 1 for main.
    pub number: u32,
    /// `chan receive`, `running`.
    pub state: String,
    /// Where it is, innermost first.
    pub stack: Vec<Call>,
    /// Who created it, and where; `None` for main.
    pub created: Option<(u32, Vec<Call>)>,
}

/// A function and a place in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// `bank_transfer.main`
    pub function: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// Whether only `-v` shows it.
    pub folded: bool,
}

impl InGo {
    /// How many frames of those stacks are shown with `-v` only.
    pub fn folded(&self) -> usize {
        let mut folded = 0;
        let mut count = |stack: &[Call]| folded += stack.iter().filter(|call| call.folded).count();
        self.race.iter().for_each(|access| count(&access.stack));
        for goroutine in &self.goroutines {
            count(&goroutine.stack);
            if let (Some((_, stack)), false) = (&goroutine.created, self.race.is_empty()) {
                count(stack);
            }
        }
        folded
    }
}

/// Puts a finding into Go's form; `headline` is for what Go has no words for.
pub(crate) fn in_go(names: &Names<'_>, headline: &str) -> InGo {
    let kind = &names.record.finding.kind;
    let lead = match kind {
        FindingKind::DataRace { first, second } => return race(names, *first, *second),
        FindingKind::Deadlock { global: true, blocked, .. } => super::deadlock::go_words(blocked).to_owned(),
        FindingKind::Misuse { words, .. } | FindingKind::Unordered { words, .. } => {
            as_go_prints(words).map_or_else(|| format!("panic: {words}"), str::to_owned)
        }
        FindingKind::Panic { task } => match &names.trace.task(*task).end {
            TaskEnd::Panicked { message, .. } => {
                format!("panic: {}", message.lines().map(clean).listed().join("\n\t"))
            }
            _ => "fatal error: stack overflow".to_owned(),
        },
        _ => format!("gorace: {headline}"),
    };
    let lives = |task: &TaskIx| names.trace.task(*task).end != TaskEnd::Finished;
    let tasks = (0..names.trace.tasks.len() as u32).map(TaskIx).filter(lives);
    let mut goroutines: Vec<Goroutine> = tasks.map(|task| goroutine(names, task)).listed();
    if let FindingKind::Unordered { second, .. } = kind {
        // Go dies in whoever comes second.
        let event = names.trace.event(*second);
        let (state, stack) = ("running".to_owned(), calls(names, event.place));
        goroutines.insert(0, Goroutine { state, stack, ..goroutine(names, event.task) });
    }
    InGo { lead, race: Vec::new(), goroutines }
}

fn number(task: TaskIx) -> u32 {
    task.0 + 1
}

fn race(names: &Names<'_>, first: EventIx, second: EventIx) -> InGo {
    let access = |event: EventIx, word: [&str; 2]| {
        let this = names.trace.event(event);
        let what = word[usize::from(this.op == OpKind::Write)];
        let of = this.object.map_or("a variable", |object| names.bare_object(object));
        let by = match this.task {
            TaskIx(0) => "main goroutine".to_owned(),
            task => format!("goroutine {}", number(task)),
        };
        Access { title: format!("{what} at {} by {by}", clean(of)), stack: calls(names, this.place) }
    };
    let mut goroutines = Vec::new();
    for event in [second, first] {
        let task = names.trace.event(event).task;
        if task != TaskIx(0) {
            let ended =
                names.trace.events[..second.at()].iter().any(|event| event.task == task && event.op.is_end());
            let state = if ended { "finished" } else { "running" }.to_owned();
            goroutines.push(Goroutine { state, stack: Vec::new(), ..goroutine(names, task) });
        }
    }
    InGo {
        lead: "WARNING: DATA RACE".to_owned(),
        race: vec![access(second, ["Read", "Write"]), access(first, ["Previous read", "Previous write"])],
        goroutines,
    }
}

fn goroutine(names: &Names<'_>, task: TaskIx) -> Goroutine {
    let info = names.trace.task(task);
    let last = || {
        let own = names.trace.events.iter().rev().find(|event| event.task == task && !event.op.is_end());
        own.map_or(Place::Unknown, |event| event.place)
    };
    let (state, place) = match &info.end {
        TaskEnd::Blocked(waiting) => (wait_reason(names, waiting), names.trace.event(waiting.event()).place),
        TaskEnd::Panicked { place, .. } => ("running".to_owned(), *place),
        TaskEnd::Overflowed => ("running".to_owned(), last()),
        TaskEnd::Running | TaskEnd::Finished => ("runnable".to_owned(), last()),
    };
    let leaked = matches!(names.record.finding.kind, FindingKind::Leak { task: leaked } if leaked == task);
    // As Go's profile of leaked goroutines marks them.
    let state = if leaked { format!("{state} (leaked)") } else { state };
    let created =
        info.spawned.map(|(parent, spawn)| (number(parent), calls(names, names.trace.event(spawn).place)));
    Goroutine { number: number(task), state, stack: calls(names, place), created }
}

/// Go's word for what a goroutine waits for.
fn wait_reason(names: &Names<'_>, waiting: &Waiting) -> String {
    let event = names.trace.event(waiting.event());
    let reason = match (waiting, event.op) {
        (Waiting::Any { .. }, _) => "select",
        (Waiting::Forever { .. }, OpKind::Recv) => "chan receive (nil chan)",
        (Waiting::Forever { .. }, OpKind::Send) => "chan send (nil chan)",
        (Waiting::Forever { .. }, _) => "select (no cases)",
        (_, OpKind::Recv) => "chan receive",
        (_, OpKind::Send) => "chan send",
        (_, OpKind::Select) => "select",
        (_, OpKind::Lock | OpKind::OnceBegin | OpKind::OnceWait) => "sync.Mutex.Lock",
        (_, OpKind::ReadLock) => "sync.RWMutex.RLock",
        (_, OpKind::WriteLock) => "sync.RWMutex.Lock",
        (_, OpKind::Wait) => "sync.Cond.Wait",
        (_, OpKind::WgWait) => "sync.WaitGroup.Wait",
        (_, OpKind::Sleep) => "sleep",
        _ => "semacquire",
    };
    reason.to_owned()
}

/// The frames of a place: the user's own, and those that are folded.
fn calls(names: &Names<'_>, place: Place) -> Vec<Call> {
    let frames = names.trace.whole_stack(place);
    let is_kept = |frame: &&Frame| frame.folded || !super::names::is_std(&frame.file);
    let own: Vec<&Frame> = frames.iter().filter(is_kept).listed();
    own.iter().map(|frame| call(names, frame)).listed()
}

fn call(names: &Names<'_>, frame: &Frame) -> Call {
    let function = frame.function.clone().or_else(|| names.function(frame));
    let function = function.unwrap_or_else(|| "main".to_owned());
    // A stack's frames have whole paths, `bank::transfer::{{closure}}`; a place has only its function's name.
    let function = if function.contains("::") {
        function
    } else {
        format!("{}.{function}", names.record.program.target.replace('-', "_"))
    };
    Call { function: clean(&function), file: clean(&frame.file), line: frame.line, folded: frame.folded }
}
