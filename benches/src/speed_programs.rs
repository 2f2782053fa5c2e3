//! The programs that random schedules are timed on. All are correct, so that every execution runs to its end.

/// Defines the module `$module` with the programs over the types of the crate `$tool`.
///
/// `$channel` is a function that gives a channel for four messages whose ends have the functions `$send` and
/// `$recv`: the one thing that the three tools do not name alike.
#[macro_export]
macro_rules! speed_programs {
    ($module:ident, $tool:ident, $channel:path, $send:path, $recv:path) => {
        #[doc = "The programs under one tool."]
        pub mod $module {
            use $tool::sync::atomic::{AtomicU64, Ordering};
            use $tool::sync::{Arc, Condvar, Mutex};
            use $tool::thread;

            /// Three threads add to a counter under a mutex, twice each.
            pub fn counter() {
                let count = Arc::new(Mutex::new(0));
                let adders: Vec<_> = (0..3)
                    .map(|_| {
                        let count = count.clone();
                        thread::spawn(move || {
                            for _ in 0..2 {
                                *count.lock().unwrap() += 1;
                            }
                        })
                    })
                    .collect();
                for adder in adders {
                    adder.join().unwrap();
                }
                assert_eq!(*count.lock().unwrap(), 6);
            }

            /// Three philosophers who all take the lower fork first.
            pub fn dining() {
                let forks: Vec<_> = (0..3).map(|_| Arc::new(Mutex::new(()))).collect();
                let philosophers: Vec<_> = (0..3)
                    .map(|seat| {
                        let (left, right) = (seat, (seat + 1) % 3);
                        let (low, high) = (forks[left.min(right)].clone(), forks[left.max(right)].clone());
                        thread::spawn(move || {
                            let _low = low.lock().unwrap();
                            let _high = high.lock().unwrap();
                        })
                    })
                    .collect();
                for philosopher in philosophers {
                    philosopher.join().unwrap();
                }
            }

            /// A producer and a consumer share a buffer of one place, with a mutex and two condition variables.
            pub fn buffer() {
                struct Buffer {
                    place: Mutex<Option<u64>>,
                    filled: Condvar,
                    emptied: Condvar,
                }
                let buffer = Arc::new(Buffer {
                    place: Mutex::new(None),
                    filled: Condvar::new(),
                    emptied: Condvar::new(),
                });
                let shared = buffer.clone();
                let producer = thread::spawn(move || {
                    for message in 0..3 {
                        let mut place = shared.place.lock().unwrap();
                        while place.is_some() {
                            place = shared.emptied.wait(place).unwrap();
                        }
                        *place = Some(message);
                        shared.filled.notify_one();
                    }
                });
                for expected in 0..3 {
                    let mut place = buffer.place.lock().unwrap();
                    while place.is_none() {
                        place = buffer.filled.wait(place).unwrap();
                    }
                    assert_eq!(place.take(), Some(expected));
                    buffer.emptied.notify_one();
                }
                producer.join().unwrap();
            }

            /// Four messages go through a stage that adds one to each.
            pub fn pipeline() {
                let (into_stage, stage) = $channel();
                let (into_sink, sink) = $channel();
                let source = thread::spawn(move || {
                    for message in 0..4 {
                        $send(&into_stage, message);
                    }
                });
                let adder = thread::spawn(move || {
                    for _ in 0..4 {
                        $send(&into_sink, $recv(&stage) + 1);
                    }
                });
                for message in 0..4 {
                    assert_eq!($recv(&sink), message + 1);
                }
                source.join().unwrap();
                adder.join().unwrap();
            }

            /// Three threads add to an atomic, three times each.
            pub fn atomics() {
                let count = Arc::new(AtomicU64::new(0));
                let adders: Vec<_> = (0..3)
                    .map(|_| {
                        let count = count.clone();
                        thread::spawn(move || {
                            for _ in 0..3 {
                                count.fetch_add(1, Ordering::SeqCst);
                            }
                        })
                    })
                    .collect();
                for adder in adders {
                    adder.join().unwrap();
                }
                assert_eq!(count.load(Ordering::SeqCst), 9);
            }

            /// Many threads, each of which adds to an atomic three times.
            pub fn many<const THREADS: usize>() {
                let count = Arc::new(AtomicU64::new(0));
                let adders: Vec<_> = (0..THREADS)
                    .map(|_| {
                        let count = count.clone();
                        thread::spawn(move || {
                            for _ in 0..3 {
                                count.fetch_add(1, Ordering::SeqCst);
                            }
                        })
                    })
                    .collect();
                for adder in adders {
                    adder.join().unwrap();
                }
                assert_eq!(count.load(Ordering::SeqCst), 3 * THREADS as u64);
            }

            /// Three threads that do nothing: what an execution costs before anything is done in it.
            pub fn nothing() {
                let threads: Vec<_> = (0..3).map(|_| thread::spawn(|| ())).collect();
                for thread in threads {
                    thread.join().unwrap();
                }
            }

            /// All that are timed, named.
            pub const ALL: [(&str, fn()); 6] = [
                ("counter", counter),
                ("dining", dining),
                ("buffer", buffer),
                ("pipeline", pipeline),
                ("atomics", atomics),
                ("100 tasks", many::<100>),
            ];
        }
    };
}
