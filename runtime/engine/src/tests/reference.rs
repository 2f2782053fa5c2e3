//! The small-step semantics that the engine is judged by: all reachable ends of a program.
//!
//! Written from Go's and std's definitions, not from the engine: a mutex is free or held and whoever comes
//! gets it (no queue, no tickets); a channel is a buffer with a queue of waiting senders and one of waiting
//! receivers, as in Go's runtime, and a select is an entry in several of them. There is no dependency
//! relation and no reduction: every state is visited once.

use super::program::{OnceEnd, Outcome, Program, SelectArm, Stmt, Val, next_of};
use std::collections::{BTreeSet, HashSet, VecDeque};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum At {
    /// Its next operation can be tried.
    Running,
    /// In some queue, until somebody else completes its operation.
    Parked,
    Finished,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Queued {
    task: usize,
    arm: Option<u32>,
    value: i64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Channel {
    capacity: usize,
    closed: bool,
    buffer: VecDeque<i64>,
    senders: VecDeque<Queued>,
    receivers: VecDeque<Queued>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    at: Vec<At>,
    results: Vec<Vec<Val>>,
    registers: Vec<i64>,
    held: Vec<bool>,
    poisoned: Vec<bool>,
    /// Sorted, but for the last condvar's, which are in the order of waiting.
    waiting: Vec<Vec<usize>>,
    channels: Vec<Channel>,
    rwlocks: Vec<RwLock>,
    onces: Vec<Once>,
    /// Who has arrived at each barrier.
    arrived: Vec<Vec<usize>>,
    counters: Vec<i64>,
    /// Who waits for each wait group.
    group_waiters: Vec<BTreeSet<usize>>,
    tokens: Vec<bool>,
    pipe: Pipe,
    now: u64,
    /// What is to happen, and when.
    alarms: Vec<Alarm>,
    /// A tick that nobody has received.
    tick: bool,
    /// 0 not, 1 by a call, 2 by a deadline.
    cancelled: [u8; 2],
    /// What main has done: started so many tasks, and then exited.
    main: usize,
    /// Children of tasks that have not exited.
    children: usize,
    /// Where each task was let down last, and whether its waiting may be.
    let_down: Vec<BTreeSet<Spurious>>,
    may_be_let_down: Vec<bool>,
    /// Somebody assumed what does not hold: what this leads to is no end.
    dropped: bool,
}

/// What a task can be let down by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Spurious {
    Register(usize),
    Condvar(usize),
    Token,
}

/// What one timer is to do, to whom.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Alarm {
    at: u64,
    what: What,
    task: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Wake,
    Tick,
    EndWait(usize),
    EndPark,
    EndRecv,
    Expire(usize),
}

/// A channel with one receiver, task 0, and counted senders.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Pipe {
    capacity: u64,
    senders: usize,
    receiver: bool,
    buffer: VecDeque<i64>,
    /// Those who wait for room, in line.
    line: VecDeque<(usize, i64)>,
    /// Whether the receiver waits.
    receiving: bool,
}

/// Whoever asks stands in line; the head of the line goes in as soon as the lock lets it.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct RwLock {
    readers: usize,
    writer: bool,
    line: VecDeque<(usize, bool)>,
}

impl Pipe {
    fn has_room(&self) -> bool {
        (self.buffer.len() as u64) < self.capacity.saturating_add(u64::from(self.receiving))
    }

    fn is_empty(&self) -> bool {
        self.buffer.is_empty() && self.line.is_empty()
    }
}

impl RwLock {
    fn enter(&mut self, write: bool) {
        if write {
            self.writer = true;
        } else {
            self.readers += 1;
        }
    }

