//! Virtual time. The clock is a task of the execution whose only operation is to let its next timer fire, so
//! that strategies treat the passing of time as they treat any other step.
//!
//! Nobody waits for real, and code takes no time: a timer may fire at any point once its deadline is the
//! earliest, or, with [`Plan::idle_clock`](crate::Plan), only when nothing else can run. Which timer fires is
//! decided when one does; ties are an explored choice. A timer that was stopped or overtaken fires all the
//! same, without effect and without moving the time, so that no operation disables another.
//!
//! Two bounds keep explorations finite, both reported as limits: a ticker runs ahead of ready tasks a few times
//! only, and after main's end tickers stand still and timers fire so many times.

use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{Access, Footprint};
use crate::op::{Op, Reply};
use crate::prim::channel::Waiter;
use crate::prim::{Primitive, PrimitiveOp};
use crate::task::{State, Task};
use gorace_analyzer::{EdgeKind, EventIx, ObjIx, OpKind, Place, TaskIx, Waiting};

/// How often a ticker may fire while other tasks could run.
const TICKS_AHEAD: u32 = 3;
/// How often timers fire after main's end.
const FIRES_AFTER_MAIN: u32 = 1_000;
/// By how much a clock that is read again and again moves at first, in nanoseconds.
const FIRST_STEP: u64 = 1_000;

/// An operation on the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the fields are the operands; durations are in nanoseconds")]
pub enum TimerOp {
    /// The clock's own: the next timer fires.
    Fire,
    /// Replies with the time since the execution's start.
    Now,
    /// Waits.
    Sleep { nanos: u64 },
    /// Starts a timer: of `timer` itself, if it is a channel.
    Arm { timer: ObjIx, nanos: u64, effect: TimerEffect },
    /// Stops a timer; replies whether it was still to fire.
    Stop { timer: ObjIx },
    /// Starts a timer anew, one that starts a task with this new one; replies whether it was still to fire.
    Reset { timer: ObjIx, nanos: u64, start: Option<TaskIx> },
    /// As [`Op::Wait`], for so long; replies with `Flag(true)` if nobody notified.
    WaitTimeout { condvar: ObjIx, mutex: ObjIx, nanos: u64 },
    /// As [`super::ParkOp::Park`], for so long; replies with `Flag(true)` if nobody gave the token.
    ParkTimeout { token: ObjIx, nanos: u64 },
}

/// What a timer does when it fires.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimerEffect {
    /// Sends the time on the timer's own channel, if there is room; and again after each period.
    Tick {
        /// In nanoseconds.
        period: Option<u64>,
    },
    /// Starts a task that [`Execution::new_task`] made.
    Start(TaskIx),
    /// Cancels the timer's own context: its deadline is exceeded.
    Cancel,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Effect {
    Wake(TaskIx),
    NotifyTimeout {
        condvar: ObjIx,
        waiter: TaskIx,
    },
    ParkTimeout {
        token: ObjIx,
        waiter: TaskIx,
    },
    Of(ObjIx, TimerEffect),
    /// Stopped, or overtaken by what it was to end.
    None,
}

#[derive(Clone, Copy, Debug)]
struct Timer {
    deadline: u64,
    armed_by: TaskIx,
    armed: EventIx,
    effect: Effect,
    ticks_ahead: u32,
    /// Who took its effect away.
    ended: Option<EventIx>,
}

/// The clock of an execution.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Its task, once there was a timer.
    pub task: Option<TaskIx>,
    /// In nanoseconds since the start.
    now: u64,
    timers: Vec<Timer>,
    step: u64,
    fired_after_main: u32,
    /// Only when nothing else can run.
    pub idle: bool,
    /// Whether a bound was met.
    pub bounded: bool,
    /// The events that started timers, one for each.
    starts: Vec<EventIx>,
    /// Who took a timer's effect away, and the event by which it fired all the same. What that touched does not
    /// show that the two depend on each other.
    without_effect: Vec<(EventIx, EventIx)>,
    /// Effects of timers that fired or were stopped, for `reset`.
    known: Vec<(ObjIx, TimerEffect)>,
}

