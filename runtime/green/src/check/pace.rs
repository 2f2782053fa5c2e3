//! When a run looks at the clock: not after each of many short executions, since a look costs as much as some steps.

use std::time::{Duration, Instant};

/// Executions that together take less than this need no look between them.
const OFTEN_ENOUGH: Duration = Duration::from_micros(50);

/// The most executions without a look: they may turn out longer than those before.
const MOST: u32 = 16;

/// See the module.
pub(crate) struct Pace {
    started: Instant,
    /// The last look.
    seen: Duration,
    /// How many executions lie between two looks, and how many are left until the next.
    between: u32,
    left: u32,
}

impl Pace {
    /// Of a run that started at `started`; the first execution is looked at.
    pub fn new(started: Instant) -> Self {
        Pace { started, seen: Duration::ZERO, between: 1, left: 1 }
    }

    /// An execution is over: how long the run has taken, if it is time for a look.
    pub fn look(&mut self) -> Option<Duration> {
        self.left -= 1;
        if self.left > 0 {
            return None;
        }
        let elapsed = self.started.elapsed();
        let fits = elapsed.saturating_sub(self.seen) * 2 <= OFTEN_ENOUGH;
        self.between = if fits { (self.between * 2).min(MOST) } else { 1 };
        (self.seen, self.left) = (elapsed, self.between);
        Some(elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Pace};
    use std::time::{Duration, Instant};

    #[test]
    fn each_of_some_long_executions_is_looked_at() {
        let mut pace = Pace::new(Instant::now() - Duration::from_secs(1));
        for _ in 0..3 {
            assert!(pace.look().is_some());
            pace.seen = Duration::ZERO;
        }
    }

    #[test]
    fn the_most_that_are_not_looked_at_are_few() {
        let mut pace = Pace::new(Instant::now());
        let looks = (0..10_000).filter(|_| pace.look().is_some()).count();
        assert!(looks >= 10_000 / MOST as usize);
    }
}