    fn lets(&self, write: bool) -> bool {
        !self.writer && (!write || self.readers == 0)
    }
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Once {
    state: Option<OnceEnd>,
    running: bool,
    line: VecDeque<usize>,
}

/// All ends of `program`; `None` if there are more than `limit` states.
pub fn outcomes(program: &Program, limit: usize) -> Option<BTreeSet<Outcome>> {
    let tasks = program.tasks.len();
    let channel = |capacity: &usize| Channel {
        capacity: *capacity,
        closed: false,
        buffer: VecDeque::new(),
        senders: VecDeque::new(),
        receivers: VecDeque::new(),
    };
    let start = State {
        at: vec![At::Running; tasks],
        results: vec![Vec::new(); tasks],
        registers: program.registers.clone(),
        held: vec![false; program.locks],
        poisoned: vec![false; program.locks],
        waiting: vec![Vec::new(); program.condvars],
        channels: program.channels.iter().map(channel).collect(),
        rwlocks: vec![RwLock::default(); program.rwlocks],
        onces: vec![Once { state: None, running: false, line: VecDeque::new() }; program.onces],
        arrived: vec![Vec::new(); program.barriers.len()],
        counters: vec![0; program.groups],
        group_waiters: vec![BTreeSet::new(); program.groups],
        tokens: vec![false; tasks],
        pipe: Pipe {
            capacity: program.pipe,
            senders: tasks - 1,
            receiver: true,
            buffer: VecDeque::new(),
            line: VecDeque::new(),
            receiving: false,
        },
        now: 0,
        alarms: Vec::new(),
        tick: false,
        cancelled: [0; 2],
        main: if program.counts_tasks() { 0 } else { tasks + 1 },
        children: 0,
        let_down: vec![BTreeSet::new(); tasks],
        may_be_let_down: vec![false; tasks],
        dropped: false,
    };
    let mut ends = BTreeSet::new();
    let mut seen = HashSet::from([start.clone()]);
    let mut todo = vec![start];
    while let Some(state) = todo.pop() {
        if state.dropped {
            continue;
        }
        let successors: Vec<State> = (0..tasks)
            .flat_map(|task| state.step(program, task))
            .chain(state.pass_time())
            .chain(state.elsewhere())
            .collect();
        let let_down: Vec<State> = (0..tasks).flat_map(|task| state.let_down(program, task)).collect();
        if successors.is_empty() {
            let done = state.at.iter().map(|at| *at == At::Finished).collect();
            ends.insert(Outcome { results: state.results, done });
        }
        for next in successors.into_iter().chain(let_down) {
            if seen.insert(next.clone()) {
                todo.push(next);
            }
        }
        if seen.len() > limit {
            return None;
        }
    }
    Some(ends)
}

impl State {
    /// The states that one step of `task` may lead to; none if it cannot go on.
    fn step(&self, program: &Program, task: usize) -> Vec<State> {
        if self.at[task] != At::Running || task >= self.main {
            return Vec::new();
        }
        let Some(stmt) = next_of(program, task, &self.results[task]) else {
            let mut next = self.clone();
            next.at[task] = At::Finished;
            return vec![next];
        };
        let mut next = self.clone();
        let value = match stmt {
            Stmt::Read(x) => Val::Int(next.registers[x]),
            Stmt::Assume(x, value) => {
                next.dropped = self.registers[x] != value;
                Val::Int(value)
            }
            Stmt::Write(x, value) => {
                next.registers[x] = value;
                Val::Unit
            }
            Stmt::Add(x, by) => {
                next.registers[x] += by;
                Val::Int(self.registers[x])
            }
            Stmt::Cas(x, expected, new) => {
                next.let_down[task].remove(&Spurious::Register(x));
                let same = self.registers[x] == expected;
                if same {
                    next.registers[x] = new;
                }
                Val::Bool(same)
            }
            Stmt::Lock(m) if self.held[m] => return Vec::new(),
            Stmt::Lock(m) => {
                next.held[m] = true;
                Val::Locked(self.poisoned[m])
            }
            Stmt::Panic(m) => {
                (next.held[m], next.poisoned[m]) = (false, true);
                Val::Misuse
            }
            Stmt::IsPoisoned(m) => Val::Bool(self.poisoned[m]),
            Stmt::ClearPoison(m) => {
                next.poisoned[m] = false;
                Val::Unit
            }
            Stmt::TryLock(m) if self.held[m] => Val::WouldBlock,
            Stmt::TryLock(m) => {
                next.held[m] = true;
                Val::Locked(self.poisoned[m])
            }
            Stmt::Unlock(m) | Stmt::Wait(_, m) if !self.held[m] => Val::Misuse,
            Stmt::Unlock(m) => {
                next.held[m] = false;
                Val::Unit
            }
            Stmt::Wait(c, m) => {
                let again = next.let_down[task].remove(&Spurious::Condvar(c));
                next.may_be_let_down[task] = program.spurious && !again && c + 1 < program.condvars;
                next.held[m] = false;
                next.waiting[c].push(task);
                if c + 1 < program.condvars {
                    next.waiting[c].sort_unstable();
                }
                next.at[task] = At::Parked;
                return vec![next];
            }
            Stmt::NotifyOne(c) if self.waiting[c].is_empty() => Val::Unit,
            Stmt::NotifyOne(c) => {
                next.give(task, Val::Unit);
                let wake = |waiter: &usize| {
                    let mut next = next.clone();
                    next.waiting[c].retain(|other| other != waiter);
                    next.give(*waiter, Val::Unit);
                    next
                };
                let candidates = if c + 1 < program.condvars { self.waiting[c].len() } else { 1 };
                return self.waiting[c].iter().take(candidates).map(wake).collect();
            }
            Stmt::NotifyAll(c) => {
                for waiter in std::mem::take(&mut next.waiting[c]) {
                    next.give(waiter, Val::Unit);
                }
                Val::Unit
            }
            Stmt::Join(other) if self.at[other] != At::Finished => return Vec::new(),
            Stmt::Join(_) => Val::Unit,
            Stmt::IsFinished(other) => Val::Bool(self.at[other] == At::Finished),
            Stmt::SpawnChild => {
                next.children += 1;
                Val::Unit
            }
            Stmt::CountTasks => {
                let started = self.at.iter().take(self.main).filter(|at| **at != At::Finished).count();
                let main = usize::from(self.main <= self.at.len());
                Val::Int((main + started + self.children) as i64)
            }
            Stmt::Choose(n) => {
                let choose = |i: u32| {
                    let mut next = self.clone();
                    next.give(task, Val::Int(i64::from(i)));
                    next
                };
                return (0..n).map(choose).collect();
            }
            Stmt::Len(c) => Val::Int(self.channels[c].buffer.len() as i64),
            Stmt::Close(c) => return vec![self.closed(task, c)],
            Stmt::Send(c, value) => return vec![self.one_arm(task, SelectArm::Send(c, value))],
            Stmt::Recv(c) => return vec![self.one_arm(task, SelectArm::Recv(c))],
            Stmt::TrySend(c, value) => return vec![self.attempt(task, SelectArm::Send(c, value))],
            Stmt::TryRecv(c) => return vec![self.attempt(task, SelectArm::Recv(c))],
            Stmt::Select(arms, default) => return self.select(task, &arms, default),
            Stmt::ReadLock(r) | Stmt::WriteLock(r) => {
                next.at[task] = At::Parked;
                next.rwlocks[r].line.push_back((task, matches!(stmt, Stmt::WriteLock(_))));
                next.let_in(r);
                return vec![next];
            }
            Stmt::TryRead(r) | Stmt::TryWrite(r) => {
                let write = matches!(stmt, Stmt::TryWrite(_));
                let lock = &mut next.rwlocks[r];
                if lock.line.is_empty() && lock.lets(write) {
                    lock.enter(write);
                    Val::Locked(false)
                } else {
                    Val::WouldBlock
                }
            }
            Stmt::ReadUnlock(r) if self.rwlocks[r].readers == 0 => Val::Misuse,
            Stmt::WriteUnlock(r) if !self.rwlocks[r].writer => Val::Misuse,
            Stmt::ReadUnlock(r) => {
                next.rwlocks[r].readers -= 1;
                next.let_in(r);
                Val::Unit
            }
            Stmt::WriteUnlock(r) => {
                next.rwlocks[r].writer = false;
                next.let_in(r);
                Val::Unit
            }
            Stmt::OnceBegin(o) => {
                next.at[task] = At::Parked;
                next.onces[o].line.push_back(task);
                next.serve(o);
                return vec![next];
            }
            Stmt::OnceEnd(o, end) => {
                (next.onces[o].running, next.onces[o].state) = (false, Some(end));
                next.serve(o);
                Val::Unit
            }
            Stmt::OnceGet(o) => Val::Bool(self.onces[o].state == Some(OnceEnd::Done)),
            Stmt::Barrier(b) => {
                next.at[task] = At::Parked;
                next.arrived[b].push(task);
                if next.arrived[b].len() == program.barriers[b] {
                    for user in std::mem::take(&mut next.arrived[b]) {
                        next.give(user, Val::Bool(user == task));
                    }
                }
                return vec![next];
            }
            Stmt::WgAdd(g, delta) if self.counters[g] + delta < 0 => Val::Misuse,
            Stmt::WgAdd(g, delta) => {
                next.counters[g] += delta;
                if next.counters[g] == 0 {
                    for waiter in std::mem::take(&mut next.group_waiters[g]) {
                        next.give(waiter, Val::Unit);
                    }
                }
                Val::Unit
            }
            Stmt::WgWait(g) if self.counters[g] == 0 => Val::Unit,
            Stmt::WgWait(g) => {
                next.at[task] = At::Parked;
                next.group_waiters[g].insert(task);
                return vec![next];
            }
            Stmt::PipeSend(_) | Stmt::PipeTrySend(_) if !self.pipe.receiver => Val::Closed,
            Stmt::PipeTrySend(_) if !self.pipe.has_room() => Val::WouldBlock,
            Stmt::PipeSend(value) | Stmt::PipeTrySend(value) => {
                next.at[task] = At::Parked;
                next.pipe.line.push_back((task, value));
                next.flow();
                return vec![next];
            }
            Stmt::PipeTryRecv if self.pipe.is_empty() => {
                if self.pipe.senders == 0 {
                    Val::Closed
                } else {
                    Val::WouldBlock
                }
            }
            Stmt::PipePoll if self.pipe.is_empty() => {
                if self.pipe.senders == 0 {
                    Val::Arm(0, None)
                } else {
                    Val::Default
                }
            }
            Stmt::PipePoll => {
                next.pipe.receiving = true;
                next.flow();
                let received = next.results[0].pop().expect("a value was there");
                next.results[0].push(Val::Arm(0, Some(received.int())));
                return vec![next];
            }
            Stmt::PipeRecv | Stmt::PipeTryRecv => {
                next.at[task] = At::Parked;
                next.pipe.receiving = true;
                next.flow();
                return vec![next];
            }
            Stmt::PipeRecvTimeout(nanos) => {
                let mut next = self.alarm(task, nanos, What::EndRecv);
                next.pipe.receiving = true;
                next.flow();
                return vec![next];
            }
            Stmt::DropSender => {
                next.pipe.senders -= 1;
                next.give(task, Val::Unit);
                next.flow();
                return vec![next];
            }
            Stmt::DropReceiver => {
                next.pipe.receiver = false;
                next.pipe.buffer.clear();
                for (sender, _) in std::mem::take(&mut next.pipe.line) {
                    next.give(sender, Val::Closed);
                }
                Val::Unit
            }
            Stmt::Now => Val::Int(self.now as i64),
            Stmt::Sleep(nanos) => return vec![self.alarm(task, nanos, What::Wake)],
            Stmt::ParkTimeout(_) if self.tokens[task] => {
                next.tokens[task] = false;
                Val::Unit
            }
            Stmt::ParkTimeout(nanos) => return vec![self.alarm(task, nanos, What::EndPark)],
            Stmt::WaitTimeout(_, m, _) if !self.held[m] => Val::Misuse,
            Stmt::WaitTimeout(c, m, nanos) => {
                let mut next = self.alarm(task, nanos, What::EndWait(c));
                next.held[m] = false;
                next.waiting[c].push(task);
                next.waiting[c].sort_unstable();
                return vec![next];
            }
            Stmt::Arm(nanos) => {
                next.alarms.push(Alarm { at: self.now + nanos, what: What::Tick, task });
                Val::Unit
            }
            Stmt::StopTimer => {
                let tick = std::mem::take(&mut next.tick);
                let armed = next.alarms.iter().position(|alarm| alarm.what == What::Tick);
                if let Some(armed) = armed {
                    next.alarms.remove(armed);
                }
                Val::Bool(tick || armed.is_some())
            }
            Stmt::TryTick if !self.tick => Val::WouldBlock,
            Stmt::Tick if !self.tick => return Vec::new(),
            Stmt::TryTick | Stmt::Tick => {
                next.tick = false;
                Val::Unit
            }
            Stmt::Cancel(x) => {
                let first = self.cancelled[x] == 0;
                next.cancel(x, 1);
                Val::Bool(first)
            }
            Stmt::Deadline(x, 0) => {
                next.cancel(x, 2);
                Val::Unit
            }
            Stmt::Deadline(x, nanos) => {
                next.alarms.push(Alarm { at: self.now + nanos, what: What::Expire(x), task });
                Val::Unit
            }
            Stmt::ContextErr(x) => Val::Int(i64::from(self.cancelled[x])),
            Stmt::TryDone(x) if self.cancelled[x] == 0 => Val::WouldBlock,
            Stmt::Done(x) if self.cancelled[x] == 0 => return Vec::new(),
            Stmt::TryDone(_) | Stmt::Done(_) => Val::Closed,
            Stmt::Park if !self.tokens[task] => return Vec::new(),
            Stmt::Park => {
                next.let_down[task].remove(&Spurious::Token);
                next.tokens[task] = false;
                Val::Unit
            }
            Stmt::Unpark(other) => {
                let parked =
                    next.alarms.iter().position(|alarm| alarm.task == other && alarm.what == What::EndPark);
                if let Some(parked) = parked {
                    next.alarms.remove(parked);
                    next.give(other, Val::Unit);
                } else {
                    next.tokens[other] = true;
                }
                Val::Unit
            }
        };
        next.give(task, value);
        vec![next]
    }

