//! Channels and `select!`, as Go has them.

mod channel;
#[cfg(feature = "check")]
mod checked;
#[cfg(feature = "check")]
pub(crate) use checked::Modelled;
mod error;
mod handles;
mod iter;
pub(crate) mod plain;
mod select;

pub(crate) use channel::Core;
pub use error::{TryRecvError, TrySendError};
pub use handles::{Chan, Receiver, Sender, chan};
pub(crate) use handles::{Never, wait_for_ever};
pub use iter::Iter;
#[doc(hidden)]
pub use select::{Channel, RecvArm, SelectArm, SelectOn, SendArm, sent};
