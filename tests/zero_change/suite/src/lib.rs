//! A counter, and tests that nobody wrote for gorace.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Counts, in two steps.
#[derive(Default)]
pub struct Counter(AtomicUsize);

impl Counter {
    pub fn count(&self) {
        let seen = self.0.load(SeqCst);
        self.0.store(seen + 1, SeqCst);
    }

    pub fn get(&self) -> usize {
        self.0.load(SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::Counter;
    use std::sync::Arc;
    use std::thread;

    #[test]
    fn alone() {
        let counter = Counter::default();
        counter.count();
        assert_eq!(counter.get(), 1);
    }

    #[test]
    fn together() {
        let counter = Arc::new(Counter::default());
        let theirs = counter.clone();
        let other = thread::spawn(move || theirs.count());
        counter.count();
        other.join().unwrap();
        assert_eq!(counter.get(), 2);
    }

    #[test]
    #[should_panic(expected = "as it should")]
    fn panics() {
        thread::spawn(|| ()).join().unwrap();
        panic!("as it should");
    }

    #[test]
    #[ignore = "nobody asked for it"]
    fn never() {
        unreachable!();
    }

    #[test]
    #[cfg(feature = "wide")]
    fn in_a_wide_build() {
        static mut COUNT: u64 = 0;
        // SAFETY: there is none, which is the bug.
        let other = thread::spawn(|| unsafe { COUNT += 1 });
        unsafe { COUNT += 1 };
        other.join().unwrap();
    }

    #[test]
    #[cfg(feature = "crash")]
    fn crashes() {
        // SAFETY: there is none, which is the bug.
        unsafe { std::ptr::null_mut::<u8>().write_volatile(1) };
    }
}
