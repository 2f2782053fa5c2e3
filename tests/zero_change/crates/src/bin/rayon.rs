//! Threads on `rayon`, used as it is meant.

use rayon::prelude::*;

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(3).build_global().unwrap();
    let sum: u64 = (0..64_u64).into_par_iter().map(|i| i * i).sum();
    assert_eq!(sum, 85_344);
    let (a, b) = rayon::join(|| 1, || 2);
    assert_eq!(a + b, 3);
}
