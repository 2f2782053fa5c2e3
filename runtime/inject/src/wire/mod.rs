//! What the command line asks of the library in the program, and what it gets back: lines of text.
//!
//! One request is one line, and so is its answer; a trace is a file of lines, named beforehand. Both sides come
//! from one build, so that there is no version to negotiate.

mod answer;
mod c_function;
mod call;
mod call_text;
mod read;
mod request;
mod search_text;
mod trace;
mod write;

pub use answer::{Answer, Facts};
pub use c_function::{c_calls, c_function};
pub use call::{Call, retell, word_spec};
pub use read::ReadError;
pub use request::{How, Request};
pub use trace::{Access, Owner, Panic, RawTrace, Target};

/// The environment variable that names the socket on which requests come.
pub const SOCKET: &str = "GORACE_INJECT_SOCKET";
/// The environment variable that names the file into which traces go.
pub const TRACE: &str = "GORACE_INJECT_TRACE";
