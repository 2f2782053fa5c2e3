//! One exploration of an unmodified program, from its first execution to its result.

use super::confirm::{Confirmed, confirm};
use super::lift::lift;
use super::options::{AFTER_FINDING, Options};
use super::process::{Launch, Process, cores};
use super::symbols::Symbols;
use crate::child;
use crate::error::Outcome;
use gorace_analyzer::detect::Detectors;
use gorace_analyzer::finding::Finding;
use gorace_analyzer::key::{Key, key};
use gorace_analyzer::record::{Facts as Found, Program, Record, RunResult};
use gorace_analyzer::source::Files;
use gorace_analyzer::trace::Ended;
use gorace_analyzer::verdict::{Limit, Stopped, Verdict};
use gorace_analyzer::{Code, Place, TaskEnd, TaskInfo, TaskPath, Trace};
use gorace_engine::{Schedule, Token};
use gorace_inject::wire::{Answer, Facts, How, RawTrace, Request};
use std::collections::{HashSet, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant};

/// Executions that are asked for at once.
const CHUNK: u64 = 16;
/// More distinct findings than this are not looked for: the first ones want fixing.
const MOST: usize = 20;

/// How an exploration can end badly, without a trace that tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Broken {
    /// An execution was ended by a signal.
    Died(i32),
    /// An execution came to no end.
    Hung,
}

/// What an exploration came to.
pub struct Explored {
    pub result: RunResult,
    pub records: Vec<Record>,
    /// What ended it, if that is no finding with a trace; and in which execution.
    pub broken: Option<(Broken, u64)>,
    /// Whether there was never a second thread.
    pub is_sequential: bool,
}

struct Seen {
    key: Key,
    found_in: u64,
    failing: u64,
    confirmed: Confirmed,
}

/// See the module.
pub struct Session {
    pub options: Options,
    program: Program,
    pub processes: Vec<Process>,
    symbols: Symbols,
    sources: Files,
    detectors: Detectors,
    seen: Vec<Seen>,
    facts: Facts,
    pub auxiliary: u64,
    passing: Option<Trace>,
    broken: Option<(Broken, u64)>,
    last: Option<u64>,
    /// How many operations each task had in the first execution.
    profile: Vec<(TaskPath, u32)>,
    /// The stacks on which dependencies start threads for themselves.
    idle: HashSet<Vec<u64>>,
}

impl Session {
    /// Starts the program, as often as there are cores.
    ///
    /// # Errors
    /// If it cannot be started or cannot be explored.
    pub fn start(
        launch: &Launch,
        program: Program,
        root: &Path,
        options: Options,
        parallel: bool,
    ) -> Outcome<Self> {
        let cores = cores();
        let wanted = if parallel { cores.len() } else { 1 };
        let processes = cores.iter().take(wanted.max(1)).map(|core| Process::start(launch, *core));
        let processes = processes.collect::<Outcome<Vec<Process>>>()?;
        Ok(Session {
            symbols: Symbols::load(
                &launch.executable,
                root,
                !Path::new(&program.manifest_dir).starts_with(root),
            )?,
            sources: Files::new(&root.display().to_string(), |path| std::fs::read_to_string(path).ok()),
            options,
            program,
            processes,
            detectors: Detectors::default(),
            seen: Vec::new(),
            facts: Facts::default(),
            auxiliary: 0,
            passing: None,
            broken: None,
            last: None,
            profile: Vec::new(),
            idle: HashSet::new(),
        })
    }

    /// The request for executions of this kind.
    pub fn request(&self, how: How, keep: bool, show: bool) -> Request {
        let Options { max_steps, idle_clock, stall, .. } = self.options;
        let harness = self.program.test.is_some();
        Request { how, max_steps, idle_clock, wall: stall.as_millis() as u64, show, keep, harness }
    }

    /// Explores at random.
    ///
    /// # Errors
    /// If the program cannot be explored.
    pub fn explore(mut self) -> Outcome<Explored> {
        let started = Instant::now();
        self.take_profile()?;
        let strategies = self.options.by.1.clone();
        let stopped = self.search(started);
        let stopped = match stopped {
            // An interrupt ends the program too.
            Err(_) if child::is_interrupted() => Stopped::Interrupted,
            other => other?,
        };
        if !self.seen.is_empty() && self.broken.is_none() && stopped != Stopped::Interrupted {
            self.find_passing()?;
        }
        Ok(self.explored(stopped, started.elapsed(), &strategies))
    }

