//! The small-step semantics that the engine is judged by: all reachable ends of a program.
//!
//! Written from Go's and std's definitions, not from the engine: a mutex is free or held and whoever comes
//! gets it (no queue, no tickets); a channel is a buffer with a queue of waiting senders and one of waiting
//! receivers, as in Go's runtime, and a select is an entry in several of them. There is no dependency
//! relation and no reduction: every state is visited once.
//!
//! Who waits for a read-write lock stands in line here as in the engine, since std and Go leave the order open and the
//! library promises this one: that it is right cannot be told from this reference.

mod chance;
mod channels;
mod queues;
mod step;
mod time;
mod words;

use super::program::{OnceEnd, Outcome, Program, Val, own_context};
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
    /// Whose waker was called since it was pending last.
    woken: Vec<bool>,
    words: Vec<i64>,
    /// Who waits for each word to change.
    word_waiters: Vec<BTreeSet<usize>>,
    pipe: Pipe,
    now: u64,
    /// What is to happen, and when.
    alarms: Vec<Alarm>,
    /// A tick that nobody has received, if ticks have no channel.
    tick: bool,
    /// Whether ticks and contexts have channels.
    times_out: bool,
    /// Whether the timer was started ever.
    is_timer_known: bool,
    /// 0 not, 1 by a call, 2 by a deadline.
    cancelled: Vec<u8>,
    /// What each context is below.
    below: Vec<Option<usize>>,
    /// What starts the last task once it is cancelled.
    starts_last: Option<usize>,
    /// What main has done: started so many tasks, and then exited.
    main: usize,
    /// Children of tasks that have not exited.
    children: usize,
    /// Whose closures are done, who are not finished.
    closed: Vec<bool>,
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
    Waker,
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
    /// Starts the last task.
    Start,
    EndWait(usize),
    EndPark,
    EndRecv,
    EndWordWait(usize),
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
    poisoned: bool,
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

/// Whoever comes while an initialisation runs looks again after it, as in std: there is no line.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Once {
    state: Option<OnceEnd>,
    running: bool,
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
    let mut start = State {
        at: vec![At::Running; tasks],
        results: vec![Vec::new(); tasks],
        registers: program.registers.clone(),
        held: vec![false; program.locks],
        poisoned: vec![false; program.locks],
        waiting: vec![Vec::new(); program.condvars],
        channels: program.channels.iter().map(channel).collect(),
        rwlocks: vec![RwLock::default(); program.rwlocks],
        onces: vec![Once::default(); program.onces],
        arrived: vec![Vec::new(); program.barriers.len()],
        counters: vec![0; program.groups],
        group_waiters: vec![BTreeSet::new(); program.groups],
        tokens: vec![false; tasks],
        woken: vec![false; tasks],
        words: vec![0; program.words],
        word_waiters: vec![BTreeSet::new(); program.words],
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
        times_out: program.times_out,
        is_timer_known: false,
        cancelled: vec![0; own_context(tasks)],
        below: (0..own_context(tasks)).map(|x| (x == 1).then_some(0)).collect(),
        starts_last: None,
        main: if program.counts_tasks() { 0 } else { tasks + 1 },
        children: 0,
        closed: vec![false; program.tasks.len()],
        let_down: vec![BTreeSet::new(); tasks],
        may_be_let_down: vec![false; tasks],
        dropped: false,
    };
    if program.is_last_called {
        start.at[tasks - 1] = At::Parked;
    }
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
    fn give(&mut self, task: usize, value: Val) {
        // Whoever is woken by somebody needs no alarm any more.
        self.alarms.retain(|alarm| {
            alarm.task != task || matches!(alarm.what, What::Tick | What::Start | What::Expire(_))
        });
        self.results[task].push(value);
        self.at[task] = At::Running;
    }
}