/// The clock as something that operations touch.
const CLOCK: ObjIx = ObjIx(0x7fff_ffff);

impl Primitive for TimerOp {
    fn kind(self) -> OpKind {
        match self {
            TimerOp::Fire => OpKind::Fire,
            TimerOp::Now => OpKind::Now,
            TimerOp::Sleep { .. } => OpKind::Sleep,
            TimerOp::Arm { .. } => OpKind::Arm,
            TimerOp::Stop { .. } => OpKind::StopTimer,
            TimerOp::Reset { .. } => OpKind::ResetTimer,
            TimerOp::WaitTimeout { .. } => OpKind::Wait,
            TimerOp::ParkTimeout { .. } => OpKind::Park,
        }
    }

    fn footprint(self, execution: &Execution, task: TaskIx) -> Footprint {
        use AccessKind as K;
        let arm = Access::new(CLOCK, K::Arm);
        match self {
            TimerOp::Fire => execution.fire_footprint(task),
            TimerOp::Now => Footprint::one(Access::new(CLOCK, K::Now)),
            TimerOp::Sleep { .. } => Footprint::one(arm),
            TimerOp::Arm { timer, .. } => Footprint::of(&[arm, Access::new(timer, K::SetTimer)]),
            // Both take back a tick that nobody received.
            TimerOp::Stop { timer } | TimerOp::Reset { timer, .. } => {
                Footprint::of(&[arm, Access::new(timer, K::SetTimer), Access::new(timer, K::TryRecv)])
            }
            TimerOp::WaitTimeout { condvar, mutex, .. } => {
                let unlock = Access::new(mutex, execution.unlock_kind(task, mutex));
                Footprint::of(&[arm, Access::new(condvar, K::Wait), unlock])
            }
            TimerOp::ParkTimeout { token, .. } => Footprint::of(&[arm, Access::new(token, K::Park)]),
        }
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        match self {
            TimerOp::Fire => execution.fire(task),
            TimerOp::Now => execution.now(task),
            TimerOp::Sleep { nanos } => {
                let event = execution.append(task, OpKind::Sleep, |e| e.value = nanos);
                execution.block(task, Waiting::On { event });
                execution.arm(task, event, nanos, Effect::Wake(task));
            }
            TimerOp::Arm { timer, nanos, effect } => {
                let event =
                    execution.append(task, OpKind::Arm, |e| (e.object, e.value) = (Some(timer), nanos));
                execution.arm(task, event, nanos, Effect::Of(timer, effect));
                execution.complete(task, Reply::Unit);
            }
            TimerOp::Stop { timer } => {
                execution.append(task, OpKind::StopTimer, |e| e.object = Some(timer));
                let active = execution.disarm(timer);
                execution.written(task, timer);
                execution.complete(task, Reply::Flag(active));
            }
            TimerOp::Reset { timer, nanos, start } => {
                let event = execution
                    .append(task, OpKind::ResetTimer, |e| (e.object, e.value) = (Some(timer), nanos));
                let active = execution.disarm(timer);
                if let Some((_, effect)) = execution.clock.known.iter().find(|(known, _)| *known == timer) {
                    let effect = match *effect {
                        TimerEffect::Start(old) => TimerEffect::Start(start.unwrap_or(old)),
                        TimerEffect::Tick { period: Some(_) } => TimerEffect::Tick { period: Some(nanos) },
                        effect => effect,
                    };
                    execution.arm(task, event, nanos, Effect::Of(timer, effect));
                }
                execution.complete(task, Reply::Flag(active));
            }
            TimerOp::WaitTimeout { condvar, mutex, nanos } => {
                execution.wait(task, condvar, mutex);
                if let Some(Waiting::On { event }) = execution.tasks[task.at()].waiting {
                    let effect = Effect::NotifyTimeout { condvar, waiter: task };
                    execution.arm(task, event, nanos, effect);
                }
            }
            TimerOp::ParkTimeout { token, nanos } => {
                super::ParkOp::Park { token, future: false }.perform(execution, task);
                if let Some(Waiting::On { event }) = execution.tasks[task.at()].waiting {
                    execution.arm(task, event, nanos, Effect::ParkTimeout { token, waiter: task });
                }
            }
        }
    }
}

