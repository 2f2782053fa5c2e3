//! Thread-local values of tasks: made on first use, destroyed after the task's code and before its exit.

use crate::inside::context::Inside;
use crate::inside::task::note_end;
use crate::runtime::Goexit;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// One task's values, by the address of their key. `None`: destroyed.
#[derive(Default)]
pub(crate) struct Locals {
    values: Vec<(usize, Option<Rc<dyn Any>>)>,
    /// Whether anything runs when they are destroyed.
    has_destructors: bool,
}

impl Locals {
    pub fn clear(&mut self) {
        self.values.clear();
        self.has_destructors = false;
    }

    fn get(&self, key: usize) -> Option<Option<Rc<dyn Any>>> {
        self.values.iter().find(|(other, _)| *other == key).map(|(_, value)| value.clone())
    }
}

/// The running task's value of `key`, made by `init` on first use; `None` if it was destroyed.
pub(crate) fn value<T: 'static>(inside: Inside, key: usize, init: impl FnOnce() -> T) -> Option<Rc<T>> {
    let known = inside.with(|cx| cx.tasks[cx.current.at()].locals.get(key));
    if let Some(known) = known {
        return known?.downcast().ok();
    }
    // The initialiser is the user's code: nothing is borrowed meanwhile.
    let value = Rc::new(init());
    let kept: Rc<dyn Any> = value.clone();
    inside.with(|cx| {
        let locals = &mut cx.tasks[cx.current.at()].locals;
        locals.has_destructors |= std::mem::needs_drop::<T>();
        locals.values.push((key, Some(kept)));
    });
    Some(value)
}

/// Whether code of the user's may run when the running task's values are destroyed.
#[inline]
pub(crate) fn have_destructors(inside: Inside) -> bool {
    inside.with(|cx| cx.tasks[cx.current.at()].locals.has_destructors)
}

/// Destroys the running task's values, the one that was made last first, as std does on Linux. Std ends the process where a
/// destructor panics; here the task has panicked.
#[inline]
pub(crate) fn destroy(inside: Inside) {
    if !inside.with(|cx| cx.tasks[cx.current.at()].locals.values.is_empty()) {
        destroy_some(inside);
    }
}

#[cold]
fn destroy_some(inside: Inside) {
    // A destructor may make new ones.
    let last = |values: &mut Vec<(usize, Option<Rc<dyn Any>>)>| {
        values.iter_mut().rev().find_map(|(_, value)| value.take())
    };
    while let Some(value) = inside.with(|cx| last(&mut cx.tasks[cx.current.at()].locals.values)) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
            note_end(inside, payload.as_ref());
            if !inside.tearing_down() && !payload.is::<Goexit>() {
                inside.with(|cx| cx.exec.note_fatal(cx.current));
            }
        }
    }
}
