#!/usr/bin/env bash
# How long a clean `cargo test` of a crate with one test takes to build, with gorace and with shuttle:
# interleaved pairs, each from an empty target folder, and the median of their ratios.
#
# gorace comes as this repository's last commit, as a git dependency: what cargo does with it is what it does with
# a crate from the registry. A path dependency it builds incrementally, as something that its user works on.
#
# usage: benches/build-time.sh [PAIRS]        3 if not given
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
pairs=${1:-3}
[[ $pairs =~ ^[1-9][0-9]*$ ]] || { echo "error: expected a number of pairs of at least 1, got \`$pairs\`" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR CARGO_INCREMENTAL

crate() {
  local name=$1 dependency=$2
  mkdir -p "$folder/$name/src" "$folder/$name/tests"
  printf '[package]\nname = "one-test-with-%s"\nversion = "0.1.0"\nedition = "2024"\n\n[dev-dependencies]\n%s\n\n[workspace]\n' \
    "$name" "$dependency" >"$folder/$name/Cargo.toml"
  echo '//! Nothing but its test.' >"$folder/$name/src/lib.rs"
  cat >"$folder/$name/tests/one.rs"
}

crate gorace "gorace = { git = \"file://$repository\", features = [\"check\"] }" <<'RUST'
use gorace::sync::{Arc, Mutex};

#[gorace::checked_test]
fn counts() {
    let count = Arc::new(Mutex::new(0));
    let theirs = count.clone();
    let other = gorace::thread::spawn(move || *theirs.lock().unwrap() += 1);
    *count.lock().unwrap() += 1;
    other.join().unwrap();
    assert_eq!(*count.lock().unwrap(), 2);
}
RUST

crate shuttle 'shuttle = "=0.9.9"' <<'RUST'
use shuttle::sync::{Arc, Mutex};

#[test]
fn counts() {
    shuttle::check_random(
        || {
            let count = Arc::new(Mutex::new(0));
            let theirs = count.clone();
            let other = shuttle::thread::spawn(move || *theirs.lock().unwrap() += 1);
            *count.lock().unwrap() += 1;
            other.join().unwrap();
            assert_eq!(*count.lock().unwrap(), 2);
        },
        100,
    );
}
RUST

# Milliseconds of one clean build.
build() {
  cd "$folder/$1"
  rm -rf target
  local from to
  from=$(date +%s%N)
  cargo test --no-run --quiet --offline
  to=$(date +%s%N)
  echo $(((to - from) / 1000000))
}

# Downloads do not count, and both tests must pass.
for name in gorace shuttle; do
  (cd "$folder/$name" && cargo fetch --quiet && cargo test --quiet --test one >/dev/null)
done

echo "clean builds, $(nproc) cores, $(rustc --version)"
ratios=()
for _ in $(seq "$pairs"); do
  ours=$(build gorace)
  theirs=$(build shuttle)
  ratio=$(awk "BEGIN { printf \"%.2f\", $ours / $theirs }")
  ratios+=("$ratio")
  echo "  gorace/shuttle ${ratio}x   (gorace $ours ms, shuttle $theirs ms)"
done
printf '%s\n' "${ratios[@]}" | sort -n |
  awk '{ r[NR] = $1 } END { m = NR % 2 ? r[(NR + 1) / 2] : (r[NR / 2] + r[NR / 2 + 1]) / 2; printf "median gorace/shuttle %.2fx\n", m }'
