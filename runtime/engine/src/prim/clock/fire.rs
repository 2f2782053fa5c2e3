//! What happens when the clock's turn comes: the next timer fires, and time has passed.

use super::{
    CLOCK, Effect, FIRES_AFTER_MAIN, FIRST_STEP, NEVER, ROUNDS_AHEAD, TICKS_AHEAD, Timer, TimerEffect,
};
use crate::AccessKind;
use crate::execution::Execution;
use crate::footprint::{Access, Footprint};
use crate::op::Reply;
use crate::prim::channel::Waiter;
use crate::prim::context;
use crate::task::State;
use gorace_analyzer_core::{EdgeKind, Event, EventIx, ObjIx, OpKind, TaskIx};

impl Execution {
    pub(super) fn fire_footprint(&self, clock: TaskIx) -> Footprint {
        use AccessKind as K;
        let mut accesses = vec![Access::new(CLOCK, K::Fire)];
        for timer in self.next_timers() {
            match timer.effect {
                Effect::NotifyTimeout { condvar, .. } => accesses.push(Access::new(condvar, K::Timeout)),
                Effect::ParkTimeout { token: object, .. }
                | Effect::RecvTimeout { channel: object, .. }
                | Effect::WordTimeout { word: object, .. } => {
                    accesses.push(Access::new(object, K::Timeout));
                }
                Effect::Of(channel, TimerEffect::Tick { .. }) => {
                    let kind = if self.can_send(channel, clock) { K::TrySend } else { K::TrySendFail };
                    accesses.extend(self.channel_footprint(clock, channel, kind).accesses());
                }
                Effect::Of(context, TimerEffect::Cancel) => {
                    self.cancel_accesses(clock, context, &mut accesses)
                }
                Effect::Of(_, TimerEffect::Start(_)) => accesses.push(Access::to_all_tasks(K::Spawn)),
                Effect::Wake(_) | Effect::None => {}
            }
        }
        // A tick that has no room goes before these once it has, or is dropped with the time.
        for channel in self.ticks_without_room() {
            accesses.extend(self.channel_footprint(clock, channel, K::TrySendFail).accesses());
        }
        Footprint::of_set(&accesses)
    }

