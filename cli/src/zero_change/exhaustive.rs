//! The search of every interleaving, or of those within a bound on preemptions.
//!
//! The engine's own search says what is to be run next, a process of the program runs it, and the calls that drove the
//! engine there are made again here, so that the search sees the execution as if it had been run by itself.

use super::options::AFTER_FINDING;
use super::session::{Broken, Session};
use crate::Exit;
use crate::child;
use crate::error::{CliError, Outcome};
use gorace_analyzer::trace::Ended;
use gorace_analyzer::verdict::{Stopped, Verdict};
use gorace_engine::explore::{Budget, Class, Explorer, Strategy};
use gorace_engine::{Execution, Plan};
use gorace_inject::wire::{Answer, Facts, How, RawTrace, retell};
use std::time::Instant;

/// One step of a search, run.
pub enum Ran {
    /// What it came to, with its trace if something may be wrong with it.
    Ended(Ended, Option<Box<RawTrace>>, Facts),
    /// It was ended from outside.
    Broken(Broken, Facts),
}

impl Session {
    /// Explores by search until all was run, the budget is used up, or long enough after a finding.
    ///
    /// # Errors
    /// If the program cannot be explored.
    pub fn explore_all(&mut self, started: Instant) -> Outcome<Explorer> {
        let after_finding = (!self.options.keep_going).then_some(AFTER_FINDING);
        let mut explorer =
            self.explorer(self.options.max_preemptions, self.options.max_executions, after_finding);
        let mut execution = Execution::default();
        while let Some(plan) = explorer.next() {
            match self.run_step(&plan, &mut execution)? {
                Ran::Broken(broken, facts) => {
                    self.facts.add(&facts);
                    self.broken = Some((broken, self.facts.executions));
                    explorer.interrupt(Stopped::Finding);
                }
                Ran::Ended(ended, raw, facts) => {
                    self.facts.add(&facts);
                    let class = explorer.absorb(&mut execution, ended);
                    self.redundant += u64::from(class != Class::Complete);
                    if let (Class::Diverged, Some(raw)) = (class, &raw) {
                        self.diverged(raw, self.facts.executions);
                        explorer.found();
                    } else if let Some(raw) = raw {
                        let is_last = self.judge(0, &raw, self.facts.executions)?;
                        match self.seen.is_empty() {
                            _ if is_last => explorer.interrupt(Stopped::Finding),
                            false => explorer.found(),
                            true => {}
                        }
                    }
                }
            }
            explorer.use_time(started.elapsed().as_secs_f64() / self.options.timeout.as_secs_f64());
            if child::is_interrupted() {
                explorer.interrupt(Stopped::Interrupted);
            } else if started.elapsed() >= self.options.timeout {
                explorer.interrupt(Stopped::Timeout);
            }
        }
        Ok(explorer)
    }

    /// A search within these limits.
    pub fn explorer(
        &self,
        max_preemptions: Option<u32>,
        max_executions: u64,
        after_finding: Option<u64>,
    ) -> Explorer {
        let max_steps = self.options.max_steps;
        // Whether the clock has taken anything away is asked at the end: most programs have no timer.
        let (idle_clock, spurious) = (false, false);
        let budget =
            Budget { max_executions, max_preemptions, max_steps, idle_clock, spurious, after_finding };
        Explorer::new(Strategy::Exhaustive, self.options.seed, budget, Vec::new())
    }

    /// Runs one step of a search; `execution` is then what it was in the program's process.
    ///
    /// # Errors
    /// If the program is gone.
    pub fn run_step(&mut self, plan: &Plan, execution: &mut Execution) -> Outcome<Ran> {
        let plan = Plan { idle_clock: self.options.idle_clock, ..plan.clone() };
        self.send(0, How::Search(plan.selection.clone()), false)?;
        let (facts, is_suspicious) = match self.processes[0].answer()? {
            Answer::Clean(facts) => (facts, false),
            Answer::Trace(facts) => (facts, true),
            Answer::Died(facts, signal) => return Ok(Ran::Broken(Broken::Died(signal), facts)),
            Answer::Hung(facts) => return Ok(Ran::Broken(Broken::Hung, facts)),
            Answer::Broken(why) => return Err(CliError::new(Exit::Internal, why)),
        };
        let raw = self.processes[0].trace()?;
        // A program that ends itself cuts the others short: what they would have done is not known.
        let ended = retell(&raw.calls, &plan, execution).unwrap_or(Ended::StepLimit);
        if execution.steps() != facts.steps {
            let (expected, got) = (facts.steps, execution.steps());
            return Err(CliError::new(
                Exit::Internal,
                format!("the search lost sight of the program: it had {expected} events, told again {got}"),
            ));
        }
        Ok(Ran::Ended(ended, is_suspicious.then(|| Box::new(raw)), facts))
    }

    /// What a search was worth, if it found nothing. Timers that fire only when nothing else can run, and a world outside,
    /// are not explored.
    pub fn verdict(&self, explorer: &Explorer) -> Verdict {
        let is_partial = self.facts.timers && self.options.idle_clock || self.facts.outside;
        if is_partial { Verdict::Tested } else { explorer.verdict() }
    }
}
