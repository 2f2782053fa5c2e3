//! An initialisation that the running task is in the middle of; a panic ends it too.

use crate::inside::context::Inside;
use gorace_analyzer::{ObjIx, Place};
use gorace_engine::{OnceEnd, OnceOp};

pub(crate) struct Running {
    inside: Inside,
    once: ObjIx,
    end: OnceEnd,
    left: OnceEnd,
    place: Place,
}

impl Running {
    /// It began; if it panics, it ends by `fails`.
    #[inline]
    pub fn new(inside: Inside, once: ObjIx, fails: OnceEnd, place: Place) -> Self {
        Running { inside, once, end: fails, left: fails, place }
    }

    /// As if it had not begun, if the task leaves it by `goexit`, which poisons nothing.
    #[inline]
    pub fn anew_after_goexit(mut self) -> Self {
        self.left = OnceEnd::Reset;
        self
    }

    /// It succeeded.
    #[inline]
    pub fn done(mut self) {
        self.end = OnceEnd::Done;
    }
}

impl Drop for Running {
    #[inline]
    fn drop(&mut self) {
        let fails = self.end != OnceEnd::Done;
        let end = if fails && self.inside.leaving() { self.left } else { self.end };
        self.inside.visit_in_drop(OnceOp::End { once: self.once, end }, self.place);
    }
}
