//! One node of the tree of contexts, in both worlds: what can be cancelled.

use crate::chan::Core;
use crate::context::plain::Plain;
use crate::context::{Cause, Error};
use crate::time::{Duration, Instant};
use std::sync::Arc;

#[cfg(feature = "check")]
use crate::inside::context::{Inside, inside};
#[cfg(feature = "check")]
use gorace_analyzer::{ObjIx, Place};
#[cfg(feature = "check")]
use gorace_engine::{ContextOp, Reply, TimerEffect, TimerOp};
#[cfg(feature = "check")]
use std::sync::{Mutex, PoisonError};

/// See the module.
pub(crate) struct Node {
    link: Link,
    pub deadline: Option<Instant>,
    /// Outside of an execution.
    pub plain: Plain,
}

/// What is known of a node from below.
#[derive(Clone)]
struct Link {
    done: Arc<Core<()>>,
    /// Inside an execution: why it was cancelled, and what it is below. The engine knows who is below whom, and
    /// says through which node somebody was cancelled.
    #[cfg(feature = "check")]
    cause: Arc<Mutex<Option<Cause>>>,
    #[cfg(feature = "check")]
    above: Option<Arc<Link>>,
}

impl Node {
    /// A new node below `above`.
    #[track_caller]
    #[inline]
    pub fn below(above: Option<&Arc<Node>>) -> Arc<Node> {
        Node::make(above, None)
    }

    /// A new node below `above` that is cancelled at `at`, or at its parent's deadline if that is earlier.
    #[track_caller]
    #[inline]
    pub fn below_until(above: Option<&Arc<Node>>, at: Instant) -> Arc<Node> {
        // The earlier deadline is kept above.
        let earlier = above.and_then(|above| above.deadline).filter(|earlier| *earlier <= at);
        let until = if earlier.is_none() { Some(at) } else { None };
        #[cfg(feature = "check")]
        if let (Some(inside), Some(at)) = (inside(), until) {
            let effect = TimerEffect::Cancel;
            return Node::make_armed(inside, above, |timer| TimerOp::ArmAt {
                timer,
                deadline: at.to_nanos(),
                effect,
            });
        }
        Node::make(above, until)
    }

    /// A new node below `above` that is cancelled after `timeout`, or at its parent's deadline if that is earlier.
    #[track_caller]
    #[inline]
    pub fn below_for(above: Option<&Arc<Node>>, timeout: Duration) -> Arc<Node> {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            // The clock is not read: to start the timer is one step, and says when it will fire.
            let (nanos, effect) = (crate::time::nanos(timeout), TimerEffect::Cancel);
            return Node::make_armed(inside, above, |timer| TimerOp::Arm { timer, nanos, effect });
        }
        Node::below_until(above, crate::time::of_os(crate::time::plain::after(timeout)))
    }

    #[track_caller]
    #[inline]
    fn make(above: Option<&Arc<Node>>, until: Option<Instant>) -> Arc<Node> {
        let link = Link::new(above);
        let deadline = until.or(above.and_then(|above| above.deadline));
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            link.make_known(inside);
            return Arc::new(Node { link, deadline, plain: Plain::default() });
        }
        let node = Arc::new(Node { link, deadline, plain: Plain::below(above) });
        node.enter(above);
        if let Some(until) = until {
            node.cancel_after(until.saturating_duration_since(crate::time::now()));
        }
        node
    }

    #[cfg(feature = "check")]
    #[track_caller]
    #[inline]
    fn make_armed(
        inside: Inside,
        above: Option<&Arc<Node>>,
        arm: impl FnOnce(ObjIx) -> TimerOp,
    ) -> Arc<Node> {
        let link = Link::new(above);
        link.make_known(inside);
        let own = match inside.visit(arm(link.object(inside)), Place::here()) {
            Reply::Value(deadline) => Some(Instant::of_nanos(deadline)),
            _ => None,
        };
        let inherited = above.and_then(|above| above.deadline);
        let deadline = own.into_iter().chain(inherited).min();
        Arc::new(Node { link, deadline, plain: Plain::default() })
    }

    /// The channel that is closed when it is cancelled.
    #[inline]
    pub fn done(&self) -> &Arc<Core<()>> {
        &self.link.done
    }

    /// Cancels it and all below it, unless it is cancelled already.
    #[track_caller]
    #[inline]
    pub fn cancel(self: &Arc<Self>, cause: Option<Cause>) {
        #[cfg(feature = "check")]
        if let Some(inside) = self.link.done.modelled.slot.inside_to_change() {
            let context = self.object(inside);
            let is_first = inside.visit(ContextOp::Cancel { context }, Place::here());
            // Nobody has run since: whoever finds it cancelled finds the cause.
            if is_first == Reply::Flag(true) {
                *self.link.cause.lock().unwrap_or_else(PoisonError::into_inner) = cause;
            }
            return;
        }
        self.cancel_plain(Error::Canceled, cause.as_ref());
        self.leave();
    }

    /// How it ended and why, if it did.
    #[track_caller]
    #[inline]
    pub fn ended(&self) -> Option<(Error, Option<Cause>)> {
        #[cfg(feature = "check")]
        if let Some(inside) = self.link.done.modelled.slot.inside_to_change() {
            let context = self.object(inside);
            let Reply::Value(value) = inside.visit(ContextOp::Err { context }, Place::here()) else {
                // In teardown everything is over.
                return Some((Error::Canceled, None));
            };
            let (how, through) = ContextOp::answer(value);
            return match how {
                0 => None,
                1 => Some((Error::Canceled, self.link.cause_of(inside, through))),
                _ => Some((Error::DeadlineExceeded, self.link.cause_of(inside, through))),
            };
        }
        self.plain.ended()
    }

    /// The engine's index for it.
    #[cfg(feature = "check")]
    #[inline]
    pub fn object(&self, inside: Inside) -> ObjIx {
        self.link.object(inside)
    }
}

impl Link {
    #[track_caller]
    #[inline]
    fn new(above: Option<&Arc<Node>>) -> Link {
        #[cfg(not(feature = "check"))]
        let _ = above;
        Link {
            done: Core::context(),
            #[cfg(feature = "check")]
            cause: Arc::default(),
            #[cfg(feature = "check")]
            above: above.map(|above| Arc::new(above.link.clone())),
        }
    }

    #[cfg(feature = "check")]
    #[track_caller]
    #[inline]
    fn make_known(&self, inside: Inside) {
        let parent = self.above.as_ref().map(|above| above.object(inside));
        let new = ContextOp::New { context: self.object(inside), parent };
        inside.visit(new, Place::here());
    }

    #[cfg(feature = "check")]
    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        self.done.object(inside)
    }

    /// The cause of the node `through`, which is this one or above it.
    #[cfg(feature = "check")]
    #[inline]
    fn cause_of(&self, inside: Inside, through: ObjIx) -> Option<Cause> {
        let mut link = Some(self);
        while let Some(this) = link {
            if this.object(inside) == through {
                return this.cause.lock().unwrap_or_else(PoisonError::into_inner).clone();
            }
            link = this.above.as_deref();
        }
        None
    }
}

/// The deepest of a long chain lets go of all that are above it, by a loop: the stack is a task's.
#[cfg(feature = "check")]
impl Drop for Link {
    #[inline]
    fn drop(&mut self) {
        let mut above = self.above.take();
        while let Some(mut link) = above.and_then(Arc::into_inner) {
            above = link.above.take();
        }
    }
}
