//! Each of std's means of synchronisation, used as it is meant: nothing is to be found.
use std::cell::Cell;
use std::sync::mpsc;
use std::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
use std::thread;
use std::time::Duration;

static LAZY: LazyLock<Vec<u32>> = LazyLock::new(|| vec![1, 2, 3]);
static ONCE: Once = Once::new();
static LOCK: OnceLock<String> = OnceLock::new();

thread_local! {
    static LOCAL: Cell<u32> = const { Cell::new(1) };
}

fn main() {
    let shared = Arc::new((Mutex::new(0), Condvar::new(), RwLock::new(0), Barrier::new(3)));
    let (tx, rx) = mpsc::sync_channel(1);
    let workers: Vec<_> = (0..3)
        .map(|i| {
            let (shared, tx) = (shared.clone(), tx.clone());
            thread::spawn(move || {
                ONCE.call_once(|| ());
                *shared.2.write().unwrap() += LAZY[0];
                LOCK.get_or_init(|| "made".to_owned());
                LOCAL.set(LOCAL.get() + i);
                shared.3.wait();
                *shared.0.lock().unwrap() += 1;
                shared.1.notify_all();
                tx.send(i).unwrap();
            })
        })
        .collect();
    drop(tx);
    let mut done = shared.0.lock().unwrap();
    while *done < 3 {
        done = shared.1.wait_timeout(done, Duration::from_secs(60)).unwrap().0;
    }
    drop(done);
    assert_eq!(rx.iter().sum::<u32>(), 3);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    let mut numbers = [1, 2, 3];
    thread::scope(|scope| {
        numbers.iter_mut().for_each(|number| _ = scope.spawn(move || *number += 1));
    });
    let parked = thread::spawn(thread::park);
    parked.thread().unpark();
    parked.join().unwrap();
    assert_eq!((numbers, *shared.2.read().unwrap(), LOCAL.get()), ([2, 3, 4], 3, 1));
}