    /// What main and the children of tasks may do, which nobody but a count sees.
    fn elsewhere(&self) -> Vec<State> {
        let mut all = Vec::new();
        if self.main <= self.at.len() {
            all.push(State { main: self.main + 1, ..self.clone() });
        }
        if self.children > 0 {
            all.push(State { children: self.children - 1, ..self.clone() });
        }
        all
    }

    /// What may happen to `task` for no reason.
    fn let_down(&self, program: &Program, task: usize) -> Option<State> {
        let mut next = self.clone();
        let (by, value) = match self.at[task] {
            _ if !program.spurious => return None,
            At::Finished => return None,
            At::Parked => {
                let c = self.waiting.iter().position(|waiting| waiting.contains(&task))?;
                next.waiting[c].retain(|other| *other != task);
                self.may_be_let_down[task].then_some((Spurious::Condvar(c), Val::Unit))?
            }
            At::Running => match next_of(program, task, &self.results[task])? {
                Stmt::Park if !self.tokens[task] => (Spurious::Token, Val::Unit),
                Stmt::Cas(x, expected, _) if self.registers[x] == expected => {
                    (Spurious::Register(x), Val::Bool(false))
                }
                _ => return None,
            },
        };
        if !next.let_down[task].insert(by) {
            return None;
        }
        next.give(task, value);
        Some(next)
    }

