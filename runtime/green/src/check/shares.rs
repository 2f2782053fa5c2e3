//! A check with several threads: what the session's own thread does with the others.

use crate::check::jobs::{ALONE, Finished, Pool};
use crate::check::leaves::Turn;
use crate::check::session::Session;
use gorace_analyzer::trace::Ended;
use gorace_engine::explore::Class;

impl Session {
    /// Gives the other threads something to do; starts them once it is worth it.
    pub fn share_out(&mut self) {
        if self.options.jobs > 1 && self.pool.is_none() && self.executions + self.redundant >= ALONE {
            let pool = Pool::start(self.options.jobs, &self.body, &self.options);
            self.cx.peers = Some((pool.peers().clone(), 0));
            self.pool = Some(pool);
        }
        // What single executions show is not looked at by others.
        let are_alike = self.passing.is_some() && self.pieces.is_none();
        if let Some(pool) = &mut self.pool {
            pool.feed(&mut self.explorer, are_alike);
        }
    }

    /// Counts what another thread has run of a share whose turn has come.
    pub fn adopt(&mut self, name: u64) {
        let pool = self.pool.as_ref();
        let finished = pool.and_then(|pool| self.cx.heartbeat.wait(|| pool.take(name)));
        if self.are_entangled() {
            self.redundant += finished.map_or(0, |finished| finished.share.executions());
            self.explorer.adopt(None);
            return self.go_on_alone();
        }
        let Some(mut finished) = finished else {
            self.explorer.adopt(None);
            return;
        };
        match self.explorer.adopt(Some(&mut finished.share)) {
            true => self.count_all(&mut finished),
            false => self.redundant += finished.share.executions(),
        }
        if let Some(pool) = &self.pool {
            pool.give_back(finished);
        }
    }

    /// Counts all that was run of a share that was taken over.
    fn count_all(&mut self, finished: &mut Finished) {
        let Finished { share, observations, passing, last, .. } = finished;
        for (i, (is_new, observation)) in share.ran().iter().zip(observations.drain(..)).enumerate() {
            let class = self.explorer.count_adopted(*is_new, observation.ended, observation.steps);
            if self.passing.is_none() && class == Class::Complete {
                self.passing =
                    passing.take_if(|(at, ..)| *at == i).map(|(_, schedule, trace)| (schedule, trace));
            }
            for (kind, key, schedule) in self.take(observation, class) {
                self.add(&kind, key, &schedule, Class::Complete);
            }
        }
        if let Some(pieces) = self.pieces.as_mut() {
            pieces.goes_on = false;
            pieces.last = last.take().or(pieces.last.take());
        }
    }

    /// Counts what was run of a leaf whose turn has come.
    pub fn adopt_leaf(&mut self, name: u64, number: usize) {
        let Session { pool, cx, body, .. } = self;
        let turn = pool.as_mut().map(|pool| pool.given.take(name, number, cx, body));
        if self.are_entangled() {
            self.redundant += u64::from(matches!(turn, Some(Turn::Ran(..) | Turn::Unfit)));
            self.explorer.run_leaf(false);
            return self.go_on_alone();
        }
        match turn {
            Some(Turn::Ran(batch)) => {
                let (class, rest) = batch.adopt(number, &mut self.explorer);
                match class {
                    Some(class) => self.count(class, Ended::Quiescent, rest.steps()),
                    None => self.redundant += 1,
                }
                if let Some(pool) = &mut self.pool {
                    pool.given.reuse(rest);
                }
            }
            Some(Turn::Unfit) => {
                self.redundant += 1;
                self.explorer.run_leaf(true);
            }
            Some(Turn::Free) | None => self.explorer.run_leaf(false),
        }
    }

    /// Whether executions of two threads use one object: then none of them counts.
    pub fn are_entangled(&self) -> bool {
        self.pool.as_ref().is_some_and(|pool| pool.peers().are_entangled())
    }

    /// Stops the other threads, for good.
    pub fn go_on_alone(&mut self) {
        self.options.jobs = 1;
        self.let_go();
    }

    /// Stops them, until there is something else to share.
    pub fn let_go(&mut self) {
        self.cx.peers = None;
        if let Some(pool) = self.pool.take() {
            self.redundant += self.cx.heartbeat.wait(|| pool.close());
        }
    }
}
