//! One check from its first execution to its outcome.

mod divergence;
mod found;
mod leave;
mod nearby;
mod unrepeatable;

pub(crate) use divergence::{in_words, who};

use crate::check::confirm::{self, Confirmed};
use crate::check::execute::{self, MAX_ABANDONED, MAX_LENT};
use crate::check::jobs::Pool;
use crate::check::observe::Observation;
use crate::check::outcome::{Finding, Location, Outcome};
use crate::check::pace::Pace;
use crate::check::pieces::Pieces;
use crate::check::progress::Progress;
use crate::check::render::{self, Look};
use crate::check::slow::Slow;
use crate::check::stop::Stop;
use crate::check::store::Store;
use crate::check::{Environment, Options, Origin, Strategy, unknown};
use crate::inside::context::Context;
use crate::inside::watchdog::Heartbeat;
use crate::inside::{hook, overflow};
use gorace_analyzer::Listed;
use gorace_analyzer::detect::Detectors;
use gorace_analyzer::key::Key;
use gorace_analyzer::record::{Misfit, Record};
use gorace_analyzer::trace::Ended;
use gorace_analyzer::verdict::{Limit, Stopped};
use gorace_analyzer::{FindingKind, Trace};
use gorace_engine::explore::{Class, Explorer, Work};
use gorace_engine::{Fit, Plan, Schedule, Token};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

/// More distinct findings than this are not looked for: the first ones want fixing.
const MAX_FINDINGS: usize = 20;
/// Nor are more that may turn out to be one of those, since to find that out takes executions.
const MAX_SEEN: usize = 100;

/// The body of a check.
pub(crate) type Body = Arc<dyn Fn() + Send + Sync>;

/// A finding that was seen, and how often.
pub(crate) struct Seen {
    key: Key,
    /// The execution of the search that showed it first; 0 while only a schedule known from before did.
    found_in: u64,
    /// Whether a prediction showed it.
    is_predicted: bool,
    /// Executions of all kinds until it was met, itself included.
    found_after: u64,
    /// How many of the complete executions of the search showed it: the run counts those.
    failing: u64,
    /// `None` once it turned out to be one of those allowed or known by its fingerprint.
    confirmed: Option<Confirmed>,
}

/// See the module.
pub(crate) struct Session {
    pub options: Options,
    environment: Environment,
    pub body: Body,
    pub cx: Context,
    pub detectors: Detectors,
    pub explorer: Explorer,
    seen: Vec<Seen>,
    /// What schedules known from before have shown, and nothing else so far.
    remembered: Vec<(FindingKind, Key, Schedule)>,
    /// The first execution that showed nothing.
    pub passing: Option<(Schedule, Trace)>,
    store: Store,
    pub executions: u64,
    pub redundant: u64,
    /// Of those, dropped by the program's own assumptions.
    dropped: u64,
    pub auxiliary: u64,
    pub steps: u64,
    reached_a_point: bool,
    /// Whether somebody asked for the end.
    is_interrupted: bool,
    pub limits: Vec<Limit>,
    pub notes: Vec<String>,
    slow: Slow,
    pub pieces: Option<Pieces>,
    /// The other threads, while there are any.
    pub pool: Option<Pool>,
    pub misfit: Option<Misfit>,
}

impl Session {
    pub fn new(mut options: Options, environment: Environment, body: Body) -> Self {
        assert!(
            crate::inside::context::inside().is_none(),
            "a check cannot run inside another check: call it from an ordinary test"
        );
        unknown::tell(&environment);
        hook::install();
        overflow::install();
        let store = Store::new(&options, &environment);
        let pieces = Pieces::of(&mut options, &environment, store.before);
        let explorer = explorer(&options, &store, pieces.as_ref());
        let heartbeat = Heartbeat::start(options.program.title(), options.stall);
        let mut cx = Context::new(options.stack_size, heartbeat);
        cx.origin = Origin::new(&options.program.manifest_dir, options.source);
        Session {
            explorer,
            cx,
            notes: options.lost_bound().into_iter().listed(),
            options,
            environment,
            body,
            detectors: Detectors::default(),
            seen: Vec::new(),
            remembered: Vec::new(),
            passing: None,
            store,
            executions: 0,
            redundant: 0,
            dropped: 0,
            auxiliary: 0,
            steps: 0,
            reached_a_point: false,
            is_interrupted: false,
            limits: Vec::new(),
            slow: Slow::default(),
            pieces,
            pool: None,
            misfit: None,
        }
    }

