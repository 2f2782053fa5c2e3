//! The execution that runs on this OS thread, and how its tasks reach it.
//!
//! Invariant: a reference into the context never lives across a switch of tasks; [`Inside`] is a copyable
//! handle that borrows it anew for each step. All of it stays on one OS thread.

use crate::check::Origin;
use crate::inside::bias::Token;
use crate::inside::code::Kept;
use crate::inside::outsiders::Outsiders;
use crate::inside::panics;
use crate::inside::peers::Peers;
use crate::inside::slot::{self, Generations, Key, Slot};
use crate::inside::special::Special;
use crate::inside::stack::{Here, Stack, StackPool, Switch, end_overflowed, suspend};
use crate::inside::statics::Shadows;
use crate::inside::task::start;
use crate::inside::task_slots::TaskSlots;
use crate::inside::teardown;
use crate::inside::watchdog::Heartbeat;
use gorace_analyzer::{Frame, ObjIx, ObjectKind, OpKind, Place, TaskIx};
use gorace_engine::{Arm, Execution, Next, ObjectSpec, Op, PlainAccess, Reply};
use std::cell::Cell;
use std::panic::Location;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

thread_local! {
    static CURRENT: Cell<Option<NonNull<Context>>> = const { Cell::new(None) };
}

/// One OS thread's executions, one after the other.
pub(crate) struct Context {
    pub exec: Execution,
    pub tasks: TaskSlots,
    pub current: TaskIx,
    /// What locks know these executions by.
    token: Token,
    /// What the engine said when the last task's code was over, if its driver is to go on with that.
    pub then: Option<Next>,
    pub special: Special,
    /// Values of the last execution are dropped outside of any task: operations are answered, never waited for.
    pub dropping: bool,
    pub generation: u64,
    /// The generation as objects have it: what is not computed anew at each operation.
    pub(super) first_key: Key,
    pub generations: Generations,
    pub pool: StackPool,
    /// Freed with it. When does not matter: outside of executions none are kept, whatever is dropped after it.
    _blocks: Kept,
    pub shadows: Shadows,
    /// How many panics the running task unwinds from.
    pub panics: panics::Count,
    /// Whether the hook saw any panic in this execution.
    pub any_panicked: bool,
    /// Whether it was said of any of this check's tasks that a destructor panicked while it unwound.
    pub has_told_nested: bool,
    /// In Go's words, what an object forbade the running task, which is about to panic with that.
    pub misuse: Option<&'static str>,
    /// What took part that we do not control: a sentence for GR0007.
    pub foreign: Option<String>,
    /// What files are called in those.
    pub origin: Origin,
    pub abandoned: u64,
    /// Bytes of statics' copies that somebody may still have, so that they are never freed.
    pub lent: u64,
    pub heartbeat: Heartbeat,
    pub outsiders: Outsiders,
    /// The other threads that run executions, and this one's number among them.
    pub peers: Option<(Arc<Peers>, usize)>,
}

/// A task's handle on the execution that it is in.
#[derive(Clone, Copy)]
pub(crate) struct Inside(NonNull<Context>);

/// The execution that the caller is in, if it is in one.
#[inline]
pub(crate) fn inside() -> Option<Inside> {
    CURRENT.get().map(Inside)
}

/// Runs `f` with `context` as the current one of this OS thread.
pub(crate) fn enter<R>(context: &mut Context, f: impl FnOnce(Inside) -> R) -> R {
    struct Leave(Option<NonNull<Context>>);
    impl Drop for Leave {
        fn drop(&mut self) {
            CURRENT.set(self.0);
        }
    }
    let context = NonNull::from(context);
    let _leave = Leave(CURRENT.replace(Some(context)));
    f(Inside(context))
}

/// The reserve of a stack of the running task's has just been opened. To be called from a signal handler, which may have
/// interrupted whoever changes the context.
pub(crate) fn note_open_reserve() {
    if let Some(Inside(context)) = inside() {
        // SAFETY: it is the current one, so that it lives. Nothing of it is reached but one atomic, of which nobody has a
        // mutable reference for itself.
        unsafe { (*context.as_ptr()).special.any.store(true, Relaxed) };
    }
}