impl Execution {
    /// Whether the clock stands ready to fire but must not now.
    pub(crate) fn clock_is_barred(&self) -> bool {
        let Some(clock) = self.clock.task.filter(|clock| self.tasks[clock.at()].state == State::Ready) else {
            return false;
        };
        let alone = self.ready.iter().all(|task| *task == clock || self.tasks[task.at()].yielded);
        let main_is_over = self.tasks[0].state == State::Done;
        if alone {
            return main_is_over
                && (self.clock.fired_after_main >= FIRES_AFTER_MAIN
                    || self.next_timers().all(|timer| timer.is_periodic()));
        }
        self.clock.idle || self.next_timers().all(|timer| timer.ticks_ahead >= TICKS_AHEAD)
    }

    /// The timers that may fire next: those of the earliest deadline, in an order that no schedule changes.
    fn next_timers(&self) -> impl Iterator<Item = &Timer> {
        let can_fire = |timer: &&Timer| self.has_effect(timer);
        let earliest = self.clock.timers.iter().filter(can_fire).map(|timer| timer.deadline).min();
        let mut next: Vec<&Timer> = self
            .clock
            .timers
            .iter()
            .filter(can_fire)
            .filter(|timer| Some(timer.deadline) == earliest)
            .collect();
        next.sort_by(|a, b| {
            let key = |timer: &Timer| (self.task_path(timer.armed_by).clone(), timer.armed);
            key(a).cmp(&key(b))
        });
        // What has no effect any more goes first, and is no choice: in the order in which the effects were taken
        // away, so that whoever takes away another one later changes nothing.
        if let Some(dead) = next.iter().filter(|timer| timer.effect == Effect::None).min_by_key(|t| t.ended) {
            next = vec![dead];
        }
        next.into_iter()
    }

    /// A ticker whose last tick was not received has none to give.
    fn has_effect(&self, timer: &Timer) -> bool {
        match timer.effect {
            Effect::Of(channel, TimerEffect::Tick { period: Some(_) }) => {
                self.channel_state(channel).has_room()
                    || self.partner(channel, false, TaskIx(u32::MAX)).is_some()
            }
            _ => true,
        }
    }

    fn arm(&mut self, task: TaskIx, armed: EventIx, nanos: u64, effect: Effect) {
        let deadline = self.clock.now.saturating_add(nanos);
        self.clock.starts.push(armed);
        self.clock.timers.push(Timer {
            deadline,
            armed_by: task,
            armed,
            effect,
            ticks_ahead: 0,
            ended: None,
        });
        if let Effect::Of(timer, effect) = effect {
            self.clock.known.retain(|(known, _)| *known != timer);
            self.clock.known.push((timer, effect));
        }
        self.refresh_clock();
    }

    /// Stops `timer` and takes back its tick; whether it was still to fire.
    pub(crate) fn disarm(&mut self, timer: ObjIx) -> bool {
        let is_its = |armed: &&mut Timer| matches!(armed.effect, Effect::Of(of, _) if of == timer);
        let armed = self.clock.timers.iter_mut().find(is_its);
        let was_armed = armed.is_some();
        if let Some(armed) = armed {
            (armed.effect, armed.ended) = (Effect::None, Some(EventIx(self.trace.events.len() as u32 - 1)));
        }
        self.channel(timer).forget_tick() || was_armed
    }

