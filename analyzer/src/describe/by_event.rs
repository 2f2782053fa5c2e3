//! What is said about some of a trace's events, in the events' order.

use crate::EventIx;

/// A value for each of a few events. A sorted vector: a tree's code costs every user's build more than it saves.
#[derive(Clone, Debug)]
pub(crate) struct ByEvent<V>(Vec<(EventIx, V)>);

impl<V> ByEvent<V> {
    pub fn new() -> Self {
        ByEvent(Vec::new())
    }

    fn find(&self, event: EventIx) -> Result<usize, usize> {
        self.0.binary_search_by_key(&event, |(event, _)| *event)
    }

    /// Says `value` of `event`, in place of what was said.
    pub fn set(&mut self, event: EventIx, value: V) {
        match self.find(event) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (event, value)),
        }
    }

    /// Says `value` of `event`, unless something was said.
    pub fn add(&mut self, event: EventIx, value: V) {
        if let Err(at) = self.find(event) {
            self.0.insert(at, (event, value));
        }
    }

    pub fn get(&self, event: EventIx) -> Option<&V> {
        self.find(event).ok().map(|at| &self.0[at].1)
    }

    pub fn has(&self, event: EventIx) -> bool {
        self.find(event).is_ok()
    }

    pub fn events(&self) -> impl DoubleEndedIterator<Item = EventIx> {
        self.0.iter().map(|(event, _)| *event)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, (EventIx, V)> {
        self.0.iter()
    }
}

impl<V> Extend<(EventIx, V)> for ByEvent<V> {
    fn extend<I: IntoIterator<Item = (EventIx, V)>>(&mut self, all: I) {
        for (event, value) in all {
            self.set(event, value);
        }
    }
}
