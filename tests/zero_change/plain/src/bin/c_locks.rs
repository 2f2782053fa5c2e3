//! The C library's locks, each of which orders what it guards: a mutex with a condition, a read-write lock, a spin lock, a
//! semaphore.
use std::cell::UnsafeCell;
use std::thread;

type Room = [u64; 8];

unsafe extern "C" {
    fn pthread_mutex_lock(lock: *mut Room) -> i32;
    fn pthread_mutex_unlock(lock: *mut Room) -> i32;
    fn pthread_cond_wait(condition: *mut Room, mutex: *mut Room) -> i32;
    fn pthread_cond_signal(condition: *mut Room) -> i32;
    fn pthread_rwlock_rdlock(lock: *mut Room) -> i32;
    fn pthread_rwlock_wrlock(lock: *mut Room) -> i32;
    fn pthread_rwlock_unlock(lock: *mut Room) -> i32;
    fn pthread_spin_init(lock: *mut Room, shared: i32) -> i32;
    fn pthread_spin_lock(lock: *mut Room) -> i32;
    fn pthread_spin_unlock(lock: *mut Room) -> i32;
    fn sem_init(semaphore: *mut Room, shared: i32, value: u32) -> i32;
    fn sem_wait(semaphore: *mut Room) -> i32;
    fn sem_post(semaphore: *mut Room) -> i32;
}

/// Zeros are what the static initialisers of mutexes, conditions and read-write locks are.
struct Shared<T>(UnsafeCell<T>);

unsafe impl<T> Sync for Shared<T> {}

static MUTEX: Shared<Room> = Shared(UnsafeCell::new([0; 8]));
static CONDITION: Shared<Room> = Shared(UnsafeCell::new([0; 8]));
static LOCK: Shared<Room> = Shared(UnsafeCell::new([0; 8]));
static SPIN: Shared<Room> = Shared(UnsafeCell::new([0; 8]));
static SEMAPHORE: Shared<Room> = Shared(UnsafeCell::new([0; 8]));
static NUMBERS: Shared<[u64; 4]> = Shared(UnsafeCell::new([0; 4]));

fn add(at: usize) {
    unsafe { (*NUMBERS.0.get())[at] += 1 };
}

fn number(at: usize) -> u64 {
    unsafe { (*NUMBERS.0.get())[at] }
}

fn theirs() {
    unsafe {
        pthread_mutex_lock(MUTEX.0.get());
        add(0);
        pthread_cond_signal(CONDITION.0.get());
        pthread_mutex_unlock(MUTEX.0.get());
        pthread_rwlock_wrlock(LOCK.0.get());
        add(1);
        pthread_rwlock_unlock(LOCK.0.get());
        pthread_spin_lock(SPIN.0.get());
        add(2);
        pthread_spin_unlock(SPIN.0.get());
        add(3);
        sem_post(SEMAPHORE.0.get());
    }
}

fn main() {
    unsafe {
        pthread_spin_init(SPIN.0.get(), 0);
        sem_init(SEMAPHORE.0.get(), 0, 0);
    }
    let other = thread::spawn(theirs);
    unsafe {
        pthread_mutex_lock(MUTEX.0.get());
        while number(0) == 0 {
            pthread_cond_wait(CONDITION.0.get(), MUTEX.0.get());
        }
        pthread_mutex_unlock(MUTEX.0.get());
        pthread_rwlock_rdlock(LOCK.0.get());
        assert!(number(1) < 2);
        pthread_rwlock_unlock(LOCK.0.get());
        pthread_spin_lock(SPIN.0.get());
        add(2);
        pthread_spin_unlock(SPIN.0.get());
        sem_wait(SEMAPHORE.0.get());
        assert_eq!(number(3), 1);
    }
    other.join().unwrap();
    assert_eq!(number(2), 2);
}
