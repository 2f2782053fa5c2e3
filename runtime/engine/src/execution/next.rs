//! The loop that decides who runs next and performs what that task arrived at, until some task has code to run.
//!
//! A random choice among all that are ready is written out in one piece without branches that depend on the choice,
//! since the processor cannot predict it; what is rarer stands apart.

use super::ready::EARLY;
use super::{Chosen, Execution, Instead, Next};
use crate::footprint::Footprint;
use crate::picker::{Pick, Picker};
use crate::task::State;
use gorace_analyzer_core::trace::{Ended, Trace};
use gorace_analyzer_core::{EventIx, OpKind, TaskIx};

/// Up to how many events one of all who are ready is chosen at random, with nothing else to be considered; 0 while there
/// is. Who makes something to be considered says [`Plain::NEVER`], and a look at all of it sets it anew.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plain {
    until: usize,
    /// The same, or 0 if not everybody is known by bit.
    pub(super) until_of_few: usize,
}

impl Plain {
    pub const NEVER: Plain = Plain { until: 0, until_of_few: 0 };

    /// Whether there is nothing but random choices now, and everybody is known by bit.
    #[inline(always)]
    pub fn is_of_few(&self, trace: &Trace) -> bool {
        trace.events.len() < self.until_of_few
    }
}

impl Execution {
    /// Performs operations until some task has code to run.
    #[allow(
        clippy::should_implement_trait,
        reason = "a step of a machine, not an iterator: what it gives depends on what is fed in between"
    )]
    pub fn next(&mut self) -> Next {
        self.next_but::<false>()
    }

    /// As [`Execution::next`], but a task is not resumed from its exit: nobody comes back from that.
    pub fn next_with_code(&mut self) -> Next {
        self.next_but::<true>()
    }

    /// The running `task` has arrived at the operation that was written down last; then as
    /// [`Execution::next_with_code`]. For the one place that goes on most often.
    #[inline(always)]
    pub fn go_on_from(&mut self, task: TaskIx) -> Next {
        self.open_newest();
        let chosen = if self.plain.is_of_few(&self.trace) && self.local.is_empty() {
            // One of those who are ready, or `task`, who is not among them.
            let chosen = self.ready.exchange(task, self.random.below(self.ready.count() + 1));
            if self.locks_at_once(chosen) {
                return Next::Resume(chosen);
            }
            chosen
        } else {
            self.ready.push(task);
            match self.choose_next() {
                Ok(chosen) => chosen,
                Err(next) => return next,
            }
        };
        self.run_from::<true>(chosen)
    }

    #[inline(always)]
    fn next_but<const PAST_EXITS: bool>(&mut self) -> Next {
        self.open_newest();
        match self.choose_next() {
            Ok(chosen) => self.run_from::<PAST_EXITS>(chosen),
            Err(next) => next,
        }
    }

    /// Performs the operation of `chosen`, and then those of others until some task has code to run.
    #[inline(always)]
    fn run_from<const PAST_EXITS: bool>(&mut self, mut chosen: TaskIx) -> Next {
        loop {
            let state = self.perform_to(chosen);
            if state != State::Blocked && !(PAST_EXITS && state == State::Done) {
                return Next::Resume(chosen);
            }
            chosen = match self.choose_next() {
                Ok(chosen) => chosen,
                Err(next) => return next,
            };
        }
    }

    /// Whose operation is performed next, who is ready no longer; or what comes before that.
    #[inline(always)]
    fn choose_next(&mut self) -> Result<TaskIx, Next> {
        if let Some(task) = self.local.pop() {
            return Err(Next::Resume(task));
        }
        match self.pick_any() {
            Some(task) => Ok(task),
            None => self.pick_specially(),
        }
    }

    /// One of those who are ready, at random, who is ready no longer; `None` if there is nobody, or anything is to be
    /// considered.
    #[inline(always)]
    fn pick_any(&mut self) -> Option<TaskIx> {
        let count = self.ready.count();
        if count == 0 || self.trace.events.len() >= self.plain.until {
            return None;
        }
        let chosen = self.ready.swap_remove(self.random.below(count));
        if self.tasks.len() > EARLY as usize {
            self.note_chosen_of_many(chosen);
        } else {
            self.note_chosen_of_few(chosen);
        }
        Some(chosen)
    }

    /// Keeps a random choice, where everybody is known by bit.
    #[inline(always)]
    fn note_chosen_of_few(&mut self, chosen: TaskIx) {
        self.keep_choice(chosen, self.tasks[chosen.at()].kind);
    }

    /// Keeps that `to` was chosen, for `op`, among those who are ready and `to`, where everybody is known by bit.
    #[inline(always)]
    pub(crate) fn keep_choice(&mut self, to: TaskIx, op: OpKind) {
        let at = self.trace.events.len() as u32;
        let instead = Instead::Ready(self.ready.early());
        self.raw.push(Chosen { at, last: self.last, to, op, instead });
    }

    /// The same where not everybody is.
    #[inline(never)]
    fn note_chosen_of_many(&mut self, chosen: TaskIx) {
        let could_go_on = self.tasks[self.last.at()].state == State::Ready;
        if chosen != self.last && (could_go_on || !self.ready.is_first(chosen)) {
            self.note_switch(chosen, could_go_on);
        }
    }

    /// As [`Execution::pick_any`], whatever there is to be considered.
    #[inline(never)]
    fn pick_specially(&mut self) -> Result<TaskIx, Next> {
        if self.ready.len() < 2
            && (self.ready.is_empty() || self.clock.task.is_some() && self.clock_is_barred())
        {
            return Err(self.end(Ended::Quiescent));
        }
        if self.trace.events.len() as u64 >= self.max_steps || self.idle_rounds > self.max_idle_rounds {
            return Err(self.end(Ended::StepLimit));
        }
        match self.pick() {
            Pick::Task(chosen) => {
                self.leave_ready(chosen);
                self.note_plain();
                if self.record {
                    self.record_decision(chosen);
                }
                Ok(chosen)
            }
            Pick::Abandon => Err(self.end(Ended::Abandoned)),
            Pick::Diverged => Err(self.end(Ended::Diverged)),
        }
    }

    /// Notes how long nothing but the random choice is to be considered. That nobody runs on for too long need not be: it
    /// does not happen by chance.
    fn note_plain(&mut self) {
        let is_special = self.yielded > 0 || self.record || self.clock.task.is_some() || self.idle_rounds > 0;
        let is_plain = matches!(self.picker, Picker::Random) && !is_special;
        let until = if is_plain { self.max_steps as usize } else { 0 };
        let until_of_few = if self.tasks.len() <= EARLY as usize { until } else { 0 };
        self.plain = Plain { until, until_of_few };
    }

    #[cold]
    fn end(&mut self, ended: Ended) -> Next {
        let ended = match ended {
            Ended::Quiescent | Ended::StepLimit | Ended::Abandoned if self.ends_in_prefix() => {
                Ended::Diverged
            }
            Ended::Quiescent | Ended::StepLimit if self.dropped => Ended::Dropped,
            _ => ended,
        };
        if ended == Ended::Diverged {
            // They are those of another program than the search's.
            self.nodes.clear();
        }
        self.trace.ended = ended;
        Next::End(ended)
    }

    /// Performs the operation that `task` arrived at, which is ready no longer; whether it is complete.
    pub(crate) fn perform(&mut self, task: TaskIx) -> bool {
        self.perform_to(task) != State::Blocked
    }

    /// Performs the operation that `task` arrived at, which is ready no longer; how the task stands then. The clock, which
    /// has no code to run, always waits.
    #[inline(always)]
    fn perform_to(&mut self, task: TaskIx) -> State {
        self.last = task;
        let state = self.dispatch(task).unwrap_or_else(|| self.settled(task));
        if self.clock.task.is_some() {
            if self.clock.task == Some(task) {
                return State::Blocked;
            }
            self.refresh_clock();
        }
        state
    }

    /// How `task` stands, whose operation was performed: blocked if it is not complete.
    #[inline]
    fn settled(&mut self, task: TaskIx) -> State {
        let slot = &mut *self.tasks[task.at()];
        if slot.state == State::Performing {
            slot.state = State::Blocked;
            debug_assert!(slot.waiting.is_some(), "a blocked task waits for something");
        }
        slot.state
    }

    #[inline(never)]
    pub(crate) fn record_decision(&mut self, task: TaskIx) {
        let footprint = self.footprint(task);
        self.picker.wake(task, &footprint);
        self.footprints.resize(self.trace.events.len(), Footprint::NONE);
        self.footprints.push(footprint);
        self.decisions.push(EventIx(self.trace.events.len() as u32));
        self.note_asked(task);
    }

    /// `task` is ready no longer, if it was.
    pub(crate) fn leave_ready(&mut self, task: TaskIx) {
        self.ready.remove(task);
    }
}
