//! The programs that are explored to the end, each with the number of its interleavings up to the order of
//! independent operations.

/// Defines the module `$module` with the programs over the types of the crate `$tool`.
///
/// Their sizes are parameters. The numbers of interleavings are known from theory: see each program.
#[macro_export]
macro_rules! proof_programs {
    ($module:ident, $tool:ident) => {
        #[doc = "The programs under one tool."]
        #[allow(dead_code, reason = "what is too large for one tool is run by another")]
        pub mod $module {
            use $tool::sync::atomic::{AtomicU64, Ordering::SeqCst};
            use $tool::sync::{Arc, Condvar, Mutex};
            use $tool::thread;

            /// Tasks add to a counter under a mutex: as many interleavings as orders of the sections,
            /// `(TASKS * SECTIONS)! / SECTIONS!^TASKS`.
            pub fn counter<const TASKS: usize, const SECTIONS: usize>() {
                let count = Arc::new(Mutex::new(0));
                let adders: Vec<_> = (0..TASKS)
                    .map(|_| {
                        let count = count.clone();
                        thread::spawn(move || {
                            for _ in 0..SECTIONS {
                                *count.lock().unwrap() += 1;
                            }
                        })
                    })
                    .collect();
                adders.into_iter().for_each(|adder| adder.join().unwrap());
                assert_eq!(*count.lock().unwrap(), TASKS * SECTIONS);
            }

            /// Tasks add to an atomic: as many interleavings as orders of the additions, as above.
            pub fn fetch_add<const TASKS: usize, const TIMES: usize>() {
                let count = Arc::new(AtomicU64::new(0));
                let adders: Vec<_> = (0..TASKS)
                    .map(|_| {
                        let count = count.clone();
                        thread::spawn(move || {
                            for _ in 0..TIMES {
                                count.fetch_add(1, SeqCst);
                            }
                        })
                    })
                    .collect();
                adders.into_iter().for_each(|adder| adder.join().unwrap());
                assert_eq!(count.load(SeqCst), (TASKS * TIMES) as u64);
            }

            /// One task writes, the others read: each reads before or after, `2^READERS` (Abdulla et al., POPL 2014).
            pub fn readers<const READERS: usize>() {
                let value = Arc::new(AtomicU64::new(0));
                let written = value.clone();
                let mut tasks = vec![thread::spawn(move || written.store(42, SeqCst))];
                tasks.extend((0..READERS).map(|_| {
                    let value = value.clone();
                    thread::spawn(move || {
                        let seen = value.load(SeqCst);
                        assert!(seen == 0 || seen == 42);
                    })
                }));
                tasks.into_iter().for_each(|task| task.join().unwrap());
            }

            /// Each task writes one more than what its left neighbour's place holds into its own; one looks for the last
            /// place that holds nothing: `(PLACES + 3) * 2^(PLACES - 2)` (same source).
            pub fn lastzero<const PLACES: usize>() {
                let places: Arc<Vec<_>> = Arc::new((0..=PLACES).map(|_| AtomicU64::new(0)).collect());
                let scanned = places.clone();
                let mut tasks = vec![thread::spawn(move || {
                    let mut at = PLACES;
                    while scanned[at].load(SeqCst) != 0 {
                        at -= 1;
                    }
                })];
                tasks.extend((1..=PLACES).map(|at| {
                    let places = places.clone();
                    thread::spawn(move || {
                        let left = places[at - 1].load(SeqCst);
                        places[at].store(left + 1, SeqCst);
                    })
                }));
                tasks.into_iter().for_each(|task| task.join().unwrap());
            }

            /// Philosophers, each of whom takes the fork on the left and then the one on the right; if `ORDERED`, the last
            /// one the other way round. Of the orders at the forks all are possible that are no circle, and one more with
            /// the deadlock: `2^SEATS - 2`, or `2^SEATS - 1` if not ordered.
            pub fn dining<const SEATS: usize, const ORDERED: bool>() {
                let forks: Vec<_> = (0..SEATS).map(|_| Arc::new(Mutex::new(()))).collect();
                let philosophers: Vec<_> = (0..SEATS)
                    .map(|seat| {
                        let (left, right) = (seat, (seat + 1) % SEATS);
                        let turned = ORDERED && left > right;
                        let (first, second) = if turned { (right, left) } else { (left, right) };
                        let (first, second) = (forks[first].clone(), forks[second].clone());
                        thread::spawn(move || {
                            let _first = first.lock().unwrap();
                            let _second = second.lock().unwrap();
                        })
                    })
                    .collect();
                philosophers.into_iter().for_each(|philosopher| philosopher.join().unwrap());
            }

            /// A producer and a consumer share a buffer of one place, with a mutex and two condition variables:
            /// `2^(2 * MESSAGES - 1)`, by who comes first to the mutex each time.
            pub fn buffer<const MESSAGES: u64>() {
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
                    for message in 0..MESSAGES {
                        let mut place = shared.place.lock().unwrap();
                        while place.is_some() {
                            place = shared.emptied.wait(place).unwrap();
                        }
                        *place = Some(message);
                        shared.filled.notify_one();
                    }
                });
                for expected in 0..MESSAGES {
                    let mut place = buffer.place.lock().unwrap();
                    while place.is_none() {
                        place = buffer.filled.wait(place).unwrap();
                    }
                    assert_eq!(place.take(), Some(expected));
                    buffer.emptied.notify_one();
                }
                producer.join().unwrap();
            }

            /// Those that other tools can finish: name, interleavings, program.
            pub const SMALL: [(&str, u64, fn()); 9] = [
                ("counter 3x1", 6, counter::<3, 1>),
                ("counter 3x2", 90, counter::<3, 2>),
                ("counter 2x3", 20, counter::<2, 3>),
                ("fetch_add 3x3", 1_680, fetch_add::<3, 3>),
                ("readers(3)", 8, readers::<3>),
                ("lastzero(3)", 12, lastzero::<3>),
                ("dining(3), ordered", 6, dining::<3, true>),
                ("buffer, 2 messages", 8, buffer::<2>),
                ("buffer, 3 messages", 32, buffer::<3>),
            ];

            /// Large ones.
            pub const LARGE: [(&str, u64, fn()); 4] = [
                ("dining(10)", 1_023, dining::<10, false>),
                ("readers(16)", 65_536, readers::<16>),
                ("lastzero(15)", 147_456, lastzero::<15>),
                ("counter 4x3", 369_600, counter::<4, 3>),
            ];
        }
    };
}
