//! Channels and `select!`, as Go has them.

#[cfg(feature = "check")]
mod checked;
#[cfg(feature = "check")]
pub(crate) use checked::Modelled;
mod handles;
mod iter;
pub(crate) mod plain;
mod select;

pub use handles::{Chan, Receiver, Sender, TryRecvError, TrySendError, chan};
pub(crate) use handles::{Core, wait_for_ever};
pub use iter::Iter;
#[doc(hidden)]
pub use select::{Channel, RecvArm, SelectArm, SelectOn, SendArm, sent};
