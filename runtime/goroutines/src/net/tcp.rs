//! `TcpListener` and `TcpStream`.

use super::poller::Direction::{Read, Write};
use super::watched::Watched;
use crate::blocking::blocking;
use socket2::{Domain, Protocol, Socket, Type};
use std::fmt;
use std::io;
use std::net::{self, Shutdown, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 4096;

/// A socket that accepts connections: [`std::net::TcpListener`] for goroutines. A clone is the same socket.
#[derive(Clone)]
pub struct TcpListener(Arc<Watched<net::TcpListener>>);

/// A connection: [`std::net::TcpStream`] for goroutines. A clone is the same connection.
///
/// ```
/// use gorace_goroutines::{go, net::{TcpListener, TcpStream}};
/// use std::io::{Read, Write};
///
/// let listener = TcpListener::bind("127.0.0.1:0").unwrap();
/// let address = listener.local_addr().unwrap();
/// let server = go(move || listener.accept().unwrap().0.write_all(b"hello").unwrap());
/// let mut text = String::new();
/// go(move || {
///     TcpStream::connect(address).unwrap().read_to_string(&mut text).unwrap();
///     assert_eq!(text, "hello");
/// }).join().unwrap();
/// server.join().unwrap();
/// ```
#[derive(Clone)]
pub struct TcpStream(Arc<Watched<net::TcpStream>>);

/// The addresses that are meant. A name is looked up here, since what is looked up may be borrowed from the caller.
pub(super) fn addresses(address: impl ToSocketAddrs) -> io::Result<Vec<SocketAddr>> {
    address.to_socket_addrs().map(Iterator::collect)
}

/// Tries one address after the other.
pub(super) fn first_of<T>(
    addresses: &[SocketAddr],
    mut attempt: impl FnMut(SocketAddr) -> io::Result<T>,
) -> io::Result<T> {
    let none = || io::Error::new(io::ErrorKind::InvalidInput, "expected an address, got none");
    let mut last = Err(none());
    for address in addresses {
        last = attempt(*address);
        if last.is_ok() {
            break;
        }
    }
    last
}

/// The addresses of a name, looked up on a thread where that may block: the goroutine parks.
///
/// # Errors
/// If there are none.
pub fn lookup(host: impl Into<String>, port: u16) -> io::Result<Vec<SocketAddr>> {
    let host = host.into();
    blocking(move || addresses((host.as_str(), port)))
}

impl TcpListener {
    /// A socket that listens at the first of the addresses that can be had.
    ///
    /// # Errors
    /// If none can.
    ///
    /// # Panics
    /// Inside an execution of a check, as everything here.
    #[track_caller]
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
        let socket = first_of(&addresses(address)?, |address| {
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
            #[cfg(unix)]
            socket.set_reuse_address(true)?;
            socket.bind(&address.into())?;
            socket.listen(BACKLOG)?;
            socket.set_nonblocking(true)?;
            Ok(net::TcpListener::from(socket))
        })?;
        Ok(TcpListener(Arc::new(Watched::new(socket)?)))
    }

    /// Waits for the next connection.
    ///
    /// # Errors
    /// As std's; `TimedOut` behind a deadline.
    #[track_caller]
    pub fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let (stream, address) = self.0.wait_for(Read, net::TcpListener::accept)?;
        stream.set_nonblocking(true)?;
        Ok((TcpStream(Arc::new(Watched::new(stream)?)), address))
    }

    /// The connections, one after the other, for ever.
    pub fn incoming(&self) -> Incoming<'_> {
        Incoming(self)
    }

    /// Where it listens.
    ///
    /// # Errors
    /// As std's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.get().local_addr()
    }

    /// Until when connections are waited for; who waits now is told. `None`: for ever.
    pub fn set_deadline(&self, deadline: Option<Instant>) {
        self.0.set_deadline(Read, deadline);
    }
}

/// The connections of a listener.
#[derive(Debug)]
pub struct Incoming<'a>(&'a TcpListener);

