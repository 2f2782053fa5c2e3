//! Sockets in blocking style: who waits for one parks, and one thread watches all of them.
//!
//! Addresses that are names are looked up by [`blocking`](crate::blocking). Inside an execution of a check sockets are
//! refused: what the network does cannot be replayed.

mod poller;
mod tcp;
mod udp;
mod watched;

pub use poller::waiting_for_sockets as waiting;
pub use tcp::{Incoming, TcpListener, TcpStream, lookup};
pub use udp::UdpSocket;
pub use watched::refuse_where;
