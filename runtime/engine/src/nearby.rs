//! Schedules near one that does not lead any more to what it led to, since its program was edited.
//!
//! What was inserted before a landmark, or removed, and is of its sort moves it, and those of the same task and sort
//! behind it, by as many places. Nothing that a token could hold in few bytes tells the new one from the old one (its
//! line and column move with any edit, its name may be changed, and how often an object is used shows only afterwards),
//! but running it does. Edits of two places at once, each of them of a landmark's own sort, are not looked for.

use crate::mark::Mark;
use crate::plan::{Deviation, Schedule};
use gorace_analyzer_core::TaskPath;

/// By how many places a landmark is moved at the most.
const FARTHEST: i64 = 8;

/// How many are worth an execution each.
const MOST: usize = 40;

impl Schedule {
    /// The same deviations with landmarks moved, the likeliest first: none for a schedule without landmarks.
    pub fn nearby(&self) -> impl Iterator<Item = Schedule> {
        let moves = (1..=FARTHEST).flat_map(|places| [places, -places]);
        let moves = moves.flat_map(|places| (0..self.marks.len()).map(move |from| (from, places)));
        moves.filter_map(|(from, places)| self.moved(from, places)).take(MOST)
    }

    /// With the landmark `from`, and those like it behind it, so many `places` later.
    fn moved(&self, from: usize, places: i64) -> Option<Schedule> {
        let like = self.like(from)?;
        let mut schedule = self.clone();
        for (at, mark) in schedule.marks.iter_mut().enumerate().skip(from) {
            if self.like(at) == Some(like) {
                let nth = i64::from(mark.nth) + places;
                mark.nth = u32::try_from(nth).ok().filter(|nth| *nth > 0)?;
            }
        }
        Some(schedule)
    }

    /// What is counted together with a landmark; `None` for one before its task's first event, which does not move.
    fn like(&self, at: usize) -> Option<(&TaskPath, bool, u16)> {
        let Mark { sort, nth, .. } = *self.marks.get(at)?;
        let (task, is_switch) = match self.deviations.get(at)? {
            Deviation::Switch { task, .. } => (task, true),
            Deviation::Choice { task, .. } => (task, false),
        };
        (nth > 0).then_some((task, is_switch, sort))
    }
}
