//! Which lock would have kept two accesses apart, in words: the one that only one side holds, or that both hold for
//! reading.
//!
//! Says of a lock no more than how it was held in this execution; whether it is meant for what was accessed is not known.

use crate::describe::Names;
use crate::describe::prose::listed;
use crate::ids::{EventIx, ObjIx};
use crate::op::OpKind;
use gorace_analyzer_core::Listed;

/// Locks that a task holds, each with the event that took it.
type Held = Vec<(ObjIx, EventIx)>;

/// The locks that both sides hold, each with who took it on either.
fn shared(first: &Held, second: &Held) -> Vec<(ObjIx, [EventIx; 2])> {
    let in_second = |lock: ObjIx| second.iter().find(|(other, _)| *other == lock);
    first.iter().filter_map(|(lock, a)| in_second(*lock).map(|(_, b)| (*lock, [*a, *b]))).listed()
}

fn both_read(names: &Names<'_>, taken: [EventIx; 2]) -> bool {
    taken.into_iter().all(|taken| names.is_to_read(taken))
}

/// What follows "locks in common".
pub(crate) fn in_common(names: &Names<'_>, first: EventIx, second: EventIx) -> String {
    let shared = shared(&names.locks_held(first), &names.locks_held(second));
    let words = |(lock, taken): &(ObjIx, [EventIx; 2])| {
        let how = if both_read(names, *taken) { " (both for reading)" } else { "" };
        format!("{}{how}", names.object(*lock))
    };
    let common: Vec<String> = shared.iter().map(words).listed();
    if common.is_empty() { "none".to_owned() } else { common.join(", ") }
}

/// What to do with a lock that is there already.
pub(crate) fn lock_to_hold(names: &Names<'_>, first: EventIx, second: EventIx) -> Option<String> {
    const SIDES: [char; 2] = ['\u{2460}', '\u{2461}'];
    let held = [names.locks_held(first), names.locks_held(second)];
    let writes = |side: usize| names.trace.event([first, second][side]).op == OpKind::Write;
    if let Some((lock, _)) =
        shared(&held[0], &held[1]).into_iter().find(|(_, taken)| both_read(names, *taken))
    {
        let writers: Vec<String> =
            [0, 1].into_iter().filter(|side| writes(*side)).map(|side| SIDES[side].to_string()).listed();
        return Some(format!(
            "both sides hold {}, but only for reading, which keeps no other reader out: hold it for writing at {}",
            names.object(lock),
            listed(&writers)
        ));
    }
    let (holding, bare) = match (held[0].is_empty(), held[1].is_empty()) {
        (false, true) => (0, 1),
        (true, false) => (1, 0),
        _ => return None,
    };
    let excludes = held[holding].iter().find(|(_, taken)| !names.is_to_read(*taken));
    let (lock, taken) = excludes.or(held[holding].first())?;
    let (lock, holder, other) = (names.object(*lock), SIDES[holding], SIDES[bare]);
    Some(match (names.is_to_read(*taken), writes(holding)) {
        (false, _) => format!("hold {lock} during {other} too ({holder} already does)"),
        (true, false) => format!("hold {lock} for writing during {other} ({holder} holds it for reading)"),
        (true, true) => {
            format!(
                "hold {lock} for writing during {holder}, not only for reading, and hold it during {other} too"
            )
        }
    })
}

/// What to do where no lock is there that could do it.
pub(crate) fn one_lock(names: &Names<'_>, first: EventIx, second: EventIx, name: &str) -> Option<String> {
    let (of_first, of_second) = (names.locks_held(first), names.locks_held(second));
    if of_first.is_empty() && of_second.is_empty() {
        return Some(format!("guard {name} with one Mutex in both places, or make it an atomic"));
    }
    let words = format!("hold the same lock in both places: the two sides hold different ones around {name}");
    shared(&of_first, &of_second).is_empty().then_some(words)
}
