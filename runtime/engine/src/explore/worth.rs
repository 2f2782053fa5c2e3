//! What is worth to be given to other threads.

use std::ops::RangeInclusive;

/// Whether shares of the search are worth what it takes to give them away. Some programs have none but single
/// executions, which cost more by another thread.
#[derive(Debug, Default)]
pub(super) struct Worth {
    /// Shares that came back since that was looked at last, and how many executions they had run.
    came_back: u64,
    ran: u64,
    /// Nothing is given away before so many executions were begun; how long the last such pause was.
    pub until: u64,
    pause: u64,
    /// Shares of another kind are not looked for before so many were begun.
    whole_from: u64,
}

impl Worth {
    /// So many shares tell.
    const SHARES: u64 = 16;
    /// Of fewer executions than this they are not worth it.
    const EXECUTIONS: u64 = 4;
    /// Pauses, in executions: each is twice as long as the one before it, so that what is tried in vain is a small part of
    /// all.
    const PAUSES: RangeInclusive<u64> = 64..=1 << 16;

    /// A share has run so many executions, of which `begun` were begun by now.
    pub fn came_back(&mut self, ran: u64, begun: u64) {
        self.came_back += 1;
        self.ran += ran;
        if self.came_back < Worth::SHARES {
            return;
        }
        let is_worth_it = self.ran >= Worth::SHARES * Worth::EXECUTIONS;
        let (least, most) = (*Worth::PAUSES.start(), *Worth::PAUSES.end());
        self.pause = if is_worth_it { 0 } else { (2 * self.pause).clamp(least, most) };
        self.until = begun.saturating_add(self.pause);
        (self.came_back, self.ran) = (0, 0);
    }

    /// How many leaves a share may have at least and at most that is all of what is planned to follow a step, if there may be
    /// one: so many executions were `begun`, there is `room` for so many, and these are `out`.
    pub fn leaves(&self, begun: u64, room: u64, out: &[(u64, u64)]) -> Option<(usize, usize)> {
        let out = out.iter().filter(|(name, _)| name & WHOLE != 0);
        let left = ALL.saturating_sub(out.map(|(_, most)| *most).sum());
        let most = left.min(EACH).min(room).min(begun / PART) as usize;
        (begun >= self.whole_from && most >= LEAVES).then_some((LEAVES, most))
    }

    /// One was looked for.
    pub fn looked(&mut self, has_found: bool, begun: u64) {
        self.whole_from = if has_found { begun } else { begun + AGAIN };
    }
}

/// In the names of shares that are all of what is planned to follow a step.
pub(super) const WHOLE: u64 = 1 << 62;

/// Where sequences are planned in doubt, of so many executions one may be in vain.
pub(super) const WASTE: u64 = 20;

/// Fewer executions than this are not worth a share.
pub const LEAST: u64 = 8;

/// All that is planned to follow a step is given away only if nothing was planned there for so many traces: it is in vain if
/// anything more is before its turn.
pub(super) const QUIET: u64 = 4;

/// It has so many leaves at least, since what is given away is copied.
const LEAVES: usize = 16;

/// It runs so many executions at most, and all of those that are out together so many: of each is kept what it planned.
const EACH: u64 = 1 << 10;
const ALL: u64 = 1 << 13;

/// It is so small a part of what was begun, since all of it may be in vain.
const PART: u64 = 32;

/// If there is none, it is looked for again after so many executions.
const AGAIN: u64 = 8;

/// How many executions more may be given away where they may turn out to be in vain: of those `begun`, so many that were
/// given away were `adopted` and `in_vain`, and `out` may come to be either.
#[inline]
pub fn trust(begun: u64, adopted: u64, in_vain: u64, out: u64) -> u64 {
    let lost = in_vain.saturating_mul(WASTE / 2).saturating_add(out);
    (begun / WASTE).saturating_add(adopted / 2).saturating_sub(lost)
}

#[cfg(test)]
mod tests {
    use super::{ALL, EACH, LEAVES, PART, WHOLE, Worth};

    #[test]
    fn shares_of_many_leaves_are_bounded() {
        let mut worth = Worth::default();
        let begun = 10 * PART * LEAVES as u64;
        let leaves = |worth: &Worth, begun, out: &[(u64, u64)]| worth.leaves(begun, u64::MAX, out);
        assert_eq!(leaves(&worth, PART * LEAVES as u64 - 1, &[]), None);
        assert_eq!(leaves(&worth, begun, &[]), Some((LEAVES, 10 * LEAVES)));
        assert_eq!(leaves(&worth, u64::MAX, &[]), Some((LEAVES, EACH as usize)));
        // Only those of this kind count, and all of them together are bounded.
        assert_eq!(leaves(&worth, begun, &[(1, ALL)]), Some((LEAVES, 10 * LEAVES)));
        assert_eq!(leaves(&worth, begun, &[(WHOLE | 1, ALL - 20)]), Some((LEAVES, 20)));
        assert_eq!(leaves(&worth, begun, &[(WHOLE | 1, ALL - 20), (WHOLE | 2, 5)]), None);
        assert_eq!(worth.leaves(begun, LEAVES as u64 - 1, &[]), None);
        // In vain it is not looked for at each execution.
        worth.looked(false, begun);
        assert_eq!(leaves(&worth, begun + 1, &[]), None);
        assert!(leaves(&worth, begun + 100, &[]).is_some());
    }
}
