//! The random numbers of strategies: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
//!
//! Our own ten lines and not a crate, because a seed must give the same schedule in every later version: the
//! generator is part of the token format.

use std::hint::select_unpredictable;

/// A stream of random numbers that is fixed for ever by its seed. Not for secrets.
///
/// ```
/// use gorace_engine::SplitMix64;
/// assert_eq!(SplitMix64::new(7).below(10), SplitMix64::new(7).below(10));
/// ```
#[derive(Clone, Debug)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        SplitMix64(seed)
    }

    /// The stream of the `index`-th schedule of `seed`: depends on nothing else.
    pub fn of_schedule(seed: u64, index: u64) -> Self {
        let mut mixer = SplitMix64(seed ^ index.wrapping_mul(0xd134_2543_de82_ef95));
        SplitMix64(mixer.next_u64())
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `n`, which must not be 0. Uniform but for a bias below `n / 2^64` (Lemire 2019).
    pub fn below(&mut self, n: usize) -> usize {
        scale(self.next_u64(), n)
    }
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline(always)]
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[inline(always)]
fn scale(random: u64, n: usize) -> usize {
    ((u128::from(random) * n as u128) >> 64) as usize
}

/// A stream whose next number has been drawn already: who needs one need not wait for the multiplications.
#[derive(Debug)]
pub(crate) struct Ahead {
    stream: SplitMix64,
    next: u64,
}

impl Ahead {
    pub fn new(mut stream: SplitMix64) -> Self {
        let next = stream.next_u64();
        Ahead { stream, next }
    }

    /// As [`SplitMix64::below`]; of one alternative it is the first, and takes no number. Without a branch, since how
    /// many there are cannot be predicted.
    #[inline(always)]
    pub fn below(&mut self, n: usize) -> usize {
        let below = scale(self.next, n);
        let state = self.stream.0.wrapping_add(STEP);
        let is_taken = n > 1;
        self.next = select_unpredictable(is_taken, mix(state), self.next);
        self.stream.0 = select_unpredictable(is_taken, state, self.stream.0);
        below
    }
}
