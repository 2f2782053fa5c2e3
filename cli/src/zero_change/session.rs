//! One exploration of an unmodified program, from its first execution to its result.

use super::confirm::{Confirmed, confirm, unreplayed};
use super::lift::lift;
use super::nearest;
use super::options::Options;
use super::process::{Launch, Process, cores};
use super::symbols::Symbols;
use crate::child;
use crate::error::Outcome;
use gorace_analyzer::detect::Detectors;
use gorace_analyzer::finding::Finding;
use gorace_analyzer::key::{Key, key};
use gorace_analyzer::record::{Misfit, Program, Record, RunResult};
use gorace_analyzer::source::Files;
use gorace_analyzer::trace::Ended;
use gorace_analyzer::verdict::{Stopped, Verdict};
use gorace_analyzer::{Code, Place, TaskEnd, TaskInfo, Trace};
use gorace_engine::Schedule;
use gorace_inject::wire::{Answer, Facts, How, RawTrace, Request};
use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::time::Instant;

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

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Broken::Died(signal) => {
                let what = match signal {
                    6 => " (SIGABRT: it aborted itself)",
                    9 => " (SIGKILL: perhaps out of memory)",
                    11 => " (SIGSEGV: a stack overflow, or an access to memory that is not there)",
                    _ => "",
                };
                write!(f, "it was ended by signal {signal}{what}")
            }
            Broken::Hung => f.write_str("it came to no end"),
        }
    }
}

impl Broken {
    /// What a summary calls it.
    pub fn word(&self) -> &'static str {
        match self {
            Broken::Died(_) => "crash",
            Broken::Hung => "stall",
        }
    }
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

/// A finding, and in how many executions it showed.
pub struct Seen {
    key: Key,
    pub found_in: u64,
    pub failing: u64,
    pub confirmed: Confirmed,
}

/// See the module.
pub struct Session {
    pub options: Options,
    launch: Launch,
    pub program: Program,
    pub processes: Vec<Process>,
    symbols: Symbols,
    pub sources: Files,
    detectors: Detectors,
    pub seen: Vec<Seen>,
    pub facts: Facts,
    /// Executions of a search that were begun in vain.
    pub redundant: u64,
    pub auxiliary: u64,
    /// The first execution that left no trace.
    pub broken: Option<(Broken, u64)>,
    /// How many there were.
    pub breaks: u64,
    /// The execution after which no other one is begun.
    pub last: Option<u64>,
    /// The stacks on which dependencies start threads for themselves.
    idle: HashSet<Vec<u64>>,
}

impl Session {
    /// Starts the program, once.
    ///
    /// # Errors
    /// If it cannot be started or cannot be explored.
    pub fn start(launch: &Launch, program: Program, root: &Path, options: Options) -> Outcome<Self> {
        let first = cores().into_iter().next().unwrap_or(0);
        let processes = vec![Process::start(launch, first)?];
        Ok(Session {
            launch: launch.clone(),
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
            redundant: 0,
            auxiliary: 0,
            broken: None,
            breaks: 0,
            last: None,
            idle: HashSet::new(),
        })
    }

    /// The request for executions of this kind.
    pub fn request(&self, how: How, keep: bool, show: bool) -> Request {
        let Options { max_steps, idle_clock, stall, .. } = self.options;
        let harness = self.program.test.is_some();
        Request { how, max_steps, idle_clock, wall: stall.as_millis() as u64, show, keep, harness }
    }

    /// Explores.
    ///
    /// # Errors
    /// If the program cannot be explored.
    pub fn explore(mut self) -> Outcome<Explored> {
        let started = Instant::now();
        let (searched, explorer) = match self.options.is_search() {
            true => match self.explore_all(started) {
                Ok(explorer) => (Ok(explorer.stopped()), Some(explorer)),
                Err(error) => (Err(error), None),
            },
            false => (self.explore_at_random(started), None),
        };
        let stopped = match searched {
            // An interrupt ends the program too.
            Err(_) if child::is_interrupted() => Stopped::Interrupted,
            other => other?,
        };
        let is_stalled = matches!(self.broken, Some((Broken::Hung, _)));
        if !self.seen.is_empty() && !is_stalled && stopped != Stopped::Interrupted {
            for at in 0..self.seen.len() {
                let schedule = self.seen[at].confirmed.schedule.clone();
                self.seen[at].confirmed.passing = nearest::passing(&mut self, schedule)?;
            }
        }
        Ok(self.explored(stopped, started.elapsed(), explorer.as_ref()))
    }

    /// Asks for executions; the answer is to be taken before the process is asked again.
    ///
    /// # Errors
    /// If the program is gone.
    pub fn send(&mut self, process: usize, how: How, keep: bool) -> Outcome<()> {
        let request = self.request(how, keep, self.options.show_output);
        self.processes[process].send(&request)
    }

    /// Starts the program once for each core that has none yet.
    ///
    /// # Errors
    /// As [`Session::start`].
    pub fn start_rest(&mut self) -> Outcome<()> {
        for core in cores().into_iter().skip(self.processes.len()) {
            self.processes.push(Process::start(&self.launch, core)?);
        }
        Ok(())
    }

    /// Finds out what an execution shows, and confirms what is new. Gives whether nothing more is to be run: a spin costs
    /// as much as it may last, and it is not counted how often it shows.
    ///
    /// # Errors
    /// If the program is gone.
    pub fn judge(&mut self, process: usize, raw: &RawTrace, execution: u64) -> Outcome<bool> {
        let mut is_last = false;
        if self.is_known_idle(raw) {
            return Ok(is_last);
        }
        let (trace, findings) = self.findings(raw);
        self.note_idle(raw, &trace);
        for finding in findings {
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
            is_last |= finding.kind.code() == Code::Livelock && !self.options.keep_going;
        }
        Ok(is_last)
    }

    /// Notes that the program did something else after the same beginning.
    pub fn diverged(&mut self, raw: &RawTrace, execution: u64) {
        let (trace, _) = self.findings(raw);
        let (step, expected, found) = match &trace.divergence {
            Some(at) => (at.step, at.expected.clone(), at.found.clone()),
            None => (0, "the same execution again".to_owned(), "another one".to_owned()),
        };
        let confirmed = unreplayed(self, (step, expected, found), raw, &raw.schedule);
        let key = key(&confirmed.trace, &confirmed.finding.kind);
        self.seen.push(Seen { key, found_in: execution, failing: 1, confirmed });
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
                    passing: None,
                };
                self.seen.push(Seen { key, found_in: 1, failing: 1, confirmed });
            }
        } else {
            misfit = Some("the program was ended before the schedule was".to_owned());
        }
        let mut explored = self.explored(Stopped::Complete, started.elapsed(), None);
        explored.result.strategies = "replay".to_owned();
        explored.records.iter_mut().for_each(|record| record.facts.strategy = "replay".to_owned());
        if misfit.is_some() {
            explored.result.verdict = Verdict::Failed;
        }
        explored.result.misfit = misfit.map(Misfit::of_program);
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
}

/// The stack on which a task was started, as far as it is the executable's: libraries are at other addresses each time.
fn spawn_stack(raw: &RawTrace, task: &TaskInfo) -> Option<Vec<u64>> {
    let (_, event) = task.spawned?;
    let Place::Stack(at) = raw.trace.events.get(event.at())?.place else { return None };
    Some(raw.stacks.get(at)?.iter().copied().filter(|pc| *pc < 1 << 32).collect())
}
