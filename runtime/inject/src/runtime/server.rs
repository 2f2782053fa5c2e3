//! The fork server: before main, the process waits for requests, and forks a fresh one for each execution.
//!
//! It returns only in a child, which then runs main under control.

use super::child::{self, Shared};
use super::raw;
use super::state::{self, with};
use super::{base, canary, heap, threads};
use crate::wire::{Answer, Facts, How, RawTrace, Request, SOCKET, TRACE, retell};
use gorace_engine::{Execution, Plan, Profile};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// Descriptors from here on are ours: the program's own begin below.
const DESCRIPTORS: usize = 500;

/// Whether somebody wants to control this process. The variables are taken away: a program that it starts is its own.
pub fn is_wanted() -> bool {
    std::env::var_os(SOCKET).is_some()
}

/// Serves requests; returns in each child, with the top of main's stack.
pub fn serve() -> usize {
    end_with_parent();
    let socket = connect();
    let trace = open_trace();
    // SAFETY: the process has one thread.
    unsafe {
        std::env::remove_var(SOCKET);
        std::env::remove_var(TRACE);
    }
    if let Some(why) = canary::missing() {
        raw::write(socket, format!("{}\n", Answer::Broken(why)).as_bytes());
        raw::exit(child::INTERNAL);
    }
    prepare();
    let null = open_null();
    let mut buffer = Vec::new();
    let mut profile = Arc::default();
    loop {
        let Some(line) = read_line(socket, &mut buffer) else { raw::exit(0) };
        let Some(request) = Request::parse(&line) else {
            let answer = Answer::Broken(format!("not understood: {line}"));
            raw::write(socket, format!("{answer}\n").as_bytes());
            continue;
        };
        match run(&request, (trace, null), &mut profile) {
            Ran::Here(top) => {
                // SAFETY: no pointers.
                unsafe { raw::call(libc::SYS_close, [socket as usize, 0, 0, 0, 0, 0]) };
                return top;
            }
            Ran::Answered(answer) => raw::write(socket, format!("{answer}\n").as_bytes()),
        }
    }
}

enum Ran {
    /// This is the child: main's stack.
    Here(usize),
    Answered(Answer),
}

/// What every execution would do for itself, and need not: what it reserves and looks up.
fn prepare() {
    threads::prepare();
    heap::with(heap::Heap::prepare);
    with(|runtime| runtime.shadow.reserve(base::statics()));
}

fn run(request: &Request, (trace, null): (i32, i32), profile: &mut Arc<Profile>) -> Ran {
    let mut facts = Facts::default();
    for at in 0..request.how.count() {
        let shared = child::shared();
        shared.flags.store(0, Relaxed);
        // SAFETY: the process has one thread.
        let process = unsafe { libc::fork() };
        if process == 0 {
            return Ran::Here(begin(request, &plan(request, at, profile), (trace, null)));
        }
        if process < 0 {
            return Ran::Answered(Answer::Broken("cannot fork: too many processes, or no memory".to_owned()));
        }
        let end = wait(process, request.wall);
        facts.add(&facts_of(shared));
        if request.how == How::Learn {
            *profile = learned(&plan(request, at, profile), trace);
        }
        let answer = match end {
            End::Exit(child::CLEAN) => continue,
            End::Exit(child::TRACE) => Answer::Trace(facts),
            End::Exit(code) => {
                Answer::Broken(format!("an execution ended with code {code}, without having been finished"))
            }
            End::Signal(signal) => Answer::Died(facts, signal),
            End::Late => Answer::Hung(facts),
        };
        return Ran::Answered(answer);
    }
    Ran::Answered(Answer::Clean(facts))
}

fn facts_of(shared: &Shared) -> Facts {
    let flags = shared.flags.load(Relaxed);
    let has = |flag: u64| flags & flag != 0;
    Facts {
        executions: 1,
        steps: shared.steps.load(Relaxed),
        accesses: shared.accesses.load(Relaxed),
        threaded: u64::from(has(child::THREADED)),
        weak: has(child::WEAK),
        ordered_timers: has(child::ORDERED_TIMERS),
        bounded_timers: has(child::BOUNDED_TIMERS),
        timers: has(child::TIMERS),
        spin_cut: has(child::SPIN_CUT),
        outside: has(child::OUTSIDE),
        truncated: has(child::TRUNCATED),
        files: has(child::FILES),
        sockets: has(child::SOCKETS),
        processes: has(child::PROCESSES),
    }
}

/// How the `at`-th execution of a request is run.
fn plan(request: &Request, at: u64, profile: &Arc<Profile>) -> Plan {
    let Request { max_steps, idle_clock, .. } = *request;
    let selection = request.how.selection(at, profile);
    let spurious = matches!(request.how, How::Follow(_) | How::FollowLoosely(_));
    Plan { selection, max_steps, idle_clock, spurious }
}