    /// Finds out, by the default schedule, how much each task does: strategies go by that.
    fn take_profile(&mut self) -> Outcome<()> {
        let Some(raw) = self.run(0, How::Follow(Schedule::default()), false)? else { return Ok(()) };
        let tasks = raw.trace.tasks.iter().enumerate().map(|(at, task)| {
            let own = raw.trace.events.iter().filter(|event| event.task.at() == at);
            (task.path.clone(), own.count() as u32)
        });
        self.profile = tasks.collect();
        Ok(())
    }

    fn search(&mut self, started: Instant) -> Outcome<Stopped> {
        let mut next = 0;
        let mut asked: VecDeque<(usize, u64, u64)> = VecDeque::new();
        let mut idle: Vec<usize> = (0..self.processes.len()).rev().collect();
        loop {
            let end =
                self.last.map_or(self.options.max_executions, |last| last.min(self.options.max_executions));
            let is_over = child::is_interrupted() || started.elapsed() >= self.options.timeout;
            while let Some(process) = idle.pop() {
                // The first one alone: a program with one thread needs no more.
                let count = if next == 0 { 1 } else { CHUNK.min(end.saturating_sub(next)) };
                if count == 0 || is_over || (next == 1 && !asked.is_empty()) {
                    idle.push(process);
                    break;
                }
                self.ask(process, next, count)?;
                asked.push_back((process, next, count));
                next += count;
            }
            let Some((process, first, count)) = asked.pop_front() else {
                return Ok(match () {
                    () if child::is_interrupted() => Stopped::Interrupted,
                    () if self.last.is_some_and(|last| next >= last) => Stopped::Finding,
                    () if next >= self.options.max_executions => Stopped::MaxExecutions,
                    () => Stopped::Timeout,
                });
            };
            let left = self.take_answer(process, first, count)?;
            if self.broken.is_some() {
                return Ok(Stopped::Finding);
            }
            if self.facts.executions == 1 && self.facts.threaded == 0 {
                return Ok(Stopped::Complete);
            }
            match left {
                Some((first, count)) if self.last.is_none_or(|last| first < last) => {
                    self.ask(process, first, count)?;
                    asked.push_front((process, first, count));
                }
                _ => idle.push(process),
            }
        }
    }

    fn ask(&mut self, process: usize, first: u64, count: u64) -> Outcome<()> {
        let (by, profile, seed) = (self.options.by.0.clone(), self.profile.clone(), self.options.seed);
        let how = How::Random { by, profile, seed, first, count };
        let request = self.request(how, false, self.options.show_output);
        self.processes[process].send(&request)
    }

    /// Takes what came of some executions; gives those that are left of them.
    fn take_answer(&mut self, process: usize, first: u64, count: u64) -> Outcome<Option<(u64, u64)>> {
        let answer = self.processes[process].answer()?;
        let (facts, what) = match answer {
            Answer::Clean(facts) => (facts, None),
            Answer::Trace(facts) => (facts, Some(None)),
            Answer::Died(facts, signal) => (facts, Some(Some(Broken::Died(signal)))),
            Answer::Hung(facts) => (facts, Some(Some(Broken::Hung))),
            Answer::Broken(_) => return Ok(None),
        };
        self.facts.add(&facts);
        let done = facts.executions;
        let at = first + done;
        match what {
            None => return Ok(None),
            Some(Some(broken)) => self.broken = Some((broken, at)),
            Some(None) => {
                let raw = self.processes[process].trace()?;
                self.judge(process, &raw, at)?;
            }
        }
        Ok((count > done).then_some((at, count - done)))
    }

    /// Finds out what an execution shows, and confirms what is new.
    fn judge(&mut self, process: usize, raw: &RawTrace, execution: u64) -> Outcome<()> {
        if self.is_known_idle(raw) {
            return Ok(());
        }
        let (trace, findings) = self.findings(raw);
        self.note_idle(raw, &trace);
        for finding in findings {
            if self.options.allow.contains(&finding.kind.code()) {
                continue;
            }
            let key = key(&trace, &finding.kind);
            if let Some(seen) = self.seen.iter_mut().find(|seen| seen.key == key) {
                seen.failing += 1;
                continue;
            }
            if self.seen.len() >= MOST {
                continue;
            }
            let confirmed = confirm(self, process, &finding.kind, key, &raw.schedule)?;
            if self.seen.iter().any(|seen| seen.confirmed.fingerprint == confirmed.fingerprint) {
                continue;
            }
            self.seen.push(Seen { key, found_in: execution, failing: 1, confirmed });
            // A spin costs as much as it may last: it is not counted how often it shows.
            if finding.kind.code() == Code::Livelock && !self.options.keep_going {
                self.last = Some(execution);
            }
            if !self.options.keep_going && self.last.is_none() {
                self.last = Some(execution + AFTER_FINDING);
            }
        }
        Ok(())
    }

