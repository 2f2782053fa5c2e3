//! Functions of the C library by which C code waits, one at a time: `c_waits FUNCTION`. `c_waits FUNCTION race` does without
//! it on one side; `late` waits for what does not come, until a moment in an hour.
use std::cell::UnsafeCell;
use std::thread;

type Room = [u64; 8];

#[repr(C)]
struct Time(i64, i64);

unsafe extern "C" {
    fn clock_gettime(clock: i32, now: *mut Time) -> i32;
    fn pthread_mutex_lock(lock: *mut Room) -> i32;
    fn pthread_mutex_timedlock(lock: *mut Room, until: *const Time) -> i32;
    fn pthread_mutex_clocklock(lock: *mut Room, clock: i32, until: *const Time) -> i32;
    fn pthread_mutex_unlock(lock: *mut Room) -> i32;
    fn pthread_rwlock_wrlock(lock: *mut Room) -> i32;
    fn pthread_rwlock_timedrdlock(lock: *mut Room, until: *const Time) -> i32;
    fn pthread_rwlock_clockrdlock(lock: *mut Room, clock: i32, until: *const Time) -> i32;
    fn pthread_rwlock_timedwrlock(lock: *mut Room, until: *const Time) -> i32;
    fn pthread_rwlock_clockwrlock(lock: *mut Room, clock: i32, until: *const Time) -> i32;
    fn pthread_rwlock_unlock(lock: *mut Room) -> i32;
    fn pthread_condattr_init(attributes: *mut Room) -> i32;
    fn pthread_condattr_setclock(attributes: *mut Room, clock: i32) -> i32;
    fn pthread_cond_init(condition: *mut Room, attributes: *const Room) -> i32;
    fn pthread_cond_timedwait(condition: *mut Room, lock: *mut Room, until: *const Time) -> i32;
    fn pthread_cond_clockwait(condition: *mut Room, lock: *mut Room, clock: i32, until: *const Time) -> i32;
    fn pthread_cond_signal(condition: *mut Room) -> i32;
    fn pthread_barrier_init(barrier: *mut Room, attributes: *const Room, count: u32) -> i32;
    fn pthread_barrier_wait(barrier: *mut Room) -> i32;
    fn pthread_barrier_destroy(barrier: *mut Room) -> i32;
    fn pthread_once(control: *mut Room, routine: extern "C" fn()) -> i32;
    fn sem_init(semaphore: *mut Room, shared: i32, value: u32) -> i32;
    fn sem_timedwait(semaphore: *mut Room, until: *const Time) -> i32;
    fn sem_clockwait(semaphore: *mut Room, clock: i32, until: *const Time) -> i32;
    fn sem_post(semaphore: *mut Room) -> i32;
}

const REALTIME: i32 = 0;
const MONOTONIC: i32 = 1;
const ETIMEDOUT: i32 = 110;

struct Shared<T>(UnsafeCell<T>);

unsafe impl<T> Sync for Shared<T> {}

static LOCK: Shared<Room> = Shared(UnsafeCell::new([0; 8]));
static OTHER: Shared<Room> = Shared(UnsafeCell::new([0; 8]));
static NUMBERS: Shared<[u64; 2]> = Shared(UnsafeCell::new([0; 2]));

fn add(at: usize) {
    unsafe { (*NUMBERS.0.get())[at] += 1 };
}

fn number(at: usize) -> u64 {
    unsafe { (*NUMBERS.0.get())[at] }
}

/// A moment in an hour.
fn in_an_hour(clock: i32) -> Time {
    let mut now = Time(0, 0);
    assert_eq!(unsafe { clock_gettime(clock, &raw mut now) }, 0);
    Time(now.0 + 3600, now.1)
}

/// Takes the lock by the function, which gives up in an hour.
fn take(function: &str) -> i32 {
    let (lock, real, mono) = (LOCK.0.get(), in_an_hour(REALTIME), in_an_hour(MONOTONIC));
    unsafe {
        match function {
            "mutex_timedlock" => pthread_mutex_timedlock(lock, &raw const real),
            "mutex_clocklock" => pthread_mutex_clocklock(lock, MONOTONIC, &raw const mono),
            "rwlock_timedrdlock" => pthread_rwlock_timedrdlock(lock, &raw const real),
            "rwlock_clockrdlock" => pthread_rwlock_clockrdlock(lock, MONOTONIC, &raw const mono),
            "rwlock_timedwrlock" => pthread_rwlock_timedwrlock(lock, &raw const real),
            "rwlock_clockwrlock" => pthread_rwlock_clockwrlock(lock, MONOTONIC, &raw const mono),
            other => panic!("no such function: {other}"),
        }
    }
}

/// Main writes under the lock that the other side takes by the function, unless it does without.
fn locks(function: &str, mode: &str) {
    let lock = LOCK.0.get();
    let is_mutex = function.starts_with("mutex");
    let take_whole =
        || unsafe { if is_mutex { pthread_mutex_lock(lock) } else { pthread_rwlock_wrlock(lock) } };
    let give = move || unsafe {
        if is_mutex { pthread_mutex_unlock(LOCK.0.get()) } else { pthread_rwlock_unlock(LOCK.0.get()) }
    };
    assert_eq!(take_whole(), 0);
    if mode == "late" {
        let function = function.to_owned();
        thread::spawn(move || assert_eq!(take(&function), ETIMEDOUT)).join().unwrap();
        return;
    }
    let is_race = mode == "race";
    let reads = function.ends_with("rdlock");
    let function = function.to_owned();
    let other = thread::spawn(move || {
        if is_race {
            return add(0);
        }
        assert_eq!(take(&function), 0);
        if reads {
            assert!(number(0) < 2)
        } else {
            add(0)
        }
        assert_eq!(give(), 0);
    });
    add(0);
    assert_eq!(give(), 0);
    other.join().unwrap();
    assert_eq!(number(0), if reads && !is_race { 1 } else { 2 });
}

