//! What a search decides within an execution: its prefix again, then a wakeup sequence, then the default rule
//! among the tasks that are not asleep.
//!
//! A task sleeps while an execution that runs it now was explored before: until somebody performs an
//! operation on which its own depends (Godefroid, LNCS 1032, 1996), or whatever else wakes it in this search. If all who could run are asleep, the
//! execution is equivalent to earlier ones and is abandoned.
//!
//! In the prefix nothing is looked at but what is run, and that it is what was run before: the same kind of operation, which
//! touches the same, and chooses among as many. A program that does anything else does not repeat itself.

use crate::execution::Execution;
use crate::footprint::{Footprint, Known};
use crate::picker::Pick;
use crate::plan::{NodeRecord, Step, WakeOn, WakeupStep};
use crate::task::State;
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::{OpKind, TaskIx, TaskPath};

/// Tasks, with what they would do.
pub(crate) type Pending = Vec<(TaskIx, Footprint)>;

/// Those of a decision: who could run, and who is asleep.
pub(crate) type Lists = [Pending; 2];

/// The state of one execution's [`Selection::Search`](crate::Selection::Search).
#[derive(Debug)]
pub(crate) struct Descent {
    prefix: std::vec::IntoIter<Step>,
    /// How many steps of the prefix are left once its last task has been taken.
    after_branch: usize,
    /// Who sleeps there.
    branch: Pending,
    asleep: Pending,
    lead: std::iter::Peekable<std::vec::IntoIter<WakeupStep>>,
    wakeup: std::iter::Peekable<std::vec::IntoIter<WakeupStep>>,
    wake_on: WakeOn,
    /// Whether the last decision was one of the prefix.
    pub in_prefix: bool,
}

impl Descent {
    pub fn new(
        prefix: Vec<Step>,
        sleep: Pending,
        lead: Vec<WakeupStep>,
        wakeup: Vec<WakeupStep>,
        wake_on: WakeOn,
    ) -> Self {
        Descent {
            after_branch: prefix.iter().rev().take_while(|step| matches!(step, Step::Choice { .. })).count(),
            prefix: prefix.into_iter(),
            branch: sleep,
            asleep: Vec::new(),
            lead: lead.into_iter().peekable(),
            wakeup: wakeup.into_iter().peekable(),
            wake_on,
            in_prefix: true,
        }
    }

    /// `task` performs an operation: the sleeping tasks on which that bears wake up.
    pub fn wake(&mut self, task: TaskIx, footprint: &Footprint) {
        let wakes = |touched: &Footprint| match self.wake_on {
            WakeOn::Dependence => touched.depends_on(footprint),
            WakeOn::SameObject => touched.meets(footprint),
        };
        self.asleep.retain(|(other, touched)| *other != task && !wakes(touched));
    }

    /// Which of `n` alternatives is taken; an error if the prefix has another step than such a choice.
    pub fn alternative(&mut self, n: u32) -> Result<u32, Step> {
        match self.prefix.next() {
            Some(Step::Choice { of, taken }) if of == n && taken < n => Ok(taken),
            Some(other) => Err(other),
            None if self.lead.peek().is_some() => Ok(self.planned_alternative(n)),
            None => {
                self.in_prefix = false;
                Ok(self.planned_alternative(n))
            }
        }
    }

    fn planned_alternative(&mut self, n: u32) -> u32 {
        match self.planned().next_if(|step| matches!(step, WakeupStep::Choice(_))) {
            Some(WakeupStep::Choice(taken)) => taken.min(n - 1),
            _ => 0,
        }
    }

    /// The steps that come next.
    fn planned(&mut self) -> &mut std::iter::Peekable<std::vec::IntoIter<WakeupStep>> {
        match self.lead.peek() {
            Some(_) => &mut self.lead,
            None => &mut self.wakeup,
        }
    }

    fn is_asleep(&self, task: TaskIx) -> bool {
        self.asleep.iter().any(|(asleep, _)| *asleep == task)
    }
}

