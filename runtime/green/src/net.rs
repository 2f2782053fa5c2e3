//! Sockets in blocking style, whose waiting parks the goroutine; with the feature `goroutines`.
//!
//! Inside an execution they are refused: what the network does cannot be replayed.
//!
//! ```
//! use gorace::net::{TcpListener, TcpStream};
//! use std::io::{Read, Write};
//!
//! let listener = TcpListener::bind("127.0.0.1:0").unwrap();
//! let address = listener.local_addr().unwrap();
//! gorace::go!({ listener.accept().unwrap().0.write_all(b"hello").unwrap() });
//! let mut text = String::new();
//! TcpStream::connect(address).unwrap().read_to_string(&mut text).unwrap();
//! assert_eq!(text, "hello");
//! ```

use crate::context::{self, Ctx, Stop};
use std::time::Instant;

pub use gorace_goroutines::net::{Incoming, TcpListener, TcpStream, UdpSocket, lookup};

/// A socket that can be told until when to wait.
pub trait Deadline: Clone + Send + 'static {
    /// Until when it may be waited for; who waits now is told. `None`: for ever.
    fn set_deadline(&self, deadline: Option<Instant>);
}

macro_rules! deadline {
    ($($socket:ident),*) => {$(
        impl Deadline for $socket {
            fn set_deadline(&self, deadline: Option<Instant>) {
                $socket::set_deadline(self, deadline);
            }
        }
    )*};
}
deadline!(TcpListener, TcpStream, UdpSocket);

/// Ends all waiting for `socket` once `ctx` is over: it fails with [`TimedOut`](std::io::ErrorKind::TimedOut) from then
/// on, as Go programs do it by `SetDeadline`. [`Stop`] takes that back.
///
/// ```
/// use gorace::{context, net::{TcpListener, end_with}};
/// let listener = TcpListener::bind("127.0.0.1:0").unwrap();
/// let (ctx, cancel) = context::with_cancel(&context::background());
/// end_with(&ctx, &listener);
/// let accepting = gorace::go!({ listener.accept().is_err() });
/// cancel.cancel();
/// assert!(accepting.join().unwrap());
/// ```
#[track_caller]
pub fn end_with(ctx: &Ctx, socket: &impl Deadline) -> Stop {
    let socket = socket.clone();
    context::after_func(ctx, move || socket.set_deadline(Some(Instant::now())))
}