    /// The task waits, and is woken at the latest after so long.
    fn alarm(&self, task: usize, nanos: u64, what: What) -> State {
        let mut next = self.clone();
        next.at[task] = At::Parked;
        next.alarms.push(Alarm { at: self.now + nanos, what, task });
        next
    }

    /// What may happen when time passes to the earliest alarm: one of those.
    fn pass_time(&self) -> Vec<State> {
        let earliest = self.alarms.iter().map(|alarm| alarm.at).min();
        let due = |alarm: &&Alarm| Some(alarm.at) == earliest;
        let ring = |alarm: &Alarm| {
            let mut next = self.clone();
            next.now = self.now.max(alarm.at);
            next.alarms.retain(|other| other != alarm);
            match alarm.what {
                What::Wake => next.give(alarm.task, Val::Unit),
                What::Tick => next.tick = true,
                What::EndPark => next.give(alarm.task, Val::Bool(true)),
                What::Expire(x) => next.cancel(x, 2),
                What::EndRecv => {
                    next.pipe.receiving = false;
                    next.give(alarm.task, Val::Bool(true));
                }
                What::EndWait(c) => {
                    next.waiting[c].retain(|other| *other != alarm.task);
                    next.give(alarm.task, Val::Bool(true));
                }
            }
            next
        };
        self.alarms.iter().filter(due).map(ring).collect()
    }