    /// One that has run nothing yet.
    pub fn new_explorer(&self) -> Explorer {
        explorer(&self.options, &self.store, self.pieces.as_ref())
    }

    /// Runs the check to its end.
    pub fn run(mut self) -> Outcome {
        let started = Instant::now();
        let mut stop = Stop::new(self.environment.stop.clone().map(PathBuf::from));
        self.keep_begun();
        if stop.is_asked(started.elapsed()) {
            return self.not_begun(started);
        }
        if let Some(token) = self.environment.replay.clone() {
            self.check_token(&token);
        }
        self.go_on();
        let mut pace = Pace::new(started);
        let mut progress = Progress::new(self.environment.progress.clone().map(PathBuf::from));
        while self.misfit.is_none() {
            let Some(work) = self.explorer.next_work() else {
                if self.go_on_elsewhere() {
                    continue;
                }
                break;
            };
            match work {
                Work::Run(plan) => self.explore(&plan),
                Work::Adopt(name) => self.adopt(name),
                Work::Leaf(name, number) => self.adopt_leaf(name, number),
            }
            self.share_out();
            let Some(elapsed) = pace.look() else { continue };
            self.explorer.use_time(elapsed.as_secs_f64() / self.options.timeout.as_secs_f64());
            progress.tell(elapsed, || self.standing(elapsed));
            if elapsed >= self.options.timeout {
                self.explorer.interrupt(Stopped::Timeout);
            }
            if stop.is_asked(elapsed) {
                self.explorer.interrupt(Stopped::Interrupted);
                self.is_interrupted = true;
            }
        }
        self.go_on_alone();
        self.add_remembered();
        self.repeat();
        self.leave_rest();
        self.outcome(started)
    }

    fn check_token(&mut self, token: &Token) {
        if !token.fits(self.options.program.key()) {
            let title = self.options.program.title();
            let why = format!("the schedule token belongs to another program than `{title}`");
            self.misfit = Some(Misfit::of_program(why));
        }
    }

    /// Runs one execution; it is still to be torn down.
    pub fn execute(&mut self, plan: &Plan) -> Ended {
        execute::execute(&mut self.cx, &self.body, plan)
    }

    /// Ends what the last execution left.
    pub fn tear_down(&mut self) {
        execute::tear_down(&mut self.cx);
    }

    fn explore(&mut self, plan: &Plan) {
        let is_replay = matches!(self.options.strategy, Strategy::Replay(_));
        let found_again = if is_replay { None } else { confirm::find_again(self, plan) };
        let plan = found_again.as_ref().unwrap_or(plan);
        self.cx.special.set_backtraces(is_replay);
        let ended = self.execute(plan);
        self.cx.special.set_backtraces(false);
        if self.are_entangled() {
            self.tear_down();
            self.auxiliary += 1;
            self.go_on_alone();
            return self.explore(plan);
        }
        let class = self.explorer.absorb(&mut self.cx.exec, ended);
        if class == Class::Complete && self.is_nothing_new() {
            self.count(class, ended, self.cx.exec.steps());
            self.tear_down();
            return self.note_abandoned();
        }
        let in_search = class.is_of_search();
        let mut new = Vec::new();
        if let Some(what) = self.cx.foreign.take() {
            self.count(class, ended, self.cx.exec.steps());
            self.explorer.interrupt(Stopped::Finding);
            self.foreign(what);
        } else if class == Class::Diverged && !is_replay {
            self.count(class, ended, self.cx.exec.steps());
            self.diverged();
        } else {
            let (execution, detectors) = (&mut self.cx.exec, &mut self.detectors);
            let observation = Observation::of(execution, detectors, &self.options, ended);
            if observation.is_clean && self.passing.is_none() && class == Class::Complete {
                self.passing = Some((execution.schedule(), execution.trace().clone()));
            }
            new = self.take(observation, class);
        }
        if is_replay {
            let mut fit = self.cx.exec.fit();
            let has_changed = fit.as_ref().is_some_and(|fit| *fit != Fit::Exact);
            if has_changed && new.is_empty() && self.seen.is_empty() {
                new = self.look_nearby(plan);
                if !new.is_empty() {
                    fit = self.cx.exec.fit();
                }
            }
            // What it shows is what was asked for: nothing more is run, so that nothing more is printed.
            for (kind, key, _) in new.drain(..) {
                let confirmed = Some(confirm::as_it_is(self, kind));
                let (is_predicted, found_after) = (false, 1);
                self.seen.push(Seen { key, found_in: 1, is_predicted, found_after, failing: 1, confirmed });
            }
            self.note_divergence(ended, fit);
        }
        if let Some(pieces) = self.pieces.as_mut().filter(|_| in_search) {
            pieces.goes_on = false;
            if class == Class::Complete {
                pieces.last = Some(self.cx.exec.schedule());
            }
        }
        self.tear_down();
        self.note_abandoned();
        for (kind, key, schedule) in new {
            match class {
                Class::Auxiliary => self.remembered.push((kind, key, schedule)),
                _ => self.add(&kind, key, &schedule, class),
            }
        }
    }

