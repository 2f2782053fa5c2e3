//! The programs about atomics and plain memory whose verdicts are compared: small, and each decided by C++20's
//! memory model, which is Rust's.

/// Defines the module `$module` with the programs over the types of the crate `$tool`; `$plain` is plain
/// memory as the tool has it, with `new`, `get` and `set`.
#[macro_export]
macro_rules! memory_programs {
    ($module:ident, $tool:ident, $plain:path) => {
        #[doc = "The programs about memory under one tool."]
        pub mod $module {
            use $plain as Plain;
            use $tool::sync::Arc;
            use $tool::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
            use $tool::thread;

            /// Loads, adds, and stores, as if that were one step.
            pub fn lost_update() {
                let count = Arc::new(AtomicUsize::new(0));
                let add = |count: &AtomicUsize| {
                    let old = count.load(Ordering::SeqCst);
                    count.store(old + 1, Ordering::SeqCst);
                };
                let theirs = count.clone();
                let other = thread::spawn(move || add(&theirs));
                add(&count);
                other.join().unwrap();
                assert_eq!(count.load(Ordering::SeqCst), 2, "an update was lost");
            }

            /// A plain flag, written by one thread and read by the other.
            pub fn racy_flag() {
                let flag = Arc::new(Plain::new(0));
                let theirs = flag.clone();
                let other = thread::spawn(move || theirs.set(1));
                flag.get();
                other.join().unwrap();
            }

            /// Plain data published by a release store and read after an acquire load.
            pub fn message_passing() {
                publish(Ordering::Release, Ordering::Acquire);
            }

            /// The same with relaxed orders, which order nothing.
            pub fn relaxed_publication() {
                publish(Ordering::Relaxed, Ordering::Relaxed);
            }

            fn publish(store: Ordering, load: Ordering) {
                let shared = Arc::new((Plain::new(0), AtomicBool::new(false)));
                let theirs = shared.clone();
                let other = thread::spawn(move || {
                    theirs.0.set(42);
                    theirs.1.store(true, store);
                });
                if shared.1.load(load) {
                    assert_eq!(shared.0.get(), 42);
                }
                other.join().unwrap();
            }

            /// Store buffering: with `SeqCst` one of the two threads sees the other's store.
            pub fn store_buffering_seq_cst() {
                store_buffering(Ordering::SeqCst);
            }

            /// With relaxed orders both may miss it, as on real machines they do.
            pub fn store_buffering_relaxed() {
                store_buffering(Ordering::Relaxed);
            }

            fn store_buffering(order: Ordering) {
                let shared = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
                let theirs = shared.clone();
                let other = thread::spawn(move || {
                    theirs.1.store(1, order);
                    theirs.0.load(order)
                });
                shared.0.store(1, order);
                let mine = shared.1.load(order);
                let their = other.join().unwrap();
                assert!(mine + their > 0, "both loads missed both stores");
            }

            /// Plain data published by a release fence before a relaxed store.
            pub fn fence_publication() {
                publish_by_fence(fence);
            }

            /// The same with relaxed accesses and no fence.
            pub fn missing_fence() {
                publish_by_fence(|_| {});
            }

            fn publish_by_fence(fence: fn(Ordering)) {
                let shared = Arc::new((Plain::new(0), AtomicBool::new(false)));
                let theirs = shared.clone();
                let other = thread::spawn(move || {
                    theirs.0.set(42);
                    fence(Ordering::Release);
                    theirs.1.store(true, Ordering::Relaxed);
                });
                if shared.1.load(Ordering::Relaxed) {
                    fence(Ordering::Acquire);
                    assert_eq!(shared.0.get(), 42);
                }
                other.join().unwrap();
            }

            /// A relaxed read-modify-write between the release store and the acquire load keeps them in order.
            pub fn release_sequence() {
                pass_on(|flag| {
                    flag.fetch_add(1, Ordering::Relaxed);
                });
            }

            /// A relaxed store between them does not.
            pub fn broken_release_sequence() {
                pass_on(|flag| {
                    if flag.load(Ordering::Relaxed) == 1 {
                        flag.store(2, Ordering::Relaxed);
                    }
                });
            }

            fn pass_on(step: fn(&AtomicUsize)) {
                let shared = Arc::new((Plain::new(0), AtomicUsize::new(0)));
                let (first, second) = (shared.clone(), shared.clone());
                let publisher = thread::spawn(move || {
                    first.0.set(42);
                    first.1.store(1, Ordering::Release);
                });
                let between = thread::spawn(move || step(&second.1));
                if shared.1.load(Ordering::Acquire) == 2 {
                    assert_eq!(shared.0.get(), 42);
                }
                publisher.join().unwrap();
                between.join().unwrap();
            }

            /// Load buffering: each thread loads what the other stores afterwards; relaxed orders allow that both see it.
            pub fn load_buffering_relaxed() {
                let shared = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
                let theirs = shared.clone();
                let other = thread::spawn(move || {
                    let seen = theirs.1.load(Ordering::Relaxed);
                    theirs.0.store(1, Ordering::Relaxed);
                    seen
                });
                let mine = shared.0.load(Ordering::Relaxed);
                shared.1.store(1, Ordering::Relaxed);
                let their = other.join().unwrap();
                assert!(mine + their < 2, "both loads saw the later stores");
            }

            /// Two writers of two variables, and two readers who must agree on the order of the writes.
            pub fn iriw_seq_cst() {
                let shared = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
                let (x, y) = (shared.clone(), shared.clone());
                let first = thread::spawn(move || x.0.store(1, Ordering::SeqCst));
                let second = thread::spawn(move || y.1.store(1, Ordering::SeqCst));
                let theirs = shared.clone();
                let reader =
                    thread::spawn(move || (theirs.0.load(Ordering::SeqCst), theirs.1.load(Ordering::SeqCst)));
                let mine = (shared.1.load(Ordering::SeqCst), shared.0.load(Ordering::SeqCst));
                let their = reader.join().unwrap();
                first.join().unwrap();
                second.join().unwrap();
                assert!((mine, their) != ((1, 0), (1, 0)), "the readers disagree on the order");
            }

            /// All of them, in the order of the page.
            pub const ALL: [(&str, fn()); 12] = [
                ("lost_update", lost_update),
                ("racy_flag", racy_flag),
                ("message_passing", message_passing),
                ("relaxed_publication", relaxed_publication),
                ("store_buffering_seq_cst", store_buffering_seq_cst),
                ("store_buffering_relaxed", store_buffering_relaxed),
                ("fence_publication", fence_publication),
                ("missing_fence", missing_fence),
                ("release_sequence", release_sequence),
                ("broken_release_sequence", broken_release_sequence),
                ("load_buffering_relaxed", load_buffering_relaxed),
                ("iriw_seq_cst", iriw_seq_cst),
            ];
        }
    };
}
