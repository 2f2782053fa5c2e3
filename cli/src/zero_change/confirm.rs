//! Nothing is reported before replaying its schedule gave it again, and made it short.

use super::session::Session;
use crate::error::Outcome;
use gorace_analyzer::finding::{Finding, Fingerprint};
use gorace_analyzer::key::{Key, key};
use gorace_analyzer::{FindingKind, Place, Trace};
use gorace_engine::Schedule;
use gorace_engine::explore::{Cost, shorten};
use gorace_inject::wire::{How, RawTrace};

/// A finding with the shortened execution that shows it.
pub struct Confirmed {
    pub finding: Finding,
    pub fingerprint: Fingerprint,
    pub schedule: Schedule,
    pub trace: Trace,
    pub replayed: (u32, u32),
    /// The execution nearest to it that shows nothing, once it was looked for.
    pub passing: Option<Trace>,
}

/// How often the final schedule is replayed.
const REPLAYS: u32 = 3;

/// Replays `schedule`, shortens it, and replays the result. What does not show again is uncontrolled nondeterminism.
///
/// # Errors
/// If the program is gone.
pub fn confirm(
    session: &mut Session,
    process: usize,
    kind: &FindingKind,
    wanted: Key,
    schedule: &Schedule,
) -> Outcome<Confirmed> {
    let first = session.run(process, How::Follow(schedule.clone()), false)?.unwrap_or_default();
    let second = session.run(process, How::Follow(schedule.clone()), false)?.unwrap_or_default();
    if let Some((step, expected, found)) = difference(&first, &second) {
        return Ok(unreplayed(session, (step, expected, found), &first, schedule));
    }
    if !session.shows(&first, wanted) {
        let step = first.trace.events.len() as u32;
        let expected = format!("a {} again", kind.code().title());
        let found = format!("an execution without it, {step} steps long");
        return Ok(unreplayed(session, (step, expected, found), &first, schedule));
    }
    let mut failed = None;
    let cost = Cost::of(&first.trace, schedule);
    let shortest = shorten(schedule.clone(), cost, |candidate, best| {
        if failed.is_some() {
            return None;
        }
        let raw = match session.run(process, How::FollowLoosely(candidate), false) {
            Ok(raw) => raw?,
            Err(error) => {
                failed = Some(error);
                return None;
            }
        };
        let cost = Cost::of(&raw.trace, &raw.schedule);
        let shows = cost < best && session.shows(&raw, wanted);
        shows.then_some((raw.schedule, cost))
    });
    if let Some(error) = failed {
        return Err(error);
    }
    let (mut again, mut last) = (0, None);
    for _ in 0..REPLAYS {
        let Some(raw) = session.run(process, How::Follow(shortest.clone()), false)? else { continue };
        let (trace, findings) = session.findings(&raw);
        let found = findings.into_iter().find(|finding| key(&trace, &finding.kind) == wanted);
        if let Some(finding) = found {
            again += 1;
            last = Some((finding, trace));
        }
    }
    let Some((finding, trace)) = last else {
        let what = (0, format!("a {} again", kind.code().title()), "none in its replays".to_owned());
        return Ok(unreplayed(session, what, &first, schedule));
    };
    let fingerprint = session.fingerprint(&trace, &finding);
    Ok(Confirmed {
        finding,
        fingerprint,
        schedule: shortest,
        trace,
        replayed: (again, REPLAYS),
        passing: None,
    })
}

impl Session {
    fn shows(&mut self, raw: &RawTrace, wanted: Key) -> bool {
        let (trace, findings) = self.findings(raw);
        findings.iter().any(|finding| key(&trace, &finding.kind) == wanted)
    }
}

/// What commonly makes executions differ.
const SUSPECTS: [&str; 3] = [
    "files, sockets, other processes: what was there the first time may not be there the second",
    "code without instrumentation that runs threads or waits: C libraries, inline assembly",
    "addresses that decide something: the system gave memory at other addresses",
];

/// A finding that says that executions do not repeat: in which step, and how they differ.
pub fn unreplayed(
    session: &mut Session,
    (step, expected, found): (u32, String, String),
    raw: &RawTrace,
    schedule: &Schedule,
) -> Confirmed {
    let (trace, _) = session.findings(raw);
    let suspects = SUSPECTS.map(str::to_owned).to_vec();
    let kind = FindingKind::Nondeterminism { step, expected, found, suspects };
    let finding = Finding { kind, after_panic: false };
    let fingerprint = session.fingerprint(&trace, &finding);
    Confirmed { finding, fingerprint, schedule: schedule.clone(), trace, replayed: (0, 0), passing: None }
}

/// The first step in which two executions of one schedule differ.
fn difference(first: &RawTrace, second: &RawTrace) -> Option<(u32, String, String)> {
    let event = |raw: &RawTrace, at: usize| {
        raw.trace.events.get(at).map(|event| {
            let stack = match event.place {
                Place::Stack(stack) => raw.stacks.get(stack).cloned().unwrap_or_default(),
                _ => Vec::new(),
            };
            // Code of shared libraries is at other addresses each time.
            let own: Vec<u64> = stack.into_iter().filter(|pc| *pc < 1 << 32).collect();
            (event.task, event.op, event.object, own)
        })
    };
    let longest = first.trace.events.len().max(second.trace.events.len());
    let at = (0..longest).find(|at| event(first, *at) != event(second, *at))?;
    let describe = |raw: &RawTrace| match raw.trace.events.get(at) {
        Some(event) => format!("{} by task {}", event.op.word(), event.task.0),
        None => "the end".to_owned(),
    };
    Some((at as u32, describe(first), describe(second)))
}