    /// Cancels what is not cancelled yet of a context and what is below it; a deadline then matters no more.
    fn cancel(&mut self, x: usize, how: u8) {
        if self.cancelled[x] == 0 {
            self.cancelled[x..]
                .iter_mut()
                .filter(|cancelled| **cancelled == 0)
                .for_each(|cancelled| *cancelled = how);
            let cancelled = self.cancelled;
            self.alarms.retain(|alarm| !matches!(alarm.what, What::Expire(x) if cancelled[x] != 0));
        }
    }

    fn give(&mut self, task: usize, value: Val) {
        // Whoever is woken by somebody needs no alarm any more.
        self.alarms.retain(|alarm| alarm.task != task || matches!(alarm.what, What::Tick | What::Expire(_)));
        self.results[task].push(value);
        self.at[task] = At::Running;
    }

    fn let_in(&mut self, r: usize) {
        while let Some((task, write)) = self.rwlocks[r].line.front().copied() {
            if !self.rwlocks[r].lets(write) {
                return;
            }
            self.rwlocks[r].line.pop_front();
            self.rwlocks[r].enter(write);
            self.give(task, Val::Unit);
        }
    }

    /// Moves values along the pipe as far as they go.
    fn flow(&mut self) {
        loop {
            let pipe = &mut self.pipe;
            // Whoever is first in line fills the room; at a pipe without room, the receiver's waiting is room.
            if pipe.has_room() && !pipe.line.is_empty() {
                let (sender, value) = pipe.line.pop_front().expect("somebody in line");
                pipe.buffer.push_back(value);
                self.give(sender, Val::Unit);
            } else if pipe.receiving && !pipe.buffer.is_empty() {
                pipe.receiving = false;
                let value = pipe.buffer.pop_front().expect("a value");
                self.give(0, Val::Int(value));
            } else if pipe.receiving && pipe.senders == 0 && pipe.is_empty() {
                pipe.receiving = false;
                self.give(0, Val::Closed);
            } else {
                return;
            }
        }
    }

