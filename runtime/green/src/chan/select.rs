//! `select!`: wait for several channels at once.
//!
//! The macro puts one [`RecvArm`] or [`SendArm`] an arm on the stack, in source order, lets
//! [`SelectOn::wait`] choose, and then runs the chosen body in place, so that `?`, `break` and `return` work.

use crate::chan::channel::{Core, SEND_ON_CLOSED};
use crate::chan::plain::{self, PlainArm};
use crate::chan::{Chan, Receiver, Sender};
use std::sync::Arc;

#[cfg(feature = "check")]
use crate::inside::context::{Inside, inside};
#[cfg(feature = "check")]
use gorace_analyzer::Place;
#[cfg(feature = "check")]
use gorace_engine::{Arm, Reply};

/// A handle that an arm of `select!` accepts.
pub trait Channel<T> {
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "only the crate's own macro calls it")]
    fn core(&self) -> Option<&Arc<Core<T>>>;
}

macro_rules! channel {
    ($($name:ident),*) => {$(
        impl<T> Channel<T> for $name<T> {
            #[allow(private_interfaces, reason = "only the crate's own macro calls it")]
            #[inline]
            fn core(&self) -> Option<&Arc<Core<T>>> {
                self.0.as_ref()
            }
        }
    )*};
}
channel!(Chan, Sender, Receiver);

impl<T, C: Channel<T> + ?Sized> Channel<T> for &C {
    #[allow(private_interfaces, reason = "only the crate's own macro calls it")]
    #[inline]
    fn core(&self) -> Option<&Arc<Core<T>>> {
        (**self).core()
    }
}

/// A receive arm; `None` at a nil channel.
pub struct RecvArm<T>(Option<plain::Arm<T>>);

impl<T> RecvArm<T> {
    #[doc(hidden)]
    #[inline]
    pub fn new(channel: &impl Channel<T>) -> Self {
        RecvArm(channel.core().map(|core| plain::Arm::recv(core.clone())))
    }

    /// The value received; `None` if the channel is closed and drained.
    #[doc(hidden)]
    #[inline]
    pub fn value(&self) -> Option<T> {
        self.0.as_ref()?.take()
    }
}

/// A send arm; `None` at a nil channel. It holds a copy of the value's bits while the select waits; the value itself
/// stays where it is and is forgotten by [`sent`] if this arm is taken, and the copy is forgotten if it is not.
pub struct SendArm<T>(Option<plain::Arm<T>>);

impl<T> SendArm<T> {
    #[doc(hidden)]
    #[inline]
    pub fn new(channel: &impl Channel<T>, value: &T) -> Self {
        let arm = |core: &Arc<Core<T>>| {
            // SAFETY: the copy and the original never both count: the macro keeps the original unused until the
            // select is over, then forgets it if this arm was taken; `Drop` forgets the copy if it was not.
            let copy = unsafe { std::ptr::read(value) };
            plain::Arm::send(core.clone(), copy)
        };
        SendArm(channel.core().map(arm))
    }
}

impl<T> Drop for SendArm<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(arm) = &self.0 {
            std::mem::forget(arm.take());
        }
    }
}

/// The value was sent: its original is gone.
#[doc(hidden)]
#[inline]
pub fn sent<T>(value: T) {
    std::mem::forget(value);
}

/// An arm, whatever the type of its values.
#[doc(hidden)]
pub trait SelectArm {
    /// It outside of executions.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "only the crate's own macro calls it")]
    fn plain(&self) -> Option<&dyn PlainArm>;
    #[doc(hidden)]
    #[cfg(feature = "check")]
    #[allow(private_interfaces, reason = "only the crate's own macro calls it")]
    fn modelled(&self, inside: Inside) -> Arm;
    /// The select is over. `sent` is the handle of this arm's value, `received` that of the message it took.
    #[doc(hidden)]
    #[cfg(feature = "check")]
    fn settle(&self, sent: Option<u64>, taken: bool, received: Option<u64>);
}

impl<T> SelectArm for RecvArm<T> {
    #[allow(private_interfaces, reason = "only the crate's own macro calls it")]
    #[inline]
    fn plain(&self) -> Option<&dyn PlainArm> {
        #[cfg(feature = "check")]
        if let Some(arm) = &self.0 {
            arm.core().modelled.slot.inside_to_change();
        }
        self.0.as_ref().map(|arm| arm as &dyn PlainArm)
    }

    #[cfg(feature = "check")]
    #[allow(private_interfaces, reason = "only the crate's own macro calls it")]
    #[inline]
    fn modelled(&self, inside: Inside) -> Arm {
        Arm { channel: self.0.as_ref().map(|arm| arm.core().object(inside)), send: None }
    }

    #[cfg(feature = "check")]
    #[inline]
    fn settle(&self, _sent: Option<u64>, taken: bool, received: Option<u64>) {
        if let (true, Some(handle), Some(arm)) = (taken, received, &self.0) {
            arm.put(arm.core().received(handle));
        }
    }
}

