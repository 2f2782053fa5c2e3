//! Which strategy runs, within which budget, and what the run as a whole was worth.
//!
//! It has no clock: the driver says when time is up.

use super::portfolio::Portfolio;
use super::{DepthFirst, Optimal, Strategy};
use crate::execution::Execution;
use crate::plan::{Plan, Schedule, Selection};
use gorace_analyzer_core::trace::Ended;
use gorace_analyzer_core::verdict::{Stopped, Verdict};

/// How much may be run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// Executions begun in the search; confirming and shortening a finding come on top.
    pub max_executions: u64,
    /// Explore only schedules with at most so many preemptions.
    pub max_preemptions: Option<u32>,
    /// Events an execution.
    pub max_steps: u64,
    /// Timers fire only when nothing else can run; a verdict is then never `Verified`.
    pub idle_clock: bool,
    /// Waits may wake, and weak compare-exchanges fail, for no reason.
    pub spurious: bool,
    /// Executions after the first finding, to count how often it shows; `None`: go on to the end.
    pub after_finding: Option<u64>,
}

/// What one execution counts as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Complete, and in exhaustive mode inequivalent to all others.
    Complete,
    /// Abandoned, dropped by the program, or equivalent to an earlier one.
    Redundant,
    /// Not part of the search: a known failing schedule tried first.
    Auxiliary,
    /// The program did not repeat itself under the same schedule.
    Diverged,
}

/// One run of many executions.
#[derive(Debug)]
pub struct Explorer {
    budget: Budget,
    strategy: Strategy,
    known: std::vec::IntoIter<Schedule>,
    search: Option<Search>,
    /// Complete executions of the search so far.
    complete: u64,
    /// Those that the search, begun anew, still has to repeat.
    to_repeat: u64,
    portfolio: Portfolio,
    begun: u64,
    last_begun: Option<u64>,
    running: Running,
    truncated: bool,
    ran_search: bool,
    ran_random: bool,
    stopped: Option<Stopped>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Running {
    Known,
    Search,
    Random,
    Replay,
}

#[derive(Debug)]
enum Search {
    Optimal(Box<Optimal>),
    DepthFirst(DepthFirst),
}

impl Search {
    fn within(bound: Option<u32>) -> Self {
        match bound {
            None => Search::Optimal(Box::default()),
            Some(_) => Search::DepthFirst(DepthFirst::new(bound)),
        }
    }

    fn next(&mut self) -> Option<Selection> {
        match self {
            Search::Optimal(search) => search.next(),
            Search::DepthFirst(search) => search.next(),
        }
    }

    fn absorb(&mut self, execution: &mut Execution, complete: bool) -> bool {
        match self {
            Search::Optimal(search) => search.absorb(execution, complete),
            Search::DepthFirst(search) => search.absorb(execution, complete),
        }
    }

    fn is_finished(&self) -> bool {
        match self {
            Search::Optimal(search) => search.is_finished(),
            Search::DepthFirst(search) => search.is_finished(),
        }
    }
}

impl Explorer {
    /// A run by `strategy`, which tries the `known` schedules first.
    pub fn new(strategy: Strategy, seed: u64, budget: Budget, known: Vec<Schedule>) -> Self {
        let search = match strategy {
            Strategy::Auto | Strategy::Exhaustive => Some(Search::within(budget.max_preemptions)),
            _ => None,
        };
        Explorer {
            budget,
            portfolio: Portfolio::new(&strategy, seed),
            strategy,
            known: known.into_iter(),
            search,
            complete: 0,
            to_repeat: 0,
            begun: 0,
            last_begun: None,
            running: Running::Known,
            truncated: false,
            ran_search: false,
            ran_random: false,
            stopped: None,
        }
    }