    fn serve(&mut self, o: usize) {
        while !self.onces[o].running {
            let Some(task) = self.onces[o].line.pop_front() else { return };
            match self.onces[o].state {
                Some(OnceEnd::Done) => self.give(task, Val::Bool(false)),
                Some(OnceEnd::Poisoned) => self.give(task, Val::Closed),
                Some(OnceEnd::Reset) | None => {
                    self.onces[o].running = true;
                    self.give(task, Val::Bool(true));
                }
            }
        }
    }

    fn is_ready(&self, arm: SelectArm) -> bool {
        match arm {
            SelectArm::Send(c, _) => {
                let channel = &self.channels[c];
                channel.closed || !channel.receivers.is_empty() || channel.buffer.len() < channel.capacity
            }
            SelectArm::Recv(c) => {
                let channel = &self.channels[c];
                channel.closed || !channel.senders.is_empty() || !channel.buffer.is_empty()
            }
        }
    }

    /// A plain send or receive: now, or parked.
    fn one_arm(&self, task: usize, arm: SelectArm) -> State {
        let mut next = self.clone();
        if self.is_ready(arm) {
            next.perform(task, arm, None);
        } else {
            next.park(task, arm, None);
        }
        next
    }

    fn attempt(&self, task: usize, arm: SelectArm) -> State {
        let mut next = self.clone();
        match arm {
            _ if !self.is_ready(arm) => next.give(task, Val::WouldBlock),
            // A try_send at a closed channel says so, instead of panicking.
            SelectArm::Send(c, _) if self.channels[c].closed => next.give(task, Val::Closed),
            _ => next.perform(task, arm, None),
        }
        next
    }

