//! What follows a branch of a wakeup tree, shared by all copies of it until one of them is changed.
//!
//! Whoever gives a part of the search away copies all that is planned above it, and whoever takes it over keeps what was
//! planned before, in case it does not fit. Trees are large, and hardly anything of a copy is ever changed.

use super::tree::{Arms, Tree};
use std::ops::Deref;
use std::sync::Arc;

/// See the module. As a slice it is the arms.
#[derive(Clone, Debug, Default)]
pub struct Below(Option<Arc<Arms>>);

impl Below {
    /// To be changed: as much as others have too is copied, which is no more than these arms and the branches that they
    /// begin with.
    #[inline]
    pub fn to_mut(&mut self) -> &mut Arms {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    /// Takes all of it.
    #[inline]
    pub fn take(&mut self) -> Arms {
        self.0.take().map_or(Arms::new(), Arc::unwrap_or_clone)
    }

    /// Takes all of it, unless others have it too; then they keep it.
    #[inline]
    pub fn take_if_own(&mut self) -> Arms {
        self.0.take().and_then(Arc::into_inner).unwrap_or_default()
    }
}

impl From<Arms> for Below {
    #[inline]
    fn from(arms: Arms) -> Self {
        Below((!arms.is_empty()).then(|| Arc::new(arms)))
    }
}

impl Deref for Below {
    type Target = [(Vec<u32>, Tree)];

    #[inline]
    fn deref(&self) -> &Self::Target {
        self.0.as_ref().map_or(&[], |arms| arms)
    }
}

#[cfg(test)]
mod tests {
    use super::Below;
    use std::sync::Arc;

    #[test]
    fn copies_share_until_one_is_changed() {
        let mut one = Below::from(vec![(vec![1], Vec::new())]);
        let mut other = one.clone();
        let is_shared = |one: &Below, other: &Below| {
            one.0.as_ref().zip(other.0.as_ref()).is_some_and(|(one, other)| Arc::ptr_eq(one, other))
        };
        assert!(is_shared(&one, &other));
        other.to_mut().push((vec![2], Vec::new()));
        assert!(!is_shared(&one, &other));
        assert_eq!((one.len(), other.len()), (1, 2));
        let third = other.clone();
        assert_eq!((other.take_if_own().len(), third.len(), other.len()), (0, 2, 0));
        assert_eq!((one.take_if_own().len(), one.take().len()), (1, 0));
        assert!(Below::from(Vec::new()).0.is_none());
    }
}
