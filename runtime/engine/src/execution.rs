//! One execution: tasks, objects, the trace, and the loop that decides who runs next.
//!
//! The driver calls [`Execution::arrive`] when a task reaches an operation and then [`Execution::next`],
//! which performs operations until some task has code to run. Tasks that were spawned or woken run on to
//! their next operation before anything is decided, so that at each decision the next operation of every
//! task that can go on is known.
//!
//! It does not run any code of the user, own a stack, or hold a value of the user's.

mod deviations;
mod ended;
mod going;
mod next;
mod noted;
mod objects;
mod ready;
mod record;
mod rehearsal;
mod settle;

use deviations::Deviations;
pub(crate) use deviations::{Chosen, Instead, RawDeviation};
pub use ended::Suspicion;
use going::Going;
pub(crate) use next::Plain;
use objects::Objects;
use ready::{EARLY, Ready};
pub(crate) use record::push;
use rehearsal::Script;
pub(crate) use rehearsal::{Aside, Rehearsed, Stage};

use crate::footprint::Footprint;
use crate::made::Made;
use crate::op::{Arm, Op, Reply};
use crate::picker::{self, Picker};
use crate::plan::{NodeRecord, Plan, Selection};
use crate::prim::{Newest, Object};
use crate::rng::{Ahead, SplitMix64};
use crate::task::{State, Task, Wait};
use gorace_analyzer_core::trace::{Divergence, Ended};
use gorace_analyzer_core::{EventIx, Frame, ObjIx, ObjectKind, OpKind, Place, TaskIx, TaskPath, Trace};
use std::borrow::Cow;

/// What the driver does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Run this task: its operation is complete, [`Execution::reply`] has the answer.
    Resume(TaskIx),
    /// Nothing is left to run.
    End(Ended),
}

/// What the driver knows of an object when it is first used.
#[derive(Clone, Copy, Debug)]
pub struct ObjectSpec {
    /// What it is.
    pub kind: ObjectKind,
    /// Where it was made.
    pub made: Place,
    /// The user's name for it.
    pub name: Option<&'static str>,
    /// Its type's name, computed only when a report needs it.
    pub type_name: fn() -> &'static str,
    /// An atomic's value, a channel's capacity, how many a barrier waits for, which task it is or is of, 1 for a
    /// condvar that wakes in order and for memory that a task may access within its own accesses; else 0.
    pub initial: u64,
}

pub(crate) struct ObjectEntry {
    pub state: Object,
    spec: ObjectSpec,
    task: TaskIx,
    ordinal: u32,
}

impl ObjectEntry {
    pub fn kind(&self) -> ObjectKind {
        self.spec.kind
    }

    pub fn made(&self) -> Place {
        self.spec.made
    }

    pub fn type_name(&self) -> &'static str {
        (self.spec.type_name)()
    }
}

