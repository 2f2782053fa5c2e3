//! What a leaked task waits for, if that has to do with time: a context that nothing cancels, a ticker, a timer
//! that it arms again and again.

use crate::describe::Names;
use crate::ids::{ObjIx, TaskIx};
use crate::op::{EdgeKind, ObjectKind, OpKind};
use crate::trace::{TaskEnd, Waiting};
use gorace_analyzer_core::Listed;

/// A task whose timers fired more often than this after main's return arms them anew for ever.
const ROUNDS: usize = 100;

/// See the module.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// It waits for this context to be cancelled.
    Context(ObjIx),
    /// It lives by this ticker.
    Ticker(ObjIx),
    /// It lives by timers that it arms anew; so often since main returned.
    Rounds(usize),
}

impl Cause {
    /// What the blocked `task` waits for, if it is one of these.
    pub fn of(names: &Names<'_>, task: TaskIx) -> Option<Cause> {
        let rounds = rounds_after_main(names, task);
        if rounds >= ROUNDS {
            return Some(Cause::Rounds(rounds));
        }
        let channels = waited_for(names, task);
        let of_kind = |kind| channels.iter().copied().find(|object| names.trace.object(*object).kind == kind);
        if let Some(context) = of_kind(ObjectKind::Context) {
            return Some(Cause::Context(context));
        }
        of_kind(ObjectKind::Timer).filter(|timer| is_ticker(names, *timer)).map(Cause::Ticker)
    }

    /// The end of the headline.
    pub fn headline(self, names: &Names<'_>) -> String {
        match self {
            Cause::Context(context) => {
                format!("waits for ever for {}, which nothing cancels", names.object(context))
            }
            Cause::Ticker(ticker) => format!("goes on for ever with {}", names.object(ticker)),
            Cause::Rounds(_) => "goes on for ever, with one timer after the other".to_owned(),
        }
    }

    /// What made it, and what to say of that.
    pub fn origin(self) -> Option<(ObjIx, &'static str)> {
        match self {
            Cause::Context(context) => Some((context, "made here; nothing cancels it")),
            Cause::Ticker(ticker) => Some((ticker, "made here")),
            Cause::Rounds(_) => None,
        }
    }

    /// Why that is a leak.
    pub fn why(self, names: &Names<'_>, task: TaskIx) -> String {
        let task = names.task(task);
        match self {
            Cause::Context(context) => {
                let context = names.object(context);
                format!(
                    "{task} was never detached. {context} and what it is below were not cancelled and have no deadline \
                     to come, and every other task has finished or is blocked as well, so nobody is left to cancel."
                )
            }
            Cause::Ticker(ticker) => format!(
                "{task} was never detached, and every other task has finished or is blocked as well. A ticker alone \
                 wakes it: {} never ends, and nobody is left to tell the task to stop.",
                names.object(ticker)
            ),
            Cause::Rounds(rounds) => format!(
                "{task} was never detached, and every other task has finished or is blocked as well. Since main returned \
                 timers woke it {rounds} times, each time it armed another, and nobody is left to tell it to stop."
            ),
        }
    }

    /// What to do.
    pub fn help(self, names: &Names<'_>) -> String {
        match self {
            Cause::Context(context) => format!(
                "cancel {} on every path before main returns, or make it by `with_timeout`, or `.detach()` the task if \
                 this is meant",
                names.object(context)
            ),
            Cause::Ticker(_) | Cause::Rounds(_) => {
                "give the task a context, look at its `done` as well, and cancel it before main returns, or `.detach()` \
                 the task if this is meant"
                    .to_owned()
            }
        }
    }
}

/// The objects from which the blocked `task` waits to receive.
fn waited_for(names: &Names<'_>, task: TaskIx) -> Vec<ObjIx> {
    let TaskEnd::Blocked(waiting) = &names.trace.task(task).end else { return Vec::new() };
    match waiting {
        Waiting::Any { arms, .. } => {
            arms.iter().filter(|(_, send)| !send).map(|(object, _)| *object).listed()
        }
        Waiting::On { event } => {
            let event = names.trace.event(*event);
            event.object.filter(|_| event.op == OpKind::Recv).into_iter().listed()
        }
        Waiting::Forever { .. } => Vec::new(),
    }
}

/// Whether `timer` ticks, and was not stopped since.
fn is_ticker(names: &Names<'_>, timer: ObjIx) -> bool {
    let last = names.trace.events.iter().rev().find(|event| {
        event.object == Some(timer)
            && matches!(event.op, OpKind::Arm | OpKind::StopTimer | OpKind::ResetTimer)
    });
    let ticks = |op| names.trace.events.iter().any(|e| e.object == Some(timer) && e.op == op && e.seen > 0);
    last.is_some_and(|last| last.op != OpKind::StopTimer) && ticks(OpKind::Arm)
}

/// How often a timer woke `task` since main returned.
fn rounds_after_main(names: &Names<'_>, task: TaskIx) -> usize {
    let mut events = names.trace.events.iter();
    let returned = events.position(|event| event.task == TaskIx(0) && event.op == OpKind::Exit);
    let Some(returned) = returned else { return 0 };
    let wakes = names
        .trace
        .edges
        .iter()
        .filter(|edge| edge.kind == EdgeKind::Timer && edge.task == task && edge.at as usize > returned);
    let messages = names.trace.edges.iter().filter(|edge| {
        edge.kind == EdgeKind::Message
            && edge.task == task
            && edge.at as usize > returned
            && names.trace.event(edge.from).op == OpKind::Fire
    });
    wakes.count() + messages.count()
}
