#!/usr/bin/env bash
# Tests on goroutines under ThreadSanitizer, which the stable toolchain carries, with the standard library that the
# zero-change door instruments: without that, what std's locks order is not seen. It is told of switches between
# goroutines (`--cfg gorace_tsan`); of those inside executions it is not, so that only what runs outside is run.
#
# usage: tests/tsan.sh [WORKERS..]    (2 and 8 if none are given)
set -euo pipefail
cd "$(dirname "$0")/.."
workers=("${@:-2}")
[ $# -gt 0 ] || workers=(2 8)
folder=$PWD/target/tsan
mkdir -p "$folder"
echo 'fn main() { std::thread::spawn(|| ()).join().unwrap() }' >"$folder/thread.rs"
XDG_CACHE_HOME=$folder/cache cargo run --release --quiet -- run "$folder/thread.rs" --max-executions 1
sysroots=("$folder"/cache/gorace/std-*/lib)
export RUSTC_BOOTSTRAP=1 CARGO_INCREMENTAL=0 CARGO_TARGET_DIR=$folder/build
export RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer --cfg=gorace_tsan --sysroot=${sysroots[-1]%/lib}"
export TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp"
target=x86_64-unknown-linux-gnu
for count in "${workers[@]}"; do
  export GOMAXPROCS=$count
  cargo test --target $target -p gorace-goroutines --test basics --test promises --test queues --test shared --test sockets
  cargo test --target $target -p gorace --features check,goroutines --tests outside::
done
