//! `HashMap`, with std's signatures and a hasher that is the same in every execution.
//!
//! A type of its own around std's, since an alias with another hasher would have no `new`: std has that for its
//! random hasher alone. What std's methods take and give by reference is there by `Deref`.

use std::borrow::Borrow;
use std::collections::HashMap as StdMap;
use std::collections::hash_map::{IntoIter, IntoKeys, IntoValues, Iter, IterMut};
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::ops::{Deref, DerefMut, Index};

/// Builds std's hasher with keys that are always the same, where std's own `RandomState` has others in each map.
pub type FixedState = BuildHasherDefault<DefaultHasher>;

/// std's hash map; the order in which it is gone over is the same in each execution, for the same operations.
///
/// ```
/// use gorace::collections::HashMap;
/// let mut ages = HashMap::new();
/// ages.insert("Ada", 36);
/// *ages.entry("Ada").or_insert(0) += 1;
/// assert_eq!(ages["Ada"], 37);
/// ```
#[derive(Clone)]
pub struct HashMap<K, V, S = FixedState>(StdMap<K, V, S>);

impl<K, V> HashMap<K, V> {
    /// An empty map.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        HashMap(StdMap::default())
    }

    /// An empty map with room for at least so many entries.
    #[must_use]
    #[inline]
    pub fn with_capacity(capacity: usize) -> Self {
        HashMap(StdMap::with_capacity_and_hasher(capacity, FixedState::default()))
    }
}

impl<K, V, S> HashMap<K, V, S> {
    /// An empty map with this hasher.
    #[inline]
    pub const fn with_hasher(hash_builder: S) -> Self {
        HashMap(StdMap::with_hasher(hash_builder))
    }

    /// An empty map with this hasher and room for at least so many entries.
    #[inline]
    pub fn with_capacity_and_hasher(capacity: usize, hash_builder: S) -> Self {
        HashMap(StdMap::with_capacity_and_hasher(capacity, hash_builder))
    }

    /// The keys, and the map is gone.
    #[inline]
    pub fn into_keys(self) -> IntoKeys<K, V> {
        self.0.into_keys()
    }

    /// The values, and the map is gone.
    #[inline]
    pub fn into_values(self) -> IntoValues<K, V> {
        self.0.into_values()
    }
}

impl<K, V, S> Deref for HashMap<K, V, S> {
    type Target = StdMap<K, V, S>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<K, V, S> DerefMut for HashMap<K, V, S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<K, V, S: Default> Default for HashMap<K, V, S> {
    #[inline]
    fn default() -> Self {
        HashMap(StdMap::default())
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for HashMap<K, V, S> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K: Eq + Hash, V: PartialEq, S: BuildHasher> PartialEq for HashMap<K, V, S> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K: Eq + Hash, V: Eq, S: BuildHasher> Eq for HashMap<K, V, S> {}

impl<K, V, Q, S> Index<&Q> for HashMap<K, V, S>
where
    K: Eq + Hash + Borrow<Q>,
    Q: Eq + Hash + ?Sized,
    S: BuildHasher,
{
    type Output = V;

    /// # Panics
    /// If the key is not there.
    #[inline]
    fn index(&self, key: &Q) -> &V {
        &self.0[key]
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> FromIterator<(K, V)> for HashMap<K, V, S> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        HashMap(StdMap::from_iter(entries))
    }
}

impl<K: Eq + Hash, V, const N: usize> From<[(K, V); N]> for HashMap<K, V> {
    #[inline]
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Extend<(K, V)> for HashMap<K, V, S> {
    #[inline]
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        self.0.extend(entries);
    }
}

impl<'a, K: Eq + Hash + Copy, V: Copy, S: BuildHasher> Extend<(&'a K, &'a V)> for HashMap<K, V, S> {
    #[inline]
    fn extend<I: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, entries: I) {
        self.0.extend(entries);
    }
}

impl<K, V, S> IntoIterator for HashMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    #[inline]
    fn into_iter(self) -> IntoIter<K, V> {
        self.0.into_iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a HashMap<K, V, S> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    #[inline]
    fn into_iter(self) -> Iter<'a, K, V> {
        self.0.iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a mut HashMap<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;

    #[inline]
    fn into_iter(self) -> IterMut<'a, K, V> {
        self.0.iter_mut()
    }
}
