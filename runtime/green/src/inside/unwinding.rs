//! Whether the running task unwinds, and ends that unwind it.
//!
//! A panic is the task's own, and the OS thread, which std counts panics by, runs many tasks. Where panics are known by task
//! (`panics`) that count is asked; elsewhere each task has a mark.

use crate::inside::context::{Context, Inside};
use crate::inside::{panics, teardown};
use crate::runtime::Goexit;
use gorace_analyzer::{Place, TaskIx};

impl Inside {
    /// Whether the running task unwinds by a panic.
    #[inline(always)]
    pub fn panicking(self) -> bool {
        self.may_panic() && self.is_panicking()
    }

    /// Whether nothing is special, and it is not worth to ask whether the running task unwinds by a panic.
    #[inline(always)]
    pub fn is_plain(self) -> bool {
        !self.may_panic() && self.with(|cx| !cx.special.is_now())
    }

    /// Whether it is worth to ask whether the running task unwinds by a panic.
    #[inline(always)]
    pub fn may_panic(self) -> bool {
        self.with(|cx| (cx.panics.get() != 0) | cx.any_panicked)
    }

    #[cold]
    fn is_panicking(self) -> bool {
        match panics::are_by_task() {
            true => self.with(|cx| cx.panics.get()) > usize::from(self.leaving()),
            false => self.with(|cx| cx.is_panicking(cx.current)),
        }
    }

    /// Whether the running task unwinds because it called `goexit`, which is no panic.
    pub fn leaving(self) -> bool {
        self.with(|cx| {
            let slot = &mut cx.tasks[cx.current.at()];
            slot.leaving &= std::thread::panicking();
            slot.leaving
        })
    }

    /// Whether the running task unwinds, for whatever reason of its own. Where that is not known by task, whoever unwinds
    /// on this thread counts: a second unwinding within a first one would end the process.
    pub(super) fn unwinding(self) -> bool {
        std::thread::panicking()
    }

    /// Ends the running task by unwinding it.
    pub fn goexit(self, place: Place) -> ! {
        if self.tearing_down() {
            teardown::unwind(self);
        }
        let of = self.with(|cx| {
            cx.exec.note_goexit(cx.current, place);
            cx.tasks[cx.current.at()].leaving = true;
            (cx.generation, cx.current.0)
        });
        std::panic::resume_unwind(Box::new(Goexit { of: Some(of) }))
    }

    /// A `goexit` of this task of the execution of this generation is over.
    pub fn has_left(self, (generation, task): (u64, u32)) {
        self.with(|cx| {
            if cx.generation == generation {
                cx.tasks[task as usize].leaving = false;
            }
        });
    }

    /// Panics in the user's name, in Go's words.
    #[track_caller]
    pub fn misuse(self, words: &'static str) -> ! {
        self.with(|cx| cx.misuse = Some(words));
        panic!("{words}")
    }

    /// Something that we do not control took part: ends the running task, and the run.
    pub fn foreign(self, what: String) -> ! {
        self.with(|cx| {
            cx.foreign.get_or_insert(what);
        });
        std::panic::resume_unwind(Box::new(teardown::Unwind))
    }
}

impl Context {
    /// Whether `task` unwinds now, where panics are not known by task. The OS thread's own count may belong to another task
    /// that is blocked while it unwinds, so the task's own mark decides, and the count only says that it is stale.
    #[cold]
    fn is_panicking(&mut self, task: TaskIx) -> bool {
        let slot = &mut self.tasks[task.at()];
        if slot.panicking && !std::thread::panicking() {
            slot.panicking = false;
        }
        slot.panicking
    }
}
