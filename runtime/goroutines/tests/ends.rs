//! What ends the process, seen from another one: the program runs itself again, each time as a child that does one
//! thing. Each child is a program with a main that is a goroutine.

use gorace_goroutines::net::{TcpListener, TcpStream};
use gorace_goroutines::sync::{Mutex, mpsc};
use gorace_goroutines::{Builder, Reason, blocking, go, park, run_main, runtime, thread, timers, yield_now};
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A scenario's name, what the child does, and what must come of it.
type Scenario = (&'static str, fn(), fn(&Output));

const SCENARIOS: &[Scenario] = &[
    ("main_returns", main_returns, |it| ends(it, Some(0), "", "")),
    ("main_waits_for_ever", main_waits_for_ever, |it| {
        ends(
            it,
            Some(2),
            "",
            "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [park]:\nmain\n",
        );
    }),
    ("everybody_waits", everybody_waits, |it| {
        ends(it, Some(2), "", "fatal error: all goroutines are asleep - deadlock!\n");
        says(it, "[sync.Mutex.Lock]:\n(no name)\n\truntime/goroutines/tests/ends.rs:");
    }),
    ("a_thread_may_come_back", a_thread_may_come_back, |it| ends(it, Some(0), "woken\n", "")),
    ("a_timer_is_no_deadlock", a_timer_is_no_deadlock, |it| ends(it, Some(0), "slept\n", "")),
    ("a_blocking_call_is_no_deadlock", a_blocking_call_is_no_deadlock, |it| ends(it, Some(0), "7\n", "")),
    ("a_thread_of_the_runtime_panics", a_thread_of_the_runtime_panics, |it| {
        ends(it, Some(2), "", "\nthread 'gorace timers' (");
        says(it, "unlikely\n");
        says(it, "\nfatal error: a thread of the runtime has panicked: ");
    }),
    ("main_leaves", main_leaves, |it| {
        let words = "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\nexit status 2\n";
        ends(it, Some(2), "the other one is done\n", words);
    }),
    ("the_stack_overflows", the_stack_overflows, |it| {
        ends(it, Some(2), "", "runtime: goroutine stack exceeds ");
        says(it, "-byte limit\nfatal error: stack overflow\n\ngoroutine ");
        says(it, " [running]:\ndeep\nexit status 2\n");
    }),
    ("a_spinning_goroutine_stops_no_other", a_spinning_goroutine_stops_no_other, |it| {
        ends(it, Some(0), "1000 others ran\n", "");
    }),
    ("whoever_keeps_others_waiting_is_named", whoever_keeps_others_waiting_is_named, |it| {
        ends(it, Some(0), "", "gorace: goroutine ");
        says(
            it,
            " (`hog`) has run for 200 ms without stepping aside, and 1 goroutine that started on its thread waits",
        );
    }),
    ("a_call_that_never_returns_stops_no_other", a_call_that_never_returns_stops_no_other, |it| {
        ends(it, Some(0), "1000 others ran\n", "");
    }),
    ("a_panic_with_a_lock_held_poisons_it", a_panic_with_a_lock_held_poisons_it, |it| {
        ends(it, Some(0), "poisoned\n", "");
    }),
    (
        "a_waiting_destructor_poisons_nothing_of_others",
        a_waiting_destructor_poisons_nothing_of_others,
        |it| {
            ends(it, Some(0), "clean\n", "");
        },
    ),
    ("quit", quit, |it| {
        ends(it, Some(2), "", "SIGQUIT: quit\n\ngoroutine 1 [");
        says(it, "[sleep]:\nsleeper\n");
    }),
    ("address_space_exhausted", address_space_exhausted, |it| {
        ends(it, Some(2), "", "runtime: cannot reserve a stack for goroutine ");
        says(it, "fatal error: out of memory\nexit status 2\n");
    }),
    ("files_exhausted", files_exhausted, |it| {
        ends(it, Some(0), "Too many open files, and then it goes on\n", "")
    }),
    ("memory_exhausted", memory_exhausted, |it| ends(it, None, "", "memory allocation of ")),
    ("threads_exhausted", threads_exhausted, |it| ends(it, Some(0), "100 ran\n", "")),
];

/// With several workers another one may take what is to stand in the way.
const ALONE: &[&str] = &["whoever_keeps_others_waiting_is_named"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name] = arguments.as_slice()
        && flag == "--child"
    {
        let (_, child, _) = SCENARIOS.iter().find(|(other, ..)| other == name).expect("the parent named it");
        let result = run_main(child, |payload| payload.is::<Exit>());
        return if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    // As libtest is asked: names, or parts of them. Runners that list tests find none here.
    if arguments.iter().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    for workers in ["1", "2", "8"] {
        for (name, _, judge) in SCENARIOS {
            if ALONE.contains(name) && workers != "1" {
                continue;
            }
            if filters.iter().all(|filter| name.contains(filter.as_str())) {
                println!("{name}, GOMAXPROCS={workers}");
                judge(&run_child(name, workers));
            }
        }
    }
    ExitCode::SUCCESS
}

/// Main called `goexit`, or what stands for it here.
struct Exit;

fn run_child(name: &str, workers: &str) -> Output {
    let this = std::env::current_exe().expect("a test knows its executable");
    let mut child = Command::new(this);
    child
        .args(["--child", name])
        .env("GOMAXPROCS", workers)
        .env("RUST_BACKTRACE", "0")
        .env("GORACE_STALL", "200ms");
    let child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the child starts");
    child.wait_with_output().expect("the child ends")
}

fn ends(output: &Output, code: Option<i32>, stdout: &str, stderr: &str) {
    let (out, err) = texts(output);
    assert_eq!((output.status.code(), out.as_str()), (code, stdout), "{err}");
    assert!(err.starts_with(stderr), "{err}");
}

fn says(output: &Output, words: &str) {
    let (_, err) = texts(output);
    assert!(err.contains(words), "{err}");
}

fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// "When the function main returns, the program exits. It does not wait for other goroutines to complete."
fn main_returns() {
    drop(go(|| {
        park(Reason::Park);
        println!("never");
    }));
    yield_now();
}

fn main_waits_for_ever() {
    loop {
        park(Reason::Park);
    }
}

/// Only a bug of ours can do that; the action stands for it. Without the thread, main would wait for ever.
fn a_thread_of_the_runtime_panics() {
    timers::at(Instant::now(), Box::new(|| panic!("unlikely")));
    main_waits_for_ever();
}

fn everybody_waits() {
    let lock = Arc::new(Mutex::new(()));
    let held = lock.lock().expect("nobody panics");
    let theirs = lock.clone();
    let other = go(move || drop(theirs.lock()));
    let _ = other.join();
    drop(held);
}

/// A thread that the runtime does not know wakes main: nothing may be said before.
fn a_thread_may_come_back() {
    let main = thread::current();
    drop(std::thread::spawn(move || {
        // Long enough for the monitor to look many times.
        std::thread::sleep(Duration::from_millis(300));
        main.unpark();
    }));
    thread::park();
    println!("woken");
}

fn a_timer_is_no_deadlock() {
    thread::sleep(Duration::from_millis(300));
    println!("slept");
}

fn a_blocking_call_is_no_deadlock() {
    let answer = blocking::blocking(|| {
        std::thread::sleep(Duration::from_millis(300));
        7
    });
    println!("{answer}");
}

fn main_leaves() {
    drop(go(|| {
        thread::sleep(Duration::from_millis(50));
        println!("the other one is done");
    }));
    std::panic::resume_unwind(Box::new(Exit));
}

#[allow(unconditional_recursion, reason = "it is to overflow")]
fn deeper(depth: u64) -> u64 {
    let frame = std::hint::black_box([depth; 64]);
    deeper(depth + 1) + frame[0]
}

fn the_stack_overflows() {
    let deep = Builder::new().name("deep".to_owned()).go(|| deeper(0)).expect("it starts");
    let _ = deep.join();
}

fn others_run() {
    let others: Vec<_> = (0..1000).map(|_| go(yield_now)).collect();
    others.into_iter().for_each(|other| other.join().expect("nobody panics"));
    println!("1000 others ran");
}

/// As long as main does not step aside, what it started starts on another thread.
fn wait_without_stepping_aside(said: &mpsc::Receiver<()>) {
    while said.try_recv().is_err() {
        std::hint::spin_loop();
    }
}

fn a_spinning_goroutine_stops_no_other() {
    let (said, spins) = mpsc::channel();
    drop(go(move || {
        said.send(()).expect("main waits");
        loop {
            std::hint::spin_loop();
        }
    }));
    wait_without_stepping_aside(&spins);
    others_run();
}

/// A goroutine that started beside main, on its thread, and computes for long.
fn whoever_keeps_others_waiting_is_named() {
    let hog = Builder::new().name("hog".to_owned()).go(|| {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(600) {
            std::hint::spin_loop();
        }
    });
    yield_now();
    hog.expect("it starts").join().expect("nobody panics");
}

fn a_call_that_never_returns_stops_no_other() {
    let (said, blocks) = mpsc::channel();
    drop(go(move || {
        said.send(()).expect("main waits");
        loop {
            std::thread::park();
        }
    }));
    wait_without_stepping_aside(&blocks);
    others_run();
}

fn a_panic_with_a_lock_held_poisons_it() {
    std::panic::set_hook(Box::new(|_| {}));
    let lock = Arc::new(Mutex::new(0));
    let theirs = lock.clone();
    let died = go(move || {
        let _held = theirs.lock();
        panic!("on purpose");
    });
    assert!(died.join().is_err());
    assert!(lock.is_poisoned() && lock.lock().is_err());
    println!("poisoned");
}

/// One goroutine unwinds and waits in a destructor; another one of its thread lets a lock go meanwhile.
fn a_waiting_destructor_poisons_nothing_of_others() {
    struct Waits(mpsc::SyncSender<()>, mpsc::Receiver<()>);
    impl Drop for Waits {
        fn drop(&mut self) {
            self.0.send(()).expect("main listens");
            self.1.recv().expect("main answers");
        }
    }
    std::panic::set_hook(Box::new(|_| {}));
    let (said, unwinds) = mpsc::sync_channel(1);
    let (go_on, goes_on) = mpsc::sync_channel(1);
    let lock = Arc::new(Mutex::new(0));
    // All on main's worker, if that is the only one.
    let held = lock.lock().expect("it is new");
    let died = go(move || {
        let _waits = Waits(said, goes_on);
        panic!("on purpose");
    });
    unwinds.recv().expect("it unwinds");
    drop(held);
    assert!(!lock.is_poisoned() && !thread::panicking());
    drop(lock.lock().expect("not poisoned"));
    go_on.send(()).expect("it waits");
    assert!(died.join().is_err());
    assert!(!lock.is_poisoned());
    println!("clean");
}

fn quit() {
    let sleeper = Builder::new().name("sleeper".to_owned()).go(|| thread::sleep(Duration::from_secs(3600)));
    let begun = Instant::now();
    while runtime::stats().timers == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60));
        yield_now();
    }
    let pid = std::process::id().to_string();
    let sent = blocking::blocking(move || Command::new("kill").args(["-QUIT", &pid]).status());
    assert!(sent.is_ok_and(|status| status.success()));
    let _ = sleeper.expect("it starts").join();
}