/// One execution; see the module. Reusable: [`Execution::begin`] starts the next one and keeps the storage.
pub struct Execution {
    pub(crate) trace: Trace,
    #[allow(clippy::vec_box, reason = "tasks are large, and go back to `spare`")]
    pub(crate) tasks: Vec<Box<Task>>,
    /// Tasks of earlier executions, to be made anew: what they hold is then not allocated again.
    #[allow(clippy::vec_box, reason = "as above")]
    spare: Vec<Box<Task>>,
    pub(crate) objects: Objects,
    /// Tasks with code to run before anything is decided.
    pub(crate) local: Going,
    /// Tasks that arrived and were not performed.
    pub(crate) ready: Ready,
    /// How many tasks are passed over, and, while some are, the ready ones that are not.
    pub(crate) yielded: u32,
    pub(crate) eligible: Vec<TaskIx>,
    /// How often everybody that can run was passed over, since anything changed last.
    pub(crate) idle_rounds: u64,
    /// How long the last task has run on while others could have run.
    pub(crate) streak: u32,
    /// The task whose operation was performed last; main, which runs first, until there is one.
    pub(crate) last: TaskIx,
    pub(crate) newest: Newest,
    pub(crate) clock: crate::prim::clock::Clock,
    pub(crate) contexts: crate::prim::context::Contexts,
    pub(crate) picker: Picker,
    /// The numbers that [`Picker::Random`] draws.
    pub(crate) random: Ahead,
    pub(crate) raw: Deviations,
    /// How many events the tasks' own counts are about.
    counted: usize,
    /// How many events have said all of their edges.
    settled: usize,
    pub(crate) nodes: Vec<NodeRecord>,
    pub(crate) spare_lists: Vec<crate::descent::Lists>,
    footprints: Vec<Footprint>,
    /// The event of each decision, recorded with the footprints.
    decisions: Vec<EventIx>,
    script: Script,
    /// The selects that others completed, recorded with the footprints: each with the number of events by then.
    pub(crate) completed_later: Vec<(EventIx, u32)>,
    pub(crate) record: bool,
    pub(crate) max_steps: u64,
    pub(crate) plain: Plain,
    /// Whether anybody has come to what makes a difference between before a lock, between that and the unlock, and after.
    pub(crate) looks_at_locks: bool,
    max_idle_rounds: u64,
    pub(crate) spurious: bool,
    pub(crate) dropped: bool,
    pub(crate) weak: bool,
    /// Whether there was a result that nobody took.
    pub(crate) untaken: bool,
    pub(crate) spin_cut: bool,
    /// Whether any task may be about to spin.
    pub(crate) suspects: bool,
    /// Whether two tasks accessed the same checked memory, and one of them changed it.
    pub(crate) shared_plain: bool,
    /// As `shared_plain`, where all accesses to each such memory were made with one mutex held.
    pub(crate) shared_guarded: bool,
    /// Whether a mutex was released by somebody who did not hold it, and so did not order its owners.
    pub(crate) unguarded: bool,
    /// Something else that only detectors can judge: a wait group that was used again, main's own end.
    pub(crate) to_judge: bool,
    pub(crate) divergence: Option<Divergence>,
}

impl Default for Execution {
    fn default() -> Self {
        Execution {
            trace: Trace::default(),
            tasks: Vec::new(),
            spare: Vec::new(),
            objects: Objects::default(),
            local: Going::default(),
            ready: Ready::default(),
            yielded: 0,
            eligible: Vec::new(),
            idle_rounds: 0,
            streak: 0,
            last: TaskIx(0),
            newest: Newest::NONE,
            clock: Default::default(),
            contexts: Default::default(),
            picker: Picker::Random,
            random: Ahead::new(SplitMix64::new(0)),
            raw: Deviations::default(),
            counted: 0,
            settled: 0,
            nodes: Vec::new(),
            spare_lists: Vec::new(),
            footprints: Vec::new(),
            decisions: Vec::new(),
            script: Script::default(),
            completed_later: Vec::new(),
            record: false,
            max_steps: 0,
            plain: Plain::NEVER,
            looks_at_locks: false,
            max_idle_rounds: 0,
            spurious: false,
            dropped: false,
            weak: false,
            untaken: false,
            spin_cut: false,
            suspects: false,
            shared_plain: false,
            shared_guarded: false,
            unguarded: false,
            to_judge: false,
            divergence: None,
        }
    }
}

impl Execution {
    /// Forgets the last execution and starts one by `plan`: main, the task 0, is about to run its code.
    pub fn begin(&mut self, plan: &Plan) {
        self.trace.events.clear();
        self.trace.edges.clear();
        self.trace.overlaps.clear();
        self.trace.stacks.clear();
        self.trace.ended = Ended::Quiescent;
        self.spare.append(&mut self.tasks);
        self.objects.clear();
        self.local.clear();
        self.ready.clear();
        (self.yielded, self.streak, self.last) = (0, 0, TaskIx(0));
        self.newest = Newest::NONE;
        self.idle_rounds = 0;
        self.raw.clear();
        (self.counted, self.settled) = (0, 0);
        self.nodes.clear();
        self.footprints.clear();
        self.decisions.clear();
        self.script.clear();
        self.completed_later.clear();
        (self.weak, self.untaken, self.spin_cut, self.to_judge) = (false, false, false, false);
        self.suspects = false;
        (self.shared_plain, self.shared_guarded, self.unguarded) = (false, false, false);
        self.divergence = None;
        self.picker = Picker::of(&plan.selection);
        if let Selection::Random { seed, index } = plan.selection {
            self.random = Ahead::new(SplitMix64::of_schedule(seed, index));
        }
        self.clock.renew(plan.idle_clock);
        self.contexts.clear();
        self.record = self.picker.is_search() || matches!(plan.selection, Selection::Profile);
        (self.max_steps, self.spurious, self.dropped) = (plan.max_steps, plan.spurious, false);
        (self.plain, self.looks_at_locks) = (Plain::NEVER, false);
        self.max_idle_rounds = picker::max_idle_rounds(plan.max_steps);
        let main = self.add_task(TaskPath::main(), Some("main".into()));
        main.state = State::Local;
    }

