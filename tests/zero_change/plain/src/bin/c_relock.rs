//! Mutexes of the C library that their owner locks again: one that may be, one that says so; and with an argument a plain
//! one, for which nobody can wait with success.
use std::thread;

type Room = [u64; 8];

unsafe extern "C" {
    fn pthread_mutexattr_init(attributes: *mut Room) -> i32;
    fn pthread_mutexattr_settype(attributes: *mut Room, kind: i32) -> i32;
    fn pthread_mutex_init(lock: *mut Room, attributes: *const Room) -> i32;
    fn pthread_mutex_lock(lock: *mut Room) -> i32;
    fn pthread_mutex_unlock(lock: *mut Room) -> i32;
}

const NORMAL: i32 = 0;
const RECURSIVE: i32 = 1;
const ERRORCHECK: i32 = 2;
const EDEADLK: i32 = 35;

/// What the second of two locks gives, and how many unlocks then succeed.
fn relock(kind: i32) -> (i32, u32) {
    let (mut lock, mut attributes): (Room, Room) = ([0; 8], [0; 8]);
    let lock = &raw mut lock;
    unsafe {
        assert_eq!(pthread_mutexattr_init(&raw mut attributes), 0);
        assert_eq!(pthread_mutexattr_settype(&raw mut attributes, kind), 0);
        assert_eq!(pthread_mutex_init(lock, &raw const attributes), 0);
        assert_eq!(pthread_mutex_lock(lock), 0);
        let second = pthread_mutex_lock(lock);
        let unlocked = (0..3).take_while(|_| pthread_mutex_unlock(lock) == 0).count();
        (second, unlocked as u32)
    }
}

fn main() {
    let is_plain = std::env::args().len() > 1;
    let other = thread::spawn(move || {
        if is_plain {
            relock(NORMAL);
        }
        assert_eq!(relock(ERRORCHECK), (EDEADLK, 1));
        assert_eq!(relock(RECURSIVE), (0, 2));
    });
    assert_eq!(relock(ERRORCHECK), (EDEADLK, 1));
    other.join().unwrap();
}
