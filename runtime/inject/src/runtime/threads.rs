//! Threads: the C library starts them, the engine says when they run.

use super::raw;
use super::schedule::{self, MOST, step, visit, wait_for_baton};
use super::stacks::DEFAULT;
use super::state::{self, Thread, is_controlled, with};
use super::{base, finish};
use gorace_analyzer_core::{Place, TaskIx};
use gorace_engine::Op;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

/// Rounds of destructors of thread-specific values after which nothing of the program runs any more: as many as the
/// C library makes.
const ROUNDS: u32 = 4;

/// The thread-specific value by which a thread's end is seen.
static KEY: AtomicU32 = AtomicU32::new(u32::MAX);

/// A function that this one replaces.
pub struct Real(&'static CStr, AtomicUsize);

impl Real {
    pub const fn new(name: &'static CStr) -> Self {
        Real(name, AtomicUsize::new(0))
    }

    /// Its address.
    pub fn address(&self) -> usize {
        let known = self.1.load(Relaxed);
        if known != 0 {
            return known;
        }
        let found = base::next(self.0);
        if found == 0 {
            raw::die("the C library lacks a function that it should have");
        }
        self.1.store(found, Relaxed);
        found
    }
}

static CREATE: Real = Real::new(c"pthread_create");
static JOIN: Real = Real::new(c"pthread_join");
static DETACH: Real = Real::new(c"pthread_detach");
static SET_NAME: Real = Real::new(c"pthread_setname_np");
static GET_GUARD: Real = Real::new(c"pthread_attr_getguardsize");
static GET_ATTRIBUTES: Real = Real::new(c"pthread_getattr_np");

unsafe extern "C" {
    fn pthread_attr_getdetachstate(attributes: *const libc::pthread_attr_t, state: *mut i32) -> i32;
}

/// Makes main known, on its new stack, before anything is forked.
pub fn prepare() {
    let mut key = 0;
    // SAFETY: the key is written by this call.
    if unsafe { libc::pthread_key_create(&raw mut key, Some(round_of_destructors)) } != 0 {
        raw::die("no thread-specific key is left");
    }
    KEY.store(key, Relaxed);
    for function in [&CREATE, &JOIN, &DETACH, &SET_NAME, &GET_GUARD, &GET_ATTRIBUTES] {
        function.address();
    }
    with(|runtime| {
        let Some(stack) = runtime.stacks.take(DEFAULT) else { raw::die("cannot reserve a stack") };
        let mut main = Thread { stack, ..Thread::default() };
        main.knows.now.set(0, 1);
        runtime.threads.push(main);
    });
}

/// Main begins; gives the top of its stack.
pub fn begin() -> usize {
    with(|runtime| {
        runtime.set_current(TaskIx(0));
        let stack = runtime.thread().stack;
        stack.low + stack.size
    })
}

extern "C" fn trampoline(task: usize) -> usize {
    let task = TaskIx(task as u32);
    wait_for_baton(task);
    // SAFETY: the key exists; the value is no pointer that anybody follows.
    unsafe { libc::pthread_setspecific(KEY.load(Relaxed), (task.at() + 1) as *const libc::c_void) };
    let (start, argument) = with(|runtime| (runtime.thread().start, runtime.thread().argument));
    // SAFETY: what the program passed to pthread_create.
    let start: extern "C" fn(usize) -> usize = unsafe { std::mem::transmute(start) };
    start(argument)
}

/// Called by the C library, after the thread's function and the destructors of its thread-locals.
unsafe extern "C" fn round_of_destructors(value: *mut libc::c_void) {
    let rounds = with(|runtime| {
        runtime.thread().rounds += 1;
        runtime.thread().rounds
    });
    if rounds < ROUNDS {
        // SAFETY: as in `trampoline`.
        unsafe { libc::pthread_setspecific(KEY.load(Relaxed), value) };
        return;
    }
    exit();
    schedule::leave();
}

/// The running thread is over: its joiners may go on. Its last operation.
pub fn exit() {
    let me = with(|runtime| {
        let me = runtime.current;
        let thread = runtime.thread();
        if let Some(panic) = thread.panic.take() {
            runtime.panics.push(panic);
        }
        runtime.exec.arrive(me, Op::Exit, Place::Unknown);
        me
    });
    schedule::go_on(me);
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pthread_create(
    handle: *mut usize,
    attributes: *const libc::pthread_attr_t,
    start: usize,
    argument: usize,
) -> i32 {
    type Create = unsafe extern "C" fn(*mut usize, *const libc::pthread_attr_t, usize, usize) -> i32;
    // SAFETY: the C library's function of this name.
    let real: Create = unsafe { std::mem::transmute(CREATE.address()) };
    if !is_controlled() {
        // SAFETY: the caller's own call.
        return unsafe { real(handle, attributes, start, argument) };
    }
    let mut size = 0;
    if !attributes.is_null() {
        // SAFETY: the program's attributes.
        unsafe { libc::pthread_attr_getstacksize(attributes, &raw mut size) };
    }
    state::track();
    let made = with(|runtime| {
        let stack = runtime.stacks.take(if size == 0 { DEFAULT } else { size })?;
        let child = runtime.exec.new_task(runtime.current);
        if child.at() >= MOST {
            return None;
        }
        // The clock is a task of the engine's alone.
        runtime.threads.resize_with(child.at(), Thread::default);
        let mut thread = Thread { stack, start, argument, ..Thread::default() };
        thread.knows.now.copy_from(&runtime.threads[runtime.current.at()].knows.now);
        thread.knows.now.set(child.0, 1);
        runtime.threads.push(thread);
        Some((child, stack))
    });
    let Some((child, stack)) = made else { return libc::EAGAIN };
    let mut own = MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: the attributes are initialised, the stack is a mapping of its own.
    let failed = unsafe {
        libc::pthread_attr_init(own.as_mut_ptr());
        libc::pthread_attr_setstack(own.as_mut_ptr(), stack.low as *mut libc::c_void, stack.size);
        let mut state = 0;
        if !attributes.is_null() && pthread_attr_getdetachstate(attributes, &raw mut state) == 0 {
            libc::pthread_attr_setdetachstate(own.as_mut_ptr(), state);
        }
        real(handle, own.as_ptr(), trampoline as *const () as usize, child.at())
    };
    if failed != 0 {
        finish::outside("the system refused to start a thread");
    }
    with(|runtime| {
        // SAFETY: the call above has written it.
        runtime.threads[child.at()].handle = unsafe { *handle };
    });
    step(Op::Spawn { child }, 0);
    0
}

fn task_of(handle: usize) -> Option<TaskIx> {
    with(|runtime| {
        let is_it = |thread: &Thread| thread.handle == handle && !thread.joined;
        runtime.threads.iter().rposition(is_it).map(|task| TaskIx(task as u32))
    })
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pthread_join(handle: usize, result: *mut usize) -> i32 {
    // SAFETY: the C library's function of this name.
    let real: unsafe extern "C" fn(usize, *mut usize) -> i32 = unsafe { std::mem::transmute(JOIN.address()) };
    if is_controlled()
        && let Some(task) = task_of(handle)
    {
        visit(Op::Join { task }, 0);
        with(|runtime| {
            let joined = runtime.threads[task.at()].knows.now.clone();
            runtime.learn(runtime.current, &joined);
            runtime.threads[task.at()].joined = true;
            runtime.tick();
        });
    }
    // SAFETY: the caller's own call. The thread has ended but for what the C library does at its end.
    unsafe { real(handle, result) }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pthread_detach(handle: usize) -> i32 {
    // SAFETY: the C library's function of this name.
    let real: unsafe extern "C" fn(usize) -> i32 = unsafe { std::mem::transmute(DETACH.address()) };
    // SAFETY: the caller's own call.
    unsafe { real(handle) }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pthread_setname_np(handle: usize, name: *const libc::c_char) -> i32 {
    if is_controlled() {
        // SAFETY: the program passes a text that ends with a zero.
        let name = unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned();
        with(|runtime| runtime.thread().name = Some(name));
        return 0;
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(usize, *const libc::c_char) -> i32 =
            std::mem::transmute(SET_NAME.address());
        real(handle, name)
    }
}

/// Std asks for the page below a stack, to tell an overflow from other faults.
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pthread_attr_getguardsize(
    attributes: *const libc::pthread_attr_t,
    size: *mut usize,
) -> i32 {
    if is_controlled() {
        // SAFETY: the program passes room for a number.
        unsafe { *size = super::stacks::GUARD };
        return 0;
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(*const libc::pthread_attr_t, *mut usize) -> i32 =
            std::mem::transmute(GET_GUARD.address());
        real(attributes, size)
    }
}

/// The attributes of a running thread: where its stack is, also main's.
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn pthread_getattr_np(handle: usize, attributes: *mut libc::pthread_attr_t) -> i32 {
    if is_controlled() {
        let stack = with(|runtime| runtime.thread().stack);
        // SAFETY: the program passes room for attributes.
        return unsafe {
            libc::pthread_attr_init(attributes);
            libc::pthread_attr_setstack(attributes, stack.low as *mut libc::c_void, stack.size)
        };
    }
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: unsafe extern "C" fn(usize, *mut libc::pthread_attr_t) -> i32 =
            std::mem::transmute(GET_ATTRIBUTES.address());
        real(handle, attributes)
    }
}
