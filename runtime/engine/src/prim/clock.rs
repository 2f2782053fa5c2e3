//! Virtual time. The clock is a task of the execution whose only operation is to let its next timer fire, so
//! that strategies treat the passing of time as they treat any other step.
//!
//! Nobody waits for real, and code takes no time: a timer may fire at any point once its deadline is the
//! earliest, or, with [`Plan::idle_clock`](crate::Plan), only when nothing else can run. Which timer fires is
//! decided when one does; ties are an explored choice. A timer that was stopped or overtaken fires all the
//! same, without effect and without moving the time, so that no operation disables another.
//!
//! Bounds keep explorations finite, and are reported as a limit: a ticker, and a timer that is armed in a loop,
//! run ahead of ready tasks a few times only; after main's end tickers stand still and timers fire so many times.

mod fire;
mod kept;

use crate::AccessKind;
use crate::execution::{Execution, Plain};
use crate::footprint::{Access, Footprint};
use crate::op::{Op, Reply};
use crate::prim::{Primitive, PrimitiveOp};
use crate::task::{State, Wait};
use gorace_analyzer_core::{EventIx, ObjIx, OpKind, Place, TaskIx};
pub(crate) use kept::Clock;
use kept::{Effect, Timer};

/// How often a ticker may fire while other tasks could run.
const TICKS_AHEAD: u32 = 3;
/// How often the timers that a task arms at one place, in a loop, may do so.
const ROUNDS_AHEAD: u32 = 5;
/// How often timers fire after main's end.
const FIRES_AFTER_MAIN: u32 = 1_000;
/// As a time or a deadline: never. Such a timer does not fire; all sums that cannot be told come to this.
pub const NEVER: u64 = u64::MAX;
/// By how much a clock that is read again and again moves at first, in nanoseconds.
const FIRST_STEP: u64 = 1_000;

/// An operation on the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the fields are the operands; durations are in nanoseconds, or `NEVER` over")]
pub enum TimerOp {
    /// The clock's own: the next timer fires.
    Fire,
    /// Replies with the time since the execution's start.
    Now,
    /// Waits.
    Sleep { nanos: u64 },
    /// Starts a timer: of `timer` itself, if it is a channel. Replies with its deadline.
    Arm { timer: ObjIx, nanos: u64, effect: TimerEffect },
    /// The same, with its deadline as time since the execution's start.
    ArmAt { timer: ObjIx, deadline: u64, effect: TimerEffect },
    /// Stops a timer; replies whether it was still to fire.
    Stop { timer: ObjIx },
    /// Starts a timer anew, one that starts a task with this new one; replies whether it was still to fire.
    Reset { timer: ObjIx, nanos: u64, start: Option<TaskIx> },
    /// As [`Op::Wait`], for so long; replies with `Flag(true)` if nobody notified.
    WaitTimeout { condvar: ObjIx, mutex: ObjIx, nanos: u64 },
    /// As [`super::ParkOp::Park`], for so long; replies with `Flag(true)` if nobody gave the token.
    ParkTimeout { token: ObjIx, nanos: u64 },
    /// As [`Op::Recv`], for so long; replies with `Flag(true)` if nothing came.
    RecvTimeout { channel: ObjIx, nanos: u64 },
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

/// The clock as something that operations touch.
pub(crate) const CLOCK: ObjIx = ObjIx::new(0x7fff_ffff);

impl Primitive for TimerOp {
    fn kind(self) -> OpKind {
        match self {
            TimerOp::Fire => OpKind::Fire,
            TimerOp::Now => OpKind::Now,
            TimerOp::Sleep { .. } => OpKind::Sleep,
            TimerOp::Arm { .. } | TimerOp::ArmAt { .. } => OpKind::Arm,
            TimerOp::Stop { .. } => OpKind::StopTimer,
            TimerOp::Reset { .. } => OpKind::ResetTimer,
            TimerOp::WaitTimeout { .. } => OpKind::Wait,
            TimerOp::ParkTimeout { .. } => OpKind::Park,
            TimerOp::RecvTimeout { .. } => OpKind::Recv,
        }
    }