    /// The timer that was to end `task`'s waiting has no effect any more.
    pub(crate) fn overtake_timer(&mut self, task: TaskIx) {
        for timer in &mut self.clock.timers {
            match timer.effect {
                Effect::NotifyTimeout { waiter, .. } | Effect::ParkTimeout { waiter, .. }
                    if waiter == task =>
                {
                    let by = EventIx(self.trace.events.len() as u32 - 1);
                    (timer.effect, timer.ended) = (Effect::None, Some(by));
                }
                _ => {}
            }
        }
    }

    /// The clock stands ready exactly while some timer may fire.
    pub(crate) fn refresh_clock(&mut self) {
        let wanted = self.next_timers().next().is_some();
        if !wanted && self.clock.task.is_none() {
            return;
        }
        let clock = match self.clock.task {
            Some(clock) => clock,
            None => self.make_clock(),
        };
        match (wanted, self.tasks[clock.at()].state == State::Ready) {
            (true, false) => {
                self.tasks[clock.at()].state = State::Local;
                self.arrive(clock, Op::Of(PrimitiveOp::Timer(TimerOp::Fire)), Place::Unknown);
            }
            (false, true) => {
                self.leave_ready(clock);
                self.tasks[clock.at()].state = State::Made;
            }
            _ => {}
        }
    }

    fn make_clock(&mut self) -> TaskIx {
        let path = self.tasks[0].path.child(0);
        let mut clock = Task::new(path, Some("clock".to_owned()));
        clock.detached = true;
        self.tasks.push(clock);
        let clock = TaskIx(self.tasks.len() as u32 - 1);
        self.clock.task = Some(clock);
        clock
    }

    fn fire_footprint(&self, clock: TaskIx) -> Footprint {
        use AccessKind as K;
        let mut accesses = vec![Access::new(CLOCK, K::Fire)];
        for timer in self.next_timers() {
            match timer.effect {
                Effect::NotifyTimeout { condvar, .. } => accesses.push(Access::new(condvar, K::Timeout)),
                Effect::ParkTimeout { token, .. } => accesses.push(Access::new(token, K::Timeout)),
                Effect::Of(channel, TimerEffect::Tick { .. }) => {
                    let kind = if self.can_send(channel, clock) { K::TrySend } else { K::TrySendFail };
                    accesses.extend(self.channel_footprint(clock, channel, kind).accesses());
                }
                Effect::Of(context, TimerEffect::Cancel) => {
                    self.cancel_accesses(clock, context, &mut accesses)
                }
                Effect::Wake(_) | Effect::Of(_, TimerEffect::Start(_)) | Effect::None => {}
            }
        }
        accesses.sort_unstable_by_key(|access| (access.object, access.kind));
        accesses.dedup();
        Footprint::of(&accesses)
    }

