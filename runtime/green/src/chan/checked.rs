//! Channels inside an execution: the engine decides who meets whom and moves handles; the values lie here.

use crate::inside::slot::Slot;
use std::sync::{Mutex, PoisonError};

/// A channel's side of the model: its identity, and the values that are on their way.
#[derive(Debug)]
pub(crate) struct Modelled<T> {
    pub slot: Slot,
    values: Mutex<Values<T>>,
}

#[derive(Debug)]
struct Values<T> {
    slots: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Modelled<T> {
    #[track_caller]
    pub const fn new() -> Self {
        Modelled { slot: Slot::new(), values: Mutex::new(Values { slots: Vec::new(), free: Vec::new() }) }
    }

    /// Keeps a value; gives its handle.
    pub fn put(&self, value: T) -> u64 {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let at = match values.free.pop() {
            Some(at) => at,
            None => {
                values.slots.push(None);
                values.slots.len() - 1
            }
        };
        values.slots[at] = Some(value);
        at as u64
    }

    /// Takes a value by its handle.
    pub fn take(&self, handle: u64) -> Option<T> {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let value = values.slots.get_mut(handle as usize)?.take();
        values.free.push(handle as usize);
        value
    }
}