    /// Whether nothing is wrong but that threads wait at the end which dependencies keep for themselves: most
    /// executions of programs with a thread pool are so, and need no closer look.
    fn is_known_idle(&self, raw: &RawTrace) -> bool {
        let trace = &raw.trace;
        let waits = |task: &TaskInfo| matches!(task.end, TaskEnd::Blocked(_));
        let has_ended = |task: &TaskInfo| task.end == TaskEnd::Finished;
        raw.races.is_empty()
            && raw.panics.is_empty()
            && trace.ended == Ended::Quiescent
            && trace.tasks.first().is_some_and(has_ended)
            && trace.tasks.iter().all(|task| {
                has_ended(task)
                    || waits(task) && spawn_stack(raw, task).is_some_and(|at| self.idle.contains(&at))
            })
    }

    /// Notes where threads are started that may wait for ever.
    fn note_idle(&mut self, raw: &RawTrace, trace: &Trace) {
        for (task, lifted) in raw.trace.tasks.iter().zip(&trace.tasks) {
            if lifted.detached
                && let Some(stack) = spawn_stack(raw, task)
            {
                self.idle.insert(stack);
            }
        }
    }

    /// The trace in the program's terms, and what it shows.
    pub fn findings(&mut self, raw: &RawTrace) -> (Trace, Vec<Finding>) {
        let trace = lift(raw, &mut self.symbols, &self.sources, self.program.test.is_some());
        let mut findings = Vec::new();
        self.detectors.run(&trace, self.options.max_steps, &mut findings);
        // An ordinary program may be long: only who spins while nobody else can run is in a livelock.
        let is_cut = raw.trace.events.len() as u64 >= self.options.max_steps;
        findings.retain(|finding| !(is_cut && finding.kind.code() == Code::Livelock));
        (trace, findings)
    }

    /// One execution that is not part of the search; `None` if it left no trace.
    ///
    /// # Errors
    /// If the program is gone.
    pub fn run(&mut self, process: usize, how: How, show: bool) -> Outcome<Option<RawTrace>> {
        self.auxiliary += 1;
        let request = self.request(how, true, show);
        self.processes[process].send(&request)?;
        match self.processes[process].answer()? {
            Answer::Trace(_) => self.processes[process].trace().map(Some),
            _ => Ok(None),
        }
    }

    /// An execution that shows nothing, to tell it apart.
    fn find_passing(&mut self) -> Outcome<()> {
        if let Some(raw) = self.run(0, How::Follow(Schedule::default()), false)? {
            let (trace, findings) = self.findings(&raw);
            self.passing = findings.is_empty().then_some(trace);
        }
        Ok(())
    }

    /// Runs one schedule, once, for a replay.
    ///
    /// # Errors
    /// If the program is gone.
    pub fn replay(mut self, schedule: &Schedule) -> Outcome<Explored> {
        let started = Instant::now();
        let raw = self.run(0, How::Follow(schedule.clone()), true)?;
        self.auxiliary = 0;
        let mut misfit = None;
        if let Some(raw) = raw {
            self.facts.executions = 1;
            self.facts.threaded = u64::from(raw.trace.tasks.len() > 1);
            let (trace, findings) = self.findings(&raw);
            if let Some(at) = &trace.divergence {
                misfit = Some(format!(
                    "the schedule diverged at step {}: expected {}, but {}",
                    at.step, at.expected, at.found
                ));
            }
            for finding in findings {
                let key = key(&trace, &finding.kind);
                let fingerprint = self.fingerprint(&trace, &finding);
                let confirmed = Confirmed {
                    finding,
                    fingerprint,
                    schedule: schedule.clone(),
                    trace: trace.clone(),
                    replayed: (0, 0),
                };
                self.seen.push(Seen { key, found_in: 1, failing: 1, confirmed });
            }
        } else {
            misfit = Some("the program was ended before the schedule was".to_owned());
        }
        let mut explored = self.explored(Stopped::Complete, started.elapsed(), "replay");
        if misfit.is_some() {
            explored.result.verdict = Verdict::Failed;
        }
        explored.result.misfit = misfit;
        Ok(explored)
    }

