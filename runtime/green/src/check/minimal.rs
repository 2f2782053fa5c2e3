//! How many forced switches a finding needs: all schedules with fewer are tried, where there are few of them.
//!
//! The bounds 0, 1, .. up to what shortening came to are searched one after the other (Musuvathi, Qadeer, PLDI 2007).
//! The first that shows the finding is the least, and its schedule is taken; if none does, what was there is. Either way
//! that is proven only if each of the smaller searches was complete: none ran out of its budget, and no execution in them
//! was cut, spun for ever, met a bound on timers, or raced otherwise than the finding says: what a race leads to depends
//! on an order of plain accesses, which are no decisions and so are not searched.

use crate::check::confirm::Run;
use crate::check::render;
use crate::check::session::Session;
use crate::check::shorten;
use gorace_analyzer::finding::Fingerprint;
use gorace_analyzer::key::{Key, key};
use gorace_analyzer::trace::Ended;
use gorace_analyzer::{Code, Finding, FindingKind, Trace, Verdict};
use gorace_engine::explore::{Budget, Explorer, Strategy};
use gorace_engine::{Schedule, Suspicion};

/// Executions spent on one finding at the most ..
const MAX_EXECUTIONS: u64 = 2_000;

/// .. and steps of them all.
const MAX_STEPS: u64 = 200_000;

/// The finding that a schedule is to show.
pub(crate) struct Wanted {
    code: Code,
    fingerprint: Fingerprint,
    /// Findings with this code that were met, and whether they are the one.
    known: Vec<(Key, bool)>,
}

impl Wanted {
    /// The finding with this key, as a trace shows it.
    pub fn new(session: &Session, wanted: Key, trace: &Trace, kind: &FindingKind) -> Self {
        let fingerprint = render::fingerprint(&session.options.program, trace, kind);
        Wanted { code: kind.code(), fingerprint, known: vec![(wanted, true)] }
    }

    /// The finding in an execution. One at another place is the same if it has the same fingerprint.
    pub fn find(&mut self, session: &mut Session, trace: &Trace) -> Option<Finding> {
        let mut findings = findings(session, trace);
        findings.retain(|finding| finding.kind.code() == self.code);
        findings.into_iter().find(|finding| self.is_it(session, trace, &finding.kind))
    }

    /// Whether an execution shows it, or else any other race.
    fn look(&mut self, session: &mut Session, trace: &Trace) -> Shown {
        let mut races = false;
        for finding in findings(session, trace) {
            let code = finding.kind.code();
            if code == self.code && self.is_it(session, trace, &finding.kind) {
                return Shown::It;
            }
            races |= code == Code::DataRace;
        }
        if races { Shown::AnotherRace } else { Shown::Nothing }
    }

    fn is_it(&mut self, session: &Session, trace: &Trace, kind: &FindingKind) -> bool {
        let key = key(trace, kind);
        if let Some((_, is_it)) = self.known.iter().find(|(known, _)| *known == key) {
            return *is_it;
        }
        let is_it = render::fingerprint(&session.options.program, trace, kind) == self.fingerprint;
        self.known.push((key, is_it));
        is_it
    }
}

fn findings(session: &mut Session, trace: &Trace) -> Vec<Finding> {
    let mut findings = Vec::new();
    session.detectors.run(trace, session.options.max_steps, &mut findings);
    findings
}

/// What one execution shows.
enum Shown {
    It,
    /// Not it, but that the accesses of plain memory had no order.
    AnotherRace,
    Nothing,
}

/// What a search within a bound came to.
enum Searched {
    Found(Schedule),
    /// Every schedule within the bound was run.
    Nothing,
    OutOfBudget,
}

/// A schedule of the finding with as few forced switches as can be, and whether that is proven. Of several the one
/// that the search meets first, where it comes so far, so that the report does not depend on how the bug was met.
pub(crate) fn certify(session: &mut Session, wanted: &mut Wanted, best: Run) -> (Schedule, bool) {
    let forced = best.trace.forced_switches.len() as u32;
    let (mut executions, mut steps) = (MAX_EXECUTIONS, MAX_STEPS);
    for bound in 0..=forced {
        match search(session, wanted, bound, &mut executions, &mut steps) {
            Searched::Found(schedule) => {
                let found = shorten::shorten(session, wanted, schedule);
                let is_better = shorten::cost(&found) <= shorten::cost(&best);
                return (if is_better { found.schedule } else { best.schedule }, true);
            }
            Searched::Nothing => {}
            Searched::OutOfBudget => return (best.schedule, bound == forced),
        }
    }
    (best.schedule, true)
}

fn search(
    session: &mut Session,
    wanted: &mut Wanted,
    bound: u32,
    executions: &mut u64,
    steps: &mut u64,
) -> Searched {
    let budget = Budget {
        max_executions: *executions,
        max_preemptions: Some(bound),
        after_finding: None,
        ..session.options.budget()
    };
    let mut explorer = Explorer::new(Strategy::Exhaustive, 0, budget, Vec::new());
    let mut cut = false;
    while let Some(plan) = explorer.next() {
        session.auxiliary += 1;
        let ended = session.execute(&plan);
        explorer.absorb(&mut session.cx.exec, ended);
        let execution = &session.cx.exec;
        cut |= ended == Ended::Diverged || execution.cut_spins() || execution.bounded_timers();
        *executions = executions.saturating_sub(1);
        *steps = steps.saturating_sub(execution.steps());
        let shown = shown(session, wanted);
        cut |= matches!(shown, Shown::AnotherRace);
        let schedule = matches!(shown, Shown::It).then(|| session.cx.exec.schedule());
        session.tear_down();
        match schedule {
            Some(schedule) => return Searched::Found(schedule),
            None if cut || *steps == 0 => return Searched::OutOfBudget,
            None => {}
        }
    }
    match explorer.verdict() {
        Verdict::Verified | Verdict::VerifiedUpTo { .. } => Searched::Nothing,
        _ => Searched::OutOfBudget,
    }
}

/// What the execution that was just run shows.
fn shown(session: &mut Session, wanted: &mut Wanted) -> Shown {
    if session.cx.exec.suspicion() == Suspicion::None {
        return Shown::Nothing;
    }
    let trace = session.cx.exec.trace().clone();
    wanted.look(session, &trace)
}
