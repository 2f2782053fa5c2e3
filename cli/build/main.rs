//! What the binary says of itself, and what it carries.

mod library;
mod version;

fn main() {
    println!("cargo::rerun-if-changed=build");
    version::set();
    library::embed();
}
