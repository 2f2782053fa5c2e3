use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let mut text = String::new();
        listener.accept().unwrap().0.read_to_string(&mut text).unwrap();
        text
    });
    TcpStream::connect(address).unwrap().write_all(b"hello").unwrap();
    assert_eq!(server.join().unwrap(), "hello");
}
