//! Mutual exclusion between an owner and threads that take the bias away: what two add to a value without atomics must
//! all be there. A lock can be wrong only in the moment in which its bias is taken away, so there are many locks.

use super::{Mutex, RwLock};
use crate::inside::bias::Token;
use std::sync::Barrier;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::thread;

/// A word that both sides write, on a line of its own: the owner's store to it takes long to become visible, and what it
/// stores after that waits behind it, as long as nothing orders the two.
#[repr(align(128))]
struct Contended(AtomicU64);

/// For each of `objects`, calls `own` again and again until `other`, in another thread, has returned once.
fn meet<T: Sync>(objects: &[T], mut own: impl FnMut(&T), other: impl Fn(&T) + Sync, others: usize) {
    let word = Contended(AtomicU64::new(0));
    let (begun, ended) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for number in 0..others {
            let (word, begun, ended, other) = (&word, &begun, &ended, &other);
            scope.spawn(move || {
                for (at, object) in objects.iter().enumerate() {
                    while begun.load(Acquire) <= at {
                        thread::yield_now();
                    }
                    for _ in 0..(at * 7 + number * 3) % 50 {
                        word.0.fetch_add(1, Relaxed);
                    }
                    other(object);
                    ended.fetch_add(1, Release);
                }
            });
        }
        for (at, object) in objects.iter().enumerate() {
            own(object);
            begun.store(at + 1, Release);
            let mut rounds = 0;
            while ended.load(Acquire) < (at + 1) * others {
                word.0.store(0, Relaxed);
                own(object);
                rounds += 1;
                if rounds % 256 == 0 {
                    thread::yield_now();
                }
            }
        }
    });
}

/// Tries until it succeeds.
fn until<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    loop {
        match attempt() {
            Some(done) => return done,
            None => thread::yield_now(),
        }
    }
}

const MANY: u64 = 20_000;

fn many<T>(make: impl Fn() -> T) -> Vec<T> {
    (0..MANY).map(|_| make()).collect()
}

/// The words of one value, which are read and written one after the other, so that two who have the value at once leave
/// them unequal, or lose what one of them added. That takes longer than a barrier, so that it is no refuge.
type Words = [u64; 40];

const NEW: Words = [0; 40];

fn is_whole(words: &Words) -> bool {
    words.iter().all(|word| *std::hint::black_box(word) == words[0])
}

fn change(words: &mut Words) {
    let next = words[0] + 1;
    words.iter_mut().for_each(|word| *std::hint::black_box(word) = next);
}

/// All that was added to them.
fn sum(values: impl Iterator<Item = Words>) -> u64 {
    values.inspect(|words| assert!(is_whole(words))).map(|words| words[0]).sum()
}

#[test]
fn nothing_is_lost_when_a_mutex_changes_hands() {
    let objects = many(|| Mutex::new(NEW));
    let token = Token::new();
    let mut added = 0;
    let own = |object: &Mutex<Words>| {
        change(&mut until(|| object.try_lock_by(token)));
        added += 1;
    };
    meet(&objects, own, |object| change(&mut object.lock().unwrap()), 1);
    assert_eq!(sum(objects.into_iter().map(|object| object.into_inner().unwrap())), added + MANY);
}

#[test]
fn nothing_is_lost_when_a_writer_takes_a_lock_away() {
    let objects = many(|| RwLock::new(NEW));
    let token = Token::new();
    let (mut added, mut torn) = (0, 0);
    let own = |object: &RwLock<Words>| {
        torn += usize::from(!is_whole(&until(|| object.try_read_by(token))));
        change(&mut until(|| object.try_write_by(token)));
        added += 1;
    };
    meet(&objects, own, |object| change(&mut object.write().unwrap()), 1);
    assert_eq!(torn, 0);
    assert_eq!(sum(objects.into_iter().map(|object| object.into_inner().unwrap())), added + MANY);
}

#[test]
fn readers_who_take_a_lock_away_together_see_whole_writes() {
    let objects = many(|| RwLock::new(NEW));
    let token = Token::new();
    let torn = AtomicUsize::new(0);
    let read = |object: &RwLock<Words>| {
        torn.fetch_add(usize::from(!is_whole(&object.read().unwrap())), Relaxed);
    };
    meet(&objects, |object| change(&mut until(|| object.try_write_by(token))), read, 2);
    assert_eq!(torn.into_inner(), 0);
}

