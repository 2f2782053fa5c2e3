//! Stack overflows: wherever one comes, the task ends, the finding is told, and checking goes on.
#![cfg(all(feature = "check", target_os = "linux"))]

use gorace::check::Strategy;
use gorace::sync::atomic::{AtomicU64, Ordering::SeqCst};
use gorace::sync::{Arc, Mutex};
use gorace::{Checker, cell::Shared};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What the tasks of one execution share.
struct Common {
    number: AtomicU64,
    lock: Mutex<u64>,
    memory: Shared<u64>,
    sender: gorace::Sender<u64>,
    receiver: gorace::Receiver<u64>,
}

impl Common {
    fn new() -> Arc<Self> {
        let (sender, receiver) = gorace::chan(1 << 20);
        Arc::new(Common {
            number: AtomicU64::new(0),
            lock: Mutex::new(0),
            memory: Shared::new(0),
            sender,
            receiver,
        })
    }
}

/// Recurses for ever, with frames of about `FRAME` bytes, and does `op` in each.
#[inline(never)]
#[allow(unconditional_recursion, reason = "that is what the tests are about")]
fn deeper<const FRAME: usize>(common: &Common, op: fn(&Common)) -> u64 {
    let frame = black_box([0_u8; FRAME]);
    op(common);
    deeper::<FRAME>(common, op) + u64::from(black_box(frame)[0])
}

/// Recurses as `deeper` does, in small frames that begin `OFFSET` bytes below the others'.
#[inline(never)]
fn offset<const OFFSET: usize>(common: &Common, op: fn(&Common)) -> u64 {
    let frame = black_box([0_u8; OFFSET]);
    deeper::<32>(common, op) + u64::from(black_box(frame)[0])
}

/// A task that overflows by `recurse`, beside one that reads what it writes.
fn case(recurse: fn(&Common, fn(&Common)) -> u64, op: fn(&Common)) {
    let common = Common::new();
    let deep = common.clone();
    let task = gorace::thread::spawn(move || recurse(&deep, op));
    common.number.load(SeqCst);
    common.receiver.try_recv().ok();
    drop(task);
}

/// Checks it: the overflow is found, at the same operation each time, its schedule shows it again, and nothing else
/// happens.
fn overflows(name: &str, strategy: Strategy, recurse: fn(&Common, fn(&Common)) -> u64, op: fn(&Common)) {
    let check = || {
        Checker::new().name(name).strategy(strategy.clone()).max_executions(3).run(move || case(recurse, op))
    };
    let outcome = check();
    let titles: Vec<_> = outcome.findings.iter().map(|finding| finding.title.as_str()).collect();
    assert!(titles.iter().any(|title| title.contains("stack overflow")), "{name}: {titles:?}");
    assert!(outcome.findings.iter().all(|finding| finding.code.code() == "GR0004"), "{name}: {titles:?}");
    let found = outcome.findings.iter().find(|finding| finding.title.contains("stack overflow"));
    let token = found.expect("a stack overflow").schedule.parse().expect("a token");
    let replayed = Checker::new().name(name).strategy(Strategy::Replay(token)).run(move || case(recurse, op));
    assert!(replayed.findings[0].title.contains("stack overflow"), "{name}: {}", replayed.report());
    let again = check();
    assert_eq!((again.executions, again.steps), (outcome.executions, outcome.steps), "{name}");
    assert_eq!(again.findings[0].schedule, outcome.findings[0].schedule, "{name}");
    // Checking goes on.
    Checker::new().name("after").run(|| drop(Mutex::new(0).lock())).assert_clean();
}

/// Runs `body` in a process of its own, in the test `name` and with the setting, and gives what that came to.
fn in_a_child(name: &str, (key, value): (&str, &str), body: fn()) -> Option<Output> {
    const CHILD: &str = "GORACE_TESTS_CHILD";
    if std::env::var_os(CHILD).is_some() {
        body();
        return None;
    }
    let this = std::env::current_exe().expect("a test knows its executable");
    let mut child = Command::new(this);
    child.args(["--exact", name, "--nocapture"]).env(CHILD, "1").env(key, value);
    Some(child.output().expect("the test can be run again"))
}

/// Runs `body` in a process of its own, the test `name`'s, whose stacks have `size`: those of tasks that overflow are kept.
fn with_stacks_of(size: &str, name: &str, body: fn()) {
    let Some(Output { status, stderr, .. }) = in_a_child(name, ("GORACE_STACK_SIZE", size), body) else {
        return;
    };
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
}

/// Each operation at each size of frame: by chance, in one execution or another the stack ends within each part of the
/// engine and of malloc.
macro_rules! at_all_frames {
    ($op:expr) => {
        at_all_frames!($op, 1024 1072 1120 1168 1216 1264 1312 1360 1408 1456 1504 1552 1600 1648 1696 1744)
    };
    ($op:expr, $($frame:literal)*) => {
        for strategy in [Strategy::Random, Strategy::Exhaustive] {
            $(overflows(stringify!($frame), strategy.clone(), deeper::<$frame>, $op);)*
        }
    };
}

#[test]
fn in_an_atomic() {
    with_stacks_of(
        "128K",
        "in_an_atomic",
        || at_all_frames!(|common| _ = common.number.fetch_add(1, SeqCst)),
    );
}

