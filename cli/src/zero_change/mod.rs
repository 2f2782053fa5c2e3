//! The zero-change door: programs that never heard of gorace.
//!
//! The program is built by cargo with memory accesses instrumented, linked with the library of `gorace-inject`, and run
//! under the engine's scheduler. This side makes what that needs, asks for executions, turns machine addresses into
//! the user's terms, and hands on traces that the analyzer describes as it does those of the library door.

mod build;
mod cache;
mod confirm;
mod exhaustive;
mod files;
mod library;
mod lift;
#[allow(unsafe_code, reason = "the toolchain's LLVM is called by its C interface")]
mod llvm;
mod nearest;
mod options;
mod outcome;
mod process;
mod random;
mod run;
mod session;
#[allow(unsafe_code, reason = "a shared library is loaded, and its functions are called")]
mod shared_library;
mod single;
mod symbols;
mod sysroot;
pub mod test;
mod toolchain;
pub mod wrapper;

pub use options::Again;
pub use run::Unmodified;
pub use single::single_file;
