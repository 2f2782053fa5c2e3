//! Channels inside an execution: the engine decides who meets whom and moves handles; the values lie here.

use crate::inside::biased::{Mutex, MutexGuard};
use crate::inside::context::inside;
use crate::inside::slot::Slot;
use std::fmt;
use std::sync::PoisonError;

/// A channel's side of the model: its identity, and the values that are on their way.
pub(crate) struct Modelled<T> {
    pub slot: Slot,
    /// Held for moments only, never while code of the user's runs.
    values: Mutex<Values<T>>,
}

/// Places, each with a value or, if it is free, the number of the place that was freed before it.
struct Values<T> {
    places: Vec<Place<T>>,
    /// The place that was freed last: the first to be used again.
    free: Option<usize>,
}

enum Place<T> {
    Value(T),
    Free(Option<usize>),
}

impl<T> Modelled<T> {
    #[track_caller]
    pub const fn new() -> Self {
        Modelled { slot: Slot::new(), values: Mutex::new(Values { places: Vec::new(), free: None }) }
    }

    /// Keeps a value; gives its handle.
    #[inline]
    pub fn put(&self, value: T) -> u64 {
        self.values().put(value)
    }

    /// Takes a value by its handle.
    #[inline]
    pub fn take(&self, handle: u64) -> Option<T> {
        self.values().take(handle)
    }

    #[inline]
    fn values(&self) -> MutexGuard<'_, Values<T>> {
        match inside().and_then(|inside| self.values.try_lock_by(inside.token())) {
            Some(values) => values,
            None => self.wait_for_values(),
        }
    }

    /// Another thread's execution has them, for a moment.
    #[cold]
    fn wait_for_values(&self) -> MutexGuard<'_, Values<T>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Values<T> {
    fn put(&mut self, value: T) -> u64 {
        let Some(at) = self.free else {
            self.places.push(Place::Value(value));
            return self.places.len() as u64 - 1;
        };
        if let Place::Free(next) = std::mem::replace(&mut self.places[at], Place::Value(value)) {
            self.free = next;
        }
        at as u64
    }

    fn take(&mut self, handle: u64) -> Option<T> {
        let before = self.free;
        let place = self.places.get_mut(handle as usize)?;
        if matches!(place, Place::Free(_)) {
            return None;
        }
        let value = std::mem::replace(place, Place::Free(before));
        self.free = Some(handle as usize);
        match value {
            Place::Value(value) => Some(value),
            Place::Free(_) => None,
        }
    }
}

impl<T> fmt::Debug for Modelled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the values: printing is no operation of the program's.
        f.debug_struct("Modelled").finish_non_exhaustive()
    }
}
