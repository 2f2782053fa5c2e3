//! Channels and `select!`, as Go has them.

#[cfg(feature = "check")]
mod checked;
#[cfg(feature = "check")]
pub(crate) use checked::Modelled;
mod handles;
mod iter;
pub(crate) mod plain;
mod select;

pub(crate) use handles::wait_for_ever;
pub use handles::{Chan, Receiver, Sender, TryRecvError, TrySendError, chan};
pub use iter::Iter;
#[doc(hidden)]
pub use select::{Channel, RecvArm, SelectArm, SelectOn, SendArm, sent};
