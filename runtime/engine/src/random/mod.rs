//! Random strategies: who runs next, drawn so that bugs of some kind are met with a known probability.
//!
//! Each is a state within one execution, made from the seed, the schedule's index and a [`Profile`] of the
//! program, and from nothing else: schedule `i` is the same in every run and on every machine. None of them
//! allocates once it knows the tasks and objects of the execution. Which of them runs in which execution is
//! decided in [`crate::explore`].

mod pct;
mod pos;
mod priorities;
mod profile;
mod sampler;
mod surw;
mod urw;
mod weights;

pub use profile::Profile;
pub use sampler::Sampler;
pub(crate) use sampler::Sampling;