impl Execution {
    /// Decides for a search who runs next among those who may.
    pub(crate) fn descend(&mut self, everybody: bool, running: Option<TaskIx>, default: TaskIx) -> Pick {
        if self.divergence.is_some() {
            return Pick::Diverged;
        }
        let crate::picker::Picker::Search(descent) = &mut self.picker else { return Pick::Task(default) };
        let Some(step) = descent.prefix.next() else {
            return match descent.lead.peek() {
                Some(_) => self.descend_led(everybody),
                None => self.descend_freely(everybody, running, default),
            };
        };
        if descent.prefix.len() == descent.after_branch {
            descent.asleep = std::mem::take(&mut descent.branch);
        }
        let eligible = if everybody { &self.ready[..] } else { &self.eligible[..] };
        match step {
            Step::Task(task, ref footprint)
                if eligible.contains(&task) && self.footprint(task) == *footprint =>
            {
                Pick::Task(task)
            }
            _ => {
                let (expected, found) = self.difference(&step, eligible);
                self.diverge(expected, found);
                Pick::Diverged
            }
        }
    }

    /// Whether it ends before its prefix does, or was found to be another one in its last step.
    pub(crate) fn ends_in_prefix(&mut self) -> bool {
        let crate::picker::Picker::Search(descent) = &mut self.picker else { return false };
        if self.divergence.is_none()
            && let Some(step) = descent.prefix.next()
        {
            let (expected, _) = self.difference(&step, &[]);
            self.diverge(expected, "the end".to_owned());
        }
        self.divergence.is_some()
    }

    /// `task` chooses among `n` where the prefix has another step.
    pub(crate) fn choose_otherwise(&mut self, task: TaskIx, n: u32, step: &Step) {
        let (expected, _) = self.difference(step, &[]);
        let found = format!("task {} chooses among {n}", self.task_path(task));
        if self.divergence.is_none() {
            self.diverge(expected, found);
        }
    }

    /// What was run before, and what there is now.
    fn difference(&self, step: &Step, eligible: &[TaskIx]) -> (String, String) {
        let name = |task: TaskIx| match self.tasks.get(task.at()) {
            Some(task) => format!("task {}", task.path),
            None => format!("a task with the number {}", task.0),
        };
        let at = |task: TaskIx| format!("{} is at {}", name(task), self.describe_pending(task));
        match step {
            Step::Choice { of, taken } => {
                let expected = format!("a choice among {of}, of which alternative {taken} was taken before");
                (expected, eligible.iter().map(|task| at(*task)).listed().join(", "))
            }
            Step::Task(task, footprint) => {
                let kinds: Vec<_> = footprint.accesses().map(|access| format!("{:?}", access.kind)).listed();
                let did = match kinds.is_empty() {
                    true => footprint.op().map_or("nothing", OpKind::word).to_owned(),
                    false => format!("it accessed: {}", kinds.join(", ")),
                };
                let expected = format!("{} to do what it did before ({did})", name(*task));
                let found = match eligible.contains(task) {
                    true => at(*task),
                    false => {
                        let others: Vec<_> = eligible.iter().map(|task| at(*task)).listed();
                        format!("{} cannot run; {}", name(*task), others.join(", "))
                    }
                };
                (expected, found)
            }
        }
    }

    /// Goes on to where it is recorded what could be run.
    fn descend_led(&mut self, everybody: bool) -> Pick {
        self.look_at_sleepers();
        self.fall_asleep(everybody);
        let wanted = self.next_of_wakeup().flatten();
        let eligible = if everybody { &self.ready[..] } else { &self.eligible[..] };
        let wanted = wanted.filter(|task| eligible.contains(task));
        match &self.picker {
            crate::picker::Picker::Search(descent) => {
                wanted.filter(|task| !descent.is_asleep(*task)).map_or(Pick::Abandon, Pick::Task)
            }
            _ => Pick::Abandon,
        }
    }