    fn select(&self, task: usize, arms: &[SelectArm], default: bool) -> Vec<State> {
        let ready = arms.iter().enumerate().filter(|(_, arm)| self.is_ready(**arm));
        let taken: Vec<State> = ready
            .map(|(i, arm)| {
                let mut next = self.clone();
                next.perform(task, *arm, Some(i as u32));
                next
            })
            .collect();
        if !taken.is_empty() {
            return taken;
        }
        let mut next = self.clone();
        if default {
            next.give(task, Val::Default);
        } else {
            arms.iter().enumerate().for_each(|(i, arm)| next.park(task, *arm, Some(i as u32)));
        }
        vec![next]
    }

    fn park(&mut self, task: usize, arm: SelectArm, number: Option<u32>) {
        self.at[task] = At::Parked;
        match arm {
            SelectArm::Send(c, value) => {
                self.channels[c].senders.push_back(Queued { task, arm: number, value });
            }
            SelectArm::Recv(c) => {
                self.channels[c].receivers.push_back(Queued { task, arm: number, value: 0 });
            }
        }
    }

    /// Takes an arm that is ready.
    fn perform(&mut self, task: usize, arm: SelectArm, number: Option<u32>) {
        match arm {
            SelectArm::Send(c, value) => {
                if self.channels[c].closed {
                    return self.give(task, Val::Misuse);
                }
                match self.channels[c].receivers.pop_front() {
                    Some(receiver) => self.received(&receiver, Some(value)),
                    None => self.channels[c].buffer.push_back(value),
                }
                self.sent(&Queued { task, arm: number, value });
            }
            SelectArm::Recv(c) => {
                let sender = self.channels[c].senders.pop_front();
                let channel = &mut self.channels[c];
                let oldest = channel.buffer.pop_front();
                if let (Some(_), Some(sender)) = (oldest, &sender) {
                    channel.buffer.push_back(sender.value);
                }
                let value = oldest.or(sender.as_ref().map(|sender| sender.value));
                self.received(&Queued { task, arm: number, value: 0 }, value);
                if let Some(sender) = sender {
                    self.sent(&sender);
                }
            }
        }
    }

    fn sent(&mut self, sender: &Queued) {
        self.leave_queues(sender.task);
        self.give(sender.task, sender.arm.map_or(Val::Unit, |arm| Val::Arm(arm, None)));
    }

    fn received(&mut self, receiver: &Queued, value: Option<i64>) {
        self.leave_queues(receiver.task);
        let plain = value.map_or(Val::Closed, Val::Int);
        self.give(receiver.task, receiver.arm.map_or(plain, |arm| Val::Arm(arm, value)));
    }

    fn leave_queues(&mut self, task: usize) {
        for channel in &mut self.channels {
            channel.senders.retain(|queued| queued.task != task);
            channel.receivers.retain(|queued| queued.task != task);
        }
    }

    fn closed(&self, task: usize, c: usize) -> State {
        let mut next = self.clone();
        if self.channels[c].closed {
            next.give(task, Val::Misuse);
            return next;
        }
        next.channels[c].closed = true;
        while let Some(receiver) = next.channels[c].receivers.pop_front() {
            next.received(&receiver, None);
        }
        while let Some(sender) = next.channels[c].senders.pop_front() {
            next.leave_queues(sender.task);
            next.give(sender.task, Val::Misuse);
        }
        next.give(task, Val::Unit);
        next
    }
}