    /// Whether the last execution is one of many that show nothing: what all have in common was noted with the first.
    fn is_nothing_new(&self) -> bool {
        self.passing.is_some()
            && self.pieces.is_none()
            && self.cx.foreign.is_none()
            && !matches!(self.options.strategy, Strategy::Replay(_))
            && self.cx.exec.shows_nothing()
    }

    pub fn count(&mut self, class: Class, ended: Ended, steps: u64) {
        match class {
            Class::Complete => self.executions += 1,
            Class::Redundant | Class::Diverged => self.redundant += 1,
            Class::Auxiliary | Class::Predicted => self.auxiliary += 1,
        }
        let in_search = class.is_of_search();
        self.dropped += u64::from(in_search && ended == Ended::Dropped);
        self.steps += if in_search { steps } else { 0 };
        // Main's own exit is no scheduling point.
        self.reached_a_point |= steps > 1;
    }

    /// Counts an execution with what it shows; gives what is new, with its schedule.
    pub fn take(&mut self, observation: Observation, class: Class) -> Vec<(FindingKind, Key, Schedule)> {
        self.count(class, observation.ended, observation.steps);
        if observation.has_livelock() && !self.options.keep_going {
            self.explorer.interrupt(Stopped::Finding);
        }
        let Observation { limits, mut met, schedule, slow, .. } = observation;
        for limit in limits {
            if !self.limits.contains(&limit) {
                let at = self.limits.partition_point(|other| *other < limit);
                self.limits.insert(at, limit);
            }
        }
        if class == Class::Complete {
            self.slow.add(slow);
        }
        let in_search = class.is_of_search();
        if class == Class::Predicted && !met.is_empty() {
            // In no schedule of the search, perhaps, but found by this run alone.
            self.explorer.found();
        }
        met.retain(|(_, key)| match self.seen.iter_mut().find(|seen| seen.key == *key) {
            Some(seen) if in_search => {
                seen.failing += u64::from(class == Class::Complete);
                if seen.found_in == 0 {
                    seen.found_in = self.executions.max(1);
                    self.explorer.found();
                }
                false
            }
            Some(seen) => {
                seen.is_predicted |= class == Class::Predicted;
                false
            }
            None => true,
        });
        met.into_iter().map(|(kind, key)| (kind, key, schedule.clone())).listed()
    }

    /// Adds what was found by known schedules alone. What the search meets as well is shortened from there, so that
    /// the same seed gives the same report whatever earlier runs have kept.
    fn add_remembered(&mut self) {
        for (kind, key, schedule) in std::mem::take(&mut self.remembered) {
            if self.seen.iter().all(|seen| seen.key != key) {
                self.add(&kind, key, &schedule, Class::Auxiliary);
            }
        }
    }

    /// Confirms and shortens a new finding. One that only a known schedule showed does not end the search
    /// early, so that the same seed gives the same output whether or not the bug was met in an earlier run.
    pub fn add(&mut self, kind: &FindingKind, key: Key, schedule: &Schedule, class: Class) {
        if self.found().count() >= MAX_FINDINGS || self.seen.len() >= MAX_SEEN {
            const NOTE: &str = "more was found than is reported: mend this first";
            if self.notes.iter().all(|note| note != NOTE) {
                self.notes.push(NOTE.to_owned());
            }
            return;
        }
        let (in_search, is_predicted) = (class.is_of_search(), class == Class::Predicted);
        let found_after = self.executions + self.redundant + self.auxiliary;
        let found_in = if in_search { self.executions.max(1) } else { 0 };
        let mut confirmed = confirm::confirm(self, kind, key, schedule);
        if self.are_entangled() {
            self.go_on_alone();
            confirmed = confirm::confirm(self, kind, key, schedule);
        }
        let confirmed = Some(confirmed).filter(|new| {
            self.seen.iter().flat_map(|seen| &seen.confirmed).all(|old| old.fingerprint != new.fingerprint)
        });
        let is_new = confirmed.is_some();
        let failing = u64::from(class == Class::Complete);
        self.seen.push(Seen { key, found_in, is_predicted, found_after, failing, confirmed });
        if in_search {
            self.explorer.found();
        }
        if is_new {
            // As far as it is known by now: whoever interrupts the run keeps what was found.
            let records = self.records(Stopped::Interrupted, None);
            self.keep(&self.result(Stopped::Interrupted, None, &records), &records);
        }
    }