/// What the execution by this plan, whose calls are in the file for traces, tells of the program.
fn learned(plan: &Plan, trace: i32) -> Arc<Profile> {
    let text = std::fs::read_to_string(format!("/proc/self/fd/{trace}")).unwrap_or_default();
    let Ok(raw) = RawTrace::parse(&text) else { return Arc::default() };
    let mut execution = Execution::default();
    retell(&raw.calls, plan, &mut execution);
    Arc::new(Profile::of(&execution))
}

/// In the child: everything is ready for main.
fn begin(request: &Request, plan: &Plan, (trace, null): (i32, i32)) -> usize {
    end_with_parent();
    if !request.show {
        // SAFETY: no pointers.
        unsafe {
            raw::call(libc::SYS_dup2, [null as usize, 1, 0, 0, 0, 0]);
            raw::call(libc::SYS_dup2, [null as usize, 2, 0, 0, 0, 0]);
        }
    }
    child::expect(trace, request.keep, request.harness);
    let top = threads::begin();
    with(|runtime| {
        runtime.exec.begin(plan, request.how.notes_calls());
        runtime.max_steps = plan.max_steps;
    });
    state::control(true);
    top
}

/// Whoever started this process takes it along when it ends, however that is.
fn end_with_parent() {
    // SAFETY: no pointers.
    unsafe {
        raw::call(libc::SYS_prctl, [libc::PR_SET_PDEATHSIG as usize, libc::SIGKILL as usize, 0, 0, 0, 0])
    };
}

enum End {
    Exit(i32),
    Signal(i32),
    Late,
}

/// Waits for a child, so many milliseconds at the most; one that is late is killed.
fn wait(process: i32, milliseconds: u64) -> End {
    let mut late = false;
    // SAFETY: no pointers.
    let fd = unsafe { raw::call(libc::SYS_pidfd_open, [process as usize, 0, 0, 0, 0, 0]) };
    if fd >= 0 {
        let mut poll = libc::pollfd { fd: fd as i32, events: libc::POLLIN, revents: 0 };
        // SAFETY: one descriptor to look at, which is then closed.
        unsafe {
            let ready =
                raw::call(libc::SYS_poll, [&raw mut poll as usize, 1, milliseconds as usize, 0, 0, 0]);
            late = ready == 0;
            raw::call(libc::SYS_close, [fd as usize, 0, 0, 0, 0, 0]);
            if late {
                raw::call(libc::SYS_kill, [process as usize, libc::SIGKILL as usize, 0, 0, 0, 0]);
            }
        }
    }
    let mut status = 0_i32;
    // SAFETY: the status is written by this call.
    while unsafe { raw::call(libc::SYS_wait4, [process as usize, &raw mut status as usize, 0, 0, 0, 0]) }
        == -(libc::EINTR as isize)
    {}
    match status {
        _ if late => End::Late,
        _ if libc::WIFSIGNALED(status) => End::Signal(libc::WTERMSIG(status)),
        _ => End::Exit(libc::WEXITSTATUS(status)),
    }
}

fn connect() -> i32 {
    use std::os::fd::IntoRawFd as _;
    let path = std::env::var_os(SOCKET).unwrap_or_default();
    match std::os::unix::net::UnixStream::connect(path) {
        Ok(stream) => out_of_the_way(stream.into_raw_fd()),
        Err(_) => raw::die("cannot connect to gorace"),
    }
}

fn open_trace() -> i32 {
    use std::os::fd::IntoRawFd as _;
    let path = std::env::var_os(TRACE).unwrap_or_default();
    match std::fs::OpenOptions::new().write(true).open(path) {
        Ok(file) => out_of_the_way(file.into_raw_fd()),
        Err(_) => raw::die("cannot open the file for traces"),
    }
}

/// Where the output of those executions goes that nobody is to see.
fn open_null() -> i32 {
    use std::os::fd::IntoRawFd as _;
    match std::fs::OpenOptions::new().write(true).open("/dev/null") {
        Ok(file) => out_of_the_way(file.into_raw_fd()),
        Err(_) => raw::die("cannot open /dev/null"),
    }
}

/// The same descriptor with a high number, so that the program's own have the numbers that they would have.
fn out_of_the_way(fd: i32) -> i32 {
    // SAFETY: no pointers.
    let high = unsafe {
        raw::call(libc::SYS_fcntl, [fd as usize, libc::F_DUPFD_CLOEXEC as usize, DESCRIPTORS, 0, 0, 0])
    };
    if high < 0 {
        return fd;
    }
    // SAFETY: no pointers.
    unsafe { raw::call(libc::SYS_close, [fd as usize, 0, 0, 0, 0, 0]) };
    high as i32
}

fn read_line(fd: i32, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = buffer.drain(..=end).collect();
            return Some(String::from_utf8_lossy(&line[..end]).into_owned());
        }
        let mut part = [0_u8; 4096];
        let at = part.as_mut_ptr() as usize;
        // SAFETY: so much room.
        let n = unsafe { raw::call(libc::SYS_read, [fd as usize, at, part.len(), 0, 0, 0]) };
        match n {
            n if n > 0 => buffer.extend_from_slice(&part[..n as usize]),
            n if n == -(libc::EINTR as isize) => {}
            _ => return None,
        }
    }
}