    fn fire(&mut self, clock: TaskIx) {
        let candidates: Vec<EventIx> = self.next_timers().map(|timer| timer.armed).collect();
        let taken = self.pick_alternative(clock, candidates.len() as u32) as usize;
        let effective = |timer: &Timer| self.has_effect(timer);
        let at =
            self.clock.timers.iter().position(|timer| timer.armed == candidates[taken] && effective(timer));
        let Some(at) = at else { return self.after_fire(clock) };
        let ahead = self.ready.iter().any(|task| !self.tasks[task.at()].yielded);
        let timer = self.clock.timers.swap_remove(at);
        let (armed, place) = (timer.armed, self.trace.events[timer.armed.at()].place);
        // Before the event itself: what the timer orders comes from whoever armed it, not from earlier timers.
        self.edge(armed, EventIx(self.trace.events.len() as u32), clock, EdgeKind::Timer);
        let object = match timer.effect {
            Effect::Of(object, _) => Some(object),
            Effect::NotifyTimeout { condvar, .. } => Some(condvar),
            _ => None,
        };
        if timer.effect != Effect::None {
            self.clock.now = self.clock.now.max(timer.deadline);
            self.clock.step = 0;
        }
        let now = self.clock.now;
        let event = self.append(clock, OpKind::Fire, |e| {
            (e.object, e.value, e.seen, e.place) = (object, now, u64::from(armed.0), place);
        });
        self.clock.without_effect.extend(timer.ended.map(|by| (by, event)));
        self.clock.fired_after_main += u32::from(self.tasks[0].state == State::Done);
        self.clock.bounded |= self.clock.fired_after_main >= FIRES_AFTER_MAIN;
        match timer.effect {
            Effect::None => {}
            Effect::Wake(task) => self.wake_from(event, task, Reply::Unit),
            Effect::NotifyTimeout { condvar, waiter } => {
                self.condvar(condvar).forget(waiter);
                self.wake_from(event, waiter, Reply::Flag(true));
            }
            Effect::ParkTimeout { token, waiter } => {
                self.token(token).forget();
                self.wake_from(event, waiter, Reply::Flag(true));
            }
            Effect::Of(channel, TimerEffect::Tick { period }) => {
                self.tick(clock, channel, event, now);
                if let Some(period) = period {
                    let deadline = timer.deadline.saturating_add(period.max(1));
                    let ticks_ahead = timer.ticks_ahead + u32::from(ahead);
                    self.clock.bounded |= ticks_ahead >= TICKS_AHEAD;
                    self.clock.starts.push(event);
                    self.clock.timers.push(Timer { deadline, ticks_ahead, ..timer });
                }
            }
            Effect::Of(_, TimerEffect::Start(task)) => {
                self.tasks[task.at()].spawned = Some((timer.armed_by, armed));
                self.edge(event, event, task, EdgeKind::Spawn);
                self.start(task);
            }
            Effect::Of(context, TimerEffect::Cancel) => {
                self.cancel_tree(clock, context, event, super::context::DEADLINE)
            }
        }
        self.after_fire(clock);
    }

    /// The clock has no code of its own: it stands ready again, or rests.
    fn after_fire(&mut self, clock: TaskIx) {
        self.tasks[clock.at()].state = State::Made;
        self.refresh_clock();
    }

    fn wake_from(&mut self, event: EventIx, task: TaskIx, reply: Reply) {
        let Some(waited) = self.tasks[task.at()].waiting.as_ref().map(Waiting::event) else { return };
        self.edge(event, waited, task, EdgeKind::Timer);
        self.complete(task, reply);
    }

    fn tick(&mut self, clock: TaskIx, channel: ObjIx, event: EventIx, now: u64) {
        if self.can_send(channel, clock) {
            self.push_send(channel, now, Waiter { task: clock, event, arm: None });
            self.settle(channel);
        }
        self.written(clock, channel);
    }

    fn now(&mut self, task: TaskIx) {
        let mut now = self.clock.now;
        // Read again and again with nothing else going on: time passes, but not past the next timer.
        if self.saw_again(task, CLOCK, 0) {
            self.clock.step = (self.clock.step * 2).max(FIRST_STEP);
            let next =
                self.clock.timers.iter().filter(|t| t.effect != Effect::None).map(|t| t.deadline).min();
            now = now.saturating_add(self.clock.step).min(next.unwrap_or(u64::MAX)).max(now);
            self.clock.now = now;
        }
        self.append(task, OpKind::Now, |e| e.value = now);
        self.complete(task, Reply::Value(now));
    }
}

impl Clock {
    /// Who had taken the effect of the timer away that fired by this event; none if it still had one.
    pub fn ended_by(&self, event: EventIx) -> Option<EventIx> {
        self.without_effect.iter().find(|(_, fired)| *fired == event).map(|(by, _)| *by)
    }

    /// How many timers the event started.
    pub fn started_by(&self, event: EventIx) -> usize {
        self.starts.iter().filter(|start| **start == event).count()
    }
}

impl Timer {
    fn is_periodic(&self) -> bool {
        matches!(self.effect, Effect::Of(_, TimerEffect::Tick { period: Some(_) }))
    }
}
