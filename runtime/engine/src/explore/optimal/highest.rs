//! Where in the stack the last executions planned anything: whether parts would plan above themselves nearly each time.
//!
//! That is a guess, from other executions than those of the part, which have stacks of other lengths. It decides only what is given
//! away, not what comes of it.

/// See the module.
#[derive(Debug, Default)]
pub struct Highest {
    /// Of the last executions, in turn: the place nearest to the root at which each planned anything, if it did.
    last: [Option<usize>; Highest::EXECUTIONS],
    begun: usize,
}

impl Highest {
    /// So many are looked at.
    const EXECUTIONS: usize = 32;

    /// Another execution is looked at.
    pub fn begin(&mut self) {
        self.begun = (self.begun + 1) % Highest::EXECUTIONS;
        self.last[self.begun] = None;
    }

    /// It has planned something new at this place.
    pub fn note(&mut self, at: usize) {
        let highest = &mut self.last[self.begun];
        if highest.is_none_or(|highest| at < highest) {
            *highest = Some(at);
        }
    }

    /// Whether half of the executions or more planned something above this place.
    pub fn is_mostly_above(&self, place: usize) -> bool {
        let above = self.last.iter().filter(|highest| highest.is_some_and(|highest| highest < place));
        2 * above.count() >= Highest::EXECUTIONS
    }
}

#[cfg(test)]
mod tests {
    use super::Highest;

    #[test]
    fn the_highest_place_of_each_execution_counts() {
        let mut highest = Highest::default();
        for execution in 0..3 * Highest::EXECUTIONS {
            highest.begin();
            highest.note(7);
            highest.note(if execution % 2 == 0 { 3 } else { 9 });
        }
        assert!(!highest.is_mostly_above(3));
        assert!(highest.is_mostly_above(4));
        (0..Highest::EXECUTIONS).for_each(|_| highest.begin());
        assert!(!highest.is_mostly_above(4));
    }
}
