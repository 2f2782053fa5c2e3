//! Processes that the program starts: they run by themselves, beside the execution.
//!
//! From then on pipes and the like may be made ready from outside. What a forked child does is not controlled.

use super::child;
use super::state::{self, is_controlled, with};
use super::threads::Real;

static FORK: Real = Real::new(c"fork");
static SPAWN: Real = Real::new(c"posix_spawn");
static SPAWN_BY_NAME: Real = Real::new(c"posix_spawnp");

/// The program starts a process.
fn start() {
    if is_controlled() {
        with(|runtime| {
            runtime.does(child::PROCESSES);
            runtime.descriptors.share();
        });
    }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
extern "C" fn fork() -> i32 {
    let controlled = is_controlled();
    start();
    // SAFETY: the C library's function of this name.
    let real: extern "C" fn() -> i32 = unsafe { std::mem::transmute(FORK.address()) };
    let process = real();
    if process == 0 && controlled {
        state::control(false);
        state::untrack();
    }
    process
}

type Spawn = unsafe extern "C" fn(*mut i32, usize, usize, usize, usize, usize) -> i32;

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn posix_spawn(
    process: *mut i32,
    path: usize,
    actions: usize,
    attributes: usize,
    args: usize,
    environment: usize,
) -> i32 {
    start();
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: Spawn = std::mem::transmute(SPAWN.address());
        real(process, path, actions, attributes, args, environment)
    }
}

#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn posix_spawnp(
    process: *mut i32,
    name: usize,
    actions: usize,
    attributes: usize,
    args: usize,
    environment: usize,
) -> i32 {
    start();
    // SAFETY: the C library's function of this name, and the caller's own call.
    unsafe {
        let real: Spawn = std::mem::transmute(SPAWN_BY_NAME.address());
        real(process, name, actions, attributes, args, environment)
    }
}