impl<T> SelectArm for SendArm<T> {
    #[allow(private_interfaces, reason = "only the crate's own macro calls it")]
    #[inline]
    fn plain(&self) -> Option<&dyn PlainArm> {
        #[cfg(feature = "check")]
        if let Some(arm) = &self.0 {
            arm.core().modelled.slot.inside_to_change();
        }
        self.0.as_ref().map(|arm| arm as &dyn PlainArm)
    }

    #[cfg(feature = "check")]
    #[allow(private_interfaces, reason = "only the crate's own macro calls it")]
    #[inline]
    fn modelled(&self, inside: Inside) -> Arm {
        // A nil channel's arm is never taken.
        let Some(arm) = &self.0 else { return Arm { channel: None, send: Some(0) } };
        let handle = arm.take().map(|value| arm.core().modelled.put(value));
        Arm { channel: Some(arm.core().object(inside)), send: handle }
    }

    #[cfg(feature = "check")]
    #[inline]
    fn settle(&self, sent: Option<u64>, taken: bool, _received: Option<u64>) {
        if let (false, Some(handle), Some(arm)) = (taken, sent, &self.0) {
            std::mem::forget(arm.core().modelled.take(handle));
        }
    }
}

/// The waiting itself.
#[doc(hidden)]
pub struct SelectOn;

impl SelectOn {
    /// The index of the arm that is taken; `None`: the default.
    #[doc(hidden)]
    #[track_caller]
    #[inline]
    pub fn wait(arms: &[&dyn SelectArm], sends: &[bool], default: bool) -> Option<usize> {
        #[cfg(feature = "check")]
        if let Some(inside) = inside() {
            return Self::wait_inside(inside, arms, sends, default);
        }
        let (taken, ok) = plain::select(arms.iter().map(|arm| arm.plain()), default)?;
        assert!(ok || !sends[taken], "{SEND_ON_CLOSED}");
        Some(taken)
    }

    #[cfg(feature = "check")]
    #[track_caller]
    #[inline]
    fn wait_inside(inside: Inside, arms: &[&dyn SelectArm], sends: &[bool], default: bool) -> Option<usize> {
        /// Puts things right also if the wait unwinds.
        struct Settle<'a> {
            arms: &'a [&'a dyn SelectArm],
            modelled: Vec<Arm>,
            reply: Reply,
        }
        impl Drop for Settle<'_> {
            #[inline]
            fn drop(&mut self) {
                let (taken, handle) = match self.reply {
                    Reply::Arm(taken, handle) => (Some(taken as usize), handle),
                    _ => (None, None),
                };
                for (i, (arm, modelled)) in self.arms.iter().zip(&self.modelled).enumerate() {
                    arm.settle(modelled.send, taken == Some(i), handle);
                }
            }
        }
        let modelled: Vec<Arm> = arms.iter().map(|arm| arm.modelled(inside)).collect();
        let mut settle = Settle { arms, modelled, reply: Reply::Default };
        let reply = inside.select(&settle.modelled, default, Place::here());
        if inside.tearing_down() {
            // A made-up answer in a destructor: no value moved.
            let closed = sends.iter().position(|send| !send);
            if !default && closed.is_none() {
                crate::inside::teardown::never(inside);
            }
            return if default { None } else { closed };
        }
        settle.reply = reply;
        drop(settle);
        match reply {
            Reply::Arm(taken, _) => Some(taken as usize),
            Reply::Misuse(words) => inside.misuse(words),
            _ => None,
        }
    }
}