    pub(super) fn fire(&mut self, clock: TaskIx) {
        let candidates: Vec<EventIx> = self.next_timers().map(|timer| timer.armed).collect();
        let taken = self.pick_alternative(clock, candidates.len() as u32) as usize;
        let effective = |timer: &Timer| self.has_effect(timer);
        let at =
            self.clock.timers.iter().position(|timer| timer.armed == candidates[taken] && effective(timer));
        let Some(at) = at else { return self.after_fire(clock) };
        let ahead = self.ready.iter().any(|task| !self.tasks[task.at()].yielded);
        let ended = self.takers_of_next();
        let timer = self.clock.timers.swap_remove(at);
        let (armed, place) = (timer.armed, self.trace.events[timer.armed.at()].place);
        // Before the event itself: what the timer orders comes from whoever armed it, not from earlier timers.
        self.edge(armed, EventIx(self.trace.events.len() as u32), clock, EdgeKind::Timer);
        let object = match timer.effect {
            Effect::Of(object, _) => Some(object),
            Effect::NotifyTimeout { condvar: object, .. } | Effect::RecvTimeout { channel: object, .. } => {
                Some(object)
            }
            _ => None,
        };
        if timer.effect != Effect::None && ahead && !timer.is_periodic() {
            let (.., rounds) = self.rounds_of(timer.armed_by, armed);
            *rounds += 1;
            let bounded = *rounds >= ROUNDS_AHEAD;
            self.clock.bounded |= bounded;
        }
        if timer.effect != Effect::None {
            // Code takes no time here: that the later one comes first since its task was faster is not explored.
            let later = |other: &Timer| {
                (timer.deadline + 1..NEVER).contains(&other.deadline) && other.armed_by != timer.armed_by
            };
            self.clock.ordered |=
                self.clock.timers.iter().any(|other| other.effect != Effect::None && later(other));
            self.pass_time(timer.deadline);
            self.clock.step = 0;
        }
        let now = self.clock.now;
        let event = self.append(clock, OpKind::Fire, |e| {
            (e.object, e.value, e.seen, e.place) = (object, now, u64::from(armed.0), place);
        });
        self.clock.ended_before.extend(ended.into_iter().map(|by| (by, event)));
        if timer.effect == Effect::None {
            self.clock.without_effect.push(event);
        }
        self.clock.fired_after_main += u32::from(self.winds_up());
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
            Effect::RecvTimeout { channel, waiter } => {
                self.channel(channel).forget_receiver(waiter);
                self.wake_from(event, waiter, Reply::Flag(true));
            }
            Effect::WordTimeout { word, waiter } => {
                self.word(word).forget(waiter);
                self.wake_from(event, waiter, Reply::Flag(true));
            }
            Effect::Of(channel, TimerEffect::Tick { period }) => {
                self.tick(clock, channel, event, now);
                if let Some(period) = period {
                    let deadline = timer.deadline.saturating_add(period.max(1));
                    let ahead = timer.ahead + u32::from(ahead);
                    let is_last = self.dropped && self.clock.fired_after_main >= TICKS_AHEAD;
                    self.clock.bounded |= ahead >= TICKS_AHEAD || is_last;
                    self.clock.starts.push(event);
                    self.clock.timers.push(Timer { deadline, ahead, ..timer });
                }
            }
            Effect::Of(_, TimerEffect::Start(task)) => {
                self.tasks[task.at()].spawned = Some((timer.armed_by, armed));
                self.edge(event, event, task, EdgeKind::Spawn);
                self.start(task);
            }
            Effect::Of(context, TimerEffect::Cancel) => {
                self.cancel_tree(clock, context, event, context::DEADLINE)
            }
        }
        self.after_fire(clock);
    }

    /// Those who took away the effect of a timer that could fire next.
    pub(crate) fn takers_of_next(&self) -> Vec<EventIx> {
        self.due_timers().flat_map(|timer| self.takers(timer.ended)).collect()
    }

    /// All who together took the effect of a timer away, the last of whom was `ended`.
    fn takers(&self, ended: Option<EventIx>) -> Vec<EventIx> {
        let Some(last) = ended else { return Vec::new() };
        match *self.trace.event(last) {
            // A channel ends by the drops of all its senders, in whatever order.
            Event { op: OpKind::DropSender, object: Some(channel), .. } => {
                self.channel_state(channel).closers.clone()
            }
            _ => vec![last],
        }
    }

    /// It is `now`, or later. Ticks that were due before and had no room are dropped.
    fn pass_time(&mut self, now: u64) {
        let now = self.clock.now.max(now);
        self.clock.now = now;
        for at in 0..self.clock.timers.len() {
            let Timer { deadline, effect, .. } = self.clock.timers[at];
            if let Effect::Of(_, TimerEffect::Tick { period: Some(period) }) = effect
                && deadline < now
                && !self.has_effect(&self.clock.timers[at])
            {
                let missed = (now - deadline).div_ceil(period.max(1));
                self.clock.timers[at].deadline =
                    deadline.saturating_add(missed.saturating_mul(period.max(1)));
            }
        }
    }

    /// The clock has no code of its own: it stands ready again, or rests.
    fn after_fire(&mut self, clock: TaskIx) {
        self.tasks[clock.at()].state = State::Made;
        self.refresh_clock();
    }

    fn wake_from(&mut self, event: EventIx, task: TaskIx, reply: Reply) {
        let Some(waited) = self.tasks[task.at()].waiting.map(|(_, event)| event) else { return };
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

    pub(super) fn now(&mut self, task: TaskIx) {
        let mut now = self.clock.now;
        // Read again and again with nothing else going on: time passes, but not past the next timer.
        if self.saw_again(task, CLOCK, 0) {
            self.clock.step = (self.clock.step * 2).max(FIRST_STEP);
            let live = self.clock.timers.iter().filter(|timer| timer.effect != Effect::None);
            let next = live.filter(|timer| self.has_effect(timer)).map(|timer| timer.deadline).min();
            now = now.saturating_add(self.clock.step).min(next.unwrap_or(u64::MAX)).max(now);
            self.pass_time(now);
        }
        self.append(task, OpKind::Now, |e| e.value = now);
        self.complete(task, Reply::Value(now));
    }
}