    /// Adds a task that is still to be started.
    pub(crate) fn add_task(&mut self, path: TaskPath, name: Option<Cow<'static, str>>) -> &mut Task {
        let mut task = self.spare.pop().unwrap_or_default();
        task.renew();
        (task.path, task.name) = (path, name);
        self.tasks.push(task);
        let at = self.tasks.len() - 1;
        &mut self.tasks[at]
    }

    /// Also keeps the footprint of each event, for [`crate::trace_key`].
    pub fn record_footprints(&mut self) {
        (self.record, self.plain) = (true, Plain::NEVER);
    }

    /// Makes a child of `parent`, to be started by [`Op::Spawn`].
    pub fn new_task(&mut self, parent: TaskIx, name: Option<String>) -> TaskIx {
        let mut task = self.spare.pop().unwrap_or_default();
        task.renew();
        let parent = &mut *self.tasks[parent.at()];
        parent.children += 1;
        task.path.become_child(&parent.path, parent.children);
        if task.name.is_some() | name.is_some() {
            task.name = name.map(Into::into);
        }
        self.tasks.push(task);
        if self.tasks.len() > EARLY as usize {
            self.plain.until_of_few = 0;
        }
        TaskIx(self.tasks.len() as u32 - 1)
    }

    /// Makes an object known, on its first use by `task`.
    pub fn register(&mut self, task: TaskIx, spec: ObjectSpec) -> ObjIx {
        let is_of_a_task = matches!(spec.kind, ObjectKind::Task | ObjectKind::Parker | ObjectKind::Waker);
        let of = self.tasks.get(spec.initial as usize).filter(|_| is_of_a_task);
        let made = Made::at(spec.made);
        let made = of.map_or(made, |of| made.by(&of.path));
        let slot = &mut *self.tasks[task.at()];
        self.objects.add(spec, task, slot.objects);
        self.objects.made.push(made);
        slot.objects += 1;
        ObjIx::new(self.objects.len() as u32 - 1)
    }

    /// Sets the arms that `task`'s next [`Op::Select`] is about.
    pub fn set_arms(&mut self, task: TaskIx, arms: impl IntoIterator<Item = Arm>) {
        let slot = &mut self.tasks[task.at()].arms;
        slot.clear();
        slot.extend(arms);
    }

    /// `task` reached `op` at `place`. Nothing is performed yet.
    pub fn arrive(&mut self, task: TaskIx, op: Op, place: Place) {
        self.intend(task, op, place);
        self.stand_ready(task);
    }

    /// Writes down what `task` is about to do; [`Execution::stand_ready`] is still to be called.
    ///
    /// Inlined, so that the operation is written where it lies: a copy of what was just written in parts makes the
    /// processor wait.
    #[inline(always)]
    pub fn intend(&mut self, task: TaskIx, op: Op, place: Place) {
        self.looks_at_locks |= matches!(op, Op::TryLock { .. } | Op::ClearPoison { .. });
        self.tasks[task.at()].intend(op, place);
    }

    /// `task` has arrived at the operation that was written down last.
    #[inline]
    pub fn stand_ready(&mut self, task: TaskIx) {
        self.ready.push(task);
    }

    /// Another place for `task`'s operation than the one that was written down.
    pub fn set_place(&mut self, task: TaskIx, place: Place) {
        self.tasks[task.at()].place = place;
    }