/// Waits until one of several channel operations can go on, takes it, and runs its arm.
///
/// `recv(ch) -> v => body` binds `v: Option<T>`; `send(ch, value) => body` moves `value` only if its arm is
/// taken; `default => body` is taken if no other arm is ready. Operands are evaluated once, in source order.
/// It is an expression, and no arm runs inside a closure. A nil channel's arm is never ready, and `select! {}`
/// waits for ever. Which of several ready arms is taken is explored
/// inside an execution, and random outside.
///
/// ```
/// let (tx, rx) = gorace::chan(1);
/// let (done, stop) = gorace::chan::<()>(0);
/// let job = 7;
/// gorace::select! {
///     send(tx, job) => {}
///     recv(stop) -> _ => unreachable!(),
/// }
/// let got = gorace::select! {
///     recv(rx) -> v => v,
///     default => None,
/// };
/// assert_eq!(got, Some(7));
/// # drop(done);
/// ```
#[macro_export]
macro_rules! select {
    () => {
        $crate::__private::wait_for_ever()
    };
    ($($tokens:tt)+) => {
        $crate::__select!(@parse () () $($tokens)+)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __select {
    // One arm after the other, with or without a comma behind a block.
    (@parse ($($arms:tt)*) ($($default:tt)*)) => {
        $crate::__select!(@bind () ($($default)*) $($arms)*)
    };
    (@parse ($($arms:tt)*) $default:tt recv($ch:expr) -> $v:pat => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select!(@parse ($($arms)* (recv ($ch) ($v) ($body))) $default $($($rest)*)?)
    };
    (@parse ($($arms:tt)*) $default:tt recv($ch:expr) -> $v:pat => $body:block $($rest:tt)*) => {
        $crate::__select!(@parse ($($arms)* (recv ($ch) ($v) ($body))) $default $($rest)*)
    };
    (@parse ($($arms:tt)*) $default:tt send($ch:expr, $value:ident) $(-> _)? => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select!(@parse ($($arms)* (send ($ch) ($value) ($body))) $default $($($rest)*)?)
    };
    (@parse ($($arms:tt)*) $default:tt send($ch:expr, $value:ident) $(-> _)? => $body:block $($rest:tt)*) => {
        $crate::__select!(@parse ($($arms)* (send ($ch) ($value) ($body))) $default $($rest)*)
    };
    (@parse ($($arms:tt)*) $default:tt send($ch:expr, $value:expr) $(-> _)? => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select!(@parse ($($arms)* (send_expr ($ch) ($value) ($body))) $default $($($rest)*)?)
    };
    (@parse ($($arms:tt)*) $default:tt send($ch:expr, $value:expr) $(-> _)? => $body:block $($rest:tt)*) => {
        $crate::__select!(@parse ($($arms)* (send_expr ($ch) ($value) ($body))) $default $($rest)*)
    };
    (@parse ($($arms:tt)*) () default => $body:expr $(, $($rest:tt)*)?) => {
        $crate::__select!(@parse ($($arms)*) (($body)) $($($rest)*)?)
    };
    (@parse ($($arms:tt)*) () default => $body:block $($rest:tt)*) => {
        $crate::__select!(@parse ($($arms)*) (($body)) $($rest)*)
    };
    (@parse $arms:tt $default:tt $($rest:tt)*) => {
        ::core::compile_error!(
            "expected `recv(ch) -> v => body`, `send(ch, value) => body` or one `default => body`"
        )
    };

    // The operands, evaluated in source order; each `arm` is a variable of its own expansion.
    (@bind ($($bound:tt)*) $default:tt (recv ($ch:expr) $v:tt $body:tt) $($rest:tt)*) => {{
        let arm = $crate::__private::RecvArm::new(&$ch);
        $crate::__select!(@bind ($($bound)* (arm recv $v $body)) $default $($rest)*)
    }};
    (@bind ($($bound:tt)*) $default:tt (send ($ch:expr) ($value:ident) $body:tt) $($rest:tt)*) => {{
        let arm = $crate::__private::SendArm::new(&$ch, &$value);
        $crate::__select!(@bind ($($bound)* (arm send ($value) $body)) $default $($rest)*)
    }};
    (@bind ($($bound:tt)*) $default:tt (send_expr ($ch:expr) ($value:expr) $body:tt) $($rest:tt)*) => {{
        let channel = &$ch;
        let value = $value;
        let arm = $crate::__private::SendArm::new(channel, &value);
        $crate::__select!(@bind ($($bound)* (arm send (value) $body)) $default $($rest)*)
    }};
    (@bind ($(($arm:ident $kind:ident $v:tt $body:tt))*) ($($default:tt)?)) => {{
        let arms: &[&dyn $crate::__private::SelectArm] = &[$(&$arm),*];
        let sends: &[bool] = &[$($crate::__select!(@is_send $kind)),*];
        let taken = $crate::__private::SelectOn::wait(arms, sends, $crate::__select!(@has $($default)?));
        $crate::__select!(@bodies taken (0) ($($default)?) $(($arm $kind $v $body))*)
    }};
    (@is_send send) => { true };
    (@is_send recv) => { false };
    (@has) => { false };
    (@has $default:tt) => { true };

    (@bodies $taken:ident ($n:expr) $default:tt ($arm:ident recv ($v:pat) ($body:expr)) $($rest:tt)*) => {
        if $taken == ::core::option::Option::Some($n) {
            let $v = $arm.value();
            $body
        } else {
            $crate::__select!(@bodies $taken ($n + 1) $default $($rest)*)
        }
    };
    (@bodies $taken:ident ($n:expr) $default:tt ($arm:ident send ($value:ident) ($body:expr)) $($rest:tt)*) => {
        if $taken == ::core::option::Option::Some($n) {
            $crate::__private::sent($value);
            $body
        } else {
            $crate::__select!(@bodies $taken ($n + 1) $default $($rest)*)
        }
    };
    (@bodies $taken:ident ($n:expr) (($default:expr))) => { $default };
    (@bodies $taken:ident ($n:expr) ()) => {
        ::core::unreachable!("a select without a default takes one of its arms")
    };
}