#[test]
fn an_owner_that_reads_sees_whole_writes() {
    let objects = many(|| RwLock::new(NEW));
    let token = Token::new();
    let mut torn = 0;
    let own = |object: &RwLock<Words>| {
        torn += usize::from(!is_whole(&until(|| object.try_read_by(token))));
    };
    meet(&objects, own, |object| change(&mut object.write().unwrap()), 1);
    assert_eq!(torn, 0);
}

/// The same lock for long, after its bias was taken away; by those who wait and by those who try.
#[test]
fn nothing_is_lost_in_the_long_run() {
    const ROUNDS: u64 = 200_000;
    let (mutex, lock) = (Mutex::new(0_u64), RwLock::new(0_u64));
    let (start, token) = (Barrier::new(2), Token::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            for round in 0..ROUNDS {
                if round % 2 == 0 {
                    *mutex.lock().unwrap() += 1;
                    *lock.write().unwrap() += 1;
                } else {
                    *until(|| mutex.try_lock().ok()) += 1;
                    *until(|| lock.try_write().ok()) += 1;
                }
            }
        });
        // By the bias before the other one comes, and by the real locks then.
        for round in 0..ROUNDS {
            if round == ROUNDS / 10 {
                start.wait();
            }
            *until(|| mutex.try_lock_by(token)) += 1;
            *until(|| lock.try_write_by(token)) += 1;
        }
    });
    assert_eq!(mutex.into_inner().unwrap(), 2 * ROUNDS);
    assert_eq!(lock.into_inner().unwrap(), 2 * ROUNDS);
}

/// Executions on two threads that use one object.
#[test]
fn the_executions_of_another_thread_are_kept_out() {
    let lock = RwLock::new(0);
    let (own, other) = (Token::new(), Token::new());
    let guard = lock.try_write_by(own).unwrap();
    assert!(lock.try_read_by(other).is_none());
    drop(guard);
    let guards = (lock.try_read_by(own).unwrap(), lock.try_read_by(other).unwrap());
    assert!(lock.try_write_by(own).is_none() && lock.try_write_by(other).is_none());
    drop(guards);
    assert!(lock.try_write_by(other).is_some());
}

#[test]
fn whoever_is_in_keeps_others_out() {
    // By the bias, by the real lock, and where there is no barrier.
    for (token, is_taken_away) in [(Token::new(), false), (Token::new(), true), (Token::NONE, false)] {
        let (mutex, lock) = (Mutex::new(0), RwLock::new(0));
        if is_taken_away {
            assert!(mutex.try_lock_by(token).is_some() && mutex.try_lock().is_ok());
            assert!(lock.try_write_by(token).is_some() && lock.try_write().is_ok());
        }
        {
            let _guards = (mutex.try_lock_by(token).unwrap(), lock.try_read_by(token).unwrap());
            assert!(mutex.is_held() && lock.is_held());
            assert!(mutex.try_lock_by(token).is_none() && mutex.try_lock().is_err());
            assert!(lock.try_write_by(token).is_none() && lock.try_write().is_err());
            assert!(lock.try_read_by(token).is_some() && lock.try_read().is_ok());
        }
        assert!(!mutex.is_held() && !lock.is_held());
        let _guards = (mutex.lock().unwrap(), lock.write().unwrap());
        assert!(mutex.try_lock_by(token).is_none() && lock.try_read_by(token).is_none());
    }
}

/// Others may read by the real lock when the owner comes, whom it does not know of.
#[test]
fn an_owner_that_came_beside_readers_writes_after_them() {
    let (lock, token) = (RwLock::new(0), Token::new());
    let reader = lock.read().unwrap();
    assert!(lock.try_read_by(token).is_some());
    assert!(lock.try_write_by(token).is_none());
    drop(reader);
    assert!(lock.try_write_by(token).is_some());
}

/// Who waits is let in by a plain store, which wakes nobody.
#[test]
fn who_waits_for_the_owner_is_let_in() {
    let (mutex, is_out, token) = (Mutex::new(0), AtomicBool::new(false), Token::new());
    let guard = mutex.try_lock_by(token).unwrap();
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            let _guard = mutex.lock().unwrap();
            assert!(is_out.load(SeqCst));
        });
        // From now on it has the real lock, or is about to take it.
        while mutex.try_lock().is_ok() || !mutex.is_held() {
            thread::yield_now();
        }
        is_out.store(true, SeqCst);
        drop(guard);
        other.join().unwrap();
    });
}
