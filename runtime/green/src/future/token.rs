//! The waker of a task: a token of the engine's, and whether anybody can still give it.
//!
//! All wakers of one task that exist at one time are clones of one, so that the drop of the last clone is the
//! moment from which nobody can wake the task any more. That is told to the engine, for the reports; it is no
//! scheduling point, since nobody sees it.

use crate::future::raw_waker::{self, Kept};
use crate::inside::context::{Inside, inside};
use crate::inside::slot::Slot;
use gorace_analyzer::{Frame, ObjIx, ObjectKind, Place, TaskIx};
use gorace_engine::ParkOp;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Wake, Waker};

/// What a task waits for while its future is pending.
pub(crate) struct Token {
    shared: Arc<Shared>,
    /// What the wakers that exist are clones of.
    lent: Weak<Lent>,
}

struct Shared {
    slot: Slot,
    owner: TaskIx,
    /// Whether the owner's last poll was pending and nobody has called a waker since.
    waits: AtomicBool,
    /// Where a waker was kept last, if places are looked for.
    kept_at: Mutex<Vec<Frame>>,
}

/// The inside of a waker.
struct Lent(Arc<Shared>);

impl Token {
    /// The running task's, for a future that it waits for at `at`.
    #[inline]
    pub fn new(inside: Inside, at: &'static Location<'static>) -> Self {
        let owner = inside.with(|cx| cx.current);
        let shared = Arc::new(Shared {
            slot: Slot::at(at),
            owner,
            waits: AtomicBool::new(false),
            kept_at: Mutex::default(),
        });
        shared.object(inside);
        Token { shared, lent: Weak::new() }
    }

    /// A waker for the next poll.
    #[inline]
    pub fn waker(&mut self) -> Waker {
        self.shared.waits.store(false, Relaxed);
        let lent = self.lent.upgrade().unwrap_or_else(|| Arc::new(Lent(self.shared.clone())));
        self.lent = Arc::downgrade(&lent);
        raw_waker::waker(lent)
    }

    /// Waits, after a poll that kept clones of `waker` or none.
    #[inline]
    pub fn wait(&self, inside: Inside, waker: Waker) {
        let token = self.shared.object(inside);
        self.shared.waits.store(true, Relaxed);
        drop(waker);
        inside.visit(ParkOp::Park { token, future: true }, self.shared.place(inside));
    }
}

impl Shared {
    #[inline]
    fn object(&self, inside: Inside) -> ObjIx {
        inside.object(&self.slot, ObjectKind::Waker, std::any::type_name::<Waker>, self.owner.0.into())
    }
}

impl Shared {
    /// Where the future is pending, as far as anybody knows: where it kept its waker, else where it was started.
    #[inline]
    fn place(&self, inside: Inside) -> Place {
        let frames = self.kept_at.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if frames.is_empty() { self.slot.made() } else { inside.with(|cx| cx.exec.stack(frames)) }
    }
}

impl Kept for Lent {
    #[inline]
    fn kept(&self) {
        if let Some(frames) = inside().and_then(Inside::backtrace) {
            *self.0.kept_at.lock().unwrap_or_else(PoisonError::into_inner) = frames;
        }
    }
}

impl Wake for Lent {
    #[inline]
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    #[inline]
    fn wake_by_ref(self: &Arc<Self>) {
        // A waker may outlive its execution; it then wakes nobody.
        let Some((inside, token)) = self.0.slot.known_inside() else {
            self.0.slot.inside_to_change();
            return;
        };
        self.0.waits.store(false, Relaxed);
        inside.visit(ParkOp::Unpark { token, owner: self.0.owner, future: true }, Place::Unknown);
    }
}

impl Drop for Lent {
    #[inline]
    fn drop(&mut self) {
        if self.0.waits.load(Relaxed)
            && let Some((inside, token)) = self.0.slot.known_inside()
        {
            inside.waker_dropped(token, self.0.owner);
        }
    }
}