impl Inside {
    /// Borrows the context for one step.
    #[allow(clippy::mut_from_ref, reason = "the handle is a pointer; the caller keeps the borrow short")]
    #[inline(always)]
    pub fn with<R>(self, f: impl FnOnce(&mut Context) -> R) -> R {
        // SAFETY: the context outlives the tasks that run in it, everything is on one OS thread, and no
        // caller switches tasks or runs user code within `f`, so that no second reference exists.
        f(unsafe { &mut *self.0.as_ptr() })
    }

    /// Arrives at `op` and returns when it is complete: the one function that switches tasks.
    ///
    /// Inlined as far as it writes the operation down and reads the answer, so that neither is copied: a copy made of
    /// what was just written in parts makes the processor wait.
    #[inline(always)]
    pub fn visit(self, op: impl Into<Op>, place: Place) -> Reply {
        if !self.step(op.into(), place) {
            teardown::unwind(self);
        }
        self.with(|cx| cx.exec.reply(cx.current))
    }

    /// As [`Inside::visit`], for destructors: if the execution ends meanwhile, it returns quietly.
    #[inline(always)]
    pub fn visit_in_drop(self, op: impl Into<Op>, place: Place) -> Reply {
        if self.step(op.into(), place) { self.with(|cx| cx.exec.reply(cx.current)) } else { Reply::Closed }
    }

    /// Yields, and tells in which state.
    #[inline(always)]
    pub fn step_back(self, place: Place) {
        self.with(|cx| cx.exec.intend(cx.current, Op::Yield, place));
        if !self.proceed_from(&Here::now()) {
            teardown::unwind(self);
        }
    }

    /// Unlocks `mutex`, which the running task holds, and nobody but it unlocks, if nobody else is to run before that;
    /// whether it did.
    pub fn unlocks_at_once(self, mutex: ObjIx, place: Place) -> bool {
        self.with(|cx| !cx.special.is_now() && cx.exec.unlock_at_once(cx.current, mutex, place))
    }

    /// The same, if the task was chosen last, so that nobody waits: without a call.
    #[inline(always)]
    pub fn unlocks_in_line(self, mutex: ObjIx, place: Place) -> bool {
        // SAFETY: as in `with`, whose closures are not always inlined.
        let cx = unsafe { &mut *self.0.as_ptr() };
        cx.exec.unlock_in_line(cx.current, mutex, place)
    }

    /// Whether there is an answer; else the task is to unwind.
    #[inline(always)]
    fn step(self, op: Op, place: Place) -> bool {
        // SAFETY: as in `with`, whose closures are not always inlined.
        let cx = unsafe { &mut *self.0.as_ptr() };
        cx.exec.intend(cx.current, op, place);
        if cx.special.is_now() | cx.exec.has_suspects() {
            return self.proceed_from(&Here::now());
        }
        self.proceed()
    }

    /// The running task has written down what it is about to do: returns when that is answered, or `false` if the task
    /// is to unwind.
    #[inline(never)]
    fn proceed(self) -> bool {
        let next = self.with(|cx| {
            cx.heartbeat.beat();
            cx.exec.go_on_from(cx.current)
        });
        self.go(next) || self.ended()
    }

    /// The same where something is special, or the task, which called the library there, may be about to spin.
    #[cold]
    #[inline(never)]
    fn proceed_from(self, here: &Here) -> bool {
        let is_suspect = self.with(|cx| cx.exec.is_suspect(cx.current));
        if self.with(|cx| cx.exec.asks_how_it_comes(cx.current)) {
            self.with(|cx| cx.tell_how_it_comes(here));
        }
        let is_special = self.with(|cx| cx.special.is_now());
        let is_answered =
            if is_special && !self.proceed_specially() { self.answer() } else { self.proceed() };
        if is_suspect {
            here.scrub(self.with(|cx| cx.special.backtraces()));
        }
        is_answered
    }

    /// Puts the place right that was written down; `false` if the execution is over. Ends the task if its stack has
    /// overflowed.
    #[cold]
    fn proceed_specially(self) -> bool {
        end_overflowed();
        if self.with(|cx| cx.special.tearing_down()) {
            return false;
        }
        let place = self.place_of(self.with(|cx| cx.exec.doing(cx.current).1));
        self.with(|cx| cx.exec.set_place(cx.current, place));
        true
    }

    /// The execution ended before the running task's operation was complete; `false`: the task is to unwind.
    #[cold]
    fn ended(self) -> bool {
        // A second unwinding within the first would abort the process.
        self.unwinding() && self.answer()
    }