/// Stacks of a gibibyte in four of them.
fn address_space_exhausted() {
    limit(libc::RLIMIT_AS, 4 << 30);
    for _ in 0..8 {
        let large = Builder::new().stack_size(1 << 30).go(|| park(Reason::Park));
        drop(large.expect("a goroutine is no thread"));
    }
    loop {
        yield_now();
    }
}

/// One connects until no file descriptor is left, and again when there are some.
fn files_exhausted() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    limit(libc::RLIMIT_NOFILE, 64);
    let mut streams = Vec::new();
    let error = loop {
        match TcpStream::connect(address) {
            Ok(stream) => streams.push(stream),
            Err(error) => break error,
        }
    };
    assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
    let accepting = go(move || listener.accept().map(drop).map_err(|error| error.raw_os_error()));
    assert_eq!(accepting.join().expect("nobody panics"), Err(Some(libc::EMFILE)));
    streams.truncate(10);
    let listener = TcpListener::bind("127.0.0.1:0").expect("files are there again");
    TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
    println!("Too many open files, and then it goes on");
}

/// Std's words, by which it aborts.
fn memory_exhausted() {
    limit(libc::RLIMIT_AS, 2 << 30);
    let eats = go(|| {
        let mut all = Vec::new();
        loop {
            all.push(vec![1_u8; 64 << 20]);
            yield_now();
        }
    });
    let _: Result<(), _> = eats.join();
}

/// No thread can be started any more: goroutines do without, and calls that block are made in place.
fn threads_exhausted() {
    go(yield_now).join().expect("the workers are there");
    // Root is not limited.
    // SAFETY: plain calls with numbers.
    unsafe {
        if libc::geteuid() == 0 {
            assert_eq!(libc::setuid(65534), 0);
        }
    }
    limit(libc::RLIMIT_NPROC, 0);
    assert!(std::thread::Builder::new().spawn(|| ()).is_err(), "threads are exhausted");
    let calls: Vec<_> = (0..100).map(|n| go(move || blocking::blocking(move || n))).collect();
    let ran = calls.into_iter().enumerate().filter(|_| true);
    let ran = ran.map(|(n, call)| usize::from(call.join().expect("nobody panics") == n)).sum::<usize>();
    println!("{ran} ran");
}

fn limit(resource: libc::__rlimit_resource_t, most: u64) {
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: a plain call with a valid pointer.
    assert_eq!(unsafe { libc::setrlimit(resource, &raw const limit) }, 0);
}
