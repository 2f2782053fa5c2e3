//! The twelve programs whose verdicts are compared: small, and each decided by theory alone.

/// Defines the module `$module` with the programs over the types of the crate `$tool`; `$plain` is plain
/// memory as the tool has it, with `new`, `get` and `set`.
#[macro_export]
macro_rules! verdict_programs {
    ($module:ident, $tool:ident, $plain:path) => {
        #[doc = "The twelve programs under one tool."]
        pub mod $module {
            use $plain as Plain;
            use $tool::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
            use $tool::sync::{Arc, Condvar, Mutex};
            use $tool::thread;

            /// Two threads add to a counter under a mutex.
            pub fn counter() {
                let count = Arc::new(Mutex::new(0));
                let theirs = count.clone();
                let other = thread::spawn(move || *theirs.lock().unwrap() += 1);
                *count.lock().unwrap() += 1;
                other.join().unwrap();
                assert_eq!(*count.lock().unwrap(), 2);
            }

            /// Two threads take two locks in opposite orders.
            pub fn ab_ba() {
                let (a, b) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
                let (their_a, their_b) = (a.clone(), b.clone());
                let other = thread::spawn(move || {
                    let _b = their_b.lock().unwrap();
                    let _a = their_a.lock().unwrap();
                });
                {
                    let _a = a.lock().unwrap();
                    let _b = b.lock().unwrap();
                }
                other.join().unwrap();
            }

            /// Three philosophers who all take the left fork first.
            pub fn dining() {
                let forks: Vec<_> = (0..3).map(|_| Arc::new(Mutex::new(()))).collect();
                let philosophers: Vec<_> = (0..3)
                    .map(|seat| {
                        let (left, right) = (forks[seat].clone(), forks[(seat + 1) % 3].clone());
                        thread::spawn(move || {
                            let _left = left.lock().unwrap();
                            let _right = right.lock().unwrap();
                        })
                    })
                    .collect();
                for philosopher in philosophers {
                    philosopher.join().unwrap();
                }
            }

            /// The flag is set without the lock, so that the notification can fall between look and wait.
            pub fn lost_wakeup() {
                let shared = Arc::new((Mutex::new(()), Condvar::new(), AtomicBool::new(false)));
                let theirs = shared.clone();
                let other = thread::spawn(move || {
                    theirs.2.store(true, Ordering::SeqCst);
                    theirs.1.notify_one();
                });
                let (lock, condvar, flag) = &*shared;
                let mut guard = lock.lock().unwrap();
                while !flag.load(Ordering::SeqCst) {
                    guard = condvar.wait(guard).unwrap();
                }
                drop(guard);
                other.join().unwrap();
            }

            /// A thread that nobody joins waits for a notification that nobody sends.
            pub fn leak() {
                let shared = Arc::new((Mutex::new(()), Condvar::new()));
                let theirs = shared.clone();
                drop(thread::spawn(move || {
                    let guard = theirs.0.lock().unwrap();
                    drop(theirs.1.wait(guard).unwrap());
                }));
                drop(shared.0.lock().unwrap());
            }

            /// Looks at the balance under the lock, lets go, and withdraws under the lock.
            pub fn check_then_act() {
                let balance = Arc::new(Mutex::new(100));
                let withdraw = |balance: &Mutex<i32>| {
                    let enough = *balance.lock().unwrap() >= 100;
                    if enough {
                        *balance.lock().unwrap() -= 100;
                    }
                };
                let theirs = balance.clone();
                let other = thread::spawn(move || withdraw(&theirs));
                withdraw(&balance);
                other.join().unwrap();
                assert!(*balance.lock().unwrap() >= 0, "overdrawn");
            }

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

            /// All of them, in the order of the page.
            pub const ALL: [(&str, fn()); 12] = [
                ("counter", counter),
                ("ab_ba", ab_ba),
                ("dining", dining),
                ("lost_wakeup", lost_wakeup),
                ("leak", leak),
                ("check_then_act", check_then_act),
                ("lost_update", lost_update),
                ("racy_flag", racy_flag),
                ("message_passing", message_passing),
                ("relaxed_publication", relaxed_publication),
                ("store_buffering_seq_cst", store_buffering_seq_cst),
                ("store_buffering_relaxed", store_buffering_relaxed),
            ];
        }
    };
}