    fn footprint(self, execution: &Execution, task: TaskIx) -> Footprint {
        use AccessKind as K;
        let arm = Access::new(CLOCK, K::Arm);
        match self {
            TimerOp::Fire => execution.fire_footprint(task),
            TimerOp::Now => Footprint::one(Access::new(CLOCK, K::Now)),
            TimerOp::Sleep { .. } => Footprint::one(arm),
            TimerOp::Arm { timer, nanos, effect } => {
                execution.arm_footprint(task, timer, execution.clock.after(nanos), effect)
            }
            TimerOp::ArmAt { timer, deadline, effect } => {
                execution.arm_footprint(task, timer, deadline, effect)
            }
            // Both take back a tick that nobody received.
            TimerOp::Stop { timer } | TimerOp::Reset { timer, .. } => {
                Footprint::of(&[arm, Access::new(timer, K::SetTimer), Access::new(timer, K::TryRecv)])
            }
            TimerOp::WaitTimeout { condvar, mutex, .. } => {
                let unlock = Access::new(mutex, execution.unlock_kind(task, mutex));
                Footprint::of(&[arm, Access::new(condvar, K::Wait), unlock])
            }
            TimerOp::ParkTimeout { token, .. } => Footprint::of(&[arm, Access::new(token, K::Park)]),
            TimerOp::RecvTimeout { channel, .. } => {
                let recv = execution.channel_footprint(task, channel, K::Recv);
                let own = [arm, Access::new(channel, K::RecvTimeout)];
                Footprint::of(&own.into_iter().chain(recv.accesses()).collect::<Vec<_>>())
            }
        }
    }

