//! Several threads for one check: shares of the exploration, run ahead of their turn.
//!
//! The session's own thread runs the exploration in its order, and keeps the books. The others run what the
//! explorer gives away, and leave what it showed; once its turn has come, the session counts it as if it had run it
//! itself. So the result does not depend on how many threads there are. All of an execution's state belongs to
//! the thread that it runs on.

use crate::check::Options;
use crate::check::execute::{MAX_ABANDONED, MAX_LENT, execute, tear_down};
use crate::check::leaves::{Batch, Given};
use crate::check::observe::Observation;
use crate::check::session::Body;
use crate::inside::context::Context;
use crate::inside::peers::Peers;
use crate::inside::watchdog::Heartbeat;
use gorace_analyzer::Listed;
use gorace_analyzer::Trace;
use gorace_analyzer::detect::Detectors;
use gorace_engine::Schedule;
use gorace_engine::explore::{Analysis, Explorer, Share, Spare};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Executions before there are threads: what is over sooner is not worth them.
pub(crate) const ALONE: u64 = 200;

/// Shares that wait for their turn, run or not.
const OUT: usize = 512;

/// The other threads of a check.
pub(crate) struct Pool {
    common: Arc<Common>,
    threads: Vec<JoinHandle<()>>,
    peers: Arc<Peers>,
    /// Single executions that were given away.
    pub given: Given,
}

struct Common {
    state: Mutex<State>,
    /// There is a share to run, or nothing will come any more.
    work: Condvar,
    /// A share was stopped or is finished.
    done: Condvar,
    /// How many shares wait for a thread, and how many for their turn.
    waiting: AtomicUsize,
    /// How many threads run one.
    busy: AtomicUsize,
    /// How many have ended that were worth it, and that were not, since the session has looked at that.
    ended: [AtomicUsize; 2],
    finished: AtomicUsize,
    /// Whether nothing will come any more.
    is_closed: AtomicBool,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Share>,
    /// Single executions, for those who have no share to run.
    batches: VecDeque<Arc<Batch>>,
    /// Those that are run, each with the word to stop.
    running: Vec<(u64, Arc<AtomicBool>)>,
    finished: Vec<Finished>,
    /// Those that are not asked for any more, for the threads that ran them.
    returned: Vec<Finished>,
}

/// A share that was run, to its end or until it was stopped.
pub(crate) struct Finished {
    pub share: Share,
    /// The number of the thread that ran it, if one did.
    by: Option<usize>,
    /// What each execution showed.
    pub observations: Vec<Observation>,
    /// The first new one that showed nothing.
    pub passing: Option<(usize, Schedule, Trace)>,
    /// The schedule of the last new one, where that is asked for.
    pub last: Option<Schedule>,
}

impl Finished {
    fn not_begun(share: Share) -> Self {
        Finished { share, by: None, observations: Vec::new(), passing: None, last: None }
    }
}

impl Common {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    /// Starts the other `jobs - 1` threads. The session's own is the first of the peers.
    pub fn start(jobs: usize, body: &Body, options: &Options) -> Self {
        let common = Arc::new(Common {
            state: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
            waiting: AtomicUsize::new(0),
            busy: AtomicUsize::new(0),
            ended: Default::default(),
            finished: AtomicUsize::new(0),
            is_closed: AtomicBool::new(false),
        });
        let peers = Arc::new(Peers::new(jobs));
        let start = |number| {
            let (common, body, options, peers) =
                (common.clone(), body.clone(), options.clone(), peers.clone());
            let builder = std::thread::Builder::new().name(format!("gorace {number}"));
            // With fewer threads it only takes longer.
            builder.spawn(move || Worker::new(body, options, peers, number).work(&common)).ok()
        };
        let threads = (1..jobs).filter_map(start).listed();
        Pool { common, threads, peers, given: Given::default() }
    }

    /// Who else runs executions.
    pub fn peers(&self) -> &Arc<Peers> {
        &self.peers
    }

    /// Gives threads that have nothing to do something of what is left.
    pub fn feed(&mut self, explorer: &mut Explorer, with_leaves: bool) {
        for (ended, is_worth_it) in self.common.ended.iter().zip([true, false]) {
            if ended.load(Relaxed) > 0 {
                explorer.note_ended(std::iter::repeat_n(is_worth_it, ended.swap(0, Relaxed)));
            }
        }
        let waiting = self.common.waiting.load(Relaxed);
        // One that waits while all are busy is mostly taken back, which is as dear as to give it away.
        let wanted = self.threads.len().saturating_sub(waiting + self.common.busy.load(Relaxed));
        let room = OUT.saturating_sub(waiting + self.common.finished.load(Relaxed)).min(wanted);
        // Nothing is locked, and nobody woken, for nothing: this is looked at after each execution.
        if room == 0 {
            return;
        }
        if let Some(first) = explorer.share(with_leaves) {
            let mut state = self.common.state();
            state.waiting.push_back(first);
            state.waiting.extend((1..room).map_while(|_| explorer.share(with_leaves)));
            self.common.waiting.store(state.waiting.len(), Relaxed);
        } else if with_leaves && let Some(batch) = self.given.more(explorer) {
            self.common.state().batches.push_back(batch);
        } else {
            return;
        }
        self.common.work.notify_all();
    }

