//! `Ctx`: what is passed on.

use crate::chan::Receiver;
use crate::context::node::Node;
use crate::context::{Cause, Error};
use crate::time::Instant;
use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// A context: whether what it belongs to is over, until when it may take, and values.
///
/// A clone is the same context. See [`background`](crate::context::background()) and the functions that make one
/// below another.
#[derive(Clone, Default)]
pub struct Ctx {
    /// The nearest that can be cancelled, itself or above it.
    pub(super) node: Option<Arc<Node>>,
    pub(super) values: Option<Arc<Value>>,
}

/// One value, and those above it.
pub(super) struct Value {
    pub key: &'static str,
    pub value: Arc<dyn Any + Send + Sync>,
    pub above: Option<Arc<Value>>,
}

impl Ctx {
    /// The channel that is closed once the context is over: the same one at each call, and nil if it never can
    /// be.
    ///
    /// ```
    /// use gorace::context;
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// cancel.cancel();
    /// assert_eq!(ctx.done().recv(), None);
    /// assert!(context::background().done().is_nil());
    /// ```
    #[must_use]
    #[inline]
    pub fn done(&self) -> Receiver<()> {
        Receiver(self.node.as_ref().map(|node| node.done().clone()))
    }

    /// How it ended; `None` while it has not. It is set before [`done`](Ctx::done) is closed.
    ///
    /// ```
    /// use gorace::context::{self, Error};
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// assert_eq!(ctx.err(), None);
    /// cancel.cancel();
    /// assert_eq!(ctx.err(), Some(Error::Canceled));
    /// ```
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn err(&self) -> Option<Error> {
        self.node.as_ref()?.ended().map(|(error, _)| error)
    }

    /// Why it ended: what whoever cancelled it gave to [`CancelCause`](crate::context::CancelCause), else the
    /// same as [`err`](Ctx::err).
    ///
    /// ```
    /// use gorace::context;
    /// let (ctx, cancel) = context::with_cancel_cause(&context::background());
    /// cancel.cancel("the disk is full");
    /// assert_eq!(ctx.cause().unwrap().to_string(), "the disk is full");
    /// ```
    #[track_caller]
    #[must_use]
    #[inline]
    pub fn cause(&self) -> Option<Cause> {
        let (error, cause) = self.node.as_ref()?.ended()?;
        Some(cause.unwrap_or_else(|| Arc::new(error)))
    }

    /// When it will be cancelled: the earliest deadline of its own and of what it is below.
    ///
    /// ```
    /// use gorace::{context, time::{self, Duration}};
    /// let (outer, _cancel) = context::with_timeout(&context::background(), Duration::from_secs(1));
    /// let (inner, _cancel) = context::with_timeout(&outer, Duration::from_secs(60));
    /// assert_eq!(inner.deadline(), outer.deadline());
    /// ```
    #[must_use]
    #[inline]
    pub fn deadline(&self) -> Option<Instant> {
        self.node.as_ref()?.deadline
    }

    /// The value that was put under `key` nearest above, if it is a `T`.
    ///
    /// ```
    /// use gorace::context;
    /// let ctx = context::with_value(&context::background(), "user", String::from("ada"));
    /// assert_eq!(ctx.value::<String>("user").as_deref().map(String::as_str), Some("ada"));
    /// assert!(ctx.value::<u32>("user").is_none() && ctx.value::<String>("host").is_none());
    /// ```
    #[must_use]
    #[inline]
    pub fn value<T: Any + Send + Sync>(&self, key: &str) -> Option<Arc<T>> {
        let mut values = self.values.as_ref();
        while let Some(value) = values {
            if value.key == key {
                return value.value.clone().downcast().ok();
            }
            values = value.above.as_ref();
        }
        None
    }
}

impl fmt::Debug for Ctx {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx").field("deadline", &self.deadline()).finish_non_exhaustive()
    }
}