    /// The next execution; `None` when the run is over.
    #[allow(
        clippy::should_implement_trait,
        reason = "a step of a machine, not an iterator: what it gives depends on what is fed in between"
    )]
    pub fn next(&mut self) -> Option<Plan> {
        if self.stopped.is_some() {
            return None;
        }
        let selection = self.next_selection()?;
        let Budget { max_steps, idle_clock, spurious, .. } = self.budget;
        Some(Plan { selection, max_steps, idle_clock, spurious })
    }

    fn next_selection(&mut self) -> Option<Selection> {
        if let Strategy::Replay(schedule) = &self.strategy {
            if self.begun > 0 {
                return self.stop(Stopped::Complete);
            }
            self.begun = 1;
            self.running = Running::Replay;
            return Some(Selection::Follow(schedule.clone()));
        }
        if let Some(schedule) = self.known.next() {
            return Some(Selection::Follow(schedule));
        }
        if self.last_begun.is_some_and(|last| self.begun >= last) {
            return self.stop(Stopped::Finding);
        }
        if self.begun >= self.budget.max_executions {
            return self.stop(Stopped::MaxExecutions);
        }
        self.begun += 1;
        let for_search = match self.strategy {
            Strategy::Auto => self.budget.max_executions.div_ceil(2),
            _ => u64::MAX,
        };
        if let Some(search) = self.search.as_mut().filter(|_| self.begun <= for_search) {
            self.running = Running::Search;
            match search.next() {
                Some(selection) => {
                    self.ran_search = true;
                    return Some(selection);
                }
                None => {
                    self.begun -= 1;
                    return self.stop(Stopped::Complete);
                }
            }
        }
        self.running = Running::Random;
        self.ran_random = true;
        Some(self.portfolio.next())
    }

    fn stop<T>(&mut self, why: Stopped) -> Option<T> {
        self.stopped = Some(why);
        None
    }

    /// Takes the execution that [`Explorer::next`] asked for.
    pub fn absorb(&mut self, execution: &mut Execution, ended: Ended) -> Class {
        if self.running == Running::Known {
            return Class::Auxiliary;
        }
        // What is dropped may have been cut as well.
        self.truncated |= ended == Ended::StepLimit
            || ended == Ended::Dropped && execution.steps() >= self.budget.max_steps;
        let complete = matches!(ended, Ended::Quiescent | Ended::StepLimit | Ended::Dropped);
        // A search begins with the default schedule, too.
        if complete && self.running != Running::Replay {
            self.portfolio.absorb(execution);
        }
        let is_new = match (&mut self.search, self.running) {
            (Some(search), Running::Search) => {
                let is_new = search.absorb(execution, complete);
                self.count(execution, is_new && ended != Ended::Dropped)
            }
            _ => complete,
        };
        match ended {
            Ended::Diverged => Class::Diverged,
            Ended::Dropped => Class::Redundant,
            _ if is_new => Class::Complete,
            _ => Class::Redundant,
        }
    }

    /// Counts an execution of the search; whether it was a new one. Begins anew with the depth-first search if the
    /// bounds on timers may disable what could run: the optimal one would lose traces.
    fn count(&mut self, execution: &Execution, is_new: bool) -> bool {
        let is_repeated = is_new && self.to_repeat > 0;
        self.to_repeat -= u64::from(is_repeated);
        let is_new = is_new && !is_repeated;
        self.complete += u64::from(is_new);
        if matches!(self.search, Some(Search::Optimal(_))) && execution.disables_timers() {
            self.search = Some(Search::DepthFirst(DepthFirst::new(None)));
            self.to_repeat = self.complete;
        }
        is_new
    }

    /// There was a finding: ends the run soon, unless it is to go on.
    pub fn found(&mut self) {
        if self.last_begun.is_none() {
            self.last_begun = self.budget.after_finding.map(|more| self.begun.saturating_add(more));
        }
    }

    /// The driver ends the run: time is up, or there is no point in going on.
    pub fn interrupt(&mut self, why: Stopped) {
        self.stopped.get_or_insert(why);
    }

    /// What ended the run.
    pub fn stopped(&self) -> Stopped {
        self.stopped.unwrap_or(Stopped::Interrupted)
    }

    /// Whether a search was run: its executions repeat what they have in common, and are compared there.
    pub fn has_searched(&self) -> bool {
        self.ran_search
    }

    /// Whether all that was run was an exhaustive search.
    pub fn is_exhaustive(&self) -> bool {
        self.ran_search && !self.ran_random
    }

    /// Whether some execution was cut by the step limit.
    pub fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// What the run is worth, if nothing was found.
    pub fn verdict(&self) -> Verdict {
        let finished = self.search.as_ref().is_some_and(Search::is_finished);
        match self.budget.max_preemptions {
            _ if !finished || self.truncated || self.ran_random || self.budget.idle_clock => Verdict::Tested,
            None => Verdict::Verified,
            Some(preemptions) => Verdict::VerifiedUpTo { preemptions },
        }
    }

    /// The strategies that ran, as printed.
    pub fn strategies(&self) -> String {
        let is_depth_first = matches!(self.search, Some(Search::DepthFirst(_)));
        let mut names = Vec::new();
        if matches!(self.strategy, Strategy::Replay(_)) {
            names.push(self.strategy.to_string());
        } else if self.ran_search {
            names.push(if is_depth_first { "depth-first" } else { "dpor" }.to_owned());
        }
        if self.ran_random {
            names.extend(self.portfolio.names());
        }
        names.join(", ")
    }
}