    /// Answers the running task's operation in teardown; `false`: the task is to unwind.
    #[cold]
    fn answer(self) -> bool {
        let reply = teardown::answer(self, self.with(|cx| cx.exec.pending(cx.current)));
        self.with(|cx| reply.map(|reply| cx.exec.set_reply(cx.current, reply))).is_some()
    }

    /// The place of the running task's operation, whose caller is at `caller`.
    fn place_of(self, caller: Place) -> Place {
        let place = self.with(|cx| cx.tasks[cx.current.at()].behalf).map_or(caller, Place::Code);
        if self.with(|cx| cx.special.backtraces()) { self.exact(place) } else { place }
    }

    /// Sets the line that the running task's operations are for; gives the one before.
    pub fn set_behalf(self, line: Option<&'static Location<'static>>) -> Option<&'static Location<'static>> {
        self.with(|cx| {
            let before = std::mem::replace(&mut cx.tasks[cx.current.at()].behalf, line);
            cx.special.change_behalf(before.is_some(), line.is_some());
            before
        })
    }

    /// The user's frames that lead here, if places are looked for.
    pub fn backtrace(self) -> Option<Vec<Frame>> {
        let looked_for = self.with(|cx| cx.special.backtraces() && !cx.special.tearing_down());
        looked_for.then(|| self.captured()).filter(|frames| !frames.is_empty())
    }

    fn captured(self) -> Vec<Frame> {
        crate::check::capture(&self.with(|cx| cx.origin.clone()))
    }

    /// A better place from a backtrace, if this one is not known or not the user's.
    #[cold]
    fn exact(self, place: Place) -> Place {
        let is_users = match place {
            Place::Code(at) => !at.file().starts_with("/rustc/"),
            Place::Stack(_) => true,
            Place::Unknown => false,
        };
        if is_users {
            return place;
        }
        let frames = self.captured();
        if frames.is_empty() { place } else { self.with(|cx| cx.exec.stack(frames)) }
    }

    /// Lets `next` happen; returns when the calling task's operation is complete, or `false` in teardown.
    #[inline(always)]
    fn go(self, next: Next) -> bool {
        if next == Next::Resume(self.with(|cx| cx.current)) {
            return true;
        }
        if !self.hand_over(next) {
            return self.go_on(next);
        }
        !self.with(|cx| cx.special.tearing_down())
    }

    /// As [`Inside::go`], where nobody can be handed over to.
    #[inline(never)]
    fn go_on(self, next: Next) -> bool {
        self.suspend(Switch::Next(next));
        !self.with(|cx| cx.special.tearing_down())
    }

    /// Suspends the running task, with what it unwinds from; returns when it is resumed.
    pub fn suspend(self, switch: Switch) {
        let panics = self.with(|cx| cx.panics.take());
        suspend(switch);
        self.with(|cx| cx.panics.give_back(panics));
    }

    /// Switches to the task that is next, if there is a stack for it; returns when the caller is resumed.
    #[inline(always)]
    fn hand_over(self, next: Next) -> bool {
        let Next::Resume(task) = next else { return false };
        let stack = match self.with(|cx| cx.tasks[task.at()].stack.as_mut().map(Stack::handle)) {
            Some(stack) => stack,
            None => match self.with(|cx| cx.tasks[task.at()].code.is_some()).then(|| start(self, task)) {
                Some(Some(stack)) => stack,
                _ => return false,
            },
        };
        let panics = self.with(|cx| {
            cx.current = task;
            cx.panics.take()
        });
        // SAFETY: a stack stays in its slot until its task is over, and the task waits or has not begun, since another
        // one runs.
        let is_done = unsafe { stack.hand_over() };
        self.with(|cx| cx.panics.give_back(panics));
        is_done
    }

    /// A plain access to checked memory: no scheduling point unless somebody else is inside. `false`: the
    /// calling task itself is, in a way that forbids this.
    #[inline]
    pub fn access(self, object: ObjIx, op: OpKind, place: Place) -> bool {
        // SAFETY: as in `with`, whose closures are not always inlined.
        let cx = unsafe { &mut *self.0.as_ptr() };
        if cx.special.is_now() {
            return self.access_specially(object, op, place);
        }
        let access = cx.exec.access(cx.current, object, op, place);
        access == PlainAccess::Granted || self.is_let_in(access)
    }