    /// What was run of a share, which is stopped for that: nothing, if it was not begun. `None` if it is lost.
    pub fn take(&self, name: u64) -> Option<Finished> {
        let mut state = self.common.state();
        if let Some(at) = state.waiting.iter().position(|share| share.name == name) {
            let share = state.waiting.remove(at)?;
            self.common.waiting.store(state.waiting.len(), Relaxed);
            return Some(Finished::not_begun(share));
        }
        loop {
            if let Some(at) = state.finished.iter().position(|finished| finished.share.name == name) {
                let finished = state.finished.remove(at);
                self.common.finished.store(state.finished.len(), Relaxed);
                return Some(finished);
            }
            let (_, stop) = state.running.iter().find(|(running, _)| *running == name)?;
            stop.store(true, Relaxed);
            state = self.common.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What is left of a share goes back to the thread whose memory it lies in: see [`Spare`].
    pub fn give_back(&self, finished: Finished) {
        if finished.by.is_some() {
            self.common.state().returned.push(finished);
        }
    }

    /// Stops everything; how many executions were run in vain.
    pub fn close(self) -> u64 {
        let mut state = self.common.state();
        // Within the lock, since whoever waits for work has looked at it there.
        self.common.is_closed.store(true, Relaxed);
        state.waiting.clear();
        for (_, stop) in &state.running {
            stop.store(true, Relaxed);
        }
        drop(state);
        self.common.work.notify_all();
        // Whatever a thread panics with was said by the hook.
        for thread in self.threads {
            _ = thread.join();
        }
        let shares = &self.common.state().finished;
        shares.iter().map(|finished| finished.share.executions()).sum::<u64>() + self.given.in_vain()
    }
}

/// One of the other threads.
struct Worker {
    cx: Context,
    body: Body,
    options: Options,
    detectors: Detectors,
    analysis: Analysis,
    number: usize,
    spare: Spare,
}

impl Worker {
    fn new(body: Body, options: Options, peers: Arc<Peers>, number: usize) -> Self {
        let heartbeat = Heartbeat::start(options.program.title(), options.stall);
        let mut cx = Context::new(options.stack_size, heartbeat);
        cx.peers = Some((peers, number));
        // Each execution counts a reference to it: each thread its own.
        let body: Body = Arc::new(move || body());
        let (detectors, analysis, spare) = Default::default();
        Worker { cx, body, options, detectors, analysis, number, spare }
    }

    fn work(mut self, common: &Common) {
        let mut state = common.state();
        while !common.is_closed.load(Relaxed) {
            let Some(share) = state.waiting.pop_front() else {
                if let Some(batch) = state.batches.front().cloned() {
                    drop(state);
                    let is_through = self.run_leaves(&batch, common);
                    state = common.state();
                    state.batches.retain(|other| !is_through || !Arc::ptr_eq(other, &batch));
                    continue;
                }
                let woken = self.cx.heartbeat.wait(|| common.work.wait(state));
                state = woken.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            common.waiting.store(state.waiting.len(), Relaxed);
            let (name, stop) = (share.name, Arc::new(AtomicBool::new(false)));
            state.running.push((name, stop.clone()));
            common.busy.store(state.running.len(), Relaxed);
            let returned =
                state.returned.extract_if(.., |finished| finished.by == Some(self.number)).listed();
            drop(state);
            for Finished { share, .. } in returned {
                share.go_back_to(&mut self.spare);
            }
            // A share that is lost is run by the session.
            let finished = catch_unwind(AssertUnwindSafe(|| self.run(share, &stop)));
            state = common.state();
            state.running.retain(|(running, _)| *running != name);
            common.busy.store(state.running.len(), Relaxed);
            if let Some(is_worth_it) =
                finished.as_ref().ok().and_then(|finished| finished.share.is_worth_it())
            {
                common.ended[usize::from(!is_worth_it)].fetch_add(1, Relaxed);
            }
            let is_lost = finished.is_err();
            state.finished.extend(finished.ok());
            common.finished.store(state.finished.len(), Relaxed);
            common.done.notify_all();
            if is_lost {
                break;
            }
        }
    }

    /// Runs single executions until there is something else to do; whether nobody has to look at these any more.
    fn run_leaves(&mut self, batch: &Batch, common: &Common) -> bool {
        let has_else = || common.waiting.load(Relaxed) > 0 || common.is_closed.load(Relaxed);
        while batch.run_last(&mut self.cx, &self.body, &mut self.analysis) {
            if has_else() {
                return false;
            }
        }
        true
    }

    fn run(&mut self, mut share: Share, stop: &AtomicBool) -> Finished {
        let mut observations = Vec::new();
        let (mut passing, mut last) = (None, None);
        let mut has_found = false;
        share.begin_in(&mut self.spare);
        while !stop.load(Relaxed) {
            let Some(plan) = share.next() else { break };
            let ended = execute(&mut self.cx, &self.body, &plan);
            let is_new = share.absorb(&mut self.cx.exec, ended);
            let execution = &mut self.cx.exec;
            let observation = Observation::of(execution, &mut self.detectors, &self.options, ended);
            if is_new && observation.is_clean && passing.is_none() {
                passing = Some((observations.len(), execution.schedule(), execution.trace().clone()));
            }
            if is_new && self.options.is_one_of_several {
                last = Some(execution.schedule());
            }
            let is_foreign = self.cx.foreign.take().is_some();
            tear_down(&mut self.cx);
            if is_foreign || self.cx.lent > MAX_LENT || self.cx.abandoned > MAX_ABANDONED {
                share.give_up();
            }
            if observation.has_livelock() && !self.options.keep_going {
                share.stop_after(0);
            }
            if !observation.met.is_empty() && !has_found {
                has_found = true;
                for more in self.options.budget().after_finding.into_iter() {
                    share.stop_after(more);
                }
            }
            observations.push(observation);
        }
        share.end_in(&mut self.spare);
        Finished { share, by: Some(self.number), observations, passing, last }
    }
}
