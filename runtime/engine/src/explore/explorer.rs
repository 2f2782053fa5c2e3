//! Which strategy runs, within which budget, and what the run as a whole was worth.
//!
//! It has no clock: the driver says when time is up.

use super::portfolio::Portfolio;
use super::predict::predict;
use super::search::Search;
use super::share::Shares;
use super::{Bounded, DepthFirst, Strategy};
use crate::execution::Execution;
use crate::plan::{Hold, Plan, Schedule, Selection};
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::trace::Ended;
use gorace_analyzer_core::verdict::{Estimate, Stopped, Verdict};

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

impl Budget {
    /// How an execution within this budget is run.
    pub(super) fn plan(&self, selection: Selection) -> Plan {
        let Budget { max_steps, idle_clock, spurious, .. } = *self;
        Plan { selection, max_steps, idle_clock, spurious }
    }
}

/// Whether an execution that ended so shows a whole trace.
pub(super) fn is_complete(ended: Ended) -> bool {
    matches!(ended, Ended::Quiescent | Ended::StepLimit | Ended::Dropped)
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
    /// Not part of the search either: a prediction from its first execution, tried.
    Predicted,
    /// The program did not repeat itself under the same schedule.
    Diverged,
}

impl Class {
    /// Whether the execution is one of the search, and not one beside it.
    pub fn is_of_search(self) -> bool {
        !matches!(self, Class::Auxiliary | Class::Predicted)
    }
}

/// One run of many executions.
#[derive(Debug)]
pub struct Explorer {
    pub(super) budget: Budget,
    pub(super) strategy: Strategy,
    known: std::vec::IntoIter<Schedule>,
    /// What the first execution lets expect; `None` before it, and where nothing is predicted.
    predicted: Option<std::vec::IntoIter<Hold>>,
    pub(super) search: Option<Search>,
    /// What is tried where the search is too long; made when it is.
    pub(super) bounded: Option<Box<Bounded>>,
    /// Complete executions of the search so far.
    pub(super) complete: u64,
    /// Those that the search, begun anew, still has to repeat.
    pub(super) to_repeat: u64,
    pub(super) portfolio: Portfolio,
    pub(super) begun: u64,
    pub(super) last_begun: Option<u64>,
    pub(super) running: Running,
    /// Whether an execution of the search was cut, so that it covers nothing.
    pub(super) truncated: bool,
    ran_search: bool,
    ran_bounded: bool,
    ran_random: bool,
    /// Whether the search goes on when half of the budget is used up, since it seems to be nearly through; `None` before
    /// that.
    is_nearly_through: Option<bool>,
    /// The part of the time that is used up, from 0 to 1.
    time_used: f64,
    pub(super) stopped: Option<Stopped>,
    pub(super) shares: Shares,
}

