//! How many traces there are in all, as far as the search can tell on its way.
//!
//! Source: Kilby, Slaney, Thiebaux, Walsh, *Estimating Search Tree Size*, AAAI 2006 (the recursive estimator), after
//! Knuth, *Estimating the Efficiency of Backtrack Programs*, 1975: what is planned beside a part that was
//! explored is taken to be as large as that was on the average. No executions are run for it.
//!
//! It guarantees nothing. At first it is mostly too small, since races that are still to be met plan more; where what
//! comes later in the search is smaller, since more is asleep there, it is too large.

use crate::explore::frontier::{Coded, Reader, coded};

/// What was explored below a decision.
#[derive(Clone, Copy, Debug, Default)]
pub struct Explored {
    /// How often something else was tried there, and the traces that this gave.
    times: u64,
    traces: u64,
    /// The search's traces when the present attempt began.
    since: u64,
}

coded! {
    Explored { times, traces, since },
}

impl Explored {
    /// Nothing yet, in a search that has met so many traces.
    pub fn from(traces: u64) -> Self {
        Explored { since: traces, ..Explored::default() }
    }

    /// The present attempt is over, after so many traces of the whole search.
    pub fn next(&mut self, traces: u64) {
        // What was read from a file may be anything.
        self.times = self.times.saturating_add(1);
        self.traces = self.traces.saturating_add(traces.saturating_sub(self.since));
        self.since = traces;
    }

    /// The same in a search that had met so many more before.
    pub fn after(&mut self, traces: u64) {
        self.since = self.since.saturating_add(traces);
    }

    /// How many traces there are from here on, if there are `below` in the present attempt and so many things `left`
    /// to try.
    pub fn estimate(&self, below: f64, left: usize) -> f64 {
        let so_far = self.traces as f64 + below;
        so_far + left as f64 * so_far / (self.times as f64 + 1.0)
    }
}
