//! Nothing is reported before replaying its schedule gave it again.

use crate::check::Options;
use crate::check::minimal::{self, Wanted};
use crate::check::nearest;
use crate::check::render;
use crate::check::session::{Session, in_words, who};
use crate::check::shorten;
use gorace_analyzer::finding::Fingerprint;
use gorace_analyzer::key::{Key, key};
use gorace_analyzer::{Event, Finding, FindingKind, OpKind, Trace};
use gorace_engine::{Plan, Schedule, Selection};

/// A finding with the shortened execution that shows it.
pub(crate) struct Confirmed {
    pub finding: Finding,
    pub fingerprint: Fingerprint,
    pub schedule: Schedule,
    pub trace: Trace,
    pub replayed: (u32, u32),
    /// Whether a completed search shows that it needs as many forced switches.
    pub minimal: bool,
    /// The execution nearest to it that shows nothing, if one was found.
    pub passing: Option<Trace>,
}

/// How often the final schedule is replayed.
const REPLAYS: u32 = 3;

/// Replays `schedule`, shortens it, and replays the result. What is not found again is uncontrolled
/// nondeterminism: nothing that was met is passed over.
pub(crate) fn confirm(
    session: &mut Session,
    kind: &FindingKind,
    wanted: Key,
    schedule: &Schedule,
) -> Confirmed {
    let first = replay(session, schedule, false);
    let second = replay(session, schedule, false);
    if let Some(nondeterminism) = compare(&first.trace, &second.trace) {
        let trace = longer(first.trace, second.trace);
        return unreplayed(session, nondeterminism, trace);
    }
    let Some(found) = first.find(session, wanted) else {
        let expected = format!("a {} again", kind.code().title());
        let found = format!("an execution without it, {} steps long", first.trace.events.len());
        let step = first.trace.events.len() as u32;
        let kind = FindingKind::Nondeterminism { step, expected, found, suspects: suspects() };
        return unreplayed(session, kind, first.trace);
    };
    let mut wanted = Wanted::new(session, wanted, &first.trace, &found.kind);
    let shortest = shorten::shorten(session, &mut wanted, first.schedule.clone());
    let (shortest, minimal) = minimal::certify(session, &mut wanted, shortest);
    // A better place changes a finding's key, but not its events: those of the same schedule are the same.
    let plain = replay(session, &shortest, false);
    let plain = wanted.find(session, &plain.trace);
    let mut last = None;
    let mut again = 0;
    for _ in 0..REPLAYS {
        let run = replay(session, &shortest, true);
        if let Some(finding) = run.findings(session).into_iter().find(|found| Some(found) == plain.as_ref()) {
            again += 1;
            last = Some((finding, run));
        }
    }
    let Some((finding, Run { trace, schedule })) = last else {
        let (expected, found) =
            (format!("a {} again", kind.code().title()), "none in its replays".to_owned());
        let kind = FindingKind::Nondeterminism { step: 0, expected, found, suspects: suspects() };
        return unreplayed(session, kind, first.trace);
    };
    let fingerprint = render::fingerprint(&session.options.program, &trace, &finding.kind);
    let passing = nearest::passing(session, shortest);
    Confirmed { finding, fingerprint, schedule, trace, replayed: (again, REPLAYS), minimal, passing }
}

/// A finding that stands for itself: it says that executions do not repeat, or that there was none.
pub(crate) fn as_it_is(session: &mut Session, kind: FindingKind) -> Confirmed {
    let trace = session.cx.exec.trace().clone();
    unreplayed(session, kind, trace)
}

/// The same, shown by `trace`.
pub(crate) fn unreplayed(session: &mut Session, kind: FindingKind, trace: Trace) -> Confirmed {
    let fingerprint = render::fingerprint(&session.options.program, &trace, &kind);
    let schedule = session.cx.exec.marked_schedule();
    Confirmed {
        finding: Finding { kind, after_panic: false },
        fingerprint,
        schedule,
        trace,
        replayed: (0, 0),
        minimal: false,
        passing: None,
    }
}

