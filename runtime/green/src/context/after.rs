//! `after_func`: what is to be done once a context is over.

use crate::context::Ctx;
use crate::context::node::Node;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[cfg(feature = "check")]
use crate::inside::{code::Code, context::inside, task};
#[cfg(feature = "check")]
use gorace_analyzer::{Place, TaskIx};
#[cfg(feature = "check")]
use gorace_engine::{ContextOp, Reply};

/// Takes back an [`after_func`]. A clone is the same.
#[derive(Clone)]
pub struct Stop(Arc<Registered>);

enum Registered {
    /// At a context that is never cancelled; whether it was taken back.
    Never(AtomicBool),
    Outside(Arc<Node>, u64),
    #[cfg(feature = "check")]
    Inside(Arc<Node>, TaskIx),
}

/// Runs `f` in a goroutine of its own once `ctx` is cancelled: at once if it is already.
///
/// ```
/// use gorace::context;
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// let (tx, rx) = gorace::chan(1);
/// let stop = context::after_func(&ctx, move || tx.send("cleaned up"));
/// cancel.cancel();
/// assert_eq!(rx.recv(), Some("cleaned up"));
/// assert!(!stop.stop());
/// ```
#[track_caller]
#[inline]
pub fn after_func(ctx: &Ctx, f: impl FnOnce() + Send + 'static) -> Stop {
    let Some(node) = ctx.node.clone() else {
        return Stop(Arc::new(Registered::Never(AtomicBool::new(false))));
    };
    #[cfg(feature = "check")]
    if let Some(inside) = inside() {
        let registered = match task::prepare(inside, Some("after_func".to_owned()), Code::of(f)) {
            Some(task) => {
                inside.visit(ContextOp::After { context: node.object(inside), task }, Place::here());
                Registered::Inside(node, task)
            }
            // In teardown nothing is started any more.
            None => Registered::Never(AtomicBool::new(true)),
        };
        return Stop(Arc::new(registered));
    }
    let number = node.after_plain(f);
    Stop(Arc::new(Registered::Outside(node, number)))
}

impl Stop {
    /// Takes it back: the function will not be run. `true` if this call prevented it; `false` if it was
    /// started, or taken back before.
    ///
    /// ```
    /// use gorace::context;
    /// let (ctx, cancel) = context::with_cancel(&context::background());
    /// let stop = context::after_func(&ctx, || unreachable!());
    /// assert!(stop.stop() && !stop.stop());
    /// cancel.cancel();
    /// ```
    #[track_caller]
    #[inline]
    pub fn stop(&self) -> bool {
        match &*self.0 {
            Registered::Never(stopped) => !stopped.swap(true, Relaxed),
            Registered::Outside(node, number) => node.stop_plain(*number),
            #[cfg(feature = "check")]
            Registered::Inside(node, task) => {
                // A handle that outlived its execution has nothing to stop.
                let Some(inside) = node.done().modelled.slot.inside_to_change() else { return false };
                let stop = ContextOp::StopAfter { context: node.object(inside), task: *task };
                inside.visit(stop, Place::here()) == Reply::Flag(true)
            }
        }
    }
}

impl fmt::Debug for Stop {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").finish_non_exhaustive()
    }
}
