//! Memory that a thread explores parts in, with nothing in it that anyone needs.
//!
//! A part is explored by one thread and taken over by another one. Allocators keep what a thread frees for that thread,
//! whoever got it: it is used there again and again, and each time that it grows or is given back, the two wait for each
//! other. So no thread frees what another one got. A part is explored in memory of the thread that explores it, and so that
//! is copied which it was made of. Whoever takes it over copies what it goes on with, and frees what the part was made of;
//! the part goes back to where it was explored.

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
    /// There is no use for more than this.
    const ALL: usize = 1 << 13;

    /// What a part needs to be explored: clocks, and where it rehearses.
    pub(super) fn for_part(&mut self) -> (HappensBefore, Stage) {
        (self.orders.pop().unwrap_or_default(), self.stages.pop().unwrap_or_default())
    }

    /// What a part had.
    pub(super) fn take_back(&mut self, order: HappensBefore, stage: Stage) {
        self.orders.push(order);
        self.stages.push(stage);
    }

    /// What was kept, as far as nobody else has it.
    pub(super) fn take_kept(&mut self, kept: impl IntoIterator<Item = Arc<Kept>>) {
        for mut kept in kept {
            if self.kept.len() < Spare::ALL && Arc::get_mut(&mut kept).is_some() {
                self.kept.push(kept);
            }
        }
    }

    /// To keep an execution in.
    pub(super) fn kept(&mut self) -> Arc<Kept> {
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
    fn what_comes_back_is_used_again_up_to_a_bound() {
        let mut spare = Spare::default();
        let (order, stage) = spare.for_part();
        spare.take_back(order, stage);
        assert_eq!((spare.orders.len(), spare.stages.len()), (1, 1));
        _ = spare.for_part();
        assert_eq!((spare.orders.len(), spare.stages.len()), (0, 0));
        spare.take_kept((0..2 * Spare::ALL).map(|_| Arc::default()));
        assert_eq!(spare.kept.len(), Spare::ALL);
    }
}
