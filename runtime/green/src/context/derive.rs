//! The functions that make contexts.

use crate::context::ctx::Value;
use crate::context::node::Node;
use crate::context::{Cancel, CancelCause, Ctx};
use crate::time::{Duration, Instant};
use std::any::Any;
use std::sync::Arc;

/// The root: never cancelled, no deadline, no values.
///
/// ```
/// let ctx = gorace::context::background();
/// assert!(ctx.err().is_none() && ctx.deadline().is_none() && ctx.done().is_nil());
/// ```
#[must_use]
#[inline]
pub fn background() -> Ctx {
    Ctx::default()
}

/// As [`background`], where it is not clear yet which context to use.
///
/// ```
/// assert!(gorace::context::todo().done().is_nil());
/// ```
#[must_use]
#[inline]
pub fn todo() -> Ctx {
    Ctx::default()
}

/// A context below `ctx` that can be cancelled.
///
/// ```
/// use gorace::context;
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// cancel.cancel();
/// assert_eq!(ctx.done().recv(), None);
/// ```
#[track_caller]
#[must_use]
#[inline]
pub fn with_cancel(ctx: &Ctx) -> (Ctx, Cancel) {
    let node = Node::below(ctx.node.as_ref());
    (ctx.at(&node), Cancel(node))
}

/// A context below `ctx` that can be cancelled for a reason, which [`Ctx::cause`] then gives.
///
/// ```
/// use gorace::context;
/// let (ctx, cancel) = context::with_cancel_cause(&context::background());
/// cancel.cancel(std::io::Error::other("no route"));
/// assert_eq!(ctx.cause().unwrap().to_string(), "no route");
/// ```
#[track_caller]
#[must_use]
#[inline]
pub fn with_cancel_cause(ctx: &Ctx) -> (Ctx, CancelCause) {
    let node = Node::below(ctx.node.as_ref());
    (ctx.at(&node), CancelCause(node))
}

/// A context below `ctx` that is cancelled at `at` at the latest. If `ctx` has an earlier deadline, that counts.
///
/// ```
/// use gorace::{context, time};
/// let (ctx, _cancel) = context::with_deadline(&context::background(), time::now());
/// assert_eq!(ctx.err(), Some(context::Error::DeadlineExceeded));
/// ```
#[track_caller]
#[must_use]
#[inline]
pub fn with_deadline(ctx: &Ctx, at: Instant) -> (Ctx, Cancel) {
    let node = Node::below_until(ctx.node.as_ref(), at);
    (ctx.at(&node), Cancel(node))
}

/// A context below `ctx` that is cancelled after so long at the latest.
///
/// ```
/// use gorace::{context, time::Duration};
/// let (ctx, cancel) = context::with_timeout(&context::background(), Duration::from_millis(1));
/// assert_eq!(ctx.done().recv(), None);
/// assert_eq!(ctx.err(), Some(context::Error::DeadlineExceeded));
/// cancel.cancel();
/// ```
#[track_caller]
#[must_use]
#[inline]
pub fn with_timeout(ctx: &Ctx, timeout: Duration) -> (Ctx, Cancel) {
    let node = Node::below_for(ctx.node.as_ref(), timeout);
    (ctx.at(&node), Cancel(node))
}

/// A context below `ctx` that holds `value` under `key`.
///
/// ```
/// use gorace::context;
/// use std::sync::Arc;
/// let ctx = context::with_value(&context::background(), "retries", 3_u32);
/// let inner = context::with_value(&ctx, "retries", 5_u32);
/// assert_eq!((ctx.value("retries"), inner.value("retries")), (Some(Arc::new(3_u32)), Some(Arc::new(5_u32))));
/// ```
#[must_use]
#[inline]
pub fn with_value<T: Any + Send + Sync>(ctx: &Ctx, key: &'static str, value: T) -> Ctx {
    let value = Value { key, value: Arc::new(value), above: ctx.values.clone() };
    Ctx { node: ctx.node.clone(), values: Some(Arc::new(value)) }
}

/// The values of `ctx` alone: not cancelled when `ctx` is, and without deadline.
///
/// ```
/// use gorace::context;
/// let (ctx, cancel) = context::with_cancel(&context::with_value(&context::background(), "id", 7));
/// let rest = context::without_cancel(&ctx);
/// cancel.cancel();
/// assert_eq!((rest.err(), rest.value("id").as_deref()), (None, Some(&7)));
/// ```
#[must_use]
#[inline]
pub fn without_cancel(ctx: &Ctx) -> Ctx {
    Ctx { node: None, values: ctx.values.clone() }
}

impl Ctx {
    /// The same values, at a node below.
    #[inline]
    fn at(&self, node: &Arc<Node>) -> Ctx {
        Ctx { node: Some(node.clone()), values: self.values.clone() }
    }
}
