//! What is decided within an execution: which ready task runs, which alternative is taken, and which tasks
//! are passed over because they only spin.
//!
//! The default rule is: go on with the task that ran last, else run the ready task that was spawned first.
//! Every decision that deviates from it is kept, so that any execution can be followed again.
//!
//! Fairness: a task that yields where it has yielded, or that sees again and again what it has seen, is passed over until
//! something it saw changes or nobody else can go on. This cuts schedules (`spin_cut`), and without it a
//! spinning task starves all others under every strategy that is not random.

mod spins;

pub use spins::Coming;
pub(crate) use spins::has_stepped_back;

use crate::descent::Descent;
use crate::execution::{Chosen, Execution, Instead, Plain, RawDeviation};
use crate::footprint::Footprint;
use crate::hold::Directed;
use crate::in_order::{self, InOrder};
use crate::plan::{Deviation, NodeRecord, Selection};
use crate::random::Sampling;
use crate::retrace::{Fit, Retrace};
use crate::task::State;
use gorace_analyzer_core::trace::Divergence;
use gorace_analyzer_core::{ObjIx, TaskIx};

/// A task that ran this many events in a row while others could have run steps back once.
pub(crate) const STREAK_LIMIT: u32 = 2000;

/// A spin is cut after a round, in which everybody that can run looks once, for each so many steps that an
/// execution may have ..
const STEPS_A_ROUND: u64 = 20;

/// .. and after so many at the least: whoever spins for a while before it waits spins less.
const ROUNDS: u64 = 1_000;

/// After how many rounds in which all that can run have only looked nothing is going to end the spin.
pub(crate) fn max_idle_rounds(max_steps: u64) -> u64 {
    (max_steps / STEPS_A_ROUND).max(ROUNDS)
}

/// One decision.
pub(crate) enum Pick {
    Task(TaskIx),
    /// Every task that could run is asleep: an equivalent execution was run before.
    Abandon,
    /// The execution does not follow its plan; see [`Execution::divergence`].
    Diverged,
}

/// Who decides; the state of one execution's [`Selection`].
#[derive(Debug)]
pub(crate) enum Picker {
    /// By [`Execution::random`].
    Random,
    /// `None` only while it picks, as below.
    Sample(Option<Box<Sampling>>),
    Follow(Box<Following>),
    Retrace(Option<Box<Retrace>>),
    Loosely(Vec<Deviation>),
    InOrder(Option<Box<InOrder>>),
    Directed(Option<Box<Directed>>),
    Search(Box<Descent>),
}

/// What is left of a schedule that is followed.
#[derive(Debug)]
pub(crate) struct Following {
    next: Option<Deviation>,
    deviations: std::vec::IntoIter<Deviation>,
}

impl Following {
    fn new(deviations: Vec<Deviation>) -> Box<Self> {
        let mut deviations = deviations.into_iter();
        Box::new(Following { next: deviations.next(), deviations })
    }
}

impl Picker {
    pub fn of(selection: &Selection) -> Self {
        match selection {
            Selection::Random { .. } => Picker::Random,
            Selection::Sample { by, seed, index, profile } => {
                Picker::Sample(Some(Box::new(Sampling::new(*by, *seed, *index, profile))))
            }
            Selection::Profile => Picker::Follow(Following::new(Vec::new())),
            Selection::Follow(schedule) if !schedule.marks.is_empty() || schedule.shape.is_some() => {
                Picker::Retrace(Some(Box::new(Retrace::new(schedule))))
            }
            Selection::Follow(schedule) => Picker::Follow(Following::new(schedule.deviations.clone())),
            Selection::InOrder(order) => Picker::InOrder(Some(Box::new(InOrder::new(order.clone())))),
            Selection::Directed(hold) => Picker::Directed(Some(Box::new(Directed::new(hold.clone())))),
            Selection::FollowLoosely(schedule) => Picker::Loosely(schedule.deviations.clone()),
            Selection::Search { prefix, sleep, lead, wakeup, wake_on } => {
                let descent =
                    Descent::new(prefix.clone(), sleep.clone(), lead.clone(), wakeup.clone(), *wake_on);
                Picker::Search(Box::new(descent))
            }
        }
    }

    /// `task` performs an operation: the sleeping tasks on which that bears wake up.
    pub fn wake(&mut self, task: TaskIx, footprint: &Footprint) {
        if let Picker::Search(descent) = self {
            descent.wake(task, footprint);
        }
    }