    fn perform(self, execution: &mut Execution, task: TaskIx) {
        match self {
            TimerOp::Fire => execution.fire(task),
            TimerOp::Now => execution.now(task),
            TimerOp::Sleep { nanos } => {
                let event = execution.append(task, OpKind::Sleep, |e| e.value = nanos);
                execution.block(task, Wait::On, event);
                execution.arm(task, event, nanos, Effect::Wake(task));
            }
            TimerOp::Arm { timer, nanos, effect } => {
                execution.arm_timer(task, timer, execution.clock.after(nanos), effect);
            }
            TimerOp::ArmAt { timer, deadline, effect } => {
                execution.arm_timer(task, timer, deadline, effect);
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
                if let Some((Wait::On, event)) = execution.tasks[task.at()].waiting {
                    let effect = Effect::NotifyTimeout { condvar, waiter: task };
                    execution.arm(task, event, nanos, effect);
                }
            }
            TimerOp::ParkTimeout { token, nanos } => {
                super::ParkOp::Park { token, future: false }.perform(execution, task);
                if let Some((Wait::On, event)) = execution.tasks[task.at()].waiting {
                    execution.arm(task, event, nanos, Effect::ParkTimeout { token, waiter: task });
                }
            }
            TimerOp::RecvTimeout { channel, nanos } => {
                execution.recv(task, channel);
                if let Some((Wait::On, event)) = execution.tasks[task.at()].waiting {
                    execution.arm(task, event, nanos, Effect::RecvTimeout { channel, waiter: task });
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
        if alone {
            let fired = self.clock.fired_after_main;
            // What was dropped may need some ticks to come to what would have kept it.
            let ticks = if self.tasks[0].state == State::Done { 0 } else { TICKS_AHEAD };
            return self.winds_up()
                && (fired >= FIRES_AFTER_MAIN
                    || fired >= ticks && self.next_timers().all(|timer| timer.is_periodic()));
        }
        self.clock.idle || self.next_timers().all(|timer| timer.ahead >= timer.most_ahead())
    }

    /// Whether nothing that matters has to come any more: main has returned, or the execution is dropped.
    fn winds_up(&self) -> bool {
        self.tasks[0].state == State::Done || self.dropped
    }

    /// The timers that may fire next: those of the earliest deadline, in an order that no schedule changes.
    fn next_timers(&self) -> impl Iterator<Item = &Timer> {
        let key = |timer: &Timer| (self.task_path(timer.armed_by), timer.armed);
        let mut next: Vec<&Timer> = Vec::new();
        for timer in self.due_timers() {
            next.insert(next.partition_point(|other| key(other) < key(timer)), timer);
        }
        // What has no effect any more goes last, and is no choice. If it went first, whoever of several takes an effect
        // away first would let the clock on: none of them is needed for that then, and no order says so.
        match next.iter().any(|timer| timer.effect != Effect::None) {
            true => next.retain(|timer| timer.effect != Effect::None),
            false => next.truncate(1),
        }
        next.into_iter()
    }

    /// The timers of the earliest deadline, with those among them that have no effect any more.
    fn due_timers(&self) -> impl Iterator<Item = &Timer> {
        let can_fire = |timer: &&Timer| timer.deadline != NEVER && self.has_effect(timer);
        let earliest = self.clock.timers.iter().filter(can_fire).map(|timer| timer.deadline).min();
        self.clock.timers.iter().filter(can_fire).filter(move |timer| Some(timer.deadline) == earliest)
    }

    /// The channels of the tickers that would be among the next to fire if their last ticks had been received.
    fn ticks_without_room(&self) -> impl Iterator<Item = ObjIx> {
        let earliest = self.next_timers().next().map(|timer| timer.deadline);
        let is_due = move |timer: &&Timer| earliest.is_some_and(|earliest| timer.deadline <= earliest);
        let due = self.clock.timers.iter().filter(is_due).filter(|timer| !self.has_effect(timer));
        due.filter_map(|timer| if let Effect::Of(channel, _) = timer.effect { Some(channel) } else { None })
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

    /// Whether this timer has nothing to wait for: a context whose deadline has passed is cancelled at once.
    fn expires_at_once(&self, deadline: u64, effect: TimerEffect) -> bool {
        effect == TimerEffect::Cancel && deadline <= self.clock.now
    }

    fn arm_footprint(&self, task: TaskIx, timer: ObjIx, deadline: u64, effect: TimerEffect) -> Footprint {
        let arm = Access::new(CLOCK, AccessKind::Arm);
        if !self.expires_at_once(deadline, effect) {
            return Footprint::of(&[arm, Access::new(timer, AccessKind::SetTimer)]);
        }
        let mut accesses = vec![arm];
        self.cancel_accesses(task, timer, &mut accesses);
        Footprint::of_set(&accesses)
    }

    fn arm_timer(&mut self, task: TaskIx, timer: ObjIx, deadline: u64, effect: TimerEffect) {
        let left = if deadline == NEVER { NEVER } else { deadline.saturating_sub(self.clock.now) };
        let period = if let TimerEffect::Tick { period: Some(period) } = effect { period } else { 0 };
        let event = self.append(task, OpKind::Arm, |e| {
            (e.object, e.value, e.seen) = (Some(timer), left, period);
        });
        if self.expires_at_once(deadline, effect) {
            self.cancel_tree(task, timer, event, super::context::DEADLINE);
        } else {
            self.arm(task, event, left, Effect::Of(timer, effect));
            // Cancelled before: as if this had come first and been overtaken.
            if effect == TimerEffect::Cancel
                && let Some(by) = self.cancelled_by(timer)
                && let Some(armed) = self.clock.timers.last_mut()
            {
                (armed.effect, armed.ahead, armed.ended) = (Effect::None, 0, Some(by));
            }
        }
        self.complete(task, Reply::Value(deadline));
    }

    /// Starts a timer.
    fn arm(&mut self, task: TaskIx, armed: EventIx, nanos: u64, effect: Effect) {
        let deadline = self.clock.after(nanos);
        self.clock.starts.push(armed);
        let (.., rounds) = self.rounds_of(task, armed);
        let ahead = if effect == Effect::None { 0 } else { *rounds };
        self.clock.timers.push(Timer { deadline, armed_by: task, armed, effect, ahead, ended: None });
        self.clock.ticked |= matches!(effect, Effect::Of(_, TimerEffect::Tick { period: Some(_) }));
        if let Effect::Of(timer, effect) = effect {
            self.clock.known.retain(|(known, _)| *known != timer);
            self.clock.known.push((timer, effect));
        }
        self.refresh_clock();
    }

    /// How often timers that `task` armed as it did `armed` have fired ahead.
    fn rounds_of(&mut self, task: TaskIx, armed: EventIx) -> &mut (TaskIx, OpKind, Place, u32) {
        let event = &self.trace.events[armed.at()];
        // A stack is another one each time, though it is the same line.
        let place = if let Place::Stack(_) = event.place { Place::Unknown } else { event.place };
        let key = (task, event.op, place);
        let rounds = &mut self.clock.rounds;
        let at =
            rounds.iter().position(|(task, op, place, _)| (*task, *op, *place) == key).unwrap_or_else(|| {
                rounds.push((key.0, key.1, key.2, 0));
                rounds.len() - 1
            });
        &mut rounds[at]
    }

    /// Starts the timer that ends `task`'s waiting on a word, which began with `event`.
    pub(crate) fn arm_word(&mut self, task: TaskIx, event: EventIx, word: ObjIx, nanos: u64) {
        self.arm(task, event, nanos, Effect::WordTimeout { word, waiter: task });
    }

    /// Stops `timer`, however often it was started, and takes back its tick; whether it was still to fire.
    pub(crate) fn disarm(&mut self, timer: ObjIx) -> bool {
        let by = EventIx(self.trace.events.len() as u32 - 1);
        let mut was_armed = false;
        for armed in &mut self.clock.timers {
            if matches!(armed.effect, Effect::Of(of, _) if of == timer) {
                (armed.effect, armed.ended) = (Effect::None, Some(by));
                was_armed = true;
            }
        }
        self.channel(timer).forget_tick() || was_armed
    }

    /// The timer that was to end `task`'s waiting has no effect any more.
    #[inline]
    pub(crate) fn overtake_timer(&mut self, task: TaskIx) {
        if !self.clock.timers.is_empty() {
            self.overtake_timer_of(task);
        }
    }

    #[inline(never)]
    fn overtake_timer_of(&mut self, task: TaskIx) {
        for timer in &mut self.clock.timers {
            match timer.effect {
                Effect::NotifyTimeout { waiter, .. }
                | Effect::ParkTimeout { waiter, .. }
                | Effect::RecvTimeout { waiter, .. }
                | Effect::WordTimeout { waiter, .. }
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
        self.add_task(path, Some("clock".into())).detached = true;
        let clock = TaskIx(self.tasks.len() as u32 - 1);
        self.clock.task = Some(clock);
        self.plain = Plain::NEVER;
        clock
    }
}

impl Clock {
    /// So long from now.
    fn after(&self, nanos: u64) -> u64 {
        self.now.saturating_add(nanos)
    }

    /// Those who had taken away the effect of a timer that could have fired in this event.
    pub fn ended_before(&self, event: EventIx) -> impl Iterator<Item = EventIx> + '_ {
        self.ended_before.iter().filter(move |(_, fired)| *fired == event).map(|(by, _)| *by)
    }

    /// Whether the timer that fired in this event still had an effect.
    pub fn had_effect(&self, event: EventIx) -> bool {
        !self.without_effect.contains(&event)
    }

    /// How many timers the event started.
    pub fn started_by(&self, event: EventIx) -> usize {
        self.starts.iter().filter(|start| **start == event).count()
    }
}

impl Timer {
    /// How often it may fire ahead of tasks that could run.
    fn most_ahead(&self) -> u32 {
        match self.effect {
            Effect::None => u32::MAX,
            _ if self.is_periodic() => TICKS_AHEAD,
            _ => ROUNDS_AHEAD,
        }
    }

    fn is_periodic(&self) -> bool {
        matches!(self.effect, Effect::Of(_, TimerEffect::Tick { period: Some(_) }))
    }
}