    fn note_abandoned(&mut self) {
        if self.cx.lent > MAX_LENT {
            self.explorer.interrupt(Stopped::Interrupted);
            self.notes.push(
                "stopped: 1 GiB of statics cannot be freed: of `OnceLock`s and `LazyLock`s that were set, and of locks whose \
                 guards were kept"
                    .to_owned(),
            );
        }
        if self.cx.abandoned > MAX_ABANDONED {
            self.explorer.interrupt(Stopped::Interrupted);
            let n = self.cx.abandoned;
            self.notes
                .push(format!("stopped: {n} tasks could not be unwound at the end of their executions"));
        }
    }

    fn note_divergence(&mut self, ended: Ended, fit: Option<Fit>) {
        if let Some(fit) = fit {
            if matches!(fit, Fit::Diverged(_)) && self.seen.is_empty() {
                self.misfit = Some(Misfit::of_program(format!("the schedule {fit}")));
            } else {
                self.notes.push(format!("replay: {fit}"));
            }
            return;
        }
        let trace = self.cx.exec.trace();
        if let (Ended::Diverged, Some(at)) = (ended, &trace.divergence) {
            self.misfit = Some(Misfit::of_program(format!(
                "the schedule diverged at step {}: expected {}, but {}",
                at.step, at.expected, at.found
            )));
        } else if self.cx.exec.unused_deviations() > 0 {
            let n = self.cx.exec.unused_deviations();
            let why = format!("the program ended before {n} of the schedule's switches came up");
            self.misfit = Some(Misfit::of_program(why));
        }
    }

    fn outcome(mut self, started: Instant) -> Outcome {
        let explored_nothing = !self.reached_a_point || (self.executions == 0 && self.dropped > 0);
        // One part of several may have nothing to do.
        let is_alone = self.options.shard.is_none() && !self.is_share();
        if explored_nothing
            && !self.is_interrupted
            && self.seen.is_empty()
            && self.misfit.is_none()
            && is_alone
        {
            let trace = self.cx.exec.trace().clone();
            self.add_unreplayed(FindingKind::NothingExplored, trace);
        }
        let elapsed = started.elapsed();
        let times = (!self.environment.no_times).then_some(elapsed);
        let stopped = self.explorer.stopped();
        let records = self.records(stopped, times);
        self.notes.extend(self.slow.notes(self.executions));
        let estimate = self.explorer.estimate().filter(|_| stopped != Stopped::Finding);
        self.notes.extend(estimate.map(|estimate| estimate.to_string()));
        let result = self.result(stopped, times, &records);
        let kept = self.keep(&result, &records);
        let look = Look::decide(&self.environment);
        Outcome {
            findings: self
                .seen
                .iter()
                .filter(|seen| seen.confirmed.is_some())
                .zip(&records)
                .map(finding)
                .listed(),
            verdict: result.verdict,
            limits: self.limits,
            executions: self.executions,
            redundant: self.redundant,
            auxiliary: self.auxiliary,
            steps: self.steps,
            elapsed,
            result,
            records,
            look,
            is_told: self.environment.run.is_some(),
            deferred: kept && self.environment.defer,
            misfit: self.misfit,
        }
    }
}

/// What decides which executions are run; first those of schedules known from before.
fn explorer(options: &Options, store: &Store, pieces: Option<&Pieces>) -> Explorer {
    let mut known = match options.strategy {
        Strategy::Replay(_) => Vec::new(),
        _ => store.known(&options.program),
    };
    for schedule in pieces.into_iter().flat_map(Pieces::known) {
        if !known.contains(&schedule) {
            known.push(schedule);
        }
    }
    options.explorer(options.budget(), known)
}

fn finding((seen, record): (&Seen, &Record)) -> Finding {
    let (title, places) = render::headline(record);
    let locations = places.into_iter();
    Finding {
        code: record.finding.kind.code(),
        title,
        fingerprint: record.fingerprint.to_string(),
        schedule: record.facts.token.clone(),
        failing: record.facts.failing,
        found_in: record.facts.found_in,
        found_after: seen.found_after,
        locations: locations
            .map(|frame| Location { file: frame.file, line: frame.line, column: frame.column })
            .listed(),
    }
}