    pub fn is_search(&self) -> bool {
        matches!(self, Picker::Search(_))
    }
}

impl Execution {
    /// Decides who runs next among the ready tasks, of which there is at least one. What is chosen most often, one of
    /// all at random, is chosen elsewhere: [`Execution::next`].
    pub(crate) fn pick(&mut self) -> Pick {
        let everybody = self.yielded == 0 && self.clock.task.is_none() || self.select_eligible();
        let last = &self.tasks[self.last.at()];
        let can_go_on = last.state == State::Ready && (everybody || !last.yielded);
        let running = can_go_on.then_some(self.last);
        if !matches!(self.picker, Picker::Random) {
            return self.pick_by_plan(everybody, running);
        }
        let eligible = if everybody { &self.ready[..] } else { &self.eligible[..] };
        let chosen = match eligible.len() {
            0 => return Pick::Abandon,
            count => eligible[self.random.below(count)],
        };
        if running == Some(chosen) {
            self.note_run_on(chosen, everybody);
        } else if running.is_some() || !self.is_first(chosen, everybody) {
            self.note_switch(chosen, running.is_some());
        } else {
            self.streak = 0;
        }
        Pick::Task(chosen)
    }

    /// As [`Execution::pick`], for all that follow something. Kept apart, so that the random one stays short.
    #[inline(never)]
    fn pick_by_plan(&mut self, everybody: bool, running: Option<TaskIx>) -> Pick {
        self.count_events();
        let Some(default) = running.or_else(|| self.default_among(everybody)) else { return Pick::Abandon };
        let chosen = match &mut self.picker {
            Picker::Random => default,
            Picker::Sample(sampling) => {
                let sampling = sampling.take();
                self.sample(sampling, everybody, default)
            }
            Picker::Follow(_) => match self.follow(default) {
                Some(task) => task,
                None => return Pick::Diverged,
            },
            Picker::Retrace(retrace) => {
                let retrace = retrace.take();
                self.pick_by_landmarks(retrace, default)
            }
            Picker::Loosely(_) => {
                let wanted = self.loose_switch();
                let eligible = if everybody { &self.ready[..] } else { &self.eligible[..] };
                wanted.filter(|task| eligible.contains(task)).unwrap_or(default)
            }
            Picker::InOrder(in_order) => {
                let in_order = in_order.take();
                self.pick_in_order(in_order, everybody, default)
            }
            Picker::Directed(directed) => {
                let directed = directed.take();
                self.pick_directed(directed, everybody, default)
            }
            Picker::Search(_) => match self.descend(everybody, self.preempted(running), default) {
                Pick::Task(task) => task,
                other => return other,
            },
        };
        if chosen != default {
            self.note_switch(chosen, running.is_some());
        } else if running.is_some() {
            self.note_run_on(chosen, everybody);
        } else {
            self.streak = 0;
        }
        Pick::Task(chosen)
    }

    /// The task that ran last, if leaving it is a preemption.
    fn preempted(&self, running: Option<TaskIx>) -> Option<TaskIx> {
        running.filter(|task| !has_stepped_back(&self.trace.events, *task))
    }

    /// Who runs by the default rule, if the task that ran last cannot go on: the one that was spawned first. Time
    /// passes last.
    fn default_among(&self, everybody: bool) -> Option<TaskIx> {
        let eligible = if everybody { &self.ready[..] } else { &self.eligible[..] };
        eligible.iter().copied().min_by_key(|task| (self.clock.task == Some(*task), *task))
    }

    /// Whether `chosen` is the default if the task that ran last cannot go on; in most cases a look at a few tells.
    #[inline]
    fn is_first(&self, chosen: TaskIx, everybody: bool) -> bool {
        let eligible = if everybody { &self.ready[..] } else { &self.eligible[..] };
        match self.clock.task {
            Some(clock) if clock == chosen => eligible.len() == 1,
            clock => eligible.iter().all(|other| *other >= chosen || Some(*other) == clock),
        }
    }

    fn sample(&mut self, sampling: Option<Box<Sampling>>, everybody: bool, default: TaskIx) -> TaskIx {
        let Some(mut sampling) = sampling else { return default };
        let chosen = sampling.pick(self, if everybody { &self.ready[..] } else { &self.eligible[..] });
        self.picker = Picker::Sample(Some(sampling));
        chosen
    }

