//! Whether what the program does is seen at all.
//!
//! Each executable is linked with a small object that was compiled as the program was: `canary.rs` of the command
//! line. It registers a function that writes and reads plain memory and an atomic. If those accesses do not come here,
//! neither do the program's, and every program would pass as clean.

use super::shadow;
use super::state::{self, Thread, with};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

static CANARY: AtomicUsize = AtomicUsize::new(0);

/// Called by the canary before main, with its function, and the word in which the executable keeps who runs.
///
/// # Safety
/// The word must be the executable's own, for no other use.
#[cfg_attr(not(test), unsafe(no_mangle))]
unsafe extern "C" fn __gorace_canary(function: usize, now: usize) {
    CANARY.store(function, Relaxed);
    // SAFETY: the caller's promise; executables stay.
    unsafe { shadow::tell(now) };
}

/// What is not as it has to be; `None` if all is.
pub fn missing() -> Option<String> {
    #[cfg(not(test))]
    if let Some(function) = super::heap_symbols::is_in_place() {
        return Some(format!(
            "`{function}` of another library comes first: the program must be linked with gorace's library before libc"
        ));
    }
    let function = CANARY.load(Relaxed);
    if function == 0 {
        return Some("the program was linked without gorace's canary".to_owned());
    }
    // SAFETY: what the canary registered.
    let function: extern "C" fn(*mut u64) = unsafe { std::mem::transmute(function) };
    let mut words = [0_u64; 2];
    let mut thread = Thread::default();
    thread.knows.tick(0);
    with(|runtime| runtime.threads.push(thread));
    state::track();
    function(&raw mut words[0]);
    state::untrack();
    let seen = with(|runtime| runtime.accesses);
    state::prepare();
    (seen < 2)
        .then(|| "the program's accesses to memory are not seen: its instrumentation is missing".to_owned())
}
