//! Go's map: not to be used by two goroutines at once.
//!
//! It is memory-safe in every mode, by the one lock of the [`Shared`] inside. Each step of an iteration is an
//! access of its own, so that the loop's body may change the map, as in Go.

use crate::cell::Shared;
use std::collections::HashMap as StdMap;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

#[cfg(feature = "check")]
use super::FixedState;
#[cfg(feature = "check")]
use gorace_analyzer::{ObjectKind, OpKind, Place};
#[cfg(not(feature = "check"))]
use std::hash::RandomState as FixedState;

/// Go's map. A clone is the same map, as a copied map value is in Go.
///
/// Two uses at once, one of which writes, are forbidden: GR0005 with Go's words, `concurrent map writes`,
/// `concurrent map read and map write` or `concurrent map iteration and map write`. Inside an execution they are
/// found wherever nothing orders the two, whether they met or not; outside, as in Go, only if they do meet, and
/// whoever sees it panics.
///
/// Go goes over a map in an order that is random on purpose. Here the order is the same in each execution, for
/// the same operations, and std's, which is another one in each map, without the feature `check`. Rely on none.
///
/// ```
/// let ages = gorace::collections::Map::new();
/// ages.insert("Ada", 36);
/// assert_eq!(ages.get(&"Ada"), Some(36));
/// assert_eq!(ages.get(&"Bob"), None);
/// ```
pub struct Map<K, V>(Arc<Inner<K, V>>);

struct Inner<K, V> {
    entries: Shared<StdMap<K, V, FixedState>>,
    /// Outside of an execution: how many write or want to, to tell what met.
    writing: AtomicUsize,
}

const READ_AND_WRITE: &str = "concurrent map read and map write";
const ITERATION: &str = "concurrent map iteration and map write";
const WRITES: &str = "concurrent map writes";

/// How a map is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Read,
    Iterate,
}

impl<K: Eq + Hash, V> Map<K, V> {
    /// An empty map.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Map(Arc::new(Inner { entries: Shared::new(StdMap::default()), writing: AtomicUsize::new(0) }))
    }

    /// A copy of the value at `key`: `v, ok := m[key]`.
    ///
    /// # Panics
    /// Outside of an execution, in Go's words, if another thread is writing. That holds for all that reads.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn get(&self, key: &K) -> Option<V>
    where
        V: Clone,
    {
        self.look(Look::Read, |entries| entries.get(key).cloned())
    }

    /// Puts `value` at `key`, and gives what was there: `m[key] = value`.
    ///
    /// # Panics
    /// Outside of an execution, in Go's words, if another thread is using the map. That holds for all that writes.
    #[track_caller]
    #[inline]
    pub fn insert(&self, key: K, value: V) -> Option<V> {
        self.change(|entries| entries.insert(key, value))
    }

    /// Takes the entry at `key` away, if there is one, and gives its value: `delete(m, key)`.
    #[track_caller]
    #[inline]
    pub fn remove(&self, key: &K) -> Option<V> {
        self.change(|entries| entries.remove(key))
    }

    /// Whether there is an entry at `key`: `_, ok := m[key]`.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn contains_key(&self, key: &K) -> bool {
        self.look(Look::Read, |entries| entries.contains_key(key))
    }

    /// The number of entries.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        self.look(Look::Read, StdMap::len)
    }

    /// Whether there is no entry.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.look(Look::Read, StdMap::is_empty)
    }

    /// Copies of the keys, in the order in which the map is gone over.
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn keys(&self) -> Vec<K>
    where
        K: Clone,
    {
        self.look(Look::Iterate, |entries| entries.keys().cloned().collect())
    }

    /// Calls `f` with a copy of each entry: `for k, v := range m`.
    ///
    /// `f` may use the map. As in Go, an entry that is taken away before it was reached is left out; one that is
    /// added meanwhile, which Go may or may not reach, is not.
    #[track_caller]
    #[inline]
    pub fn for_each(&self, mut f: impl FnMut(&K, &V))
    where
        K: Clone,
        V: Clone,
    {
        for key in self.keys() {
            if let Some(value) = self.look(Look::Iterate, |entries| entries.get(&key).cloned()) {
                f(&key, &value);
            }
        }
    }

    /// Takes all entries away: `clear(m)`.
    #[track_caller]
    #[inline]
    pub fn clear(&self) {
        self.change(StdMap::clear);
    }

    #[track_caller]
    #[inline]
    fn look<R>(&self, look: Look, f: impl FnOnce(&StdMap<K, V, FixedState>) -> R) -> R {
        let entries = &self.0.entries;
        #[cfg(feature = "check")]
        if let Some(inside) = entries.slot.inside_to_look() {
            let op = if look == Look::Read { OpKind::Read } else { OpKind::Iterate };
            let object = entries.object(inside, ObjectKind::Map);
            return entries.read_inside(inside, object, (op, Place::here()), f);
        }
        match entries.try_read() {
            Some(entries) => f(&entries),
            None if look == Look::Read => panic!("{READ_AND_WRITE}"),
            None => panic!("{ITERATION}"),
        }
    }

    #[track_caller]
    #[inline]
    fn change<R>(&self, f: impl FnOnce(&mut StdMap<K, V, FixedState>) -> R) -> R {
        #[cfg(feature = "check")]
        if let Some(inside) = self.0.entries.slot.inside_to_change() {
            let object = self.0.entries.object(inside, ObjectKind::Map);
            return self.0.entries.write_inside(inside, object, (OpKind::Write, Place::here()), f);
        }
        let writing = Writing::begin(&self.0.writing);
        match self.0.entries.try_write() {
            Some(mut entries) => f(&mut entries),
            None if writing.others > 0 => panic!("{WRITES}"),
            None => panic!("{READ_AND_WRITE}"),
        }
    }
}

/// One who writes or wants to, counted for as long as this lives.
struct Writing<'a> {
    count: &'a AtomicUsize,
    /// How many there were before.
    others: usize,
}

impl<'a> Writing<'a> {
    #[inline]
    fn begin(count: &'a AtomicUsize) -> Self {
        Writing { count, others: count.fetch_add(1, SeqCst) }
    }
}

impl Drop for Writing<'_> {
    #[inline]
    fn drop(&mut self) {
        self.count.fetch_sub(1, SeqCst);
    }
}

impl<K, V> Clone for Map<K, V> {
    #[inline]
    fn clone(&self) -> Self {
        Map(self.0.clone())
    }
}

impl<K: Eq + Hash, V> Default for Map<K, V> {
    #[track_caller]
    #[inline]
    fn default() -> Self {
        Map::new()
    }
}

impl<K, V> fmt::Debug for Map<K, V> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The entries are left out: printing must be no access.
        f.debug_struct("Map").finish_non_exhaustive()
    }
}

impl<K, V> crate::Named for Map<K, V> {
    #[inline]
    fn named(mut self, name: &'static str) -> Self {
        // A map that has clones already is theirs too: its name is what it was made as.
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.entries.set_name(name);
        }
        self
    }
}
