//! A program beside the tests: `cargo test` builds it, and nobody is to run it.

fn main() {
    panic!("somebody has started the server to see which tests it has");
}
