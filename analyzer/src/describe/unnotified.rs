//! Who had the mutex of a task that waits on a condition variable, and let it go without a notification: what is
//! waited for may have changed then, and nobody was told.
//!
//! Whether it has changed is seen only where checked memory was written; what stands within the mutex is not in the
//! trace. So it is said who had the mutex and that no notification followed, which is true in any case. Left out is who
//! waits in turn: he has only looked.

use crate::describe::by_event::ByEvent;
use crate::describe::prose::listed;
use crate::describe::{Names, Report};
use crate::ids::{EventIx, ObjIx, TaskIx};
use crate::op::OpKind;
use crate::trace::TaskEnd;
use gorace_analyzer_core::Listed;

/// Places that are named, at the most.
const NAMED: usize = 3;

/// A time for which one task had the mutex.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Section {
    /// The lock.
    taken: EventIx,
    /// From when on the task had it.
    granted: EventIx,
    /// What gave it up, if anything did.
    end: Option<EventIx>,
}

/// What a waiting task was not told of.
pub(crate) struct Unnotified {
    wait: EventIx,
    condvar: ObjIx,
    mutex: ObjIx,
    sections: Vec<Section>,
    /// Whether these tasks only came back from waits of their own.
    pub is_resumed: bool,
}

/// Of the task that waits on a condition variable at `wait`; `None` if nobody had its mutex since the last
/// notification.
pub(crate) fn find(names: &Names<'_>, wait: EventIx) -> Option<Unnotified> {
    let this = names.trace.event(wait);
    let (condvar, mutex) = (this.object.filter(|_| this.op == OpKind::Wait)?, this.other?);
    let notified = last_notification(names, condvar);
    let was_passed_over = notified.is_some_and(|at| at > wait);
    let all = sections(names, mutex);
    let ends_in_wait =
        |section: &Section| section.end.is_some_and(|end| names.trace.event(end).op == OpKind::Wait);
    let is_unheard = |section: &Section| {
        let after =
            section.end.is_none_or(|end| end > wait) && notified.is_none_or(|at| section.granted > at);
        after && names.trace.event(section.taken).task != this.task && !ends_in_wait(section)
    };
    let unheard: Vec<Section> = all.iter().copied().filter(is_unheard).listed();
    let is_fresh = |section: &Section| !is_resumed(names, section);
    // Who takes it where others take it who wait then does what they do, and they look.
    let waits_here = |section: &Section| {
        let place = names.trace.event(section.taken).place;
        all.iter().any(|other| ends_in_wait(other) && names.trace.event(other.taken).place == place)
    };
    let choose = |wanted: &dyn Fn(&Section) -> bool| -> Vec<Section> {
        unheard.iter().copied().filter(|section| wanted(section)).listed()
    };
    let mut sections = choose(&|section| writes(names, section) && (is_fresh(section) || !was_passed_over));
    if sections.is_empty() {
        sections = choose(&|section| is_fresh(section) && !waits_here(section));
    }
    // A notification that woke somebody else explains what he did then.
    if sections.is_empty() && !was_passed_over {
        sections = choose(&is_fresh);
        if sections.is_empty() {
            sections = unheard;
        }
    }
    let is_resumed = !sections.iter().any(is_fresh);
    (!sections.is_empty()).then_some(Unnotified { wait, condvar, mutex, sections, is_resumed })
}

/// The last notification of `condvar`.
pub(crate) fn last_notification(names: &Names<'_>, condvar: ObjIx) -> Option<EventIx> {
    let notifies = |op| matches!(op, OpKind::NotifyOne | OpKind::NotifyAll);
    let notified =
        names.trace.indexed().filter(|(_, event)| event.object == Some(condvar) && notifies(event.op));
    notified.last().map(|(notification, _)| notification)
}

