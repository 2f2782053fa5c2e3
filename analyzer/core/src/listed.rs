//! Vectors from iterators, in little code.
//!
//! Nearly everything here is compiled into its user's test builds. Each `collect` into a vector instantiates some
//! fifteen functions, and each sort some thirty, whose speed matters on few paths; these need a few.

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

    /// All items in ascending order, equal ones in the order they came in. For short lists: each is inserted.
    ///
    /// ```
    /// use gorace_analyzer_core::Listed;
    /// assert_eq!([3, 1, 2].into_iter().in_order(), [1, 2, 3]);
    /// ```
    fn in_order(self) -> Vec<Self::Item>
    where
        Self::Item: Ord,
    {
        let mut all: Vec<Self::Item> = Vec::new();
        for item in self {
            let at = all.partition_point(|other| *other <= item);
            all.insert(at, item);
        }
        all
    }
}

impl<I: Iterator> Listed for I {}
