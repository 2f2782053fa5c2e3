//! SURW: the selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025).
//!
//! Each schedule draws one of the shared objects of the profile; all that races there is *interesting*. Who
//! does the next interesting operation is drawn as in URW, and whoever else comes to one is held until then.
//! All other operations run by random priorities. So the orders of the interesting operations are equally likely,
//! however long the tasks are otherwise, as far as the profile's counts are right and nobody waits. Who comes to one more
//! than the profile has is taken to have that one left.
//!
//! An object is known by the place that made it, and objects made at one place are drawn together: numbers depend
//! on the schedule.

use super::priorities::Priorities;
use super::profile::{Profile, Shared};
use super::weights::Remaining;
use crate::execution::Execution;
use crate::rng::SplitMix64;
use gorace_analyzer_core::TaskIx;
use std::sync::Arc;

/// The state of one execution.
#[derive(Debug)]
pub(super) struct Surw {
    profile: Arc<Profile>,
    /// Which of the profile's shared objects is the interesting one; none if nothing is shared.
    drawn: Option<usize>,
    /// Whether each object of this execution is (one of) it.
    is_drawn: Vec<bool>,
    left: Remaining,
    /// Who is to do the next interesting operation.
    next: Option<TaskIx>,
    priorities: Priorities,
}

impl Surw {
    pub fn new(profile: &Arc<Profile>, rng: &mut SplitMix64) -> Self {
        let shared = profile.shared().len();
        Surw {
            profile: profile.clone(),
            drawn: (shared > 0).then(|| rng.below(shared)),
            is_drawn: Vec::with_capacity(profile.objects()),
            left: Remaining::for_tasks(profile.tasks()),
            next: None,
            priorities: Priorities::for_tasks(profile.tasks()),
        }
    }

    pub fn pick(&mut self, execution: &Execution, eligible: &[TaskIx], rng: &mut SplitMix64) -> TaskIx {
        self.meet(execution);
        self.note_more(execution, eligible);
        if self.next.is_none() {
            self.next = self.left.draw(rng);
        }
        let mut best = None;
        for task in eligible {
            if self.next == Some(*task) || !self.is_interesting(execution, *task) {
                best = best.max(Some((self.priorities.get(*task, rng), *task)));
            }
        }
        let chosen = match best {
            Some((_, chosen)) => chosen,
            // All are held, for one who does not come.
            None => self.left.draw_among(eligible, rng),
        };
        if self.is_interesting(execution, chosen) {
            self.left.take(chosen, 1);
            self.next = None;
        }
        self.hand_over(execution, chosen, rng);
        self.priorities.redraw(chosen);
        chosen
    }

    /// Whoever is drawn may turn out to be drawn for a task that it starts, and is not waited for once it ends.
    fn hand_over(&mut self, execution: &Execution, task: TaskIx, rng: &mut SplitMix64) {
        let Some(shared) = self.drawn.and_then(|at| self.profile.shared().get(at)) else { return };
        let of_both = self.left.of(task);
        let child = self.left.hand_over(shared.weights(), execution, task);
        if self.next != Some(task) {
            return;
        }
        if let Some(child) = child {
            let is_for_child = of_both > 0 && rng.below(of_both as usize) < self.left.of(child) as usize;
            self.next = Some(if is_for_child { child } else { task });
        } else if self.left.of(task) == 0 {
            self.next = None;
        }
    }

    /// Whoever comes to an interesting operation has one left, though the profile has none any more: else he would be
    /// held until nobody else has any.
    fn note_more(&mut self, execution: &Execution, eligible: &[TaskIx]) {
        for task in eligible {
            if self.is_interesting(execution, *task) && self.left.of(*task) == 0 {
                self.left.add_one(*task);
            }
        }
    }

    fn shared(&self) -> Option<&Shared> {
        self.profile.shared().get(self.drawn?)
    }

    fn meet(&mut self, execution: &Execution) {
        let Some(shared) = self.drawn.and_then(|at| self.profile.shared().get(at)) else { return };
        self.left.meet(shared.weights(), execution);
        let new = execution.objects.get(self.is_drawn.len()..).unwrap_or_default();
        self.is_drawn.extend(new.iter().map(|object| shared.is(object)));
    }

    fn is_interesting(&self, execution: &Execution, task: TaskIx) -> bool {
        let Some(shared) = self.shared() else { return false };
        let is_drawn = |object| self.is_drawn.get(object).is_some_and(|is_drawn| *is_drawn);
        let footprint = execution.footprint(task);
        footprint.accesses().any(|access| is_drawn(access.object.at()) && shared.races(access.kind))
    }
}
