//! Two threads that each sort and sum numbers of their own: nearly nothing but accesses to memory.
use std::thread;

fn work(seed: u64) -> u64 {
    let mut state = seed;
    let mut numbers: Vec<u64> = (0..40_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        })
        .collect();
    for i in 1..numbers.len() {
        let mut at = i;
        while at > 0 && numbers[at - 1] > numbers[at] && i - at < 100 {
            numbers.swap(at - 1, at);
            at -= 1;
        }
    }
    numbers.iter().sum()
}

fn main() {
    let other = thread::spawn(|| work(1));
    let own = work(2);
    assert_ne!(own, other.join().unwrap());
}
