//! Channels inside an execution: the engine decides who meets whom and moves handles; the values lie here.

use crate::inside::slot::Slot;
use std::sync::{Mutex, PoisonError};

/// A channel's side of the model: its identity, and the values that are on their way.
#[derive(Debug)]
pub(crate) struct Modelled<T> {
    pub slot: Slot,
    values: Mutex<Values<T>>,
}

/// Places, each with a value or, if it is free, the number of the place that was freed before it.
#[derive(Debug)]
struct Values<T> {
    places: Vec<Place<T>>,
    /// The place that was freed last: the first to be used again.
    free: Option<usize>,
}

#[derive(Debug)]
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
        self.values.lock().unwrap_or_else(PoisonError::into_inner).put(value)
    }

    /// Takes a value by its handle.
    #[inline]
    pub fn take(&self, handle: u64) -> Option<T> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).take(handle)
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