    fn descend_freely(&mut self, everybody: bool, running: Option<TaskIx>, default: TaskIx) -> Pick {
        self.look_at_sleepers();
        let [mut eligible, mut sleep] = self.spare_lists.pop().unwrap_or_default();
        eligible.clear();
        sleep.clear();
        let unsorted = if everybody { &self.ready[..] } else { &self.eligible[..] };
        eligible.reserve(unsorted.len());
        for task in unsorted {
            // The default one first, then by number.
            let rank = |task: TaskIx| (task != default, task);
            let at = eligible.partition_point(|(other, _)| rank(*other) < rank(*task));
            eligible.insert(at, (*task, self.footprint(*task)));
        }
        self.fall_asleep(everybody);
        let wanted = self.next_of_wakeup();
        let crate::picker::Picker::Search(descent) = &mut self.picker else { return Pick::Task(default) };
        descent.in_prefix = false;
        // The search adds to it: whoever was explored falls asleep.
        sleep.reserve(descent.asleep.len() + 2);
        sleep.extend_from_slice(&descent.asleep);
        let awake = |(task, _): &&(TaskIx, Footprint)| !descent.is_asleep(*task);
        let planned = wanted
            .flatten()
            .and_then(|wanted| eligible.iter().position(|pending| pending.0 == wanted && awake(&pending)));
        let broken = wanted.is_some() && planned.is_none();
        let Some(chosen) = planned.or_else(|| eligible.iter().position(|pending| awake(&pending))) else {
            return Pick::Abandon;
        };
        if broken {
            descent.wakeup = Vec::new().into_iter().peekable();
        }
        let task = eligible[chosen].0;
        self.nodes.push(NodeRecord::Task {
            chosen: chosen as u32,
            running: running
                .and_then(|running| eligible.iter().position(|(task, _)| *task == running))
                .map(|at| at as u32),
            eligible,
            sleep,
            known: Known { objects: self.objects.len() as u32, tasks: self.tasks.len() as u32 },
            passed_over: !everybody,
            broken,
        });
        Pick::Task(task)
    }

    /// Of those asleep only who can run still is, and would do something else now. Whoever there is none of was read from a
    /// file that was changed.
    fn look_at_sleepers(&mut self) {
        let crate::picker::Picker::Search(descent) = &mut self.picker else { return };
        let mut asleep = std::mem::take(&mut descent.asleep);
        asleep.retain(|(task, _)| self.tasks.get(task.at()).is_some_and(|task| task.state == State::Ready));
        for (task, footprint) in &mut asleep {
            *footprint = self.footprint(*task);
        }
        let crate::picker::Picker::Search(descent) = &mut self.picker else { return };
        descent.asleep = asleep;
    }

    /// Takes the room of lists that nobody needs any more: getting room for those of each decision is a good part of what it
    /// costs.
    pub(crate) fn reuse(&mut self, lists: impl IntoIterator<Item = Lists>) {
        self.spare_lists.extend(lists);
    }

    /// The task that the wakeup sequence wants next, if it is not over; `Some(None)` if there is no such task.
    fn next_of_wakeup(&mut self) -> Option<Option<TaskIx>> {
        let crate::picker::Picker::Search(descent) = &mut self.picker else { return None };
        match descent.planned().next()? {
            WakeupStep::Task(task) => Some(Some(task)),
            WakeupStep::Named(path) => Some(self.task_of(&path)),
            // The step before offered no choice this time.
            WakeupStep::Choice(_) => Some(None),
            // They were before it.
            WakeupStep::Asleep(_) | WakeupStep::NamedAsleep(_) => Some(None),
        }
    }

    fn task_of(&self, path: &TaskPath) -> Option<TaskIx> {
        let at = self.tasks.iter().position(|task| task.path == *path);
        at.map(|at| TaskIx(at as u32))
    }

    /// The wakeup sequence says who falls asleep here, of those who can run.
    fn fall_asleep(&mut self, everybody: bool) {
        let is_asleep =
            |step: &WakeupStep| matches!(step, WakeupStep::Asleep(_) | WakeupStep::NamedAsleep(_));
        loop {
            let crate::picker::Picker::Search(descent) = &mut self.picker else { return };
            let task = match descent.planned().next_if(is_asleep) {
                Some(WakeupStep::Asleep(task)) => Some(task),
                Some(WakeupStep::NamedAsleep(path)) => self.task_of(&path),
                _ => return,
            };
            let eligible = if everybody { &self.ready[..] } else { &self.eligible[..] };
            let Some(task) = task.filter(|task| eligible.contains(task)) else { continue };
            let footprint = self.footprint(task);
            if let crate::picker::Picker::Search(descent) = &mut self.picker
                && !descent.is_asleep(task)
            {
                descent.asleep.push((task, footprint));
            }
        }
    }
}
