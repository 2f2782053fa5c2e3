//! What is worth to be given to other threads.

use std::ops::RangeInclusive;

/// Whether shares of the search are worth what it takes to give them away. Some programs have none but single
/// executions, or such that plan something above nearly each time. These are better run ahead each by itself
/// ([`leaves`](super::leaves)), where there are enough.
#[derive(Debug, Default)]
pub(super) struct Worth {
    /// Shares that ended since that was looked at last, and how many of them were not worth it.
    ended: u64,
    poor: u64,
    /// Nothing is given away before so many executions were begun; how long the last such pause was.
    pub until: u64,
    pause: u64,
    /// Whether any was worth it since.
    pub is_proven: bool,
    /// Whether any ever was.
    was_proven: bool,
}

impl Worth {
    /// So many shares tell, where any was worth it before. Else, and after a pause, one does.
    const SHARES: u64 = 8;
    /// Pauses, in executions: each is twice as long as the one before it, so that what is tried in vain is a small part of
    /// all.
    const PAUSES: RangeInclusive<u64> = 256..=1 << 18;

    /// A share has ended when so many executions were `begun`; whether it was worth it.
    pub fn note(&mut self, is_worth_it: bool, begun: u64) {
        self.ended += 1;
        self.poor += u64::from(!is_worth_it);
        self.is_proven |= is_worth_it;
        self.was_proven |= is_worth_it;
        if self.was_proven && self.pause == 0 && self.ended < Worth::SHARES {
            return;
        }
        let (least, most) = (*Worth::PAUSES.start(), *Worth::PAUSES.end());
        self.pause = if 2 * self.poor < self.ended { 0 } else { (2 * self.pause).clamp(least, most) };
        self.until = begun.saturating_add(self.pause);
        self.is_proven &= self.pause == 0;
        (self.ended, self.poor) = (0, 0);
    }
}

/// Where sequences are planned in doubt, of so many executions one may be in vain.
pub(super) const WASTE: u64 = 20;

/// Fewer executions than this are not worth a share.
pub const LEAST: u64 = 8;

/// How many executions more may be given away where they may turn out to be in vain: of those `begun`, so many that were
/// given away were `adopted` and `in_vain`, and `out` may come to be either.
#[inline]
pub fn trust(begun: u64, adopted: u64, in_vain: u64, out: u64) -> u64 {
    let lost = in_vain.saturating_mul(WASTE / 2).saturating_add(out);
    (begun / WASTE).saturating_add(adopted / 2).saturating_sub(lost)
}

#[cfg(test)]
mod tests {
    use super::Worth;

    #[test]
    fn poor_shares_make_pauses_that_double() {
        let mut worth = Worth::default();
        let mut end = |shares: u64, is_worth_it: bool, begun: u64| {
            (0..shares).for_each(|_| worth.note(is_worth_it, begun));
            worth.until.saturating_sub(begun)
        };
        let first = end(1, false, 1_000);
        assert!(first > 0);
        assert_eq!(end(1, false, 2_000), 2 * first);
        // A good one ends that, and then it takes more to begin again.
        assert_eq!(end(1, true, 3_000), 0);
        assert_eq!(end(Worth::SHARES - 1, false, 4_000), 0);
        assert_eq!(end(1, false, 4_000), first);
        assert_eq!(end(1, false, 5_000), 2 * first);
    }
}