    fn pick_in_order(&mut self, order: Option<Box<InOrder>>, everybody: bool, default: TaskIx) -> TaskIx {
        let Some(mut order) = order else { return default };
        let chosen = order.pick(self, if everybody { &self.ready[..] } else { &self.eligible[..] }, default);
        self.picker = Picker::InOrder(Some(order));
        chosen
    }

    fn pick_directed(&mut self, directed: Option<Box<Directed>>, everybody: bool, default: TaskIx) -> TaskIx {
        let Some(mut directed) = directed else { return default };
        let chosen =
            directed.pick(self, if everybody { &self.ready[..] } else { &self.eligible[..] }, default);
        self.picker = Picker::Directed(Some(directed));
        chosen
    }

    fn pick_by_landmarks(&mut self, retrace: Option<Box<Retrace>>, default: TaskIx) -> TaskIx {
        let Some(mut retrace) = retrace else { return default };
        let chosen = retrace.pick(self, default);
        self.picker = Picker::Retrace(Some(retrace));
        chosen
    }

    /// Finds out who may run now; whether that is all who are ready, else they are in `self.eligible`.
    #[inline(never)]
    fn select_eligible(&mut self) -> bool {
        let barred = self.clock.task.filter(|_| self.clock_is_barred());
        if self.yielded == 0 && barred.is_none() {
            return true;
        }
        let tasks = &self.tasks;
        self.eligible.clear();
        self.eligible.extend(
            self.ready.iter().copied().filter(|task| !tasks[task.at()].yielded && Some(*task) != barred),
        );
        if self.eligible.is_empty() {
            for task in &mut self.tasks {
                task.yielded = false;
            }
            self.yielded = 0;
            self.idle_rounds += 1;
            self.plain = Plain::NEVER;
            self.eligible.extend(self.ready.iter().copied().filter(|task| Some(*task) != barred));
            return barred.is_none();
        }
        let passed_over = self.ready.len() - self.eligible.len() - usize::from(barred.is_some());
        self.spin_cut |= passed_over > 0;
        self.eligible.len() == self.ready.len()
    }

    /// The `chosen` task ran last and runs on.
    #[inline]
    fn note_run_on(&mut self, chosen: TaskIx, everybody: bool) {
        let eligible = if everybody { &self.ready[..] } else { &self.eligible[..] };
        self.streak = if eligible.len() > 1 { self.streak + 1 } else { 0 };
        if self.streak >= STREAK_LIMIT {
            self.streak = 0;
            self.pass_over(chosen);
        }
    }

    /// Another task was `chosen` than the default rule says.
    #[inline]
    pub(crate) fn note_switch(&mut self, chosen: TaskIx, forced: bool) {
        self.streak = 0;
        let at = self.trace.events.len() as u32;
        let op = self.tasks[chosen.at()].kind;
        self.raw.push(Chosen {
            at,
            last: self.last,
            to: chosen,
            op,
            instead: Instead::Default { last: forced },
        });
    }

    /// The task that a loosely followed schedule switches to now, if any.
    fn loose_switch(&self) -> Option<TaskIx> {
        let Picker::Loosely(deviations) = &self.picker else { return None };
        let last = &self.tasks[self.last.at()];
        let to = deviations.iter().find_map(|deviation| match deviation {
            Deviation::Switch { task, count, to, .. } if *count == last.count && *task == last.path => {
                Some(to)
            }
            _ => None,
        })?;
        self.ready.iter().copied().find(|ready| self.tasks[ready.at()].path == *to)
    }

    /// Decides among `n` alternatives of `task`'s operation, before its event.
    pub(crate) fn pick_alternative(&mut self, task: TaskIx, n: u32) -> u32 {
        if n <= 1 { 0 } else { self.choose_of_sort(task, n, 0) }
    }

