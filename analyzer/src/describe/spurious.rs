//! What happened for no reason, in words.

use crate::describe::{Names, Report};
use crate::ids::EventIx;
use crate::op::OpKind;

/// The last spurious wake-up or failure of the trace. A schedule was shortened before it is described: what is left
/// of them is needed.
pub(crate) fn last(names: &Names<'_>) -> Option<EventIx> {
    names.trace.indexed().filter(|(_, event)| event.is_spurious()).map(|(ix, _)| ix).last()
}

/// Shows it, as the report's ①.
pub(crate) fn add(names: &Names<'_>, report: &mut Report, event: EventIx) {
    let this = names.trace.event(event);
    let (what, help) = match this.op {
        OpKind::CasFail => {
            let on = this.object.map_or_else(String::new, |object| format!(" of {}", names.object(object)));
            let help = "try a weak compare-exchange again until it succeeds, or use `compare_exchange`";
            (format!("fails here although the value{on} is the expected one"), help)
        }
        OpKind::Await => {
            let help =
                "a future may be polled although nobody woke it: look again whether its event has happened";
            ("is polled again here, woken by nobody".to_owned(), help)
        }
        _ => {
            let help = "look at the condition again after each wake-up: wait in a `while`, not in an `if`";
            ("wakes here, woken by nobody".to_owned(), help)
        }
    };
    let title = "decided by: what happens here for no reason, as it may".to_owned();
    let label = format!("{} {what}", names.task(this.task));
    report.add_event(names, Some(title), event, (Some(1), label, true));
    report.help = vec![help.to_owned()];
}
