//! The programs about locks, conditions, channels and tokens whose verdicts are compared: small, and each decided by
//! theory alone.

/// Defines the module `$module` with the programs over the types of the crate `$tool`.
#[macro_export]
macro_rules! lock_programs {
    ($module:ident, $tool:ident) => {
        #[doc = "The programs about locks under one tool."]
        pub mod $module {
            use $tool::sync::atomic::{AtomicBool, Ordering};
            use $tool::sync::{Arc, Condvar, Mutex, RwLock, mpsc};
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

            /// Two readers and a writer of one value.
            pub fn rwlock_readers() {
                let value = Arc::new(RwLock::new(0));
                let readers: Vec<_> = (0..2)
                    .map(|_| {
                        let value = value.clone();
                        thread::spawn(move || *value.read().unwrap())
                    })
                    .collect();
                *value.write().unwrap() = 1;
                for reader in readers {
                    assert!(reader.join().unwrap() <= 1);
                }
            }

            /// Two threads that share a lock each want to have it alone, without letting go first.
            pub fn rwlock_upgrade() {
                let value = Arc::new(RwLock::new(0));
                let upgrade = |value: &RwLock<i32>| {
                    let _shared = value.read().unwrap();
                    *value.write().unwrap() += 1;
                };
                let theirs = value.clone();
                let other = thread::spawn(move || upgrade(&theirs));
                upgrade(&value);
                other.join().unwrap();
            }

            /// Two senders, and a receiver that takes what comes.
            pub fn mpsc_order() {
                let (tx, rx) = mpsc::channel();
                let senders: Vec<_> = (1..=2)
                    .map(|value| {
                        let tx = tx.clone();
                        thread::spawn(move || tx.send(value).unwrap())
                    })
                    .collect();
                let sum: i32 = rx.recv().unwrap() + rx.recv().unwrap();
                assert_eq!(sum, 3);
                for sender in senders {
                    sender.join().unwrap();
                }
            }

            /// The receiver takes until all senders are gone, and one of them is in the hands of who waits for it.
            pub fn mpsc_never_ends() {
                let (tx, rx) = mpsc::channel::<i32>();
                let other = thread::spawn(move || while rx.recv().is_ok() {});
                tx.send(1).unwrap();
                other.join().unwrap();
                drop(tx);
            }

            /// A thread is let on twice, but parks twice only after that.
            pub fn two_gifts() {
                let main = thread::current();
                let other = thread::spawn(move || {
                    main.unpark();
                    main.unpark();
                });
                thread::park();
                thread::park();
                other.join().unwrap();
            }

            /// Two threads wait for one flag, and one notification is sent.
            pub fn notify_one_for_two() {
                wait_in_two(Condvar::notify_one);
            }

            /// Two threads wait for one flag, and all are notified.
            pub fn notify_all_for_two() {
                wait_in_two(Condvar::notify_all);
            }

            fn wait_in_two(notify: fn(&Condvar)) {
                let shared = Arc::new((Mutex::new(false), Condvar::new()));
                let waiters: Vec<_> = (0..2)
                    .map(|_| {
                        let shared = shared.clone();
                        thread::spawn(move || {
                            let mut ready = shared.0.lock().unwrap();
                            while !*ready {
                                ready = shared.1.wait(ready).unwrap();
                            }
                        })
                    })
                    .collect();
                *shared.0.lock().unwrap() = true;
                notify(&shared.1);
                for waiter in waiters {
                    waiter.join().unwrap();
                }
            }

            /// All of them, in the order of the page.
            pub const ALL: [(&str, fn()); 13] = [
                ("counter", counter),
                ("ab_ba", ab_ba),
                ("dining", dining),
                ("lost_wakeup", lost_wakeup),
                ("leak", leak),
                ("check_then_act", check_then_act),
                ("rwlock_readers", rwlock_readers),
                ("rwlock_upgrade", rwlock_upgrade),
                ("mpsc_order", mpsc_order),
                ("mpsc_never_ends", mpsc_never_ends),
                ("two_gifts", two_gifts),
                ("notify_one_for_two", notify_one_for_two),
                ("notify_all_for_two", notify_all_for_two),
            ];
        }
    };
}
