//! The random numbers of strategies: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
//!
//! Our own ten lines and not a crate, because a seed must give the same schedule in every later version: the
//! generator is part of the token format.

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
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, which must not be 0. Uniform but for a bias below `n / 2^64` (Lemire 2019).
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next_u64()) * n as u128) >> 64) as usize
    }
}
