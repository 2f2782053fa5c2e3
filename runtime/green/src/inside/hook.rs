//! The panic hook: installed once, silent and recording for tasks, the previous hook for everybody else.

use crate::inside::context::inside;
use crate::inside::panics;
use crate::inside::task_slots::SeenPanic;
use gorace_analyzer::Frame;
use std::panic::PanicHookInfo;
use std::sync::Once;

/// Installs the hook, the first time.
pub(crate) fn install() {
    static INSTALLED: Once = Once::new();
    // Std lets nobody change the hook while he unwinds. Then what panics is not recorded as well as it could be.
    if !INSTALLED.is_completed() && std::thread::panicking() {
        return;
    }
    INSTALLED.call_once(|| {
        #[cfg(feature = "goroutines")]
        gorace_goroutines::net::refuse_where(|| inside().is_some());
        panics::find();
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !record(info) {
                previous(info)
            }
        }));
    });
}

/// Records the panic if a task of an execution panics; whether that is so.
fn record(info: &PanicHookInfo<'_>) -> bool {
    let Some(inside) = inside() else { return false };
    let message = message_of(info.payload());
    let place = info.location().map(|at| Frame {
        file: at.file().to_owned(),
        line: at.line(),
        column: at.column(),
        function: None,
        folded: false,
    });
    inside.with(|cx| {
        let is_nested = cx.panics.get() > 1;
        let in_teardown = cx.special.tearing_down() && (is_nested || !panics::are_by_task());
        let is_told = in_teardown || is_nested && !cx.has_told_nested;
        if is_told {
            // Rust aborts when a destructor panics during an unwind: say whose it was before that happens. One that the
            // destructor catches itself does no harm, and is said once.
            cx.has_told_nested = true;
            let path = cx.exec.task_path(cx.current);
            let name = cx.exec.task_name(cx.current).unwrap_or("unnamed");
            eprintln!(
                "gorace: a destructor of task `{name}` ({path}) panicked while the task was unwound: {info}"
            );
        }
        let misuse = cx.misuse.take();
        let slot = &mut cx.tasks[cx.current.at()];
        slot.panicking = true;
        cx.any_panicked = true;
        if let Some(outer) = slot.seen_panic.as_ref().filter(|_| is_nested && !in_teardown) {
            // That is the one that the task unwinds from, unless this ends the process.
            if is_told {
                let at = outer
                    .place
                    .as_ref()
                    .map_or_else(String::new, |at| format!(", at {}:{}", at.file, at.line));
                eprintln!("gorace: it unwound from its panic `{}`{at}", outer.message);
            }
            return;
        }
        // By itself, it is no panic of a destructor on the way out of a `goexit`: that one was caught.
        slot.leaving &= is_nested;
        slot.seen_panic = Some(Box::new(SeenPanic { message, place, misuse }));
    });
    true
}

/// The text of a panic's payload.
pub(crate) fn message_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&'static str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic whose payload is no text").to_owned()
}
