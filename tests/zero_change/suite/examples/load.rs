//! An example beside the tests: `cargo test` builds it, and nobody is to run it.

fn main() {
    panic!("somebody has started the load test to see which tests it has");
}
