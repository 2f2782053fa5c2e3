//! `Cancel` and `CancelCause`: what cancels a context.

use crate::context::Cause;
use crate::context::node::Node;
use std::fmt;
use std::sync::Arc;

/// Cancels one context and all below it. A clone does the same; dropping it does not cancel.
#[derive(Clone)]
pub struct Cancel(pub(super) Arc<Node>);

/// As [`Cancel`], and says why.
#[derive(Clone)]
pub struct CancelCause(pub(super) Arc<Node>);

impl Cancel {
    /// Cancels: when it returns, the context and all below it are cancelled. After the first time it does
    /// nothing.
    ///
    /// ```
    /// use gorace::context::{self, Error};
    /// let (parent, cancel) = context::with_cancel(&context::background());
    /// let (child, _) = context::with_cancel(&parent);
    /// cancel.cancel();
    /// assert_eq!((parent.err(), child.err()), (Some(Error::Canceled), Some(Error::Canceled)));
    /// ```
    #[track_caller]
    #[inline]
    pub fn cancel(&self) {
        self.0.cancel(None);
    }
}

impl CancelCause {
    /// Cancels, for this reason; see [`Cancel::cancel`]. The first reason stays.
    ///
    /// ```
    /// use gorace::context::{self, Error};
    /// let (ctx, cancel) = context::with_cancel_cause(&context::background());
    /// cancel.cancel("first");
    /// cancel.cancel("second");
    /// assert_eq!(ctx.cause().unwrap().to_string(), "first");
    /// assert_eq!(ctx.err(), Some(Error::Canceled));
    /// ```
    #[track_caller]
    #[inline]
    pub fn cancel(&self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) {
        self.cancel_for(Some(cause.into().into()));
    }

    /// Cancels, for this reason if there is one.
    #[track_caller]
    #[inline]
    pub(crate) fn cancel_for(&self, cause: Option<Cause>) {
        self.0.cancel(cause);
    }
}

impl fmt::Debug for Cancel {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancel").finish_non_exhaustive()
    }
}

impl fmt::Debug for CancelCause {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelCause").finish_non_exhaustive()
    }
}