    #[cold]
    fn access_specially(self, object: ObjIx, op: OpKind, place: Place) -> bool {
        end_overflowed();
        if self.tearing_down() {
            return true;
        }
        let place = if self.with(|cx| cx.special.backtraces()) { self.exact(place) } else { place };
        let access = self.with(|cx| cx.exec.access(cx.current, object, op, place));
        self.is_let_in(access)
    }

    /// Waits if the access is to wait; `false` if it is forbidden.
    #[cold]
    fn is_let_in(self, access: PlainAccess) -> bool {
        if access == PlainAccess::Wait {
            let next = self.with(|cx| cx.exec.next_with_code());
            if !self.go(next) && !self.unwinding() {
                teardown::unwind(self);
            }
        }
        access != PlainAccess::Nested
    }

    /// Ends a plain access.
    #[inline]
    pub fn release_access(self, object: ObjIx) {
        self.with(|cx| {
            if !cx.exec.release_newest(object) && !cx.special.tearing_down() {
                cx.exec.release_among(cx.current, object);
            }
        });
    }

    /// What locks know the executions of this thread by.
    #[inline(always)]
    pub fn token(self) -> Token {
        self.with(|cx| cx.token)
    }

    /// The engine's index for the object in `slot`.
    #[inline]
    pub fn object(
        self,
        slot: &Slot,
        kind: ObjectKind,
        type_name: fn() -> &'static str,
        initial: u64,
    ) -> ObjIx {
        self.with(|cx| match slot.index(cx.first_key) {
            Some(object) => object,
            None => slot::register(
                cx,
                slot,
                ObjectSpec { kind, made: slot.made(), name: slot.name(), type_name, initial },
            ),
        })
    }

    /// Arrives at a `select!` over `arms`.
    pub fn select(self, arms: &[Arm], default: bool, place: Place) -> Reply {
        self.with(|cx| {
            if !cx.special.tearing_down() {
                cx.exec.set_arms(cx.current, arms.iter().copied());
            }
        });
        self.visit(Op::Select { default }, place)
    }

    /// The running task dropped the last waker of `owner`, whose token this is.
    pub fn waker_dropped(self, token: ObjIx, owner: TaskIx) {
        let place =
            if self.with(|cx| cx.special.backtraces()) { self.exact(Place::Unknown) } else { Place::Unknown };
        self.with(|cx| cx.exec.waker_dropped(cx.current, token, owner, place));
    }

    /// Ends the running task here, and makes the execution one that shows nothing. Returns only to destructors.
    pub fn drop_execution(self) {
        let next = self.with(|cx| {
            if cx.special.tearing_down() {
                return None;
            }
            cx.exec.drop_it(cx.current);
            Some(cx.exec.next_with_code())
        });
        if let Some(next) = next {
            self.go(next);
        }
        if teardown::is_to_unwind(self) {
            teardown::unwind(self);
        }
    }

    /// Whether the execution is over and its tasks are being unwound.
    pub fn tearing_down(self) -> bool {
        self.with(|cx| cx.special.tearing_down())
    }
}

impl Context {
    /// Tells the engine how the running task comes to the operation that was written down.
    fn tell_how_it_comes(&mut self, here: &Here) {
        let place = self.exec.doing(self.current).1;
        if let Some(coming) = self.tasks[self.current.at()].comings.come(here, place) {
            self.exec.come_in(self.current, coming);
        }
    }

    /// A context whose tasks have stacks of `stack_size` bytes.
    pub fn new(stack_size: usize, heartbeat: Heartbeat) -> Self {
        Context {
            exec: Execution::default(),
            tasks: TaskSlots::default(),
            current: TaskIx(0),
            token: Token::new(),
            then: None,
            special: Special::default(),
            dropping: false,
            generation: 0,
            first_key: Key::first(0),
            generations: Generations::default(),
            pool: StackPool::new(stack_size),
            _blocks: Kept,
            shadows: Shadows::default(),
            panics: panics::Count::of_this_thread(),
            any_panicked: false,
            has_told_nested: false,
            misuse: None,
            foreign: None,
            origin: Origin::default(),
            abandoned: 0,
            lent: 0,
            heartbeat,
            outsiders: Outsiders::new(),
            peers: None,
        }
    }
}