    /// Answers `task`'s operation without performing it: the execution is over.
    pub fn set_reply(&mut self, task: TaskIx, reply: Reply) {
        self.tasks[task.at()].reply = reply;
    }

    /// `task` assumed what does not hold: it goes no further, and the execution will show nothing. The others run
    /// on, since only what they still do tells a search in which order the assumption may hold.
    pub fn drop_it(&mut self, task: TaskIx) {
        self.dropped = true;
        self.tasks[task.at()].state = State::Blocked;
    }

    /// The answer to `task`'s last operation. A lock has none, and leaves that of the operation before it.
    #[inline]
    pub fn reply(&self, task: TaskIx) -> Reply {
        // Nothing that could panic: whoever has no use for an answer then does not look for it.
        self.tasks.get(task.at()).map_or(Reply::Unit, |task| task.reply)
    }

    /// The operation that `task` arrived at last.
    #[inline]
    pub fn pending(&self, task: TaskIx) -> Op {
        self.tasks[task.at()].op
    }

    /// The number of events so far.
    pub fn steps(&self) -> u64 {
        self.trace.events.len() as u64
    }

    /// The number of tasks, main included.
    pub fn task_count(&self) -> usize {
        self.tasks.len()
    }

    /// The task's name, if it has one.
    pub fn task_name(&self, task: TaskIx) -> Option<&str> {
        self.tasks[task.at()].name.as_deref()
    }

    /// The task's stable identity.
    pub fn task_path(&self, task: TaskIx) -> &TaskPath {
        &self.tasks[task.at()].path
    }

    /// Whether the task has reached any operation yet.
    pub fn has_arrived(&self, task: TaskIx) -> bool {
        self.tasks[task.at()].state == State::Ready
            || self.trace.events.iter().any(|event| event.task == task)
    }

    /// What the task is doing: its pending or last operation, and where.
    pub fn doing(&self, task: TaskIx) -> (OpKind, Place) {
        (self.tasks[task.at()].kind, self.tasks[task.at()].place)
    }

    /// Whether `task` has exited.
    pub fn is_done(&self, task: TaskIx) -> bool {
        self.tasks[task.at()].state == State::Done
    }

    /// Records that `task` is meant to outlive main.
    pub fn detach(&mut self, task: TaskIx) {
        self.tasks[task.at()].detached = true;
    }

    /// Records that nobody takes the result of a task: who drops it, the task or whoever had the right to it, depends on
    /// the order of code between operations, which is not explored.
    #[inline]
    pub fn leave_untaken(&mut self) {
        self.untaken = true;
    }

    /// Names an object.
    pub fn name_object(&mut self, object: ObjIx, name: &'static str) {
        self.objects[object.at()].spec.name = Some(name);
    }

    /// An atomic's value now.
    pub fn atomic_value(&self, object: ObjIx) -> Option<u64> {
        match &self.objects[object.at()].state {
            Object::Atomic(atomic) => Some(atomic.value),
            _ => None,
        }
    }

    /// Keeps a stack, innermost frame first, and gives the place that names it.
    pub fn stack(&mut self, frames: Vec<Frame>) -> Place {
        self.trace.stacks.push(frames);
        Place::Stack(self.trace.stacks.len() - 1)
    }

    /// `task`'s operation is complete: it goes on with `reply`.
    #[inline]
    pub(crate) fn complete(&mut self, task: TaskIx, reply: Reply) {
        let slot = &mut *self.tasks[task.at()];
        let was_performed = slot.state == State::Performing;
        (slot.state, slot.reply, slot.waiting) = (State::Local, reply, None);
        if !was_performed {
            self.local.push(task);
        }
    }

    /// `task` waits for what its event has not been given.
    pub(crate) fn block(&mut self, task: TaskIx, wait: Wait, event: EventIx) {
        self.tasks[task.at()].waiting = Some((wait, event));
    }

    /// A spawned child runs its code up to its first operation.
    pub(crate) fn start(&mut self, child: TaskIx) {
        self.tasks[child.at()].state = State::Local;
        self.local.push(child);
    }
}