impl Iterator for Incoming<'_> {
    type Item = io::Result<TcpStream>;

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.accept().map(|(stream, _)| stream))
    }
}

impl TcpStream {
    /// Connects to the first of the addresses that answers. A name is looked up on the calling thread: see [`lookup`].
    ///
    /// # Errors
    /// If none does.
    ///
    /// # Panics
    /// Inside an execution of a check.
    #[track_caller]
    pub fn connect(address: impl ToSocketAddrs) -> io::Result<TcpStream> {
        first_of(&addresses(address)?, |address| Self::connect_until(address, None))
    }

    /// Connects, waiting for so long at most.
    ///
    /// # Errors
    /// As std's; `TimedOut` if nobody answers in time.
    #[track_caller]
    pub fn connect_timeout(address: &SocketAddr, timeout: Duration) -> io::Result<TcpStream> {
        Self::connect_until(*address, Some(timeout))
    }

    #[track_caller]
    fn connect_until(address: SocketAddr, timeout: Option<Duration>) -> io::Result<TcpStream> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        // Watched before it connects: the edge that tells of the end is not lost.
        let stream = Watched::new(net::TcpStream::from(socket))?;
        stream.set_timeout(Write, timeout);
        let mut begun = false;
        stream.wait_for(Write, |stream| {
            let socket = socket2::SockRef::from(stream);
            if !begun {
                begun = true;
                return match socket.connect(&address.into()) {
                    Err(error) if is_under_way(&error) => Err(io::ErrorKind::WouldBlock.into()),
                    result => result,
                };
            }
            match socket.take_error()? {
                Some(error) => Err(error),
                // Without an error and without a peer it is still under way.
                None => match stream.peer_addr() {
                    Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                        Err(io::ErrorKind::WouldBlock.into())
                    }
                    result => result.map(drop),
                },
            }
        })?;
        stream.set_timeout(Write, None);
        Ok(TcpStream(Arc::new(stream)))
    }

    /// The other end's address.
    ///
    /// # Errors
    /// As std's.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get().peer_addr()
    }

    /// This end's address.
    ///
    /// # Errors
    /// As std's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.get().local_addr()
    }

    /// Ends one direction or both.
    ///
    /// # Errors
    /// As std's.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.0.get().shutdown(how)
    }

    /// Sends small pieces at once.
    ///
    /// # Errors
    /// As std's.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.0.get().set_nodelay(nodelay)
    }

    /// The same connection once more.
    ///
    /// # Errors
    /// None.
    pub fn try_clone(&self) -> io::Result<TcpStream> {
        Ok(self.clone())
    }

    /// How long one read may wait. `None`: for ever.
    pub fn set_read_timeout(&self, timeout: Option<Duration>) {
        self.0.set_timeout(Read, timeout);
    }

    /// How long one write may wait. `None`: for ever.
    pub fn set_write_timeout(&self, timeout: Option<Duration>) {
        self.0.set_timeout(Write, timeout);
    }

    /// Until when reads and writes may wait, as Go's `SetDeadline`; who waits now is told. `None`: for ever.
    pub fn set_deadline(&self, deadline: Option<Instant>) {
        self.0.set_deadline(Read, deadline);
        self.0.set_deadline(Write, deadline);
    }
}

#[cfg(unix)]
fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINPROGRESS) || error.kind() == io::ErrorKind::WouldBlock
}

#[cfg(not(unix))]
fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

impl io::Read for &TcpStream {
    #[track_caller]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.wait_for(Read, |mut stream| stream.read(buffer))
    }
}

impl io::Write for &TcpStream {
    #[track_caller]
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.wait_for(Write, |mut stream| stream.write(buffer))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl io::Read for TcpStream {
    #[track_caller]
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buffer)
    }
}

impl io::Write for TcpStream {
    #[track_caller]
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        (&*self).write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.get(), f)
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.get(), f)
    }
}
