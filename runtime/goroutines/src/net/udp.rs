//! `UdpSocket`.

use super::poller::Direction::{Read, Write};
use super::tcp::{addresses, first_of};
use super::watched::Watched;
use std::fmt;
use std::io;
use std::net::{self, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A socket for datagrams: [`std::net::UdpSocket`] for goroutines. A clone is the same socket.
///
/// ```
/// use gorace_goroutines::net::UdpSocket;
/// let (a, b) = (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
/// a.send_to(b"hello", b.local_addr().unwrap()).unwrap();
/// let mut buffer = [0; 16];
/// let (count, from) = b.recv_from(&mut buffer).unwrap();
/// assert_eq!((&buffer[..count], from), (&b"hello"[..], a.local_addr().unwrap()));
/// ```
#[derive(Clone)]
pub struct UdpSocket(Arc<Watched<net::UdpSocket>>);

impl UdpSocket {
    /// A socket at the first of the addresses that can be had.
    ///
    /// # Errors
    /// If none can.
    ///
    /// # Panics
    /// Inside an execution of a check, as everything here.
    #[track_caller]
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<UdpSocket> {
        let socket = first_of(&addresses(address)?, net::UdpSocket::bind)?;
        socket.set_nonblocking(true)?;
        Ok(UdpSocket(Arc::new(Watched::new(socket)?)))
    }

    /// Sends only to this address, and receives only from it.
    ///
    /// # Errors
    /// As std's.
    pub fn connect(&self, address: impl ToSocketAddrs) -> io::Result<()> {
        first_of(&addresses(address)?, |address| self.0.get().connect(address))
    }

    /// Waits for a datagram: its length, and whom it is from.
    ///
    /// # Errors
    /// As std's; `TimedOut` behind a deadline.
    #[track_caller]
    pub fn recv_from(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.0.wait_for(Read, |socket| socket.recv_from(buffer))
    }

    /// Waits for a datagram of the one that it is connected to: its length.
    ///
    /// # Errors
    /// As [`UdpSocket::recv_from`].
    #[track_caller]
    pub fn recv(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.wait_for(Read, |socket| socket.recv(buffer))
    }

    /// Sends a datagram to the first of the addresses.
    ///
    /// # Errors
    /// As std's.
    #[track_caller]
    pub fn send_to(&self, buffer: &[u8], address: impl ToSocketAddrs) -> io::Result<usize> {
        let to = addresses(address)?;
        let first = to.first().copied();
        let first = first
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "expected an address, got none"))?;
        self.0.wait_for(Write, |socket| socket.send_to(buffer, first))
    }

    /// Sends a datagram to the one that it is connected to.
    ///
    /// # Errors
    /// As std's.
    #[track_caller]
    pub fn send(&self, buffer: &[u8]) -> io::Result<usize> {
        self.0.wait_for(Write, |socket| socket.send(buffer))
    }

    /// Where it is.
    ///
    /// # Errors
    /// As std's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.get().local_addr()
    }

    /// How long one receive may wait. `None`: for ever.
    pub fn set_read_timeout(&self, timeout: Option<Duration>) {
        self.0.set_timeout(Read, timeout);
    }

    /// Until when it may be waited for, as Go's `SetDeadline`; who waits now is told. `None`: for ever.
    pub fn set_deadline(&self, deadline: Option<Instant>) {
        self.0.set_deadline(Read, deadline);
        self.0.set_deadline(Write, deadline);
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.get(), f)
    }
}