/// Who had `mutex` when.
fn sections(names: &Names<'_>, mutex: ObjIx) -> Vec<Section> {
    let (mut open, mut done): (Vec<(TaskIx, EventIx)>, Vec<Section>) = (Vec::new(), Vec::new());
    let mut released = EventIx(0);
    for (ix, event) in names.trace.indexed() {
        let gives_up = match event.op {
            OpKind::Wait => event.other == Some(mutex),
            OpKind::Unlock => event.object == Some(mutex),
            _ => false,
        };
        if gives_up {
            if let Some(at) = open.iter().position(|(task, _)| *task == event.task) {
                let (_, taken) = open.remove(at);
                done.push(Section { taken, granted: taken.max(released), end: Some(ix) });
            }
            released = ix;
        }
        // Who still waits at the end has not got it.
        if event.object == Some(mutex) && event.op.takes_lock() && !names.waits_at(ix) {
            open.push((event.task, ix));
        }
    }
    done.extend(open.into_iter().map(|(_, taken)| Section {
        taken,
        granted: taken.max(released),
        end: None,
    }));
    done
}

/// Whether a section began at the end of a wait, which takes the mutex by an event of its own.
fn is_resumed(names: &Names<'_>, section: &Section) -> bool {
    let task = names.trace.event(section.taken).task;
    let before = names.trace.events[..section.taken.at()].iter().rfind(|event| event.task == task);
    before.is_some_and(|event| event.op == OpKind::Wait)
}

/// Whether the task of a section wrote checked memory or an atomic within it.
fn writes(names: &Names<'_>, section: &Section) -> bool {
    let task = names.trace.event(section.taken).task;
    let within = names.trace.indexed().skip_while(|(ix, _)| *ix <= section.granted);
    let mut within = within.take_while(|(ix, _)| section.end.is_none_or(|end| *ix < end));
    within.any(|(_, event)| {
        event.task == task && matches!(event.op, OpKind::Write | OpKind::Store | OpKind::Rmw)
    })
}

impl Unnotified {
    fn waiter(&self, names: &Names<'_>) -> String {
        names.task(names.trace.event(self.wait).task)
    }

    /// Shows where the last of them took the mutex, as the next `number`; gives the last number used.
    pub fn add(
        &self,
        names: &Names<'_>,
        report: &mut Report,
        number: u8,
        events: &mut ByEvent<Option<u8>>,
    ) -> u8 {
        let Some(Section { taken, .. }) = self.sections.last() else { return number };
        let (who, mutex) = (names.task(names.trace.event(*taken).task), names.object(self.mutex));
        let label = format!(
            "{who} has {mutex} from here while {} waits, and {} is not notified after that",
            self.waiter(names),
            names.object(self.condvar)
        );
        let title = format!("not followed by a notification: {who}");
        report.add_event(names, Some(title), *taken, (Some(number + 1), label, false));
        events.set(*taken, Some(number + 1));
        let tasks: Vec<TaskIx> =
            self.sections.iter().map(|section| names.trace.event(section.taken).task).listed();
        for event in names.lock_events(self.mutex, &tasks) {
            events.add(event, None);
        }
        number + 1
    }

    /// What to do about it.
    pub fn help(&self, names: &Names<'_>) -> String {
        let (condvar, mutex) = (names.object(self.condvar), names.object(self.mutex));
        let mut places: Vec<String> = Vec::new();
        for section in self.sections.iter().rev() {
            let task = names.trace.event(section.taken).task;
            let place = format!("{} from line {}", names.task(task), names.line(section.taken));
            if !places.contains(&place) && places.len() < NAMED {
                places.push(place);
            }
        }
        places.reverse();
        format!(
            "{mutex} was held while {} waited, by {}, and {condvar} was not notified after that: notify on every path that \
             changes what is waited for",
            self.waiter(names),
            listed(&places)
        )
    }
}

/// What the first of `blocked` that was not told of something was not told of.
pub(crate) fn of_blocked(names: &Names<'_>, blocked: &[TaskIx]) -> Option<Unnotified> {
    blocked.iter().find_map(|task| match &names.trace.task(*task).end {
        TaskEnd::Blocked(waiting) => find(names, waiting.event()),
        _ => None,
    })
}