    fn choose_of_sort(&mut self, task: TaskIx, n: u32, sort: u16) -> u32 {
        self.count_events();
        self.tasks[task.at()].choices[usize::from(sort)] += 1;
        let taken = match &mut self.picker {
            Picker::Random => self.random.below(n as usize) as u32,
            Picker::Sample(sampling) => sampling.as_mut().map_or(0, |sampling| sampling.alternative(n)),
            Picker::Follow(following) => match &following.next {
                Some(Deviation::Choice { task: path, count, taken })
                    if *count == self.tasks[task.at()].count && *path == self.tasks[task.at()].path =>
                {
                    let taken = *taken;
                    following.next = following.deviations.next();
                    // A program that offers fewer alternatives now diverges at the next decision at the latest.
                    if taken < n { taken } else { 0 }
                }
                _ => 0,
            },
            Picker::Retrace(retrace) => {
                let Some(mut retrace) = retrace.take() else { return 0 };
                let taken = retrace.alternative(self, task, n, sort);
                self.picker = Picker::Retrace(Some(retrace));
                taken
            }
            Picker::Loosely(deviations) => in_order::due(deviations, &self.tasks[task.at()]).min(n - 1),
            Picker::Directed(_) => 0,
            Picker::InOrder(order) => {
                order.as_ref().map_or(0, |order| order.alternative(&self.tasks[task.at()], n))
            }
            Picker::Search(descent) => match descent.alternative(n) {
                Ok(taken) => {
                    if !descent.in_prefix {
                        self.nodes.push(NodeRecord::Choice { of: n, taken });
                    }
                    taken
                }
                Err(step) => {
                    self.choose_otherwise(task, n, &step);
                    0
                }
            },
        };
        if taken != 0 {
            let chooser = &self.tasks[task.at()];
            let (count, nth) = (chooser.count, chooser.choices[usize::from(sort)]);
            self.raw.push_choice(RawDeviation::Choice { task, count, taken, sort, nth });
        }
        taken
    }

    /// Whether `task`'s wait at `object` wakes, or its attempt there fails, for no reason: an explored choice if the
    /// plan says so and there is something to be let down in, and never twice in a row, so that loops that try
    /// again come to an end.
    pub(crate) fn is_let_down(&mut self, task: TaskIx, object: ObjIx, can_be: bool) -> bool {
        if !self.spurious {
            return false;
        }
        if let Some(at) = self.tasks[task.at()].let_down.iter().position(|known| *known == object) {
            self.tasks[task.at()].let_down.swap_remove(at);
            return false;
        }
        let is_let_down = can_be && self.choose_of_sort(task, 2, 1) == 1;
        if is_let_down {
            self.tasks[task.at()].let_down.push(object);
        }
        is_let_down
    }

    /// Follows the schedule: the default rule, unless the next deviation is due.
    fn follow(&mut self, default: TaskIx) -> Option<TaskIx> {
        let Picker::Follow(following) = &mut self.picker else { return Some(default) };
        let Some(Deviation::Switch { task, count, to, op }) = &following.next else { return Some(default) };
        let last = &self.tasks[self.last.at()];
        if last.count != *count || last.path != *task {
            return Some(default);
        }
        let found = self.ready.iter().copied().find(|ready| self.tasks[ready.at()].path == *to);
        match found {
            Some(chosen) if self.tasks[chosen.at()].kind == *op => {
                following.next = following.deviations.next();
                Some(chosen)
            }
            other => {
                let (to, op) = (to.clone(), *op);
                let found = other.map_or_else(
                    || format!("task {to} cannot run"),
                    |chosen| format!("task {to} is at {}", self.describe_pending(chosen)),
                );
                let expected = format!("task {to} at {}", op.word());
                self.diverge(expected, found);
                None
            }
        }
    }

    /// Notes that the execution does not follow its plan.
    pub(crate) fn diverge(&mut self, expected: String, found: String) {
        let step = self.trace.events.len() as u32;
        self.divergence = Some(Divergence { step, expected, found });
    }

    pub(crate) fn describe_pending(&self, task: TaskIx) -> String {
        let (op, place) = self.doing(task);
        match place {
            gorace_analyzer_core::Place::Code(at) => {
                format!("{} ({}:{}:{})", op.word(), at.file(), at.line(), at.column())
            }
            _ => op.word().to_owned(),
        }
    }

    /// Whether a followed schedule still has deviations that never came up.
    pub fn unused_deviations(&self) -> usize {
        match &self.picker {
            Picker::Follow(left) => left.deviations.len() + usize::from(left.next.is_some()),
            Picker::Retrace(Some(retrace)) => retrace.unused(),
            _ => 0,
        }
    }

    /// How well the schedule that was followed by its landmarks fitted; `None` if there was none.
    pub fn fit(&self) -> Option<Fit> {
        match &self.picker {
            Picker::Retrace(Some(retrace)) => Some(retrace.fit(self)),
            _ => None,
        }
    }
}
