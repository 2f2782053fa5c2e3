//! The ends of a process that can go on no more, in Go's words, and the dump of what its goroutines were doing.

use crate::reason::Reason;
use crate::registry;
use crate::task::{Task, waiting_threads};
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// No more goroutines than this are shown.
const SHOWN: usize = 100;

/// Nothing can ever run again.
pub(crate) fn deadlock() -> ! {
    end(&format!("fatal error: all goroutines are asleep - deadlock!\n\n{}", dump()))
}

/// Main left by `goexit`, and all others have ended.
pub(crate) fn no_goroutines() -> ! {
    end("fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n")
}

/// There is no stack for a goroutine that is to start.
pub(crate) fn out_of_stacks(task: &Task, error: &io::Error) -> ! {
    end(&format!(
        "runtime: cannot reserve a stack for {}, the last of {} goroutines: {error}\nfatal error: out of memory\n",
        called(task),
        registry::count(),
    ))
}

/// A thread of the runtime's own has panicked, and its panic is printed.
pub(crate) fn lost_thread() -> ! {
    end("fatal error: a thread of the runtime has panicked: a bug in gorace, which is glad to hear of it\n")
}

/// Somebody asked for a dump and the end.
pub(crate) fn quit() -> ! {
    end(&format!("SIGQUIT: quit\n\n{}", dump()))
}

fn end(words: &str) -> ! {
    let _ = writeln!(io::stderr(), "{words}exit status 2");
    std::process::exit(2)
}

/// What the goroutine of this number is called.
pub(crate) fn called_by(id: u64) -> String {
    let task = registry::find(id);
    task.as_ref().map_or_else(|| format!("goroutine {id}"), called)
}

fn called(task: &Task) -> String {
    let number = task.id();
    task.name().map_or_else(|| format!("goroutine {number}"), |name| format!("goroutine {number} (`{name}`)"))
}

/// All goroutines, and the threads that wait for one, each with what it waits for.
pub(crate) fn dump() -> String {
    let mut text = String::new();
    let goroutines = registry::all(SHOWN);
    let left_out = registry::count().saturating_sub(goroutines.len());
    for task in &goroutines {
        describe(&mut text, "goroutine", task);
    }
    if left_out > 0 {
        let _ = writeln!(text, "...and {left_out} other goroutines\n");
    }
    for thread in waiting_threads() {
        describe(&mut text, "thread", &thread);
    }
    text
}

fn describe(text: &mut String, what: &str, task: &Task) {
    let (reason, place) = task.waits();
    let _ = writeln!(text, "{what} {} [{}]:", task.id(), reason.word());
    let _ = writeln!(text, "{}", task.name().unwrap_or("(no name)"));
    if let Some(place) = place {
        let past = if reason == Reason::Running { "\t(waited last at) " } else { "\t" };
        let _ = writeln!(text, "{past}{place}");
    }
    if let Some(started) = task.0.started {
        let _ = writeln!(text, "created at\n\t{started}");
    }
    text.push('\n');
}