/// After fewer interleavings than this nothing is said of how many there are.
const MET: u64 = 100;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Running {
    Known,
    Predicted,
    Search,
    Bounded,
    Random,
    /// The default schedule once more, for what it tells: an earlier piece of the exploration has counted it.
    Profile,
    Replay,
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
            predicted: None,
            search,
            bounded: None,
            complete: 0,
            to_repeat: 0,
            begun: 0,
            last_begun: None,
            running: Running::Known,
            truncated: false,
            ran_search: false,
            ran_bounded: false,
            ran_random: false,
            is_nearly_through: None,
            time_used: 0.0,
            stopped: None,
            shares: Shares::default(),
        }
    }

    /// Runs the `part`-th of `of` parts of the random schedules, counted from 1: schedules i, i + n, and so on. Each
    /// depends on the program, the seed and its index alone, so that parts together run what one run would.
    pub fn share_schedules(&mut self, part: u32, of: u32) {
        self.portfolio.share(part, of);
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
        Some(self.budget.plan(selection))
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
        if let Some(hold) = self.predicted.as_mut().and_then(Iterator::next) {
            self.running = Running::Predicted;
            return Some(Selection::Directed(hold));
        }
        if let Some(why) = self.has_ended() {
            return self.stop(why);
        }
        self.begun += 1;
        let selection = match self.phase() {
            Running::Search => self.search.as_mut().and_then(Search::next),
            Running::Bounded => {
                let bounded = self.bounded.get_or_insert_with(|| Box::new(Bounded::up_to(None)));
                bounded.next()
            }
            Running::Random if self.portfolio.lacks_profile() => {
                self.begun -= 1;
                self.running = Running::Profile;
                Some(Selection::Profile)
            }
            _ => Some(self.portfolio.next()),
        };
        self.note_running();
        selection
    }

    pub(super) fn note_running(&mut self) {
        self.ran_search |= self.running == Running::Search;
        self.ran_bounded |= self.running == Running::Bounded;
        self.ran_random |= self.running == Running::Random;
    }

    /// Why no execution is begun any more, if none is.
    pub(super) fn has_ended(&mut self) -> Option<Stopped> {
        if self.is_exhausted() {
            return Some(Stopped::Complete);
        }
        if self.awaits().is_some() || self.is_in_vain() {
            return Some(Stopped::Elsewhere);
        }
        match self.last_begun {
            Some(last) if self.begun >= last => Some(Stopped::Finding),
            _ if self.begun >= self.budget.max_executions => Some(Stopped::MaxExecutions),
            _ => None,
        }
    }

    /// What the execution that has just been begun is for.
    pub(super) fn phase(&mut self) -> Running {
        let is_within = |executions: u64, time: f64| self.begun <= executions && self.time_used <= time;
        // A bound that was given leaves nothing to be bounded further.
        let has_rounds = self.budget.max_preemptions.is_none();
        let is_in_half = is_within(self.budget.max_executions.div_ceil(2), 0.5);
        if self.is_nearly_through.is_none() && !is_in_half && self.strategy == Strategy::Auto {
            // Asked once, so that it does not depend on who runs what.
            self.is_nearly_through = Some(self.seems_nearly_through());
        }
        let is_in_rounds = is_within(self.for_rounds(), 0.75);
        let goes_on = is_in_half || is_in_rounds && self.is_nearly_through == Some(true);
        self.running = match &self.search {
            None => Running::Random,
            Some(_) if goes_on || self.strategy != Strategy::Auto => Running::Search,
            Some(_) if is_in_rounds && has_rounds => Running::Bounded,
            Some(_) => Running::Random,
        };
        self.running
    }

    /// How many executions the search may begin, and the rounds after it.
    pub(super) fn for_search(&self) -> u64 {
        match self.strategy {
            Strategy::Auto if self.is_nearly_through == Some(true) => self.for_rounds(),
            Strategy::Auto => self.budget.max_executions.div_ceil(2),
            _ => self.budget.max_executions,
        }
    }

    /// Whether there seem to be no more interleavings than the search can run if it gets what the rounds would. Searches
    /// that are far from their end do not seem so, however far the estimate is off: what is planned counts.
    fn seems_nearly_through(&self) -> bool {
        let in_time = (self.begun as f64 * 0.75 / self.time_used) as u64;
        let in_vain = self.begun.saturating_sub(self.complete);
        let most = self.for_rounds().min(in_time);
        self.estimate().is_some_and(|estimate| estimate.all.saturating_add(in_vain) <= most)
    }

    fn for_rounds(&self) -> u64 {
        self.budget.max_executions - self.budget.max_executions / 4
    }

    /// Whether there is nothing left to search.
    fn is_exhausted(&mut self) -> bool {
        let search = self.search.as_mut().is_some_and(|search| !search.has_next());
        search || self.bounded.as_mut().is_some_and(|bounded| !bounded.has_next())
    }

    fn stop<T>(&mut self, why: Stopped) -> Option<T> {
        self.stopped = Some(why);
        None
    }

    /// Takes the execution that [`Explorer::next`] asked for.
    pub fn absorb(&mut self, execution: &mut Execution, ended: Ended) -> Class {
        match self.running {
            Running::Known => return Class::Auxiliary,
            Running::Predicted => return Class::Predicted,
            _ => {}
        }
        let complete = is_complete(ended);
        // A search begins with the default schedule, too.
        if complete && self.running != Running::Replay {
            self.portfolio.absorb(execution);
        }
        if self.running == Running::Profile {
            return Class::Auxiliary;
        }
        // A directed execution knows no bound on preemptions.
        let is_first = self.strategy == Strategy::Auto && self.begun == 1 && execution.raw.is_empty();
        if is_first && complete && self.budget.max_preemptions.is_none() {
            self.predicted = Some(predict(execution).into_iter());
        }
        let is_new = match (&mut self.search, &mut self.bounded, self.running) {
            (Some(search), _, Running::Search) => search.absorb(execution, complete),
            (_, Some(bounded), Running::Bounded) => bounded.absorb(execution, complete),
            _ => complete,
        };
        let class = self.settle(is_new, ended, execution.steps());
        if self.running == Running::Search
            && let Some(Search::Optimal(search)) = &mut self.search
            && execution.disables_timers()
        {
            if search.is_part() {
                // Whoever it is a part of comes to that in its turn.
                search.end_in_vain();
                return class;
            }
            // The optimal search would lose traces where what could run may be disabled: begins anew without it.
            self.search = Some(Search::DepthFirst(DepthFirst::default()));
            self.to_repeat = self.complete;
        }
        class
    }

    /// Counts an execution that was begun.
    pub(super) fn settle(&mut self, is_new: bool, ended: Ended, steps: u64) -> Class {
        // What is dropped may have been cut as well.
        let is_cut = ended == Ended::StepLimit || ended == Ended::Dropped && steps >= self.budget.max_steps;
        self.truncated |= is_cut && matches!(self.running, Running::Search | Running::Bounded);
        let is_new = match self.running {
            Running::Search => self.count(is_new && ended != Ended::Dropped),
            _ => is_new,
        };
        match ended {
            Ended::Diverged => Class::Diverged,
            Ended::Dropped => Class::Redundant,
            _ if is_new => Class::Complete,
            _ => Class::Redundant,
        }
    }

    /// Counts an execution of the search; whether it was a new one.
    fn count(&mut self, is_new: bool) -> bool {
        let is_repeated = is_new && self.to_repeat > 0;
        self.to_repeat -= u64::from(is_repeated);
        let is_new = is_new && !is_repeated;
        self.complete += u64::from(is_new);
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
        // Time that was up with the last execution was enough.
        if why != Stopped::Timeout || !self.is_exhausted() {
            self.stopped.get_or_insert(why);
        }
    }

    /// What ended the run.
    pub fn stopped(&self) -> Stopped {
        self.stopped.unwrap_or(Stopped::Interrupted)
    }

    /// Whether all that was run was an exhaustive search.
    pub fn is_exhaustive(&self) -> bool {
        self.ran_search && !self.ran_bounded && !self.ran_random
    }

    /// The driver says which part of the time is used up, from 0 to 1.
    pub fn use_time(&mut self, part: f64) {
        self.time_used = part;
    }

    /// What the run is worth, if nothing was found.
    pub fn verdict(&self) -> Verdict {
        if self.truncated || self.budget.idle_clock || self.is_part() {
            return Verdict::Tested;
        }
        match self.search.as_ref().is_some_and(Search::is_finished) {
            true => match self.budget.max_preemptions {
                // Else the bound has left something out.
                Some(preemptions) if !self.rounds().is_some_and(Bounded::is_exhaustive) => {
                    Verdict::VerifiedUpTo { preemptions }
                }
                _ => Verdict::Verified,
            },
            false => match self.rounds().map(|rounds| (rounds.is_exhaustive(), rounds.complete_up_to())) {
                Some((true, _)) if self.budget.max_preemptions.is_none() => Verdict::Verified,
                Some((_, Some((preemptions, _)))) => Verdict::VerifiedUpTo { preemptions },
                _ => Verdict::Tested,
            },
        }
    }

    /// How many interleavings there seem to be in all, once a search has met some of them and until it has met all.
    pub fn estimate(&self) -> Option<Estimate> {
        match &self.search {
            Some(Search::Optimal(search))
                if !search.is_finished() && !search.is_part() && self.complete >= MET =>
            {
                let all = search.estimate() as u64;
                Some(Estimate { all: all.max(self.complete + 1), run: self.complete })
            }
            _ => None,
        }
    }

    /// How many interleavings the verdict is about, those of earlier pieces of a resumed run included; `None` if it
    /// is about the executions of this run.
    pub fn interleavings(&self) -> Option<u64> {
        match self.verdict() {
            Verdict::Verified if self.search.as_ref().is_some_and(Search::is_finished) => Some(self.complete),
            Verdict::Verified | Verdict::VerifiedUpTo { .. } => {
                self.rounds().and_then(Bounded::complete_up_to).map(|(_, interleavings)| interleavings)
            }
            _ => None,
        }
    }

    fn rounds(&self) -> Option<&Bounded> {
        match &self.search {
            Some(Search::Bounded(bounded)) => Some(bounded),
            _ => self.bounded.as_deref(),
        }
    }

    /// The strategies that ran, as printed.
    pub fn strategies(&self) -> String {
        if let Strategy::Replay(_) = self.strategy {
            return self.strategy.to_string();
        }
        let search = self.search.as_ref().filter(|_| self.ran_search).map(Search::word);
        let bounded = self.ran_bounded.then_some("bounded");
        let mut names: Vec<String> = [search, bounded].into_iter().flatten().map(str::to_owned).listed();
        if self.ran_random || !self.ran_search {
            names.extend(self.portfolio.names());
        }
        names.join(", ")
    }
}
