//! `pthread_once`: the C library's own decides whether the function is to be run; whoever comes meanwhile waits here.

use super::super::state::{is_controlled, with};
use super::word::Thing;
use gorace_analyzer_core::Order;
use gorace_engine::Settled;

/// `PTHREAD_ONCE_INIT`.
const INIT: i32 = 0;

/// What somebody finds who comes to it.
enum Found {
    /// It has been done.
    Done,
    /// Somebody is in the function; with the number of changes so far.
    Busy(u32),
    /// It may be done now.
    Mine,
}

fn enter(control: Thing) -> Found {
    control.update(Order::AcqRel, || {
        // SAFETY: the program's own, an `int`; nobody else runs. What lies at an address may be another one later.
        let is_new = unsafe { *(control.address as *const i32) } == INIT;
        with(|runtime| {
            let word = runtime.word(control.address);
            if word.made != 0 && !is_new {
                return (Found::Done, Settled::Failed(2, Order::Acquire));
            }
            if word.inside != 0 {
                return (Found::Busy(word.changes), Settled::Failed(1, Order::Relaxed));
            }
            word.inside = 1;
            (Found::Mine, Settled::Updated(0, 1))
        })
    })
}

/// Whoever runs the function; others look again when it is left, also by unwinding.
struct Inside(Thing, bool);

impl Drop for Inside {
    fn drop(&mut self) {
        let leave = || {
            with(|runtime| {
                let word = runtime.word(self.0.address);
                (word.inside, word.made) = (0, u32::from(self.1));
            });
            0
        };
        self.0.give_back(u32::MAX, leave);
    }
}

unsafe extern "C-unwind" fn pthread_once(control: usize, routine: usize) -> i32 {
    type Once = unsafe extern "C-unwind" fn(usize, usize) -> i32;
    // SAFETY: the C library's function of this name.
    let real: Once = unsafe { std::mem::transmute(real!(pthread_once)) };
    if !is_controlled() {
        // SAFETY: the caller's own call.
        return unsafe { real(control, routine) };
    }
    let once = thing!(control, pthread_once);
    loop {
        match enter(once) {
            Found::Done => return 0,
            // Without a moment there is no error.
            Found::Busy(seen) => _ = once.wait(seen, None),
            Found::Mine => break,
        }
    }
    let mut inside = Inside(once, false);
    // SAFETY: the caller's own call; nobody else is in it.
    let result = unsafe { real(control, routine) };
    inside.1 = result == 0;
    result
}

exported! { pthread_once }