/// What commonly makes executions differ.
pub(crate) fn suspects() -> Vec<String> {
    [
        "a std HashMap or HashSet, whose iteration order differs from execution to execution",
        "the real clock, random numbers, or I/O",
        "state that outlives an execution: a std static, a std thread-local, something captured from outside",
        "a lock or channel that is not gorace's",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// One replay, torn down.
pub(crate) struct Run {
    pub trace: Trace,
    pub schedule: Schedule,
}

impl Run {
    /// The finding with this key in the replay.
    pub fn find(&self, session: &mut Session, wanted: Key) -> Option<Finding> {
        let findings = self.findings(session);
        findings.into_iter().find(|finding| key(&self.trace, &finding.kind) == wanted)
    }

    pub fn findings(&self, session: &mut Session) -> Vec<Finding> {
        let mut findings = Vec::new();
        session.detectors.run(&self.trace, session.options.max_steps, &mut findings);
        findings
    }
}

/// Runs `schedule` again, with backtraces where places are not known otherwise if `exact_places`.
pub(crate) fn replay(session: &mut Session, schedule: &Schedule, exact_places: bool) -> Run {
    run(session, Selection::Follow(schedule.clone()), exact_places)
}

/// Where the landmarks of a schedule known from before are now, as a plan without them. They name files, and so they are
/// found with exact places only; a finding is then looked for without, as everywhere else.
pub(crate) fn find_again(session: &mut Session, plan: &Plan) -> Option<Plan> {
    let Selection::Follow(known) = &plan.selection else { return None };
    if known.marks.is_empty() {
        return None;
    }
    let Schedule { deviations, .. } = replay(session, known, true).schedule;
    let here = Schedule { deviations, ..Schedule::default() };
    Some(Plan { selection: Selection::Follow(here), ..*plan })
}

/// Runs one auxiliary execution. With exact places the schedule has landmarks.
pub(crate) fn run(session: &mut Session, selection: Selection, exact_places: bool) -> Run {
    session.auxiliary += 1;
    session.cx.special.set_backtraces(exact_places);
    let Options { max_steps, idle_clock, spurious, .. } = session.options;
    let plan = Plan { selection, max_steps, idle_clock, spurious };
    session.execute(&plan);
    session.cx.special.set_backtraces(false);
    let trace = session.cx.exec.trace().clone();
    let execution = &session.cx.exec;
    let schedule = if exact_places { execution.marked_schedule() } else { execution.schedule() };
    session.tear_down();
    Run { trace, schedule }
}

/// Which of two executions is shown that differ: the second one, unless it came to its end where the first one went on.
pub(crate) fn longer(first: Trace, second: Trace) -> Trace {
    if second.events.len() < first.events.len() { first } else { second }
}

/// Two executions of one schedule: the first event in which they differ, as a finding. Values are not looked at: what
/// was found shows whatever they are.
pub(crate) fn compare(first: &Trace, second: &Trace) -> Option<FindingKind> {
    first_difference(first, second, is_same_operation)
}

/// The same for executions in which nothing was found: the values of atomics, and what was chosen, must be the same too.
pub(crate) fn compare_with_values(first: &Trace, second: &Trace) -> Option<FindingKind> {
    let is_same =
        |a: &Event, b: &Event| is_same_operation(a, b) && value(a).zip(value(b)).is_none_or(|(a, b)| a == b);
    first_difference(first, second, is_same)
}

fn is_same_operation(a: &Event, b: &Event) -> bool {
    (a.task, a.op, a.object, a.other, a.place) == (b.task, b.op, b.object, b.other, b.place)
}

/// Numbers below are no addresses: nobody's memory is on the first page. Others may be, and addresses differ between
/// executions.
const FIRST_PAGE: u64 = 4096;

/// What the event is about, if that is a number that another execution has to have as well.
fn value(event: &Event) -> Option<u64> {
    use OpKind::{CasFail, Choose, Load, Rmw, Store};
    let is_known = matches!(event.op, Load | Store | Rmw | CasFail | Choose) && event.value < FIRST_PAGE;
    is_known.then_some(event.value)
}

fn first_difference(
    first: &Trace,
    second: &Trace,
    is_same: impl Fn(&Event, &Event) -> bool,
) -> Option<FindingKind> {
    let describe = |trace: &Trace, at: usize, other: &Trace| {
        trace.events.get(at).map_or_else(
            || match &trace.divergence {
                Some(left) => in_words(&left.found, trace),
                None => "the end".to_owned(),
            },
            |event| {
                let is_alike = other.events.get(at).is_some_and(|other| is_same_operation(event, other));
                let value = value(event).filter(|_| is_alike);
                let value = value.map_or_else(String::new, |value| format!(" of {value}"));
                let frame = trace.frames(event.place).into_iter().next();
                let place =
                    frame.map_or_else(String::new, |f| format!(" at {}:{}:{}", f.file, f.line, f.column));
                let object = event.object.and_then(|object| trace.objects[object.at()].name.as_ref());
                let object = object.map_or_else(String::new, |name| format!(" on `{name}`"));
                format!("{}{value}{object} by {}{place}", event.op.word(), who(trace, event.task))
            },
        )
    };
    let same = |at: &usize| match (first.events.get(*at), second.events.get(*at)) {
        (Some(a), Some(b)) => is_same(a, b),
        (a, b) => a.is_none() && b.is_none(),
    };
    let longest = first.events.len().max(second.events.len());
    let at = (0..longest).find(|at| !same(at))?;
    Some(FindingKind::Nondeterminism {
        step: at as u32,
        expected: describe(first, at, second),
        found: describe(second, at, first),
        suspects: suspects(),
    })
}
