//! Sockets in blocking style: who waits for one parks, and idle workers look for all of them.
//!
//! A name that is given for an address is looked up where it is given, as std does it: the goroutine's thread waits, and
//! what has started there with it. [`lookup`] parks. Inside an execution of a check sockets are refused: what the
//! network does cannot be replayed.

mod poller;
mod tcp;
mod turn;
mod udp;
mod watched;

pub use poller::waiting_for_sockets as waiting;
pub use tcp::{Incoming, TcpListener, TcpStream, lookup};
pub use udp::UdpSocket;
pub use watched::refuse_where;
