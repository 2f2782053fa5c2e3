//! `HashSet`, with std's signatures and a hasher that is the same in every execution; see
//! [`HashMap`](super::HashMap) for why it is a type of its own.

use super::FixedState;
use std::collections::HashSet as StdSet;
use std::collections::hash_set::{IntoIter, Iter};
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::ops::{BitAnd, BitOr, BitXor, Deref, DerefMut, Sub};

/// std's hash set; the order in which it is gone over is the same in each execution, for the same operations.
///
/// ```
/// use gorace::collections::HashSet;
/// let mut seen = HashSet::new();
/// assert!(seen.insert("Ada"));
/// assert!(!seen.insert("Ada"));
/// ```
#[derive(Clone)]
pub struct HashSet<T, S = FixedState>(StdSet<T, S>);

impl<T> HashSet<T> {
    /// An empty set.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        HashSet(StdSet::default())
    }

    /// An empty set with room for at least so many elements.
    #[must_use]
    #[inline]
    pub fn with_capacity(capacity: usize) -> Self {
        HashSet(StdSet::with_capacity_and_hasher(capacity, FixedState::default()))
    }
}

impl<T, S> HashSet<T, S> {
    /// An empty set with this hasher.
    #[inline]
    pub const fn with_hasher(hasher: S) -> Self {
        HashSet(StdSet::with_hasher(hasher))
    }

    /// An empty set with this hasher and room for at least so many elements.
    #[inline]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        HashSet(StdSet::with_capacity_and_hasher(capacity, hasher))
    }
}

impl<T, S> Deref for HashSet<T, S> {
    type Target = StdSet<T, S>;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T, S> DerefMut for HashSet<T, S> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl<T, S: Default> Default for HashSet<T, S> {
    #[inline]
    fn default() -> Self {
        HashSet(StdSet::default())
    }
}

impl<T: fmt::Debug, S> fmt::Debug for HashSet<T, S> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: Eq + Hash, S: BuildHasher> PartialEq for HashSet<T, S> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: Eq + Hash, S: BuildHasher> Eq for HashSet<T, S> {}

impl<T: Eq + Hash, S: BuildHasher + Default> FromIterator<T> for HashSet<T, S> {
    #[inline]
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        HashSet(StdSet::from_iter(elements))
    }
}

impl<T: Eq + Hash, const N: usize> From<[T; N]> for HashSet<T> {
    #[inline]
    fn from(elements: [T; N]) -> Self {
        elements.into_iter().collect()
    }
}

impl<T: Eq + Hash, S: BuildHasher> Extend<T> for HashSet<T, S> {
    #[inline]
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        self.0.extend(elements);
    }
}

impl<'a, T: Eq + Hash + Copy + 'a, S: BuildHasher> Extend<&'a T> for HashSet<T, S> {
    #[inline]
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, elements: I) {
        self.0.extend(elements);
    }
}

impl<T, S> IntoIterator for HashSet<T, S> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[inline]
    fn into_iter(self) -> IntoIter<T> {
        self.0.into_iter()
    }
}

impl<'a, T, S> IntoIterator for &'a HashSet<T, S> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    #[inline]
    fn into_iter(self) -> Iter<'a, T> {
        self.0.iter()
    }
}

/// The operators on references, as std has them.
macro_rules! operators {
    ($($operator:ident $method:ident)*) => {
        $(impl<T: Eq + Hash + Clone, S: BuildHasher + Default> $operator<&HashSet<T, S>> for &HashSet<T, S> {
            type Output = HashSet<T, S>;

            fn $method(self, other: &HashSet<T, S>) -> HashSet<T, S> {
                HashSet($operator::$method(&self.0, &other.0))
            }
        })*
    };
}
operators!(BitAnd bitand BitOr bitor BitXor bitxor Sub sub);