#[test]
fn in_a_lock() {
    with_stacks_of("128K", "in_a_lock", || at_all_frames!(|common| *common.lock.lock().unwrap() += 1));
}

#[test]
fn in_an_access() {
    with_stacks_of("128K", "in_an_access", || at_all_frames!(|common| common.memory.with_mut(|n| *n += 1)));
}

#[test]
fn in_a_send() {
    with_stacks_of("128K", "in_a_send", || at_all_frames!(|common| common.sender.send(1)));
}

#[test]
fn in_an_allocation_between_operations() {
    with_stacks_of("128K", "in_an_allocation_between_operations", || {
        at_all_frames!(|common| {
            drop(black_box(vec![0_u8; 2000]));
            common.number.fetch_add(1, SeqCst);
        })
    });
}

/// The operation after the overflow ends the task, in the process's first execution too: no more than a few frames lie
/// below a stack that is used up.
#[test]
fn ends_at_the_next_operation() {
    static EXECUTIONS: AtomicUsize = AtomicUsize::new(0);
    static LOWEST: AtomicUsize = AtomicUsize::new(usize::MAX);
    static HIGHEST: AtomicUsize = AtomicUsize::new(0);
    with_stacks_of("128K", "ends_at_the_next_operation", || {
        let check = Checker::new().strategy(Strategy::Random).max_executions(1);
        let outcome = check.run(|| {
            EXECUTIONS.fetch_add(1, Relaxed);
            case(deeper::<1024>, |common| {
                let local = 0_u8;
                let here = (&raw const local).addr();
                // Those that make it shorter have stacks of their own.
                if EXECUTIONS.load(Relaxed) == 1 {
                    LOWEST.fetch_min(here, Relaxed);
                    HIGHEST.fetch_max(here, Relaxed);
                }
                common.number.fetch_add(1, SeqCst);
            });
        });
        assert!(outcome.findings[0].title.contains("stack overflow"), "{}", outcome.report());
        let used = HIGHEST.load(Relaxed) - LOWEST.load(Relaxed);
        assert!((100 << 10..160 << 10).contains(&used), "{used}");
    });
}

/// Thousands of operations, so that what the engine keeps grows right up to the end of the stack.
#[test]
fn in_small_frames() {
    macro_rules! from_all_offsets {
        ($($offset:literal)*) => {
            $(overflows(stringify!($offset), Strategy::Random, offset::<$offset>, |common| {
                common.number.fetch_add(1, SeqCst);
            });)*
        };
    }
    with_stacks_of("256K", "in_small_frames", || {
        from_all_offsets!(16 64 112 160 208 256 304 352 400 448 496 544 592 640 688 736);
    });
}

/// The system's, under a lock that each thread has of its own, as an arena of glibc's: not to be taken twice.
struct Locking;

thread_local! {
    static LOCKED: Cell<bool> = const { Cell::new(false) };
}

/// What an allocation of so many bytes does under the lock is to overflow the stack.
const BOTTOMLESS: usize = 12_345;

// SAFETY: the system's allocator, before which something is done that does not allocate.
unsafe impl GlobalAlloc for Locking {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        while LOCKED.get() {
            std::hint::spin_loop();
        }
        LOCKED.set(true);
        if layout.size() == BOTTOMLESS {
            black_box(bottomless(0));
        }
        LOCKED.set(false);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}

#[allow(unconditional_recursion, reason = "it is bottomless")]
fn bottomless(n: u64) -> u64 {
    black_box(bottomless(black_box(n) + 1)) + n
}

#[global_allocator]
static ALLOCATOR: Locking = Locking;

/// Its lock is held for ever, so that nothing can go on: the process says so and ends.
#[test]
fn within_the_programs_own_allocator_is_a_stall() {
    let setting = ("GORACE_STALL", "1s");
    let child = in_a_child("within_the_programs_own_allocator_is_a_stall", setting, || {
        Checker::new().run(|| {
            let number = Arc::new(AtomicU64::new(0));
            let other = number.clone();
            gorace::go!("deep", {
                other.fetch_add(1, SeqCst);
                drop(black_box(Vec::<u8>::with_capacity(BOTTOMLESS)));
            });
            number.load(SeqCst);
        });
        unreachable!("nothing can be allocated any more");
    });
    let Some(Output { status, stderr, .. }) = child else { return };
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(66), "{stderr}");
    assert!(
        stderr.contains("error[GR0009]: `within_the_programs_own_allocator_is_a_stall` stalled"),
        "{stderr}"
    );
    assert!(stderr.contains("a task's stack overflowed"), "{stderr}");
}

/// The stacks of tasks that overflowed are kept, since others may borrow from them: not for thousands of executions.
#[test]
fn in_every_execution_ends_the_check() {
    with_stacks_of("16K", "in_every_execution_ends_the_check", || {
        let checker = Checker::new().strategy(Strategy::Random).max_executions(3_000).keep_going(true);
        let outcome = checker.run(|| case(deeper::<512>, |common| _ = common.number.fetch_add(1, SeqCst)));
        assert!(outcome.executions < 3_000, "{}", outcome.executions);
        assert!(
            outcome.notes().iter().any(|note| note.contains("could not be unwound")),
            "{:?}",
            outcome.notes()
        );
    });
}
