//! The search by random schedules, on all cores.
//!
//! Schedule 0 is the default one: it tells what the program is like. Schedule `i` depends on the program, the seed and
//! `i` alone, and what came of the schedules is taken in their order, so that nothing depends on how many cores there
//! are.

use super::options::AFTER_FINDING;
use super::session::{Broken, Session};
use crate::child;
use crate::error::Outcome;
use gorace_analyzer::verdict::Stopped;
use gorace_engine::explore::Strategy;
use gorace_inject::wire::{Answer, How};
use std::collections::VecDeque;
use std::time::Instant;

/// Executions that crash or come to no end, at the most: each of these may take as long as it may.
const BREAKS: u64 = 8;

/// Executions that are asked for at once.
const CHUNK: u64 = 16;

/// Executions of a program, by their indices.
#[derive(Clone, Copy)]
struct Chunk {
    process: usize,
    first: u64,
    count: u64,
}

impl Session {
    /// Explores at random until the budget is used up, or long enough after a finding.
    ///
    /// # Errors
    /// If the program cannot be explored.
    pub fn explore_at_random(&mut self, started: Instant) -> Outcome<Stopped> {
        self.send(0, How::Learn, false)?;
        self.take_chunk(Chunk { process: 0, first: 0, count: 1 })?;
        if self.facts.threaded == 0 && self.broken.is_none() {
            return Ok(Stopped::Complete);
        }
        let mut next = 1;
        let mut asked: VecDeque<Chunk> = VecDeque::new();
        let mut idle = vec![0];
        if self.options.max_executions > CHUNK {
            idle = self.start_others()?;
        }
        loop {
            let most = self.options.max_executions;
            let end = self.last.map_or(most, |last| last.min(most));
            let is_over = child::is_interrupted() || started.elapsed() >= self.options.timeout;
            while let Some(process) = idle.pop() {
                let count = CHUNK.min(end.saturating_sub(next));
                if count == 0 || is_over {
                    idle.push(process);
                    break;
                }
                let chunk = Chunk { process, first: next, count };
                self.ask(chunk)?;
                asked.push_back(chunk);
                next += count;
            }
            let Some(chunk) = asked.pop_front() else {
                return Ok(match () {
                    () if child::is_interrupted() => Stopped::Interrupted,
                    () if self.last.is_some_and(|last| next >= last) => Stopped::Finding,
                    () if next >= most => Stopped::MaxExecutions,
                    () => Stopped::Timeout,
                });
            };
            let left = self.take_chunk(chunk)?;
            match left.filter(|left| self.last.is_none_or(|last| left.first < last)) {
                Some(left) => {
                    self.ask(left)?;
                    asked.push_front(left);
                }
                None => idle.push(chunk.process),
            }
        }
    }

    /// Starts the program on the other cores as well; gives all that are idle.
    fn start_others(&mut self) -> Outcome<Vec<usize>> {
        self.start_rest()?;
        for process in 1..self.processes.len() {
            if self.options.strategy != Strategy::Random {
                // Each process learns for itself what the first has learned.
                self.run(process, How::Learn, false)?;
            }
        }
        Ok((0..self.processes.len()).rev().collect())
    }

    fn ask(&mut self, Chunk { process, first, count }: Chunk) -> Outcome<()> {
        let (by, seed) = (self.options.strategy.clone(), self.options.seed);
        self.send(process, How::Random { by, seed, first, count }, false)
    }

    /// Takes what came of some executions; gives those that are left of them.
    fn take_chunk(&mut self, Chunk { process, first, count }: Chunk) -> Outcome<Option<Chunk>> {
        let answer = self.processes[process].answer()?;
        let (facts, broken) = match answer {
            Answer::Clean(facts) | Answer::Trace(facts) => (facts, None),
            Answer::Died(facts, signal) => (facts, Some(Broken::Died(signal))),
            Answer::Hung(facts) => (facts, Some(Broken::Hung)),
            Answer::Broken(_) => return Ok(None),
        };
        self.facts.add(&facts);
        let at = first + facts.executions;
        if let Some(broken) = broken {
            // What others show may tell why.
            self.breaks += 1;
            let last = if self.breaks < BREAKS { at + AFTER_FINDING } else { at };
            self.last = Some(self.last.unwrap_or(last).min(last));
            self.broken.get_or_insert((broken, at));
        } else if let Answer::Trace(_) = answer {
            let raw = self.processes[process].trace()?;
            let is_last = self.judge(process, &raw, at)?;
            if is_last {
                self.last = Some(at);
            } else if !self.seen.is_empty() && !self.options.keep_going && self.last.is_none() {
                self.last = Some(at + AFTER_FINDING);
            }
        } else {
            return Ok(None);
        }
        let count = count.saturating_sub(facts.executions);
        Ok((count > 0).then_some(Chunk { process, first: at, count }))
    }

    /// What the random strategies of the schedules so far are called.
    pub fn random_words(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        for index in 1..=self.facts.executions.clamp(1, 64) {
            let by = self.options.strategy.sampler(index);
            let word = by.map_or(Strategy::Random, Strategy::from).to_string();
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(", ")
    }
}
