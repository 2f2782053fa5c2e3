#!/usr/bin/env bash
# Builds the command line from its package alone, before any release: the other packages stand in for the registry. cargo's
# own check cannot, since the command line's build script runs a cargo of its own, for the library that it carries.
set -euo pipefail
cd "$(dirname "$0")/.."
published=(gorace-analyzer-core gorace-analyzer gorace-engine gorace-goroutines gorace-macros gorace gorace-inject)
selected=(-p cargo-gorace)
for name in "${published[@]}"; do selected+=(-p "$name"); done
cargo package --allow-dirty --no-verify --quiet "${selected[@]}"
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
target=$PWD/target/packages
# Outside of the workspace, of which they would be taken for members.
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
mkdir "$unpacked/.cargo"
echo '[patch.crates-io]' >"$unpacked/.cargo/config.toml"
for name in "${published[@]}" cargo-gorace; do
    tar -xzf "target/package/$name-$version.crate" -C "$unpacked"
    [ "$name" = cargo-gorace ] || echo "$name = { path = \"$name-$version\" }" >>"$unpacked/.cargo/config.toml"
done
cd "$unpacked/cargo-gorace-$version"
CARGO_TARGET_DIR=$target cargo build --quiet
"$target/debug/gorace" --version