/// Main waits until the other side has written; the mutex is not taken where it does without.
fn conditions(function: &str, mode: &str) {
    let (mutex, condition) = (LOCK.0.get(), OTHER.0.get());
    if function == "cond_timedwait_monotonic" {
        let mut attributes: Room = [0; 8];
        unsafe {
            assert_eq!(pthread_condattr_init(&raw mut attributes), 0);
            assert_eq!(pthread_condattr_setclock(&raw mut attributes, MONOTONIC), 0);
            assert_eq!(pthread_cond_init(condition, &raw const attributes), 0);
        }
    }
    let wait = || unsafe {
        match function {
            "cond_clockwait" => {
                pthread_cond_clockwait(condition, mutex, MONOTONIC, &raw const *&in_an_hour(MONOTONIC))
            }
            "cond_timedwait" => pthread_cond_timedwait(condition, mutex, &raw const *&in_an_hour(REALTIME)),
            _ => pthread_cond_timedwait(condition, mutex, &raw const *&in_an_hour(MONOTONIC)),
        }
    };
    if mode == "late" {
        let before = in_an_hour(MONOTONIC).0;
        assert_eq!(unsafe { pthread_mutex_lock(mutex) }, 0);
        // A second thread, so that there is something to explore.
        let other = thread::spawn(|| ());
        assert_eq!(wait(), ETIMEDOUT);
        assert_eq!(unsafe { pthread_mutex_unlock(mutex) }, 0);
        assert!(in_an_hour(MONOTONIC).0 >= before + 3600);
        return other.join().unwrap();
    }
    let is_race = mode == "race";
    let other = thread::spawn(move || unsafe {
        if is_race {
            return add(0);
        }
        assert_eq!(pthread_mutex_lock(LOCK.0.get()), 0);
        add(0);
        assert_eq!(pthread_cond_signal(OTHER.0.get()), 0);
        assert_eq!(pthread_mutex_unlock(LOCK.0.get()), 0);
    });
    assert_eq!(unsafe { pthread_mutex_lock(mutex) }, 0);
    while number(0) == 0 {
        let waited = wait();
        assert!(waited == 0 || waited == ETIMEDOUT);
    }
    assert_eq!(unsafe { pthread_mutex_unlock(mutex) }, 0);
    other.join().unwrap();
}

/// Each of two threads writes its own number and then reads the other's, with the barrier between.
fn barriers(mode: &str) {
    let parties = if mode == "late" { 3 } else { 2 };
    let is_race = mode == "race";
    assert_eq!(unsafe { pthread_barrier_init(LOCK.0.get(), std::ptr::null(), parties) }, 0);
    let side = move |own: usize| {
        for round in 1..3 {
            add(own);
            let meet = || if is_race { 0 } else { unsafe { pthread_barrier_wait(LOCK.0.get()) } };
            let serial = meet();
            assert!(serial == 0 || serial == -1);
            assert!(number(1 - own) == round || is_race);
            meet();
        }
    };
    let other = thread::spawn(move || side(1));
    side(0);
    // Waits for those who have not left it.
    assert_eq!(unsafe { pthread_barrier_destroy(LOCK.0.get()) }, 0);
    other.join().unwrap();
}

extern "C" fn begin() {
    add(0);
}

extern "C" fn begin_again() {
    add(0);
    unsafe { pthread_once(LOCK.0.get(), begin) };
}

/// Both sides want it done, and read what was done.
fn once(mode: &str) {
    let routine = if mode == "late" { begin_again } else { begin };
    let is_race = mode == "race";
    let side = move |does_without: bool| {
        if !does_without {
            assert_eq!(unsafe { pthread_once(LOCK.0.get(), routine) }, 0);
        }
        assert!(number(0) <= 1);
    };
    let other = thread::spawn(move || side(is_race));
    side(false);
    other.join().unwrap();
}

/// The other side posts what main waits for.
fn semaphores(function: &str, mode: &str) {
    let semaphore = LOCK.0.get();
    assert_eq!(unsafe { sem_init(semaphore, 0, 0) }, 0);
    let wait = || unsafe {
        match function {
            "sem_timedwait" => sem_timedwait(semaphore, &raw const *&in_an_hour(REALTIME)),
            _ => sem_clockwait(semaphore, MONOTONIC, &raw const *&in_an_hour(MONOTONIC)),
        }
    };
    let (is_late, is_race) = (mode == "late", mode == "race");
    let other = thread::spawn(move || {
        add(0);
        if !is_late {
            assert_eq!(unsafe { sem_post(LOCK.0.get()) }, 0);
        }
    });
    if is_late {
        assert_eq!(wait(), -1);
        assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(ETIMEDOUT));
    } else {
        if !is_race {
            while wait() != 0 {}
        }
        assert!(number(0) < 2);
    }
    other.join().unwrap();
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (function, mode) = (args[0].as_str(), args.get(1).map_or("", String::as_str));
    match function.split_once('_').unwrap_or((function, "")).0 {
        "cond" => conditions(function, mode),
        "barrier" => barriers(mode),
        "once" => once(mode),
        "sem" => semaphores(function, mode),
        _ => locks(function, mode),
    }
}
