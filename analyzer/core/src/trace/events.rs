//! The events of an execution, with room for more that was made before.
//!
//! A trace is recorded once for each execution and read for few, so that adding an event is what is to be cheap: it is
//! written where it is to lie, after one comparison. What lies in the room is of earlier executions, and never seen.

use super::Event;
use crate::ids::TaskIx;
use crate::op::OpKind;
use crate::place::Place;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// See the module. As a slice it is the events, in the order of execution.
///
/// ```
/// use gorace_analyzer_core::trace::{Event, Events};
/// use gorace_analyzer_core::{OpKind, Place, TaskIx};
/// let mut events = Events::default();
/// events.push(Event::new(TaskIx(0), OpKind::Yield, Place::Unknown));
/// assert_eq!(events[0].op, OpKind::Yield);
/// events.clear();
/// assert!(events.is_empty());
/// ```
#[derive(Default)]
pub struct Events {
    /// The events, and room.
    list: Vec<Event>,
    /// How many of them there are.
    len: usize,
}

impl Events {
    /// Forgets all of them, and keeps the room.
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// How many there are.
    #[inline(always)]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds one.
    #[inline(always)]
    pub fn push(&mut self, event: Event) {
        match self.list.get_mut(self.len) {
            Some(next) => *next = event,
            None => *self.make_room() = event,
        }
        self.len += 1;
    }

    /// Adds one where there is room for it, which is to be written there; what lies there is none of these.
    #[inline(always)]
    #[must_use]
    pub fn claim_room(&mut self) -> Option<&mut Event> {
        let next = self.list.get_mut(self.len)?;
        self.len += 1;
        Some(next)
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self) -> &mut Event {
        let nothing = Event::new(TaskIx(0), OpKind::Exit, Place::Unknown);
        self.list.resize((2 * self.len).max(64), nothing);
        &mut self.list[self.len]
    }
}

impl Deref for Events {
    type Target = [Event];

    #[inline]
    fn deref(&self) -> &[Event] {
        &self.list[..self.len]
    }
}

impl DerefMut for Events {
    #[inline]
    fn deref_mut(&mut self) -> &mut [Event] {
        &mut self.list[..self.len]
    }
}

impl From<Vec<Event>> for Events {
    fn from(list: Vec<Event>) -> Self {
        Events { len: list.len(), list }
    }
}

impl Extend<Event> for Events {
    fn extend<I: IntoIterator<Item = Event>>(&mut self, events: I) {
        events.into_iter().for_each(|event| self.push(event));
    }
}

impl<'e> IntoIterator for &'e Events {
    type Item = &'e Event;
    type IntoIter = std::slice::Iter<'e, Event>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Clone for Events {
    fn clone(&self) -> Self {
        self.to_vec().into()
    }
}

impl PartialEq for Events {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Events {}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
