//! What a switch costs by itself: the floor under every step.

use crate::cpu;
use corosensei::{Coroutine, CoroutineResult};

/// Seconds for one resume and one suspend of a bare corosensei coroutine.
pub fn pair_cost() -> f64 {
    const PAIRS: u32 = 200_000;
    let mut samples: Vec<f64> = (0..9)
        .map(|_| {
            let mut coroutine = Coroutine::new(|yielder, ()| {
                for _ in 0..PAIRS {
                    yielder.suspend(());
                }
            });
            let ((), seconds) = cpu::time(|| while let CoroutineResult::Yield(()) = coroutine.resume(()) {});
            seconds / f64::from(PAIRS)
        })
        .collect();
    gorace_benches::median(&mut samples)
}
