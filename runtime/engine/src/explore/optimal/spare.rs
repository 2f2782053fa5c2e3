//! Memory that searches hand to each other, with nothing in it that anyone needs.
//!
//! A part is explored by one thread and taken over by another one. If each of them got its own memory, and freed the
//! other's, both would wait for the allocator's lock at every execution. So a part brings what it will need along, as far
//! as there is any, and whoever takes it over has that again.

use super::happens_before::HappensBefore;
use super::kept::Kept;
use crate::execution::Stage;
use std::sync::Arc;

/// See the module.
#[derive(Debug, Default)]
pub struct Spare {
    kept: Vec<Arc<Kept>>,
    orders: Vec<HappensBefore>,
    stages: Vec<Stage>,
}

impl Spare {
    /// What a part keeps executions in: it takes along enough for so many.
    const EACH: usize = 256;
    /// There is no use for more than this.
    const ALL: usize = 1 << 13;

    /// What a part needs: clocks, where it rehearses, and what it can keep executions in.
    pub fn for_part(&mut self) -> (HappensBefore, Stage, Spare) {
        let from = self.kept.len().saturating_sub(Spare::EACH);
        let spare = Spare { kept: self.kept.split_off(from), ..Spare::default() };
        (self.orders.pop().unwrap_or_default(), self.stages.pop().unwrap_or_default(), spare)
    }

    /// What a part had.
    pub fn take_back(&mut self, order: HappensBefore, stage: Stage, spare: Spare) {
        self.orders.push(order);
        self.stages.push(stage);
        self.take_kept(spare.kept);
    }

    /// What was kept, as far as nobody else has it.
    pub fn take_kept(&mut self, kept: impl IntoIterator<Item = Arc<Kept>>) {
        for mut kept in kept {
            if self.kept.len() < Spare::ALL && Arc::get_mut(&mut kept).is_some() {
                self.kept.push(kept);
            }
        }
    }

    /// To keep an execution in.
    pub fn kept(&mut self) -> Arc<Kept> {
        self.kept.pop().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Spare;
    use std::sync::Arc;

    #[test]
    fn what_somebody_still_has_is_not_used_again() {
        let mut spare = Spare::default();
        let (one, other) = (spare.kept(), spare.kept());
        let address = Arc::as_ptr(&one);
        let still_used = other.clone();
        spare.take_kept([one, other]);
        assert_eq!(Arc::as_ptr(&spare.kept()), address);
        assert_ne!(Arc::as_ptr(&spare.kept()), Arc::as_ptr(&still_used));
    }

    #[test]
    fn a_part_takes_along_what_it_may_need_and_brings_it_back() {
        let mut spare = Spare::default();
        spare.take_kept((0..2 * Spare::EACH + 1).map(|_| Arc::default()));
        let (order, stage, part) = spare.for_part();
        assert_eq!((part.kept.len(), spare.kept.len()), (Spare::EACH, Spare::EACH + 1));
        spare.take_back(order, stage, part);
        assert_eq!((spare.kept.len(), spare.orders.len(), spare.stages.len()), (2 * Spare::EACH + 1, 1, 1));
        spare.take_kept((0..2 * Spare::ALL).map(|_| Arc::default()));
        assert_eq!(spare.kept.len(), Spare::ALL);
    }
}
