//! Vectors from iterators, in little code.
//!
//! Nearly everything here is compiled into its user's test builds. Each `collect` into a vector instantiates some
//! fifteen functions, whose speed matters on few paths; [`Listed::listed`] needs a third of them.

/// What has an end and is wanted as a vector.
pub trait Listed: Iterator + Sized {
    /// All items, in their order.
    ///
    /// ```
    /// use gorace_analyzer_core::Listed;
    /// assert_eq!((1..4).map(|n| n * n).listed(), [1, 4, 9]);
    /// ```
    fn listed(self) -> Vec<Self::Item> {
        let mut all = Vec::new();
        for item in self {
            all.push(item);
        }
        all
    }
}

impl<I: Iterator> Listed for I {}