    /// Shows the output of one schedule.
    ///
    /// # Errors
    /// If the program is gone.
    pub fn show(&mut self, schedule: &Schedule) -> Outcome<Vec<Key>> {
        let raw = self.run(0, How::Follow(schedule.clone()), true)?;
        let Some(raw) = raw else { return Ok(Vec::new()) };
        let (trace, findings) = self.findings(&raw);
        Ok(findings.iter().map(|finding| key(&trace, &finding.kind)).collect())
    }

    /// The finding's name across runs.
    pub fn fingerprint(&self, trace: &Trace, finding: &Finding) -> gorace_analyzer::finding::Fingerprint {
        gorace_analyzer::describe::fingerprint(trace, &finding.kind, &self.sources)
    }

    fn limits(&self) -> Vec<Limit> {
        let Facts { weak, ordered_timers, bounded_timers, timers, spin_cut, outside, truncated, .. } =
            self.facts;
        let has_race = self.seen.iter().any(|seen| seen.confirmed.finding.kind.code() == Code::DataRace);
        let mut limits: Vec<Limit> = [
            (weak, Limit::WeakValues),
            (ordered_timers, Limit::TimerOrder),
            (bounded_timers, Limit::TickerBound),
            (timers && self.options.idle_clock, Limit::IdleClock),
            (spin_cut, Limit::SpinCut),
            (outside, Limit::ForeignState),
            (truncated, Limit::StepLimit),
            (has_race, Limit::UnexploredRace),
        ]
        .into_iter()
        .filter(|(met, _)| *met)
        .map(|(_, limit)| limit)
        .collect();
        limits.sort_unstable();
        limits
    }

    fn explored(self, stopped: Stopped, elapsed: Duration, strategies: &str) -> Explored {
        let limits = self.limits();
        let is_sequential = self.facts.threaded == 0;
        let records: Vec<Record> =
            self.seen.iter().map(|seen| self.record(seen, stopped, elapsed, strategies)).collect();
        let verdict =
            if records.is_empty() && self.broken.is_none() { Verdict::Tested } else { Verdict::Failed };
        let result = RunResult {
            program: self.program.clone(),
            verdict,
            limits,
            stopped,
            executions: self.facts.executions,
            interleavings: None,
            shard: None,
            redundant: 0,
            auxiliary: self.auxiliary,
            steps: self.facts.steps,
            elapsed: Some(elapsed),
            strategies: strategies.to_owned(),
            findings: records.iter().map(|record| record.facts.id.clone()).collect(),
            notes: Vec::new(),
            misfit: None,
        };
        Explored { result, records, broken: self.broken, is_sequential }
    }

    fn record(&self, seen: &Seen, stopped: Stopped, elapsed: Duration, strategies: &str) -> Record {
        let Confirmed { finding, fingerprint, schedule, trace, replayed } = &seen.confirmed;
        let token = Token { program: Some(self.program.key() as u32), schedule: schedule.clone() };
        let facts = Found {
            id: super::files::id(&self.program, *fingerprint),
            token: token.to_string(),
            strategy: strategies.to_owned(),
            found_in: seen.found_in,
            executions: self.facts.executions,
            failing: seen.failing,
            exhaustive: false,
            minimal: false,
            stopped,
            elapsed: Some(elapsed),
            replayed: *replayed,
        };
        Record {
            program: self.program.clone(),
            facts,
            finding: finding.clone(),
            fingerprint: *fingerprint,
            trace: trace.clone(),
            passing: self.passing.clone(),
            sources: super::files::source_hashes(trace, &self.sources),
        }
    }
}

/// The stack on which a task was started, as far as it is the executable's: libraries are at other addresses each time.
fn spawn_stack(raw: &RawTrace, task: &TaskInfo) -> Option<Vec<u64>> {
    let (_, event) = task.spawned?;
    let Place::Stack(at) = raw.trace.events.get(event.at())?.place else { return None };
    Some(raw.stacks.get(at as usize)?.iter().copied().filter(|pc| *pc < 1 << 32).collect())
}
