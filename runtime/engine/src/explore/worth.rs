//! What is worth to be given to other threads.

use std::ops::RangeInclusive;

/// Whether shares of the search are worth what it takes to give them away. Some programs have none but single
/// executions, which are better run ahead by themselves ([`leaves`](super::leaves)).
#[derive(Debug, Default)]
pub(super) struct Worth {
    /// Shares that came back since that was looked at last, and how many of them had run but a few executions.
    came_back: u64,
    small: u64,
    /// Nothing is given away before so many executions were begun; how long the last such pause was.
    pub until: u64,
    pause: u64,
}

impl Worth {
    /// So many shares tell.
    const SHARES: u64 = 8;
    /// Of fewer executions than this they are not worth it.
    const EXECUTIONS: u64 = 8;
    /// Pauses, in executions: each is twice as long as the one before it, so that what is tried in vain is a small part of
    /// all.
    const PAUSES: RangeInclusive<u64> = 256..=1 << 18;

    /// A share has run so many executions, of which `begun` were begun by now. One that has not begun tells nothing.
    pub fn came_back(&mut self, ran: u64, begun: u64) {
        if ran == 0 {
            return;
        }
        self.came_back += 1;
        self.small += u64::from(ran < Worth::EXECUTIONS);
        if self.came_back < Worth::SHARES {
            return;
        }
        let (least, most) = (*Worth::PAUSES.start(), *Worth::PAUSES.end());
        self.pause = if 2 * self.small < Worth::SHARES { 0 } else { (2 * self.pause).clamp(least, most) };
        self.until = begun.saturating_add(self.pause);
        (self.came_back, self.small) = (0, 0);
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
    fn small_shares_make_pauses_that_double() {
        let mut worth = Worth::default();
        let mut come_back = |ran: u64, begun: u64| {
            (0..Worth::SHARES).for_each(|_| worth.came_back(ran, begun));
            worth.until - begun
        };
        let first = come_back(1, 1_000);
        assert!(first > 0);
        assert_eq!(come_back(Worth::EXECUTIONS - 1, 2_000), 2 * first);
        // Those that nobody has begun tell nothing, and large ones end that.
        assert_eq!(come_back(0, 2_000), 2 * first);
        assert_eq!(come_back(Worth::EXECUTIONS, 3_000), 0);
        assert_eq!(come_back(1, 4_000), first);
    }
}
